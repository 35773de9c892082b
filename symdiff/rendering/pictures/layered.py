"""A graph laid out in layers: places along and across, curves through the gaps, labels where there is room.

No gap between two layers holds a node, so a curve meets none; an edge over several layers crosses each of
them straight, where a place is kept for it. A gap grows until every label on it has a place, and to some
degree until no label lies on another edge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from symdiff.rendering.pictures.axes import Extent, Flow
from symdiff.rendering.pictures.curves import bent, bounds, shifted, straight
from symdiff.rendering.pictures.geometry import Box, Curve, Drawing, Placed, PlacedNode, Routed, Sized, Wire
from symdiff.rendering.pictures.layers import Layers, Link, layered
from symdiff.rendering.pictures.notes import Tiles, Wanted, crowded, placed
from symdiff.rendering.pictures.places import places

ACROSS, PASSING = 13.0, 5.0
LEAST_GAP, AROUND_LABEL, GROWTH, TRIES = 34.0, 22.0, 1.25, 14
AT_EASE = 2.4
"""How many times its least length a gap may get where labels have a place, but other edges close by."""
DOOR_GAP = 14.0
MARGIN, ABOVE = 6.0, 40.0


@dataclass(frozen=True, slots=True)
class Aside:
    """What a layout keeps free for edges that are no part of it: before and behind the layers of some nodes.

    The nodes in `last` lie in one layer behind all others.
    """

    last: tuple[str, ...] = ()
    back: Mapping[str, float] = field(default_factory=dict)
    front: Mapping[str, float] = field(default_factory=dict)

    def widened(self, key: str, extent: Extent) -> Extent:
        back, front = self.back.get(key, 0.0), self.front.get(key, 0.0)
        return replace(extent, back=extent.back + back, front=extent.front + front)


@dataclass(frozen=True)
class _Frame:
    """What is fixed before gaps are chosen."""

    flow: Flow
    nodes: Mapping[str, Sized]
    wires: tuple[Wire, ...]
    layers: Layers
    across: Mapping[str, float]
    extents: Mapping[str, Extent]
    gaps: list[float] = field(default_factory=list)
    doors: bool = False

    def depth(self, layer: Sequence[str]) -> tuple[float, float]:
        """How far a layer reaches back and on."""
        found = [self.extents[name] for name in layer if name in self.nodes]
        return max((e.back for e in found), default=0.0), max((e.front for e in found), default=0.0)


def layout(nodes: Sequence[Sized], wires: Sequence[Wire], flow: Flow, longest: float) -> Drawing | None:
    """The picture of an acyclic graph whose nodes come before what uses them.

    None where it is longer than `longest` along its way even before labels make room for themselves.
    """
    frame = _framed(nodes, wires, flow, Aside())
    length = _along(frame)[-1] + frame.depth(frame.layers.layers[-1])[1] + 2 * MARGIN
    return trimmed(*_with_labels(frame)) if length <= longest else None


def arranged(
    nodes: Sequence[Sized], wires: Sequence[Wire], flow: Flow, aside: Aside | None = None
) -> tuple[list[PlacedNode], list[Routed]]:
    """Nodes and edges, not yet moved to a corner; `aside` is room kept for what is drawn later."""
    return _with_labels(_framed(nodes, wires, flow, aside or Aside()))


def _framed(nodes: Sequence[Sized], wires: Sequence[Wire], flow: Flow, aside: Aside) -> _Frame:
    layers = _layers(tuple(n.key for n in nodes), tuple((w.tail, w.head) for w in wires), aside.last)
    extents = {node.key: aside.widened(node.key, flow.extent(node)) for node in nodes}
    reach = {
        name: (extents[name].before, extents[name].behind) if name in extents else (PASSING, PASSING)
        for layer in layers.layers
        for name in layer
    }
    across = places(layers, reach, ACROSS)
    frame = _Frame(
        flow, {n.key: n for n in nodes}, tuple(wires), layers, across, extents, doors=bool(aside.last)
    )
    frame.gaps.extend(_first_gaps(frame))
    return frame


@lru_cache(maxsize=1)
def _layers(names: tuple[str, ...], links: tuple[Link, ...], last: tuple[str, ...]) -> Layers:
    """The layers, which are the same for a picture that runs to the right and for one that runs down."""
    return layered(names, links, last)


def _first_gaps(frame: _Frame) -> list[float]:
    """Room for the longest label on a link between two layers."""
    gaps = [LEAST_GAP] * max(0, len(frame.layers.layers) - 1)
    level = frame.layers.level
    if frame.doors and gaps:
        gaps[-1] = DOOR_GAP
    for wire in frame.wires:
        if wire.label is not None and level[wire.head] == level[wire.tail] + 1:
            length = wire.label.width if frame.flow.along_x else wire.label.height
            gaps[level[wire.tail]] = max(gaps[level[wire.tail]], length + AROUND_LABEL)
    return gaps


def _with_labels(frame: _Frame) -> tuple[list[PlacedNode], list[Routed]]:
    """Gaps grow where a label had no place, or a bad one."""
    wide = [gap * AT_EASE for gap in frame.gaps]
    for attempt in range(TRIES):
        along = _along(frame)
        nodes = [
            frame.flow.place(node, *frame.flow.point(along[_level(frame, key)], frame.across[key]))
            for key, node in frame.nodes.items()
        ]
        runs = [_run(frame, along, wire) for wire in frame.wires]
        tiles = Tiles.of([[curve for _, curve in run] for run in runs])
        labels = _labels(frame, runs, nodes, tiles)
        narrow = _narrow(frame, wide, labels, tiles)
        if not narrow or attempt == TRIES - 1:
            break
        for level in narrow:
            frame.gaps[level] *= GROWTH
    edges = [
        Routed(wire, tuple(curve for _, curve in run), label)
        for wire, run, label in zip(frame.wires, runs, labels, strict=True)
    ]
    return nodes, edges


def _narrow(frame: _Frame, wide: Sequence[float], labels: list[Placed | None], tiles: Tiles) -> set[int]:
    """Gaps to be widened: a label is missing there or, unless they are wide, has another edge close."""
    pairs = zip(frame.wires, labels, strict=True)
    missing = {_level(frame, wire.tail) for wire, label in pairs if wire.label and label is None}
    close = crowded(labels, tiles)
    levels = {_level(frame, frame.wires[number].tail) for number in close}
    return missing | {level for level in levels if frame.gaps[level] * GROWTH <= wide[level]}


def _level(frame: _Frame, key: str) -> int:
    return frame.layers.level[key]


def _along(frame: _Frame) -> list[float]:
    """The middle of each layer."""
    found: list[float] = []
    edge = 0.0
    for number, layer in enumerate(frame.layers.layers):
        back, front = frame.depth(layer)
        found.append(edge + back)
        edge += back + front + (frame.gaps[number] if number < len(frame.gaps) else 0.0)
    return found


def _run(frame: _Frame, along: list[float], wire: Wire) -> list[tuple[bool, Curve]]:
    """The curves of an edge, each with whether it lies in a gap, where a label may stand."""
    flow, layers = frame.flow, frame.layers.layers
    way = frame.layers.ways[wire.tail, wire.head]
    start = _level(frame, wire.tail)
    found: list[tuple[bool, Curve]] = []
    here = flow.point(along[start] + flow.half(frame.nodes[wire.tail]), frame.across[wire.tail])
    for step, (one, other) in enumerate(pairwise(way), start):
        leave = flow.point(along[step] + frame.depth(layers[step])[1], frame.across[one])
        enter = flow.point(along[step + 1] - frame.depth(layers[step + 1])[0], frame.across[other])
        if leave != here:
            found.append((False, straight(here, leave)))
        found.append((True, bent(leave, enter, flow.along_x)))
        here = enter
    end = flow.point(along[start + len(way) - 1] - flow.half(frame.nodes[wire.head]), frame.across[wire.head])
    if end != here:
        found.append((False, straight(here, end)))
    return found


def _labels(
    frame: _Frame, runs: list[list[tuple[bool, Curve]]], nodes: list[PlacedNode], tiles: Tiles
) -> list[Placed | None]:
    boxes = [box for node in nodes for box in node.boxes]
    wanted = [
        Wanted(wire.label, tuple(curve for free, curve in run if free), number)
        for number, (wire, run) in enumerate(zip(frame.wires, runs, strict=True))
        if wire.label is not None
    ]
    found: list[Placed | None] = [None] * len(runs)
    for want, label in zip(wanted, placed(wanted, boxes, tiles), strict=True):
        found[want.owner] = label
    return found


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
