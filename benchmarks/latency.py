"""Latency of what derives nothing, whole processes, beside a bare `import sympy`: processor time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial

from benchmarks.former import present
from benchmarks.processes import medians, processor_seconds
from benchmarks.record import Figure, Found

BARE = "import sympy"
COMPLETION = {"_SYMDIFF_COMPLETE": "complete_bash", "COMP_WORDS": "symdiff de", "COMP_CWORD": "1"}
COMMANDS = {"--help": ["--help"], "list": ["list"], "completion": []}
BOUND = 0.6


def latency(short: bool) -> Iterator[Found]:
    """Each command's median over that of the import."""
    version = present()
    works = {BARE: partial(processor_seconds, [sys.executable, "-c", BARE], version.environment)}
    for name, arguments in COMMANDS.items():
        environment = version.environment | (COMPLETION if name == "completion" else {})
        works[name] = partial(processor_seconds, [version.command, *arguments], environment)
    times = medians(works, 1 if short else 11)
    for name in COMMANDS:
        ratio = times[name] / times[BARE]
        yield Figure(f"symdiff {name}", "", ratio, BOUND, BARE, times[name], times[BARE])
