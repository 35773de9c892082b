"""The derivatives of the result by named definitions, δ, each in terms of the ones found before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from symdiff.algebra.tidy import tidy
from symdiff.explain.shared.work import Work
from symdiff.expr.leaves import Alias
from symdiff.expr.names import split_name
from symdiff.expr.operations import DIRECT, IMMEDIATE, MAPPED_BACK
from symdiff.expr.tree import PARTIAL, Expr, Num, Sym
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import Step

MOST_WAYS = 8
"""Ways from one definition up to which their sum is written; above that it gets a name."""


@dataclass(frozen=True)
class Ways:
    """The derivatives of the result by the definitions of a tape, each in terms of later ones."""

    work: Work

    @cached_property
    def deltas(self) -> dict[Sym, Alias]:
        """A δ for each definition but the last that holds a variable asked for."""
        holders = self.holders
        names = {var: self._name(var, holders) for var in holders if var != self.work.tape.output}
        return {var: Alias(name, derivative_by(self.work, var)) for var, name in names.items()}

    @cached_property
    def holders(self) -> list[Sym]:
        """The definitions that hold a variable asked for, and those from which very many ways lead on."""
        tape, wanted = self.work.tape, set(self.work.wrt)
        found = {s.var for s in tape.steps if wanted & set(s.operands)}
        ends = found | {tape.output}
        ways: dict[Sym, int] = {}
        for step in reversed(tape.steps):
            uses = tape.uses.get(step.var, ())
            ways[step.var] = sum(1 if use.var in ends else ways[use.var] for use in uses)
            if ways[step.var] > MOST_WAYS:
                found.add(step.var)
                ends.add(step.var)
        return [step.var for step in tape.steps if step.var in found]

    def _name(self, var: Sym, holders: list[Sym]) -> Sym:
        """δ₃ for a₃; δ with the whole name where two would be alike."""
        index = split_name(var.name)[2]
        alone = index and sum(split_name(other.name)[2] == index for other in holders) == 1
        name = f"delta_{index if alone else var.name.replace('_', '')}"
        taken = {n.name for n in [*self.work.tape.names.values()]}
        return Sym(name if name not in taken else f"{name}_bar", shape=var.shape)

    def partial(self, step: Step, operand: Sym) -> LocalPartial:
        return next(p for p in local_partials(step) if p.operand == operand)

    def symbol(self, step: Step, operand: Sym) -> Expr:
        """∂step/∂operand, marked where other ways lead there too."""
        other = step.var == self.work.tape.output and len(self.work.tape.uses[operand]) > 1
        return Expr(DIRECT if other else IMMEDIATE, step.var, operand)

    def chains(self, var: Sym) -> list[list[tuple[Step, Sym]]]:
        """The ways from `var` on, each to the first definition with a δ, or to the result."""
        found: list[list[tuple[Step, Sym]]] = []
        for step in self.work.tape.uses.get(var, ()):
            if step.var in self.deltas or step.var == self.work.tape.output:
                found.append([(step, var)])
            else:
                found += [[*rest, (step, var)] for rest in self.chains(step.var)]
        return found

    def symbolic(self, links: list[tuple[Step, Sym]]) -> Expr:
        """δ·∂u/∂h·∂h/∂a, from the result's end; the transposed maps one after the other between arrays."""
        first = links[0][0].var
        found: Expr | None = self.deltas.get(first)
        for step, operand in links:
            partial, symbol = self.partial(step, operand), self.symbol(step, operand)
            if partial.is_scalar or found is None:
                found = symbol if found is None else found * symbol
            else:
                found = Expr(MAPPED_BACK, symbol, found)
        assert found is not None
        return found

    def put_in(self, links: list[tuple[Step, Sym]]) -> Expr:
        """The same with the local partials put in."""
        found: Expr = self.deltas.get(links[0][0].var, Num(1))
        for step, operand in links:
            found = self.partial(step, operand).short.transpose(found)
        return tidy(found)


def derivative_by(work: Work, var: Sym) -> Expr:
    """∂L/∂v for any definition v: its adjoint."""
    return Expr(PARTIAL, work.tape.result, var)
