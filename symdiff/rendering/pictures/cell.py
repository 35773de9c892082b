"""The cell of a network through time, laid out once: every column of the grid is a copy of it.

A row of the grid is one variable of the cell. Columns differ in their numbers only, so the cell has room
for the widest label of each row; where values leave the cell upward, a way to its top is kept free.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from symdiff.rendering.pictures.axes import Vertical
from symdiff.rendering.pictures.curves import bounds
from symdiff.rendering.pictures.geometry import Box, Label, PlacedNode, Routed, Sized, Wire
from symdiff.rendering.pictures.layered import Aside, arranged

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
