"""Compact forms: what people write with the author's names, never defined in fewer places."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from helpers import EXPRESSIONS, M, close, number_of, points_of, slope, sympy_of, true_slope, value

import symdiff as sd


def compact(source: str, name: str, inputs: tuple[str, ...] | None = None) -> Any:
    return sd.reverse(sd.trace(source, inputs)).compact[name]


PEOPLE_WRITE = {
    ("y = 1/(1+exp(-a*x))", "x"): "a*y*(1 - y)",
    ("y = 1/(1+exp(-a*x))", "a"): "x*y*(1 - y)",
    ("y = 1/(1+exp(-x))", "x"): "y*(1 - y)",
    ("y = sigmoid(a*x)", "x"): "a*y*(1 - y)",
    ("h = tanh(x)", "x"): "1 - h**2",
    ("h = tanh(w*x + b)", "w"): "x*(1 - h**2)",
    ("y = sqrt(1 + x**2)", "x"): "x/y",
    ("y = exp(a*x)", "x"): "a*y",
    ("y = x**x", "x"): "y*(log(x) + 1)",
    ("y = (exp(x) - exp(-x))/(exp(x) + exp(-x))", "x"): "1 - y**2",
    ("y = exp(-x**2/2)", "x"): "-x*y",
    ("y = x1*x2 + sin(x1)", "x1"): "x2 + cos(x1)",
    ("y = 3*x", "x"): "3",
}


@pytest.mark.parametrize(("asked", "expected"), PEOPLE_WRITE.items())
def test_compact_forms_are_what_people_write(asked: tuple[str, str], expected: str) -> None:
    assert compact(*asked) == sympy_of(expected)


def test_an_intermediate_name_is_used() -> None:
    form = compact("h = tanh(w*x)\ny = v*h", "w")
    assert sympy.expand(form - sympy_of("v*x*(1 - h**2)")) == 0
    assert form.free_symbols == set(sympy.symbols("v x h"))


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_compact_forms_are_the_derivatives(source: str) -> None:
    d = sd.reverse(sd.trace(f"result_0 = {source}"))
    for name, form in d.compact.items():
        for point in points_of(source):
            ours = number_of(form, point | {"result_0": value(source, point)})
            assert close(ours, slope(source, point, name), 20)
            assert close(ours, true_slope(source, point, name))


@pytest.mark.parametrize(
    "source", ["1/(1+exp(-a*x))", "sigmoid(a*x)", "(exp(x) - exp(-x))/(exp(x) + exp(-x))"]
)
def test_no_identity_of_functions_is_used(source: str) -> None:
    for form in sd.reverse(sd.trace(source)).compact.values():
        assert not form.has(sympy.cosh, sympy.sinh, sympy.sech)


VANISHING = {
    "x*sigmoid(b*x)": {"x": 0, "b": Fraction(3, 2)},
    "x*exp(b*x)": {"x": 0, "b": Fraction(3, 2)},
    "x**2*exp(b*x)": {"x": 0, "b": 1},
    "x*tanh(b*x)": {"x": 0, "b": 2},
    "sin(x)*exp(b*x)": {"x": 0, "b": 2},
    "(x - b)*exp(x*b)": {"x": 2, "b": 2},
    "x/(1 + exp(-b*x))": {"x": 0, "b": 2},
    "tanh(b*x)**2": {"x": 0, "b": 2},
    "sin(x)**2*b": {"x": 0, "b": 1},
    "b*exp(x)": {"x": 1, "b": 0},
    "b*sigmoid(x)": {"x": 1, "b": 0},
    "b/(1 + exp(-x))": {"x": 1, "b": 0},
    "b*tanh(x)": {"x": 1, "b": 0},
    "b*x**3": {"x": 0, "b": 2},
    "(exp(b*x) - 1)*x": {"x": 0, "b": 1},
    "x*sqrt(1 + b*x**2)": {"x": 0, "b": 1},
    "log(x)*x*b": {"x": 1, "b": 1},
    "(x - 1)**3/(1 + b**2)": {"x": 1, "b": 1},
}


@pytest.mark.parametrize(("source", "point"), VANISHING.items())
def test_no_compact_form_divides_by_what_can_vanish(source: str, point: dict[str, Any]) -> None:
    assert abs(value(source, point)) < M.mpf(10) ** -40
    for name, form in sd.reverse(sd.trace(f"y = {source}")).compact.items():
        at = {sympy.Symbol(n): sympy.Rational(str(v)) for n, v in point.items()} | {sympy.Symbol("y"): 0}
        assert form.subs(at).is_finite, form
        assert close(number_of(form, {**point, "y": 0}), slope(source, point, name), 20)


@pytest.mark.parametrize("source", ["x*sigmoid(b*x)", "x*exp(b*x)", "b*sigmoid(x)"])
def test_the_output_is_no_divisor_where_it_can_vanish(source: str) -> None:
    for form in sd.reverse(sd.trace(f"y = {source}")).compact.values():
        denominator = sympy.denom(sympy.together(form))
        assert sympy.Symbol("y") not in denominator.free_symbols
