"""Labels of edges: each on a curve of its edge, where it meets no node and no other label.

Of the free places the one is taken where fewest other edges pass, nearest the middle. None is found where
the curves have too little room between them: then the layout makes room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symdiff.render.graph.curves import at, sampled
from symdiff.render.graph.shapes import Box, Curve, Label, Placed, Point

ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8, 0.14, 0.86)
APART, CLEAR = 2.0, 2.0
CROSSED, ASIDE = 40.0, 12.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label that is to lie on one of `curves`; `others` are points of other edges."""

    label: Label
    curves: tuple[Curve, ...]
    others: tuple[Point, ...]


def placed(wanted: Sequence[Wanted], boxes: Sequence[Box]) -> list[Placed | None]:
    """The labels with their places, the widest first; None for one that has no free place."""
    found: list[Placed | None] = [None] * len(wanted)
    taken: list[Box] = []
    for number in sorted(range(len(wanted)), key=lambda i: (-wanted[i].label.width, i)):
        best = _best(wanted[number], boxes, taken)
        if best is not None:
            found[number] = best
            taken.append(best.box)
    return found


def _best(wanted: Wanted, boxes: Sequence[Box], taken: Sequence[Box]) -> Placed | None:
    best: tuple[float, Placed] | None = None
    for cost, place in _places(wanted):
        if best is not None and cost >= best[0]:
            continue
        box = place.box
        if any(box.meets(other, APART) for other in taken) or any(box.meets(b, CLEAR) for b in boxes):
            continue
        cost += CROSSED * sum(box.holds(x, y, 0.5) for x, y in wanted.others)
        if best is None or cost < best[0]:
            best = cost, place
    return best[1] if best else None


def _places(wanted: Wanted) -> list[tuple[float, Placed]]:
    """On the curve first, then just above it or below."""
    label = wanted.label
    found = []
    for number, curve in enumerate(wanted.curves):
        for t in ALONG:
            x, y = at(curve, t)
            for aside in (0.0, -1.0, 1.0):
                middle = y + aside * (label.height / 2 + 2.5)
                base = middle + (label.up - label.down) / 2
                cost = 20 * abs(t - 0.5) + ASIDE * abs(aside) + 6.0 * number
                found.append((cost, Placed(label, x - label.width / 2, base)))
    return sorted(found, key=lambda item: item[0])


def points_of(curves: Sequence[Curve]) -> tuple[Point, ...]:
    return tuple(point for curve in curves for point in sampled(curve))
