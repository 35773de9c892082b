"""The rows of the table for vectors and matrices: value, local partials as linear maps, entries.

As for every row, the value is that of the argument, and a partial is written with the arguments u, v
and the output w: the softmax w = softmax(u) has diag(w) − w·wᵀ. Values are computed by `arrays`, which
is imported when a row is first evaluated. Source of the partials: The Matrix Cookbook (Petersen and
Pedersen, 2012), sections 2 and 4; each row is checked against differences in both modes, and for
duality, at random sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import entry_count, eye, ones
from symdiff.expr.notation import Op
from symdiff.expr.operations import INV, transpose
from symdiff.expr.shapes import minus, plus
from symdiff.expr.tree import INDEX, Expr, Num, as_expr
from symdiff.rules.linear_maps import (
    AxisSum,
    Compose,
    Elementwise,
    Inner,
    LeftMul,
    LinearMap,
    Part,
    Plus,
    Rearrange,
    RightMul,
    RowInner,
    Select,
    Transposed,
)
from symdiff.rules.rule import Rule


def _by(name: str, **given: Any) -> Callable[..., Any]:
    """The function of `arrays` that computes a row's value."""

    def value(m: Any, *args: Any) -> Any:
        from symdiff.rules import array_values

        return getattr(array_values, name)(m, *args, **given)

    return value


def _entries(name: str) -> Callable[..., Any]:
    """The function of `written_entries` that writes a row entry by entry."""

    def entries(*args: Any) -> Any:
        from symdiff.rules import entrywise

        return getattr(entrywise, name)(*args)

    return entries


def _same(u: Expr) -> LinearMap:
    return Elementwise(as_expr(1), u.shape, u.shape)


def _spread(vector: Expr) -> LinearMap:
    """A scalar times a vector."""
    return Transposed(Inner(vector))


def _softmax(w: Expr, u: Expr) -> tuple[LinearMap]:
    if len(u.shape) == 1:
        return (Plus(Elementwise(w, u.shape, u.shape), Compose(_spread(-w), Inner(w))),)
    return (Plus(Elementwise(w, u.shape, u.shape), Compose(Transposed(RowInner(-w)), RowInner(w))),)


def _log_softmax(w: Expr, u: Expr) -> tuple[LinearMap]:
    p, minus = Expr(a.SOFTMAX, u), -ones(u.shape)
    if len(u.shape) == 1:
        return (Plus(_same(u), Compose(_spread(minus), Inner(p))),)
    return (Plus(_same(u), Compose(Transposed(RowInner(minus)), RowInner(p))),)


def _log(u: Expr) -> Expr:
    from symdiff.expr.operations import LOG

    return Expr(LOG, u)


def _mean(u: Expr) -> LinearMap:
    return Compose(_factor(1 / entry_count(u.shape)), Inner(ones(u.shape)))


def _factor(factor: Expr) -> LinearMap:
    return Elementwise(factor, (), ())


def _mean_of_axis(op: Op, axis: int, u: Expr) -> LinearMap:
    kept = u.shape[1 - axis : 2 - axis]
    return Compose(Elementwise(1 / entry_count(u.shape[axis : axis + 1]), kept, kept), AxisSum(op, u.shape))


def _stack(w: Expr, *args: Expr) -> tuple[LinearMap, ...]:
    return tuple(Transposed(Select((Num(i),), w.shape)) for i in range(len(args)))


def _concat(w: Expr, *args: Expr) -> tuple[LinearMap, ...]:
    """Each part's place among the others."""
    lengths = [arg.shape[0] for arg in args]
    starts = [plus(0, *lengths[:i]) for i in range(len(args))]
    return tuple(
        Part(start, plus(start, lengths[i]), plus(0, *lengths[i + 1 :])) for i, start in enumerate(starts)
    )


def _piece(w: Expr, u: Expr, start: Expr, stop: Expr) -> tuple[LinearMap | None, ...]:
    first, last = a.position_of(start), a.position_of(stop)
    return Transposed(Part(first, last, minus(u.shape[0], last))), None, None


ARRAY_ROWS = (
    Rule(e.MATMUL, _by("matmul"), maps=lambda w, u, v: (RightMul(v), LeftMul(u)), entries=_entries("matmul")),
    Rule(
        e.TRANSPOSE,
        _by("transpose"),
        maps=lambda w, u: (Rearrange(e.TRANSPOSE, e.TRANSPOSE),),
        entries=_entries("transpose"),
    ),
    Rule(a.DOT, _by("inner"), maps=lambda w, u, v: (Inner(v), Inner(u)), entries=_entries("inner")),
    Rule(
        a.INNER,
        _by("inner"),
        maps=lambda w, u, v: (Inner(v), Inner(u)),
        entries=_entries("inner"),
        internal=True,
    ),
    Rule(
        a.OUTER,
        _by("outer"),
        maps=lambda w, u, v: (Transposed(RightMul(v)), Transposed(LeftMul(u))),
        entries=_entries("outer"),
    ),
    Rule(a.SUM, _by("total"), maps=lambda w, u: (Inner(ones(u.shape)),), entries=_entries("total")),
    Rule(a.MEAN, _by("mean"), maps=lambda w, u: (_mean(u),), entries=_entries("mean")),
    Rule(
        a.SUM_DOWN,
        _by("along", axis=0),
        maps=lambda w, u: (AxisSum(a.SUM_DOWN, u.shape),),
        entries=_entries("sum_down"),
        internal=True,
    ),
    Rule(
        a.SUM_ACROSS,
        _by("along", axis=1),
        maps=lambda w, u: (AxisSum(a.SUM_ACROSS, u.shape),),
        entries=_entries("sum_across"),
        internal=True,
    ),
    Rule(
        a.MEAN_DOWN,
        _by("mean_along", axis=0),
        maps=lambda w, u: (_mean_of_axis(a.SUM_DOWN, 0, u),),
        entries=_entries("mean_down"),
        internal=True,
    ),
    Rule(
        a.MEAN_ACROSS,
        _by("mean_along", axis=1),
        maps=lambda w, u: (_mean_of_axis(a.SUM_ACROSS, 1, u),),
        entries=_entries("mean_across"),
        internal=True,
    ),
    Rule(
        a.COLUMN,
        _by("column"),
        maps=lambda w, u: (Rearrange(a.COLUMN, a.SUM_ACROSS),),
        entries=_entries("column"),
        internal=True,
    ),
    Rule(
        a.ROW,
        _by("row"),
        maps=lambda w, u: (Rearrange(a.ROW, a.SUM_DOWN),),
        entries=_entries("row"),
        internal=True,
    ),
    Rule(a.TRACE, _by("trace"), maps=lambda w, u: (Inner(eye(u.shape[0])),), entries=_entries("trace")),
    Rule(
        a.DET,
        _by("det"),
        maps=lambda w, u: (Inner(w * transpose(Expr(INV, u))),),
        entries=_entries("det"),
    ),
    Rule(
        a.LOGDET,
        _by("logdet"),
        maps=lambda w, u: (Inner(transpose(Expr(INV, u))),),
        entries=_entries("logdet"),
    ),
    Rule(a.INV, _by("inv"), maps=lambda w, u: (Compose(LeftMul(-w), RightMul(w)),), entries=_entries("inv")),
    Rule(a.DIAG, _by("diag"), maps=lambda w, u: (Rearrange(a.DIAG, a.DIAG),), entries=_entries("diag")),
    Rule(
        a.NORM,
        _by("norm"),
        maps=lambda w, u: (Inner(u / w),),
        kink=lambda u: (Expr(a.NORM, u), 0),
        entries=_entries("norm"),
    ),
    Rule(a.SQNORM, _by("sqnorm"), maps=lambda w, u: (Inner(2 * u),), entries=_entries("sqnorm")),
    Rule(a.SOFTMAX, _by("softmax"), maps=_softmax, entries=_entries("softmax")),
    Rule(a.LOG_SOFTMAX, _by("log_softmax"), maps=_log_softmax, entries=_entries("log_softmax")),
    Rule(
        a.LOGSUMEXP,
        _by("logsumexp"),
        maps=lambda w, u: (Inner(Expr(a.SOFTMAX, u)),),
        entries=_entries("logsumexp"),
    ),
    Rule(
        a.LOGSUMEXP_ACROSS,
        _by("logsumexp_across"),
        maps=lambda w, u: (RowInner(Expr(a.SOFTMAX, u)),),
        entries=_entries("logsumexp_across"),
        internal=True,
    ),
    Rule(
        a.CROSS_ENTROPY,
        _by("cross_entropy"),
        maps=lambda w, p, y: (Inner(-(y / p)), Inner(-_log(p))),
        entries=_entries("cross_entropy"),
    ),
    Rule(
        INDEX,
        _by("index"),
        maps=lambda w, u, *picks: (Select(picks, u.shape), *(None for _ in picks)),
        entries=_entries("index"),
        internal=True,
    ),
    Rule(a.SLICE, _by("piece"), maps=_piece, entries=_entries("piece"), internal=True),
    Rule(a.STACK, _by("stack"), maps=_stack, entries=_entries("stack")),
    Rule(a.CONCAT, _by("concat"), maps=_concat, entries=_entries("concat")),
)
FORM_ROWS = (
    Rule(a.KRON, _by("kron"), entries=_entries("kron"), internal=True),
    Rule(a.VEC, _by("vec"), entries=_entries("vec"), internal=True),
)
"""Operations that only write derivatives: they have values, and no one differentiates them."""
