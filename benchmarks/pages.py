"""The page of the unrolled cell, every line written (`--full`), in LaTeX, and its proof.

Each length is made in a process that holds nothing else: it is compared with no peer.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks import cells
from benchmarks.clock import TapeWork as Task
from benchmarks.clock import in_turn
from benchmarks.former import present
from benchmarks.processes import probed
from benchmarks.record import Curve, Figure, Found, compared, growth
from symdiff.explain import explain
from symdiff.explain.shared.work import TapeWork
from symdiff.rendering.pages.engine import render

WORK = "derivation to LaTeX, --full"
MICROSECONDS = 1e6


def pages(short: bool) -> Iterator[Found]:
    """SymPy at 40 steps, time for each line, growth, and the proof beside the page it proves."""
    if not short:
        works: dict[str, Task] = {"symdiff": partial(written, 40), "sympy": partial(_sympy, 40)}
        lacks = "by U and W only, one formula each: no steps, no proof"
        yield compared(WORK, "T = 40", "sympy", in_turn(works, 3), 1 / 100, lacks, margin=2)
    lengths = (100, 1000) if short else (10, 100, 1000, 10_000)
    runs = {length: 1 if short or length >= 10_000 else 3 for length in lengths}
    alone = {length: probed(present(), "cell", length, runs[length]) for length in lengths}
    points = {length: one["explained"] + one["printed"] for length, one in alone.items()}
    for length, one in alone.items():
        yield Figure(
            f"{WORK}: processor time a line",
            f"T = {length:,}",
            points[length] / one["lines"] * MICROSECONDS,
            20 if length >= 1000 else None,
            unit="µs",
            ours=points[length],
            margin=2.5,
        )
    yield from growth(WORK, points)
    proved = {length: one["proof"] for length, one in alone.items()}
    yield from growth("proof", proved)
    if not short:
        curves = {"derivation to LaTeX": points, "proof": proved}
        drawn = {name: tuple((float(n), t) for n, t in found.items()) for name, found in curves.items()}
        yield Curve("The page of the unrolled cell, every line", "T", "seconds", drawn)


def written(length: int) -> str:
    return render(explain(TapeWork((cells.symdiff(length),), full=True)))


def _sympy(length: int) -> list[str]:
    from sympy import latex

    return [latex(found) for found in cells.sympy(length)[0]]
