"""Typst and LaTeX set the same formulas: pages with one formula each, as text and as widths."""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from collections import Counter
from pathlib import Path

from tools import compile_latex, need

from symdiff.rendering.formats.folders import template_root
from symdiff.rendering.formats.typst_compiler import compile_typst

SETTINGS = """#set text(font: ("New Computer Modern", "New Computer Modern Math"), size: 10pt)
#show math.equation: set text(weight: "regular")
#set math.lr(size: 85%)
#set math.mat(column-gap: 1em, row-gap: 0.35em)
#set page(width: 3000pt, height: 1000pt)
"""
TOO_WIDE = """
#let _guard(it) = layout(size => {
  let width = measure(it).width
  if width > size.width + 0.1pt { panic("too wide", width, size.width) }
  it
})
#show math.equation.where(block: true): _guard
#show table: _guard
"""
"""Makes Typst itself refuse a page on which an equation or a table is wider than the text."""


def definitions() -> str:
    return (template_root() / "typst" / "definitions.j2").read_text(encoding="utf-8")


def pdf_text(pdf: bytes, folder: Path) -> str:
    """What a reader can copy from a PDF, page after page."""
    (folder / "page.pdf").write_bytes(pdf)
    command = [need("pdftotext"), "-raw", "page.pdf", "-"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout.decode()


def typst_pages(formulas: list[str], folder: Path) -> list[str]:
    body = "\n#pagebreak()\n".join(f"$ {formula} $" for formula in formulas)
    return pdf_text(compile_typst(SETTINGS + definitions() + body), folder).split("\f")[:-1]


def latex_pages(formulas: list[str], folder: Path) -> tuple[list[str], list[float]]:
    """What the pages of pdflatex say, and how wide the formulas are, in points."""
    boxes = "\n".join(
        rf"\setbox0\hbox{{$\displaystyle {f}$}}\typeout{{WIDTH \the\wd0}}\noindent\copy0\newpage"
        for f in formulas
    )
    source = (
        "\\documentclass{article}\\usepackage{amsmath,amssymb}\\pagestyle{empty}"
        "\\pdfpagewidth=3000pt\\textwidth=2900pt\\begin{document}\n" + boxes + "\n\\end{document}\n"
    )
    widths = [float(w) for w in re.findall(r"WIDTH ([\d.]+)pt", compile_latex(source, folder))]
    return pdf_text((folder / "page.pdf").read_bytes(), folder).split("\f")[:-1], widths


def typst_widths(formulas: list[str], folder: Path) -> list[float]:
    """How wide Typst sets formulas in display style, in TeX's points."""
    import typst

    measured = "\n".join(
        f"#context [#metadata(measure($ {formula} $).width.pt()) <width>]" for formula in formulas
    )
    (folder / "page.typ").write_text(SETTINGS + definitions() + measured, encoding="utf-8")
    found = json.loads(typst.query(str(folder / "page.typ"), "<width>"))
    return [entry["value"] * 72.27 / 72 for entry in found]


DRAWN = {r"\sum": "X", r"\prod": "Y", r"\underbrace": "z"}
"""Large signs of TeX's own typefaces, and the letters as which they are copied."""


def letters(page: str, formula: str = "") -> Counter[str]:
    """How often a page has each letter, digit and sign that both typefaces name alike.

    `formula` is the LaTeX of a page that TeX made, whose large signs are not letters.
    """
    plain = unicodedata.normalize("NFKD", page).replace("\u2206", "Δ")
    found = Counter(c for c in plain if c.isalnum() or c in "=+∂∇∈⊗⊙×≈")
    return found - Counter({letter: formula.count(sign) for sign, letter in DRAWN.items()})
