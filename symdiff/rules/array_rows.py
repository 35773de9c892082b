"""The rows of the table for vectors and matrices: value, local partials as linear maps, entries.

A partial is written with the arguments u, v and the output w: the softmax w = softmax(u) has
diag(w) − w·wᵀ. A new row needs its operation in `expr/operations`, its value in `array_values`, and a
function of the same name in `entrywise`.

Source of the partials: The Matrix Cookbook (Petersen and Pedersen, 2012), sections 2 and 4. The tests check
each row against differences in both modes, and for duality, at random sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled, entry_count, eye, ones
from symdiff.expr.notation import Op
from symdiff.expr.operations import INV, LOG, transpose
from symdiff.expr.shapes import minus, plus
from symdiff.expr.tree import INDEX, Expr, ExprLike, Num, as_expr
from symdiff.rules.gathering import Gather
from symdiff.rules.linear_maps import (
    AxisSum,
    Compose,
    Elementwise,
    Inner,
    LeftCross,
    LeftMul,
    LinearMap,
    Part,
    Plus,
    Rearrange,
    RightMul,
    RowInner,
    Select,
    StackedColumns,
    Transposed,
)
from symdiff.rules.rule import Rule


def _row(
    op: Op,
    name: str,
    maps: Callable[..., tuple[LinearMap | None, ...]] | None = None,
    *,
    kink: Callable[..., tuple[ExprLike, ExprLike]] | None = None,
    internal: bool = False,
) -> Rule:
    """The row of `op`, valued by `array_values.name` and written entry by entry by `entrywise.name`.

    Without `maps` the operation only occurs in derivatives that are written, and is not differentiated.
    """

    def value(m: Any, *args: Any) -> Any:
        from symdiff.rules import array_values  # here for start-up time: NumPy takes 60 ms

        return getattr(array_values, name)(m, *args)

    def entries(*args: Any) -> Any:
        from symdiff.rules import entrywise  # here for start-up time, as above

        return getattr(entrywise, name)(*args)

    return Rule(op, value, maps=maps, kink=kink, entries=entries, internal=internal)


def _identity(u: Expr) -> LinearMap:
    return Elementwise(as_expr(1), u.shape, u.shape)


def _times(vector: Expr) -> LinearMap:
    """u̇ ↦ u̇·v, from a scalar to a vector."""
    return Transposed(Inner(vector))


def softmax_maps(w: Expr, u: Expr) -> tuple[LinearMap]:
    if len(u.shape) == 1:
        return (Plus(Elementwise(w, u.shape, u.shape), Compose(_times(-w), Inner(w))),)
    return (Plus(Elementwise(w, u.shape, u.shape), Compose(Transposed(RowInner(-w)), RowInner(w))),)


def _log_softmax(w: Expr, u: Expr) -> tuple[LinearMap]:
    p, minus = Expr(a.SOFTMAX, u), -ones(u.shape)
    if len(u.shape) == 1:
        return (Plus(_identity(u), Compose(_times(minus), Inner(p))),)
    return (Plus(_identity(u), Compose(Transposed(RowInner(minus)), RowInner(p))),)


def _mean(u: Expr) -> LinearMap:
    return Compose(_factor(1 / entry_count(u.shape)), Inner(ones(u.shape)))


def _factor(factor: Expr) -> LinearMap:
    return Elementwise(factor, (), ())


def _mean_of_axis(op: Op, axis: int, u: Expr) -> LinearMap:
    kept = u.shape[1 - axis : 2 - axis]
    return Compose(Elementwise(1 / entry_count(u.shape[axis : axis + 1]), kept, kept), AxisSum(op, u.shape))


def _deviation(u: Expr) -> Expr:
    """u − mean(u), of each row of a matrix where that is asked for."""
    return u - Expr(a.MEAN, u)


def _deviation_of_rows(u: Expr) -> Expr:
    return u - Expr(a.COLUMN, Expr(a.MEAN_ACROSS, u))


def _std(u: Expr, w: Expr) -> LinearMap:
    return Inner(_deviation(u) / (entry_count(u.shape) * w))


def _std_of_rows(u: Expr, w: Expr) -> LinearMap:
    return RowInner(_deviation_of_rows(u) / (entry_count(u.shape[1:]) * Expr(a.COLUMN, w)))


def _added_up(u: Expr) -> LinearMap:
    """The partial sums along the first axis: the lower triangular matrix of ones times u."""
    return LeftMul(Filled("tri", (u.shape[0], u.shape[0])))


def _least(u: Expr) -> tuple[Expr, Expr]:
    """The kink of min: its two smallest entries are the two largest of −u."""
    return Expr(a.MAX_OF, -u), Expr(a.SECOND_OF, -u)


def _least_of_rows(u: Expr) -> tuple[Expr, Expr]:
    return Expr(a.MAX_ACROSS, -u), Expr(a.SECOND_ACROSS, -u)


def _stack(w: Expr, *args: Expr) -> tuple[LinearMap, ...]:
    return tuple(Transposed(Select((Num(i),), w.shape)) for i in range(len(args)))


def _concat(axis: int) -> Callable[..., tuple[LinearMap, ...]]:
    """The map of each part to its place in the whole."""

    def maps(w: Expr, *args: Expr) -> tuple[LinearMap, ...]:
        lengths = [arg.shape[axis] for arg in args]
        starts = [plus(0, *lengths[:i]) for i in range(len(args))]
        return tuple(
            Part(start, plus(start, lengths[i]), plus(0, *lengths[i + 1 :]), axis)
            for i, start in enumerate(starts)
        )

    return maps


def _piece(w: Expr, u: Expr, *ends: Expr) -> tuple[LinearMap | None, ...]:
    """The part along each axis that is not whole, picked."""
    parts = [
        Part(start, stop, minus(length, stop), axis)
        for axis, (length, (start, stop)) in enumerate(zip(u.shape, a.places_of(ends), strict=True))
    ]
    cut = [part for part in parts if part.start != 0 or part.after != 0] or parts[:1]
    return Transposed(Compose(*cut) if len(cut) > 1 else cut[0]), *(None for _ in ends)


# "total" and "inner" of the modules of values are sum(A) and ⟨u, v⟩.
ARRAY_ROWS = (
    _row(e.MATMUL, "matmul", lambda w, u, v: (RightMul(v), LeftMul(u))),
    _row(e.TRANSPOSE, "transpose", lambda w, u: (Rearrange(e.TRANSPOSE, e.TRANSPOSE),)),
    _row(a.DOT, "inner", lambda w, u, v: (Inner(v), Inner(u))),
    _row(a.INNER, "inner", lambda w, u, v: (Inner(v), Inner(u)), internal=True),
    _row(a.OUTER, "outer", lambda w, u, v: (Transposed(RightMul(v)), Transposed(LeftMul(u)))),
    _row(a.SUM, "total", lambda w, u: (Inner(ones(u.shape)),)),
    _row(a.MEAN, "mean", lambda w, u: (_mean(u),)),
    _row(a.SUM_DOWN, "sum_down", lambda w, u: (AxisSum(a.SUM_DOWN, u.shape),), internal=True),
    _row(a.SUM_ACROSS, "sum_across", lambda w, u: (AxisSum(a.SUM_ACROSS, u.shape),), internal=True),
    _row(a.MEAN_DOWN, "mean_down", lambda w, u: (_mean_of_axis(a.SUM_DOWN, 0, u),), internal=True),
    _row(a.MEAN_ACROSS, "mean_across", lambda w, u: (_mean_of_axis(a.SUM_ACROSS, 1, u),), internal=True),
    _row(a.COLUMN, "column", lambda w, u: (Rearrange(a.COLUMN, a.SUM_ACROSS),), internal=True),
    _row(a.ROW, "row", lambda w, u: (Rearrange(a.ROW, a.SUM_DOWN),), internal=True),
    _row(a.TRACE, "trace", lambda w, u: (Inner(eye(u.shape[0])),)),
    _row(a.DET, "det", lambda w, u: (Inner(w * transpose(Expr(INV, u))),)),
    _row(a.LOGDET, "logdet", lambda w, u: (Inner(transpose(Expr(INV, u))),)),
    _row(a.INV, "inv", lambda w, u: (Compose(LeftMul(-w), RightMul(w)),)),
    _row(a.DIAG, "diag", lambda w, u: (Rearrange(a.DIAG, a.DIAG),)),
    _row(a.NORM, "norm", lambda w, u: (Inner(u / w),), kink=lambda u: (Expr(a.NORM, u), 0)),
    _row(a.SQNORM, "sqnorm", lambda w, u: (Inner(2 * u),)),
    _row(a.SOFTMAX, "softmax", softmax_maps),
    _row(a.LOG_SOFTMAX, "log_softmax", _log_softmax),
    _row(a.LOGSUMEXP, "logsumexp", lambda w, u: (Inner(Expr(a.SOFTMAX, u)),)),
    _row(a.LOGSUMEXP_ACROSS, "logsumexp_across", lambda w, u: (RowInner(Expr(a.SOFTMAX, u)),), internal=True),
    _row(a.CROSS_ENTROPY, "cross_entropy", lambda w, p, y: (Inner(-(y / p)), Inner(-Expr(LOG, p)))),
    _row(
        INDEX, "index", lambda w, u, *picks: (Select(picks, u.shape), *(None for _ in picks)), internal=True
    ),
    _row(
        a.GATHER,
        "gather",
        lambda w, u, *picks: (Gather(picks, u.shape), *(None for _ in picks)),
        internal=True,
    ),
    _row(a.SLICE, "piece", _piece, internal=True),
    _row(
        a.MAX_OF,
        "max_of",
        lambda w, u: (Inner(Expr(a.AT_MAX, u)),),
        kink=lambda u: (Expr(a.MAX_OF, u), Expr(a.SECOND_OF, u)),
        internal=True,
    ),
    _row(a.MIN_OF, "min_of", lambda w, u: (Inner(Expr(a.AT_MIN, u)),), kink=_least, internal=True),
    _row(
        a.MAX_ACROSS,
        "max_across",
        lambda w, u: (RowInner(Expr(a.AT_MAX_ACROSS, u)),),
        kink=lambda u: (Expr(a.MAX_ACROSS, u), Expr(a.SECOND_ACROSS, u)),
        internal=True,
    ),
    _row(
        a.MIN_ACROSS,
        "min_across",
        lambda w, u: (RowInner(Expr(a.AT_MIN_ACROSS, u)),),
        kink=_least_of_rows,
        internal=True,
    ),
    _row(a.PROD, "prod", lambda w, u: (Inner(Expr(a.PROD_OTHERS, u)),)),
    _row(
        a.PROD_ACROSS,
        "prod_across",
        lambda w, u: (RowInner(Expr(a.PROD_OTHERS_ACROSS, u)),),
        internal=True,
    ),
    _row(a.VAR, "var", lambda w, u: (Inner(2 / entry_count(u.shape) * _deviation(u)),)),
    _row(
        a.VAR_ACROSS,
        "var_across",
        lambda w, u: (RowInner(2 / entry_count(u.shape[1:]) * _deviation_of_rows(u)),),
        internal=True,
    ),
    _row(a.STD, "std", lambda w, u: (_std(u, w),), kink=lambda u: (Expr(a.STD, u), 0)),
    _row(
        a.STD_ACROSS,
        "std_across",
        lambda w, u: (_std_of_rows(u, w),),
        kink=lambda u: (Expr(a.STD_ACROSS, u), 0),
        internal=True,
    ),
    _row(a.NORM1, "norm1", lambda w, u: (Inner(Expr(a.SIGN, u)),), kink=lambda u: (u, 0), internal=True),
    _row(
        a.NORM_ACROSS,
        "norm_across",
        lambda w, u: (RowInner(u / Expr(a.COLUMN, w)),),
        kink=lambda u: (Expr(a.NORM_ACROSS, u), 0),
        internal=True,
    ),
    _row(a.CUMSUM, "cumsum", lambda w, u: (_added_up(u),)),
    _row(a.CUMSUM_DOWN, "cumsum", lambda w, u: (_added_up(u),), internal=True),
    _row(a.FLIP, "flip", lambda w, u: (Rearrange(a.FLIP, a.FLIP),)),
    _row(a.FLIP_DOWN, "flip", lambda w, u: (Rearrange(a.FLIP_DOWN, a.FLIP_DOWN),), internal=True),
    _row(a.TRIL, "tril", lambda w, u: (Rearrange(a.TRIL, a.TRIL),)),
    _row(a.TRIU, "triu", lambda w, u: (Rearrange(a.TRIU, a.TRIU),)),
    _row(a.CROSS, "cross", lambda w, u, v: (Transposed(LeftCross(v)), LeftCross(u))),
    _row(a.VEC, "vec", lambda w, u: (StackedColumns(u.shape),)),
    _row(a.STACK, "stack", _stack),
    _row(a.CONCAT, "concat", _concat(0)),
    _row(a.CONCAT_ACROSS, "concat_across", _concat(1), internal=True),
)
FORM_ROWS = (
    _row(a.KRON, "kron", internal=True),
    _row(a.UNVEC, "unvec", internal=True),
    _row(a.AT_MAX, "at_max", internal=True),
    _row(a.AT_MIN, "at_min", internal=True),
    _row(a.AT_MAX_ACROSS, "at_max_across", internal=True),
    _row(a.AT_MIN_ACROSS, "at_min_across", internal=True),
    _row(a.SECOND_OF, "second_of", internal=True),
    _row(a.SECOND_ACROSS, "second_across", internal=True),
    _row(a.PROD_OTHERS, "prod_others", internal=True),
    _row(a.PROD_OTHERS_ACROSS, "prod_others_across", internal=True),
    _row(a.TURNED, "sum_down", internal=True),
    _row(a.SHOWN_AS_ROW, "row", internal=True),
    _row(a.SHOWN_TRANSPOSED, "transpose", internal=True),
    _row(a.ONLY_ENTRY, "total", internal=True),
)
"""Operations by which derivatives are written; they have values and are not differentiated."""
