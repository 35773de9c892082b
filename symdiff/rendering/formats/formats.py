"""Formats and languages: what is there, and where. A folder in templates/ is a format, a file a language.

A format's format.toml names its printer, its measure of width and its escaping of words among those below.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.stacked import columns
from symdiff.rendering.formulas.widths import points

# What only one format has is imported in a function, for start-up: a page in LaTeX is made without it.


def _tall(decimal: str) -> Printer:
    from symdiff.rendering.formulas.unicode import TallPrinter

    return TallPrinter(decimal)


def _typst(decimal: str) -> Printer:
    from symdiff.rendering.formulas.typst import TypstPrinter

    return TypstPrinter(decimal)


def _typst_points(source: str) -> float:
    from symdiff.rendering.formulas.typst_widths import typst_points

    return typst_points(source)


def _typst_words(text: str) -> str:
    from symdiff.rendering.formulas.typst import typst_words

    return typst_words(text)


PRINTERS: dict[str, Callable[[str], Printer]] = {"latex": LatexPrinter, "text": _tall, "typst": _typst}
"""The printers, each made for a decimal mark."""
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
    "∇": r"\ensuremath{\nabla}",
    "≤": r"\ensuremath{\leq}",
    "≈": r"\ensuremath{\approx}",
    "↓": r"\ensuremath{\downarrow}",
    "↑": r"\ensuremath{\uparrow}",
    "…": r"\dots{}",
    "’": "'",
    "\u00a0": "~",
    "\u202f": r"\,",
}
_MATHJAX = {
    **{c: f"${found[12:-1]}$" if found.startswith(r"\ensuremath") else found for c, found in _LATEX.items()},
    "\u00a0": "\u00a0",
    "~": r"$\sim$",
    "^": r"$\hat{}$",
    "\\": r"$\backslash$",
    "…": "...",
}
"""Words that LaTeX, MathJax and KaTeX read alike."""
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
_MARKDOWN = {c: f"\\{c}" for c in r"\`*_[]<>#$"}
ESCAPES: dict[str, Callable[[str], str]] = {
    "latex": lambda text: "".join(_LATEX.get(c, c) for c in text),
    "mathjax": lambda text: "".join(_MATHJAX.get(c, c) for c in text),
    "markdown": lambda text: "".join(_MARKDOWN.get(c, c) for c in text),
    "html": lambda text: "".join(_HTML.get(c, c) for c in text),
    "typst": _typst_words,
    "none": str,
}
FORMULA_ESCAPES = {"html": ESCAPES["html"]}
"""Where formulas are escaped like words: in the other formats they are markup."""


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
    compiled: tuple[str, ...] = ()
    """The endings of what its text can be compiled to, as pdf."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """Of a format for terminals: the codes of its roles."""
    picture: str = ""
    steps: bool = False
    """Whether a page has the steps to go through one by one."""


def template_root() -> Path:
    """The templates: in the installed package, or in the checkout for an editable install."""
    packaged = Path(__file__).parents[2] / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "templates"


def roots(own: Path | None = None) -> list[Path]:
    """Where templates are looked for: a user's folder goes before ours."""
    return [*([own] if own is not None else []), template_root()]


def formats(own: Path | None = None) -> list[str]:
    """The names of all formats."""
    return sorted({p.parent.name for root in roots(own) for p in root.glob("*/format.toml")})


def languages(own: Path | None = None) -> list[str]:
    """The codes of all languages."""
    return sorted({p.stem for root in roots(own) for p in (root / "messages").glob("*.toml")})


def load_format(name: str, own: Path | None = None) -> Format:
    """The settings of one format; an unknown name is a UsageError."""
    if name not in formats(own):
        raise UsageError(f"unknown format {name!r}", way_out=_instead_of(name, own))
    settings = read_toml(_first(Path(name) / "format.toml", own))
    settings |= {key: tuple(settings.get(key, ())) for key in ("signs", "compiled")}
    return Format(name=name, **settings)


def source_of(name: str, own: Path | None = None) -> tuple[str, str]:
    """The format that writes `name`, and what its text is then compiled to, if at all: ("typst", "pdf")."""
    if name in formats(own):
        return name, ""
    sources = (format for format in formats(own) if name in load_format(format, own).compiled)
    source = next(sources, None)
    return (name, "") if source is None else (source, name)


def _instead_of(name: str, own: Path | None) -> str:
    source, ending = source_of(name, own)
    if ending:
        return f"compile_typst(render(…, format={source!r})) gives its bytes"
    return did_you_mean(name, [*formats(own), "json"])


def load_messages(language: str, own: Path | None = None) -> Mapping[str, Any]:
    """A language's messages with dotted keys; what a user's file leaves out is ours, or English."""
    if language not in languages(own):
        raise UsageError(f"unknown language {language!r}", way_out=did_you_mean(language, languages(own)))
    path = Path("messages") / f"{language}.toml"
    found: dict[str, Any] = _flat(read_toml(template_root() / "messages" / "en.toml"))
    for root in reversed(roots(own)):
        found |= _flat(read_toml(root / path)) if (root / path).is_file() else {}
    return found


def _first(path: Path, own: Path | None) -> Path:
    return next(root / path for root in roots(own) if (root / path).is_file())


@cache
def read_toml(path: Path) -> dict[str, Any]:
    """The table of one of our files, or of a user's; an InputError that names the file otherwise."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path)) from None


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict) and "other" not in value:
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found
