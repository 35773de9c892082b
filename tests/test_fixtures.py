"""Exercises and templates written for this version: read unchanged, they give the pages kept beside them.

A page that is meant to change is written anew by `symdiff` with the arguments in `PAGES`, or by
`symdiff derive FILE --format text`; the exercises and templates are not touched.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from tools import ROOT, run_command

from symdiff.exercises import FOLDER

FIXTURES = ROOT / "tests" / "fixtures"
EXERCISES = sorted((FIXTURES / "exercises").glob("*.toml"))
PAGES = {
    "block-of-ones-own.tex": ("derive", "sigmoid", "--mode", "reverse"),
    "message-of-ones-own.txt": ("derive", "sigmoid", "--mode", "reverse", "--format", "text"),
    "format.adoc": ("derive", "logistic", "--format", "asciidoc"),
    "format-with-picture.adoc": ("derive", "sigmoid", "--mode", "reverse", "--format", "asciidoc"),
    "fragment.adoc": ("derive", "rnn", "--format", "asciidoc", "--fragment"),
    "partial-language.txt": ("derive", "0.5*x", "--mode", "reverse", "--format", "text", "--lang", "de"),
    "partial-language.adoc": ("derive", "x*y", "--mode", "forward", "--format", "asciidoc", "--lang", "de"),
    "picture.edges": ("graph", "sigmoid", "--at", "x=0.7,a=1.3", "--adjoints", "--format", "edges"),
    "code.txt": ("code", "y = softplus(a*x + b)*erf(x)", "--target", "plain"),
}


def printed(*arguments: str) -> str:
    """What the command writes to standard output."""
    done = run_command(*arguments, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().replace("\r\n", "\n")


def kept(name: str) -> str:
    """The page that was kept."""
    return (FIXTURES / "pages" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_an_exercise_gives_the_page_that_was_kept(path: Path) -> None:
    assert printed("derive", str(path), "--format", "text") == kept(f"{path.stem}.txt")


def test_the_exercises_have_every_key_that_is_documented() -> None:
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in EXERCISES]
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    documented = (ROOT / "docs" / "exercises.md").read_text(encoding="utf-8")
    keys = set(schema["properties"])
    assert keys == set().union(*files)
    assert all(f"`{key}`" in documented or f"`[{key}]`" in documented for key in keys)
    assert {file["mode"] for file in files} >= {"forward", "both", "jacobian", "chain", "entries", "bptt"}
    assert {type(file["title"]) for file in files if "title" in file} == {str, dict}


@pytest.mark.parametrize("name", PAGES)
def test_a_folder_of_templates_gives_the_page_that_was_kept(name: str) -> None:
    assert printed(*PAGES[name], "--templates", str(FIXTURES / "templates")) == kept(name)
