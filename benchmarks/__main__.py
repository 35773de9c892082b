"""`python -m benchmarks`: latency against `import sympy`, growth from 1,000 to 10,000 steps.

Every figure is a ratio of two things measured in turn in the same run; the smallest of several runs
stands for each. `--check` exits 1 when a ratio misses its target by more than the margin of a busy machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

MARGIN = 1.35


@dataclass(frozen=True)
class Ratio:
    """A measured ratio and what it has to be at most."""

    what: str
    value: float
    target: float

    def __str__(self) -> str:
        return f"{self.what:66} {self.value:6.2f}   at most {self.target:.2f}"


def main() -> int:
    """Measure, print, and with `--check` judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed by far")
    arguments = parser.parse_args()
    ratios = [*latency(), *growth()]
    for ratio in ratios:
        sys.stdout.write(f"{ratio}\n")
    missed = [ratio for ratio in ratios if ratio.value > ratio.target * MARGIN]
    return 1 if arguments.check and missed else 0


def latency(runs: int = 7) -> list[Ratio]:
    """Whole processes, against a bare `import sympy`, taken in turn."""
    command = [sys.executable, "-m", "symdiff"]
    commands = {
        "import sympy": [sys.executable, "-c", "import sympy"],
        "derive sigmoid --mode reverse, proof included": [
            *command,
            *["derive", "sigmoid", "--mode", "reverse"],
        ],
        "--help": [*command, "--help"],
        "list": [*command, "list"],
    }
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(runs):
        for name, arguments in commands.items():
            best[name] = min(best[name], _seconds(partial(_run, arguments)))
    bare = best.pop("import sympy")
    targets = {"--help": 0.6, "list": 0.6}
    return [Ratio(f"{n} / import sympy", t / bare, targets.get(n, 1.8)) for n, t in best.items()]


def growth(small: int = 1000, large: int = 10_000) -> list[Ratio]:
    """Time and memory of a chain, ten times the steps against once."""
    times = {steps: min(_seconds(partial(_solved, steps)) for _ in range(2)) for steps in (small, large)}
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


def _run(arguments: list[str]) -> None:
    subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
