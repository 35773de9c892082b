"""The reverse derivation on an exercise's own definitions, every statement of it proved."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.codegen.statements import backward_statements
from symdiff.derivation.derivation import Derivation
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Chain, Document, Equations, Row, text
from symdiff.errors import InputError
from symdiff.problems import Problem
from symdiff.proof.judge import prove
from symdiff.tape.points import point_of
from symdiff.tape.tape import named_tape


def derived(problem: Problem, wrt: str | Sequence[str] | None = None) -> Derivation:
    """The derivation whose statements are written as code.

    Raises:
        ProofError: a statement is false.
    """
    program = problem.program
    if not program.inputs:
        raise InputError("the expression has no variable", way_out="write for instance f(x) = 3")
    tape = named_tape(program.definitions, program.inputs, distinct=False)
    derivation = reverse(tape, problem.wrt if wrt is None else wrt)
    rows = tuple(Row(Chain(s.name, (s.value,))) for s in backward_statements(derivation))
    prove(Document(text("title"), (Equations(rows),)), (derivation,), point_of(tape, problem.at))
    return derivation
