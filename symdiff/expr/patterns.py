"""Records that differ in names only: one pattern, and the names of each, written out when it is read.

A long tape has a few kinds of steps, lines and rows. What all of a kind share is found, proved and printed
once, on the pattern; an instance is its names until somebody asks for one of its fields.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
        if part is None or type(part) is bool:
            return part
        if self.names and part is self.names[0]:
            return names[0]  # what a line is about, asked for most
        return renamed(part, dict(zip(self.names, names, strict=True)))


class Repeated(Generic[Record]):
    """The record of `pattern` with `names` in place of its own; a record's fields are filled when first read.

    A class of such records inherits from this one and from the record's.
    """

    __slots__ = ()
    pattern: Pattern[Record]
    names: tuple[Any, ...]

    def __init__(self, pattern: Pattern[Record], names: tuple[Any, ...]) -> None:
        put = object.__setattr__
        put(self, "pattern", pattern)
        put(self, "names", names)

    def __init_subclass__(cls, given: Collection[str] = ()) -> None:
        """Fields of the record are made when they are read, but for those that each instance is `given`."""
        super().__init_subclass__()
        for name in getattr(cls, "__dataclass_fields__", ()):
            if name not in cls.__dict__ and name not in given:
                setattr(cls, name, _made_when_read(name, getattr(cls, name)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.pattern, self.names)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Repeated):
            return self.written == other
        if self.names == other.names and (
            self.pattern is other.pattern or _alike(self.pattern, other.pattern)
        ):
            return True
        return bool(self.written == other.written)

    def __hash__(self) -> int:
        return hash((self.pattern, self.names))

    @property
    def written(self) -> Record:
        """The record in its own names."""
        return cast(Record, self.pattern.put(self.pattern.record, self.names))


def _made_when_read(name: str, slot: Any) -> property:
    """The field of a record, which is kept in its slot; no `__getattr__`, which slows down all attributes."""
    kept, keep = slot.__get__, slot.__set__

    def read(self: Repeated[Any]) -> Any:
        try:
            return kept(self)
        except AttributeError:
            value = self.pattern.put(getattr(self.pattern.record, name), self.names)
            keep(self, value)
            return value

    return property(read, keep)


def record_of(record: Record) -> Record:
    """The record, or the one that it repeats."""
    return record.pattern.record if isinstance(record, Repeated) else record


@lru_cache(maxsize=4096)
def _alike(one: Pattern[Any], other: Pattern[Any]) -> bool:
    """Whether two patterns, of as many names, say the same in the same names."""
    return one is other or bool(one.put(one.record, other.names) == other.record)


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
