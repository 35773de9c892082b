"""Growth of time and memory, ten times the length against once: a chain, and an unrolled recurrent cell."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise

from benchmarks.ratio import Ratio

LENGTHS = {"chain": (1000, 10_000), "cell": (100, 1000, 10_000)}
LEAST_FOR_MEMORY = 1000
"""Shorter tapes take less than what the interpreter holds anyway."""
NAMES = {
    "chain": "chain of {:,} steps / {:,}, derive and prove and render",
    "cell": "cell unrolled {:,} times / {:,}, both modes and LaTeX",
}


def growth() -> Iterator[Ratio]:
    """The ratios for each decade; every length in a process of its own, this one being small still."""
    for what, lengths in LENGTHS.items():
        measured = [(length, _measured(what, length)) for length in lengths]
        for (small, before), (large, after) in pairwise(measured):
            name = NAMES[what].format(large, small)
            yield Ratio(f"{name}: time", after["time"] / before["time"], 12)
            if small >= LEAST_FOR_MEMORY:
                yield Ratio(f"{name}: memory", after["memory"] / before["memory"], 12)


def _measured(what: str, length: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.tapes", what, str(length)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))
