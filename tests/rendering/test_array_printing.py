"""How formulas on arrays are printed in LaTeX and in text; the text is read back as mathematics."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from array_helpers import ELEMENTWISE, _inv, drawn, flat, run, same, tree
from helpers import M

from symdiff.expr.leaves import Filled, Grid
from symdiff.expr.operations import COLUMN, MAPPED_BACK
from symdiff.expr.tree import Dim, Expr, Num, Sym
from symdiff.language.program import parse_program
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.typst import TypstPrinter
from symdiff.rendering.formulas.unicode import TextPrinter

SHAPES: dict[str, Any] = {
    **{"x": ("n",), "y": ("n",), "v": ("n",), "u": ("m",), "A": ("n", "n"), "B": ("n", "n"), "M": ("m", "n")},
    **{"C": (2, 2), "z": (3,), "a": (), "b": ()},
}
SIZES = {"n": 3, "m": 2}
READABLE = [
    ("x @ A @ x", r"x^{\top} A x", "xᵀ A x"),
    ("outer(u, v)", r"u v^{\top}", "u vᵀ"),
    ("x @ A", r"A^{\top} x", "Aᵀ x"),
    ("A @ x", "A x", "A x"),
    ("A.T @ x", r"A^{\top} x", "Aᵀ x"),
    ("M.T @ u", r"M^{\top} u", "Mᵀ u"),
    ("u @ M", r"M^{\top} u", "Mᵀ u"),
    ("inv(A) @ x", "A^{-1} x", "A⁻¹ x"),
    ("inv(A).T", r"A^{-\top}", "A⁻ᵀ"),
    ("inv(A).T @ x", r"A^{-\top} x", "A⁻ᵀ x"),
    ("A @ B @ x", "A B x", "A B x"),
    ("(A + B) @ x", r"(A + B)\,x", "(A + B) x"),
    ("A @ (x + y)", r"A\,(x + y)", "A (x + y)"),
    ("(x*y) @ A", r"A^{\top}\,(x \odot y)", "Aᵀ (x ⊙ y)"),
    ("A @ (x*y)", r"A\,(x \odot y)", "A (x ⊙ y)"),
    ("(A*B) @ x", r"(A \odot B)\,x", "(A ⊙ B) x"),
    ("(A @ B)*A", r"(A B) \odot A", "(A B) ⊙ A"),
    ("A*(B @ A)", r"A \odot (B A)", "A ⊙ (B A)"),
    ("x*(A @ x)", r"x \odot (A x)", "x ⊙ (A x)"),
    ("(A @ x)*x", r"(A x) \odot x", "(A x) ⊙ x"),
    ("inv(A @ B)", "(A B)^{-1}", "(A B)⁻¹"),
    ("(A @ B).T", r"(A B)^{\top}", "(A B)ᵀ"),
    ("(A + B).T", r"(A + B)^{\top}", "(A + B)ᵀ"),
    ("A.T @ B", r"A^{\top} B", "Aᵀ B"),
    ("dot(x, y)", r"x^{\top} y", "xᵀ y"),
    ("x @ x", r"x^{\top} x", "xᵀ x"),
    ("dot(x, y)*x", r"(x^{\top} y)\,x", "(xᵀ y)·x"),
    ("dot(x + y, y)", r"(x + y)^{\top}\,y", "(x + y)ᵀ y"),
    ("dot(x*v, y)", r"(x \odot v)^{\top}\,y", "(x ⊙ v)ᵀ y"),
    ("2*A", "2 A", "2·A"),
    ("-A @ x", r"(-A)\,x", "(−A) x"),
    ("x - A @ x", "x - A x", "x − A x"),
    ("(x @ y)/(x @ x)", r"\frac{x^{\top} y}{x^{\top} x}", "xᵀ y/(xᵀ x)"),
    ("A @ x/a", r"\frac{A x}{a}", "A x/a"),
    ("(A @ x)/(x @ x)", r"\frac{A x}{x^{\top} x}", "A x/(xᵀ x)"),
    ("outer(u, v)*M", r"(u v^{\top}) \odot M", "(u vᵀ) ⊙ M"),
    ("-outer(u, v)", r"-u v^{\top}", "−u vᵀ"),
    ("outer(u, x + v)", r"u\,(x + v)^{\top}", "u (x + v)ᵀ"),
    ("outer(u*u, v)", r"(u \odot u)\,v^{\top}", "(u ⊙ u) vᵀ"),
    ("outer(x, x) @ y", r"x x^{\top} y", "x xᵀ y"),
    ("x**2*y", r"x^{2} \odot y", "x² ⊙ y"),
    ("x/y", r"\frac{x}{y}", "x/y"),
    ("x*y/v", r"\frac{x \odot y}{v}", "x ⊙ y/v"),
    ("x/(y*v)", r"\frac{x}{y \odot v}", "x/(y ⊙ v)"),
]
OTHERS = [
    ("A**2", r"A^{\odot 2}", "A^(⊙2)"),
    ("sum(x)", r"\sum_{i} x_{i}", "Σᵢ xᵢ"),
    ("sum(x**2)", r"\sum_{i} x_{i}^{2}", "Σᵢ xᵢ²"),
    ("sum(A*B)", r"\sum_{i,j} A_{ij}\,B_{ij}", "Σᵢⱼ Aᵢⱼ·Bᵢⱼ"),
    ("sum(A.T*B)", r"\sum_{i,j} A_{ji}\,B_{ij}", "Σᵢⱼ Aⱼᵢ·Bᵢⱼ"),
    ("sum(x)**2", r"\left(\sum_{i} x_{i}\right)^{2}", "(Σᵢ xᵢ)²"),
    ("sum(x)/n", r"\frac{1}{n}\,\sum_{i} x_{i}", "(1/n)·Σᵢ xᵢ"),
    ("mean(x)", r"\frac{1}{n}\,\sum_{i} x_{i}", "(1/n)·Σᵢ xᵢ"),
    ("a*sum(x)", r"a\,\sum_{i} x_{i}", "a·Σᵢ xᵢ"),
    ("sum(x)*a", r"\left(\sum_{i} x_{i}\right)\,a", "(Σᵢ xᵢ)·a"),
    ("sum(M, axis=0)", r"M^{\top} \mathbf{1}", "Mᵀ 𝟏"),
    ("sum(M, axis=1)", r"M \mathbf{1}", "M 𝟏"),
    ("diag(x) @ A", r"\operatorname{diag}(x)\,A", "diag(x) A"),
    ("trace(A @ B)", r"\operatorname{tr}(A B)", "tr(A B)"),
    ("det(A)", r"\det A", "det A"),
    ("logdet(A)", r"\ln\left|\det A\right|", "ln|det A|"),
    ("sqnorm(A @ x - y)", r"\left\|A x - y\right\|^{2}", "‖A x − y‖²"),
    ("tanh(A @ x + y)", r"\tanh(A x + y)", "tanh(A x + y)"),
    ("tanh(x)**2", r"\tanh^{2} x", "tanh² x"),
    ("softmax(A @ x)", r"\operatorname{softmax}(A x)", "softmax(A x)"),
    ("logsumexp(x)", r"\operatorname{lse}(x)", "lse(x)"),
    ("eye(n) @ x", "I_{n} x", "Iₙ x"),
    ("z[0]", "z_{1}", "z₁"),
    ("C[0, 1]", "C_{12}", "C₁₂"),
    ("C[0]", "C_{1,:}", "C_(1,:)"),
    ("[z[0], 2*a]", "(z_{1}, 2 a)", "(z₁, 2·a)"),
    ("[[a, 0], [1.5, b]]", r"\begin{pmatrix} a & 0 \\ 1.5 & b \end{pmatrix}", "[a, 0; 1.5, b]"),
]


def parsed(text: str) -> Expr:
    return parse_program(f"q = {text}", shapes=SHAPES).definitions[-1][1]


def point() -> dict[str, Any]:
    shapes = {n: tuple(SIZES.get(str(part), part) for part in shape) for n, shape in SHAPES.items()}
    kinds = {"A": "regular", "B": "regular"}
    return {n: drawn(shape, n, kinds.get(n, "positive")) for n, shape in shapes.items()}


@pytest.mark.parametrize(("source", "latex", "unicode"), READABLE + OTHERS)
def test_formulas_on_arrays(source: str, latex: str, unicode: str) -> None:
    formula = parsed(source)
    assert LatexPrinter()(formula) == latex
    assert TextPrinter()(formula) == unicode


@pytest.mark.parametrize("source", [source for source, _, _ in READABLE + OTHERS])
def test_formulas_in_the_languages_own_text_are_worth_the_same(source: str) -> None:
    formula, at = parsed(source), point()
    assert same(run(str(formula), at, SIZES), tree(formula, at, SIZES))
    assert same(run(source, at, SIZES), tree(formula, at, SIZES))
    again = parsed(str(formula))
    assert same(tree(again, at, SIZES), tree(formula, at, SIZES))


TOKEN = re.compile(r"[A-Za-z]|\d+|[()+−/·⊙]|ᵀ|⁻¹|⁻ᵀ|²")
SIGNS = {"+": "+", "−": "-", "/": "/", "·": "*", "⊙": "*", "(": "(", ")": ")"}
AFTER = {"ᵀ": ".T", "⁻¹": ".inverse", "⁻ᵀ": ".inverse.T", "²": "**2"}


class Matrix(np.ndarray):
    """A two-dimensional array with an inverse; vectors are columns."""

    @property
    def inverse(self) -> Matrix:
        return _inv(np.asarray(self)).view(Matrix)


def as_column(value: Any) -> Matrix:
    found = np.array(flat(value), dtype=object).reshape(
        (*np.shape(value), 1, 1)[:2] if np.ndim(value) else (1, 1)
    )
    return found.view(Matrix)


def meant(printed: str, at: dict[str, Any]) -> Any:
    """What a reader takes printed text for: neighbours are a matrix product, vectors are columns."""
    python, operand = "", False
    for token in TOKEN.findall(printed):
        starts = token not in AFTER and token not in "+−/·⊙)"
        python += "@" if starts and operand else ""
        python += AFTER.get(token) or SIGNS.get(token) or (token if token.isalpha() else f"number({token})")
        operand = token in AFTER or token == ")" or token.isalnum()
    names = {name: as_column(value) for name, value in at.items()}
    return eval(python, {"number": lambda i: as_column(M.mpf(i)), "__builtins__": {}}, names)


@pytest.mark.parametrize("source", [source for source, _, _ in READABLE])
def test_printed_text_means_what_it_says(source: str) -> None:
    formula, at = parsed(source), point()
    printed = TextPrinter()(formula)
    assert "".join(TOKEN.findall(printed)) == printed.replace(" ", "")
    wanted = as_column(tree(formula, at, SIZES))
    assert same(np.asarray(meant(printed, at)), np.asarray(wanted)), printed


@pytest.mark.parametrize(
    ("node", "latex", "unicode"),
    [
        (Filled("unit", (3,), 1), "e_{2}", "e₂"),
        (Filled("ones", ("n",)), r"\mathbf{1}", "𝟏"),
        (Filled("ones", ("m", "n")), r"\mathbf{1}_{m \times n}", "𝟏_(m×n)"),
        (Filled("zeros", ("m", "n")), "0", "0"),
        (Filled("eye", ("n", "n")), "I_{n}", "Iₙ"),
        (Dim("n"), "n", "n"),
        (
            Expr(COLUMN, Sym("x", shape=("n",))) * Sym("A", shape=("n", "n")),
            r"\operatorname{diag}(x)\,A",
            "diag(x) A",
        ),
        (
            Expr(MAPPED_BACK, Sym("T", shape=("n", "n")), Sym("wbar_3", shape=("n",))),
            r"\left(T\right)^{\!\top}\!\left[\bar{w}_{3}\right]",
            "(T)ᵀ[w̄₃]",
        ),
    ],
)
def test_leaves_and_maps(node: Expr, latex: str, unicode: str) -> None:
    assert LatexPrinter()(node).replace(r"\left(x\right)", "(x)") == latex
    assert TextPrinter()(node) == unicode


@pytest.mark.parametrize("name", ["w_4", "wbar_4", "x", "h_max"])
def test_an_entry_of_a_name_with_an_index_has_brackets(name: str) -> None:
    formula = parse_program(f"q = {name}[0]", shapes={name: (3,)}).definitions[-1][1]
    printed = LatexPrinter()(formula)
    assert printed.count("_") == (2 if "_" in name else 1)
    assert ("(" in printed) == ("_" in name)


def numbers(count: int, columns: int = 1) -> list[list[Num]]:
    return [[Num(10 * i + j) for j in range(columns)] for i in range(count)]


@pytest.mark.parametrize(
    ("grid", "latex", "unicode"),
    [
        (Grid(numbers(3), (3,), (0, 1, 2), (0,)), "(0, 10, 20)", "(0, 10, 20)"),
        (Grid(numbers(3), (9,), (0, 1, 8), (0,)), r"(0, 10, \cdots, 20)", "(0, 10, ⋯, 20)"),
        (
            Grid(numbers(2, 2), (2, 2), (0, 1), (0, 1)),
            r"\begin{pmatrix} 0 & 1 \\ 10 & 11 \end{pmatrix}",
            "[0, 1; 10, 11]",
        ),
        (
            Grid(numbers(2, 2), (9, 9), (0, 8), (0, 8)),
            r"\begin{pmatrix} 0 & \cdots & 1 \\ \vdots & \vdots & \vdots \\ 10 & \cdots & 11 \end{pmatrix}",
            "[0, ⋯, 1; ⋮, ⋮, ⋮; 10, ⋯, 11]",
        ),
    ],
)
def test_numbers_with_dots_for_those_left_out(grid: Grid, latex: str, unicode: str) -> None:
    assert LatexPrinter()(grid) == latex
    assert TextPrinter()(grid) == unicode


@pytest.mark.parametrize(
    ("source", "latex", "unicode"),
    [
        ("[0.5, 1.5]", r"(0{,}5\,; 1{,}5)", "(0,5 ; 1,5)"),
        ("[1, 2]", r"(1\,; 2)", "(1 ; 2)"),
        ("[a, 0.5]", r"(a\,; 0{,}5)", "(a ; 0,5)"),
        ("max(0.5, a)", r"\max(0{,}5\,; a)", "max(0,5 ; a)"),
        ("0.5*A @ x", "0{,}5 A x", "0,5·A x"),
    ],
)
def test_lists_with_decimal_commas_are_separated_by_semicolons(source: str, latex: str, unicode: str) -> None:
    formula = parsed(source)
    assert LatexPrinter(",")(formula) == latex
    assert TextPrinter(",")(formula) == unicode


@pytest.mark.parametrize(
    "printer", [LatexPrinter(), TextPrinter(), TypstPrinter()], ids=lambda p: type(p).__name__
)
def test_the_adjoint_of_a_name_with_a_hat_is_not_that_of_the_name_without(printer: Printer) -> None:
    names = [
        Sym("y", "bar"),
        Sym("yhat", "bar"),
        Sym("yhat"),
        Sym("ybar", "bar"),
        Sym("y_0", "bar"),
        Sym("yhat_0", "bar"),
    ]
    assert len({printer(name) for name in names}) == len(names)


def test_a_matrix_with_decimal_commas_can_be_read_in_text() -> None:
    printed = TextPrinter(",")(parsed("[[0.5, 1], [2, 3.25]]"))
    rows = [re.split(r"\s{2,}", row.strip()) for row in printed.strip("[]").split(";")]
    assert rows == [["0,5", "1"], ["2", "3,25"]]


def test_every_function_on_arrays_prints_its_brackets() -> None:
    for name in ("exp", "log", "tanh", "sin"):
        assert name in ELEMENTWISE
        assert "A x" in TextPrinter()(parsed(f"{name}(A @ x)"))
