"""Exercises, tapes, derivations and solutions give equal pages in another process, with other hashes."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import symdiff as sd
from symdiff.api.drawing import draw
from symdiff.api.solution import solve
from symdiff.exercises import load, read
from symdiff.expr.tree import ALL, Expr, Num, Sym

WRITTEN = """
import pickle, sys
import symdiff as sd
from symdiff.api.solution import solve
problem, tape, derivation, solution, drawn, mode = pickle.loads(sys.stdin.buffer.read())
pages = [
    solve(problem, mode).render("text"),
    None if tape is None else sd.render(sd.reverse(tape), "text"),
    None if derivation is None else sd.render(derivation, "json"),
    solution.render("html"),
    drawn.render("svg"),
]
sys.stdout.buffer.write(pickle.dumps(pages))
"""
CASES = [("sigmoid", "reverse"), ("gof", "jacobian"), ("linear-recurrence", "bptt")]


@pytest.mark.parametrize(("name", "mode"), CASES, ids=str)
def test_another_process_with_another_hash_seed_writes_equal_pages(name: str, mode: str) -> None:
    problem = load(name)
    tape = sd.trace("y = x[0]*exp(x) @ b", shapes={"x": ("n",), "b": ("n",)})
    parts = (problem, tape, sd.reverse(tape), solve(problem, mode), draw(problem), mode)
    here = [
        solve(problem, mode).render("text"),
        sd.render(sd.reverse(tape), "text"),
        sd.render(sd.reverse(tape), "json"),
        parts[3].render("html"),
        parts[4].render("svg"),
    ]
    found = subprocess.run(
        [sys.executable, "-c", WRITTEN],
        input=pickle.dumps(parts),
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(Path(sd.__file__).parents[1])},
    )
    assert found.returncode == 0, found.stderr.decode()
    assert pickle.loads(found.stdout) == here


def test_a_formula_is_found_again_among_those_of_the_process_that_reads_it() -> None:
    """The hash that is stored is this process's own, and operations are the very ones of the table."""
    text = "import pickle, sys; from symdiff.language.program import parse_program; "
    text += "program = parse_program('y = exp(X[0] @ b)*2.50', shapes={'X': ('m', 'n'), 'b': ('n',)}); "
    text += "sys.stdout.buffer.write(pickle.dumps(program))"
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(sd.__file__).parents[1])}
    made = subprocess.run([sys.executable, "-c", text], capture_output=True, env=env, check=True).stdout
    (_, formula), *_ = pickle.loads(made).definitions
    tape = sd.trace("y = exp(X[0] @ b)*2.50", shapes={"X": ("m", "n"), "b": ("n",)})
    ((_, own),) = tape.definitions
    assert formula == own
    assert {own: 1}[formula] == 1
    assert formula.args[0].op is own.args[0].op
    assert str(formula) == str(own) == "exp(X[0] @ b)*2.50"


def test_deep_formulas_and_the_colon_survive() -> None:
    deep: Expr = Sym("x")
    for _ in range(20_000):
        deep = deep + Num(1)
    assert pickle.loads(pickle.dumps(deep)) == deep
    assert pickle.loads(pickle.dumps(ALL)) is ALL
    column = Sym("X", shape=("m", "n"))[0]
    assert copy.deepcopy(column) == column


def test_a_tape_of_a_deep_formula_is_pickled_in_proportion_to_its_length() -> None:
    def size(n: int) -> int:
        return len(pickle.dumps(sd.trace("y = " + "*".join(f"(x + {i})" for i in range(n)))))

    assert size(400) < 3 * size(200)


def test_a_recurrence_written_out_is_the_same_after_a_copy() -> None:
    problem = read("h[t] = tanh(u*x[t] + w*h[t-1]); h[-1] = 0; L = sum((h[t] - y[t])**2)")
    again = pickle.loads(pickle.dumps(problem))
    assert again == problem
    pages = [solve(one, "reverse", steps=2).render("text") for one in (again, problem)]
    assert pages[0] == pages[1]
