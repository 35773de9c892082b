"""What is said of kinks where constants and arrays stand in one step: no shape of our own operations."""

from __future__ import annotations

from typing import Any

import pytest

import symdiff as sd
from symdiff.api.solution import solve
from symdiff.exercises import read
from symdiff.exercises.problem import Problem
from symdiff.language.program import parse_program

SHAPES: dict[str, Any] = {"x": (3,), "z": (), "A": ("m", "n"), "X": ("m", "m"), "v": ("n",)}
CONSTANT = [
    "abs(ones(3)) @ x",
    "sign(ones(3)) @ x",
    "relu(ones(3)) @ x",
    "max(ones(3), zeros(3)) @ x",
    "abs(eye(3)) @ x @ x",
    "sum(A) + max(1, 2)",
    "sum(A*max(1, 2))",
    "sum(v) + abs(2)",
]
MIXED = {
    "logdet(eye(m) + 0.1*min(ones(m, m), X))": "min(1, u)",
    "sum(min(ones(n), v))": "min(1, u)",
    "sum(max(ones(n), A))": "max(1, u)",
    "sum(max(A, zeros(m, n)))": "max(u, 0)",
}


def page(text: str, mode: str = "reverse") -> str:
    shapes = {
        name: shape for name, shape in SHAPES.items() if name in text.replace("max", "").replace("exp", "")
    }
    return solve(Problem("own", parse_program(f"L = {text}", shapes=shapes)), mode).render("text")


@pytest.mark.parametrize("text", CONSTANT)
def test_a_function_of_constants_has_no_kink(text: str) -> None:
    assert "not differentiable" not in page(text)


@pytest.mark.parametrize("text", MIXED)
def test_a_constant_array_beside_an_operand_is_its_entry(text: str) -> None:
    assert MIXED[text] in page(text)


@pytest.mark.parametrize(
    "text", ["sum(max(A, v))", "sum(tanh(A + v))", "relu(z)*sum(A*v)", "max(z, 2)*sum(A)"]
)
def test_what_is_spread_over_a_matrix_has_a_page_of_the_chain_rule(text: str) -> None:
    assert "∂L/∂A" in page(text, "chain")


def test_a_refusal_speaks_of_the_authors_formula() -> None:
    with pytest.raises(sd.InputError, match=r"the shapes do not fit in max"):
        sd.trace("sum(max(x, v))", shapes={"x": (3,), "v": (4,)})


@pytest.mark.parametrize("mode", ["chain", "jacobian"])
def test_a_page_of_definitions_says_what_is_agreed_at_a_kink_and_what_a_jump_means(mode: str) -> None:
    solution = sd.solve(read("h = relu(a*x)\nL = h**2"), mode=mode, at={"a": "0", "x": "1"})
    words = " ".join(solution.render("text", "en").split())
    assert "The function ReLU(u) is not differentiable where u = 0." in words
    assert words.index("Here 1[u > 0] is 1 if u > 0 and 0 otherwise.") < words.index("1[a·x > 0]")
    assert "a·x = 0 in the definition of h. The numbers below follow the convention." in words


def test_a_page_of_definitions_says_nothing_of_a_kink_off_which_its_point_lies() -> None:
    solution = sd.solve(read("h = abs(a*x)\nL = h**2"), mode="chain", at={"a": "2", "x": "1"})
    words = " ".join(solution.render("text", "en").split())
    assert "∂|u|/∂u = 0 by convention" in words
    assert "At the chosen point" not in words
    assert "1[" not in words


def test_an_exercise_alone_says_nothing_of_the_kinks_of_its_solution() -> None:
    page = sd.solve(read("L = relu(a*x)"), mode="chain", statement=True).render("text", "en")
    assert "differentiable" not in page


@pytest.mark.parametrize("mode", ["reverse", "chain"])
def test_several_kinks_on_which_a_point_lies_are_said_in_one_sentence(mode: str) -> None:
    problem = read("y = abs(x)*max(x, z) + min(x, z)")
    page = sd.solve(problem, mode=mode, at={"x": "0", "z": "0"}).render("text", "en")
    assert " ".join(page.split()).count("numbers below follow the convention") == 1


def test_no_numbers_are_put_into_a_jump() -> None:
    page = sd.solve(read("h = relu(a*x)\nL = h**2"), mode="chain", at={"a": "2", "x": "1"}).render(
        "text", "en"
    )
    assert "1[2" not in page
    assert "δ_h·x·1[a·x > 0] = 4" in page
