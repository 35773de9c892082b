"""TeX's rules for a line of mathematics: the space between atoms of each class, growing fences, limits.

An atom has a class (ord, op, bin, …), a width and how far it reaches from the axis, up or down: on that the
size of a bracket round it depends. Styles are numbers: display, text, script, scriptscript. In hundredths of
a point at a type size of 10 pt. Source: D. E. Knuth, The TeXbook, chapters 17 and 18 and appendix G; the
metric files of cmsy10 and cmex10. Typst sets mathematics by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from itertools import pairwise
from operator import add
from typing import NamedTuple

DISPLAY, TEXT, SCRIPT, SMALLEST = range(4)
"""The styles."""
_SCALES = (1.0, 1.0, 0.8, 0.68)
"""How wide a letter is in each style: small type is wider than its size says."""
LETTER = 430.0
"""How far a letter reaches from the axis."""
_NUMERATOR = (677.0, 394.0, 394.0, 394.0)
"""How far the numerator of a fraction is raised in each style."""
_LIMIT = 850.0
"""The height that a limit adds to a sum."""
FENCES = ((1000.0, 389.0), (1200.0, 458.0), (1800.0, 597.0), (2400.0, 736.0), (3000.0, 792.0))
"""The heights and widths of round brackets."""
TALLEST_FENCE = 875.0
"""The width of a bracket made of pieces."""
AFTER_SCRIPT = 50.0
_KINDS = ("ord", "op", "bin", "rel", "open", "close", "punct", "inner")
_SPACES = ("01230001", "11030001", "22002002", "33003003", "00000000", "01230001", "11011111", "11231011")
"""The space between an atom of a row's class and one of a column's: none, thin, medium, thick."""
_WIDTHS = (0.0, 167.0, 222.0, 278.0)
_ALWAYS = {("ord", "op"), ("op", "ord"), ("op", "op"), ("close", "op"), ("inner", "op")}
"""Where the thin space stands in scripts too."""
_NO_OPERAND = ("", "bin", "op", "rel", "open", "punct")
_ENDS = ("rel", "close", "punct", "")


def added(numbers: Iterable[float]) -> float:
    """The sum from left to right. `sum` rounds otherwise since Python 3.12; pages are the same on all."""
    return reduce(add, numbers, 0.0)


class Atom(NamedTuple):
    """A part of a line: its class, its width, how far it reaches from the axis; a space has no class."""

    kind: str
    width: float
    reach: float = LETTER


def scale_of(style: int) -> float:
    return _SCALES[min(style, SMALLEST)]


def smaller(style: int) -> int:
    """The style of scripts."""
    return SCRIPT if style < SCRIPT else SMALLEST


def of_parts(style: int) -> int:
    """The style of the parts of a fraction."""
    return min(style + 1, SMALLEST)


def line(atoms: list[Atom], style: int, kind: str = "ord") -> Atom:
    """Atoms in a row with the spaces between them, as one atom."""
    if len(atoms) == 1:
        return Atom(kind, *atoms[0][1:])
    kinds = _settled([atom.kind for atom in atoms if atom.kind])
    spaces, width, reach = _SPACES_IN[style], 0.0, 0.0
    for pair in pairwise(kinds):
        width += spaces[pair]
    for atom in atoms:
        width += atom.width
        reach = max(reach, atom.reach)
    return Atom(kind, width, reach)


def _settled(kinds: list[str]) -> list[str]:
    """Classes with signs that have no operand on one side, as in −x, made ordinary."""
    found = [""]
    for own, after in zip(kinds, [*kinds[1:], ""], strict=False):
        alone = found[-1] in _NO_OPERAND or after in _ENDS
        found.append("ord" if own == "bin" and alone else own)
    return found[1:]


def _spaces_in(style: int) -> dict[tuple[str, str], float]:
    """The space between two classes in a style; in scripts most go."""
    digits = {
        (a, b): int(row[k]) for a, row in zip(_KINDS, _SPACES, strict=True) for k, b in enumerate(_KINDS)
    }
    kept = {pair: digit for pair, digit in digits.items() if style < SCRIPT or pair in _ALWAYS}
    return {pair: _WIDTHS[kept.get(pair, 0)] * scale_of(style) for pair in digits}


_SPACES_IN = tuple(_spaces_in(style) for style in range(SMALLEST + 1))


def fraction(over: Atom, under: Atom, style: int, beside: float) -> Atom:
    """A fraction with so much room beside it."""
    raised = _NUMERATOR[style] * scale_of(style)
    return Atom("ord", max(over.width, under.width) + beside, raised + max(over.reach, under.reach))


def with_limits(sign: Atom, scripts: list[Atom]) -> Atom:
    """A sum in display style: its limits stand below and above it."""
    width = max(sign.width, *(script.width for script in scripts))
    return Atom("op", width, sign.reach + _LIMIT)


def with_scripts(nucleus: Atom, scripts: list[Atom]) -> Atom:
    """An index and an exponent stand above one another: the wider counts."""
    width = nucleus.width + max(script.width for script in scripts) + AFTER_SCRIPT
    return Atom(nucleus.kind, width, nucleus.reach + 100.0)


def fenced(inside: Atom, kind: str, covered: float, left_out: float) -> Atom:
    """What stands between round brackets that grow with it.

    They cover a part of its height at least, and leave so much of it out at most.
    """
    needed = max(2 * inside.reach * covered, 2 * inside.reach - left_out)
    width = next((width for height, width in FENCES if needed <= height), TALLEST_FENCE)
    return Atom(kind, inside.width + 2 * width, inside.reach)
