"""Ways of edges between the columns of a grid: out of a node, along lanes between columns and rows, in.

A lane between two columns belongs to one row of tails, a lane under a row to one of heads and tails, so
that edges with one tail run together until they part.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from symdiff.rendering.pictures.curves import straight
from symdiff.rendering.pictures.geometry import Curve, Point

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
