"""Closed forms: the derivative in the inputs alone, true and in the author's functions."""

from __future__ import annotations

import pytest
import sympy
from helpers import EXPRESSIONS, close, number_of, points_of, slope, sympy_of, true_slope, value

import symdiff as sd
from symdiff.derivation.closed_form import closed_form


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_closed_forms_are_the_derivatives(source: str) -> None:
    tape = sd.trace(source)
    d = sd.reverse(tape)
    for name, line in d.results.items():
        form = closed_form(tape, line)
        assert form is not None
        for point in points_of(source):
            ours = value(form, point)
            assert close(ours, slope(source, point, name), 20)
            assert close(ours, true_slope(source, point, name))
            assert close(ours, number_of(d.gradient[name], point))


FORMS = {
    ("1/(1+exp(-a*x))", "x"): "a*exp(-a*x)/(1 + exp(-a*x))**2",
    ("x1*x2 + sin(x1)", "x1"): "x2 + cos(x1)",
    ("log(x1) + x1*x2 - sin(x2)", "x1"): "x2 + 1/x1",
    ("x**3", "x"): "3*x**2",
    ("x - 2*x", "x"): "-1",
    ("sqrt(1 + x**2)", "x"): "x/sqrt(1 + x**2)",
    ("exp(a*x)", "a"): "x*exp(a*x)",
    ("tanh(x)", "x"): "1 - tanh(x)**2",
    ("log(x)/x", "x"): "(1 - log(x))/x**2",
    ("f(x) = 3", "x"): "0",
    ("f(x) = x", "x"): "1",
}


@pytest.mark.parametrize(("asked", "expected"), FORMS.items())
def test_closed_forms_look_as_people_write_them(asked: tuple[str, str], expected: str) -> None:
    source, name = asked
    assert sd.reverse(sd.trace(source)).gradient[name] == sympy_of(expected)


@pytest.mark.parametrize(
    "source", ["1/(1+exp(-a*x))", "1/(1+exp(-x))", "exp(x)/(1+exp(x))", "tanh(x)", "1/(exp(x)+1)"]
)
@pytest.mark.parametrize("sweep", [sd.forward, sd.reverse])
def test_no_identity_of_functions_is_used(source: str, sweep: object) -> None:
    for formula in sweep(sd.trace(source)).gradient.values():  # type: ignore[operator]
        assert not formula.has(sympy.cosh, sympy.sinh, sympy.sech)


def test_both_modes_give_the_same_closed_form() -> None:
    for source in EXPRESSIONS[:12]:
        tape = sd.trace(source)
        one, other = sd.forward(tape), sd.reverse(tape)
        for name, point in [(n, p) for p in points_of(source, 1) for n in p]:
            assert close(number_of(one.gradient[name], point), number_of(other.gradient[name], point), 30)


def test_long_derivatives_are_handed_out_without_being_printed() -> None:
    source = " * ".join(f"sin({i}*x + a)" for i in range(2, 20))
    tape = sd.trace(source)
    d = sd.reverse(tape)
    assert closed_form(tape, d.results["x"]) is None
    point = {"x": 0.375, "a": 0.25}
    assert close(number_of(d.gradient["x"], point), slope(source, point, "x"), 20)


def test_a_closed_form_of_a_very_long_tape_is_refused() -> None:
    source = "\n".join(["h_0 = w*x", *(f"h_{t} = tanh(w*h_{t - 1})" for t in range(1, 600))])
    with pytest.raises(sd.UsageError, match="lines of the derivation"):
        sd.reverse(sd.trace(source)).gradient["x"]


def test_symbols_of_a_sympy_expression_are_handed_back() -> None:
    x = sympy.Symbol("x", positive=True)
    formula = sd.reverse(sd.trace(x**2 * sympy.log(x))).gradient["x"]
    assert formula.free_symbols == {x}
    assert sympy.simplify(formula - sympy.diff(x**2 * sympy.log(x), x)) == 0
