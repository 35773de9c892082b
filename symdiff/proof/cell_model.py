"""The model of a recurrence: true values of h_t, dh_t/dU, ∂L/∂h_t at a point, for every t and several T.

One tape holds the definitions at the times first, …, and for each number of steps T the result that these
have. Local partials are measured on it as on any tape (see `array_model`); total derivatives are sums of
their products along all paths (`TimedModel`). Names with a letter for their time, h_{t−1}, dh_t/dU, Σ_k, have
values once t and T have (`CellValues`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from symdiff.errors import DomainError, ProofError
from symdiff.expr import tree as e
from symdiff.expr.leaves import Alias, Grid, eye, zeros
from symdiff.expr.operations import DIRECT, IMMEDIATE, THROUGH, VEC
from symdiff.expr.timed import Braced, Series, Time, at_time, split_time, with_times
from symdiff.expr.tree import Dim, Expr, Sym, substitute, symbols
from symdiff.language.recurrence import Recurrence
from symdiff.proof.agreement import holds
from symdiff.proof.array_points import models_at_sizes, size_sets
from symdiff.proof.model import Linear, Model
from symdiff.proof.sample_points import model_at
from symdiff.proof.values import Value, evaluate
from symdiff.rules import array_values
from symdiff.rules.arrays import Array, as_array, flat, is_array
from symdiff.tape.tape import Step, Tape


def timed_tape(of: Recurrence, lengths: Sequence[int]) -> Tape:
    """The tape of the longest length, with the results of all lengths at its end.

    Where T itself stands in the cell, or a chain begins at T, there can be one length only.
    """
    longest = max(lengths)
    own_end = of.of_length(longest) if of.depends_on_steps else of
    definitions = [*own_end.initial.items(), *own_end.ending.items()]
    times = range(of.first, of.first + longest)
    for direction, group in own_end.phases:
        for time in times[::direction]:
            definitions += [_variable_at(of, name, formula, time) for name, formula in group]
    inputs = [*of.inputs]
    inputs += [at_time(stem, Time("", of.first + k)) for stem in of.sequences for k in range(longest)]
    inputs = [name for name in inputs if name not in of.initial and name not in own_end.ending]
    for length in lengths:
        own: dict[Expr, Expr] = {name: result_at(name, length) for name, _ in of.after}
        for name, formula in of.unrolled(length)[1][length * len(of.cell) :]:
            definitions.append((result_at(name, length), substitute(formula, own)))
    steps: list[Step] = []
    closed: dict[Expr, Expr] = {}
    for name, body in definitions:
        operands = tuple(s for s in dict.fromkeys(symbols(body)))
        closed[name] = substitute(body, closed)
        steps.append(Step(name, body, operands, closed[name], name))
    last = steps[-1].var
    return Tape(tuple((name, name) for name in inputs), tuple(steps), last, last, ())


def result_at(name: Sym, length: int) -> Sym:
    """A definition after the recurrence, for one number of steps: formulas cannot name it."""
    return Sym(f"{name.name}#{length}", shape=name.shape, assume=name.assume)


def _variable_at(of: Recurrence, name: Sym, formula: Expr, time: int) -> tuple[Sym, Expr]:
    letters = {of.index: Time("", time)}
    target = with_times(name, letters, of.stems)
    assert isinstance(target, Sym)
    return target, with_times(formula, letters, of.stems)


class TimedModel(Model):
    """Values, and total derivatives between any two names, as matrices on vec(·)."""

    @cached_property
    def _totals(self) -> dict[object, dict[Sym, Linear]]:
        """The derivatives of every variable, found before: by one variable, along all paths or some."""
        return {}

    @cached_property
    def views(self) -> dict[object, CellValues]:
        """What formulas of the cell are worth at given times, made once."""
        return {}

    @cached_property
    def at_times(self) -> dict[tuple[str, int], Sym]:
        """The variable of a stem at a time."""
        return {}

    @cached_property
    def splits(self) -> dict[str, tuple[str, Time] | None]:
        """The stem and the time of each name that was asked for."""
        return {}

    @cached_property
    def tables(self) -> dict[object, Array]:
        """Derivatives of names by names, on vec(·), once their blocks were put together."""
        return {}

    def total(self, over: Sym, under: Sym, through: tuple[Sym, ...] | None = None) -> Array:
        """dover/dunder along every path, or along those through the variables `through` only.

        Entries are counted row by row.
        """
        key = under, through
        if key not in self._totals:
            steps = [step for step in self.tape.steps if through is None or step.var in through]
            with self.m:
                self._totals[key] = self._propagated(under, steps)
        return self._table(over, under, self._totals[key].get(over))

    def inside(self, over: Sym, under: Sym) -> Array:
        """∂over/∂under inside one definition."""
        step = self.tape.step_of[over]
        return self._table(over, under, self.local(step, under) if under in step.operands else None)

    def _propagated(self, under: Sym, steps: Sequence[Step]) -> dict[Sym, Linear]:
        """Forward mode along `steps`: the derivatives by `under`."""
        found = {under: self.identity(self.entry_count(under))}
        for step in steps:
            if step.var in found:
                continue
            parts = [self.local(step, u) * found[u] for u in step.operands if u in found]
            if parts:
                found[step.var] = self.added(parts)
        return found

    def _table(self, over: Sym, under: Sym, found: Linear | None) -> Array:
        """A derivative as an array of two axes; zeros where there is none."""
        rows, columns = self.entry_count(over), self.entry_count(under)
        entries = [self.m.zero] * (rows * columns) if found is None else self.entries(found)
        return Array(entries, (rows, columns))

    def vec_order(self, var: Sym) -> list[int]:
        """The entries of a variable in the order of vec(·), counted row by row."""
        shape = self.shape(var)
        if len(shape) < 2:
            return list(range(self.entry_count(var)))
        rows, columns = shape
        return [i * columns + j for j in range(columns) for i in range(rows)]


def random_models(tape: Tape, sets: int = 2) -> list[TimedModel]:
    """Models at random points of the domain, at different sizes where sizes are names.

    Raises:
        DomainError: no usable point was found.
    """
    found: list[TimedModel] = []
    sizes = size_sets(tape)
    for one in [sizes[0], sizes[-1]][:sets]:
        model = next(islice(models_at_sizes(tape, one, TimedModel), len(found), None), None)
        if model is not None:
            found.append(model)
    if not found:
        raise DomainError("no point of the domain was found", way_out="give numbers for the inputs")
    return found


def at_point(tape: Tape, point: Mapping[str, Any]) -> TimedModel:
    """The model at a reader's point."""
    return model_at(tape, point, TimedModel)


Stacked = Mapping[str, tuple[tuple[str, int], ...]]
"""States under one name, s = (c, h) one below the other: of each its stem and how many steps it lies back."""


_ASKED = object()
"""Stands for what was not asked for yet, as None stands for what is not known."""


class CellValues:
    """Values of formulas of a cell at given times: `letters` gives t, k, …; `length` is T.

    `evaluate` asks it for the value of every leaf.
    """

    def __init__(
        self,
        base: TimedModel,
        of: Recurrence,
        length: int,
        letters: Mapping[str, int],
        stacked: Stacked,
    ) -> None:
        self.base, self.of, self.length, self.letters, self.stacked = base, of, length, dict(letters), stacked
        self.m, self.sizes_of, self.leaves = base.m, base.sizes_of, base.leaves
        self.point: dict[str, Value] = {}
        self._known: dict[Expr, Value | None] = {}
        self._stems = {**of.stems, **stacked}
        self._times = {letter: Time("", value) for letter, value in self.letters.items()}
        self._times[str(of.horizon)] = Time("", length)

    def __call__(self, node: Expr) -> Value | None:
        """The value of what the model knows, kept; None for an operation on other formulas."""
        found = self._known.get(node, _ASKED)
        if found is _ASKED:
            found = self._known[node] = self._found(node)
        return found

    def _found(self, node: Expr) -> Value | None:
        if isinstance(node, Sym):
            return self._value(node)
        if isinstance(node, Braced):
            return self._braced(node)
        if isinstance(node, Series):
            return self._series(node)
        if isinstance(node, Alias):
            return evaluate(self.m, node.meaning, {}, self)
        if isinstance(node, Grid):
            return node
        if isinstance(node, Dim) and (node.name in self.letters or node.name == str(self.of.horizon)):
            return self.m.number(self.letters.get(node.name, self.length))
        if node.op in (e.DERIVATIVE, e.PARTIAL, IMMEDIATE, DIRECT, THROUGH):
            return self._derivative(node)
        return self.base.leaf(node)

    def _value(self, node: Sym) -> Value:
        """The value of a name; of states under one name, one below the other."""
        variables = self.variables(node)
        if len(variables) == 1:
            return self.base.primal[variables[0]]
        entries = [flat(self.base.primal[var])[i] for var in variables for i in self.base.vec_order(var)]
        return as_array(entries, (len(entries),))

    def _braced(self, node: Braced) -> Value:
        """The value of a formula over a brace.

        Raises:
            ProofError: it is not what stands under the brace.
        """
        if not holds(node.body, node.label, self):
            raise ProofError(f"proof failed: {node.body} is not {node.label}", way_out="nothing was written")
        return evaluate(self.m, node.body, {}, self)

    def variable(self, node: Expr) -> Sym:
        """The variable of the tape that a name, or vec of one, stands for."""
        (found,) = self.variables(node)
        return found

    def variables(self, node: Expr) -> list[Sym]:
        """The variables that a name stands for: several for states under one name."""
        node = node.args[0] if node.op is VEC else node
        assert isinstance(node, Sym)
        parts = self._split(node.name)
        if parts is None:
            found = result_at(node, self.length)
            return [found if found in self.base.primal else node]
        time = self.time_number(parts[1])
        pieces = self.stacked.get(parts[0], ((parts[0], 0),))
        return [self._variable_at(stem, time - back, node) for stem, back in pieces]

    def _split(self, name: str) -> tuple[str, Time] | None:
        """The stem and the time of a name; names of stacked states are no other names of the cell."""
        splits = self.base.splits
        if name not in splits:
            splits[name] = split_time(name, self._stems)
        return splits[name]

    def _variable_at(self, stem: str, time: int, node: Expr) -> Sym:
        found = self.base.at_times.get((stem, time))
        if found is None:
            found = self.base.at_times[stem, time] = at_time(self.of.stems[stem], Time("", time))
        is_beyond = time >= self.of.first + self.length and not self.of.looks_ahead
        if found not in self.base.primal or is_beyond:
            raise DomainError(f"no value for {node}")
        return found

    def time_number(self, time: Time) -> int:
        """The number of a time, its letter replaced."""
        return time.with_base(self._times).offset

    def _derivative(self, node: Expr) -> Value:
        if node.op is e.PARTIAL or (node.op is DIRECT and not node.args[0].shape):
            over, under = map(self.variable, node.args)
            found = self.base.total if node.op is e.PARTIAL else self.base.inside
            return as_array(found(over, under).entries, self.base.shape(under))
        overs, unders = map(self.variables, node.args)
        key = node.op.name, tuple(overs), tuple(unders), self._time_of(node)
        table = self.base.tables.get(key)
        if table is None:
            rows = [[self._block(node, over, under) for under in unders] for over in overs]
            table = self.base.tables[key] = array_values.blocks(rows)
        depth = len(node.shape)
        if depth == 2:
            return table
        return as_array(table.entries, (table.size,) if depth else ())

    def _block(self, node: Expr, over: Sym, under: Sym) -> Any:
        """The derivative of one variable by one, on vec(·)."""
        if node.op is e.DERIVATIVE:
            found = self.base.total(over, under)
        elif node.op is THROUGH:
            found = self.base.total(over, under, self._cell_definitions(node))
        else:
            found = self.base.inside(over, under)
        rows, columns = self.base.vec_order(over), self.base.vec_order(under)
        return Array([found[i, j] for i in rows for j in columns], found.shape)

    def _time_of(self, node: Expr) -> int:
        """The time of the name that is differentiated."""
        name = node.args[0].args[0] if node.args[0].op is VEC else node.args[0]
        assert isinstance(name, Sym)
        parts = self._split(name.name)
        return 0 if parts is None else self.time_number(parts[1])

    def _cell_definitions(self, node: Expr) -> tuple[Sym, ...]:
        """The definitions of the cell at the time of the name that is differentiated."""
        now = {self.of.index: self._time_of(node)}
        here = self.at(now)
        return tuple(here.variable(target) for target, _ in self.of.cell)

    def _series(self, node: Series) -> Value:
        """Σ or Π of the values at each time; later factors stand on the left."""
        low, high = (self.time_number(time) for time in (node.low, node.high))
        found = None
        for number in range(low, high + 1):
            here = self.at({node.index: number})
            value = here.value(node.body)
            if found is None:
                found = value
            elif node.kind == "sum":
                found = found + value
            else:
                found = array_values.matmul(self.m, value, found) if is_array(value) else value * found
        return self._empty_series(node) if found is None else found

    def _empty_series(self, node: Series) -> Value:
        """The value of a sum or product over no time: zero, one or the identity."""
        filled = zeros(node.shape) if node.kind == "sum" else (eye(node.shape[0]) if node.shape else e.ONE)
        return evaluate(self.m, filled, {}, self)

    def value(self, formula: Expr) -> Value:
        """The value of a formula, kept."""
        found = self(formula)
        if found is None:
            found = self._known[formula] = evaluate(self.m, formula, {}, self)
        return found

    @property
    def sharper(self) -> CellValues:
        return cell_values(self.base.sharper, self.of, self.length, self.letters, self.stacked)

    def at(self, letters: Mapping[str, int]) -> CellValues:
        return cell_values(self.base, self.of, self.length, {**self.letters, **letters}, self.stacked)


def cell_values(
    base: TimedModel, of: Recurrence, length: int, letters: Mapping[str, int], stacked: Stacked
) -> CellValues:
    """The values at given times, made once for each model."""
    key = length, tuple(sorted(letters.items())), tuple(stacked)
    if key not in base.views:
        base.views[key] = CellValues(base, of, length, letters, stacked)
    return base.views[key]
