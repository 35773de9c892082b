"""What beginners type first, in English and French, is understood or answered in words that mend it."""

from __future__ import annotations

import warnings

import pytest

import symdiff as sd
from symdiff.language.misspellings import suggestion
from symdiff.language.program import parse_program
from symdiff.rules.table import functions

UNDERSTOOD = {
    "x^2": "x**2",
    "3x^2 + 2x - 5": "3*x**2 + 2*x - 5",
    "sin x": "sin(x)",
    "sin(x)cos(x)": "sin(x)*cos(x)",
    "sin^2 x": "sin(x)**2",
    "e^(-x)": "e**(-x)",
    "√x": "sqrt(x)",
    "|x|": "abs(x)",
    "ln x": "log(x)",
    "log(x, 2)": "log(x)/log(2)",
    "f(x) = 2x + 1": "f(x) = 2*x + 1",
    "f(x, y) = x² + y²": "f(x, y) = x**2 + y**2",
    "y := x^2": "y = x**2",
    "(x + 1)(x - 1)": "(x + 1)*(x - 1)",
    "x(x + 1)": "x*(x + 1)",
    "2π x": "2*pi*x",
    "0,5x^2": "0.5*x**2",
    "\\frac{1}{1+e^{-x}}": "1/(1 + e**(-x))",
    "np.exp(-x**2)": "exp(-x**2)",
    "lambda x: x**2": "y(x) = x**2",
    "def f(x):\n    return x**2": "f(x) = x**2",
    "import numpy as np\ny = np.sin(x)": "y = sin(x)",
    "Sin[x]": "sin(x)",
    "tg(x)": "tan(x)",
    "arctg(x)": "atan(x)",
    "max(0, x)": "max(0, x)",
    "Sigmoid(x)": "sigmoid(x)",
    "y=x**2;": "y = x**2",
}


@pytest.mark.parametrize(("text", "plain"), UNDERSTOOD.items(), ids=UNDERSTOOD.keys())
def test_what_beginners_type_is_understood(text: str, plain: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert parse_program(text) == parse_program(plain)


ANSWERED = {
    "d/dx x^2": r"this asks for a derivative; write the function, as y = x\*\*2",
    "derivative of x^2": "this asks for a derivative; write the function",
    "dérivée de x^2": "this asks for a derivative; write the function",
    "racine carrée de x": r"write it in signs, as sqrt\(x\)",
    "racine(x)": "did you mean 'sqrt'",
    "somme(x)": "did you mean 'sum'",
    "sinn(x)": "did you mean 'sin'",
    "sqr(x)": r"write x\*\*2 for the square, sqrt\(x\) for the root",
    "cosx": r"write cos\(x\)",
    "x, y": r"write \[x, y\] for a vector, 0.5 for a decimal",
    "y == x**2": "write y = …",
    "y += x": "a name is defined once, by =",
    "2 = x": "on the left of =; write",
    "exp(x": r"the bracket \( is not closed; write \) where it ends",
    "exp(x))": r"the bracket \) was never opened",
    "x +": "something is missing",
    "x*/y": r"something is missing between \* and /",
    "x!": "a factorial has no derivative",
    "x ? 1 : 0": "write a if x > 0 else b",
    "if x > 0: x": "write y = a if x > 0 else b",
    "for i in x: i": "write a recurrence",
    "x % 2": "% is a remainder",
    "x // 2": "write / for a quotient",
    "True*x": "write 1",
    '"x**2"': "write the formula without quotes",
    "x/2y": r"write \(x/2\)\*y or x/\(2y\)",
    "1/2(x + 1)": r"write \(1/2\)\*\(x \+ 1\) or",
    "x(t)": r"write x\*t for the product, x for the value",
    "∫x dx": "integral is not read",
    "lim x->0 sin(x)/x": "a limit is not read",
    "nan*x": "nan is no number",
    "🙂*x": "'🙂' is not part of the language; what is read: numbers, names",
}


@pytest.mark.parametrize(("text", "says"), ANSWERED.items(), ids=ANSWERED.keys())
def test_what_is_not_understood_is_answered_in_one_line_with_its_place(text: str, says: str) -> None:
    with pytest.raises(sd.InputError, match=says) as caught:
        parse_program(text)
    _, piece, caret = str(caught.value).split("\n")
    assert (piece.strip(), caret.strip()) == (text, "^")
    assert caught.value.way_out


OTHER_MEANINGS = (
    "atan2",
    "expm",
    "cumsum",
    "log10",
    "logm",
    "sinc",
    "signal",
    "argmax",
    "erfi",
    "tand",
    "normal",
)


@pytest.mark.parametrize("word", OTHER_MEANINGS)
def test_no_word_of_another_meaning_is_suggested(word: str) -> None:
    assert "did you mean" not in suggestion(word, functions())


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("1/0*x", "1/0 is no real number"),
        ("log(-1)*x", r"log\(-1\) is no real number"),
        ("0**-1*x", r"0\*\*\(-1\) is no real number"),
        ("y + sqrt(-1 - x**2)", r"sqrt\(-1 - x\*\*2\) has no usable value"),
        ("a = x - x; y = 1/a", r"1/\(x - x\) has no usable value"),
    ],
)
def test_a_function_that_has_no_value_is_told_which_part_has_none(text: str, part: str) -> None:
    with pytest.raises(sd.DomainError, match=part):
        sd.render(sd.reverse(sd.trace(text)), "text")
