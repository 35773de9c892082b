"""The page of the unrolled cell, every line written (`--full`), in LaTeX, and its proof.

`python -m benchmarks.pages 1000` prints the times of one page in a process that holds nothing else: they are
compared with no peer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from benchmarks import cells
from benchmarks.clock import TapeWork as Task
from benchmarks.clock import elsewhere, in_turn, processor_time
from benchmarks.record import Curve, Figure, Found, compared, growth
from symdiff.document.blocks import Document
from symdiff.explain import explain
from symdiff.explain.shared.work import TapeWork
from symdiff.proof.judge import prove
from symdiff.rendering.pages.engine import render

WORK = "derivation to LaTeX, --full"
MICROSECONDS = 1e6


def pages(short: bool) -> Iterator[Found]:
    """SymPy at 40 steps, time for each line, growth, and the proof beside the page it proves."""
    works: dict[str, Task] = {"symdiff": partial(written, 40), "sympy": partial(_sympy, 40)}
    lacks = "by U and W only, one formula each: no steps, no proof"
    yield compared(WORK, "T = 40", "sympy", in_turn(works, 3), 1 / 100, lacks, margin=2)
    lengths = (10, 100, 1000) if short else (10, 100, 1000, 10_000)
    alone = {length: elsewhere("benchmarks.pages", length) for length in lengths}
    points = {length: one["page"] for length, one in alone.items()}
    for length, one in alone.items():
        yield Figure(
            f"{WORK}: processor time a line",
            f"T = {length:,}",
            one["page"] / one["lines"] * MICROSECONDS,
            20 if length >= 1000 else None,
            unit="µs",
            ours=one["page"],
            margin=2.5,
        )
    yield from growth(WORK, points)
    proved = {length: one["proof"] for length, one in alone.items()}
    ratio = proved[1000] / points[1000]
    yield Figure("proof / derivation and LaTeX", "T = 1,000", ratio, 2, "itself", proved[1000], points[1000])
    yield from growth("proof", proved)
    if not short:
        curves = {"derivation to LaTeX": points, "proof": proved}
        drawn = {name: tuple((float(n), t) for n, t in found.items()) for name, found in curves.items()}
        yield Curve("The page of the unrolled cell, every line", "T", "seconds", drawn)


def page(length: int) -> tuple[Any, Document]:
    """The derivation and its document, not yet proved."""
    derived = cells.symdiff(length)
    return derived, explain(TapeWork((derived,), full=True))


def written(length: int) -> str:
    return render(page(length)[1])


def _sympy(length: int) -> list[str]:
    from sympy import latex

    return [latex(found) for found in cells.sympy(length)[0]]


def main() -> None:
    """The processor time of one page and of its proof, and the lines of it, once all is loaded."""
    length = int(sys.argv[1])
    runs = 5 if length < 10_000 else 3
    found: dict[str, float] = {"lines": written(length).count("\n")}
    found["page"] = processor_time(partial(written, length), runs)
    derived, document = page(length)
    found["proof"] = processor_time(lambda: prove(document, (derived,)), runs)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
