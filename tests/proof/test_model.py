"""The model: every name's true value, to thirty digits, found without a rule."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy
from helpers import EXPRESSIONS, M, close, mpf, points_of, slope, true_slope, value

import symdiff as sd
from symdiff.derivation.derivation import bar, dot
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Sym
from symdiff.proof.model import Model
from symdiff.rules.table import RULES
from symdiff.tape import partials


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_values_and_derivatives_are_sympys_to_thirty_digits(source: str) -> None:
    tape = sd.trace(source)
    for point in points_of(source):
        model = Model(tape, point)
        assert close(mpf(model(tape.output)), value(source, point), 40)
        for var, name in tape.inputs:
            true = true_slope(source, point, name.name)
            assert close(true, slope(source, point, name.name), 20)
            for node in (bar(var), dot(tape.output, name), Expr(PARTIAL, tape.result, name)):
                assert close(mpf(model(node)), true, 30)
            assert close(mpf(*model.along({name.name: [model.m.one]})), true, 30)


def test_local_partials_are_those_of_the_step_alone() -> None:
    tape = sd.trace("y = x*x*exp(x)", granularity="atomic")
    model = Model(tape, {"x": Fraction(3, 2)})
    square, power, product = tape.steps
    (x,) = square.operands
    assert close(mpf(model(Expr(PARTIAL, square.var, x))), 3, 30)
    assert close(mpf(model(Expr(PARTIAL, product.var, power.var))), M.mpf("2.25"), 30)
    whole = value("(2*x + x**2)*exp(x)", {"x": Fraction(3, 2)})
    assert close(mpf(model(Expr(DERIVATIVE, Sym("y"), Sym("x")))), whole, 30)


def test_paths_add_up_to_the_adjoint() -> None:
    tape = sd.trace("x*y + sin(x) + x**3")
    model = Model(tape, {"x": Fraction(1, 3), "y": Fraction(5, 2)})
    x = tape.variables["x"]
    parts = [mpf(model(bar(x, label))) for label in "abc"]
    assert close(sum(parts), mpf(model(bar(x))), 30)
    expected = [value(t, {"x": Fraction(1, 3), "y": 2.5}) for t in ("y", "cos(x)", "3*x**2")]
    assert all(close(part, true, 30) for part, true in zip(parts, expected, strict=True))


def test_names_of_the_author_have_values() -> None:
    tape = sd.trace("h = tanh(w*x)\ny = v*h")
    point = {"w": Fraction(1, 2), "x": Fraction(3), "v": Fraction(2)}
    model = Model(tape, point)
    assert close(mpf(model(Sym("h"))), value("tanh(w*x)", point), 40)
    assert close(mpf(model(Sym("y"))), value("v*tanh(w*x)", point), 40)
    assert model(Sym("nothing")) is None


def test_no_rule_of_the_table_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> tuple[int, ...]:
        raise AssertionError("a slope was read")

    for name, row in list(RULES.items()):
        monkeypatch.setitem(RULES, name, replace(row, slopes=forbidden))
    partials.partials_of.cache_clear()
    try:
        tape = sd.trace("tanh(a*x)**2/(1 + exp(x))")
        model = Model(tape, {"a": Fraction(1, 2), "x": Fraction(3, 4)})
        true = true_slope("tanh(a*x)**2/(1 + exp(x))", {"a": 0.5, "x": 0.75}, "x")
        assert close(mpf(model(bar(tape.variables["x"]))), true, 30)
    finally:
        partials.partials_of.cache_clear()


@pytest.mark.parametrize(
    ("source", "x"),
    [("log(x)", -1), ("1/x", 0), ("sqrt(x)", -2), ("asin(x)", 2), ("x**(1/2)", -1), ("exp(exp(x))", 9)],
)
def test_a_point_outside_the_domain_is_refused(source: str, x: int) -> None:
    tape = sd.trace(source)
    with pytest.raises(sd.DomainError):
        Model(tape, {"x": Fraction(x)})


@pytest.mark.parametrize(("source", "x"), [("sqrt(x**2)", 0), ("sqrt(x)", 0), ("x**(1/3)", 0)])
def test_where_a_derivative_is_infinite_none_is_measured(source: str, x: int) -> None:
    tape = sd.trace(source)
    with pytest.raises(sd.DomainError):
        _ = Model(tape, {"x": Fraction(x)}).adjoints


def test_a_derivative_at_a_zero_of_a_power_is_a_number() -> None:
    for source, true in (("x**3", 0), ("x**2*x", 0), ("x**1", 1), ("(x - 1)**2 + x", -1)):
        model = Model(sd.trace(source), {"x": Fraction(0)})
        assert mpf(model(bar(model.tape.variables["x"]))) == true


def test_cancelling_terms_keep_thirty_digits() -> None:
    source, point = "exp(x) - exp(x + 1/10**12)", {"x": Fraction(5)}
    tape = sd.trace(source)
    model = Model(tape, point)
    x = sympy.Rational(5)
    true = (sympy.exp(x) - sympy.exp(x + sympy.Rational(1, 10**12))).evalf(60)
    assert abs(mpf(model(bar(tape.variables["x"]))) - M.mpf(str(true))) < M.mpf(10) ** -28
