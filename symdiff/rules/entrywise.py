"""Operations on arrays written out entry by entry: W @ x as W_11·x_1 + W_12·x_2, as a person writes it.

An array is an `Array` of scalar expressions, a scalar one expression. The order is the author's; only
what nobody writes is left out: a term 0, a factor 1, a sign inside a sum. Operations that only add, multiply
or move entries are those of `array_values`, in a context whose numbers are expressions. The name of a
function is the one that the row of the table gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from types import SimpleNamespace
from typing import Any

from symdiff.algebra.monomials import is_plain_power
from symdiff.algebra.tidy import tidy
from symdiff.errors import EntriesError, InputError
from symdiff.expr import tree as e
from symdiff.expr.conditions import INDICATOR
from symdiff.expr.notation import Op
from symdiff.expr.operations import EXP, LOG, MAX, MIN, SQRT
from symdiff.expr.tree import ABS, Expr, Num
from symdiff.rules import array_values
from symdiff.rules.arrays import Array, flat, shape_of, spread

LARGEST_DET, LARGEST_INV = 4, 3
MOST_TERMS = 12
"""Sums of more terms than this are one n-ary node, printed with an ellipsis."""


def is_value(u: Expr, value: int) -> bool:
    """Whether `u` is written as this number."""
    return isinstance(u, Num) and u.value == value


def negated(u: Expr) -> Expr:
    """−u, a sign in front of u taken away."""
    if isinstance(u, Num) and u.value:
        return Num(-u.value, u.text[1:] if u.text.startswith("-") else f"-{u.text}")
    return u if isinstance(u, Num) else u.args[0] if u.op is e.NEG else -u


def product(u: Expr, v: Expr) -> Expr:
    """u·v, the sign and the number in front; u·u as u²."""
    if is_value(u, 0) or is_value(v, 0):
        return e.ZERO
    if is_value(u, 1) or is_value(v, 1):
        return v if is_value(u, 1) else u
    minus, numbers, others = _factors(u, v)
    if u == v and not numbers:
        return tidy(u * v) if is_plain_power(u) else _unsigned(u) ** Num(2)
    number = _joined(e.MUL, numbers) if numbers else e.ONE
    if is_value(number, 0):
        return e.ZERO
    leading = [] if is_value(number, 1) and others else [number]
    found = reduce(Expr.__mul__, [*leading, *others])
    return negated(found) if minus else found


def _factors(u: Expr, v: Expr) -> tuple[bool, list[Expr], list[Expr]]:
    """The sign, the numbers and the other factors of u·v; True for a minus sign."""
    minus, numbers, others, stack = False, list[Expr](), list[Expr](), [v, u]
    while stack:
        node = stack.pop()
        if node.op in (e.NEG, e.MUL):
            minus ^= node.op is e.NEG
            stack.extend(reversed(node.args))
        elif isinstance(node, Num):
            minus ^= node.value < 0
            numbers.append(negated(node) if node.value < 0 else node)
        else:
            others.append(node)
    return minus, numbers, others


def _joined(op: Op, numbers: Sequence[Expr]) -> Expr:
    """Numbers as one number; a single one keeps its text."""
    return reduce(lambda u, v: tidy(Expr(op, u, v)), numbers)


def _unsigned(u: Expr) -> Expr:
    return u.args[0] if u.op is e.NEG else u


def quotient(u: Expr, v: Expr) -> Expr:
    """u/v with the sign in front of the fraction."""
    if is_value(v, 1) or (is_value(u, 0) and not is_value(v, 0)):
        return u
    if isinstance(u, Num) and isinstance(v, Num) and v.value:
        return tidy(u / v)
    found = _unsigned(u) / _unsigned(v)
    return found if (u.op is e.NEG) == (v.op is e.NEG) else -found


def added(terms: Iterable[Expr]) -> Expr:
    """The sum of `terms` without brackets and zeros, a minus sign as a subtraction."""
    parts = [part for term in terms for part in terms_of(term) if not is_value(part, 0)]
    if parts and all(isinstance(part, Num) for part in parts):
        return _joined(e.ADD, parts)
    if len(parts) > MOST_TERMS and all(map(_is_negative, parts)):
        return negated(joined_sum(map(negated, parts)))
    return joined_sum(parts)


def joined_sum(terms: Iterable[Expr]) -> Expr:
    """The sum of terms as they stand, those with a minus sign subtracted."""
    parts = list(terms)
    if not parts or len(parts) > MOST_TERMS:
        return e.total(parts, MOST_TERMS)
    return reduce(lambda u, v: u - negated(v) if _is_negative(v) else u + v, parts)


def _is_negative(u: Expr) -> bool:
    return u.op is e.NEG or (isinstance(u, Num) and u.value < 0)


def terms_of(term: Expr) -> list[Expr]:
    """The terms of a sum, those that are subtracted with their sign."""
    found, stack = list[Expr](), [term]
    while stack:
        node = stack.pop()
        if node.op is e.SUB:
            stack.extend((negated(node.args[1]), node.args[0]))
        elif node.op in (e.ADD, e.TOTAL):
            stack.extend(reversed(node.args))
        else:
            found.append(negated(node.args[0]) if isinstance(_unsigned(node), Num) and node.args else node)
    return found


def _sum_of_products(u: Iterable[Expr], v: Iterable[Expr]) -> Expr:
    return added(product(a, b) for a, b in zip(u, v, strict=True))


def _products(rows: Sequence[Sequence[Expr]], columns: Sequence[Sequence[Expr]]) -> list[Expr]:
    return [_sum_of_products(row, column) for row in rows for column in columns]


def _integer(pick: Expr) -> int:
    assert isinstance(pick, Num)
    return int(pick.value)


CONTEXT = SimpleNamespace(
    zero=e.ZERO,
    one=e.ONE,
    fsum=added,
    fdot=_sum_of_products,
    product=_products,
    integer=_integer,
    sqrt=partial(Expr, SQRT),
)
"""What `array_values` asks of a numeric context, with expressions as numbers."""


def _of_entries(name: str) -> Callable[..., Any]:
    return partial(getattr(array_values, name), CONTEXT)


matmul, inner, total, trace = map(_of_entries, ("matmul", "inner", "total", "trace"))
sum_down, sum_across, sqnorm, norm = map(_of_entries, ("sum_down", "sum_across", "sqnorm", "norm"))
transpose, column, row, diag = map(_of_entries, ("transpose", "column", "row", "diag"))
stack, concat, concat_across, vec = map(_of_entries, ("stack", "concat", "concat_across", "vec"))
kron = partial(array_values.kron, CONTEXT, multiply=product)


def outer(u: Array, v: Array) -> Array:
    return Array([product(a, b) for a in u for b in v], (len(u), len(v)))


def mean(u: Array) -> Expr:
    return quotient(total(u), Num(u.size))


def mean_across(u: Array) -> Array:
    return Array(list(map(mean, u)), u.shape[:1])


def mean_down(u: Array) -> Array:
    return mean_across(u.T)


def det(u: Array) -> Expr:
    """The expansion along the first row."""
    if len(u) > LARGEST_DET:
        _refuse("det", len(u), LARGEST_DET)
    return added(product(u[0, j], _cofactor(u, 0, j)) for j in range(len(u)))


def _cofactor(u: Array, i: int, j: int) -> Expr:
    rest = [row[:j] + row[j + 1 :] for row in u.rows[:i] + u.rows[i + 1 :]]
    minor = Array([entry for row in rest for entry in row], (len(rest), len(rest)))
    found = det(minor) if rest else e.ONE
    return negated(found) if (i + j) % 2 else found


def _refuse(name: str, size: int, largest: int) -> None:
    way_out = f"give at most {largest}×{largest}, or use the matrix reading"
    raise InputError(f"{name} of a {size}×{size} matrix is too long to write out", way_out=way_out)


def logdet(u: Array) -> Expr:
    return _log(Expr(ABS, det(u)))


def inv(u: Array) -> Array:
    """The adjugate over the determinant."""
    if len(u) > LARGEST_INV:
        _refuse("inv", len(u), LARGEST_INV)
    whole, places = det(u), range(len(u))
    return Array([quotient(_cofactor(u, j, i), whole) for i in places for j in places], u.shape)


def _log(u: Expr) -> Expr:
    return e.ZERO if is_value(u, 1) else Expr(LOG, u)


def _exp(u: Expr) -> Expr:
    return e.ONE if is_value(u, 0) else Expr(EXP, u)


def _by_rows(function: Callable[[Sequence[Expr]], Iterable[Expr]], u: Array) -> Array:
    return Array([entry for line in u.rows for entry in function(line)], u.shape)


def _softmax(u: Sequence[Expr]) -> list[Expr]:
    powers = list(map(_exp, u))
    whole = added(powers)
    return [quotient(power, whole) for power in powers]


def _log_softmax(u: Sequence[Expr]) -> list[Expr]:
    whole = _log(added(map(_exp, u)))
    return [added((entry, negated(whole))) for entry in u]


softmax, log_softmax = (partial(_by_rows, function) for function in (_softmax, _log_softmax))


def logsumexp(u: Array) -> Expr:
    return _log(added(map(_exp, u)))


def logsumexp_across(u: Array) -> Array:
    return Array(list(map(logsumexp, u)), u.shape[:1])


def masked_softmax(u: Array, mask: Any) -> Array:
    """eᵘ/Σ eᵘ over the entries that count, 0 for all others."""
    powers = _counting(u, mask)
    return _by_rows(_shares, powers)


def _counting(u: Array, mask: Any) -> Array:
    """eᵘ for the entries that count, 0 for all others."""
    counts = spread(mask, shape_of(mask), u.shape)
    pairs = zip(u.entries, counts, strict=True)
    return Array([product(_exp(entry), Expr(INDICATOR, counted)) for entry, counted in pairs], u.shape)


def _shares(powers: Sequence[Expr]) -> list[Expr]:
    whole = added(powers)
    return [quotient(power, whole) for power in powers]


def masked_logsumexp(u: Array, mask: Any) -> Any:
    powers = _counting(u, mask)
    if len(u.shape) == 1:
        return _log(added(powers.entries))
    return Array([_log(added(line)) for line in powers.rows], u.shape[:1])


def cross_entropy(p: Array, y: Array) -> Expr:
    return negated(added(product(b, _log(a)) for a, b in zip(flat(p), flat(y), strict=True)))


def index(u: Array, *picks: Expr) -> Any:
    return array_values.index(CONTEXT, u, *picks)


def _chained(op: Op) -> Callable[[Array], Expr]:
    """max and min of several numbers, two at a time."""
    return lambda u: reduce(lambda one, other: Expr(op, one, other), u.entries)


max_of, min_of = _chained(MAX), _chained(MIN)


def _product_of(entries: Sequence[Expr]) -> Expr:
    found: Expr = e.ONE
    for entry in entries:
        found = product(found, entry)
    return found


def prod(u: Array) -> Expr:
    return _product_of(u.entries)


def var(u: Array) -> Expr:
    """The mean of the squared deviations from the mean."""
    centre = mean(u)
    apart = [added((entry, negated(centre))) for entry in u.entries]
    return quotient(added(product(one, one) for one in apart), Num(u.size))


def std(u: Array) -> Expr:
    return Expr(SQRT, var(u))


def norm1(u: Array) -> Expr:
    return added(Expr(ABS, entry) for entry in u.entries)


def _each_row(function: Callable[[Array], Expr]) -> Callable[[Array], Array]:
    return lambda u: Array([function(Array(line, (len(line),))) for line in u.rows], (len(u),))


max_across, min_across, prod_across = map(_each_row, (max_of, min_of, prod))
var_across, std_across, norm_across = map(_each_row, (var, std, norm))


def cumsum(u: Array) -> Array:
    """The partial sums along the first axis, each written out."""
    sums = [[added(line[: i + 1]) for i in range(len(line))] for line in u.columns]
    return Array([entry for line in zip(*sums, strict=True) for entry in line], u.shape)


def cross(u: Array, v: Array) -> Array:
    (a, b, c), (d, e, f) = u.entries, v.entries
    pairs = ((b, f, c, e), (c, d, a, f), (a, e, b, d))
    return Array([added((product(p, q), negated(product(r, s)))) for p, q, r, s in pairs], (3,))


def unvec(u: Array, rows: Expr, columns: Expr) -> Array:
    return array_values.unvec(CONTEXT, u, rows, columns)


def _by_place(*_: Any) -> Any:
    """Which entry is the largest is known at a point only."""
    raise EntriesError("where an array is largest is not written entry by entry")


at_max = at_min = at_max_across = at_min_across = second_of = second_across = _by_place


def prod_others(u: Array) -> Array:
    every = [[own for j, own in enumerate(u.entries) if j != i] for i in range(u.size)]
    return Array(list(map(_product_of, every)), u.shape)


def prod_others_across(u: Array) -> Array:
    rows = [prod_others(Array(line, (len(line),))) for line in u.rows]
    return Array([entry for line in rows for entry in line.entries], u.shape)


flip, tril, triu = map(_of_entries, ("flip", "tril", "triu"))


def gather(u: Array, *picks: Any) -> Any:
    return array_values.gather(CONTEXT, u, *picks)


def piece(u: Array, *ends: Expr) -> Array:
    return array_values.piece(CONTEXT, u, *ends)
