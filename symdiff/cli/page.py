"""The options of `derive` to a page: a proved solution with the format and language it is wanted in.

The command writes a page, a notebook shows it; what an option means is said here, once. This module knows
neither standard output nor notebooks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from symdiff.api.solution import Solution, solved
from symdiff.api.wishes import Wishes
from symdiff.console import refuse_terminal, stage
from symdiff.document.blocks import Text
from symdiff.errors import SymdiffError, UsageError, did_you_mean, shorten
from symdiff.exercises import read
from symdiff.exercises.modes import MODES
from symdiff.exercises.problem import Problem
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape
from symdiff.rendering.formats.formats import (
    extension_of,
    format_by_ending,
    load_format,
    load_messages,
    source_of,
)
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
        return compiled(self.written(coloured), self.compiled)

    @property
    def ending(self) -> str:
        """The ending of a file of the page."""
        return self.compiled or extension_of(self.format or FIRST_FORMAT, self.templates)

    def files(self) -> dict[str, str]:
        """The pictures that are files of their own, by the names under which the page refers to them."""
        if self.pictures != "svg":
            return {}
        return picture_files(self.solution.document, self.stem, self.lang, self.templates)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Several pages as one document, a part for each; all were asked for in the same way."""

    pages: tuple[Page, ...]

    def content(self, coloured: bool = False) -> str | bytes:
        """What a file of the sheet holds."""
        from symdiff.rendering.pages.many_parts import render_parts  # start-up: a page is no sheet

        stage("writing the page")
        first = self.pages[0]
        title = "sheet.exercises" if first.solution.work.sections.statement else "sheet.solutions"
        written = render_parts(
            [page.solution.document for page in self.pages],
            Text(title),
            first.format or FIRST_FORMAT,
            first.lang,
            fragment=first.fragment,
            templates=first.templates,
            coloured=coloured,
            pictures=first.pictures,
            stem=first.stem,
        )
        return compiled(written, first.compiled)

    def files(self) -> dict[str, str]:
        """The pictures that are files of their own, by name."""
        from symdiff.rendering.pages.many_parts import stem_of_part  # start-up: a page is no sheet

        parts = [
            replace(page, stem=stem_of_part(page.stem, number)) for number, page in enumerate(self.pages, 1)
        ]
        return {name: picture for page in parts for name, picture in page.files().items()}

    @property
    def ending(self) -> str:
        """The ending of a file of the sheet."""
        return self.pages[0].ending


def compiled(text: str, ending: str) -> str | bytes:
    """What the text of a page is compiled to, the text itself where that is nothing."""
    if not ending:
        return text
    from symdiff.rendering.formats.typst_compiler import compile_typst  # start-up: few pages are compiled

    return compile_typst(text)


@dataclass(frozen=True, slots=True)
class Output:
    """How a page is wanted: its format, or the ending of the file it is written to, and what goes with it."""

    format: str | None = None
    lang: str = "en"
    fragment: bool = False
    templates: Path | None = None
    pictures: str | None = None
    file: Path | None = None
    is_for_standard_output: bool = True


def pages_of(
    targets: Sequence[str],
    wishes: Wishes,
    output: Output,
    shapes: Mapping[str, Shape] | None = None,
    assumed: Mapping[str, str] | None = None,
) -> tuple[Page, ...]:
    """The pages that the options of `derive` ask for; a target is what `-` stood for, where it did.

    `shapes` and `assumed` say what the inputs of a text are.

    Raises:
        SymdiffError: an option has no meaning, a target cannot be read, or a line is false.
    """
    said = output.format or (format_by_ending(output.file, output.templates) if output.file else None)
    format, compiled = _format_and_compiled(said, output.templates)
    if compiled:
        _check_compiled(compiled, output)
    if format not in (None, "json"):
        load_format(format, output.templates)
    load_messages(output.lang, output.templates)
    _check_pictures(output, format or FIRST_FORMAT)
    problems = problems_of(targets, lambda target: read(target, shapes, assumed, wishes.at))
    stem = output.file.stem if output.file else ""
    return tuple(
        Page(
            _solved(problem, wishes, target, len(targets) > 1),
            format,
            compiled,
            output.lang,
            output.fragment,
            output.templates,
            output.pictures or "",
            stem,
        )
        for problem, target in zip(problems, targets, strict=True)
    )


def _solved(problem: Problem, wishes: Wishes, target: str, is_one_of_several: bool) -> Solution:
    """The solution of a problem; of one of several an error says which."""
    try:
        return solved(problem, wishes)
    except SymdiffError as error:
        if not is_one_of_several:
            raise
        where = f"{shorten(target, 30)}, {error.where}" if error.where else shorten(target, 30)
        raise type(error)(error.what, where=where, way_out=error.way_out, picture=error.picture) from None


def problems_of(targets: Sequence[str], as_problem: Callable[[str], Problem]) -> list[Problem]:
    """What users wrote as targets; words that are one formula without its quotes are told apart.

    Raises:
        UsageError: one of several targets is a mode, or all are the words of a formula.
    """
    try:
        return [as_problem(target) for target in targets]
    except SymdiffError:
        modes = [target for target in targets[1:] if target in MODES]
        if modes:
            raise UsageError(f"{modes[0]!r} is a mode", way_out=f"write --mode {modes[0]}") from None
        if len(targets) > 1 and _is_formula(" ".join(targets)):
            way_out = f'put it between quotes: "{" ".join(targets)}"'
            raise UsageError("a formula is one argument", way_out=way_out) from None
        raise


def _is_formula(text: str) -> bool:
    try:
        read(text)
    except SymdiffError:
        return False
    return True


def _format_and_compiled(asked: str | None, templates: Path | None) -> tuple[str | None, str]:
    """The format whose text is written, and what it is compiled to: pdf is Typst, compiled."""
    return (None, "") if asked is None else source_of(asked, templates)


def _check_compiled(ending: str, output: Output) -> None:
    """What can be known to fail before anything is derived."""
    from symdiff.rendering.formats.typst_compiler import need_typst  # start-up: few pages are compiled

    if output.fragment:
        way_out = "use --format typst for a fragment"
        raise UsageError(f"a {ending} file is a whole page", where="--fragment", way_out=way_out)
    if output.is_for_standard_output:
        refuse_terminal(ending)
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
    if pictures == "svg" and output.is_for_standard_output:
        raise UsageError("svg writes files beside the page", where="--pictures", way_out="add -o page.md")
