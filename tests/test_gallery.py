"""The gallery: byte for byte what the command makes, on any hash seed; it compiles, and KaTeX reads it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tools import ROOT, compile_latex

OUTPUTS = ROOT / "outputs"
PAGES = sorted(OUTPUTS.glob("latex/*.tex"))
MARKDOWN = sorted(OUTPUTS.glob("markdown/*.md"))


def files(folder: Path) -> dict[str, bytes]:
    kept = ("latex", "markdown", "text", "typst", "json", "html", "graph")
    return {str(p.relative_to(folder)): p.read_bytes() for k in kept for p in folder.glob(f"{k}/*")}


@pytest.mark.parametrize("seed", ["1", "4711"])
def test_the_gallery_is_what_the_command_makes(seed: str, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONHASHSEED": seed}
    command = [sys.executable, "-m", "symdiff", "gallery", str(tmp_path)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    made, kept = files(tmp_path), files(OUTPUTS)
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_page_compiles_without_an_overfull_line(page: Path, tmp_path: Path) -> None:
    log = compile_latex(page.read_text(encoding="utf-8"), tmp_path)
    assert "Overfull" not in log
    assert "Missing character" not in log


@pytest.fixture(scope="module")
def katex() -> object:
    quickjs = pytest.importorskip("quickjs")
    context = quickjs.Context()
    context.eval((ROOT / "templates" / "html" / "katex" / "katex.min.js").read_text(encoding="utf-8"))
    return context.eval(
        "(source, display) => katex.renderToString(source, {displayMode: display, throwOnError: true,"
        " strict: 'error'}).length"
    )


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda p: p.stem)
def test_every_formula_in_markdown_parses_in_katex(page: Path, katex: object) -> None:
    source = page.read_text(encoding="utf-8")
    displayed = re.findall(r"\$\$(.+?)\$\$", source, re.DOTALL)
    inline = re.findall(r"(?<![\\$])\$([^$]+?)\$", re.sub(r"\$\$.+?\$\$", "", source, flags=re.DOTALL))
    assert displayed
    assert inline
    for formula in displayed:
        assert katex(formula, True) > 0  # type: ignore[operator]
    for formula in inline:
        assert katex(formula, False) > 0  # type: ignore[operator]


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda p: p.stem)
def test_displays_in_markdown_have_blank_lines_around(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").split("\n")
    marks = [i for i, line in enumerate(lines) if line == "$$"]
    for start, stop in zip(marks[::2], marks[1::2], strict=True):
        assert lines[start - 1] == ""
        assert lines[stop + 1] == ""
