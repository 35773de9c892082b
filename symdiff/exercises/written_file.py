"""The file that says what a problem says: an expression as an exercise to go on from.

Formulas are written in the language, so that the file is read as the same problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from symdiff.exercises.problem import Problem
from symdiff.expr.leaves import HeldIndex
from symdiff.expr.timed import split_time
from symdiff.expr.tree import Expr, Sym
from symdiff.language.recurrence import Recurrence

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def file_of(problem: Problem) -> str:
    """The text of an exercise file with the inputs, shapes and equations that a text has said."""
    of = problem.recurrence
    return "\n".join(_program(problem) if of is None else _recurrence(of))


def _program(problem: Problem) -> Iterator[str]:
    program = problem.program
    indices = program.indices.values()
    given: list[Sym | HeldIndex] = [*program.inputs, *indices]
    yield from _section("inputs", ((name.name, _shape(name)) for name in given))
    yield from _assumed(program.inputs, indices)
    yield from _section("definitions", ((name.name, _text(str(f))) for name, f in program.definitions))


def _recurrence(of: Recurrence) -> Iterator[str]:
    yield f"steps = {of.length if of.length is not None else _text(str(of.horizon))}"
    yield ""
    yield from _section("inputs", ((name.name, _shape(name)) for name in of.inputs))
    if of.sequences:
        yield from _section("sequences", ((name.name, _shape(name)) for name in of.sequences))
    yield from _assumed((*of.inputs, *of.sequences))
    equations = {**of.initial, **of.ending, **dict(of.cell)}
    yield from _section("recurrence", _in_time(of, equations))
    if of.after:
        yield from _section("definitions", ((name.name, _text(of.in_language(f))) for name, f in of.after))


def _in_time(of: Recurrence, equations: Mapping[Sym, Expr]) -> Iterator[tuple[str, str]]:
    """The equations by their left sides: h[-1], h[t]."""
    for name, formula in equations.items():
        found = split_time(name.name, of.stems)
        assert found is not None
        yield f"{found[0]}[{found[1]}]", _text(of.in_language(formula))


def _assumed(inputs: Iterable[Sym], indices: Iterable[HeldIndex] = ()) -> Iterator[str]:
    assumed = [(name.name, _text(name.assume)) for name in inputs if name.assume]
    assumed += [(index.name, _text("index")) for index in indices]
    if assumed:
        yield from _section("assume", assumed)


def _section(name: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"[{name}]"
    yield from (f"{_key(key)} = {value}" for key, value in rows)
    yield ""


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _shape(name: Sym | HeldIndex) -> str:
    return f"[{', '.join(str(part) if str(part).isdecimal() else _text(str(part)) for part in name.shape)}]"


def _text(text: str) -> str:
    """A text in quotes, as TOML and JSON write it alike."""
    return json.dumps(text, ensure_ascii=False)
