"""The gallery: each built-in exercise in each mode, language and format, and its pictures.

Byte for byte the same each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from symdiff.api.drawing import Drawn, draw
from symdiff.api.solution import Solution, solve
from symdiff.api.wishes import Wishes
from symdiff.console import stage, write_whole
from symdiff.exercises import load, names
from symdiff.exercises.modes import SWEEPS
from symdiff.exercises.problem import Problem
from symdiff.rendering.formats.formats import complete_languages, formats, load_format

PAGES = {"html": {"sigmoid-both": ("en",), "rnn-reverse": ("fr",)}}
"""Formats of which the gallery keeps a few pages only: each page in HTML carries its programs and fonts, half
a megabyte that is the same in all. The tests open every page in a browser, whether it is kept or not."""


def write_gallery(folder: Path) -> int:
    """Write all documents below `folder`; the number written."""
    count = 0
    for name in names():
        problem = load(name)
        for mode in readings(problem):
            solution = solve(problem, mode)
            stage(f"{count} documents written")
            for file, text in _documents(f"{name}-{mode}", solution):
                _write(folder / file, text)
                count += 1
    return count


def write_pictures(folder: Path) -> int:
    """Write the pictures of all exercises below `folder`; the number written."""
    count = 0
    for name in names():
        stage(f"{count} pictures written")
        for file, drawn in pictures(name):
            _write(folder / file, str(drawn.render("svg")))
            count += 1
    return count


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


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text)


def readings(problem: Problem) -> tuple[str, ...]:
    """Every sweep of an exercise on numbers; the reading that suits an exercise on arrays, and its sweeps."""
    arrays = any(name.shape for name in problem.program.inputs)
    if problem.recurrence is not None:
        return ("bptt", "reverse")
    if problem.mode is None:
        return ("both",) if arrays else SWEEPS
    other = "both" if arrays else "reverse"
    return (problem.mode,) if problem.mode == other else (problem.mode, other)


def _documents(stem: str, solution: Solution) -> list[tuple[str, str]]:
    found = [(f"json/{stem}.json", solution.render("json"))]
    for format in formats():
        for language in _kept(format, stem):
            ending = load_format(format).extension
            found.append((f"{format}/{stem}.{language}.{ending}", solution.render(format, language)))
    return found


def _kept(format: str, stem: str) -> Sequence[str]:
    """The languages in which a page is written: not one whose page would be half in English."""
    return PAGES[format].get(stem, ()) if format in PAGES else complete_languages()
