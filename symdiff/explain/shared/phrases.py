"""Long lists inside sentences: names as ranges x_0, …, x_99, sums of very many terms, numbers of a point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.document.blocks import Block, Equations, Paragraph, Row, text
from symdiff.explain.shared.folding import split_index
from symdiff.explain.shared.work import TapeWork, with_number
from symdiff.expr.notation import Binding, pattern
from symdiff.expr.shapes import Shape, Shaped
from symdiff.expr.tree import ADD, TOTAL, Expr, Sym

MOST = 12
"""Names that are listed one by one."""


def listed(names: Sequence[Sym]) -> tuple[Expr, ...]:
    """The names, neighbours of a long list as ranges."""
    return tuple(names) if len(names) <= MOST else tuple(_ranges(names))


def _of_the_first(_: str, args: Sequence[Shaped]) -> Shape:
    return args[0].shape


RANGE = pattern("range of names", r"{0}, \dots, {1}", "{0}, …, {1}", Binding.LOOSEST, arity=2).with_shape(
    _of_the_first
)
LEAST = 4
"""Neighbours that make a range."""


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
    (stem, index), (other_stem, next_index) = split_index(one.name), split_index(other.name)
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


MOST_NAMED = 6
ELLIPSIS = pattern("ellipsis", r"\dots", "…", Binding.ATOM, arity=0)


def given_point(work: TapeWork) -> Iterator[Block]:
    """The numbers of the inputs, in a sentence, or one a line where there are matrices."""
    names: list[Expr] = [*(name for _, name in work.tape.inputs), *work.tape.indices.values()]
    point = tuple(with_number(work, name) for name in names)
    if any(len(name.shape) == 2 for name in names):
        yield Paragraph(text("statement.at_list"))
        yield Equations(tuple(map(Row, point)))
    else:
        shown = point if len(point) <= MOST else (*point[:MOST_NAMED], Expr(ELLIPSIS), point[-1])
        yield Paragraph(text("statement.at", point=shown))
