"""Exercises solved and pages written once in a process, for all tests that only read them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from tools import ROOT

from symdiff.api.solution import solve
from symdiff.cli.gallery import SUMS
from symdiff.exercises import names, read


def solved(target: str, mode: str | None = None, **options: Any) -> Any:
    """The solution of a built-in exercise or a text; without a mode, in the one that suits it."""
    return _solved(target, mode or read(target).mode or "both", **options)


def page(target: str, mode: str | None = None, form: str = "latex", language: str = "en") -> str:
    """The same, written in a format and a language."""
    return _written(target, mode or read(target).mode or "both", form, language)


OUTPUTS = ROOT / "outputs"
LISTED = {
    file: total
    for total, file in (line.split("  ") for line in (OUTPUTS / SUMS).read_text("utf-8").splitlines())
}
"""The sum of every file that `symdiff gallery` makes."""


def exercise_of(file: str) -> str | None:
    """The built-in exercise of a file of the gallery: logistic-lse of latex/logistic-lse-both.en.tex."""
    stem = file.partition("/")[2]
    return max((name for name in names() if stem.startswith(f"{name}-")), key=len, default=None)


def listed_page(file: str) -> str:
    """The text of a file of the gallery, whether it is kept or not."""
    stem, language, _ = Path(file).name.split(".")
    name, _, mode = stem.rpartition("-")
    return page(name, mode, file.partition("/")[0], language)


_solved = cache(lambda target, mode, **options: solve(read(target), mode, **options))
_written = cache(lambda target, mode, form, language: _solved(target, mode).render(form, language))


def some(cases: Sequence[Any], every: int = 3, spread: bool = True) -> list[Any]:
    """For parametrize: one case of so many; the others are long. `spread` cases are several arguments."""
    return [
        pytest.param(*(case if spread else (case,)), marks=pytest.mark.long if place % every else ())
        for place, case in enumerate(cases)
    ]


def in_turn(files: Sequence[Path | str], every: int = 3) -> list[Any]:
    """For parametrize: one page of so many in one language, the languages in turn; the others are long."""
    found = []
    for turn, (_, group) in enumerate(groupby(sorted(files), lambda file: Path(file).name.partition(".")[0])):
        each = list(group)
        for place, file in enumerate(each):
            now = turn % every == 0 and place == turn // every % len(each)
            found.append(pytest.param(file, id=Path(file).stem, marks=() if now else pytest.mark.long))
    return found
