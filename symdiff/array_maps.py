"""The linear maps that operations on arrays need: products by a matrix, sums, moves, picking and placing.

Each has the two directions of `linear.LinearMap`, and its matrix where operand and result are scalars or
vectors. No operation's derivative and no tape is known here.
"""

from __future__ import annotations

from dataclasses import dataclass

from symdiff import matrix as a
from symdiff.expr import Expr
from symdiff.leaves import ALL, Filled, ones, zeros
from symdiff.matrix import inner, matmul, outer, transpose
from symdiff.notation import Op
from symdiff.shapes import Shape, Size, size


@dataclass(frozen=True, slots=True)
class LeftMul:
    """u̇ ↦ A·u̇, w̄ ↦ Aᵀ·w̄; on vec(·), I⊗A."""

    factor: Expr

    def apply(self, tangent: Expr) -> Expr:
        return matmul(self.factor, tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        if len(self.factor.shape) == 2:
            return matmul(transpose(self.factor), adjoint)
        return outer(self.factor, adjoint) if adjoint.shape else adjoint * self.factor

    def matrix(self) -> Expr:
        return self.factor if len(self.factor.shape) == 2 else Expr(a.ROW, self.factor)


@dataclass(frozen=True, slots=True)
class RightMul:
    """u̇ ↦ u̇·B, w̄ ↦ w̄·Bᵀ; on vec(·), Bᵀ⊗I."""

    factor: Expr

    def apply(self, tangent: Expr) -> Expr:
        return matmul(tangent, self.factor)

    def transpose(self, adjoint: Expr) -> Expr:
        if len(self.factor.shape) == 2:
            back = len(adjoint.shape) == 2
            return matmul(adjoint, transpose(self.factor)) if back else matmul(self.factor, adjoint)
        return outer(adjoint, self.factor) if adjoint.shape else adjoint * self.factor

    def matrix(self) -> Expr:
        return transpose(self.factor) if len(self.factor.shape) == 2 else Expr(a.ROW, self.factor)


@dataclass(frozen=True, slots=True)
class Inner:
    """To a scalar: u̇ ↦ ⟨V, u̇⟩, w̄ ↦ w̄·V; as a matrix, vec(V)ᵀ."""

    factor: Expr

    def apply(self, tangent: Expr) -> Expr:
        return inner(self.factor, tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        return adjoint * self.factor

    def matrix(self) -> Expr:
        return Expr(a.ROW, self.factor)


@dataclass(frozen=True, slots=True)
class RowInner:
    """Row by row to a scalar: u̇ ↦ (⟨vᵢ, u̇ᵢ⟩)ᵢ, w̄ ↦ diag(w̄)·V."""

    factor: Expr

    def apply(self, tangent: Expr) -> Expr:
        return Expr(a.SUM_ACROSS, self.factor * tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        return Expr(a.COLUMN, adjoint) * self.factor

    def matrix(self) -> Expr:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Rearrange:
    """A map that only moves entries: u̇ ↦ op(u̇), w̄ ↦ back(w̄), such as transposition and diag."""

    op: Op
    back: Op

    def apply(self, tangent: Expr) -> Expr:
        return Expr(self.op, tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        return Expr(self.back, adjoint)

    def matrix(self) -> Expr:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class AxisSum:
    """The sum over one axis of a matrix of `shape`; going back, every entry of the axis gets the adjoint."""

    op: Op
    shape: Shape

    def apply(self, tangent: Expr) -> Expr:
        return Expr(self.op, tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        if self.op is a.SUM_DOWN:
            return outer(ones(self.shape[:1]), adjoint)
        return outer(adjoint, ones(self.shape[1:]))

    def matrix(self) -> Expr:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Select:
    """u̇ ↦ u̇[picks], w̄ ↦ w̄ put back at its place among zeros."""

    picks: tuple[Expr, ...]
    shape: Shape

    def apply(self, tangent: Expr) -> Expr:
        return Expr(a.INDEX, tangent, *self.picks)

    def transpose(self, adjoint: Expr) -> Expr:
        units = [unit(size, pick) for size, pick in zip(self.shape, self.picks, strict=False)]
        if len(self.shape) == 1:
            assert units[0] is not None
            return adjoint * units[0]
        row, column = (*units, None)[:2]
        if row is not None and column is not None:
            return adjoint * outer(row, column)
        if row is not None:
            return outer(row, adjoint)
        assert column is not None
        return outer(adjoint, column)

    def matrix(self) -> Expr:
        picked = unit(self.shape[0], self.picks[0])
        assert picked is not None
        return Expr(a.ROW, picked)


def unit(size: Size, pick: Expr) -> Expr | None:
    """The unit vector of an index; None for a whole axis."""
    return None if pick is ALL else Filled("unit", (size,), int(str(pick)))


@dataclass(frozen=True, slots=True)
class Part:
    """A vector's part of a longer one: u̇ ↦ (0, u̇, 0), w̄ ↦ w̄[start:stop], with `after` entries behind."""

    start: Size
    stop: Size
    after: Size

    def apply(self, tangent: Expr) -> Expr:
        around = [zeros((size(n),)) if n != 0 else None for n in (self.start, self.after)]
        parts = [part for part in (around[0], tangent, around[1]) if part is not None]
        return Expr(a.CONCAT, *parts) if len(parts) > 1 else tangent

    def transpose(self, adjoint: Expr) -> Expr:
        return a.piece(adjoint, self.start, self.stop)

    def matrix(self) -> Expr:
        raise NotImplementedError
