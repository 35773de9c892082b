"""The gallery: byte for byte what the command makes, on any hash seed; it compiles, and KaTeX reads it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pages import LISTED, OUTPUTS, exercise_of, in_turn, listed_page, page, solved
from tools import compile_latex

from symdiff.cli import gallery
from symdiff.cli.gallery import SUMS, readings
from symdiff.document.blocks import KINDS
from symdiff.exercises import load, names
from symdiff.exercises.problem import Problem

KEPT = [file for file in LISTED if (OUTPUTS / file).is_file()]
LATEX = [file for file in LISTED if file.startswith("latex/")]
MARKDOWN = sorted(OUTPUTS.glob("markdown/*.md"))
FEW = ("baydin", "gof", "rnn3x3")


def made_by_the_command(folder: Path, seed: str, *exercises: str) -> dict[str, str]:
    """The sums of what `symdiff gallery` makes in a process of its own, of all exercises or of these."""
    of_these = f"import symdiff.cli.gallery as g\ng.names = lambda: {exercises}\n" if exercises else ""
    program = f"{of_these}from symdiff.__main__ import main\nmain(['gallery', {str(folder)!r}])"
    environment = os.environ | {"PYTHONHASHSEED": seed}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True)
    lines = (folder / SUMS).read_text("utf-8").splitlines()
    return {file: total for total, file in (line.split("  ") for line in lines)}


def listed(*exercises: str) -> dict[str, str]:
    return {file: total for file, total in LISTED.items() if exercise_of(file) in exercises}


@pytest.mark.parametrize("name", names())
def test_the_gallery_has_what_is_made_of_each_exercise(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def written_once(problem: Problem, mode: str) -> Any:
        document = solved(problem.name, mode).document
        return SimpleNamespace(render=partial(page, problem.name, mode), document=document)

    monkeypatch.setattr(gallery, "solve", written_once)
    made = {file: content for file, content, _ in gallery.made(name)}
    for file in KEPT:  # a page that changed shows how
        if file in made:
            assert made[file] == (OUTPUTS / file).read_text("utf-8"), file
    assert {file: sha256(content.encode()).hexdigest() for file, content in made.items()} == listed(name)


def test_the_gallery_holds_nothing_else() -> None:
    there = {path.relative_to(OUTPUTS).as_posix() for path in OUTPUTS.rglob("*") if path.is_file()}
    assert {file for file in there if not file.startswith("benchmarks/")} == {*KEPT, SUMS}
    assert [file for file in LISTED if exercise_of(file) is None] == []


def test_what_is_read_is_kept_and_a_page_of_each_kind_in_the_other_formats() -> None:
    read = [file for file in LISTED if file.startswith(("text/", "markdown/", "graph/"))]
    assert set(read) < set(KEPT)
    for form, ending in (("latex", "en.tex"), ("latex", "fr.tex"), ("typst", "fr.typ"), ("json", "json")):
        kept = [Path(file).name.removesuffix(f".{ending}") for file in KEPT if file.startswith(f"{form}/")]
        pages = [stem.rpartition("-") for stem in kept if f"{form}/{stem}.{ending}" in LISTED]
        kinds = {block.kind for name, _, mode in pages for block in solved(name, mode).document.blocks}
        assert kinds == {*KINDS} - {"stepping"}, form


@pytest.mark.long
def test_the_command_makes_the_same_on_another_hash_seed(tmp_path: Path) -> None:
    """A few exercises that have every kind of block."""
    pages = [solved(name, mode).stepped.document for name in FEW for mode in readings(load(name))]
    assert {block.kind for page in pages for block in page.blocks} == set(KINDS)
    assert made_by_the_command(tmp_path, "4711", *FEW) == listed(*FEW)


@pytest.mark.long
def test_the_command_makes_the_whole_gallery(tmp_path: Path) -> None:
    assert made_by_the_command(tmp_path, "1") == LISTED
    files = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(files) == sorted([*KEPT, SUMS])


@pytest.mark.parametrize("file", in_turn(LATEX))
def test_every_page_compiles_without_an_overfull_line(file: str, tmp_path: Path) -> None:
    log = compile_latex(listed_page(file), tmp_path)
    assert "Overfull" not in log
    assert "Missing character" not in log


@pytest.mark.parametrize("file", in_turn(MARKDOWN))
def test_every_formula_in_markdown_parses_in_katex(file: Path, katex: Any) -> None:
    source = file.read_text(encoding="utf-8")
    displayed = re.findall(r"\$\$(.+?)\$\$", source, re.DOTALL)
    inline = re.findall(r"(?<![\\$])\$([^$]+?)\$", re.sub(r"\$\$.+?\$\$", "", source, flags=re.DOTALL))
    assert displayed
    assert inline
    assert all(katex(formula, True) > 0 for formula in displayed)
    assert all(katex(formula, False) > 0 for formula in inline)


@pytest.mark.parametrize("file", MARKDOWN, ids=lambda p: p.stem)
def test_displays_in_markdown_have_blank_lines_around(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").split("\n")
    marks = [i for i, line in enumerate(lines) if line == "$$"]
    for start, stop in zip(marks[::2], marks[1::2], strict=True):
        assert lines[start - 1] == ""
        assert lines[stop + 1] == ""
