"""How wide a LaTeX formula is, estimated from its source with Computer Modern's advance widths.

The formula's tokens are walked once and become atoms, which `math_spacing` sets in a line as TeX does. In
points at a type size of 10 pt. Measured on the formulas of our pages 98 in 100 are within 3 % of what TeX
sets, wide ones never more than 2 % below, so lines of 0.98 × the text width are filled. Source of the widths:
the metric files of cmr10, cmmi10, cmsy10 and cmex10.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from functools import lru_cache

from symdiff.expr.names import GREEK
from symdiff.rendering.formulas.math_spacing import (
    DISPLAY,
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
    with_limits,
    with_scripts,
)

# fmt: off
_ROMAN = (
    500, 556, 444, 556, 444, 306, 500, 556, 278, 306, 528, 278, 833, 556, 500, 556, 528, 392, 394, 389, 556,
    528, 722, 528, 528, 444, 750, 708, 722, 764, 681, 653, 785, 750, 361, 514, 778, 625, 917, 750, 778, 681,
    778, 736, 556, 722, 750, 750, 1028, 750, 750, 611,
)
_ITALIC = (
    529, 429, 433, 520, 466, 490, 477, 576, 345, 412, 521, 298, 878, 600, 485, 503, 446, 451, 469, 361, 572,
    485, 716, 572, 490, 465, 750, 759, 715, 828, 738, 643, 786, 831, 440, 555, 849, 681, 970, 803, 763, 642,
    791, 759, 613, 584, 683, 583, 944, 828, 581, 683,
)
_GREEK = (
    640, 566, 518, 444, 406, 438, 497, 469, 354, 576, 583, 603, 494, 438, 570, 517, 571, 437, 540, 596, 626,
    651, 622, 625, 833, 778, 694, 667, 750, 722, 778, 722, 778, 722,
)
_SLANT = (
    222, 222, 139, 139, 139, 139, 108, 109, 109, 109, 96, 81, 79, 79, 72, 72, 72, 58, 58, 57, 50, 44, 36, 36,
    36, 36, 31, 28, 28, 28, 27, 20,
)
# fmt: on
ROMAN = dict(zip(string.ascii_letters, _ROMAN, strict=True))
ITALIC = dict(zip(string.ascii_letters, _ITALIC, strict=True))
LETTERS = {f"\\{name}": width for name, width in zip(GREEK, _GREEK, strict=True)} | {
    r"\partial": 560, r"\nabla": 833, r"\top": 778, r"\infty": 1000, "|": 278, r"\|": 500, "/": 500, ".": 278,
    r"\vdots": 278, r"\lVert": 500, r"\rVert": 500,
}  # fmt: skip
"""Ordinary characters."""
SIGNS: dict[str, tuple[str, float]] = {
    "+": ("bin", 778), "-": ("bin", 778), r"\cdot": ("bin", 278), r"\times": ("bin", 778),
    r"\odot": ("bin", 778),
    r"\otimes": ("bin", 778), r"\circ": ("bin", 500), r"\pm": ("bin", 778), "*": ("bin", 500),
    "=": ("rel", 778), r"\approx": ("rel", 778), "<": ("rel", 778), ">": ("rel", 778), r"\leq": ("rel", 778),
    r"\geq": ("rel", 778), r"\neq": ("rel", 778), r"\in": ("rel", 667),
    r"\to": ("rel", 1000), ":": ("rel", 278),
    "(": ("open", 389), "[": ("open", 278), r"\langle": ("open", 389), r"\{": ("open", 500),
    ")": ("close", 389), "]": ("close", 278), r"\rangle": ("close", 389), r"\}": ("close", 500),
    "!": ("close", 278), ",": ("punct", 278), ";": ("punct", 278),
    r"\cdots": ("inner", 1170), r"\dots": ("inner", 1170),
}  # fmt: skip
"""Characters of any other class."""
LARGE = {r"\sum": (1444, 1056), r"\prod": (1278, 944)}
"""Signs with limits: their width in display style and in text."""
SPACES = {
    r"\,": 167, r"\:": 222, r"\;": 278, r"\!": -167, r"\quad": 1000, r"\qquad": 2000, r"\ ": 333, "~": 333,
}  # fmt: skip
COLUMN_GAP, ROW_REACH = 1000, 600
SCRIPT = 0.76
RADICAL, BOX, BESIDE_FRACTION, HIGH_ACCENT = 880, 680, 240, 250
SLANT = dict(zip("VYFTWPfUNMJHXICKZSEjBzyvqgkrDOwl", _SLANT, strict=True))
"""How far a letter leans out of its width, where no index follows."""
ZEROS = str.maketrans("123456789", "000000000")
LATEX_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|[^\s]")


def points(formula: str) -> float:
    """The width of a LaTeX formula in display style, in points at 10 pt; all digits are equally wide."""
    return _points(formula.translate(ZEROS))


@lru_cache(maxsize=16_384)
def _points(formula: str) -> float:
    walk = _LatexWalk(LATEX_TOKENS.findall(formula))
    return line(walk.sequence(DISPLAY), DISPLAY).width / 100


class TokenWalk:
    """A place in the tokens of a formula."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.position = tokens, 0

    def next(self) -> str:
        self.position += 1
        return self.tokens[self.position - 1]

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""


class WidthWalk(TokenWalk):
    """What the walks over LaTeX and Typst share."""

    def raised(self, style: int) -> Atom:
        """What is raised or lowered."""
        raise NotImplementedError

    def with_scripts(self, nucleus: Atom, style: int, takes_limits: bool) -> Atom:
        """An atom with the index and the exponent that follow it."""
        scripts = []
        while self.peek() in ("^", "_"):
            self.next()
            scripts.append(self.raised(smaller(style)))
        if not scripts:
            return nucleus
        return (with_limits if takes_limits and style == DISPLAY else with_scripts)(nucleus, scripts)


def sign_of_size(token: str, style: int) -> Atom:
    """A sum or a product sign, which is larger in display style."""
    width = LARGE[token][min(style, TEXT)]
    return Atom("op", width * scale_of(style), (1200 if style == DISPLAY else 750) * scale_of(style))


def letter(token: str, index_follows: bool) -> float | None:
    """The width of an italic letter; None of anything else."""
    if token not in ITALIC:
        return None
    return ITALIC[token] + (0 if index_follows else SLANT.get(token, 0))


def table(rows: list[list[Atom]]) -> Atom:
    """The columns of a matrix with the space between them, without its brackets."""
    most = max(map(len, rows))
    columns = [max(row[k].width for row in rows if k < len(row)) for k in range(most)]
    height = added(max(ROW_REACH, *(cell.reach for cell in row)) for row in rows)
    return Atom("ord", added(columns) + COLUMN_GAP * (most - 1), height)


class _LatexWalk(WidthWalk):
    """One pass over the tokens."""

    def sequence(self, style: int, ends: tuple[str, ...] = ("}",)) -> list[Atom]:
        """The atoms up to one of `ends`, which is left there, or to the end."""
        found: list[Atom] = []
        while self.position < len(self.tokens) and self.tokens[self.position] not in ends:
            token = self.next()
            if token in ("^", "_"):
                self.position -= 1
                found.append(self.with_scripts(Atom("ord", 0.0), style, False))
            else:
                found.append(self.with_scripts(self.atom(token, style), style, token in LARGE))
        return found

    def group(self, style: int) -> Atom:
        """The next group as an ordinary atom."""
        token = self.next()
        if token != "{":
            return self.atom(token, style)
        inside = line(self.sequence(style), style)
        self.position += 1
        return inside

    def raised(self, style: int) -> Atom:
        return self.group(style)

    def atom(self, token: str, style: int) -> Atom:
        scale = scale_of(style)
        if token in SPACES:
            return Atom("", SPACES[token] * scale, 0.0)
        if token in SIGNS:
            kind, width = SIGNS[token]
            return Atom(kind, width * scale)
        if token in LARGE:
            return sign_of_size(token, style)
        if token in LETTERS:
            return Atom("ord", LETTERS[token] * scale)
        if token in _CONSTRUCTIONS:
            return _CONSTRUCTIONS[token](self, style)
        if token.startswith("\\"):
            return Atom("op", added(ROMAN.get(c, 500) for c in token[1:]) * scale)
        slanted = letter(token, self.peek() == "_")
        return Atom("ord", (500 if slanted is None else slanted) * scale)

    def braces(self, style: int) -> Atom:
        self.position -= 1
        return self.group(style)

    def fraction(self, style: int) -> Atom:
        over, under = (self.group(of_parts(style)) for _ in range(2))
        return fraction(over, under, style, BESIDE_FRACTION)

    def radical(self, style: int) -> Atom:
        inside = self.group(style)
        return Atom("ord", inside.width + RADICAL * scale_of(style), inside.reach + 200)

    def box(self, style: int) -> Atom:
        inside = self.group(DISPLAY)
        return Atom("ord", inside.width + BOX, inside.reach + BOX / 2)

    def left_right(self, style: int) -> Atom:
        opening = self.next()
        inside = line(self.sequence(style, (r"\right",)), style)
        self.position += 1
        closing = self.next()
        if opening in ("(", r"\langle"):
            return _fenced(inside)
        return Atom("inner", inside.width + added(map(self._side, (opening, closing))), inside.reach)

    @staticmethod
    def _side(token: str) -> float:
        return SIGNS[token][1] if token in SIGNS else LETTERS.get(token, 0)

    def labelled(self, style: int) -> Atom:
        """A formula with a brace under it and a label under the brace: the wider counts."""
        body = self.group(DISPLAY)
        if self.peek() != "_":
            return body
        self.next()
        return Atom("op", max(body.width, self.group(smaller(style)).width), body.reach)

    def word(self, style: int) -> Atom:
        """A word in braces."""
        self.next()
        width = 0.0
        while self.peek() not in ("}", ""):
            token = self.next()
            width += SPACES.get(token, ROMAN.get(token, 500))
        self.next()
        return Atom("ord", width * scale_of(style))

    def accented(self, style: int) -> Atom:
        """An accent on a capital makes it higher."""
        body = self.group(style)
        capital = self.tokens[self.position - 2].isupper()
        return body._replace(reach=body.reach + HIGH_ACCENT) if capital else body

    def operator(self, style: int) -> Atom:
        return self.word(style)._replace(kind="op")

    def table(self, style: int) -> Atom:
        has_one_brace = self.tokens[self.position + 1] == "c"
        self.group(style)
        rows: list[list[Atom]] = [[]]
        while self.peek() not in (r"\end", ""):
            rows[-1].append(line(self.sequence(TEXT, ("&", r"\\", r"\end")), TEXT))
            if self.peek() == r"\\":
                rows.append([])
            if self.peek() != r"\end":
                self.position += 1
        self.next()
        self.group(style)
        inside = table([row for row in rows if row])
        if has_one_brace:
            return Atom("inner", inside.width + TALLEST_FENCE, inside.reach)
        return _fenced(inside)


def _fenced(inside: Atom) -> Atom:
    return fenced(inside, "inner", covered=0.901, left_out=500)


_CONSTRUCTIONS: dict[str, Callable[[_LatexWalk, int], Atom]] = {
    "{": _LatexWalk.braces,
    r"\frac": _LatexWalk.fraction,
    r"\sqrt": _LatexWalk.radical,
    r"\boxed": _LatexWalk.box,
    r"\left": _LatexWalk.left_right,
    r"\underbrace": _LatexWalk.labelled,
    r"\begin": _LatexWalk.table,
    r"\operatorname": _LatexWalk.operator,
    r"\mathit": _LatexWalk.word,
    r"\mathrm": _LatexWalk.word,
    r"\mathbf": _LatexWalk.word,
    r"\mathbb": _LatexWalk.word,
    r"\text": _LatexWalk.word,
    r"\mathcal": _LatexWalk.group,
    **dict.fromkeys(
        (r"\bar", r"\dot", r"\hat", r"\tilde", r"\overline", r"\widehat", r"\widetilde"), _LatexWalk.accented
    ),
}
