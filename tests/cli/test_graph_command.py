"""`symdiff graph` and `--pictures` as a user meets them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tools import run_command, run_here


def failure(*arguments: str, status: int, says: str) -> None:
    done = run_here(*arguments)
    assert done.returncode == status, done.stderr.decode()
    assert done.stdout == b""
    assert done.stderr.startswith(b"symdiff: ")
    assert done.stderr.count(b"\n") == 1
    assert says in done.stderr.decode()


def test_an_svg_goes_to_standard_output() -> None:
    done = run_command("graph", "sigmoid", "--mode", "reverse")
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    assert ET.fromstring(done.stdout).attrib["role"] == "img"


@pytest.mark.parametrize(
    ("ending", "starts"),
    [
        ("svg", b"<svg"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
        ("tex", b"%"),
        ("dot", b"digraph"),
        ("mmd", b"flowchart LR"),
    ],
)
def test_the_ending_says_the_format(ending: str, starts: bytes, tmp_path: Path) -> None:
    if ending in ("png", "pdf"):
        pytest.importorskip("typst")
    path = tmp_path / f"picture.{ending}"
    done = run_command("graph", "product-sine", "--mode", "reverse", "--lang", "fr", "-o", str(path))
    assert done.returncode == 0, done.stderr.decode()
    assert path.read_bytes().startswith(starts)


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    failure("graph", "sigmoid", "-o", "x.gif", status=2, says="no picture format has the ending '.gif'")
    failure("graph", "sigmoid", "--format", "svgg", status=2, says="did you mean 'svg'")
    failure("graph", "sigmoid", "--values", status=2, says="values need a point")
    failure("graph", "sigmoid", "--view", "folded", status=2, says="views are for recurrences")
    failure("graph", "log(x)", "--at", "x=-1", status=3, says="outside the domain")
    failure("derive", "sigmoid", "--pictures", "svg", status=2, says="svg needs --format markdown")
    failure("derive", "sigmoid", "--pictures", "tikkz", status=2, says="did you mean 'tikz'")
    failure("derive", "sigmoid", "--format", "markdown", "--pictures", "svg", status=2, says="-o")
    failure("graph", "sigmoid", "-o", str(tmp_path), status=2, says="ending")


def test_pictures_beside_markdown(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    done = run_command("derive", "rnn", "--pictures", "svg", "-o", str(page))
    assert done.returncode == 0, done.stderr.decode()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["page-1.svg", "page-2.svg", "page.md"]
    text = page.read_text(encoding="utf-8")
    assert "](page-1.svg)" in text
    assert "](page-2.svg)" in text
    for number in (1, 2):
        ET.fromstring((tmp_path / f"page-{number}.svg").read_text(encoding="utf-8"))


def test_pictures_can_be_left_out_and_a_fragment_has_none() -> None:
    assert b"tikzpicture" in run_command("derive", "sigmoid").stdout
    assert b"tikz" not in run_command("derive", "sigmoid", "--pictures", "none").stdout
    assert b"tikz" not in run_command("derive", "sigmoid", "--fragment").stdout
    asked = run_command("derive", "sigmoid", "--fragment", "--pictures", "tikz").stdout
    assert b"tikzpicture" in asked
