"""Adjoints through time: every line and every gradient against loops differentiated by other means."""

from __future__ import annotations

import pytest
from time_cells import CASES
from time_helpers import (
    Case,
    agree,
    by_torch,
    cell_values_of,
    floats,
    loss_by_input,
    loss_by_value,
    point_of,
    ran,
    recurrence_of,
)

from symdiff.derivation.cell_reverse import AdjointLine, CellAdjoints

RUNS = [pytest.param(case, n, id=f"{case.name}-{n}") for case in CASES for n in case.lengths]


@pytest.mark.parametrize(("case", "steps"), RUNS)
def test_gradients_are_those_of_the_loop(case: Case, steps: int) -> None:
    through = CellAdjoints(recurrence_of(case))
    point = point_of(case, steps)
    view = cell_values_of(case, point, steps)
    for theta in through.of.inputs:
        given = floats(view, through.gradient(theta))
        assert agree(given, loss_by_input(case, point, steps, theta.name), 8), theta


@pytest.mark.parametrize(("case", "steps"), RUNS)
def test_gradients_are_those_of_torch(case: Case, steps: int) -> None:
    pytest.importorskip("torch")
    through = CellAdjoints(recurrence_of(case))
    point = point_of(case, steps)
    view = cell_values_of(case, point, steps)
    true, _ = by_torch(case, point, steps)
    for theta in through.of.inputs:
        assert agree(floats(view, through.gradient(theta)), true[theta.name], 12), theta


def times_of(line: AdjointLine, through: CellAdjoints, steps: int) -> range:
    """The times that a line is claimed for."""
    last = through.of.first + steps - 1
    low, high = (t.offset + (steps if t.base else 0) for t in (line.low, line.high))
    assert high <= last
    return range(low, high + 1) if low >= through.of.first else range(0)


@pytest.mark.parametrize(("case", "steps"), RUNS)
def test_every_adjoint_line_is_the_slope_of_the_loss_by_its_value(case: Case, steps: int) -> None:
    through = CellAdjoints(recurrence_of(case))
    point = point_of(case, steps)
    view = cell_values_of(case, point, steps)
    if steps < through.shortest:
        pytest.skip("the lines are those of more steps")
    kept = ran(case, point, steps)[1].values
    seen = set()
    for line in through.lines:
        stem = through.of.stem(line.name)
        for time in times_of(line, through, steps):
            assert (stem, time) not in seen
            seen.add((stem, time))
            if (stem, time) not in kept:
                continue
            here = view.at({through.of.index: time})
            true = loss_by_value(case, point, steps, stem, time)
            members = [m for m in (line.chain, line.before, line.form) if m is not None]
            for member in [line.left, *members]:
                assert agree(floats(here, member), true, 8), (str(line.left), str(member), time)
    cell = [through.of.stem(name) for name, _ in through.of.cell]
    every = range(through.of.first, through.of.first + steps)
    assert seen == {(stem, t) for stem in cell if stem in through.reaching for t in every}


@pytest.mark.parametrize(("case", "steps"), [(c, 5) for c in CASES], ids=[c.name for c in CASES])
def test_adjoints_are_those_of_torch(case: Case, steps: int) -> None:
    pytest.importorskip("torch")
    through = CellAdjoints(recurrence_of(case))
    point = point_of(case, steps)
    view = cell_values_of(case, point, steps)
    _, kept = by_torch(case, point, steps)
    for line in through.lines:
        stem = through.of.stem(line.name)
        for time in times_of(line, through, steps):
            if (stem, time) in kept.values:
                given = floats(view.at({through.of.index: time}), line.form)
                assert agree(given, kept.values[stem, time].grad.numpy(), 12), (str(line.left), time)
