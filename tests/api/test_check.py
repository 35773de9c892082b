"""Verdicts on anyone's derivative."""

from __future__ import annotations

import pytest
import sympy
from helpers import EXPRESSIONS, M, close, names_of, number_of, slope, sympy_of, value

import symdiff as sd

SIGMOID = "y = 1/(1+exp(-a*x))"


@pytest.mark.parametrize(
    "claim", ["a*y*(1-y)", "a*exp(-a*x)/(1+exp(-a*x))**2", "a/(4*cosh(a*x/2)**2)", "a*(y - y**2)"]
)
def test_a_true_derivative_is_accepted_in_any_form(claim: str) -> None:
    verdict = sd.check_derivative(claim, of=SIGMOID, wrt="x")
    assert verdict
    assert verdict.ok
    assert verdict.point is None


@pytest.mark.parametrize(
    "claim", ["y*(1-y)", "a*y*(1+y)", "-a*y*(1-y)", "a*y*(1-y)*1.000001", "0", "a*y*(1-y) + 1/10**20"]
)
def test_a_false_derivative_is_refused_with_a_point_and_both_values(claim: str) -> None:
    verdict = sd.check_derivative(claim, of=SIGMOID, wrt="x")
    assert not verdict
    assert verdict.point is not None
    point = dict(verdict.point)
    assert set(point) == {"a", "x"}
    y = value("1/(1+exp(-a*x))", point)
    assert close(M.mpf(verdict.claimed), value(claim, {**point, "y": y}), 12)
    assert close(M.mpf(verdict.true), slope("1/(1+exp(-a*x))", point, "x"), 12)


@pytest.mark.parametrize("claim", ["a*y*(1-y)", "y"])
def test_a_verdict_tells_the_true_derivative(claim: str) -> None:
    derivative = sd.check_derivative(claim, of=SIGMOID, wrt="x").derivative
    point = {"a": 0.75, "x": -1.25}
    assert close(number_of(derivative, point), slope("1/(1+exp(-a*x))", point, "x"), 20)


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_sympys_derivative_is_accepted_and_a_false_one_is_not(source: str) -> None:
    name = names_of(source)[-1]
    if any(word in source for word in ("abs", "relu", "max", "min")):
        pytest.skip("SymPy's formula has no meaning at the kink")
    claim = sympy.diff(sympy_of(source), sympy.Symbol(name))
    assert sd.check_derivative(claim, of=source, wrt=name)
    assert not sd.check_derivative(claim + sympy.Rational(1, 1000), of=source, wrt=name)


def test_a_claim_may_use_intermediate_names() -> None:
    source = "h = tanh(w*x)\ny = v*h"
    assert sd.check_derivative("v*x*(1 - h**2)", of=source, wrt="w")
    assert sd.check_derivative("h", of=source, wrt="v")
    assert not sd.check_derivative("v*(1 - h**2)", of=source, wrt="w")


def test_a_derivative_true_on_one_side_of_a_kink_only_is_refused() -> None:
    assert not sd.check_derivative("1", of="abs(x)", wrt="x")
    assert not sd.check_derivative("1", of="relu(x)", wrt="x")
    assert sd.check_derivative("sign(x)", of="abs(x)", wrt="x")


def test_a_claim_on_the_identity_may_use_its_input() -> None:
    assert sd.check_derivative("x/x", of="x", wrt="x")
    assert not sd.check_derivative("x", of="x", wrt="x")


def test_unknown_names_are_refused_with_the_nearest_one() -> None:
    with pytest.raises(sd.InputError, match=r"unknown name 'rat'.*did you mean 'rate'"):
        sd.check_derivative("rat*2", of="rate**2*x", wrt="rate")
    with pytest.raises(sd.UsageError, match="did you mean 'rate'"):
        sd.check_derivative("2", of="rate*x", wrt="rte")
    with pytest.raises(sd.InputError):
        sd.check_derivative("2*(", of="x", wrt="x")
    with pytest.raises(sd.InputError):
        sd.check_derivative("2", of="foo(x)", wrt="x")


def test_an_empty_domain_is_no_verdict() -> None:
    with pytest.raises(sd.DomainError):
        sd.check_derivative("1", of="log(-1 - x**2)", wrt="x")
    with pytest.raises(sd.DomainError):
        sd.check_derivative("log(-1 - x**2)", of="2*x", wrt="x")
    with pytest.raises(sd.DomainError):
        sd.check_equal("log(x)", "log(-x)")


EQUAL = [
    ("sin(x)**2 + cos(x)**2", "1"),
    ("(x + y)**2", "x**2 + 2*x*y + y**2"),
    ("1 - tanh(x)**2", "1/cosh(x)**2"),
    ("sigmoid(x)", "1/(1+exp(-x))"),
    ("log(x*y)", "log(x) + log(y)"),
    ("sqrt(x**2)", "abs(x)"),
    ("max(x, y)", "(x + y + abs(x - y))/2"),
    ("x - x", "0"),
    ("2", "1 + 1"),
]
UNEQUAL = [
    ("sqrt(x**2)", "x"),
    ("(x + y)**2", "x**2 + y**2"),
    ("x", "x*1.0000000001"),
    ("sin(x)", "x"),
    ("abs(x)", "relu(x)"),
    ("x", "y"),
    ("2", "3"),
    ("x", "x + 1/10**25"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_expressions_are_equal(one: str, other: str) -> None:
    assert sd.check_equal(one, other)


@pytest.mark.parametrize(("one", "other"), UNEQUAL)
def test_unequal_expressions_are_told_apart_with_a_point_and_both_values(one: str, other: str) -> None:
    verdict = sd.check_equal(one, other)
    assert not verdict
    assert verdict.point is not None
    assert close(M.mpf(verdict.claimed), value(one, dict(verdict.point)), 12)
    assert close(M.mpf(verdict.true), value(other, dict(verdict.point)), 12)


def test_sympy_expressions_may_be_checked() -> None:
    x = sympy.Symbol("x")
    assert sd.check_equal(sympy.sin(x) ** 2, "1 - cos(x)**2")
    assert sd.check_derivative(sympy.cos(x), of=sympy.sin(x), wrt="x")
