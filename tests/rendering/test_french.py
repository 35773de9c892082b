"""French as it is typeset: semicolons, apostrophes, no-break spaces, hyphens; formulas that stay whole."""

from __future__ import annotations

import re
import string
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pages import solved
from tools import compile_latex, need

from symdiff.expr.tree import Sym
from symdiff.language.program import parse_expression
from symdiff.rendering.formats.formats import load_messages
from symdiff.rendering.formats.typography import TYPOGRAPHY
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.typst import TypstPrinter
from symdiff.rendering.formulas.unicode import TextPrinter

french = TYPOGRAPHY["french"]
FORMATS = ("text", "latex", "markdown", "html", "typst")


@pytest.mark.parametrize(
    ("words", "typeset"),
    [
        ("l'étape d'abord", "l’étape d’abord"),
        ("vrai ; faux ! Ou ?", "vrai\u202f; faux\u202f! Ou\u202f?"),
        ("ici\u00a0: « là »", "ici\u00a0: «\u00a0là\u00a0»"),
        ("s'évanouissent-ils ou explosent-ils ?", "s’évanouissent\u2011ils ou explosent\u2011ils\u202f?"),
        ("y a-t-il peut-être un mini-lot ?", "y a\u2011t\u2011il peut-être un mini-lot\u202f?"),
        ("10:30 et f(x);", "10:30 et f(x);"),
    ],
)
def test_words_in_french(words: str, typeset: str) -> None:
    assert french(words) == typeset
    assert french(typeset) == typeset


def literals(message: Any) -> list[str]:
    texts = [message] if isinstance(message, str) else [message["one"], message["other"]]
    return [part[0] for text in texts for part in string.Formatter().parse(text)]


def test_no_message_has_a_space_that_may_break_before_a_sign() -> None:
    for key, message in load_messages("fr").items():
        for words in literals(message):
            found = french(words)
            assert not re.search("[ \u00a0][;!?]|[ \u202f][:»]|«[ \u202f]|\\w'\\w", found), (key, found)
            assert not re.search(r"\w-(ils?|elles?|on)\b", found), (key, found)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("target", ["logistic", "rnn3x3"])
def test_a_vector_has_semicolons_in_french_and_commas_in_english(kind: str, target: str) -> None:
    pages = {language: solved(target).render(kind, language) for language in ("en", "fr")}
    without = re.compile(
        r"<script.*?</script>|<style.*?</style>|<svg.*?</svg>|^#picture.*?$", re.DOTALL | re.MULTILINE
    )
    bodies = {language: without.sub("", page) for language, page in pages.items()}
    comma = r"(?<!mat)(?<!frac)\(−?-?\d+(\\)?, −?-?\d+"
    semicolon = r"\(−?-?\d+([{(#]*[,\]})]+\d+)?( thin)?( |\\,)\\?; −?-?\d"
    assert re.search(comma, bodies["en"])
    assert not re.search(comma, bodies["fr"])
    assert re.search(semicolon, bodies["fr"])
    assert not re.search(semicolon, bodies["en"])


def test_symbols_too_are_separated_by_semicolons_arguments_are_not() -> None:
    vector, call = parse_expression("[a, b]"), parse_expression("max(a, b)")
    assert [p(",")(vector) for p in (TextPrinter, LatexPrinter, TypstPrinter)] == [
        "(a ; b)",
        r"(a\,; b)",
        r"(a thin \; b)",
    ]
    assert TextPrinter()(vector) == "(a, b)"
    assert TextPrinter(",")(call) == "max(a, b)"


def test_the_question_stays_in_one_piece_on_paper(tmp_path: Path) -> None:
    tool = need("pdftotext")
    compile_latex(solved("rnn3x3").render("latex", "fr"), tmp_path)
    done = subprocess.run([tool, "page.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert re.search("vanouissent-ils", done.stdout)
    assert re.search("explosent-ils", done.stdout)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_range_of_times_is_one_formula(language: str) -> None:
    page = solved("rnn").render("markdown", language)
    assert r"$t = 0, \dots, T-1$" in page
    assert not re.search(r"\$ (=|≤|<) \$|\$, …, \$", page)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_indices_of_rows_and_columns_are_formulas(language: str) -> None:
    page = solved("logistic").render("markdown", language)
    assert re.search(r"(Row|ligne) \$i\$", page)
    assert re.search(r"(column|colonne) \$j\$", page)


@pytest.mark.parametrize(
    ("name", "text", "latex", "typst"),
    [
        (Sym("loss", "bar"), "l̅o̅s̅s̅", r"\overline{\mathit{loss}}", "overline(italic(l o s s))"),
        (Sym("w_1", "bar"), "w̄₁", r"\bar{w}_{1}", "macron(w)_(1)"),
        (Sym("alpha", "bar"), "ᾱ", r"\bar{\alpha}", "macron(α)"),
        (Sym("yhat", "bar"), "ŷ̄", r"\bar{\hat{y}}", "macron(hat(y))"),
    ],
)
def test_a_bar_covers_a_word(name: Sym, text: str, latex: str, typst: str) -> None:
    assert [printer(name) for printer in (TextPrinter(), LatexPrinter(), TypstPrinter())] == [
        text,
        latex,
        typst,
    ]


def test_the_mark_of_a_whole_cell_stands_apart_from_its_name() -> None:
    page = solved("lstm").render("text")
    assert "∂_Φ s" in page
    assert not re.search(r"∂_Φ\S", page)
