"""How long results of arrays are beside their textbook forms: operations of both, written as code.

    python -m benchmarks.short_forms

An operation is a binary or unary operator, a call, an attribute or an index of the text.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from symdiff.api.wishes import Wishes
from symdiff.api.works import work_of
from symdiff.derivation.author_names import in_names
from symdiff.derivation.short_forms import way_to_short_form
from symdiff.derivation.ways import WayStep
from symdiff.exercises import read
from symdiff.explain.shared.work import TapeWork
from symdiff.expr.tree import Expr

Shapes = Mapping[str, Sequence[str]]


class Case(NamedTuple):
    """An exercise, the name to differentiate by, and the form that textbooks have."""

    name: str
    definitions: str
    shapes: Shapes
    wrt: str
    textbook: str


NORMALISED = "s = sqrt(v + eps)\nxhat = (x - mu)/s\ny = gamma*xhat + beta\nL = dot(c, y)"
IN_ROWS = "s = sqrt(v + eps)\nXhat = (X - mu)/s\nY = gamma*Xhat + beta\nL = sum(C*Y)"
VECTORS: Shapes = {"x": ["n"], "gamma": ["n"], "beta": ["n"], "c": ["n"], "eps": []}
BATCH: Shapes = {"X": ["m", "n"], "gamma": ["n"], "beta": ["n"], "C": ["m", "n"], "eps": []}
CASES = (
    Case(
        "logistic regression",
        "p = sigmoid(X @ w + b)\nL = -mean(y*log(p) + (1 - y)*log(1 - p))",
        {"X": ["m", "d"], "w": ["d"], "b": [], "y": ["m"]},
        "w",
        "X.T @ (p - y)/m",
    ),
    Case(
        "softmax and cross-entropy",
        "z = W @ x\np = softmax(z)\nL = -dot(y, log(p))",
        {"W": ["n", "d"], "x": ["d"], "y": ["n"]},
        "W",
        "outer(sum(y)*p - y, x)",
    ),
    Case(
        "the same in rows",
        "Z = X @ W\nP = softmax(Z)\nL = -sum(Y*log(P))/m",
        {"X": ["m", "d"], "W": ["d", "n"], "Y": ["m", "n"]},
        "W",
        "X.T @ (sum(Y, axis=1, keepdims=True)*P - Y)/m",
    ),
    Case(
        "the same by log_softmax",
        "Z = X @ W\nL = -mean(sum(Y*log_softmax(Z), axis=1))",
        {"X": ["m", "d"], "W": ["d", "n"], "Y": ["m", "n"]},
        "W",
        "X.T @ (sum(Y, axis=1, keepdims=True)*softmax(Z) - Y)/m",
    ),
    Case(
        "LayerNorm",
        f"mu = mean(x)\nv = mean((x - mu)**2)\n{NORMALISED}",
        VECTORS,
        "x",
        "(gamma*c - mean(gamma*c) - xhat*mean(gamma*c*xhat))/s",
    ),
    Case(
        "LayerNorm of a batch",
        f"mu = mean(X, axis=1, keepdims=True)\nv = mean((X - mu)**2, axis=1, keepdims=True)\n{IN_ROWS}",
        BATCH,
        "X",
        "(gamma*C - mean(gamma*C, axis=1, keepdims=True) - Xhat*mean(gamma*C*Xhat, axis=1, keepdims=True))/s",
    ),
    Case(
        "BatchNorm",
        f"mu = mean(X, axis=0)\nv = mean((X - mu)**2, axis=0)\n{IN_ROWS}",
        BATCH,
        "X",
        "(gamma*C - mean(gamma*C, axis=0) - Xhat*mean(gamma*C*Xhat, axis=0))/s",
    ),
    Case(
        "RMSNorm",
        "r = sqrt(mean(x**2) + eps)\nxhat = x/r\nL = dot(c, w*xhat)",
        {"x": ["n"], "w": ["n"], "c": ["n"], "eps": []},
        "x",
        "(w*c - xhat*mean(w*c*xhat))/r",
    ),
    Case(
        "attention",
        "P = softmax(Q @ K.T/sqrt(d))\nO = P @ V\nL = sum(C*O)",
        {"Q": ["n", "d"], "K": ["m", "d"], "V": ["m", "k"], "C": ["n", "k"]},
        "Q",
        "(P*(C @ V.T - sum(C*O, axis=1, keepdims=True))) @ K/sqrt(d)",
    ),
    Case(
        "SwiGLU",
        "a = X @ W1\ng = X @ W2\ns = sigmoid(a)\nh = a*s*g\nL = sum(C*h)",
        {"X": ["m", "d"], "W1": ["d", "n"], "W2": ["d", "n"], "C": ["m", "n"]},
        "W1",
        "X.T @ (C*g*s*(1 + a*(1 - s)))",
    ),
    Case(
        "ridge regression",
        "r = X @ w - y\nL = dot(r, r)/m + lam*dot(w, w)",
        {"X": ["m", "d"], "w": ["d"], "y": ["m"], "lam": []},
        "w",
        "2*X.T @ r/m + 2*lam*w",
    ),
    Case(
        "cosine similarity",
        "a = norm(u)\nb = norm(v)\nL = dot(u, v)/(a*b)",
        {"u": ["n"], "v": ["n"]},
        "u",
        "(v/b - L*u/a)/a",
    ),
)


class Found(NamedTuple):
    """A result as the sweep leaves it and as it is written in the end, with the steps between."""

    work: TapeWork
    before: Expr
    steps: tuple[WayStep, ...]

    @property
    def form(self) -> Expr:
        return self.steps[-1].form if self.steps else self.before


def exercise(definitions: str, shapes: Shapes, wrt: Sequence[str]) -> str:
    """An exercise file."""
    lines = [f"wrt = {list(wrt)}", "[inputs]", *(f"{name} = {list(shape)}" for name, shape in shapes.items())]
    named = (line.split(" = ", 1) for line in definitions.splitlines())
    return "\n".join([*lines, "[definitions]", *(f'{name} = "{formula}"' for name, formula in named)])


def found(definitions: str, shapes: Shapes, wrt: str) -> Found | None:
    """The derivative by a name; None where it has no form in the author's names."""
    work = work_of(read(exercise(definitions, shapes, [wrt])), Wishes(mode="reverse"))
    assert isinstance(work, TapeWork)
    line = work.derivations[0].results[wrt]
    form = None if line.primal is None else in_names(work.tape, line.primal)
    return None if form is None else Found(work, form, way_to_short_form(work.tape, form))


def operations(text: str) -> int:
    """Operators, calls, attributes and indices of a formula."""
    kinds = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Attribute, ast.Subscript)
    return sum(isinstance(node, kinds) for node in ast.walk(ast.parse(text, mode="eval")))


def main() -> None:
    """Print the table."""
    ratios: list[Any] = []
    print("| result | as the sweep leaves it | here | textbook | ratio |\n| --- | --- | --- | --- | --- |")
    for case in CASES:
        result = found(case.definitions, case.shapes, case.wrt)
        assert result is not None
        before, here, book = map(operations, (str(result.before), str(result.form), case.textbook))
        ratios.append(here / book)
        print(f"| {case.name}, by {case.wrt} | {before} | {here} | {book} | {here / book:.2g} |")
    print(f"\nmedian {median(ratios):.2g}, worst {max(ratios):.2g}")


if __name__ == "__main__":
    main()
