"""The ways from a result to one input on a tape, and what each of them carries back.

A variable that several steps use is a fork: what comes back to it comes along several paths, and is their
sum. The forks are taken one after the other, from the result on, the input last; a line is written once, at
the first fork that it leads to. Nothing is known of times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from symdiff.algebra.ordered_products import factors, in_all, product
from symdiff.derivation.derivation import Derivation, Line, bar
from symdiff.derivation.sweeps import path_label
from symdiff.expr.tree import Expr, Sym, substitute
from symdiff.tape.tape import Step, Tape


@dataclass(frozen=True)
class Fork:
    """A variable with the lines that lead to it: those of several paths, then those of each path, the sum."""

    var: Sym
    shared: tuple[Line, ...]
    columns: tuple[tuple[Line, ...], ...]
    total: Line | None

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, each before those that use it."""
        own = [line for column in self.columns for line in column]
        return (*self.shared, *own, *([self.total] if self.total else []))


@dataclass(frozen=True)
class Paths:
    """The lines of a sweep that lead from the result to one input."""

    derivation: Derivation
    tape: Tape
    theta: Sym

    @cached_property
    def var(self) -> Sym:
        return self.tape.variables[self.theta.name]

    @cached_property
    def uses(self) -> tuple[Step, ...]:
        return self.tape.uses.get(self.var, ())

    @cached_property
    def lines(self) -> dict[Sym, Line]:
        return {line.var: line for line in self.derivation.sweeps[0].lines}

    def above(self, step: Step) -> list[Sym]:
        """The variables through which a step acts on the result, from the result on."""
        wanted = {step.var}
        for later in self.tape.steps:
            if wanted & set(later.operands):
                wanted.add(later.var)
        return [var for var in reversed(self.tape.order) if var in wanted]

    @cached_property
    def forks(self) -> tuple[Fork, ...]:
        """The variables on the way that are reached along several paths, the input last of all."""
        on_the_way = {var for step in self.uses for var in self.above(step)}
        between = [var for var in reversed(self.tape.order) if var in on_the_way]
        written: set[Sym] = set()
        forks = [var for var in between if len(self.tape.uses.get(var, ())) > 1]
        return tuple(self._fork(var, written) for var in (*forks, self.var))

    def _fork(self, var: Sym, written: set[Sym]) -> Fork:
        """A fork with the lines that are not yet `written`, which is brought up to date."""
        uses = self.tape.uses[var]
        ways = [[v for v in self.above(step) if v not in written] for step in uses]
        if len(ways) == 1:
            written |= {*ways[0], var}
            return Fork(var, (*self._of(ways[0]), self.lines[bar(var)]), (), None)
        times = Counter(v for way in ways for v in way)
        shared = [v for v in reversed(self.tape.order) if times[v] > 1]
        columns = tuple(
            (*self._of(v for v in way if times[v] == 1), self.lines[bar(var, path_label(number))])
            for number, way in enumerate(ways)
        )
        written |= {*times, var}
        return Fork(var, tuple(self._of(shared)), columns, self.lines[bar(var)])

    def _of(self, found: list[Sym] | Iterator[Sym]) -> list[Line]:
        return [self.lines[bar(v)] for v in found]

    def in_names(self) -> Expr | None:
        """What reaches the input as a sum over its paths, each a product, in the author's names."""
        if not self.uses:
            return None
        names: dict[Expr, Expr] = dict(self.tape.inputs)
        for step in self.tape.steps:
            names[step.var] = self.tape.names.get(step.var) or substitute(step.body, names)
        values: dict[Expr, Expr] = {}
        for fork in self.forks:
            for line in (*fork.shared, *(line for column in fork.columns for line in column)):
                values[line.var] = product(factors(substitute(line.local, values)))
            if fork.total is not None:
                values[fork.total.var] = in_all([values[column[-1].var] for column in fork.columns])
        return substitute(values[bar(self.var)], names)
