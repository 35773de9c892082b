"""The model of a recurrence: true values of h_t, dh_t/dU, ∂L/∂h_t at a point, for every t and several T.

One tape holds the definitions at the times first, …, and for each number of steps T the result that these
have. Local partials are measured on it as on any tape (see `array_steps`); total derivatives are sums of
their products along all ways. A `Moments` reads names with a letter for their time, once t, and T, have values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from symdiff import arrays
from symdiff import expr as e
from symdiff.array_model import ArrayModel
from symdiff.errors import DomainError
from symdiff.evaluate import Value, evaluate
from symdiff.expr import Expr, Sym, substitute, symbols
from symdiff.leaves import Alias, Dim, Grid
from symdiff.matrix import DIRECT, IMMEDIATE, VEC
from symdiff.recurrence import Recurrence
from symdiff.tape import Step, Tape
from symdiff.times import Moment, Series, at_time, placed, split_time


def timed_tape(of: Recurrence, lengths: Sequence[int]) -> Tape:
    """The tape of the longest length, with the results of all lengths at its end."""
    longest = max(lengths)
    definitions = list(of.initial.items())
    for time in range(of.first, of.first + longest):
        definitions += [_at(of, name, formula, time) for name, formula in of.cell]
    inputs = [*of.inputs]
    inputs += [at_time(stem, Moment("", of.first + k)) for stem in of.sequences for k in range(longest)]
    inputs = [name for name in inputs if name not in of.initial]
    for length in lengths:
        own = {name: result_at(name, length) for name, _ in of.after}
        for name, formula in of.unrolled(length)[1][length * len(of.cell) :]:
            definitions.append((own[name], substitute(formula, dict(own))))
    steps, closed = [], {}
    for name, body in definitions:
        operands = tuple(s for s in dict.fromkeys(symbols(body)))
        closed[name] = substitute(body, closed)
        steps.append(Step(name, body, operands, closed[name], name))
    last = steps[-1].var
    return Tape(tuple((name, name) for name in inputs), tuple(steps), last, last, ())


def result_at(name: Sym, length: int) -> Sym:
    """A definition after the recurrence, for one number of steps: formulas cannot name it."""
    return Sym(f"{name.name}@{length}", shape=name.shape, assume=name.assume)


def _at(of: Recurrence, name: Sym, formula: Expr, time: int) -> tuple[Sym, Expr]:
    places = {of.index: Moment("", time)}
    target = placed(name, places, of.stems)
    assert isinstance(target, Sym)
    return target, placed(formula, places, of.stems)


class TimedModel(ArrayModel):
    """Values, and total derivatives between any two names, as matrices on vec(·)."""

    @cached_property
    def _ahead(self) -> dict[Sym, dict[Sym, Any]]:
        return {}

    @cached_property
    def sharper(self) -> TimedModel:
        return TimedModel(self.tape, self.exact, self.conventions, 4 * self.m.dps)

    def total(self, over: Sym, under: Sym) -> Any:
        """dover/dunder along every way, on entries row by row."""
        if under not in self._ahead:
            self._ahead[under] = self._carried({under: self._unit(under)}, self.tape.steps)
        return self._ahead[under].get(over, self._none(over, under))

    def within(self, over: Sym, under: Sym, through: Sequence[Sym]) -> Any:
        """dover/dunder along the ways that lead through the variables `through` only."""
        steps = [step for step in self.tape.steps if step.var in through]
        return self._carried({under: self._unit(under)}, steps).get(over, self._none(over, under))

    def local(self, over: Sym, under: Sym) -> Any:
        """∂over/∂under inside one definition."""
        step = self.tape.step_of[over]
        return self._local(step, under) if under in step.operands else self._none(over, under)

    def _carried(self, start: dict[Sym, Any], steps: Sequence[Step]) -> dict[Sym, Any]:
        found = dict(start)
        for step in steps:
            if step.var in found:
                continue
            parts = [
                arrays.matmul(self.m, self._local(step, u), found[u]) for u in step.operands if u in found
            ]
            if parts:
                found[step.var] = sum(parts[1:], parts[0])
        return found

    def entries(self, var: Sym) -> int:
        return len(arrays.flat(self.primal[var]))

    def _unit(self, var: Sym) -> Any:
        return arrays.filled(self.m, "eye", (self.entries(var),) * 2)

    def _none(self, over: Sym, under: Sym) -> Any:
        return arrays.filled(self.m, "zeros", (self.entries(over), self.entries(under)))

    def columns(self, var: Sym) -> list[int]:
        """The entries of a variable in the order of vec(·), counted row by row."""
        shape = getattr(self.primal[var], "shape", ())
        if len(shape) < 2:
            return list(range(self.entries(var)))
        return [i * shape[1] + j for j in range(shape[1]) for i in range(shape[0])]


class Moments:
    """The model once the letters of time have values: `places` gives t, k, … and `length` is T."""

    def __init__(self, base: TimedModel, of: Recurrence, length: int, places: Mapping[str, int]) -> None:
        self.base, self.of, self.length, self.places = base, of, length, dict(places)
        self.m, self.sizes_of, self.point = base.m, base.sizes_of, {}
        self.is_measured = base.is_measured

    def __call__(self, node: Expr) -> Value | None:
        if isinstance(node, Sym):
            return self.base.primal[self.variable(node)]
        if isinstance(node, Series):
            return self._series(node)
        if isinstance(node, Alias):
            return evaluate(self.m, node.meaning, {}, self)
        if isinstance(node, Grid):
            return node
        if isinstance(node, Dim) and (node.name in self.places or node.name == str(self.of.horizon)):
            return self.m.mpf(self.places.get(node.name, self.length))
        if node.op in (e.DERIVATIVE, e.PARTIAL, IMMEDIATE, DIRECT):
            return self._derivative(node)
        return self.base._leaf(self.m, node)

    def variable(self, node: Expr) -> Sym:
        """The variable of the tape that a name, or vec of one, stands for."""
        if node.op is VEC:
            node = node.args[0]
        assert isinstance(node, Sym)
        parts = split_time(node.name, self.of.stems)
        if parts is None:
            found = result_at(node, self.length)
            return found if found in self.base.primal else node
        stem, time = parts
        places = {**{k: Moment("", v) for k, v in self.places.items()}, **self._end}
        found = at_time(self.of.stems[stem], time.placed(places))
        if found not in self.base.primal:
            raise DomainError(f"no value for {node}")
        return found

    @property
    def _end(self) -> dict[str, Moment]:
        return {str(self.of.horizon): Moment("", self.length)}

    def _derivative(self, node: Expr) -> Value:
        over, under = map(self.variable, node.args)
        whole = node.op in (e.DERIVATIVE, e.PARTIAL)
        found = self.base.total(over, under) if whole else self.base.local(over, under)
        if node.op in (e.PARTIAL,) or (not node.shape and found.size == 1):
            return self.base._like(under, found[0]) if found.shape[0] == 1 else found
        return self._laid_out(found, over, under, len(node.shape))

    def _laid_out(self, found: Any, over: Sym, under: Sym, depth: int) -> Value:
        """A table on entries row by row as one on vec(·), with as many axes as are written."""
        table = found[self.base.columns(over), :][:, self.base.columns(under)]
        return table if depth == 2 else arrays.as_array(list(table.ravel()), (table.size,))

    def _series(self, node: Series) -> Value:
        low, high = (self.moment(time) for time in (node.low, node.high))
        found = None
        for number in range(low, high + 1):
            here = Moments(self.base, self.of, self.length, {**self.places, node.index: number})
            value = evaluate(self.m, node.body, {}, here)
            if found is None:
                found = value
            elif node.kind == "sum":
                found = found + value
            else:
                found = arrays.matmul(self.m, value, found) if arrays.is_array(value) else value * found
        return self._empty(node) if found is None else found

    def moment(self, time: Moment) -> int:
        """The number that a time is here."""
        found = time.placed({**{k: Moment("", v) for k, v in self.places.items()}, **self._end})
        return found.offset

    def _empty(self, node: Series) -> Value:
        from symdiff.leaves import eye, zeros

        filled = zeros(node.shape) if node.kind == "sum" else (eye(node.shape[0]) if node.shape else e.ONE)
        return evaluate(self.m, filled, {}, self)

    @property
    def sharper(self) -> Moments:
        return Moments(self.base.sharper, self.of, self.length, self.places)

    def magnitude(self, node: Expr) -> Value:
        """The size of what `node` is worth: rounding is judged against it."""
        value = evaluate(self.m, node, {}, self)
        return max([self.m.one, *map(abs, arrays.flat(value))])

    def at(self, places: Mapping[str, int]) -> Moments:
        return Moments(self.base, self.of, self.length, {**self.places, **places})


def drawn(tape: Tape, sets: int = 2) -> list[TimedModel]:
    """Models at random points of the domain, at different sizes where sizes are names.

    Raises:
        DomainError: no usable point was found.
    """
    from symdiff.array_points import points_of, size_sets

    found = []
    sizes = size_sets(tape)
    for one in [sizes[0], sizes[-1]][:sets]:
        point = next(islice(points_of(tape, one), len(found), None), None)
        if point is not None:
            found.append(TimedModel(tape, point))
    if not found:
        raise DomainError("no point of the domain was found", way_out="give numbers for the inputs")
    return found
