"""Shapes on a page: x ∈ ℝⁿ in a sentence, the space of a row, numbers of entries, names as ranges.

Every name has the shape that it has on the tape or in the recurrence; a space is compared with that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import prod

from symdiff.document.blocks import Row
from symdiff.document.repeats import RepeatedRow
from symdiff.expr.leaves import size_expr
from symdiff.expr.names import split_name
from symdiff.expr.patterns import record_of
from symdiff.expr.shapes import Shape, is_integer, names_in, size_value
from symdiff.expr.tree import ADD, MUL, NEG, POW, SUB, TOTAL, Dim, Expr, Num, Sym, leaves
from symdiff.proof.statements.places import Part, Place, refuse


def is_space(node: Expr | None, shape: Shape) -> bool:
    """Whether a formula is ℝ, ℝⁿ or ℝᵐˣⁿ of this shape."""
    name = ("reals", "real space", "matrix space")[len(shape)]
    return node is not None and node.op.name == name and node.args == tuple(map(size_expr, shape))


def check_space(row: Row, part: Part) -> None:
    """Refuse a row whose space is not that of its left side, every name in it as the tape has it.

    Raises:
        ProofError: it is another one.
    """
    record = record_of(row)
    if record.space is None:
        return
    left = record.chain.left
    if not is_space(record.space, left.shape):
        refuse(f"{left} in {record.space}", "is of another shape")
    names = row.names if isinstance(row, RepeatedRow) else _names(left)
    for name in names:
        if part.shapes.get(name.name, name.shape) != name.shape:
            refuse(f"{name} in {record.space}", "is of another shape")


def _names(node: Expr) -> list[Sym]:
    return [leaf for leaf in leaves(node) if isinstance(leaf, Sym)]


def expect_names(place: Place, param: str, names: Sequence[Sym]) -> None:
    """Refuse a sentence whose list is not of these names: plain, each in its space, neighbours as a range.

    Raises:
        ProofError: it is another list.
    """
    found = [name for item in place[param] for name in _listed(place, item)]
    if [name.name for name in found] != [name.name for name in names]:
        place.refuse(f"names {', '.join(map(str, found))} where they are {', '.join(map(str, names))}")


def _listed(place: Place, item: Expr) -> Iterator[Sym]:
    if item.op.name == "element":
        name, space = item.args
        assert isinstance(name, Sym)
        shape = next((own.shape for own in _known(place.part) if own.name == name.name), None)
        place.require(shape is not None and is_space(space, shape), f"says {item}, which is of another shape")
        yield name
    elif item.op.name == "range of names":
        yield from _range(place, *item.args)
    elif isinstance(item, Sym):
        yield item
    else:
        place.refuse(f"names {item}")


def _known(part: Part) -> Iterator[Sym]:
    yield from part.inputs
    if part.of is not None:
        yield from (Sym(f"{s.name}@{part.of.index}", shape=s.shape) for s in part.of.sequences)


def _range(place: Place, first: Expr, last: Expr) -> Iterator[Sym]:
    """The names x_0, …, x_9 that a range stands for."""
    assert isinstance(first, Sym)
    assert isinstance(last, Sym)
    stem = first.name[: len(first.name) - len(split_name(first.name)[2])]
    low, high = (int(name.name.removeprefix(stem)) for name in (first, last))
    place.require(last.name.startswith(stem) and low < high, f"says {first}, …, {last}")
    yield from (Sym(f"{stem}{n}", shape=first.shape) for n in range(low, high + 1))


def counts_entries(found: Expr, shapes: Sequence[Shape]) -> bool:
    """Whether a formula is the number of entries of arrays of these shapes, at two choices of sizes."""
    parts = [part for shape in shapes for size in shape for part in names_in(size)]
    names = sorted({part for part in parts if not is_integer(part)})
    for start in (2, 5):
        sizes = {name: start + 3 * n for n, name in enumerate(names)}
        entries = sum(prod(size_value(size, sizes) for size in shape) for shape in shapes)
        if value_at(found, sizes) != entries:
            return False
    return True


def value_at(node: Expr, sizes: dict[str, int]) -> Fraction | None:
    """A formula of sums, products and powers of sizes in numbers; None for any other."""
    if isinstance(node, Num):
        return Fraction(node.value)
    if isinstance(node, Dim):
        return Fraction(size_value(node.name, sizes)) if _is_known(node.name, sizes) else None
    args = [value_at(arg, sizes) for arg in node.args]
    numbers = [arg for arg in args if arg is not None]
    apply = _OPERATIONS.get(node.op.name)
    return None if apply is None or len(numbers) != len(args) else apply(numbers)


def _is_known(size: str, sizes: dict[str, int]) -> bool:
    return all(part in sizes or is_integer(part) for part in names_in(size))


def _sum(args: list[Fraction]) -> Fraction:
    return sum(args, start=Fraction(0))


_OPERATIONS: dict[str, Callable[[list[Fraction]], Fraction]] = {
    ADD.name: _sum,
    TOTAL.name: _sum,
    SUB.name: lambda args: args[0] - args[1],
    NEG.name: lambda args: -args[0],
    MUL.name: lambda args: args[0] * args[1],
    POW.name: lambda args: Fraction(args[0] ** args[1]),
}
