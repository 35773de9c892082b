"""When two forms are the same to a reader: equal but for the order of factors."""

from __future__ import annotations

from collections import Counter

from symdiff.expr.tree import ADD, MUL, NEG, SUB, Expr


def same_up_to_order(one: Expr, other: Expr) -> bool:
    """Whether two forms are the same but for the order of factors: not worth a member of its own."""
    if one.op is MUL and other.op is MUL:
        return Counter(_factors(one)) == Counter(_factors(other))
    if not one.args or one.op not in (ADD, SUB, NEG):
        return one == other
    pairs = zip(one.args, other.args, strict=False)
    return one.op is other.op and all(same_up_to_order(a, b) for a, b in pairs)


def _factors(product: Expr) -> list[Expr]:
    """The factors of a product; a number times the rest counts as factors of its own."""
    if product.op is not MUL:
        return [product]
    return _factors(product.args[0]) + _factors(product.args[1])
