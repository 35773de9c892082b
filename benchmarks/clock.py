"""The clock: programs taken in turn, so that a busy moment falls on all of them, and the median of each."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

TapeWork = Callable[[], object]


def seconds(work: TapeWork) -> float:
    """How long `work` takes; what was left behind by others is collected before."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def processor_seconds(work: TapeWork) -> float:
    """How long a processor works on it: what stands for an absolute time on a machine that others use too."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def processor_time(work: TapeWork, runs: int) -> float:
    """The median of several runs, the first of which counts for none where there are more."""
    taken = [processor_seconds(work) for _ in range(runs + (runs > 1))]
    return median(taken[1:] or taken)


def in_turn(works: Mapping[str, TapeWork], runs: int) -> dict[str, float]:
    """The median time of each work, one run of all after the other, each once before that counts for none."""
    for work in works.values():
        work()
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            taken[name].append(seconds(work))
    return {name: median(times) for name, times in taken.items()}


def elsewhere(module: str, *arguments: object) -> Any:
    """What `python -m module` prints as JSON, in a process of its own that holds nothing else."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)
