"""Several documents as one sheet: a title, and a part for each with its own letters, headings and note.

The title of a document is the heading of its part, and its headings are one level lower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from markupsafe import Markup

from symdiff.document.blocks import Block, Document, Heading, Picture, Text, text
from symdiff.expr.memory import without_garbage_collection
from symdiff.rendering.formats.formats import load_format
from symdiff.rendering.pages.engine import WALK, Frame, check_folder, filled, finished_page


@without_garbage_collection
def render_parts(
    documents: Sequence[Document],
    title: Text,
    format: str,
    language: str,
    *,
    fragment: bool = False,
    templates: Path | None = None,
    coloured: bool = False,
    pictures: str = "",
    stem: str = "",
) -> str:
    """The sheet of `documents` as text; see `engine.render` for the options.

    The pictures of the part k that are files have names that begin with `stem`-k.
    """
    check_folder(templates)
    settings = load_format(format, templates)
    pictures = pictures or ("none" if fragment else settings.picture)
    bodies = [
        Markup(
            filled(
                as_part(document, number),
                settings,
                language,
                Frame(WALK, "_shared/part.j2", fragment, {"part": f"{number}-"}),
                templates,
                pictures,
                stem_of_part(stem, number),
            )
        )
        for number, document in enumerate(documents, 1)
    ]
    drawn = any(isinstance(block, Picture) for document in documents for block in document.blocks)
    given = {"bodies": bodies, "pictured": drawn and pictures not in ("", "none")}
    around = Frame("_shared/parts.j2", f"{format}/{'fragment' if fragment else 'layout'}.j2", fragment, given)
    whole = filled(Document(title, ()), settings, language, around, templates, pictures, stem)
    return finished_page(whole, settings, coloured)


def stem_of_part(stem: str, number: int) -> str:
    """The beginning of the names of a part's files."""
    return f"{stem}-{number}"


def as_part(document: Document, number: int) -> Document:
    """A document as a part of a sheet: its title is its first heading."""
    head = Heading(text("sheet.part", number=number, title=document.title))
    return replace(document, blocks=(head, *_lowered(document.blocks)))


def _lowered(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Heading):
            yield replace(block, level=block.level + 1)
        elif isinstance(block, Picture):
            yield replace(block, before=tuple(_lowered(block.before)))  # type: ignore[arg-type]
        else:
            yield block
