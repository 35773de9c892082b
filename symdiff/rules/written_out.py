"""What an operation stands for, written out in others: softplus(u) = ln(1 + eᵘ), ReLU(u) = max(u, 0).

The formula is the one that the row of the table has for SymPy, with our functions under SymPy's names: SymPy
itself is not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

from symdiff.errors import InputError
from symdiff.expr.conditions import CONDITIONS, INDICATOR, INFINITY, WHERE
from symdiff.expr.operations import EULER, GAMMA, GREATER, LGAMMA, PI, POSITIVE
from symdiff.expr.tree import Expr, Num, Sym, as_expr
from symdiff.rules.rule import Rule
from symdiff.rules.table import RULES

_OUR_NAMES = {"Abs": "abs", "Max": "max", "Min": "min", "Add": "total"}


_SYMPY_ALONE = (*CONDITIONS, WHERE, INDICATOR, INFINITY, GAMMA, LGAMMA)
"""Operations that have another name in SymPy, and no formula."""


class _Functions:
    """Our functions under SymPy's names."""

    E, pi = Expr(EULER), Expr(PI)

    def __getattr__(self, name: str) -> Callable[..., Expr]:
        rule = RULES.get(_OUR_NAMES.get(name, name))
        if rule is None:
            raise InputError(f"no rule for {name!r}", way_out="add a row in symdiff/rules/scalar_rows.py")

        def apply(*args: Any) -> Expr:
            given = list(map(as_expr, args))
            if rule.op.arity == 2:
                return reduce(lambda u, v: Expr(rule.op, u, v), given)
            return Expr(rule.op, *given)

        return apply

    def Function(self, name: str) -> Callable[..., Expr]:  # noqa: N802 - SymPy's name
        return getattr(self, name)  # type: ignore[no-any-return]

    def Rational(self, over: int, under: int = 1) -> Expr:  # noqa: N802 - SymPy's name
        return Num(Fraction(over, under))

    def Heaviside(self, u: Expr, at_zero: Any) -> Expr:  # noqa: N802 - SymPy's name
        return Expr(POSITIVE, u) if as_expr(at_zero) == Num(0) else Expr(GREATER, u, Num(0))


def formula_of(rule: Rule, slots: Sequence[Sym]) -> Expr | None:
    """The formula that an operation stands for, of these arguments; None if its row has none."""
    if rule.sympy is None or rule.op in _SYMPY_ALONE:
        return None
    return as_expr(rule.sympy(_Functions(), *slots))
