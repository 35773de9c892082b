"""A graph's formulas as labels with their sizes: what the layout needs to know of them, and no more.

How far a LaTeX formula reaches above and below its baseline, estimated from its source.

The companion of `render.width`: the formula's tokens are walked once. In points at a type size of 10 pt,
for display style, on the generous side.

Formulas as outlines of glyphs, typeset by ziamath, so that a picture looks the same everywhere.

Each glyph is kept once and used by its name. `ziamath` is imported when the first formula is set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from symdiff.document.blocks import Chain, Edge, Graph, Node
from symdiff.errors import InputError
from symdiff.expr.leaves import Grid
from symdiff.expr.tree import Expr, Num
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.unicode import TextPrinter
from symdiff.rendering.formulas.widths import points
from symdiff.rendering.pictures.geometry import Label, Sized, Wire

NODE, SMALL = 10.0, 8.0
PAD_X, PAD_Y, LEAST_WIDE, LEAST_TALL = 8.0, 5.0, 26.0, 22.0
Measure = Callable[[str], tuple[float, float, float]]
"""Width, reach above and reach below the baseline of a formula at 10 points."""


def estimated(latex: str) -> tuple[float, float, float]:
    """The size of a formula from the metrics of Computer Modern."""
    return (points(latex), *reach(latex))


class Sizes:
    """Makes labels of formulas, in one language and with one measure."""

    def __init__(self, decimal: str, measure: Measure = estimated) -> None:
        self.latex, self.text, self.measure = LatexPrinter(decimal), TextPrinter(decimal), measure

    def nodes(self, graph: Graph) -> tuple[Sized, ...]:
        return tuple(map(self._node, graph.nodes))

    def wires(self, graph: Graph) -> tuple[Wire, ...]:
        return tuple(map(self._wire, graph.edges))

    def names(self, graph: Graph) -> dict[int, Label]:
        """What is written under the columns of a grid."""
        return {
            column: self.label(self.latex(name), self.text(name), SMALL) for column, name in graph.columns
        }

    def _node(self, node: Node) -> Sized:
        label = self._equality(node.chain, NODE)
        value = None if node.value is None else self._alone(node.value)
        adjoint = None if node.adjoint is None else self._equality(node.adjoint, SMALL)
        pad = 2.0 if node.role == "dots" else PAD_X
        wide = max(2 * pad, LEAST_WIDE if node.role != "dots" else 0.0, label.width + 2 * pad)
        tall = max(LEAST_TALL, label.height + 2 * PAD_Y)
        return Sized(node.key, node.role, label, value, adjoint, wide, tall, node.column, node.row)

    def _wire(self, edge: Edge) -> Wire:
        back = edge.partial is not None and edge.partial.left.op.name == "mapped_back"
        return Wire(edge.tail, edge.head, self._on_edge(edge), edge.path, edge.delay, back)

    def _on_edge(self, edge: Edge) -> Label | None:
        """The local partial, or what acts on the way as a product, behind the letter of the path."""
        if edge.partial is not None:
            formulas: tuple[Expr, ...] = edge.partial.members[-1:]
        else:
            formulas = edge.through
        if not formulas:
            return None
        latex = r"\,".join(map(self.latex, formulas))
        plain = "·".join(map(self.text, formulas))
        if edge.path:
            latex, plain = rf"\mathrm{{{edge.path}}}{{:}}\;{latex}", f"{edge.path}: {plain}"
        return self.label(latex, plain, SMALL)

    def _alone(self, chain: Chain) -> Label:
        """The number without its name."""
        (number,) = chain.members
        return self.label(self._number(number), self.text(number), SMALL, self._plain(number))

    def _plain(self, value: Expr) -> str:
        """A number as a script may replace it, a table of numbers not."""
        return self.text(value) if isinstance(value, Num) else ""

    def _number(self, value: Expr) -> str:
        """A number, or a vector of them written as a row."""
        if isinstance(value, Grid) and len(value.shape) == 1:
            entries = [[row[0] for row in value.entries]]
            return self.latex(Grid(entries, (1, *value.shape), (0,), value.rows)) + r"^{\top}"
        return self.latex(value)

    def _equality(self, chain: Chain, size: float) -> Label:
        latex, plain = self.latex.write(chain.left, script=True).text, self.text(chain.left)
        lead, number = "", ""
        for member in chain.members:
            near = isinstance(member, Num | Grid) and member.rounded
            lead = latex + (r" \approx" if near else " =")
            latex = f"{lead} {self._number(member)}"
            number = self._plain(member)
            plain = f"{plain} {'≈' if near else '='} {self.text(member)}"
        return self.label(latex, plain, size, number, lead if number else "")

    def label(self, latex: str, plain: str, size: float, number: str = "", lead: str = "") -> Label:
        width, up, down = (length * size / 10 for length in self.measure(latex))
        return Label(latex, plain, size, width, up, down, number, lead)


_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|[^\s]")
Reach = tuple[float, float]
AXIS, ROW, SCRIPT = 2.5, 12.5, 0.76
_GREEK = ("mu", "beta", "gamma", "eta", "rho", "phi", "psi", "chi")
DESCENDING = set("gjpqy()[]|,;") | {rf"\{name}" for name in _GREEK}
RAISED, LOWERED = 3.8, 1.8
ACCENTS = (r"\bar", r"\dot", r"\hat", r"\tilde")
WORDS = (r"\mathit", r"\mathrm", r"\operatorname", r"\mathbf", r"\mathbb")
SILENT = (r"\left", r"\right", r"\,", r"\!", r"\;", r"\quad", r"\qquad", r"\displaystyle", r"\textstyle")


@lru_cache(maxsize=4096)
def reach(formula: str) -> Reach:
    """Above and below the baseline."""
    return _Walk(_TOKENS.findall(formula)).sequence()


def _over(one: Reach, other: Reach, by: float = 0.0) -> Reach:
    """What both cover, the other raised by so much."""
    return max(one[0], other[0] + by), max(one[1], other[1] - by)


class _Walk:
    """One pass over the tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.position = tokens, 0

    def sequence(self, scale: float = 1.0) -> Reach:
        """Up to the closing brace or the end."""
        found = (6.0 * scale, 0.2 * scale)
        last = found
        while self.position < len(self.tokens) and self.tokens[self.position] != "}":
            token = self.next()
            last = self.script(token, last, scale) if token in "^_" else self.atom(token, scale)
            found = _over(found, last)
        return found

    def next(self) -> str:
        self.position += 1
        return self.tokens[self.position - 1]

    def group(self, scale: float) -> Reach:
        token = self.next() if self.position < len(self.tokens) else ""
        if token != "{":
            return self.atom(token, scale)
        found = self.sequence(scale)
        self.position += 1
        return found

    def script(self, sign: str, base: Reach, scale: float) -> Reach:
        """An exponent starts near the top of what it stands on, an index near the bottom."""
        inner = self.group(scale * SCRIPT)
        if sign == "^":
            return _over(base, inner, max(RAISED * scale, base[0] - 3.5 * scale))
        return _over(base, inner, -max(LOWERED * scale, base[1]))

    def atom(self, token: str, scale: float) -> Reach:
        if token == "{":
            found = self.sequence(scale)
            self.position += 1
            return found
        if token == r"\frac":
            above, below = self.group(scale), self.group(scale)
            return AXIS + 1.5 + sum(above), sum(below) + 1.5 - AXIS + 1
        if token == r"\sqrt":
            up, down = self.group(scale)
            return up + 2.5, down + 0.5
        if token in ACCENTS:
            up, down = self.group(scale)
            return up + 2.2 * scale, down
        if token == r"\begin":
            return self.table(scale)
        if token == r"\underbrace":
            up, down = self.group(scale)
            return up, down + 6
        if token in (r"\sum", r"\prod"):
            return 9.5 * scale, 4.5 * scale
        if token in WORDS:
            return _over(self.group(scale), (7.2 * scale, 2.0 * scale))
        if token in SILENT:
            return 0.0, 0.0
        return 7.4 * scale, (2.5 if token in DESCENDING else 0.2) * scale

    def table(self, scale: float) -> Reach:
        """A matrix stands centred on the axis."""
        self.group(scale)
        rows: list[Reach] = [(7.0, 2.5)]
        while self.position < len(self.tokens) and self.tokens[self.position] != r"\end":
            token = self.next()
            if token == r"\\":
                rows.append((7.0, 2.5))
            elif token in "^_":
                rows[-1] = self.script(token, rows[-1], scale)
            else:
                rows[-1] = _over(rows[-1], self.atom(token, scale))
        self.next()
        self.group(scale)
        total = sum(max(ROW, sum(row) + 2) for row in rows) * scale + 2
        return total / 2 + AXIS, total / 2 - AXIS


SIZE = 10.0
TALLEST = 300.0
_SIGN = re.compile(r"(^|=|\\approx|\\in|\\cdot|\\odot|\\times|[(\[{&,]|\\\\|\\;|\\left\()(\s*)-")
_BEGIN, _END = re.compile(r"\\begin\{\w+\}"), re.compile(r"\\end\{\w+\}")
_NAME = re.compile(r"\\operatorname\{[^{}]*\}")
_SVG = "{http://www.w3.org/2000/svg}"


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


def measured(latex: str) -> tuple[float, float, float]:
    """The size of a formula as it is set."""
    found = outline(latex)
    return found.width, found.up, found.down


@lru_cache(maxsize=4096)
def outline(latex: str) -> Outline:
    """A formula as outlines."""
    found = _set(_understood(latex), latex)
    if found.up + found.down > TALLEST:  # ziamath makes brackets round a sum a hundred times too large
        found = _set(_understood(latex.replace(r"\left", "").replace(r"\right", "")), latex)
    return found


def _set(formula: str, latex: str) -> Outline:
    from ziamath.zmath import Latex

    try:
        root = Latex(formula, size=SIZE, margin=0).svgxml()
    except Exception as error:
        raise InputError(f"a formula cannot be drawn: {error}", where=latex) from None
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    symbols = {e.attrib["id"]: e for e in root.iter() if _tag(e) == "symbol"}
    seen = [e for e in root.iter() if _tag(e) == "use" and float(e.attrib["width"])]  # a space has none
    uses = tuple(_use(e, symbols, left) for e in seen)
    inside = {id(e) for symbol in symbols.values() for e in symbol.iter()}
    free = [e for e in root.iter() if id(e) not in inside]
    bars = tuple(_bar(e.attrib, left) for e in free if _tag(e) == "rect")
    paths = tuple(e.attrib["d"] for e in free if _tag(e) == "path")
    return Outline(width, -top, top + height, uses, bars, paths)


def _understood(latex: str) -> str:
    """The same for ziamath: in braces a minus sign that is no subtraction, and a table, for its exponent.

    A name of two words is two names, which it would set in italics.
    """
    latex = _NAME.sub(lambda name: name[0].replace(r"\,", r"}\,\operatorname{"), latex)
    signed = _SIGN.sub(r"\1\2{-}", latex.replace(r"\mathbf{1}", "𝟏"))
    return _END.sub(r"\g<0>}", _BEGIN.sub(r"{\g<0>", signed))


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


def glyphs(outlines: Iterator[Outline]) -> list[Glyph]:
    """Every glyph that is used, once."""
    return list(dict.fromkeys(use.glyph for outline in outlines for use in outline.uses))
