"""Formulas as outlines of glyphs, typeset by ziamath, so that a picture looks the same everywhere.

Each glyph is kept once and used by its name. The library keeps the state of the formula that it is at in
places that all threads share, so one thread at a time is in it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from threading import Lock
from typing import Any

from symdiff.expr.records import dataclass


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph's name and outline."""

    name: str
    outline: str


@dataclass(frozen=True, slots=True)
class Use:
    """A glyph at a place, in a size."""

    glyph: Glyph
    x: float
    y: float
    scale: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A rule, as of a fraction."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A formula at 10 points, the left end of its baseline at the origin."""

    width: float
    up: float
    down: float
    uses: tuple[Use, ...]
    bars: tuple[Bar, ...]
    paths: tuple[str, ...] = ()


SIZE = 10.0
TALLEST = 300.0
"""More than any formula takes when it is set as it should be."""
_one_at_a_time = Lock()


@lru_cache(maxsize=4096)
def outline(latex: str) -> Outline:
    """A formula as outlines."""
    found = _typeset(_understood(latex))
    if found.up + found.down > TALLEST:  # ziamath makes brackets round a sum a hundred times too large
        found = _typeset(_understood(latex.replace(r"\left", "").replace(r"\right", "")))
    return found


def _typeset(formula: str) -> Outline:
    from ziamath.zmath import Latex  # for start-up: it loads a typeface, when the first formula is set

    with _one_at_a_time:
        root = Latex(formula, size=SIZE, margin=0).svgxml()
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    symbols = {e.attrib["id"]: e for e in root.iter() if _tag(e) == "symbol"}
    seen = [e for e in root.iter() if _tag(e) == "use" and float(e.attrib["width"])]  # a space has none
    uses = tuple(_use(e, symbols, left) for e in seen)
    inside = {id(e) for symbol in symbols.values() for e in symbol.iter()}
    free = [e for e in root.iter() if id(e) not in inside]
    bars = tuple(_bar(e.attrib, left) for e in free if _tag(e) == "rect")
    paths = tuple(e.attrib["d"] for e in free if _tag(e) == "path")
    return Outline(width, -top, top + height, uses, bars, paths)


_SIGN = re.compile(r"(^|=|\\approx|\\in|\\cdot|\\odot|\\times|[(\[{&,]|\\\\|\\;|\\left\()(\s*)-")
_BEGIN, _END = re.compile(r"\\begin\{\w+\}"), re.compile(r"\\end\{\w+\}")
_NAME = re.compile(r"\\operatorname\{[^{}]*\}")


def _understood(latex: str) -> str:
    """The same for ziamath: in braces a minus sign that is no subtraction, and a table, for its exponent.

    A name of two words is two names, which it would set in italics.
    """
    latex = _NAME.sub(lambda name: name[0].replace(r"\,", r"}\,\operatorname{"), latex)
    signed = _SIGN.sub(r"\1\2{-}", latex.replace(r"\mathbf{1}", "𝟏"))
    return _END.sub(r"\g<0>}", _BEGIN.sub(r"{\g<0>", signed))


_SVG = "{http://www.w3.org/2000/svg}"


def _tag(element: Any) -> str:
    return str(element.tag).removeprefix(_SVG)


def _use(element: Any, symbols: dict[str, Any], left: float) -> Use:
    """A symbol fitted into a rectangle, as a glyph moved and scaled."""
    name = element.attrib["href"].lstrip("#")
    x, y, width, height = (float(element.attrib[key]) for key in ("x", "y", "width", "height"))
    vx, vy, vw, vh = map(float, symbols[name].attrib["viewBox"].split())
    scale = min(width / vw, height / vh)
    dx, dy = (width - vw * scale) / 2, (height - vh * scale) / 2
    outline = " ".join(path.attrib["d"].strip() for path in symbols[name].iter() if _tag(path) == "path")
    glyph = Glyph(name.rpartition("_")[2], outline)
    return Use(glyph, x + dx - vx * scale - left, y + dy - vy * scale, scale)


def _bar(attributes: Any, left: float) -> Bar:
    x, y, width, height = (float(attributes[key]) for key in ("x", "y", "width", "height"))
    return Bar(x - left, y, width, height)
