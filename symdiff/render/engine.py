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

from symdiff.document import Chain, Document
from symdiff.errors import InputError, UsageError
from symdiff.expr import Expr
from symdiff.memory import without_collection
from symdiff.render.formats import ESCAPES, PRINTERS, Format, load_format, load_messages, roots, template_root
from symdiff.render.layout import Layout
from symdiff.render.lines import most_beside, names_in
from symdiff.render.messages import Messages
from symdiff.render.tables import Tables
from symdiff.render.width import MEASURES

SHIPPED = "_shipped/"
"""Where templates find our own version of a file that a user's folder overrides."""


class _Compiled(jinja2.BytecodeCache):
    """Templates compiled by this process; Jinja compares their sources, so that a changed one is
    compiled anew."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = _Compiled()


@without_collection
def render(
    document: Document,
    format: str = "latex",
    language: str = "en",
    *,
    fragment: bool = False,
    templates: Path | None = None,
) -> str:
    """`document` as text; with `fragment` the body only; a folder `templates` goes before ours."""
    if templates is not None and not templates.is_dir():
        raise UsageError(f"no folder {str(templates)!r}", where="--templates")
    settings = load_format(format, templates)
    catalogue = load_messages(language, templates)
    printer = PRINTERS[settings.math](catalogue["locale.decimal"])
    layout = Layout(printer, MEASURES[settings.measure], settings)
    tables = Tables(layout)
    blocks = f"{format}/blocks.j2"
    shipped = SHIPPED + blocks if (template_root() / blocks).is_file() else blocks
    layout.taken = names_in(document)
    messages = Messages(language, catalogue, ESCAPES[settings.escape], _inline(layout, settings))
    environment = sandboxed(ESCAPES[settings.escape], templates)
    environment.filters |= {"t": messages, "through": layout.alike.written}
    environment.globals |= {
        "t": messages,
        "locale": messages.locale,
        "lang": language,
        "fmt": format,
        "lines": layout.lines,
        "most_beside": most_beside,
        "cells": tables.cells,
        "separate": tables.separate,
        "columns": MEASURES["columns"],
        "column_widths": tables.column_widths,
        "spaces": lambda count: " " * int(count),
        "fragment": fragment,
        "shipped": shipped,
        "math": printer,
    }
    try:
        return _tidy_lines(environment.get_template("_shared/document.j2").render(doc=document))
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
        bytecode_cache=COMPILED,
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

    def inline(value: Expr | Chain) -> Markup:
        return Markup(settings.inline.replace("%s", layout.sentence(value)))

    return inline


def _tidy_lines(text: str) -> str:
    """No trailing blanks, at most one empty line in a row, one newline at the end."""
    lines: list[str] = []
    for line in text.split("\n"):
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return "\n".join(lines).strip("\n") + "\n"
