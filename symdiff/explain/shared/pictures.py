"""The picture of a page: the graph of its tape."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.document.blocks import Block, Graph, Paragraph, Picture, text
from symdiff.explain.shared.graphs import Shown, graph_of
from symdiff.explain.shared.work import TapeWork

MOST_NODES, LEAST_NODES = 60, 3
"""Nodes that a picture on a page has."""


def tape_picture(work: TapeWork) -> Iterator[Block]:
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


def has_room(graph: Graph) -> bool:
    """Whether a graph has neither too few nodes for a picture on a page nor too many."""
    return LEAST_NODES <= len(graph.nodes) <= MOST_NODES
