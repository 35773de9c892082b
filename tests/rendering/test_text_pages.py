"""Pages of text: 80 columns, formulas in several lines, sentences, and colours on a terminal only."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import ROOT, run_command

import symdiff as sd
from symdiff.api.solution import solve
from symdiff.exercises import read
from symdiff.rendering.formats.prose import finished, held, wrapped
from symdiff.rendering.formulas.stacked import (
    BOX,
    BRACE,
    LIMITS,
    RAISED,
    TABLE,
    columns,
    columns_of,
    flat,
    marked,
    role,
    stacked,
)

wcwidth = pytest.importorskip("wcwidth")
PAGES = sorted((ROOT / "outputs" / "text").glob("*.txt"))
OWN = [
    ("y = relu(x)*abs(x - a)/max(x, a)", "both", {"x": 2, "a": 1}),
    ("f(alpha, x_max) = exp(-alpha*x_max**2/2)*sin(alpha*x_max)/(1 + alpha**2*x_max**4)", "both", None),
    ("y = " + " + ".join(f"sin(a{i}*x)*exp(-b{i}*x**2)" for i in range(1, 8)), "reverse", None),
    ("h = tanh(w*x + b)\np = log(1 + exp(-h*t))\nL = p**2 + lam*w**2", "chain", None),
]
MATRIX = '[inputs]\nX = ["m", "d"]\nW = ["d", 3]\n[definitions]\nS = "softmax(X @ W)"\nL = "sum(log(S)*S)"\n'
BOTH = """composition = "g∘f"
mode = "jacobian"
[inputs]
x = [3]
[functions]
f = ["exp(x1*x2 + x3**2)*sin(x2)", "x1*tanh(x2 + x3)/(1 + x1**2)", "sqrt(1 + x1**2 + x2**2)"]
g = ["x1*x2*sin(x3)", "exp(x1 - x2)*x3", "x1**2 + x2**2*x3"]
"""

HEADS = ("y = -a*x + (-b)*x - (-c)", "forward", {"a": 1, "b": 2, "c": 3, "x": 3})
"""A table whose heads are wider than its cells."""


def too_wide(text: str) -> list[str]:
    """Lines wider than a terminal of 80 columns, by another table of widths than ours."""
    return [line for line in text.split("\n") if not 0 <= wcwidth.wcswidth(line) <= 80]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_page_fits_80_columns(page: Path) -> None:
    assert too_wide(page.read_text(encoding="utf-8")) == []


@cache
def own(source: str, mode: str | None, point: tuple[tuple[str, int], ...]) -> Any:
    """The solution of an exercise that is not built in."""
    return solve(read(source), mode, at=dict(point) or None)


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(("source", "mode", "at"), [*OWN, (MATRIX, "both", None), (BOTH, None, None), HEADS])
def test_other_exercises_fit_80_columns(
    source: str, mode: str | None, at: dict[str, int] | None, lang: str
) -> None:
    point = tuple(at.items()) if at else ()
    assert too_wide(own(source, mode, point).render("text", lang)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_no_sentence_is_broken_inside_a_short_formula(page: Path) -> None:
    """A line of words never ends in a sign that wants something after it, nor begins with one.

    ⊙ may be what a sentence is about.
    """
    for line in page.read_text(encoding="utf-8").split("\n"):
        if line[:1].isalnum() and len(line) > 60:
            assert not re.search(r"([=∈]|(?<!\u00a0)⊙)$", line), line
        assert not re.match(r"[=+∈]|⊙(?!\u00a0)", line), line


def test_a_matrix_is_read_back_from_the_lines_it_takes() -> None:
    rows = [["1", "−0,25"], ["0,5", "10"], ["−3", "0"]]
    made = stacked("A = " + marked(TABLE, rows) + " + B").split("\n")
    assert [re.split(r"\s+", line[5:-5].strip("⎡⎢⎣⎤⎥⎦ ")) for line in made] == rows
    assert made == [
        "    ⎡ 1    −0,25⎤    ",
        "A = ⎢ 0,5  10   ⎥ + B",
        "    ⎣−3     0   ⎦    ",
    ]


def test_what_surrounds_tall_things() -> None:
    matrix = marked(TABLE, [["a", "b"], ["c", "d"]])
    assert stacked(f"f({matrix} x)").split("\n") == ["f⎛⎡a  b⎤ x⎞", " ⎝⎣c  d⎦  ⎠"]
    assert stacked(matrix + marked(RAISED, [["ᵀ"]])).split("\n") == ["⎡a  b⎤ᵀ", "⎣c  d⎦ "]
    limits = marked(LIMITS, [["T−1"], ["Σ"], ["t=0"]])
    assert stacked(f"({limits} x)").split("\n") == [" T−1   ", "( Σ  x)", " t=0   "]
    assert stacked("y = " + marked(BRACE, [["abcde"], ["h"]])).split("\n") == [
        "y = abcde",
        "    ╰─┬─╯",
        "      h  ",
    ]
    assert stacked(marked(BOX, [["x"]])).split("\n") == ["┌───┐", "│ x │", "└───┘"]


def test_on_one_line_everything_is_said_too() -> None:
    source = marked(TABLE, [["a", marked(BRACE, [["b"], ["h"]])]]) + marked(LIMITS, [["n"], ["Π"], ["k=1"]])
    assert flat(source) == "[a, [b = h]]Π_(k=1…n)"


LEAVES = st.text("ab1−w̄ẇ²(漢", min_size=1, max_size=5)


def _made(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    rows = st.integers(1, 3).flatmap(
        lambda n: st.lists(st.lists(inner, min_size=n, max_size=n), min_size=1, max_size=3)
    )
    return st.one_of(
        rows.map(lambda cells: marked(TABLE, cells)),
        st.tuples(inner, LEAVES).map(lambda two: marked(BRACE, [[two[0]], [two[1]]])),
        inner.map(lambda body: marked(BOX, [[body]])),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}){marked(RAISED, [['ᵀ']])} {two[1]}"),
        inner.map(lambda body: role("adjoint", "w̄") + body),
    )


@given(st.recursive(LEAVES, _made, max_leaves=12))
def test_all_lines_of_a_formula_are_as_wide_as_it_is_said_to_be(source: str) -> None:
    lines = finished(stacked(source), None).split("\n")
    assert {columns_of(line) for line in lines} == {columns(source)}


def test_columns_of_wide_and_combining_characters() -> None:
    for text in ("w̄₄ẇ₃", "漢字", "ℝⁿˣᵈ", "𝟏", "x̂ᵢ⊙ŷ", "é", "e\u0301"):
        assert columns_of(text) == wcwidth.wcswidth(text)


@given(st.lists(st.text("abé漢 ", min_size=1, max_size=30), min_size=1, max_size=30), st.integers(20, 80))
def test_wrapping_keeps_every_word_and_the_width(parts: list[str], width: int) -> None:
    text = " ".join(word for part in parts for word in part.split()) or "x"
    made = wrapped(text, width).split("\n")
    assert " ".join(made).split() == text.split()
    assert all(columns(line) <= width or " " not in line for line in made)


def test_a_formula_wider_than_a_line_is_broken_after_all() -> None:
    formula = " + ".join(["abc"] * 30)
    made = wrapped(f"Since {held(formula)} is so", 40).split("\n")
    assert all(columns(line) <= 40 for line in made)
    assert finished(" ".join(made), None) == f"Since {formula} is so"


def test_the_line_under_a_title_is_as_wide_as_the_title(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('title = { en = "勾配の計算" }\n[inputs]\nx = []\n[definitions]\ny = "x**2"\n', "utf-8")
    title, line = run_command("derive", str(path), "--format", "text").stdout.decode().split("\n")[:2]
    assert "勾配" in title
    assert set(line) == {"═"}
    assert wcwidth.wcswidth(title) == len(line)


def on_a_terminal(*arguments: str, **variables: str) -> str:
    """What the command writes to a terminal."""
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "symdiff", *arguments],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=environment | {"TERM": "xterm-256color"} | variables,
    ) as process:
        os.close(theirs)
        data = b""
        try:
            while part := os.read(ours, 65536):
                data += part
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        assert process.wait() == 0
    return data.decode().replace("\r\n", "\n")


COMMAND = ("derive", "sigmoid", "--mode", "reverse", "--format", "text", "--at", "x=1,a=2")
ESCAPES = re.compile("\x1b\\[[0-9;]*m")


def test_a_terminal_gets_colours_and_the_same_words() -> None:
    piped = run_command(*COMMAND).stdout.decode()
    shown = on_a_terminal(*COMMAND)
    assert "\x1b" not in piped
    assert ESCAPES.search(shown)
    assert ESCAPES.sub("", shown) == piped
    assert re.search("\x1b\\[35mw̄₅\x1b\\[0m", shown)


@pytest.mark.parametrize(
    "variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}]
)
def test_a_terminal_may_decline_colours(variables: dict[str, str]) -> None:
    assert "\x1b" not in on_a_terminal(*COMMAND, **variables)


def test_colours_can_be_forced_into_a_pipe_but_not_into_a_file(tmp_path: Path) -> None:
    environment = os.environ | {"FORCE_COLOR": "1"}
    assert "\x1b[35m" in run_command(*COMMAND, env=environment).stdout.decode()
    path = tmp_path / "page.txt"
    run_command(*COMMAND, "-o", str(path), env=environment)
    assert "\x1b" not in path.read_text(encoding="utf-8")


def test_other_formats_have_no_colours() -> None:
    for format in ("latex", "markdown", "json"):
        assert "\x1b" not in on_a_terminal("derive", "sigmoid", "--format", format)


def test_a_saturated_value_is_not_said_to_be_the_number_that_it_is_near() -> None:
    page = sd.render(sd.reverse(sd.trace("tanh(x)")), "text", at={"x": 200})
    assert "≈ 1.0000" in page
    assert "tanh w₁ = 1" not in page
