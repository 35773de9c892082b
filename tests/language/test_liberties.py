"""What is read besides the plain language: each spelling means what its system says, nothing is guessed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import NameNotice
from symdiff.exercises import read
from symdiff.language import spellings
from symdiff.language.foreign_calls import rows
from symdiff.language.program import Program, parse_program
from symdiff.language.reading import literally
from symdiff.rules.table import functions

SHAPES = {"x": ("n",), "y": ("n",), "A": ("m", "n"), "B": ("m", "n"), "S": ("n", "n"), "c": ("m",), "v": (3,)}


def program(text: str) -> Program:
    """The program of a text in which some names are arrays; one that does not stand in it is none."""
    return parse_program(text, shapes=SHAPES)


@contextmanager
def said() -> Iterator[list[str]]:
    """The lines that are told while reading."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lines: list[str] = []
        yield lines
    lines += [str(each.message) for each in caught if each.category is NameNotice]


SAME = {
    # modules and constants
    "np.exp(s)": "exp(s)",
    "torch.tanh(s)*F.relu(s)": "tanh(s)*relu(s)",
    "math.sqrt(2)*jnp.sin(s)": "sqrt(2)*sin(s)",
    "torch.nn.functional.softplus(s)": "softplus(s)",
    "scipy.special.expit(s)": "sigmoid(s)",
    "nn.ReLU()(s)": "relu(s)",
    "np.pi*s + math.e": "pi*s + e",
    "sp.Abs(s) + sympy.sign(s)": "abs(s) + sign(s)",
    "Exp(s) + Sin[s]": "exp(s) + sin(s)",
    # functions
    "np.maximum(s, 0)": "max(s, 0)",
    "max(s, t, 0)": "max(max(s, t), 0)",
    "square(s - t)": "(s - t)**2",
    "np.power(s, 3) + torch.pow(s, 2)": "s**3 + s**2",
    "np.log1p(s)": "log(1 + s)",
    "np.clip(s, -1, 1)": "min(max(s, -1), 1)",
    "torch.clamp(s, min=0)": "max(s, 0)",
    "math.log(s, t)": "log(s)/log(t)",
    "log(s, 2)": "log(s)/log(2)",
    "Rational(1, 3)*s": "1/3*s",
    # arrays
    "x.sum()": "sum(x)",
    "(x**2).mean()": "mean(x**2)",
    "A.sum(dim=1, keepdim=True)": "sum(A, axis=1, keepdims=True)",
    "A.sum(0)": "sum(A, axis=0)",
    "np.mean(A, 1)": "mean(A, axis=1)",
    "np.sum(A, axis=None)": "sum(A)",
    "torch.sum(A, dim=(0, 1))": "sum(A)",
    "x.dot(y)": "dot(x, y)",
    "A.dot(x) + np.dot(A, x)": "A @ x + A @ x",
    "dot(A, x)": "A @ x",
    "torch.mm(A, S)": "A @ S",
    "np.matmul(A.T, c)": "A.T @ c",
    "A.t() @ c + A.transpose(0, 1) @ c": "A.T @ c + A.T @ c",
    "np.transpose(A) @ c": "A.T @ c",
    "A.mT @ c": "A.T @ c",
    "np.inner(A, B)": "A @ B.T",
    "np.linalg.norm(x)**2": "norm(x)**2",
    "np.linalg.norm(x, ord=1)": "norm(x, 1)",
    "np.linalg.norm(A, axis=1)": "norm(A, axis=1)",
    "np.linalg.solve(S, x)": "inv(S) @ x",
    "tr(S)": "trace(S)",
    "F.softmax(A, dim=1)": "softmax(A)",
    "nn.Softmax(dim=0)(A)": "softmax(A, axis=0)",
    "x.pow(2).sum()": "sum(x**2)",
    "np.concatenate([v, v])": "concat(v, v)",
    "torch.cat((v, v), dim=0)": "concat(v, v)",
    "np.stack([x, y])": "stack(x, y)",
    "np.zeros((3, 3)) @ v + np.array([1, 2, s])": "zeros(3, 3) @ v + [1, 2, s]",
    "torch.eye(n) @ x + np.ones(n)": "eye(n) @ x + ones(n)",
    "np.zeros_like(A) + A": "zeros(m, n) + A",
    "x.shape[0]*x + len(x)": "n*x + n",
    "A.size(1)*A": "n*A",
    "np.var(A, 0)": "var(A, axis=0)",
    "F.mse_loss(x, y)": "mean((x - y)**2)",
    "F.linear(x, A, c)": "x @ A.T + c",
    "x[...]": "x",
    # brackets behind what is no function
    "s(1 - s)": "s*(1 - s)",
    "2(s + t)": "2*(s + t)",
    "(s + 1)(s - 1)": "(s + 1)*(s - 1)",
    "s(1 - s)**2": "s*(1 - s)**2",
    "(s(1 - s))**2": "(s*(1 - s))**2",
    "-2(s + 1)**2": "-2*(s + 1)**2",
    "1/(s(1 - s))": "1/(s*(1 - s))",
    "exp(s)(1 - s)": "exp(s)*(1 - s)",
    "pi(s + 1)": "pi*(s + 1)",
    "f = s**2; z = f(1 - f)": "f = s**2; z = f*(1 - f)",
    "sigma(s*t)": "sigmoid(s*t)",
    # statements
    "def f(s):\n    u = s**2\n    return u + 1": "u = s**2\nf(s) = u + 1",
    "f = lambda s, t: s*t": "f(s, t) = s*t",
    "import numpy as np\nz = np.sin(s)": "z = sin(s)",
    "import jax.numpy as xp\nz = xp.sin(s)": "z = sin(s)",
    "z = s**2\nprint(z)": "z = s**2",
    "z: float = s**2;": "z = s**2",
    "return s**2": "s**2",
    "z := s**2": "z = s**2",
    "f(s) = s**2; z = 3*f(s)": "f(s) = s**2; z = 3*f",
}


def with_declared(text: str) -> Program:
    """The program of a text, with arrays if their names stand in it."""
    return (
        program(text)
        if re.search(r"\b[xyABScv]\b(?!\()", text) and "lambda" not in text
        else parse_program(text)
    )


@pytest.mark.parametrize(("text", "plain"), SAME.items(), ids=SAME.keys())
def test_a_liberty_is_read_as_its_rule_says(text: str, plain: str) -> None:
    with said():
        assert with_declared(text) == with_declared(plain)


@pytest.mark.parametrize("text", [text for text in SAME if text not in ("dot(A, x)", "square(s - t)")])
def test_read_literally_no_liberty_is_taken(text: str) -> None:
    with literally(True), pytest.raises(sd.InputError):
        with_declared(text)


TWO_READINGS = {
    "s(t) + s": "may be a product, or a function; write s\\*t for the product, s for",
    "x(2)": r"or x\[2\] for an entry",
    "a(b + c)": r"write a\*\(b \+ c\) for the product",
    "1/2(s + 1)": r"in two ways; write \(1/2\)\*\(s \+ 1\) or 1/\(2\*?\(s \+ 1\)\)",
    "1/s(s + 1)": r"write \(1/s\)\*\(s \+ 1\) or 1/\(s\*\(s \+ 1\)\)",
    "np.max(x, 0)": r"write max\(x, axis=0\) or maximum\(x, 0\)",
    "sum(A, 1)": r"from 0 and others from 1; write sum\(A, axis=1\)",
    "A.sum(dims=1)": "dims counts from 1",
    "log(2, s)": r"write log\(2\)/log\(s\) or log\(s\)/log\(2\)",
    "x.var()": "NumPy divides by n, PyTorch and MATLAB by n - 1",
    "np.linalg.norm(A, 2)": "a norm of order 2 of a matrix",
    "scipy.special.softmax(A)": "over all entries where no axis is said",
    "F.cross_entropy(x, y)": "PyTorch's takes scores",
    "dot(A, B)": r"write A @ B or sum\(A\*B\)",
    "f(s) = s**2; y = f(2)": r"f\(s\) is defined, and used with other arguments",
    "cosx + 1": r"write cos\(x\)",
}


@pytest.mark.parametrize(("text", "says"), TWO_READINGS.items(), ids=TWO_READINGS.keys())
def test_what_has_two_readings_is_refused_with_both(text: str, says: str) -> None:
    with said(), pytest.raises(sd.InputError, match=says):
        with_declared(text)


REFUSED = (
    "np.foo(s)",
    "s.foo()",
    "np.exp(s, out=t)",
    "x.detach()",
    "nn.Linear(3, 4)(x)",
    "np.zeros(3, order=s)",
)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_spelling_of_ours_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(sd.InputError) as caught:
        with_declared(text)
    assert caught.value.picture.split("\n")[1].strip() == "^"


def test_names_of_the_authors_go_before_those_of_other_systems() -> None:
    assert program("e = 2*s; z = np.e*e").definitions == program("e = 2*s; z = exp(1)*e").definitions
    assert parse_program("f(th) = th(1 - th)").definitions == parse_program("f(th) = th*(1 - th)").definitions
    assert parse_program("sigma(1 - sigma)").definitions == parse_program("sigma*(1 - sigma)").definitions
    with pytest.raises(sd.InputError, match="takes 1 argument, not 2"):
        parse_program("F = 2*s; z = F.relu(s)")


def _numbers(text: str, given: dict[str, object]) -> object:
    """A formula of the table in NumPy's own functions: the rows use plain operators and these."""
    known = {"sigmoid": lambda u: 1/(1 + np.exp(-u)), "max": np.maximum, "min": np.minimum, "abs": np.abs,
             "dot": np.dot, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "atan": np.arctan,
             "atan2": np.arctan2, "inv": np.linalg.inv, "trace": np.trace, "diag": np.diag,
             "softplus": lambda u: np.log1p(np.exp(u)), "eye": np.eye}  # fmt: skip
    known |= {name: getattr(np, name) for name in functions() if hasattr(np, name) and name not in known}
    return eval(text, {"__builtins__": {}}, {**known, **given})


@pytest.mark.parametrize("name", sorted(name for name in rows() if hasattr(np, name.removeprefix("numpy."))))
def test_a_row_of_the_table_has_the_value_that_numpy_gives(name: str) -> None:
    rng = np.random.default_rng(3)
    for names, body in rows()[name]:
        wanted = getattr(np, name.removeprefix("numpy."))
        if {"keepdims", "min"} & {*names} or wanted in (np.amax, np.amin):
            continue
        array = 0.2 + 0.7 * rng.random((3, 3))
        offset = 1.0 if name == "arccosh" else 0.0
        given: dict[str, object] = {each: array.T ** (i + 1) + offset for i, each in enumerate(names)}
        given |= {"axis": 1} if "axis" in names else {}
        given |= {"a": 0.3, "a_min": 0.3, "b": 0.5, "a_max": 0.5} if name == "clip" else {}
        given |= {"n": 3} if name == "identity" else {}
        given = {each: given[each] for each in names}
        if name in ("vdot",):
            given = {each: np.asarray(value)[0] for each, value in given.items()}
        positional = [value for each, value in given.items() if each != "axis"]
        options = {"axis": given["axis"]} if "axis" in names else {}
        found = _numbers(ast.unparse(body), given)
        assert np.allclose(found, wanted(*positional, **options)), ast.unparse(body)


def test_rows_of_scipy_have_its_values() -> None:
    special = pytest.importorskip("scipy.special")
    u, w = 0.3, 0.8
    for name in ("expit", "xlogy", "gammaln", "psi"):
        names, body = (rows().get(name) or rows()[f"scipy.{name}"])[0]
        given = dict(zip(names, (u, w), strict=False))
        own = {"erf": special.erf, "lgamma": special.gammaln, "digamma": special.digamma}
        value = _numbers(ast.unparse(body), {**given, **own})
        assert np.isclose(float(str(value)), getattr(special, name)(*given.values()))


def test_every_word_that_is_suggested_or_replaced_is_not_a_word_of_the_language() -> None:
    assert not {*spellings.MEANT, *spellings.LOCAL} & functions().keys()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("s(1 - s)", "read as s*(1 - s)"),
        ("f = sigma(s); y = f(1 - f)", "read as f = sigmoid(s); y = f*(1 - f)"),
        ("import numpy as np\nz = np.sin(s)", "read as z = sin(s)"),
        ("tg(s)", "read as tan(s)"),
        ("xy + z", "inputs: xy, z"),
    ],
)
def test_what_is_not_plain_is_said_in_one_line(text: str, line: str) -> None:
    with said() as lines:
        parse_program(text)
    assert lines == [line]


@pytest.mark.parametrize("text", ["np.exp(s)", "x.sum()", "2(s + 1)", "f(x) = x**2", "mu*s + rate", "s**2"])
def test_of_what_is_plain_nothing_is_said(text: str) -> None:
    with said() as lines:
        with_declared(text)
    assert lines == []


def test_liberties_are_taken_in_files_recurrences_claims_and_by_the_command() -> None:
    file = '[inputs]\nx = ["n"]\n[definitions]\nL = "{0}"\n'
    with said():
        assert read(file.format("(x**2).sum()")).program == read(file.format("sum(x**2)")).program
        text = "h[t] = np.tanh(w*h[t-1] + x[t]); h[-1] = 0; L = h[T-1](1 - h[T-1])"
        plain = "h[t] = tanh(w*h[t-1] + x[t]); h[-1] = 0; L = h[T-1]*(1 - h[T-1])"
        assert read(text).recurrence == read(plain).recurrence
        assert sd.check_derivative("y(1 - y)", "y = 1/(1 + np.exp(-x))", "x")
    command = [sys.executable, "-m", "symdiff", "derive", "x(1 - x)", "--format", "json"]
    assert subprocess.run(command, capture_output=True).stderr == b"symdiff: read as x*(1 - x)\n"
    assert subprocess.run([*command, "--literal"], capture_output=True).returncode == 3


def test_the_library_reads_literally_where_it_is_asked_to() -> None:
    for call in (
        lambda: sd.trace("x(1 - x)", literal=True),
        lambda: sd.check_equal("x(1 - x)", "x - x**2", literal=True),
        lambda: sd.check_derivative("1", "np.exp(x)", "x", literal=True),
        lambda: sd.emit("np.exp(x)", literal=True),
    ):
        with pytest.raises(sd.InputError):
            call()


def test_long_formulas_are_rewritten_without_recursion() -> None:
    text = "np.exp(x)" + " + x" * 2_000
    assert len(parse_program(text).inputs) == 1
