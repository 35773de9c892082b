"""The JSON record of derivations on arrays: formulas, values and shapes, each checked by another route."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from array_helpers import array, drawn, flat, jacobian, nested, numbers, run, same, shape_of
from helpers import M
from pages import page
from tools import run_command

from symdiff.api.solution import solve
from symdiff.exercises import load
from symdiff.exercises.problem import Problem
from symdiff.language.program import parse_program

PROGRAMS = {
    "least-squares": "r = X @ w + b - y\nloss = dot(r, r)/m",
    "ridge": "r = X @ w + b - y\nloss = dot(r, r)/m + lambda_*sqnorm(w)",
    "softmax-regression": "Z = X @ W + b\nL = -sum(Y*log_softmax(Z))/m",
    "attention": "S = softmax(Q @ K.T/sqrt(d))\nO = S @ V\nL = sum(C*O)",
    "layer-norm": "mu = mean(x)\nv = mean((x - mu)**2)\nxhat = (x - mu)/sqrt(v + eps)\n"
    "y = gamma*xhat + beta\nL = dot(c, y)",
    "logistic-general": "z = W @ x + b\np = softmax(z)\nL = -dot(y, log(p))",
    "logistic-lse": "z = W @ x + b\nL = logsumexp(z) - dot(y, z)",
    "quadratic-form": "q = x @ A @ x",
    "log-determinant": "y = logdet(A)",
    "batch": "H = tanh(X @ W + b)\nloss = sum((H - Y)**2)/(2*m)",
    "perceptron": "h = tanh(W1 @ x + b1)\nyhat = W2 @ h + b2\nloss = sqnorm(yhat - y)/2",
    "logistic": "z = W @ x\np = softmax(z)\nF = -dot(y, log(p))",
}
KINDS = {
    ("softmax-regression", "Y"): "simplex",
    ("logistic-general", "y"): "simplex",
    ("logistic-lse", "y"): "simplex",
}
POSITIVE = {"eps", "lambda"}
SIZES = {"m": 3, "n": 2, "d": 2, "k": 3}


def shape_at(name: Any) -> tuple[int, ...]:
    return tuple(SIZES[str(part)] if str(part) in SIZES else int(part) for part in name.shape)


def point_for(problem: Problem, exercise: str) -> dict[str, Any]:
    """Nested fractions for every input; rows on the simplex add up to 1 exactly."""
    if problem.at is not None:
        return dict(problem.at)
    found = {}
    for name in problem.program.inputs:
        kind = KINDS.get((exercise, name.name), "")
        value = nested(drawn(shape_at(name), name.name, "positive" if name.name in POSITIVE else ""))
        found[name.name] = on_simplex(shape_at(name)) if kind == "simplex" else value
    return found


def sizes_at(problem: Problem, point: dict[str, Any]) -> dict[str, int]:
    """What each size that is a name is worth at a point."""
    pairs = [
        pair
        for name in problem.program.inputs
        for pair in zip(map(str, name.shape), shape_of(point[name.name]), strict=True)
    ]
    return {part: length for part, length in pairs if not part.isdigit()}


def on_simplex(shape: tuple[int, ...]) -> Any:
    weights = [Fraction(i + 1) for i in range(shape[-1])]
    row = tuple(w / sum(weights) for w in weights)
    return row if len(shape) == 1 else (row,) * shape[0]


def lists(value: Any) -> Any:
    """Nested lists of numbers as an array of 50-digit numbers."""
    found = np.array(value, dtype=object)
    return found if found.shape else M.mpf(value)


def shape_of_lists(value: Any) -> tuple[int, ...]:
    return (len(value), *shape_of_lists(value[0])) if isinstance(value, list) else ()


def record(problem: Problem, at: Any = None, mode: str | None = None) -> dict[str, Any]:
    return json.loads(solve(problem, mode, at=at).render("json"))


def built_in(exercise: str) -> dict[str, Any]:
    return json.loads(page(exercise, form="json"))


@cache
def results_at_the_point(exercise: str) -> dict[str, Any]:
    problem = load(exercise)
    return record(problem, point_for(problem, exercise))["results"]


def slopes(exercise: str, point: dict[str, Any], name: str, sizes: dict[str, int]) -> Any:
    own = {"lambda": "lambda_"}
    names = {own.get(n, n): v for n, v in point.items()}
    start = point[name]
    true = jacobian(lambda u: run(PROGRAMS[exercise], {**names, own.get(name, name): u}, sizes), start)
    return array(flat(true), shape_of(start))


@pytest.mark.parametrize("exercise", PROGRAMS)
def test_values_are_the_differences_in_the_shape_of_the_input(exercise: str) -> None:
    problem = load(exercise)
    at = point_for(problem, exercise)
    point = {n: numbers(v) for n, v in at.items()}
    sizes = sizes_at(problem, point)
    found = results_at_the_point(exercise)
    for name in problem.wrt or found:
        value = lists(found[name]["value"])
        assert shape_of(value) == shape_of(point[name])
        assert same(value, slopes(exercise, point, name, sizes), 13), name


@pytest.mark.parametrize("exercise", PROGRAMS)
def test_formulas_are_worth_the_values(exercise: str) -> None:
    problem = load(exercise)
    at = point_for(problem, exercise)
    point = {n: numbers(v) for n, v in at.items()}
    names = {"lambda_" if n == "lambda" else n: v for n, v in point.items()}
    sizes = sizes_at(problem, point)
    found = results_at_the_point(exercise)
    values = values_by_line(exercise, names, sizes)
    for name in problem.wrt or found:
        wanted = lists(found[name]["value"])
        for key in ("expr", "compact"):
            given = found[name][key]
            if given is not None:
                assert same(worth(given, values, sizes), wanted, 13), (name, key)
        assert found[name]["compact"] is not None


def values_by_line(exercise: str, names: dict[str, Any], sizes: dict[str, int]) -> dict[str, Any]:
    """Inputs and definitions by name."""
    lines, found = PROGRAMS[exercise].split("\n"), dict(names)
    for i, line in enumerate(lines):
        found[line.partition(" = ")[0]] = run("\n".join(lines[: i + 1]), names, sizes)
    return found


def worth(given: Any, point: dict[str, Any], sizes: dict[str, int]) -> Any:
    """A formula, or nested lists of formulas, by the engine; entries of a matrix W as W11."""
    entries = {
        f"{name}{i + 1}{j + 1}": value[i, j]
        for name, value in point.items()
        if len(shape_of(value)) == 2
        for i in range(value.shape[0])
        for j in range(value.shape[1])
    }
    if isinstance(given, list):
        parts = [worth(part, point, sizes) for part in given]
        return array([x for p in parts for x in flat(p)], (len(parts), *shape_of(parts[0])))
    text = given.replace("lambda", "lambda_")
    return run(text, {**point, "column": lambda u: u[:, None], **entries}, sizes)


def test_least_squares_has_its_numbers() -> None:
    found = built_in("least-squares")["results"]
    x = np.array([[1, 2], [3, 4], [5, 6]], dtype=float)
    w, b, y = np.array([0.1, -0.2]), 0.3, np.array([1.0, 0, 1])
    r = x @ w + b - y
    assert found["w"]["value"] == pytest.approx(list(2 * x.T @ r / 3), rel=1e-13)
    assert found["b"]["value"] == pytest.approx(2 * r.sum() / 3, rel=1e-13)
    assert found["w"]["shape"] == ["n"]
    assert found["b"]["shape"] == []


@pytest.mark.parametrize("exercise", PROGRAMS)
def test_shapes_stand_everywhere(exercise: str) -> None:
    found = built_in(exercise)
    shapes = {n.name: list(n.shape) for n in load(exercise).program.inputs}
    assert {one["name"]: one["shape"] for one in found["inputs"]} == shapes
    assert all(found["results"][name]["shape"] == shapes[name] for name in found["results"])
    assert all("shape" in step for step in found["steps"])
    steps = {step["name"]: step["shape"] for step in found["steps"]} | {
        i["step"]: i["shape"] for i in found["inputs"]
    }
    for derivation in found["derivations"]:
        for sweep in derivation["sweeps"]:
            for line in sweep["lines"]:
                name = line["name"].replace("bar", "").replace("dot", "")
                if name in steps:
                    assert line["shape"] == steps[name]


@pytest.mark.parametrize("exercise", [*PROGRAMS, "gof", "mlp"])
def test_every_line_of_the_record_is_proved(exercise: str) -> None:
    derivations = built_in(exercise)["derivations"]
    lines = [line for derivation in derivations for sweep in derivation["sweeps"] for line in sweep["lines"]]
    assert lines
    assert [line["name"] for line in lines if not line["proof"]["proved"]] == []


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("y = x @ A @ x", {"x": (2,), "A": (2, 2)}),
        ("y = sum(tanh(A @ x))", {"A": (3, 2), "x": (2,)}),
        ("y = dot(x, log(x))", {"x": (3,)}),
        ("y = sqnorm(A)", {"A": (2, 3)}),
        ("y = a*sum(x**2)", {"x": (3,), "a": ()}),
        ("y = trace(A @ B)", {"A": (2, 2), "B": (2, 2)}),
        ("y = logsumexp(x)", {"x": (4,)}),
    ],
)
def test_sizes_that_are_numbers_give_entries(text: str, shapes: dict[str, Any]) -> None:
    problem = Problem("own", parse_program(text, shapes=shapes))
    at = {n: nested(drawn(s, n, "positive")) for n, s in shapes.items()}
    point = {n: numbers(v) for n, v in at.items()}
    found = record(problem, at, "reverse")["results"]
    for name, shape in shapes.items():
        given = found[name]["expr"]
        assert shape_of_lists(given) == shape
        true = array(flat(jacobian(lambda u, name=name: run(text, {**point, name: u}), point[name])), shape)
        assert same(worth(given, point, {}), true), name
        assert same(lists(found[name]["value"]), true, 13)


def test_sizes_that_are_names_give_one_formula() -> None:
    found = built_in("attention")["results"]
    assert all(isinstance(found[name]["expr"], str) for name in ("Q", "K", "V"))
    assert "value" not in found["Q"]


@pytest.mark.parametrize(
    ("text", "shapes"), [("y = tanh(A @ x)", {"A": (2, 3), "x": (3,)}), ("y = softmax(x)", {"x": (3,)})]
)
def test_a_vector_by_a_vector_is_a_matrix_of_entries(text: str, shapes: dict[str, Any]) -> None:
    problem = Problem("own", parse_program(text, shapes=shapes))
    at = {n: nested(drawn(s, n)) for n, s in shapes.items()}
    point = {n: numbers(v) for n, v in at.items()}
    found = record(problem, at, "reverse")["results"]["x"]
    true = jacobian(lambda u: run(text, {**point, "x": u}), point["x"])
    assert found["shape"] == list(true.shape)
    assert same(lists(found["value"]), true, 13)
    assert same(worth(found["expr"], point, {}), true)


def test_values_of_a_vector_by_a_matrix_have_three_indices() -> None:
    problem = Problem("own", parse_program("y = A @ x", shapes={"A": (2, 3), "x": (3,)}))
    at = {"A": ((1, 2, 3), (4, 5, 6)), "x": (7, 8, 9)}
    found = record(problem, {n: nested(lists(v) * M.one) for n, v in at.items()}, "reverse")["results"]["A"]
    assert found["shape"] == [2, 2, 3]
    wanted = [[[7.0, 8.0, 9.0] if i == j else [0.0] * 3 for j in range(2)] for i in range(2)]
    assert found["value"] == wanted


def test_numbers_may_come_from_the_command_line() -> None:
    options = [
        "--at",
        "X=[[1,2],[3,4],[5,6]],w=[1,-1],b=0.5",
        "--at",
        "y=[1,0,1],lambda=1/4",
        "--format",
        "json",
    ]
    done = run_command("derive", "ridge", *options)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["results"]
    x, w, y = np.array([[1, 2], [3, 4], [5, 6]]), np.array([1, -1]), np.array([1, 0, 1])
    r = x @ w + 0.5 - y
    assert found["w"]["value"] == pytest.approx(list(2 * x.T @ r / 3 + w / 2), rel=1e-13)
