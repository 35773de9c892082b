"""The whole way, for the command and the library: problem to tape to derivations to document to text.

`solve` never returns anything unproved: the document's equalities are checked before they are handed
out, and a false one is a ProofError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdiff.derivation import Derivation
from symdiff.document import Document
from symdiff.errors import DomainError, InputError, UsageError, did_you_mean
from symdiff.explain import Work, explain, proof_note
from symdiff.forward import forward
from symdiff.given import described, given_point, point_of
from symdiff.memory import without_collection
from symdiff.named_tape import named_tape
from symdiff.problems import Problem
from symdiff.problems.recurrent import with_result, written_out
from symdiff.progress import stage
from symdiff.prove import Certificate, prove
from symdiff.render.engine import render as render_document
from symdiff.reverse import reverse
from symdiff.shapes import written
from symdiff.tape import Tape
from symdiff.trace import trace_definitions
from symdiff.written_out import in_entries

if TYPE_CHECKING:
    from symdiff.solve_through_time import TimeSolution

LAYOUTS = ("numerator", "denominator")
MOST_DIGITS = 30
SWEEPS = ("forward", "reverse", "both")
MODES = (*SWEEPS, "jacobian", "chain", "entries", "bptt")


@dataclass(frozen=True)
class Solution:
    """A proved document, with what it was made from."""

    work: Work
    document: Document
    certificate: Certificate

    def render(
        self,
        format: str = "latex",
        lang: str = "en",
        *,
        fragment: bool = False,
        templates: Path | None = None,
    ) -> str:
        """The document in a format and a language; `json` gives every line with its proof."""
        if format == "json":
            from symdiff.record import to_json

            return to_json(self.work, self.certificate)
        return render_document(self.document, format, lang, fragment=fragment, templates=templates)


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
    mode = mode or problem.mode or "both"
    if mode not in MODES:
        raise UsageError(f"unknown mode {mode!r}", way_out=did_you_mean(mode, MODES))
    if layout is not None and layout not in LAYOUTS:
        raise UsageError(f"unknown layout {layout!r}", way_out=did_you_mean(layout, LAYOUTS))
    asked = replace(
        problem,
        wrt=tuple(wrt) if wrt is not None else problem.wrt,
        at=at if at is not None else problem.at,
    )
    if sizes and mode != "entries":
        raise UsageError("sizes are for the steps of numbers", where="--size", way_out="add --mode entries")
    if mode == "bptt":
        _check_digits(digits)
        if layout is not None:
            raise UsageError("gradients have the shape of their variable here", where="--layout")
        from symdiff.solve_through_time import solve_through_time

        return solve_through_time(asked, steps, result, digits, full)
    asked = with_result(written_out(asked, steps), result)
    if mode == "entries":
        asked, mode = in_entries(asked, sizes or {}), "both"
    work = _by_name(asked, mode) if mode in ("jacobian", "chain") else _swept(asked, mode, granularity)
    return _proved(replace(work, digits=digits, full=full, layout=layout))


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


def _swept(problem: Problem, mode: str, granularity: str) -> Work:
    """Forward and reverse sweeps over elementary steps."""
    stage("deriving")
    program = problem.program
    tape = trace_definitions(program.definitions, program.inputs, granularity, problem.first)  # type: ignore[arg-type]
    if not tape.inputs:
        raise InputError("the expression has no variable", way_out="write for instance f(x) = 3")
    derivations = tuple(
        sweep(tape, problem.wrt)
        for name, sweep in (("forward", forward), ("reverse", reverse))
        if mode in (name, "both")
    )
    return Work(derivations, problem.titles, point_of(tape, problem.at))


def _check_digits(digits: int) -> None:
    if not 1 <= digits <= MOST_DIGITS:
        raise UsageError(f"{digits} digits cannot be shown", way_out=f"choose from 1 to {MOST_DIGITS}")


@without_collection
def _proved(work: Work) -> Solution:
    _check_digits(work.digits)
    stage("writing every line")
    try:
        document = explain(work)
    except DomainError as error:
        if work.at is None:
            raise
        what = f"the point {described(work.at)} is outside the domain: {error.what}"
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
    several = (derivations,) if isinstance(derivations, Derivation) else tuple(derivations)
    if not several:
        raise UsageError("no derivation to render", way_out="give what forward or reverse returned")
    point = point_of(several[0].tape, None if at is None else given_point(at))
    work = Work(several, {}, point, digits, full, layout)
    own = None if templates is None else Path(templates)
    return _proved(work).render(format, lang, fragment=fragment, templates=own)
