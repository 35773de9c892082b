"""Printed numbers: rounded once, half to even, and marked when they are rounded."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from helpers import M, exact, value

from symdiff.errors import DomainError
from symdiff.expr.numbers import rounded
from symdiff.expr.tree import Num

LITTLE = Fraction(1, 10**950)


def printed(number: str | Fraction, digits: int = 4) -> tuple[str, bool]:
    """An exact number as printed, and whether it is marked as rounded."""
    at = Fraction(number)
    found = rounded(at, at, digits)
    assert found is not None
    return found.text, found.rounded


def enclosed(number: Fraction, digits: int = 4, width: Fraction = LITTLE) -> Num | None:
    """What is printed of a number that is known up to a part in 10⁹⁵⁰."""
    return rounded(number - abs(number) * width, number + abs(number) * width, digits)


def known(source: str) -> tuple[str, bool]:
    """A value computed in 50 digits as printed."""
    found = enclosed(exact(value(source, {})))
    assert found is not None
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
    assert known(source) == (text, True)


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
    hair = Fraction("0.53125") + Fraction(1, 10**30)
    assert printed(hair)[0] == known("0.53125 + 1/10**30")[0] == "0.5313"


@pytest.mark.parametrize(
    "source", ["pi*10**12", "pi/10**9", "-pi*10**30", "9.99999*10**15", "pi/10**300", "2**100"]
)
def test_very_large_and_very_small_values_have_a_power_of_ten(source: str) -> None:
    true = value(source, {})
    text, is_rounded = known(source)
    mantissa, _, exponent = text.partition("e")
    assert exponent
    assert 1 <= abs(float(mantissa)) < 10
    assert len(mantissa.strip("-").replace(".", "")) == 4
    assert is_rounded
    assert abs(M.mpf(text) - true) <= M.mpf(10) ** (int(exponent) - 3) / 2


@pytest.mark.parametrize("digits", [1, 4, 8, 15, 30])
def test_the_printed_number_is_the_nearest_one_of_its_decimals(digits: int) -> None:
    rng = random.Random(digits)
    for _ in range(200):
        number = Fraction(rng.randrange(-(10**12), 10**12), rng.randrange(1, 10**9)) * Fraction(
            10
        ) ** rng.randrange(-9, 9)
        found = rounded(number, number, digits)
        assert found is not None
        mantissa, _, exponent = found.text.partition("e")
        unit = Fraction(10) ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
        assert Fraction(Decimal(found.text)) == found.value
        assert abs(found.value - number) <= unit / 2
        assert found.rounded == (found.value != number)


def test_an_exact_number_is_not_confused_with_a_rounded_one() -> None:
    half, more = Fraction(1, 2), Fraction("0.50001")
    assert rounded(half, half, 4) == enclosed(half) == Num(half)
    assert rounded(more, more, 4) != Num(half)


@pytest.mark.parametrize("text", ["0.7311", "2.5", "-0.53125", "1e-7", "6.02e23"])
def test_a_decimal_that_an_enclosure_holds_is_taken_for_it(text: str) -> None:
    number = Fraction(text)
    found = enclosed(number, 8)
    assert found is not None
    assert (found.value, found.rounded) == (number, False)


@pytest.mark.parametrize("width", [Fraction(1, 10**k) for k in (45, 60, 800)])
def test_a_value_near_a_decimal_is_not_taken_for_it_before_it_is_told_apart(width: Fraction) -> None:
    assert enclosed(Fraction(1), 4, width) is None


@pytest.mark.parametrize("width", [Fraction(1, 10**k) for k in (6, 20, 33)])
def test_no_digit_is_printed_that_is_not_known(width: Fraction) -> None:
    third = Fraction(1, 3)
    assert enclosed(third, 4, width) is None
    assert enclosed(Fraction("0.53125"), 4, width) is None


def test_an_edge_between_two_decimals_is_left_open() -> None:
    """Longer than any decimal that an enclosure is taken for, and between 0.5312 and 0.5313."""
    edge = Fraction("0.53125")
    low, high = edge - Fraction(1, 10**32), edge + Fraction(1, 10**32)
    assert rounded(low, high, 4) is None
    assert rounded(low, edge - Fraction(1, 10**33), 4) is None
    near = edge + Fraction(3, 10**31)
    found = enclosed(near)
    assert found is not None
    assert found.text == "0.5313"


@pytest.mark.parametrize("power", [1, 100, 899])
def test_zero_is_not_said_of_what_is_only_small(power: int) -> None:
    little = Fraction(1, 10**power)
    assert rounded(-little, little, 4) is None
    assert rounded(Fraction(0), Fraction(0), 4) == Num(0)


def test_values_that_are_zero_as_far_as_anyone_sees_are_zero_or_refused() -> None:
    little = Fraction(1, 10**950)
    assert rounded(-little, little, 4) == Num(0)
    with pytest.raises(DomainError, match="below 10"):
        rounded(Fraction(1, 10**1001), Fraction(2, 10**1001), 4)
