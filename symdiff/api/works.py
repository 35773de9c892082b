"""From a problem and a reader's wishes to what is to be explained: derivations of a tape, or a cell.

What is then said, and its proof, are not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symdiff.api.wishes import LAYOUTS, Wishes, check_digits, sections_of
from symdiff.console import stage
from symdiff.derivation.sweeps import forward, reverse
from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.exercises.modes import MODES, Way
from symdiff.exercises.problem import Problem
from symdiff.explain.shared.work import TapeWork, Work
from symdiff.expr.shapes import in_words
from symdiff.expr.tree import Expr, postorder, substitute
from symdiff.language.program import Program
from symdiff.tape.points import checked_point
from symdiff.tape.tape import named_tape
from symdiff.tape.tracing import trace_of_result

SWEEPS = {"forward": forward, "reverse": reverse}


def work_of(problem: Problem, wishes: Wishes) -> Work:
    """What is to be explained of a problem.

    Raises:
        UsageError: a wish has no meaning, or none for this problem.
        InputError: the mode has nothing to say about the problem.
    """
    if wishes.layout is not None and wishes.layout not in LAYOUTS:
        raise UsageError(f"unknown layout {wishes.layout!r}", way_out=did_you_mean(wishes.layout, LAYOUTS))
    mode = wishes.mode or problem.mode or "both"
    if mode not in MODES:
        raise UsageError(f"unknown mode {mode!r}", way_out=did_you_mean(mode, MODES))
    way = MODES[mode]
    if wishes.sizes and way.tape != "entries":
        raise UsageError("this is for --mode entries", where="--size", way_out="add --mode entries")
    check_digits(wishes.digits)
    wrt = tuple(wishes.wrt) if wishes.wrt is not None else problem.wrt
    at = wishes.at if wishes.at is not None else problem.at
    return _ON_TAPE[way.tape](replace(problem, wrt=wrt, at=at), way, wishes)


def _written_out(problem: Problem, wishes: Wishes) -> Problem:
    """The problem with a recurrence written out, and with the result asked for."""
    if problem.recurrence is None and (wishes.steps, wishes.result) == (None, None):
        return problem
    from symdiff.exercises.recurrent import with_result, written_out  # start-up: few exercises have times

    return with_result(written_out(problem, wishes.steps), wishes.result)


def _on_definitions(problem: Problem, way: Way, wishes: Wishes) -> TapeWork:
    """One step for each of the author's own definitions."""
    problem = _written_out(problem, wishes)
    # A recurrence gives values names of their own where its start makes their formulas alike: h_0 = b.
    distinct = problem.recurrence is None
    tape = named_tape(problem.program.definitions, problem.program.inputs, distinct=distinct)
    point = checked_point(tape, problem.at)
    work = TapeWork(
        (reverse(tape, problem.wrt),),
        problem.titles,
        point,
        wishes.digits,
        wishes.full,
        wishes.layout,
        problem.rate,
        problem.stages,
        way.reading,
        wishes.second_opinion,
        sections_of(wishes, problem.detail),
    )
    _check_reading(work)
    return work


def _check_reading(work: TapeWork) -> None:
    """Refuse an exercise that the reading has nothing to say about."""
    tape = work.tape
    used = [name for name in work.wrt if name in tape.users]
    if work.reading == "chain" and tape.result.shape:
        what = f"the result must be a number, and {tape.result} is {in_words(tape.result.shape)}"
        raise InputError(what, where="--mode chain", way_out="use --mode jacobian or --mode both")
    if not used:
        names = ", ".join(map(str, work.wrt))
        raise InputError(f"{tape.result} does not depend on {names}", way_out="use --mode both")
    if work.reading == "jacobian" and not any(len(name.shape) < 2 for name in used):
        matrices = f"{', '.join(map(str, used))} {'are matrices' if len(used) > 1 else 'is a matrix'}"
        what = f"one differentiates with respect to a number or a vector, and {matrices}"
        raise InputError(what, where="--mode jacobian", way_out="use --mode both, or --wrt with a vector")


def _on_entries(problem: Problem, way: Way, wishes: Wishes) -> TapeWork:
    """Elementary steps on the entries of arrays."""
    # Start-up: other modes do not write entries out.
    from symdiff.derivation.entry_forms import entry_forms
    from symdiff.exercises.in_entries import in_entries, known_sizes, with_numbers_for_indices

    problem, sizes = _written_out(problem, wishes), wishes.sizes or {}
    work = _swept(in_entries(problem, sizes), way, wishes)
    program = problem.program
    if not any(name.shape for name in program.inputs):
        return work
    program = with_numbers_for_indices(problem)
    arrays = trace_of_result(program.definitions, program.inputs, wishes.granularity)  # type: ignore[arg-type]
    return replace(work, entry_forms=entry_forms(arrays, work.tape, known_sizes(problem, sizes)))


def _on_steps(problem: Problem, way: Way, wishes: Wishes) -> TapeWork:
    """Elementary steps on whole arrays."""
    return _swept(_written_out(problem, wishes), way, wishes)


def _swept(problem: Problem, way: Way, wishes: Wishes) -> TapeWork:
    stage("deriving")
    program = problem.program
    for name in problem.wrt or ():
        _check_apart(program, name)
    tape = trace_of_result(program.definitions, program.inputs, wishes.granularity, problem.first)  # type: ignore[arg-type]
    if not tape.inputs:
        raise InputError("the expression has no variable", way_out="write for instance f(x) = 3")
    derivations = tuple(SWEEPS[name](tape, problem.wrt) for name in way.sweeps)
    point = checked_point(tape, problem.at)
    return TapeWork(
        derivations,
        problem.titles,
        point,
        wishes.digits,
        wishes.full,
        wishes.layout,
        second_opinion=wishes.second_opinion,
        sections=sections_of(wishes, problem.detail),
    )


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


def _on_cell(problem: Problem, way: Way, wishes: Wishes) -> Work:
    """The generic cell of a recurrence, for every t."""
    from symdiff.api.cell_works import cell_work_of  # start-up: other pages load neither cells nor NumPy

    return cell_work_of(problem, wishes)


_ON_TAPE: dict[str, Callable[[Problem, Way, Wishes], Work]] = {
    "steps": _on_steps,
    "definitions": _on_definitions,
    "entries": _on_entries,
    "cell": _on_cell,
}
