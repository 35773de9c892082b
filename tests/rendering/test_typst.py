"""Formulas and words in Typst: what it prints is what LaTeX prints, and nothing is interpreted."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from pages import solved
from test_array_printing import OTHERS, READABLE, parsed
from test_layout import SAMPLES
from typst_pages import latex_pages, letters, pdf_text, typst_pages, typst_widths

from symdiff.document.blocks import Document, Heading, Note, Paragraph, chains, text
from symdiff.explain.shared import conventions, phrases
from symdiff.explain.sweeps import sweeps_page
from symdiff.expr import leaves, operations, tree
from symdiff.expr.names import GREEK
from symdiff.expr.notation import Op
from symdiff.expr.tree import Expr, Num, Sym
from symdiff.language.program import parse_expression
from symdiff.rendering.formats.typst_compiler import compile_typst
from symdiff.rendering.formulas.array_printing import ENTRY
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.typst import TypstPrinter, from_latex, pattern_from_latex
from symdiff.rendering.formulas.typst_widths import typst_points
from symdiff.rendering.pages.engine import render
from symdiff.rules.array_rows import ARRAY_ROWS, FORM_ROWS
from symdiff.rules.table import RULES

pytest.importorskip("typst")
MODULES = (tree, leaves, operations, phrases, conventions, sweeps_page)
LETTERS = (Sym("u"), Sym("v"))
WORDS = {"sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "ln", "max", "min", "det"}
WORDS |= {"log", "cot", "sec", "csc"}


def every_operation() -> dict[int, Op]:
    """Every operation that a page may show: of the rule tables, of the vocabulary, of explanations."""
    rows = [*RULES.values(), *ARRAY_ROWS, *FORM_ROWS]
    named = [value for module in MODULES for value in vars(module).values() if isinstance(value, Op)]
    return {id(op): op for op in [*(row.op for row in rows), *named, ENTRY]}


OPERATIONS = list(every_operation().values())


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.name)
def test_every_kind_of_notation_has_a_writer(op: Op) -> None:
    assert op.notation.kind == "leaf" or callable(getattr(TypstPrinter, op.notation.kind, None))


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.name)
def test_every_notation_is_read_whole_from_its_latex(op: Op) -> None:
    written = (
        pattern_from_latex(op.notation.latex)
        if op.notation.kind == "pattern"
        else from_latex(op.notation.latex)
    )
    shown = set(re.findall(r'op\("(\w+)"\)', written))
    stated = set(re.findall(r"operatorname\{+(\w+)", op.notation.latex))
    assert shown <= WORDS | stated
    assert "\\" not in re.sub(r"\\[/,;:]", "", written)


def formulas() -> list[Expr]:
    """Expressions of every kind: of the tests of printing, of the table, of pages of built-in exercises."""
    found = [parse_expression(source) for source in SAMPLES]
    found += [parsed(source) for source, _, _ in READABLE + OTHERS]
    for row in RULES.values():
        if row.op.arity in (0, 1, 2) and not operations.is_array(row.op):
            found.append(Expr(row.op, *LETTERS[: row.op.arity]) ** 2 * Sym("x"))
    for name, mode in (("baydin", "both"), ("gof", None), ("mlp", None), ("rnn", None), ("logistic", None)):
        for chain in chains(solved(name, mode).document):
            found += [chain.left, *chain.members]
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def everything() -> list[Expr]:
    return formulas()


@pytest.mark.parametrize("decimal", [".", ","])
def test_formulas_say_in_typst_what_they_say_in_latex(
    everything: list[Expr], decimal: str, tmp_path: Path
) -> None:
    """Letter by letter in the PDFs; and both set a formula about as wide, so that scripts are scripts."""
    latex = [LatexPrinter(decimal)(formula) for formula in everything]
    typst = [TypstPrinter(decimal)(formula) for formula in everything]
    expected, widths = latex_pages(latex, tmp_path)
    made, own_widths = typst_pages(typst, tmp_path), typst_widths(typst, tmp_path)
    assert len(expected) == len(made) == len(widths) == len(own_widths) == len(everything)
    for source, ours, theirs, page in zip(latex, typst, expected, made, strict=True):
        if r"\sqrt" not in source:
            assert letters(theirs, source) == letters(page), (source, ours)
    for source, true, own in zip(latex, widths, own_widths, strict=True):
        assert abs(own - true) <= max(0.12 * true, 3), source


def test_the_estimated_width_is_near_the_width_that_typst_gives(
    everything: list[Expr], tmp_path: Path
) -> None:
    written = [TypstPrinter()(formula) for formula in everything]
    measured = typst_widths(written, tmp_path)
    wide = [(typst_points(f), true, f) for f, true in zip(written, measured, strict=True) if true > 100]
    assert len(wide) > 50
    for estimate, true, formula in wide:
        assert 0.975 * true <= estimate <= 1.05 * true, formula


NAMES = [
    *GREEK,
    *("lambda_1", "let", "integral", "frac", "op", "none", "true", "arrow", "eq", "pm", "mat", "x1", "A1b"),
    *("hbar_0", "alphabar", "w_max", "w_in", "w_sum_1", "a_b_c", "ab_12_cd", "rate", "quad", "upright"),
]


def test_no_name_is_taken_for_one_of_typsts_own(tmp_path: Path) -> None:
    names = [Sym(name) for name in NAMES] + [
        Sym("w_4", "bar", "a"),
        Sym("h_2", "dot", "(x)"),
        Sym("in", "bar"),
    ]
    names += [Sym("s@t-1"), Sym("h_t", "bar", "(alpha)")]
    latex, typst = ([printer(name) for name in names] for printer in (LatexPrinter(), TypstPrinter()))
    expected, _ = latex_pages(latex, tmp_path)
    for name, theirs, page in zip(names, expected, typst_pages(typst, tmp_path), strict=True):
        assert letters(theirs) == letters(page), name


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("0.5*x", "0.5 x"),
        ("a/(b*c)", "frac(a, b c)"),
        ("exp(-x**2/2)", r"e^(-x^(2)\/2)"),
        ("sin(x)**2", 'op("sin")^(2) x'),
        ("max(0.5, x)", r'op("max")(0.5\, x)'),
        ("beta_1*x_max", 'β_(1) x_(upright("max"))'),
        ("weight_1*x", "italic(w e i g h t)_(1) thin x"),
        ("hbar_0", "macron(h)_(0)"),
        ("abs(x-1)", "abs(x - 1)"),
        ("sqrt(x+1)", "sqrt(x + 1)"),
    ],
)
def test_formulas_are_written_plainly(source: str, written: str) -> None:
    assert TypstPrinter()(parse_expression(source)) == written


def test_a_decimal_comma_is_part_of_its_number(tmp_path: Path) -> None:
    written = [TypstPrinter(",")(parse_expression(s)) for s in ("12.5*x", "max(0.5, x)", "x**0.5")]
    assert written[0] == "12#[,]5 x"
    pages = [page.replace("\n", "") for page in typst_pages(written, tmp_path)]
    assert "12,5" in pages[0]
    assert "0,5 ;" in pages[1]
    comma, without = typst_widths([written[0], "125 x"], tmp_path)
    assert comma - without == pytest.approx(2.78 * 72.27 / 72, abs=0.1)


def test_a_large_number_has_its_power_of_ten(tmp_path: Path) -> None:
    number = Num(Fraction(12, 10**7), "1.2e-06", True)
    assert TypstPrinter(",")(number) == "1#[,]2 ⋅ 10^(-6)"


HOSTILE = [
    '# $ " \\ * _ @ < > ~ ` [ ] { } ^ & % = - + / | ; :',
    '#panic("x") $x$ *b* _i_ @ref <label> `raw`',
    *("1. one", "- item", "+ item", "= head", "/ term: x", "https://a.b/c", "a -- b --- c ... d -? e"),
    *(
        "// comment",
        "/* comment */",
        "\\u{41} \\ x",
        "#let x = 1",
        "3.5 and 2. x",
        "#",
        "\\",
        "#[",
        "]",
        "~a~",
    ),
]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_stand_as_they_are(words: str, tmp_path: Path) -> None:
    title = text("title.named", name=words, what="w", mode=text("mode.both"))
    page = render(Document(title, (Heading(title), Paragraph(title), Note(title))), "typst")
    copied = " ".join(pdf_text(compile_typst(page), tmp_path).split())
    assert copied.count(f"{words}: w in forward and reverse mode") == 4


def test_one_block_of_a_user_is_used_and_the_others_are_ours(tmp_path: Path) -> None:
    (tmp_path / "typst").mkdir()
    (tmp_path / "typst" / "blocks.j2").write_text(
        "<% macro heading(b) %>\n#underline[<< t(b.text) >>]\n\n<% endmacro %>", encoding="utf-8"
    )
    page = solved("sigmoid").render("typst", templates=tmp_path)
    assert "#underline[Statement]" in page
    assert "= Statement" not in page
    assert compile_typst(page).startswith(b"%PDF")


def test_a_fragment_compiles_by_itself() -> None:
    fragment = solved("sigmoid").render("typst", fragment=True)
    assert "#set page" not in fragment
    assert compile_typst(fragment).startswith(b"%PDF")
