"""Values of operations on arrays, for numbers of any kind (see `arrays`).

In each function `m` is a numeric context: the balls of the proof, or the expressions of `entrywise`. A scalar
is one of its numbers, a vector or a matrix an `Array` of them. No derivative is known here.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import mul
from typing import Any

from symdiff.expr.tree import ALL
from symdiff.rules.arrays import Array, as_array, each, flat, is_array


def matmul(m: Any, u: Array, v: Array) -> Any:
    shape = u.shape[:-1] + v.shape[1:]
    return as_array(m.product(u.rows, v.columns), shape)


def transpose(m: Any, u: Any) -> Any:
    return u.T if is_array(u) else u


def inner(m: Any, u: Any, v: Any) -> Any:
    return m.fdot(flat(u), flat(v))


def outer(m: Any, u: Array, v: Array) -> Array:
    return Array([a * b for a in u.entries for b in v.entries], (len(u), len(v)))


def total(m: Any, u: Any) -> Any:
    return m.fsum(flat(u))


def mean(m: Any, u: Any) -> Any:
    return m.fsum(flat(u)) / len(flat(u))


def sum_down(m: Any, u: Array) -> Array:
    return sum_across(m, u.T)


def sum_across(m: Any, u: Array) -> Array:
    return Array([m.fsum(row) for row in u.rows], (len(u),))


def mean_down(m: Any, u: Array) -> Any:
    return mean_across(m, u.T)


def mean_across(m: Any, u: Array) -> Any:
    return sum_across(m, u) / u.shape[1]


def column(m: Any, u: Array) -> Array:
    return Array(u.entries, (len(u), 1))


def row(m: Any, u: Array) -> Array:
    return Array(u.entries, (1, len(u)))


def trace(m: Any, u: Array) -> Any:
    return m.fsum(_diagonal(u))


def _diagonal(u: Array) -> list[Any]:
    return u.entries[:: u.shape[1] + 1]


def det(m: Any, u: Array) -> Any:
    return m.det(u.rows)


def logdet(m: Any, u: Array) -> Any:
    """ln|det u|; a ZeroDivisionError for a singular matrix."""
    inv(m, u)
    return m.log(m.absolute(det(m, u)))


def inv(m: Any, u: Array) -> Array:
    """The inverse; a ZeroDivisionError for a singular matrix."""
    return Array(m.inverse(u.rows), u.shape)


def diag(m: Any, u: Array) -> Array:
    if u.ndim == 2:
        return Array(_diagonal(u), (len(u),))
    n = len(u)
    return Array([u.entries[i] if i == j else m.zero for i in range(n) for j in range(n)], (n, n))


def kron(m: Any, u: Array, v: Array, multiply: Callable[[Any, Any], Any] = mul) -> Array:
    """u ⊗ v: every entry of u times the whole of v; beside a matrix a vector counts as a column."""
    left, right = (part.rows if part.ndim == 2 else [[entry] for entry in part.entries] for part in (u, v))
    found = [multiply(a, b) for one in left for other in right for a in one for b in other]
    rows = len(left) * len(right)
    return Array(found, (rows, len(found) // rows) if max(u.ndim, v.ndim) > 1 else (rows,))


def vec(m: Any, u: Array) -> Array:
    """The columns of u below one another."""
    return Array([entry for column in u.columns for entry in column], (u.size,))


def sqnorm(m: Any, u: Any) -> Any:
    return inner(m, u, u)


def norm(m: Any, u: Any) -> Any:
    return m.sqrt(sqnorm(m, u))


def _by_rows(function: Callable[[Any, list[Any]], list[Any]], m: Any, u: Array) -> Array:
    return Array([value for line in u.rows for value in function(m, line)], u.shape)


def _softmax(m: Any, u: list[Any]) -> list[Any]:
    largest = m.largest(u)
    powers = [m.exp(value - largest) for value in u]
    whole = m.fsum(powers)
    return [value / whole for value in powers]


def _logsumexp(m: Any, u: list[Any]) -> Any:
    largest = m.largest(u)
    return largest + m.log(m.fsum(m.exp(value - largest) for value in u))


def _log_softmax(m: Any, u: list[Any]) -> list[Any]:
    whole = _logsumexp(m, u)
    return [value - whole for value in u]


def softmax(m: Any, u: Array) -> Array:
    return _by_rows(_softmax, m, u)


def log_softmax(m: Any, u: Array) -> Array:
    return _by_rows(_log_softmax, m, u)


def logsumexp(m: Any, u: Array) -> Any:
    return _logsumexp(m, u.entries)


def logsumexp_across(m: Any, u: Array) -> Array:
    return Array([_logsumexp(m, line) for line in u.rows], (len(u),))


def cross_entropy(m: Any, p: Any, y: Any) -> Any:
    return -m.fsum(b * m.log(a) for a, b in zip(flat(p), flat(y), strict=True))


def index(m: Any, u: Array, *picks: Any) -> Any:
    return u[tuple(slice(None) if pick is ALL else m.integer(pick) for pick in picks)]


def piece(m: Any, u: Array, *ends: Any) -> Array:
    """The entries from start to before stop along each axis."""
    places = list(map(m.integer, ends))
    if any(stop > length for stop, length in zip(places[1::2], u.shape, strict=True)):
        raise IndexError("the piece ends behind the array")
    found: Array = u[tuple(slice(*pair) for pair in zip(places[::2], places[1::2], strict=True))]
    return found


def stack(m: Any, *args: Any) -> Array:
    if is_array(args[0]):
        return Array([entry for arg in args for entry in arg.entries], (len(args), *args[0].shape))
    return Array(list(args), (len(args),))


def concat(m: Any, *args: Array) -> Array:
    entries = [entry for arg in args for entry in arg.entries]
    return Array(entries, (sum(map(len, args)), *args[0].shape[1:]))


def concat_across(m: Any, *args: Array) -> Array:
    lines = zip(*(arg.rows for arg in args), strict=True)
    found = [entry for parts in lines for row in parts for entry in row]
    return Array(found, (len(args[0]), len(found) // len(args[0])))


def filled(m: Any, what: str, shape: tuple[int, ...], index: int = 0) -> Array:
    """Ones, zeros, the unit matrix, a unit vector."""
    count = 1
    for size in shape:
        count *= size
    found = Array([m.one if what == "ones" else m.zero] * count, shape)
    if what == "eye":
        found.entries[:: shape[1] + 1] = [m.one] * shape[0]
    elif what == "unit":
        found.entries[index] = m.one
    return found


def blocks(rows: list[list[Array]]) -> Array:
    """The matrix made of rows of blocks."""
    lines = [
        [entry for row in parts for entry in row]
        for own in rows
        for parts in zip(*[block.rows for block in own], strict=True)
    ]
    return Array([entry for line in lines for entry in line], (len(lines), len(lines[0])))


__all__ = ["Array", "as_array", "each", "flat", "is_array"]
