"""Answers case by case: what a person writes, and which conditions are the author's."""

from __future__ import annotations

from typing import Any

import pytest

from symdiff.api.solution import solve
from symdiff.document.blocks import Equations
from symdiff.exercises.problem import Problem
from symdiff.expr.patterns import record_of
from symdiff.language.program import parse_program

ANSWERS = {
    "L = 0.5*(y - t)**2 if abs(y - t) <= d else d*(abs(y - t) - d/2)": {
        "y": "where(abs(y - t) <= d, y - t, d*sign(y - t))",
        "d": "where(abs(y - t) <= d, 0, abs(y - t) - d)",
    },
    "r = y - t\nL = huber(r, d)": {
        "y": "where(abs(r) <= d, r, d*sign(r))",
        "t": "where(abs(r) <= d, -r, -d*sign(r))",
    },
    "y = elu(x, a)": {"x": "where(x > 0, 1, a*exp(x))", "a": "where(x > 0, 0, exp(x) - 1)"},
    "y = x if x > 1 else 2*x if x > 0 else x**2": {"x": "where(x > 1, 1, where(x > 0, 2, 2*x))"},
    "y = (x if x > 0 else 3*x)*b": {"x": "where(x > 0, b, 3*b)", "b": "where(x > 0, x, 3*x)"},
    "y = 2*x if x > 0 else 2*x + 1": {"x": "2"},
    "y = x*(x > 0)": {"x": "(x > 0)"},
    "y = x**2 if 0 < x < b else x": {"x": "where(0 < x and x < b, 2*x, 1)"},
}


def boxed(solution: Any) -> dict[str, str]:
    """The last form of each derivative, by the input."""
    found = {}
    for block in solution.document.blocks:
        for row in map(record_of, block.rows) if isinstance(block, Equations) else ():
            if row.chain.boxed:
                found[str(row.chain.left.args[1])] = str(row.chain.members[-1])
    return found


@pytest.mark.parametrize("mode", ["reverse", "both", "forward"])
@pytest.mark.parametrize("text", ANSWERS)
def test_the_answer_is_what_a_person_writes(text: str, mode: str) -> None:
    found = boxed(solve(Problem("", parse_program(text)), mode))
    assert {name: found[name] for name in ANSWERS[text]} == ANSWERS[text]


@pytest.mark.parametrize("mode", ["chain", "jacobian"])
def test_pages_of_definitions_end_in_cases_too(mode: str) -> None:
    found = solve(Problem("", parse_program("r = y - t\nL = huber(r, d)")), mode)
    text = found.render("text")
    assert text.count("otherwise") == {"chain": 3, "jacobian": 5}[mode]
