"""The whole way, for the command and the library: problem to tape to derivations to document to text.

`solve` never returns anything unproved: the document's equalities are checked before they are handed
out, and a false one is a ProofError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdiff.api.readings import asked_of, work_of
from symdiff.derivation.derivation import Derivation
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Document, text
from symdiff.errors import DomainError, UsageError, did_you_mean
from symdiff.explain import Work, explain, proof_note, with_steps
from symdiff.explain.sweeps.sweeps_page import list_of_steps
from symdiff.expr.tree import without_collection
from symdiff.problems import Problem
from symdiff.progress import stage
from symdiff.proof.judge import Certificate, prove
from symdiff.rendering.formats.formats import load_format
from symdiff.rendering.pages.engine import render as render_document
from symdiff.tape.points import described, given_point, point_of
from symdiff.tape.tape import Tape

if TYPE_CHECKING:
    from symdiff.api.solve_through_time import TimeSolution

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
        from symdiff.api.solve_through_time import solve_through_time

        return solve_through_time(asked, steps, result, digits, full)
    work = work_of(asked, mode, granularity, sizes, steps, result)
    return _proved(replace(work, digits=digits, full=full, layout=layout))


def check_digits(digits: int) -> None:
    """Refuse a number of decimals that cannot be shown."""
    if not 1 <= digits <= MOST_DIGITS:
        raise UsageError(f"{digits} digits cannot be shown", way_out=f"choose from 1 to {MOST_DIGITS}")


@without_collection
def _proved(work: Work) -> Solution:
    check_digits(work.digits)
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
    point = point_of(several[0].tape, None if at is None else given_point(at))
    return _proved(Work(several, {}, point, digits, full, layout))


def steps_of(tape: Tape) -> Solution:
    """The list of the steps of `tape`, each line of it proved, and nothing else."""
    work = Work((reverse(tape),))
    document = Document(text("steps.heading"), (list_of_steps(work),))
    return Solution(work, document, prove(document, work.derivations))
