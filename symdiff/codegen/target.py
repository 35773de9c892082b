"""The targets of code: one TOML file each in templates/code, with the code of every operation. Inert data.

A user's folder of templates goes before ours. Knows files and what a table must say; no expression and no
derivative.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import string
from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import IntEnum
from pathlib import Path
from typing import Any

from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.expr.records import dataclass
from symdiff.rendering.formats.folders import roots, targets, template_root
from symdiff.rendering.formats.settings import Rule, read_toml, refuse_links, settings_in

FOLDER = "code"
SHARED = "_python.toml"


class Precedence(IntEnum):
    """How tightly a piece of Python holds together; a looser one gets brackets where a tighter is needed."""

    LOOSEST = 0
    COMPARISON = 1
    SUM = 2
    NEGATION = 3
    PRODUCT = 4
    MATMUL = 5
    POWER = 6
    ATOM = 7


@dataclass(frozen=True, slots=True)
class CodePattern:
    """The code of one operation; `takes` are the bindings its arguments need, where not the loosest."""

    code: str
    binds: Precedence = Precedence.ATOM
    takes: tuple[Precedence, ...] = ()

    def needs(self, position: int) -> Precedence:
        return self.takes[position] if position < len(self.takes) else Precedence.LOOSEST


BINDINGS = {binding.name.lower(): binding for binding in Precedence}
PLACES = {"0", "1", "2", "args", "rest", "shape", "like"}
"""What is filled in in the code of an operation: its arguments, all of them, all but the first, …"""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a table may say of an operation."""

    code: str
    binds: str = "atom"
    takes: tuple[str, ...] = ()


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
        ours = self.path.is_relative_to(template_root())
        return f"templates/{FOLDER}/{self.path.name}" if ours else str(self.path)


@dataclass(frozen=True)
class Table:
    """What the file of a target may say."""

    imports: Sequence[Any]
    number: str
    array: str
    argument: str
    value: str
    operations: Mapping[str, Any]
    computed: str = ""
    constants: Mapping[str, Any] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)


def bound_name(line: str) -> str:
    """The name that an import binds: np for `import numpy as np`."""
    statement = ast.parse(line).body[0]
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    alias = statement.names[0]
    return alias.asname or alias.name.partition(".")[0]


def load_target(name: str, own: Path | None = None) -> Target:
    """One target; an unknown name is a UsageError, a wrong table an InputError with its file and key."""
    if name not in targets(own):
        raise UsageError(f"unknown target {name!r}", way_out=did_you_mean(name, targets(own)))
    files = (root / FOLDER / f"{name}.toml" for root in roots(own))
    path = next(file for file in files if file.is_file())
    refuse_links(path, own)
    return _read(path)


def _read(path: Path) -> Target:
    where = str(path)
    shared = _patterns(read_toml(template_root() / FOLDER / SHARED)["operations"], SHARED)
    said = settings_in(read_toml(path), Table, where, {}, _RULES)
    for text in (said.number, said.array, said.argument, said.value, said.computed):
        _check_code(text, where)
    return Target(
        name=path.stem,
        path=path,
        imports=tuple(map(tuple, said.imports)),
        number=said.number,
        array=said.array,
        argument=said.argument,
        value=said.value,
        computed=said.computed or said.value,
        operations=shared | _patterns(said.operations, where),
        constants=_patterns(said.constants, where),
        helpers={name: text.strip() for name, text in said.helpers.items()},
        operators=frozenset(shared),
    )


def _are_imports(sections: Any) -> bool:
    """Whether a value is lists of lines, each of which imports one name."""
    if not all(isinstance(some, list) and all(isinstance(line, str) for line in some) for some in sections):
        return False
    try:
        found = [ast.parse(line).body for some in sections for line in some]
    except (SyntaxError, ValueError):
        return False
    kinds = (ast.Import, ast.ImportFrom)
    return all(len(b) == 1 and isinstance(b[0], kinds) and len(b[0].names) == 1 for b in found)


_RULES: dict[str, Rule] = {"imports": ('lists of imports, as [["import math"]]', _are_imports)}


def _patterns(table: Mapping[str, Any], where: str) -> dict[str, CodePattern]:
    return {name: _pattern(said, f"{where}, {name}") for name, said in table.items()}


def _pattern(said: Any, where: str) -> CodePattern:
    """The code of one operation: a text, or a table of its code and how tightly it holds together."""
    if isinstance(said, str):
        said = {"code": said}
    if not isinstance(said, dict):
        raise InputError("neither a text nor a table", where=where)
    said = settings_in(said, Operation, where, {"binds": BINDINGS})
    unknown = next((word for word in said.takes if word not in BINDINGS), None)
    if unknown is not None:
        raise InputError(f"unknown takes {unknown!r}", where=where, way_out=did_you_mean(unknown, BINDINGS))
    _check_code(said.code, where)
    return CodePattern(said.code, BINDINGS[said.binds], tuple(BINDINGS[word] for word in said.takes))


def _check_code(code: str, where: str) -> None:
    """Refuse a text whose places are not those that are filled in."""
    try:
        parts = [part for part in string.Formatter().parse(code) if part[1] is not None]
    except ValueError as error:
        raise InputError(str(error), where=where, way_out="write {{ and }} for braces") from None
    for _, name, style, conversion in parts:
        if name not in PLACES or style or conversion:
            what = f"unknown place {{{name}}}"
            raise InputError(what, where=where, way_out=f"known: {', '.join(sorted(PLACES))}")
