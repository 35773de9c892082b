"""Local partials between numbers as people write them: over one denominator where that is shorter."""

from __future__ import annotations

from symdiff.algebra.tidy import tidy
from symdiff.derivation.closed_form import shortest
from symdiff.expr.tree import DIV, Expr, count_operations, postorder
from symdiff.tape.partials import LocalPartial

WORTH = 2
"""So many operations less are worth another form than the rule's own."""


def short_factor(partial: LocalPartial) -> Expr:
    """The local partial of a number by a number, over one denominator where that is clearly shorter."""
    own = tidy(partial.short.matrix())
    if sum(node.op is DIV for node in postorder(own)) < 2:
        return own
    found = shortest(own)
    return found if count_operations(found) + WORTH <= count_operations(own) else own


def carried_back(partial: LocalPartial, adjoint: Expr) -> Expr:
    """(∂u/∂v)ᵀ[∂L/∂u], between numbers with the short factor where there is one."""
    plain = partial.short.transpose(adjoint)
    if not partial.is_scalar:
        return plain
    factor = short_factor(partial)
    return plain if factor == tidy(partial.short.matrix()) else adjoint * factor
