"""Layers: neighbouring definitions that are weighted sums of the same values, as one matrix times (1, x)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symdiff.algebra.tidy import monomials
from symdiff.expr.operations import DOT, STACK
from symdiff.expr.tree import ONE, Expr, Num, Sym
from symdiff.tape.tape import Step, Tape


@dataclass(frozen=True, slots=True)
class Layer:
    """`left` = members: one definition, or several as a vector."""

    left: Expr
    members: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Affine:
    """A definition as Σ weight·value: its weights in the order of the values, 1 standing for the bias."""

    values: tuple[Expr, ...]
    weights: tuple[Expr, ...]


def layers(tape: Tape, wrt: Sequence[Sym]) -> Iterator[Layer]:
    """The definitions in order; neighbours that are affine in the same values come together."""
    group: list[tuple[Sym, Affine]] = []
    for step in tape.steps:
        affine = affine_in(step, wrt)
        if group and (affine is None or affine.values != group[0][1].values):
            yield _together(group)
            group = []
        if affine is None:
            yield Layer(step.var, (step.body,))
        else:
            group.append((step.var, affine))
    if group:
        yield _together(group)


def affine_in(step: Step, wrt: Sequence[Sym]) -> Affine | None:
    """The weights and values of a scalar definition that is a weighted sum, None for any other."""
    if step.var.shape or any(operand.shape for operand in step.operands):
        return None
    found: dict[Expr, Expr] = {}
    for term in monomials(step.body):
        weights = [base for base in term.powers if base in wrt]
        values = [base for base in term.powers if base not in wrt]
        plain = term.coefficient == 1 and all(power == 1 for power in term.powers.values())
        if not plain or len(weights) != 1 or len(values) > 1 or not all(isinstance(v, Sym) for v in values):
            return None
        value = values[0] if values else ONE
        if value in found:
            return None
        found[value] = weights[0]
    order = sorted(found, key=lambda value: not isinstance(value, Num))
    return Affine(tuple(order), tuple(found[value] for value in order)) if len(found) > 1 else None


def _together(group: list[tuple[Sym, Affine]]) -> Layer:
    """(a₁, a₂) = W·(1, x₁, x₂), or one line of it."""
    values = Expr(STACK, *group[0][1].values)
    if len(group) == 1:
        var, affine = group[0]
        return Layer(var, (Expr(DOT, Expr(STACK, *affine.weights), values),))
    rows = Expr(STACK, *(Expr(STACK, *affine.weights) for _, affine in group))
    column = Expr(STACK, *(Expr(STACK, value) for value in group[0][1].values))
    return Layer(Expr(STACK, *(Expr(STACK, var) for var, _ in group)), (rows @ column,))
