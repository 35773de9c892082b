"""Results of arrays in the form that people write: as short as in textbooks, never longer, all proved."""

from __future__ import annotations

import ast
import random
import re
from collections import Counter
from collections.abc import Hashable, Sequence

import pytest

from benchmarks.short_forms import CASES, Case, Found, Shapes, exercise, found, operations
from symdiff.api.wishes import Wishes
from symdiff.api.works import work_of
from symdiff.derivation.author_names import in_names
from symdiff.derivation.short_forms import way_to_short_form
from symdiff.document.blocks import Chain
from symdiff.errors import InputError
from symdiff.exercises import read
from symdiff.explain.shared.work import TapeWork
from symdiff.expr.tree import PARTIAL, Expr

SHORTER = {"BatchNorm"}
"""The factor γ, which all terms share, is taken out."""


def proved_steps(result: Found, wrt: str) -> None:
    """Every form, and every fact used, has the value that the judge finds without any rule."""
    tape = result.work.tape
    whole = Expr(PARTIAL, tape.result, next(name for _, name in tape.inputs if name.name == wrt))
    for step in result.steps:
        assert step.form.shape == whole.shape
        result.work.judge.check(Chain(whole, (step.form,)))
        for left, right in step.facts:
            result.work.judge.check(Chain(left, (right,)))


def result_of(definitions: str, shapes: Shapes, wrt: str, **assumed: str) -> Found:
    """The result of an exercise, proved."""
    text = exercise(definitions, shapes, [wrt])
    said = "\n".join(f'{name} = "{what}"' for name, what in assumed.items())
    if assumed:
        text = text.replace("[definitions]", f"[assume]\n{said}\n[definitions]")
    work = work_of(read(text), Wishes("reverse"))
    assert isinstance(work, TapeWork)
    line = work.derivations[0].results[wrt]
    form = None if line.primal is None else in_names(work.tape, line.primal)
    assert form is not None
    result = Found(work, form, way_to_short_form(work.tape, form))
    proved_steps(result, wrt)
    return result


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_results_are_as_short_as_in_textbooks(case: Case) -> None:
    result = found(case.definitions, case.shapes, case.wrt)
    assert result is not None
    proved_steps(result, case.wrt)
    assert operations(str(result.form)) <= 1.2 * operations(case.textbook)
    if case.name not in SHORTER:
        assert same_form(str(result.form), case.textbook)


def same_form(one: str, other: str) -> bool:
    """Whether two texts are the same up to the order of terms and of factors that commute."""
    return _form(ast.parse(one, mode="eval").body) == _form(ast.parse(other, mode="eval").body)


def _form(node: ast.expr) -> Hashable:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        return "sum", frozenset(Counter(_terms(node, 1)).items())
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        scalars, left = _scalars(node.left)
        product: Hashable = ("@", _form(left), _form(node.right))
        return ("product", frozenset(Counter([*scalars, (product, 1)]).items())) if scalars else product
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        return "product", frozenset(Counter(_factors(node, 1)).items())
    if isinstance(node, ast.Call):
        keywords = tuple((k.arg, ast.dump(k.value)) for k in node.keywords)
        return "call", _form(node.func), tuple(map(_form, node.args)), keywords
    if isinstance(node, ast.Attribute):
        return "attribute", node.attr, _form(node.value)
    return ast.dump(node)


def _scalars(node: ast.expr) -> tuple[list[tuple[Hashable, int]], ast.expr]:
    """Numbers in front of the first factor of a product of matrices."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.Constant):
        return [(_form(node.left), 1)], node.right
    return [], node


def _terms(node: ast.expr, sign: int) -> list[tuple[Hashable, int]]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        other = sign if isinstance(node.op, ast.Add) else -sign
        return [*_terms(node.left, sign), *_terms(node.right, other)]
    return [(_form(node), sign)]


def _factors(node: ast.expr, power: int) -> list[tuple[Hashable, int]]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        other = power if isinstance(node.op, ast.Mult) else -power
        return [*_factors(node.left, power), *_factors(node.right, other)]
    inside = _form(node)
    if isinstance(inside, tuple) and inside[0] == "product":
        return [(factor, power * own) for (factor, own), times in inside[1] for _ in range(times)]
    return [(inside, power)]


VECTOR: Shapes = {"x": ["n"], "c": ["n"], "y": ["n"]}


@pytest.mark.parametrize(
    ("definitions", "shapes", "wrt", "form", "assumed"),
    [
        ("u = x/norm(x)\nL = dot(c, u)", VECTOR, "x", "(c - dot(c, u)*u)/norm(x)", {}),
        (
            "a = x - mean(x)\nb = y - mean(y)\nr = dot(a, b)/(norm(a)*norm(b))",
            VECTOR,
            "x",
            "(b/norm(b) - r*a/norm(a))/norm(a)",
            {},
        ),
        ("L = sqrt(mean((x - mean(x))**2))", VECTOR, "x", "(x - mean(x))/(n*L)", {}),
        (
            "e1 = exp(x)\np = e1/sum(e1)\nL = -dot(y, log(p))",
            VECTOR,
            "x",
            "p - y",
            {"y": "simplex"},
        ),
        ("p = softmax(x)\nL = -sum(p*log(p))", VECTOR, "x", "-p*(L + log(p))", {}),
        (
            "mu = mean(X, axis=1, keepdims=True)\nD = X - mu\nv = mean(D**2, axis=1, keepdims=True)\n"
            "Y = D/sqrt(v + eps)\nL = sum(C*Y)",
            {"X": ["g", "k"], "C": ["g", "k"], "eps": []},
            "X",
            "(C - mean(C, axis=1, keepdims=True) - Y*mean(C*Y, axis=1, keepdims=True))/sqrt(v + eps)",
            {},
        ),
        (
            "P = softmax(Q @ K.T/sqrt(d))\nO = P @ V\nL = sum(C*O)",
            {"Q": ["n", "d"], "K": ["m", "d"], "V": ["m", "k"], "C": ["n", "k"]},
            "K",
            "(P*(C @ V.T - sum(C*O, axis=1, keepdims=True))).T @ Q/sqrt(d)",
            {},
        ),
        (
            "p = softmax(K @ q)\no = p @ V\nL = dot(c, o)",
            {"K": ["m", "d"], "q": ["d"], "V": ["m", "k"], "c": ["k"]},
            "q",
            "K.T @ (p*(V @ c - dot(o, c)))",
            {},
        ),
        (
            "K = X.T @ C @ X\nf = logdet(K)",
            {"X": ["n", "k"], "C": ["n", "n"]},
            "X",
            "2*(C @ X @ inv(K))",
            {"C": "symmetric"},
        ),
        (
            "K = X.T @ C @ X\nf = logdet(K)",
            {"X": ["n", "k"], "C": ["n", "n"]},
            "C",
            "X @ inv(K) @ X.T",
            {"C": "symmetric"},
        ),
        (
            "K = X @ X.T + s*eye(n)\nf = dot(y, inv(K) @ y)",
            {"X": ["n", "d"], "y": ["n"], "s": []},
            "y",
            "2*(inv(K) @ y)",
            {},
        ),
        ("f = logdet(inv(X))", {"X": ["k", "k"]}, "X", "-inv(X).T", {}),
        (
            "f = 1/2*trace((A - U @ V).T @ (A - U @ V))",
            {"A": ["n", "m"], "U": ["n", "k"], "V": ["k", "m"]},
            "U",
            "-(A - U @ V) @ V.T",
            {},
        ),
        (
            "L = -mean(diag(log_softmax(S)))",
            {"S": ["n", "n"]},
            "S",
            "(softmax(S) - eye(n))/n",
            {},
        ),
        (
            "r = dot(x, A @ x)/dot(x, x)",
            {"x": ["n"], "A": ["n", "n"]},
            "x",
            "2*(A @ x - r*x)/sqnorm(x)",
            {"A": "symmetric"},
        ),
        (
            "s = exp(l)\nz = mu + s*e1\nL = sqnorm(t - W @ z)/2 + sum(s**2 + mu**2 - 1 - 2*l)/2",
            {"l": ["k"], "mu": ["k"], "e1": ["k"], "t": ["d"], "W": ["d", "k"]},
            "mu",
            "mu - W.T @ (t - W @ z)",
            {},
        ),
        (
            "z = sign(x)*relu(abs(x) - lam)\nL = sum((z - y)**2)/2",
            {**VECTOR, "lam": []},
            "lam",
            "-dot(sign(x)*(z - y), positive(abs(x) - lam))",
            {},
        ),
        (
            "h = tanh(U @ x)\ng = tanh(U @ y + W @ h)\nL = sqnorm(g)",
            {"U": ["n", "d"], "W": ["n", "n"], "x": ["d"], "y": ["d"]},
            "U",
            "2*(outer((W.T @ (g*(1 - g**2)))*(1 - h**2), x) + outer(g*(1 - g**2), y))",
            {},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_follows_from_the_definitions_is_used(
    definitions: str, shapes: Shapes, wrt: str, form: str, assumed: dict[str, str]
) -> None:
    assert same_form(str(result_of(definitions, shapes, wrt, **assumed).form), form)


def test_a_vector_stands_for_rows_only_where_the_author_adds_one_to_rows() -> None:
    shapes: Shapes = {"X": ["m", "d"], "W": ["d", "n"], "b": ["n"], "c": ["n"]}
    for line, is_a_row in (("H = tanh(X @ W)", False), ("H = tanh(X @ W + b)", True)):
        used = {name: shape for name, shape in shapes.items() if is_a_row or name != "b"}
        result = result_of(f"{line}\nq = mean(H, axis=0)\nL = dot(c, q) + dot(q, q)", used, "X")
        assert ("ones" in str(result.form)) != is_a_row


def test_a_way_gets_shorter_with_each_step() -> None:
    for case in CASES:
        result = found(case.definitions, case.shapes, case.wrt)
        assert result is not None
        lengths = [operations(str(form)) for form in (result.before, *(step.form for step in result.steps))]
        assert lengths == sorted(set(lengths), reverse=True)
        assert len(lengths) <= 5


OF_VECTORS = (
    "mu = mean(x)|v = mean((x - mu)**2)|s = sqrt(v + eps)|h = (x - mu)/s",
    "mu = mean(x)|d = x - mu|v = mean(d**2)|h = d/sqrt(v + eps)",
    "mu = sum(x)/n|h = (x - mu)/sqrt(mean((x - mu)**2) + eps)",
    "r = sqrt(mean(x**2) + eps)|h = x/r",
    "h = x/sqrt(mean(x**2) + eps)",
    "a = norm(x)|h = x/a",
    "h = softmax(x)",
    "h = exp(x)/sum(exp(x))",
    "h = x - mean(x)",
    "h = W @ x + b",
)
OF_ROWS = (
    "mu = mean(X, axis=1, keepdims=True)|v = mean((X - mu)**2, axis=1, keepdims=True)"
    "|s = sqrt(v + eps)|h = (X - mu)/s",
    "mu = mean(X, axis=0)|v = mean((X - mu)**2, axis=0)|h = (X - mu)/sqrt(v + eps)",
    "r = sqrt(mean(X**2, axis=1, keepdims=True) + eps)|h = X/r",
    "h = softmax(X)",
    "E = exp(X)|h = E/sum(E, axis=1, keepdims=True)",
    "h = X @ W + b",
)
ACTIVATIONS = (
    "tanh(h)",
    "sigmoid(h)",
    "h*sigmoid(h)",
    "relu(h)",
    "softplus(h)",
    "gamma*h + beta",
    "gamma*h",
    "h**2",
    "exp(-h)",
    "sign(h)*relu(abs(h) - lam)",
    "h/(1 + h**2)",
)
LOSSES = (
    "L = dot(c, g)",
    "L = mean((g - c)**2)/2",
    "L = -dot(c, log_softmax(g))",
    "L = norm(g - c)",
    "L = sum(abs(g - c))",
    "q = sigmoid(g)|L = -mean(c*log(q) + (1 - c)*log(1 - q))",
    "L = logsumexp(g) - dot(c, g)",
    "L = dot(g, c)/(norm(g)*norm(c))",
    "L = sum(log(1 + exp(-c*g)))",
    "q = g - c|L = dot(q, q)/n + lam*dot(x, x)",
)
LOSSES_OF_ROWS = (
    "L = sum(C*g)",
    "L = mean((g - C)**2)",
    "L = -sum(C*log_softmax(g))/m",
    "L = -mean(sum(C*log_softmax(g), axis=1))",
    "q = sigmoid(g)|L = -mean(C*log(q) + (1 - C)*log(1 - q))",
    "L = sum((g - C)**2)/(2*m) + lam*sum(X**2)",
    "q = mean(g, axis=0)|L = dot(q, q)",
    "q = sum(g*C, axis=1)|L = mean(log(1 + exp(q)))",
)
OF_ALL: Shapes = {"W": ["n", "n"], "b": ["n"], "gamma": ["n"], "beta": ["n"], "eps": [], "lam": []}


def composition(seed: int) -> tuple[str, Shapes]:
    """A loss of an activation of a normalisation."""
    choice = random.Random(seed)
    in_rows = choice.random() < 0.45
    own: Shapes = {"X": ["m", "n"], "C": ["m", "n"]} if in_rows else {"x": ["n"], "c": ["n"]}
    parts = (OF_ROWS if in_rows else OF_VECTORS, LOSSES_OF_ROWS if in_rows else LOSSES)
    text = "|".join((choice.choice(parts[0]), f"g = {choice.choice(ACTIVATIONS)}", choice.choice(parts[1])))
    used = {name: shape for name, shape in {**own, **OF_ALL}.items() if re.search(rf"\b{name}\b", text)}
    return text.replace("|", "\n"), used


def check_composition(seed: int) -> int:
    """The number of results; each is proved, and none is longer than what the sweep leaves."""
    definitions, shapes = composition(seed)
    count = 0
    for wrt in shapes:
        try:
            result = found(definitions, shapes, wrt)
        except InputError:
            continue
        if result is not None:
            count += 1
            proved_steps(result, wrt)
            assert operations(str(result.form)) <= operations(str(result.before))
    return count


def test_compositions_are_proved_and_never_longer() -> None:
    assert sum(map(check_composition, range(8))) > 16


@pytest.mark.long
@pytest.mark.parametrize("seeds", [range(start, start + 40) for start in range(8, 328, 40)], ids=str)
def test_many_compositions_are_proved_and_never_longer(seeds: Sequence[int]) -> None:
    assert sum(map(check_composition, seeds)) > 80
