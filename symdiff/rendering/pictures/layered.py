"""A graph laid out in layers: places along and across, curves through the gaps, labels where there is room.

No gap between two layers holds a node, so a curve meets none; an edge over several layers crosses each of
them straight, where a place is kept for it. A gap grows until every label on it has a place, and to some
degree until no label lies on another edge.

Layers: in which layer each node lies, and in which order inside it, with few crossings.

A node lies behind everything it uses; an input just before its first use. An edge over several layers
passes a dummy in each layer between. Orders are improved by barycentres, forth and back; the order with
the fewest crossings is kept. Deterministic.

Where the members of each layer lie across it: neighbours in line where they can be, never too close.

Each layer's places are the nearest to the wished ones, in the sense of least squares, among those that
keep the order and the distances (pool adjacent violators); the wish of a member is the mean place of its
neighbours. Long edges weigh more, so that they run straight.

Labels of edges: each on a curve of its edge, where it meets no node and no other label.

Of the free places the one is taken where fewest other edges pass, nearest the middle. None is found where
the curves have too little room between them: then the layout makes room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from itertools import pairwise

from symdiff.rendering.pictures.geometry import (
    Box,
    Curve,
    Drawing,
    Extent,
    Flow,
    Label,
    Placed,
    PlacedNode,
    Routed,
    Sized,
    Wire,
    at,
    bent,
    bounds,
    sampled,
    shifted,
    straight,
)

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


ORDERING_ROUNDS = 24
Link = tuple[str, str]


@dataclass(frozen=True)
class Layers:
    """Names in layers, in order; `ways` are the links with the dummies they pass."""

    layers: tuple[tuple[str, ...], ...]
    ways: Mapping[Link, tuple[str, ...]]

    @cached_property
    def level(self) -> dict[str, int]:
        """The number of the layer of each name."""
        return {name: i for i, layer in enumerate(self.layers) for name in layer}

    def is_dummy(self, name: str) -> bool:
        return name.startswith("|")


def layered(names: Sequence[str], links: Sequence[Link], last: Collection[str] = ()) -> Layers:
    """The layers of an acyclic graph; names are in an order in which tails come before heads.

    Those in `last` lie together in a layer behind all others.
    """
    ranks = ranked(names, links)
    behind = 1 + max((rank for name, rank in ranks.items() if name not in last), default=-1)
    ranks |= dict.fromkeys(last, behind)
    ways = {link: _way(link, ranks, number) for number, link in enumerate(links)}
    layers: list[list[str]] = [[] for _ in range(1 + max(ranks.values(), default=0))]
    for name in names:
        layers[ranks[name]].append(name)
    for (tail, _), way in ways.items():
        for step, dummy in enumerate(way[1:-1], ranks[tail] + 1):
            layers[step].append(dummy)
    pairs = [pair for way in ways.values() for pair in pairwise(way)]
    return Layers(tuple(map(tuple, _ordered(layers, pairs))), ways)


def ranked(names: Sequence[str], links: Sequence[Link]) -> dict[str, int]:
    """The layer of each name: the longest way to it; what nothing leads to, just before its first use."""
    ranks = dict.fromkeys(names, 0)
    tails = {head: [t for t, h in links if h == head] for _, head in links}
    for name in names:
        ranks[name] = max((ranks[tail] + 1 for tail in tails.get(name, ())), default=0)
    for name in names:
        heads = [ranks[head] for tail, head in links if tail == name]
        if name not in tails and heads:
            ranks[name] = min(heads) - 1
    return ranks


def _way(link: Link, ranks: Mapping[str, int], number: int) -> tuple[str, ...]:
    tail, head = link
    between = (f"|{number}|{rank}" for rank in range(ranks[tail] + 1, ranks[head]))
    return (tail, *between, head)


def _ordered(layers: list[list[str]], pairs: Sequence[Link]) -> list[list[str]]:
    ahead: dict[str, list[str]] = {}
    behind: dict[str, list[str]] = {}
    for tail, head in pairs:
        ahead.setdefault(tail, []).append(head)
        behind.setdefault(head, []).append(tail)
    best, fewest = layers, crossings(layers, ahead)
    found = layers
    for turn in range(ORDERING_ROUNDS):
        found = _swept(found, behind if turn % 2 == 0 else ahead, turn % 2 == 0, turn // 2 % 2 == 1)
        found = _exchanged(found, ahead, behind)
        count = crossings(found, ahead)
        if count < fewest:
            best, fewest = found, count
        if not fewest:
            break
    return best


def _swept(
    layers: list[list[str]], toward: Mapping[str, list[str]], forth: bool, later: bool
) -> list[list[str]]:
    """Each layer sorted by the mean place of its neighbours in the one before; ties turned if `later`."""
    found = [list(layer) for layer in layers]
    order = range(1, len(found)) if forth else range(len(found) - 2, -1, -1)
    for number in order:
        fixed = found[number - 1 if forth else number + 1]
        place = {name: position for position, name in enumerate(fixed)}
        own = {name: position for position, name in enumerate(found[number])}

        def mean(name: str, place: dict[str, int] = place, own: dict[str, int] = own) -> tuple[float, int]:
            near = [place[other] for other in toward.get(name, ()) if other in place]
            tie = -own[name] if later else own[name]
            return (sum(near) / len(near) if near else float(own[name]), tie)

        found[number].sort(key=mean)
    return found


def _exchanged(
    layers: list[list[str]], ahead: Mapping[str, list[str]], behind: Mapping[str, list[str]]
) -> list[list[str]]:
    """Neighbours change places where that takes crossings away."""
    found = [list(layer) for layer in layers]
    for number, layer in enumerate(found):
        before = {n: i for i, n in enumerate(found[number - 1])} if number else {}
        after = {n: i for i, n in enumerate(found[number + 1])} if number + 1 < len(found) else {}

        def cost(one: str, other: str, before: dict[str, int] = before, after: dict[str, int] = after) -> int:
            pairs = [(before, behind), (after, ahead)]
            return sum(
                place[a] > place[b]
                for place, near in pairs
                for a in near.get(one, ())
                for b in near.get(other, ())
            )

        for i in range(len(layer) - 1):
            if cost(layer[i], layer[i + 1]) > cost(layer[i + 1], layer[i]):
                layer[i], layer[i + 1] = layer[i + 1], layer[i]
    return found


def crossings(layers: Sequence[Sequence[str]], ahead: Mapping[str, Sequence[str]]) -> int:
    """How many pairs of links cross between neighbouring layers."""
    count = 0
    for layer, following in pairwise(layers):
        place = {name: i for i, name in enumerate(following)}
        ends = [sorted(place[h] for h in ahead.get(name, ())) for name in layer]
        flat = [end for some in ends for end in some]
        starts = [i for i, some in enumerate(ends) for _ in some]
        count += sum(
            flat[i] > flat[j] and starts[i] < starts[j]
            for i in range(len(flat))
            for j in range(i + 1, len(flat))
        )
    return count


PLACING_ROUNDS = 14
STRAIGHT, HALF, PLAIN = 8.0, 2.0, 1.0
Reach = tuple[float, float]
"""How far a member reaches before and behind its place."""


def places(layers: Layers, reach: Mapping[str, Reach], gap: float) -> dict[str, float]:
    """The place of each member across its layer."""
    near = _neighbours(layers)
    at: dict[str, float] = {}
    for layer in layers.layers:
        wishes = [(0.0, 1.0) for _ in layer]
        at |= zip(layer, _spread(layer, wishes, reach, gap), strict=True)
    for turn in range(PLACING_ROUNDS):
        sides = ((0,), (1,), (0, 1))[min(turn % 3, 2)] if turn < PLACING_ROUNDS - 2 else (0, 1)
        order = layers.layers if turn % 2 == 0 else layers.layers[::-1]
        for layer in order:
            wishes = [_wish(name, near, sides, at) for name in layer]
            at |= zip(layer, _spread(layer, wishes, reach, gap), strict=True)
    return at


def _neighbours(layers: Layers) -> dict[str, tuple[list[tuple[str, float]], list[tuple[str, float]]]]:
    found: dict[str, tuple[list[tuple[str, float]], list[tuple[str, float]]]] = {
        name: ([], []) for layer in layers.layers for name in layer
    }
    for way in layers.ways.values():
        for tail, head in pairwise(way):
            weight = (PLAIN, HALF, STRAIGHT)[layers.is_dummy(tail) + layers.is_dummy(head)]
            found[head][0].append((tail, weight))
            found[tail][1].append((head, weight))
    return found


def _wish(
    name: str,
    near: Mapping[str, tuple[list[tuple[str, float]], list[tuple[str, float]]]],
    sides: tuple[int, ...],
    at: Mapping[str, float],
) -> tuple[float, float]:
    """Where a member would like to be, and how much."""
    found = [pair for side in sides for pair in near[name][side]] or [
        pair for side in (0, 1) for pair in near[name][side]
    ]
    if not found:
        return at[name], 0.1
    weight = sum(w for _, w in found)
    return sum(at[other] * w for other, w in found) / weight, weight


def _spread(
    layer: Sequence[str], wishes: Sequence[tuple[float, float]], reach: Mapping[str, Reach], gap: float
) -> list[float]:
    """The places nearest to the wishes that keep order and distance."""
    offsets = [0.0]
    for one, other in pairwise(layer):
        offsets.append(offsets[-1] + reach[one][1] + gap + reach[other][0])
    blocks: list[tuple[float, float, int]] = []
    for (wish, weight), offset in zip(wishes, offsets, strict=True):
        mean, heavy, count = wish - offset, weight, 1
        while blocks and blocks[-1][0] > mean:
            near, more, size = blocks.pop()
            mean = (mean * heavy + near * more) / (heavy + more)
            heavy, count = heavy + more, count + size
        blocks.append((mean, heavy, count))
    shifts = [mean for mean, _, count in blocks for _ in range(count)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]


ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8, 0.14, 0.86)
APART, CLEAR = 2.0, 2.0
BESIDE = 2.0
CROSSED, ASIDE, LATER = 40.0, 12.0, 6.0
TILE = 24.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label that is to lie on one of `curves`, the ways of the edge with this number."""

    label: Label
    curves: tuple[Curve, ...]
    owner: int


@dataclass(frozen=True)
class Tiles:
    """What lies where, by squares of the plane: points of edges with their owners, and boxes."""

    points: dict[tuple[int, int], list[tuple[float, float, int]]] = field(default_factory=dict)
    boxes: dict[tuple[int, int], list[Box]] = field(default_factory=dict)

    @classmethod
    def of(cls, ways: Sequence[Sequence[Curve]]) -> Tiles:
        """Where the edges pass; each has the number of its way."""
        points: defaultdict[tuple[int, int], list[tuple[float, float, int]]] = defaultdict(list)
        for owner, way in enumerate(ways):
            for curve in way:
                for x, y in sampled(curve):
                    points[int(x // TILE), int(y // TILE)].append((x, y, owner))
        return cls(dict(points))

    def add(self, box: Box) -> None:
        for tile in _tiles(box, 0.0):
            self.boxes.setdefault(tile, []).append(box)

    def is_free(self, box: Box) -> bool:
        return not any(box.meets(b, APART) for tile in _tiles(box, APART) for b in self.boxes.get(tile, ()))

    def passing(self, box: Box, owner: int, margin: float = 0.5) -> int:
        """How many points of other edges lie in a box, or closer to it than `margin`."""
        left, right, top, bottom = (
            box.left - margin,
            box.right + margin,
            box.top - margin,
            box.bottom + margin,
        )
        return sum(
            left < x < right and top < y < bottom and other != owner
            for tile in _tiles(box, margin + 0.5)
            for x, y, other in self.points.get(tile, ())
        )


def _tiles(box: Box, margin: float) -> Iterator[tuple[int, int]]:
    for i in range(int((box.left - margin) // TILE), int((box.right + margin) // TILE) + 1):
        for j in range(int((box.top - margin) // TILE), int((box.bottom + margin) // TILE) + 1):
            yield i, j


def placed(wanted: Sequence[Wanted], boxes: Sequence[Box], tiles: Tiles) -> list[Placed | None]:
    """The labels with their places, the widest first; None for one that has no free place.

    `boxes` are the nodes, `tiles` say where all edges pass; nodes and labels are added to them.
    """
    for box in boxes:
        tiles.add(box)
    found: list[Placed | None] = [None] * len(wanted)
    for number in sorted(range(len(wanted)), key=lambda i: (-wanted[i].label.width, i)):
        best = _best(wanted[number], tiles)
        if best is not None:
            found[number] = best
            tiles.add(best.box)
    return found


def crowded(labels: Sequence[Placed | None], tiles: Tiles) -> list[int]:
    """The edges whose label lies on another edge or close to one, where it is not plain whose it is."""
    return [n for n, label in enumerate(labels) if label is not None and tiles.passing(label.box, n, BESIDE)]


def _best(wanted: Wanted, tiles: Tiles) -> Placed | None:
    best: tuple[float, Placed] | None = None
    for cost, place in _places(wanted):
        if best is not None and cost >= best[0]:
            break
        box = place.box
        if not tiles.is_free(box):
            continue
        cost += CROSSED * tiles.passing(box, wanted.owner)
        if best is None or cost < best[0]:
            best = cost, place
    return best[1] if best else None


def _places(wanted: Wanted) -> Iterator[tuple[float, Placed]]:
    """On the curve first, then just above it or below; in order of cost."""
    label = wanted.label
    for cost, number, t, aside in _order(len(wanted.curves)):
        x, y = at(wanted.curves[number], t)
        middle = y + aside * (label.height / 2 + 2.5)
        yield cost, Placed(label, x - label.width / 2, middle + (label.up - label.down) / 2)


@cache
def _order(curves: int) -> tuple[tuple[float, int, float, float], ...]:
    """What a place costs: on which of so many curves, where along it, how far aside; the cheapest first."""
    found = (
        (20 * abs(t - 0.5) + ASIDE * abs(aside) + LATER * number, number, t, aside)
        for number in range(curves)
        for t in ALONG
        for aside in (0.0, -1.0, 1.0)
    )
    return tuple(sorted(found, key=lambda item: item[0]))
