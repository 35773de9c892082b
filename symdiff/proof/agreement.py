"""Whether two members of an equality agree, by their enclosures at one point.

Disjoint balls: the equality is certainly false there. Balls that overlap and are both narrow agree: an error
of one part in 10⁵⁰ would have kept them apart. Else more bits are asked for. Values that are zero because
terms cancel never get narrow: they agree once both hold zero and the radius has shrunk with the bits, from
200 of them to 3,200, so that nothing above 10⁻⁹⁰⁰ of the terms is left. (A radius is 2^−bits of the size of
the terms, so that these need not be carried beside the values.) What is open at the most bits is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from symdiff.document.blocks import Chain
from symdiff.errors import ProofError, UndecidedError, shorten
from symdiff.expr.leaves import Grid, is_rounded
from symdiff.expr.tree import Expr, Num, leaves, postorder, to_code
from symdiff.proof.balls import ZERO_BITS, Undecided, text
from symdiff.proof.near_values import near_value, unit_of_last_place
from symdiff.proof.values import Value, evaluate
from symdiff.rules.arrays import flat, shape_of

AGREED_DIGITS = 30
"""Digits to which both members are known where they are said to agree."""
NARROW = 100
"""Bits of relative accuracy of a narrow ball, 10⁻³⁰."""
SHRUNK = arb(2) ** -2500
Real = Any


class Refuted(Exception):  # noqa: N818 - the answer no, with its reason
    """Two members differ: `why` says in what."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def is_agreed(one: Real, other: Real) -> bool:
    """Whether two narrow balls overlap; False where one is too wide to say.

    Raises:
        Refuted: they are disjoint.
    """
    if type(one) is fmpq:
        if type(other) is fmpq:
            if one == other:
                return True
            raise Refuted("")
        one = arb(one)
    elif type(other) is fmpq:
        other = arb(other)
    if not one.overlaps(other):
        raise Refuted("")
    narrow = one.rel_accuracy_bits() >= NARROW and other.rel_accuracy_bits() >= NARROW
    return bool(narrow and one.is_finite() and other.is_finite())


def confirm(chain: Chain, member: Expr, model: Any, values: dict[int, Value]) -> None:
    """Confirm one member of a chain, in as many bits as it takes.

    `values` are those that parts of the chain have in the model.

    Raises:
        ProofError: the member is false.
        UndecidedError: no number of bits decides.
    """
    for node in postorder(member):
        if isinstance(node, Num) and not is_as_written(node):
            raise refuted(chain, member, model, f"{node.text} is written for {node.value}")
    if member.args and is_rounded(member):
        _confirm_near(chain, member, model)
        return
    has_table = bool(member.args) and any(isinstance(leaf, Grid) for leaf in leaves(member))
    widths: Any = None
    while True:
        try:
            true = evaluate(model.m, chain.left, values, model)
            given = near_value(model, member) if has_table else evaluate(model.m, member, values, model)
            with model.m:
                open_pairs = list(_open_pairs(member, true, given))
                if not open_pairs:
                    return
                widths, cancelled = _cancelled(open_pairs, widths, model.m.bits)
            if cancelled:
                return
        except Refuted as found:
            raise refuted(chain, member, model, found.why or _difference(true, given)) from None
        except Undecided:
            pass
        try:
            model, values = model.sharper, {}
        except Undecided:
            raise undecided(chain, member, model) from None


def _confirm_near(chain: Chain, member: Expr, model: Any) -> None:
    """Confirm a member with rounded numbers in it: what they stand for holds the true value.

    More bits are taken where the balls of both are as wide as the arithmetic's own rounding: −1 + 10⁻⁴⁴.
    """
    while True:
        try:
            true, near = evaluate(model.m, chain.left, {}, model), near_value(model, member)
        except Undecided:
            raise undecided(chain, member, model) from None
        if shape_of(true) != shape_of(near):
            raise refuted(chain, member, model, f"its shape is {shape_of(near)} instead of {shape_of(true)}")
        pairs = [(arb(one), arb(other)) for one, other in zip(flat(true), flat(near), strict=True)]
        if not all(other.overlaps(one) for one, other in pairs):
            raise refuted(chain, member, model, _difference(true, near))
        if all(other.contains(one) for one, other in pairs):
            return
        try:
            model = model.sharper
        except Undecided:
            raise undecided(chain, member, model) from None


def is_as_written(number: Num) -> bool:
    """Whether the text of a number says its value."""
    return Fraction(number.text) == number.value


def holds(left: Expr, member: Expr, model: Any) -> bool:
    """Whether two members agree at the point of a model.

    Raises:
        UndecidedError: no number of bits decides.
    """
    try:
        confirm(Chain(left, (member,)), member, model, {})
    except ProofError:
        return False
    return True


def _open_pairs(member: Expr, true: Value, given: Value) -> Iterator[tuple[Real, Real]]:
    """The pairs of entries whose balls are too wide to say whether they agree."""
    if isinstance(given, Grid):
        yield from _open_in_grid(given, true)
        return
    if shape_of(true) != shape_of(given):
        raise Refuted(f"its shape is {shape_of(given)} instead of {shape_of(true)}")
    if isinstance(member, Num) and member.rounded:
        yield from _open_rounding(member, true)
        return
    for one, other in zip(flat(true), flat(given), strict=True):
        if not is_agreed(one, other):
            yield one, other


def _open_rounding(shown: Num, true: Real) -> Iterator[tuple[Real, Real]]:
    """Whether the exact value lies within half a unit of the last decimal shown; an edge is open."""
    exact = fmpq(shown.value.numerator, shown.value.denominator)
    half = _fraction(unit_of_last_place(shown)) / 2
    over = abs(arb(true) - exact) - half
    if over > 0:
        raise Refuted("")
    if not over <= 0:
        yield over, arb(0)


def _open_in_grid(grid: Grid, true: Value) -> Iterator[tuple[Real, Real]]:
    """The numbers of a table that are not yet told to be the entries, or the entries rounded."""
    for i, row in zip(grid.rows, grid.entries, strict=True):
        for j, shown in zip(grid.columns, row, strict=True):
            exact = true[i] if len(true.shape) == 1 else true[i, j]
            try:
                if Fraction(shown.text) != shown.value:
                    raise Refuted("")
                if shown.rounded:
                    yield from _open_rounding(shown, exact)
                elif not is_agreed(exact, _fraction(Fraction(shown.value))):
                    yield exact, _fraction(Fraction(shown.value))
            except Refuted:
                raise Refuted(f"{shown.text} is said of an entry that is {text(exact, 12)}") from None


def _fraction(value: Fraction) -> Any:
    return fmpq(value.numerator, value.denominator)


def _cancelled(pairs: list[tuple[Real, Real]], before: Real, bits: int) -> tuple[Real, bool]:
    """The first width seen, and whether all open pairs are zero on both sides, as far as 3,200 bits tell."""
    balls = [(arb(one), arb(other)) for one, other in pairs]
    width = sum((one.rad() + other.rad() for one, other in balls), arb(0))
    if before is None:
        return width, False
    zero = all(one.contains(0) and other.contains(0) for one, other in balls)
    return before, bool(zero and bits >= ZERO_BITS and width <= before * SHRUNK)


def _difference(true: Value, given: Value) -> str:
    """What is said and what is true, of arrays in the first entry that differs."""
    for one, other in zip(flat(true), flat(given), strict=True):
        if not arb(one).overlaps(arb(other)):
            return f"{text(other, 12)} instead of {text(one, 12)}"
    return ""


def refuted(chain: Chain, member: Expr, model: Any, why: str) -> ProofError:
    """The error that says what is false, where, and in what."""
    line = f"{to_code(chain.left)} = {shorten(to_code(member))}"
    return ProofError(f"proof failed: {line} is false{_where(model)}: {why}", way_out="nothing was written")


def undecided(chain: Chain, member: Expr, model: Any) -> UndecidedError:
    """The error that says what is neither proved nor refuted."""
    line = f"{to_code(chain.left)} = {shorten(to_code(member))}"
    what = f"proof undecided: {line} is neither proved nor refuted{_where(model)} in {model.m.bits} bits"
    return UndecidedError(what, way_out="nothing was written; choose another point, or a simpler form")


def _where(model: Any) -> str:
    """The point of a model: numbers by name, of arrays their sizes."""
    point = [f"{name} = {text(value, 8)}" for name, value in model.point.items() if not shape_of(value)]
    sizes = [f"{name} = {value}" for name, value in model.sizes_of.items()]
    found = sizes or point
    return f" at {', '.join(found)}" if found else ""
