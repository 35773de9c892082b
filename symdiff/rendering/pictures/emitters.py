"""A graph as text in one notation: SVG, TikZ, DOT, Mermaid, or whatever stands in templates/graph/.

An emitter is one file there. It begins with a comment that is its settings (file ending, escaping of words,
how formulas are measured: `outlines` as ziamath sets them, `estimated` for TeX); the rest writes the picture.
`drawing_of` chooses the layout: a grid where nodes have columns, otherwise layers in the direction that fits;
for a page it is `paper` that does.
`raster` makes PNG or PDF of an SVG, by the Typst compiler.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from symdiff.document.blocks import Chain, Graph
from symdiff.errors import UsageError, did_you_mean
from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr
from symdiff.rendering.formats.folders import roots
from symdiff.rendering.formats.formats import ESCAPES, load_messages
from symdiff.rendering.formats.messages import Messages
from symdiff.rendering.formats.settings import read_text, refuse_links, settings_in, toml
from symdiff.rendering.formats.templates import filled_in
from symdiff.rendering.formulas.case_printing import words_in
from symdiff.rendering.formulas.unicode import TextPrinter
from symdiff.rendering.pictures.geometry import Drawing, Rightward, Vertical
from symdiff.rendering.pictures.labels import Measure, Size, Sizes, estimated
from symdiff.rendering.pictures.layered import layout
from symdiff.rendering.pictures.paper import drawing_on_paper

if TYPE_CHECKING:
    from symdiff.rendering.pictures.outlines import Glyph, Outline


def _outline(latex: str) -> Outline:
    """A formula as outlines of glyphs."""
    # For start-up: few emitters draw formulas themselves.
    from symdiff.rendering.pictures.kept_outlines import kept_outline

    return kept_outline(latex)


def _measured_on_outlines(latex: str) -> Size:
    found = _outline(latex)
    return found.width, found.up, found.down


MEASURED: dict[str, Measure] = {"outlines": _measured_on_outlines, "estimated": estimated}
_DOT = {"\\": "\\\\", '"': '\\"'}
_MERMAID = {c: f"#{ord(c)};" for c in '"#<>&`\\{}[]|;*_~$'}
ESCAPED: dict[str, Callable[[str], str]] = ESCAPES | {
    "dot": lambda text: "".join(_DOT.get(c, c) for c in text),
    "mermaid": lambda text: "".join(_MERMAID.get(c, c) for c in text),
}


@dataclass(frozen=True, slots=True)
class Emitter:
    """An emitter's settings."""

    name: str
    extension: str
    escape: str
    measure: str = "estimated"


def emitters(own: Path | None = None) -> dict[str, Emitter]:
    """Every emitter by its name."""
    return {name: _settings(path) for name, path in _paths(own).items()}


def _emitter(name: str, own: Path | None) -> Emitter:
    """The settings of one emitter; an unknown name is a UsageError."""
    known = _paths(own)
    if name not in known:
        raise UsageError(f"unknown picture format {name!r}", way_out=did_you_mean(name, known))
    return _settings(known[name])


def _paths(own: Path | None) -> dict[str, Path]:
    """The template of every emitter; none that a link in a user's folder brings from elsewhere."""
    paths = {p.stem: p for root in roots(own)[::-1] for p in sorted((root / "graph").glob("[!_]*.j2"))}
    for path in paths.values():
        refuse_links(path, own)
    return dict(sorted(paths.items()))


_HEAD = re.compile(r"<#(.*?)#>", re.DOTALL)


def _settings(path: Path) -> Emitter:
    """What the comment at the head of an emitter says."""
    head, where = _HEAD.match(read_text(path)), f"the comment at the head of {path}"
    names: dict[str, Iterable[str]] = {"escape": ESCAPED, "measure": MEASURED}
    return settings_in(toml(head[1] if head else "", where), Emitter, where, names, name=path.stem)


def emit_graph(
    graph: Graph,
    emitter: str = "svg",
    language: str = "en",
    *,
    plain_numbers: bool = False,
    prefix: str = "",
    templates: Path | None = None,
    on_paper: bool = False,
) -> str:
    """`graph` as text; with `plain_numbers` the numbers of an SVG are text that a script may replace.

    `prefix` goes before every id, for several pictures on one page. With `on_paper` it is
    drawn in a way that fits a page, and not at all where there is none.
    """
    settings = _emitter(emitter, templates)
    catalogue = load_messages(language, templates)
    decimal = catalogue["locale.decimal"]
    sized = partial(Sizes, decimal, MEASURED[settings.measure], graph.letters, words=words_in(catalogue))
    sizes = sized()
    drawing = drawing_on_paper(graph, sized) if on_paper else drawing_of(graph, sizes)
    if drawing is None:
        return ""
    protect = _on_one_line(ESCAPED[settings.escape])
    names = {
        "t": Messages(language, catalogue, protect, _in_words(sizes.text, protect)),
        "graph": graph,
        "drawing": drawing,
        "outline": _outline,
        "glyphs": lambda: _glyphs(_formulas(drawing, plain_numbers)),
        "n": _number,
        "lang": language,
        "plain_numbers": plain_numbers,
        "prefix": prefix,
        "shortened": shortened,
        "style_of": style_of,
    }
    text = filled_in(f"graph/{emitter}.j2", protect, templates, names=lambda _: names)
    return "\n".join(line for line in (line.rstrip() for line in text.split("\n")) if line) + "\n"


def _on_one_line(protect: Callable[[str], str]) -> Callable[[str], str]:
    """Words cannot end a line, and so no comment and no statement."""
    return lambda text: protect("".join(c if c.isprintable() else " " for c in text))


def _in_words(printer: TextPrinter, protect: Callable[[str], str]) -> Callable[[Expr | Chain], Markup]:
    """How a formula stands in a title or a description: as plain text."""

    def inline(value: Expr | Chain) -> Markup:
        parts = [value] if isinstance(value, Expr) else [value.left, *value.members]
        return Markup(protect(" = ".join(map(printer, parts))))

    return inline


def _formulas(drawing: Drawing, plain_numbers: bool) -> list[str]:
    """The formulas that are set as outlines."""
    found = [node.label.label.latex for node in drawing.nodes]
    for place in (p for node in drawing.nodes for p in (node.value, node.adjoint) if p):
        label = place.label
        if not (plain_numbers and label.number):
            found.append(label.latex)
        elif label.lead:
            found.append(label.lead)
    found += [edge.label.label.latex for edge in drawing.edges if edge.label]
    found += [label.label.latex for _, label in drawing.bands if label]
    return found


def _glyphs(formulas: Iterable[str]) -> list[Glyph]:
    """Every glyph that is used, once."""
    return list(dict.fromkeys(use.glyph for latex in formulas for use in _outline(latex).uses))


STYLES = "abcd"


def style_of(path: str) -> str:
    """Which of four looks the edges of a path have: a, b, c or d; nothing without a path."""
    return STYLES[(ord(path[-1]) - ord("a")) % len(STYLES)] if path else ""


def _number(value: float) -> str:
    """A length with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def shortened(curves: Any, by: float) -> dict[str, Any]:
    """The curves of an edge cut short for its arrow head, and the corners of that."""
    *others, (a, b, c, (x, y)) = curves
    u, v = next(((x - p, y - q) for p, q in (c, b, a) if (p, q) != (x, y)), (1.0, 0.0))
    length = (u * u + v * v) ** 0.5
    u, v = u / length, v / length
    back = (x - u * by, y - v * by)
    side = by * 0.42
    left, right = (back[0] - v * side, back[1] + u * side), (back[0] + v * side, back[1] - u * side)
    short = by * 0.8
    last = (a, b, (c[0] - u * short, c[1] - v * short), (x - u * short, y - v * short))
    return {"curves": [*others, last], "head": [(x, y), left, right]}


WIDEST, TALLEST = 780.0, 780.0
"""What a page holds without being scaled to much less than two thirds."""


def drawing_of(graph: Graph, sizes: Sizes) -> Drawing:
    """To the right unless that is too wide; then to the right or down, whichever is closer to a page."""
    nodes, wires = sizes.nodes(graph), sizes.wires(graph)
    if any(node.column is not None for node in nodes):
        # For start-up: few pictures are grids.
        from symdiff.rendering.pictures.grid import grid

        return grid(nodes, wires, sizes.names(graph))
    across = layout(nodes, wires, Rightward())
    if across.width <= WIDEST:
        return across
    return min(across, layout(nodes, wires, Vertical()), key=_excess)


def _excess(drawing: Drawing) -> float:
    """How much larger than a page a drawing is."""
    return max(drawing.width / WIDEST, drawing.height / TALLEST)


RASTERS = ("png", "pdf")
_PAGE = """#set document(title: {title}, date: none)
#set text(lang: {lang})
#set page(width: auto, height: auto, margin: 4pt)
#image(bytes({svg}), format: "svg", alt: {desc})
"""
_SAID = {
    "title": re.compile("<title[^>]*>(.*?)</title>", re.DOTALL),
    "desc": re.compile("<desc[^>]*>(.*?)</desc>", re.DOTALL),
    "lang": re.compile('<svg[^>]* lang="(.*?)"'),
}
"""Where an SVG says what it shows, and in which language."""
_UNSAID = {"title": "", "desc": "", "lang": "en"}
"""What a user's template may leave out; the PDF then keeps to no standard."""


def raster(svg: str, format: str) -> bytes:
    """The picture as bytes of a PNG, on white, or of a PDF of its own size, which says what the SVG says."""
    # For start-up: most pictures stay text.
    from symdiff.rendering.formats.typst_compiler import compile_typst
    from symdiff.rendering.formulas.typst import typst_string

    found = {name: place.search(svg) for name, place in _SAID.items()}
    said = {
        name: typst_string(unescape(match[1]) if match else _UNSAID[name]) for name, match in found.items()
    }
    source = _PAGE.format(svg=typst_string(svg), **said)
    return compile_typst(source, "png" if format == "png" else "pdf")
