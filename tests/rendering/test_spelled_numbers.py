"""A number looks the same wherever it stands: tiny, huge, negative, exact or rounded, in every format."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from graph_helpers import draw
from pages import solved

from symdiff.codegen import emit
from symdiff.exercises import read
from symdiff.expr.numbers import decimal_number
from symdiff.expr.text import spelled_number
from symdiff.expr.tree import Num
from symdiff.language.program import parse_expression
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.typst import TypstPrinter
from symdiff.rendering.formulas.unicode import TextPrinter

FORMATS = ("text", "latex", "markdown", "html", "typst")
GELU = "y = 0.5*x*(1 + tanh(0.7978845608028654*(x + 0.044715*x**3)))"


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        *[("1e-05", "1e-5"), ("1E-5", "1e-5"), ("1e+10", "1e10"), ("-2.50e-007", "-2.50e-7"), ("3e0", "3")],
        *[(".5", "0.5"), ("5.", "5"), ("5.0", "5.0"), ("1_000", "1000"), ("00.5", "0.5"), ("2.50", "2.50")],
        *[("12", "12"), ("-12", "-12"), ("0", "0"), ("-3/4", "-3/4"), ("0.0", "0.0")],
    ],
)
def test_a_number_is_spelled_as_on_paper(text: str, spelled: str) -> None:
    assert spelled_number(text) == spelled
    assert Fraction(spelled) == Fraction(text.replace("5.", "5.0") if text == "5." else text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *[
            ("0.5", "0.5"),
            ("-0.25", "-0.25"),
            ("0.0001", "0.0001"),
            ("0.00002", "2e-5"),
            ("-1.25e-9", "-1.25e-9"),
        ],
        ("21406444881783687/400000000000000000", "0.0535161122044592175"),
        ("1234567890.0625", "1234567890.0625"),
    ],
)
def test_what_decimals_give_is_a_decimal(value: str, text: str) -> None:
    found = decimal_number(Fraction(value))
    assert found is not None
    assert (found.text, found.value, found.rounded) == (text, Fraction(value), False)


@pytest.mark.parametrize("value", ["1/3", "2", "-7", "1/700", f"1/{2**41}"])
def test_what_is_no_short_decimal_stays_a_fraction(value: str) -> None:
    assert decimal_number(Fraction(value)) is None


@pytest.mark.parametrize(
    ("source", "text", "latex", "typst"),
    [
        ("1e-05*x", "10⁻⁵·x", "10^{-5} x", "10^(-5) x"),
        ("x - 1E-5", "x − 10⁻⁵", "x - 10^{-5}", "x - 10^(-5)"),
        ("x**1e-5", "x^(10⁻⁵)", "x^{10^{-5}}", "x^(10^(-5))"),
        ("2.5e12/x", "2.5·10¹²/x", r"\frac{2.5 \cdot 10^{12}}{x}", "frac(2.5 ⋅ 10^(12), x)"),
        ("1e3**x", "(10³)^x", "(10^{3})^{x}", "(10^(3))^(x)"),
    ],
)
def test_a_power_of_ten_has_no_leading_zero_and_no_factor_one(
    source: str, text: str, latex: str, typst: str
) -> None:
    formula = parse_expression(source)
    printers: list[Printer] = [TextPrinter(), LatexPrinter(), TypstPrinter()]
    assert [printer(formula) for printer in printers] == [text, latex, typst]


@pytest.mark.parametrize(
    ("rounded", "text"),
    [
        ("1.000e-12", "1.000·10⁻¹²"),
        ("-9.700e-63", "−9.700·10⁻⁶³"),
        ("4.248e300", "4.248·10³⁰⁰"),
        ("0.0100", "0.0100"),
    ],
)
def test_a_rounded_number_keeps_its_digits(rounded: str, text: str) -> None:
    assert TextPrinter()(Num(Fraction(rounded), rounded, True)) == text


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("spelled", "other"),
    [
        ("3e-05", r"0[.,]00003|10(⁻⁰|\^\{-0)"),
        ("0.00002", r"10(⁻⁵|\^[({]-5)"),
        ("7E-6", r"7E-|0[.]000007"),
    ],
)
def test_a_number_has_one_spelling_on_a_page(kind: str, spelled: str, other: str) -> None:
    page = solved(f"y = 1/sqrt(x**2 + {spelled}) + {spelled}*x", "reverse").render(kind)
    assert not re.search(other, page)


@pytest.mark.parametrize("kind", FORMATS)
def test_decimals_multiplied_are_no_long_fractions(kind: str) -> None:
    page = solved(GELU, "reverse").render(kind)
    assert "0.05351" in page
    assert not re.search(r"\d{9,}(/|\\/|\}\{|, )\d{6,}", page.split("<script")[0])


def test_nor_are_they_in_the_record_or_in_code() -> None:
    record = solved(GELU, "reverse").render("json")
    code = emit(read(GELU))
    assert not re.search(r"\d{9,} ?/ ?\d{6,}", record + code)
    assert not re.search(r"e[-+]?0\d", record + code)


@pytest.mark.parametrize("kind", ["svg", "tikz", "mermaid", "dot"])
def test_a_rounded_value_in_a_graph_is_marked(kind: str) -> None:
    graph = draw(read("y = exp(-x)*a"), mode="reverse", at={"x": 40, "a": 2}, values=True)
    page = graph.render(kind, plain_numbers=True) if kind == "svg" else graph.render(kind)
    assert "4.248" in page
    assert not re.search(r"(?<!approx )(?<!≈ )4\.248(·| \\cdot)", page)
    assert not re.search(r"(approx |≈ )-?−?40", page)
    assert "10^-" not in page
    assert "10^−" not in page
