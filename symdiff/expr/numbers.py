"""Exact numbers as decimals: 3.14 multiplied out stays a decimal, computed values are rounded to print."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any

from symdiff.errors import DomainError
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


KNOWN_DIGITS, EXACT_DIGITS = 34, 30
"""A numerical derivative is good to 36 digits: one that ends within 30 of them is taken to be exact."""
LARGEST_BITS = 3400
"""Values below 2^-3400, about 10^-1000, are refused, as those beyond 2^3400 are."""
SMALLEST, LARGEST = -5, 9
"""Decimal exponents outside this range are written as a·10ᵏ."""


def rounded(m: Any, value: Any, digits: int) -> Num:
    """`value`, a number of mpmath's context `m`, as printed; `rounded` is set unless it is exact.

    `digits` is the number of decimals, and of significant digits where the value is below 1: with four,
    0.7310585… is 0.7311, 0.0064766… is 0.006477 and 5.5 is 5.5. Very large and very small values are
    written with a power of ten. It is rounded once, half to even, on the exact decimal expansion.

    Raises:
        DomainError: the value is not zero and below 10^-1000.
    """
    if value and m.mag(value) < -LARGEST_BITS:
        raise DomainError("a value below 10^-1000", way_out="choose a point nearer to 0")
    with localcontext() as arithmetic:
        arithmetic.prec = m.dps
        exact = Decimal(m.nstr(value, m.dps - 10, min_fixed=0, max_fixed=0))
        if not exact:
            return Num(0)
        exponent = exact.adjusted()
        scientific = not SMALLEST <= exponent <= LARGEST
        decimals = digits - 1 - exponent if scientific or exponent < 0 else digits
        shown = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
        # 0.009999 rounded up to 0.01000 would have one significant digit too many.
        if shown.adjusted() > exponent and (scientific or exponent < -1):
            shown = exact.quantize(Decimal(1).scaleb(1 - decimals), rounding=ROUND_HALF_EVEN)
        known = Decimal(m.nstr(value, KNOWN_DIGITS, min_fixed=0, max_fixed=0))
        ends = len(known.normalize().as_tuple().digits) < EXACT_DIGITS
        return _number(shown, scientific, shown != exact and not (ends and shown == known))


def _number(shown: Decimal, scientific: bool, is_rounded: bool) -> Num:
    exponent = shown.adjusted()
    text = f"{shown.scaleb(-exponent):f}e{exponent}" if scientific else f"{shown:f}"
    if not is_rounded and "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return Num(Fraction(shown), text, is_rounded)
