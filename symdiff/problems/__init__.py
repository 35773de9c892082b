"""Problems: what is to be differentiated, with titles and, if wanted, a point for numbers.

The built-in exercises are TOML files beside this module, one file each; a user's file is read by the same
code (`file`, `table`, `build`), and a text on the command line becomes the same record. Titles are read
without the language of formulas. This package knows no derivative and no document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdiff.errors import InputError, UsageError, did_you_mean, shorten
from symdiff.problems.file import File, read_file
from symdiff.problems.table import titles_of

if TYPE_CHECKING:
    from symdiff.expr.tree import Expr, Sym
    from symdiff.language.program import Program
    from symdiff.language.recurrence import Recurrence

FOLDER = Path(__file__).parent
ENDING = ".toml"
_INPUTS = re.compile(r"^\s*\[ *inputs *\]\s*(#.*)?$", re.MULTILINE)
"""The head of the table that every exercise file has, alone on its line."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One function of a composition: `name(formal) = formula`, applied here to `argument` giving `value`.

    `formal` is the argument as the author writes it: one vector, or several scalars.
    """

    name: Sym
    formal: tuple[Sym, ...]
    formula: Expr
    argument: Sym
    value: Sym


@dataclass(frozen=True)
class Problem:
    """Definitions of a function, with what an exercise may say besides.

    `at` is the point for numbers: a number for a scalar input, nested tuples for an array. `wrt` are the
    inputs to differentiate by (None: all), `rate` the step of an update, `first` the index of the first w,
    `mode` the reading that fits the exercise best, `stages` the functions of a composition in the order in
    which they are applied. Of a `recurrence` the program is so many steps of it written out.
    """

    name: str
    program: Program
    titles: Mapping[str, str] = field(default_factory=dict)
    at: Mapping[str, Any] | None = None
    wrt: tuple[str, ...] | None = None
    rate: Fraction | None = None
    first: int = 1
    mode: str | None = None
    stages: tuple[Stage, ...] = ()
    recurrence: Recurrence | None = None


def names() -> list[str]:
    """The names of the built-in exercises."""
    return sorted(path.stem for path in FOLDER.glob(f"*{ENDING}"))


@cache
def titles(name: str) -> Mapping[str, str]:
    """The titles of a built-in exercise, by language."""
    return titles_of(_built_in(name))


def load(name: str) -> Problem:
    """A built-in exercise."""
    from symdiff.problems.build import build

    return build(_built_in(name), name)


def read(text: str) -> Problem:
    """What a user wrote as target: a built-in exercise's name, a file, its text, an expression, equations."""
    target, known = text.strip(), names()
    if target in known:
        return load(target)
    if _INPUTS.search(text):
        return _of_lines(text)
    if target.lower().endswith(ENDING) and "\n" not in target:
        return _of_user(target, known)
    if _is_path(target):
        raise InputError(f"{shorten(target)} is no exercise file", way_out=f"exercise files end in {ENDING}")
    if target.isidentifier() or _is_misspelt(target, known):
        way_out = f"{did_you_mean(target, known)}; a function of one name is written y = x"
        raise UsageError(f"no exercise is called {target[:40]!r}", way_out=way_out)
    from symdiff.language.program import parse_program
    from symdiff.language.recurrence_parser import is_recurrence

    if is_recurrence(text):
        from symdiff.problems.recurrent import of_text

        return of_text(text)
    return Problem("expression", parse_program(text))


def _is_path(target: str) -> bool:
    """Whether `target` is written as a path, which a/b is not, and something is there."""
    try:
        return (target.startswith((".", "/")) or Path(target).suffix != "") and Path(target).exists()
    except (OSError, ValueError):
        return False


def _of_user(target: str, known: list[str]) -> Problem:
    """The exercise in a user's file."""
    from symdiff.problems.build import build

    path = Path(target)
    if path.stem in known and str(path) == path.name and not path.exists():
        way_out = f"the built-in exercise is called {path.stem!r}"
        raise InputError(f"there is no file {target}", way_out=way_out)
    return build(read_file(path), shorten(path.stem))


def _of_lines(text: str) -> Problem:
    """The exercise that the text of a file says."""
    from symdiff.problems.build import build
    from symdiff.problems.file import from_bytes

    return build(from_bytes("the exercise", text.encode()), "exercise")


def _built_in(name: str) -> File:
    return read_file(FOLDER / f"{name}{ENDING}")


def _is_misspelt(text: str, known: list[str]) -> bool:
    """Whether `text` is letters and hyphens only and near a known name: `product-sin` is no formula."""
    from difflib import get_close_matches

    plain = text.replace("-", "").isalpha() and "-" in text and len(text) < 40
    return plain and bool(get_close_matches(text, known, n=1, cutoff=0.8))
