"""Linear maps: what a local partial derivative *is*, read forwards by one mode and backwards by the other.

A map L sends a tangent u̇ to L·u̇; its transpose sends an adjoint w̄ to Lᵀ·w̄, with ⟨w̄, L·u̇⟩ = ⟨Lᵀ·w̄, u̇⟩.
Both sweeps use these two methods and nothing else, so no second table of derivatives can drift. `matrix`
writes the same map as a matrix, outputs by rows, where operand and result are scalars or vectors.
This module knows no operation's derivative and no tape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from symdiff import matrix as a
from symdiff.expr import ONE, Expr
from symdiff.leaves import ALL, Filled, eye, ones, zeros
from symdiff.matrix import inner, matmul, outer, transpose
from symdiff.notation import Op
from symdiff.shapes import Shape, Size, size
from symdiff.tidy import tidy


class LinearMap(Protocol):
    """A linear map written symbolically."""

    def apply(self, tangent: Expr) -> Expr:
        """L·u̇, written with the map in front."""

    def transpose(self, adjoint: Expr) -> Expr:
        """Lᵀ·w̄, written with the adjoint in front."""

    def matrix(self) -> Expr:
        """The map as a matrix, or as a factor where operand and result are scalars."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiplication of a scalar by the scalar c: u̇ ↦ c·u̇, w̄ ↦ w̄·c; as a matrix on vec(·), c·I."""

    factor: Expr

    def apply(self, tangent: Expr) -> Expr:
        return self.factor * tangent

    def transpose(self, adjoint: Expr) -> Expr:
        return adjoint * self.factor

    def matrix(self) -> Expr:
        return self.factor


IDENTITY = Scale(ONE)


@dataclass(frozen=True, slots=True)
class Elementwise:
    """diag(v): u̇ ↦ v∘u̇, w̄ ↦ v∘w̄, an operand of shape `inner` first spread over the shape `outer`.

    Going back, what was spread is summed.
    """

    slope: Expr
    inner: Shape
    outer: Shape

    def apply(self, tangent: Expr) -> Expr:
        spread = self.slope * tangent
        return spread if spread.shape == self.outer else spread * ones(self.outer)

    def transpose(self, adjoint: Expr) -> Expr:
        if self.inner == self.outer:
            return adjoint * self.slope
        return summed(adjoint * self.slope, self.inner)

    def matrix(self) -> Expr:
        if not self.inner:
            column = self.slope if self.slope.shape else self.slope * ones(self.outer)
            return Expr(a.COLUMN, column)
        if not self.slope.shape:
            return self.slope * eye(self.outer[0])
        return Expr(a.DIAG, self.slope)


def summed(node: Expr, shape: Shape) -> Expr:
    """`node` summed over the axes along which an operand of `shape` was spread."""
    if node.shape == shape:
        return node
    if not shape:
        return Expr(a.SUM, node)
    if len(shape) == 1:
        return Expr(a.SUM_DOWN, node)
    if shape[0] == 1 and shape[1] == 1:
        return Expr(a.COLUMN, Expr(a.STACK, Expr(a.SUM, node)))
    return Expr(a.ROW, Expr(a.SUM_DOWN, node)) if shape[0] == 1 else Expr(a.COLUMN, Expr(a.SUM_ACROSS, node))


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

    start: int
    stop: int
    after: int

    def apply(self, tangent: Expr) -> Expr:
        around = [zeros((size(n),)) if n else None for n in (self.start, self.after)]
        parts = [part for part in (around[0], tangent, around[1]) if part is not None]
        return Expr(a.CONCAT, *parts) if len(parts) > 1 else tangent

    def transpose(self, adjoint: Expr) -> Expr:
        return a.piece(adjoint, self.start, self.stop)

    def matrix(self) -> Expr:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Transposed:
    """Lᵀ as a map of its own."""

    of: LinearMap

    def apply(self, tangent: Expr) -> Expr:
        return self.of.transpose(tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        return self.of.apply(adjoint)

    def matrix(self) -> Expr:
        return transpose(self.of.matrix())


@dataclass(frozen=True, slots=True)
class Compose:
    """L∘M: the chain rule inside one step."""

    outer: LinearMap
    inner: LinearMap

    def apply(self, tangent: Expr) -> Expr:
        return self.outer.apply(self.inner.apply(tangent))

    def transpose(self, adjoint: Expr) -> Expr:
        return self.inner.transpose(self.outer.transpose(adjoint))

    def matrix(self) -> Expr:
        left, right = self.outer.matrix(), self.inner.matrix()
        return matmul(left, right) if left.shape and right.shape else left * right


@dataclass(frozen=True, slots=True)
class Plus:
    """L + M: an operand that acts in two ways."""

    one: LinearMap
    other: LinearMap

    def apply(self, tangent: Expr) -> Expr:
        return self.one.apply(tangent) + self.other.apply(tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        return self.one.transpose(adjoint) + self.other.transpose(adjoint)

    def matrix(self) -> Expr:
        return self.one.matrix() + self.other.matrix()


def composed(outer: LinearMap, inner: LinearMap) -> LinearMap:
    """L∘M, one factor where both are."""
    if isinstance(outer, Scale) and isinstance(inner, Scale):
        return Scale(tidy(outer.factor * inner.factor))
    if inner == IDENTITY or (isinstance(inner, Elementwise) and inner.slope == ONE and _keeps(inner)):
        return outer
    return Compose(outer, inner)


def _keeps(found: Elementwise) -> bool:
    return found.inner == found.outer


def added(one: LinearMap, other: LinearMap) -> LinearMap:
    """L + M, one factor where both are."""
    if isinstance(one, Scale) and isinstance(other, Scale):
        return Scale(tidy(one.factor + other.factor))
    return Plus(one, other)
