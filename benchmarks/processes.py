"""Whole processes, of both versions: their processor time and their memory, and what they print as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.former import Version

PROBE = Path(__file__).with_name("probe.py")
MEGABYTE = 10**6
_PEAK = """
import os, resource, sys
sink = os.open(os.devnull, os.O_WRONLY)
actions = [(os.POSIX_SPAWN_DUP2, sink, 1)]
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions), 0)
print(used.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Started by a process that holds next to nothing: a child's peak begins at what its parent holds."""


def processor_seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """The processor time of a command.

    Raises:
        CalledProcessError: it ends with an error.
    """
    started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise subprocess.CalledProcessError(started.returncode, command)
    return used.ru_utime + used.ru_stime


def derive(version: Version, *arguments: str) -> Callable[[], float]:
    """The processor time of `symdiff derive …`, each time it is called."""
    return lambda: processor_seconds([version.command, "derive", *arguments], version.environment)


def peak_megabytes(version: Version, *arguments: str) -> float:
    """The most memory that `symdiff derive …` holds at once."""
    command = [sys.executable, "-I", "-S", "-c", _PEAK, version.command, "derive", *arguments]
    done = subprocess.run(command, env=version.environment, stdout=subprocess.PIPE, check=True)
    return int(done.stdout) / MEGABYTE


def probed(version: Version, *arguments: object) -> dict[str, Any]:
    """What the probe measures in a process of its own."""
    command = [version.python, "-P", str(PROBE), *map(str, arguments)]
    done = subprocess.run(command, env=version.environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def medians(
    works: Mapping[Any, Callable[[], float]], runs: int, seldom: Iterable[Any] = ()
) -> dict[Any, float]:
    """The median of each, taken in turn, after a first run that counts for none; `seldom` run once."""
    rare = set(seldom)
    taken: dict[Any, list[float]] = {name: [] for name in works}
    for run in range(runs + 1):
        for name, work in works.items():
            if not (name in rare and run):
                taken[name].append(work())
    return {name: median(times[1:] or times) for name, times in taken.items()}
