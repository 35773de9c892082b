"""Linear maps: what a local partial derivative *is*, read forwards by one mode and backwards by the other.

A map L sends a tangent u̇ to L·u̇; its transpose sends an adjoint w̄ to Lᵀ·w̄, with ⟨w̄, L·u̇⟩ = ⟨Lᵀ·w̄, u̇⟩.
Both sweeps use these two methods and nothing else, so no second table of derivatives can drift. `matrix`
writes the same map as a matrix, outputs by rows, where operand and result are scalars or vectors.
Further maps on arrays are in `array_maps`. No operation's derivative and no tape is known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from symdiff import matrix as a
from symdiff.expr import ONE, Expr
from symdiff.leaves import eye, ones
from symdiff.matrix import matmul, outer, transpose
from symdiff.shapes import Shape
from symdiff.tidy import tidy


class LinearMap(Protocol):
    """A linear map written symbolically."""

    def __hash__(self) -> int:
        """Maps are kept by what they are."""

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
        if len(self.outer) == 2 and spread.shape == self.outer[1:] and 1 not in self.outer:
            return outer(ones(self.outer[:1]), spread)
        return spread if spread.shape == self.outer else spread * ones(self.outer)

    def transpose(self, adjoint: Expr) -> Expr:
        if self.inner == self.outer:
            return adjoint * self.slope
        return summed(adjoint * self.slope, self.inner)

    def matrix(self) -> Expr:
        if not self.outer:
            return self.slope
        if self.inner == self.outer and not self.slope.shape:
            return self.slope * eye(self.outer[0])
        slopes = self.slope if self.slope.shape == self.outer else self.slope * ones(self.outer)
        return Expr(a.DIAG if self.inner == self.outer else a.COLUMN, slopes)


def summed(node: Expr, shape: Shape) -> Expr:
    """`node` summed over the axes along which an operand of `shape` was spread."""
    if node.shape == shape:
        return node
    if not shape:
        return Expr(a.SUM, node)
    if len(shape) == 1:
        return Expr(a.SUM_DOWN, node) if node.shape[1:] == shape else _all_in_one(node)
    if shape == (1, 1):
        return Expr(a.COLUMN, _all_in_one(node))
    return Expr(a.ROW, Expr(a.SUM_DOWN, node)) if shape[0] == 1 else Expr(a.COLUMN, Expr(a.SUM_ACROSS, node))


def _all_in_one(node: Expr) -> Expr:
    """The sum of all entries as a vector of one."""
    return Expr(a.STACK, tidy(Expr(a.SUM, node)))


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
