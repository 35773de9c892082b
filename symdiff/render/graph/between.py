"""Edges to a later time: a loop, straight across the gutter, or along lanes into the head from below."""

from __future__ import annotations

from symdiff.render.graph.columns import LANE, SIDE, STUB, Columns, stub
from symdiff.render.graph.curves import at, bent
from symdiff.render.graph.lanes import loop, rounded
from symdiff.render.graph.shapes import Curve, Placed, Point, Routed, Wire

REACH = 34.0


def to_later(of: Columns, wire: Wire) -> Routed:
    """The way of an edge to a later time."""
    if not of.is_direct(wire):
        return _round(of, wire)
    return _looped(of, wire) if wire.delay else _straight(of, wire)


def _looped(of: Columns, wire: Wire) -> Routed:
    node = of.place(wire.tail)
    rise = node.sized.tall / 4
    curves = loop(node.box.right, node.y - rise, node.y + rise, REACH)
    if wire.label is None:
        return Routed(wire, curves)
    x, y = at(curves[0], 0.5)
    return Routed(wire, curves, Placed(wire.label, x + 3, y + (wire.label.up - wire.label.down) / 2))


def _straight(of: Columns, wire: Wire) -> Routed:
    """From the right side of the tail to the left side of the head, bent in the gutter only."""
    tail, head = of.place(wire.tail), of.place(wire.head)
    begin = of.ends(of.column(wire.tail))[1]
    first, last = (begin, tail.y), (begin + of.gutter, head.y)
    bend = bent(first, last, True)
    curves = (*_level((tail.box.right, tail.y), first), bend, *_level(last, (head.box.left, head.y)))
    if wire.label is None:
        return Routed(wire, curves)
    x, y = at(bend, 0.5)
    place = Placed(wire.label, x - wire.label.width / 2, y + (wire.label.up - wire.label.down) / 2)
    return Routed(wire, curves, place)


def _level(start: Point, end: Point) -> tuple[Curve, ...]:
    return rounded([start, end]) if abs(start[0] - end[0]) > 0.01 else ()


def _round(of: Columns, wire: Wire) -> Routed:
    """Along a lane beside the tail's column and one under the head's row."""
    head = of.place(wire.head)
    beside = of.ends(of.column(wire.tail))[1] + SIDE + LANE * of.lanes[of.row(wire.tail)]
    below = of.cell.level(of.row(wire.head))[1] + stub(wire) + LANE * _place_under(of, wire)
    door = head.x + (1 if wire.delay else -1) * head.sized.wide / 4
    points = [*_way_out(of, wire, beside), (beside, below), (door, below), (door, head.box.bottom)]
    if wire.label is None:
        return Routed(wire, rounded(points))
    middle = (below + head.box.bottom) / 2 + 1
    base = middle + (wire.label.up - wire.label.down) / 2
    return Routed(wire, rounded(points), Placed(wire.label, door - wire.label.width / 2, base))


def _way_out(of: Columns, wire: Wire, beside: float) -> list[Point]:
    """From the right side of the tail to the lane, or over what stands there."""
    tail, row = of.place(wire.tail), of.row(wire.tail)
    if of.cell.is_last(row):
        return [(tail.box.right, tail.y), (beside, tail.y)]
    top, start = of.cell.level(row)[0] - STUB, tail.x + tail.sized.wide / 4
    return [(start, tail.box.top), (start, top), (beside, top)]


def _place_under(of: Columns, wire: Wire) -> int:
    """The place of the edge's lane among those under its head's row."""
    rows = [of.row(w.tail) for w in of.later if of.row(w.head) == of.row(wire.head)]
    return list(dict.fromkeys(rows)).index(of.row(wire.tail))
