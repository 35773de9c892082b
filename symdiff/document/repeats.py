"""Rows of a kind: a row of a page that is another one in other names, written out when somebody reads it.

Printers and the proof look at the pattern and the names instead, so that what a kind costs is paid once.
Knows no calculus and no markup.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any

from symdiff.document.blocks import Block, Chain, Equations, Row, Text, Unseen, chains
from symdiff.expr.tree import Expr, Pattern, Sym, substitute


class RowOfKind(Row):
    """`pattern.record` with `names` in place of its own names."""

    __slots__ = ("_written", "names", "pattern")
    _written: Row | None
    names: tuple[Sym, ...]
    pattern: Pattern[Row]

    def __init__(self, pattern: Pattern[Row], names: tuple[Sym, ...]) -> None:
        put = object.__setattr__
        put(self, "pattern", pattern)
        put(self, "names", names)
        put(self, "_written", None)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RowOfKind) and other.pattern is self.pattern:
            return self.names == other.names
        return self.written == (other.written if isinstance(other, RowOfKind) else other)

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


class ChainOfKind(Chain):
    """The equality at a place of a row of a kind, equal to one that is written out."""

    __slots__ = ("_place", "_row")
    _place: int
    _row: RowOfKind

    def __init__(self, row: RowOfKind, place: int) -> None:
        object.__setattr__(self, "_row", row)
        object.__setattr__(self, "_place", place)

    @property
    def at_point(self) -> bool:
        return self._like.at_point

    @property
    def boxed(self) -> bool:
        return self._like.boxed

    @property
    def times(self) -> tuple[Expr, Expr] | None:
        return self._like.times

    @property
    def _like(self) -> Chain:
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
        return self._written == (other._written if isinstance(other, ChainOfKind) else other)

    def __hash__(self) -> int:
        return hash(self._written)


class Repeats:
    """Makes the rows of one block: the first of each kind as it is, the others as that one in other names."""

    def __init__(self) -> None:
        self._patterns: dict[Hashable, Pattern[Row]] = {}

    def row(self, kind: Hashable, names: tuple[Sym, ...], make: Callable[[], Row]) -> Row:
        """The row of a kind; `names` are all its names, in an order that the kind tells."""
        pattern = self._patterns.get(kind)
        if pattern is None:
            pattern = self._patterns[kind] = Pattern(make(), names)
        return RowOfKind(pattern, names)


def claims(blocks: Iterable[Block]) -> Iterator[Chain | RowOfKind]:
    """What blocks claim: rows of a kind as such, every other equality one by one."""
    for block in blocks:
        for part in block.rows if isinstance(block, Equations | Unseen) else (block,):
            if isinstance(part, RowOfKind) and not part.pattern.record.reason:
                yield part
            else:
                yield from chains(part)


def chains_of(row: RowOfKind) -> list[ChainOfKind]:
    """The equalities of a row."""
    return [ChainOfKind(row, place) for place in range(1 + len(row.pattern.record.beside))]


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
