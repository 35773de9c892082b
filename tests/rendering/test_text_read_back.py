"""Formulas of text are read back, by a reader of its own that takes nothing for granted, as what they were.

The reader knows the usual precedence and refuses what people read in two ways: a function with a bare
argument, ln x, before a slash, a dot or a power.
"""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from helpers import FUNCTIONS, M, value

from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Sym
from symdiff.language.program import parse_expression
from symdiff.rendering.formulas.unicode import TextPrinter
from symdiff.rules.table import RULES

WORDS = {
    rule.op.notation.text: name
    for name, rule in RULES.items()
    if rule.op.notation.kind in ("application", "call") and rule.op.arity == 1 and name in FUNCTIONS
}
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))
TOKENS = re.compile(r"\d+(?:\.\d+)?|[A-Za-zσΓψ]+[₀₁₂]*|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+|\S")


class Reader:
    """One formula at values of its names."""

    def __init__(self, text: str, at: dict[str, Any]) -> None:
        self.tokens, self.at = [*TOKENS.findall(text), ""], at

    def peek(self) -> str:
        return self.tokens[0]

    def next(self) -> str:
        return self.tokens.pop(0)

    def expect(self, token: str) -> None:
        assert self.next() == token

    def whole(self) -> Any:
        found = self.sum()
        self.expect("")
        return found

    def sum(self) -> Any:
        sign = -1 if self.peek() == "−" and self.next() else 1
        found = sign * self.product()
        while self.peek() in ("+", "−"):
            found = found + self.product() if self.next() == "+" else found - self.product()
        return found

    def product(self) -> Any:
        found, is_open = self.power()
        while self.peek() in ("·", "/"):
            assert not is_open, "a bare argument before a sign that could belong to it"
            sign = self.next()
            factor, is_open = self.power()
            found = found * factor if sign == "·" else found / factor
        return found

    def power(self) -> tuple[Any, bool]:
        found, is_open = self.atom()
        while self.peek() == "^" or (self.peek() and self.peek()[0] in RAISED):
            assert not is_open, "a bare argument before a power"
            found = found ** self.exponent()
        return found, is_open

    def exponent(self) -> Any:
        if self.peek() != "^":
            return M.mpf("".join(RAISED[c] for c in self.next()))
        self.next()
        return self.atom()[0]

    def atom(self) -> tuple[Any, bool]:
        """A number, a name, brackets, a function; and whether it ends in a bare argument."""
        token = self.next()
        if token in ("(", "|"):
            inside = self.sum()
            self.expect(")" if token == "(" else "|")
            return (abs(inside) if token == "|" else inside), False
        if token == "√":
            return M.sqrt(self.atom()[0]), False
        if token in WORDS:
            power = self.exponent() if self.peek() and self.peek()[0] in RAISED else 1
            is_open = self.peek() != "("
            return FUNCTIONS[WORDS[token]](self.atom()[0]) ** power, is_open
        return (M.e if token == "e" else self.at.get(token) or M.mpf(token)), False


AT = {"x": M.mpf("0.37"), "y": M.mpf("0.61")}
FORMS = (
    *(
        "{f}/y",
        "y/{f}",
        "{f}*y",
        "y*{f}",
        "{f}**2/y",
        "{f}**2*y",
        "{f}/{g}",
        "y*{f}/{g}",
        "{f}*{g}/y",
        "-{f}/y",
    ),
    *(
        "-{f}/y",
        "{f}/y/x",
        "y/{f}/x",
        "({f}/y)**2",
        "{f}**y",
        "2**{f}",
        "{f}**{g}",
        "{f} - {g}/y",
        "({f} + y)/{g}",
    ),
    *("{f}/(y*{g})", "y/({f}/{g})", "exp({f}/y)", "sqrt({f})/y", "{f}**(-1)/y", "x*{f}**2/{g}/y", "2*{f}/3"),
    *("(x - {f})*{g}/y", "y*(x*{f}/2)", "({f}/y)*{g}", "abs({f})/y", "x**({f}/y)", "-({f}*{g})/(x/{f})"),
)


@pytest.mark.parametrize("form", FORMS)
def test_every_function_beside_every_operator_reads_back(form: str) -> None:
    names = sorted(WORDS.values())
    calls = [f"{name}({argument})" for name in names for argument in ("x", "x + y", "x*y")]
    for f, g in product(calls, calls[:: len(calls) // 5]):
        source = form.format(f=f, g=g)
        try:
            expected = value(source, AT)
        except (ValueError, TypeError, ZeroDivisionError):
            continue
        if M.im(expected) or not M.isfinite(expected):
            continue
        formula = parse_expression(source)
        for text in (TextPrinter()(formula), TextPrinter().flat_form(formula)):
            assert M.almosteq(Reader(text, AT).whole(), expected, 1e-30), (source, text)


@pytest.mark.parametrize("text", ["ln x/y", "x·sin y/2", "sin² x·y", "ln x²", "sin x^2", "x/ln x/y"])
def test_the_reader_refuses_what_is_read_in_two_ways(text: str) -> None:
    with pytest.raises(AssertionError):
        Reader(text, AT).whole()


@pytest.mark.parametrize("op", [PARTIAL, DERIVATIVE])
def test_a_derivative_before_a_slash_or_a_factor_stands_in_brackets(op: Any) -> None:
    symbol, s, print_text = Expr(op, Sym("L"), Sym("K_t")), Sym("S_t"), TextPrinter()
    plain = print_text(symbol)
    assert print_text(symbol / s) == f"({plain})/Sₜ"
    assert print_text(2 * symbol / s) == f"2·({plain})/Sₜ"
    assert print_text(symbol * s) == f"({plain})·Sₜ"
    assert print_text(symbol**2) == f"({plain})²"
    assert print_text(1 / symbol) == f"1/({plain})"
