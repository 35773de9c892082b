"""Laws of powers and roots, where they hold: random expressions against mpmath, at points of both signs.

(xy)ᵃ is xᵃyᵃ and (xᵃ)ᵇ is xᵃᵇ only where the parts have values; √(x²) is |x|. A form may have a value where
the expression has none, never the other way round, and never another one.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from helpers import close, mpf, number_of, slope, value

import symdiff as sd
from symdiff.algebra.tidy import constant, tidy
from symdiff.derivation.closed_form import closed_form, shortest
from symdiff.derivation.compact_form import compact_form
from symdiff.errors import InputError
from symdiff.language.program import parse_expression

NUMBERS = [Fraction(n, d) for n, d in [(3, 2), (-5, 7), (2, 1), (1, 1), (-1, 1), (0, 1)]]
POINTS = [{"x": a, "y": b} for a in NUMBERS for b in NUMBERS]
ASIDE = [{"x": Fraction(a, 11), "y": Fraction(b, 13)} for a in (17, -8, 5) for b in (19, -4, 7, -21)]
"""Points at which no two names or numbers are equal, so that a root of a square has a slope."""
_EXPONENTS = "2 3 -1 -2 0.5 (1/2) (1/3) (2/3) 1.5 -0.5 (-3/2) 0.25 0 1 4 y (y-1) x"
EXPONENTS = _EXPONENTS.split()

_LAWS = """
    sqrt(x)**0.5 sqrt(x)**1.5 sqrt(x)**-1.5 sqrt(x*y)**0.5*sqrt(x*y) sqrt(x)**3 sqrt(x)**-2.5*x
    sqrt(sqrt(x))**1.5 (x**2)**0.5 (x**2)**1.5/x (x**3)**(1/3) (x**0.5)**2 (x**-2)**-0.5 sqrt(x**2)
    sqrt(x**2)*x sqrt(x)*sqrt(y) sqrt(x*y) sqrt(x*y)*sqrt(y) sqrt(x/y)*sqrt(y) (x*y)**0.5
    (x*y)**0.5*x**0.5 (-x)**0.5*(-x)**1.5 (-x)**2*x**-1 (-x)**3/x (-2*x)**0.5 (-x-y)**0.5 (-x-y)**3
    ((x-y)**2)**0.5 exp(log(x)) log(exp(x)) log(x*y) log(x**2) log(x)+log(y) abs(x)*abs(x) abs(x)**3/x
    abs(x)/x abs(-x) x**x x**x*x x*x**(y-1) x**y*x**-y x**y/x (x**y)**2 (x**y)**y (x**2)**y x**0 0**x
    (x-x)**0 x**0*y x**(1/2)*x**(1/2) x**(1/3)*x**(2/3) exp(x)**0.5 exp(x)**y exp(x)*exp(-x) (2**x)**2
    2**0.5*2**0.5 sqrt(x)**y*sqrt(x)**3 sqrt(exp(y))**2 sqrt(4*x)**3 sqrt(x**2+y)**5/sqrt(x**2+y)
"""
LAWS = _LAWS.split()


def random_power(rng: random.Random, depth: int) -> str:
    """An expression of powers, roots, products and quotients, a few functions among them."""
    if not depth:
        return rng.choice(["x", "y", "x", "y", "2", "0.5", "-x"])
    inner = random_power(rng, depth - 1)
    kind = rng.random()
    if kind < 0.35:
        return f"({inner})**{rng.choice(EXPONENTS)}"
    if kind < 0.5:
        return f"sqrt({inner})"
    if kind < 0.6:
        return f"{rng.choice(['exp', 'log', 'abs'])}({inner})"
    return f"({inner} {rng.choice('***/+')} {random_power(rng, depth - 1)})"


def random_powers(count: int) -> list[str]:
    rng, found = random.Random(14), list[str]()
    while len(found) < count:
        text = random_power(rng, rng.choice([2, 3, 4]))
        if "x" in text and len(text) < 100:
            found.append(text)
    return found


def known(text: object, point: dict[str, Any]) -> Any:
    """The value of a text, None where it has none or an immense one."""
    try:
        found = value(text, point)
    except (ValueError, ZeroDivisionError, OverflowError, TypeError):
        return None
    return found if abs(found) < 10**12 else None


def agrees(form: object, source: str, point: dict[str, Any]) -> bool:
    expected = known(source, point)
    found = None if expected is None else known(form, point)
    return expected is None or (found is not None and close(found, expected, 20))


@pytest.mark.parametrize("source", LAWS)
def test_a_law_is_used_only_where_it_holds(source: str) -> None:
    form = tidy(parse_expression(source))
    for written in dict.fromkeys((form, shortest(form))):
        for point in POINTS:
            assert agrees(written, source, point), (written, point)


def test_random_powers_keep_their_values() -> None:
    rng = random.Random(15)
    for source in random_powers(200):
        form = tidy(parse_expression(source))
        for written in dict.fromkeys((form, shortest(form))):
            for point in rng.sample(POINTS, 10):
                assert agrees(written, source, point), (source, written, point)


def slopes(source: str, point: dict[str, Any], name: str) -> Any:
    """The slope of a text, None where it is not defined around the point or immense."""
    try:
        found = slope(source, point, name)
    except (ValueError, ZeroDivisionError, OverflowError, TypeError):
        return None
    return found if abs(found) < 10**6 else None


def test_derivatives_of_random_powers_are_true_in_every_form_handed_out() -> None:
    rng, compared = random.Random(16), 0
    for source in [*LAWS, *random_powers(60)]:
        try:
            tape = sd.trace(f"result_0 = {source}")
        except InputError:
            continue
        d = sd.reverse(tape)
        for name, line in d.results.items():
            closed = closed_form(tape, line)
            compact = None if closed is None else compact_form(tape, closed)
            for point in rng.sample(ASIDE, 2):
                expected, result = slopes(source, point, name), known(source, point)
                if expected is None or not result:
                    continue  # the slope of 0ˣ is 0ˣ·ln 0, which has no value
                compared += 1
                for form in (closed, None if compact is None else compact.form):
                    if form is not None:
                        found = known(form, {**point, "result_0": result})
                        assert found is not None, (source, name, form, point)
                        assert close(found, expected, 10), (source, name, form, point)
                handed_out = number_of(d.gradient[name], point)
                assert handed_out is None or close(handed_out, expected, 10), (source, name, point)
    assert compared > 100


@pytest.mark.parametrize(("x", "expected"), [((1, 16), (2, 1)), ((1, 1), (1, 4)), ((81, 1), (1, 108))])
def test_the_derivative_of_a_root_of_a_root(x: tuple[int, int], expected: tuple[int, int]) -> None:
    """√x to the power 1/2 has the slope ¼·x^(−3/4)."""
    d = sd.reverse(sd.trace("sqrt(x)**0.5", inputs=("x",)))
    assert close(number_of(d.gradient["x"], {"x": Fraction(*x)}), mpf(Fraction(*expected)), 30)


@pytest.mark.parametrize("floors", [3, 4, 5, 24, 400])
def test_a_tower_of_powers_takes_a_step_for_each_of_its_floors(floors: int) -> None:
    """With two walks at each floor 24 floors would not end; with recursion 400 would be too deep."""
    tower = "**".join(["2"] * floors)
    line = sd.reverse(sd.trace(f"{tower}*x")).results["x"]
    assert str(line.local) == {3: "16", 4: "65536"}.get(floors, tower)
    assert (constant(tidy(parse_expression(tower))) is None) == (floors > 4)
