"""References forward in time: a chain against time beside one with it, as in bidirectional networks."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.api.drawing import draw
from symdiff.api.solution import solve
from symdiff.api.wishes import Wishes
from symdiff.errors import InputError, UsageError
from symdiff.exercises import read
from symdiff.exercises.recurrent import written_out
from symdiff.language.recurrence_parser import parse_recurrence

BOTH_WAYS = (
    "h[t] = tanh(U*x[t] + W*h[t-1]); h[-1] = 0; b[t] = tanh(V*x[t] + R*b[t+1]); b[T] = 0; "
    "o[t] = c*h[t] + d*b[t]; L = sum(o[t]**2)"
)


def loss(point: dict[str, float], x: list[float]) -> float:
    """The loss of `BOTH_WAYS`, computed by two loops."""
    h, b = [0.0], [0.0]
    for u in x:
        h.append(np.tanh(point["U"] * u + point["W"] * h[-1]))
    for u in reversed(x):
        b.append(np.tanh(point["V"] * u + point["R"] * b[-1]))
    forward, backward = h[1:], b[:0:-1]
    return float(sum((point["c"] * p + point["d"] * q) ** 2 for p, q in zip(forward, backward, strict=True)))


@pytest.mark.parametrize("mode", ["forward", "reverse", "chain"])
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_gradients_are_slopes_of_two_loops(mode: str, steps: int) -> None:
    names = ("U", "W", "V", "R", "c", "d")
    point = dict(zip(names, (0.3, -0.7, 0.9, 0.4, 1.1, -0.6), strict=True))
    x = [0.5, -1.2, 0.8, 0.1][:steps]
    problem = written_out(read(BOTH_WAYS), steps)
    tape = sd.trace("; ".join(f"{name} = {form}" for name, form in problem.program.definitions))
    derivation = (sd.forward if mode == "forward" else sd.reverse)(tape)
    values = {**point, **{f"x_{i}": value for i, value in enumerate(x)}}
    for name in names if steps > 1 else ("U", "V", "c", "d"):
        step = 1e-6
        moved = [loss({**point, name: point[name] + sign * step}, x) for sign in (1, -1)]
        found = float(derivation.gradient[name].subs(values))
        assert found == pytest.approx((moved[0] - moved[1]) / (2 * step), abs=1e-8)
    at = {name: Fraction(str(value)) for name, value in {**point}.items()}
    solve(read(BOTH_WAYS), mode, at={**at, "x": [Fraction(str(value)) for value in x]}, steps=steps)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        (BOTH_WAYS, "h_0 h_1 h_2 b_2 b_1 b_0 o_0 o_1 o_2"),
        ("b[t] = r*b[t+1]; b[T] = 1; L = b[0]", "b_2 b_1 b_0"),
        ("h[0] = 0; h[t] = w*h[t-1]; b[t] = h[t]*b[t+1]; b[T+1] = 1; L = sum(b)", "h_1 h_2 h_3 b_3 b_2 b_1"),
        ("b[t] = r*b[t+1]; b[T] = 1; h[t] = h[t-1]*b[t]; h[-1] = 1; L = sum(h)", "b_2 b_1 b_0 h_0 h_1 h_2"),
        ("y[t] = x[t+1] - x[t]; x[T] = 0; L = sum(y)", "y_0 y_1 y_2"),
        ("b[t] = r*b[t+2]; b[T] = 1; b[T+1] = q; L = b[0]", "b_2 b_1 b_0"),
    ],
)
def test_each_chain_is_written_out_in_its_own_direction(text: str, order: str) -> None:
    definitions = parse_recurrence(text).unrolled(3)[1]
    assert " ".join(name.name for name, _ in definitions[:-1]) == order


def test_the_value_after_the_last_time_is_put_in() -> None:
    definitions = dict(parse_recurrence("b[t] = r*b[t+1] + x[t]; b[T] = q; L = b[0]").unrolled(2)[1])
    assert [f"{name} = {form}" for name, form in definitions.items()] == [
        "b_1 = r*q + x_1",
        "b_0 = r*b_1 + x_0",
        "L = b_0",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("b[t] = r*b[t+1]; L = sum(b)", "b has no value after the last time; write b[T] = 0"),
        ("b[t] = r*b[t+2]; b[T] = 1; L = b[0]", "write b[T+1] = 0"),
        ("b[t] = r*b[t+2]; b[T+1] = 1; L = b[0]", "b[t+2] needs b[T]; write b[T] = …"),
        ("h[t] = w*h[t-1]; h[-1] = 1; h[T] = 2; L = sum(h)", "no formula refers to it"),
        (
            "b[t] = r*b[t+1] + s*b[t-1]; b[T] = 0; b[-1] = 0; L = sum(b)",
            "b[t] needs itself forward and",
        ),
        (
            "h[t] = b[t-1]*h[t-1]; h[-1] = 0; b[-1] = 0; b[t] = h[t]*b[t+1]; b[T] = 0; L = sum(h)",
            "h[t], b[t] need each other forward and backward in time",
        ),
        ("h[t+1] = w*h[t]; h[0] = 1; L = sum(h)", "'h[t+1]' cannot be defined; write h[t] = …"),
        ("b[t] = r*b[t+1]; b[T] = 0; b[T] = 1; L = sum(b)", "b[T] is given twice"),
        ("b[t] = r*b[t+1]; b[T] = c*t; L = sum(b)", "t has no value in b[T]"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_recurrence(text)
    assert says in str(caught.value)


def test_a_file_gives_arrays_and_the_name_of_the_number_of_steps(tmp_path: Path) -> None:
    file = tmp_path / "both.toml"
    file.write_text(
        'steps = "N"\nwrt = ["R"]\n[inputs]\nR = ["n", "n"]\nv = ["n"]\n[sequences]\nx = ["n"]\n'
        "[recurrence]\n"
        '"b[N]" = "zeros(n)"\n"b[t]" = "tanh(x[t] + R @ b[t+1])"\n[definitions]\nL = "dot(v, b[0])"\n'
    )
    page = solve(read(str(file)), "reverse").render("text")
    assert "b₂ = tanh x₂" in page
    assert "b₁ = tanh(x₁ + R b₂)" in page


def test_adjoints_go_against_the_direction_of_their_own_chain() -> None:
    """b̄_t comes from b̄_{t−1} and begins at t = 0, h̄_t comes from h̄_{t+1} and begins at T − 1."""
    page = " ".join(solve(read(BOTH_WAYS), "bptt").render("text").split())
    assert "starting from h₋₁ = 0 and b_T = 0" in page
    assert "∂L/∂b₀ = (∂L/∂o₀)·(∂o₀/∂b₀)" in page
    assert "∂L/∂bₜ = (∂L/∂bₜ₋₁)·(∂bₜ₋₁/∂bₜ) + (∂L/∂oₜ)·(∂oₜ/∂bₜ)" in page
    assert "∂L/∂hₜ = (∂L/∂hₜ₊₁)·(∂hₜ₊₁/∂hₜ) + (∂L/∂oₜ)·(∂oₜ/∂hₜ)" in page
    assert "for every number of time steps from 1 to 8" in page


def gradient_for_every_t(steps: int, point: dict[str, Fraction]) -> Fraction:
    """∂L/∂r by hand from the lines of the page for b_t = r·b_{t+1} + x_t, b_T = 0, L = Σ b_t²."""
    r, x = point["r"], [point[f"x_{t}"] for t in range(steps)]
    b = [Fraction(0)] * (steps + 1)
    for t in reversed(range(steps)):
        b[t] = r * b[t + 1] + x[t]
    adjoint, total = Fraction(0), Fraction(0)
    for t in range(steps):
        adjoint = r * adjoint + 2 * b[t]
        total += adjoint * b[t + 1]
    return total


def test_the_lines_for_every_t_give_what_the_steps_written_out_give() -> None:
    text = "b[t] = r*b[t+1] + x[t]; b[T] = 0; L = sum(b[t]**2)"
    page = " ".join(solve(read(text), "bptt").render("text").split())
    assert "∂L/∂bₜ = 2·bₜ + (∂L/∂bₜ₋₁)·r" in page
    point = {"r": Fraction(2, 3), "x_0": Fraction(1), "x_1": Fraction(-2), "x_2": Fraction(5)}
    problem = written_out(read(text), 3)
    tape = sd.trace("; ".join(f"{name} = {form}" for name, form in problem.program.definitions))
    found = sd.reverse(tape).gradient["r"].subs({name: str(value) for name, value in point.items()})
    assert Fraction(str(found)) == gradient_for_every_t(3, point)


@pytest.mark.parametrize(
    ("text", "wishes", "says"),
    [
        (
            BOTH_WAYS,
            {"at": {"U": 1, "W": 1, "V": 1, "R": 1, "c": 1, "d": 1, "x": [1]}},
            "no numbers at a point",
        ),
        ("b[t] = r*b[t+1]; b[T] = 1", {}, "needs a result that is a number"),
        ("b[t] = r*b[t+1]; b[T] = q; L = sum(b)", {}, "no input may stand in a value after the last time"),
        (BOTH_WAYS, {"wrt": ["b_1"]}, "goes back to inputs without a time"),
    ],
)
def test_what_the_page_for_every_t_does_not_have(text: str, wishes: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match="use --mode reverse, forward, both or chain") as caught:
        solve(read(text), "bptt", **wishes)
    assert says in str(caught.value)


def test_its_picture_is_folded() -> None:
    problem = read(BOTH_WAYS)
    assert "to a later time or to an earlier one" in draw(problem, Wishes("bptt"), "folded").render("svg")
    with pytest.raises(UsageError, match="use --view folded"):
        draw(problem, Wishes("bptt"))


def test_there_is_no_code() -> None:
    with pytest.raises(InputError, match="no code for a recurrence in which a definition refers forward"):
        sd.emit(BOTH_WAYS)
