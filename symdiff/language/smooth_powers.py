"""Even powers of a norm, and of the root of a sum of squares: smooth where the norm and the root are not.

‖u‖² has the derivative 2u at u = 0, where ‖u‖ has none: so norm(u)**2 is read as the square of a norm, one
operation, which is written alike.
"""

from __future__ import annotations

from fractions import Fraction

from symdiff.expr.operations import DOT, NORM, SQNORM, SQRT, SUM
from symdiff.expr.tree import ADD, POW, Expr, Num, postorder, substitute


def with_smooth_powers(formula: Expr) -> Expr:
    """‖u‖² for norm(u)**2, (‖u‖²)² for norm(u)**4, u for sqrt(u)**2 where u is a sum of squares."""
    done: dict[Expr, Expr] = {}
    for node in postorder(formula):
        found = _smooth(substitute(node, done)) if node.op is POW else node
        if found is not node:
            done[node] = found
    return substitute(formula, done)


def _smooth(power: Expr) -> Expr:
    base, exponent = power.args
    if not _is_even(exponent):
        return power
    if base.op is NORM:
        square = Expr(SQNORM, base.args[0])
    elif base.op is SQRT and _is_square(base.args[0]):
        square = base.args[0]
    else:
        return power
    assert isinstance(exponent, Num)
    half = Fraction(exponent.value) / 2
    return square if half == 1 else square ** Num(half)


def _is_even(exponent: Expr) -> bool:
    return isinstance(exponent, Num) and exponent.value > 0 and exponent.value % 2 == 0


def _is_square(root: Expr) -> bool:
    """Whether an expression is written as a sum of squares, so that it is nowhere negative."""
    if root.op is ADD:
        return all(map(_is_square, root.args))
    if root.op is DOT:
        return root.args[0] == root.args[1]
    if root.op is SUM:
        return _is_square(root.args[0])
    return root.op is SQNORM or (root.op is POW and _is_even(root.args[1]))
