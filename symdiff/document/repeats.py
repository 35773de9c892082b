"""Rows that rename one template row: each is written out in its own names only when somebody reads it.

Printers and the proof look at the pattern and the names instead, so that what all such rows share is printed
and proved once. Knows no calculus and no markup.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any

from symdiff.document.blocks import Block, Chain, Equations, Row, Text, Unseen, chains
from symdiff.expr.tree import Expr, Pattern, Sym, substitute


class RepeatedRow(Row):
    """`pattern.record` with `names` in place of its own names."""

    __slots__ = ("_written", "names", "pattern")
    _written: Row | None
    names: tuple[Sym, ...]
    pattern: Pattern[Row]

    # The fields of `Row`, a frozen dataclass, are properties here, so its own __init__ cannot serve.
    def __init__(self, pattern: Pattern[Row], names: tuple[Sym, ...]) -> None:
        put = object.__setattr__
        put(self, "pattern", pattern)
        put(self, "names", names)
        put(self, "_written", None)

    def __reduce__(self) -> tuple[type[RepeatedRow], tuple[Any, ...]]:
        return RepeatedRow, (self.pattern, self.names)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RepeatedRow) and other.pattern is self.pattern:
            return self.names == other.names
        return self.written == (other.written if isinstance(other, RepeatedRow) else other)

    def __hash__(self) -> int:
        return hash((self.pattern, self.names))

    @property
    def written(self) -> Row:
        """The row in its own names."""
        found = self._written
        if found is None:
            values: dict[Expr, Expr] = dict(zip(self.pattern.names, self.names, strict=True))
            record = self.pattern.record
            parts = (record.chain, record.beside, record.note, record.space, record.reason)
            found = Row(*(renamed(part, values) for part in parts))
            object.__setattr__(self, "_written", found)
        return found

    @property
    def chain(self) -> Chain:
        return self.written.chain

    @property
    def beside(self) -> tuple[Chain, ...]:
        return self.written.beside

    @property
    def note(self) -> Text | None:
        return self.written.note

    @property
    def space(self) -> Expr | None:
        return self.written.space

    @property
    def reason(self) -> Text | None:
        return self.written.reason


class RepeatedChain(Chain):
    """The equality at a place of a repeated row, equal to the one that is written out."""

    __slots__ = ("_place", "_row")
    _place: int
    _row: RepeatedRow

    def __init__(self, row: RepeatedRow, place: int) -> None:
        object.__setattr__(self, "_row", row)
        object.__setattr__(self, "_place", place)

    def __reduce__(self) -> tuple[type[RepeatedChain], tuple[Any, ...]]:
        return RepeatedChain, (self._row, self._place)

    @property
    def at_point(self) -> bool:
        return self._template.at_point

    @property
    def boxed(self) -> bool:
        return self._template.boxed

    @property
    def times(self) -> tuple[Expr, Expr] | None:
        return self._template.times

    @property
    def _template(self) -> Chain:
        return (self._row.pattern.record.chain, *self._row.pattern.record.beside)[self._place]

    @property
    def _written(self) -> Chain:
        return (self._row.chain, *self._row.beside)[self._place]

    @property
    def left(self) -> Expr:
        return self._written.left

    @property
    def members(self) -> tuple[Expr, ...]:
        return self._written.members

    def __eq__(self, other: object) -> bool:
        return self._written == (other._written if isinstance(other, RepeatedChain) else other)

    def __hash__(self) -> int:
        return hash(self._written)


class Repeats:
    """Makes the rows of one block: rows of the same kind share the pattern that the first of them gave."""

    def __init__(self) -> None:
        self._patterns: dict[Hashable, Pattern[Row]] = {}

    def row(self, kind: Hashable, names: tuple[Sym, ...], make: Callable[[], Row]) -> Row:
        """The row of a kind; `names` are all its names, in an order that is the same for the whole kind."""
        pattern = self._patterns.get(kind)
        if pattern is None:
            pattern = self._patterns[kind] = Pattern(make(), names)
        return RepeatedRow(pattern, names)


def claims(blocks: Iterable[Block]) -> Iterator[Chain | RepeatedRow]:
    """What blocks claim: repeated rows as such, every other equality one by one."""
    for block in blocks:
        for part in block.rows if isinstance(block, Equations | Unseen) else (block,):
            if isinstance(part, RepeatedRow) and not part.pattern.record.reason:
                yield part
            else:
                yield from chains(part)


def chains_of(row: RepeatedRow) -> list[RepeatedChain]:
    """The equalities of a row."""
    return [RepeatedChain(row, place) for place in range(1 + len(row.pattern.record.beside))]


def renamed(value: Any, values: Mapping[Expr, Expr]) -> Any:
    """A part of a row in other names."""
    if isinstance(value, Expr):
        return substitute(value, values)
    if isinstance(value, Chain):
        left, *members = (substitute(form, values) for form in (value.left, *value.members))
        return Chain(left, tuple(members), value.at_point, value.boxed, value.times)
    if isinstance(value, Text):
        return Text(value.key, {name: renamed(param, values) for name, param in value.params.items()})
    if isinstance(value, tuple):
        return tuple(renamed(part, values) for part in value)
    return value
