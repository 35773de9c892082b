"""The point that a reader gives: lists, NumPy arrays, and every way in which it may not fit."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.api.solution import solve
from symdiff.errors import UsageError
from symdiff.exercises import load
from symdiff.language.program import parse_program
from symdiff.tape.points import checked_point, exact, exact_point, point_in_words, shape_of
from symdiff.tape.tape import Tape, named_tape

TEXT = "y = dot(A @ x, u) + b"
SHAPES = {"A": ("m", "n"), "x": ("n",), "u": ("m",), "b": ()}
GOOD: dict[str, Any] = {"A": [[1, 2, 3], [4, 5, 6]], "x": [1, 0.5, -2], "u": [1, 1], "b": 0.1}


@pytest.fixture(scope="module")
def tape() -> Tape:
    program = parse_program(TEXT, shapes=SHAPES)
    return named_tape(program.definitions, program.inputs)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (0.1, Fraction(1, 10)),
        ("1/3", Fraction(1, 3)),
        (-2, Fraction(-2)),
        (1e-3, Fraction(1, 1000)),
        ([1, 0.5], (Fraction(1), Fraction(1, 2))),
        ((1, (2, 3)), (Fraction(1), (Fraction(2), Fraction(3)))),
        (np.float64(0.1), Fraction(1, 10)),
        (np.int64(7), Fraction(7)),
        (np.array([[1, 2], [3, 4]]), ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(4)))),
        (np.array([0.1]), (Fraction(1, 10),)),
        (np.array(0.5), Fraction(1, 2)),
        (np.arange(6).reshape(2, 3).T[:, 0], (Fraction(0), Fraction(1), Fraction(2))),
    ],
    ids=repr,
)
def test_numbers_are_taken_exactly_as_they_are_written(value: Any, found: Any) -> None:
    assert exact(value) == found
    assert exact_point({"x": value}) == {"x": found}


BAD = [
    float("nan"),
    float("inf"),
    "-inf",
    "x",
    None,
    [1, "two"],
    {"a": 1},
    [float("nan")],
    "1/0",
    1j,
    "__import__('os')",
]


@pytest.mark.parametrize(
    "value", [*BAD, np.array([1.0, np.inf]), np.array(["a"]), object()], ids=lambda v: repr(v)[:20]
)
def test_what_is_no_number_is_refused_in_one_line(value: Any) -> None:
    with pytest.raises(UsageError, match="is not a number") as caught:
        exact(value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (1, ()),
        ((1, 2), (2,)),
        (((1, 2), (3, 4), (5, 6)), (3, 2)),
        (((1, 2), (3,)), None),
        ((1, (2,)), None),
        (((),), (1, 0)),
    ],
)
def test_the_shape_of_nested_values(value: Any, shape: Any) -> None:
    if shape == (1, 0):
        assert shape_of(value) in ((1, 0), None)
    else:
        assert shape_of(value) == shape


def test_a_point_that_fits_comes_in_the_order_of_the_inputs(tape: Tape) -> None:
    point = checked_point(tape, exact_point(dict(reversed(GOOD.items()))))
    assert point is not None
    assert list(point) == list(tape.variables)
    assert point["b"] == Fraction(1, 10)
    assert checked_point(tape, None) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"x": [1, 2]}, ["x is a vector of n = 3 entries", "a vector of 2 entries"]),
        ({"A": [[1, 2]]}, ["x is a vector of n = 2 entries", "a vector of 3 entries"]),
        ({"A": [1, 2, 3]}, ["a vector of 3 entries", "A is a matrix of m×n", "[[1, 2], [3, 4]]"]),
        ({"A": 5}, ["a number", "A is a matrix of m×n"]),
        ({"x": 5}, ["x is a vector of n", "value is a number", "as [1, 2]"]),
        ({"b": [1]}, ["a vector of 1 entry", "b is a number", "as 0.5"]),
        ({"A": [[1, 2, 3], [4, 5]]}, ["rows of different lengths", "m×n"]),
        ({"x": []}, ["x"]),
        ({"A": [[], []]}, ["A"]),
        ({"u": [1, 2, 3]}, ["a vector of 3", "a vector of m = 2"]),
    ],
    ids=lambda v: repr(v)[:40],
)
def test_a_value_of_another_shape_names_both(tape: Tape, change: dict[str, Any], says: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        checked_point(tape, exact_point({**GOOD, **change}))
    message = str(caught.value)
    assert "\n" not in message
    assert [part for part in says if part not in message] == []


def test_missing_and_unknown_names(tape: Tape) -> None:
    with pytest.raises(UsageError, match="no value for u, b"):
        checked_point(tape, exact_point({"A": GOOD["A"], "x": GOOD["x"]}))
    with pytest.raises(UsageError, match="'X' is not an input"):
        checked_point(tape, exact_point({**GOOD, "X": 1}))


def test_a_point_in_a_message_is_short() -> None:
    text = point_in_words(
        {"A": tuple(tuple(map(Fraction, range(50))) for _ in range(50)), "b": Fraction(1, 3)}
    )
    assert len(text) < 100
    assert "b = 0.333333" in text


@pytest.mark.parametrize("kind", [list, np.array])
def test_render_takes_lists_and_arrays(kind: Any) -> None:
    tape = sd.trace("y = x @ A @ x", shapes={"x": ("n",), "A": ("n", "n")})
    at = {"x": kind([1, 2]), "A": kind([[1, 2], [3, 4]])}
    found = json.loads(sd.render(sd.reverse(tape), format="json", at=at))["results"]
    assert found["x"]["value"] == [12.0, 21.0]
    assert found["A"]["value"] == [[1.0, 2.0], [2.0, 4.0]]


def test_a_point_outside_the_domain_is_named_with_its_arrays() -> None:
    with pytest.raises(sd.SymdiffError, match=r"x = \[1, -1\]"):
        solve(load_log(), at={"x": (Fraction(1), Fraction(-1))})


def load_log() -> Any:
    from symdiff.exercises.problem import Problem

    return Problem("own", parse_program("y = sum(log(x))", shapes={"x": ("n",)}))


@pytest.mark.parametrize("mode", ["forward", "reverse", "both"])
def test_a_formula_without_a_value_at_the_point_is_outside_the_domain(mode: str) -> None:
    from symdiff.exercises.problem import Problem

    problem = Problem("own", parse_program("y = det(A)", shapes={"A": (2, 2)}))
    assert "3" in solve(problem, mode, at=exact_point({"A": [[1, 2], [2, 3]]})).render("text")
    with pytest.raises(
        sd.DomainError, match=r"A = \[\[1, 2\], \[2, 4\]\] is outside the domain: inv\(A\) has"
    ):
        solve(problem, mode, at=exact_point({"A": [[1, 2], [2, 4]]}))


def test_the_exercises_own_point_gives_way() -> None:
    at = exact_point({"X": [[1, 0], [0, 1]], "w": [1, 2], "b": 0, "y": [0, 0]})
    found = json.loads(solve(load("least-squares"), at=at).render("json"))["results"]
    assert found["w"]["value"] == [1.0, 2.0]
