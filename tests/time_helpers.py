"""Another route to recurrences: each cell once more as a plain loop, on NumPy arrays or torch tensors.

Nothing in the programs uses the package. `keep(name, t, value)` records a value, and lets a test nudge it;
derivatives come from central differences of the loop, and from torch's autograd where torch is installed.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from array_helpers import of_package

from symdiff.exercises import read
from symdiff.exercises.problem import Problem
from symdiff.exercises.recurrent import taken_apart
from symdiff.expr.tree import Expr
from symdiff.language.recurrence import Recurrence
from symdiff.proof.cell_model import CellValues, TimedModel, at_point, timed_tape
from symdiff.proof.values import evaluate

Program = Callable[..., Any]
STENCIL = ((1, 8 / 12), (-1, -8 / 12), (2, -1 / 12), (-2, 1 / 12))
STEP = 2e-3


@dataclass(frozen=True, eq=False)
class Case:
    """A cell as an exercise and as a loop; `sizes` are its inputs and sequences, `least` the fewest steps."""

    name: str
    source: str
    program: Program
    shapes: dict[str, tuple[int, ...]]
    sequences: dict[str, tuple[int, ...]]
    first: int = 0
    least: int = 1
    simplex: tuple[str, ...] = ()

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(n for n in (1, 2, 5) if n >= self.least)


def problem_of(source: str) -> Problem:
    """The exercise that a text of equations, or of a file, is."""
    if "[recurrence]" not in source:
        return read(source)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "own.toml"
        path.write_text(source, encoding="utf-8")
        return read(str(path))


@functools.cache
def recurrence_of(case: Case) -> Recurrence:
    found = problem_of(case.source).recurrence
    assert found is not None
    return found


def point_of(case: Case, steps: int) -> dict[str, Any]:
    """An array of floats for each input, and one more axis for each sequence; short fractions."""
    rng = random.Random(f"{case.name} {steps}")
    shapes = {**case.shapes, **{name: (steps, *shape) for name, shape in case.sequences.items()}}
    found = {
        name: np.array([rng.randrange(-40, 41) / 64 for _ in range(int(np.prod(shape)))]).reshape(shape)
        for name, shape in shapes.items()
    }
    for name in case.simplex:
        found[name] = np.eye(case.sequences[name][0])[[rng.randrange(2) for _ in range(steps)]]
    return found


def exact(value: Any) -> Any:
    """The same numbers as nested tuples of fractions."""
    return Fraction(float(value)) if np.ndim(value) == 0 else tuple(exact(part) for part in value)


class Keeper:
    """Records what a program keeps; adds `nudge` to the one value it is for."""

    def __init__(self, nudge: dict[tuple[str, int], Any] | None = None) -> None:
        self.nudge, self.values = nudge or {}, {}

    def __call__(self, name: str, time: int, value: Any) -> Any:
        value = value + self.nudge.get((name, time), 0)
        if getattr(value, "requires_grad", False):
            value.retain_grad()
        self.values[name, time] = value
        return value


def ran(
    case: Case, point: dict[str, Any], steps: int, nudge: Any = None, lib: Any = np
) -> tuple[Any, Keeper]:
    """The loss, and everything kept."""
    keep = Keeper(nudge)
    return case.program(lib, point, steps, keep), keep


def _units(shape: tuple[int, ...]) -> list[Any]:
    found = []
    for position in range(int(np.prod(shape))):
        unit = np.zeros(int(np.prod(shape)))
        unit[position] = 1
        found.append(unit.reshape(shape))
    return found


def loss_by_input(case: Case, point: dict[str, Any], steps: int, name: str) -> Any:
    """∂L/∂θ by central differences, in the shape of θ."""
    whole = np.asarray(point[name])
    found = [
        sum(c * ran(case, {**point, name: whole + k * STEP * unit}, steps)[0] for k, c in STENCIL) / STEP
        for unit in _units(whole.shape)
    ]
    return np.reshape(found, whole.shape)


def loss_by_value(case: Case, point: dict[str, Any], steps: int, name: str, time: int) -> Any:
    """∂L/∂v_t by central differences: the value nudged where it is made."""
    shape = np.shape(ran(case, point, steps)[1].values[name, time])
    found = [
        sum(c * ran(case, point, steps, {(name, time): k * STEP * unit})[0] for k, c in STENCIL) / STEP
        for unit in _units(shape)
    ]
    return np.reshape(found, shape)


def values_by_input(case: Case, point: dict[str, Any], steps: int, name: str) -> dict[tuple[str, int], Any]:
    """dvec(v_t)/dvec(θ) for every value kept, by central differences."""
    whole = np.asarray(point[name])
    columns: list[dict[tuple[str, int], Any]] = []
    for unit in _units(whole.T.shape):
        runs = [
            (c, ran(case, {**point, name: whole + k * STEP * unit.T}, steps)[1].values) for k, c in STENCIL
        ]
        columns.append({key: sum(c * vec(run[key]) for c, run in runs) / STEP for key in runs[0][1]})
    return {key: np.stack([column[key] for column in columns], axis=1) for key in columns[0]}


def vec(value: Any) -> Any:
    """The columns of a matrix below one another, as floats."""
    return np.asarray(value, dtype=float).T.ravel()


def by_torch(case: Case, point: dict[str, Any], steps: int) -> tuple[dict[str, Any], Keeper]:
    """The gradient by every input, and the values kept with theirs, by torch in float64."""
    import torch

    inputs = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in point.items()}
    loss, kept = ran(case, inputs, steps, lib=torch)
    loss.backward()
    return {n: _grad(v) for n, v in inputs.items()}, kept


def _grad(tensor: Any) -> Any:
    return np.zeros(tensor.shape) if tensor.grad is None else tensor.grad.numpy()


def jacobian_by_torch(case: Case, point: dict[str, Any], steps: int, name: str, key: tuple[str, int]) -> Any:
    """dvec(v_t)/dvec(θ) by torch."""
    import torch

    inputs = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in point.items()}
    value = ran(case, inputs, steps, lib=torch)[1].values[key]
    rows = []
    for entry in (value.mT if value.ndim == 2 else value).reshape(-1):
        (found,) = (
            torch.autograd.grad(entry, inputs[name], retain_graph=True, allow_unused=True)
            if entry.requires_grad
            else (None,)
        )
        rows.append(np.zeros(inputs[name].numel()) if found is None else vec(found.numpy()))
    return np.stack(rows)


def model_of(case: Case, point: dict[str, Any], steps: int) -> TimedModel:
    """The package's model at the point."""
    of = recurrence_of(case)
    apart = taken_apart({n: exact(v) for n, v in point.items()}, of, steps)
    return at_point(timed_tape(of, (steps,)), apart)


def cell_values_of(case: Case, point: dict[str, Any], steps: int, joined: Any = None) -> CellValues:
    """What gives names with a letter for their time their value, for so many steps."""
    return CellValues(model_of(case, point, steps), recurrence_of(case), steps, {}, joined or {})


def floats(view: CellValues, node: Expr) -> Any:
    """The value of a formula of the package, as floats."""
    return np.asarray(of_package(evaluate(view.m, node, {}, view)), dtype=float)


def agree(one: Any, other: Any, digits: int) -> bool:
    """Whether two arrays have one shape, and entries that agree to so many digits of the largest."""
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    if one.shape != other.shape:
        return False
    scale = max([1.0, *np.abs(other).ravel()])
    return bool(np.all(np.abs(one - other) <= 10.0**-digits * scale))
