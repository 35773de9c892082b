"""Local partials between matrices as matrices: ∂vec(h)/∂vec(U) = diag(1 − h²)·(xᵀ⊗I) for h = tanh(Ux).

vec puts the columns below one another. The forms are those of the linear maps; no operation and no tape is
known here.
"""

from __future__ import annotations

from dataclasses import replace

from symdiff.algebra.tidy import tidy
from symdiff.expr.operations import COLUMN, ROW, vec
from symdiff.expr.tree import MATMUL, ONE, TRANSPOSE, Expr, Sym, postorder, substitute
from symdiff.tape.partials import local_partials
from symdiff.tape.tape import Step


def _turned(step: Step) -> Step:
    """Aᵀx as xᵀA, and xᵀAᵀ as Ax: the same vector, whose partial by A has a form."""
    found: dict[Expr, Expr] = {}
    for node in postorder(step.body):
        if node.op is MATMUL and len(node.shape) == 1:
            left, right = (found.get(arg, arg) for arg in node.args)
            if left.op is TRANSPOSE or right.op is TRANSPOSE:
                sides = (right, left.args[0]) if left.op is TRANSPOSE else (right.args[0], left)
                found[node] = Expr(MATMUL, *sides)
    return replace(step, body=substitute(step.body, found)) if found else step


def vec_partial(step: Step, operand: Sym, short: bool = True) -> Expr:
    """∂vec(step.var)/∂vec(operand), a row for each entry of the step; a number between numbers.

    By a number it is the column vec(L·1), of a number the row vec(Lᵀ·1)ᵀ. The step's own value is used where
    people write it, as in 1 − h²; not `short` is in the arguments alone.

    Raises:
        NoFormError: there is no notation for it that people share, as for a transposed matrix.
    """
    partial = next(p for p in local_partials(_turned(step)) if p.operand == operand)
    found = partial.short if short else partial.written
    if operand.shape and step.var.shape:
        return tidy(found.vec(operand.shape))
    if operand.shape:
        return tidy(Expr(ROW, vec(found.transpose(ONE))))
    return Expr(COLUMN, tidy(vec(found.apply(ONE)))) if step.var.shape else tidy(found.vec(()))
