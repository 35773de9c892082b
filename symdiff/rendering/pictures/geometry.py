"""What a layout works with and what it makes: boxes, labels, nodes and edges with their places; curves.

Nodes and edges come sized (`Sized`, `Wire`) and leave placed (`PlacedNode`, `Routed`) in a `Drawing`. Lengths
are in points at a type size of 10 points; x grows to the right, y downward. A picture runs to the right, up
or down: positions along and across its way become x and y. To the right, a value stands above its node and an
adjoint below; up and down, both stand to its right, so that edges reach a node on one side and leave it on
the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from functools import cache

from symdiff.expr.records import dataclass


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


SAMPLES = 24


def bent(start: Point, end: Point, along_x: bool) -> Curve:
    """An S from start to end that leaves and arrives along one axis."""
    (x, y), (u, v) = start, end
    if along_x:
        middle = (x + u) / 2
        return start, (middle, y), (middle, v), end
    middle = (y + v) / 2
    return start, (x, middle), (u, middle), end


def straight(start: Point, end: Point) -> Curve:
    """A line, as a curve."""
    (x, y), (u, v) = start, end
    return start, (x + (u - x) / 3, y + (v - y) / 3), (x + (u - x) * 2 / 3, y + (v - y) * 2 / 3), end


@cache
def _weights(t: float) -> tuple[float, float, float, float]:
    """How much each of the four points counts at t; the same few t come for every curve."""
    return (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3


def point_at(curve: Curve, t: float) -> Point:
    """The point at t, from 0 to 1."""
    (x, y), (p, q), (r, s), (u, v) = curve
    a, b, c, d = _weights(t)
    return a * x + b * p + c * r + d * u, a * y + b * q + c * s + d * v


@cache
def _even(count: int) -> tuple[tuple[float, float, float, float], ...]:
    return tuple(_weights(i / count) for i in range(count + 1))


def sampled(curve: Curve, count: int = SAMPLES) -> list[Point]:
    """Points on a curve, from its start to its end."""
    (x, y), (p, q), (r, s), (u, v) = curve
    return [(a * x + b * p + c * r + d * u, a * y + b * q + c * s + d * v) for a, b, c, d in _even(count)]


def shifted(curve: Curve, dx: float, dy: float) -> Curve:
    a, b, c, d = ((x + dx, y + dy) for x, y in curve)
    return a, b, c, d


def bounds(boxes: Iterable[Box], curves: Sequence[Curve]) -> Box:
    """The smallest box round everything; the control points hold a curve."""
    found = list(boxes)
    xs = [x for curve in curves for x, _ in curve]
    ys = [y for curve in curves for _, y in curve]
    return Box(
        min([*xs, *(b.left for b in found)]),
        min([*ys, *(b.top for b in found)]),
        max([*xs, *(b.right for b in found)]),
        max([*ys, *(b.bottom for b in found)]),
    )


MARGIN = 6.0


def trimmed(
    nodes: Sequence[PlacedNode],
    edges: Sequence[Routed],
    bands: Sequence[tuple[Box, Placed | None]] = (),
) -> Drawing:
    """Everything moved so that it begins at the margin."""
    boxes = [box for node in nodes for box in node.boxes]
    boxes += [edge.label.box for edge in edges if edge.label is not None]
    boxes += [box for box, _ in bands]
    around = bounds(boxes, [curve for edge in edges for curve in edge.curves])
    dx, dy = MARGIN - around.left, MARGIN - around.top
    return Drawing(
        tuple(moved_node(node, dx, dy) for node in nodes),
        tuple(moved_edge(edge, dx, dy) for edge in edges),
        around.right - around.left + 2 * MARGIN,
        around.bottom - around.top + 2 * MARGIN,
        tuple((_moved_box(box, dx, dy), _moved(label, dx, dy)) for box, label in bands),
    )


def _moved(place: Placed | None, dx: float, dy: float) -> Placed | None:
    return None if place is None else Placed(place.label, place.x + dx, place.y + dy)


def _moved_box(box: Box, dx: float, dy: float) -> Box:
    return Box(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy)


def moved_node(node: PlacedNode, dx: float, dy: float) -> PlacedNode:
    label = Placed(node.label.label, node.label.x + dx, node.label.y + dy)
    value, adjoint = _moved(node.value, dx, dy), _moved(node.adjoint, dx, dy)
    return PlacedNode(node.sized, node.x + dx, node.y + dy, label, value, adjoint)


def moved_edge(edge: Routed, dx: float, dy: float) -> Routed:
    curves = tuple(shifted(curve, dx, dy) for curve in edge.curves)
    return Routed(edge.wire, curves, _moved(edge.label, dx, dy))
