"""Exercises: TOML files, built in or a user's, and the texts of the command line, as problems.

`file` reads a file and says where an error stands, `keys` has every key with its type, `parts` reads inputs,
formulas and numbers, `build` and `recurrent` put them together. This package knows no derivative and no page.

Imports stand inside functions for a quick start: `symdiff --help` loads this package for the names of modes,
`symdiff list` for titles, and neither waits for the language of formulas or for msgspec.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdiff.errors import InputError, UsageError, did_you_mean, shorten

if TYPE_CHECKING:
    from symdiff.exercises.file import File
    from symdiff.exercises.problem import Problem
    from symdiff.expr.shapes import Shape

FOLDER = Path(__file__).parent
ENDING = ".toml"
_INPUTS = r"(?m)^\s*\[ *inputs *\]\s*(#.*)?$"
"""The head of the table that every exercise file has, alone on its line."""


def names() -> list[str]:
    """The names of the built-in exercises."""
    return sorted(path.stem for path in FOLDER.glob(f"*{ENDING}"))


@cache
def titles(name: str) -> Mapping[str, str]:
    """The titles of a built-in exercise, by language."""
    from symdiff.exercises.file import by_language

    return by_language(_built_in(name).table.get("title", {}))


def load(name: str) -> Problem:
    """A built-in exercise.

    Raises:
        UsageError: there is none of this name.
    """
    from symdiff.exercises.build import build

    if name not in names():
        raise _no_exercise(shorten(name, 40), names())
    return build(_built_in(name), name)


def text_of(
    target: str, shapes: Mapping[str, Shape] | None = None, assumed: Mapping[str, str] | None = None
) -> str:
    """The text of an exercise's file: a built-in one, a user's, or one that says what formulas say."""
    found = read(target, shapes, assumed)
    stripped, known = target.strip(), names()
    if stripped in known:
        return _built_in(stripped).text
    if re.search(_INPUTS, target):
        return target
    if stripped.lower().endswith(ENDING) and "\n" not in stripped:
        return _users_file(stripped, known).text
    from symdiff.exercises.written_file import file_of  # start-up: what is in a file is shown as it is

    return file_of(found)


def read(
    text: str,
    shapes: Mapping[str, Shape] | None = None,
    assumed: Mapping[str, str] | None = None,
    at: Mapping[str, Any] | None = None,
) -> Problem:
    """What a user wrote as target: a built-in exercise's name, a file, its text, an expression, equations.

    `shapes` and `assumed` say what the inputs of an expression or of equations are; lists `at` a point do so
    where nothing else does. Exercises say it themselves.

    Raises:
        UsageError: shapes are given for an exercise, or there is none of this name.
        InputError: the text cannot be read.
    """
    found = _exercise(text)
    if found is None:
        return _of_equations(text, shapes, assumed, at)
    if shapes or assumed:
        option, section = ("--shape", "[inputs]") if shapes else ("--assume", "[assume]")
        built_in = text.strip() in names()
        what = f"{'a built-in exercise' if built_in else 'an exercise file'} says this itself"
        way_out = f"change {section} in {'a copy of ' * built_in}the file"
        raise UsageError(what, where=option, way_out=way_out)
    return found


def _exercise(text: str) -> Problem | None:
    """The built-in exercise or the file that a text names, or is; None for formulas."""
    target, known = text.strip(), names()
    if target in known:
        return load(target)
    if re.search(_INPUTS, text):
        return _of_lines(text)
    if target.lower().endswith(ENDING) and "\n" not in target:
        return _of_user(target, known)
    if _is_path(target):
        raise InputError(f"{shorten(target)} is no exercise file", way_out=f"exercise files end in {ENDING}")
    if re.fullmatch(r"[^\W\d_][a-zA-Z0-9_]*", target) or _is_misspelt(target, known):
        raise _no_exercise(target[:40], known)
    return None


def stem_of(target: str) -> str:
    """The beginning of a file's name for what is made of a target."""
    name = target.strip()
    if name in names():
        return name
    return Path(name).stem if name.lower().endswith(ENDING) and "\n" not in name else "exercise"


def input_names(target: str) -> list[str]:
    """The inputs of a target and its sequences; of a file without reading its formulas."""
    stripped, known = target.strip(), names()
    if stripped not in known and not stripped.lower().endswith(ENDING):
        problem = read(target)
        of = problem.recurrence
        every = problem.program.inputs if of is None else (*of.inputs, *of.sequences)
        return [name.name for name in every]
    table = (_built_in(stripped) if stripped in known else _users_file(stripped, known)).table
    sections = [table.get(key, {}) for key in ("inputs", "sequences")]
    return [name for section in sections if isinstance(section, dict) for name in section]


def _no_exercise(target: str, known: list[str]) -> UsageError:
    """The error for one name that is no built-in exercise: which is meant, or how a function is written."""
    nearest = did_you_mean(target, known)
    hints = [nearest if nearest.startswith("did") else "`symdiff list` shows them."]
    if target.isidentifier():
        from symdiff.language.undeclared import as_function  # start-up: only errors need it

        found = as_function(target)
        hints.append(f"For the function {found or target} write y = {found or target}")
    return UsageError(f"{target!r} is not a built-in exercise", way_out=" ".join(hints).removesuffix("."))


def _is_path(target: str) -> bool:
    """Whether `target` is written as a path, which a/b is not, and something is there."""
    try:
        return (target.startswith((".", "/")) or Path(target).suffix != "") and Path(target).exists()
    except (OSError, ValueError):
        return False


def _of_user(target: str, known: list[str]) -> Problem:
    """The exercise in a user's file."""
    from symdiff.exercises.build import build

    return build(_users_file(target, known), shorten(Path(target).stem))


def _users_file(target: str, known: list[str]) -> File:
    from symdiff.exercises.file import read_file

    path = Path(target)
    if path.stem in known and str(path) == path.name and not path.exists():
        way_out = f"the built-in exercise is called {path.stem!r}"
        raise InputError(f"there is no file {target}", way_out=way_out)
    return read_file(path)


def _of_lines(text: str) -> Problem:
    """The exercise that the text of a file says."""
    from symdiff.exercises.build import build
    from symdiff.exercises.file import from_bytes

    return build(from_bytes("the exercise", text.encode()), "exercise")


def _of_equations(
    text: str,
    shapes: Mapping[str, Shape] | None,
    assumed: Mapping[str, str] | None,
    at: Mapping[str, Any] | None,
) -> Problem:
    """The exercise that an expression, equations, or equations with times are."""
    from symdiff.language.recurrence_parser import is_recurrence

    if is_recurrence(text):
        from symdiff.exercises.recurrent import of_text

        return of_text(text, shapes, assumed, at)
    from symdiff.exercises.problem import Problem
    from symdiff.language.shape_inference import program_of_text

    return Problem("expression", program_of_text(text, None, shapes, assumed, at))


def _built_in(name: str) -> File:
    from symdiff.exercises.file import read_file

    return read_file(FOLDER / f"{name}{ENDING}")


def _is_misspelt(text: str, known: list[str]) -> bool:
    """Whether `text` is letters and hyphens only and near a known name: `product-sin` is no formula."""
    from difflib import get_close_matches

    plain = text.replace("-", "").isalpha() and "-" in text and len(text) < 40
    return plain and bool(get_close_matches(text, known, n=1, cutoff=0.8))
