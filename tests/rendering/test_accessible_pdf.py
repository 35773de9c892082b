"""PDF/UA-1: a page says its title and language, has tags, and a line of text for every formula and picture.

The compiler refuses to say that a source keeps to the standard where it finds that it does not; what it
cannot know is looked at here: whether texts are those of the page of text, in its language.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from pages import LISTED, in_turn, listed_page, solved
from pdf_tags import Tag, opened, tags
from tools import compile_latex

import symdiff as sd
from symdiff.exercises import names
from symdiff.exercises.modes import MODES
from symdiff.rendering.formats.typst_compiler import compile_typst

pytest.importorskip("typst")
PAGES = [file for file in LISTED if file.startswith("typst/")]
UA = "http://www.aiim.org/pdfua/ns/id/"


def check(page: bytes, language: str) -> list[Tag]:
    """What PDF/UA-1 asks for; the tags of the page."""
    pdf = opened(page)
    with pdf.open_metadata() as metadata:
        assert metadata[f"{{{UA}}}part"] == "1"
        assert metadata["dc:title"] == str(pdf.docinfo["/Title"])
    assert str(pdf.docinfo["/Title"]).strip()
    assert str(pdf.Root.Lang).partition("-")[0] == language
    assert bool(pdf.Root.MarkInfo.Marked)
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    found = tags(pdf)
    for tag in found:
        if tag.kind in ("Formula", "Figure") and "Formula" not in tag.inside:
            assert tag.alt.strip(), tag
    levels = [int(tag.kind[1]) for tag in found if re.fullmatch(r"H\d", tag.kind)]
    assert levels[:1] in ([], [1])
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for tag in found:
        assert tag.kind != "TH" or tag.scope == "/Column"
    return found


@pytest.mark.parametrize("file", in_turn(PAGES))
def test_a_page_of_the_gallery_keeps_to_the_standard(file: str) -> None:
    check(compile_typst(listed_page(file)), Path(file).name.split(".")[1])


@pytest.mark.long
@pytest.mark.parametrize("name", names())
def test_every_mode_of_every_exercise_keeps_to_the_standard(name: str) -> None:
    for mode in MODES:
        try:
            solution = solved(name, mode)
        except sd.SymdiffError:
            continue  # a mode that this exercise does not have
        for language in ("en", "fr"):
            check(compile_typst(solution.render("typst", language)), language)


WRITTEN = [("sigmoid", "both"), ("rnn", "bptt"), ("fog", "jacobian"), ("attention", "reverse")]


@pytest.mark.parametrize(("name", "mode"), WRITTEN)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_read_aloud_stands_on_the_page_of_text(name: str, mode: str, language: str) -> None:
    """Formulas that a page of text breaks, or sets in several lines, are left out of the comparison."""
    found = check(compile_typst(solved(name, mode).render("typst", language)), language)
    text = " ".join(solved(name, mode).render("text", language).split())
    said = [tag.alt for tag in found if tag.kind == "Formula"]
    lines = {line for alt in said for line in alt.split(";\n") if len(line) < 40 and "; " not in line}
    heard = [line for line in lines if " ".join(line.split()) in text]
    assert len(lines) > 6
    assert len(heard) > 0.9 * len(lines), lines - {*heard}


def test_a_block_is_read_line_by_line_with_its_notes() -> None:
    found = check(compile_typst(solved("sigmoid", "reverse").render("typst", "fr")), "fr")
    (steps,) = {tag.alt for tag in found if tag.alt.startswith("w₁ = x;")}
    assert steps == "w₁ = x;\nw₂ = a;\nw₃ = −w₁·w₂;\nw₄ = 1 + e^w₃;\nw₅ = 1/w₄ = y"


def test_tables_have_heads() -> None:
    found = check(compile_typst(solved("baydin").render("typst", "en")), "en")
    assert any(tag.kind == "TH" for tag in found)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_picture_of_its_own_keeps_to_the_standard(language: str) -> None:
    page = sd.graph("sigmoid", adjoints=True).render("pdf", language)
    (figure,) = check(page, language)[-1:]
    assert figure.kind == "Figure"
    assert "x" in figure.alt


@pytest.mark.parametrize(("language", "title"), [("en", "The sigmoid: "), ("fr", "La sigmoïde\u00a0: ")])
def test_latex_says_title_and_language(language: str, title: str, tmp_path: Path) -> None:
    compile_latex(solved("sigmoid", "reverse").render("latex", language), tmp_path)
    pdf = opened((tmp_path / "page.pdf").read_bytes())
    assert str(pdf.docinfo["/Title"]).startswith(title)
    assert str(pdf.Root.Lang) == language
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)


def test_a_source_of_a_users_is_compiled_without_the_claim() -> None:
    page = compile_typst("$x$")
    assert page.startswith(b"%PDF")
    assert b"pdfuaid" not in page
