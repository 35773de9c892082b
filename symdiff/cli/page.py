"""The options of `derive` to a page: a proved solution with the format and language it is wanted in.

The command writes a page, a notebook shows it; what an option means is said here, once. This module knows
neither standard output nor notebooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from symdiff.api.solution import Solution, solved
from symdiff.api.wishes import Wishes
from symdiff.console import refuse_terminal, stage
from symdiff.errors import UsageError, did_you_mean
from symdiff.exercises import read
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape
from symdiff.rendering.formats.folders import formats
from symdiff.rendering.formats.formats import load_format, load_messages, source_of
from symdiff.rendering.pages.engine import picture_files

FIRST_FORMAT = "latex"


@dataclass(frozen=True, slots=True)
class Page:
    """A proved solution as it was asked for; `format` is None where none was said.

    `compiled` is what the text of the format is compiled to, such as pdf, or nothing.
    """

    solution: Solution
    format: str | None = None
    compiled: str = ""
    lang: str = "en"
    fragment: bool = False
    templates: Path | None = None
    pictures: str = ""
    stem: str = ""

    def written(self, coloured: bool = False) -> str:
        """The text of the page in its format, for a terminal with the format's colours."""
        stage("writing the page")
        return self.solution.render(
            self.format or FIRST_FORMAT,
            self.lang,
            fragment=self.fragment,
            templates=self.templates,
            coloured=coloured,
            pictures=self.pictures,
            stem=self.stem,
        )

    def content(self, coloured: bool = False) -> str | bytes:
        """What a file of the page holds: its text, or what that is compiled to."""
        text = self.written(coloured)
        if not self.compiled:
            return text
        from symdiff.rendering.formats.typst_compiler import compile_typst  # start-up: few pages are compiled

        return compile_typst(text)

    def files(self) -> dict[str, str]:
        """The pictures that are files of their own, by the names under which the page refers to them."""
        if self.pictures != "svg":
            return {}
        return picture_files(self.solution.document, self.stem, self.lang, self.templates)


@dataclass(frozen=True, slots=True)
class Output:
    """How a page is wanted: its format, or the ending of the file it is written to, and what goes with it."""

    format: str | None = None
    lang: str = "en"
    fragment: bool = False
    templates: Path | None = None
    pictures: str | None = None
    file: Path | None = None


def page_of(
    target: str,
    wishes: Wishes,
    output: Output,
    shapes: Mapping[str, Shape] | None = None,
    assumed: Mapping[str, str] | None = None,
) -> Page:
    """The page that the options of `derive` ask for; `target` is what `-` stood for, where it did.

    `shapes` and `assumed` say what the inputs of a text are.

    Raises:
        SymdiffError: an option has no meaning, the target cannot be read, or a line is false.
    """
    format, compiled = _format_and_compiled(
        output.format or format_of(output.file, output.templates), output.templates
    )
    if compiled:
        _check_compiled(compiled, output)
    if format not in (None, "json"):
        load_format(format, output.templates)
    load_messages(output.lang, output.templates)
    _check_pictures(output, format or FIRST_FORMAT)
    solution = solved(read(target, shapes, assumed, wishes.at), wishes)
    stem = output.file.stem if output.file else ""
    return Page(
        solution,
        format,
        compiled,
        output.lang,
        output.fragment,
        output.templates,
        output.pictures or "",
        stem,
    )


def format_of(output: Path | None, templates: Path | None = None) -> str | None:
    """The format by a file's ending, ours before a user's; none without a file."""
    if output is None:
        return None
    ours = formats()
    known = [load_format(name, templates) for name in sorted(formats(templates), key=ours.__contains__)]
    endings = {format.extension: format.name for format in known} | {"json": "json"}
    endings |= {ending: ending for format in known for ending in format.compiled}
    ending = output.suffix.removeprefix(".").lower()
    if output.is_dir():
        raise UsageError(f"{output} is a folder", where="-o", way_out="add the name of a file")
    if ending not in endings:
        way_out = f"{did_you_mean(ending, endings)}; or say --format"
        what = f"no format has the ending {output.suffix!r}" if ending else f"{output} has no ending"
        raise UsageError(what, where="-o", way_out=way_out)
    return endings[ending]


def _format_and_compiled(asked: str | None, templates: Path | None) -> tuple[str | None, str]:
    """The format whose text is written, and what it is compiled to: pdf is Typst, compiled."""
    return (None, "") if asked is None else source_of(asked, templates)


def _check_compiled(ending: str, output: Output) -> None:
    """What can be known to fail before anything is derived."""
    from symdiff.rendering.formats.typst_compiler import need_typst  # start-up: few pages are compiled

    if output.fragment:
        way_out = "use --format typst for a fragment"
        raise UsageError(f"a {ending} file is a whole page", where="--fragment", way_out=way_out)
    refuse_terminal(ending, output.file)
    need_typst()


def _check_pictures(output: Output, format: str) -> None:
    """Refuse a way of drawing that the format does not have."""
    pictures = output.pictures
    if pictures is None:
        return
    if pictures == "svg" and format != "markdown":
        raise UsageError("svg needs --format markdown", where="--pictures")
    known = ["none", "svg"] + ([] if format == "json" else [load_format(format, output.templates).picture])
    if not pictures or pictures not in known:
        way_out = did_you_mean(pictures, filter(None, known))
        raise UsageError(f"unknown pictures {pictures!r} for {format}", way_out=way_out)
    if pictures == "svg" and output.file is None:
        raise UsageError("svg writes files beside the page", where="--pictures", way_out="add -o page.md")
