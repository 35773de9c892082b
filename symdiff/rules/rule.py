"""What a row of the rule table says about one operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symdiff.expr.notation import Op
from symdiff.expr.tree import Expr, ExprLike, as_expr
from symdiff.rules.linear_maps import Elementwise, LinearMap, Scale


@dataclass(frozen=True, slots=True)
class Rule:
    """One operation: its value, its local partials and the place `kink(u, …)` if it has one.

    `value(m, u, …)` computes in a numeric context. The partials are `slopes(w, u, …)`, one expression
    ∂w/∂u for each argument of an operation on numbers, applied entry by entry to arrays; or `maps(w, u, …)`,
    one linear map for each argument of an operation on arrays (None for an argument that is an index).
    `sympy` says the operation in SymPy's terms where SymPy has no function of the same name; `formula`
    marks those that are a formula there, not a function. `entries(u, …)` writes an operation on arrays
    entry by entry. A row without partials only writes derivatives. `aliases` are other names; `internal`
    rows occur in derivatives only.
    """

    op: Op
    value: Callable[..., Any]
    slopes: Callable[..., tuple[ExprLike, ...]] | None = None
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
        slopes = map(as_expr, self.slopes(output, *args))
        if not output.shape:
            return tuple(Scale(slope) for slope in slopes)
        pairs = zip(slopes, args, strict=True)
        return tuple(Elementwise(slope, arg.shape, output.shape) for slope, arg in pairs)
