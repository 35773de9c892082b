"""Exact numbers as decimals: 3.14 multiplied out stays a decimal, computed values are rounded to print."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from symdiff.errors import DomainError
from symdiff.expr.tree import Num

Exact = int | Fraction
MAX_PLACES = 40
SMALLEST_PLAIN = -4
"""Exact decimals below 10⁻⁴ are written with a power of ten, 2·10⁻⁵."""


def is_decimal(number: Num) -> bool:
    """Whether a number was written with a decimal point or a power of ten."""
    return "." in number.text or "e" in number.text


def magnitude(value: Exact) -> Exact:
    """|value|, a whole number if it is one."""
    return value if value >= 0 else -value


def decimal_number(value: Exact) -> Num | None:
    """`value` written as a decimal number, if it ends; None if it is whole or does not."""
    if value.denominator == 1:
        return None
    twos, fives = (_times(value.denominator, prime) for prime in (2, 5))
    places = max(twos, fives)
    if value.denominator != 2**twos * 5**fives or places > MAX_PLACES:
        return None
    shown = _to_decimals(Fraction(value), places)
    return _number(shown, shown.adjusted() < SMALLEST_PLAIN, is_rounded=False)


def _times(number: int, prime: int) -> int:
    """How often a prime divides a number."""
    found = 0
    while number % prime == 0:
        number, found = number // prime, found + 1
    return found


KNOWN_DIGITS, EXACT_DIGITS = 34, 30
"""An enclosure known to 34 digits may be the decimal of fewer than 30 that it holds; more bits tell."""
SMALLEST_POWER, ZERO_POWER = -1000, -900
"""Values below 10^-1000 are refused; an enclosure of zero that is narrower than 10^-900 is zero.

So is one of a short decimal that decimal, if it is narrower than a part in 10^900.
"""
SMALLEST, LARGEST = -5, 9
"""Decimal exponents outside this range are written as a·10ᵏ."""


def rounded(low: Fraction, high: Fraction, digits: int) -> Num | None:
    """The number between `low` and `high` as printed; None where they do not agree on it.

    `rounded` is set unless the number is exact. `digits` is the number of decimals, and of significant digits
    where the value is below 1: with four, 0.7310585… is 0.7311, 0.0064766… is 0.006477 and 5.5 is 5.5. Very
    large and very small values are written with a power of ten. It is rounded once, half to even.

    Raises:
        DomainError: the value is not zero and below 10^-1000.
    """
    if low <= 0 <= high:
        return Num(0) if high - low < Fraction(10) ** ZERO_POWER else None
    if max(abs(low), abs(high)) < Fraction(10) ** SMALLEST_POWER:
        raise DomainError("a value below 10^-1000", way_out="choose a point nearer to 0")
    if low != high:
        if high - low > abs(low) / 10**KNOWN_DIGITS:
            return None
        short = _short_decimal(low, high)
        if short is None:
            one, other = (_shown(end, digits) for end in (low, high))
            return one if one == other and one.text == other.text else None
        if high - low > abs(short) * Fraction(10) ** ZERO_POWER:
            return None  # tanh(100) is near 1 and is not 1
        low = short
    return _shown(low, digits, is_exact=True)


def _short_decimal(low: Fraction, high: Fraction) -> Fraction | None:
    """The decimal of few digits between two ends, if there is one."""
    middle = (low + high) / 2
    power = KNOWN_DIGITS - 1 - _exponent(middle)
    whole = round(middle * Fraction(10) ** power)
    found = whole / Fraction(10) ** power
    is_short = len(str(abs(whole)).rstrip("0")) < EXACT_DIGITS
    return found if is_short and low <= found <= high else None


def _exponent(value: Fraction) -> int:
    """The power of ten of the first digit."""
    found = len(str(abs(value.numerator))) - len(str(value.denominator))
    while abs(value) < Fraction(10) ** found:
        found -= 1
    while abs(value) >= Fraction(10) ** (found + 1):
        found += 1
    return found


def _shown(value: Fraction, digits: int, is_exact: bool = False) -> Num:
    """A value as printed; only one that is known exactly may be printed as exact."""
    exponent = _exponent(value)
    scientific = not SMALLEST <= exponent <= LARGEST
    decimals = digits - 1 - exponent if scientific or exponent < 0 else digits
    shown = _to_decimals(value, decimals)
    # 0.009999 rounded up to 0.01000 would have one significant digit too many.
    if shown.adjusted() > exponent and (scientific or exponent < -1):
        shown = _to_decimals(value, decimals - 1)
    return _number(shown, scientific, not (is_exact and Fraction(shown) == value))


def _to_decimals(value: Fraction, decimals: int) -> Decimal:
    """A value to so many decimals, half to even."""
    whole = round(value * Fraction(10) ** decimals)
    return Decimal((int(whole < 0), tuple(map(int, str(abs(whole)))), -decimals))


def _number(shown: Decimal, scientific: bool, is_rounded: bool) -> Num:
    exponent = shown.adjusted()
    text = f"{_scaled(shown, -exponent):f}e{exponent}" if scientific else f"{shown:f}"
    if not is_rounded and "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return Num(Fraction(shown), text, is_rounded)


def _scaled(value: Decimal, power: int) -> Decimal:
    """value·10^power, exactly."""
    sign, digits, exponent = value.as_tuple()
    return Decimal((sign, digits, int(exponent) + power))
