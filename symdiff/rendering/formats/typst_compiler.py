"""Typst source to a page: PDF, PNG or SVG, by the compiler in the package `typst`. Knows no documents.

The compiler runs in this process, without TeX, without the network and without the system's fonts, so that
the same source gives the same bytes everywhere.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Literal

from symdiff.errors import InputError, MissingToolError, UsageError
from symdiff.expr.arguments import Kind, of, told_clearly

Ending = Literal["pdf", "png", "svg"]
PIXELS_PER_INCH = 144.0
ACCESSIBLE = "ua-1"
"""PDF/UA-1, ISO 14289-1: a title, a language, tags, and a text for all that is no text."""
NOT_ACCESSIBLE = "PDF/UA-1 error"
"""How the compiler begins to say that a source does not keep to it."""


def need_typst() -> None:
    """A MissingToolError with the command that installs it, unless the compiler is there."""
    if importlib.util.find_spec("typst") is None:
        raise MissingToolError(
            "PDF and PNG need the package typst", way_out="install it with pip install typst"
        )


@told_clearly(source=Kind("a text", of(str)))
def compile_typst(source: str, format: Ending = "pdf", root: Path | None = None) -> bytes:
    """`source` as a file in `format`; of several pages of pictures the first.

    A PDF keeps to PDF/UA-1 and says so, unless the source does not, as where a formula of a user's template
    has no text to be read aloud. Files that the source names are looked for below `root`, by default the
    current folder.

    Raises:
        MissingToolError: the package `typst` is not installed.
        InputError: the source has an error, as a user's templates may.
    """
    if root is not None and not Path(root).is_dir():
        raise UsageError(f"no folder {str(root)!r}", where="root")
    need_typst()
    import typst  # for start-up, and because the package is optional

    try:
        try:
            return _compiled(source, format, root, [ACCESSIBLE] if format == "pdf" else [])
        except typst.TypstError as error:
            if not str(error).startswith(NOT_ACCESSIBLE):
                raise
            return _compiled(source, format, root, [])
    except typst.TypstError as error:
        what = "Typst cannot compile the page: " + str(error).replace("\n", " ")
        raise InputError(what, way_out="--format typst writes the source") from None


def _compiled(source: str, format: Ending, root: Path | None, standards: list[str]) -> bytes:
    """What the compiler makes of `source`, by these standards of PDF."""
    import typst  # for start-up, and because the package is optional

    compiler: Any = typst.compile
    made = compiler(
        source.encode(),
        root=str(Path(root)) if root is not None else None,
        format=format,
        ppi=PIXELS_PER_INCH,
        ignore_system_fonts=True,
        pdf_standards=standards,
    )
    return bytes(made[0] if isinstance(made, list) else made)
