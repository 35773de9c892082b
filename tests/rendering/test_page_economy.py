"""Pages of paper: full but for the last, which has more than a few lines; labels large enough to read.

How full a page is, is seen on its picture: the lowest ink above the page number.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import numpy
import pytest
from pages import LISTED, in_turn, listed_page, page
from pdf_tags import opened, tags
from tools import need
from typst_pages import pdf_text

import symdiff as sd
from symdiff.api.solution import solve
from symdiff.exercises import read
from symdiff.rendering.formats.typst_compiler import compile_typst

pytest.importorskip("typst")
PAGES = [file for file in LISTED if file.startswith("typst/")]
DOTS = 36 / 2.54
"""Dots in a centimetre of a picture."""
TOP, BOTTOM, HALF = 2.5, 27.2, 10.5
"""Where text begins and ends, and the middle, in centimetres."""


def fills(pdf: bytes) -> list[float]:
    """How much of the height of each page is used."""
    command = [need("pdftoppm"), "-r", "36", "-gray", "-"]
    drawn = subprocess.run(command, input=pdf, check=True, capture_output=True).stdout
    found = []
    while drawn:
        head = re.match(rb"P5\s(\d+)\s(\d+)\s255\s", drawn)
        assert head
        width, height = int(head[1]), int(head[2])
        body = drawn[head.end() : head.end() + width * height]
        drawn = drawn[head.end() + width * height :]
        found.append(_fill(numpy.frombuffer(body, dtype=numpy.uint8).reshape(height, width)))
    return found


def _fill(picture: Any) -> float:
    ink = picture < 200
    ink[int(BOTTOM * DOTS) :, int((HALF - 1.5) * DOTS) : int((HALF + 1.5) * DOTS)] = False  # the number
    lowest = max(numpy.flatnonzero(ink.any(axis=1)), default=0)
    return float((lowest / DOTS - TOP) / (BOTTOM - TOP))


def check(source: str) -> None:
    *full, last = fills(compile_typst(source))
    assert min(full, default=1.0) > 0.6
    assert not full or last > 0.08  # five lines of small print


@pytest.mark.parametrize("file", in_turn(PAGES))
def test_pages_are_full_and_the_last_has_more_than_a_few_lines(file: str) -> None:
    check(listed_page(file))


@pytest.mark.parametrize("lines", range(40, 52))
def test_a_few_lines_too_many_do_not_make_a_page(lines: int) -> None:
    head, _, end = page("sigmoid", "reverse", "typst").partition("= Statement")
    more = "\n".join(f"Line {number}\n" for number in range(lines))
    check(f"{head}{more}\n{end[end.rindex('#metadata') :]}")


def sizes_of_labels(source: str) -> list[float]:
    """The size of the labels of each picture, from the frame that its tag has on paper."""
    laid_out = re.findall(r'viewBox=\\"0 0 ([\d.]+) ([\d.]+)\\"', source)
    frames = []
    for tag in tags(opened(compile_typst(source))):
        if tag.kind == "Figure":
            left, low, right, high = tag.frame
            frames.append((right - left, high - low))
    assert len(frames) == len(laid_out)
    drawn = sorted(max(map(float, sides)) for sides in laid_out)
    return [8 * long / was for long, was in zip(sorted(map(max, frames)), drawn, strict=True)]


PICTURES = ["layer-norm-both", "lstm-bptt", "mlp-reverse", "ridge-both", "rnn-reverse", "fog-both"]


@pytest.mark.parametrize("stem", PICTURES)
def test_labels_have_seven_points(stem: str) -> None:
    for size in sizes_of_labels(listed_page(f"typst/{stem}.fr.typ")):
        assert size > 6.95


@pytest.mark.parametrize("name", ["rnn", "lstm", "mlp"])
def test_a_title_is_the_first_thing_on_a_page(name: str, tmp_path: Path) -> None:
    """A picture without room goes to the bottom of the first page, not above the title."""
    path = tmp_path / "page.pdf"
    path.write_bytes(compile_typst(solve(read(name)).render("typst", "en")))
    command = [need("pdftotext"), "-f", "1", "-l", "1", str(path), "-"]
    first = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    assert first.startswith(solve(read(name)).render("text", "en").split()[0])


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_title_stands_before_the_picture(lang: str, tmp_path: Path) -> None:
    pdf = compile_typst(sd.solve(read("mlp"), mode="chain").render("typst", lang))
    words = pdf_text(pdf, tmp_path)
    graph = {"en": "The network as a graph", "fr": "Le réseau sous forme de graphe"}[lang]
    assert words.index("2-2-1") < words.index(graph)
