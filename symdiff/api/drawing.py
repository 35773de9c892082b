"""The whole way to a picture: problem to tape or recurrence to graph, every equality in it proved.

draw(read("sigmoid"), Wishes(at={"x": Fraction(7, 10), "a": 1})).render("svg")
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symdiff.api.solution import outside_domain
from symdiff.api.wishes import Wishes
from symdiff.api.works import work_of
from symdiff.derivation.derivation import Derivation
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Graph, Picture
from symdiff.errors import UsageError, did_you_mean
from symdiff.exercises import read
from symdiff.exercises.problem import Problem
from symdiff.explain.shared.graphs import PictureOptions, graph_of
from symdiff.explain.shared.work import TapeWork, Work
from symdiff.expr.arguments import Kind, told_clearly
from symdiff.expr.arguments import of as kind_of
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape
from symdiff.proof.judge import Judge, Judged, proved
from symdiff.tape.points import checked_point, exact_point
from symdiff.tape.tape import Tape

VIEWS = ("unrolled", "folded")


SOURCES = (Tape, Derivation, Problem, str, Path)


@dataclass(frozen=True)
class Drawn:
    """A graph whose equalities are proved, to be rendered in any of the picture formats."""

    graph: Graph

    def __repr__(self) -> str:
        nodes, edges = len(self.graph.nodes), len(self.graph.edges)
        return f"graph of {nodes} nodes and {edges} edges; render('svg') draws it"

    @told_clearly()
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
        from symdiff.rendering.pictures.emitters import (  # start-up: a graph is often only looked at
            RASTERS,
            emit_graph,
            raster,
        )

        if format in RASTERS:
            return raster(emit_graph(self.graph, "svg", lang, templates=templates), format)
        return emit_graph(
            self.graph, format, lang, plain_numbers=plain_numbers, prefix=prefix, templates=templates
        )


def draw(
    problem: Problem,
    wishes: Wishes | None = None,
    view: str | None = None,
    values: bool = False,
    adjoints: bool = False,
) -> Drawn:
    """The computation graph of `problem`, as a reader wishes it.

    Values need a point; a recurrence is drawn `unrolled` or `folded`.

    Raises:
        ProofError: an equality in the picture is false; nothing is returned.
    """
    wishes = wishes or Wishes()
    if view is not None and view not in VIEWS:
        raise UsageError(f"unknown view {view!r}", where="--view", way_out=did_you_mean(view, VIEWS))
    work = work_of(problem, wishes)
    if view is not None and work.reading != "bptt":
        raise UsageError(
            "views are for recurrences", where="--view", way_out="use --mode bptt or leave it out"
        )
    return draw_work(work, PictureOptions(values or wishes.at is not None, adjoints), view)


@told_clearly(of=Kind("a tape, a derivation, a problem, a path or a text", kind_of(*SOURCES)))
def graph(
    of: Derivation | Tape | Problem | str | Path,
    *,
    at: dict[str, Any] | None = None,
    values: bool = False,
    adjoints: bool = False,
    steps: int | None = None,
    view: str | None = None,
    full: bool = False,
    shapes: Mapping[str, Shape] | None = None,
) -> Drawn:
    """The computation graph of a tape, of a derivation, or of a text as the command `symdiff graph` takes it.

    At a point `at` the values stand above the nodes; of an exercise with a point of its own `values` shows
    them. `steps` and `view` are for recurrences, `shapes` for texts, as in `trace`.

    Raises:
        ProofError: an equality in the picture is false; nothing is returned.
    """
    if isinstance(of, str | Path | Problem):
        point = None if at is None else exact_point(at)
        problem = of if isinstance(of, Problem) else read(str(of), shapes, at=point)
        return draw(problem, Wishes(at=point, steps=steps, full=full), view, values, adjoints)
    if steps is not None or view is not None:
        raise UsageError("steps and views are for recurrences", way_out="give the recurrence as a text")
    if shapes:
        raise UsageError("shapes are for texts", where="shapes", way_out="trace the text with its shapes")
    derivation = of if isinstance(of, Derivation) else reverse(of)
    place = None if at is None else checked_point(derivation.tape, exact_point(at))
    return draw_work(
        TapeWork((derivation,), {}, place, full=full), PictureOptions(values or at is not None, adjoints)
    )


def draw_work(work: Work, shown: PictureOptions, view: str | None = None) -> Drawn:
    """The proved graph of a tape or of a recurrence."""
    if shown.values and work.at is None:
        way_out = "add --at x=1,a=2" if isinstance(work, TapeWork) else "give numbers in the exercise's file"
        raise UsageError("values need a point", where="--values", way_out=way_out)
    with outside_domain(work):
        graph, judge = _graph_of(work, shown, view)
    proved([Judged((Picture(graph),), judge)])
    return Drawn(graph)


def _graph_of(work: Work, shown: PictureOptions, view: str | None) -> tuple[Graph, Judge]:
    """The graph, and who says whether its equalities are true."""
    if isinstance(work, TapeWork):
        return graph_of(work, shown), work.judge
    from symdiff.explain.recurrence import recurrence_graphs  # start-up: other pictures need no cells
    from symdiff.explain.recurrence.cell_work import CellWork

    assert isinstance(work, CellWork)
    if view == "folded":
        return recurrence_graphs.folded_graph(work, shown), work.judge
    if work.recurrence.looks_ahead:
        what = "a network that goes forward and backward in time is drawn folded"
        raise UsageError(what, way_out="use --view folded, or --mode reverse for its steps")
    return recurrence_graphs.unrolled_graph(work, shown), work.judge.fixed()
