"""Polynomials and their quotients: true, in lowest terms, written in one order, and never too large."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise, permutations
from math import prod

import pytest
import sympy

from symdiff.algebra.polynomials import Polynomial, PolynomialRing, in_order
from symdiff.algebra.quotients import NotRationalError, Quotient

RING = PolynomialRing(3)
LETTERS = tuple(map(Quotient, RING.letters))


def number(value: int | Fraction) -> Quotient:
    return Quotient(RING.number(value))


def at(polynomial: Polynomial, point: tuple[Fraction, ...]) -> Fraction:
    return sum(
        (c * prod((x**k for x, k in zip(point, monom, strict=True)), start=Fraction(1)))
        for monom, c in polynomial.terms()
    ) + Fraction(0)


def random_pair(rng: random.Random, depth: int) -> tuple[Quotient, str]:
    """A quotient and the same as Python text in x, y, z."""
    if not depth:
        if rng.random() < 0.3:
            value = Fraction(rng.randint(-6, 6), rng.randint(1, 4))
            return number(value), f"Fraction({value.numerator}, {value.denominator})"
        place = rng.randrange(3)
        return LETTERS[place], "xyz"[place]
    one, first = random_pair(rng, depth - 1)
    if rng.random() < 0.2:
        exponent = rng.choice([-2, 2, 3])
        return one**exponent, f"({first})**{exponent}"
    other, second = random_pair(rng, depth - 1)
    sign = rng.choice("+-*/")
    found = {"+": one.__add__, "-": one.__sub__, "*": one.__mul__, "/": one.__truediv__}[sign](other)
    return found, f"({first}) {sign} ({second})"


def pairs(count: int, depth: int) -> list[tuple[Quotient, str]]:
    rng, found = random.Random(14), list[tuple[Quotient, str]]()
    while len(found) < count:
        try:
            found.append(random_pair(rng, depth))
        except NotRationalError:
            continue
    return found


def test_quotients_have_the_values_of_python_fractions() -> None:
    compared = 0
    for quotient, text in pairs(150, 3):
        for point in (
            (Fraction(3, 7), Fraction(-5, 2), Fraction(11, 3)),
            (Fraction(-2, 9), *[Fraction(7, 5)] * 2),
        ):
            try:
                value = eval(text, {"Fraction": Fraction}, dict(zip("xyz", point, strict=True)))
            except ZeroDivisionError:
                continue
            compared += 1
            assert at(quotient.numerator, point) == value * at(quotient.denominator, point), text
    assert compared > 200


def test_quotients_are_in_lowest_terms_and_equal_ones_are_one() -> None:
    letters = sympy.symbols("x y z")
    for quotient, text in pairs(60, 3):
        over, under = (
            sympy.Add(*(sympy.Rational(c) * sympy.prod(map(pow, letters, m)) for m, c in p.terms()))
            for p in (quotient.numerator, quotient.denominator)
        )
        assert sympy.gcd(over, under) in (1, -1), text
        coefficients = [c for p in (quotient.numerator, quotient.denominator) for _, c in p.terms()]
        assert all(c.denominator == 1 for c in coefficients)
        assert next(iter(quotient.denominator.terms()))[1] > 0
        changed = (quotient * LETTERS[0] + LETTERS[1] * quotient) / (LETTERS[0] + LETTERS[1])
        assert changed == quotient
        assert hash(changed) == hash(quotient)


@pytest.mark.parametrize("exponent", [0, -1])
def test_zero_to_a_power_that_is_not_positive_is_no_quotient(exponent: int) -> None:
    with pytest.raises(NotRationalError):
        number(0) ** exponent


def test_a_division_by_what_cancels_to_zero_is_refused() -> None:
    x, y, _ = LETTERS
    with pytest.raises(NotRationalError):
        number(1) / (x * y - y * x)


def factors() -> list[Quotient]:
    x, y, z = LETTERS
    one = number(1)
    ends = [x, x - one, x + one, x + y, x - y, x + z, x * y + one, y + z, x**2 + y]
    return [*ends, number(2) * x + number(3)]


def test_factors_come_in_one_order_however_they_were_multiplied() -> None:
    rng, parts, seen = random.Random(3), factors(), set()
    for _ in range(6):
        rng.shuffle(parts)
        whole = prod(parts, start=number(Fraction(-3, 2)))
        constant, found = whole.numerator.factors()
        assert constant == -3
        assert {part for part, _ in found} == {part.numerator for part in parts}
        seen.add(tuple(str(list(part.terms())) for part, _ in found))
    assert len(seen) == 1


def test_no_two_factors_share_a_place_in_the_order() -> None:
    letters = [letter.numerator for letter in LETTERS]
    several = [letters[0] + part for part in (letters[1], letters[2], RING.one, RING.number(-1))]
    orders = {tuple(in_order(dict.fromkeys(order, 1))) for order in permutations(several)}
    assert len(orders) == 1


def test_what_would_be_too_long_is_refused_before_it_is_multiplied_out() -> None:
    ring = PolynomialRing(12)
    whole = sum(map(Quotient, ring.letters), Quotient(ring.zero))
    assert len((whole**2).numerator) == 78
    with pytest.raises(NotRationalError):
        whole**12
    with pytest.raises(NotRationalError):
        sum((Quotient(u + v) ** -1 for u, v in pairwise(ring.letters)), Quotient(ring.zero))
