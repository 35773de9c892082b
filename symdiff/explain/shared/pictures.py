"""The pictures of a page: the graph of its tape, or of its recurrence folded and unrolled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from symdiff.document.blocks import Block, Graph, Heading, Paragraph, Picture, text
from symdiff.explain.shared.graphs import Shown, graph_of
from symdiff.explain.shared.work import Work
from symdiff.expr.tree import Num

if TYPE_CHECKING:
    from symdiff.explain.recurrence.recurrence_work import TimeWork

MOST_NODES, LEAST_NODES = 60, 3
"""Nodes that a picture on a page has."""


def tape_picture(work: Work) -> Iterator[Block]:
    """The graph of the steps, with values and adjoints at a point of numbers."""
    if not LEAST_NODES <= len(work.tape.order) <= MOST_NODES:
        return
    numbers = work.at is not None and not work.tape.has_arrays
    back = work.reading != "sweeps" or work.mode("reverse") is not None
    graph = graph_of(work, Shown(numbers, numbers and back))
    before = [Paragraph(text(f"graph.of_{work.reading}", result=work.tape.result))]
    if any(edge.path for edge in graph.edges) and work.mode("reverse") is not None:
        before.append(Paragraph(text("graph.paths")))
    yield Picture(graph, tuple(before))


def folded_picture(work: TimeWork) -> Iterator[Block]:
    """One cell with its loops."""
    from symdiff.explain.recurrence.recurrence_graphs import folded_graph

    graph = folded_graph(work)
    if _has_room(graph) and work.of.states:
        yield Picture(graph, (Heading(text("graph.heading")), Paragraph(text("graph.here_folded"))))


def unrolled_picture(work: TimeWork) -> Iterator[Block]:
    """A column for each time."""
    from symdiff.explain.recurrence.recurrence_graphs import unrolled_graph

    graph = unrolled_graph(work)
    if _has_room(graph) and work.of.states:
        yield Picture(graph, (Paragraph(text("graph.here_unrolled", count=Num(work.steps))),))


def _has_room(graph: Graph) -> bool:
    return LEAST_NODES <= len(graph.nodes) <= MOST_NODES
