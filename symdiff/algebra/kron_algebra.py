"""Light algebra of A⊗B and vec(A): factors 1 are dropped, (A⊗B)ᵀ is Aᵀ⊗Bᵀ, (A⊗B)(C⊗D) is (AC)⊗(BD).

Beside ⊗ a vector stands for its column, and `ROW` for the row xᵀ. Part of `algebra`; no derivative is known.
"""

from __future__ import annotations

from functools import reduce
from itertools import starmap

from symdiff.expr import operations as a
from symdiff.expr.leaves import Filled, ones
from symdiff.expr.operations import kron, matmul, outer, transpose
from symdiff.expr.shapes import Shape, times
from symdiff.expr.tree import MATMUL, Expr


def _is(node: Expr, what: str) -> bool:
    return isinstance(node, Filled) and node.what == what


def transposed_kron(node: Expr) -> Expr:
    """(A⊗B)ᵀ = Aᵀ⊗Bᵀ."""
    return _in_shape(kron(*map(_turned, node.args)), node.shape[::-1])


def _turned(node: Expr) -> Expr:
    """The transpose of a factor of ⊗, where a vector is a column."""
    if node.op is a.ROW:
        return node.args[0]
    return transpose(node) if len(node.shape) == 2 else Expr(a.ROW, node)


def _in_shape(node: Expr, shape: Shape) -> Expr:
    """`node`, a vector as a column where a matrix is wanted."""
    return node if node.shape == shape else Expr(a.COLUMN, node)


def rewritten_kron(left: Expr, right: Expr) -> Expr:
    """I₁⊗A and A⊗I₁ are A."""
    whole = Expr(a.KRON, left, right)
    if _is_one(left) or _is_one(right):
        return _in_shape(right if _is_one(left) else left, whole.shape)
    return whole


def _is_one(node: Expr) -> bool:
    """Whether `node` is 1 as an array."""
    inside = node.args[0] if node.op in (a.ROW, a.COLUMN) else node
    return (_is(inside, "eye") or _is(inside, "ones")) and set(inside.shape) == {1}


def rewritten_vec(node: Expr) -> Expr:
    """vec(A): a vector, a row and a column are their own."""
    if node.op in (a.ROW, a.COLUMN):
        return node.args[0]
    if _is(node, "ones"):
        return ones((times(*node.shape),))
    return Expr(a.VEC, node) if len(node.shape) == 2 else node


def mixed_product(left: Expr, right: Expr) -> Expr | None:
    """(A⊗B)(C⊗D) as (AC)⊗(BD) where one of the four is I, also where other factors stand around them."""
    before, after = _chain(left), _chain(right)
    one, other = before.pop(), after.pop(0)
    if one.op is not a.KRON or other.op is not a.KRON:
        return None
    pairs = list(zip(one.args, other.args, strict=True))
    units = any(_is(arg, "eye") for pair in pairs for arg in pair)
    if not units or not all(starmap(_fit, pairs)):
        return None
    joined = _in_shape(kron(*starmap(_times_in_kron, pairs)), one.shape[:1] + other.shape[1:])
    return reduce(matmul, [*before, joined, *after])


def _chain(node: Expr) -> list[Expr]:
    """The factors of a product of matrices."""
    found, stack = list[Expr](), [node]
    while stack:
        top = stack.pop()
        if top.op is MATMUL and all(len(arg.shape) == 2 for arg in top.args):
            stack.extend(reversed(top.args))
        else:
            found.append(top)
    return found


def _fit(left: Expr, right: Expr) -> bool:
    """Whether factors of ⊗ have a product that is an array; a vector there is a column."""
    if len(left.shape) == 1:
        return right.op is a.ROW
    return left.shape[1] == right.shape[0] and (len(right.shape) == 2 or left.shape[0] != 1)


def _times_in_kron(left: Expr, right: Expr) -> Expr:
    return outer(left, right.args[0]) if len(left.shape) == 1 else left @ right
