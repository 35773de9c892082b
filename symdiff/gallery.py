"""The gallery: each built-in exercise in each mode, language and format, byte for byte the same each time."""

from __future__ import annotations

from pathlib import Path

from symdiff.problems import load, names
from symdiff.render.formats import formats, languages, load_format
from symdiff.solve import MODES, Solution, solve


def write_gallery(folder: Path) -> int:
    """Write all documents below `folder`; the number written."""
    count = 0
    for name in names():
        for mode in MODES:
            solution = solve(load(name), mode)
            for file, text in _documents(f"{name}-{mode}", solution):
                path = folder / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                count += 1
    return count


def _documents(stem: str, solution: Solution) -> list[tuple[str, str]]:
    found = [(f"json/{stem}.json", solution.render("json"))]
    for format in formats():
        for language in languages():
            ending = load_format(format).extension
            found.append((f"{format}/{stem}.{language}.{ending}", solution.render(format, language)))
    return found
