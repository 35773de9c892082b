"""Our own templates, compiled beforehand and filled in without Jinja, say what they say with it."""

from __future__ import annotations

import importlib
import os
import shutil
import stat
import sys
from pathlib import Path

import pytest

import symdiff as sd
from symdiff.api.solution import solve
from symdiff.exercises import read
from symdiff.rendering.formats import jinja_environment, kept_python, templates
from symdiff.rendering.formats.folders import formats, template_root
from symdiff.rendering.formats.jinja_environment import jinja
from symdiff.rendering.formats.templates import FILTERS, filled_in, python_of


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder of templates in place of ours, in which nothing is compiled yet."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(kept_python, "_CODE", {})
    folder = tmp_path / "templates"
    shutil.copytree(template_root(), folder, ignore=shutil.ignore_patterns("__pycache__", "compiled"))
    for name in ("folders", "formats", "settings", "templates", "jinja_environment"):
        module = importlib.import_module(f"symdiff.rendering.formats.{name}")
        monkeypatch.setattr(module, "template_root", lambda: folder)
    return folder


def test_our_templates_are_compiled_once_and_a_folder_that_cannot_be_written_is_done_without(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = solve(read("sigmoid"), "reverse")
    (copied / "compiled").write_text("no folder", encoding="utf-8")
    expected = page.render("latex")
    (copied / "compiled").unlink()
    kept_python._CODE.clear()
    assert page.render("latex") == expected
    assert (copied / "compiled" / "latex" / "blocks_j2.py").is_file()
    kept_python._CODE.clear()
    monkeypatch.setattr(jinja_environment, "python_of", None)
    assert page.render("latex") == expected


def test_a_template_and_a_table_of_ours_that_changed_are_compiled_anew(copied: Path) -> None:
    page = solve(read("sigmoid"), "reverse")
    page.render("latex")
    for name, old, new in (
        ("latex/layout.j2", "[11pt,a4paper]", "[12pt]"),
        ("messages/en.toml", 'heading = "Statement"', 'heading = "Exercise"'),
    ):
        text = (copied / name).read_text(encoding="utf-8")
        (copied / name).write_text(text.replace(old, new), encoding="utf-8")
    text = page.render("latex")
    assert r"\documentclass[12pt]{article}" in text
    assert r"\section*{Exercise}" in text


@pytest.mark.parametrize(
    "source",
    [
        "<< 'reverse' | upper >><< [3, 1] | sort | join >>",
        "<% for c in 'ab' %><< loop.length >><< loop.revindex >><% endfor %>",
        "<% for c in [1, [2, [3]]] recursive %><< loop(c) if c is iterable else c >><% endfor %>",
        "<% macro m(x) %><< caller(x) >><% endmacro %><% call(y) m(3) %><< y >><% endcall %>",
        "<% macro m(x) %><< varargs | join >><< kwargs.a >><% endmacro %><< m(1, 2, 3, a=4) >>",
        "<% set c = cycler('a', 'b') %><< c.next() >><< c.next() >>",
        "<< ['a', 'B'] | max >><< [3, 4] | map('abs') | sum >><< 5 is even >>",
        "<< [[1, 2]] | map(attribute='0') | first >><< none | default('a', true) >><< 'xax' | trim('x') >>",
        "<% filter upper %>a<% endfilter %><% set x %>b<% endset %><< x >>",
        "<< [doc] | map(attribute='title.key') | first >>",
    ],
)
def test_a_template_of_ours_may_speak_all_of_jinjas_language(source: str, copied: Path) -> None:
    (copied / "new.j2").write_text(source, encoding="utf-8")
    document = solve(read("x**2")).document
    expected = jinja(str, FILTERS).from_string(source).render(doc=document)
    assert filled_in("new.j2", str, doc=document) == expected != ""


@pytest.mark.parametrize("name", ["sigmoid", "mlp", "rnn", "attention"])
def test_our_templates_say_without_jinja_what_they_say_with_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    solution = solve(read(name))

    def everything() -> dict[str, str]:
        pages = {
            f"{format} {language} {fragment}": solution.render(format, language, fragment=fragment)
            for format in formats()
            for language in ("en", "fr")
            for fragment in (False, True)
        }
        pictures = {emitter: sd.graph(name).render(emitter) for emitter in ("svg", "tikz", "dot", "mermaid")}
        return pages | pictures | {target: sd.emit(name, target) for target in ("numpy", "torch", "jax")}

    without = everything()

    def refuse(*_: object) -> None:
        raise templates.NotPlainError

    monkeypatch.setattr(templates, "OurTemplates", refuse)
    assert everything() == without


def test_each_of_our_templates_is_filled_in_without_jinja() -> None:
    for path in sorted(template_root().rglob("*.j2")):
        name = path.relative_to(template_root()).as_posix()
        if not name.startswith("_notebook"):
            assert "plain = True" in python_of(name, path.read_text(encoding="utf-8")), name


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_compiled_templates_are_for_everyone_who_may_read_modules(mask: int, mode: int, copied: Path) -> None:
    before = os.umask(mask)
    try:
        solve(read("sigmoid"), "reverse").render("latex")
    finally:
        os.umask(before)
    kept = [path for path in (copied / "compiled").rglob("*") if path.is_file()]
    assert kept
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {mode}
    assert {path.suffix for path in kept} == {".py"}  # none was left half written
