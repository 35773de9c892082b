"""Notebooks: how tapes, derivations and solutions show themselves in IPython, and `%derive`.

`import symdiff` registers the displays where IPython runs; `%load_ext symdiff` adds the magics. A page goes
out as text, as Markdown and as LaTeX that MathJax and KaTeX read as well; the front end takes what it can
typeset. Options of `%derive` are read by the command's own parser. For a quick start nothing heavy is
imported before something is shown.
"""

from __future__ import annotations

import shlex
import sys
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from zlib import crc32

from symdiff.errors import MissingToolError, SymdiffError, UsageError

if TYPE_CHECKING:
    from symdiff.api.drawing import Drawn
    from symdiff.api.solution import Solution
    from symdiff.cli.page import Page, Sheet
    from symdiff.derivation.derivation import Derivation
    from symdiff.tape.tape import Tape

Bundle = dict[str, Any]
"""What is shown, by its media type."""
OWN_LATEX = "_notebook"
"""The folder of templates that go before those of LaTeX documents."""


def show_tape(tape: Tape) -> Bundle:
    """The list of steps."""
    from symdiff.api.solution import steps_of

    return show_solution(steps_of(tape))


def show_derivation(derivation: Derivation) -> Bundle:
    """The proved page of one derivation."""
    from symdiff.api.solution import solution_of

    return show_solution(solution_of(derivation))


def show_solution(solution: Solution) -> Bundle:
    """The page in English."""
    from symdiff.cli.page import Page

    return show_page(Page(solution))


def show_page(page: Page) -> Bundle:
    """The page in its language; its text alone where a format was asked for."""
    if page.format is not None:
        return {"text/plain": page.written().rstrip("\n")}
    from symdiff.rendering.formats.folders import template_root

    own = page.templates or template_root() / OWN_LATEX
    shown = {"text/plain": ("text", page.templates), "text/markdown": ("markdown", page.templates)}
    shown["text/latex"] = ("latex", own)
    return {
        media: page.solution.render(
            format, page.lang, fragment=True, templates=folder, pictures="none"
        ).rstrip("\n")
        for media, (format, folder) in shown.items()
    }


def show_sheet(sheet: Sheet) -> Bundle:
    """The pages one below the other."""
    shown = [show_page(page) for page in sheet.pages]
    return {media: "\n\n".join(bundle[media] for bundle in shown) for media in shown[0]}


def show_graph(drawn: Drawn) -> Bundle:
    """The picture as SVG, and as PDF for documents where the package for that is there."""
    plain = str(drawn.render("mermaid")).rstrip("\n")
    prefix = f"g{crc32(plain.encode()):08x}-"  # several pictures may come to stand in one page
    shown: Bundle = {"text/plain": plain, "image/svg+xml": drawn.render("svg", prefix=prefix)}
    with suppress(MissingToolError):
        shown["application/pdf"] = b64encode(bytes(drawn.render("pdf"))).decode()  # type: ignore[arg-type]
    return shown


SHOWN: dict[tuple[str, str], Callable[[Any], Bundle]] = {
    ("symdiff.tape.tape", "Tape"): show_tape,
    ("symdiff.api.derivations", "Derivation"): show_derivation,
    ("symdiff.api.solution", "Solution"): show_solution,
    ("symdiff.cli.page", "Page"): show_page,
    ("symdiff.cli.page", "Sheet"): show_sheet,
    ("symdiff.api.drawing", "Drawn"): show_graph,
}
"""The classes that show themselves, by module and name, so that none is imported for it."""


def register(shell: Any = None) -> None:
    """Tell a running IPython how our objects are shown; without one, nothing happens."""
    shell = shell or getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        return
    bundles = shell.display_formatter.mimebundle_formatter
    for (module, name), show in SHOWN.items():
        bundles.for_type_by_name(module, name, _or_error(show))


def _or_error(show: Callable[[Any], Bundle]) -> Callable[[Any], Bundle]:
    """What cannot be shown says why, in one line."""

    def shown(value: Any) -> Bundle:
        try:
            return show(value)
        except SymdiffError as error:
            return {"text/plain": f"symdiff: {error}"}

    return shown


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext symdiff`: the displays, `%derive` and `%%derive`."""
    register(shell)
    shell.register_magic_function(derive, "line_cell", "derive")


def derive(line: str, cell: str | None = None) -> Page | Sheet | None:
    """The page of an exercise: `%derive sigmoid --mode reverse`; with `%%derive` the cell is the exercise.

    The options are those of `symdiff derive`, and `%derive --help` lists them. With `-o` a file is written.
    """
    from symdiff.cli.failures import outcome

    pages: list[Page | Sheet] = []
    message, status = outcome(lambda: _derive(line, cell, pages))
    if status:
        from IPython.core.error import UsageError as OneLine

        raise OneLine(message)
    return pages[0] if pages else None


def _derive(line: str, cell: str | None, pages: list[Page | Sheet]) -> int:
    """Run the command's own `derive`; 0 as its exit status."""
    from symdiff.cli.commands import Caller, derive_for
    from symdiff.cli.failures import protected

    def read() -> str:
        if cell is None:
            raise UsageError("nothing to read for -", way_out="write %%derive and the exercise below it")
        return cell

    try:
        arguments = shlex.split(line) + (["-"] if cell is not None else [])
    except ValueError as error:
        way_out = "put an expression between double quotes"
        raise UsageError(str(error).lower(), where="the line of %derive", way_out=way_out) from None
    derive_for(Caller(read, pages.append), [protected(argument) for argument in arguments])
    return 0
