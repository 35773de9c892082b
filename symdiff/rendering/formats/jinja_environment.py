"""Jinja's environment with our delimiters: it fills in users' templates, and makes Python of ours.

Knows no document and no format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2

from symdiff.rendering.formats.bounds import BoundedSandbox
from symdiff.rendering.formats.folders import SHIPPED, template_root
from symdiff.rendering.formats.our_templates import OurTemplates, is_plain
from symdiff.rendering.formats.sandbox import Sandbox
from symdiff.rendering.formats.settings import read_text, refuse_links

Bucket = jinja2.bccache.Bucket


class InProcess(jinja2.BytecodeCache):
    """What this process has compiled of users' templates."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


IN_PROCESS = InProcess()


def jinja(escape: Callable[[str], str], filters: Mapping[str, Any], own: Path | None = None) -> Sandbox:
    """An environment whose words `escape` protects; templates of the folder `own` go before ours."""
    return (Sandbox if own is None else BoundedSandbox)(
        escape,
        filters,
        loader=jinja2.ChoiceLoader(
            [
                *([_Own(own, "utf-8-sig")] if own is not None else []),
                jinja2.FileSystemLoader(template_root()),
                jinja2.PrefixLoader({SHIPPED.rstrip("/"): jinja2.FileSystemLoader(template_root())}),
            ]
        ),
        bytecode_cache=IN_PROCESS if own else None,
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


class _Own(jinja2.FileSystemLoader):
    """A user's templates; what a link there brings from elsewhere is refused."""

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        """The text of a template, its file and whether that is as it was, or an InputError."""
        path = Path(self.searchpath[0], template)
        if path.is_file():
            refuse_links(path, Path(self.searchpath[0]))
            read_text(path)
        return super().get_source(environment, template)


def python_of(name: str, text: str, filters: Iterable[str]) -> str:
    """The Python of a template of ours, which says whether it is `plain`, filled in without Jinja.

    `filters` are those that are added to Jinja's.
    """
    ours = OurTemplates(str, dict.fromkeys(filters, str), lambda *_: None)
    # In place of Jinja's filters, some of which are handed their environment as well.
    made: str = jinja(str, dict.fromkeys(ours.filters, str)).compile(text, name, raw=True)
    _, _, python = made.partition("\n")  # after the line that imports from Jinja
    return f"plain = {is_plain(python, ours)}\n{python}\n"
