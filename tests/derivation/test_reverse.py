"""Reverse mode: the lines of the course's exercises, paths and their sum, gradients by another route."""

from __future__ import annotations

import sys

import pytest
from helpers import EXPRESSIONS, M, close, number_of, points_of, slope, true_slope, value

import symdiff as sd


def lines(source: str, inputs: tuple[str, ...] | None = None) -> dict[str, list[str]]:
    (sweep,) = sd.reverse(sd.trace(source, inputs)).sweeps
    return {str(line.var): [str(member) for member in line.members] for line in sweep.lines}


def test_the_sigmoid_is_the_courses_solution() -> None:
    found = lines("1/(1+exp(-a*x))", ("x", "a"))
    assert found == {
        "wbar_5": ["partial(y, w_5)", "1"],
        "wbar_4": ["wbar_5*partial(w_5, w_4)", "wbar_5*(-1/w_4**2)", "-1/w_4**2"],
        "wbar_3": ["wbar_4*partial(w_4, w_3)", "wbar_4*exp(w_3)", "-exp(w_3)/w_4**2"],
        "wbar_2": ["wbar_3*partial(w_3, w_2)", "wbar_3*(-w_1)", "-wbar_3*w_1", "w_1*exp(w_3)/w_4**2"],
        "wbar_1": ["wbar_3*partial(w_3, w_1)", "wbar_3*(-w_2)", "-wbar_3*w_2", "w_2*exp(w_3)/w_4**2"],
    }
    assert list(found) == ["wbar_5", "wbar_4", "wbar_3", "wbar_2", "wbar_1"]


def test_product_sine_has_two_paths_to_x1_and_their_sum() -> None:
    found = lines("x1*x2 + sin(x1)")
    assert found["wbar_1_a"] == ["wbar_3*partial(w_3, w_1)", "wbar_3*w_2", "w_2"]
    assert found["wbar_1_b"] == ["wbar_4*partial(w_4, w_1)", "wbar_4*cos(w_1)", "cos(w_1)"]
    assert found["wbar_1"] == ["wbar_1_a + wbar_1_b", "w_2 + cos(w_1)"]
    assert found["wbar_2"][-1] == "w_1"
    assert "wbar_2_a" not in found


def test_baydin_has_two_paths_to_both_inputs() -> None:
    found = lines("log(x1) + x1*x2 - sin(x2)")
    assert found["wbar_1"] == ["wbar_1_a + wbar_1_b", "1/w_1 + w_2"]
    assert found["wbar_2"] == ["wbar_2_a + wbar_2_b", "w_1 - cos(w_2)"]
    d = sd.reverse(sd.trace("log(x1) + x1*x2 - sin(x2)"))
    point = {"x1": 2, "x2": 5}
    assert number_of(d.gradient["x1"], point) == 5.5
    assert close(number_of(d.gradient["x2"], point), value("2 - cos(5)", {}))


def test_many_paths_are_lettered_and_then_numbered() -> None:
    found = lines(" + ".join(f"sin({i}*x)" for i in range(2, 32)))
    paths = [name for name in found if name.startswith("wbar_1_")]
    assert paths[:2] == ["wbar_1_a", "wbar_1_b"]
    assert len(set(paths)) == 30


def test_the_names_of_all_paths_can_be_read_back() -> None:
    found = lines(" + ".join(f"sin({i}*x)" for i in range(2, 32)))
    assert [name for name in found if not name.isidentifier()] == []


def test_one_sweep_gives_every_derivative_whatever_is_asked_for() -> None:
    tape = sd.trace("x*y*z")
    d = sd.reverse(tape, "y")
    assert len(d.sweeps) == 1
    assert [str(name) for name in d.wrt] == ["y"]
    assert set(d.gradient) == {"x", "y", "z"}


@pytest.mark.parametrize("granularity", ["textbook", "atomic"])
@pytest.mark.parametrize("source", EXPRESSIONS)
def test_gradients_agree_with_sympy_and_with_differences(source: str, granularity: str) -> None:
    d = sd.reverse(sd.trace(source, granularity=granularity))  # type: ignore[arg-type]
    points = points_of(source)
    assert points
    assert set(d.gradient) == set(points[0])
    for point in points:
        for name, formula in d.gradient.items():
            ours = number_of(formula, point)
            assert close(ours, slope(source, point, name), 20)
            assert close(ours, true_slope(source, point, name))


def adjoints(source: str, point: dict[str, float]) -> dict[str, object]:
    """The lines of a reverse sweep evaluated one after another, by their local forms only."""
    tape = sd.trace(source)
    known = {str(var): value(name, point) for var, name in tape.inputs}
    for step in tape.steps:
        known[str(step.var)] = value(step.body, known)
    for line in sd.reverse(tape).sweeps[0].lines:
        known[str(line.var)] = value(line.local, known)
    return {name.name: known[f"wbar_{str(var)[2:]}"] for var, name in tape.inputs}


@pytest.mark.parametrize("source", ["tanh(a*x)**2*exp(-x)", "sin(x*y)*x + y/(1 + x**2)", "x**3*x**y"])
def test_the_local_lines_alone_give_the_gradient(source: str) -> None:
    point = dict.fromkeys("axy", 0.75) | {"x": 1.25}
    for name, found in adjoints(source, point).items():
        assert close(found, slope(source, point, name), 20)


def test_a_recurrence_gives_the_derivative_of_its_last_value() -> None:
    steps = 20
    source = "\n".join(["h_0 = tanh(U*x)", *(f"h_{t} = tanh(U*x + W*h_{t - 1})" for t in range(1, steps))])
    point = {"U": 0.5, "x": 0.25, "W": 0.75}
    u, x, w = (M.mpf(point[n]) for n in ("U", "x", "W"))
    hidden, derivative = M.zero, M.zero
    for _ in range(steps):
        hidden = M.tanh(u * x + w * hidden)
        derivative = (1 - hidden**2) * (x + w * derivative)
    assert close(adjoints(source, point)["U"], derivative, 40)


def test_the_identity_and_a_constant() -> None:
    assert sd.reverse(sd.trace("f(x) = x")).gradient["x"] == 1
    assert sd.reverse(sd.trace("f(x) = 3")).gradient["x"] == 0
    assert dict(sd.reverse(sd.trace("f(x, a) = a")).gradient) == {"x": 0, "a": 1}


def test_an_input_that_does_not_exist_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(sd.UsageError, match="did you mean 'rate'"):
        sd.reverse(sd.trace("rate*x"), "rat")


@pytest.mark.parametrize("count", [1_000, pytest.param(5_000, marks=pytest.mark.long)])
def test_many_steps_need_no_recursion(count: int) -> None:
    source = "\n".join(["h_0 = w*x", *(f"h_{t} = tanh(w*h_{t - 1})" for t in range(1, count))])
    d = sd.reverse(sd.trace(source))
    assert len(d.sweeps[0].lines) > 2 * count > sys.getrecursionlimit()
    assert max(len(str(line.local)) for line in d.sweeps[0].lines if "a" not in str(line.var)[-1:]) < 10**6
