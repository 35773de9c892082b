"""Derivatives measured: central differences in as many digits as they need. No rule is known here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.errors import DomainError, shorten
from symdiff.expr.tree import Expr
from symdiff.proof.values import Value, context

MEASURED_IN = (120, 240, 480, 960)
"""Digits in which a derivative is measured, one after the other until two step sizes agree."""


def measure(function: Callable[[Any, Value], Value], at: Value, where: Expr) -> Value:
    """The derivative of `function` at `at`, by central differences, to at least 36 digits.

    Two step sizes must agree; where they do not, or where both see no change at all, digits are added. A
    quotient that goes on shrinking with its step is that of a zero derivative, as of u³ at 0. A DomainError
    says that the derivative could not be measured.
    """
    before = second = None
    for digits in MEASURED_IN:
        m = context(digits)
        at = m.mpf(at)
        step = step_size(m, digits, abs(at))
        before = second
        try:
            first, second = (difference(m, function, at, step / k) for k in (1, 2))
        except DomainError:
            break
        if second and abs(first - second) <= m.mpf(10) ** -36 * abs(second):
            return second
    if second is not None and before is not None and abs(second) <= abs(before) * m.mpf(10) ** -30:
        return m.zero
    raise DomainError("no derivative could be measured", where=shorten(str(where)))


def step_size(m: Any, digits: int, size: Value) -> Value:
    """A step for values of a size: a third of the digits are lost to it, two thirds to rounding."""
    return m.mpf(10) ** (-digits // 3) * max(m.one, size)


def difference(m: Any, function: Callable[[Any, Value], Value], at: Value, step: Value) -> Value:
    return (function(m, at + step) - function(m, at - step)) / (2 * step)
