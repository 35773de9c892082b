"""The functions of the table for use in Python functions that are traced: `sin(x)` of a symbol is a step.

    import symdiff as sd
    from symdiff.functions import exp
    tape = sd.trace(lambda x, a: 1/(1 + exp(-a*x)))

The names are those of `symdiff list --functions`; this module has one attribute for each row and no list
of its own. Constants are expressions: `pi`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from symdiff.errors import InputError
from symdiff.expr.tree import Expr, ExprLike, as_expr
from symdiff.rules.table import functions


def __getattr__(name: str) -> Callable[..., Expr] | Expr:
    rule = functions().get(name)
    if rule is None:
        raise AttributeError(f"no function {name!r}; known: {', '.join(sorted(functions()))}")
    op = rule.op
    if op.arity == 0:
        return Expr(op)

    def apply(*args: ExprLike) -> Expr:
        if len(args) != op.arity:
            raise InputError(f"{name} takes {op.arity} arguments, not {len(args)}")
        return Expr(op, *map(as_expr, args))

    apply.__name__ = name
    return apply


if not TYPE_CHECKING:

    def __dir__() -> list[str]:
        return sorted(functions())
