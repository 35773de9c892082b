"""A network through time as a grid: a column for each time, a row for each variable of the cell.

Edges inside a column run upward, those from one time to the next to the right. What is made of all times
stands above. In a folded network, edges to a later time come back as loops.

The cell of a network through time, laid out once: every column of the grid is a copy of it.

A row of the grid is one variable of the cell. Columns differ in their numbers only, so the cell has room
for the widest label of each row; where values leave the cell upward, a way to its top is kept free.

The frame of a grid: which column and row each node has, how wide columns are, what lies between them.

Columns of a network through time are copies of one cell. Edges to a later time leave their column: straight
where tail and head face each other, otherwise along lanes, for which the cell keeps room.

Edges to a later time: a loop, straight across the gutter, or along lanes into the head from below.

Ways of edges between the columns of a grid: out of a node, along lanes between columns and rows, in.

A lane between two columns belongs to one row of tails, a lane under a row to one of heads and tails, so
that edges with one tail run together until they part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from symdiff.rendering.pictures.geometry import (
    Box,
    Curve,
    Drawing,
    Label,
    Placed,
    PlacedNode,
    Point,
    Routed,
    Sized,
    Vertical,
    Wire,
    bent,
    bounds,
    straight,
)
from symdiff.rendering.pictures.layered import (
    ABOVE,
    Aside,
    Tiles,
    Wanted,
    arranged,
    moved_edge,
    moved_node,
    placed,
    trimmed,
)

BAND, BAND_LABEL = 7.0, 14.0
SLACK, TRIES = 12.0, 16
"""Room that is added between columns until every label has a place."""


def grid(nodes: Sequence[Sized], wires: Sequence[Wire], names: Mapping[int, Label] | None = None) -> Drawing:
    """The picture of a network through time; `names` are written under the columns."""
    for attempt in range(TRIES):
        of = Columns(tuple(nodes), tuple(wires), SLACK * attempt)
        own = list(of.places())
        within = [_copied(of, wire) for wire in of.within]
        later = _later(of, own, within)
        if all(edge.label or not edge.wire.label for edge in later):
            break
    above, more = _above(of, own)
    return trimmed([*own, *above], [*within, *later, *more], _bands(of, names or {}))


def _later(of: Columns, own: list[PlacedNode], within: list[Routed]) -> list[Routed]:
    """The edges to later times, with labels that meet nothing."""
    ways = [to_later(of, wire) for wire in of.later]
    boxes = [box for node in own for box in node.boxes]
    boxes += [edge.label.box for edge in within if edge.label]
    wanted = [
        Wanted(wire.label, way[1], number)
        for number, (wire, way) in enumerate(zip(of.later, ways, strict=True))
        if wire.label is not None
    ]
    every = [*(way[0] for way in ways), *(edge.curves for edge in within)]
    found = placed(wanted, boxes, Tiles.of(every))
    labels = {want.owner: label for want, label in zip(wanted, found, strict=True)}
    return [
        Routed(wire, way[0], labels.get(number))
        for number, (wire, way) in enumerate(zip(of.later, ways, strict=True))
    ]


def _copied(of: Columns, wire: Wire) -> Routed:
    """A copy of the cell's edge, with its own label where the cell has one."""
    template = of.cell.edges[of.row(wire.tail), of.row(wire.head)]
    edge = moved_edge(template, of.offsets[of.column(wire.tail)], 0.0)
    if edge.label is None or wire.label is None:
        return Routed(wire, edge.curves, None)
    box, label = edge.label.box, wire.label
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return Routed(wire, edge.curves, Placed(label, x - label.width / 2, y + (label.up - label.down) / 2))


def _bands(of: Columns, names: Mapping[int, Label]) -> list[tuple[Box, Placed | None]]:
    """A band behind each time, with its name at the bottom."""
    found: list[tuple[Box, Placed | None]] = []
    whole = of.cell.bounds
    for number, label in names.items():
        left, right = of.ends(number)
        box = Box(left - BAND, whole.top - BAND, right + BAND, whole.bottom + BAND + BAND_LABEL)
        found.append((box, Placed(label, (left + right - label.width) / 2, box.bottom - 5 - label.down)))
    return found


def _above(of: Columns, own: list[PlacedNode]) -> tuple[list[PlacedNode], list[Routed]]:
    """What is made of all times, over the middle of the grid, with the edges that lead there."""
    free = [node for node in of.nodes if node.column is None]
    if not free:
        return [], []
    keys = {node.key for node in free}
    laid, routed = arranged(free, [w for w in of.wires if w.tail in keys], Vertical(upward=True))
    around = bounds([box for node in laid for box in node.boxes], [])
    starts = [_way_out(of, wire)[-1][3][0] for wire in of.leaving]
    middle = (min(starts) + max(starts)) / 2 if starts else 0.0
    dx, dy = middle - (around.left + around.right) / 2, of.cell.bounds.top - ABOVE - around.bottom
    above = [moved_node(node, dx, dy) for node in laid]
    edges = [moved_edge(edge, dx, dy) for edge in routed]
    return above, [*edges, *_rising(of, {node.sized.key: node for node in above}, own)]


def _rising(of: Columns, above: dict[str, PlacedNode], own: list[PlacedNode]) -> list[Routed]:
    """The edges from the top of the columns to what stands above."""
    runs = [_run(of, wire, above[wire.head]) for wire in of.leaving]
    boxes = [box for node in [*own, *above.values()] for box in node.boxes]
    wanted = [
        Wanted(wire.label, run[::-1], number)
        for number, (wire, run) in enumerate(zip(of.leaving, runs, strict=True))
        if wire.label is not None
    ]
    found = placed(wanted, boxes, Tiles.of(runs))
    labels = {want.owner: label for want, label in zip(wanted, found, strict=True)}
    return [
        Routed(wire, run, labels.get(number))
        for number, (wire, run) in enumerate(zip(of.leaving, runs, strict=True))
    ]


def _way_out(of: Columns, wire: Wire) -> tuple[Curve, ...]:
    """The way out of the cell."""
    exit = of.cell.exits[of.row(wire.tail)]
    return moved_edge(exit, of.offsets[of.column(wire.tail)], 0.0).curves


def _run(of: Columns, wire: Wire, head: PlacedNode) -> tuple[Curve, ...]:
    """The way out of the cell, then to the head."""
    way = _way_out(of, wire)
    return (*way, bent(way[-1][3], (head.x, head.box.bottom), False))


NOTHING = Label("", "", 8.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Cell:
    """A laid-out cell: its nodes by row, its edges by rows of tail and head, ways out by row."""

    nodes: Mapping[int, PlacedNode]
    edges: Mapping[tuple[int, int], Routed]
    exits: Mapping[int, Routed]
    bounds: Box

    def is_last(self, row: int) -> bool:
        """Whether nothing stands to the right of a node at its height."""
        return all(self.nodes[other].x <= self.nodes[row].x for other in self._beside(row))

    def is_first(self, row: int) -> bool:
        """Whether nothing stands to the left of a node at its height."""
        return all(self.nodes[other].x >= self.nodes[row].x for other in self._beside(row))

    def _beside(self, row: int) -> list[int]:
        """The rows whose nodes stand at the height of one, itself among them."""
        own = self.nodes[row].box
        return [
            r for r, node in self.nodes.items() if node.box.top < own.bottom and own.top < node.box.bottom
        ]

    def is_level(self, row: int, other: int) -> bool:
        """Whether two nodes stand at one height."""
        return other in self._beside(row)

    def level(self, row: int) -> tuple[float, float]:
        """The top and the bottom of everything at a node's height."""
        beside = [self.nodes[other].box for other in self._beside(row)]
        return min(box.top for box in beside), max(box.bottom for box in beside)


def cell(
    nodes: Sequence[Sized],
    wires: Sequence[Wire],
    leaving: Collection[int],
    under: Mapping[int, float],
    over: Mapping[int, float],
) -> Cell:
    """The cell of a grid; edges lead from row to row.

    `leaving` are rows with a way to the top, `under` and `over` room kept at rows.
    """
    alike = [_widest([n for n in nodes if n.row == row], row) for row in _rows(nodes)]
    inner: dict[tuple[str, str], Wire] = {}
    for wire in wires:
        pair = (wire.tail, wire.head)
        if pair not in inner or _width(wire) > _width(inner[pair]):
            inner[pair] = wire
    doors = [_door(row) for row in leaving]
    ways = [Wire(str(row), _door(row).key, None) for row in leaving]
    aside = Aside(
        tuple(door.key for door in doors),
        {str(row): room for row, room in under.items()},
        {str(row): room for row, room in over.items()},
    )
    placed, routed = arranged([*alike, *doors], [*inner.values(), *ways], Vertical(upward=True), aside)
    found = {int(node.sized.key): node for node in placed if node.sized.key.isdecimal()}
    edges = {(int(e.wire.tail), int(e.wire.head)): e for e in routed if e.wire.head.isdecimal()}
    exits = {int(e.wire.tail): e for e in routed if not e.wire.head.isdecimal()}
    boxes = [box for node in found.values() for box in node.boxes]
    boxes += [e.label.box for e in routed if e.label]
    boxes += [_below(found[row].box, room) for row, room in under.items()]
    return Cell(found, edges, exits, bounds(boxes, [curve for e in routed for curve in e.curves]))


def _below(box: Box, room: float) -> Box:
    return Box(box.left, box.bottom, box.right, box.bottom + room)


def _rows(nodes: Sequence[Sized]) -> list[int]:
    return sorted({node.row for node in nodes if node.row is not None})


def _width(wire: Wire) -> float:
    return wire.label.width if wire.label else -1.0


def _door(row: int) -> Sized:
    return Sized(f"out of {row}", "door", NOTHING, None, None, 6.0, 0.0)


def _widest(nodes: Sequence[Sized], row: int) -> Sized:
    """A node as large as the largest of its row."""
    first = max(nodes, key=lambda node: node.wide)
    return replace(
        first,
        key=str(row),
        tall=max(node.tall for node in nodes),
        value=_largest([node.value for node in nodes]),
        adjoint=_largest([node.adjoint for node in nodes]),
    )


def _largest(labels: Sequence[Label | None]) -> Label | None:
    found = [label for label in labels if label]
    if not found:
        return None
    width, up, down = (max(getattr(label, side) for label in found) for side in ("width", "up", "down"))
    return replace(found[0], width=width, up=up, down=down)


LANE, SIDE, LEAST_GUTTER, STUB = 7.0, 12.0, 34.0, 9.0
AROUND = 24.0


@dataclass(frozen=True)
class Columns:
    """Nodes and edges of a grid; nodes without a column stand above it. `slack` is room for labels."""

    nodes: tuple[Sized, ...]
    wires: tuple[Wire, ...]
    slack: float = 0.0

    @cached_property
    def by_key(self) -> dict[str, Sized]:
        return {node.key: node for node in self.nodes}

    @cached_property
    def numbers(self) -> list[int]:
        """The columns from left to right."""
        return sorted({node.column for node in self.nodes if node.column is not None})

    @cached_property
    def within(self) -> list[Wire]:
        """Edges inside a column."""
        return [w for w in self.wires if self._is_timed(w) and not w.delay and not self.lag(w)]

    @cached_property
    def later(self) -> list[Wire]:
        """Edges from one time to a later one."""
        return [w for w in self.wires if self._is_timed(w) and (w.delay or self.lag(w))]

    @cached_property
    def leaving(self) -> list[Wire]:
        """Edges to what is made of all times."""
        return [w for w in self.wires if self.has_column(w.tail) and not self.has_column(w.head)]

    def has_column(self, key: str) -> bool:
        return self.by_key[key].column is not None

    def column(self, key: str) -> int:
        found = self.by_key[key].column
        assert found is not None
        return found

    def row(self, key: str) -> int:
        found = self.by_key[key].row
        assert found is not None
        return found

    def _is_timed(self, wire: Wire) -> bool:
        return self.has_column(wire.tail) and self.has_column(wire.head)

    def lag(self, wire: Wire) -> int:
        """How many columns the head lies further on."""
        return self.numbers.index(self.column(wire.head)) - self.numbers.index(self.column(wire.tail))

    @cached_property
    def full(self) -> set[int]:
        """The columns that are whole cells; others hold values before the first time, or dots."""
        counts = {number: sum(node.column == number for node in self.nodes) for number in self.numbers}
        return {number for number, count in counts.items() if count == max(counts.values())}

    @cached_property
    def cell(self) -> Cell:
        """The cell, with room for lanes under heads and over tails that need them."""
        own = [node for node in self.nodes if node.column in self.full]
        rows = dict.fromkeys(self.row(w.tail) for w in self.leaving)
        inner = [replace(w, tail=str(self.row(w.tail)), head=str(self.row(w.head))) for w in self.within]
        plain = cell(own, inner, rows, {}, {})
        under: dict[int, float] = {}
        over: dict[int, float] = {}
        for wire in self.later:
            if self._faces(plain, wire):
                continue
            row = self.row(wire.head)
            tails = {self.lane_under(w) for w in self.later if self.row(w.head) == row}
            room = self.stub(wire) + LANE * len(tails) + 4
            under[row] = max(under.get(row, 0.0), room)
            if not plain.is_last(self.row(wire.tail)):
                over[self.row(wire.tail)] = 2 * STUB
        return cell(own, inner, rows, under, over)

    def is_direct(self, wire: Wire) -> bool:
        """Whether an edge to a later time goes from side to side."""
        return self._faces(self.cell, wire)

    def _faces(self, of: Cell, wire: Wire) -> bool:
        """Whether tail and head face each other, as do all heads of the tail at that height."""
        tail, head = self.row(wire.tail), self.row(wire.head)
        if not of.is_last(tail):
            return False
        if wire.delay:
            return wire.tail == wire.head
        same = [w for w in self.later if self.row(w.tail) == tail and self.lag(w) == 1]
        beside = [self.row(w.head) for w in same if of.is_level(self.row(w.head), head)]
        return self.lag(wire) == 1 and all(map(of.is_first, beside))

    @cached_property
    def lanes(self) -> dict[int, int]:
        """The number of the lane of each row whose values go round."""
        rows = [self.row(w.tail) for w in self.later if not self.is_direct(w)]
        return {row: i for i, row in enumerate(dict.fromkeys(rows))}

    @cached_property
    def gutter(self) -> float:
        """The room between two columns: for the lanes, and for labels beside them."""
        labels = [w.label.width for w in self.later if w.label and self.is_direct(w)]
        lanes = LANE * len(self.lanes)
        least = max(LEAST_GUTTER, max(labels, default=0.0) + AROUND + lanes, SIDE * 2 + lanes)
        return least + self.slack

    def under(self, row: int) -> list[tuple[int, int]]:
        """The lanes under a row, by the row of the tail and, for edges over several times, by turns."""
        round_about = [w for w in self.later if not self.is_direct(w)]
        return sorted({self.lane_under(w) for w in round_about if self.row(w.head) == row})

    def lane_under(self, wire: Wire) -> tuple[int, int]:
        lag = 1 if wire.delay else self.lag(wire)
        return self.row(wire.tail), self.numbers.index(self.column(wire.head)) % lag

    def stub(self, wire: Wire) -> float:
        """The length of the last piece of an edge that enters from below, with its label on it."""
        return wire.label.height + 2 * STUB + self.slack if wire.label else STUB

    @cached_property
    def offsets(self) -> dict[int, float]:
        """How far each column is moved to the right; a column with few nodes needs less room."""
        found: dict[int, float] = {}
        right = 0.0
        for number in self.numbers:
            left_end, right_end = self._reach(number)
            found[number] = right - left_end
            right = found[number] + right_end + self.gutter
        return found

    def _reach(self, number: int) -> tuple[float, float]:
        """How far a column reaches to the left and to the right of where it is moved to."""
        if number in self.full:
            return self.cell.bounds.left, self.cell.bounds.right
        half = max(node.wide for node in self.nodes if node.column == number) / 2
        return -half, half

    def ends(self, number: int) -> tuple[float, float]:
        """The left and the right end of a column."""
        left, right = self._reach(number)
        return left + self.offsets[number], right + self.offsets[number]

    def place(self, key: str) -> PlacedNode:
        """A node of the grid where it belongs, as wide as its row."""
        node = self.by_key[key]
        template = self.cell.nodes[self.row(key)]
        if self.column(key) not in self.full:
            return Vertical().place(node, self.offsets[self.column(key)], template.y)
        large = replace(node, wide=template.sized.wide, tall=template.sized.tall)
        return Vertical().place(large, template.x + self.offsets[self.column(key)], template.y)

    def places(self) -> Iterable[PlacedNode]:
        return (self.place(node.key) for node in self.nodes if node.column is not None)


REACH = 34.0
Way = tuple[tuple[Curve, ...], tuple[Curve, ...]]
"""The curves of an edge, and those on which its label may stand, the best one first."""


def to_later(of: Columns, wire: Wire) -> Way:
    """The way of an edge to a later time."""
    if not of.is_direct(wire):
        return _round(of, wire)
    return _looped(of, wire) if wire.delay else _straight(of, wire)


def _looped(of: Columns, wire: Wire) -> Way:
    node = of.place(wire.tail)
    loops = [w for w in of.later if w.tail == w.head == wire.tail]
    inside = loops[: loops.index(wire)]
    rise = node.sized.tall * min(0.25 + 0.12 * len(inside), 0.48)
    reach = REACH + sum(w.label.width / 2 + STUB if w.label else STUB for w in [*inside, wire])
    curves = loop(node.box.right, node.y - rise, node.y + rise, reach)
    return curves, curves


def _straight(of: Columns, wire: Wire) -> Way:
    """From the right side of the tail to the left side of the head, bent in the gutter only."""
    tail, head = of.place(wire.tail), of.place(wire.head)
    begin = of.ends(of.column(wire.tail))[1]
    first, last = (begin, tail.y), (begin + of.gutter, head.y)
    bend = bent(first, last, True)
    curves = (*_level((tail.box.right, tail.y), first), bend, *_level(last, (head.box.left, head.y)))
    return curves, (bend, *(curve for curve in curves if curve != bend))


def _level(start: Point, end: Point) -> tuple[Curve, ...]:
    return rounded([start, end]) if abs(start[0] - end[0]) > 0.01 else ()


def _round(of: Columns, wire: Wire) -> Way:
    """Along a lane beside the tail's column and one under the head's row."""
    head, row = of.place(wire.head), of.row(wire.head)
    beside = of.ends(of.column(wire.tail))[1] + SIDE + LANE * of.lanes[of.row(wire.tail)]
    below = of.cell.level(row)[1] + of.stub(wire) + LANE * of.under(row).index(of.lane_under(wire))
    door = _door_of(of, wire)
    points = [*_way_to_door(of, wire, beside), (beside, below), (door, below), (door, head.box.bottom)]
    curves = rounded(points)
    return curves, curves[-1:]


def _door_of(of: Columns, wire: Wire) -> float:
    """Where an edge enters its head: left of the middle, in a loop right of it, each lane apart."""
    head, lanes = of.place(wire.head), of.under(of.row(wire.head))
    part = (lanes.index(of.lane_under(wire)) + 1) / (len(lanes) + 1)
    half = head.sized.wide / 2
    return head.x + half * (1 - part) if wire.delay else head.x - half * (1 - part)


def _way_to_door(of: Columns, wire: Wire, beside: float) -> list[Point]:
    """From the right side of the tail to the lane, or over what stands there."""
    tail, row = of.place(wire.tail), of.row(wire.tail)
    if of.cell.is_last(row):
        return [(tail.box.right, tail.y), (beside, tail.y)]
    top, start = of.cell.level(row)[0] - STUB, tail.x + tail.sized.wide / 4
    return [(start, tail.box.top), (start, top), (beside, top)]


RADIUS = 6.0
ARC = 0.5523
"""How far the control points of a quarter circle lie from its ends, in radii."""


def rounded(points: Sequence[Point], radius: float = RADIUS) -> tuple[Curve, ...]:
    """A way of level and upright lines as curves, its corners rounded."""
    corners = _without_repeats(points)
    found: list[Curve] = []
    here = corners[0]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        size = min(radius, _length(before, corner) / 2, _length(corner, after) / 2)
        start, end = _toward(corner, before, size), _toward(corner, after, size)
        found.append(straight(here, start))
        found.append((start, _toward(start, corner, size * ARC), _toward(end, corner, size * ARC), end))
        here = end
    found.append(straight(here, corners[-1]))
    return tuple(found)


def loop(x: float, top: float, bottom: float, reach: float) -> tuple[Curve, ...]:
    """A way out of the right side of a node and back into it."""
    return (((x, top), (x + reach, top - reach * 0.35), (x + reach, bottom + reach * 0.35), (x, bottom)),)


def _without_repeats(points: Sequence[Point]) -> list[Point]:
    kept = [points[0]]
    kept += [point for last, point in pairwise(points) if _length(last, point) > 0.01]
    return kept


def _length(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _toward(start: Point, goal: Point, by: float) -> Point:
    length = _length(start, goal) or 1.0
    return start[0] + (goal[0] - start[0]) * by / length, start[1] + (goal[1] - start[1]) * by / length
