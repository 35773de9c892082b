"""Values of formulas with rounded numbers in the place of names: balls that hold every value near them.

A rounded number stands for each value that is rounded to it: a ball of half a unit of its last decimal. What
is computed from such balls holds the true value if the right numbers were put in.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from symdiff.expr.leaves import Grid
from symdiff.expr.tree import Expr, Num
from symdiff.proof.values import Value, evaluate
from symdiff.rules.arrays import Array


def unit_of_last_place(number: Num) -> Fraction:
    """The unit of the last decimal that `number` shows: 0.7130 has 1/10000, 1.2e-5 has 1e-6."""
    mantissa, _, exponent = number.text.partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return Fraction(10) ** -decimals


def near_value(model: Any, form: Expr) -> Value:
    """The value of a formula with numbers and tables in it, a rounded one a ball of what is rounded to it.

    Raises:
        DomainError: there is no value for some of these numbers.
        Undecided: they do not say which branch is taken.
    """

    def known(node: Expr) -> Value | None:
        if isinstance(node, Num) and node.rounded:
            return _ball(node)
        if isinstance(node, Grid):
            return _balls(model, node)
        found: Value | None = model(node)
        return found

    return evaluate(model.m, form, {}, known)


def _ball(number: Num) -> Any:
    half = unit_of_last_place(number) / 2
    value = Fraction(number.value)
    return arb(
        arb(fmpq(value.numerator, value.denominator)), arb(fmpq(half.numerator, half.denominator)).upper()
    )


def _balls(model: Any, grid: Grid) -> Array:
    """The table as an array; all its rows and columns are shown."""
    entries = [
        _ball(number) if number.rounded else model.m.number(number.value)
        for row in grid.entries
        for number in row
    ]
    shape = (len(grid.rows),) if len(grid.shape) == 1 else (len(grid.rows), len(grid.columns))
    return Array(entries, shape)
