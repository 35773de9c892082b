"""What `print` says, names by SymPy symbols, `derive` and `exercise`: the library in few words."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy

import symdiff as sd
from symdiff import functions
from symdiff.rules.table import functions as table

X, A = sympy.symbols("x a")
SHAPES = {"A": ("m", "n"), "x": ("n",), "b": ("m",)}


def test_a_derivation_prints_its_results() -> None:
    sigmoid = sd.reverse(sd.trace("y = 1/(1 + exp(-a*x))"))
    assert repr(sigmoid) == ("reverse derivation of y by a, x\n  dy/da = x*y*(1 - y)\n  dy/dx = a*y*(1 - y)")
    squares = sd.reverse(sd.trace("y = sum((A @ x - b)**2)", shapes=SHAPES), wrt="x")
    assert "dy/dx = 2*(A.T @ (A @ x - b))" in str(squares)


def test_what_is_long_prints_short() -> None:
    lines = ["h0 = sin(x)", *(f"h{i} = sin(h{i - 1}*a)" for i in range(1, 400))]
    tape = sd.trace("\n".join(lines))
    for shown in (tape, sd.reverse(tape), sd.exercise("lstm"), sd.exercise("mlp"), sd.derive("mlp")):
        assert len(repr(shown).split("\n")) <= 12
        assert max(map(len, repr(shown).split("\n"))) <= 200


def test_other_objects_print_what_they_are() -> None:
    assert repr(sd.trace("y = a*x", ("x", "a"))) == "tape of y = a*x in x, a: 1 steps"
    assert repr(sd.exercise("sigmoid")).startswith("sigmoid: y = 1/(1 + exp(-a*x))\n  inputs x, a")
    assert str(sd.derive("y = a*x", "reverse")).startswith("∂y/∂a and ∂y/∂x in reverse mode\n  dy/da = x")
    assert repr(sd.check_derivative("2*x", "x**2", "x")) == "Verdict: true"
    said = repr(sd.check_derivative("2*x", "x**3", "x"))
    assert said.startswith("Verdict: false: at x = ")
    assert said.endswith("the derivative is 3*x**2")
    assert repr(sd.graph("sigmoid")).startswith("graph of 5 nodes")


def test_symbols_of_sympy_are_names_everywhere() -> None:
    form = 1 / (1 + sympy.exp(-A * X))
    tape = sd.trace(form, inputs=(X, A))
    assert [str(name) for _, name in tape.inputs] == ["x", "a"]
    assert [str(name) for _, name in sd.trace(X**2, inputs=X).inputs] == ["x"]
    d = sd.reverse(tape, wrt=X)
    assert sympy.simplify(d.gradient["x"] - sympy.diff(form, X)) == 0
    assert sd.render(d, "text", at={X: 1, "a": 2}) == sd.render(d, "text", at={"x": 1, A: 2})
    assert sd.check_derivative("3*x**2", X**3, X).ok
    assert "dy/dx = sin(a)" in repr(sd.derive(X * sympy.sin(A), wrt=[X]))
    assert sd.emit("y = a*x", wrt=X) == sd.emit("y = a*x", wrt="x")


@pytest.mark.parametrize("value", [[1, 2], (1, 2), np.array([1, 2]), ["1", Fraction(2)], [np.int64(1), 2.0]])
def test_a_point_may_be_written_in_any_way(value: object) -> None:
    matrix = [[1, "1/2"], [Fraction(1, 3), 4.0]]
    pages = [
        sd.derive("quadratic-form", at={"x": x, "A": a}).render("text")
        for x, a in ((value, matrix), ((1, 2), ((1, 0.5), ("1/3", 4))))
    ]
    assert pages[0] == pages[1]


def test_derive_takes_what_the_command_takes(tmp_path: Path) -> None:
    page = sd.derive("sigmoid", "reverse").render("text")
    assert page == sd.derive(sd.exercise("sigmoid"), "reverse").render("text")
    assert page == sd.solve(sd.exercise("sigmoid"), "reverse").render("text")
    file = tmp_path / "own.toml"
    file.write_text('[inputs]\nx = []\n[definitions]\ny = "x**2"\n')
    for target in (file, str(file), "x**2", "y = x**2", X**2, lambda x: x**2):
        assert "= 2*x\n" in f"{sd.derive(target)}\n"
    with pytest.raises(sd.UsageError, match="did you mean 'sigmoid'"):
        sd.exercise("sigmod")


def test_derive_takes_shapes_and_assumptions_of_a_text() -> None:
    shapes, text = {"W": ("n", "d"), X: ("d",), "y": ("n",)}, "L = -dot(y, log(softmax(W @ x)))"
    found = repr(sd.derive(text, "reverse", "x", shapes=shapes, assume={"y": "simplex"}))
    assert "dL/dx = W.T @ (softmax(W @ x) - y)" in found
    with pytest.raises(sd.UsageError, match="assume is a dict of texts"):
        sd.derive(text, shapes=shapes, assume={"y": 1})  # type: ignore[dict-item]
    for target in ("sigmoid", sd.exercise("sigmoid"), X**2):
        with pytest.raises(sd.UsageError, match="shape"):
            sd.derive(target, shapes={"x": ("n",)})


@pytest.mark.parametrize(
    ("ending", "begins"), [("txt", "∂y"), ("md", "# "), ("json", "{"), ("html", "<!doctype")]
)
def test_a_solution_is_saved_in_the_format_of_the_ending(ending: str, begins: str, tmp_path: Path) -> None:
    file = sd.derive("y = a*x", "reverse").save(tmp_path / f"page.{ending}")
    assert file.read_text(encoding="utf-8").startswith(begins)


def test_a_solution_is_saved_as_pdf(tmp_path: Path) -> None:
    pytest.importorskip("typst")
    assert sd.derive("y = a*x").save(str(tmp_path / "page.pdf"), "fr").read_bytes().startswith(b"%PDF")


def test_all_functions_can_be_imported_at_once() -> None:
    names: dict[str, object] = {}
    exec("from symdiff.functions import *", names)
    assert table().keys() <= names.keys()
    assert set(functions.__all__) <= names.keys()
    own, least, total = names["max"], names["min"], names["sum"]
    assert (own(1, 2), least([3, 4]), total([1, 2]), names["abs"](-1)) == (2, 3, 3, 1)  # type: ignore[operator]
    text = sd.trace("f(x, y) = max(x, y)*exp(x) + pi")
    written = sd.trace(lambda x, y: own(x, y) * names["exp"](x) + names["pi"])  # type: ignore[operator]
    assert written.definitions[0][1] == text.definitions[0][1]
    with pytest.raises(sd.InputError, match="exp takes 1 argument"):
        sd.trace(lambda x, y: names["exp"](x, y))  # type: ignore[operator]
