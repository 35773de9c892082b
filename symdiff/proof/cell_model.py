"""The model of a recurrence: true values of h_t, dh_t/dU, ∂L/∂h_t at a point, for every t and several T.

One tape holds the definitions at the times first, …, and for each number of steps T the result that these
have. Local partials are measured on it as on any tape (see `array_steps`); total derivatives are sums of
their products along all ways. Names with a letter for their time are read by `moments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from symdiff.errors import DomainError
from symdiff.expr.leaves import Moment, at_time, placed
from symdiff.expr.tree import Expr, Sym, substitute, symbols
from symdiff.language.recurrence import Recurrence
from symdiff.proof.array_model import ArrayModel
from symdiff.proof.array_points import conventions_at_kinks, points_of, size_sets
from symdiff.proof.values import DIGITS
from symdiff.rules import array_values
from symdiff.tape.tape import Step, Tape


def timed_tape(of: Recurrence, lengths: Sequence[int]) -> Tape:
    """The tape of the longest length, with the results of all lengths at its end.

    Where T itself stands in the cell, there can be one length only.
    """
    longest = max(lengths)
    own_end = of.of_length(longest) if of.counts_steps else of
    definitions = list(own_end.initial.items())
    for time in range(of.first, of.first + longest):
        definitions += [_at(of, name, formula, time) for name, formula in own_end.cell]
    inputs = [*of.inputs]
    inputs += [at_time(stem, Moment("", of.first + k)) for stem in of.sequences for k in range(longest)]
    inputs = [name for name in inputs if name not in of.initial]
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


def _at(of: Recurrence, name: Sym, formula: Expr, time: int) -> tuple[Sym, Expr]:
    places = {of.index: Moment("", time)}
    target = placed(name, places, of.stems)
    assert isinstance(target, Sym)
    return target, placed(formula, places, of.stems)


class TimedModel(ArrayModel):
    """Values, and total derivatives between any two names, as matrices on vec(·)."""

    @cached_property
    def _ahead(self) -> dict[object, dict[Sym, Any]]:
        """Derivatives found before: by a variable, or by one through some variables."""
        return {}

    @cached_property
    def tables(self) -> dict[object, Any]:
        """Derivatives of names by names, on vec(·), once they were put together."""
        return {}

    @cached_property
    def sharper(self) -> TimedModel:
        return TimedModel(self.tape, self.exact, self.conventions, 4 * self.m.dps)

    def total(self, over: Sym, under: Sym) -> Any:
        """dover/dunder along every way, on entries row by row."""
        if under not in self._ahead:
            self._ahead[under] = self._carried({under: self._unit(under)}, self.tape.steps)
        found = self._ahead[under].get(over)
        return self._none(over, under) if found is None else found

    def within(self, over: Sym, under: Sym, through: Sequence[Sym]) -> Any:
        """dover/dunder along the ways that lead through the variables `through` only."""
        key = under, tuple(through)
        if key not in self._ahead:
            steps = [step for step in self.tape.steps if step.var in set(through)]
            self._ahead[key] = self._carried({under: self._unit(under)}, steps)
        found = self._ahead[key].get(over)
        return self._none(over, under) if found is None else found

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
                array_values.matmul(self.m, self._local(step, u), found[u])
                for u in step.operands
                if u in found
            ]
            if parts:
                found[step.var] = sum(parts[1:], parts[0])
        return found

    def entries(self, var: Sym) -> int:
        return len(array_values.flat(self.primal[var]))

    def _unit(self, var: Sym) -> Any:
        return array_values.filled(self.m, "eye", (self.entries(var),) * 2)

    def _none(self, over: Sym, under: Sym) -> Any:
        return array_values.filled(self.m, "zeros", (self.entries(over), self.entries(under)))

    def columns(self, var: Sym) -> list[int]:
        """The entries of a variable in the order of vec(·), counted row by row."""
        shape: tuple[int, ...] = getattr(self.primal[var], "shape", ())
        if len(shape) < 2:
            return list(range(self.entries(var)))
        rows, columns = shape
        return [i * columns + j for j in range(columns) for i in range(rows)]


def drawn(tape: Tape, sets: int = 2) -> list[TimedModel]:
    """Models at random points of the domain, at different sizes where sizes are names.

    Raises:
        DomainError: no usable point was found.
    """
    found: list[TimedModel] = []
    sizes = size_sets(tape)
    for one in [sizes[0], sizes[-1]][:sets]:
        point = next(islice(points_of(tape, one), len(found), None), None)
        if point is not None:
            found.append(at_point(tape, point))
    if not found:
        raise DomainError("no point of the domain was found", way_out="give numbers for the inputs")
    return found


def at_point(tape: Tape, point: Mapping[str, Any], digits: int = DIGITS) -> TimedModel:
    """The model at a point; entries on a kink follow the convention of the rules.

    A relu of h_{−1} = 0 is on its kink at every point.
    """
    model = TimedModel(tape, point, digits=digits)
    found = conventions_at_kinks(tape, model)
    return TimedModel(tape, point, found, digits) if found else model
