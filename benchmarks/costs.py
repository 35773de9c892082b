"""Operations of the adjoint sweep over those of the function: the cheap-gradient bound, counted exactly.

Arrays are counted on their entries, where every operation is one on numbers, at the sizes that are said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.record import Figure, Found
from symdiff.derivation.counts import primal_operations, reverse_operations
from symdiff.exercises import names, read
from symdiff.exercises.in_entries import in_entries
from symdiff.exercises.problem import Problem
from symdiff.exercises.recurrent import written_out
from symdiff.expr.operations import SUM
from symdiff.expr.tree import Expr, Sym
from symdiff.language.program import Program
from symdiff.tape.tracing import trace_definitions

BOUND = 4
STEPS = 3
EXACT = {
    "attention": (179, 89),
    "batch": (74, 48),
    "baydin": (7, 5),
    "fog": (20, 19),
    "gof": (20, 19),
    "gru": (552, 266),
    "layer-norm": (32, 19),
    "least-squares": (26, 21),
    "linear-recurrence": (26, 18),
    "log-determinant": (7, 5),
    "logistic": (29, 16),
    "logistic-general": (45, 28),
    "logistic-lse": (29, 24),
    "lstm": (723, 368),
    "mlp": (24, 18),
    "perceptron": (32, 24),
    "product-sine": (5, 3),
    "quadratic-form": (16, 9),
    "ridge": (34, 26),
    "rnn": (210, 96),
    "rnn-loss": (247, 135),
    "rnn3x3": (371, 204),
    "sigmoid": (6, 4),
    "softmax-regression": (74, 54),
}
"""Operations of the adjoint sweep and of the function; a change of either is one of what is derived."""


def costs(short: bool) -> Iterator[Found]:
    """One figure for each built-in exercise; these are counts, which no machine changes."""
    for name in names():
        primal, adjoint = counted(read(name))
        if EXACT.get(name, (adjoint, primal)) != (adjoint, primal):
            raise SystemExit(f"{name}: {adjoint} / {primal} operations instead of {EXACT[name]}")
        size = f"{name}, {adjoint} / {primal}"
        work = "operations of the adjoint sweep / of the function"
        yield Figure(work, size, adjoint / primal, BOUND, unit="", margin=1)


def counted(problem: Problem) -> tuple[int, int]:
    """The operations of the function and of its adjoint sweep."""
    program = _on_numbers(problem).program
    tape = trace_definitions(program.definitions, program.inputs)
    return primal_operations(tape), reverse_operations(tape)


def _on_numbers(problem: Problem) -> Problem:
    if problem.recurrence is not None:
        problem = written_out(problem, STEPS)
    problem = _of_a_number(problem)
    shapes = [name.shape for name in problem.program.inputs]
    if not any(shapes):
        return problem
    named = {part for shape in shapes for part in shape if isinstance(part, str)}
    return in_entries(
        problem, {name: 2 + k % 2 for k, name in enumerate(sorted(named)) if not name.isdigit()}
    )


def _of_a_number(problem: Problem) -> Problem:
    """An array result paired with an adjoint of its shape, since that is what a sweep starts from."""
    name, formula = problem.program.definitions[-1]
    if not formula.shape:
        return problem
    seed, whole = Sym("adjoint", shape=formula.shape), Sym("paired")
    paired = Expr(SUM, seed * Sym(name.name, shape=formula.shape))
    inputs, definitions = problem.program.inputs, problem.program.definitions
    return replace(problem, program=Program((*inputs, seed), (*definitions, (whole, paired))))
