"""A tape in the order of levels: first all steps made from inputs alone, then those made from these.

So steps that belong to different times but do the same stand side by side. The tape says the same.
"""

from __future__ import annotations

from dataclasses import replace

from symdiff.expr.tree import Expr, Sym, substitute
from symdiff.tape.tape import Step, Tape


def by_level(tape: Tape) -> Tape:
    """The tape with its steps sorted by the length of the longest way from an input, and numbered anew."""
    level = {var: 0 for var, _ in tape.inputs}
    for step in tape.steps:
        level[step.var] = 1 + max((level[u] for u in step.operands), default=0)
    ordered = sorted(tape.steps, key=lambda step: level[step.var])
    names = {old.var: _named(old.var, new.var) for old, new in zip(ordered, tape.steps, strict=True)}
    values: dict[Expr, Expr] = {old: names[old] for old in names}

    def renamed(step: Step) -> Step:
        operands = tuple(sorted((names.get(u, u) for u in step.operands), key=_position))
        return Step(names[step.var], substitute(step.body, values), operands, step.origin, step.label)

    bindings = tuple((name, names.get(var, var)) for name, var in tape.bindings)
    output = names.get(tape.output, tape.output)
    return replace(tape, steps=tuple(map(renamed, ordered)), output=output, bindings=bindings)


def _named(old: Sym, new: Sym) -> Sym:
    return Sym(new.name, shape=old.shape, assume=old.assume)


def _position(var: Sym) -> int:
    return int(var.name.rpartition("_")[2])
