"""The whole way to a picture: problem to tape or recurrence to graph, every equality in it proved.

draw(read("sigmoid"), at={"x": Fraction(7, 10), "a": 1}).render("svg")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from symdiff.api.solution import asked_of, check_digits, time_work, work_of
from symdiff.derivation.derivation import Derivation
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Document, Graph, Picture, chains
from symdiff.errors import DomainError, UsageError, did_you_mean
from symdiff.explain.recurrence.recurrence_graphs import folded_graph, unrolled_graph
from symdiff.explain.recurrence.recurrence_work import TimeWork
from symdiff.explain.shared.graphs import Shown, graph_of
from symdiff.explain.shared.work import Work
from symdiff.problems import Problem, read
from symdiff.proof.judge import prove
from symdiff.tape.points import checked_point, exact_point, point_in_words
from symdiff.tape.tape import Tape

VIEWS = ("unrolled", "folded")


@dataclass(frozen=True)
class Drawn:
    """A graph whose equalities are proved, to be rendered in any of the picture formats."""

    graph: Graph

    def render(
        self,
        format: str = "svg",
        lang: str = "en",
        *,
        plain_numbers: bool = False,
        prefix: str = "",
        templates: Path | None = None,
    ) -> str | bytes:
        """The picture in a format (`svg`, `png`, `pdf`, `tikz`, `dot`, `mermaid`) and a language.

        With `plain_numbers` the numbers of an SVG are text elements; `prefix` goes before its ids.

        Raises:
            MissingToolError: `png` and `pdf` without the typst package.
        """
        from symdiff.rendering.pictures.emit import RASTERS, emit_graph, raster

        if format in RASTERS:
            return raster(emit_graph(self.graph, "svg", lang, templates=templates), format)
        return emit_graph(
            self.graph, format, lang, plain_numbers=plain_numbers, prefix=prefix, templates=templates
        )


def draw(
    problem: Problem,
    mode: str | None = None,
    wrt: Sequence[str] | None = None,
    at: Mapping[str, Any] | None = None,
    digits: int = 4,
    granularity: str = "textbook",
    sizes: Mapping[str, int] | None = None,
    steps: int | None = None,
    result: str | None = None,
    view: str | None = None,
    values: bool = False,
    adjoints: bool = False,
    full: bool = False,
) -> Drawn:
    """The computation graph of `problem`, in the reading that suits it unless `mode` says another.

    Values need a point; a recurrence is drawn `unrolled` or `folded`.

    Raises:
        ProofError: an equality in the picture is false; nothing is returned.
    """
    check_digits(digits)
    if view is not None and view not in VIEWS:
        raise UsageError(f"unknown view {view!r}", where="--view", way_out=did_you_mean(view, VIEWS))
    mode, asked = asked_of(problem, mode, wrt, at, sizes)
    shown = Shown(values or at is not None, adjoints)
    if mode == "bptt":
        return _through_time(time_work(asked, steps, result, digits, full), view, shown)
    if view is not None:
        raise UsageError(
            "views are for recurrences", where="--view", way_out="use --mode bptt or leave it out"
        )
    work = work_of(asked, mode, granularity, sizes, steps, result)
    return draw_work(replace(work, digits=digits, full=full), shown)


def graph(
    of: Derivation | Tape | str,
    *,
    at: dict[str, Any] | None = None,
    values: bool = False,
    adjoints: bool = False,
    steps: int | None = None,
    view: str | None = None,
    full: bool = False,
) -> Drawn:
    """The computation graph of a tape, of a derivation, or of a text as the command `symdiff graph` takes it.

    At a point `at` the values stand above the nodes; of an exercise with a point of its own `values` shows
    them. `steps` and `view` are for recurrences.

    Raises:
        ProofError: an equality in the picture is false; nothing is returned.
    """
    if isinstance(of, str):
        point = None if at is None else exact_point(at)
        return draw(read(of), at=point, steps=steps, view=view, values=values, adjoints=adjoints, full=full)
    if steps is not None or view is not None:
        raise UsageError("steps and views are for recurrences", way_out="give the recurrence as a text")
    derivation = of if isinstance(of, Derivation) else reverse(of)
    place = None if at is None else checked_point(derivation.tape, exact_point(at))
    return draw_work(Work((derivation,), {}, place, full=full), Shown(values or at is not None, adjoints))


def draw_work(work: Work, shown: Shown) -> Drawn:
    """The proved graph of a tape."""
    if shown.values and work.at is None:
        raise UsageError("values need a point", where="--values", way_out="add --at x=1,a=2")
    try:
        graph = graph_of(work, shown)
    except DomainError as error:
        if work.at is None:
            raise
        what = f"the point {point_in_words(work.at)} is outside the domain: {error.what}"
        raise DomainError(what, where=error.where) from None
    prove(Document(graph.title, (Picture(graph),)), work.derivations, work.at, work.model)
    return Drawn(graph)


def _through_time(work: TimeWork, view: str | None, shown: Shown) -> Drawn:
    """The proved graph of a recurrence."""
    if shown.values and work.at is None:
        raise UsageError(
            "values need a point", where="--values", way_out="give numbers in the exercise's file"
        )
    folded = view == "folded"
    graph = (folded_graph if folded else unrolled_graph)(work, shown)
    judge = work.judge if folded else work.judge.fixed()
    for chain in dict.fromkeys(chains(graph)):
        judge.check(chain)
    return Drawn(graph)
