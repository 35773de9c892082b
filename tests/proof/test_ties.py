"""Kinks reached exactly, zeros by cancellation, the saturated and the very large: all of it is decided."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

import symdiff as sd
from symdiff.api.solution import Solution, solve
from symdiff.exercises import read
from symdiff.exercises.problem import Problem
from symdiff.language.program import parse_program

Point = dict[str, Any]


def exact(value: Any) -> Any:
    """Decimal texts, also nested, as fractions."""
    return tuple(map(exact, value)) if isinstance(value, (list, tuple)) else Fraction(value)


def solved(source: str, at: Point | None = None, shapes: dict[str, Any] | None = None) -> Solution:
    problem = read(source) if shapes is None else Problem("own", parse_program(source, tuple(shapes), shapes))
    point = None if at is None else {name: exact(value) for name, value in at.items()}
    return solve(problem, "both" if shapes is None else "reverse", at=point)


def numbers(found: Solution) -> tuple[Any, dict[str, Any]]:
    """The value of the result and its derivatives, as the record has them."""
    record = json.loads(found.render("json"))
    return record["steps"][-1]["value"], {name: part["value"] for name, part in record["results"].items()}


@pytest.mark.parametrize("function", ["relu", "abs"])
@pytest.mark.parametrize(
    ("formula", "at"),
    [
        ("x*b - a", {"x": "1.9", "b": "8.7", "a": "16.53"}),
        ("x + b - a", {"x": "8.2", "b": "8.1", "a": "16.3"}),
        ("x/b - a", {"x": "0.7", "b": "0.3", "a": Fraction(7, 3)}),
        ("x**3 - a*b", {"x": "0.1", "a": "0.01", "b": "0.1"}),
        ("sqrt(x) - a*b", {"x": "0.49", "a": "1.4", "b": "0.5"}),
        ("(x + b)**2 - x**2 - 2*x*b - b*a", {"x": "0.3", "b": "1.7", "a": "1.7"}),
    ],
)
def test_at_a_kink_reached_exactly_the_derivatives_are_those_agreed(
    function: str, formula: str, at: Point
) -> None:
    found = solved(f"y = {function}({formula})", at)
    assert numbers(found) == (0, dict.fromkeys(at, 0))
    assert "e-" not in found.render("text")


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize(
    ("formula", "at", "slopes"),
    [
        ("x*3, a", {"x": "0.1", "a": "0.3"}, {"x": 1.5, "a": 0.5}),
        ("a, 7*x", {"x": "0.1", "a": "0.7"}, {"x": 3.5, "a": 0.5}),
        ("x + a, 0.3", {"x": "0.1", "a": "0.2"}, {"x": 0.5, "a": 0.5}),
    ],
)
def test_at_a_tie_each_counts_half(name: str, formula: str, at: Point, slopes: dict[str, float]) -> None:
    value, found = numbers(solved(f"y = {name}({formula})", at))
    assert found == slopes
    assert value == (0.7 if "7" in formula else 0.3)


@pytest.mark.parametrize("step", [Fraction(1, 10**k) for k in (20, 40, 60)], ids=str)
def test_beside_a_tie_the_side_is_that_of_the_point(step: Fraction) -> None:
    for sign in (1, -1):
        at = {"x": "1.9", "b": "8.7", "a": Fraction("16.53") - sign * step}
        value, slopes = numbers(solved("y = relu(x*b - a)", at))
        assert value == (float(step) if sign > 0 else 0)
        assert slopes == ({"x": 8.7, "b": 1.9, "a": -1} if sign > 0 else dict.fromkeys("xba", 0))


def test_arrays_reach_kinks_exactly_too() -> None:
    shapes = {"W": ("n", "m"), "x": ("m",), "b": ("n",)}
    at = {"W": [["1.9", "0"], ["1", "1"]], "x": ["8.7", "1"], "b": ["-16.53", "1"]}
    value, slopes = numbers(solved("y = sum(relu(W @ x + b))", at, shapes))
    assert value == 10.7
    assert slopes == {"W": [[0, 0], [8.7, 1]], "x": [1, 1], "b": [0, 1]}
    value, slopes = numbers(solved("y = sum(abs(W @ x + b))", at, shapes))
    assert (value, slopes["b"]) == (10.7, [0, 1])
    at = {"u": ["0.1", "0.2"], "v": ["0.3", "0.5"]}
    value, slopes = numbers(solved("y = sum(max(3*u, v))", at, {"u": ("n",), "v": ("n",)}))
    assert slopes == {"u": [1.5, 3], "v": [0.5, 0]}


NOTHING = ("sin(pi)", "sqrt(2)**2 - 2", "exp(log(3)) - 3", "cos(pi/2)", "sin(1)**2 + cos(1)**2 - 1")


@pytest.mark.parametrize("zero", NOTHING)
def test_constants_that_are_zero_by_cancellation(zero: str) -> None:
    assert solved(f"y = x*({zero}) + x").certificate.members
    assert numbers(solved(f"y = x*({zero}) + x**2", {"x": "3"})) == (9, {"x": 6})
    assert numbers(solved(f"y = x*({zero})", {"x": "3"})) == (0, {"x": 0})


@pytest.mark.parametrize("zero", NOTHING)
def test_a_kink_at_a_constant_that_is_zero(zero: str) -> None:
    assert numbers(solved(f"y = relu(x + ({zero}))", {"x": "0"})) == (0, {"x": 0})
    assert numbers(solved(f"y = max(x, {zero})", {"x": "0"})) == (0, {"x": 0.5})
    assert numbers(solved(f"y = abs(x - ({zero}))", {"x": "0.25"})) == (0.25, {"x": 1})


@pytest.mark.parametrize(
    ("source", "at", "value", "slope"),
    [
        ("y = tanh(200*x)", "1", 1, 1.5321356773712045e-171),
        ("y = tanh(-200*x)", "1", -1, -1.5321356773712045e-171),
        ("y = sigmoid(x)", "150", 1, 7.175095973164411e-66),
        ("y = sigmoid(x)", "-150", 7.175095973164411e-66, 7.175095973164411e-66),
        ("y = softplus(x)", "400", 400, 1),
        ("y = x**3", "0", 0, 0),
        ("y = x**2", "0", 0, 0),
        ("y = x**2*x", "0", 0, 0),
        ("y = sin(x)**3", "0", 0, 0),
        ("y = erf(30*x)", "1", 1, 0),
        ("y = x**20 - (x - 1/1000)**20", "0", -1e-60, 2e-56),
    ],
)
def test_the_saturated_and_the_vanishing(source: str, at: str, value: float, slope: float) -> None:
    found, slopes = numbers(solved(source, {"x": at}))
    assert found == pytest.approx(value, rel=1e-14, abs=0)
    assert slopes["x"] == pytest.approx(slope, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("factor", [200, 2000, 5000])
def test_saturated_functions_are_proved(factor: int) -> None:
    for function in ("tanh", "sigmoid", "softplus", "erf"):
        assert solved(f"y = {function}({factor}*x)").certificate.members


def test_a_value_that_is_no_number_of_reasonable_size_is_refused_and_not_shown_as_zero() -> None:
    with pytest.raises(sd.DomainError, match="10\\^-1000"):
        solved("y = tanh(2000*x)", {"x": "1"})


def test_the_large_beside_the_small() -> None:
    source = "u = 1e55*a\ny = u + 45*x"
    assert solved(source).certificate.members
    value, slopes = numbers(solved(source, {"a": "1", "x": "1"}))
    assert (value, slopes) == (1e55, {"a": 1e55, "x": 45})


def growing(steps: int) -> str:
    """u_i = i·u_{i−1} + (i − 1)·x."""
    return "\n".join(["u_0 = x", *(f"u_{i} = {i}*u_{i - 1} + {i - 1}*x" for i in range(1, steps + 1))])


def test_a_recurrence_that_grows_like_a_factorial() -> None:
    true = 1
    for i in range(1, 61):
        true = i * true + (i - 1)
    assert solved(growing(60)).certificate.members
    value, slopes = numbers(solved(growing(60), {"x": "1"}))
    assert value == slopes["x"] == float(true)


@pytest.mark.parametrize(
    ("source", "shapes"),
    [
        ("y = sum(relu(x - x))", {"x": ("n",)}),
        ("y = trace(relu(diag(b)**2))", {"b": ("n",)}),
        ("y = sum(abs(x - x)*x)", {"x": ("n",)}),
        ("y = sum(max(x, x)*x)", {"x": ("n",)}),
        ("y = sum(relu(A - A.T))", {"A": ("n", "n")}),
    ],
)
def test_kinks_on_which_every_point_lies(source: str, shapes: dict[str, Any]) -> None:
    assert solved(source, None, shapes).certificate.members


def test_kinks_of_numbers_on_which_every_point_lies() -> None:
    for source in ("y = relu(x - x)*x", "y = abs(x*2 - x - x) + x", "y = max(x, 2*x/2)"):
        assert solved(source).certificate.members
