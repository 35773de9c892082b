"""Recurrences as texts and files: what they say, written out, and every way in which they can be wrong.

Written-out programs are compared with a plain loop over time in floats.
"""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import pytest

from symdiff.errors import InputError, SymdiffError, UsageError
from symdiff.exercises import read
from symdiff.exercises.problem import Problem
from symdiff.exercises.recurrent import with_result, written_out
from symdiff.expr.tree import Sym
from symdiff.proof.balls import Balls, double
from symdiff.proof.values import evaluate, looked_up

ELMAN = "h[t] = tanh(U*x[t] + W*h[t-1]); h[-1] = 0"


def definitions(text: str, steps: int) -> list[str]:
    program = written_out(read(text), steps).program
    return [f"{name} = {formula}" for name, formula in program.definitions]


def value(problem: Problem, point: dict[str, float]) -> float:
    """The result of a written-out program, from its definitions."""
    m = Balls()
    known = {Sym(name): m.number(Fraction(number)) for name, number in point.items()}
    for name, formula in problem.program.definitions:
        known[name] = evaluate(m, formula, {}, looked_up(known))
    return double(known[problem.program.definitions[-1][0]])


def test_a_recurrence_is_written_out_with_its_zeros_dropped() -> None:
    assert definitions(ELMAN, 2) == ["h_0 = tanh(U*x_0)", "h_1 = tanh(U*x_1 + W*h_0)"]
    assert definitions(ELMAN, 1) == ["h_0 = tanh(U*x_0)"]


def test_times_begin_after_the_last_value_given() -> None:
    text = "h[0] = g; h[t] = a*h[t-1] + t; L = sum(h)/T + h[T]"
    assert definitions(text, 2) == ["h_1 = a*g + 1", "h_2 = a*h_1 + 2", "L = (h_1 + h_2)/2 + h_2"]


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_a_written_out_recurrence_has_the_value_of_a_loop(steps: int) -> None:
    text = "h[-2] = p; h[-1] = 1; h[t] = sin(a*h[t-1] + b*h[t-2] + x[t]); L = mean(h**2) + 3*h[T-1]"
    point = {"a": 0.7, "b": -0.4, "p": 0.3} | {f"x_{t}": 0.1 * t - 0.2 for t in range(steps)}
    before, last, squares = 0.3, 1.0, []
    for t in range(steps):
        before, last = last, math.sin(0.7 * last - 0.4 * before + point[f"x_{t}"])
        squares.append(last**2)
    expected = sum(squares) / steps + 3 * last
    assert value(written_out(read(text), steps), point) == pytest.approx(expected, rel=1e-12)


def test_sums_over_time_and_over_entries(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[inputs]\nw = ["n"]\n[sequences]\nx = ["n"]\nc = []\n[recurrence]\n"h[-1]" = "zeros(n)"\n'
        '"h[t]" = "w*h[t-1] + x[t]"\n[definitions]\nL = "sum(c[t]*sum(h[t]**2)) + sum(sum(h))"\n'
    )
    last = written_out(read(str(path)), 2).program.definitions[-1][1]
    assert str(last) == "c_0*sum(h_0**2) + c_1*sum(h_1**2) + sum(h_0 + h_1)"


def test_a_number_of_steps_can_be_changed_and_the_point_with_it() -> None:
    problem = written_out(read("rnn3x3"), 2)
    assert problem.at is not None
    assert {"x_0", "x_1", "y_1"} <= set(problem.at)
    assert "x_2" not in problem.at
    assert str(problem.program.definitions[-1][1]) == "(l_0 + l_1)/2"
    with pytest.raises(UsageError, match="x has 3 values and there are 4 steps"):
        written_out(read("rnn3x3"), 4)


def test_any_definition_can_be_the_result() -> None:
    problem = with_result(written_out(read(ELMAN), 3), "h_1")
    assert [name.name for name in problem.program.inputs] == ["U", "W", "x_0", "x_1"]
    with pytest.raises(UsageError, match="no definition is called 'h_7'"):
        with_result(problem, "h_7")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("h[t] = tanh(U*x[t] + W*h[t-1])", "h has no initial value; write h\\[-1\\] = 0"),
        ("h[-1] = 0; h[t] = tanh(h[t+1] + h[t-1])", "refers forward in time"),
        ("h[-1] = 0; h[t] = a[t]*h[t-1]; a[t] = h[t-1]", "a\\[t\\] is used before it is defined"),
        ("h[-1] = 0; h[t] = h[t]*w + h[t-1]", "h\\[t\\] is used before it is defined"),
        ("h[-1] = 0; h[t] = w*h[t-1] + h[t-2]", "h\\[t-2\\] needs h\\[-2\\]"),
        ("h[-1] = 0; h[t] = w*h[t-1]; y = h", "t has no value here"),
        ("h[-1] = 0; h[t] = w*h[t-1]; y = h[t]", "t has no value here"),
        ("h[-1] = 0; h[t] = w*h", "h has a value for each time"),
        ("h[-1] = 0; h[t] = w*h[t-1] + x[0]", "a fixed time in the recurrence"),
        ("h[-1] = 0; h[t] = w*h[k-1]", "'k' is not a time"),
        ("h[-1] = 0; h[t] = w*h[t-1]; g[k] = h[k]", "two indices of time, t and k"),
        ("h[-1] = 0; h[t] = w*h[t-1]; h[t] = 2", "h\\[t\\] is defined twice"),
        ("h[-1] = t; h[t] = w*h[t-1]", "t has no value in h\\[-1\\]"),
        ("h[-1] = x[t]; h[t] = w*h[t-1]", "t has no value in h\\[-1\\]"),
        ("h[-1] = 0; h[-1] = 1; h[t] = w*h[t-1]", "h\\[-1\\] is given twice"),
        ("h[-1] = 0; h[t] = w*h[t-1]; y = h[-5]", "there is no h\\[-5\\]"),
        ("h[-1] = 0; h[t] = w*h[t/2]", "this is not a time"),
        ("h[-1] = 0; h[t] = w*h[t-1] + h_0", "or a name of its own"),
        ("g[-1] = 0; h[t] = w*x[t]", "g has an initial value"),
        ("h[-1] = 0; h[t] = w*h[t-1]; sum(h); y = 1", "only the last formula may be without a name"),
        ("h[-1] = 0; pi[t] = w*h[pi-1]", "is not a time"),
    ],
)
def test_what_is_wrong_is_one_clear_line(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as found:
        read(text)
    assert len(found.value.what) < 120


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('"zeros(n)"', '"zeros(m)"'), "shapes do not fit"),
        (('"zeros(n)"', '"0"'), "shapes do not fit"),
        (('steps = "T"', "steps = 0"), "0 steps cannot be written out"),
        (('steps = "T"', 'steps = "t"'), "'t' is the index of time and also the number of steps"),
        (('steps = "T"', "steps = 2.5"), "number of steps or its name"),
        (('steps = "T"', 'steps = "U"'), "number of steps and also a name"),
        (('"h[t]"', '"h"'), r"under \[recurrence\]"),
        (('"y[t]" = "softmax(V @ h[t])"', '"y[t]" = "softmax(V @ z)"'), "unknown name 'z'"),
        (('x = ["d"]', 'x = ["d"]\nU = []'), "an input and a sequence"),
    ],
)
def test_an_error_in_a_file_has_its_place(change: tuple[str, str], message: str, tmp_path: Path) -> None:
    source = (Path(__file__).parents[2] / "symdiff" / "exercises" / "rnn.toml").read_text(encoding="utf-8")
    assert change[0] in source
    path = tmp_path / "own.toml"
    path.write_text(source.replace(*change), encoding="utf-8")
    with pytest.raises(SymdiffError, match=message) as found:
        read(str(path))
    assert str(found.value).count("own.toml") == 1


def test_no_step_is_an_error() -> None:
    with pytest.raises(InputError, match="0 steps cannot be written out"):
        written_out(read(ELMAN), 0)
    with pytest.raises(UsageError, match="this is for recurrences"):
        written_out(read("sigmoid"), 2)


def test_names_that_other_languages_keep_are_names_here() -> None:
    assert definitions("lambda[-1] = 0; lambda[i] = E*lambda[i-1] + beta; w_1 = sum(lambda)", 2)[-1] == (
        "w_1 = lambda_0 + lambda_1"
    )
