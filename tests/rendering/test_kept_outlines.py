"""Outlines from disk are those that are set anew; nothing that is wrong on disk is used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from symdiff.rendering.pictures import kept_outlines
from symdiff.rendering.pictures.kept_outlines import kept_outline
from symdiff.rendering.pictures.outlines import Outline, outline

FORMULAS = (
    r"\bar{w}_{12}",
    r"\frac{1}{2} - x^{2}",
    r"\sqrt{x}",
    r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}",
    "ä",
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(kept_outlines, "FOLDER", tmp_path / "outlines")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    kept_outline.cache_clear()
    yield tmp_path / "outlines"
    kept_outline.cache_clear()


def from_disk(latex: str, monkeypatch: pytest.MonkeyPatch) -> Outline:
    def refuse(_: str) -> Outline:
        raise AssertionError("it is set anew")

    kept_outline.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(kept_outlines, "outline", refuse)
        return kept_outline(latex)


@pytest.mark.parametrize("latex", FORMULAS)
def test_what_is_kept_is_what_was_set(latex: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept_outline(latex) == outline(latex)
    assert from_disk(latex, monkeypatch) == outline(latex)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"latex": "x"}', '{"latex": "x", "size": [1]}', "null"])
def test_a_damaged_file_is_not_used(content: str, folder: Path) -> None:
    kept_outline("x")
    (file,) = folder.iterdir()
    file.write_text(content, encoding="utf-8")
    kept_outline.cache_clear()
    assert kept_outline("x") == outline("x")


def test_another_ziamath_sets_formulas_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    kept_outline("x")
    monkeypatch.setattr(kept_outlines, "_setter", lambda: "another")
    with pytest.raises(AssertionError, match="anew"):
        from_disk("x", monkeypatch)


def test_nothing_is_written_where_python_writes_no_bytecode(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept_outline("x") == outline("x")
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_done_without(folder: Path) -> None:
    folder.write_text("a file in its place")
    assert kept_outline("x") == outline("x")


def test_no_more_than_so_many_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_outlines, "MOST_KEPT", 1)
    assert [kept_outline(latex) for latex in FORMULAS] == list(map(outline, FORMULAS))
    assert len(list(folder.iterdir())) == 1
