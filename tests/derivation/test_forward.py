"""Forward mode: the lines of the course's exercises, and gradients by another route."""

from __future__ import annotations

import pytest
from helpers import EXPRESSIONS, close, number_of, points_of, slope, true_slope, value

import symdiff as sd


def lines(source: str, wrt: str, inputs: tuple[str, ...] | None = None) -> dict[str, list[str]]:
    (sweep,) = sd.forward(sd.trace(source, inputs), wrt).sweeps
    return {str(line.var): [str(member) for member in line.members] for line in sweep.lines}


def test_the_sigmoid_by_x_is_the_courses_solution() -> None:
    found = lines("1/(1+exp(-a*x))", "x", ("x", "a"))
    assert list(found) == ["wdot_1", "wdot_2", "wdot_3", "wdot_4", "wdot_5"]
    assert (found["wdot_1"], found["wdot_2"]) == (["1"], ["0"])
    assert found["wdot_3"] == [
        "partial(w_3, w_1)*wdot_1 + partial(w_3, w_2)*wdot_2",
        "(-w_2)*wdot_1 + (-w_1)*wdot_2",
        "-w_2",
    ]
    assert found["wdot_4"][:2] == ["partial(w_4, w_3)*wdot_3", "exp(w_3)*wdot_3"]
    assert found["wdot_4"][-1] == "-w_2*exp(w_3)"
    assert found["wdot_5"] == [
        "partial(w_5, w_4)*wdot_4",
        "(-1/w_4**2)*wdot_4",
        "-wdot_4/w_4**2",
        "w_2*exp(w_3)/w_4**2",
    ]


def test_the_sigmoid_by_a_ends_in_x() -> None:
    assert lines("1/(1+exp(-a*x))", "a", ("x", "a"))["wdot_5"][-1] == "w_1*exp(w_3)/w_4**2"


def test_product_sine() -> None:
    by_x1, by_x2 = (lines("x1*x2 + sin(x1)", name) for name in ("x1", "x2"))
    assert by_x1["wdot_3"][-1] == "w_2"
    assert by_x1["wdot_4"][-1] == "cos(w_1)"
    assert by_x1["wdot_5"][-2:] == ["wdot_3 + wdot_4", "w_2 + cos(w_1)"]
    assert by_x2["wdot_4"][-1] == "0"
    assert by_x2["wdot_5"][-1] == "w_1"


def test_baydin() -> None:
    by_x1, by_x2 = (lines("log(x1) + x1*x2 - sin(x2)", name) for name in ("x1", "x2"))
    assert by_x1["wdot_7"][-1] == "1/w_1 + w_2"
    assert by_x2["wdot_7"][-1] == "w_1 - cos(w_2)"
    d = sd.forward(sd.trace("log(x1) + x1*x2 - sin(x2)"))
    point = {"x1": 2, "x2": 5}
    assert number_of(d.gradient["x1"], point) == 5.5
    assert close(number_of(d.gradient["x2"], point), value("2 - cos(5)", {}))


def test_one_sweep_for_each_input_that_is_asked_for() -> None:
    tape = sd.trace("x*y*z")
    assert [str(sweep.seed) for sweep in sd.forward(tape).sweeps] == ["x", "y", "z"]
    assert [str(sweep.seed) for sweep in sd.forward(tape, ["z", "x", "z"]).sweeps] == ["z", "x"]
    assert set(sd.forward(tape, "y").gradient) == {"y"}


def test_seeds_are_one_for_the_chosen_input_and_zero_for_the_others() -> None:
    found = lines("x*y*z", "y")
    assert [found[f"wdot_{i}"] for i in (1, 2, 3)] == [["0"], ["1"], ["0"]]


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_gradients_agree_with_sympy_and_with_differences(source: str) -> None:
    d = sd.forward(sd.trace(source))
    points = points_of(source)
    assert points
    assert set(d.gradient) == set(points[0])
    for point in points:
        for name, formula in d.gradient.items():
            ours = number_of(formula, point)
            assert close(ours, slope(source, point, name), 20)
            assert close(ours, true_slope(source, point, name))


def test_the_identity_and_a_constant() -> None:
    assert sd.forward(sd.trace("f(x) = x")).gradient["x"] == 1
    assert sd.forward(sd.trace("f(x) = 3")).gradient["x"] == 0
    assert dict(sd.forward(sd.trace("f(x, a) = a")).gradient) == {"x": 0, "a": 1}


def test_an_input_that_does_not_exist_is_answered_with_the_nearest_one() -> None:
    tape = sd.trace("rate*x")
    with pytest.raises(sd.UsageError, match="did you mean 'rate'"):
        sd.forward(tape, "rat")
    with pytest.raises(sd.UsageError, match="did you mean 'rate'"):
        sd.forward(tape, ["x", "ratee"])
    with pytest.raises(sd.UsageError, match="known: x"):
        sd.forward(tape, "x").gradient["rate"]
