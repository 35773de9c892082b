"""The whole way for a recurrence for every t: problem to cell to proved page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from symdiff.api.time_record import time_json
from symdiff.document.blocks import Document
from symdiff.errors import DomainError, UsageError, did_you_mean
from symdiff.explain.recurrence.recurrence_page import through_time, with_steps
from symdiff.explain.recurrence.recurrence_work import TimeWork
from symdiff.expr.shapes import is_number
from symdiff.expr.tree import Sym
from symdiff.language.program import Program
from symdiff.language.recurrence import Recurrence
from symdiff.problems import Problem
from symdiff.problems.recurrent import steps_said, written_out
from symdiff.proof.judge import Checked
from symdiff.rendering.formats.formats import load_format
from symdiff.rendering.pages.engine import render as render_document
from symdiff.tape.points import described, point_of
from symdiff.tape.tape import named_tape

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
        return TimeSolution(self.work, *with_steps(self.work, self.document, self.checked))

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
            f"the point {described(work.at)} is outside the domain: {error.what}", where=error.where
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
    return point_of(tape, problem.at)
