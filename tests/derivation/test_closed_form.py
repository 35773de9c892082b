"""Closed forms: the derivative in the inputs alone, true and in the author's functions."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
import sympy
from helpers import EXPRESSIONS, close, number_of, points_of, slope, sympy_of, true_slope, value

import symdiff as sd
from symdiff.algebra.tidy import tidy
from symdiff.derivation.closed_form import closed_form
from symdiff.derivation.rational import RationalField, weight
from symdiff.expr.tree import Expr
from symdiff.language.program import parse_expression


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


def test_closed_and_short_forms_need_no_sympy() -> None:
    """They are made for pages, which do without it."""
    script = (
        "import sys; sys.modules['sympy'] = None\n"
        "from symdiff.derivation.closed_form import closed_form\n"
        "from symdiff.derivation.compact_form import compact_form\n"
        "from symdiff.derivation.sweeps import reverse\n"
        "import symdiff as sd\n"
        "tape = sd.trace('y = 1/(1 + exp(-a*x))')\n"
        "closed = closed_form(tape, reverse(tape).results['x'])\n"
        "print(closed, compact_form(tape, closed).form)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "a*exp(-a*x)/(1 + exp(-a*x))**2 a*y*(1 - y)", done.stderr


def random_sum(rng: random.Random, letters: str, terms: int) -> Expr:
    """A sum of random monomials, each letter to a power of two at most."""
    monomials = ["*".join(f"{c}**{rng.randrange(3)}" for c in letters) for _ in range(terms)]
    return tidy(parse_expression(" + ".join(f"{rng.randint(1, 9)}*{m}" for m in monomials)))


def test_of_a_long_product_only_the_factors_that_were_written_before_are_found() -> None:
    """Factoring some hundred terms in twelve letters may take half a minute."""
    rng = random.Random(1)
    one, other = (random_sum(rng, "abcdfghijklm", 12) for _ in range(2))
    whole = one * other
    field = RationalField(whole)
    element = field.element(whole)
    assert len(element.numerator) > 100
    forms = list(field.forms(element))
    assert min(map(weight, forms)) <= weight(whole)
    assert field.element(min(forms, key=weight)) == element


@pytest.mark.parametrize("inputs", [2, 5, 9])
def test_forms_of_a_neuron_are_products_of_the_authors_sums(inputs: int) -> None:
    """Expanded, they would have more terms with each input, and more still in the search for short forms."""
    whole = " + ".join(f"w{i}*tanh(x{i})" for i in range(inputs)) + " - y"
    tape = sd.trace(f"L = ({whole})**2")
    d = sd.reverse(tape)
    for name, expected in {"y": f"-2*({whole})", "w1": f"2*tanh(x1)*({whole})"}.items():
        form = closed_form(tape, d.results[name])
        assert form is not None
        assert form == tidy(parse_expression(expected))
