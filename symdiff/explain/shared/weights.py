"""The weights through which a name acts in a formula: W for h in tanh(U·x + W·h)."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.expr.operations import DOT
from symdiff.expr.tree import MATMUL, MUL, TRANSPOSE, Expr, Sym, postorder

PRODUCTS = (MUL, MATMUL, DOT)


def acting(formula: Expr, name: Sym, weights: Sequence[Sym]) -> tuple[Expr, ...]:
    """The weights that multiply `name` somewhere on its way to the root of `formula`."""
    found: dict[int, tuple[Expr, ...]] = {}
    for node in postorder(formula):
        if node == name:
            found[id(node)] = ()
            continue
        ways = [found[id(arg)] for arg in node.args if id(arg) in found]
        if not ways:
            continue
        beside = [arg for arg in node.args if id(arg) not in found] if node.op in PRODUCTS else []
        own = [arg for arg in beside if _bare(arg) in weights]
        found[id(node)] = tuple(dict.fromkeys([*own, *(w for way in ways for w in way)]))
    return found.get(id(formula), ())


def _bare(node: Expr) -> Expr:
    """A weight under its transpose sign."""
    return node.args[0] if node.op is TRANSPOSE else node
