"""Formats and languages: what is there, and where. A folder in templates/ is a format, a file a language."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.render.latex import LatexPrinter
from symdiff.render.printer import Printer
from symdiff.render.unicode import TextPrinter

PRINTERS: dict[str, type[Printer]] = {"latex": LatexPrinter, "text": TextPrinter}
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
_MARKDOWN = {c: f"\\{c}" for c in r"\`*_[]<>#$"}
ESCAPES: dict[str, Callable[[str], str]] = {
    "latex": lambda text: "".join(_LATEX.get(c, c) for c in text),
    "markdown": lambda text: "".join(_MARKDOWN.get(c, c) for c in text),
    "html": escape,
    "none": str,
}
FORMULA_ESCAPES: dict[str, Callable[[str], str]] = {"html": escape}
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
    picture: str = ""


def template_root() -> Path:
    """The templates: in the installed package, or in the checkout for an editable install."""
    packaged = Path(__file__).parents[1] / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "templates"


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
        raise UsageError(f"unknown format {name!r}", way_out=did_you_mean(name, [*formats(own), "json"]))
    settings = read_toml(_first(Path(name) / "format.toml", own))
    settings["signs"] = tuple(settings["signs"])
    return Format(name=name, **settings)


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
