"""Whole commands beside a bare `import sympy`, which a user of SymPy pays anyway: processor time of processes
taken in turn, each page proved."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.former import Version, former, present
from benchmarks.processes import derive, medians, processor_seconds
from benchmarks.record import Figure, Found

BARE = "import sympy"
SIGMOID = ("sigmoid", "--mode", "reverse")
NEURON = "(w0*tanh(x0) + w1*tanh(x1) + w2*tanh(x2) + w3*tanh(x3) + w4*tanh(x4) - y)**2"
SLOW_CELL = str(Path(__file__).with_name("slow_cell.toml"))
COMMANDS: dict[str, tuple[tuple[str, ...], float]] = {
    "sigmoid --mode reverse": (SIGMOID, 0.6),
    "sigmoid --mode reverse --format text": ((*SIGMOID, "--format", "text"), 0.6),
    "sigmoid --mode reverse --format html": ((*SIGMOID, "--format", "html"), 0.9),
    "baydin": (("baydin",), 0.65),
    "logistic --mode both": (("logistic", "--mode", "both"), 0.7),
    "mlp": (("mlp",), 0.8),
    "attention": (("attention",), 0.75),
    "layer-norm": (("layer-norm",), 0.7),
    "rnn3x3": (("rnn3x3",), 1.1),
    "rnn": (("rnn", "--mode", "bptt"), 1.3),
    "gru": (("gru",), 2),
    "lstm": (("lstm",), 2.5),
    "a neuron of five inputs, squared error": ((NEURON, "--mode", "reverse"), 1),
    "five steps of a cell of numbers that looks back two": ((SLOW_CELL,), 1.5),
}
"""What is asked of `symdiff derive`, and what it may take of the import."""
UNCOMPILED = "sigmoid --mode reverse, nothing compiled before and nothing kept"
SLOW = ("rnn", "gru", "lstm", *list(COMMANDS)[-2:])
"""What the former version takes seconds for is run once."""
SHORT = ("sigmoid --mode reverse", "attention", "lstm", "a neuron of five inputs, squared error")
Works = dict[tuple[str, str], Callable[[], float]]


def commands(short: bool) -> Iterator[Found]:
    """Each command's median over that of the import, of this version and the former one."""
    with tempfile.TemporaryDirectory() as folder:
        seldom = [(name, "former") for name in SLOW]
        times = medians(_works(short, Path(folder)), 1 if short else 7, seldom)
    bare = times[BARE, ""]
    bounds = {name: bound for name, (_, bound) in COMMANDS.items()} | {UNCOMPILED: 1.1}
    for name, bound in bounds.items():
        if (name, "present") in times:
            ours, was = times[name, "present"], times.get((name, "former"))
            yield Figure(
                f"derive {name}",
                "",
                ours / bare,
                bound,
                BARE,
                ours,
                bare,
                margin=2,
                former=None if was is None else was / bare,
            )


def _works(short: bool, folder: Path) -> Works:
    import_alone = [sys.executable, "-c", BARE]
    works: Works = {(BARE, ""): partial(processor_seconds, import_alone, present().environment)}
    for label, version in (("present", present()), ("former", None if short else former())):
        if version is not None:
            for name in SHORT if short else COMMANDS:
                works[name, label] = derive(version, *COMMANDS[name][0])
            if not short:
                works[UNCOMPILED, label] = _uncompiled(version, folder / label)
    return works


def _uncompiled(version: Version, folder: Path) -> Callable[[], float]:
    """Sigmoid from files beside which Python keeps no bytecode, and may keep none."""
    for part in ("symdiff", "templates"):
        shutil.copytree(version.files / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    settings = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder)}
    alone = replace(version, environment={**version.environment, **settings})
    command = [alone.python, "-P", "-m", "symdiff", "derive", *SIGMOID]
    return partial(processor_seconds, command, alone.environment)
