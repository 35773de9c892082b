"""Rows that rename one template row: each is written out in its own names only when somebody reads it.

Printers and the proof look at the pattern and the names instead, so that what all such rows share is printed
and proved once. Knows no calculus and no markup.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property

from symdiff.document.blocks import Block, Chain, Equations, Row, Unseen, chains
from symdiff.expr.patterns import Pattern, Repeated
from symdiff.expr.tree import Sym


class RowPattern(Pattern[Row]):
    """A row that others repeat in other names."""

    @cached_property
    def chains(self) -> list[Pattern[Chain]]:
        """Its equalities."""
        return [Pattern(chain, self.names) for chain in (self.record.chain, *self.record.beside)]


class RepeatedRow(Repeated[Row], Row):
    """A row of a pattern."""

    __slots__ = ("names", "pattern")
    pattern: RowPattern
    names: tuple[Sym, ...]

    @property
    def written(self) -> Row:
        return Row(self.chain, self.beside, self.note, self.space, self.reason, self.goes_on)


class RepeatedChain(Repeated[Chain], Chain):
    """An equality of a pattern, equal to the one that is written out."""

    __slots__ = ("names", "pattern")
    __hash__ = Chain.__hash__


class Repeats:
    """Makes the rows of one block: rows of the same kind share the pattern that the first of them gave."""

    def __init__(self) -> None:
        self._patterns: dict[Hashable, RowPattern] = {}

    def row(self, kind: Hashable, names: tuple[Sym, ...], make: Callable[[], Row]) -> Row:
        """The row of a kind; `names` are all its names, in an order that is the same for the whole kind."""
        pattern = self._patterns.get(kind)
        if pattern is None:
            pattern = self._patterns[kind] = RowPattern(make(), names)
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
    return [RepeatedChain(pattern, row.names) for pattern in row.pattern.chains]
