"""Total derivatives through a cell: every line, recurrence and closed sum against differences of a loop."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from time_cells import CASES
from time_helpers import (
    Case,
    agree,
    cell_values_of,
    floats,
    jacobian_by_torch,
    point_of,
    recurrence_of,
    values_by_input,
)

from symdiff.derivation.cell_forward import TotalDerivatives, total_derivative
from symdiff.errors import NoFormError
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.recurrence.closed_sum import ClosedSum
from symdiff.expr.timed import Time
from symdiff.expr.tree import Sym
from symdiff.language.recurrence_parser import parse_recurrence

RUNS = [pytest.param(case, n, id=f"{case.name}-{n}") for case in CASES for n in case.lengths if n != 2]
LONG = [pytest.param(case, 5, id=case.name) for case in CASES]
WITHOUT_FORM = {("memory", "k"), ("memory", "v")}


def totals_of(case: Case) -> Iterator[TotalDerivatives]:
    """The derivatives of the states by each input that acts on them and has a notation."""
    of = recurrence_of(case)
    for theta in of.inputs:
        found = TotalDerivatives(of, theta)
        if found.states:
            yield found


@pytest.mark.parametrize(("case", "steps"), RUNS)
def test_every_line_is_the_slope_of_its_value(case: Case, steps: int) -> None:
    point = point_of(case, steps)
    view = cell_values_of(case, point, steps)
    tried = 0
    for totals in totals_of(case):
        true = values_by_input(case, point, steps, totals.theta.name)
        for line in (*totals.lines, *totals.outputs):
            stem = totals.of.stem(line.name)
            for (name, time), slope in true.items():
                if name != stem:
                    continue
                here = view.at({totals.of.index: time})
                for member in (line.left, line.chain, line.form):
                    tried += 1
                    found = floats(here, member)
                    assert agree(found, slope.reshape(found.shape), 8), (str(line.left), str(member), time)
    assert tried


@pytest.mark.parametrize(("case", "steps"), LONG)
def test_the_recurrence_of_a_state_holds_from_the_first_time_on(case: Case, steps: int) -> None:
    point = point_of(case, steps)
    view = cell_values_of(case, point, steps)
    for totals in totals_of(case):
        true = values_by_input(case, point, steps, totals.theta.name)
        for state in totals.states:
            for time in range(case.first, case.first + steps):
                found = floats(view.at({totals.of.index: time}), totals.step_form(state))
                slope = true[totals.of.stem(state), time]
                assert agree(found, slope.reshape(found.shape), 8), (str(state), str(totals.theta))


@pytest.mark.parametrize(("case", "steps"), RUNS)
def test_the_closed_sum_is_the_slope_of_the_state(case: Case, steps: int) -> None:
    point, of = point_of(case, steps), recurrence_of(case)
    work = CellWork(of, of.inputs, steps)
    view = cell_values_of(case, point, steps, {work.stacked_state.name: work.stacked_parts})
    for totals in totals_of(case):
        if not (totals.is_single or work.stacked_state.shape):
            continue
        closed = ClosedSum(work, totals)
        true = values_by_input(case, point, steps, totals.theta.name)
        pieces = [(of.stem(s), 0) for s in totals.states] if totals.is_single else work.stacked_parts
        for time in range(case.first + max(back for _, back in pieces), case.first + steps):
            slope = np.concatenate([true[stem, time - back] for stem, back in pieces])
            for member in (closed.derivative(of.now), closed.form(of.now, of.now)):
                found = floats(view.at({of.index: time}), member)
                assert agree(found, slope.reshape(found.shape), 8), (str(member), time)


@pytest.mark.parametrize(("case", "steps"), LONG)
def test_totals_are_those_of_torch(case: Case, steps: int) -> None:
    pytest.importorskip("torch")
    point = point_of(case, steps)
    view = cell_values_of(case, point, steps)
    time = case.first + steps - 1
    for totals in totals_of(case):
        for state in totals.states:
            key = totals.of.stem(state), time
            true = jacobian_by_torch(case, point, steps, totals.theta.name, key)
            found = floats(view.at({totals.of.index: time}), totals.step_form(state))
            assert agree(found, true.reshape(found.shape), 12), (str(state), str(totals.theta))


@pytest.mark.parametrize(("case", "steps"), LONG)
def test_derivatives_before_the_first_time(case: Case, steps: int) -> None:
    of = recurrence_of(case)
    view = cell_values_of(case, point_of(case, steps), steps)
    before = Time("", of.first - 1)
    for totals in totals_of(case):
        for state in totals.states:
            name = of.at(state, **{of.index: before})
            assert isinstance(name, Sym)
            true = floats(view, total_derivative(name, totals.theta))
            assert agree(floats(view, totals.initial(state)), true, 15)


def test_the_recurrence_of_an_elman_network_reads_as_in_a_book() -> None:
    of = parse_recurrence("h[-1] = 0\nh[t] = tanh(U*x[t] + W*h[t-1])\ny[t] = V*h[t]")
    by = {theta.name: TotalDerivatives(of, theta) for theta in of.inputs}
    (state,) = of.states
    assert str(by["U"].step_form(state)) == "(1 - h[t]**2)*(x[t] + W*derivative(h[t-1], U))"
    assert str(by["W"].step_form(state)) == "(1 - h[t]**2)*(h[t-1] + W*derivative(h[t-1], W))"
    assert by["V"].states == ()
    assert [str(line.left) for line in by["U"].outputs] == ["derivative(y[t], U)"]


def test_immediate_and_total_derivatives_are_written_differently() -> None:
    of = parse_recurrence("h[-1] = 0\nh[t] = tanh(U*x[t] + W*h[t-1])")
    (line,) = TotalDerivatives(of, of.inputs[0]).lines
    direct, through = (str(symbol) for symbol, _ in line.partials)
    assert direct != str(line.left)
    assert through != str(line.left)
    assert len({direct, through, str(line.left)}) == 3


def test_a_number_between_arrays_has_no_notation() -> None:
    from time_helpers import problem_of

    source = """[inputs]
W = ["n", "n"]
[sequences]
x = ["n"]
[recurrence]
"h[-1]" = "zeros(n)"
"g[t]" = "sum(W @ h[t-1])"
"h[t]" = "tanh(g[t]*x[t])"
"""
    of = problem_of(source).recurrence
    assert of is not None
    with pytest.raises(NoFormError, match="a number and an array"):
        _ = TotalDerivatives(of, of.inputs[0]).lines
