"""The environment of every template: sandboxed, with our delimiters and filters; and templates as bytecode.

Templates are compiled once, and kept in this process and, of our own templates, beside them. Python keeps its
modules in `__pycache__`; compiling templates costs a twentieth of a short run, so ours are kept in the same
way, under the same conditions and with the same mode. A template that changed is compiled
anew: Jinja compares sources.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from symdiff.console import write_whole
from symdiff.errors import UsageError
from symdiff.rendering.formats.bounds import BoundedSandbox
from symdiff.rendering.formats.folders import template_root
from symdiff.rendering.formats.formats import MEASURES
from symdiff.rendering.formats.prose import wrapped
from symdiff.rendering.formats.sandbox import Sandbox
from symdiff.rendering.formats.settings import read_text, refuse_links
from symdiff.rendering.formulas.stacked import role, stacked

Bucket = jinja2.bccache.Bucket
FORM = 2
"""What our sandbox compiles templates to: another number for code that an older one cannot be used for."""


class InProcess(jinja2.BytecodeCache):
    """What this process has compiled."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


class Beside(InProcess):
    """The same, and on disk; a folder that cannot be read or written is done without."""

    def __init__(self, templates: Path) -> None:
        super().__init__()
        self.folder = templates / "__pycache__"

    def load_bytecode(self, bucket: Bucket) -> None:
        super().load_bytecode(bucket)
        if bucket.code is None:
            with suppress(OSError), self._file(bucket).open("rb") as file:
                bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        super().dump_bytecode(bucket)
        if sys.dont_write_bytecode:
            return
        with suppress(OSError, UsageError):
            self.folder.mkdir(exist_ok=True)
            write_whole(self._file(bucket), bucket.bytecode_to_string())

    def _file(self, bucket: Bucket) -> Path:
        return self.folder / f"{bucket.key}.{jinja2.__version__}-{FORM}.cache"


@cache
def beside(templates: Path) -> Beside:
    """The cache of our own templates."""
    return Beside(templates)


IN_PROCESS = InProcess()
"""The cache of users' templates."""


SHIPPED = "_shipped/"
"""Where templates find our own version of a file that a user's folder overrides."""


def sandboxed(escape: Callable[[str], str], templates: Path | None = None) -> Sandbox:
    """The environment of every template: sandboxed, what is not markup escaped, our own delimiters."""
    filters = {
        "columns": MEASURES["columns"],
        "stacked": _markup(stacked),
        "typst_string": _typst_string,
        "wrapped": _markup(wrapped),
    }
    environment = (Sandbox if templates is None else BoundedSandbox)(
        escape,
        filters,
        loader=jinja2.ChoiceLoader(
            [
                *([_Own(templates, "utf-8-sig")] if templates is not None else []),
                jinja2.FileSystemLoader(template_root()),
                jinja2.PrefixLoader({SHIPPED.rstrip("/"): jinja2.FileSystemLoader(template_root())}),
            ]
        ),
        bytecode_cache=beside(template_root()) if templates is None else IN_PROCESS,
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
    environment.globals["role"] = _markup(role)
    return environment


class _Own(jinja2.FileSystemLoader):
    """A user's templates; what a link there brings from elsewhere is refused."""

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        """The text of a template, its file and whether that is as it was, or an InputError."""
        path = Path(self.searchpath[0], template)
        if path.is_file():
            refuse_links(path, Path(self.searchpath[0]))
            read_text(path)
        return super().get_source(environment, template)


def _typst_string(text: object) -> Markup:
    """A string of Typst's language."""
    # For start-up: a page in LaTeX is made without it.
    from symdiff.rendering.formulas.typst import typst_string

    return Markup(typst_string(str(text)))


def _markup(function: Callable[..., str]) -> Callable[..., Markup]:
    """`function` for templates of text, where nothing is escaped."""

    def wrapper(*given: object) -> Markup:
        return Markup(function(*(str(part) if isinstance(part, Markup) else part for part in given)))

    return wrapper
