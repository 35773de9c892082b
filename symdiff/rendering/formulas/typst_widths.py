"""How wide a formula of `TypstPrinter` is, with the advance widths of `widths`.

Typst's own typeface for mathematics is New Computer Modern, which has the widths of Computer Modern. The text
is walked once, as in `widths`: functions by what they set, scripts smaller, operators with their spaces. In
points at a type size of 10 pt.
"""

from __future__ import annotations

import re
from functools import lru_cache

from symdiff.rendering.formulas.typst import LETTERS, SIGNS
from symdiff.rendering.formulas.widths import (
    BOX,
    FRACTION_BAR,
    ITALIC,
    RADICAL,
    ROMAN,
    WidthWalk,
    added,
    scale_of,
    table_width,
    width_of_sign,
)
from symdiff.rendering.formulas.widths import SIGNS as LATEX_SIGNS

_TOKENS = re.compile(r'"[^"]*"|#\[,\]|[A-Za-z]{2,}|\\.|[^\s]')
_CHARACTERS = {SIGNS[n]: LATEX_SIGNS[f"\\{n}"] for n in SIGNS if f"\\{n}" in LATEX_SIGNS}
_LETTERS = {letter: LATEX_SIGNS[f"\\{name}"] for name, letter in LETTERS.items()}
WIDTHS = (
    {"→": 1000.0, "ℝ": 722.0, "⋯": 1170.0, "…": 1170.0, "⋮": 278.0, "#[,]": 278.0} | _CHARACTERS | _LETTERS
)
_BINARY = {"+": 1222, "-": 1222, "⋅": 722, "=": 1334, "≈": 1334, "≤": 1334, ">": 1334, "∘": 944}
_MARKS = {c: LATEX_SIGNS[c] for c in "()|:./!"} | {"[": 278.0, "]": 278.0}
_ESCAPED = {r"\,": 445.0, r"\;": 445.0, r"\/": 500.0, r"\(": 389.0, r"\)": 389.0}
_SPACES = {"thin": 167.0, "med": 222.0, "quad": 1000.0, "wide": 2000.0}
_ADDED = {"sqrt": RADICAL, "boxed": BOX, "abs": 556, "norm": 1000}


@lru_cache(maxsize=4096)
def typst_points(formula: str) -> float:
    """The width of a Typst formula in display style, in points at 10 pt."""
    return _TypstWalk(_TOKENS.findall(formula)).sequence() / 100


class _TypstWalk(WidthWalk):
    """One pass over the tokens; widths in hundredths of a point."""

    def sequence(self, script: int = 0, ends: str = "") -> float:
        """The width up to one of `ends` outside brackets, which is taken as well."""
        width, depth = 0.0, 0
        while self.position < len(self.tokens):
            token = self.next()
            if not depth and token in ends:
                self.position -= 1
                break
            depth += (token == "(") - (token == ")")
            width += self.scripts(token, script) if token in "^_" else self.atom(token, script)
        return width

    def group(self, script: int) -> float:
        """What is raised or lowered, in brackets that are not written."""
        self.next()
        width = self.sequence(script, ")")
        self.next()
        return width

    def arguments(self, script: int) -> list[list[float]]:
        """The widths of a function's arguments, in rows where semicolons divide them."""
        self.next()
        rows: list[list[float]] = [[]]
        while True:
            rows[-1].append(self.sequence(script, ",;)"))
            end = self.next() if self.peek() else ")"
            if end == ")":
                return rows
            if end == ";":
                rows.append([])

    def atom(self, token: str, script: int) -> float:
        scale = scale_of(script)
        if token[0] == '"':
            return added(ROMAN.get(c, 500) for c in token[1:-1]) * scale
        if token in _SPACES:
            return _SPACES[token] * scale
        if len(token) > 1 and token[0].isalpha():
            return self.function(token, script, scale)
        if token in _BINARY:
            return width_of_sign(token, _BINARY[token], script)
        for table in (WIDTHS, _MARKS, _ESCAPED):
            if token in table:
                return table[token] * scale
        return (ITALIC.get(token, 500) + 30) * scale

    def function(self, name: str, script: int, scale: float) -> float:
        rows = self.arguments(script)
        if name == "op":
            return rows[0][0] + 167 * scale
        if name == "mat":
            return table_width(rows)
        if name in ("frac", "underbrace"):
            return max(rows[0]) + (FRACTION_BAR if name == "frac" else 0)
        return rows[0][-1] + _ADDED.get(name, 0)
