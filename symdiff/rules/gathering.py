"""The linear map of a selection by indices: z[y], C[ix], Z[range(n), y]. Repeated indices add up going back.

An axis is picked by a number, by an index that is a name, by a list of numbers, by all its places in order
(`arange`), or whole (`ALL`). With P the matrix whose rows are the unit vectors of the indices, u[ix] is P·u,
and its transpose is Pᵀ·w̄, which adds up the adjoints of one index.
"""

from __future__ import annotations

from symdiff.errors import NoFormError
from symdiff.expr import operations as a
from symdiff.expr.leaves import Filled, HeldIndex, OneHot, eye
from symdiff.expr.operations import GATHER, kron, matmul, outer, transpose
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape, Size
from symdiff.expr.tree import ALL, Expr, Num
from symdiff.rules.linear_maps import LinearMap


@dataclass(frozen=True, slots=True)
class Gather(LinearMap):
    """u̇ ↦ u̇[picks], w̄ ↦ w̄ put at its places, those of one place added up."""

    picks: tuple[Expr, ...]
    shape: Shape

    def apply(self, tangent: Expr) -> Expr:
        return Expr(GATHER, tangent, *self.picks)

    def transpose(self, adjoint: Expr) -> Expr:
        row, column = (*self._units(), None)[:2]
        if len(self.shape) == 1:
            assert row is not None
            return adjoint * row if len(row.shape) == 1 else matmul(transpose(row), adjoint)
        if row is None or column is None:
            return _of_rows(row, adjoint) if row is not None else _of_columns(column, adjoint)
        if len(row.shape) == len(column.shape) == 1:
            return adjoint * outer(row, column)
        if len(row.shape) == len(column.shape) == 2:
            return matmul(transpose(row), Expr(a.COLUMN, adjoint) * column)
        if len(column.shape) == 1:
            return outer(matmul(transpose(row), adjoint), column)
        return outer(row, matmul(transpose(column), adjoint))

    def _units(self) -> list[Expr | None]:
        return [units(size, pick) for size, pick in zip(self.shape, self.picks, strict=False)]

    def matrix(self) -> Expr:
        if len(self.shape) > 1:
            raise NoFormError("the derivative by a matrix is no matrix")
        return self.vec(self.shape)

    def vec(self, operand: Shape) -> Expr:
        """P of a vector; Q⊗P for rows and columns picked apart."""
        picks = (*self.picks, ALL)[: len(operand)]
        if sum(len(pick.shape) for pick in picks) > 1:
            raise NoFormError("entries picked in pairs have no common form on vec(·)")
        row, *columns = (_as_matrix(size, pick) for size, pick in zip(operand, picks, strict=True))
        return kron(columns[0], row) if columns else row


def _of_rows(row: Expr, adjoint: Expr) -> Expr:
    return outer(row, adjoint) if len(row.shape) == 1 else matmul(transpose(row), adjoint)


def _of_columns(column: Expr | None, adjoint: Expr) -> Expr:
    assert column is not None
    return outer(adjoint, column) if len(column.shape) == 1 else matmul(adjoint, column)


def _as_matrix(size: Size, pick: Expr) -> Expr:
    found = units(size, pick)
    if found is None:
        return eye(size)
    return found if len(found.shape) == 2 else Expr(a.ROW, found)


def units(size: Size, pick: Expr) -> Expr | None:
    """The unit vector of an index, or the matrix of those of several as its rows; None for a whole axis."""
    if pick is ALL:
        return None
    if isinstance(pick, Num):
        return Filled("unit", (size,), int(pick.value))
    if isinstance(pick, HeldIndex):
        return OneHot(pick)
    if isinstance(pick, Filled):
        return eye(size)
    return Expr(a.STACK, *(Filled("unit", (size,), int(str(number))) for number in pick.args))
