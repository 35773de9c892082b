"""Light algebra on arrays: every rewriting keeps value and shape, and people's forms come out."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from array_helpers import drawn, same, size_of, tree

from symdiff.algebra.tidy import tidy
from symdiff.expr import operations as a
from symdiff.expr.leaves import entry_count, eye, ones, zeros
from symdiff.expr.notation import Op
from symdiff.expr.operations import EXP, SIGMOID, TANH, inner, outer, piece
from symdiff.expr.tree import Dim, Expr, Num, Sym, entry, to_code
from symdiff.rules.table import rule_of

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = {"n": 3, "m": 2}
V, U, X, S = ("n",), ("m",), ("m", "n"), ("n", "n")
s, t = Sym("s"), Sym("t")
x, y, w = (Sym(name, shape=V) for name in "xyw")
u = Sym("u", shape=U)
A, B = (Sym(name, shape=S) for name in "AB")
C, D = (Sym(name, shape=X) for name in "CD")
H = Sym("H", shape=S, assume="symmetric")
p = Sym("p", shape=V, assume="simplex")
P = Sym("P", shape=X, assume="simplex")
r = Sym("r", shape=(1, "n"))
q = Sym("q", shape=("m", 1))
NAMES = (s, t, x, y, w, u, A, B, C, D, H, p, P, r, q)
KINDS = {**dict.fromkeys("AB", "regular"), "H": "symmetric", "p": "simplex", "P": "simplex"}
AT = {
    str(n): drawn(tuple(size_of(k, SIZES) for k in n.shape), n, KINDS.get(str(n), "positive")) for n in NAMES
}


def of(op: Op, *args: Expr) -> Expr:
    return Expr(op, *args)


def value(node: Expr) -> Any:
    return tree(node, AT, SIZES)


def fault(root: Expr) -> str:
    """How tidying changes `root`; nothing if value and shape stay."""
    found = tidy(root)
    if found.shape != root.shape:
        return f"{root}: the shape becomes {found.shape}"
    return "" if same(value(found), value(root)) else f"{root}: the value changes in {found}"


class Grower:
    """Random expressions of a wanted shape."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def leaf(self, shape: Any) -> Expr:
        known = [n for n in NAMES if n.shape == shape]
        if not shape:
            known += [Num(self.rng.randrange(-2, 4)), entry_count(V)]
        else:
            known += [ones(shape), zeros(shape)]
        if shape == S:
            known.append(eye("n"))
        return self.rng.choice(known)

    def grow(self, shape: Any, depth: int) -> Expr:
        if not depth or self.rng.random() < 0.12:
            return self.leaf(shape)
        ways = [self.arithmetic, self.arithmetic, self.function, self.by_shape, self.by_shape]
        return self.rng.choice(ways)(shape, depth - 1)

    def arithmetic(self, shape: Any, depth: int) -> Expr:
        narrow = {(): [()], V: [V, ()], U: [U, ()], S: [S, V, ()], X: [X, V, (), (1, "n"), ("m", 1)]}
        one, other = self.grow(shape, depth), self.grow(self.rng.choice(narrow.get(shape, [shape])), depth)
        if self.rng.random() < 0.5:
            one, other = other, one
        kind = self.rng.randrange(7)
        if kind == 5:
            return -self.grow(shape, depth)
        if kind == 6:
            return self.grow(shape, depth) ** self.rng.choice((2, 3, -1))
        return (one + other, one - other, one * other, one * other, one / other)[kind]

    def function(self, shape: Any, depth: int) -> Expr:
        inside = self.grow(shape, depth)
        return of(self.rng.choice((SIGMOID, TANH)), inside)

    def by_shape(self, shape: Any, depth: int) -> Expr:
        def g(of_shape: Any) -> Expr:
            return self.grow(of_shape, depth)

        ways: dict[Any, list[Callable[[], Expr]]] = {
            (): [
                lambda: of(a.SUM, g(V)),
                lambda: of(a.SUM, g(X)),
                lambda: inner(g(V), g(V)),
                lambda: inner(g(X), g(X)),
                lambda: g(V) @ g(V),
                lambda: of(a.TRACE, g(S)),
                lambda: of(a.MEAN, g(V)),
                lambda: entry(g(V), (0,)),
                lambda: entry(g(X), (1, 0)),
            ],
            V: [
                lambda: g(S) @ g(V),
                lambda: g(V) @ g(S),
                lambda: g(U) @ g(X),
                lambda: of(a.SUM_DOWN, g(X)),
                lambda: of(a.SOFTMAX, g(V)),
                lambda: of(a.DIAG, g(S)),
                lambda: entry(g(X), (1,)),
                lambda: g(V).T,
            ],
            U: [
                lambda: g(X) @ g(V),
                lambda: of(a.SUM_ACROSS, g(X)),
                lambda: of(a.SUM_ACROSS, of(a.SOFTMAX, g(X))),
            ],
            X: [
                lambda: g(X) @ g(S),
                lambda: outer(g(U), g(V)),
                lambda: of(a.COLUMN, g(U)) * g(X),
                lambda: of(a.ROW, g(V)) * g(X),
                lambda: of(a.SOFTMAX, g(X)),
                lambda: g(X).T.T,
                lambda: (g(S) @ g(X).T).T,
            ],
            S: [
                lambda: g(S).T,
                lambda: g(S) @ g(S),
                lambda: outer(g(V), g(V)),
                lambda: of(a.DIAG, g(V)),
                lambda: g(X).T @ g(X),
                lambda: of(a.INV, self.rng.choice((A, B))),
            ],
        }
        return self.rng.choice(ways.get(shape, [lambda: self.leaf(shape)]))()


def usable(root: Expr) -> bool:
    """Whether `root` has a value at the point, with no size beyond all measure."""
    try:
        entries = value(root)
    except (ZeroDivisionError, OverflowError, ValueError):
        return False
    return bool(abs(entries if not root.shape else abs(entries).max()) < 10**8)


@pytest.mark.parametrize("seed", range(40))
def test_tidying_keeps_value_and_shape(seed: int) -> None:
    grower = Grower(seed)
    roots = [grower.grow(shape, depth) for shape in ((), V, U, X, S) for depth in (1, 2, 2, 3, 3, 4)]
    faults = [fault(root) for root in roots if usable(root)]
    assert [one for one in faults if one] == []


@pytest.mark.parametrize("seed", range(40, 50))
def test_tidying_twice_changes_nothing_more(seed: int) -> None:
    grower = Grower(seed)
    for root in [grower.grow(shape, 2) for shape in ((), V, X, S) for _ in range(4)]:
        if usable(root):
            assert same(value(tidy(tidy(root))), value(root))


def test_the_operations_that_are_mixed_have_rows() -> None:
    grower = Grower(0)
    for root in [grower.grow(shape, 3) for shape in ((), V, U, X, S) for _ in range(20)]:
        assert not root.args or rule_of(root)


SPREAD = {
    "a term that vanishes was the widest": of(a.SUM, x + s + C - C),
    "a quotient that vanishes was the widest": of(a.SUM, x / x + s),
    "only scalars are left": of(a.SUM, x - x + s + t),
    "a row against a matrix": of(a.SUM_ACROSS, C - C + x + s),
    "a column is left": of(a.SUM_DOWN, q + s + C - C),
    "a sum transposed": (C - C + x + s).T,
    "a sum against a vector": (C - C + x + s) @ y,
    "an inner product": inner(C - C + x + s, D),
    "an outer product": outer(u - u + s + t, x),
    "a trace": of(a.TRACE, A - A + x + s),
    "all minus": of(a.SUM, C - C - x - s),
    "a mean": of(a.MEAN, C - C + x + s),
    "a product of two": of(a.SUM, (x - x + s) * (y / y + t)),
}


@pytest.mark.parametrize("root", SPREAD.values(), ids=SPREAD)
def test_what_vanishes_leaves_its_shape(root: Expr) -> None:
    assert fault(root) == ""


IDENTITIES: dict[str, tuple[Expr, Expr]] = {
    "(Aᵀ)ᵀ = A": (A.T.T, A),
    "(AB)ᵀ = BᵀAᵀ": ((A @ B).T, B.T @ A.T),
    "(uvᵀ)ᵀ = vuᵀ": (outer(x, y).T, outer(y, x)),
    "⟨w, y/w⟩ = Σy": (inner(w, y / w), of(a.SUM, y)),
    "the simplex adds up to 1": (of(a.SUM, p), Num(1)),
    "⟨1, p⟩ = 1": (inner(ones(V), p), Num(1)),
    "⟨w, p/w⟩ = 1": (inner(w, p / w), Num(1)),
    "softmax adds up to 1": (of(a.SUM, of(a.SOFTMAX, x)), Num(1)),
    "rows on the simplex": (of(a.SUM_ACROSS, P), ones(U)),
    "rows of softmax": (of(a.SOFTMAX, C) @ ones(V), ones(U)),
    "Hᵀ = H": (H.T, H),
    "(H⁻¹)ᵀ = H⁻¹": (of(a.INV, H).T, of(a.INV, H)),
    "Hx + Hᵀx = 2Hx": (H @ x + H.T @ x, 2 * (H @ x)),
    "x/x = 1": (x / x, ones(V)),
    "x − x = 0": (x - x, zeros(V)),
    "0·A = 0": (0 * A, zeros(S)),
    "0·A·x = 0": ((0 * A) @ x, zeros(V)),
    "I·x = x": (eye("n") @ x, x),
    "x·I = x": (x @ eye("n"), x),
    "A·I = A": (A @ eye("n"), A),
    "Iᵀ = I": (eye("n").T, eye("n")),
    "A·A⁻¹ = I": (A @ of(a.INV, A), eye("n")),
    "diag(w)·x = w∘x": (of(a.DIAG, w) @ x, w * x),
    "diag(w)ᵀ = diag(w)": (of(a.DIAG, w).T, of(a.DIAG, w)),
    "x·A = Aᵀx": (x @ A, A.T @ x),
    "Σ1 = n": (of(a.SUM, ones(V)), Dim("n")),
    "tr I = n": (of(a.TRACE, eye("n")), Dim("n")),
    "1∘x = x": (ones(V) * x, x),
    "(−s)(−x) = sx": ((-s) * (-x), s * x),
    "A(sx) = s(Ax)": (A @ (s * x), s * (A @ x)),
    "a column leaves the sum": (of(a.SUM_ACROSS, of(a.COLUMN, u) * C), u * of(a.SUM_ACROSS, C)),
    "xᵀ = x": (x.T, x),
}


@pytest.mark.parametrize(("left", "right"), IDENTITIES.values(), ids=IDENTITIES)
def test_identities_are_used(left: Expr, right: Expr) -> None:
    assert tidy(left) == right
    assert same(value(left), value(right))


NOT_IDENTITIES: dict[str, tuple[Expr, Expr]] = {
    "Aᵀ is not A": (A.T, A),
    "AB is not BA": (A @ B, B @ A),
    "a vector need not add up to 1": (of(a.SUM, x), Num(1)),
    "columns of softmax": (of(a.SUM_DOWN, of(a.SOFTMAX, C)), ones(V)),
    "the product of symmetric matrices": ((H @ A).T, H @ A),
    "outer products do not commute": (outer(x, y), outer(y, x)),
    "columns on the simplex": (of(a.SUM_DOWN, P), ones(V)),
    "the sum of rows on the simplex": (of(a.SUM, P), Num(1)),
    "A∘A is not A·A": (A * A, A @ A),
}


@pytest.mark.parametrize(("left", "right"), NOT_IDENTITIES.values(), ids=NOT_IDENTITIES)
def test_what_is_no_identity_is_not_used(left: Expr, right: Expr) -> None:
    assert tidy(left) != tidy(right)
    assert fault(left) == fault(right) == ""


FORMS = {
    "2*x + x": (2 * x + x, "3*x"),
    "p − y turned": (-(y - p), "p - y"),
    "minus inside": (-(x + y), "-x - y"),
    "a number in front": (x * 2 * s, "2*s*x"),
    "fractions joined": (s * x / t, "s*x/t"),
    "square": (x * x, "x**2"),
    "twice a product": (A @ x + A @ x, "2*(A @ x)"),
    "exponent": (of(EXP, x) * 1, "exp(x)"),
}


@pytest.mark.parametrize(("root", "form"), FORMS.values(), ids=FORMS)
def test_forms_that_people_look_at(root: Expr, form: str) -> None:
    assert to_code(tidy(root)).replace("(A @ x)", "A @ x") == form.replace("(A @ x)", "A @ x")


def test_factors_leave_what_is_linear_only() -> None:
    pieces = (piece(Sym("z", shape=(4,)), 0, 2), of(a.NORM, 2 * x), of(a.INV, 2 * A), of(a.DET, 2 * A))
    assert [tidy(one) for one in pieces] == list(pieces)
