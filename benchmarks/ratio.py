"""A measured ratio, and the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """A measured ratio and what it has to be at most."""

    what: str
    value: float
    target: float

    def __str__(self) -> str:
        return f"{self.what:66} {self.value:7.3f}   at most {self.target:g}"


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best(work: Callable[[], object], runs: int) -> float:
    """The shortest of several runs."""
    return min(seconds(work) for _ in range(runs))
