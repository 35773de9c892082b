"""From a problem with a recurrence to the page for every t: the cell, its steps, what is asked."""

from __future__ import annotations

from typing import Any

from symdiff.api.wishes import Wishes, sections_of
from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.exercises.problem import Problem
from symdiff.exercises.recurrent import steps_said, written_out
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.expr.shapes import is_number
from symdiff.expr.tree import Sym, symbols
from symdiff.language.program import Program
from symdiff.language.recurrence import Recurrence
from symdiff.tape.points import checked_point
from symdiff.tape.tape import named_tape

MOST_STEPS = 24


def cell_work_of(problem: Problem, wishes: Wishes) -> CellWork:
    """The generic cell of a problem's recurrence, for every t.

    Raises:
        UsageError: there is no recurrence, or a wish is for other pages.
    """
    if wishes.second_opinion:
        way_out = "ask for it with --mode reverse"
        raise UsageError("SymPy has no derivative for every t", where="--second-opinion", way_out=way_out)
    if wishes.layout is not None:
        raise UsageError("gradients have the shape of their variable here", where="--layout")
    if problem.recurrence is None:
        raise UsageError("there is no recurrence in this exercise", way_out="use another --mode")
    if wishes.result is not None:
        way_out = "use --mode reverse with --result"
        raise UsageError("this page is about the exercise's own result", where="--result", way_out=way_out)
    of = problem.recurrence
    if of.looks_ahead:
        _check_both_ways(problem, of)
    if not of.inputs:
        way_out = "put a name where a number stands, for instance h[t] = w*h[t-1]; h[-1] = 0"
        raise InputError("the recurrence has nothing to differentiate by", way_out=way_out)
    out = written_out(problem, _steps(problem, of, wishes.steps))
    count = len(out.program.definitions[: -len(of.after) or None]) // len(of.cell)
    if count > MOST_STEPS:
        raise UsageError(f"{count} steps do not fit a page for every t", way_out="use --mode reverse")
    if of.length is not None or count < CellWork(of, (), 1).shortest:
        of = of.of_length(count)
    weights, values = _asked(problem, out.program, of)
    at = None if out.at is None else _point(out)
    return CellWork(
        of,
        weights,
        count,
        problem.titles,
        at,
        wishes.digits,
        problem.first,
        wishes.full,
        values,
        sections_of(wishes, problem.detail),
    )


def _check_both_ways(problem: Problem, of: Recurrence) -> None:
    """Refuse what the page of a recurrence that refers forward in time does not have.

    Raises:
        UsageError: it is asked for numbers, for values at times, or for what is no derivative of a number.
    """
    inputs = {name.name for name in of.inputs}
    ends = {name.name for formula in of.ending.values() for name in symbols(formula)}
    reasons = {
        "it has no numbers at a point": problem.at is not None,
        "it needs a result that is a number, as L = sum(o)": not of.after or bool(of.result.shape),
        "it goes back to inputs without a time": not {*(problem.wrt or ())} <= inputs,
        "no input may stand in a value after the last time": bool(inputs & ends),
    }
    for reason, applies in reasons.items():
        if applies:
            what = f"of definitions that refer forward in time the page for every t is short: {reason}"
            way_out = "use --mode reverse, forward, both or chain, which write the steps out"
            raise UsageError(what, where="--mode bptt", way_out=way_out)


def _steps(problem: Problem, of: Recurrence, steps: int | None) -> int | None:
    """The number of steps to write out: where nothing says it, as many as the lines of the page need."""
    said = is_number(of.horizon) or of.length is not None
    if said or steps is not None or problem.at is not None:
        return steps
    return max(steps_said(of, None), CellWork(of, (), 1).shortest)


def _asked(problem: Problem, program: Program, of: Recurrence) -> tuple[tuple[Sym, ...], tuple[Sym, ...]]:
    """The inputs, and the values of the cell at single times, that are to be differentiated by."""
    inputs = {name.name: name for name in of.inputs}
    values = {name.name: name for name, _ in program.definitions if of.time(name) is not None}
    given = [name.name for name in program.inputs if name.name not in inputs]
    asked = problem.wrt or tuple(inputs)
    for name in asked:
        if name in given or name in {stem.name for stem in of.sequences}:
            what = f"{name} is given, and the page goes back to the values of the cell only"
            one = name if name in given else f"{name}_{of.first}"
            raise UsageError(what, way_out=f"use --mode reverse with --wrt {one}")
        if name not in inputs and name not in values:
            raise UsageError(
                f"{name!r} is no input and no value", way_out=did_you_mean(name, {**inputs, **values})
            )
    weights = tuple(inputs[name] for name in asked if name in inputs)
    return weights, tuple(values[name] for name in asked if name not in inputs)


def _point(problem: Problem) -> dict[str, Any] | None:
    tape = named_tape(problem.program.definitions, problem.program.inputs, distinct=False)
    return checked_point(tape, problem.at)
