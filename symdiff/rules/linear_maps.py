"""Linear maps: what a local partial derivative *is*, read forwards by one mode and backwards by the other.

A map L sends a tangent u̇ to L·u̇; its transpose sends an adjoint w̄ to Lᵀ·w̄, with ⟨w̄, L·u̇⟩ = ⟨Lᵀ·w̄, u̇⟩.
Both sweeps use these two methods and nothing else, so no second table of derivatives can drift. `matrix`
writes the same map as a matrix, outputs by rows, where operand and result are scalars or vectors; `vec`
does so for matrices too, their columns below one another. Further maps on arrays are in `array_maps`. No
operation's derivative and no tape is known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from symdiff.algebra.tidy import tidy
from symdiff.expr import operations as a
from symdiff.expr.leaves import eye, ones
from symdiff.expr.operations import kron, matmul, outer, transpose, vec
from symdiff.expr.shapes import Shape, times
from symdiff.expr.tree import ONE, Expr, Sym


class LinearMap(Protocol):
    """A linear map written symbolically."""

    def __hash__(self) -> int:
        """Maps are kept by what they are."""

    def apply(self, tangent: Expr) -> Expr:
        """L·u̇, written with the map in front."""

    def transpose(self, adjoint: Expr) -> Expr:
        """Lᵀ·w̄, written with the adjoint in front."""

    def matrix(self) -> Expr:
        """The map as a matrix, or as a factor where operand and result are scalars.

        Raises:
            NoFormError: it is none in a notation that people share.
        """

    def vec(self, operand: Shape) -> Expr:
        """M with vec(L·u̇) = M·vec(u̇) for u̇ of shape `operand`, so that vec(AXB) = (Bᵀ⊗A)·vec(X).

        A scalar counts as a vector of one beside an array; between scalars M is the factor.

        Raises:
            NoFormError: there is no notation for it that people share.
        """


def result_shape(of: LinearMap, operand: Shape) -> Shape:
    """The shape of L·u̇."""
    return of.apply(Sym("u", shape=operand)).shape


def operand_shape(of: LinearMap, result: Shape) -> Shape:
    """The shape of Lᵀ·w̄."""
    return of.transpose(Sym("w", shape=result)).shape


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

    def vec(self, operand: Shape) -> Expr:
        return self.factor * eye(times(*operand)) if operand else self.factor


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

    def vec(self, operand: Shape) -> Expr:
        if not self.outer:
            return self.slope
        if self.inner == self.outer:
            return _diagonal(self.slope, self.outer)
        if times(*self.inner) == 1:
            return Expr(a.COLUMN, vec(_filling(self.slope, self.outer)))
        spread = _spreading(self.inner, self.outer)
        return _diagonal(self.slope, self.outer) @ spread if self.slope.shape else self.slope * spread


def _filling(slope: Expr, shape: Shape) -> Expr:
    return slope if slope.shape == shape else slope * ones(shape)


def _diagonal(slope: Expr, shape: Shape) -> Expr:
    """diag(vec(v)); where v is the same in each row diag(v)⊗I, in each column I⊗diag(v), everywhere c·I."""
    if not slope.shape:
        return slope * eye(times(*shape))
    if len(shape) == 2 and slope.shape in (shape[1:], (1, *shape[1:])) and slope.shape != shape:
        return kron(Expr(a.DIAG, vec(slope)), eye(shape[0]))
    if len(shape) == 2 and slope.shape == (shape[0], 1) != shape:
        return kron(eye(shape[1]), Expr(a.DIAG, vec(slope)))
    return Expr(a.DIAG, vec(_filling(slope, shape)))


def _spreading(inner: Shape, outer: Shape) -> Expr:
    """A vector, or a row, in every row of a matrix: I⊗𝟏; a column in every column: 𝟏⊗I."""
    if inner[-1] == outer[-1]:
        return kron(eye(outer[1]), ones(outer[:1]))
    return kron(ones(outer[1:]), eye(outer[0]))


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

    def vec(self, operand: Shape) -> Expr:
        found = self.of.vec(operand_shape(self.of, operand))
        return transpose(found) if found.shape else found


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
        return _chained(self.outer.matrix(), self.inner.matrix())

    def vec(self, operand: Shape) -> Expr:
        return _chained(self.outer.vec(result_shape(self.inner, operand)), self.inner.vec(operand))


def _chained(left: Expr, right: Expr) -> Expr:
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

    def vec(self, operand: Shape) -> Expr:
        return self.one.vec(operand) + self.other.vec(operand)


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
