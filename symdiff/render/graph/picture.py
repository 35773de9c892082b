"""Which layout a graph gets."""

from __future__ import annotations

from symdiff.document import Graph
from symdiff.render.graph.layout import layout
from symdiff.render.graph.shapes import Drawing as Drawing
from symdiff.render.graph.sizes import Sizes


def drawing_of(graph: Graph, sizes: Sizes) -> Drawing:
    """The picture of a graph."""
    return layout(sizes.nodes(graph), sizes.wires(graph))
