"""A graph drawn for a page of paper: no label is smaller than seven points there.

Tried in turn: nodes in the type of the text; nodes in that of the other labels; the same turned by a quarter;
and all this without the numbers beside nodes, which stand in the tables of the page. Which way round a
picture stands is decided where it is set, by the same lengths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from symdiff.document.blocks import Graph
from symdiff.rendering.pictures.geometry import Drawing, Rightward, Vertical
from symdiff.rendering.pictures.labels import NODE, SMALL, Sizes
from symdiff.rendering.pictures.layered import layout_within

LEAST = 7.0
"""The size of the smallest labels on paper, in points; their indices and exponents are smaller."""
WIDE, TALL = 453.0 * SMALL / LEAST, 590.0 * SMALL / LEAST
"""What a page holds in that size: as wide as a line, as tall as leaves room for a heading and sentences."""


def drawing_on_paper(graph: Graph, sizes: Callable[[float], Sizes]) -> Drawing | None:
    """The picture of a graph, `sizes` given the size of type in nodes; None where no page has room for it."""
    for shown in (graph, without_numbers(graph)):
        turned: Drawing | None = None
        for size in (NODE, SMALL):
            for drawing in _drawings(shown, sizes(size)):
                if drawing.width <= WIDE and drawing.height <= TALL:
                    return drawing
                if drawing.width <= TALL and drawing.height <= WIDE:
                    turned = drawing
        if turned:
            return turned
    return None


def without_numbers(graph: Graph) -> Graph:
    """The same nodes, with nothing above and below them."""
    return replace(graph, nodes=tuple(replace(node, value=None, adjoint=None) for node in graph.nodes))


def _drawings(graph: Graph, sizes: Sizes) -> Iterator[Drawing]:
    """A grid where nodes have columns; otherwise to the right, and down; those that may fit."""
    nodes, wires = sizes.nodes(graph), sizes.wires(graph)
    if any(node.column is not None for node in nodes):
        # For start-up: few pictures are grids.
        from symdiff.rendering.pictures.grid import grid

        yield grid(nodes, wires, sizes.names(graph))
        return
    for flow in (Rightward(), Vertical()):
        drawing = layout_within(nodes, wires, flow, TALL)
        if drawing:
            yield drawing
