"""Labels of edges: each on a curve of its edge, where it meets no node and no other label.

Of the free places the one is taken where fewest other edges pass, nearest the middle. None is found where
the curves have too little room between them: then the layout makes room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import field
from functools import cache

from symdiff.expr.records import dataclass
from symdiff.rendering.pictures.geometry import Box, Curve, Label, Placed, Wire, point_at, sampled

TILE = 24.0
"""The side of a square of the plane."""
APART = 2.0
"""How far apart labels and nodes are kept."""
BESIDE = 2.0
"""What comes closer to a label than this may be taken for the edge that it belongs to."""


def placed_labels(
    wires: Sequence[Wire], curves: Sequence[Sequence[Curve]], boxes: Sequence[Box], tiles: Tiles
) -> list[Placed | None]:
    """For each edge its label on one of the edge's `curves`, the widest label first.

    None for an edge without a label, or where no place is free. `boxes` are the nodes, `tiles` say where all
    edges pass, these first; nodes and labels are added to them.
    """
    for box in boxes:
        tiles.add(box)
    found: list[Placed | None] = [None] * len(wires)
    labels = [(number, wire.label) for number, wire in enumerate(wires) if wire.label is not None]
    for number, label in sorted(labels, key=lambda pair: -pair[1].width):
        best = _best(label, curves[number], number, tiles)
        if best is not None:
            found[number] = best
            tiles.add(best.box)
    return found


def crowded(labels: Sequence[Placed | None], tiles: Tiles) -> list[int]:
    """The edges whose label lies on another edge or close to one, where it is not plain whose it is."""
    return [n for n, label in enumerate(labels) if label is not None and tiles.passing(label.box, n, BESIDE)]


CROSSED, ASIDE, LATER = 40.0, 12.0, 6.0
"""What a place costs for each point of another edge in it, for lying beside its curve, for a later curve."""
ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8, 0.14, 0.86)
"""Where along a curve a label may lie."""


def _best(label: Label, curves: Sequence[Curve], owner: int, tiles: Tiles) -> Placed | None:
    """The free place that costs least."""
    best: tuple[float, Placed] | None = None
    for cost, place in _places(label, curves):
        if best is not None and cost >= best[0]:
            break
        box = place.box
        if not tiles.is_free(box):
            continue
        cost += CROSSED * tiles.passing(box, owner)
        if best is None or cost < best[0]:
            best = cost, place
    return best[1] if best else None


def _places(label: Label, curves: Sequence[Curve]) -> Iterator[tuple[float, Placed]]:
    """On a curve first, then just above it or below; in order of cost."""
    for cost, number, t, aside in _order(len(curves)):
        x, y = point_at(curves[number], t)
        middle = y + aside * (label.height / 2 + 2.5)
        yield cost, Placed(label, x - label.width / 2, middle + (label.up - label.down) / 2)


@cache
def _order(curves: int) -> tuple[tuple[float, int, float, float], ...]:
    """What a place costs: on which of so many curves, where along it, how far aside; the cheapest first."""
    found = (
        (20 * abs(t - 0.5) + ASIDE * abs(aside) + LATER * number, number, t, aside)
        for number in range(curves)
        for t in ALONG
        for aside in (0.0, -1.0, 1.0)
    )
    return tuple(sorted(found, key=lambda item: item[0]))


@dataclass(frozen=True)
class Tiles:
    """What lies where, by squares of the plane: points of edges with their owners, and boxes.

    The owner of a point is the number of its edge.
    """

    points: dict[tuple[int, int], list[tuple[float, float, int]]] = field(default_factory=dict)
    boxes: dict[tuple[int, int], list[Box]] = field(default_factory=dict)

    @classmethod
    def of(cls, ways: Sequence[Sequence[Curve]]) -> Tiles:
        """Where the edges pass; each has the number of its way."""
        points: defaultdict[tuple[int, int], list[tuple[float, float, int]]] = defaultdict(list)
        for owner, way in enumerate(ways):
            for curve in way:
                for x, y in sampled(curve):
                    points[int(x // TILE), int(y // TILE)].append((x, y, owner))
        return cls(dict(points))

    def add(self, box: Box) -> None:
        for tile in _tiles(box, 0.0):
            self.boxes.setdefault(tile, []).append(box)

    def is_free(self, box: Box) -> bool:
        return not any(box.meets(b, APART) for tile in _tiles(box, APART) for b in self.boxes.get(tile, ()))

    def passing(self, box: Box, owner: int, margin: float = 0.5) -> int:
        """How many points of other edges lie in a box, or closer to it than `margin`."""
        left, right, top, bottom = (
            box.left - margin,
            box.right + margin,
            box.top - margin,
            box.bottom + margin,
        )
        return sum(
            left < x < right and top < y < bottom and other != owner
            for tile in _tiles(box, margin + 0.5)
            for x, y, other in self.points.get(tile, ())
        )


def _tiles(box: Box, margin: float) -> Iterator[tuple[int, int]]:
    for i in range(int((box.left - margin) // TILE), int((box.right + margin) // TILE) + 1):
        for j in range(int((box.top - margin) // TILE), int((box.bottom + margin) // TILE) + 1):
            yield i, j
