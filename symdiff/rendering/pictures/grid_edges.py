"""Edges to a later time: a loop, straight across the gutter, or along lanes into the head from below.

A lane between two columns belongs to one row of tails, a lane under a row to one of heads and tails, so that
edges with one tail run together until they part. Corners of lanes are rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from symdiff.rendering.formulas.math_spacing import added
from symdiff.rendering.pictures.geometry import Curve, Point, Wire, bent, straight
from symdiff.rendering.pictures.grid_frame import LANE, SIDE, STUB, Columns

REACH = 34.0
"""How far the innermost loop reaches, without its label."""
Way = tuple[tuple[Curve, ...], tuple[Curve, ...]]
"""The curves of an edge, and those on which its label may stand, the best one first."""


def to_later(columns: Columns, wire: Wire) -> Way:
    """The way of an edge to a later time."""
    if not columns.is_direct(wire):
        return _along_lanes(columns, wire)
    return _looped(columns, wire) if wire.delay else _straight(columns, wire)


def _looped(columns: Columns, wire: Wire) -> Way:
    node = columns.place(wire.tail)
    loops = [w for w in columns.later if w.tail == w.head == wire.tail]
    inside = loops[: loops.index(wire)]
    rise = node.sized.tall * min(0.25 + 0.12 * len(inside), 0.48)
    reach = REACH + added(w.label.width / 2 + STUB if w.label else STUB for w in [*inside, wire])
    curves = loop(node.box.right, node.y - rise, node.y + rise, reach)
    return curves, curves


def _straight(columns: Columns, wire: Wire) -> Way:
    """From the right side of the tail to the left side of the head, bent in the gutter only."""
    tail, head = columns.place(wire.tail), columns.place(wire.head)
    begin = columns.ends(columns.column(wire.tail))[1]
    first, last = (begin, tail.y), (begin + columns.gutter, head.y)
    bend = bent(first, last, True)
    curves = (*_level((tail.box.right, tail.y), first), bend, *_level(last, (head.box.left, head.y)))
    return curves, (bend, *(curve for curve in curves if curve != bend))


def _level(start: Point, end: Point) -> tuple[Curve, ...]:
    return rounded([start, end]) if abs(start[0] - end[0]) > 0.01 else ()


def _along_lanes(columns: Columns, wire: Wire) -> Way:
    """Along a lane beside the tail's column and one under the head's row."""
    head, row = columns.place(wire.head), columns.row(wire.head)
    lane_beside = columns.lanes[columns.row(wire.tail)]
    lane_below = columns.under(row).index(columns.lane_under(wire))
    beside = columns.ends(columns.column(wire.tail))[1] + SIDE + LANE * lane_beside
    below = columns.cell.level(row)[1] + columns.stub(wire) + LANE * lane_below
    door = _door_of(columns, wire)
    points = [*_way_to_door(columns, wire, beside), (beside, below), (door, below), (door, head.box.bottom)]
    curves = rounded(points)
    return curves, curves[-1:]


def _door_of(columns: Columns, wire: Wire) -> float:
    """Where an edge enters its head: left of the middle, in a loop right of it, each lane apart."""
    head, lanes = columns.place(wire.head), columns.under(columns.row(wire.head))
    part = (lanes.index(columns.lane_under(wire)) + 1) / (len(lanes) + 1)
    half = head.sized.wide / 2
    return head.x + half * (1 - part) if wire.delay else head.x - half * (1 - part)


def _way_to_door(columns: Columns, wire: Wire, beside: float) -> list[Point]:
    """From the right side of the tail to the lane, or over what stands there."""
    tail, row = columns.place(wire.tail), columns.row(wire.tail)
    if columns.cell.is_last(row):
        return [(tail.box.right, tail.y), (beside, tail.y)]
    top, start = columns.cell.level(row)[0] - STUB, tail.x + tail.sized.wide / 4
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
