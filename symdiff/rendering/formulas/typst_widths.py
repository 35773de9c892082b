"""How wide a formula of `TypstPrinter` is, with the advance widths of `widths`.

Typst's own typeface for mathematics is New Computer Modern, which has the widths of Computer Modern, and it
sets a line by the rules of `math_spacing`. In points at a type size of 10 pt.
"""

from __future__ import annotations

import re
from functools import lru_cache

from symdiff.rendering.formulas import widths
from symdiff.rendering.formulas.math_spacing import (
    DISPLAY,
    FENCES,
    TALLEST_FENCE,
    TEXT,
    Atom,
    added,
    fenced,
    fraction,
    line,
    of_parts,
    scale_of,
    smaller,
)
from symdiff.rendering.formulas.typst import LETTERS, SIGNS
from symdiff.rendering.formulas.widths import (
    RADICAL,
    ROMAN,
    WidthWalk,
    letter,
    sign_of_size,
    table,
)

_TOKENS = re.compile(r'"[^"]*"|#\[,\]|[A-Za-z]{2,}|\\.|[^\s]')
_ATOMS = (
    {character: widths.SIGNS[f"\\{n}"] for n, character in SIGNS.items() if f"\\{n}" in widths.SIGNS}
    | {sign: found for sign, found in widths.SIGNS.items() if len(sign) == 1}
    | {rf"\{sign}": widths.SIGNS[sign] for sign in ",;()"}
)
_CHARACTERS = (
    {SIGNS[n]: widths.LETTERS[f"\\{n}"] for n in SIGNS if f"\\{n}" in widths.LETTERS}
    | {letter: widths.LETTERS[f"\\{name}"] for name, letter in LETTERS.items()}
    | {"ℝ": 722, "#[,]": 278, r"\/": 500, "|": 278, "/": 500, ".": 278}
)
_LARGE = {SIGNS[sign[1:]]: sign for sign in widths.LARGE}
_SPACES = {"thin": 167.0, "med": 222.0, "quad": 1000.0, "wide": 2000.0}
_BESIDE_FRACTION, _BOX, _LEAST_BRACE = 200.0, 600.0, 1000.0
_SIGN_SCALES = (1.0, 1.0, 0.72, 0.55)
"""How wide a sign or a space is in each style, of which letters are wider when they are small."""


@lru_cache(maxsize=4096)
def typst_points(formula: str) -> float:
    """The width of a Typst formula in display style, in points at 10 pt."""
    return line(_TypstWalk(_TOKENS.findall(formula)).sequence(DISPLAY), DISPLAY).width / 100


class _TypstWalk(WidthWalk):
    """One pass over the tokens."""

    def sequence(self, style: int, ends: str = "") -> list[Atom]:
        """The atoms up to one of `ends`, which is left there, or to the end."""
        found: list[Atom] = []
        while self.position < len(self.tokens) and self.peek() not in tuple(ends):
            token = self.next()
            if token in "^_":
                self.position -= 1
                found.append(self.with_scripts(Atom("ord", 0.0), style, False))
                continue
            if token == "(":
                found.append(Atom("open", 0.0, 0.0))
            found.append(self.with_scripts(self.atom(token, style), style, token in _LARGE))
        return found

    def raised(self, style: int) -> Atom:
        """What is raised or lowered, in brackets that are not written."""
        self.next()
        inside = line(self.sequence(style, ")"), style)
        self.next()
        return inside

    def atom(self, token: str, style: int) -> Atom:
        scale = scale_of(style)
        if token[0] == '"':
            return Atom("ord", added(ROMAN.get(c, 500) for c in token[1:-1]) * scale)
        if token in _SPACES:
            return Atom("", _SPACES[token] * _SIGN_SCALES[style], 0.0)
        if token == "(":
            return self.brackets(style)
        if len(token) > 1 and token[0].isalpha() and self.peek() == "(":
            return self.function(token, style)
        if token in _ATOMS:
            kind, width = _ATOMS[token]
            return Atom(kind, width * _SIGN_SCALES[style])
        if token in _LARGE:
            return sign_of_size(_LARGE[token], style)
        slanted = letter(token, self.peek() == "_")
        return Atom("ord", (_CHARACTERS.get(token, 500) if slanted is None else slanted) * scale)

    def brackets(self, style: int) -> Atom:
        """Brackets grow with what they hold; outside they have the spaces of brackets."""
        inside = line(self.sequence(style, ")"), style)
        self.position += 1
        found = fenced(inside, "close", covered=0.8, left_out=inside.reach)
        return found._replace(width=inside.width + (found.width - inside.width) * _SIGN_SCALES[style])

    def function(self, name: str, style: int) -> Atom:
        if name == "mat":
            inside = table(rows := self.arguments(TEXT))
            return inside._replace(
                width=inside.width + 2 * (FENCES[0][1] if len(rows) < 2 else TALLEST_FENCE)
            )
        if name == "cases":
            return self.cases()
        if name == "underbrace":
            return self.labelled(style)
        ((*_, last),) = rows = self.arguments(of_parts(style) if name == "frac" else style)
        if name == "frac":
            return fraction(rows[0][0], last, style, _BESIDE_FRACTION * scale_of(style))
        if name == "op":
            return last._replace(kind="op")
        return Atom("ord", last.width + _ADDED.get(name, 0.0), last.reach + _HIGHER.get(name, 0.0))

    def cases(self) -> Atom:
        """Values and their conditions behind a brace."""
        self.next()
        rows: list[list[Atom]] = [[]]
        while True:
            rows[-1].append(line(self.sequence(TEXT, "&,)"), TEXT))
            end = self.next() if self.peek() else ")"
            if end == ")":
                inside = table(rows)
                return Atom("inner", inside.width + TALLEST_FENCE, inside.reach)
            if end == ",":
                rows.append([])

    def labelled(self, style: int) -> Atom:
        """A formula with a brace under it and a label under the brace: the widest counts."""
        self.next()
        body = line(self.sequence(style, ","), style)
        self.next()
        label = line(self.sequence(smaller(style), ")"), smaller(style))
        self.next()
        return Atom("ord", max(body.width, label.width, _LEAST_BRACE), body.reach)

    def arguments(self, style: int) -> list[list[Atom]]:
        """A function's arguments, in rows where semicolons divide them."""
        self.next()
        rows: list[list[Atom]] = [[]]
        while True:
            rows[-1].append(line(self.sequence(style, ",;)"), style))
            end = self.next() if self.peek() else ")"
            if end == ")":
                return rows
            if end == ";":
                rows.append([])


_ADDED = {"sqrt": RADICAL, "boxed": _BOX, "abs": 556.0, "norm": 800.0}
_HIGHER = {"sqrt": 200.0, "boxed": _BOX / 2}
