"""The readings of a problem: which derivations of which tape its page explains.

`sweeps` go over elementary steps, `jacobian` and `chain` over the author's own definitions, `entries` over
numbers. What is then said, and its proof, are not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from symdiff.derivation.derivation import Derivation
from symdiff.derivation.sweeps import forward, reverse
from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.explain import Work
from symdiff.expr.shapes import written
from symdiff.expr.tree import Expr, postorder, substitute
from symdiff.language.program import Program
from symdiff.problems import Problem
from symdiff.progress import stage
from symdiff.tape.points import point_of
from symdiff.tape.tape import Tape, named_tape
from symdiff.tape.tracing import trace_definitions

SWEEPS = ("forward", "reverse", "both")
MODES = (*SWEEPS, "jacobian", "chain", "entries", "bptt")


def asked_of(
    problem: Problem,
    mode: str | None,
    wrt: Sequence[str] | None,
    at: Mapping[str, Any] | None,
    sizes: Mapping[str, int] | None,
) -> tuple[str, Problem]:
    """The reading, and the problem with the reader's wishes in place of its own."""
    mode = mode or problem.mode or "both"
    if mode not in MODES:
        raise UsageError(f"unknown mode {mode!r}", way_out=did_you_mean(mode, MODES))
    if sizes and mode != "entries":
        raise UsageError("sizes are for the steps of numbers", where="--size", way_out="add --mode entries")
    asked = replace(
        problem,
        wrt=tuple(wrt) if wrt is not None else problem.wrt,
        at=at if at is not None else problem.at,
    )
    return mode, asked


def work_of(
    asked: Problem,
    mode: str,
    granularity: str,
    sizes: Mapping[str, int] | None,
    steps: int | None,
    result: str | None,
) -> Work:
    """What is to be explained of a problem, in any reading but that of a recurrence for every t."""
    if asked.recurrence is not None or (steps, result) != (None, None):
        from symdiff.problems.recurrent import with_result, written_out

        asked = with_result(written_out(asked, steps), result)
    if mode == "entries":
        from symdiff.written_out import in_entries

        asked, mode = in_entries(asked, sizes or {}), "both"
    return _by_name(asked, mode) if mode in ("jacobian", "chain") else _swept(asked, mode, granularity)


def _by_name(problem: Problem, reading: str) -> Work:
    """The readings that follow the author's own definitions."""
    tape = named_tape(problem.program.definitions, problem.program.inputs)
    point = point_of(tape, problem.at)
    derivations = (reverse(tape, problem.wrt),)
    _check_reading(tape, derivations[0], reading)
    return Work(derivations, problem.titles, point, rate=problem.rate, stages=problem.stages, reading=reading)


def _check_reading(tape: Tape, derivation: Derivation, reading: str) -> None:
    """Refuse an exercise that the reading has nothing to say about."""
    used = [name for name in derivation.wrt if name in tape.uses]
    if not used:
        raise InputError(f"{tape.result} does not depend on its inputs", way_out="use --mode both")
    if reading == "chain" and tape.result.shape:
        what = f"this reading is of a number, {tape.result} is {written(tape.result.shape)}"
        raise InputError(what, way_out="use --mode jacobian or --mode both")
    if reading == "jacobian" and not any(len(name.shape) < 2 for name in used):
        what = "a Jacobian is by a number or a vector; matrices: " + ", ".join(map(str, used))
        raise InputError(what, way_out="use --mode both, or --wrt with a vector")


def _check_apart(program: Program, asked: str) -> None:
    """Refuse to differentiate by a definition whose formula acts on the result in other ways too.

    Equal formulas are one step of the tape, which cannot tell those ways from the name's own.
    """
    closed: dict[Expr, Expr] = {}
    own: Expr | None = None
    for name, formula in program.definitions:
        closed[name] = substitute(formula, closed)
        if name.name == asked:
            own, closed[name] = closed[name], name
    if own is not None and own in set(postorder(closed[program.definitions[-1][0]])):
        what = f"the formula of {asked} also stands in others, written out or under another name"
        raise UsageError(what, where="--wrt", way_out=f"write {asked} wherever it is meant")


def _swept(problem: Problem, mode: str, granularity: str) -> Work:
    """Forward and reverse sweeps over elementary steps."""
    stage("deriving")
    program = problem.program
    for name in problem.wrt or ():
        _check_apart(program, name)
    tape = trace_definitions(program.definitions, program.inputs, granularity, problem.first)  # type: ignore[arg-type]
    if not tape.inputs:
        raise InputError("the expression has no variable", way_out="write for instance f(x) = 3")
    derivations = tuple(
        sweep(tape, problem.wrt)
        for name, sweep in (("forward", forward), ("reverse", reverse))
        if mode in (name, "both")
    )
    return Work(derivations, problem.titles, point_of(tape, problem.at))
