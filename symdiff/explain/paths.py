"""The ways from a result to one input on a tape, and what each of them carries back.

Where they part, what each adds, and its product in the author's names. Nothing is known of times.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from symdiff.derivation import Derivation, Line, bar
from symdiff.expr import Expr, Sym, substitute, total
from symdiff.products import factors, product
from symdiff.reverse import path_label
from symdiff.tape import Step, Tape


@dataclass(frozen=True)
class Paths:
    """The lines of a sweep that lead to one input: those of all paths, then those of each path."""

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
    def shared(self) -> list[Line]:
        """The lines before the paths part; with one path all of them, to the end."""
        if len(self.uses) == 1:
            return [self.lines[bar(v)] for v in self.above(self.uses[0])] + [self.lines[bar(self.var)]]
        common = set.intersection(*({*self.above(step)} for step in self.uses))
        return [self.lines[bar(v)] for v in reversed(self.tape.order) if v in common]

    def own(self, number: int) -> list[Line]:
        """The lines of one path after the shared ones, and what it adds."""
        shared = {line.var for line in self.shared}
        found = [self.lines[bar(v)] for v in self.above(self.uses[number]) if bar(v) not in shared]
        return [*found, self.lines[bar(self.var, path_label(number))]]

    def in_names(self) -> Expr | None:
        """What reaches the input as a sum over the paths, each a product, in the author's names."""
        names: dict[Expr, Expr] = dict(self.tape.inputs)
        for step in self.tape.steps:
            names[step.var] = self.tape.names.get(step.var) or substitute(step.body, names)
        terms = [self._along(number) for number in range(len(self.uses))]
        return substitute(total(terms), names) if terms else None

    def _along(self, number: int) -> Expr:
        """The product along one path, in the order in which it is followed."""
        lines = self.shared if len(self.uses) == 1 else [*self.shared, *self.own(number)]
        values: dict[Expr, Expr] = {}
        for line in lines:
            values[line.var] = product(factors(substitute(line.local, values)))
        return values[lines[-1].var]
