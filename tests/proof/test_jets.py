"""Jets against central differences, row by row and operand by operand: two engines that watch each other."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from array_helpers import array, same, shape_of, to_package
from flint import arb
from helpers import M, close, exact, mpf
from test_array_rules import CASES, ENTRYWISE, KINDS, SIZES, SPREAD, Bench, leaves_of
from test_array_rules import ROWS as ARRAY_ROWS
from test_rules import RULES as NUMBER_ROWS
from test_rules import arity, domain

from symdiff.expr.tree import Sym
from symdiff.proof.balls import Balls
from symdiff.proof.jets import Jet
from symdiff.proof.values import evaluate
from symdiff.rules.arrays import Array, as_array

BALLS = Balls()
STEP = M.mpf(10) ** -10


def difference(rule: Any, at: list[Any], place: int) -> Any:
    """The slope in one argument by one central difference of four values, good to about 35 digits."""

    def moved(k: int) -> Any:
        return rule.value(M, *at[:place], at[place] + k * STEP, *at[place + 1 :])

    return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * STEP)


def slopes(value: Any, count: int) -> list[Any]:
    """The slopes of a jet, or of a number that none of the arguments moves, in 50 digits."""
    found = value.slopes if isinstance(value, Jet) else {}
    return [mpf(found.get(way, arb(0))) for way in range(count)]


@pytest.mark.parametrize("is_exact", [False, True], ids=["balls", "fractions"])
@pytest.mark.parametrize("name", [name for name, row in NUMBER_ROWS.items() if arity(row)])
def test_every_row_on_numbers(name: str, is_exact: bool) -> None:
    rule, m, tried = NUMBER_ROWS[name], Balls(exact=is_exact), 0
    for at in list(domain(rule))[::3]:
        numbers = [Fraction(M.nstr(u, 20)) for u in at]
        with m:
            jets = [Jet(m.number(u), {way: m.one}) for way, u in enumerate(numbers)]
            found = rule.value(m, *jets)
        true = [difference(rule, at, place) for place in range(len(at))]
        assert all(close(a, b, 25) for a, b in zip(slopes(found, len(at)), true, strict=True)), (name, at)
        value = found.value if isinstance(found, Jet) else found
        assert close(mpf(value), rule.value(M, *at), 40)
        tried += 1
    assert tried


@pytest.mark.parametrize("name", [name for name, row in NUMBER_ROWS.items() if arity(row) == 2])
def test_one_moved_argument_beside_one_that_stands_still(name: str) -> None:
    rule, m = NUMBER_ROWS[name], BALLS
    for at in list(domain(rule))[1::7]:
        numbers = [m.number(exact(u)) for u in at]
        for place in range(2):
            with m:
                jets = [Jet(u, {5: m.one}) if i == place else u for i, u in enumerate(numbers)]
                found = rule.value(m, *jets)
            slope = found.slopes.get(5, arb(0)) if isinstance(found, Jet) else arb(0)
            assert close(mpf(slope), difference(rule, at, place), 25)


def table(bench: Bench, moved: Sym) -> Any:
    """∂w/∂u of a row on arrays by jets in the place of one argument, as `Bench.measured` has it."""
    at = {name: to_package(BALLS, value) for name, value in bench.at.items()}
    start = at[moved.name]
    entries = start.entries if isinstance(start, Array) else [start]
    with BALLS:
        jets = [Jet(entry, {way: BALLS.one}) for way, entry in enumerate(entries)]
        at[moved.name] = as_array(jets, shape_of(start))
        found = evaluate(BALLS, bench.whole, {}, leaves_of(at, bench.sizes))
    rows = found.entries if isinstance(found, Array) else [found]
    return np.array([slopes(row, len(entries)) for row in rows], dtype=object)


def wrong(bench: Bench) -> list[str]:
    return [str(arg) for _, arg in bench.variables if not same(table(bench, arg), bench.measured(arg))]


@pytest.mark.parametrize("name", ARRAY_ROWS)
def test_every_row_on_arrays(name: str) -> None:
    for case in CASES[name]:
        for sizes in SIZES[:3]:
            bench = Bench(ARRAY_ROWS[name], case, sizes, KINDS.get(name, ""))
            assert wrong(bench) == [], (case, sizes)


@pytest.mark.parametrize("name", [name for name, row in ENTRYWISE.items() if row.op.arity in (1, 2)])
def test_functions_of_numbers_entry_by_entry(name: str) -> None:
    pairs = [(("m", "n"),)] if ENTRYWISE[name].op.arity == 1 else [(one, ("m", "n")) for one in SPREAD]
    for case in [*pairs, *(pair[::-1] for pair in pairs)]:
        bench = Bench(ENTRYWISE[name], case, SIZES[0], "above" if name == "acosh" else "positive")
        assert wrong(bench) == [], case


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("name", ["det", "logdet", "inv"])
def test_large_matrices(name: str, size: int) -> None:
    """By the formulas of the adjugate: ∂det = det·A⁻ᵀ, ∂(A⁻¹)ᵢⱼ/∂Aₖₗ = −(A⁻¹)ᵢₖ(A⁻¹)ₗⱼ."""
    rng, places = random.Random(size), [(i, j) for i in range(size) for j in range(size)]
    a = array([M.mpf(rng.randrange(-99, 99)) / 50 + 9 * (i == j) for i, j in places], (size, size))
    inverse, det = M.inverse(M.matrix(a.tolist())), M.det(M.matrix(a.tolist()))
    with BALLS:
        jets = [Jet(x, {way: BALLS.one}) for way, x in enumerate(to_package(BALLS, a).entries)]
        found = ARRAY_ROWS[name].value(BALLS, Array(jets, a.shape))
    if name == "inv":
        for (i, j), entry in zip(places, found.entries, strict=True):
            true = [-inverse[i, k] * inverse[n, j] for k, n in places]
            assert all(close(x, y, 35) for x, y in zip(slopes(entry, size * size), true, strict=True))
        return
    factor = det if name == "det" else 1
    true = [factor * inverse[j, i] for i, j in places]
    scale = max(map(abs, true))
    assert all(close(x / scale, y / scale, 35) for x, y in zip(slopes(found, size * size), true, strict=True))


def test_the_determinant_has_slopes_where_the_matrix_is_singular() -> None:
    m = Balls(exact=True)
    for rows, cofactors in (
        ([[1, 2], [2, 4]], [4, -2, -2, 1]),
        ([[0, 0], [0, 0]], [0, 0, 0, 0]),
        ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [-3, 6, -3, 6, -12, 6, -3, 6, -3]),
    ):
        numbers = [x for row in rows for x in row]
        entries = [Jet(m.number(x), {way: m.one}) for way, x in enumerate(numbers)]
        with m:
            found = ARRAY_ROWS["det"].value(m, Array(entries, (len(rows), len(rows))))
        assert found.value == 0
        assert [int(mpf(x)) for x in slopes(found, len(cofactors))] == cofactors
