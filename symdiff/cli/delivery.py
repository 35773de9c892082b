"""Where pages go: to a file, to a folder with a file each, to the browser or the viewer of the system."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from symdiff.console import progress_shown, write
from symdiff.errors import MissingToolError, UsageError
from symdiff.expr.records import dataclass

if TYPE_CHECKING:
    from symdiff.cli.page import Page, Sheet

OPENED = "html"
"""The format of a page that is shown and not kept."""
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


@dataclass(frozen=True, slots=True)
class Place:
    """Where pages go: standard output, a `file` or a `folder`; `opened`, and not kept if there is neither."""

    file: Path | None = None
    folder: Path | None = None
    opened: bool = False

    @property
    def is_standard_output(self) -> bool:
        return self.file is None and self.folder is None and not self.opened


def place_of(output: Path | None, is_for_several: bool, opened: bool, format: str | None) -> Place:
    """What -o and --open say; several pages go to a folder if -o has no ending, or is one.

    Raises:
        MissingToolError: there is nothing to show a page on.
        UsageError: several records of JSON would go to one file.
    """
    if opened:
        need_display()
    if output is not None and is_for_several and (output.is_dir() or not output.suffix):
        return Place(None, output, opened)
    if is_for_several and "json" in (format, output.suffix.lower()[1:] if output else ""):
        raise UsageError(
            "a file of JSON is about one exercise", way_out="write several into a folder: -o out/"
        )
    return Place(output, None, opened)


def deliver(pages: Sequence[Page], targets: Sequence[str], place: Place) -> None:
    """Write pages where they go, and open them if that is wanted."""
    if place.folder is not None:
        place.folder.mkdir(parents=True, exist_ok=True)
        named = zip(pages, stems(targets), strict=True)
        files = [
            _write_page(replace(page, stem=stem), place.folder, f"{stem}.{page.ending}")
            for page, stem in named
        ]
    else:
        page = one_document(pages)
        file = place.file or _own_folder() / f"{stems(targets)[0]}.{page.ending}"
        files = [_write_page(page, file.parent, file.name)]
    if place.opened:
        open_files(files)


def one_document(pages: Sequence[Page]) -> Page | Sheet:
    """A page alone, or the sheet of several."""
    from symdiff.cli.page import Sheet  # start-up: this module is loaded for every command

    return pages[0] if len(pages) == 1 else Sheet(tuple(pages))


def _write_page(page: Page | Sheet, folder: Path, name: str) -> Path:
    """Write a page and the pictures that are files beside it."""
    with progress_shown():
        content, beside = page.content(), page.files()
    for picture_name, picture in beside.items():  # first, so that no page has links to what is not there
        write(picture, folder / picture_name)
    write(content, folder / name)
    return folder / name


def stems(targets: Iterable[str]) -> list[str]:
    """A name of a file for each target, all different."""
    from symdiff.exercises import stem_of  # start-up: this module is loaded for every command

    found: list[str] = []
    for target in targets:
        stem, number = stem_of(target), 2
        name = stem
        while name in found:
            name, number = f"{stem}-{number}", number + 1
        found.append(name)
    return found


def deliver_content(content: str | bytes, name: str, place: Place) -> None:
    """Write what is no page, and open it if that is wanted; `name` is that of a file that is not kept."""
    if place.is_standard_output:
        write(content, None)
        return
    file = place.file or _own_folder() / name
    write(content, file)
    if place.opened:
        open_files([file])


def need_display() -> None:
    """A MissingToolError where nothing can be shown; a BROWSER of the environment's shows it everywhere."""
    if sys.platform.startswith("linux") and not any(map(os.environ.get, _DISPLAYS)):
        way_out = "write the page with -o page.html and open it elsewhere"
        raise MissingToolError("there is no display", where="--open", way_out=way_out)


def open_files(files: Iterable[Path]) -> None:
    """Show files by the program that BROWSER names, or by the system's own.

    Raises:
        MissingToolError: there is no such program.
    """
    import webbrowser  # start-up: few pages are opened

    for file in files:
        if not webbrowser.open(file.resolve().as_uri()):
            raise MissingToolError("no browser was found", where="--open", way_out=f"the page is {file}")


def _own_folder() -> Path:
    """A new folder for what is temporary, which stays, as the reader's program may read it at any time."""
    import tempfile  # start-up: few pages are opened

    return Path(tempfile.mkdtemp(prefix="symdiff-"))
