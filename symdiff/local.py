"""Local partials of a step: ∂w_i/∂w_j from the rows of the table, in the names of the step alone.

A textbook step may hold a few operations (1 + e^{w₃}); its partial is the composition of their maps
along each way down to the operand, the ways added. Two forms are kept: in the arguments,
1 − tanh²(w₂), and with the step's own value where a row uses its output, 1 − w₃².
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symdiff.errors import InputError
from symdiff.expr import Expr, Sym
from symdiff.linear import IDENTITY, LinearMap, Scale
from symdiff.rules import RULES, Rule
from symdiff.tape import Step
from symdiff.tidy import tidy


@dataclass(frozen=True, slots=True)
class LocalPartial:
    """∂(step.var)/∂operand: `written` in the arguments, `short` with the output's name."""

    step: Sym
    operand: Sym
    written: LinearMap
    short: LinearMap


def local_partials(step: Step) -> tuple[LocalPartial, ...]:
    """The local partial of `step` in each of its operands, in order."""
    return tuple(
        LocalPartial(step.var, operand, _map(step.body, step.body, operand), _map(step.body, step.var, operand))
        for operand in step.operands
    )


def _map(body: Expr, output: Expr, operand: Sym) -> LinearMap:
    """The sum over the ways from `body` down to `operand`; never empty, the operand occurs."""
    first, *others = _ways(body, output, operand)
    for other in others:
        first = first.plus(other)
    return Scale(tidy(first.factor))


def _ways(node: Expr, output: Expr, operand: Sym) -> Iterator[Scale]:
    if node == operand:
        yield IDENTITY
        return
    rows: tuple[LinearMap, ...] = ()
    for position, arg in enumerate(node.args):
        for inner in _ways(arg, arg, operand):
            rows = rows or rule_of(node).partials(output, *node.args)
            outer = rows[position]
            assert isinstance(outer, Scale)
            yield outer.after(inner)


def rule_of(node: Expr) -> Rule:
    """The row of `node`'s operation; an operation without a row is an error that names it."""
    rule = RULES.get(node.op.name)
    if rule is None:
        way_out = "add a row in symdiff/rules.py"
        raise InputError(f"no rule for {node.op.name!r}", where=str(node), way_out=way_out)
    return rule
