"""From an expression to its tape: which operations make a step, in whose order, under which names."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from helpers import EXPRESSIONS, close, points_of, value

import symdiff as sd
from symdiff.expr.tree import count_operations

if TYPE_CHECKING:
    from symdiff.tape.tape import Tape


def bodies(source: str, granularity: str = "textbook", inputs: tuple[str, ...] | None = None) -> list[str]:
    return [str(step.body) for step in sd.trace(source, inputs, granularity).steps]  # type: ignore[arg-type]


def run(tape: Tape, point: dict[str, Fraction]) -> dict[str, object]:
    """Every variable of a tape at a point, step by step."""
    known = {str(var): value(name, point) for var, name in tape.inputs}
    for step in tape.steps:
        known[str(step.var)] = value(step.body, known)
    return known


def test_the_sigmoid_has_the_steps_of_the_textbook() -> None:
    tape = sd.trace("1/(1+exp(-a*x))", inputs=("x", "a"))
    assert [(str(var), str(name)) for var, name in tape.inputs] == [("w_1", "x"), ("w_2", "a")]
    assert [(str(s.var), str(s.body)) for s in tape.steps] == [
        ("w_3", "-w_1*w_2"),
        ("w_4", "1 + exp(w_3)"),
        ("w_5", "1/w_4"),
    ]
    assert str(tape.output) == "w_5"


def test_atomic_granularity_has_one_operation_a_step() -> None:
    assert bodies("1/(1+exp(-a*x))", "atomic", ("x", "a")) == [
        "w_1*w_2",
        "-w_3",
        "exp(w_4)",
        "1 + w_5",
        "1/w_6",
    ]


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_every_atomic_step_has_exactly_one_operation(source: str) -> None:
    for step in sd.trace(source, granularity="atomic").steps:
        constants = [arg for arg in step.body.args if arg.args and not any(a.args for a in arg.args)]
        assert count_operations(step.body) == 1 or constants


@pytest.mark.parametrize("granularity", ["textbook", "atomic"])
@pytest.mark.parametrize("source", EXPRESSIONS)
def test_running_the_steps_gives_the_value_of_the_source(source: str, granularity: str) -> None:
    tape = sd.trace(source, granularity=granularity)  # type: ignore[arg-type]
    points = points_of(source)
    assert points
    for point in points:
        known = run(tape, point)
        assert close(known[str(tape.output)], value(source, point), 35)
        for step in tape.steps:
            assert close(known[str(step.var)], value(step.origin, point), 35)


def test_a_variable_is_assigned_once_and_before_its_use() -> None:
    for source in EXPRESSIONS:
        tape = sd.trace(source)
        known = {var for var, _ in tape.inputs}
        for step in tape.steps:
            assert set(step.operands) <= known
            assert step.var not in known
            known.add(step.var)


def test_equal_subexpressions_are_one_step() -> None:
    assert bodies("sin(x*y) + cos(x*y)*(x*y)") == [
        "w_1*w_2",
        "sin(w_3)",
        "cos(w_3)",
        "w_5*w_3",
        "w_4 + w_6",
    ] or bodies("sin(x*y) + cos(x*y)*(x*y)") == ["w_1*w_2", "sin(w_3)", "cos(w_3)", "w_3*w_5", "w_4 + w_6"]
    assert len(bodies("exp(x)/(1 + exp(x))")) == 3
    assert len(bodies("(x + y)*(y + x)")) == 3


def test_steps_come_in_the_authors_order() -> None:
    assert bodies("sin(x) - log(y)") == ["sin(w_1)", "log(w_2)", "w_3 - w_4"]
    assert bodies("log(y) - sin(x)", inputs=("x", "y")) == ["log(w_2)", "sin(w_1)", "w_3 - w_4"]


def test_nothing_is_simplified_on_the_way() -> None:
    assert bodies("x - 2*x", "atomic") == ["2*w_1", "w_1 - w_2"]
    assert count_operations(sd.trace("x + 0*x").steps[-1].body) + len(sd.trace("x + 0*x").steps) >= 2


def test_constants_join_the_operation_they_act_on() -> None:
    assert bodies("2*x*y + 1") == ["2*w_1*w_2 + 1"] or bodies("2*x*y + 1") == ["1 + 2*w_1*w_2"]
    assert bodies("sin(2*pi*x)") == ["2*pi*w_1", "sin(w_2)"]
    assert bodies("x*exp(1)") == ["w_1*exp(1)"]


def test_the_letter_of_the_steps_gives_way_to_the_authors_names() -> None:
    assert str(sd.trace("w_1*x").output) == "v_3"
    assert str(sd.trace("w*v*x").output)[0] not in "wv"
    assert str(sd.trace("wbar_1 + x").output)[0] != "w"
    assert str(sd.trace("h1 = w*x\ny = tanh(h1)").output)[0] == "v"
    assert str(sd.trace("rate*x").output) == "w_3"


def test_the_identity_and_a_constant_have_tapes() -> None:
    tape = sd.trace("f(x) = x")
    assert tape.steps == ()
    assert tape.output == tape.inputs[0][0]
    tape = sd.trace("f(x) = 3")
    assert [(str(var), str(name)) for var, name in tape.inputs] == [("w_1", "x")]
    assert [(str(s.body), s.operands) for s in tape.steps] == [("3", ())]


def test_steps_carry_the_authors_names() -> None:
    tape = sd.trace("h = tanh(a*x)\ny = h**2 + 1")
    assert [str(s.label) for s in tape.steps if s.label] == ["h", "y"]
    assert {str(name) for name in tape.names.values()} == {"a", "x", "h", "y"}
    assert str(tape.result) == "y"


def test_a_name_that_stands_for_another_is_that_variable() -> None:
    tape = sd.trace("h = x\ny = sin(h)")
    assert [str(s.body) for s in tape.steps] == ["sin(w_1)"]


def test_an_unknown_granularity_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(sd.UsageError, match="did you mean 'atomic'"):
        sd.trace("x", granularity="atomi")  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_chain_of_many_definitions_is_traced_without_recursion(count: int) -> None:
    lines = ["h_0 = tanh(w*x)"] + [f"h_{i} = tanh(u*h_{i - 1} + x)" for i in range(1, count)]
    tape = sd.trace("\n".join(lines))
    assert len(tape.steps) >= 2 * count > sys.getrecursionlimit()
    assert {count_operations(step.body) for step in tape.steps} <= {1, 2}


def test_python_functions_and_sympy_expressions_have_tapes() -> None:
    import sympy

    x, a = sympy.symbols("x a")
    for tape in (
        sd.trace(1 / (1 + sympy.exp(-a * x)), inputs=("x", "a")),
        sd.trace(lambda x, a: 1 / (1 + (-(a * x)) ** 2)),
    ):
        assert [str(name) for _, name in tape.inputs] == ["x", "a"]
        assert str(tape.steps[0].body) == "-w_1*w_2"


CONSTANTS = [
    "c = 2 + 1\ny = sin(c)*x",
    "c = 1/2\nd = tanh(c)*c\ny = d*x + sin(d)",
    "c = sqrt(2)\ny = c*x + c",
    "c = 0\nd = cos(c)\nz = d*x\ny = z*z + c",
    "c = 1/2\n"
    + "\n".join(f"{b} = tanh({a})*{a} + {a}" for a, b in zip("cdfghk", "dfghkm", strict=True))
    + "\ny = m*x",
]


@pytest.mark.parametrize("granularity", ["textbook", "atomic"])
@pytest.mark.parametrize("source", CONSTANTS)
def test_definitions_that_hold_no_input_are_written_out_or_steps(source: str, granularity: str) -> None:
    """Every step speaks of variables of the tape only; the value is that of the text, line by line."""
    tape = sd.trace(source, ("x",), granularity)  # type: ignore[arg-type]
    known: dict[str, object] = {"x": Fraction(5, 8)}
    for line in source.split("\n"):
        name, _, formula = line.partition(" = ")
        known[name] = value(formula, known)
    found = run(tape, {"x": Fraction(5, 8)})
    assert close(found[str(tape.output)], known["y"])
    assert all(count_operations(step.body) < 30 for step in tape.steps)
    sd.render(sd.reverse(tape), "text")  # proved
