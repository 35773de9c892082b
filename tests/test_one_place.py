"""A new function, exercise, format or language touches one place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import symdiff as sd
from symdiff import problems
from symdiff.api.solution import solve
from symdiff.codegen import target
from symdiff.expr.notation import application
from symdiff.expr.tree import Expr
from symdiff.problems import read
from symdiff.rendering.formats.formats import template_root
from symdiff.rules.rule import Rule
from symdiff.rules.table import RULES


def test_a_new_function_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    op = application("sinc", r"\operatorname{sinc}", "sinc")
    row = Rule(
        op,
        lambda m, u: m.sinc(u),
        lambda w, u: ((Expr(RULES["cos"].op, u) - w) / u,),
    )
    monkeypatch.setitem(RULES, "sinc", row)
    solution = solve(read("y = sinc(a*x)"), at=None)
    for format in ("latex", "markdown", "text", "json"):
        assert "sinc" in solution.render(format, "fr" if format != "json" else "en")
    assert sd.check_derivative("a*(cos(a*x) - y)/(a*x)", of="y = sinc(a*x)", wrt="x")
    assert not sd.check_derivative("a*(cos(a*x) + y)/(a*x)", of="y = sinc(a*x)", wrt="x")


def test_a_new_exercise_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gauss.toml").write_text(
        'title = { en = "Gaussian", fr = "Gaussienne" }\noutput = "y"\n[inputs]\nx = []\n'
        '[definitions]\ny = "exp(-x**2/2)"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(problems, "FOLDER", tmp_path)
    assert problems.names() == ["gauss"]
    assert "Gaussienne" in solve(read("gauss")).render("text", "fr")


def test_a_new_format_is_one_folder(tmp_path: Path) -> None:
    shutil.copytree(template_root() / "text", tmp_path / "plain")
    (tmp_path / "plain" / "format.toml").write_text(
        (template_root() / "text" / "format.toml").read_text(encoding="utf-8").replace('"txt"', '"plain"'),
        encoding="utf-8",
    )
    solution = solve(read("sigmoid"))
    assert solution.render("plain", templates=tmp_path) == solution.render("text")


def test_a_new_target_of_code_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = template_root() / "code"
    shutil.copy(tables / "_python.toml", tmp_path)
    numpy = (tables / "numpy.toml").read_text(encoding="utf-8")
    (tmp_path / "cupy.toml").write_text(
        numpy.replace("import numpy as np", "import cupy as cp").replace("np.", "cp."), encoding="utf-8"
    )
    monkeypatch.setattr(target, "folder", lambda: tmp_path)
    assert target.targets() == ["cupy"]
    code = sd.emit("layer-norm", "cupy")
    assert "import cupy as cp" in code
    assert "mu = cp.mean(x)" in code


def test_the_code_of_a_new_function_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    op = application("sinc", r"\operatorname{sinc}", "sinc")
    row = Rule(op, lambda m, u: m.sinc(u), lambda w, u: ((Expr(RULES["cos"].op, u) - w) / u,))
    monkeypatch.setitem(RULES, "sinc", row)
    tables = template_root() / "code"
    shutil.copy(tables / "_python.toml", tmp_path)
    numpy = (tables / "numpy.toml").read_text(encoding="utf-8")
    line = 'sinc = { code = "np.sinc({0} / np.pi)", takes = ["product"] }'
    (tmp_path / "numpy.toml").write_text(
        numpy.replace("\n[operations]\n", f"\n[operations]\n{line}\n"), encoding="utf-8"
    )
    monkeypatch.setattr(target, "folder", lambda: tmp_path)
    assert "y = np.sinc(a * x / np.pi)" in sd.emit("y = sinc(a*x)")


def test_a_new_language_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    english = (template_root() / "messages" / "en.toml").read_text(encoding="utf-8")
    (tmp_path / "messages" / "de.toml").write_text(
        english.replace('heading = "Statement"', 'heading = "Aufgabe"'), encoding="utf-8"
    )
    assert r"\section*{Aufgabe}" in solve(read("sigmoid")).render("latex", "de", templates=tmp_path)
