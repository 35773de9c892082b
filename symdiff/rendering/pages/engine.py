"""A document to the text of one format in one language. Knows Jinja and files; knows no calculus.

One walk over the blocks (templates/_shared/document.j2) serves every format: it calls the macro of the
format's blocks.j2 that has the block's kind. Templates are sandboxed; everything that is not markup already
is escaped on output. The delimiters <% %> << >> <# #> are safe in every format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from itertools import pairwise
from pathlib import Path
from typing import Any

from markupsafe import Markup

from symdiff.document.blocks import Block, Chain, Document, Equations, Picture, Text, chains
from symdiff.errors import UsageError
from symdiff.expr.memory import without_garbage_collection
from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr
from symdiff.rendering.formats.folders import SHIPPED, template_root
from symdiff.rendering.formats.formats import (
    ESCAPES,
    FORMULA_ESCAPES,
    MEASURES,
    PRINTERS,
    QUOTED,
    Format,
    load_format,
    load_messages,
)
from symdiff.rendering.formats.messages import Messages
from symdiff.rendering.formats.prose import finished, held, without_controls
from symdiff.rendering.formats.templates import filled_in, no_macro
from symdiff.rendering.formulas.case_printing import words_in
from symdiff.rendering.formulas.stacked import stacked
from symdiff.rendering.lines.layout import Layout
from symdiff.rendering.lines.member_breaking import names_used
from symdiff.rendering.lines.printed_lines import most_beside, one_of_each
from symdiff.rendering.lines.tables import Tables
from symdiff.rendering.pages.aloud import Aloud
from symdiff.rendering.pages.html import for_pages, tidy

WALK = "_shared/document.j2"
"""The template that walks over a document."""
IN_LINES = "text"
"""The printer of formulas that are lines of text, set out in several at the end."""


@without_garbage_collection
def render(
    document: Document,
    format: str = "latex",
    language: str = "en",
    *,
    fragment: bool = False,
    templates: Path | None = None,
    coloured: bool = False,
    pictures: str = "",
    stem: str = "",
) -> str:
    """`document` as text; with `fragment` the body only; a folder `templates` goes before ours.

    `coloured` is for terminals: the format's colours, where it has any. `pictures` is how pictures are drawn
    in place of the format's own way, `none` to leave them out, as a fragment does; those that are files of
    their own have `stem` for the beginning of their names.

    Raises:
        UsageError: there is no such format, language or folder.
        InputError: a template of the user's has an error.
    """
    check_folder(templates)
    settings = load_format(format, templates)
    around = Frame(WALK, f"{format}/{'fragment' if fragment else 'layout'}.j2", fragment)
    text = filled(document, settings, language, around, templates, pictures, stem)
    return finished_page(text, settings, coloured)


@dataclass(frozen=True, slots=True)
class Frame:
    """The template of a document, the one that is put round it, and what these use besides."""

    template: str
    around: str
    fragment: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)


def check_folder(templates: Path | None) -> None:
    """Refuse a folder of templates that is not there."""
    if templates is not None and not templates.is_dir():
        raise UsageError(f"no folder {str(templates)!r}", where="--templates")


def finished_page(text: str, settings: Format, coloured: bool) -> str:
    """A text that templates have made, as it is handed out."""
    if settings.math == IN_LINES:
        text = _in_several_lines(text, settings.colours if coloured else None)
    return str(tidy(text))


def filled(
    document: Document,
    settings: Format,
    language: str,
    frame: Frame,
    templates: Path | None,
    pictures: str,
    stem: str,
) -> str:
    """What the templates of a format make of a document; lines of text are not yet set out."""
    pictures = pictures or ("none" if frame.fragment else settings.picture)
    catalogue = load_messages(language, templates)
    aloud = Aloud(language, catalogue, document.letters)
    layout, messages = _layout_and_messages(document, settings, language, catalogue, aloud)
    layout.words = lambda said: str(aloud(said))
    filters = {"t": messages, "through": layout.repeated.printed, "each_through": layout.repeated.each}
    names = {
        **_names_for_blocks(layout, messages),
        "inside": messages.with_formulas(
            _inline(layout, settings, str, "%s" if layout.print.linear else "$%s$")
        ),
        **_names_for_pictures(document, pictures, stem, language, templates),
        **for_pages(settings, language, templates, layout.print, messages),
        **_names_for_the_walk(document, settings.name, templates),
        "fragment": frame.fragment,
        "part": "",
        **_names_for_reading_aloud(aloud),
        "no_macro": no_macro,
        "frame": frame.around,
        **frame.given,
    }
    return filled_in(
        frame.template,
        messages.escape,
        templates,
        filters=filters,
        # A user's environment counts the spaces.
        names=lambda its: {**names, "spaces": lambda count: its.call_binop(None, "*", " ", int(count))},
        doc=document,
    )


def _layout_and_messages(
    document: Document, settings: Format, language: str, catalogue: Mapping[str, Any], aloud: Aloud
) -> tuple[Layout, Messages]:
    """What prints formulas, lines and sentences in one format and language."""
    printer = PRINTERS[settings.math](catalogue["locale.decimal"], document.letters)
    printer.words = words_in(catalogue)
    printer.learn(_formulas_of_the_author(document))
    layout = Layout(printer, MEASURES[settings.measure], settings)
    layout.find_names = lambda: names_used(document)
    inline = _inline(layout, settings, held if printer.linear else str, aloud=aloud)
    return layout, Messages(language, catalogue, ESCAPES[settings.escape], inline)


def _formulas_of_the_author(document: Document) -> Iterator[Expr]:
    """The formulas of the statement: the first equalities of a page."""
    statement = next((block for block in document.blocks if isinstance(block, Equations)), None)
    for chain in chains(statement):
        yield from chain.members


def _names_for_blocks(layout: Layout, messages: Messages) -> dict[str, Any]:
    """What templates use to write the sentences, formulas, lines and tables of blocks."""
    tables = Tables(layout)
    return {
        "t": messages,
        "say": lambda key, **params: messages(Text(key, params)),
        "locale": messages.locale,
        "lang": messages.language,
        "math": layout.print,
        "lines": layout.lines,
        "most_beside": most_beside,
        "different": one_of_each,
        "beside_widths": layout.beside_widths,
        "cells": tables.cells,
        "separate": tables.separate,
        "column_widths": tables.column_widths,
        "columns": MEASURES["columns"],
    }


def _names_for_pictures(
    document: Document, pictures: str, stem: str, language: str, templates: Path | None
) -> dict[str, Any]:
    """What templates use to draw pictures, or to refer to their files."""
    return {
        "picture_of": _drawing(pictures, language, templates),
        "pictures": pictures,
        "file_of": lambda block: f"{stem}-{_pictures(document).index(block) + 1}.svg",
        "pictured": pictures not in ("", "none") and bool(_pictures(document)),
    }


def _names_for_the_walk(document: Document, format: str, templates: Path | None) -> dict[str, Any]:
    """What the walk over the blocks and the frame of a page use."""
    return {
        "fmt": format,
        "shipped": _shipped_blocks(format, templates),
        "kind_after": _kind_after(document),
        "tidy": tidy,
    }


def _shipped_blocks(format: str, templates: Path | None) -> str:
    """The template with our own macros for blocks, which serve where a user's folder has none."""
    blocks = f"{format}/blocks.j2"
    is_overridden = templates is not None and (template_root() / blocks).is_file()
    return SHIPPED + blocks if is_overridden else blocks


def _in_several_lines(text: str, colours: Mapping[str, str] | None) -> str:
    """A page of text with its matrices, limits and braces set in several lines, its roles in colours."""
    set_out = "\n".join(map(stacked, text.split("\n")))
    return finished(without_controls(set_out), colours)


def _inline(
    layout: Layout,
    settings: Format,
    keep: Callable[[str], str],
    marks: str = "",
    aloud: Aloud | None = None,
) -> Callable[[Expr | Chain], Markup]:
    """How a formula stands inside a sentence, `keep` guarding it against line breaks.

    `marks` are in place of the format's: words inside a formula, as \\text{…} in LaTeX, know no others.
    `aloud` gives the text for %a, where the marks have it.
    """
    escape = FORMULA_ESCAPES.get(settings.escape, str)
    quoted = QUOTED.get(settings.escape, ESCAPES[settings.escape])
    form = marks or settings.inline

    def inline(value: Expr | Chain) -> Markup:
        # What is read aloud is put in before the formula, which may have any signs.
        said = form.replace("%a", quoted(aloud.in_a_sentence(value))) if aloud and "%a" in form else form
        before, _, after = said.rpartition("%s")
        return Markup(f"{before}{keep(escape(layout.sentence(value)))}{after}")

    return inline


def _names_for_reading_aloud(aloud: Aloud) -> dict[str, Any]:
    """What templates use to say in words or on a line of text what is seen."""
    return {
        "aloud": aloud,
        "formula_aloud": aloud.formula,
        "lines_aloud": aloud.equations,
        "cells_aloud": aloud.cells,
    }


def _kind_after(document: Document) -> Callable[[Block], str]:
    """The kind of the block that follows one, by which a sentence knows what it announces.

    Of two sentences under a heading the first announces what the second does, and all before a picture it.
    """
    order = [part for block in document.blocks for part in (*getattr(block, "before", ()), block)]
    # By the object's id: blocks that are equal may stand at several places.
    followers = {id(block): after.kind for block, after in pairwise(order)}
    for above, first, second in zip(order, order[1:], order[2:], strict=False):
        if (above.kind, first.kind, second.kind) == ("heading", "paragraph", "paragraph"):
            followers[id(first)] = followers.get(id(second), "")
    followers |= {id(part): block.kind for block in _pictures(document) for part in block.before}
    return lambda block: followers.get(id(block), "")


def _pictures(document: Document) -> list[Picture]:
    return [block for block in document.blocks if isinstance(block, Picture)]


def picture_files(document: Document, stem: str, language: str, templates: Path | None) -> dict[str, str]:
    """The pictures of a document as SVG, by the names under which `render` refers to them."""
    picture = _drawing("svg", language, templates)
    return {f"{stem}-{i}.svg": str(picture(block)) for i, block in enumerate(_pictures(document), 1)}


def _drawing(emitter: str, language: str, templates: Path | None) -> Callable[[Picture], Markup]:
    """How a picture is drawn; nothing where it has no room."""

    def picture(block: Picture) -> Markup:
        # For start-up: pages without pictures are made without their layout.
        from symdiff.rendering.pictures.emitters import emit_graph

        return Markup(emit_graph(block.graph, emitter, language, templates=templates, on_paper=True))

    return picture
