"""Matrices and products wider than a line: by columns, in balanced blocks, in factors, row by row in text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from array_helpers import drawn, same, tree
from pages import solved
from tools import compile_latex

from symdiff.api.solution import solve
from symdiff.document.blocks import Chain, Document, Equations, Row, text
from symdiff.exercises import read
from symdiff.expr.operations import STACK
from symdiff.expr.tree import MATMUL, Expr, Sym, substitute
from symdiff.language.program import parse_program
from symdiff.rendering.formats.formats import load_format
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.stacked import columns, stacked
from symdiff.rendering.formulas.unicode import TallPrinter
from symdiff.rendering.formulas.widths import points
from symdiff.rendering.lines.layout import Layout
from symdiff.rendering.lines.member_breaking import column_blocks, is_grid
from symdiff.rendering.lines.printed_lines import Line
from symdiff.rendering.pages.engine import render

SHAPES: dict[str, Any] = {"x": (3,), "a": ()}
ENTRIES = ("a", "exp(x1 + x2)", "sin(a*x1)*exp(x2 + x3) + x1*x2*x3", "x1**2/(1 + exp(-a*x2)) - tanh(x3)*x1")
SENTENCE = "a wide matrix, written in blocks of columns"


def parsed(source: str) -> Expr:
    return parse_program(f"q = {source}", shapes=SHAPES).definitions[-1][1]


def matrix(rows: int, width: int, entry: int) -> Expr:
    """A matrix whose entries are all different and about equally wide."""
    grid = [[parsed(f"{i + 2}*({ENTRIES[entry]}) + {j}") for j in range(width)] for i in range(rows)]
    return Expr(STACK, *(Expr(STACK, *row) for row in grid))


def latex() -> Layout:
    return Layout(LatexPrinter(), points, load_format("latex"))


def plain() -> Layout:
    return Layout(TallPrinter(), columns, load_format("text"))


def lines(layout: Layout, *members: Expr, boxed: bool = False) -> list[Line]:
    name = Sym("J", shape=members[0].shape)
    return layout.lines(Equations((Row(Chain(name, members, boxed=boxed)),)))


def widths(layout: Layout, made: list[Line]) -> list[float]:
    """How wide each line is with the column of left sides before it."""
    left = max(layout.measure(f"{line.left} =") for line in made)
    return [left + layout.measure(line.right) for line in made]


GRIDS = [(2, 2, 0), (2, 3, 1), (3, 3, 2), (2, 6, 1), (3, 6, 2), (1, 6, 3), (2, 5, 3), (6, 6, 1)]


@pytest.mark.parametrize(("rows", "width", "entry"), GRIDS)
@pytest.mark.parametrize("boxed", [False, True])
def test_nothing_is_wider_than_the_line(rows: int, width: int, entry: int, boxed: bool) -> None:
    layout = latex()
    made = lines(layout, matrix(rows, width, entry), boxed=boxed)
    assert max(widths(layout, made)) <= layout.width


@pytest.mark.parametrize(("rows", "width", "entry"), GRIDS)
def test_the_sentence_stands_where_columns_are_named_and_only_there(
    rows: int, width: int, entry: int
) -> None:
    grid = matrix(rows, width, entry)
    layout = latex()
    fits = points(f"J = {layout.print(grid)}") <= layout.width
    document = Document(text("mode.both"), (Equations((Row(Chain(Sym("J", shape=grid.shape), (grid,))),)),))
    for language in ("en", "fr"):
        page = render(document, "latex", language)
        said = SENTENCE in page if language == "en" else "par blocs de colonnes" in page
        assert said == (not fits)
    assert (len(lines(latex(), grid)) == 1) == fits


@pytest.mark.parametrize(("rows", "width", "entry"), GRIDS)
def test_the_blocks_put_together_are_the_matrix(rows: int, width: int, entry: int) -> None:
    grid = matrix(rows, width, entry)
    blocks = column_blocks(grid, lambda block: points(LatexPrinter()(block)) <= 340)
    if rows == 1 and not all(is_grid(block) for block in blocks):
        assert blocks == list(grid.args[0].args)
        return
    assert all(is_grid(block) for block in blocks)
    joined = [[x for block in blocks for x in block.args[i].args] for i in range(rows)]
    assert joined == [list(row.args) for row in grid.args]
    sizes = [len(block.args[0].args) for block in blocks]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(("width", "most"), [(6, 3), (6, 2), (5, 3), (7, 3), (4, 1), (3, 2)])
def test_as_few_blocks_as_fit(width: int, most: int) -> None:
    blocks = column_blocks(matrix(2, width, 0), lambda block: len(block.args[0].args) <= most)
    sizes = [len(block.args[0].args) for block in blocks]
    assert sum(sizes) == width
    assert max(sizes) <= most
    assert len(sizes) == -(-width // most)


def test_single_columns_where_nothing_fits() -> None:
    blocks = column_blocks(matrix(2, 4, 3), lambda block: False)
    assert [len(block.args[0].args) for block in blocks] == [1, 1, 1, 1]


def test_names_of_blocks_are_not_names_of_the_page() -> None:
    program = parse_program("q = [[A, B], [C, A]]", shapes={"A": (), "B": (), "C": ()})
    entries = {Sym(n): parsed(ENTRIES[3]) + Sym(n) for n in "ABC"}
    grid = substitute(program.definitions[-1][1], entries)
    wide = Expr(STACK, *(Expr(STACK, *(row.args * 3)) for row in grid.args))
    page = render(
        Document(text("mode.both"), (Equations((Row(Chain(Sym("J", shape=wide.shape), (wide,))),)),)),
        "markdown",
    )
    assert re.search(r"\\begin\{pmatrix\} D & G", page)


def test_a_product_of_matrices_is_broken_between_its_factors() -> None:
    left, right = matrix(3, 3, 1), matrix(3, 3, 2)
    layout = latex()
    made = lines(layout, Expr(MATMUL, left, right))
    assert max(widths(layout, made)) <= layout.width
    assert len(made) > 1


def test_what_is_printed_of_a_product_is_worth_the_product() -> None:
    left, right = matrix(2, 3, 2), matrix(3, 2, 1)
    at = {"x": drawn((3,), 1), "a": drawn((), 2)}
    value = tree(Expr(MATMUL, left, right), at)
    assert same(value, tree(left, at) @ tree(right, at))
    made = lines(latex(), Expr(MATMUL, left, right), Expr(MATMUL, left, right))
    assert sum(line.sign == "=" for line in made) >= 2


@pytest.mark.parametrize(("rows", "width", "entry"), GRIDS)
def test_in_text_every_entry_of_a_wide_matrix_stands_inside_brackets(
    rows: int, width: int, entry: int
) -> None:
    grid, layout = matrix(rows, width, entry), plain()
    made = lines(layout, grid)
    whole = " ".join(line.right.strip() for line in made)
    assert all(layout.print(x) in whole for row in grid.args for x in row.args)
    assert stacked(made[0].right)[0] in "[⎡"
    assert all(columns(line.right) <= layout.width for line in made)
    assert (len(made) == 1) == (columns(f"J = {layout.print(grid)}") <= layout.width)


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize("name", ["gof", "fog", "logistic"])
def test_pages_with_jacobians_stay_within_80_columns_of_text(name: str, layout: str) -> None:
    page = solved(name, layout=layout).render("text")
    assert max(columns(line) for line in page.splitlines()) <= 80


@pytest.mark.parametrize(("name", "mode"), [("mlp", "chain"), ("mlp", "reverse")])
def test_the_network_stays_within_80_columns_of_text(name: str, mode: str) -> None:
    page = solved(name, mode).render("text")
    assert max(columns(line) for line in page.splitlines()) <= 80


WIDE = """composition = "g∘f"
mode = "jacobian"
[inputs]
x = [3]
[functions]
f = ["exp(x1*x2 + x3**2)*sin(x2)", "x1*tanh(x2 + x3)/(1 + x1**2)", "sqrt(1 + x1**2 + x2**2)"]
g = ["x1*x2*sin(x3)", "exp(x1 - x2)*x3", "x1**2 + x2**2*x3"]
"""


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_with_wide_jacobians_compiles_without_an_overfull_line(
    layout: str, language: str, tmp_path: Path
) -> None:
    path = tmp_path / "wide.toml"
    path.write_text(WIDE, encoding="utf-8")
    page = solve(read(str(path)), layout=layout).render("latex", language)
    assert ("blocks of columns" if language == "en" else "blocs de colonnes") in page
    assert "Overfull" not in compile_latex(page, tmp_path)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", ["text", "latex", "markdown", "html", "typst"])
def test_a_matrix_that_fits_the_line_is_not_written_by_columns(kind: str, language: str) -> None:
    page = solved("logistic").render(kind, language)
    assert "by columns" not in page
    assert "par colonnes" not in page


def test_a_left_side_stands_above_its_matrix_where_both_do_not_fit_one_line() -> None:
    grid, layout = matrix(2, 2, 1), plain()
    wide = columns(layout.print(grid))
    layout.width = wide + 10
    name = Sym("a_name_of_many_letters", shape=grid.shape)
    first, second = layout.lines(Equations((Row(Chain(name, (grid,))),)))
    assert (first.left, first.sign, first.right) == ("", layout.print(name), "")
    assert (second.left, second.right) == ("", layout.print(grid))
    assert columns(f"{second.sign} {second.right}") <= layout.width


def test_a_left_side_stays_beside_a_matrix_that_fits_nowhere() -> None:
    grid, layout = matrix(2, 2, 1), plain()
    layout.width = columns(layout.print(grid)) - 1
    made = lines(layout, grid)
    assert made[0].left == "J"
    assert any(line.note for line in made)
