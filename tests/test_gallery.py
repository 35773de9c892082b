"""The gallery: byte for byte what the command makes, on any hash seed; it compiles, and KaTeX reads it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pages import in_turn, page, solved
from tools import ROOT, compile_latex

from symdiff.cli import gallery
from symdiff.cli.gallery import readings
from symdiff.document.blocks import KINDS
from symdiff.exercises import load, names
from symdiff.exercises.problem import Problem

OUTPUTS = ROOT / "outputs"
FOLDERS = ("latex", "markdown", "text", "typst", "json", "html", "graph")
PAGES = sorted(OUTPUTS.glob("latex/*.tex"))
MARKDOWN = sorted(OUTPUTS.glob("markdown/*.md"))
FEW = ("baydin", "gof", "rnn3x3")


def files(folder: Path, *exercises: str) -> dict[str, bytes]:
    """The files of these exercises, or of all of them, with their bytes."""
    found = {str(p.relative_to(folder)): p for kind in FOLDERS for p in folder.glob(f"{kind}/*")}
    return {f: p.read_bytes() for f, p in found.items() if not exercises or exercise_of(f) in exercises}


def exercise_of(file: str) -> str | None:
    """The built-in exercise of a file of the gallery: logistic-lse of latex/logistic-lse-both.en.tex."""
    stem = file.partition("/")[2]
    return max((name for name in names() if stem.startswith(f"{name}-")), key=len, default=None)


def made_by_the_command(folder: Path, seed: str, *exercises: str) -> dict[str, bytes]:
    """What `symdiff gallery` writes in a process of its own, of all exercises or of these."""
    of_these = f"import symdiff.gallery\nsymdiff.gallery.names = lambda: {exercises}\n" if exercises else ""
    program = f"{of_these}from symdiff.__main__ import main\nmain(['gallery', {str(folder)!r}])"
    environment = os.environ | {"PYTHONHASHSEED": seed}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True)
    return files(folder)


def assert_same(made: dict[str, bytes], kept: dict[str, bytes]) -> None:
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []


@pytest.mark.parametrize("name", names())
def test_the_gallery_has_what_is_made_of_each_exercise(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "names", lambda: [name])

    def written_once(problem: Problem, mode: str) -> Any:
        return SimpleNamespace(render=partial(page, problem.name, mode))

    monkeypatch.setattr(gallery, "solve", written_once)
    gallery.write_gallery(tmp_path)
    gallery.write_pictures(tmp_path)
    assert_same(files(tmp_path), files(OUTPUTS, name))


def test_the_gallery_has_no_file_of_no_exercise() -> None:
    assert [file for file in files(OUTPUTS) if exercise_of(file) is None] == []


def test_the_command_makes_the_same_on_another_hash_seed(tmp_path: Path) -> None:
    """A few exercises that have every kind of block."""
    pages = [solved(name, mode).stepped.document for name in FEW for mode in readings(load(name))]
    assert {block.kind for page in pages for block in page.blocks} == set(KINDS)
    assert_same(made_by_the_command(tmp_path, "4711", *FEW), files(OUTPUTS, *FEW))


@pytest.mark.long
def test_the_command_makes_the_whole_gallery(tmp_path: Path) -> None:
    assert_same(made_by_the_command(tmp_path, "1"), files(OUTPUTS))


@pytest.mark.parametrize("file", in_turn(PAGES))
def test_every_page_compiles_without_an_overfull_line(file: Path, tmp_path: Path) -> None:
    log = compile_latex(file.read_text(encoding="utf-8"), tmp_path)
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
