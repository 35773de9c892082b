"""Misuses of the library: one clear line each, no error of Python's own; what files refuse is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

import symdiff as sd
from symdiff.api.solution import solve
from symdiff.exercises import load

X = sympy.Symbol("x")
TAPE = sd.trace("y = exp(a*x)")
DERIVATION = sd.reverse(TAPE)
PROBLEM = load("sigmoid")
SOLUTION = sd.derive("y = a*x", "reverse")
VALUES = [
    None, 3, 2.5, True, "", "nope", b"x", [], {}, (), object(), TAPE, DERIVATION, PROBLEM, X, lambda x: x,
    [None], {"x": None}, {X: 1}, float("nan"),
    Path("nope"), sympy.Matrix([1]), sympy.pi, sympy.Eq(X, 1), np.zeros(2), np.float64(1),
    {1, 2}, sd, int, 1j, range(2), [[1], [2, 3]], {"a": X},
]  # fmt: skip
CALLS: dict[str, Callable[[Any], Any]] = {
    "trace": lambda v: sd.trace(v),
    "trace inputs": lambda v: sd.trace("y = a*x", v),
    "trace inputs of SymPy": lambda v: sd.trace(X**2, v),
    "trace inputs of a function": lambda v: sd.trace(lambda x: x, v),
    "trace granularity": lambda v: sd.trace("y = a*x", ("a", "x"), v),
    "trace shapes": lambda v: sd.trace("y = x", shapes=v),
    "trace shape": lambda v: sd.trace("y = x", shapes={"x": v}),
    "trace size": lambda v: sd.trace("y = sum(x)", shapes={"x": (v,)}),
    "trace returned": lambda v: sd.trace(lambda x: v),
    "forward": lambda v: sd.forward(v),
    "reverse": lambda v: sd.reverse(v),
    "reverse wrt": lambda v: sd.reverse(TAPE, v),
    "gradient": lambda v: DERIVATION.gradient[v],
    "render": lambda v: sd.render(v),
    "render format": lambda v: sd.render(DERIVATION, v),
    "render lang": lambda v: sd.render(DERIVATION, "text", v),
    "render at": lambda v: sd.render(DERIVATION, "text", at=v),
    "render at x": lambda v: sd.render(DERIVATION, "text", at={"x": v, "a": 1}),
    "render digits": lambda v: sd.render(DERIVATION, "text", digits=v),
    "render layout": lambda v: sd.render(DERIVATION, "text", layout=v),
    "render templates": lambda v: sd.render(DERIVATION, "text", templates=v),
    "render several": lambda v: sd.render([DERIVATION, v]),
    "solve": lambda v: solve(v),
    "solve mode": lambda v: solve(PROBLEM, v),
    "solve wrt": lambda v: solve(PROBLEM, wrt=v),
    "solve at": lambda v: solve(PROBLEM, at=v),
    "solve sizes": lambda v: solve(PROBLEM, sizes=v),
    "solve steps": lambda v: solve(PROBLEM, steps=v),
    "solve result": lambda v: solve(PROBLEM, result=v),
    "derive": lambda v: sd.derive(v),
    "derive mode": lambda v: sd.derive("sigmoid", v),
    "derive wrt": lambda v: sd.derive("sigmoid", "reverse", v),
    "derive at": lambda v: sd.derive("sigmoid", "reverse", at=v),
    "derive at x": lambda v: sd.derive("sigmoid", "reverse", at={"x": v, "a": 1}),
    "derive options": lambda v: sd.derive("sigmoid", "reverse", digits=v, result=v, granularity=v),
    "derive steps": lambda v: sd.derive("rnn-loss", "reverse", steps=v),
    "derive sizes": lambda v: sd.derive("quadratic-form", "entries", sizes={"n": v}),
    "exercise": lambda v: sd.exercise(v),
    "solution format": lambda v: SOLUTION.render(v),
    "solution lang": lambda v: SOLUTION.render("text", v),
    "solution templates": lambda v: SOLUTION.render("text", templates=v),
    "saved format": lambda v: SOLUTION.save("/nowhere/x.txt", format=v),
    "saved path": lambda v: SOLUTION.save(v) if not isinstance(v, Path) else None,
    "drawn": lambda v: sd.graph("y = x").render(v),
    "check": lambda v: sd.check_derivative(v, "y = x**2", "x"),
    "check of": lambda v: sd.check_derivative("2*x", v, "x"),
    "check wrt": lambda v: sd.check_derivative("2*x", "y = x**2", v),
    "check shapes": lambda v: sd.check_derivative("2*x", "y = x**2", "x", v),
    "check equal": lambda v: sd.check_equal(v, "x"),
    "check equal to": lambda v: sd.check_equal("x", v),
    "compile": lambda v: sd.compile_typst(v),
    "compile format": lambda v: sd.compile_typst("a", v),
    "compile root": lambda v: sd.compile_typst("a", "pdf", v),
    "emit": lambda v: sd.emit(v),
    "emit target": lambda v: sd.emit("y = x**2", v),
    "emit wrt": lambda v: sd.emit("y = x**2", wrt=v),
    "emit templates": lambda v: sd.emit("y = x**2", templates=v),
    "graph": lambda v: sd.graph(v),
    "graph at": lambda v: sd.graph("y = x*a", at=v),
    "graph steps": lambda v: sd.graph("y = x*a", steps=v),
    "graph view": lambda v: sd.graph("rnn", view=v),
}
QUICK = [name for name in CALLS if not name.startswith(("render", "solve", "graph", "derive", "solution"))]


def one_line(call: Callable[[], Any]) -> str:
    """The line of an error of ours, nothing where the call is a good one."""
    try:
        call()
        return ""
    except sd.SymdiffError as error:
        line = error.what
    assert line.strip()
    assert "\n" not in line
    return line


@pytest.mark.parametrize("name", QUICK)
def test_a_wrong_argument_is_one_line(name: str) -> None:
    for value in VALUES:
        one_line(lambda value=value: CALLS[name](value))  # type: ignore[misc]


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(CALLS.keys() - set(QUICK)))
def test_a_wrong_argument_of_what_makes_pages_is_one_line(name: str) -> None:
    test_a_wrong_argument_is_one_line(name)


def test_a_wrong_kind_says_the_argument_and_what_it_is() -> None:
    assert one_line(lambda: sd.emit(TAPE)) == (  # type: ignore[arg-type]
        "source is a text, a path or a problem, as exercise returns it, not Tape"
    )
    assert one_line(lambda: sd.reverse("x", TAPE)) == (  # type: ignore[arg-type]
        "tape is a tape, as trace returns it, not 'x'"
    )
    assert one_line(lambda: sd.render(DERIVATION, digits="4")) == (  # type: ignore[arg-type]
        "digits is a whole number, not '4'"
    )
    assert "inputs is a tuple of names" in one_line(lambda: sd.trace("a*x", "ax"))


@pytest.mark.parametrize("name", sorted({*sd.__all__} & {"trace", "forward", "reverse", "render", "solve",
    "check_derivative", "check_equal", "compile_typst", "derive", "emit", "exercise", "graph"}))  # fmt: skip
def test_missing_and_unknown_arguments_are_one_line(name: str) -> None:
    function = getattr(sd, name)
    assert "missing" in one_line(lambda: function())
    assert one_line(lambda: function(colour="red"))
    assert one_line(lambda: function(*range(20)))


def test_a_function_that_fails_on_symbols_says_so() -> None:
    for function in (lambda x: math.sin(x), lambda x: np.sin(x), lambda x: x if x > 0 else -x):
        assert one_line(lambda function=function: sd.trace(function)).startswith(
            "the function fails on symbols"
        )


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "three axes": (lambda: sd.trace("sum(X*X)", shapes={"X": ("b", "t", "d")}), "a shape of 3 sizes"),
    "a text for a shape": (lambda: sd.trace("sum(x)", shapes={"x": "n"}), "'n' is no shape of x"),
    "size 0": (lambda: sd.trace("sum(x)", shapes={"x": (0,)}), "a size is a name or a whole number"),
    "size 0 in words": (lambda: sd.trace("sum(x)", shapes={"x": ("0",)}), "a size is a name or a whole"),
    "negative size": (lambda: sd.trace("sum(x)", shapes={"x": (-1,)}), "a size is a name or a whole number"),
    "large size": (lambda: sd.trace("sum(x)", shapes={"x": (10**9,)}), "a size is a name or a whole number"),
    "a truth value": (
        lambda: sd.trace("sum(x)", shapes={"x": (True,)}),
        "a size is a name or a whole number",
    ),
    "a sum for a size": (lambda: sd.trace("sum(x)", shapes={"x": ("n+1",)}), "no input has the size n alone"),
    "a product": (lambda: sd.trace("sum(x)", shapes={"x": ("n*m",)}), "'n\\*m' is not a name"),
    "size and input": (
        lambda: sd.trace("sum(x)*n", ("x", "n"), shapes={"x": ("n",)}),
        "'n' is the name of an input and of a size",
    ),
    "size and argument": (
        lambda: sd.trace("f(x, n) = sum(x)*n", shapes={"x": ("n",)}),
        "'n' is the name of an input and of a size",
    ),
    "size and definition": (lambda: sd.trace("n = sum(x)", shapes={"x": ("n",)}), "'n' is a size"),
    "a shape of nothing": (lambda: sd.trace("x*x", shapes={"X": ("n",)}), "'X' is not an input"),
    "given twice": (lambda: sd.trace("x", inputs=("x", "x")), "'x' is given twice"),
    "given twice to SymPy": (lambda: sd.trace(X, inputs=("x", "x")), "'x' is given twice"),
    "argument twice": (lambda: sd.trace("f(x, x) = x"), "'x' is given twice"),
    "empty": (lambda: sd.trace(""), "the expression is empty"),
    "blank": (lambda: sd.trace(" \n "), "the expression is empty"),
    "no name": (lambda: sd.trace("x", inputs=("2x",)), "'2x' is not a name"),
    "unknown wrt": (lambda: sd.reverse(TAPE, "q"), "q"),
    "large exponent": (lambda: sd.render(DERIVATION, at={"x": "1e999999999", "a": 1}), "too long or too"),
    "no variable": (lambda: sd.trace("y = 3"), "the expression has no variable"),
    "no wrt": (lambda: sd.reverse(TAPE, []), "no name to differentiate by"),
    "two tapes": (lambda: sd.render([DERIVATION, sd.forward(sd.trace("y = b*x"))]), "different tapes"),
    "one mode twice": (lambda: sd.render([DERIVATION, DERIVATION]), "in the same mode"),
    "a size that is no whole number": (
        lambda: solve(load("quadratic-form"), "entries", sizes={"n": 2.0}),  # type: ignore[dict-item]
        "sizes is a dict of whole numbers",
    ),
    "shapes of SymPy": (lambda: sd.trace(X, shapes={"x": ("n",)}), "shapes are for texts"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_files_refuse_the_library_refuses(name: str) -> None:
    call, wanted = REFUSED[name]
    with pytest.raises(sd.SymdiffError, match=wanted):
        call()


def test_a_point_of_floats_is_exact_in_solve_as_in_render() -> None:
    page = solve(PROBLEM, "reverse", at={"x": 0.7, "a": 1}).render("text")
    assert page == solve(PROBLEM, "reverse", at={"x": Fraction(7, 10), "a": Fraction(1)}).render("text")
