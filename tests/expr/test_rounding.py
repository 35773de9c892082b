"""Printed numbers: rounded once, half to even, and marked when they are rounded."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
from helpers import M, value

from symdiff.expr.numbers import rounded
from symdiff.expr.tree import Num


def printed(number: object, digits: int = 4) -> tuple[str, bool]:
    found = rounded(M, number if isinstance(number, M.mpf) else M.mpf(number), digits)
    return found.text, found.rounded


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("5.5", "5.5"),
        ("3", "3"),
        ("-2", "-2"),
        ("0", "0"),
        ("0.03125", "0.03125"),
        ("1024", "1024"),
        ("-0.5", "-0.5"),
    ],
)
def test_an_exact_value_is_written_out_and_not_marked(number: str, text: str) -> None:
    assert printed(number) == (text, False)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("1/(1 + exp(-1))", "0.7311"),
        ("sqrt(2)", "1.4142"),
        ("-sqrt(2)", "-1.4142"),
        ("100*pi", "314.1593"),
        ("0.0064766123", "0.006477"),
        ("0.00999996", "0.01000"),
        ("0.99999", "1.0000"),
        ("9.99999", "10.0000"),
    ],
)
def test_a_rounded_value_has_four_decimals_or_four_digits_and_is_marked(source: str, text: str) -> None:
    assert printed(value(source, {})) == (text, True)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.53125", "0.5312"),
        ("0.59375", "0.5938"),
        ("2.03125", "2.0312"),
        ("-0.53125", "-0.5312"),
        ("7.84375", "7.8438"),
    ],
)
def test_halves_are_rounded_to_even(number: str, text: str) -> None:
    assert printed(number) == (text, True)


def test_a_hair_above_a_half_is_rounded_up() -> None:
    assert printed(M.mpf("0.53125") + M.mpf(10) ** -30)[0] == "0.5313"


@pytest.mark.parametrize(
    "source", ["pi*10**12", "pi/10**9", "-pi*10**30", "9.99999*10**15", "pi/10**300", "2**100"]
)
def test_very_large_and_very_small_values_have_a_power_of_ten(source: str) -> None:
    true = value(source, {})
    text, is_rounded = printed(true)
    mantissa, _, exponent = text.partition("e")
    assert exponent
    assert 1 <= abs(float(mantissa)) < 10
    assert len(mantissa.strip("-").replace(".", "")) == 4
    assert is_rounded
    assert abs(M.mpf(text) - true) <= M.mpf(10) ** (int(exponent) - 3) / 2


@pytest.mark.parametrize("digits", [1, 4, 8, 15, 30])
def test_the_printed_number_is_the_nearest_one_of_its_decimals(digits: int) -> None:
    rng, m = random.Random(digits), mpmath.MPContext()
    m.dps = 90
    for _ in range(200):
        exact = Fraction(rng.randrange(-(10**12), 10**12), rng.randrange(1, 10**9)) * Fraction(
            10
        ) ** rng.randrange(-9, 9)
        found = rounded(m, m.mpf(exact.numerator) / exact.denominator, digits)
        mantissa, _, exponent = found.text.partition("e")
        unit = Fraction(10) ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
        assert Fraction(Decimal(found.text)) == found.value
        assert abs(found.value - exact) <= unit / 2
        assert found.rounded == (found.value != exact)


def test_an_exact_number_is_not_confused_with_a_rounded_one() -> None:
    assert rounded(M, M.mpf("0.5"), 4) == Num(Fraction(1, 2))
    assert rounded(M, M.mpf("0.50001"), 4) != Num(Fraction(1, 2))
