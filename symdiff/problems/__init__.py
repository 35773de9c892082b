"""Problems: what is to be differentiated, with titles and, if wanted, a point for numbers.

The built-in exercises are TOML files beside this module, one file each; a text on the command line
becomes the same record. This module knows no derivative and no document.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.expr import Expr, Sym
from symdiff.parse import Program, parse_program

FOLDER = Path(__file__).parent
KEYS = {"title", "output", "source", "inputs", "definitions", "at"}


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
    which they are applied.
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


def names() -> list[str]:
    """The names of the built-in exercises."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def titles(name: str) -> Mapping[str, str]:
    """The titles of a built-in exercise, by language."""
    return dict(_table(name)["title"])


def load(name: str) -> Problem:
    """A built-in exercise."""
    table = _table(name)
    unknown = sorted(set(table) - KEYS)
    if unknown:
        raise InputError(f"unknown key {unknown[0]!r}", where=name, way_out=did_you_mean(unknown[0], KEYS))
    text = "\n".join(f"{target} = {formula}" for target, formula in table["definitions"].items())
    program = parse_program(text, tuple(table["inputs"]))
    if program.definitions[-1][0].name != table["output"]:
        raise InputError(f"the output {table['output']!r} is not the last definition", where=name)
    at = {key: Fraction(str(value)) for key, value in table["at"].items()} if "at" in table else None
    return Problem(name, program, dict(table["title"]), at)


def read(text: str) -> Problem:
    """What a user wrote as target: the name of a built-in exercise, an expression, or equations."""
    known = names()
    if text.strip() in known:
        return load(text.strip())
    if text.strip().isidentifier() or _is_misspelt(text.strip(), known):
        way_out = f"{did_you_mean(text.strip(), known)}; a function of one name is written y = x"
        raise UsageError(f"no exercise is called {text.strip()[:40]!r}", way_out=way_out)
    return Problem("expression", parse_program(text))


def _is_misspelt(text: str, known: list[str]) -> bool:
    """Whether `text` is letters and hyphens only and near a known name: `product-sin` is no formula."""
    from difflib import get_close_matches

    plain = text.replace("-", "").isalpha() and "-" in text and len(text) < 40
    return plain and bool(get_close_matches(text, known, n=1, cutoff=0.8))


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
