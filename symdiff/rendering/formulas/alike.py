"""Formulas that are printed alike, so that no equality repeats a member."""

from __future__ import annotations

from collections.abc import Iterable

from symdiff.expr.leaves import Grid
from symdiff.expr.letters import Letters
from symdiff.expr.tree import NEG, Expr, Num
from symdiff.rendering.formulas.latex import LatexPrinter


def are_alike(one: Expr, other: Expr, letters: Letters) -> bool:
    """Whether two neighbours in an equality are printed alike.

    Formulas of numbers that differ are printed in different ways; numbers themselves, with a sign in front,
    −(3) for −3, and arrays may not be.
    """
    if one == other:
        return True
    numbers = _is_number(one) and _is_number(other)
    arrays = bool(one.shape) or any(arg.shape for arg in (*one.args, *other.args))
    if not (numbers or arrays or isinstance(one, Grid)) or one.shape != other.shape:
        return False
    printer = LatexPrinter(letters=letters)
    return printer(one) == printer(other)


def _is_number(node: Expr) -> bool:
    return isinstance(node.args[0] if node.op is NEG else node, Num)


def without_repeats(members: Iterable[Expr], letters: Letters) -> tuple[Expr, ...]:
    """The members but those that are printed like the one before."""
    found: list[Expr] = []
    for member in members:
        if not found or not are_alike(found[-1], member, letters):
            found.append(member)
    return tuple(found)
