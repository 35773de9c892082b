"""What a layout works with and what it makes: boxes, labels, nodes and edges with their places. Inert data.

Lengths are in points at a type size of 10 points; x grows to the right, y downward.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Label:
    """A formula to be set: its LaTeX, the same as plain text, and its box at the size it is set in.

    `up` and `down` reach from the baseline. `number` is the part at its end that is a number, as plain text.
    """

    latex: str
    plain: str
    size: float
    width: float
    up: float
    down: float
    number: str = ""
    lead: str = ""

    @property
    def height(self) -> float:
        return self.up + self.down


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, by its corners."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box, margin: float = 0.0) -> bool:
        """Whether the two have a point in common, or come closer than `margin`."""
        return (
            self.left < other.right + margin
            and other.left < self.right + margin
            and self.top < other.bottom + margin
            and other.top < self.bottom + margin
        )

    def holds(self, x: float, y: float, margin: float = 0.0) -> bool:
        return self.left - margin < x < self.right + margin and self.top - margin < y < self.bottom + margin


@dataclass(frozen=True, slots=True)
class Sized:
    """A node with its labels, not yet placed; `wide` and `tall` are the frame's."""

    key: str
    role: str
    label: Label
    value: Label | None
    adjoint: Label | None
    wide: float
    tall: float
    column: int | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge with its label, not yet routed."""

    tail: str
    head: str
    label: Label | None
    path: str = ""
    delay: int = 0
    back: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A label with the left end of its baseline."""

    label: Label
    x: float
    y: float

    @property
    def box(self) -> Box:
        return Box(self.x, self.y - self.label.up, self.x + self.label.width, self.y + self.label.down)


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A node whose frame has its centre at (x, y)."""

    sized: Sized
    x: float
    y: float
    label: Placed
    value: Placed | None
    adjoint: Placed | None

    @property
    def box(self) -> Box:
        """The frame."""
        half, rise = self.sized.wide / 2, self.sized.tall / 2
        return Box(self.x - half, self.y - rise, self.x + half, self.y + rise)

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The frame and the labels outside it."""
        outside = (label.box for label in (self.value, self.adjoint) if label is not None)
        return (self.box, *outside)


Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]
"""A Bézier curve: start, two control points, end."""


@dataclass(frozen=True, slots=True)
class Routed:
    """An edge with its curves, from tail to head; the label lies on one of them."""

    wire: Wire
    curves: tuple[Curve, ...]
    label: Placed | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture ready to be written: everything in it has its place inside `width` × `height`."""

    nodes: tuple[PlacedNode, ...]
    edges: tuple[Routed, ...]
    width: float
    height: float
    bands: tuple[tuple[Box, Placed | None], ...] = field(default=())
