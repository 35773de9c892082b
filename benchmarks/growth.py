"""Growth of time and memory, ten times the steps against once: a chain, and an unrolled recurrent cell."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from functools import partial

from benchmarks.ratio import Ratio, best


def chain(small: int = 1000, large: int = 10_000) -> list[Ratio]:
    """Time and memory of a chain, ten times the steps against once."""
    times = {steps: best(partial(_solved, steps), 2) for steps in (small, large)}
    peaks = {steps: _peak(steps) for steps in (small, large)}
    name = f"chain of {large:,} steps / {small:,}"
    return [
        Ratio(f"{name}, derive and prove and render: time", times[large] / times[small], 12),
        Ratio(f"{name}, derive and prove and render: memory", peaks[large] / peaks[small], 12),
    ]


def _solved(steps: int) -> str:
    from symdiff.problems import read
    from symdiff.solve import solve

    lines = ["h0 = tanh(a*x)", *(f"h{i + 1} = tanh(a*h{i})" for i in range(steps // 2 - 1))]
    return solve(read("\n".join(lines)), "reverse").render()


def _peak(steps: int) -> int:
    tracemalloc.start()
    try:
        _solved(steps)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def cell(lengths: tuple[int, ...] = (100, 1000, 10_000)) -> list[Ratio]:
    """Time and memory of both sweeps through an unrolled cell; each length in a process of its own."""
    measured = [_measured(length) for length in lengths]
    found = []
    for (small, before), (large, after) in zip(
        zip(lengths, measured, strict=True), list(zip(lengths, measured, strict=True))[1:], strict=False
    ):
        for what in ("time", "memory"):
            name = f"cell unrolled {large:,} times / {small:,}, both modes and LaTeX: {what}"
            found.append(Ratio(name, after[what] / before[what], 12))
    return found


def _measured(length: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.cell", str(length)], stdout=subprocess.PIPE, check=True
    )
    return dict(json.loads(done.stdout))
