"""Balls: no branch on a guess, nothing said of what is no number, and FLINT's precision left as it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from fractions import Fraction
from typing import Any

import flint
import pytest
from flint import arb
from helpers import close, mpf

import symdiff as sd
from symdiff.errors import DomainError
from symdiff.proof.agreement import is_agreed
from symdiff.proof.balls import MOST_BITS, Balls, Undecided
from symdiff.proof.jets import Jet
from symdiff.proof.model import Model
from symdiff.rules.arrays import Array
from symdiff.rules.table import RULES

KINKED = {name: row for name, row in RULES.items() if row.kink is not None}
COMPARED = ("<", "<=", ">", ">=", "==", "!=")
WIDTHS = (Fraction(1, 4), Fraction(1, 10**12), Fraction(1, 10**50))


def around(m: Balls, middle: Any, radius: Fraction) -> Any:
    """A ball with a radius of its own."""
    with m:
        return arb(m.number(Fraction(middle)).mid(), arb(m.number(radius)).mid())


TIED = ("max_of", "min_of", "max_across", "min_across", "std", "std_across")
"""Rows with a kink where entries are equal."""
LENGTHS = ("norm", "norm_across", "std", "std_across")
"""Rows that are a square root, of 0 at the kink."""


def arguments(m: Balls, name: str, ball: Any) -> list[Any]:
    """Arguments of a row, the ball across its kink."""
    if RULES[name].maps is not None:
        shape = (1, 2) if name.endswith("_across") else (2,)
        return [Array([ball, m.zero if name in TIED else ball], shape)]
    return [ball] if RULES[name].op.arity == 1 else [ball, m.zero]


def middles(arg: Any) -> Any:
    """An argument without its radii."""
    return Array([x.mid() for x in arg.entries], arg.shape) if isinstance(arg, Array) else arg.mid()


def only_entry(value: Any) -> Any:
    return value.entries[0] if isinstance(value, Array) else value


def jets(args: list[Any]) -> list[Any]:
    """The same arguments, each entry moved in a direction of its own."""

    def moved(value: Any, way: int) -> Any:
        if isinstance(value, Array):
            return Array([moved(entry, way + i) for i, entry in enumerate(value.entries)], value.shape)
        return Jet(value, {way: arb(1)})

    return [moved(arg, 2 * place) for place, arg in enumerate(args)]


def test_every_row_with_a_kink_is_tried_here() -> None:
    of_numbers = {"relu", "abs", "sign", "max", "min", "positive", "greater", *COMPARED}
    assert {*KINKED} == {*of_numbers, *TIED, *LENGTHS, "norm1"}


@pytest.mark.parametrize("radius", WIDTHS, ids=str)
@pytest.mark.parametrize("name", KINKED)
def test_across_a_kink_no_branch_is_taken(name: str, radius: Fraction) -> None:
    """A root of what may be zero has no finite slope there, which is another word for the same."""
    m = Balls()
    refusals = (Undecided, DomainError) if name in LENGTHS else Undecided
    for middle in (Fraction(0), radius / 2, -radius / 3):
        args = arguments(m, name, around(m, middle, radius))
        with m, pytest.raises(refusals):
            m.checked(KINKED[name].value(m, *args))
        with m, pytest.raises(refusals):
            KINKED[name].value(m, *jets(args))


@pytest.mark.parametrize("name", [name for name in KINKED if name not in LENGTHS])
def test_beside_a_kink_the_branch_is_that_of_the_number(name: str) -> None:
    m, radius = Balls(), Fraction(1, 10**12)
    for middle in (Fraction(2, 10**12), Fraction(-2, 10**12)):
        args = arguments(m, name, around(m, middle, radius))
        with m:
            found = only_entry(KINKED[name].value(m, *args))
            exact = only_entry(KINKED[name].value(m, *map(middles, args)))
        assert close(mpf(found), mpf(exact), 11)
        assert found.contains(arb(0)) == (exact == 0)


@pytest.mark.parametrize("name", ["sigmoid", "softplus"])
@pytest.mark.parametrize("radius", WIDTHS, ids=str)
def test_ways_to_compute_the_same_are_chosen_without_a_branch(name: str, radius: Fraction) -> None:
    """Of values, and of jets, whichever side the middle of the ball is on."""
    m = Balls()
    for middle in (Fraction(0), radius / 2, -radius / 2):
        ball = around(m, middle, radius)
        with m:
            found, jet = RULES[name].value(m, ball), RULES[name].value(m, Jet(ball, {0: arb(1)}))
            for at in (middle, middle + radius, middle - radius):
                true = RULES[name].value(m, m.number(at))
                assert found.overlaps(true)
                assert jet.value.overlaps(true)
                power = m.exp(m.number(at))
                slope = power / (1 + power) ** 2 if name == "sigmoid" else power / (1 + power)
                assert jet.slopes[0].overlaps(slope)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@pytest.mark.parametrize("radius", WIDTHS, ids=str)
def test_the_largest_entry_need_not_be_known(name: str, radius: Fraction) -> None:
    m = Balls()
    balls = [around(m, middle, radius) for middle in (Fraction(0), radius / 2, -radius / 2)]
    with m:
        whole = RULES[name].value(m, Array(balls, (3,)))
        powers = [m.exp(m.number(0)), m.exp(m.number(radius)), m.exp(m.number(-radius))]
        total = m.fsum(powers)
        true = {
            "softmax": [power / total for power in powers],
            "log_softmax": [m.log(power / total) for power in powers],
            "logsumexp": [m.log(total)],
        }[name]
        for ball, number in zip(whole.entries if name != "logsumexp" else [whole], true, strict=True):
            assert ball.overlaps(number)


def test_what_is_no_number_agrees_with_nothing() -> None:
    one = arb(1)
    for other in (arb("nan"), arb("inf"), arb("-inf"), arb(0, "inf")):
        for pair in ((one, other), (other, one)):
            agreed = False
            with suppress(Exception):
                agreed = is_agreed(*pair)
            assert not agreed, pair
        with pytest.raises(DomainError):
            Balls().checked(other)


@pytest.mark.parametrize(
    ("name", "at"),
    [("exp", 3000), ("exp", 10**30), ("log", 0), ("log", -1), ("sqrt", -1), ("acosh", 0), ("atanh", 1)],
)
def test_values_beyond_all_bounds_are_refused(name: str, at: int) -> None:
    m = Balls()
    with m, pytest.raises(DomainError):
        m.checked(RULES[name].value(m, m.number(at)))


def test_fractions_stay_exact_and_roots_of_squares_too() -> None:
    m = Balls(exact=True)
    third = m.number(Fraction(1, 3))
    for found, true in (
        (third * 3 - 1, 0),
        (m.sqrt(m.number(Fraction(4, 9))) * 3, 2),
        (m.power(third, m.number(-2)), 9),
        (m.sign(third - m.number(Fraction(1, 3))), 0),
        (m.greater(third, third) * 2, 1),
        (m.det([[third, m.one], [m.one, m.number(3)]]), 0),
    ):
        assert found == true


def test_bits_double_and_end() -> None:
    m = Balls()
    while m.bits < MOST_BITS // 2:
        bits, m = m.bits, m.sharper
        assert m.bits == 2 * bits
    with pytest.raises(Undecided):
        _ = Balls(MOST_BITS).sharper


# ------------------------------------------------------------------ FLINT's precision


def test_flints_precision_is_what_it_was_after_a_proof() -> None:
    for before in (53, 77, 300):
        flint.ctx.prec = before
        try:
            sd.render(sd.reverse(sd.trace("sin(x)*y")), "text", at={"x": 1, "y": 2})
            assert flint.ctx.prec == before
        finally:
            flint.ctx.prec = 53


@pytest.mark.parametrize("source", ["log(-x**2 - 1)", "asin(2 + x**2)", "sqrt(-1 - x**2)*y"])
def test_flints_precision_is_what_it_was_after_an_error(source: str) -> None:
    before = flint.ctx.prec
    with pytest.raises(sd.DomainError):
        sd.render(sd.reverse(sd.trace(source)), "text")
    assert flint.ctx.prec == before


def test_flints_precision_is_what_it_was_after_what_is_undecided() -> None:
    before = flint.ctx.prec
    with pytest.raises(Undecided), Balls(400):
        raise Undecided
    assert flint.ctx.prec == before


def test_calls_are_nested() -> None:
    before = flint.ctx.prec
    with Balls(100) as outer:
        with outer.sharper:
            assert flint.ctx.prec == 200
            with outer:
                assert flint.ctx.prec == 100
        assert flint.ctx.prec == 100
    assert flint.ctx.prec == before


def test_threads_compute_in_their_own_bits() -> None:
    """Values at different bits in many threads are those that one thread finds."""
    before = flint.ctx.prec
    tape = sd.trace("sin(x)*exp(x)/(1 + x**2)")
    point = {"x": Fraction(3, 7)}
    bits = [200, 400, 800, 1600] * 6

    def width(of: int) -> int:
        model = Model(tape, point, Balls(of))
        return int(model.adjoints[tape.variables["x"]].rel_accuracy_bits())

    alone = list(map(width, bits))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(width, bits)) == alone
    assert all(of - 40 < found <= of for of, found in zip(bits, alone, strict=True))
    assert flint.ctx.prec == before
