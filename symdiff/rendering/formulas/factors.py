"""What the factors of a product look like to the eye: names, numbers, fractions, sums."""

from __future__ import annotations

from symdiff.expr.leaves import Alias
from symdiff.expr.names import GREEK, split_name
from symdiff.expr.operations import DIRECT, IMMEDIATE, INDEX
from symdiff.expr.tree import ADD, MUL, ONE, PARTIAL, POW, SUB, Expr, Num, Sym


def is_accented(node: Expr) -> bool:
    return isinstance(node, Sym) and bool(node.accent)


def is_summation(node: Expr) -> bool:
    return node.op.notation.kind == "summation"


def is_fraction(node: Expr) -> bool:
    return node.op in (PARTIAL, IMMEDIATE, DIRECT)


def are_names(left: Expr, right: Expr) -> bool:
    return (isinstance(left, Num) or is_name(left)) and is_name(right)


def is_name(node: Expr) -> bool:
    return isinstance(node, Sym | Alias) or node.op is INDEX


def is_word(node: Expr) -> bool:
    """A name of several letters, as rate, which would run into a neighbour."""
    if not isinstance(node, Sym):
        return False
    stem = split_name(node.name)[0]
    return len(stem) > 1 and stem not in GREEK


def starts_with_number(node: Expr) -> bool:
    while node.op in (MUL, POW):
        node = node.args[0]
    return isinstance(node, Num)


def scaled(root: Expr) -> tuple[Expr, Expr] | None:
    """2u/m as 2/m and u, where u is an array or a sum over indices and m a number."""
    over, under = root.args
    if under.shape:
        return None
    numbers: Expr = ONE
    rest = over
    while rest.op is MUL and not rest.args[0].shape and (rest.shape or is_summation(rest.args[1])):
        numbers = rest.args[0] if numbers is ONE else numbers * rest.args[0]
        rest = rest.args[1]
    if numbers is ONE and not is_summation(rest):
        return None
    if rest.op is MUL or rest.op in (ADD, SUB) or not (rest.shape or is_summation(rest)):
        return None
    return numbers / under, rest
