"""The layers of an acyclic graph: which nodes lie in each, in which order, and where across it.

A node lies behind everything it uses; an input just before its first use. An edge over several layers passes
a dummy in each layer between. Orders are improved by barycentres, forth and back, and by exchanges of
neighbours; the order with the fewest crossings is kept.

Places across a layer are the nearest to the wished ones, in the sense of least squares, among those that keep
the order and the distances (pool adjacent violators); the wish of a member is the mean place of its
neighbours. Long edges weigh more, so that they run straight. Deterministic.
Source: K. Sugiyama, S. Tagawa, M. Toda, Methods for visual understanding of hierarchical system structures
(1981).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

from symdiff.expr.records import dataclass
from symdiff.rendering.formulas.math_spacing import added

Link = tuple[str, str]


@dataclass(frozen=True)
class Layers:
    """Names in layers, in order; `ways` are the links with the dummies they pass."""

    layers: tuple[tuple[str, ...], ...]
    ways: Mapping[Link, tuple[str, ...]]

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of the layer of each name."""
        return {name: i for i, layer in enumerate(self.layers) for name in layer}

    def is_dummy(self, name: str) -> bool:
        return name.startswith("|")


def layers_of(names: Sequence[str], links: Sequence[Link], last: Collection[str] = ()) -> Layers:
    """The layers of an acyclic graph; names are in an order in which tails come before heads.

    Those in `last` lie together in a layer behind all others.
    """
    ranks = ranked(names, links)
    behind = 1 + max((rank for name, rank in ranks.items() if name not in last), default=-1)
    ranks |= dict.fromkeys(last, behind)
    ways = {link: _way(link, ranks, number) for number, link in enumerate(links)}
    layers: list[list[str]] = [[] for _ in range(1 + max(ranks.values(), default=0))]
    for name in names:
        layers[ranks[name]].append(name)
    for (tail, _), way in ways.items():
        for step, dummy in enumerate(way[1:-1], ranks[tail] + 1):
            layers[step].append(dummy)
    pairs = [pair for way in ways.values() for pair in pairwise(way)]
    return Layers(tuple(map(tuple, _ordered(layers, pairs))), ways)


def ranked(names: Sequence[str], links: Sequence[Link]) -> dict[str, int]:
    """The layer of each name: the longest way to it; what nothing leads to, just before its first use."""
    ranks = dict.fromkeys(names, 0)
    tails = {head: [t for t, h in links if h == head] for _, head in links}
    for name in names:
        ranks[name] = max((ranks[tail] + 1 for tail in tails.get(name, ())), default=0)
    for name in names:
        heads = [ranks[head] for tail, head in links if tail == name]
        if name not in tails and heads:
            ranks[name] = min(heads) - 1
    return ranks


def _way(link: Link, ranks: Mapping[str, int], number: int) -> tuple[str, ...]:
    tail, head = link
    between = (f"|{number}|{rank}" for rank in range(ranks[tail] + 1, ranks[head]))
    return (tail, *between, head)


ORDERING_ROUNDS = 24


def _ordered(layers: list[list[str]], pairs: Sequence[Link]) -> list[list[str]]:
    """The order with the fewest crossings of those found."""
    ahead: dict[str, list[str]] = {}
    behind: dict[str, list[str]] = {}
    for tail, head in pairs:
        ahead.setdefault(tail, []).append(head)
        behind.setdefault(head, []).append(tail)
    best, fewest = layers, crossings(layers, ahead)
    found = layers
    for turn in range(ORDERING_ROUNDS):
        found = _swept(found, behind if turn % 2 == 0 else ahead, turn % 2 == 0, turn // 2 % 2 == 1)
        found = _exchanged(found, ahead, behind)
        count = crossings(found, ahead)
        if count < fewest:
            best, fewest = found, count
        if not fewest:
            break
    return best


def _swept(
    layers: list[list[str]], toward: Mapping[str, list[str]], forth: bool, later: bool
) -> list[list[str]]:
    """Each layer sorted by the mean place of its neighbours in the one before; ties turned if `later`."""
    found = [list(layer) for layer in layers]
    order = range(1, len(found)) if forth else range(len(found) - 2, -1, -1)
    for number in order:
        fixed = found[number - 1 if forth else number + 1]
        place = {name: position for position, name in enumerate(fixed)}
        own = {name: position for position, name in enumerate(found[number])}

        def mean(name: str, place: dict[str, int] = place, own: dict[str, int] = own) -> tuple[float, int]:
            near = [place[other] for other in toward.get(name, ()) if other in place]
            tie = -own[name] if later else own[name]
            return (added(near) / len(near) if near else float(own[name]), tie)

        found[number].sort(key=mean)
    return found


def _exchanged(
    layers: list[list[str]], ahead: Mapping[str, list[str]], behind: Mapping[str, list[str]]
) -> list[list[str]]:
    """Neighbours change places where that takes crossings away."""
    found = [list(layer) for layer in layers]
    for number, layer in enumerate(found):
        before = {n: i for i, n in enumerate(found[number - 1])} if number else {}
        after = {n: i for i, n in enumerate(found[number + 1])} if number + 1 < len(found) else {}

        def cost(one: str, other: str, before: dict[str, int] = before, after: dict[str, int] = after) -> int:
            pairs = [(before, behind), (after, ahead)]
            return sum(
                place[a] > place[b]
                for place, near in pairs
                for a in near.get(one, ())
                for b in near.get(other, ())
            )

        for i in range(len(layer) - 1):
            if cost(layer[i], layer[i + 1]) > cost(layer[i + 1], layer[i]):
                layer[i], layer[i + 1] = layer[i + 1], layer[i]
    return found


def crossings(layers: Sequence[Sequence[str]], ahead: Mapping[str, Sequence[str]]) -> int:
    """How many pairs of links cross between neighbouring layers."""
    count = 0
    for layer, following in pairwise(layers):
        place = {name: i for i, name in enumerate(following)}
        ends = [sorted(place[h] for h in ahead.get(name, ())) for name in layer]
        flat = [end for some in ends for end in some]
        starts = [i for i, some in enumerate(ends) for _ in some]
        count += sum(
            flat[i] > flat[j] and starts[i] < starts[j]
            for i in range(len(flat))
            for j in range(i + 1, len(flat))
        )
    return count


PLACING_ROUNDS = 14
STRAIGHT, HALF, PLAIN = 8.0, 2.0, 1.0
"""How much a link pulls: between two dummies, between a dummy and a node, between nodes."""
Reach = tuple[float, float]
"""How far a member reaches before and behind its place."""


def places_across(layers: Layers, reach: Mapping[str, Reach], gap: float) -> dict[str, float]:
    """The place of each member across its layer."""
    near = _neighbours(layers)
    at: dict[str, float] = {}
    for layer in layers.layers:
        wishes = [(0.0, 1.0) for _ in layer]
        at |= zip(layer, _nearest_places(layer, wishes, reach, gap), strict=True)
    for turn in range(PLACING_ROUNDS):
        sides = ((0,), (1,), (0, 1))[min(turn % 3, 2)] if turn < PLACING_ROUNDS - 2 else (0, 1)
        order = layers.layers if turn % 2 == 0 else layers.layers[::-1]
        for layer in order:
            wishes = [_wish(name, near, sides, at) for name in layer]
            at |= zip(layer, _nearest_places(layer, wishes, reach, gap), strict=True)
    return at


Neighbours = Mapping[str, tuple[list[tuple[str, float]], list[tuple[str, float]]]]
"""For each member its neighbours in the layer before and in the one behind, with how much each pulls."""


def _neighbours(layers: Layers) -> Neighbours:
    found: Neighbours = {name: ([], []) for layer in layers.layers for name in layer}
    for way in layers.ways.values():
        for tail, head in pairwise(way):
            weight = (PLAIN, HALF, STRAIGHT)[layers.is_dummy(tail) + layers.is_dummy(head)]
            found[head][0].append((tail, weight))
            found[tail][1].append((head, weight))
    return found


def _wish(
    name: str,
    near: Neighbours,
    sides: tuple[int, ...],
    at: Mapping[str, float],
) -> tuple[float, float]:
    """Where a member would like to be, and how much."""
    found = [pair for side in sides for pair in near[name][side]] or [
        pair for side in (0, 1) for pair in near[name][side]
    ]
    if not found:
        return at[name], 0.1
    weight = added(w for _, w in found)
    return added(at[other] * w for other, w in found) / weight, weight


def _nearest_places(
    layer: Sequence[str], wishes: Sequence[tuple[float, float]], reach: Mapping[str, Reach], gap: float
) -> list[float]:
    """The places nearest to the wishes that keep order and distance."""
    offsets = [0.0]
    for one, other in pairwise(layer):
        offsets.append(offsets[-1] + reach[one][1] + gap + reach[other][0])
    blocks: list[tuple[float, float, int]] = []
    for (wish, weight), offset in zip(wishes, offsets, strict=True):
        mean, heavy, count = wish - offset, weight, 1
        while blocks and blocks[-1][0] > mean:
            near, more, size = blocks.pop()
            mean = (mean * heavy + near * more) / (heavy + more)
            heavy, count = heavy + more, count + size
        blocks.append((mean, heavy, count))
    shifts = [mean for mean, _, count in blocks for _ in range(count)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]
