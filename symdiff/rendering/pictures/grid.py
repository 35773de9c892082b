"""A network through time as a grid: a column for each time, a row for each variable of the cell.

Edges inside a column run upward, those from one time to the next to the right. What is made of all times
stands above. In a folded network, edges to a later time come back as loops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdiff.rendering.pictures.geometry import (
    Box,
    Curve,
    Drawing,
    Label,
    Placed,
    PlacedNode,
    Routed,
    Sized,
    Vertical,
    Wire,
    bent,
    bounds,
    moved_edge,
    moved_node,
    trimmed,
)
from symdiff.rendering.pictures.grid_edges import to_later
from symdiff.rendering.pictures.grid_frame import Columns
from symdiff.rendering.pictures.label_placement import Tiles, placed_labels
from symdiff.rendering.pictures.layered import arranged

BAND, BAND_LABEL = 7.0, 14.0
"""How far the band of a column reaches beyond its cell, and below that for its name."""
ABOVE = 40.0
"""Room between the columns and what stands above them."""
SLACK, TRIES = 12.0, 16
"""Room that is added between columns until every label has a place."""


def grid(nodes: Sequence[Sized], wires: Sequence[Wire], names: Mapping[int, Label] | None = None) -> Drawing:
    """The picture of a network through time; `names` are written under the columns."""
    for attempt in range(TRIES):
        columns = Columns(tuple(nodes), tuple(wires), SLACK * attempt)
        in_columns = list(columns.places())
        within = [_copied(columns, wire) for wire in columns.within]
        later = _later(columns, in_columns, within)
        if all(edge.label or not edge.wire.label for edge in later):
            break
    above, more = _above(columns, in_columns)
    return trimmed([*in_columns, *above], [*within, *later, *more], _bands(columns, names or {}))


def _later(columns: Columns, in_columns: list[PlacedNode], within: list[Routed]) -> list[Routed]:
    """The edges to later times, with labels that meet nothing."""
    ways = [to_later(columns, wire) for wire in columns.later]
    boxes = [box for node in in_columns for box in node.boxes]
    boxes += [edge.label.box for edge in within if edge.label]
    tiles = Tiles.of([*(way for way, _ in ways), *(edge.curves for edge in within)])
    labels = placed_labels(columns.later, [free for _, free in ways], boxes, tiles)
    return [
        Routed(wire, way, label) for wire, (way, _), label in zip(columns.later, ways, labels, strict=True)
    ]


def _copied(columns: Columns, wire: Wire) -> Routed:
    """A copy of the cell's edge, with its own label where the cell has one."""
    template = columns.cell.edges[columns.row(wire.tail), columns.row(wire.head)]
    edge = moved_edge(template, columns.offsets[columns.column(wire.tail)], 0.0)
    if edge.label is None or wire.label is None:
        return Routed(wire, edge.curves, None)
    box, label = edge.label.box, wire.label
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return Routed(wire, edge.curves, Placed(label, x - label.width / 2, y + (label.up - label.down) / 2))


def _bands(columns: Columns, names: Mapping[int, Label]) -> list[tuple[Box, Placed | None]]:
    """A band behind each time, with its name at the bottom."""
    found: list[tuple[Box, Placed | None]] = []
    whole = columns.cell.bounds
    for number, label in names.items():
        left, right = columns.ends(number)
        box = Box(left - BAND, whole.top - BAND, right + BAND, whole.bottom + BAND + BAND_LABEL)
        found.append((box, Placed(label, (left + right - label.width) / 2, box.bottom - 5 - label.down)))
    return found


def _above(columns: Columns, in_columns: list[PlacedNode]) -> tuple[list[PlacedNode], list[Routed]]:
    """What is made of all times, over the middle of the grid, with the edges that lead there."""
    free = [node for node in columns.nodes if node.column is None]
    if not free:
        return [], []
    keys = {node.key for node in free}
    laid, routed = arranged(free, [w for w in columns.wires if w.tail in keys], Vertical(upward=True))
    around = bounds([box for node in laid for box in node.boxes], [])
    starts = [_way_out(columns, wire)[-1][3][0] for wire in columns.leaving]
    middle = (min(starts) + max(starts)) / 2 if starts else 0.0
    dx, dy = middle - (around.left + around.right) / 2, columns.cell.bounds.top - ABOVE - around.bottom
    above = [moved_node(node, dx, dy) for node in laid]
    edges = [moved_edge(edge, dx, dy) for edge in routed]
    return above, [*edges, *_rising(columns, {node.sized.key: node for node in above}, in_columns)]


def _rising(columns: Columns, above: dict[str, PlacedNode], in_columns: list[PlacedNode]) -> list[Routed]:
    """The edges from the top of the columns to what stands above."""
    ways = [_way_up(columns, wire, above[wire.head]) for wire in columns.leaving]
    boxes = [box for node in [*in_columns, *above.values()] for box in node.boxes]
    labels = placed_labels(columns.leaving, [way[::-1] for way in ways], boxes, Tiles.of(ways))
    return [Routed(wire, way, label) for wire, way, label in zip(columns.leaving, ways, labels, strict=True)]


def _way_out(columns: Columns, wire: Wire) -> tuple[Curve, ...]:
    """The way out of the cell."""
    exit = columns.cell.exits[columns.row(wire.tail)]
    return moved_edge(exit, columns.offsets[columns.column(wire.tail)], 0.0).curves


def _way_up(columns: Columns, wire: Wire, head: PlacedNode) -> tuple[Curve, ...]:
    """The way out of the cell, then to the head."""
    way = _way_out(columns, wire)
    return (*way, bent(way[-1][3], (head.x, head.box.bottom), False))
