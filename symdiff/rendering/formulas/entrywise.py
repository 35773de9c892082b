"""Entries with letters for indices, and where brackets stand among products of arrays."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.expr import operations as a
from symdiff.expr.leaves import Filled
from symdiff.expr.notation import Binding, Notation, Op
from symdiff.expr.operations import is_array
from symdiff.expr.tree import TRANSPOSE, Expr, Num, Sym

PRODUCTS = {"matmul", "inner", "outer", "down", "across", "as_column", "as_row"}
ENTRY = Op("entry", None, Notation("entry", "", "", Binding.ATOM), lambda name, args: ())
"""An entry with letters for its indices, inside a sum: u_i."""


def indexed(node: Expr, letters: tuple[str, ...]) -> Expr:
    """The entry of `node` at letters, going into operations that act entry by entry."""
    if not node.shape:
        return node
    own = letters[len(letters) - len(node.shape) :]
    if isinstance(node, Filled) and node.what == "ones":
        return Num(1)
    if node.args and not is_array(node.op) and 1 not in node.shape:
        return Expr(node.op, *(indexed(arg, own) for arg in node.args))
    if node.op is TRANSPOSE and len(node.shape) == 2:
        return indexed(node.args[0], own[::-1])
    if node.op is a.COLUMN:
        return indexed(node.args[0], own[:1])
    return Expr(ENTRY, node, *(Sym(letter) for letter in own))


def needs_brackets(node: Expr, others: Sequence[Expr], last: bool) -> bool:
    """Whether a matrix product stands in brackets among the factors of an ordinary product."""
    if node.op.notation.kind in ("summation", "mean"):
        return not last
    if node.op.notation.kind not in PRODUCTS:
        return False
    return not last or any(other.shape for other in others)


def is_diagonal_product(left: Expr, right: Expr) -> bool:
    """v𝟏ᵀ ∘ M, which is diag(v)·M."""
    return left.op is a.COLUMN and len(right.shape) == 2 and right.op is not a.COLUMN and 1 not in right.shape
