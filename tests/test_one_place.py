"""A new function, exercise, format or language touches one place."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import symdiff as sd
from symdiff import exercises
from symdiff.api.solution import solve
from symdiff.document.blocks import Block, Chain, Equations, Row
from symdiff.exercises import read
from symdiff.exercises.modes import MODES, Way
from symdiff.explain.shared.work import TapeWork
from symdiff.explain.sweeps.sweeps_page import title
from symdiff.expr.notation import application
from symdiff.expr.tree import Expr
from symdiff.rendering.formats.folders import template_root
from symdiff.rules.rule import Rule
from symdiff.rules.table import RULES


def test_a_new_function_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    op = application("sinc", r"\operatorname{sinc}", "sinc")
    row = Rule(
        op,
        lambda m, u: m.sin(u) / u,
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
    monkeypatch.setattr(exercises, "FOLDER", tmp_path)
    assert exercises.names() == ["gauss"]
    assert "Gaussienne" in solve(read("gauss")).render("text", "fr")


def test_a_new_format_is_one_folder(tmp_path: Path) -> None:
    shutil.copytree(template_root() / "text", tmp_path / "plain")
    (tmp_path / "plain" / "format.toml").write_text(
        (template_root() / "text" / "format.toml").read_text(encoding="utf-8").replace('"txt"', '"plain"'),
        encoding="utf-8",
    )
    solution = solve(read("sigmoid"))
    assert solution.render("plain", templates=tmp_path) == solution.render("text")


def test_a_new_mode_is_one_row_and_the_module_of_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command, exercise files and the proof take it from there."""
    module = ModuleType("symdiff.explain.answer_page")

    def answer(work: TapeWork) -> Iterator[Block]:
        for name in work.wrt:
            line = work.derivations[0].results[name.name]
            yield Equations((Row(Chain(line.var, line.members)),))

    module.page = lambda work: iter([work.judged([answer])])  # type: ignore[attr-defined]
    module.title = title  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(MODES, "answer", Way("definitions", ("reverse",), "answer", "answer_page"))
    solution = solve(read("mlp"), "answer")
    assert len(solution.certificate.checked) == len(solution.work.wrt)  # type: ignore[attr-defined]
    assert r"\section" not in solution.render("latex", "fr")
    assert json.loads(solution.render("json"))["proof"]["equalities"] == len(solution.certificate.checked)


def test_a_new_target_of_code_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    numpy = (template_root() / "code" / "numpy.toml").read_text(encoding="utf-8")
    (tmp_path / "code" / "cupy.toml").write_text(
        numpy.replace("import numpy as np", "import cupy as cp").replace("np.", "cp."), encoding="utf-8"
    )
    code = sd.emit("layer-norm", "cupy", templates=tmp_path)
    assert "import cupy as cp" in code
    assert "mu = cp.mean(x)" in code


def test_the_code_of_a_new_function_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    op = application("sinc", "", "sinc")
    row = Rule(op, lambda m, u: m.sin(u) / u, lambda w, u: ((Expr(RULES["cos"].op, u) - w) / u,))
    monkeypatch.setitem(RULES, "sinc", row)
    (tmp_path / "code").mkdir()
    numpy = (template_root() / "code" / "numpy.toml").read_text(encoding="utf-8")
    line = 'sinc = { code = "np.sinc({0} / np.pi)", takes = ["product"] }'
    (tmp_path / "code" / "numpy.toml").write_text(
        numpy.replace("\n[operations]\n", f"\n[operations]\n{line}\n"), encoding="utf-8"
    )
    assert "y = np.sinc(a * x / np.pi)" in sd.emit("y = sinc(a*x)", templates=tmp_path)


def test_a_new_language_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    english = (template_root() / "messages" / "en.toml").read_text(encoding="utf-8")
    (tmp_path / "messages" / "de.toml").write_text(
        english.replace('heading = "Statement"', 'heading = "Aufgabe"'), encoding="utf-8"
    )
    assert r"\section*{Aufgabe}" in solve(read("sigmoid")).render("latex", "de", templates=tmp_path)
