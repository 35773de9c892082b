"""Formats and languages: what is there, and where. A folder in templates/ is a format, a file a language.

A format's format.toml names its printer, its measure of width and its escaping of words among those below.

Printers that only one format needs are imported when it is asked for, for a quick start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from math import inf
from pathlib import Path
from typing import Any

from symdiff.errors import UsageError, did_you_mean
from symdiff.expr.letters import Letters
from symdiff.expr.records import dataclass
from symdiff.rendering.formats.folders import formats, languages, roots, template_root
from symdiff.rendering.formats.settings import Rule, check_messages, read_toml, refuse_links, settings_in
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.stacked import columns
from symdiff.rendering.formulas.widths import points

# What only one format has is imported in a function, for start-up: a page in LaTeX is made without it.


def _tall(decimal: str, letters: Letters) -> Printer:
    from symdiff.rendering.formulas.unicode import TallPrinter

    return TallPrinter(decimal, letters)


def _typst(decimal: str, letters: Letters) -> Printer:
    from symdiff.rendering.formulas.typst import TypstPrinter

    return TypstPrinter(decimal, letters)


def _typst_points(source: str) -> float:
    from symdiff.rendering.formulas.typst_widths import typst_points

    return typst_points(source)


def _typst_words(text: str) -> str:
    from symdiff.rendering.formulas.typst import typst_words

    return typst_words(text)


def _typst_quoted(text: str) -> str:
    from symdiff.rendering.formulas.typst import typst_string

    return typst_string(text)[1:-1]


PRINTERS: dict[str, Callable[[str, Letters], Printer]] = {
    "latex": LatexPrinter,
    "text": _tall,
    "typst": _typst,
}
"""The printers, each made for a decimal mark and the letters that are free on a page."""
MEASURES: dict[str, Callable[[str], float]] = {
    "points": points,
    "columns": columns,
    "typst": _typst_points,
}
_LATEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    "⊙": r"\ensuremath{\odot}",
    "⊗": r"\ensuremath{\otimes}",
    "×": r"\ensuremath{\times}",
    "∘": r"\ensuremath{\circ}",
    "𝟏": r"\ensuremath{\mathbf{1}}",
    "δ": r"\ensuremath{\delta}",
    "Φ": r"\ensuremath{\Phi}",
    "∇": r"\ensuremath{\nabla}",
    "∂": r"\ensuremath{\partial}",
    "≤": r"\ensuremath{\leq}",
    "≈": r"\ensuremath{\approx}",
    "↓": r"\ensuremath{\downarrow}",
    "↑": r"\ensuremath{\uparrow}",
    "…": r"\dots{}",
    "’": "'",
    "\u00a0": "~",
    "\u202f": "~",  # babel makes it narrow
    "\u2011": r"\mbox{-}",
}
_MATHJAX = {
    **{c: f"${found[12:-1]}$" if found.startswith(r"\ensuremath") else found for c, found in _LATEX.items()},
    **{character: character for character in "\u00a0’"},
    **{"\u202f": "\u00a0", "\u2011": "-"},  # of these KaTeX and pdfTeX know nothing
    "~": r"$\sim$",
    "^": r"$\hat{}$",
    "\\": r"$\backslash$",
    "…": "...",
}
"""Words that LaTeX, MathJax and KaTeX read alike."""
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
_MARKDOWN = {c: f"\\{c}" for c in r"\`*_[]<>#$"}


def _by_character(escapes: dict[str, str]) -> Callable[[str], str]:
    table = str.maketrans(escapes)
    return lambda text: text.translate(table)


ESCAPES: dict[str, Callable[[str], str]] = {
    "latex": _by_character(_LATEX),
    "mathjax": _by_character(_MATHJAX),
    "markdown": _by_character(_MARKDOWN),
    "html": _by_character(_HTML),
    "typst": _typst_words,
    "none": str,
}
QUOTED = {"typst": _typst_quoted}
"""How a text is protected between quotes, where that is not how words are."""
FORMULA_ESCAPES = {"html": ESCAPES["html"]}
"""Where formulas are escaped like words: in the other formats they are markup."""


INLINE = "inline"
"""The `picture` of a format whose blocks draw pictures themselves, with `inlined`."""
_RULES: dict[str, Rule] = {
    "extension": ("letters and digits, as tex", lambda v: re.fullmatch(r"\w[\w.-]*", v) is not None),
    "inline": ("a text with %s for the formula", lambda v: "%s" in v),
    "box": ("a text with %s for the formula", lambda v: "%s" in v),
    "signs": ("two or three texts, for =, ≈ and ∈", lambda v: len(v) in (2, 3)),
    "colours": ('a table of codes, as "1;34"', lambda v: all(re.fullmatch("[0-9;]+", x) for x in v.values())),
}
"""What the settings of a format must be besides having the type of their field."""


@dataclass(frozen=True)
class Format:
    """A format's settings, from its format.toml."""

    name: str
    extension: str
    math: str
    escape: str
    inline: str
    measure: str
    width: float
    table_width: float
    quad: float
    signs: tuple[str, ...]
    box: str
    table_rows: float = inf
    """The most rows of a table that goes on no other page; the rest is another table."""
    compiled: tuple[str, ...] = ()
    """The endings of what its text can be compiled to, as pdf."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """Of a format for terminals: the codes of its roles."""
    picture: str = ""
    steps: bool = False
    """Whether a page has the steps to go through one by one."""


def complete_languages() -> list[str]:
    """The languages in which our own pages have no English word."""
    return [code for code in languages() if {*messages_of(code)} == {*messages_of("en")}]


def messages_of(language: str) -> dict[str, Any]:
    """The messages that our file of a language has itself, with dotted keys."""
    return _flat(read_toml(template_root() / "messages" / f"{language}.toml"))


def load_format(name: str, own: Path | None = None) -> Format:
    """The settings of one format; an unknown name is a UsageError, a wrong setting an InputError."""
    if name not in formats(own):
        raise UsageError(f"unknown format {name!r}", way_out=_instead_of(name, own))
    path = _first(Path(name) / "format.toml", own)
    emitters = ["", INLINE, *(p.stem for root in roots(own) for p in root.glob("graph/[!_]*.j2"))]
    names: dict[str, Iterable[str]] = {"math": PRINTERS, "escape": ESCAPES, "measure": MEASURES}
    return settings_in(read_toml(path), Format, str(path), names | {"picture": emitters}, _RULES, name=name)


def source_of(name: str, own: Path | None = None) -> tuple[str, str]:
    """The format that writes `name`, and what its text is then compiled to, if at all: ("typst", "pdf")."""
    if name in formats(own):
        return name, ""
    sources = (format for format in formats(own) if name in load_format(format, own).compiled)
    source = next(sources, None)
    return (name, "") if source is None else (source, name)


def format_by_ending(file: Path, own: Path | None = None) -> str:
    """The format by a file's ending, ours before a user's; what pages are compiled to are formats as well.

    Raises:
        UsageError: no format has this ending.
    """
    ours = formats()
    known = [load_format(name, own) for name in sorted(formats(own), key=ours.__contains__)]
    endings = {format.extension: format.name for format in known} | {"json": "json"}
    endings |= {ending: ending for format in known for ending in format.compiled}
    ending = file.suffix.removeprefix(".").lower()
    if file.is_dir():
        raise UsageError(f"{file} is a folder", where="-o", way_out="add the name of a file")
    if ending not in endings:
        way_out = f"{did_you_mean(ending, endings)}; or say --format"
        what = f"no format has the ending {file.suffix!r}" if ending else f"{file} has no ending"
        raise UsageError(what, where="-o", way_out=way_out)
    return endings[ending]


def extension_of(format: str, own: Path | None = None) -> str:
    """The ending of a file in a format."""
    return format if format == "json" else load_format(format, own).extension


def _instead_of(name: str, own: Path | None) -> str:
    source, ending = source_of(name, own)
    if ending:
        return f"compile_typst(render(…, format={source!r})) gives its bytes"
    return did_you_mean(name, [*formats(own), "json"])


def load_messages(language: str, own: Path | None = None) -> Mapping[str, Any]:
    """A language's messages with dotted keys; what a file leaves out is ours, or English.

    Raises:
        UsageError: there is no such language.
        InputError: a user's file has a key or a parameter that ours do not have.
    """
    if language not in languages(own):
        raise UsageError(f"unknown language {language!r}", way_out=did_you_mean(language, languages(own)))
    english = messages_of("en")
    found: dict[str, Any] = {}
    for code in dict.fromkeys(("en", language)):
        for root in reversed(roots(own)):
            path = root / "messages" / f"{code}.toml"
            messages = _flat(read_toml(path)) if path.is_file() else {}
            if root == own and messages:
                refuse_links(path, own)
                check_messages(messages, english, path)
            found |= messages
    return found


def _first(path: Path, own: Path | None) -> Path:
    """The first file of that name; in a user's folder not one that a link brings from elsewhere."""
    found = next(root / path for root in roots(own) if (root / path).is_file())
    refuse_links(found, own)
    return found


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Messages with dotted keys; a table that chooses between forms is one message."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict) and "other" not in value:
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found
