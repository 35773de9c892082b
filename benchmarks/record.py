"""What a benchmark finds: figures with the bound they are held against, and curves of growth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(frozen=True)
class Figure:
    """One comparison: `value` is what `bound` limits, a ratio unless `unit` says another.

    `ours` and `theirs` are seconds; `lacks` says what the other result does not have, `margin` by how much a
    busy machine may miss the bound in a check. `former` is the value of the former version, measured in the
    same run; `required` a wider bound that must be met where `bound` is an aim; `at_least`: more is better.
    """

    work: str
    size: str
    value: float
    bound: float | None
    peer: str = ""
    ours: float | None = None
    theirs: float | None = None
    unit: str = "×"
    lacks: str = ""
    margin: float = 1.5
    former: float | None = None
    required: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self._within(self.bound)

    @property
    def verdict(self) -> str:
        """Whether the bound is met; of one that is missed, whether what is required is."""
        if self.bound is None:
            return ""
        if self.met:
            return "met"
        return "aim missed" if self.required is not None and self._within(self.required) else "missed"

    @property
    def fails_check(self) -> bool:
        """Whether the bound is missed by more than the noise of a busy machine."""
        return not self._within(self.bound if self.required is None else self.required, self.margin)

    def _within(self, bound: float | None, margin: float = 1) -> bool:
        if bound is None:
            return True
        return self.value >= bound / margin if self.at_least else self.value <= bound * margin


@dataclass(frozen=True)
class Curve:
    """How something grows: (size, value) for each of several programs."""

    title: str
    across: str
    up: str
    lines: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)


Found = Figure | Curve


def compared(
    work: str,
    size: str,
    peer: str,
    times: Mapping[str, float],
    bound: float | None,
    lacks: str,
    margin: float = 1.5,
) -> Figure:
    """The figure of ours beside a peer's, both taken from `times`."""
    ours, theirs = times["symdiff"], times[peer]
    return Figure(work, size, ours / theirs, bound, peer, ours, theirs, "×", lacks, margin)


def growth(work: str, points: Mapping[int, float], bound: float | None = 12) -> list[Figure]:
    """For each step from one size to the next, the time of the one over that of the other, per decade."""
    sizes = sorted(points)
    found = []
    for small, large in pairwise(sizes):
        whole = points[large] / points[small] * 10 * small / large
        size = f"{small:,} to {large:,}"
        found.append(Figure(f"{work}: growth", size, whole, bound, unit="× a decade"))
    return found
