"""Programs whose emitted code is run, and the values they must have: by Python and 50-digit numbers alone."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from array_helpers import array, drawn, flat, jacobian, size_of, tree
from helpers import M

from symdiff.codegen.short_statements import derived
from symdiff.derivation.derivation import Derivation
from symdiff.exercises import names, read
from symdiff.exercises.problem import Problem
from symdiff.expr.leaves import HeldIndex
from symdiff.language.program import parse_program
from symdiff.tape.tape import Tape

SIZES = {"n": 3, "m": 2, "d": 4, "k": 2}
SCALARS = (
    "y = exp(-a*x)*sin(x)",
    "x - 2*x + x*1",
    "f(x, b) = x",
    "f(x) = 3",
    "y = x*sqrt(2) + exp(x)*log(3) + softplus(2)*relu(x)*max(2, 3) + sigmoid(1) + pi",
    "c = 2.50\nd = -c\ny = exp(c)*x**d",
    "u = x*z\nv = x*z\ny = u*v + sin(v)",
    "u = x\ny = u",
    "y = x**z + 2**x - x**-2 + (x + z)**0.5 + e**x + (-x)**2 - (-(x - z))",
    "y = 1e12*x + 12345678901*z + 0.1*x/3000000000 + 1e-7*x - x**2*z + x**(1/3)",
    "y = asin(x/3)*acos(z/3) + atan(z) + tan(x) + cosh(x)*sinh(z)/cos(x)",
    "y = asinh(x) + acosh(2 + x**2) + atanh(x/3) + erf(x)/x + arcsin(x/4) + arccos(x/5) + arctan(x)",
    "y = arsinh(x) + arcosh(3 + x**2) + artanh(z/4) + ln(x**2) + log(z**2)",
    "y = abs(x)*relu(x - z) + sign(x)*z + max(x, z)*min(x, z**2)",
    "y = x/(1 + exp(-z)) - sigmoid(x*z)*softplus(z - x) + tanh(x)",
    "y = atan2(x, z) + log10(x)*log2(z) + cot(x)*sec(z)*csc(x) + arctan2(z, x)",
    "y = lgamma(x)*digamma(z) + tgamma(x/2)*polygamma(1, z) + gammaln(z)*loggamma(x)",
    "y = where(x > z, x*z, sin(x)) + arcsinh(x) + arccosh(1 + x)*(x <= z) + arctanh(x/9)",
    "y = (x if x > 1 and z > 0 else x**2) + huber(x - z, 0.1) + (z if not (x == z or z < x) else -z)",
    "p = [x*z, sin(x), 2]\nq = [[x, 1], [z, x*z]]\ny = dot(p, p) + det(q) + q[0, 1]",
    "y = [3*x - 2*z, x]",
    "y = [1, 2]*x",
    "lambda = x*np\nE = sin(float)\nL_bar = (lambda + E)*x\ntorch = L_bar**2\nL = L_bar*torch + beta*w_1",
    "t1 = sin(x*z)*cos(x)\nt1_bar = exp(t1)*t1\ny = t1_bar*sin(x*z) + exp(t1)",
    " + ".join(f"sin({i}*x)*exp(z/{i})*{i}" for i in range(1, 12)),
    "*".join(f"(1 + sin({i}*x*z)*exp(x/{i + 7}))" for i in range(1, 12)),
    "y = [" + ", ".join(f"sin({i}*x)*z" for i in range(1, 16)) + "]",
)
ARRAYS: tuple[tuple[str, dict[str, tuple[Any, ...]], dict[str, str]], ...] = (
    ("y = sum(tanh(X)*X)/2 + mean(X) + sqnorm(X)*norm(X)", {"X": ("m", "n")}, {}),
    (
        "y = dot(sum(X, axis=0), mean(X, axis=0)) + dot(sum(X, axis=1), mean(X, axis=1))",
        {"X": ("m", "n")},
        {},
    ),
    ("y = X - mean(X, axis=1, keepdims=True)*sum(X, axis=0, keepdims=True)", {"X": ("m", "n")}, {}),
    ("y = sum(softmax(X)**2) + sum(X*log_softmax(X, axis=0))", {"X": ("m", "n")}, {}),
    ("y = logsumexp(x) + dot(logsumexp(X, axis=1), x)", {"X": ("n", "m"), "x": ("n",)}, {}),
    ("y = cross_entropy(softmax(z), t) + cross_entropy(t, t)", {"z": ("n",), "t": ("n",)}, {"t": "simplex"}),
    ("y = trace(A @ A) + det(A) + logdet(A) + sum(inv(A))", {"A": ("n", "n")}, {"A": "regular"}),
    ("y = inv(A) @ x", {"A": ("n", "n"), "x": ("n",)}, {"A": "regular"}),
    ("y = x @ A @ x", {"A": ("n", "n"), "x": ("n",)}, {"A": "symmetric"}),
    ("y = sum(diag(x) @ A) + dot(diag(A), x.T)", {"A": ("n", "n"), "x": ("n",)}, {}),
    ("y = outer(x, exp(x)) + eye(n) - 2*ones(n, n) + zeros(n)", {"x": ("n",)}, {}),
    ("y = concat(x, 2*z)[1:4] + x", {"x": (3,), "z": (2,)}, {}),
    ("y = x[0]*x[2] + A[1]*A[0, 1] + A[:, 1]", {"x": ("n",), "A": (2, 2)}, {}),
    ("y = A[1, 0] + A[0, 1]**2", {"A": (2, 2)}, {}),
    ("y = stack(x, x*s) + s*ones(2, n)", {"x": ("n",)}, {}),
    ("y = concat(A, X, axis=1) @ concat(X.T, A)", {"A": ("n", 2), "X": ("n", "n")}, {}),
    ("y = x[0:k]*z + x[n-k:]*x[-1] + X[k:, 0:2][0, 1]", {"x": ("n",), "z": ("k",), "X": ("n", "n")}, {}),
    ("y = concat(X, A)[1:3, 0:2]*X[1, 0:2] + A[-1, n-1]", {"A": (2, "n"), "X": ("n", "n")}, {}),
    ("y = sum(relu(X) + abs(X) + max(X, s) + min(X, X.T) + sign(X))", {"X": ("n", "n")}, {}),
    (
        "y = sum(softmax(where(tril(ones(n, n)), X, -inf))*X)"
        " + sum(softmax(X + where(triu(ones(n, n), 1) > 0, -oo, 0))**2) + sum(tril(X @ X, -1))",
        {"X": ("n", "n")},
        {},
    ),
    (
        "y = dot(logsumexp(where(eye(n) + X**2 >= X, X, -inf), axis=1), x)"
        " + logsumexp(where(x > -2, x, -inf)) + sum(where(X > s, X*s, 0.01*X)) + sum(x*(x > 0))",
        {"X": ("n", "n"), "x": ("n",)},
        {},
    ),
    ("q = [n, n + 1]\ny = n*s + x[0]*dot(q, q)", {"x": ("n",)}, {}),
    ("y = sum(x*ones(n)) + n*s + s**n", {"x": ("n",)}, {}),
    ("y = -log_softmax(z)[c] + z[c]*A[c, 0]", {"z": ("n",), "A": ("n", "m"), "c": ()}, {}),
    (
        "h = tanh(C[ix] @ W)\ny = -mean(log_softmax(h)[range(m), t])",
        {"C": ("n", "d"), "W": ("d", "k"), "ix": ("m",), "t": ("m",)},
        {},
    ),
    ("y = C[ix, 1] + C[:, 0][ix] + sum(C[[2, 0], [1, 1]])", {"C": ("n", "d"), "ix": ("m",)}, {}),
    ("y = max(X)*min(x) + sum(max(X, axis=1)) + sum(min(X, axis=0)**2)", {"X": ("m", "n"), "x": ("n",)}, {}),
    ("y = prod(x) + sum(prod(X, axis=1)) + sum(x*cumsum(x))", {"X": ("m", "n"), "x": ("n",)}, {}),
    ("y = var(x)*std(x) + sum(var(X, axis=1)/std(X, axis=1))", {"X": ("m", "n"), "x": ("n",)}, {}),
    ("y = norm(x, 1) + norm(x, inf) + sum(norm(X, axis=1))", {"X": ("m", "n"), "x": ("n",)}, {}),
    ("y = sum(cumsum(X, axis=0)*flip(X, axis=1)) + dot(flip(x), x)", {"X": ("m", "n"), "x": ("n",)}, {}),
    ("y = trace(tril(A) @ triu(A)) + norm(vec(A @ A))", {"A": ("n", "n")}, {}),
    ("y = cross(u, v) + cross(v, cross(u, u))", {"u": (3,), "v": (3,)}, {}),
    ("y = X.T @ (X @ w) + transpose(X) @ ones(m)", {"X": ("m", "n"), "w": ("n",)}, {}),
)
TITLED = Problem("titled", parse_program("y = x**2"), {"en": '"""\\" quoted \\\\ and\nbroken\x00 "line" \\'})


def problems() -> dict[str, Problem]:
    """Every program by a name for it."""
    found = {name: read(name) for name in names()} | {text[:60]: read(text) for text in SCALARS}
    found = {name: problem for name, problem in found.items() if problem.recurrence is None}
    for text, shapes, kinds in ARRAYS:
        assumed = {name: kind for name, kind in kinds.items() if kind in ("simplex", "symmetric")}
        found[text] = Problem("arrays", parse_program(text, None, shapes, assumed))
    return found | {"titled": TITLED}


PROBLEMS = problems()
KINDS = {text: kinds for text, _, kinds in ARRAYS}


@cache
def derivation_of(name: str) -> Derivation:
    return derived(PROBLEMS[name])


def values_of(tape: Tape, point: dict[str, Any]) -> Any:
    """The value of the last definition, from the names of the operations alone."""
    known = dict(point)
    for name, formula in tape.definitions:
        known[str(name)] = tree(formula, known, SIZES)
    return known[str(tape.result)]


@cache
def case(name: str) -> tuple[dict[str, Any], Any, Any, dict[str, Any]]:
    """A point, an adjoint of the result, the value and the gradients, all in 50 digits."""
    derivation = derivation_of(name)
    tape = derivation.tape
    point = {
        str(s): drawn(tuple(size_of(part, SIZES) for part in s.shape), (name, str(s)), _kind(name, s))
        for _, s in tape.inputs
    }
    point |= {index.name: _index(index) for index in tape.indices.values()}
    value = values_of(tape, point)
    seed = drawn(np.shape(value), "seed") if tape.output.shape else M.one
    gradients = {}
    for s in derivation.wrt:
        moved = jacobian(lambda v, s=s: values_of(tape, {**point, str(s): v}), point[str(s)])
        whole = array(
            [sum(a * b for a, b in zip(flat(seed), column, strict=True)) for column in moved.T],
            np.shape(point[str(s)]),
        )
        gradients[str(s)] = whole
    return point, seed, value, gradients


def _index(index: HeldIndex) -> Any:
    """Valid places, of several the last one twice."""
    limit = size_of(index.limit, SIZES)
    lengths = [size_of(part, SIZES) for part in index.shape]
    return np.array([(1 + i) % limit for i in range(lengths[0])]) if lengths else limit - 1


def _kind(name: str, symbol: Any) -> str:
    return KINDS.get(name, {}).get(str(symbol)) or symbol.assume or ("" if symbol.shape else "positive")


def as_floats(value: Any) -> Any:
    """50-digit numbers in double precision: a float, or an array of them; an index as it is."""
    if np.asarray(value).dtype.kind == "i":
        return value
    return (
        np.array([float(x) for x in flat(value)]).reshape(np.shape(value)) if np.ndim(value) else float(value)
    )
