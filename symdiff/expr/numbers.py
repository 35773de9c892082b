"""Exact numbers as decimals: what was written 3.14 stays a decimal number when it is multiplied out."""

from __future__ import annotations

from fractions import Fraction

from symdiff.expr.tree import Num

Exact = int | Fraction
MAX_PLACES = 12


def is_decimal(number: Num) -> bool:
    """Whether a number was written with a decimal point or a power of ten."""
    return "." in number.text or "e" in number.text


def decimal_number(value: Exact) -> Num | None:
    """`value` written as a decimal number, if it ends; None if it is whole or does not."""
    if value.denominator == 1:
        return None
    for places in range(1, MAX_PLACES + 1):
        shifted = value * 10**places
        if shifted.denominator == 1:
            digits = f"{abs(shifted.numerator):0{places + 1}d}"
            sign = "-" if value < 0 else ""
            return Num(value, f"{sign}{digits[:-places]}.{digits[-places:]}")
    return None
