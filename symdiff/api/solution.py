"""The whole way, for the command and the library: problem to derivations to document to text.

`solve` never returns anything unproved: the document's equalities are checked before they are handed
out, and a false one is a ProofError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdiff.api.wishes import Wishes, check_digits, sections_of
from symdiff.api.works import work_of
from symdiff.console import stage, write_whole
from symdiff.derivation.derivation import Derivation
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Document, text
from symdiff.errors import DomainError, UsageError
from symdiff.exercises import load
from symdiff.exercises.levels import BRIEF
from symdiff.exercises.problem import Problem
from symdiff.explain import TapeWork, Work, parts, proved_page, with_steps
from symdiff.explain.shared.sections import Sections
from symdiff.explain.sweeps.sweeps_page import list_of_steps
from symdiff.expr.arguments import Kind, either, is_expression, of, several, told_clearly
from symdiff.expr.memory import fields_only, without_garbage_collection
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape
from symdiff.language.reading import literally
from symdiff.proof.judge import Certificate, Judged, proved
from symdiff.rendering.formats.formats import format_by_ending, load_format, load_messages, source_of
from symdiff.rendering.pages.engine import render as render_document
from symdiff.tape.points import checked_point, exact_point, point_in_words
from symdiff.tape.tape import Tape

if TYPE_CHECKING:
    import sympy

_ONE = of(Derivation)
DERIVATIONS = Kind("what forward or reverse returned, or several of them", either(_ONE, several(_ONE)))


@dataclass(frozen=True)
class Solution:
    """A proved document, with what it was made from."""

    work: Work
    document: Document
    certificate: Certificate
    __getstate__ = fields_only

    def __repr__(self) -> str:
        """Its title and its results, a line each."""
        from symdiff.api.in_short import results_in_short  # start-up: the command does not print solutions
        from symdiff.rendering.pages.aloud import Aloud

        title = Aloud("en", load_messages("en"), self.document.letters)(self.document.title)
        work, checked = self.work, f"  {len(self.certificate.checked)} equalities checked"
        results = results_in_short(work.derivations[-1], work.judge) if isinstance(work, TapeWork) else ()
        return "\n".join([str(title), *(f"  {line}" for line in results), checked])

    @told_clearly(path=Kind("a path", of(str, Path)), format=Kind("a text", of(str, type(None))))
    def save(
        self,
        path: str | Path,
        lang: str = "en",
        *,
        format: str | None = None,
        fragment: bool = False,
        templates: str | Path | None = None,
    ) -> Path:
        """Write the document to a file, by whose ending the format goes unless it is said; where it is.

        Raises:
            UsageError: no format has this ending, or the file cannot be written.
            MissingToolError: a PDF without the package typst.
        """
        file, own = Path(path), None if templates is None else Path(templates)
        source, ending = source_of(format or format_by_ending(file, own), own)
        text = self.render(source, lang, fragment=fragment, templates=own)
        if not ending:
            write_whole(file, text)
            return file
        from symdiff.rendering.formats.typst_compiler import compile_typst  # start-up: few pages are compiled

        write_whole(file, compile_typst(text))
        return file

    @cached_property
    def stepped(self) -> Solution:
        """The same with the steps to go through at the head of the document, proved as well."""
        return Solution(self.work, *with_steps(self.work, self.document, self.certificate))

    @told_clearly()
    def render(
        self,
        format: str = "latex",
        lang: str = "en",
        *,
        fragment: bool = False,
        templates: str | Path | None = None,
        coloured: bool = False,
        pictures: str = "",
        stem: str = "",
    ) -> str:
        """The document in a format and a language; `json` gives every line with its proof.

        `coloured` is for text on a terminal.
        """
        own = None if templates is None else Path(templates)
        if format == "json":
            from symdiff.api.record import to_json  # start-up: other formats do not need it

            return to_json(self.work, self.certificate)
        shown = self.stepped if load_format(format, own).steps else self
        return render_document(
            shown.document,
            format,
            lang,
            fragment=fragment,
            templates=own,
            coloured=coloured,
            pictures=pictures,
            stem=stem,
        )


def _is_target(value: Any) -> bool:
    return is_expression(value) or isinstance(value, Path | Problem) or callable(value)


@told_clearly(name=Kind("the name of a built-in exercise", of(str)))
def exercise(name: str) -> Problem:
    """A built-in exercise, of those that `symdiff list` shows.

    Raises:
        UsageError: there is none of this name.
    """
    return load(name.strip())


@told_clearly(target=Kind("a text, a path, a problem, a SymPy expression or a function", _is_target))
def derive(
    target: str | Path | Problem | sympy.Expr | Callable[..., Any],
    mode: str | None = None,
    wrt: str | Sequence[str] | None = None,
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
    second_opinion: bool = False,
    literal: bool = False,
    shapes: Mapping[str, Shape] | None = None,
    assume: Mapping[str, str] | None = None,
) -> Solution:
    """The proved solution of what `symdiff derive` takes: `derive("sigmoid", "reverse").save("page.pdf")`.

    `target` is a text as on the command line (the name of an exercise, a file, an expression, equations), a
    path, a problem, or as for `trace` a SymPy expression or a function of symbols. The other arguments are
    the options of the command: see `solve`; `second_opinion` has the results compared with SymPy's, `literal`
    reads a text to the letter.

    `shapes`, {"x": ("n",)}, and `assume`, {"y": "simplex"}, say what the inputs of a text are.

    Raises:
        InputError: the target cannot be read.
        UsageError: an argument has no meaning, or none for this target.
        ProofError: a line is false; nothing is returned.
    """
    from symdiff.api.sources import problem_of  # start-up: the command reads its targets itself

    point = None if at is None else exact_point(at)
    with literally(literal):
        problem = problem_of(target, shapes, assume, point)
    wishes = Wishes(
        mode,
        wrt,
        point,
        digits,
        granularity,
        full,
        layout,
        sizes,
        steps,
        result,
        second_opinion,
        detail,
        statement,
        cost,
        note,
    )
    return solved(problem, wishes)


@told_clearly(problem=Kind("a problem, as symdiff.exercise returns it", of(Problem)))
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
    """The proved solution of `problem`, as `derive` gives it, in the mode that suits it without a `mode`.

    `at` replaces the problem's own point; `sizes` gives numbers to sizes that are names, for `entries`;
    `steps` says how many steps of a recurrence are written out; `result` takes one of the exercise's
    definitions for the result, as a state h_1. `detail` is brief, standard or full; with `statement` there
    is the exercise alone; without `cost` and `note` what is said of operations and of the proof is left out.
    """
    return derive(
        problem,
        mode,
        wrt,
        at,
        digits,
        granularity,
        full,
        layout,
        sizes,
        steps,
        result,
        detail,
        statement,
        cost,
        note,
    )


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
