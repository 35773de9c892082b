"""Where the members of each layer lie across it: neighbours in line where they can be, never too close.

Each layer's places are the nearest to the wished ones, in the sense of least squares, among those that
keep the order and the distances (pool adjacent violators); the wish of a member is the mean place of its
neighbours. Long edges weigh more, so that they run straight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from symdiff.rendering.pictures.layers import Layers

ROUNDS = 14
STRAIGHT, HALF, PLAIN = 8.0, 2.0, 1.0
Reach = tuple[float, float]
"""How far a member reaches before and behind its place."""


def places(layers: Layers, reach: Mapping[str, Reach], gap: float) -> dict[str, float]:
    """The place of each member across its layer."""
    near = _neighbours(layers)
    at: dict[str, float] = {}
    for layer in layers.layers:
        wishes = [(0.0, 1.0) for _ in layer]
        at |= zip(layer, _spread(layer, wishes, reach, gap), strict=True)
    for turn in range(ROUNDS):
        sides = ((0,), (1,), (0, 1))[min(turn % 3, 2)] if turn < ROUNDS - 2 else (0, 1)
        order = layers.layers if turn % 2 == 0 else layers.layers[::-1]
        for layer in order:
            wishes = [_wish(name, near, sides, at) for name in layer]
            at |= zip(layer, _spread(layer, wishes, reach, gap), strict=True)
    return at


def _neighbours(layers: Layers) -> dict[str, tuple[list[tuple[str, float]], list[tuple[str, float]]]]:
    found: dict[str, tuple[list[tuple[str, float]], list[tuple[str, float]]]] = {
        name: ([], []) for layer in layers.layers for name in layer
    }
    for way in layers.ways.values():
        for tail, head in pairwise(way):
            weight = (PLAIN, HALF, STRAIGHT)[layers.is_dummy(tail) + layers.is_dummy(head)]
            found[head][0].append((tail, weight))
            found[tail][1].append((head, weight))
    return found


def _wish(
    name: str,
    near: Mapping[str, tuple[list[tuple[str, float]], list[tuple[str, float]]]],
    sides: tuple[int, ...],
    at: Mapping[str, float],
) -> tuple[float, float]:
    """Where a member would like to be, and how much."""
    found = [pair for side in sides for pair in near[name][side]] or [
        pair for side in (0, 1) for pair in near[name][side]
    ]
    if not found:
        return at[name], 0.1
    weight = sum(w for _, w in found)
    return sum(at[other] * w for other, w in found) / weight, weight


def _spread(
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
