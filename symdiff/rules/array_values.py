"""Values of operations on arrays, for numbers of any kind (see `arrays`).

In each function `m` is a numeric context: the balls of the proof, or the expressions of `entrywise`. A scalar
is one of its numbers, a vector or a matrix an `Array` of them. No derivative is known here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import accumulate
from operator import add, mul
from typing import Any

from symdiff.errors import DomainError
from symdiff.expr.leaves import TRIANGLES
from symdiff.expr.tree import ALL
from symdiff.rules.arrays import Array, as_array, each, flat, is_array, shape_of, spread


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


def unvec(m: Any, u: Array, rows: Any, columns: Any) -> Array:
    return Array(list(u.entries), (m.integer(columns), m.integer(rows))).T


def _shares(m: Any, u: list[Any]) -> list[Any]:
    """1 at the largest entry and 0 elsewhere; where several are largest, equal shares of 1."""
    largest = m.largest(u)
    ties = [value is largest or m.sign(value - largest) == 0 for value in u]
    share = m.one / m.number(sum(ties))
    return [share if tie else m.zero for tie in ties]


def _largest(m: Any, u: list[Any]) -> Any:
    """The largest entry: of several that are largest the mean, so that each moves it equally."""
    return m.fsum([share * value for share, value in zip(_shares(m, u), u, strict=True) if share != 0])


def _second(m: Any, u: list[Any]) -> Any:
    """The largest of all entries but one that is largest; of one entry less than that."""
    largest = m.largest(u)
    place = next(i for i, value in enumerate(u) if value is largest)
    others = u[:place] + u[place + 1 :]
    return _largest(m, others) if others else largest - m.one


def max_of(m: Any, u: Array) -> Any:
    return _largest(m, u.entries)


def min_of(m: Any, u: Array) -> Any:
    return -_largest(m, (-u).entries)


def second_of(m: Any, u: Array) -> Any:
    return _second(m, u.entries)


def at_max(m: Any, u: Array) -> Array:
    return Array(_shares(m, u.entries), u.shape)


def at_min(m: Any, u: Array) -> Array:
    return at_max(m, -u)


def _each_row(function: Callable[[Any, Any], Any], m: Any, u: Array) -> Array:
    return Array([function(m, Array(line, (len(line),))) for line in u.rows], (len(u),))


def _row_by_row(function: Callable[[Any, Any], Any], m: Any, u: Array) -> Array:
    found = [function(m, Array(line, (len(line),))) for line in u.rows]
    return Array([entry for line in found for entry in line.entries], u.shape)


def max_across(m: Any, u: Array) -> Array:
    return _each_row(max_of, m, u)


def min_across(m: Any, u: Array) -> Array:
    return _each_row(min_of, m, u)


def second_across(m: Any, u: Array) -> Array:
    return _each_row(second_of, m, u)


def at_max_across(m: Any, u: Array) -> Array:
    return _row_by_row(at_max, m, u)


def at_min_across(m: Any, u: Array) -> Array:
    return _row_by_row(at_min, m, u)


def prod(m: Any, u: Any) -> Any:
    return reduce(mul, flat(u))


def prod_across(m: Any, u: Array) -> Array:
    return _each_row(prod, m, u)


def prod_others(m: Any, u: Array) -> Array:
    """For each entry the product of those before it and of those behind it: nothing is divided."""
    before = list(accumulate([m.one, *u.entries[:-1]], mul))
    behind = list(accumulate([m.one, *u.entries[:0:-1]], mul))[::-1]
    return Array(list(map(mul, before, behind)), u.shape)


def prod_others_across(m: Any, u: Array) -> Array:
    return _row_by_row(prod_others, m, u)


def var(m: Any, u: Array) -> Any:
    """The mean of the squared deviations from the mean, as NumPy has it: over n, not n − 1."""
    apart = u - mean(m, u)
    return mean(m, apart * apart)


def var_across(m: Any, u: Array) -> Array:
    return _each_row(var, m, u)


def std(m: Any, u: Array) -> Any:
    return m.sqrt(var(m, u))


def std_across(m: Any, u: Array) -> Array:
    return _each_row(std, m, u)


def norm1(m: Any, u: Any) -> Any:
    return m.fsum(list(map(m.absolute, flat(u))))


def norm_across(m: Any, u: Array) -> Array:
    return _each_row(norm, m, u)


def cumsum(m: Any, u: Array) -> Array:
    """The partial sums along the first axis."""
    sums = [list(accumulate(line, add)) for line in u.columns]
    return Array([entry for line in zip(*sums, strict=True) for entry in line], u.shape)


def flip(m: Any, u: Array) -> Array:
    """The entries, or the rows, in the opposite order."""
    return u[::-1]  # type: ignore[no-any-return]


def tril(m: Any, u: Array) -> Array:
    n = len(u)
    return Array([u.entries[i * n + j] if j <= i else m.zero for i in range(n) for j in range(n)], u.shape)


def triu(m: Any, u: Array) -> Array:
    return tril(m, u.T).T


def cross(m: Any, u: Array, v: Array) -> Array:
    (a, b, c), (d, e, f) = u.entries, v.entries
    return Array([b * f - c * e, c * d - a * f, a * e - b * d], (3,))


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


def masked_softmax(m: Any, u: Array, mask: Any) -> Array:
    """The softmax of the entries that count, 0 for all others."""
    found = [_softmax_of_some(m, line, counts) for line, counts in _lines_and_masks(u, mask)]
    return Array([entry for line in found for entry in line], u.shape)


def _softmax_of_some(m: Any, line: list[Any], counts: list[bool]) -> list[Any]:
    some = iter(_softmax(m, _some(line, counts)))
    return [next(some) if counted else m.zero for counted in counts]


def masked_logsumexp(m: Any, u: Array, mask: Any) -> Any:
    found = [_logsumexp(m, _some(line, counts)) for line, counts in _lines_and_masks(u, mask)]
    return Array(found, u.shape[:1]) if len(u.shape) == 2 else found[0]


def _lines_and_masks(u: Array, mask: Any) -> list[tuple[list[Any], list[bool]]]:
    """The rows of an array, a vector being one, and which entries of each count."""
    length = u.shape[-1]
    holds = spread(mask, shape_of(mask), u.shape)
    starts = range(0, len(u.entries), length)
    return [(u.entries[i : i + length], [each == 1 for each in holds[i : i + length]]) for i in starts]


def _some(line: list[Any], counts: list[bool]) -> list[Any]:
    if not any(counts):
        raise DomainError("a mask that leaves no entry")
    return [entry for entry, counted in zip(line, counts, strict=True) if counted]


def cross_entropy(m: Any, p: Any, y: Any) -> Any:
    return -m.fsum(b * m.log(a) for a, b in zip(flat(p), flat(y), strict=True))


def index(m: Any, u: Array, *picks: Any) -> Any:
    return u[tuple(slice(None) if pick is ALL else m.integer(pick) for pick in picks)]


def gather(m: Any, u: Array, *picks: Any) -> Any:
    """Entries by indices; two vectors of them are taken side by side, as in NumPy."""
    places = [pick if pick is ALL else _whole_numbers(m, pick) for pick in picks]
    lists = [pick for pick in places if isinstance(pick, list)]
    if not lists:
        return u[tuple(slice(None) if pick is ALL else pick for pick in places)]
    rows = [
        u[tuple(slice(None) if p is ALL else p[i] if isinstance(p, list) else p for p in places)]
        for i in range(len(lists[0]))
    ]
    if not is_array(rows[0]):
        return Array(rows, (len(rows),))
    found = Array([entry for line in rows for entry in line.entries], (len(rows), len(rows[0])))
    return found.T if places[0] is ALL else found


def _whole_numbers(m: Any, pick: Any) -> Any:
    return list(map(m.integer, pick.entries)) if is_array(pick) else m.integer(pick)


def one_hot(m: Any, index: Any, length: int) -> Array:
    """e_y, or a row of them for each entry of a vector of indices."""
    places = flat(index)
    entries = [m.one if m.integer(place) == i else m.zero for place in places for i in range(length)]
    return Array(entries, (len(places), length) if is_array(index) else (length,))


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
    """Ones, zeros, the unit matrix, a unit vector, triangles of ones; the numbers 0, 1, …"""
    if what == "arange":
        return Array([m.fsum([m.one] * i) for i in range(shape[0])], shape)
    if what == "tri":
        return Array([m.one if j <= i else m.zero for i in range(shape[0]) for j in range(shape[0])], shape)
    if what in TRIANGLES:
        sign = 1 if what == "tril" else -1
        places = ((i, j) for i in range(shape[0]) for j in range(shape[1]))
        return Array([m.one if sign * (j - i) <= sign * index else m.zero for i, j in places], shape)
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
