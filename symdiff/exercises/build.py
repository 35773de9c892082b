"""A file's keys to the problem they say: inputs, then the function, then how and where it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain, count, product

from msgspec import UNSET

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.exercises.file import File, by_language
from symdiff.exercises.keys import ONE_LINE, Exercise, Function, exercise_of
from symdiff.exercises.parts import Scope, exact, read_inputs, read_point
from symdiff.exercises.problem import Problem, Stage
from symdiff.expr.names import GREEK, check_name, split_name
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import in_words
from symdiff.expr.tree import Expr, Sym, entry, postorder, substitute
from symdiff.language.program import Program, without_indices
from symdiff.rules.table import function_named, functions

Definitions = tuple[tuple[Sym, Expr], ...]
Formula = str | list[str]
MOST_STAGES = 20
_CIRCLE = r"∘|(?<=\s)o(?=\s)"


def build(file: File, name: str) -> Problem:
    """The problem that a file says, every part of it checked."""
    said = exercise_of(file)
    scope, sequences = read_inputs(file, said.inputs, said.sequences or {}, said.assume or {})
    found = _recurrent(file, said, scope, sequences) if said.recurrence else _direct(file, said, scope)
    result = found.recurrence.result if found.recurrence else found.program.definitions[-1][0]
    return replace(
        found,
        name=name,
        titles=_titles(file, said.title or {}),
        wrt=_wrt(file, said.wrt, scope) if said.wrt else None,
        rate=None if said.rate is UNSET else _rate(file, said.rate, result),
        first=said.first,
        mode=said.mode or None,
        detail=said.detail or None,
    )


def _recurrent(file: File, said: Exercise, scope: Scope, sequences: dict[str, Sym]) -> Problem:
    """The problem of a file with a recurrence, written out for as many steps as it says."""
    # Start-up: few exercises have a recurrence.
    from symdiff.exercises import recurrent

    if said.output:
        way_out = "the last definition is the result"
        raise file.error("output and a recurrence exclude each other", "output", way_out=way_out)
    equations = {"recurrence": said.recurrence or {}, "definitions": said.definitions or {}}
    found = recurrent.of_file(file, scope, sequences, equations, said.steps or None)
    at = read_point(file, said.at or None, {**scope.names, **recurrent.whole_sequences(found)})
    return Problem("", recurrent.program_of(found, at), at=at, recurrence=found)


def _direct(file: File, said: Exercise, scope: Scope) -> Problem:
    """The problem of a file that says its function without times."""
    stages: tuple[Stage, ...] = ()
    if said.definitions:
        definitions = _definitions(file, said.definitions, said.output or None, scope)
    elif said.components:
        target = _output(file, said, scope)
        formula = scope.either(file, said.components, "components")
        definitions = ((Sym(target, shape=formula.shape), formula),)
    else:
        stages = _stages(file, said, scope, _output(file, said, scope))
        definitions = tuple((stage.value, applied(stage)) for stage in stages)
    at = read_point(file, said.at or None, scope.names)
    inputs = without_indices(scope.names.values(), definitions)
    return Problem("", Program(inputs, definitions), at=at, stages=stages)


def _output(file: File, said: Exercise, scope: Scope) -> str:
    """The name of the result of components or of a composition."""
    name = said.output or "y"
    with file.placing("output"):
        check_name(name)
        if name in scope.names or name in scope.sizes or name in (said.functions or {}):
            raise InputError(f"the result's name {name!r} is taken", way_out='choose another: output = "…"')
    return name


def _definitions(file: File, given: Mapping[str, str], output: str | None, scope: Scope) -> Definitions:
    """The equations in order; each may use the names above it."""
    found: list[tuple[Sym, Expr]] = []
    for position, (name, text) in enumerate(given.items()):
        with file.placing("definitions", name):
            if check_name(name) in scope.names or name in scope.sizes:
                raise InputError(f"{name!r} is also an input or a size", way_out="rename one")
        known = replace(scope.plus(*(target for target, _ in found)), later=tuple(given)[position:])
        formula = known.formula(file, text, "definitions", name)
        found.append((Sym(name, shape=formula.shape), formula))
    _check_output(file, output, list(given))
    return tuple(found)


def _check_output(file: File, output: str | None, defined: list[str]) -> None:
    """Refuse an output that is not the last definition."""
    if output is None or output == defined[-1]:
        return
    if output not in defined:
        what = f"the output {shorten(output, 30)!r} is not defined"
        raise file.error(what, "output", way_out=did_you_mean(output, defined))
    after = defined[defined.index(output) + 1]
    what, way_out = f"{after!r} comes after the output {output!r}", f"move the line {output} = … to the end"
    raise file.error(what, "definitions", after, way_out=way_out)


def _titles(file: File, given: str | Mapping[str, str]) -> dict[str, str]:
    """The title by language."""
    found = {}
    for language, text in by_language(given).items():
        path = ("title",) if isinstance(given, str) else ("title", language)
        if not 2 <= len(language) <= 10 or not language.replace("-", "").isalpha():
            what = f"{shorten(language, 20)!r} is not a language"
            raise file.error(what, *path, way_out='write title = { en = "…", fr = "…" }')
        found[language] = text.strip()
        if not found[language] or not found[language].isprintable():
            raise file.error(ONE_LINE, *path)
    return found


def _wrt(file: File, given: Sequence[str], scope: Scope) -> tuple[str, ...]:
    """The inputs to differentiate by."""
    for i, name in enumerate(given):
        if name not in scope.names:
            what = f"{shorten(name, 30)!r} is not an input"
            raise file.error(what, "wrt", i, way_out=did_you_mean(name, scope.names), near=name)
        if name in given[:i]:
            raise file.error(f"{name!r} is given twice", "wrt", i, near=name)
    return tuple(given)


def _rate(file: File, given: object, result: Sym) -> Fraction:
    """The step of an update: a positive number, where there is a number to lower."""
    with file.placing("rate"):
        rate = exact(given)
        if rate <= 0:
            raise InputError("the rate is not positive")
        if result.shape:
            what = f"there is a rate but {result.name} is {in_words(result.shape)}"
            raise InputError(what, way_out="a loss is a number")
        return rate


@dataclass(frozen=True, slots=True)
class _Part:
    """A function of a composition as written; `formal` names its argument, if `listed` its entries."""

    name: str
    formal: tuple[str, ...]
    listed: bool
    formula: Formula
    path: tuple[str, ...]


def _stages(file: File, said: Exercise, scope: Scope, output: str) -> tuple[Stage, ...]:
    """The functions of a composition in the order in which they are applied."""
    table = said.functions or {}
    composed = _composed(file, said.composition or "", table)
    order = [_part(file, scope, name, table[name]) for name in reversed(composed)]
    names = [*_value_names(order, scope, [*table, output]), output]
    argument = _first_argument(file, scope, order[0])
    stages = []
    for part, name in zip(order, names, strict=True):
        stages.append(_stage(file, scope, part, argument, name))
        argument = stages[-1].value
    _check_called(file, stages)
    return tuple(stages)


def _check_called(file: File, stages: Sequence[Stage]) -> None:
    """Refuse a formula that calls a function of the language by a name that the file gives another one."""
    words = functions()
    others = [s for s in stages if s.name.name in words and s.formula.op is not words[s.name.name].op]
    for stage, other in product(stages, others):
        name = other.name.name
        if any(node.op is words[name].op for node in postorder(stage.formula)):
            what = f"{name} is a function of this file, and the formula calls that of the language"
            raise file.error(what, "functions", stage.name.name, way_out=f"rename {name}")


def applied(stage: Stage) -> Expr:
    """The formula of a stage with its argument in place of the formal one."""
    return substitute(stage.formula, _replacements(stage.formal, stage.argument))


def _replacements(formal: tuple[Sym, ...], argument: Sym) -> dict[Expr, Expr]:
    if len(formal) == 1 and formal[0].shape == argument.shape:
        return {formal[0]: argument}
    return {name: entry(argument, (i,)) for i, name in enumerate(formal)}


def _composed(file: File, text: str, table: Mapping[str, object]) -> list[str]:
    """The names in a composition, the outermost function first."""
    names = [name.strip() for name in re.split(_CIRCLE, text)]
    if len(names) > MOST_STAGES:
        raise file.error(f"a composition of {len(names)} functions; at most {MOST_STAGES}", "composition")
    for name in names:
        if name not in table:
            way_out = did_you_mean(name, table) if name else 'write "g∘f"'
            raise file.error(f"unknown function {shorten(name, 30)!r}", "composition", way_out=way_out)
    return names


def _part(file: File, scope: Scope, name: str, value: Formula | Function) -> _Part:
    with file.placing("functions", name):
        check_name(name)
        if name in scope.names or name in scope.sizes:
            raise InputError(f"{name!r} is the name of a function and of an input or a size")
    if not isinstance(value, Function):
        return _Part(name, _only_input(file, scope, name), False, value, ("functions", name))
    path = ("functions", name, "is")
    if not value.of:
        return _Part(name, _only_input(file, scope, name), False, value.is_, path)
    listed = not isinstance(value.of, str)
    formal = (value.of,) if isinstance(value.of, str) else tuple(value.of)
    with file.placing("functions", name, "of"):
        _check_formal(formal, listed, scope)
    return _Part(name, formal, listed, value.is_, path)


def _only_input(file: File, scope: Scope, name: str) -> tuple[str, ...]:
    """The argument of a function that names none."""
    if len(scope.names) > 1:
        what, way_out = (
            "nothing says what the function is a function of",
            'write {0} = {{ of = "x", is = "…" }}',
        )
        raise file.error(what, "functions", name, way_out=way_out.format(name))
    return tuple(scope.names)


def _check_formal(formal: tuple[str, ...], listed: bool, scope: Scope) -> None:
    """Refuse names that a function cannot have for its argument, or for the entries of it."""
    for name in formal:
        if check_name(name) in scope.sizes:
            raise InputError(f"{name!r} is the name of a size")
        if listed and name in scope.names:
            way_out = f"make one vector of them, as in x = [{len(formal)}] under [inputs]"
            raise InputError(f"{name!r} is an input, not an entry of a vector", way_out=way_out)
    if len(set(formal)) < len(formal):
        raise InputError("a name is given twice")


def _first_argument(file: File, scope: Scope, part: _Part) -> Sym:
    """The input that the innermost function is applied to."""
    inputs = list(scope.names.values())
    if part.listed:
        fitting = [x for x in inputs if _has_length(x, len(part.formal))]
        way_out = f"add an input that is a vector of {len(part.formal)}"
    else:
        fitting = [x for x in inputs if x.name == part.formal[0]] or (inputs if len(inputs) == 1 else [])
        way_out = f"name its argument like an input: {', '.join(scope.names)}"
    if not fitting:
        what = f"no input is the argument of {part.name}, which is applied first"
        raise file.error(what, "functions", part.name, way_out=way_out)
    return fitting[0]


def _has_length(name: Sym, length: int) -> bool:
    return len(name.shape) == 1 and str(name.shape[0]) == str(length)


def _stage(file: File, scope: Scope, part: _Part, argument: Sym, value: str) -> Stage:
    """One function applied to its argument, its formula read with the argument's shape."""
    length = len(part.formal)
    if part.listed and not _has_length(argument, length):
        what = f"{part.name} takes {length} numbers and {argument.name} is {in_words(argument.shape)}"
        way_out = f"give its argument one name, or make {argument.name} a vector of {length}"
        raise file.error(what, "functions", part.name, way_out=way_out)
    shape = () if part.listed else argument.shape
    formal = tuple(Sym(name, shape=shape) for name in part.formal)
    if formal[0].name == argument.name:
        formal = (argument,)
    formula = scope.plus(*formal).either(file, part.formula, *part.path)
    made = substitute(formula, _replacements(formal, argument))
    return Stage(Sym(part.name), formal, formula, argument, Sym(value, shape=made.shape))


def _value_names(order: Sequence[_Part], scope: Scope, others: Sequence[str]) -> Iterator[str]:
    """A name for the value of every function but the last: what the next one calls it, or a fresh letter."""
    taken = {split_name(name) for name in (*scope.names, *scope.sizes, *others)}
    formals = {split_name(name) for part in order for name in part.formal}
    for part in order[1:]:
        wanted = () if part.listed else part.formal
        letters = chain("uvstqr", GREEK, (f"value_{i}" for i in count(1)))
        fresh = (n for n in letters if function_named(n) is None and split_name(n) not in formals)
        name = next(name for name in chain(wanted, fresh) if split_name(name) not in taken)
        taken.add(split_name(name))
        yield name
