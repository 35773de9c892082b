"""The memory of a derivation: `python -m benchmarks.memory 1000` prints bytes for each step of the tape."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Iterator

from benchmarks import cells
from benchmarks.clock import elsewhere
from benchmarks.record import Figure, Found

KILOBYTE = 1000


def memory(short: bool) -> Iterator[Found]:
    """Bytes for each step of the tape, in a process of its own; and how they grow."""
    sizes = (1000, 10_000) if short else (10_000, 100_000)
    found = {length: elsewhere("benchmarks.memory", length) for length in sizes}
    for length, one in found.items():
        size = f"T = {length:,}"
        each = one["bytes"] / one["steps"] / KILOBYTE
        yield Figure("memory of a derivation, a step of the tape", size, each, 1.5, unit="kB")
        yield Figure(
            "memory of a derivation, a time step", size, one["bytes"] / length / KILOBYTE, None, unit="kB"
        )
    small, large = sizes
    growth = found[large]["bytes"] / found[small]["bytes"] * 10 * small / large
    yield Figure("memory of a derivation: growth", f"{small:,} to {large:,}", growth, 12, unit="× a decade")


def main() -> None:
    """The most memory that one derivation takes while it is made; a short one first, so that what is loaded
    once counts for none."""
    length = int(sys.argv[1])
    cells.symdiff(10)
    tracemalloc.start()
    derived = cells.symdiff(length)
    _, most = tracemalloc.get_traced_memory()
    sys.stdout.write(json.dumps({"bytes": most, "steps": len(derived.tape.order)}))


if __name__ == "__main__":
    main()
