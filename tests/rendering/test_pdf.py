"""PDF without TeX: every page compiles and fits, says what LaTeX says, and the command hands it out."""

from __future__ import annotations

import importlib.util
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pages import LISTED, in_turn, listed_page, solved
from pdf_tags import opened, tags
from tools import compile_latex, need, run_command
from typst_pages import TOO_WIDE, pdf_text

import symdiff as sd
from symdiff.api.solution import solve
from symdiff.errors import InputError, MissingToolError, UsageError
from symdiff.exercises import load, read
from symdiff.rendering.formats import typst_compiler
from symdiff.rendering.formats.formats import load_messages
from symdiff.rendering.formats.typst_compiler import compile_typst

pytest.importorskip("typst")
PAGES = [file for file in LISTED if file.startswith("typst/")]
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
WIDE = {
    "sum": " + ".join(f"sin({i}*x)*exp(a*x)" for i in range(1, 25)),
    "product": "*".join(f"(1 + a*x**{i})" for i in range(2, 16)),
    "names": " + ".join(f"weight_number_{i}*input_value_{i}" for i in range(9)),
    "continued": "1/(1+1/(2+1/(3+1/(4+1/(5+1/(6+x))))))",
}


@pytest.mark.parametrize("file", in_turn(PAGES))
def test_every_page_of_the_gallery_compiles_and_nothing_is_wider_than_the_text(file: str) -> None:
    source = listed_page(file)
    assert "@preview" not in source
    assert compile_typst(TOO_WIDE + source).startswith(b"%PDF")


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_wide_formulas_fit(name: str, language: str) -> None:
    compile_typst(TOO_WIDE + solve(read(WIDE[name])).render("typst", language))


def test_the_guard_against_wide_lines_sees_one() -> None:
    with pytest.raises(InputError, match="too wide"):
        compile_typst(TOO_WIDE + "$ " + "x + " * 60 + "x $")


@pytest.mark.parametrize(("name", "mode"), [("mlp", None), ("sigmoid", "both"), ("rnn3x3", None)])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_has_the_numbers_and_words_of_the_latex_page(
    name: str, mode: str | None, language: str, tmp_path: Path
) -> None:
    at = {"x": 1, "a": 2}
    solution = solve(load(name), mode, at=at) if name == "sigmoid" else solved(name, mode)
    source = solution.render("latex", language, pictures="none")
    compile_latex(source, tmp_path)
    theirs = pdf_text((tmp_path / "page.pdf").read_bytes(), tmp_path)
    ours = pdf_text(compile_typst(solution.render("typst", language, pictures="none")), tmp_path)
    decimal = load_messages(language)["locale.decimal"]
    numbers = {n for n in NUMBER.findall(theirs) if decimal in n}
    assert len(numbers) > 5
    assert numbers == {n for n in NUMBER.findall(ours) if decimal in n}
    words = " ".join(ours.split()).replace("\u2011", "-")
    for heading in re.findall(r"section\*\{([^$}]+)\}", source.replace(r"\mbox{-}", "-")):
        assert heading.replace("~", " ").replace("'", "’") in words


def test_the_same_source_gives_the_same_bytes() -> None:
    source = solved("mlp").render("typst", "fr")
    other = subprocess.run(
        [sys.executable, "-m", "symdiff", "derive", "mlp", "--lang", "fr", "--format", "pdf"],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    assert compile_typst(source) == other.stdout


def test_a_pdf_says_its_title_and_its_language_and_is_tagged(tmp_path: Path) -> None:
    page = compile_typst(solved("mlp").render("typst", "fr"))
    (tmp_path / "page.pdf").write_bytes(page)
    command = [need("pdfinfo"), "page.pdf"]
    told = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout.decode()
    assert re.search(r"Title: +Un réseau 2-2-1 calculé à la main", told)
    assert re.search(r"Tagged: +yes", told)
    assert "CreationDate" not in told
    assert b"/Lang(fr)" in page


def test_the_ending_of_the_file_asks_for_a_pdf(tmp_path: Path) -> None:
    done = run_command("derive", "sigmoid", "-o", "page.pdf", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Reverse mode" in pdf_text((tmp_path / "page.pdf").read_bytes(), tmp_path)
    run_command("derive", "sigmoid", "-o", "page.typ", cwd=tmp_path, check=True)
    assert (tmp_path / "page.typ").read_text(encoding="utf-8").startswith("#set document")


def test_a_pdf_is_not_written_to_a_terminal() -> None:
    """Standard output is a terminal here; in the tests above it is a pipe."""
    leader, follower = pty.openpty()
    done = run_command(
        "derive", "sigmoid", "--format", "pdf", capture_output=False, stdout=follower, stderr=-1
    )
    os.close(follower)
    os.close(leader)
    assert done.returncode == 2
    assert done.stderr == b"symdiff: a pdf file is not text for a terminal; add -o page.pdf, or > page.pdf\n"


def test_a_fragment_is_no_pdf() -> None:
    done = run_command("derive", "sigmoid", "--format", "pdf", "--fragment")
    assert done.returncode == 2
    assert b"--format typst" in done.stderr


def test_without_typst_the_command_says_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['typst'] = None\n", encoding="utf-8")
    done = run_command(
        "derive", "sigmoid", "-o", str(tmp_path / "x.pdf"), env=os.environ | {"PYTHONPATH": str(tmp_path)}
    )
    assert done.returncode == 4
    assert done.stderr.count(b"\n") == 1
    assert b"pip install typst" in done.stderr
    assert not (tmp_path / "x.pdf").exists()


def test_without_typst_the_library_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match="pip install typst"):
        typst_compiler.compile_typst("x")


def test_the_library_compiles_what_it_renders() -> None:
    derivation = sd.reverse(sd.trace("a*x"))
    assert sd.compile_typst(sd.render(derivation, format="typst")).startswith(b"%PDF")
    with pytest.raises(UsageError, match="compile_typst"):
        sd.render(derivation, format="pdf")


def test_an_error_in_a_users_template_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "typst").mkdir()
    (tmp_path / "typst" / "blocks.j2").write_text(
        "<% macro heading(b) %>\n#nonsense\n\n<% endmacro %>", encoding="utf-8"
    )
    done = run_command("derive", "sigmoid", "--format", "pdf", "--templates", str(tmp_path))
    assert done.returncode == 3
    assert b"unknown variable: nonsense" in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("name", ["rnn"])
def test_a_page_has_its_pictures_with_a_description(name: str) -> None:
    source = solved(name).render("typst", "fr")
    assert source.count("#picture(") == 2
    (alt,) = re.findall(r'"(Le réseau replié[^"]*)"', source)
    assert "hₜ" in alt
    page = compile_typst(source)
    figures = [tag for tag in tags(opened(page)) if tag.kind == "Figure"]
    assert alt in {figure.alt for figure in figures}
    assert len(figures) == 2
    assert compile_typst(solved(name).render("typst", "fr", pictures="none")) != page


def test_pictures_are_compiled_to_other_formats() -> None:
    source = "#set page(width: auto, height: auto)\n$x$"
    assert compile_typst(source, "png").startswith(b"\x89PNG")
    assert b"<svg" in compile_typst(source, "svg")


def test_no_heading_stands_with_its_sentence_alone_at_the_foot_of_a_page(tmp_path: Path) -> None:
    source = solved("mlp").render("typst", pictures="none")
    cut = source.index("= The chain rule")
    for space in range(4, 21):
        moved = f"{source[:cut]}\n#pagebreak()\n#v({space}cm)\n{source[cut:]}"
        pages = pdf_text(compile_typst(moved), tmp_path).split("\f")
        (page,) = (page for page in pages if "The chain rule" in page)
        assert re.search(r"The chain rule\nWe work .*\nLet .*\n\S3 =", page)


def test_the_sentences_that_announce_a_picture_stand_on_its_page(tmp_path: Path) -> None:
    source = solved("baydin", "both").render("typst")
    cut = source.index("#picture(")
    for space in range(14, 25):
        moved = f"{source[:cut]}\n#pagebreak()\n#v({space}cm)\n{source[cut:]}"
        pages = pdf_text(compile_typst(moved), tmp_path).split("\f")
        (page,) = (page for page in pages if "The computation graph of" in page)
        assert "A variable that several steps use has several paths" in page
