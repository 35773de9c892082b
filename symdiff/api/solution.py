"""The whole way, for the command and the library: problem to tape to derivations to document to text.

`solve` never returns anything unproved: the document's equalities are checked before they are handed
out, and a false one is a ProofError.

The whole way for a recurrence for every t: problem to cell to proved page.

The readings of a problem: which derivations of which tape its page explains.

`sweeps` go over elementary steps, `jacobian` and `chain` over the author's own definitions, `entries` over
numbers. What is then said, and its proof, are not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from symdiff.api.record import time_json
from symdiff.console import stage
from symdiff.derivation.derivation import Derivation
from symdiff.derivation.sweeps import forward, reverse
from symdiff.document.blocks import Document, text
from symdiff.errors import DomainError, InputError, UsageError, did_you_mean
from symdiff.explain import Work, explain, proof_note, with_steps
from symdiff.explain.recurrence.recurrence_page import through_time
from symdiff.explain.recurrence.recurrence_page import with_steps as with_steps_in_time
from symdiff.explain.recurrence.recurrence_work import TimeWork
from symdiff.explain.sweeps.sweeps_page import list_of_steps
from symdiff.expr.memory import without_garbage_collection
from symdiff.expr.shapes import in_words, is_number
from symdiff.expr.tree import Expr, Sym, postorder, substitute
from symdiff.language.program import Program
from symdiff.language.recurrence import Recurrence
from symdiff.problems import Problem
from symdiff.problems.recurrent import steps_said, written_out
from symdiff.proof.judge import Certificate, Checked, prove
from symdiff.rendering.formats.formats import load_format
from symdiff.rendering.pages.engine import render as render_document
from symdiff.tape.points import checked_point, exact_point, point_in_words
from symdiff.tape.tape import Tape, named_tape
from symdiff.tape.tracing import trace_definitions

LAYOUTS = ("numerator", "denominator")
MOST_DIGITS = 30


@dataclass(frozen=True)
class Solution:
    """A proved document, with what it was made from."""

    work: Work
    document: Document
    certificate: Certificate

    @cached_property
    def stepped(self) -> Solution:
        """The same with the steps to go through at the head of the document, proved as well."""
        return Solution(self.work, *with_steps(self.work, self.document, self.certificate))

    def render(
        self,
        format: str = "latex",
        lang: str = "en",
        *,
        fragment: bool = False,
        templates: Path | None = None,
        coloured: bool = False,
        pictures: str = "",
        stem: str = "",
    ) -> str:
        """The document in a format and a language; `json` gives every line with its proof.

        `coloured` is for text on a terminal.
        """
        if format == "json":
            from symdiff.api.record import to_json

            return to_json(self.work, self.certificate)
        shown = self.stepped if load_format(format, templates).steps else self
        return render_document(
            shown.document,
            format,
            lang,
            fragment=fragment,
            templates=templates,
            coloured=coloured,
            pictures=pictures,
            stem=stem,
        )


def solve(
    problem: Problem,
    mode: str | None = None,
    wrt: Sequence[str] | None = None,
    at: Mapping[str, Any] | None = None,
    digits: int = 4,
    granularity: str = "textbook",
    full: bool = False,
    layout: str | None = None,
    sizes: Mapping[str, int] | None = None,
    steps: int | None = None,
    result: str | None = None,
) -> Solution | TimeSolution:
    """The proved solution of `problem`, in the reading that suits it unless `mode` says another.

    `at` replaces the problem's own point; `sizes` gives numbers to sizes that are names, for `entries`;
    `steps` says how many steps of a recurrence are written out; `result` takes one of the exercise's
    definitions for the result, as a state h_1.
    """
    if layout is not None and layout not in LAYOUTS:
        raise UsageError(f"unknown layout {layout!r}", way_out=did_you_mean(layout, LAYOUTS))
    mode, asked = asked_of(problem, mode, wrt, at, sizes)
    if mode == "bptt":
        check_digits(digits)
        if layout is not None:
            raise UsageError("gradients have the shape of their variable here", where="--layout")
        return solve_through_time(asked, steps, result, digits, full)
    work = work_of(asked, mode, granularity, sizes, steps, result)
    return _proved(replace(work, digits=digits, full=full, layout=layout))


def check_digits(digits: int) -> None:
    """Refuse a number of decimals that cannot be shown."""
    if not 1 <= digits <= MOST_DIGITS:
        raise UsageError(f"{digits} digits cannot be shown", way_out=f"choose from 1 to {MOST_DIGITS}")


@without_garbage_collection
def _proved(work: Work) -> Solution:
    check_digits(work.digits)
    stage("writing every line")
    try:
        document = explain(work)
    except DomainError as error:
        if work.at is None:
            raise
        what = f"the point {point_in_words(work.at)} is outside the domain: {error.what}"
        raise DomainError(what, where=error.where) from None
    stage("proving every line")
    certificate = prove(document, work.derivations, work.at, work.model)
    return Solution(work, document.with_blocks(proof_note(certificate)), certificate)


def render(
    derivations: Derivation | Sequence[Derivation],
    format: str = "latex",
    lang: str = "en",
    *,
    at: dict[str, Any] | None = None,
    digits: int = 4,
    full: bool = False,
    layout: str | None = None,
    fragment: bool = False,
    templates: str | Path | None = None,
) -> str:
    """The proved document of one derivation, or of several of the same tape, as text.

    Raises:
        ProofError: a line is false; nothing is returned.
    """
    solution = solution_of(derivations, at=at, digits=digits, full=full, layout=layout)
    own = None if templates is None else Path(templates)
    return solution.render(format, lang, fragment=fragment, templates=own)


def solution_of(
    derivations: Derivation | Sequence[Derivation],
    *,
    at: dict[str, Any] | None = None,
    digits: int = 4,
    full: bool = False,
    layout: str | None = None,
) -> Solution:
    """The proved document of one derivation, or of several of the same tape.

    Raises:
        ProofError: a line is false; nothing is returned.
    """
    several = (derivations,) if isinstance(derivations, Derivation) else tuple(derivations)
    if not several:
        raise UsageError("no derivation to render", way_out="give what forward or reverse returned")
    point = checked_point(several[0].tape, None if at is None else exact_point(at))
    return _proved(Work(several, {}, point, digits, full, layout))


def steps_of(tape: Tape) -> Solution:
    """The list of the steps of `tape`, each line of it proved, and nothing else."""
    work = Work((reverse(tape),))
    document = Document(text("steps.heading"), (list_of_steps(work),))
    return Solution(work, document, prove(document, work.derivations))


MOST_STEPS = 24


@dataclass(frozen=True)
class TimeSolution:
    """The proved page of a recurrence for every t."""

    work: TimeWork
    document: Document
    checked: tuple[Checked, ...]

    @cached_property
    def stepped(self) -> TimeSolution:
        """The same with the steps to go through at the head of the document, proved as well."""
        return TimeSolution(self.work, *with_steps_in_time(self.work, self.document, self.checked))

    def render(
        self,
        format: str = "latex",
        lang: str = "en",
        *,
        fragment: bool = False,
        templates: Path | None = None,
        coloured: bool = False,
        pictures: str = "",
        stem: str = "",
    ) -> str:
        """The document in a format and a language; `json` gives every equality with its proof.

        `coloured` is for text on a terminal.
        """
        if format == "json":
            return time_json(self.work, self.checked)
        shown = self.stepped if load_format(format, templates).steps else self
        return render_document(
            shown.document,
            format,
            lang,
            fragment=fragment,
            templates=templates,
            coloured=coloured,
            pictures=pictures,
            stem=stem,
        )


def solve_through_time(
    problem: Problem, steps: int | None, result: str | None, digits: int, full: bool
) -> TimeSolution:
    """The page of a recurrence for every t."""
    work = time_work(problem, steps, result, digits, full)
    try:
        document, checked = through_time(work)
    except DomainError as error:
        if work.at is None:
            raise
        raise DomainError(
            f"the point {point_in_words(work.at)} is outside the domain: {error.what}", where=error.where
        ) from None
    return TimeSolution(work, document, checked)


def time_work(problem: Problem, steps: int | None, result: str | None, digits: int, full: bool) -> TimeWork:
    """What is to be explained of a recurrence for every t."""
    if problem.recurrence is None:
        raise UsageError("there is no recurrence in this exercise", way_out="use another --mode")
    if result is not None:
        way_out = "use --mode reverse with --result"
        raise UsageError("this page is about the exercise's own result", where="--result", way_out=way_out)
    of = problem.recurrence
    out = written_out(problem, _steps(problem, of, steps))
    count = len(out.program.definitions[: -len(of.after) or None]) // len(of.cell)
    if count > MOST_STEPS:
        raise UsageError(f"{count} steps do not fit a page for every t", way_out="use --mode reverse")
    if of.length is not None or count < TimeWork(of, (), 1).shortest:
        of = of.of_length(count)
    weights, values = _asked(problem, out.program, of)
    at = None if out.at is None else _point(out)
    return TimeWork(of, weights, count, problem.titles, at, digits, problem.first, full, values)


def _steps(problem: Problem, of: Recurrence, steps: int | None) -> int | None:
    """The number of steps to write out: where nothing says it, as many as the lines of the page need."""
    said = is_number(of.horizon) or of.length is not None
    if said or steps is not None or problem.at is not None:
        return steps
    return max(steps_said(of, None), TimeWork(of, (), 1).shortest)


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
    point = checked_point(tape, problem.at)
    derivations = (reverse(tape, problem.wrt),)
    _check_reading(tape, derivations[0], reading)
    return Work(derivations, problem.titles, point, rate=problem.rate, stages=problem.stages, reading=reading)


def _check_reading(tape: Tape, derivation: Derivation, reading: str) -> None:
    """Refuse an exercise that the reading has nothing to say about."""
    used = [name for name in derivation.wrt if name in tape.users]
    if not used:
        raise InputError(f"{tape.result} does not depend on its inputs", way_out="use --mode both")
    if reading == "chain" and tape.result.shape:
        what = f"this reading is of a number, {tape.result} is {in_words(tape.result.shape)}"
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
    return Work(derivations, problem.titles, checked_point(tape, problem.at))
