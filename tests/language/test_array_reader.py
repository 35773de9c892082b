"""The language of arrays: what is read, with which shape and value, and what is refused."""

from __future__ import annotations

import random
from typing import Any

import pytest
from array_helpers import drawn, run, same, size_of, tree

from symdiff.errors import InputError
from symdiff.expr.tree import Expr, substitute
from symdiff.language.program import parse_program

SHAPES: dict[str, Any] = {
    "A": ("n", "n"),
    "B": ("m", "n"),
    "x": ("n",),
    "u": ("m",),
    "v": (3,),
    "M": (2, 3),
    "s": (),
    "t": (),
    "big": ("100",),
}
SIZES = {"n": 3, "m": 2}
POINT = {
    name: drawn(tuple(size_of(p, SIZES) for p in shape), name, "regular" if name == "A" else "positive")
    for name, shape in SHAPES.items()
}


def read(text: str) -> Expr:
    """The result of a program in its inputs."""
    closed: dict[Expr, Expr] = {}
    for name, formula in parse_program(text, tuple(SHAPES), SHAPES).definitions:
        closed[name] = substitute(formula, closed)
    return closed[name]


GOOD = [
    ("A @ x", ("n",)),
    ("x @ A", ("n",)),
    ("x @ x", ()),
    ("B @ A @ x", ("m",)),
    ("A.T", ("n", "n")),
    ("B.T", ("n", "m")),
    ("B.T.T", ("m", "n")),
    ("(A @ x).T @ x", ()),
    ("x.T @ A @ x", ()),
    ("B.T @ u", ("n",)),
    ("x[0]", ()),
    ("v[2]", ()),
    ("v[-1]", ()),
    ("v[-3]", ()),
    ("big[99]", ()),
    ("A[0, 1]", ()),
    ("M[1, -1]", ()),
    ("M[-2, -3]", ()),
    ("A[:, 1]", ("n",)),
    ("B[:, 0]", ("m",)),
    ("A[1]", ("n",)),
    ("A[1, :]", ("n",)),
    ("M[1][2]", ()),
    ("A[:, 1][0]", ()),
    ("x[:]", ("n",)),
    ("v[1:3]", (2,)),
    ("v[:2]", (2,)),
    ("v[1:]", (2,)),
    ("big[1:7]", ("6",)),
    ("[s, t]", (2,)),
    ("[s, 2, s*t]", (3,)),
    ("[x, x, x*s]", (3, "n")),
    ("[[s, t], [1, 2*s]]", (2, 2)),
    ("[s]", (1,)),
    ("[[s, t], [1, 2]] @ [s, t]", (2,)),
    ("stack(x, 2*x)", (2, "n")),
    ("concat(v, v[0:2])", ("5",)),
    ("sum(B)", ()),
    ("sum(x)", ()),
    ("sum(B, axis=0)", ("n",)),
    ("sum(B, axis=1)", ("m",)),
    ("sum(B, axis=-1)", ("m",)),
    ("sum(B, axis=-2)", ("n",)),
    ("sum(x, axis=0)", ()),
    ("sum(x, axis=-1)", ()),
    ("sum(B, axis=0, keepdims=True)", (1, "n")),
    ("sum(B, axis=1, keepdims=True)", ("m", 1)),
    ("sum(B, axis=1, keepdims=False)", ("m",)),
    ("mean(B, axis=0)", ("n",)),
    ("mean(B, axis=1, keepdims=True)", ("m", 1)),
    ("mean(B)", ()),
    ("B/sum(B, axis=1, keepdims=True)", ("m", "n")),
    ("B - mean(B, axis=0)", ("m", "n")),
    ("softmax(x)", ("n",)),
    ("softmax(B)", ("m", "n")),
    ("softmax(B, axis=1)", ("m", "n")),
    ("softmax(B, axis=-1)", ("m", "n")),
    ("softmax(B, axis=0)", ("m", "n")),
    ("log_softmax(B, axis=0)", ("m", "n")),
    ("log_softmax(x)", ("n",)),
    ("logsumexp(x)", ()),
    ("logsumexp(B, axis=1)", ("m",)),
    ("logsumexp(B, axis=0)", ("n",)),
    ("logsumexp(B, axis=1, keepdims=True)", ("m", 1)),
    ("ones(n)", ("n",)),
    ("ones(m, n)", ("m", "n")),
    ("ones(7)", ("7",)),
    ("zeros(2, 3)", (2, 3)),
    ("eye(n)", ("n", "n")),
    ("eye(n) @ x", ("n",)),
    ("x1", ()),
    ("x_1", ()),
    ("v3 + v_2", ()),
    ("n", ()),
    ("m*n", ()),
    ("sum(x)/n", ()),
    ("sqrt(n)*x", ("n",)),
    ("exp(x)", ("n",)),
    ("max(x, s)", ("n",)),
    ("x**2", ("n",)),
    ("-x*s", ("n",)),
    ("2*B + x", ("m", "n")),
    ("dot(x, x)", ()),
    ("outer(u, x)", ("m", "n")),
    ("trace(A)", ()),
    ("det(A)", ()),
    ("logdet(A)", ()),
    ("inv(A)", ("n", "n")),
    ("diag(x)", ("n", "n")),
    ("diag(A)", ("n",)),
    ("norm(x)", ()),
    ("norm(B)", ()),
    ("sqnorm(B)", ()),
    ("cross_entropy(softmax(x), x)", ()),
    ("v[[0, 2, 0]]", (3,)),
    ("M[[1, 0]]", (2, 3)),
    ("M[:, [2, 0, 0, 1]]", (2, 4)),
    ("M[[1, 1], [0, 2]]", (2,)),
    ("M[1, [0, 2]]", (2,)),
    ("max(x)", ()),
    ("min(B)", ()),
    ("max(x, axis=0)", ()),
    ("max(x, axis=0, keepdims=True)", (1,)),
    ("max(B, axis=0)", ("n",)),
    ("min(B, axis=1)", ("m",)),
    ("B - max(B, axis=1, keepdims=True)", ("m", "n")),
    ("prod(x)", ()),
    ("prod(B, axis=0)", ("n",)),
    ("var(B, axis=1) + std(B, axis=-1)", ("m",)),
    ("var(x) + std(B)", ()),
    ("norm(x, 1) + norm(x, 2) + norm(x, inf)", ()),
    ("norm(B, axis=0)", ("n",)),
    ("norm(B, axis=1, keepdims=True)", ("m", 1)),
    ("cumsum(x) + flip(x)", ("n",)),
    ("cumsum(B, axis=0) + flip(B, axis=1)", ("m", "n")),
    ("cumsum(B, axis=1) + flip(B, axis=0)", ("m", "n")),
    ("tril(A) + triu(A)", ("n", "n")),
    ("cross(v, v*s)", (3,)),
    ("vec(A)", ("n*n",)),
    ("z = A @ x\nw = z*z\nsum(w)/n", ()),
    ("z = A @ x\nL = z[0] + z1", ()),
]


@pytest.mark.parametrize(("text", "shape"), GOOD, ids=str)
def test_what_is_read_has_its_shape_and_value(text: str, shape: Any) -> None:
    found = read(text)
    assert found.shape == shape
    assert same(tree(found, POINT, SIZES), run(text, POINT, SIZES))


BAD = [
    "v[[]]",
    "v[[3]]",
    "v[[0.5]]",
    "x[[0], [1]]",
    "B[[0, 1], [0]]",
    "v[B]",
    "v[s] + s",
    "v[s] + B[s, 0]",
    "x[s + 1]",
    "max(s)",
    "max(A, axis=2)",
    "cumsum(A)",
    "flip(A)",
    "cumsum(s)",
    "cross(x, x)",
    "cross(v, u)",
    "norm(A, 1)",
    "norm(x, 3)",
    "norm(x, s)",
    "prod(s)",
    "vec(s)",
    "var(x, ddof=1)",
    "argmax(x)",
    "B[range(n), s]",
    "A @ 2",
    "2 @ A",
    "s @ x",
    "x @ u",
    "A @ u",
    "B @ B",
    "x + u",
    "B + u",
    "x @ B @ u",
    "v[3]",
    "v[-4]",
    "x[n]",
    "x[n+1]",
    "x[-n-1]",
    "M[2, 0]",
    "M[0, 3]",
    "M[0][3]",
    "big[100]",
    "x[n/2]",
    "v[x[0]]",
    "v[0.5]",
    "v[1.0]",
    "v[True]",
    "v['a']",
    "v[()]",
    "v[0, 0]",
    "A[0, 0, 0]",
    "v[::2]",
    "v[0:3:2]",
    "v[2:1]",
    "v[1:1]",
    "v[0:4]",
    "x[1:n+1]",
    "x[n:]",
    "x[n:1]",
    "x[1:q]",
    "A[0:2:1]",
    "A[0:0, 0]",
    "A[:, 0:1, 0]",
    "s[0:1]",
    "v[10**9]",
    "v[99999999999999999999999]",
    "v[1e9]",
    "s[0]",
    "2[0]",
    "x[0][0]",
    "s[0][0][0]",
    "[]",
    "[[]]",
    "[s, x]",
    "[[s, t], [s]]",
    "[[[s]]]",
    "[x, u]",
    "[A, A]",
    "{s, t}",
    "{s: t}",
    "[s for s in x]",
    "[*x]",
    "sum(axis=0)",
    "sum()",
    "sum(s)",
    "sum(A, x)",
    "sum(A, 0)",
    "sum(A, axis=2)",
    "sum(A, axis=-3)",
    "sum(x, axis=1)",
    "sum(A, axis=n)",
    "sum(A, axis=0.5)",
    "sum(A, axis=None)",
    "sum(A, axis=(0, 1))",
    "sum(A, axis=True)",
    "sum(A, axis=0, dim=0)",
    "sum(A, axis=0, axis=1)",
    "sum(A, keepdims=True)",
    "sum(A, axis=0, keepdims=s)",
    "sum(A, axis=0, keepdims=2)",
    "sum(A, **x)",
    "sum(*A)",
    "sum(A, axis=99999999999999999999)",
    "exp(A, axis=0)",
    "exp(x, axis=0)",
    "dot(x, axis=0)",
    "outer(x, axis=0)",
    "cross_entropy(x, axis=0)",
    "stack(x, axis=0)",
    "det(A, axis=0)",
    "ones(3, axis=0)",
    "ones(3, dtype=2)",
    "ones()",
    "ones(-1)",
    "ones(0)",
    "ones(1.5)",
    "ones(s)",
    "ones(x)",
    "ones(2, 2, 2)",
    "ones(10**9)",
    "ones(1000000000)",
    "ones(99999999999999999999999999)",
    "ones(s + 1)",
    "ones(n/2)",
    "ones('n')",
    "ones(n=3)",
    "eye()",
    "eye(2, 3)",
    "eye(-1)",
    "zeros()",
    "ones",
    "softmax",
    "stack()",
    "concat()",
    "concat(A, x)",
    "concat(A, B, axis=1)",
    "concat(x, x, axis=1)",
    "concat(A, A, axis=2)",
    "concat(A, A, axis=s)",
    "concat(A, A, keepdims=True)",
    "concat(x, s)",
    "stack(x, u)",
    "stack(A, A)",
    "softmax(s)",
    "log_softmax(2)",
    "softmax(A, B)",
    "logsumexp(A)",
    "logsumexp(s)",
    "dot(x, u)",
    "dot(x)",
    "dot(A, A)",
    "outer(A, x)",
    "trace(B)",
    "trace(x)",
    "det(B)",
    "det(x)",
    "det(s)",
    "logdet(B)",
    "inv(B)",
    "inv(s)",
    "diag(B)",
    "diag(s)",
    "norm(s)",
    "cross_entropy(x, u)",
    "index(x, 0)",
    "slice(x, 0, 1)",
    "sum_down(A)",
    "transpose()",
    "x.__class__",
    "x.shape",
    "x.t",
    "x.T()",
    "x.T.__init__",
    "().T",
    "A.T[0][0][0]",
    "x.T.T[0][0]",
    "x < u",
    "x // 2",
    "x % 2",
    "A @",
    "@ A",
    "A[",
    "A[]",
    "A[0",
    "A[0]]",
    "x := A",
    "x[0] = s",
    "x = A @ x",
    "A @ y",
    "y.T",
    "y[0]",
    "v4",
    "v_0",
    "v0",
    "B1",
    "n = 3\nn*x\nones(n)",
    "z = x\nz = x\nz",
]


@pytest.mark.parametrize("text", BAD)
def test_bad_input_is_one_error(text: str) -> None:
    with pytest.raises(InputError) as error:
        read(text)
    assert error.value.what
    assert len(str(error.value)) < 1500


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A @ u", "A is a matrix of n×n and u is a vector of m entries"),
        ("v[3]", "the index 3 is outside v, which is a vector of 3"),
        ("det(B)", "a square matrix is expected"),
        ("sum(A, axis=2)", "A has no axis 2"),
        ("ones(-1)", "ones takes sizes"),
        ("softmax(s)", "a vector or a matrix is expected"),
        ("dot(A, A)", "two vectors of one size are expected"),
        ("z = A @ x\nz @ u", "z is a vector of n entries and u is a vector of m entries"),
    ],
)
def test_an_error_says_what_and_shows_where(text: str, words: str) -> None:
    with pytest.raises(InputError, match=r"\^$") as error:
        read(text)
    assert words in str(error.value)


def test_an_empty_call_is_explained_in_words() -> None:
    with pytest.raises(InputError) as error:
        read("stack()")
    assert "None" not in str(error.value)


@pytest.mark.parametrize(
    "text", ["A" + "[0]" * 3000, "[" * 150 + "s" + "]" * 150, "x" + " @ A" * 3000], ids=["[0]", "[]", "@"]
)
def test_deep_programs_that_cannot_be_read_are_one_error(text: str) -> None:
    with pytest.raises(InputError):
        read(text)


@pytest.mark.parametrize(
    "text", ["x" + ".T" * 200, "x" + " @ A" * 200, "x" + "[:]" * 200], ids=["T", "@", "[:]"]
)
def test_long_chains_are_read(text: str) -> None:
    assert read(text).shape == ("n",)


def test_a_name_cannot_be_an_input_and_a_definition() -> None:
    with pytest.raises(InputError):
        parse_program("x = dot(x, x)\nL = 2*x", None, {"x": ("n",)})


def test_a_name_of_its_own_is_no_entry() -> None:
    shapes: dict[str, Any] = {"x": ("n",), "x1": ()}
    program = parse_program("x1*x[0]", ("x1", "x"), {**shapes})
    assert {name.name for name in program.inputs} == {"x", "x1"}
    assert "x1" in str(program.definitions[0][1])


PIECES = [
    "A",
    "B",
    "x",
    "u",
    "v",
    "M",
    "s",
    "n",
    "m",
    "0",
    "1",
    "-1",
    "2",
    "3",
    "T",
    ".",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    "@",
    "+",
    "-",
    "*",
    "/",
    "**",
    "=",
    "\n",
    "axis=0",
    "keepdims=True",
    "sum",
    "ones",
    "eye",
    "det",
    "stack",
    "concat",
    "softmax",
    "mean",
    "dot",
    "lambda",
    "é",
    "'",
    "#",
    "\\",
    "1e9",
    "None",
    "max",
]


def mutated(text: str, rng: random.Random) -> str:
    for _ in range(rng.randrange(1, 4)):
        start = rng.randrange(len(text) + 1)
        stop = min(len(text), start + rng.randrange(4))
        text = text[:start] + rng.choice(["", *PIECES]) + text[stop:]
    return text


@pytest.mark.parametrize("seed", range(12))
def test_mutations_raise_nothing_but_input_errors(seed: int) -> None:
    rng = random.Random(seed)
    texts = [text for text, _ in GOOD] + BAD
    for _ in range(400):
        text = mutated(rng.choice(texts), rng)
        try:
            parse_program(text, rng.choice((None, tuple(SHAPES))), SHAPES)
        except InputError:
            continue
        except Exception as error:
            raise AssertionError(f"{type(error).__name__} from {text!r}") from error
