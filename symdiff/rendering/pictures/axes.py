"""The ways a picture can run: to the right, up or down. Positions along and across it become x and y.

To the right, a value stands above its node and an adjoint below. Up and down, both stand to its right, so
that edges reach a node on one side and leave it on the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from symdiff.rendering.pictures.geometry import Placed, PlacedNode, Point, Sized

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

    along_x = True

    def extent(self, node: Sized) -> Extent:
        half = max([node.wide, *(label.width for label in (node.value, node.adjoint) if label)]) / 2
        above = node.value.height + CLEAR if node.value else 0.0
        below = node.adjoint.height + CLEAR if node.adjoint else 0.0
        return Extent(half, half, node.tall / 2 + above, node.tall / 2 + below)

    def half(self, node: Sized) -> float:
        """Half the frame, along."""
        return node.wide / 2

    def point(self, along: float, across: float) -> Point:
        return along, across

    def place(self, node: Sized, x: float, y: float) -> PlacedNode:
        value = adjoint = None
        if node.value:
            top = y - node.tall / 2 - CLEAR - node.value.down
            value = Placed(node.value, x - node.value.width / 2, top)
        if node.adjoint:
            under = y + node.tall / 2 + CLEAR + node.adjoint.up
            adjoint = Placed(node.adjoint, x - node.adjoint.width / 2, under)
        return PlacedNode(node, x, y, _inside(node, x, y), value, adjoint)


class Vertical:
    """Layers are rows: the first one at the top, or at the bottom."""

    along_x = False

    def __init__(self, upward: bool = False) -> None:
        self.sign = -1.0 if upward else 1.0

    def extent(self, node: Sized) -> Extent:
        beside = max((label.width for label in (node.value, node.adjoint) if label), default=-CLEAR) + CLEAR
        up = max(node.tall / 2, node.value.height + CLEAR if node.value else 0.0)
        down = max(node.tall / 2, node.adjoint.height + CLEAR if node.adjoint else 0.0)
        back, front = (down, up) if self.sign < 0 else (up, down)
        return Extent(back, front, node.wide / 2, node.wide / 2 + beside)

    def half(self, node: Sized) -> float:
        return node.tall / 2

    def point(self, along: float, across: float) -> Point:
        return across, self.sign * along

    def place(self, node: Sized, x: float, y: float) -> PlacedNode:
        beside = x + node.wide / 2 + CLEAR
        value = adjoint = None
        if node.value:
            value = Placed(node.value, beside, y - CLEAR - node.value.down)
        if node.adjoint:
            adjoint = Placed(node.adjoint, beside, y + CLEAR + node.adjoint.up)
        return PlacedNode(node, x, y, _inside(node, x, y), value, adjoint)


Flow = Rightward | Vertical


def _inside(node: Sized, x: float, y: float) -> Placed:
    """The label in the middle of its frame."""
    return Placed(node.label, x - node.label.width / 2, y + (node.label.up - node.label.down) / 2)
