"""Latency of the command against a bare `import sympy`."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from benchmarks.ratio import Ratio, seconds


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
            best[name] = min(best[name], seconds(partial(_run, arguments)))
    bare = best.pop("import sympy")
    targets = {"--help": 0.6, "list": 0.6}
    return [Ratio(f"{n} / import sympy", t / bare, targets.get(n, 1.8)) for n, t in best.items()]


def _run(arguments: list[str]) -> None:
    subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True)
