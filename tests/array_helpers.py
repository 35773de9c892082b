"""Another route to arrays: programs read by Python itself, on NumPy arrays of 50-digit numbers.

Nothing here uses the package, but to turn its arrays into NumPy's and back. A text is turned into Python by
a few changes of its syntax tree; an expression of the package is evaluated from the names of its operations
alone. Determinants come from the sum over all permutations, inverses from cofactors, and every derivative
from central differences.
"""

from __future__ import annotations

import ast
import itertools
import random
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from helpers import FUNCTIONS, M, exact, mpf

from symdiff.rules.arrays import Array, as_array

STEP = M.mpf(10) ** -12
Sizes = dict[str, int]


def array(entries: list[Any], shape: tuple[int, ...]) -> Any:
    """Numbers, row by row, in a shape; one number for a scalar."""
    if not shape:
        return entries[0]
    found = np.empty(len(entries), dtype=object)
    found[:] = entries
    return found.reshape(shape)


def of_package(value: Any) -> Any:
    """A value of the package, balls or fractions, as a number of 50 digits or an array of them."""
    if isinstance(value, Array):
        return array(list(map(mpf, value.entries)), value.shape)
    return mpf(value)


def to_package(m: Any, value: Any) -> Any:
    """A number or an array of 50 digits in a numeric context of the package."""
    return as_array([m.number(exact(M.mpf(entry))) for entry in flat(value)], shape_of(value))


def flat(value: Any) -> list[Any]:
    """The entries of a value, row by row; of the package's arrays too."""
    if isinstance(value, Array):
        return value.entries
    return list(value.ravel()) if isinstance(value, np.ndarray) else [value]


def shape_of(value: Any) -> tuple[int, ...]:
    return value.shape if isinstance(value, (np.ndarray, Array)) else ()


def each(function: Any, *args: Any) -> Any:
    return np.frompyfunc(function, len(args), 1)(*args)


def _sum(u: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    return u.sum(axis=axis, keepdims=keepdims)


def _mean(u: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    whole = _sum(u, axis, keepdims)
    return whole * len(flat(whole)) / u.size


def _softmax(u: Any, axis: int = -1) -> Any:
    powers = each(M.exp, u)
    return powers / powers.sum(axis=axis, keepdims=True)


def _logsumexp(u: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    assert u.ndim == 1 or axis is not None
    return each(M.log, each(M.exp, u).sum(axis=axis, keepdims=keepdims))


def _det(u: Any) -> Any:
    n, found = len(u), M.zero
    for order in itertools.permutations(range(n)):
        turned = sum(order[i] > order[j] for i in range(n) for j in range(i + 1, n))
        found += (-1) ** turned * prod((u[i, order[i]] for i in range(n)), start=M.one)
    return found


def _inv(u: Any) -> Any:
    n = len(u)
    minors = [(-1) ** (i + j) * _det(np.delete(np.delete(u, j, 0), i, 1)) for i in range(n) for j in range(n)]
    return array(minors, (n, n)) / _det(u)


def _diag(u: Any) -> Any:
    if u.ndim == 2:
        return array([u[i, i] for i in range(len(u))], (len(u),))
    return array([x if i == j else M.zero for i, x in enumerate(u) for j in range(len(u))], (len(u),) * 2)


def _stack(*args: Any) -> Any:
    return array([x for arg in args for x in flat(arg)], (len(args), *shape_of(args[0])))


def _full(number: int, sizes: tuple[Any, ...]) -> Any:
    shape = tuple(int(part) for part in sizes)
    return array([M.mpf(number)] * prod(shape), shape)


def _tri(size: Any) -> Any:
    n = int(size)
    return array([M.mpf(j <= i) for i in range(n) for j in range(n)], (n, n))


def _eye(size: Any) -> Any:
    return _diag(_full(1, (size,)))


def _unit(size: int, index: int) -> Any:
    return array([M.mpf(i == index) for i in range(size)], (size,))


def _kron(u: Any, v: Any) -> Any:
    """u[i, j]·v[k, l] in row ip + k and column jq + l; beside a matrix a vector is a column."""
    if np.ndim(u) == np.ndim(v) == 1:
        return array([a * b for a in u for b in v], (len(u) * len(v),))
    u, v = (w if np.ndim(w) == 2 else w[:, None] for w in (u, v))
    rows, columns = (a * b for a, b in zip(u.shape, v.shape, strict=True))
    p, q = v.shape
    entries = [u[i // p, j // q] * v[i % p, j % q] for i in range(rows) for j in range(columns)]
    return array(entries, (rows, columns))


def vec(u: Any) -> Any:
    """The columns of a matrix below one another; a vector is its own, a number a vector of one."""
    return array(
        [x for column in np.atleast_2d(np.array(u, dtype=object).T) for x in flat(column)], (np.size(u),)
    )


def _norm(u: Any, order: Any = None, axis: int | None = None, keepdims: bool = False) -> Any:
    sizes = each(abs, u) if np.ndim(u) else abs(u)
    if order is not None and "inf" in str(order):
        return max(flat(sizes))
    if order is not None and order == 1:
        return sum(flat(sizes))
    return (
        each(M.sqrt, _sum(u * u, axis, keepdims)) if axis is not None else M.sqrt(sum(x**2 for x in flat(u)))
    )


def _reduced(function: Any) -> Any:
    """A function of a list of numbers as one of all entries, or along an axis."""

    def whole(u: Any, *others: Any, axis: int | None = None, keepdims: bool = False) -> Any:
        if others:
            return each(lambda *numbers: function(list(numbers)), u, *others)
        if axis is None:
            return function(flat(u))
        if u.ndim == 1:
            return array([function(flat(u))], (1,)) if keepdims else function(flat(u))
        lines = u.T if axis in (0, -2) else u
        found = array([function(flat(line)) for line in lines], (len(lines),))
        return np.expand_dims(found, axis) if keepdims else found

    return whole


def _variance(u: list[Any]) -> Any:
    centre = sum(u) / len(u)
    return sum((x - centre) ** 2 for x in u) / len(u)


def _shares(u: list[Any]) -> list[Any]:
    ties = [x == max(u) for x in u]
    return [M.mpf(tie) / sum(ties) for tie in ties]


def _others(u: list[Any]) -> list[Any]:
    return [prod((x for j, x in enumerate(u) if j != i), start=M.one) for i in range(len(u))]


def _whole(function: Any) -> Any:
    return lambda u: array(function(flat(u)), u.shape)


def _rows(function: Any) -> Any:
    return lambda u: array([x for line in u for x in function(flat(line))], u.shape)


def _second(u: list[Any]) -> Any:
    return sorted(u)[-2] if len(u) > 1 else u[0] - 1


def _accumulated(u: Any, axis: int = 0) -> Any:
    return np.cumsum(u, axis=axis)


def _gathered(u: Any, *picks: Any) -> Any:
    def place(pick: Any) -> Any:
        if pick is None:
            return slice(None)
        return np.array([int(one) for one in pick]) if np.ndim(pick) else int(pick)

    return u[tuple(map(place, picks))]


ELEMENTWISE = {
    **{name: (lambda *u, f=f: each(f, *u)) for name, f in FUNCTIONS.items() if callable(f)},
    "ln": lambda u: each(M.log, u),
}
ARRAYS: dict[str, Any] = {
    "sum": _sum,
    "mean": _mean,
    "softmax": _softmax,
    "log_softmax": lambda u, axis=-1: each(M.log, _softmax(u, axis)),
    "logsumexp": _logsumexp,
    "dot": lambda u, v: (u * v).sum(),
    "outer": lambda u, v: u[:, None] * v[None, :],
    "trace": lambda u: sum(u[i, i] for i in range(len(u))),
    "det": _det,
    "logdet": lambda u: M.log(abs(_det(u))),
    "inv": _inv,
    "diag": _diag,
    "norm": _norm,
    "sqnorm": lambda u: _norm(u) ** 2,
    "max": _reduced(max),
    "min": _reduced(min),
    "prod": _reduced(lambda u: prod(u, start=M.one)),
    "var": _reduced(_variance),
    "std": _reduced(lambda u: M.sqrt(_variance(u))),
    "cumsum": _accumulated,
    "flip": lambda u, axis=0: np.flip(u, axis),
    "tril": lambda u: u * _tri(len(u)),
    "triu": lambda u: u * _tri(len(u)).T,
    "cross": lambda u, v: array([u[i - 2] * v[i - 1] - u[i - 1] * v[i - 2] for i in range(3)], (3,)),
    "vec": lambda u: vec(u),
    "cross_entropy": lambda p, y: -(y * each(M.log, p)).sum(),
    "stack": _stack,
    "concat": lambda *args: np.concatenate(args),
    "ones": lambda *sizes: _full(1, sizes),
    "zeros": lambda *sizes: _full(0, sizes),
    "eye": _eye,
}
CONDITIONS: dict[str, Any] = {
    "<": lambda u, v: u < v,
    "<=": lambda u, v: u <= v,
    ">": lambda u, v: u > v,
    ">=": lambda u, v: u >= v,
    "==": lambda u, v: u == v,
    "!=": lambda u, v: u != v,
    "and": lambda *u: all(u),
    "or": lambda *u: any(u),
    "not": lambda u: not u,
    "indicator": lambda u: M.mpf(bool(u)),
}


def _masked(u: Any, counts: Any) -> Any:
    return each(lambda value, counted: M.exp(value) if counted else M.zero, u, counts)


INTERNAL: dict[str, Any] = {
    "+": lambda u, v: u + v,
    "-": lambda u, v: u - v,
    "neg": lambda u: -u,
    "*": lambda u, v: u * v,
    "/": lambda u, v: u / v,
    "**": lambda u, v: u**v,
    "@": lambda u, v: u @ v,
    "total": lambda *u: sum(u[1:], u[0]),
    "transpose": lambda u: getattr(u, "T", u),
    "inner": lambda u, v: (u * v).sum(),
    "sum_down": lambda u: u.sum(axis=0),
    "sum_across": lambda u: u.sum(axis=1),
    "mean_down": lambda u: _mean(u, 0),
    "mean_across": lambda u: _mean(u, 1),
    "logsumexp_across": lambda u: _logsumexp(u, 1),
    "column": lambda u: u[:, None],
    "row": lambda u: u[None, :],
    "only_entry": lambda u: u[0, 0],
    "index": lambda u, *picks: u[tuple(slice(None) if p is None else int(p) for p in picks)],
    "gather": _gathered,
    "max_of": lambda u: max(flat(u)),
    "min_of": lambda u: min(flat(u)),
    **{f"{n}_across": (lambda u, n=n: ARRAYS[n](u, axis=1)) for n in ("max", "min", "prod", "var", "std")},
    "at_max": _whole(_shares),
    "at_min": _whole(lambda u: _shares([-x for x in u])),
    "at_max_across": _rows(_shares),
    "at_min_across": _rows(lambda u: _shares([-x for x in u])),
    "second_of": lambda u: _second(flat(u)),
    "second_across": lambda u: array([_second(flat(line)) for line in u], (len(u),)),
    "prod_others": _whole(_others),
    "prod_others_across": _rows(_others),
    "norm1": lambda u: _norm(u, 1),
    "norm_across": lambda u: _norm(u, axis=1),
    "cumsum_down": _accumulated,
    "flip_down": lambda u: u[::-1],
    "unvec": lambda u, rows, columns: u.reshape(int(columns), int(rows)).T,
    "kron": _kron,
    "vec": vec,
    "concat_across": lambda *args: np.concatenate(args, axis=1),
    "slice": lambda u, *ends: u[
        tuple(slice(int(i), int(j)) for i, j in zip(ends[::2], ends[1::2], strict=True))
    ],
    **{name: (lambda *u, f=f: each(f, *u)) for name, f in CONDITIONS.items()},
    "masked_softmax": lambda u, c: _masked(u, c) / _masked(u, c).sum(axis=-1, keepdims=True),
    "masked_logsumexp": lambda u, c: M.log(_masked(u, c).sum()),
    "masked_logsumexp_across": lambda u, c: each(M.log, _masked(u, c).sum(axis=1)),
    "pi": lambda: FUNCTIONS["pi"],
    "e": lambda: FUNCTIONS["e"],
}
OPERATIONS = {**ELEMENTWISE, **ARRAYS, **INTERNAL}
"""What each operation of the package is worth, by its name."""


class _Python(ast.NodeTransformer):
    """The language in Python: numbers exact, lists as arrays; indices, axes and sizes as they stand."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:  # type: ignore[override]
        return _called("number", [ast.Constant(repr(node.value))])

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return ast.Subscript(self.visit(node.value), node.slice, node.ctx)

    def visit_List(self, node: ast.List) -> ast.expr:
        return _called("stack", [self.visit(member) for member in node.elts])

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        return node


def _called(name: str, args: list[Any]) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), args, [])


def entries_of(name: str, value: Any) -> dict[str, Any]:
    """The entries of a vector x by the names x1 and x_1."""
    if len(shape_of(value)) != 1:
        return {}
    return {f"{name}{mark}{i}": entry for i, entry in enumerate(value, 1) for mark in ("", "_")}


def run(text: str, point: dict[str, Any], sizes: Sizes | None = None) -> Any:
    """The value of a program, by Python: that of its last line; vectors also give x1 and x_1."""
    names: dict[str, Any] = {**FUNCTIONS, **ELEMENTWISE, **ARRAYS, "number": M.mpf, "__builtins__": {}}
    names |= {name: M.mpf(value) for name, value in (sizes or {}).items()} | {"inf": np.inf}
    for name, value in point.items():
        names |= entries_of(name, value)
    names |= point
    found = None
    for line in text.strip().split("\n"):
        target, equals, formula = line.partition(" = ")
        source = formula if equals else target
        tree = ast.fix_missing_locations(_Python().visit(ast.parse(source.strip(), mode="eval")))
        found = eval(compile(tree, "", "eval"), names)
        if equals:
            names |= {target.strip(): found, **entries_of(target.strip(), found)}
    return found


def size_of(part: Any, sizes: Sizes) -> int:
    """A size as a number: 3, "3", "n", "n+2" or "d*n"."""
    terms = [term.split("*") for term in str(part).split("+")]
    return sum(prod(sizes[one] if one in sizes else int(one) for one in term) for term in terms)


def tree(node: Any, at: dict[str, Any], sizes: Sizes | None = None) -> Any:
    """The value of an expression of the package, from the names of its operations; `at` by its text."""
    sizes = sizes or {}
    match node.op.name:
        case "number":
            return M.mpf(Fraction(node.value).numerator) / Fraction(node.value).denominator
        case "name":
            return at[str(node)]
        case ":":
            return None
        case "size":
            return M.mpf(size_of(node.name, sizes))
        case "filled":
            shape = tuple(size_of(part, sizes) for part in node.shape)
            if node.what == "unit":
                return _unit(shape[0], node.index)
            if node.what in ("tri", "arange"):
                return (
                    _tri(shape[0]) if node.what == "tri" else array(list(map(M.mpf, range(shape[0]))), shape)
                )
            if node.what in ("tril", "triu"):
                return getattr(np, node.what)(_full(1, shape), node.index)
            return _eye(shape[0]) if node.what == "eye" else _full(int(node.what == "ones"), shape)
        case "held index":
            return at[node.name]
        case "one-hot":
            return one_hot(at[node.index.name], size_of(node.index.limit, sizes))
    return OPERATIONS[node.op.name](*(tree(arg, at, sizes) for arg in node.args))


def one_hot(index: Any, length: int) -> Any:
    """The unit vector of an index, or the rows of those of several."""
    places = np.atleast_1d(np.array(index, dtype=object))
    found = array([M.mpf(int(p) == j) for p in places for j in range(length)], (len(places), length))
    return found if np.ndim(index) else found[0]


def jacobian(function: Any, start: Any) -> Any:
    """A row for each entry of function(start), a column for each of start; good to about 30 digits."""
    entries, columns = flat(start), []
    for i in range(len(entries)):

        def moved(k: int, i: int = i) -> Any:
            shifted = [x + k * STEP * (i == j) for j, x in enumerate(entries)]
            return np.array(flat(function(array(shifted, shape_of(start)))), dtype=object)

        columns.append((8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * STEP))
    return np.array(columns, dtype=object).T


def drawn(shape: tuple[int, ...], seed: object, kind: str = "") -> Any:
    """Entries in (−1, 1), none of them near 0; `kind` says what must hold of them."""
    rng = random.Random(str(seed))
    entries = [M.mpf(rng.randrange(100, 900) * rng.choice((-1, 1))) / 907 for _ in range(prod(shape))]
    if kind in ("positive", "simplex", "above"):
        entries = [abs(x) + (kind == "above") for x in entries]
    found = array(entries, shape)
    if kind == "simplex":
        return found / found.sum(axis=-1, keepdims=True)
    if kind == "symmetric":
        return found + found.T
    return found + 2 * _eye(shape[0]) if kind == "regular" else found


def nested(value: Any) -> Any:
    """An array in exact fractions, as the package takes a point."""
    if isinstance(value, np.ndarray):
        return tuple(map(nested, value))
    return Fraction(int(M.nint(value * 10**6)), 10**6)


def numbers(value: Any) -> Any:
    """Nested fractions as an array of 50-digit numbers."""
    if not isinstance(value, tuple):
        return M.mpf(value.numerator) / value.denominator
    return _stack(*map(numbers, value))


def same(one: Any, other: Any, digits: int = 25) -> bool:
    """Whether two values have one shape and entries that agree to so many digits of the largest."""
    if shape_of(one) != shape_of(other):
        return False
    pairs = [(M.mpf(a), M.mpf(b)) for a, b in zip(flat(one), flat(other), strict=True)]
    scale = max([M.one, *(abs(b) for _, b in pairs)])
    return all(abs(a - b) <= M.mpf(10) ** -digits * scale for a, b in pairs)
