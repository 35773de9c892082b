"""Transposes and inverses carried inwards: (AB + C)ᵀ is BᵀAᵀ + Cᵀ, (X⁻¹)⁻¹ is X.

(XᵀCX)ᵀ is XᵀCX where C is symmetric. In products A⁻¹ and A cancel where they are neighbours. Entries are
not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import is_

from symdiff.algebra.tidy import tidy
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled, eye
from symdiff.expr.operations import matmul
from symdiff.expr.shapes import elementwise
from symdiff.expr.tree import Expr, Sym, postorder


class MatrixProducts:
    """Carries transposes inwards; `definitions` say which names are symmetric."""

    def __init__(self, definitions: Mapping[Sym, Expr]) -> None:
        self.definitions = definitions
        self._symmetric: dict[Expr, bool] = {}

    def __call__(self, form: Expr) -> Expr:
        """`form` with no transpose of a product, a sum or an inverse, and no neighbours that cancel."""
        found: dict[int, Expr] = {}
        for node in postorder(form):
            found[id(node)] = self._node(node, [found[id(arg)] for arg in node.args]) if node.args else node
        return found[id(form)]

    def is_symmetric(self, node: Expr) -> bool:
        """Whether a square matrix is its own transpose, by what is assumed and how it is defined."""
        if len(node.shape) != 2 or node.shape[0] != node.shape[1]:
            return False
        if node not in self._symmetric:
            self._symmetric[node] = False  # while it is looked at
            self._symmetric[node] = self._is_symmetric(node)
        return self._symmetric[node]

    def _is_symmetric(self, node: Expr) -> bool:
        if isinstance(node, Sym):
            formula = self.definitions.get(node)
            return node.assume == "symmetric" or (
                formula is not None and self.is_symmetric(tidy(self(formula)))
            )
        if isinstance(node, Filled):
            return node.what in ("eye", "ones", "zeros")
        if node.op is a.DIAG:
            return True
        if node.op is a.INV:
            return self.is_symmetric(node.args[0])
        if node.op is a.OUTER:
            return node.args[0] == node.args[1]
        if node.op is e.ADD and _same_up_to_order(self._transposed(node), node):
            return True
        if node.op.shape is elementwise and node.args:
            return all(not arg.shape or self.is_symmetric(arg) for arg in node.args)
        return node.op is e.MATMUL and self._transposed(node) == self._product(node)

    def _node(self, node: Expr, args: list[Expr]) -> Expr:
        if node.op is e.TRANSPOSE:
            return self._transposed(args[0])
        if node.op is a.INV:
            return self._inverse(args[0])
        whole = node if all(map(is_, args, node.args)) else Expr(node.op, *args)
        return self._product(whole) if node.op is e.MATMUL else whole

    def _inverse(self, node: Expr) -> Expr:
        if node.op is a.INV:
            return node.args[0]
        return Expr(a.INV, node.args[0]).T if node.op is e.TRANSPOSE else Expr(a.INV, node)

    def _transposed(self, node: Expr) -> Expr:
        if len(node.shape) < 2:
            return node
        if node.op is e.TRANSPOSE:
            return node.args[0]
        if node.op is e.NEG:
            return -self._transposed(node.args[0])
        if node.op is e.MATMUL and all(len(arg.shape) == 2 for arg in node.args):
            left, right = node.args
            return self._product(self._transposed(right) @ self._transposed(left))
        is_even = all(arg.shape in ((), node.shape) for arg in node.args)
        if is_even and node.op in (e.ADD, e.SUB, e.MUL, e.DIV):
            return Expr(node.op, *map(self._transposed, node.args))
        if node.op is not e.ADD and node.op is not e.MATMUL and self.is_symmetric(node):
            return node
        return tidy(node.T)

    def _product(self, node: Expr) -> Expr:
        """A product of matrices from the left, without neighbours that cancel."""
        found: list[Expr] = []
        for factor in _chain(node):
            if found and _cancel(found[-1], factor):
                found.pop()
            else:
                found.append(factor)
        if not found:
            return eye(node.shape[0])
        return reduce(matmul, found)


def _chain(node: Expr) -> list[Expr]:
    """The factors of a product; a vector may stand at its end, or alone at its beginning."""
    if node.op is not e.MATMUL or len(node.args[0].shape) == 1:
        return [node]
    left, right = node.args
    return [*_chain(left), *(_chain(right) if len(right.shape) == 2 or right.op is e.MATMUL else [right])]


def _cancel(left: Expr, right: Expr) -> bool:
    """Whether two neighbours are A⁻¹ and A, or A⁻ᵀ and Aᵀ."""
    if left.op is e.TRANSPOSE and right.op is e.TRANSPOSE:
        left, right = left.args[0], right.args[0]
    return (left.op is a.INV and left.args[0] == right) or (right.op is a.INV and right.args[0] == left)


def _same_up_to_order(one: Expr, other: Expr) -> bool:
    return one == other or (one.op is other.op is e.ADD and one.args == other.args[::-1])
