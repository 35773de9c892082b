"""The whole way, for the command and the library: problem to derivations to document to text.

`solve` never returns anything unproved: the document's equalities are checked before they are handed
out, and a false one is a ProofError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from symdiff.api.wishes import Wishes, check_digits, sections_of
from symdiff.api.works import work_of
from symdiff.console import stage
from symdiff.derivation.derivation import Derivation
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Document, text
from symdiff.errors import DomainError, UsageError
from symdiff.exercises.levels import BRIEF
from symdiff.exercises.problem import Problem
from symdiff.explain import TapeWork, Work, parts, proved_page, with_steps
from symdiff.explain.shared.sections import Sections
from symdiff.explain.sweeps.sweeps_page import list_of_steps
from symdiff.expr.arguments import Kind, either, of, several, told_clearly
from symdiff.expr.memory import fields_only, without_garbage_collection
from symdiff.expr.records import dataclass
from symdiff.proof.judge import Certificate, Judged, proved
from symdiff.rendering.formats.formats import load_format
from symdiff.rendering.pages.engine import render as render_document
from symdiff.tape.points import checked_point, exact_point, point_in_words
from symdiff.tape.tape import Tape

_ONE = of(Derivation)
DERIVATIONS = Kind("what forward or reverse returned, or several of them", either(_ONE, several(_ONE)))


@dataclass(frozen=True)
class Solution:
    """A proved document, with what it was made from."""

    work: Work
    document: Document
    certificate: Certificate
    __getstate__ = fields_only

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
            from symdiff.api.record import to_json  # start-up: other formats do not need it

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


@told_clearly(problem=Kind("a problem, as symdiff.exercises.read returns it", of(Problem)))
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
    detail: str | None = None,
    statement: bool = False,
    cost: bool = True,
    note: bool = True,
) -> Solution:
    """The proved solution of `problem`, in the mode that suits it unless `mode` says another.

    `at` replaces the problem's own point; `sizes` gives numbers to sizes that are names, for `entries`;
    `steps` says how many steps of a recurrence are written out; `result` takes one of the exercise's
    definitions for the result, as a state h_1. `detail` is brief, standard or full; with `statement` there
    is the exercise alone; without `cost` and `note` what is said of operations and of the proof is left out.
    """
    asked = (wrt,) if isinstance(wrt, str) else wrt
    point = None if at is None else exact_point(at)
    wishes = Wishes(
        mode,
        asked,
        point,
        digits,
        granularity,
        full,
        layout,
        sizes,
        steps,
        result,
        detail=detail,
        statement=statement,
        cost=cost,
        note=note,
    )
    return solved(problem, wishes)


def solved(problem: Problem, wishes: Wishes) -> Solution:
    """The proved solution of `problem`, as a reader wishes it."""
    return _proved(work_of(problem, wishes))


@without_garbage_collection
def _proved(work: Work) -> Solution:
    check_digits(work.digits)
    stage("writing every line")
    with outside_domain(work):
        written = parts(work)
    stage("checking every line")
    return Solution(work, *proved_page(work, written))


@contextmanager
def outside_domain(work: Work) -> Iterator[None]:
    """A value that is missing at the reader's point is the point's fault, and said so."""
    try:
        yield
    except DomainError as error:
        if work.at is None:
            raise
        reason = f"{error.where} has {error.what}" if error.where else error.what
        raise DomainError(f"the point {point_in_words(work.at)} is outside the domain: {reason}") from None


@told_clearly(derivations=DERIVATIONS)
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
    detail: str | None = None,
    statement: bool = False,
    cost: bool = True,
    note: bool = True,
) -> str:
    """The proved document of one derivation, or of several of the same tape, as text; see `solve`.

    Raises:
        ProofError: a line is false; nothing is returned.
    """
    sections = sections_of(Wishes(detail=detail, statement=statement, cost=cost, note=note))
    solution = solution_of(derivations, at=at, digits=digits, full=full, layout=layout, sections=sections)
    own = None if templates is None else Path(templates)
    return solution.render(format, lang, fragment=fragment, templates=own)


def solution_of(
    derivations: Derivation | Sequence[Derivation],
    *,
    at: dict[str, Any] | None = None,
    digits: int = 4,
    full: bool = False,
    layout: str | None = None,
    sections: Sections | None = None,
) -> Solution:
    """The proved document of one derivation, or of several of the same tape.

    Raises:
        ProofError: a line is false; nothing is returned.
    """
    several = (derivations,) if isinstance(derivations, Derivation) else tuple(derivations)
    if not several:
        raise UsageError("no derivation to render", way_out="give what forward or reverse returned")
    first, *others = several
    if any(one.tape is not first.tape and one.tape != first.tape for one in others):
        raise UsageError("derivations of different tapes", way_out="render them one by one")
    if len({one.mode for one in several}) < len(several):
        raise UsageError("two derivations in the same mode", way_out="one of them has all inputs, by wrt=[…]")
    point = checked_point(several[0].tape, None if at is None else exact_point(at))
    wanted = sections or Sections()
    return _proved(TapeWork(several, {}, point, digits, full, layout, sections=wanted))


def steps_of(tape: Tape) -> Solution:
    """The list of the steps of `tape`, each line of it proved, and nothing else."""
    work = TapeWork((reverse(tape),), sections=Sections(BRIEF, note=False))
    written = Judged((list_of_steps(work),), work.judge)
    document = Document(text("steps.heading"), written.blocks, work.letters)
    return Solution(work, document, proved([written]))
