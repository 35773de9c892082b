"""Jets: a number with its slopes in many directions, v + Σ dₖ·εₖ with εₖ² = 0.

How a function of numbers changes with an argument is asked of FLINT's power series, v + ε carried through the
function to first order: no derivative of any function, nor the product rule, stands here. Only that slopes
add up along the arguments. Directions without a slope are left out, so that a jet of one entry in a large
array is short.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from flint import arb_series, fmpq

from symdiff.errors import DomainError

Real = Any
"""A ball (`arb`), or an exact fraction (`fmpq`)."""


class Jet:
    """A value and its slopes by direction."""

    __slots__ = ("slopes", "value")

    def __init__(self, value: Real, slopes: dict[int, Real]) -> None:
        self.value, self.slopes = value, slopes

    def __add__(self, other: Any) -> Jet:
        if type(other) is not Jet:
            return Jet(self.value + other, self.slopes)
        return Jet(self.value + other.value, joined(self.slopes, other.slopes))

    __radd__ = __add__

    def __neg__(self) -> Jet:
        return Jet(-self.value, {way: -slope for way, slope in self.slopes.items()})

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Jet:
        return through(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Jet:
        return through(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Jet:
        return through(_quotient, self, other)

    def __rtruediv__(self, other: Any) -> Jet:
        return through(_quotient, other, self)


def _quotient(one: Any, other: Any) -> Any:
    # 0 over a series fails in python-flint before 0.9, 1 over it does not.
    return one * (1 / other) if type(other) is arb_series and type(one) is not arb_series else one / other


def joined(one: dict[int, Real], other: dict[int, Real]) -> dict[int, Real]:
    """The sum of slopes, direction by direction."""
    if len(one) < len(other):
        one, other = other, one
    found = dict(one)
    for way, slope in other.items():
        found[way] = found[way] + slope if way in found else slope
    return found


def total(terms: list[Any]) -> Any:
    """The sum of many numbers, some of them jets."""
    value, slopes = terms[0], dict[int, Real]()
    if type(value) is Jet:
        value, slopes = value.value, dict(value.slopes)
    for term in terms[1:]:
        if type(term) is not Jet:
            value = value + term
            continue
        value = value + term.value
        for way, slope in term.slopes.items():
            slopes[way] = slopes[way] + slope if way in slopes else slope
    return Jet(value, slopes) if slopes else value


def through(function: Callable[..., Any], *args: Any) -> Jet:
    """The jet of a function of numbers; `function` takes balls, and a power series in one place.

    Raises:
        DomainError: the function has no finite slope there.
    """
    values = [arg.value if type(arg) is Jet else arg for arg in args]
    value, slopes = None, dict[int, Real]()
    for place, arg in enumerate(args):
        if type(arg) is not Jet:
            continue
        moved = [*values[:place], arb_series([values[place], 1], prec=2), *values[place + 1 :]]
        try:
            found = function(*moved)
        except (ValueError, ZeroDivisionError):
            raise DomainError("no finite slope") from None
        value, slope = found[0], found[1]
        if not (value.is_finite() and slope.is_finite()):
            raise DomainError("no finite slope")
        for way, own in arg.slopes.items():
            part = slope * own
            slopes[way] = slopes[way] + part if way in slopes else part
    if all(type(own) is fmpq for own in values):
        value = function(*values)  # stays a fraction where it is one, so that a tie is seen
    return Jet(value, slopes)
