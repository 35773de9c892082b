"""Edges to a later time: a loop, straight across the gutter, or along lanes into the head from below."""

from __future__ import annotations

from symdiff.rendering.pictures.columns import LANE, SIDE, STUB, Columns
from symdiff.rendering.pictures.curves import bent
from symdiff.rendering.pictures.geometry import Curve, Point, Wire
from symdiff.rendering.pictures.lanes import loop, rounded

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
    door = _door(of, wire)
    points = [*_way_out(of, wire, beside), (beside, below), (door, below), (door, head.box.bottom)]
    curves = rounded(points)
    return curves, curves[-1:]


def _door(of: Columns, wire: Wire) -> float:
    """Where an edge enters its head: left of the middle, in a loop right of it, each lane apart."""
    head, lanes = of.place(wire.head), of.under(of.row(wire.head))
    part = (lanes.index(of.lane_under(wire)) + 1) / (len(lanes) + 1)
    half = head.sized.wide / 2
    return head.x + half * (1 - part) if wire.delay else head.x - half * (1 - part)


def _way_out(of: Columns, wire: Wire, beside: float) -> list[Point]:
    """From the right side of the tail to the lane, or over what stands there."""
    tail, row = of.place(wire.tail), of.row(wire.tail)
    if of.cell.is_last(row):
        return [(tail.box.right, tail.y), (beside, tail.y)]
    top, start = of.cell.level(row)[0] - STUB, tail.x + tail.sized.wide / 4
    return [(start, tail.box.top), (start, top), (beside, top)]
