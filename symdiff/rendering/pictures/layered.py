"""A graph laid out in layers: places along and across, curves through the gaps, labels where there is room.

No gap between two layers holds a node, so a curve meets none; an edge over several layers crosses each of
them straight, where a place is kept for it. A gap grows until every label on it has a place, and to some
degree until no label lies on another edge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from itertools import pairwise

from symdiff.expr.records import dataclass
from symdiff.rendering.pictures.geometry import (
    MARGIN,
    Curve,
    Drawing,
    Extent,
    Flow,
    Placed,
    PlacedNode,
    Routed,
    Sized,
    Wire,
    bent,
    straight,
    trimmed,
)
from symdiff.rendering.pictures.label_placement import Tiles, crowded, placed_labels
from symdiff.rendering.pictures.layer_order import Layers, Link, layers_of, places_across

ACROSS, PASSING = 13.0, 5.0
"""Room between members of a layer, and on each side of an edge that passes through the layer."""
LEAST_GAP, AROUND_LABEL, DOOR_GAP = 34.0, 22.0, 14.0
"""Room between two layers; what it has more than the longest label in it; room before doors."""
GROWTH, TRIES = 1.25, 14
"""How many times longer a gap gets in each try, until its labels have a place."""
AT_EASE = 2.4
"""How many times its least length a gap may get where labels have a place, but other edges close by."""


@dataclass(frozen=True, slots=True)
class KeptFree:
    """What a layout keeps free for edges that are no part of it: before and behind the layers of some nodes.

    The nodes in `last` are doors, at which such edges leave: they lie in one layer behind all others.
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

    def layer_of(self, key: str) -> int:
        return self.layers.number[key]


def layout(nodes: Sequence[Sized], wires: Sequence[Wire], flow: Flow) -> Drawing:
    """The picture of an acyclic graph whose nodes come before what uses them."""
    return trimmed(*arranged(nodes, wires, flow))


def layout_within(nodes: Sequence[Sized], wires: Sequence[Wire], flow: Flow, most: float) -> Drawing | None:
    """The same; None where it is longer or broader than `most` even before labels make room."""
    frame = _framed(nodes, wires, flow, KeptFree())
    length = _along(frame)[-1] + frame.depth(frame.layers.layers[-1])[1]
    breadth = max(frame.across[key] + extent.behind for key, extent in frame.extents.items()) - min(
        frame.across[key] - extent.before for key, extent in frame.extents.items()
    )
    fits = max(length, breadth) + 2 * MARGIN <= most
    return trimmed(*_with_labels(frame)) if fits else None


def arranged(
    nodes: Sequence[Sized], wires: Sequence[Wire], flow: Flow, kept_free: KeptFree | None = None
) -> tuple[list[PlacedNode], list[Routed]]:
    """Nodes and edges, not yet moved to a corner; `kept_free` is for what is drawn later."""
    return _with_labels(_framed(nodes, wires, flow, kept_free or KeptFree()))


def _framed(nodes: Sequence[Sized], wires: Sequence[Wire], flow: Flow, kept_free: KeptFree) -> _Frame:
    layers = _layers(tuple(n.key for n in nodes), tuple((w.tail, w.head) for w in wires), kept_free.last)
    extents = {node.key: kept_free.widened(node.key, flow.extent(node)) for node in nodes}
    reach = {
        name: (extents[name].before, extents[name].behind) if name in extents else (PASSING, PASSING)
        for layer in layers.layers
        for name in layer
    }
    across = places_across(layers, reach, ACROSS)
    frame = _Frame(
        flow, {n.key: n for n in nodes}, tuple(wires), layers, across, extents, doors=bool(kept_free.last)
    )
    frame.gaps.extend(_first_gaps(frame))
    return frame


@lru_cache(maxsize=1)
def _layers(names: tuple[str, ...], links: tuple[Link, ...], last: tuple[str, ...]) -> Layers:
    """The layers, which are the same for a picture that runs to the right and for one that runs down."""
    return layers_of(names, links, last)


def _first_gaps(frame: _Frame) -> list[float]:
    """Room for the longest label on a link between two layers."""
    gaps = [LEAST_GAP] * max(0, len(frame.layers.layers) - 1)
    if frame.doors and gaps:
        gaps[-1] = DOOR_GAP
    for wire in frame.wires:
        if wire.label is not None and frame.layer_of(wire.head) == frame.layer_of(wire.tail) + 1:
            number = frame.layer_of(wire.tail)
            length = wire.label.width if frame.flow.along_x else wire.label.height
            gaps[number] = max(gaps[number], length + AROUND_LABEL)
    return gaps


def _with_labels(frame: _Frame) -> tuple[list[PlacedNode], list[Routed]]:
    """Gaps grow where a label had no place, or a bad one."""
    longest = [gap * AT_EASE for gap in frame.gaps]
    for attempt in range(TRIES):
        along = _along(frame)
        nodes = [
            frame.flow.place(node, *frame.flow.point(along[frame.layer_of(key)], frame.across[key]))
            for key, node in frame.nodes.items()
        ]
        routes = [_route(frame, along, wire) for wire in frame.wires]
        tiles = Tiles.of([[curve for _, curve in route] for route in routes])
        boxes = [box for node in nodes for box in node.boxes]
        in_gaps = [[curve for is_in_gap, curve in route if is_in_gap] for route in routes]
        labels = placed_labels(frame.wires, in_gaps, boxes, tiles)
        short = _short_gaps(frame, longest, labels, tiles)
        if not short or attempt == TRIES - 1:
            break
        for number in short:
            frame.gaps[number] *= GROWTH
    edges = [
        Routed(wire, tuple(curve for _, curve in route), label)
        for wire, route, label in zip(frame.wires, routes, labels, strict=True)
    ]
    return nodes, edges


def _short_gaps(
    frame: _Frame, longest: Sequence[float], labels: list[Placed | None], tiles: Tiles
) -> set[int]:
    """Gaps to be widened: a label is missing there or, unless they are long, has another edge close."""
    pairs = zip(frame.wires, labels, strict=True)
    missing = {frame.layer_of(wire.tail) for wire, label in pairs if wire.label and label is None}
    close = {frame.layer_of(frame.wires[number].tail) for number in crowded(labels, tiles)}
    return missing | {number for number in close if frame.gaps[number] * GROWTH <= longest[number]}


def _along(frame: _Frame) -> list[float]:
    """The middle of each layer."""
    found: list[float] = []
    edge = 0.0
    for number, layer in enumerate(frame.layers.layers):
        back, front = frame.depth(layer)
        found.append(edge + back)
        edge += back + front + (frame.gaps[number] if number < len(frame.gaps) else 0.0)
    return found


def _route(frame: _Frame, along: list[float], wire: Wire) -> list[tuple[bool, Curve]]:
    """The curves of an edge, each with whether it lies in a gap, where a label may stand."""
    flow, layers = frame.flow, frame.layers.layers
    way = frame.layers.ways[wire.tail, wire.head]
    start = frame.layer_of(wire.tail)
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
