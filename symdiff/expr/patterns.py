"""Records that differ in names only: one pattern, and the names of each, written out when it is read.

A long tape has a few kinds of steps, lines and rows. What all of a kind share is found, proved and printed
once, on the pattern; an instance is its names until somebody asks for one of its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr, Sym, substitute

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, eq=False)
class Pattern(Generic[Record]):
    """A record and its names: others that differ from it in names only are made by renaming its parts."""

    record: Record
    names: tuple[Sym, ...]

    def put(self, part: Any, names: tuple[Any, ...]) -> Any:
        """A part of the record in other names."""
        return renamed(part, dict(zip(self.names, names, strict=True)))


class Repeated(Generic[Record]):
    """The record of `pattern` with `names` in place of its own; a record's fields are filled when first read.

    A class of such records inherits from this one and from the record's.
    """

    __slots__ = ()
    pattern: Pattern[Record]
    names: tuple[Any, ...]

    def __init__(self, pattern: Pattern[Record], names: tuple[Any, ...]) -> None:
        object.__setattr__(self, "pattern", pattern)
        object.__setattr__(self, "names", names)

    def __getattr__(self, name: str) -> Any:
        """A field of the record; Python asks here only while the field is empty."""
        if name not in getattr(type(self), "__dataclass_fields__", ()):
            raise AttributeError(f"{type(self).__name__} has no {name}")
        value = getattr(self.pattern.record, name)
        if value is not None and type(value) is not bool:
            value = self.pattern.put(value, self.names)
        object.__setattr__(self, name, value)
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.pattern, self.names)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Repeated):
            return self.written == other
        if self.pattern is other.pattern:
            return self.names == other.names
        if self.names == other.names and _alike(self.pattern, other.pattern):
            return True
        return bool(self.written == other.written)

    def __hash__(self) -> int:
        return hash((self.pattern, self.names))

    @property
    def written(self) -> Record:
        """The record in its own names."""
        return cast(Record, self.pattern.put(self.pattern.record, self.names))


def record_of(record: Record) -> Record:
    """The record, or the one that it repeats."""
    return record.pattern.record if isinstance(record, Repeated) else record


@lru_cache(maxsize=4096)
def _alike(one: Pattern[Any], other: Pattern[Any]) -> bool:
    """Whether two patterns say the same in the same names."""
    return len(one.names) == len(other.names) and bool(one.put(one.record, other.names) == other.record)


def renamed(part: Any, values: Mapping[Expr, Expr]) -> Any:
    """An expression, or a record, a tuple or a mapping that has some, in other names."""
    if isinstance(part, Expr):
        return substitute(part, values)
    if isinstance(part, tuple):
        return tuple([renamed(each, values) for each in part])
    if isinstance(part, Mapping):
        return {key: renamed(each, values) for key, each in part.items()}
    if hasattr(part, "__dataclass_fields__"):
        return type(part)(*[renamed(getattr(part, field.name), values) for field in fields(part)])
    return part
