"""Curves between layers, and points on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from symdiff.rendering.pictures.geometry import Box, Curve, Point

SAMPLES = 24


def bent(start: Point, end: Point, along_x: bool) -> Curve:
    """An S from start to end that leaves and arrives along one axis."""
    (x, y), (u, v) = start, end
    if along_x:
        middle = (x + u) / 2
        return start, (middle, y), (middle, v), end
    middle = (y + v) / 2
    return start, (x, middle), (u, middle), end


def straight(start: Point, end: Point) -> Curve:
    """A line, as a curve."""
    (x, y), (u, v) = start, end
    return start, (x + (u - x) / 3, y + (v - y) / 3), (x + (u - x) * 2 / 3, y + (v - y) * 2 / 3), end


@cache
def _weights(t: float) -> tuple[float, float, float, float]:
    """How much each of the four points counts at t; the same few t come for every curve."""
    return (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3


def at(curve: Curve, t: float) -> Point:
    """The point at t, from 0 to 1."""
    (x, y), (p, q), (r, s), (u, v) = curve
    a, b, c, d = _weights(t)
    return a * x + b * p + c * r + d * u, a * y + b * q + c * s + d * v


@cache
def _even(count: int) -> tuple[tuple[float, float, float, float], ...]:
    return tuple(_weights(i / count) for i in range(count + 1))


def sampled(curve: Curve, count: int = SAMPLES) -> list[Point]:
    (x, y), (p, q), (r, s), (u, v) = curve
    return [(a * x + b * p + c * r + d * u, a * y + b * q + c * s + d * v) for a, b, c, d in _even(count)]


def shifted(curve: Curve, dx: float, dy: float) -> Curve:
    a, b, c, d = ((x + dx, y + dy) for x, y in curve)
    return a, b, c, d


def bounds(boxes: Iterable[Box], curves: Sequence[Curve]) -> Box:
    """The smallest box round everything; the control points hold a curve."""
    found = list(boxes)
    xs = [x for curve in curves for x, _ in curve]
    ys = [y for curve in curves for _, y in curve]
    return Box(
        min([*xs, *(b.left for b in found)]),
        min([*ys, *(b.top for b in found)]),
        max([*xs, *(b.right for b in found)]),
        max([*ys, *(b.bottom for b in found)]),
    )
