"""The two ways a picture can run: to the right, or up. Positions along it and across it become x and y.

To the right, a value stands above its node and an adjoint below; upward, both stand to its right, so that
edges reach a node from below and leave it above.
"""

from __future__ import annotations

from dataclasses import dataclass

from symdiff.render.graph.shapes import Placed, PlacedNode, Point, Sized

CLEAR = 3.0
"""What stands between a frame and the labels outside it."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a node reaches from its centre: along the way back and on, across before and behind."""

    back: float
    front: float
    before: float
    behind: float


class Rightward:
    """Layers are columns."""

    def extent(self, node: Sized) -> Extent:
        half = max([node.wide, *(label.width for label in (node.value, node.adjoint) if label)]) / 2
        above = node.value.height + CLEAR if node.value else 0.0
        below = node.adjoint.height + CLEAR if node.adjoint else 0.0
        return Extent(half, half, node.tall / 2 + above, node.tall / 2 + below)

    def frame(self, node: Sized) -> float:
        """Half the frame, along."""
        return node.wide / 2

    def point(self, along: float, across: float) -> Point:
        return along, across

    def place(self, node: Sized, along: float, across: float) -> PlacedNode:
        x, y = self.point(along, across)
        value = adjoint = None
        if node.value:
            top = y - node.tall / 2 - CLEAR - node.value.down
            value = Placed(node.value, x - node.value.width / 2, top)
        if node.adjoint:
            under = y + node.tall / 2 + CLEAR + node.adjoint.up
            adjoint = Placed(node.adjoint, x - node.adjoint.width / 2, under)
        return PlacedNode(node, x, y, inside(node, x, y), value, adjoint)


class Upward:
    """Layers are rows, the first one at the bottom."""

    def extent(self, node: Sized) -> Extent:
        beside = max((label.width for label in (node.value, node.adjoint) if label), default=-CLEAR) + CLEAR
        up = max(node.tall / 2, node.value.height + CLEAR if node.value else 0)
        down = max(node.tall / 2, node.adjoint.height + CLEAR if node.adjoint else 0)
        return Extent(down, up, node.wide / 2, node.wide / 2 + beside)

    def frame(self, node: Sized) -> float:
        return node.tall / 2

    def point(self, along: float, across: float) -> Point:
        return across, -along

    def place(self, node: Sized, along: float, across: float) -> PlacedNode:
        x, y = self.point(along, across)
        beside = x + node.wide / 2 + CLEAR
        value = adjoint = None
        if node.value:
            value = Placed(node.value, beside, y - CLEAR - node.value.down)
        if node.adjoint:
            adjoint = Placed(node.adjoint, beside, y + CLEAR + node.adjoint.up)
        return PlacedNode(node, x, y, inside(node, x, y), value, adjoint)


Flow = Rightward | Upward


def inside(node: Sized, x: float, y: float) -> Placed:
    """The label in the middle of its frame."""
    return Placed(node.label, x - node.label.width / 2, y + (node.label.up - node.label.down) / 2)
