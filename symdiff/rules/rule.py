"""The record of one row of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.expr.notation import Op
from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr, ExprLike, as_expr
from symdiff.rules.linear_maps import Elementwise, LinearMap, Scale


@dataclass(frozen=True, slots=True)
class Rule:
    """One operation: its value and its local partials.

    `value(m, u, …)` computes in a numeric context `m`. The partials are `slopes(w, u, …)`, one expression
    ∂w/∂u for each argument of an operation on numbers, applied entry by entry to arrays (None for an argument
    that nothing moves with: a condition, or an order); or `maps(w, u, …)`, one linear map for each argument
    of an operation on arrays (None for an argument that is an index). A row with neither is not
    differentiated. `kink(u, …)` are two expressions, equal where there is no derivative.
    `sympy(s, u, …)` makes the operation in SymPy, `s`, if that has no function of the same name; `formula`
    says that it is made of several functions there. `entries(u, …)` writes an operation on arrays entry by
    entry. `aliases` are other names; `internal` rows cannot be called by the user.
    """

    op: Op
    value: Callable[..., Any]
    slopes: Callable[..., tuple[ExprLike | None, ...]] | None = None
    kink: Callable[..., tuple[ExprLike, ExprLike]] | None = None
    sympy: Callable[..., Any] | None = None
    aliases: tuple[str, ...] = ()
    internal: bool = False
    formula: bool = False
    maps: Callable[..., tuple[LinearMap | None, ...]] | None = None
    entries: Callable[..., Any] | None = None

    def partials(self, output: Expr, *args: Expr) -> tuple[LinearMap | None, ...]:
        """The local partial of each argument, as a linear map."""
        if self.maps is not None:
            return self.maps(output, *args)
        assert self.slopes is not None
        slopes = [None if slope is None else as_expr(slope) for slope in self.slopes(output, *args)]
        if not output.shape:
            return tuple(None if slope is None else Scale(slope) for slope in slopes)
        return tuple(
            None if slope is None else Elementwise(slope, arg.shape, output.shape)
            for slope, arg in zip(slopes, args, strict=True)
        )
