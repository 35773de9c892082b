"""Labels of edges: each on a curve of its edge, where it meets no node and no other label.

Of the free places the one is taken where fewest other edges pass, nearest the middle. None is found where
the curves have too little room between them: then the layout makes room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from symdiff.frozen import frozen
from symdiff.render.graph.curves import at, sampled
from symdiff.render.graph.shapes import Box, Curve, Label, Placed, Point

ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8, 0.14, 0.86)
APART, CLEAR = 2.0, 2.0
BESIDE = 2.0
CROSSED, ASIDE, LATER = 40.0, 12.0, 6.0
TILE = 24.0


@frozen
class Wanted:
    """A label that is to lie on one of `curves`, the ways of the edge with this number."""

    label: Label
    curves: tuple[Curve, ...]
    owner: int


@dataclass(frozen=True)
class Tiles:
    """What lies where, by squares of the plane: points of edges with their owners, and boxes."""

    points: dict[tuple[int, int], list[tuple[Point, int]]] = field(default_factory=dict)
    boxes: dict[tuple[int, int], list[Box]] = field(default_factory=dict)

    def add_way(self, owner: int, curves: Sequence[Curve]) -> None:
        for x, y in (point for curve in curves for point in sampled(curve)):
            self.points.setdefault((int(x // TILE), int(y // TILE)), []).append(((x, y), owner))

    def add(self, box: Box) -> None:
        for tile in _tiles(box, 0.0):
            self.boxes.setdefault(tile, []).append(box)

    def is_free(self, box: Box) -> bool:
        return not any(box.meets(b, APART) for tile in _tiles(box, APART) for b in self.boxes.get(tile, ()))

    def passing(self, box: Box, owner: int, margin: float = 0.5) -> int:
        """How many points of other edges lie in a box, or closer to it than `margin`."""
        near = (item for tile in _tiles(box, margin + 0.5) for item in self.points.get(tile, ()))
        return sum(other != owner and box.holds(*point, margin) for point, other in near)


def _tiles(box: Box, margin: float) -> Iterator[tuple[int, int]]:
    for i in range(int((box.left - margin) // TILE), int((box.right + margin) // TILE) + 1):
        for j in range(int((box.top - margin) // TILE), int((box.bottom + margin) // TILE) + 1):
            yield i, j


def placed(
    wanted: Sequence[Wanted], boxes: Sequence[Box], ways: Sequence[Sequence[Curve]]
) -> list[Placed | None]:
    """The labels with their places, the widest first; None for one that has no free place.

    `boxes` are the nodes, `ways` those of all edges, by number.
    """
    tiles = Tiles()
    for box in boxes:
        tiles.add(box)
    for owner, way in enumerate(ways):
        tiles.add_way(owner, way)
    found: list[Placed | None] = [None] * len(wanted)
    for number in sorted(range(len(wanted)), key=lambda i: (-wanted[i].label.width, i)):
        best = _best(wanted[number], tiles)
        if best is not None:
            found[number] = best
            tiles.add(best.box)
    return found


def crowded(labels: Sequence[Placed | None], ways: Sequence[Sequence[Curve]]) -> list[int]:
    """The edges whose label lies on another edge or close to one, where it is not plain whose it is."""
    tiles = Tiles()
    for owner, way in enumerate(ways):
        tiles.add_way(owner, way)
    return [n for n, label in enumerate(labels) if label is not None and tiles.passing(label.box, n, BESIDE)]


def _best(wanted: Wanted, tiles: Tiles) -> Placed | None:
    best: tuple[float, Placed] | None = None
    for cost, place in _places(wanted):
        if best is not None and cost >= best[0]:
            break
        box = place.box
        if not tiles.is_free(box):
            continue
        cost += CROSSED * tiles.passing(box, wanted.owner)
        if best is None or cost < best[0]:
            best = cost, place
    return best[1] if best else None


def _places(wanted: Wanted) -> list[tuple[float, Placed]]:
    """On the curve first, then just above it or below; in order of cost."""
    label = wanted.label
    found = []
    for number, curve in enumerate(wanted.curves):
        for t in ALONG:
            x, y = at(curve, t)
            for aside in (0.0, -1.0, 1.0):
                middle = y + aside * (label.height / 2 + 2.5)
                base = middle + (label.up - label.down) / 2
                cost = 20 * abs(t - 0.5) + ASIDE * abs(aside) + LATER * number
                found.append((cost, Placed(label, x - label.width / 2, base)))
    return sorted(found, key=lambda item: item[0])
