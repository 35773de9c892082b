"""Local partials of a step: ∂w_i/∂w_j from the rows of the table, in the names of the step alone.

A textbook step may hold a few operations (1 + e^{w₃}); its partial is the composition of their maps
along each way down to the operand, the ways added. Two forms are kept: in the arguments,
1 − tanh²(w₂), and with the step's own value where a row uses its output, 1 − w₃².
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from symdiff.errors import InputError
from symdiff.expr import Expr, Sym, substitute
from symdiff.linear import IDENTITY, LinearMap, Scale
from symdiff.rules import RULES, Rule
from symdiff.tape import Step
from symdiff.tidy import tidy

_OUTPUT = Sym("u_out")


@dataclass(frozen=True, slots=True)
class LocalPartial:
    """∂(step.var)/∂operand: `written` in the arguments, `short` with the output's name."""

    step: Sym
    operand: Sym
    written: LinearMap
    short: LinearMap


def local_partials(step: Step) -> tuple[LocalPartial, ...]:
    """The local partial of `step` in each of its operands, in order."""
    body, slots = kind_of(step)
    names: dict[Expr, Expr] = dict(zip(slots, step.operands, strict=True))
    names[_OUTPUT] = step.var
    kind = _of_kind(body, slots)
    return tuple(
        LocalPartial(step.var, operand, _renamed(written, names), _renamed(short, names))
        for operand, (written, short) in zip(step.operands, kind, strict=True)
    )


def kind_of(step: Step) -> tuple[Expr, tuple[Sym, ...]]:
    """The kind of a step: its body in placeholders u_0, u_1, …; steps of one kind share their partials."""
    slots = tuple(Sym(f"u_{i}") for i in range(len(step.operands)))
    return substitute(step.body, dict(zip(step.operands, slots, strict=True))), slots


@lru_cache(maxsize=4096)
def _of_kind(body: Expr, operands: tuple[Sym, ...]) -> tuple[tuple[Scale, Scale], ...]:
    """The partials of a kind of step, computed once: `body` in placeholders, by each of them."""
    return tuple((_map(body, body, operand), _short(body, operand)) for operand in operands)


def _short(body: Expr, operand: Sym) -> Scale:
    """The partial with the step's own value put in wherever it stands."""
    factor = _map(body, _OUTPUT, operand).factor
    return Scale(tidy(substitute(factor, {body: _OUTPUT}))) if body.args else Scale(factor)


def _renamed(scale: Scale, names: Mapping[Expr, Expr]) -> Scale:
    return Scale(substitute(scale.factor, names))


def _map(body: Expr, output: Expr, operand: Sym) -> Scale:
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
