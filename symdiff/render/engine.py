"""A document to the text of one format in one language. Knows Jinja and files; knows no calculus.

One walk over the blocks (templates/_shared/document.j2) serves every format: it calls the macro of the
format's blocks.j2 that has the block's kind. Templates are sandboxed; everything that is not
markup already is escaped on output. The delimiters <% %> << >> <# #> are safe in every format.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from symdiff.document import Chain, Document, Picture, Text, chains
from symdiff.errors import InputError, UsageError
from symdiff.expr import Expr
from symdiff.render.assets import tidy
from symdiff.render.formats import (
    ESCAPES,
    FORMULA_ESCAPES,
    PRINTERS,
    Format,
    load_format,
    load_messages,
    roots,
    template_root,
)
from symdiff.render.layout import Layout
from symdiff.render.lines import names_in
from symdiff.render.messages import Messages
from symdiff.render.page import for_pages
from symdiff.render.tables import Tables
from symdiff.render.width import MEASURES

SHIPPED = "_shipped/"
"""Where templates find our own version of a file that a user's folder overrides."""


def render(
    document: Document,
    format: str = "latex",
    language: str = "en",
    *,
    fragment: bool = False,
    templates: Path | None = None,
    pictures: str = "",
    stem: str = "",
) -> str:
    """`document` as text; with `fragment` the body only; a folder `templates` goes before ours.

    `pictures` is how pictures are drawn in place of the format's own way, `none` to leave them out, as a
    fragment does; those that are files of their own have `stem` for the beginning of their names.
    """
    if templates is not None and not templates.is_dir():
        raise UsageError(f"no folder {str(templates)!r}", where="--templates")
    settings = load_format(format, templates)
    pictures = pictures or ("none" if fragment else settings.picture)
    catalogue = load_messages(language, templates)
    escape = ESCAPES[settings.escape]
    printer, plain = (PRINTERS[math](catalogue["locale.decimal"]) for math in (settings.math, "text"))
    layout = Layout(printer, MEASURES[settings.measure], settings)
    tables = Tables(layout)
    blocks = f"{format}/blocks.j2"
    shipped = SHIPPED + blocks if (template_root() / blocks).is_file() else blocks
    layout.taken = names_in(chains(document))
    messages = Messages(language, catalogue, escape, _inline(layout, settings))
    environment = sandboxed(escape, templates)
    environment.filters["t"] = messages
    environment.globals |= {
        "t": messages,
        "say": lambda key, **params: messages(Text(key, params)),
        "locale": messages.locale,
        "lang": language,
        "fmt": format,
        "lines": layout.lines,
        "cells": tables.cells,
        "separate": tables.separate,
        "columns": MEASURES["columns"],
        "column_widths": tables.column_widths,
        "spaces": lambda count: " " * int(count),
        "fragment": fragment,
        "shipped": shipped,
        "math": printer,
        "picture_of": _drawing(pictures, language, templates),
        "pictures": pictures,
        "file_of": lambda block: f"{stem}-{_pictures(document).index(block) + 1}.svg",
        "pictured": _has_pictures(document, pictures),
        "tidy": tidy,
        **for_pages(format, language, templates, printer, plain, messages),
    }
    try:
        return str(tidy(environment.get_template("_shared/document.j2").render(doc=document)))
    except Exception as error:
        if templates is None and not isinstance(error, jinja2.TemplateError):
            raise
        raise InputError(f"template error: {error}", where=str(templates or "templates")) from None


def sandboxed(escape: Callable[[str], str], templates: Path | None = None) -> jinja2.Environment:
    """The environment of every template: sandboxed, what is not markup escaped, our own delimiters."""

    def finalize(value: object) -> object:
        return value if isinstance(value, Markup | jinja2.Undefined) else Markup(escape(str(value)))

    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.FileSystemLoader(roots(templates)),
                jinja2.PrefixLoader({SHIPPED.rstrip("/"): jinja2.FileSystemLoader(template_root())}),
            ]
        ),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    environment.filters |= {"raw": Markup, "columns": MEASURES["columns"]}
    return environment


def _inline(layout: Layout, settings: Format) -> Callable[[Expr | Chain], Markup]:
    """How a formula stands inside a sentence."""

    escape = FORMULA_ESCAPES.get(settings.escape, str)

    def inline(value: Expr | Chain) -> Markup:
        return Markup(settings.inline.replace("%s", escape(layout.sentence(value))))

    return inline


def _has_pictures(document: Document, pictures: str) -> bool:
    return pictures not in ("", "none") and bool(_pictures(document))


def _pictures(document: Document) -> list[Picture]:
    return [block for block in document.blocks if isinstance(block, Picture)]


def picture_files(document: Document, stem: str, language: str, templates: Path | None) -> dict[str, str]:
    """The pictures of a document as SVG, by the names under which `render` refers to them."""
    picture = _drawing("svg", language, templates)
    return {f"{stem}-{i}.svg": str(picture(block)) for i, block in enumerate(_pictures(document), 1)}


def _drawing(emitter: str, language: str, templates: Path | None) -> Callable[[Picture], Markup]:
    """How a picture is drawn, nothing where it has no room; the emitter is loaded for the first one."""

    def picture(block: Picture) -> Markup:
        from symdiff.render.graph.emit import emit_graph

        return Markup(emit_graph(block.graph, emitter, language, templates=templates, if_fits=True))

    return picture
