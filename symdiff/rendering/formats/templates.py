"""The environment of every template: sandboxed, with our delimiters and filters; and templates as bytecode.

Templates are compiled once, and kept in this process and, of our own templates, beside them. Python keeps its
modules in `__pycache__`; compiling templates costs a twentieth of a short run, so ours are kept in the same
way and under the same conditions. A template that changed is compiled anew: Jinja compares sources.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from symdiff.rendering.formats.formats import MEASURES, roots, template_root
from symdiff.rendering.formats.prose import wrapped
from symdiff.rendering.formulas.stacked import role, stacked

Bucket = jinja2.bccache.Bucket


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
        self._disk = jinja2.FileSystemBytecodeCache(str(self.folder))

    def load_bytecode(self, bucket: Bucket) -> None:
        super().load_bytecode(bucket)
        if bucket.code is None:
            with suppress(OSError):
                self._disk.load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        super().dump_bytecode(bucket)
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            self.folder.mkdir(exist_ok=True)
            self._disk.dump_bytecode(bucket)


@cache
def beside(templates: Path) -> Beside:
    """The cache of our own templates."""
    return Beside(templates)


IN_PROCESS = InProcess()
"""The cache of users' templates."""


SHIPPED = "_shipped/"
"""Where templates find our own version of a file that a user's folder overrides."""


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
        bytecode_cache=beside(template_root()) if templates is None else IN_PROCESS,
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
    environment.filters |= {
        "raw": Markup,
        "columns": MEASURES["columns"],
        "typst_string": _typst_string,
    }
    environment.filters |= {"stacked": _markup(stacked), "wrapped": _markup(wrapped)}
    environment.globals["role"] = _markup(role)
    return environment


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
