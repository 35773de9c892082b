"""A file's table to the problem it says: inputs, then the function, then how and where it is shown."""

from __future__ import annotations

from dataclasses import replace

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.expr.names import check_distinct, split_name
from symdiff.expr.shapes import is_number
from symdiff.expr.tree import Expr, Sym
from symdiff.language.program import Program
from symdiff.problems import Problem, Stage
from symdiff.problems.file import File
from symdiff.problems.inputs import read_inputs
from symdiff.problems.point import read_first, read_point, read_rate
from symdiff.problems.scope import Scope
from symdiff.problems.table import (
    KEYS,
    MODES,
    check_keys,
    check_word,
    choice,
    section,
    text_at,
    texts_at,
    titles_of,
)

Definitions = tuple[tuple[Sym, Expr], ...]


def build(file: File, name: str) -> Problem:
    """The problem that a file says, every part of it checked."""
    check_keys(file, file.table, KEYS)
    if "source" in file.table:
        text_at(file, file.table["source"], "source")
    scope = read_inputs(file)
    if "recurrence" in file.table:
        return _recurrent(file, name, scope)
    for key in ("steps", "sequences"):
        if key in file.table:
            raise file.error(f"{key} without a recurrence", key, way_out="write [recurrence]")
    definitions, stages = _function(file, scope)
    _check_names(file, scope, definitions)
    at = read_point(file, scope.names)
    return Problem(
        name=name,
        program=Program(tuple(scope.names.values()), definitions),
        titles=titles_of(file),
        at=at,
        wrt=_wrt(file, scope),
        rate=read_rate(file, at, definitions[-1][0]),
        first=read_first(file),
        mode=choice(file, "mode", MODES),
        stages=stages,
    )


def _recurrent(file: File, name: str, scope: Scope) -> Problem:
    """The problem of a file with a recurrence, written out for as many steps as it says."""
    from symdiff.problems import recurrent

    for key in ("components", "composition", "functions", "output"):
        if key in file.table:
            raise file.error(f"{key} and a recurrence exclude each other", key)
    found = recurrent.of_file(file, scope)
    names = {**scope.names, **recurrent.whole_sequences(found)}
    at = read_point(file, names)
    return Problem(
        name=name,
        program=recurrent.program_of(found, at),
        titles=titles_of(file),
        at=at,
        wrt=_wrt(file, scope),
        rate=read_rate(file, at, found.result),
        first=read_first(file),
        mode=choice(file, "mode", MODES),
        recurrence=found,
    )


def _function(file: File, scope: Scope) -> tuple[Definitions, tuple[Stage, ...]]:
    """The definitions, however the file says them, and the stages of a composition."""
    given = [key for key in ("definitions", "components", "composition", "functions") if key in file.table]
    ways = "write one of [definitions], components, or [functions] with composition"
    if not given:
        raise file.error("nothing says what to differentiate", way_out=ways)
    if given == ["definitions"]:
        return _definitions(file, scope), ()
    if given == ["components"]:
        target = _output(file, scope)
        formula = scope.components(file, file.table["components"], "components")
        return ((Sym(target, shape=formula.shape), formula),), ()
    if given == ["composition", "functions"]:
        from symdiff.problems.composition import applied, read_stages

        stages = read_stages(file, scope, _output(file, scope))
        return tuple((stage.value, applied(stage)) for stage in stages), stages
    if len(given) == 1:
        other = "functions" if given == ["composition"] else "composition"
        raise file.error(f"{given[0]} without {other}", given[0], way_out=ways)
    raise file.error(f"{given[0]} and {given[1]} exclude each other", given[1], way_out=ways)


def _output(file: File, scope: Scope) -> str:
    """The name of the result of components or of a composition."""
    name = text_at(file, file.table.get("output", "y"), "output")
    with file.placing("output"):
        check_word(name)
        if name in scope.names or name in scope.sizes or name in (section(file, "functions") or {}):
            raise InputError(f"the result's name {name!r} is taken", way_out='choose another: output = "…"')
    return name


def _definitions(file: File, scope: Scope) -> Definitions:
    """The equations in order; each may use the names above it."""
    given = section(file, "definitions") or {}
    found: list[tuple[Sym, Expr]] = []
    for position, (name, text) in enumerate(given.items()):
        with file.placing("definitions", name):
            if check_word(name) in scope.names or name in scope.sizes:
                raise InputError(f"{name!r} is also an input or a size", way_out="rename one")
        known = replace(scope.plus(*(target for target, _ in found)), later=tuple(given)[position:])
        formula = known.formula(file, text, "definitions", name)
        found.append((Sym(name, shape=formula.shape), formula))
    _check_output(file, [name.name for name, _ in found])
    return tuple(found)


def _check_output(file: File, defined: list[str]) -> None:
    if "output" not in file.table:
        return
    output = text_at(file, file.table["output"], "output")
    if output not in defined:
        what = f"the output {shorten(output, 30)!r} is not defined"
        raise file.error(what, "output", way_out=did_you_mean(output, defined))
    if output != defined[-1]:
        after = defined[defined.index(output) + 1]
        way_out = f"move the line {output} = … to the end"
        raise file.error(
            f"{after!r} comes after the output {output!r}", "definitions", after, way_out=way_out
        )


def _check_names(file: File, scope: Scope, definitions: Definitions) -> None:
    """Refuse names that print alike: x1 and x_1, or a number x1 beside the entries of a vector x."""
    key = "definitions" if "definitions" in file.table else "inputs"
    named = {name.name: name for name in (*scope.names.values(), *(target for target, _ in definitions))}
    with file.placing(key):
        check_distinct([*named, *scope.sizes])
    for name, sym in named.items():
        stem, accent, index = split_name(name)
        vector = named.get(stem + accent)
        if vector is not None and not sym.shape and _is_entry(vector, index):
            place = "inputs" if name in scope.names else key
            what = f"{name!r} and an entry of the vector {vector.name!r} print alike"
            raise file.error(what, place, name, way_out="rename one")


def _is_entry(vector: Sym, index: str) -> bool:
    """Whether a vector has an entry with this index, counted from 1."""
    if len(vector.shape) != 1 or not index.isdigit() or int(index) == 0:
        return False
    length = vector.shape[0]
    return not is_number(length) or int(index) <= int(length)


def _wrt(file: File, scope: Scope) -> tuple[str, ...] | None:
    """The inputs to differentiate by; None: all of them."""
    if "wrt" not in file.table:
        return None
    found = texts_at(file, file.table["wrt"], "wrt", wanted="the names of inputs")
    for i, name in enumerate(found):
        if name not in scope.names:
            what = f"{shorten(name, 30)!r} is not an input"
            raise file.error(what, "wrt", i, way_out=did_you_mean(name, scope.names), near=name)
        if name in found[:i]:
            raise file.error(f"{name!r} is given twice", "wrt", i, near=name)
    return found
