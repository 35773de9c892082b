"""The command's latency, whole processes, beside a bare `import sympy`, which a user of SymPy pays anyway."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.clock import in_turn
from benchmarks.record import Figure, Found

BARE = "import sympy"
COMMAND = [str(Path(sys.executable).with_name("symdiff"))]
COMMANDS = {
    "derive sigmoid --mode reverse, proved": (["derive", "sigmoid", "--mode", "reverse"], 1.5),
    "--help": (["--help"], 0.6),
    "list": (["list"], 0.6),
    "completion": ([], 0.6),
}


def latency(short: bool) -> Iterator[Found]:
    """Each command's median over that of the import."""
    works = {BARE: partial(_run, [sys.executable, "-c", BARE], {})}
    for name, (arguments, _) in COMMANDS.items():
        works[name] = partial(_run, [*COMMAND, *arguments], COMPLETION if name == "completion" else {})
    times = in_turn(works, 5 if short else 15)
    for name, (_, bound) in COMMANDS.items():
        ratio = times[name] / times[BARE]
        yield Figure(f"symdiff {name}", "", ratio, bound, BARE, times[name], times[BARE])


COMPLETION = {"_SYMDIFF_COMPLETE": "complete_bash", "COMP_WORDS": "symdiff de", "COMP_CWORD": "1"}


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True, env={**_compiled(), **environment})


def _compiled() -> dict[str, str]:
    """The environment without a wish not to write bytecode, which what is installed always has."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
