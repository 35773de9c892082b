"""Cells unlike the exercises: their pages are proved, their code and numbers are those of a plain loop."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from pages import some
from time_cells import NN, N, outer, softmax, toml
from time_helpers import Case, agree, exact, loss_by_input, point_of, problem_of, ran

import symdiff as sd
from symdiff.api.solution import solve


def second(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    before, h, loss = p["s2"], p["s1"], 0
    for t in range(steps):
        before, h = h, keep("h", t, lib.tanh(p["A"] @ h + p["B"] @ before + p["x"][t]))
        loss = loss + (h**2).sum()
    return loss


def scheduled(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h, loss = p["q"] / steps, 0
    for t in range(steps):
        h = keep("h", t, p["r"] * h * lib.exp(-p["q"] * t / steps) + p["x"][t] / (t + 1))
        loss = loss + h**2
    return loss / steps


def counted(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h = p["q"]
    for t in range(1, steps + 1):
        h = keep("h", t, p["r"] * t * h)
    return h


def reader(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h = 0 * p["v"]
    for t in range(steps):
        a = keep("a", t, softmax(lib, p["M"] @ h + p["z"][t]))
        h = keep("h", t, (1 - a[0]) * h + a[0] * lib.tanh(p["M"].T @ a))
    return (h * p["v"]).sum()


def single(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h, values = 0 * p["v"], []
    for t in range(steps):
        h = keep("h", t, lib.sin(p["W"] @ h) + p["x"][t])
        values.append(h)
    return (values[1] * p["v"]).sum() + (values[2] ** 2).sum() * values[0].sum()


def table(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    m, loss = 0 * outer(p["X"][0][0], p["X"][0][0]), 0
    for t in range(steps):
        m = keep("M", t, lib.tanh(p["A"] @ m + p["X"][t].T @ p["X"][t]))
        loss = loss + keep("l", t, (m**2).sum())
    return loss + m[0, 1]


def delayed(lib: Any, p: Any, steps: int, keep: Any) -> Any:
    h, x, loss = 0 * p["W"][0], p["x0"], 0
    for t in range(steps):
        h, x = keep("h", t, lib.tanh(p["W"] @ h + p["U"] @ x + p["x"][t])), p["x"][t]
        loss = loss + (h**3).sum()
    return loss


CASES = (
    Case(
        "delayed",
        toml(
            'W = ["n", "n"]\nU = ["n", "n"]\nx0 = ["n"]',
            'x = ["n"]',
            "h[-1] = zeros(n)\nx[-1] = x0\nh[t] = tanh(W @ h[t-1] + U @ x[t-1] + x[t])",
            "L = sum(sum(h[t]**3))",
        ).replace("x0", "before"),
        lambda lib, p, *rest: delayed(lib, {**p, "x0": p["before"]}, *rest),
        {"W": NN, "U": NN, "before": N},
        {"x": N},
    ),
    Case(
        "second",
        toml(
            'A = ["n", "n"]\nB = ["n", "n"]\ns1 = ["n"]\ns2 = ["n"]',
            'x = ["n"]',
            "h[-2] = s2\nh[-1] = s1\nh[t] = tanh(A @ h[t-1] + B @ h[t-2] + x[t])",
            "L = sum(sqnorm(h[t]))",
        ),
        second,
        {"A": NN, "B": NN, "s1": N, "s2": N},
        {"x": N},
        least=2,
    ),
    Case(
        "scheduled",
        "h[-1] = q/T\nh[t] = r*h[t-1]*exp(-q*t/T) + x[t]/(t + 1)\nL = mean(h[t]**2)",
        scheduled,
        {"q": (), "r": ()},
        {"x": ()},
    ),
    Case("counted", "h[0] = q\nh[t] = r*t*h[t-1]\nL = h[T]", counted, {"q": (), "r": ()}, {}, first=1),
    Case(
        "reader",
        toml(
            'M = ["m", "n"]\nv = ["n"]',
            'z = ["m"]',
            "h[-1] = zeros(n)\na[t] = softmax(M @ h[t-1] + z[t])\n"
            "h[t] = (1 - a[t, 0])*h[t-1] + a[t, 0]*tanh(M.T @ a[t])",
            "L = dot(h[T-1], v)",
        ),
        reader,
        {"M": (3, 2), "v": N},
        {"z": (3,)},
    ),
    Case(
        "single",
        toml(
            'W = ["n", "n"]\nv = ["n"]',
            'x = ["n"]',
            "h[-1] = zeros(n)\nh[t] = sin(W @ h[t-1]) + x[t]",
            "L = dot(h[1], v) + sqnorm(h[2])*sum(h[0])",
        ),
        single,
        {"W": NN, "v": N},
        {"x": N},
        least=4,
    ),
    Case(
        "table",
        toml(
            'A = ["n", "n"]',
            'X = ["k", "n"]',
            "M[-1] = zeros(n, n)\nM[t] = tanh(A @ M[t-1] + X[t].T @ X[t])\nl[t] = sum(M[t]**2)",
            "E = sum(l)\nL = E + M[T-1, 0, 1]",
        ),
        table,
        {"A": NN},
        {"X": (3, 2)},
    ),
)
NAMES = [case.name for case in CASES]


@pytest.mark.parametrize("case", some(CASES, spread=False), ids=NAMES)
def test_the_page_for_every_t_is_proved(case: Case) -> None:
    solution = solve(problem_of(case.source), "bptt")
    assert {str(name) for name in solution.work.wrt} >= set(case.shapes)
    assert "\\begin" in solution.render("latex", "fr")


@pytest.mark.parametrize("turn", [0, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("case", some(CASES, spread=False), ids=NAMES)
def test_the_numbers_of_a_page_are_those_of_the_loop(case: Case, turn: int) -> None:
    """Of one step or of three, in turn."""
    steps = (3, 1)[(CASES.index(case) + turn) % 2]
    if case.name == "single" and steps < 3:
        pytest.skip("there is no h_2")
    point = point_of(case, steps)
    at = {name: exact(value) for name, value in point.items()}
    for mode in ("bptt", "reverse"):
        found = json.loads(solve(problem_of(case.source), mode, at=at, steps=steps).render("json"))["results"]
        for name in case.shapes:
            assert agree(found[name]["value"], loss_by_input(case, point, steps, name), 7), (mode, name)


@cache
def code_of(source: str) -> dict[str, Any]:
    """The names that the emitted code defines."""
    space: dict[str, Any] = {}
    exec(sd.emit(problem_of(source), "numpy"), space)
    return space


@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_code_is_the_loop_or_says_that_there_are_too_few_steps(case: Case, steps: int) -> None:
    space = code_of(case.source)
    point = point_of(case, steps)
    given = list(point.values()) + ([] if case.sequences else [steps])
    if steps < case.least:
        with pytest.raises(ValueError, match=f"there must be at least {case.least} steps"):
            space["value_and_gradients"](*given)
        return
    value, gradients = space["value_and_gradients"](*given)
    assert agree(value, ran(case, point, steps)[0], 12)
    for name in case.shapes:
        assert agree(gradients[name], loss_by_input(case, point, steps, name), 7)


def test_no_step_is_refused_by_code_too() -> None:
    space: dict[str, Any] = {}
    exec(sd.emit("rnn", "numpy"), space)
    import numpy as np

    empty = np.zeros((0, 2))
    with pytest.raises(ValueError, match="at least 1 step"):
        space["value_and_vjps"](np.ones((3, 2)), np.ones((3, 3)), np.ones((2, 3)), empty, empty)


def test_code_for_as_many_steps_as_the_exercise_says() -> None:
    case = next(case for case in CASES if case.name == "single")
    space: dict[str, Any] = {}
    exec(sd.emit(problem_of(case.source.replace('steps = "T"', "steps = 3")), "numpy"), space)
    point = point_of(case, 3)
    _, gradients = space["value_and_gradients"](*point.values())
    for name in case.shapes:
        assert agree(gradients[name], loss_by_input(case, point, 3, name), 7)
