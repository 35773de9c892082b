"""The targets of code: one TOML file each in templates/code, with the code of every operation. Inert data.

Knows files and what a table must say; no expression and no derivative.
"""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.rendering.formats.formats import read_toml, template_root

FOLDER = "code"
SHARED = "_python.toml"


class Precedence(IntEnum):
    """How tightly a piece of Python holds together; a looser one gets brackets where a tighter is needed."""

    LOOSEST = 0
    SUM = 1
    NEGATION = 2
    PRODUCT = 3
    MATMUL = 4
    POWER = 5
    ATOM = 6


@dataclass(frozen=True, slots=True)
class CodePattern:
    """The code of one operation; `takes` are the bindings its arguments need, where not the loosest."""

    code: str
    binds: Precedence = Precedence.ATOM
    takes: tuple[Precedence, ...] = ()

    def needs(self, position: int) -> Precedence:
        return self.takes[position] if position < len(self.takes) else Precedence.LOOSEST


@dataclass(frozen=True)
class Target:
    """A library that code is written for.

    `argument` makes what a function may take of a number, `value` what a variable may hold, `computed` the
    same of a number that is computed, as n + 1; `constants` are functions of numbers known beforehand;
    `helpers` are written out where they are used.
    """

    name: str
    path: Path
    imports: tuple[tuple[str, ...], ...]
    number: str
    array: str
    argument: str
    value: str
    computed: str
    operations: Mapping[str, CodePattern]
    constants: Mapping[str, CodePattern]
    helpers: Mapping[str, str]
    operators: frozenset[str]

    @property
    def reserved(self) -> set[str]:
        """Names that the author's may not hide: Python's, those imported, and the helpers."""
        imported = {bound_name(line) for section in self.imports for line in section}
        return {*keyword.kwlist, *dir(builtins), *imported, *self.helpers}

    @property
    def table(self) -> str:
        """Where a missing line belongs."""
        return f"templates/{FOLDER}/{self.path.name}"


def bound_name(line: str) -> str:
    """The name that an import binds: np for `import numpy as np`."""
    statement = ast.parse(line).body[0]
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    alias = statement.names[0]
    return alias.asname or alias.name.partition(".")[0]


def folder() -> Path:
    """Where the tables are."""
    return template_root() / FOLDER


def targets() -> list[str]:
    """The names of all targets."""
    return sorted(path.stem for path in folder().glob("*.toml") if not path.name.startswith("_"))


def load_target(name: str) -> Target:
    """One target; an unknown name is a UsageError."""
    if name not in targets():
        raise UsageError(f"unknown target {name!r}", way_out=did_you_mean(name, targets()))
    return _load(folder() / f"{name}.toml")


@cache
def _load(path: Path) -> Target:
    table, shared = read_toml(path), _patterns(read_toml(path.with_name(SHARED)), "operations")
    try:
        return Target(
            name=path.stem,
            path=path,
            imports=tuple(map(tuple, table["imports"])),
            number=table["number"],
            array=table["array"],
            argument=table["argument"],
            value=table["value"],
            computed=table.get("computed", table["value"]),
            operations=shared | _patterns(table, "operations"),
            constants=_patterns(table, "constants"),
            helpers={name: text.strip() for name, text in table.get("helpers", {}).items()},
            operators=frozenset(shared),
        )
    except KeyError as error:
        raise InputError(f"{error} is missing", where=str(path)) from None


def _patterns(table: Mapping[str, Any], key: str) -> dict[str, CodePattern]:
    return {name: _pattern(said) for name, said in table.get(key, {}).items()}


def _pattern(said: str | Mapping[str, Any]) -> CodePattern:
    if isinstance(said, str):
        return CodePattern(said)
    takes = tuple(Precedence[word.upper()] for word in said.get("takes", ()))
    return CodePattern(said["code"], Precedence[said.get("binds", "atom").upper()], takes)
