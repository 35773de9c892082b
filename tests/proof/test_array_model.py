"""The model of programs with arrays against differences of another engine, and the proof at work."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from array_helpers import flat, jacobian, numbers, of_package, run, same, shape_of, tree
from flint import arb_mat
from helpers import mpf

from symdiff.derivation.derivation import bar, dot
from symdiff.derivation.sweeps import forward, reverse
from symdiff.document.blocks import Chain
from symdiff.errors import ProofError
from symdiff.expr.leaves import ones, zeros
from symdiff.expr.operations import matmul, outer
from symdiff.expr.tree import Dim, Expr, Num, Sym, symbols
from symdiff.language.program import parse_program
from symdiff.proof.judge import check, check_end_to_end
from symdiff.proof.model import Model
from symdiff.proof.sample_points import models_of
from symdiff.rules.table import RULES
from symdiff.tape import partials
from symdiff.tape.tracing import trace_definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

n, m, d = "n", "m", "d"
REGRESSION = {"X": (m, n), "w": (n,), "b": (), "y": (m,)}
PROGRAMS: dict[str, tuple[Any, ...]] = {
    "least squares": ("r = X @ w + b - y\nL = dot(r, r)/m", REGRESSION),
    "ridge": ("r = X @ w - y\nL = sqnorm(r)/2 + k*sqnorm(w)", {"X": (m, n), "w": (n,), "y": (m,), "k": ()}),
    "softmax regression": (
        "z = W @ x + b\np = softmax(z)\nL = -dot(y, log(p))",
        {"W": (n, d), "x": (d,), "b": (n,), "y": (n,)},
        {"y": "simplex"},
    ),
    "a batch": (
        "Z = X @ W + b\nL = -sum(Y*log_softmax(Z))/m",
        {"X": (m, d), "W": (d, n), "b": (n,), "Y": (m, n)},
        {"Y": "simplex"},
    ),
    "perceptron": (
        "h = tanh(W @ x + b)\ny = V @ h + c\nL = sqnorm(y - t)/2",
        {"W": (n, d), "x": (d,), "b": (n,), "V": (m, n), "c": (m,), "t": (m,)},
    ),
    "relu": ("h = relu(W @ x)\nL = v @ h", {"W": (n, d), "x": (d,), "v": (n,)}),
    "attention": (
        "S = softmax(Q @ K.T/sqrt(d))\nO = S @ V\nL = sum(O*O)",
        {"Q": (m, d), "K": (n, d), "V": (n, "p")},
    ),
    "layer norm": (
        "mu = mean(x)\nv = mean((x - mu)**2)\ny = g*(x - mu)/sqrt(v + eps) + c\nL = dot(y, t)",
        {"x": (n,), "g": (n,), "c": (n,), "eps": (), "t": (n,)},
    ),
    "normal density": (
        "r = x - mu\nL = -dot(r, inv(S) @ r)/2 - logdet(S)/2",
        {"x": (n,), "mu": (n,), "S": (n, n)},
        {"S": "symmetric"},
    ),
    "determinants": ("L = logdet(X) + trace(A @ X) + det(X)", {"X": (n, n), "A": (n, n)}),
    "inverses": ("L = sum(inv(A) @ b*c)", {"A": (n, n), "b": (n,), "c": (n,)}),
    "trace of an inverse": ("L = trace(inv(X) @ A)", {"X": (n, n), "A": (n, n)}),
    "quadratic": ("L = x @ A @ x", {"A": (n, n), "x": (n,)}),
    "quadratic, symmetric": ("L = x @ A @ x", {"A": (n, n), "x": (n,)}, {"A": "symmetric"}),
    "Rayleigh quotient": ("L = dot(x, A @ x)/dot(x, x)", {"A": (n, n), "x": (n,)}),
    "norms": ("L = norm(A @ x - b)**2 + norm(x)", {"A": (m, n), "x": (n,), "b": (m,)}),
    "a name twice in one step": ("L = sum(x*x) + dot(x, x)", {"x": (n,)}),
    "a Gram matrix": ("Y = X @ X.T", {"X": (m, n)}),
    "a fork": ("h = tanh(x)\nL = dot(h, x) + sum(h*h*x) + h @ A @ h", {"x": (n,), "A": (n, n)}),
    "stacks": ("L = sum([a*b, a, b**2]*x) + sum(stack(x, x*x) @ x)", {"a": (), "b": (), "x": (3,)}),
    "a rotation": ("y = [[cos(t), -sin(t)], [sin(t), cos(t)]] @ x", {"t": (), "x": (2,)}),
    "joined": ("L = sum(concat(u, v)*concat(v, u)[0:4]) + u[0]*v[-1]", {"u": (2,), "v": (2,)}),
    "entries": ("y = tanh(W @ x)/sqrt(1 + x[0]**2)", {"W": (2, 3), "x": (3,)}),
    "rows and columns": ("L = sum(X[0]*X[:, 1]) + X[1, 1]**2", {"X": (3, 3)}),
    "axes": (
        "L = sum(X*mean(X, axis=0)) + sum(X/sum(X, axis=1, keepdims=True)*Y) + sum(logsumexp(X, axis=1)**2)",
        {"X": (m, n), "Y": (m, n)},
    ),
    "softmax down": ("L = sum(softmax(X, axis=0)*Y)", {"X": (m, n), "Y": (m, n)}),
    "cross entropy": ("L = cross_entropy(softmax(u), softmax(v)) + logsumexp(v)", {"u": (n,), "v": (n,)}),
    "outer products": ("L = sum(outer(u, v)*M)", {"u": (n,), "v": (m,), "M": (n, m)}),
    "diagonals": ("L = sum(diag(x) @ A @ diag(x)) + trace(diag(diag(A)))", {"A": (n, n), "x": (n,)}),
    "powers": ("L = sum(exp(x)**y) + sum(2**x) + sum(x**3)/n", {"x": (n,), "y": (n,)}),
    "a scalar spread": ("Y = A*s + x", {"A": (m, n), "s": (), "x": (n,)}),
    "an array itself": ("y = x", {"x": (n,)}),
}
NAMES = list(PROGRAMS)


class Case:
    """One program: its tape, derivations, models, and the other engine's view of it."""

    def __init__(self, text: str, shapes: dict[str, Any], assumed: dict[str, str] | None = None) -> None:
        self.text = text
        program = parse_program(text, tuple(shapes), shapes, assumed or {})
        self.tape = trace_definitions(program.definitions, program.inputs)
        self.models = models_of(self.tape)
        self.derivations = [reverse(self.tape), forward(self.tape)]

    def chains(self) -> Iterator[Chain]:
        for derivation in self.derivations:
            for sweep in derivation.sweeps:
                for line in sweep.lines:
                    yield Chain(line.var, line.members)

    def point(self, model: Model) -> dict[str, Any]:
        return {name: numbers(value) for name, value in model.exact.items()}

    def jacobian(self, model: Model, name: str) -> Any:
        at = self.point(model)
        return jacobian(lambda u: run(self.text, at | {name: u}, model.sizes_of), at[name])

    def check(self) -> None:
        """The proof of every line, and from end to end."""
        for chain in self.chains():
            check(chain, self.models)
        for model in self.models:
            check_end_to_end(model, self.derivations)


@lru_cache
def case(name: str) -> Case:
    return Case(*PROGRAMS[name])


def vector(value: Any) -> Any:
    """The entries of a value, or of a tangent or an adjoint, in 50 digits."""
    if isinstance(value, arb_mat):
        value = value.entries()
    entries = value if isinstance(value, list) else flat(value)
    return np.array(list(map(mpf, entries)), dtype=object)


@pytest.mark.parametrize("name", NAMES)
def test_the_model_is_what_another_engine_measures(name: str) -> None:
    one = case(name)
    for model in one.models:
        assert same(
            of_package(model.primal[one.tape.output]), run(one.text, one.point(model), model.sizes_of)
        )
        for _, given in one.tape.inputs:
            local_one = one.jacobian(model, given.name)
            var = one.tape.variables[given.name]
            seed = vector(model.adjoint_seed)
            moved, result = (vector(model.tangent(given.name, v)) for v in (var, one.tape.output))
            assert same(vector(model.adjoints[var]), local_one.T @ seed)
            assert same(result, local_one @ moved)
            assert same(vector(model.jacobian(var)), local_one.ravel())


@pytest.mark.parametrize("name", NAMES)
def test_adjoints_and_tangents_are_dual(name: str) -> None:
    one = case(name)
    for model in one.models:
        for _, given in one.tape.inputs:
            var = one.tape.variables[given.name]
            moved, result = (vector(model.tangent(given.name, v)) for v in (var, one.tape.output))
            back = vector(model.adjoints[var]) @ moved
            there = vector(model.adjoint_seed) @ result
            assert same(back, there, digits=40)


@pytest.mark.parametrize("name", NAMES)
def test_the_last_line_is_the_gradient_in_every_shape(name: str) -> None:
    one = case(name)
    for model in one.models:
        at = {str(var): of_package(value) for var, value in model.primal.items()}
        for given, line in one.derivations[0].results.items():
            if any(s.accent for s in symbols(line.local)):
                continue
            found = tree(line.local, at, model.sizes_of)
            assert shape_of(found) == shape_of(model.primal[one.tape.variables[given]])
            assert same(vector(found), one.jacobian(model, given).T @ vector(model.adjoint_seed))


@pytest.mark.parametrize("name", NAMES)
def test_the_proof_passes(name: str) -> None:
    case(name).check()


@pytest.mark.parametrize("name", NAMES)
def test_every_line_off_by_a_thousandth_is_refused(name: str) -> None:
    one = case(name)
    for chain in one.chains():
        wrong = chain.members[-1] * Num(1001) / 1000
        if any(np.any(abs(vector(model(chain.left))) > 10**-20) for model in one.models):
            with pytest.raises(ProofError):
                check(Chain(chain.left, (*chain.members, wrong)), one.models)


SQUARE = Case("h = W @ x\nL = dot(c, h)", {"W": (n, n), "x": (n,), "c": (n,)})
W, x, c, h = SQUARE.tape.order[:4]
TRUE = {"x": (x, W.T @ c), "W": (W, outer(c, x)), "c": (c, h)}
FALSE = {
    "a wrong sign": (x, -(W.T @ c)),
    "no transpose": (x, W @ c),
    "a scalar for a vector": (x, c @ x),
    "ones for a vector": (x, ones((n,))),
    "zeros": (x, zeros((n,))),
    "operands swapped": (W, outer(x, c)),
    "a transposed result": (W, outer(c, x).T),
    "a factor": (x, (W.T @ c) * Num(1001) / 1000),
    "a tiny factor": (x, (W.T @ c) * Num(10**12 + 1) / 10**12),
    "a matrix for a vector": (x, outer(c, x)),
    "a row for a vector": (x, matmul(outer(c, x), W)),
    "another operand": (c, x),
    "one entry": (x, W.T @ c + ones((n,)) * (c @ x)),
    "the tangent's rule": (x, W.T @ x),
}


@pytest.mark.parametrize(("var", "member"), TRUE.values(), ids=TRUE)
def test_true_lines_pass(var: Sym, member: Expr) -> None:
    check(Chain(bar(var), (member,)), SQUARE.models)


@pytest.mark.parametrize(("var", "member"), FALSE.values(), ids=FALSE)
def test_false_lines_are_refused(var: Sym, member: Expr) -> None:
    with pytest.raises(ProofError, match="proof failed"):
        check(Chain(bar(var), (member,)), SQUARE.models)


def test_false_tangents_are_refused() -> None:
    seed = Sym("x", shape=(n,))
    left, right = dot(h, seed), W @ dot(x, seed)
    check(Chain(left, (right,)), SQUARE.models)
    for wrong in (W.T @ dot(x, seed), -right, right * 2, c @ right):
        with pytest.raises(ProofError):
            check(Chain(left, (wrong,)), SQUARE.models)


def test_a_wrong_shape_is_named() -> None:
    with pytest.raises(ProofError, match="its shape is"):
        check(Chain(bar(x), (c @ x,)), SQUARE.models)


def test_a_line_that_is_true_at_one_size_only_is_refused() -> None:
    two = Num(2) * (W.T @ c) / Dim(n)
    with pytest.raises(ProofError):
        check(Chain(bar(x), (two,)), SQUARE.models)


@pytest.mark.parametrize("given", ["W", "x", "c"])
def test_a_wrong_result_is_refused_from_end_to_end(given: str) -> None:
    one = Case("h = W @ x\nL = dot(c, h)", {"W": (n, n), "x": (n,), "c": (n,)})
    model = one.models[0]
    var = one.tape.variables[given]
    with model.m:
        model.adjoints[var] = model.adjoints[var] * model.m.number(Fraction(1001, 1000))
    with pytest.raises(ProofError, match=f"the derivative by {given}"):
        check_end_to_end(model, one.derivations)


@pytest.fixture
def fresh_partials() -> Iterator[None]:
    """Nothing remembered of the partials, before and after."""
    caches = [found for found in vars(partials).values() if hasattr(found, "cache_clear")]
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


class Negated:
    """A map with the wrong sign."""

    def __init__(self, of: Any) -> None:
        self.of = of

    def apply(self, tangent: Expr) -> Expr:
        return -self.of.apply(tangent)

    def transpose(self, adjoint: Expr) -> Expr:
        return -self.of.transpose(adjoint)

    def matrix(self) -> Expr:
        return -self.of.matrix()


USED = {"@": "quadratic", "softmax": "softmax regression", "inv": "inverses", "logdet": "determinants"}
USED |= {
    "norm": "norms",
    "outer": "outer products",
    "stack": "stacks",
    "mean": "layer norm",
    "diag": "diagonals",
}


@pytest.mark.usefixtures("fresh_partials")
@pytest.mark.parametrize(("row", "name"), USED.items())
def test_a_wrong_row_is_refused(row: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = RULES[row]

    def wrong(w: Expr, *u: Expr) -> tuple[Any, ...]:
        return tuple(found and Negated(found) for found in rule.partials(w, *u))

    monkeypatch.setitem(RULES, row, replace(rule, maps=wrong))
    with pytest.raises(ProofError):
        Case(*PROGRAMS[name]).check()


LARGE = {
    "a product": ("L = sum(tanh(W @ x))", {"W": ("100", n), "x": (n,)}),
    "two sizes": ("r = X @ w - y\nL = dot(r, r)", {"X": ("12", "8"), "w": ("8",), "y": ("12",)}),
    "a softmax": ("L = dot(y, log(softmax(W @ x)))", {"W": ("6", "9"), "x": ("9",), "y": ("6",)}),
    "an entry": ("L = x[3]*x[50] + sum(x)", {"x": ("60",)}),
    "a mean": ("L = mean(x)", {"x": ("100",)}),
    "a mean square": ("L = mean((X @ w - y)**2)", {"X": ("100", 3), "w": (3,), "y": ("100",)}),
    "a mean along": ("L = sum(mean(X, axis=0)**2)", {"X": ("100", 3)}),
    "ones": ("L = sum(x)*sum(ones(100)*s)", {"x": ("100",), "s": ()}),
    "a piece": ("L = sum(x[0:50]**2)", {"x": ("100",)}),
    "joined": ("z = concat(u, v)\nL = dot(z, z)", {"u": ("20",), "v": ("10",)}),
}


@pytest.mark.parametrize(("text", "shapes"), LARGE.values(), ids=LARGE)
def test_large_sizes_are_proved(text: str, shapes: Any) -> None:
    Case(text, shapes).check()


def test_large_sizes_are_proved_at_reduced_ones() -> None:
    sizes = [model.sizes_of for model in Case(*LARGE["a product"]).models]
    assert len(sizes) >= 3
    assert all(1 <= one["100"] <= 4 for one in sizes)


CANCELLED = {
    "softmax of a matrix": ("L = s*sum(softmax(A))", {"A": (m, n), "s": ()}),
    "softmax of a vector": ("L = s*sum(softmax(x))", {"x": (n,), "s": ()}),
    "A @ inv(A)": ("L = sum(A @ inv(A))", {"A": (n, n)}),
    "x - x": ("L = sum(x - x) + x/x @ y", {"x": (n,), "y": (n,)}),
    "logarithms": ("L = sum(log(x) - log(x*x)/2)", {"x": (n,)}),
}


@pytest.mark.parametrize(("text", "shapes"), CANCELLED.values(), ids=CANCELLED)
def test_derivatives_that_cancel_are_proved(text: str, shapes: Any) -> None:
    Case(text, shapes).check()


ONE = {
    "a vector of one": ("L = sum((W @ x + b)**2)", {"W": (3, 2), "x": (2,), "b": (1,)}),
    "a matrix and a vector of one": ("L = sum(X*b)", {"X": (3, 2), "b": (1,)}),
    "a matrix of one": ("L = sum(X*b)", {"X": (3, 2), "b": (1, 1)}),
    "a list of one": ("L = sum(x*[s])", {"x": (n,), "s": ()}),
}


@pytest.mark.parametrize(("text", "shapes"), ONE.values(), ids=ONE)
def test_a_size_of_one_is_spread(text: str, shapes: Any) -> None:
    Case(text, shapes).check()


def test_points_keep_what_is_assumed() -> None:
    for model in case("softmax regression").models:
        assert sum(model.exact["y"]) == 1
        assert min(model.exact["y"]) > 0
    for model in case("quadratic, symmetric").models:
        assert model.exact["A"] == tuple(zip(*model.exact["A"], strict=True))


def test_points_are_the_same_on_every_run() -> None:
    one, other = (Case(*PROGRAMS["ridge"]).models for _ in range(2))
    assert [model.exact for model in one] == [model.exact for model in other]
