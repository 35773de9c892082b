"""Values of operations on arrays, in any precision: NumPy arrays whose entries are a context's own numbers.

In each function `m` is an mpmath context, or anything with its `fsum`, `fdot`, `zero`, … (`entrywise` has
one whose numbers are expressions); a scalar is one of its numbers, a vector or a matrix an array of them.
Large matrices are multiplied and inverted by FLINT, in interval arithmetic at more than twice the context's
digits. No derivative is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import mul
from typing import Any

import numpy as np

from symdiff.expr.tree import ALL

Array = Any
LARGE = 400
"""Entries from which FLINT multiplies and inverts matrices: mpmath's own elimination takes seconds there."""


def as_array(values: Any, shape: tuple[int, ...]) -> Array:
    """Numbers in row order as an array of `shape`; a plain number for a scalar."""
    flat = list(values)
    if not shape:
        return flat[0]
    found = np.empty(len(flat), dtype=object)
    found[:] = flat
    return found.reshape(shape)


def flat(value: Any) -> list[Any]:
    """The numbers of a value, row by row."""
    if isinstance(value, list):
        return value
    return list(value.ravel()) if isinstance(value, np.ndarray) else [value]


def is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def each(function: Callable[..., Any], *args: Any) -> Array:
    """`function` of numbers applied entry by entry, with NumPy's broadcasting."""
    return np.frompyfunc(function, len(args), 1)(*args)


def matmul(m: Any, u: Array, v: Array) -> Any:
    rows = u if u.ndim == 2 else u[np.newaxis, :]
    columns = v.T if v.ndim == 2 else v[np.newaxis, :]
    shape = u.shape[:-1] + v.shape[1:]
    if len(rows) * len(columns) >= LARGE and len(rows[0]) > 1:
        return as_array(_large_product(m, rows, columns), shape)
    found = np.empty((len(rows), len(columns)), dtype=object)
    columns = [list(column) for column in columns]
    for i, row in enumerate(map(list, rows)):
        for j, column in enumerate(columns):
            found[i, j] = m.fdot(row, column)
    return found.reshape(shape) if shape else found[0, 0]


def transpose(m: Any, u: Array) -> Array:
    return u.T if is_array(u) else u


def inner(m: Any, u: Array, v: Array) -> Any:
    return m.fdot(flat(u), flat(v))


def outer(m: Any, u: Array, v: Array) -> Array:
    return u[:, np.newaxis] * v[np.newaxis, :]


def total(m: Any, u: Array) -> Any:
    return m.fsum(flat(u))


def mean(m: Any, u: Array) -> Any:
    return m.fsum(flat(u)) / u.size


def sum_down(m: Any, u: Array) -> Array:
    return sum_across(m, u.T)


def sum_across(m: Any, u: Array) -> Array:
    return as_array([m.fsum(row) for row in u], (len(u),))


def mean_down(m: Any, u: Array) -> Array:
    return mean_across(m, u.T)


def mean_across(m: Any, u: Array) -> Array:
    return sum_across(m, u) / u.shape[1]


def column(m: Any, u: Array) -> Array:
    return u[:, np.newaxis]


def row(m: Any, u: Array) -> Array:
    return u[np.newaxis, :]


def trace(m: Any, u: Array) -> Any:
    return m.fsum(u[i, i] for i in range(len(u)))


def det(m: Any, u: Array) -> Any:
    return _large_determinant(m, u) if u.size >= LARGE else m.det(m.matrix(u.tolist()))


def logdet(m: Any, u: Array) -> Any:
    inv(m, u)  # refuses a matrix that cannot be told from a singular one
    return m.log(abs(det(m, u)))


def inv(m: Any, u: Array) -> Array:
    """The inverse; a ZeroDivisionError for a matrix that cannot be told from a singular one."""
    entries = _large_inverse(m, u) if u.size >= LARGE else list(m.inverse(m.matrix(u.tolist())))
    # More digits are lost than half of those there are: no digit of the result would be sure.
    condition = max(map(abs, entries)) * max(map(abs, flat(u)))
    if condition > m.mpf(10) ** (m.dps // 2):
        raise ZeroDivisionError
    return as_array(entries, u.shape)


def diag(m: Any, u: Array) -> Array:
    if u.ndim == 2:
        return as_array([u[i, i] for i in range(len(u))], (len(u),))
    found = np.full((len(u), len(u)), m.zero, dtype=object)
    np.fill_diagonal(found, u)
    return found


def kron(m: Any, u: Array, v: Array, multiply: Callable[[Any, Any], Any] = mul) -> Array:
    """u ⊗ v: every entry of u times the whole of v; beside a matrix a vector counts as a column."""
    left, right = (part.reshape(len(part), -1) for part in (u, v))
    found = each(multiply, left[:, None, :, None], right[None, :, None, :])
    return found.reshape(-1, *([left.shape[1] * right.shape[1]] if max(u.ndim, v.ndim) > 1 else []))


def vec(m: Any, u: Array) -> Array:
    """The columns of u below one another."""
    return u.ravel(order="F")


def sqnorm(m: Any, u: Array) -> Any:
    return inner(m, u, u)


def norm(m: Any, u: Array) -> Any:
    return m.sqrt(sqnorm(m, u))


def _by_rows(function: Callable[[Any, list[Any]], list[Any]], m: Any, u: Array) -> Array:
    if u.ndim == 1:
        return as_array(function(m, list(u)), u.shape)
    return as_array([value for line in u for value in function(m, list(line))], u.shape)


def _softmax(m: Any, u: list[Any]) -> list[Any]:
    largest = max(u)
    powers = [m.exp(value - largest) for value in u]
    whole = m.fsum(powers)
    return [value / whole for value in powers]


def _logsumexp(m: Any, u: list[Any]) -> Any:
    largest = max(u)
    return largest + m.log(m.fsum(m.exp(value - largest) for value in u))


def softmax(m: Any, u: Array) -> Array:
    return _by_rows(_softmax, m, u)


def log_softmax(m: Any, u: Array) -> Array:
    return _by_rows(lambda m, line: [value - _logsumexp(m, line) for value in line], m, u)


def logsumexp(m: Any, u: Array) -> Any:
    return _logsumexp(m, list(u))


def logsumexp_across(m: Any, u: Array) -> Array:
    return as_array([_logsumexp(m, list(line)) for line in u], (len(u),))


def cross_entropy(m: Any, p: Array, y: Array) -> Any:
    return -m.fsum(b * m.log(a) for a, b in zip(flat(p), flat(y), strict=True))


def index(m: Any, u: Array, *picks: Any) -> Any:
    return u[tuple(slice(None) if pick is ALL else int(pick) for pick in picks)]


def piece(m: Any, u: Array, start: Any, stop: Any) -> Array:
    return u[int(start) : int(stop)]


def stack(m: Any, *args: Any) -> Array:
    if is_array(args[0]):
        return np.stack(args)
    return as_array(args, (len(args),))


def concat(m: Any, *args: Array) -> Array:
    return np.concatenate(args)


def filled(m: Any, what: str, shape: tuple[int, ...], index: int = 0) -> Array:
    """Ones, zeros, the unit matrix, a unit vector."""
    found = np.full(shape, m.one if what == "ones" else m.zero, dtype=object)
    if what == "eye":
        np.fill_diagonal(found, m.one)
    elif what == "unit":
        found[index] = m.one
    return found


def blocks(rows: list[list[Array]]) -> Array:
    """The matrix made of rows of blocks."""
    return np.block(rows)


GUARD = 64
"""Bits beyond twice those of the context, so that what elimination loses is not seen in the result."""


@contextmanager
def _precision(m: Any) -> Iterator[None]:
    """FLINT's working precision set for numbers of the context `m`."""
    import flint  # here for start-up time: only large matrices need it, and it takes 30 ms

    before = flint.ctx.prec
    flint.ctx.prec = 2 * m.prec + GUARD
    try:
        yield
    finally:
        flint.ctx.prec = before


def _matrix(rows: Any) -> Any:
    import flint  # here for start-up time, as above

    return flint.arb_mat([[flint.arb(value) for value in row] for row in rows])


def _number(m: Any, ball: Any) -> Any:
    """The midpoint of FLINT's interval as a number of the context."""
    mantissa, exponent = ball.mid().man_exp()
    return m.mpf((int(mantissa), int(exponent)))


def _large_product(m: Any, rows: Any, columns: Any) -> list[Any]:
    """The entries of a matrix product, row by row; `columns` are those of the right factor."""
    with _precision(m):
        found = _matrix(rows) * _matrix(columns).transpose()
        return [_number(m, ball) for ball in found.entries()]


def _large_determinant(m: Any, rows: Any) -> Any:
    with _precision(m):
        return _number(m, _matrix(rows).det())


def _large_inverse(m: Any, rows: Any) -> list[Any]:
    """The entries of the inverse, row by row.

    Raises:
        ZeroDivisionError: the matrix is singular, or cannot be told from one that is.
    """
    with _precision(m):
        return [_number(m, ball) for ball in _matrix(rows).inv().entries()]
