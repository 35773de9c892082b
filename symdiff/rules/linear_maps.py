"""Linear maps: what a local partial derivative is. Forward mode applies the map, reverse mode its transpose.

A map L sends a tangent u̇ to L·u̇; its transpose sends an adjoint w̄ to Lᵀ·w̄, with ⟨w̄, L·u̇⟩ = ⟨Lᵀ·w̄, u̇⟩.
Both sweeps use these two methods and nothing else, so that there is no second table of derivatives.
`matrix` and `vec` write the same map as a matrix, outputs by rows: between scalars and vectors, and
between matrices whose columns are put below one another.

First the maps of numbers and of entries, and how maps are put together; then those of products, sums,
rearrangements and selections. No operation's derivative and no tape is known here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

from symdiff.algebra.tidy import tidy
from symdiff.errors import NoFormError
from symdiff.expr import operations as a
from symdiff.expr.leaves import Filled, eye, ones, zeros
from symdiff.expr.notation import Op
from symdiff.expr.operations import inner, kron, matmul, outer, transpose, vec
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape, Size, size, times
from symdiff.expr.tree import ALL, INDEX, ONE, TRANSPOSE, Expr, Sym, leaves, position_of, substitute


class LinearMap(ABC):
    """A linear map written symbolically; maps are compared by what they are made of."""

    __slots__ = ()

    @abstractmethod
    def apply(self, tangent: Expr) -> Expr:
        """L·u̇, written with the map in front."""

    @abstractmethod
    def transpose(self, adjoint: Expr) -> Expr:
        """Lᵀ·w̄, written with the adjoint in front."""

    @abstractmethod
    def vec(self, operand: Shape) -> Expr:
        """M with vec(L·u̇) = M·vec(u̇) for u̇ of shape `operand`, so that vec(AXB) = (Bᵀ⊗A)·vec(X).

        A scalar counts as a vector of one beside an array; between scalars M is the factor.

        Raises:
            NoFormError: people have no common notation for it.
        """

    def matrix(self) -> Expr:
        """The map between vectors as a matrix, or as a factor where operand and result are scalars.

        Raises:
            NoFormError: people have no common notation for it, as for most maps that move entries.
        """
        raise NoFormError(f"{type(self).__name__} is written as what it does, not as a matrix")


@dataclass(frozen=True, slots=True)
class Scale(LinearMap):
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
class Elementwise(LinearMap):
    """diag(v): u̇ ↦ v∘u̇, w̄ ↦ v∘w̄, an operand of shape `inner` being broadcast to the shape `outer`.

    The transpose sums over the axes along which it was broadcast.
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
        return sum_to_shape(adjoint * self.slope, self.inner)

    def matrix(self) -> Expr:
        if not self.outer:
            return self.slope
        if self.inner == self.outer and not self.slope.shape:
            return self.slope * eye(self.outer[0])
        if self.inner != self.outer and len(self.outer) == 2:
            raise NoFormError("what is spread over a matrix is no matrix")
        return Expr(a.DIAG if self.inner == self.outer else a.COLUMN, _broadcast(self.slope, self.outer))

    def vec(self, operand: Shape) -> Expr:
        if not self.outer:
            return self.slope
        if self.inner == self.outer:
            return _diagonal(self.slope, self.outer)
        if times(*self.inner) == 1:
            return Expr(a.COLUMN, vec(_broadcast(self.slope, self.outer)))
        spread = _broadcasting(self.inner, self.outer)
        return _diagonal(self.slope, self.outer) @ spread if self.slope.shape else self.slope * spread


def _broadcast(slope: Expr, shape: Shape) -> Expr:
    """`slope` as an array of `shape`."""
    return slope if slope.shape == shape else slope * ones(shape)


def _diagonal(slope: Expr, shape: Shape) -> Expr:
    """diag(vec(v)); where v is the same in each row diag(v)⊗I, in each column I⊗diag(v), everywhere c·I."""
    if not slope.shape:
        return slope * eye(times(*shape))
    if len(shape) == 2 and slope.shape in (shape[1:], (1, *shape[1:])) and slope.shape != shape:
        return kron(Expr(a.DIAG, vec(slope)), eye(shape[0]))
    if len(shape) == 2 and slope.shape == (shape[0], 1) != shape:
        return kron(eye(shape[1]), Expr(a.DIAG, vec(slope)))
    return Expr(a.DIAG, vec(_broadcast(slope, shape)))


def _broadcasting(inner: Shape, outer: Shape) -> Expr:
    """Broadcasting on vec(·): of a vector or a row to every row I⊗𝟏, of a column to every column 𝟏⊗I."""
    if inner[-1] == outer[-1]:
        return kron(eye(outer[1]), ones(outer[:1]))
    return kron(ones(outer[1:]), eye(outer[0]))


def sum_to_shape(node: Expr, shape: Shape) -> Expr:
    """`node` summed over the axes along which an operand of `shape` was broadcast."""
    if node.shape == shape:
        return node
    if not shape:
        return Expr(a.SUM, node)
    if len(shape) == 1:
        return Expr(a.SUM_DOWN, node) if node.shape[1:] == shape else _sum_as_vector(node)
    if shape == (1, 1):
        return Expr(a.COLUMN, _sum_as_vector(node))
    return Expr(a.ROW, Expr(a.SUM_DOWN, node)) if shape[0] == 1 else Expr(a.COLUMN, Expr(a.SUM_ACROSS, node))


def _sum_as_vector(node: Expr) -> Expr:
    """The sum of all entries as a vector of one."""
    return Expr(a.STACK, tidy(Expr(a.SUM, node)))


@dataclass(frozen=True, slots=True)
class Transposed(LinearMap):
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
class Compose(LinearMap):
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
    """The product of two maps as matrices.

    Raises:
        NoFormError: what stands between them is a matrix, so that they are no matrices.
    """
    if not left.shape or not right.shape:
        return left * right
    if left.shape[-1] != right.shape[0]:
        raise NoFormError("a map through a matrix is no product of matrices")
    return matmul(left, right)


@dataclass(frozen=True, slots=True)
class Plus(LinearMap):
    """L + M: an operand that acts along two paths."""

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


@dataclass(frozen=True, slots=True)
class Nothing(LinearMap):
    """0 from the shape `inner` to the shape `outer`: nothing moves with what only a condition asks for."""

    inner: Shape
    outer: Shape

    def apply(self, tangent: Expr) -> Expr:
        return zeros(self.outer)

    def transpose(self, adjoint: Expr) -> Expr:
        return zeros(self.inner)

    def matrix(self) -> Expr:
        if len(self.inner) == 2 or len(self.outer) == 2:
            raise NoFormError("a derivative of a matrix, or by one, is no matrix")
        return self.vec(self.inner)

    def vec(self, operand: Shape) -> Expr:
        return zeros((times(*self.outer), times(*self.inner)))


def composed(outer: LinearMap, inner: LinearMap) -> LinearMap:
    """L∘M; of two factors their product."""
    if isinstance(outer, Scale) and isinstance(inner, Scale):
        return Scale(tidy(outer.factor * inner.factor))
    is_identity = isinstance(inner, Elementwise) and inner.slope == ONE and inner.inner == inner.outer
    return outer if inner == IDENTITY or is_identity else Compose(outer, inner)


def added(one: LinearMap, other: LinearMap) -> LinearMap:
    """L + M; of two factors their sum."""
    if isinstance(one, Scale) and isinstance(other, Scale):
        return Scale(tidy(one.factor + other.factor))
    return Plus(one, other)


def result_shape(of: LinearMap, operand: Shape) -> Shape:
    """The shape of L·u̇."""
    return of.apply(Sym("u", shape=operand)).shape


def operand_shape(of: LinearMap, result: Shape) -> Shape:
    """The shape of Lᵀ·w̄."""
    return of.transpose(Sym("w", shape=result)).shape


def leaves_of(found: LinearMap) -> Iterator[Expr]:
    """The leaves of the formulas that a map is made of."""
    for part in _parts(found):
        if isinstance(part, LinearMap):
            yield from leaves_of(part)
        elif isinstance(part, Expr):
            yield from leaves(part)


def names_in(found: LinearMap) -> Iterator[Sym]:
    """The names in the formulas that a map is made of."""
    return (leaf for leaf in leaves_of(found) if isinstance(leaf, Sym))


def renamed(found: LinearMap, values: Mapping[Expr, Expr]) -> LinearMap:
    """The map in other names."""
    changed = {
        name: renamed(part, values) if isinstance(part, LinearMap) else substitute(part, values)
        for name, part in zip(_fields(found), _parts(found), strict=True)
        if isinstance(part, LinearMap | Expr)
    }
    return replace(found, **changed) if changed else found  # type: ignore[type-var]


def _parts(found: LinearMap) -> list[object]:
    return [getattr(found, name) for name in _fields(found)]


def _fields(found: LinearMap) -> tuple[str, ...]:
    return tuple(field.name for field in fields(found))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class LeftMul(LinearMap):
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

    def vec(self, operand: Shape) -> Expr:
        left = self.matrix()
        return kron(eye(operand[1]), left) if len(operand) == 2 else left


@dataclass(frozen=True, slots=True)
class RightMul(LinearMap):
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

    def vec(self, operand: Shape) -> Expr:
        right = self.matrix()
        return kron(right, eye(operand[0])) if len(operand) == 2 else right


@dataclass(frozen=True, slots=True)
class Inner(LinearMap):
    """To a scalar: u̇ ↦ ⟨V, u̇⟩, w̄ ↦ w̄·V; of a vector the row vᵀ, on vec(·) vec(V)ᵀ."""

    factor: Expr

    def apply(self, tangent: Expr) -> Expr:
        return inner(self.factor, tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        return adjoint * self.factor

    def matrix(self) -> Expr:
        if len(self.factor.shape) == 2:
            raise NoFormError("the derivative by a matrix is no row")
        return Expr(a.ROW, self.factor)

    def vec(self, operand: Shape) -> Expr:
        return Expr(a.ROW, vec(self.factor)) if self.factor.shape else self.factor


@dataclass(frozen=True, slots=True)
class RowInner(LinearMap):
    """Row by row to a scalar: u̇ ↦ (⟨vᵢ, u̇ᵢ⟩)ᵢ, w̄ ↦ diag(w̄)·V."""

    factor: Expr

    def apply(self, tangent: Expr) -> Expr:
        return Expr(a.SUM_ACROSS, self.factor * tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        return Expr(a.COLUMN, adjoint) * self.factor

    def vec(self, operand: Shape) -> Expr:
        """(𝟏ᵀ⊗I)·diag(vec(V)): the sum of each row of V∘u̇."""
        return _sum_of_rows(operand) @ Expr(a.DIAG, vec(self.factor))


@dataclass(frozen=True, slots=True)
class Rearrange(LinearMap):
    """A map that only moves entries, such as transposition and diag: u̇ ↦ op(u̇), w̄ ↦ back(w̄)."""

    op: Op
    back: Op

    def apply(self, tangent: Expr) -> Expr:
        return Expr(self.op, tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        return Expr(self.back, adjoint)

    def vec(self, operand: Shape) -> Expr:
        """I where the order of the entries stays, diag(vec(tril(𝟏))) where some become 0.

        Other permutations, such as transposition, have no common name.
        """
        if self.op in (a.TRIL, a.TRIU):
            return Expr(a.DIAG, vec(Filled(self.op.name, operand)))
        is_kept = self.op is TRANSPOSE and (len(operand) != 2 or 1 in operand)
        if not is_kept and self.op not in (a.COLUMN, a.ROW):
            raise NoFormError(f"{self.op.name} has no common form on vec(·)")
        return eye(times(*operand)) if operand else ONE


@dataclass(frozen=True, slots=True)
class AxisSum(LinearMap):
    """The sum over one axis of a matrix of `shape`; the transpose repeats the adjoint along the axis."""

    op: Op
    shape: Shape

    def apply(self, tangent: Expr) -> Expr:
        return Expr(self.op, tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        if self.op is a.SUM_DOWN:
            return outer(ones(self.shape[:1]), adjoint)
        return outer(adjoint, ones(self.shape[1:]))

    def vec(self, operand: Shape) -> Expr:
        """I⊗𝟏ᵀ down, 𝟏ᵀ⊗I across."""
        if self.op is a.SUM_ACROSS:
            return _sum_of_rows(operand)
        return kron(eye(operand[1]), Expr(a.ROW, ones(operand[:1])))


def _sum_of_rows(shape: Shape) -> Expr:
    """𝟏ᵀ⊗I, which on vec(·) is the sum of each row of a matrix of `shape`."""
    return kron(Expr(a.ROW, ones(shape[1:])), eye(shape[0]))


@dataclass(frozen=True, slots=True)
class Select(LinearMap):
    """u̇ ↦ u̇[picks], w̄ ↦ w̄ at its place among zeros."""

    picks: tuple[Expr, ...]
    shape: Shape

    def apply(self, tangent: Expr) -> Expr:
        return Expr(INDEX, tangent, *self.picks)

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

    def vec(self, operand: Shape) -> Expr:
        """eᵢᵀ of a vector; eⱼᵀ⊗eᵢᵀ for an entry of a matrix, I⊗eᵢᵀ for a row, eⱼᵀ⊗I for a column."""
        picks = (*self.picks, ALL)[: len(operand)]
        row, *columns = (_selecting(size, pick) for size, pick in zip(operand, picks, strict=True))
        return kron(columns[0], row) if columns else row


def _selecting(size: Size, pick: Expr) -> Expr:
    """eᵢᵀ, or I for a whole axis."""
    picked = unit(size, pick)
    return eye(size) if picked is None else Expr(a.ROW, picked)


def unit(size: Size, pick: Expr) -> Expr | None:
    """The unit vector of an index; None for a whole axis."""
    return None if pick is ALL else Filled("unit", (size,), position_of(pick))


@dataclass(frozen=True, slots=True)
class Part(LinearMap):
    """An array as the part start:stop of a longer one along an axis: u̇ ↦ (0, u̇, 0), w̄ ↦ w̄[start:stop].

    `after` is the number of entries behind the part.
    """

    start: Size
    stop: Size
    after: Size
    axis: int = 0

    def apply(self, tangent: Expr) -> Expr:
        before, after = ([zeros(self._shape(tangent, n))] if n != 0 else [] for n in (self.start, self.after))
        parts = [*before, tangent, *after]
        join = a.CONCAT_ACROSS if self.axis else a.CONCAT
        return Expr(join, *parts) if len(parts) > 1 else tangent

    def _shape(self, tangent: Expr, length: Size) -> Shape:
        """The shape of the zeros beside a tangent."""
        shape = list(tangent.shape)
        shape[self.axis] = size(length)
        return tuple(shape)

    def transpose(self, adjoint: Expr) -> Expr:
        return a.piece(adjoint, self.start, self.stop, self.axis)

    def vec(self, operand: Shape) -> Expr:
        if self.start == 0 and self.after == 0:
            return eye(times(*operand))
        raise NoFormError("a part of a longer vector has no common form")


@dataclass(frozen=True, slots=True)
class LeftCross(LinearMap):
    """u̇ ↦ v × u̇, w̄ ↦ w̄ × v: the vector product by v from the left."""

    factor: Expr

    def apply(self, tangent: Expr) -> Expr:
        return Expr(a.CROSS, self.factor, tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        return Expr(a.CROSS, adjoint, self.factor)

    def vec(self, operand: Shape) -> Expr:
        raise NoFormError("a vector product has no common form as a matrix")


@dataclass(frozen=True, slots=True)
class StackedColumns(LinearMap):
    """u̇ ↦ vec(u̇), w̄ ↦ the matrix of `shape` with vec(A) = w̄."""

    shape: Shape

    def apply(self, tangent: Expr) -> Expr:
        return vec(tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        return a.unvec(adjoint, self.shape) if len(self.shape) == 2 else adjoint

    def vec(self, operand: Shape) -> Expr:
        return eye(times(*operand))
