"""Cases, indicators, masks and Γ: values and slopes in both modes against mpmath, at kinks too."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from helpers import FUNCTIONS, M, close, mpf, slope, value

import symdiff as sd
from symdiff.codegen import emit
from symdiff.derivation.closed_form import unfolded
from symdiff.derivation.sweeps import forward, reverse
from symdiff.exercises.problem import Problem
from symdiff.expr.tree import Num, Sym
from symdiff.language.named_formulas import NAMED
from symdiff.language.program import parse_program
from symdiff.proof.balls import Balls
from symdiff.rules import array_values
from symdiff.rules.table import RULES
from symdiff.tape.tracing import trace_of_result

CASES = (
    "x if x > 0 else a*(exp(x) - 1)",
    "0.5*(y - t)**2 if abs(y - t) <= d else d*(abs(y - t) - d/2)",
    "x*(x > 0) + y*(x <= y)*x**2",
    "x**2 if 0 < x < 1 else y*x if x >= 1 else sin(x)",
    "(x if x > y else y**2)*exp(x) + (x >= 1)*y",
    "where(x > 0 and y > 0 or x < -1, x*y, x - y)",
    "where(x != y, x**3, y)/(1 + where(x == y, 1, x**2))",
    "exp(where(x > y, where(y > 0, x*y, x), where(x > 0, y, x - y)))",
)


MODES = {"forward": forward, "reverse": reverse}


def derivatives(text: str, mode: str = "reverse") -> dict[str, Any]:
    """The derivative by each input, in the inputs, as the sweeps leave it."""
    program = parse_program(text)
    tape = trace_of_result(program.definitions, program.inputs)
    found = MODES[mode](tape)
    return {name.name: unfolded(found, found.results[name.name]) for _, name in tape.inputs}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", CASES)
def test_gradients_are_those_of_differences_in_every_case(text: str, mode: str) -> None:
    rng = random.Random(text)
    source = parse_program(text).definitions[-1][1]
    derived = derivatives(text, mode)
    for _ in range(8):
        point = {name: Fraction(rng.randrange(-2993, 2993), 997) for name in derived}
        for name, found in derived.items():
            assert close(value(found, point), slope(source, point, name), 20), (point, name)


@pytest.mark.parametrize(
    ("text", "point", "wanted"),
    [
        ("x if x > 0 else a*(exp(x) - 1)", {"x": 0, "a": 2}, {"x": 2, "a": 0}),
        ("x if x >= 0 else a*(exp(x) - 1)", {"x": 0, "a": 2}, {"x": 1, "a": 0}),
        ("r**2 if abs(r) <= d else d*r", {"r": 1, "d": 1}, {"r": 2, "d": 0}),
        ("r**2 if abs(r) < d else d*r", {"r": 1, "d": 1}, {"r": 1, "d": 1}),
        ("where(x == 0, 3*x, x**2)", {"x": 0}, {"x": 3}),
        ("x*(x > 0)", {"x": 0}, {"x": 0}),
        ("x*(x >= 0)", {"x": 0}, {"x": 1}),
    ],
)
def test_at_a_boundary_the_case_counts_that_the_condition_picks(
    text: str, point: dict[str, Any], wanted: dict[str, int]
) -> None:
    for name, number in wanted.items():
        assert value(derivatives(text, "reverse")[name], point) == number
        assert value(derivatives(text, "forward")[name], point) == number
    assert "kink.here" in _keys(sd.solve(Problem("", parse_program(text)), "reverse", at=point))


def _keys(solution: Any) -> set[str]:
    blocks = solution.document.blocks
    return {block.text.key for block in blocks if hasattr(block, "text")}


NUMBERS = {"p": (Fraction(1, 10), Fraction(9, 10)), "lo": (-1, 0), "hi": (1, 2), "alpha": (1, 2)}


@pytest.mark.parametrize("name", NAMED)
def test_named_formulas_have_the_slopes_of_differences(name: str) -> None:
    words = [word for word, given in NAMED[name].parameters.items() if not given]
    text = f"{name}({', '.join(words)})"
    source = parse_program(text).definitions[-1][1]
    rng = random.Random(name)
    derived = derivatives(text)
    checked = 0
    for _ in range(24):
        point = {}
        for word in words:
            low, high = NUMBERS.get(word, (-3, 3))
            point[word] = low + (high - low) * Fraction(rng.randrange(1, 997), 997)
        try:
            wanted = {word: slope(source, point, word) for word in words}
        except ValueError:
            continue
        for word in words:
            assert close(value(derived[word], point), wanted[word], 20), (point, word)
        checked += 1
    assert checked >= 4


TRUE: dict[str, Any] = {
    "log1p": M.log1p,
    "expm1": M.expm1,
    "hypot": M.hypot,
    "sech": M.sech,
    "csch": M.csch,
    "coth": M.coth,
    "erfc": M.erfc,
    "trigamma": lambda u: M.polygamma(1, u),
    "gelu": lambda u: u * M.ncdf(u),
    "silu": lambda u: u / (1 + M.exp(-u)),
    "mish": lambda u: u * M.tanh(M.log(1 + M.exp(u))),
    "elu": lambda u: u if u > 0 else M.expm1(u),
    "leaky_relu": lambda u: u if u > 0 else u / 100,
    "huber": lambda u: u**2 / 2 if abs(u) <= 1 else abs(u) - M.mpf(1) / 2,
    "hardtanh": lambda u: M.mpf(min(max(u, -1), 1)),
    "softsign": lambda u: u / (1 + abs(u)),
    "logsigmoid": lambda u: -M.log(1 + M.exp(-u)),
    "hardswish": lambda u: u * min(max(u + 3, 0), 6) / 6,
    "logaddexp": lambda u, v: M.log(M.exp(u) + M.exp(v)),
}


@pytest.mark.parametrize("name", TRUE)
def test_named_formulas_are_what_their_names_say(name: str) -> None:
    words = [word for word, given in NAMED[name].parameters.items() if not given]
    source = parse_program(f"{name}({', '.join(words)})").definitions[-1][1]
    for numbers in (("1.3", "0.4"), ("0.2", "2.5"), ("4", "3"), ("-0.7", "1.1"), ("-2.5", "-3.5")):
        given = dict(zip(words, map(M.mpf, numbers), strict=False))
        wanted = TRUE[name](*given.values())
        assert isinstance(wanted, M.mpc) or close(value(source, given), wanted, 40), given


def test_polygamma_is_the_derivative_of_the_order_before() -> None:
    row = RULES["polygamma"]
    slopes = row.slopes(Sym("w"), Num(2), Sym("u")) if row.slopes else ()
    assert slopes[0] is None
    assert str(slopes[1]) == "polygamma(3, u)"
    for order in (0, 1, 2, 5):
        for u in (Fraction(1, 3), Fraction(7, 2), Fraction(-5, 4), Fraction(-21, 2)):
            with Balls(200) as m:
                found = mpf(m.polygamma(order, m.number(u)))
            assert close(found, M.polygamma(order, mpf(u)), 35), (order, u)


def test_angles_in_all_quadrants() -> None:
    for y, x in ((1, 2), (3, 1), (3, -1), (1, -3), (-1, -3), (-3, -1), (-3, 1), (0, 2), (2, 0), (-2, 0)):
        point = {"y": Fraction(y), "x": Fraction(x)}
        for name, wanted in (("y", x), ("x", -y)):
            found = value(derivatives("atan2(y, x)")[name], point)
            assert close(found, M.mpf(wanted) / (x * x + y * y), 40)
        with Balls(200) as m:
            assert close(mpf(m.atan2(m.number(y), m.number(x))), FUNCTIONS["atan2"](y, x), 40)


def _attention(x: Any, mask: Any) -> Any:
    """softmax of each row, entries where the mask fails left out, in doubles."""
    powers = np.where(mask > 0, np.exp(x), 0.0)
    return powers / powers.sum(axis=1, keepdims=True)


def test_a_masked_softmax_is_that_of_the_entries_that_count() -> None:
    shapes = dict.fromkeys("SMC", (3, 3))
    program = parse_program("P = softmax(where(M > 0, S, -inf))\ny = sum(C*P)", None, shapes)
    rng = np.random.default_rng(5)
    scores, weights = rng.normal(size=(2, 3, 3))
    mask = np.tril(np.ones((3, 3)))
    code: dict[str, Any] = {}
    exec(emit(Problem("masked", program)), code)
    found, gradients = code["value_and_gradients"](S=scores, M=mask, C=weights)
    assert np.allclose(found, (weights * _attention(scores, mask)).sum())
    for i, j in np.ndindex(3, 3):
        step = np.zeros((3, 3))
        step[i, j] = 1e-6
        up, down = ((weights * _attention(scores + s * step, mask)).sum() for s in (1, -1))
        assert abs(gradients["S"][i, j] - (up - down) / 2e-6) < 1e-8
    assert gradients["S"][0, 1] == 0


def test_triangles_of_ones_are_those_of_numpy() -> None:
    with Balls(64, exact=True) as m:
        for shape in ((3, 3), (2, 4), (4, 2)):
            for what, index in itertools.product(("tril", "triu"), (-2, -1, 0, 1, 3)):
                found = [float(x.p) for x in array_values.filled(m, what, shape, index).entries]
                wanted = getattr(np, what)(np.ones(shape), index)
                assert found == list(wanted.flat), (what, shape, index)


CAUSAL = {"S": ("n", "n"), "C": ("n", "n")}


def test_a_causal_softmax_and_its_gradient_are_those_of_differences() -> None:
    program = parse_program("y = sum(C*softmax(where(tril(ones(n, n)), S, -inf)))", None, CAUSAL)
    code: dict[str, Any] = {}
    exec(emit(Problem("causal", program)), code)
    rng = np.random.default_rng(7)
    scores, weights = rng.normal(size=(2, 4, 4))
    mask = np.tril(np.ones((4, 4)))
    found, gradients = code["value_and_gradients"](C=weights, S=scores)
    assert np.allclose(found, (weights * _attention(scores, mask)).sum())
    for i, j in np.ndindex(4, 4):
        step = np.zeros((4, 4))
        step[i, j] = 1e-6
        up, down = ((weights * _attention(scores + s * step, mask)).sum() for s in (1, -1))
        assert abs(gradients["S"][i, j] - (up - down) / 2e-6) < 1e-8
