"""The frame of a grid: its cell, which column and row each node has, how wide columns are, what lies between.

Columns of a network through time are copies of one cell, which is laid out once. They differ in their numbers
only, so the cell has room for the widest label of each row. Where values leave it upward, a way to its top is
kept free; edges to a later time leave their column, straight where tail and head face each other, otherwise
along lanes, for which the cell keeps room too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from symdiff.expr.records import dataclass
from symdiff.rendering.pictures.geometry import (
    Box,
    Label,
    PlacedNode,
    Routed,
    Sized,
    Vertical,
    Wire,
    bounds,
)
from symdiff.rendering.pictures.layered import KeptFree, arranged

LANE, SIDE, LEAST_GUTTER, STUB = 7.0, 12.0, 34.0, 9.0
"""Room between lanes, from a column to its first lane, between columns; the length of a straight end."""
AROUND = 24.0
"""What a gutter has more than the widest label in it."""


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
        plain = laid_out_cell(own, inner, rows, {}, {})
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
        return laid_out_cell(own, inner, rows, under, over)

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


@dataclass(frozen=True)
class Cell:
    """A laid-out cell: its nodes by row, its edges by rows of tail and head, ways out by row."""

    nodes: Mapping[int, PlacedNode]
    edges: Mapping[tuple[int, int], Routed]
    exits: Mapping[int, Routed]
    bounds: Box

    def is_last(self, row: int) -> bool:
        """Whether nothing stands to the right of a node at its height."""
        return all(self.nodes[other].x <= self.nodes[row].x for other in self.beside[row])

    def is_first(self, row: int) -> bool:
        """Whether nothing stands to the left of a node at its height."""
        return all(self.nodes[other].x >= self.nodes[row].x for other in self.beside[row])

    @cached_property
    def beside(self) -> dict[int, list[int]]:
        """For each row those whose nodes stand at its height, itself among them."""
        ends = {row: (node.box.top, node.box.bottom) for row, node in self.nodes.items()}
        return {
            row: [other for other, (above, below) in ends.items() if above < bottom and top < below]
            for row, (top, bottom) in ends.items()
        }

    def is_level(self, row: int, other: int) -> bool:
        """Whether two nodes stand at one height."""
        return other in self.beside[row]

    def level(self, row: int) -> tuple[float, float]:
        """The top and the bottom of everything at a node's height."""
        beside = [self.nodes[other].box for other in self.beside[row]]
        return min(box.top for box in beside), max(box.bottom for box in beside)


def laid_out_cell(
    nodes: Sequence[Sized],
    wires: Sequence[Wire],
    leaving: Collection[int],
    under: Mapping[int, float],
    over: Mapping[int, float],
) -> Cell:
    """The cell of a grid; edges lead from row to row.

    `leaving` are rows with a way to the top, `under` and `over` room kept at rows.
    """
    of_rows = [_widest([n for n in nodes if n.row == row], row) for row in _rows(nodes)]
    doors = {row: _door(row) for row in leaving}
    ways_out = [Wire(str(row), door.key, None) for row, door in doors.items()]
    kept_free = KeptFree(
        tuple(door.key for door in doors.values()),
        {str(row): room for row, room in under.items()},
        {str(row): room for row, room in over.items()},
    )
    placed, routed = arranged(
        [*of_rows, *doors.values()], [*_widest_wires(wires), *ways_out], Vertical(upward=True), kept_free
    )
    found = {int(node.sized.key): node for node in placed if node.sized.key.isdecimal()}
    edges = {(int(e.wire.tail), int(e.wire.head)): e for e in routed if e.wire.head.isdecimal()}
    exits = {int(e.wire.tail): e for e in routed if not e.wire.head.isdecimal()}
    boxes = [box for node in found.values() for box in node.boxes]
    boxes += [e.label.box for e in routed if e.label]
    boxes += [_below(found[row].box, room) for row, room in under.items()]
    return Cell(found, edges, exits, bounds(boxes, [curve for e in routed for curve in e.curves]))


def _widest_wires(wires: Sequence[Wire]) -> Iterable[Wire]:
    """Of the wires between two rows the one with the widest label."""
    found: dict[tuple[str, str], Wire] = {}
    for wire in wires:
        pair = (wire.tail, wire.head)
        if pair not in found or _width(wire) > _width(found[pair]):
            found[pair] = wire
    return found.values()


def _below(box: Box, room: float) -> Box:
    return Box(box.left, box.bottom, box.right, box.bottom + room)


def _rows(nodes: Sequence[Sized]) -> list[int]:
    return sorted({node.row for node in nodes if node.row is not None})


def _width(wire: Wire) -> float:
    return wire.label.width if wire.label else -1.0


NOTHING = Label("", "", 8.0, 0.0, 0.0, 0.0)


def _door(row: int) -> Sized:
    """Where values of a row leave the cell: a node without a label, in the last layer."""
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
