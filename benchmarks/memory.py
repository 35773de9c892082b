"""Memory: of the command, and of a derivation, numbers and arrays, for each step of the tape.

`python -m benchmarks.memory cells 1000` prints the bytes of one derivation.
"""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Iterator
from importlib import import_module

from benchmarks.clock import elsewhere
from benchmarks.former import former, present
from benchmarks.processes import peak_megabytes
from benchmarks.record import Figure, Found

KILOBYTE = 1000


COMMANDS = {"sigmoid": (("sigmoid", "--mode", "reverse"), 40), "lstm": (("lstm",), 45)}


def memory(short: bool) -> Iterator[Found]:
    """The command's peak; bytes for each step of the tape, in a process of its own; and how they grow."""
    version = None if short else former()
    for name, (arguments, bound) in COMMANDS.items():
        held = peak_megabytes(present(), *arguments)
        was = None if version is None else peak_megabytes(version, *arguments)
        yield Figure(f"memory of the command: {name}", "", held, bound, unit="MB", former=was)
    yield from _of_derivations("", "cells", (100, 1000) if short else (10_000, 100_000), 1.5)
    yield from _of_derivations(" on arrays", "array_cells", (100, 1000) if short else (1000, 10_000), None)


def _of_derivations(of: str, cells: str, sizes: tuple[int, int], bound: float | None) -> Iterator[Figure]:
    small, large = sizes
    found = {length: elsewhere("benchmarks.memory", cells, length) for length in sizes}
    for length, one in found.items():
        size, work = f"T = {length:,}", f"memory of a derivation{of}"
        each = one["bytes"] / one["steps"] / KILOBYTE
        yield Figure(f"{work}, a step of the tape", size, each, bound, unit="kB")
        yield Figure(f"{work}, a time step", size, one["bytes"] / length / KILOBYTE, None, unit="kB")
    whole = found[large]["bytes"] / found[small]["bytes"] * 10 * small / large
    yield Figure(
        f"memory of a derivation{of}: growth", f"{small:,} to {large:,}", whole, 12, unit="× a decade"
    )


def main() -> None:
    """The most memory that one derivation takes while it is made; a short one first, so that what is loaded
    once counts for none."""
    of, length = import_module(f"benchmarks.{sys.argv[1]}"), int(sys.argv[2])
    of.symdiff(10)
    tracemalloc.start()
    derived = of.symdiff(length)
    _, most = tracemalloc.get_traced_memory()
    sys.stdout.write(json.dumps({"bytes": most, "steps": len(derived.tape.order)}))


if __name__ == "__main__":
    main()
