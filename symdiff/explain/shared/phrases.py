"""Long lists of names inside sentences, x_0, …, x_99, and sums of very many terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.explain.shared.patterns import split
from symdiff.expr.notation import Binding, pattern
from symdiff.expr.tree import ADD, TOTAL, Expr, Sym

RANGE = pattern("range of names", r"{0}, \dots, {1}", "{0}, …, {1}", Binding.LOOSEST, arity=2)
MOST = 12
"""Names that are listed one by one."""
LEAST = 4
"""Neighbours that make a range."""


def listed(names: Sequence[Sym]) -> tuple[Expr, ...]:
    """The names, neighbours of a long list as ranges."""
    return tuple(names) if len(names) <= MOST else tuple(_ranges(names))


def _ranges(names: Sequence[Sym]) -> Iterator[Expr]:
    at = 0
    while at < len(names):
        stop = at + 1
        while stop < len(names) and _follows(names[stop - 1], names[stop]):
            stop += 1
        if stop - at >= LEAST:
            yield Expr(RANGE, names[at], names[stop - 1])
        else:
            yield from names[at:stop]
        at = stop


def _follows(one: Sym, other: Sym) -> bool:
    (stem, index), (other_stem, next_index) = split(one.name), split(other.name)
    return stem == other_stem and index is not None and next_index == index + 1


def as_total(formula: Expr) -> Expr:
    """A sum a + b + … of very many terms as one that is printed with dots in the middle."""
    terms = []
    node = formula
    while node.op is ADD:
        terms.append(node.args[1])
        node = node.args[0]
    terms.append(node)
    return Expr(TOTAL, *reversed(terms)) if len(terms) > MOST else formula
