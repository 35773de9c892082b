"""Which layout a graph gets: a grid where nodes have columns, otherwise layers in the direction that fits."""

from __future__ import annotations

from math import inf

from symdiff.document.blocks import Graph
from symdiff.rendering.pictures.axes import Rightward, Vertical
from symdiff.rendering.pictures.geometry import Drawing as Drawing
from symdiff.rendering.pictures.labels import Sizes
from symdiff.rendering.pictures.layered import layout

WIDEST, TALLEST = 780.0, 780.0
"""What a page holds without being scaled to much less than two thirds."""


def drawing_of(graph: Graph, sizes: Sizes, largest: float = inf) -> Drawing | None:
    """The picture of a graph; None where it is larger than `largest`, which is often seen beforehand."""
    drawing = _drawn(graph, sizes, largest)
    return drawing if drawing and max(drawing.width, drawing.height) <= largest else None


def _drawn(graph: Graph, sizes: Sizes, largest: float) -> Drawing | None:
    nodes, wires = sizes.nodes(graph), sizes.wires(graph)
    if any(node.column is not None for node in nodes):
        from symdiff.rendering.pictures.grid import grid

        return grid(nodes, wires, sizes.names(graph))
    across = layout(nodes, wires, Rightward(), largest)
    if across and across.width <= WIDEST:
        return across
    down = layout(nodes, wires, Vertical(), largest)
    return min(filter(None, (across, down)), key=_excess, default=None)


def _excess(drawing: Drawing) -> float:
    """How much larger than a page a drawing is."""
    return max(drawing.width / WIDEST, drawing.height / TALLEST)
