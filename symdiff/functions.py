"""The functions of the table for use in Python functions that are traced: `sin(x)` of a symbol is a step.

    import symdiff as sd
    from symdiff.functions import exp          # or *
    tape = sd.trace(lambda x, a: 1/(1 + exp(-a*x)))

The names are those of `symdiff list --functions`; this module has one attribute for each row and no list
of its own. Constants are expressions: `pi`. A function with the name of one of Python's, as `max` or `sum`,
is that of Python where no argument is a symbol, so that an import of all changes no other line.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from symdiff.errors import InputError
from symdiff.expr.tree import Expr, ExprLike, as_expr
from symdiff.language.reader import FILLED_ARRAYS, filled
from symdiff.rules.table import functions


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return _names()
    if name in FILLED_ARRAYS:
        return _named(name, lambda *sizes: filled(name, [as_expr(size) for size in sizes]))
    rule = functions().get(name)
    if rule is None:
        raise AttributeError(f"no function {name!r}; known: {', '.join(_names())}")
    op = rule.op
    if op.arity == 0:
        return Expr(op)
    python_own = getattr(builtins, name, None)

    def apply(*args: ExprLike, **options: Any) -> Any:
        if python_own is not None and not any(isinstance(arg, Expr) for arg in args):
            return python_own(*args, **options)
        if options:
            raise InputError(f"{name} of symbols takes no options", way_out="write the function as a text")
        if not args or (op.arity is not None and len(args) != op.arity):
            raise InputError(f"{name} takes {_counted(op.arity)}, not {len(args)}")
        return Expr(op, *map(as_expr, args))

    return _named(name, apply)


def _counted(arity: int | None) -> str:
    return "arguments" if arity is None else f"{arity} argument{'s' * (arity != 1)}"


def _named(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = name
    return function


def _names() -> list[str]:
    return sorted({*functions(), *FILLED_ARRAYS})


if not TYPE_CHECKING:

    def __dir__() -> list[str]:
        return _names()
