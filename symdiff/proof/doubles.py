"""Double precision as a numeric context: what the values of the rule table need, from Python's own floats."""

from __future__ import annotations

import math
from typing import Any

AGREED = 1e-12
"""Relative difference up to which two values in double precision agree: 12 digits of almost 16."""


class Doubles:
    """The functions of `math` under the names that a row of the table uses."""

    one, zero, mpf, mpc = 1.0, 0.0, float, complex
    isfinite = staticmethod(math.isfinite)

    def __getattr__(self, name: str) -> Any:
        return getattr(math, name)

    def power(self, base: float, exponent: float) -> float:
        """uᵛ, a ValueError where it is not real."""
        return math.pow(base, exponent)

    def mag(self, value: float) -> int:
        """The exponent of two."""
        return math.frexp(value)[1]


def agree(one: float, other: float) -> bool:
    """Whether two numbers agree to 12 digits; what is infinite or not a number agrees with nothing."""
    return abs(one - other) <= AGREED * max(abs(one), abs(other)) < math.inf
