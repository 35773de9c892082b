"""Local partials between matrices as matrices: ∂vec(h)/∂vec(U) = diag(1 − h²)·(xᵀ⊗I) for h = tanh(Ux).

vec puts the columns below one another. The forms are those of the linear maps; no operation and no tape is
known here.
"""

from __future__ import annotations

from symdiff.expr import ONE, Expr, Sym
from symdiff.local import local_partials
from symdiff.matrix import COLUMN, ROW, vec
from symdiff.tape import Step
from symdiff.tidy import tidy


def vec_partial(step: Step, operand: Sym, short: bool = True) -> Expr:
    """∂vec(step.var)/∂vec(operand), a row for each entry of the step; a number between numbers.

    By a number it is the column vec(L·1), of a number the row vec(Lᵀ·1)ᵀ. The step's own value is used where
    people write it, as in 1 − h²; not `short` is in the arguments alone.

    Raises:
        NoFormError: there is no notation for it that people share, as for a transposed matrix.
    """
    partial = next(p for p in local_partials(step) if p.operand == operand)
    found = partial.short if short else partial.written
    if operand.shape and step.var.shape:
        return tidy(found.vec(operand.shape))
    if operand.shape:
        return tidy(Expr(ROW, vec(found.transpose(ONE))))
    return Expr(COLUMN, tidy(vec(found.apply(ONE)))) if step.var.shape else tidy(found.vec(()))
