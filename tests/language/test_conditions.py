"""Conditions as people type them: what is read, what is refused, and that our own text is read again."""

from __future__ import annotations

import ast

import pytest

from symdiff.errors import InputError, ProofError
from symdiff.expr.tree import Sym
from symdiff.language.program import parse_expression, parse_program
from symdiff.language.second_reading import Binding, confirm

READ = {
    "x if x > 0 else y": "where(x > 0, x, y)",
    "where(x >= 0, x, y)": "where(x >= 0, x, y)",
    "x*(x > 0)": "x*(x > 0)",
    "(x > 0) - (y < x)": "(x > 0) - (y < x)",
    "x if 0 < x < 1 else y": "where(0 < x and x < 1, x, y)",
    "where(not x > y, 1, 2)": "where(x <= y, 1, 2)",
    "where(not (x > y or x == 2), 1, 2)": "where(x <= y and x != 2, 1, 2)",
    "where((x > 0) & (y > 0) & (x < 2), 1, 2)": "where(x > 0 and y > 0 and x < 2, 1, 2)",
    "where(~(x > 0), x, 1)": "where(x <= 0, x, 1)",
    "piecewise((x, x > 1), (2*x, x > 0), (0, True))": "where(x > 1, x, where(x > 0, 2*x, 0))",
    "x if x else y": "where(x != 0, x, y)",
    "where(x - 1, 2, 3)": "where(x - 1 != 0, 2, 3)",
    "where((x > 0)*(y > 0), 1, 2)": "where((x > 0)*(y > 0) != 0, 1, 2)",
    "(1 if x > 0 else 2)*y": "where(x > 0, 1, 2)*y",
    "x > 0": "(x > 0)",
    "-x if -x > 0 else x**2": "where(-x > 0, -x, x**2)",
    "huber(r, d)": "where(abs(r) <= d, r**2/2, d*(abs(r) - d/2))",
    "huber(r)": "where(abs(r) <= 1, r**2/2, abs(r) - 1/2)",
    "elu(x)": "where(x > 0, x, exp(x) - 1)",
    "elu(x, alpha=a)": "where(x > 0, x, a*(exp(x) - 1))",
    "elu(2*x, 3)": "where(2*x > 0, 2*x, 3*(exp(2*x) - 1))",
    "leaky_relu(x)": "where(x > 0, x, 0.01*x)",
    "clip(x, 0, y)": "min(max(x, 0), y)",
    "silu(-x)": "(-x)*sigmoid(-x)",
    "gelu(x)": "x*(1 + erf(x/sqrt(2)))/2",
    'gelu(x, approximate="tanh")': "x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2",
    "hypot(x, y - 1)": "sqrt(x**2 + (y - 1)**2)",
    "log1p(expm1(x))": "log(1 + (exp(x) - 1))",
}


@pytest.mark.parametrize("text", READ)
def test_what_is_typed_is_read_and_read_again(text: str) -> None:
    found = parse_expression(text)
    assert str(found) == READ[text]
    assert parse_expression(str(found)) == found


REFUSED = {
    "1 if 2 > 1 else x": "2 > 1 is the same for all values",
    "where(True, x, 1)": "is not a number",
    "where(3, x, 1)": "3 is no condition",
    "where(x > 0, x)": "where takes 3 arguments, not 2",
    "piecewise((x, x > 0))": "the last condition of piecewise is True",
    "piecewise(x, 2)": "piecewise takes pairs",
    "x in y": "in and is compare no numbers",
    "x is y": "in and is compare no numbers",
    "inf*x": "an infinity is no number",
    "x if x > 0 else -inf": "an infinity is no number",
    "where(x > inf, 1, x)": "an infinity is no number",
    "clip(x, 0)": "clip needs hi",
    "elu(x, beta=2)": "elu takes x, alpha",
    "elu(x, 1, alpha=2)": "elu takes x, alpha",
    "polygamma(y, x)": "the order of polygamma is a whole number",
    "polygamma(1.5, x)": "the order of polygamma is a whole number",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_means_nothing_is_refused_in_the_users_words(text: str) -> None:
    with pytest.raises(InputError) as error:
        parse_program(text)
    assert REFUSED[text] in str(error.value)


SHAPES = {"M": ("n", "n"), "S": ("n", "n"), "x": ("n",)}
MASKS = {
    "softmax(where(M > 0, S, -inf))": "softmax(where(M > 0, S, -inf))",
    "softmax(where(M == 0, -oo, S))": "softmax(where(M != 0, S, -inf))",
    "softmax(S + where(M > 0, 0, -inf))": "softmax(where(M > 0, S, -inf))",
    "softmax(where(M, 0, -inf) + S)": "softmax(where(M != 0, S, -inf))",
    "softmax((S + where(M > 0, 0, -inf))/2)": "softmax(where(M > 0, S/2, -inf))",
    "softmax(where(M > 0, S, -inf), axis=0)": "softmax(where(M.T > 0, S.T, -inf)).T",
    "logsumexp(where(M > 0, S, -inf), axis=1)": "logsumexp(where(M > 0, S, -inf), axis=1)",
    "logsumexp(where(x > 0, x, -inf))": "logsumexp(where(x > 0, x, -inf))",
    "softmax(where(tril(ones(n, n)), S, -inf))": "softmax(where(tril(ones(n, n)) != 0, S, -inf))",
    "softmax(S + where(triu(M) > 0, -inf, 0))": "softmax(where(triu(M) <= 0, S, -inf))",
    "tril(S @ M)": "tril(S @ M)",
    "triu(S, -1) + tril(S, diagonal=1)": "S*triu(ones(n, n), -1) + S*tril(ones(n, n), 1)",
}


@pytest.mark.parametrize("text", MASKS)
def test_masks_are_read_as_the_entries_that_count(text: str) -> None:
    names = {name: Sym(name, shape=shape) for name, shape in SHAPES.items()}
    found = parse_expression(text, names, ["n"])
    assert str(found) == MASKS[text]
    assert parse_expression(str(found), names, ["n"]) == found


def test_a_definition_that_is_a_mask_is_written_out_where_its_name_stands() -> None:
    program = parse_program("T = where(M > 0, S, -inf)\nP = softmax(T)\ny = sum(P*S)", None, SHAPES)
    assert [str(name) for name, _ in program.definitions] == ["P", "y"]
    assert str(program.definitions[0][1]) == "softmax(where(M > 0, S, -inf))"
    for text in (
        "T = where(M > 0, S, -inf)\ny = sum(T)",
        "y = where(M > 0, S, -inf)",
        "log_softmax(S - inf)",
    ):
        with pytest.raises(InputError, match="infinity"):
            parse_program(text, None, SHAPES)


def test_no_name_of_a_formula_is_taken_from_an_author() -> None:
    program = parse_program("logit = w*x\nstep = 2*logit\ny = step**2")
    assert [str(name) for name, _ in program.definitions] == ["logit", "step", "y"]
    with pytest.raises(InputError, match=r"logit\(x\) may be a product, or a function"):
        parse_program("logit = w*x\ny = logit(x)")


WRONG = {
    "x if x > 0 else y": "where(x >= 0, x, y)",
    "x*(x > 0)": "x*(x < 0)",
    "where(not x > 0, x, y)": "where(x > 0, x, y)",
    "x if 0 < x < 1 else y": "where(0 < x, x, y)",
    "silu(x)": "x*sigmoid(-x)",
    "huber(r, d)": "where(abs(r) < d, r**2/2, d*(abs(r) - d/2))",
    "elu(x)": "where(x > 0, x, 2*(exp(x) - 1))",
    "piecewise((x, x > 1), (y, x > 0), (0, True))": "where(x > 1, x, where(x > 0, 0, y))",
}


@pytest.mark.parametrize("text", WRONG)
def test_the_second_reading_refuses_another_formula(text: str) -> None:
    tree = ast.parse(text).body[0]
    assert isinstance(tree, ast.Expr)
    confirm("y", tree.value, parse_expression(text), Binding(()))
    with pytest.raises(ProofError):
        confirm("y", tree.value, parse_expression(WRONG[text]), Binding(()))
