"""The spaces that variables are elements of: ℝ, ℝⁿ, ℝ^{m×n}. Stated beside a formula, not claimed by one."""

from __future__ import annotations

from symdiff.expr.leaves import size_expr
from symdiff.expr.notation import Binding, pattern
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import Expr

REALS = pattern("reals", r"\mathbb{{R}}", "ℝ", arity=0)
REAL_SPACE = pattern("real space", r"\mathbb{{R}}^{{{0}}}", "ℝ^{0}", inner=Binding.ATOM)
MATRIX_SPACE = pattern("matrix space", r"\mathbb{{R}}^{{{0} \times {1}}}", "ℝ^({0}×{1})", arity=2)
ELEMENT = pattern("element", r"{0} \in {1}", "{0} ∈ {1}", Binding.LOOSEST, arity=2)


EQUAL = pattern("equal", "{0} = {1}", "{0} = {1}", Binding.LOOSEST, arity=2)
"""A condition or a convention, u = v: stated, not claimed."""


def space(shape: Shape) -> Expr:
    """The space of arrays of a shape."""
    sizes = [size_expr(part) for part in shape]
    if not sizes:
        return Expr(REALS)
    return Expr(REAL_SPACE if len(sizes) == 1 else MATRIX_SPACE, *sizes)
