"""Which layout a graph gets: a grid where nodes have columns, otherwise layers in the direction that fits."""

from __future__ import annotations

from symdiff.document import Graph
from symdiff.render.graph.axes import Rightward, Vertical
from symdiff.render.graph.layout import layout
from symdiff.render.graph.shapes import Drawing as Drawing
from symdiff.render.graph.sizes import Sizes

WIDEST, TALLEST = 780.0, 780.0
"""What a page holds without being scaled to much less than two thirds."""


def drawing_of(graph: Graph, sizes: Sizes) -> Drawing:
    """The picture of a graph."""
    nodes, wires = sizes.nodes(graph), sizes.wires(graph)
    if any(node.column is not None for node in nodes):
        from symdiff.render.graph.grid import grid

        return grid(nodes, wires, sizes.names(graph))
    across = layout(nodes, wires, Rightward())
    if across.width <= WIDEST:
        return across
    down = layout(nodes, wires, Vertical())
    return min(across, down, key=_excess)


def _excess(drawing: Drawing) -> float:
    """How much larger than a page a drawing is."""
    return max(drawing.width / WIDEST, drawing.height / TALLEST)
