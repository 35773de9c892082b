"""The language: the author's form to the letter, and one clear error for everything else."""

from __future__ import annotations

import pytest
from helpers import value

import symdiff as sd
from symdiff.expr import tree as e
from symdiff.expr.tree import count_operations
from symdiff.language.program import parse_expression, parse_program
from symdiff.language.reading import literally


def inputs_of(text: str) -> list[str]:
    return [name.name for name in parse_program(text).inputs]


def test_the_authors_form_is_kept() -> None:
    assert count_operations(parse_expression("x - 2*x")) == 2
    assert str(parse_expression("1 + x*1 + 0*x")) == "1 + x*1 + 0*x"
    assert str(parse_expression("b + a + 2.50")) == "b + a + 2.50"


def test_a_sign_before_a_product_is_the_products() -> None:
    assert parse_expression("-a*x").op is e.NEG
    assert parse_expression("-a*x/b").op is e.NEG
    assert parse_expression("-a/x").op is e.NEG
    assert parse_expression("(-a)*x").op is e.MUL
    assert parse_expression("-a + x").op is e.ADD
    assert parse_expression("-x**2").op is e.NEG


def test_signs_and_powers_bind_as_on_paper() -> None:
    point = {"x": 3, "a": 5}
    texts = {"-x**2": -9, "2**-x": 0.125, "2**3**2": 512, "x - 2 - 1": 0, "8/4/2": 1, "a - -x": 8, "+x": 3}
    for text, number in texts.items():
        assert value(parse_expression(text), point) == number


def test_decimals_are_exact() -> None:
    assert parse_expression("0.1").value * 10 == 1  # type: ignore[attr-defined]
    assert parse_expression("1e-3").value * 1000 == 1  # type: ignore[attr-defined]


def test_an_equation_with_arguments_fixes_inputs_and_their_order() -> None:
    program = parse_program("f(x, a) = 1/(1 + exp(-a*x))")
    assert [s.name for s in program.inputs] == ["x", "a"]
    assert program.definitions[-1][0].name == "f"
    with pytest.raises(sd.InputError, match="unknown name 'b'"):
        parse_program("f(x, a) = x + a + b")


def test_arguments_that_do_not_occur_are_inputs_all_the_same() -> None:
    assert inputs_of("f(x, a) = 3*x") == ["x", "a"]
    assert inputs_of("f(x) = 3") == ["x"]


def test_inputs_come_in_order_of_appearance_and_families_by_number() -> None:
    assert inputs_of("b*a + c") == ["b", "a", "c"]
    assert inputs_of("x2*x1 + a*x10") == ["x1", "x2", "a", "x10"]


def test_several_lines_define_names_before_their_use() -> None:
    program = parse_program("h = tanh(w*x)\ny = v*h")
    assert [name.name for name, _ in program.definitions] == ["h", "y"]
    assert [s.name for s in program.inputs] == ["w", "x", "v"]
    for wrong in ("y = y + 1", "h = x\nh = 2*x", "y = h\nh = x"):
        with pytest.raises(sd.InputError):
            parse_program(wrong)


def test_the_result_of_a_bare_expression_has_a_name_that_is_free() -> None:
    assert parse_program("x + 1").definitions[-1][0].name == "y"
    assert parse_program("y + 1").definitions[-1][0].name == "f"


@pytest.mark.parametrize(
    "name", ["lambda", "beta", "E", "w_1", "I", "N", "S", "x1", "hbar_0", "e1", "rate", "pi_1"]
)
def test_names_of_other_languages_are_names_here(name: str) -> None:
    assert inputs_of(f"2*{name} + {name}**2") == [name]
    assert f"2*{name}" in str(parse_expression(f"2*{name}"))


def test_e_and_pi_are_numbers() -> None:
    assert inputs_of("e**x + pi") == ["x"]


def test_names_of_one_letter_and_index_are_two_names() -> None:
    assert inputs_of("x1 + x_1*x__1*_x") == ["x1", "x_1", "x__1", "_x"]
    with pytest.raises(sd.InputError, match=r"'x_1' uses 'x1'|unknown name|used before|defined"):
        parse_program("x_1 = x1*x_1")


HOSTILE = {
    "a function as a target": "exp = x; y = exp(exp)",
    "parentheses": "(" * 100_000 + "x" + ")" * 100_000,
    "parentheses in lines": "(\n" * 9_000 + "x" + ")\n" * 9_000,
    "open parentheses": "(" * 100_000,
    "signs": "-" * 100_000 + "x",
    "a megabyte": "x + " * 250_000 + "x",
    "a megabyte in lines": "y = x + x\n" * 110_000,
    "long name": "x" * 5_000,
    "long number": "9" * 9_000,
    "huge exponent": "1e999999999",
    "hexadecimal": "0x10 + x",
    "attribute": "x.real",
    "method": "x.__class__()",
    "string": "'rm'",
    "bytes": "b'x'",
    "formatted string": "f'{x}'",
    "lambda call": "(lambda x: x)(2)",
    "comprehension": "[x for x in y]",
    "generator": "sum(x for x in y)",
    "import": "__import__('os')",
    "import statement": "import os",
    "statement": "del x",
    "while": "while x: x",
    "walrus": "(x := 3)",
    "index": "x[0]",
    "tuple": "x, y",
    "set": "{x}",
    "floor": "x // 2",
    "modulo": "x % 2",
    "matrix": "x @ y",
    "star": "sin(*x)",
    "keyword argument": "sin(x=1)",
    "wrong arity": "sin(x, y)",
    "no argument": "sin()",
    "one argument": "max(x)",
    "function as a name": "sin + sin(x)",
    "function as a target": "sin = sin(x)",
    "constant called": "pi(x)",
    "NUL": "x + \0y",
    "keyword": "class x",
    "keyword if": "if x",
    "True": "True + x",
    "None": "None",
    "ellipsis": "...",
    "double target": "y = z = x",
    "augmented": "y += x",
    "call as target": "f(x)(y) = x",
    "underscores": "__",
    "foreign letters": "ж + 1",
    "surrogate": "\ud800",
    "accent that combines": "x\u0301",
    "unfinished": "x +",
    "unbalanced": "x + (y",
    "trailing comma": "x,",
    "empty": "",
    "blank": "  \n \t ",
    "comment": "# nothing",
    "backslash": "x \\ y",
    "semicolon": "x; y; z",
    "only arguments": "f(x) =",
    "unknown function": "foo(x)",
    "sin of a function": "x(y)",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_one_error_on_one_line(text: str) -> None:
    with pytest.raises(sd.InputError) as caught:
        parse_program(text)
    assert "\n" not in caught.value.what
    lines = str(caught.value).split("\n")
    assert len(lines) in (1, 3)
    assert all(len(line) < 500 and line.isprintable() for line in lines)
    if len(lines) == 3:
        assert lines[2].strip() == "^"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x +", r"something is missing after \+; write a number or a name there"),
        ("a + (b*)", r"something is missing between \* and \)"),
    ],
)
def test_a_syntax_error_shows_a_caret_under_the_place(text: str, says: str) -> None:
    check_caret(text, says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x y", r"a product is written with \*: x\*y"),
        ("2x", r"a product is written with \*: 2\*x"),
        ("1 + 0.5x", r"a product is written with \*: 0.5\*x"),
        ("ln x", r"a function needs parentheses: ln\(x\)"),
        ("2*sin x + 1", r"a function needs parentheses: sin\(x\)"),
        ("x²", r"a power is written x\*\*2"),
        ("y = 1 + x³", r"a power is written x\*\*3"),
        ("x·y", r"a product is written x\*y"),
        ("3 − x", "a minus is written x - y"),
        ("√x", r"a root is written sqrt\(x\)"),
        ("|x|", r"an absolute value is written abs\(x\)"),
        ("f'(x)", "the sign ' is not part of the language"),
    ],
)
def test_read_literally_what_is_typed_on_paper_is_answered_with_how_it_is_written(
    text: str, says: str
) -> None:
    with literally(True):
        check_caret(text, says)


def check_caret(text: str, says: str) -> None:
    with pytest.raises(sd.InputError, match=says) as caught:
        parse_expression(text)
    _, piece, caret = str(caught.value).split("\n")
    assert piece.strip() == text
    assert caret.strip() == "^"
    assert len(caret) <= len(piece) + 1


def test_the_caret_stands_under_the_offending_part() -> None:
    with pytest.raises(sd.InputError) as caught:
        parse_expression("1 + lambda*foo(x)")
    _, piece, caret = str(caught.value).split("\n")
    assert piece[len(caret) - 1 :].startswith("foo(x)")


def test_an_unknown_function_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(sd.InputError, match="did you mean 'sigmoid'"):
        parse_expression("sigmoidd(x)")


def test_a_tower_of_powers_parses_and_has_no_point_of_the_domain() -> None:
    tape = sd.trace("x + 9**9**9**9")
    with pytest.raises(sd.DomainError):
        sd.render(sd.reverse(tape), "text")


def test_nothing_is_evaluated_while_reading() -> None:
    assert str(parse_expression("1/0 + 9**9**9**9")) == "1/0 + 9**9**9**9"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = y; y = x", "'x' and 'y' are defined by each other"),
        ("a = b + 1; c = 2*a; b = c*x", "'a' and 'b' are defined by each other"),
        ("y = 2; y = x", "'y' is defined twice"),
        ("y = y + x", "'y' is defined by a formula that uses it"),
        ("a = b + 1; b = 2*x; L = a*b", "'a' uses 'b' before it is defined"),
        ("f(x, a) = x*a; a = 2*x", "'a' is an input, it cannot be defined"),
    ],
)
def test_a_name_that_cannot_be_defined_is_told_why(text: str, says: str) -> None:
    with pytest.raises(sd.InputError, match=says):
        parse_program(text)
