"""Rows that rename one template row: each is written out in its own names only when somebody reads it.

Printers and the proof look at the pattern and the names instead, so that what all such rows share is printed
and proved once. Knows no calculus and no markup.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator

from symdiff.document.blocks import Block, Chain, Equations, Row, Unseen, chains
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.patterns import Pattern, Repeated
from symdiff.expr.tree import Sym


class RepeatedRow(Repeated[Row], Row):
    """A row of a pattern."""

    __slots__ = ("names", "pattern")
    names: tuple[Sym, ...]

    @property
    def written(self) -> Row:
        return Row(self.chain, self.beside, self.note, self.space, self.reason)


class RepeatedChain(Repeated[Chain], Chain):
    """An equality of a pattern, equal to the one that is written out."""

    __slots__ = ("names", "pattern")
    __hash__ = Chain.__hash__


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
    return [RepeatedChain(pattern, row.names) for pattern in _chain_patterns(row.pattern)]


@cached_by_identity
def _chain_patterns(pattern: Pattern[Row]) -> list[Pattern[Chain]]:
    return [Pattern(chain, pattern.names) for chain in (pattern.record.chain, *pattern.record.beside)]
