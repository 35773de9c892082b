"""Identities of operations on arrays that a person applies without a word: (Aᵀ)ᵀ = A, (AB)ᵀ = BᵀAᵀ, I·x = x.

`rewritten` applies one identity to an operation whose arguments are tidy. It uses what the author assumes:
a symmetric matrix is its own transpose, the entries of a vector on the simplex add up to 1. Beside ⊗ a
vector stands for its column, and `ROW` for the row xᵀ. No derivative is known here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import starmap

from symdiff.expr import operations as a
from symdiff.expr.leaves import TRIANGLES, Filled, OneHot, entry_count, eye, ones
from symdiff.expr.notation import Op
from symdiff.expr.operations import kron, matmul, outer, transpose
from symdiff.expr.shapes import Shape, times
from symdiff.expr.tree import MATMUL, MUL, ONE, TRANSPOSE, Expr, Sym


def rewritten(op: Op, args: list[Expr]) -> Expr:
    """`op` of tidy arguments, rewritten by one identity; what comes out may be tidied further."""
    rewrite = _REWRITES.get(op)
    return rewrite(*args) if rewrite else Expr(op, *args)


def _is_filled(node: Expr, what: str) -> bool:
    return isinstance(node, Filled) and node.what == what


def is_assumed(node: Expr, what: str) -> bool:
    """Whether the author says that `node` is "symmetric", or on the "simplex"."""
    return isinstance(node, Sym) and node.assume == what


def _matmul(left: Expr, right: Expr) -> Expr:
    if _is_filled(left, "eye"):
        return right
    if _is_filled(right, "eye"):
        return left
    if len(left.shape) == 1:
        if len(right.shape) == 1:
            return _dot(left, right)
        return _matmul(_transpose(right), left)
    if left.op is a.DIAG and len(right.shape) == 1 and len(left.args[0].shape) == 1:
        return left.args[0] * right
    if _is_filled(right, "ones") and len(right.shape) == 1:
        return _sum_across(left)
    if left.op is a.COLUMN and right.op is a.ROW:
        return outer(left.args[0], right.args[0])
    if right.op is a.OUTER and len(left.shape) == 2:
        return outer(left @ right.args[0], right.args[1])
    if left.op is a.OUTER:
        column, row = left.args
        if len(right.shape) == 1:
            return Expr(a.DOT, row, right) * column
        return outer(column, transpose(right) @ row)
    if right.op is a.INV and right.args[0] == left:
        return eye(left.shape[0])
    return _mixed_product(left, right) or Expr(MATMUL, left, right)


def _transpose(node: Expr) -> Expr:
    if len(node.shape) < 2 or is_assumed(node, "symmetric") or _is_filled(node, "eye") or node.op is a.DIAG:
        return node
    if node.op is TRANSPOSE:
        return node.args[0]
    if node.op is MATMUL and all(len(arg.shape) == 2 for arg in node.args):
        return transpose(node.args[1]) @ transpose(node.args[0])
    if node.op is a.OUTER:
        return outer(node.args[1], node.args[0])
    if node.op is a.INV and is_assumed(node.args[0], "symmetric"):
        return node
    if _is_filled(node, "ones"):
        return ones(node.shape[::-1])
    if isinstance(node, Filled) and node.what in TRIANGLES:
        other = {"tril": "triu", "triu": "tril"}[node.what]
        return Filled(other, node.shape[::-1], -int(node.index))
    if node.op is a.COLUMN:
        return Expr(a.ROW, node.args[0])
    if node.op is a.ROW:
        return Expr(a.COLUMN, node.args[0])
    if node.op is a.KRON:
        return _transpose_kron(node)
    return Expr(TRANSPOSE, node)


def _dot(left: Expr, right: Expr) -> Expr:
    """⟨u, v⟩; a sum where one of them is 𝟏, a trace where it is I."""
    for one, other in ((left, right), (right, left)):
        if _is_filled(one, "ones"):
            return _sum(other)
        if _is_filled(one, "eye"):
            return Expr(a.TRACE, other)
        if isinstance(one, OneHot) and len(one.shape) == 1:
            return a.entry_at(other, one.index)
    return Expr(a.DOT if len(left.shape) == 1 else a.INNER, left, right)


def _sum(node: Expr) -> Expr:
    """𝟏ᵀu: the number of entries of 𝟏, one for a vector on the simplex, ⟨u, v⟩ of a product."""
    if _is_filled(node, "ones"):
        return entry_count(node.shape)
    if len(node.shape) == 1 and (
        is_assumed(node, "simplex") or node.op is a.SOFTMAX or isinstance(node, OneHot)
    ):
        return ONE
    if node.op is MUL and all(arg.shape == node.shape for arg in node.args):
        return Expr(a.DOT if len(node.shape) == 1 else a.INNER, *node.args)
    return Expr(a.SUM, node)


def _sum_across(node: Expr) -> Expr:
    """The sum of each row; one for rows on the simplex."""
    if is_assumed(node, "simplex") or node.op is a.SOFTMAX or isinstance(node, OneHot):
        return ones(node.shape[:1])
    if _is_filled(node, "ones"):
        return entry_count(node.shape[1:]) * ones(node.shape[:1])
    if node.op is a.COLUMN:
        return node.args[0]
    if node.op is MUL:
        return _column_taken_out(node) or Expr(a.SUM_ACROSS, node)
    return Expr(a.SUM_ACROSS, node)


def _column_taken_out(node: Expr) -> Expr | None:
    """Σⱼ cᵢVᵢⱼ = cᵢ·ΣⱼVᵢⱼ: a column as a factor of a sum of each row; None if there is none."""
    for column, rest in (node.args, node.args[::-1]):
        if column.op is a.COLUMN and rest.shape == node.shape:
            return column.args[0] * Expr(a.SUM_ACROSS, rest)
    return None


def _sum_down(node: Expr) -> Expr:
    """The sum of each column: 𝟏ᵀ(uvᵀ) = (𝟏ᵀu)·v."""
    if _is_filled(node, "ones"):
        return entry_count(node.shape[:1]) * ones(node.shape[1:])
    if node.op is a.OUTER:
        return Expr(a.SUM, node.args[0]) * node.args[1]
    return Expr(a.SUM_DOWN, node)


def _column(node: Expr) -> Expr:
    return ones((*node.shape, 1)) if _is_filled(node, "ones") else Expr(a.COLUMN, node)


def _diag(node: Expr) -> Expr:
    if node.op is a.OUTER:
        return node.args[0] * node.args[1]
    if _is_filled(node, "ones") and len(node.shape) == 1:
        return eye(node.shape[0])
    return Expr(a.DIAG, node)


def _trace(node: Expr) -> Expr:
    if node.op is a.OUTER:
        return Expr(a.DOT, *node.args)
    return entry_count(node.shape[:1]) if _is_filled(node, "eye") else Expr(a.TRACE, node)


def _kron(left: Expr, right: Expr) -> Expr:
    """I₁⊗A and A⊗I₁ are A."""
    whole = Expr(a.KRON, left, right)
    if _is_one(left) or _is_one(right):
        return _in_shape(right if _is_one(left) else left, whole.shape)
    return whole


def _is_one(node: Expr) -> bool:
    """Whether `node` is 1 as an array."""
    inside = node.args[0] if node.op in (a.ROW, a.COLUMN) else node
    return (_is_filled(inside, "eye") or _is_filled(inside, "ones")) and set(inside.shape) == {1}


def _in_shape(node: Expr, shape: Shape) -> Expr:
    """`node`, a vector as a column where a matrix is wanted."""
    return node if node.shape == shape else Expr(a.COLUMN, node)


def _transpose_kron(node: Expr) -> Expr:
    """(A⊗B)ᵀ = Aᵀ⊗Bᵀ."""
    return _in_shape(kron(*map(_transpose_factor, node.args)), node.shape[::-1])


def _transpose_factor(node: Expr) -> Expr:
    """The transpose of a factor of ⊗, where a vector is a column."""
    if node.op is a.ROW:
        return node.args[0]
    return transpose(node) if len(node.shape) == 2 else Expr(a.ROW, node)


def _mixed_product(left: Expr, right: Expr) -> Expr | None:
    """(A⊗B)(C⊗D) as (AC)⊗(BD) where one of the four is I, also where other factors stand around them."""
    before, after = _chain(left), _chain(right)
    one, other = before.pop(), after.pop(0)
    if one.op is not a.KRON or other.op is not a.KRON:
        return None
    pairs = list(zip(one.args, other.args, strict=True))
    units = any(_is_filled(arg, "eye") for pair in pairs for arg in pair)
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


def _vec(node: Expr) -> Expr:
    """vec(A) of a vector, a row or a column is the vector."""
    if node.op in (a.ROW, a.COLUMN):
        return node.args[0]
    if _is_filled(node, "ones"):
        return ones((times(*node.shape),))
    return Expr(a.VEC, node) if len(node.shape) == 2 else node


_REWRITES: dict[Op, Callable[..., Expr]] = {
    MATMUL: _matmul,
    TRANSPOSE: _transpose,
    a.DOT: _dot,
    a.INNER: _dot,
    a.SUM: _sum,
    a.SUM_ACROSS: _sum_across,
    a.TRACE: _trace,
    a.SUM_DOWN: _sum_down,
    a.DIAG: _diag,
    a.COLUMN: _column,
    a.KRON: _kron,
    a.VEC: _vec,
}
