"""A network through time as a grid: a column for each time, a row for each variable of the cell.

Edges inside a column run upward, those from one time to the next to the right. What is made of all times
stands above. In a folded network, edges to a later time come back as loops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdiff.rendering.pictures.axes import Vertical
from symdiff.rendering.pictures.between import to_later
from symdiff.rendering.pictures.columns import Columns
from symdiff.rendering.pictures.curves import bent, bounds
from symdiff.rendering.pictures.geometry import (
    Box,
    Curve,
    Drawing,
    Label,
    Placed,
    PlacedNode,
    Routed,
    Sized,
    Wire,
)
from symdiff.rendering.pictures.layered import ABOVE, arranged, moved_edge, moved_node, trimmed
from symdiff.rendering.pictures.notes import Tiles, Wanted, placed

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
