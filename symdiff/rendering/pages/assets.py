"""What a page carries inside itself: styles, programs and fonts from the files of its format.

A file of the user's folder goes before ours. A policy that admits a program by its hash admits those very
bytes: `tidy` gives a text the form that it has in the finished page, `digest` is what the policy says of it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from markupsafe import Markup

from symdiff.errors import InputError
from symdiff.rendering.formats.formats import roots

IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""What must not stand in a script element, as JSON writes it too."""


class Assets:
    """The files in a format's folder, for its templates."""

    def __init__(self, format: str, own: Path | None) -> None:
        self._folders = [root / format for root in roots(own)]

    def text(self, name: str) -> Markup:
        """A file as it is; it must be safe where a template puts it."""
        return Markup(self._found(name).read_text(encoding="utf-8"))

    def base64(self, name: str) -> str:
        """A file in base64, for a data: address."""
        return base64.b64encode(self._found(name).read_bytes()).decode()

    def _found(self, name: str) -> Path:
        """The first file of this name; none outside the folders of the format."""
        for folder in self._folders:
            path = folder / name
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path
        raise InputError(f"no file {name!r}", where=str(self._folders[-1]))


def digest(text: str) -> str:
    """The source expression of a Content-Security-Policy that admits `text`: sha256-…"""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def in_script(value: Any) -> Markup:
    """`value` as JSON that may stand in a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup("".join(IN_SCRIPT.get(c, c) for c in text))


def tidy(text: str) -> Markup:
    """No trailing blanks, at most one empty line in a row, one newline at the end; twice is once."""
    lines: list[str] = []
    for line in text.split("\n"):
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return Markup("\n".join(lines).strip("\n") + "\n")
