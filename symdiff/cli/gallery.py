"""The gallery: each built-in exercise in each mode, language and format, and its pictures.

Byte for byte the same each time. A folder holds what a person would look at: text, Markdown and pictures of
every exercise, and of the other formats a page for each kind of block. `SHA256SUMS` has the sums of all that
is made, in the form that `sha256sum -c` reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from symdiff.api.drawing import Drawn, draw
from symdiff.api.solution import Solution, solve
from symdiff.api.wishes import Wishes
from symdiff.console import stage, write_whole
from symdiff.exercises import load, names
from symdiff.exercises.modes import SWEEPS
from symdiff.exercises.problem import Problem
from symdiff.rendering.formats.folders import formats
from symdiff.rendering.formats.formats import complete_languages, load_format

READ = ("text", "markdown")
"""Formats that are read as they are, and show in a diff what has changed."""
PAGES = {"html": {"sigmoid-both": ("en",), "rnn-reverse": ("fr",)}}
"""Formats of which a few pages are made and none is kept: each page in HTML carries its programs and fonts,
half a megabyte that is the same in all. The tests open every page in a browser, whether made here or not."""
SUMS = "SHA256SUMS"


def write_gallery(folder: Path, everything: bool = False) -> tuple[int, int]:
    """Write the gallery, or every file of it, below `folder`; how many files, of how many made."""
    sums: dict[str, str] = {}
    written, seen = 0, set[str]()
    for name in names():
        for file, content, kinds in made(name):
            stage(f"{len(sums)} files made")
            sums[file] = sha256(content.encode()).hexdigest()
            if everything or kinds is None or kinds - seen:
                written += 1
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                write_whole(folder / file, content)
            seen |= kinds or set()
    write_whole(folder / SUMS, "".join(f"{sums[file]}  {file}\n" for file in sorted(sums)))
    return written, len(sums)


def made(name: str) -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Every file of an exercise, its text, and the kinds of block it may be kept for, None if for itself."""
    for file, drawn in pictures(name):
        yield file, str(drawn.render("svg")), None
    problem = load(name)
    for mode in readings(problem):
        solution = solve(problem, mode)
        for format, file, content in documents(f"{name}-{mode}", solution):
            ending = file.partition(".")[2]  # the language too: a page is kept in each
            shown = () if format in PAGES else solution.document.blocks
            kinds = frozenset(f"{format} {ending} {block.kind}" for block in shown)
            yield file, content, None if format in READ else kinds


def pictures(name: str) -> Iterator[tuple[str, Drawn]]:
    """A recurrence folded and unrolled; other exercises as steps, and in the author's names if it is read so.

    Values and adjoints are numbers where the exercise has a point.
    """
    problem = load(name)
    there = problem.at is not None
    if problem.recurrence is not None:
        yield f"graph/{name}-folded.svg", draw(problem, view="folded")
        yield f"graph/{name}-unrolled.svg", draw(problem, view="unrolled", values=there, adjoints=there)
        return
    yield f"graph/{name}-steps.svg", draw(problem, Wishes("reverse"), values=there, adjoints=True)
    if problem.mode in ("chain", "jacobian"):
        yield f"graph/{name}-{problem.mode}.svg", draw(problem, values=there, adjoints=there)


def readings(problem: Problem) -> tuple[str, ...]:
    """Every sweep of an exercise on numbers; the mode that suits an exercise on arrays, and its sweeps."""
    arrays = any(name.shape for name in problem.program.inputs)
    if problem.recurrence is not None:
        return ("bptt", "reverse")
    if problem.mode is None:
        return ("both",) if arrays else SWEEPS
    other = "both" if arrays else "reverse"
    return (problem.mode,) if problem.mode == other else (problem.mode, other)


def documents(stem: str, solution: Solution) -> Iterator[tuple[str, str, str]]:
    """The pages of a solution: format, file, text."""
    yield "json", f"json/{stem}.json", solution.render("json")
    for format in formats():
        for language in _languages(format, stem):
            file = f"{format}/{stem}.{language}.{load_format(format).extension}"
            yield format, file, solution.render(format, language)


def _languages(format: str, stem: str) -> Sequence[str]:
    """The languages in which a page is written: not one whose page would be half in English."""
    return PAGES[format].get(stem, ()) if format in PAGES else complete_languages()
