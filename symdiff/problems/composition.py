"""An exercise that composes functions: which value goes into which function, and what is called what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.expr.names import GREEK, check_distinct, check_name, split_name
from symdiff.expr.shapes import in_words
from symdiff.expr.tree import Expr, Sym, entry, substitute
from symdiff.problems import Stage
from symdiff.problems.file import File
from symdiff.problems.lines import Part
from symdiff.problems.scope import Scope
from symdiff.problems.table import FUNCTION_KEYS, check_keys, check_word, kind, section, text_at, texts_at
from symdiff.rules.table import functions

MOST_STAGES = 20
_CIRCLE = re.compile(r"∘|(?<=\s)o(?=\s)")


@dataclass(frozen=True, slots=True)
class Function:
    """A function as written: the names of its argument (`listed`: its entries), and its formula unread."""

    name: str
    formal: tuple[str, ...]
    listed: bool
    formula: Any
    path: tuple[Part, ...]


def read_stages(file: File, scope: Scope, output: str) -> tuple[Stage, ...]:
    """The functions of a composition in the order in which they are applied."""
    table = section(file, "functions") or {}
    order = [_function(file, scope, name, table[name]) for name in reversed(_composed(file, table))]
    names = [*_value_names(order, scope, [*table, output]), output]
    argument = _first_argument(file, scope, order[0])
    stages = []
    for function, name in zip(order, names, strict=True):
        stages.append(_stage(file, scope, function, argument, name))
        argument = stages[-1].value
    return tuple(stages)


def applied(stage: Stage) -> Expr:
    """The formula of a stage with its argument in place of the formal one."""
    return substitute(stage.formula, _replacements(stage.formal, stage.argument))


def _replacements(formal: tuple[Sym, ...], argument: Sym) -> dict[Expr, Expr]:
    if len(formal) == 1 and formal[0].shape == argument.shape:
        return {formal[0]: argument}
    return {name: entry(argument, (i,)) for i, name in enumerate(formal)}


def _composed(file: File, table: dict[str, Any]) -> list[str]:
    """The names in a composition, the outermost function first."""
    text = text_at(file, file.table.get("composition"), "composition")
    names = [name.strip() for name in _CIRCLE.split(text)]
    if len(names) > MOST_STAGES:
        raise file.error(f"a composition of {len(names)} functions; at most {MOST_STAGES}", "composition")
    for name in names:
        if name not in table:
            way_out = did_you_mean(name, table) if name else 'write "g∘f"'
            raise file.error(f"unknown function {shorten(name, 30)!r}", "composition", way_out=way_out)
    return names


def _function(file: File, scope: Scope, name: str, value: Any) -> Function:
    path: tuple[Part, ...] = ("functions", name)
    with file.placing(*path):
        check_name(name)
        if name in scope.names or name in scope.sizes:
            raise InputError(f"{name!r} is the name of a function and of an input or a size")
    of: object = None
    if isinstance(value, dict):
        check_keys(file, value, FUNCTION_KEYS, *path)
        if "is" not in value:
            raise file.error("the function has no formula", *path, way_out='write { of = "x", is = "…" }')
        of, value, path = value.get("of"), value["is"], (*path, "is")
    formal = _formal(file, scope, name, of)
    return Function(name, formal, isinstance(of, list), value, path)


def _formal(file: File, scope: Scope, name: str, of: object) -> tuple[str, ...]:
    """The names that a function has for its argument."""
    path = ("functions", name, "of")
    if of is None:
        if len(scope.names) > 1:
            way_out = f'write {name} = {{ of = "x", is = "…" }}'
            raise file.error("nothing says what the function is a function of", *path[:2], way_out=way_out)
        return tuple(scope.names)
    if not isinstance(of, str | list):
        raise file.error(f"{kind(of)} where a name or a list of names is expected", *path)
    found = texts_at(file, of, *path, wanted="names") if isinstance(of, list) else (text_at(file, of, *path),)
    with file.placing(*path):
        for formal in found:
            if check_word(formal) in scope.sizes:
                raise InputError(f"{formal!r} is the name of a size")
            if isinstance(of, list) and formal in scope.names:
                way_out = f"make one vector of them, as in x = [{len(found)}] under [inputs]"
                raise InputError(f"{formal!r} is an input, not an entry of a vector", way_out=way_out)
        if len(set(found)) < len(found):
            raise InputError("a name is given twice")
        check_distinct(found)
    return found


def _first_argument(file: File, scope: Scope, function: Function) -> Sym:
    """The input that the innermost function is applied to."""
    inputs = list(scope.names.values())
    fitting = [x for x in inputs if len(x.shape) == 1 and str(x.shape[0]) == str(len(function.formal))]
    if function.listed and fitting:
        return fitting[0]
    if not function.listed and function.formal[0] in scope.names:
        return scope.names[function.formal[0]]
    if not function.listed and len(inputs) == 1:
        return inputs[0]
    what = f"no input is the argument of {function.name}, which is applied first"
    way_out = f"name its argument like an input: {', '.join(scope.names)}"
    if function.listed:
        way_out = f"add an input that is a vector of {len(function.formal)}"
    raise file.error(what, "functions", function.name, way_out=way_out)


def _stage(file: File, scope: Scope, function: Function, argument: Sym, value: str) -> Stage:
    """One function applied to its argument, its formula read with the argument's shape."""
    length = len(function.formal)
    if function.listed and (len(argument.shape) != 1 or str(argument.shape[0]) != str(length)):
        what = f"{function.name} takes {length} numbers and {argument.name} is {in_words(argument.shape)}"
        way_out = f"give its argument one name, or make {argument.name} a vector of {length}"
        raise file.error(what, "functions", function.name, way_out=way_out)
    shape = () if function.listed else argument.shape
    formal = tuple(Sym(name, shape=shape) for name in function.formal)
    if formal[0].name == argument.name:
        formal = (argument,)
    formula = scope.plus(*formal).either(file, function.formula, *function.path)
    made = substitute(formula, _replacements(formal, argument))
    return Stage(Sym(function.name), formal, formula, argument, Sym(value, shape=made.shape))


def _value_names(order: Sequence[Function], scope: Scope, others: Sequence[str]) -> Iterator[str]:
    """A name for the value of every function but the last: what the next one calls it, or a fresh letter."""
    taken = {split_name(name) for name in (*scope.names, *scope.sizes, *others)}
    formals = {split_name(name) for function in order for name in function.formal}
    for function in order[1:]:
        wanted = () if function.listed else function.formal
        letters = chain("uvstqr", GREEK, (f"value_{i}" for i in count(1)))
        fresh = (n for n in letters if n not in functions() and split_name(n) not in formals)
        name = next(name for name in chain(wanted, fresh) if split_name(name) not in taken)
        taken.add(split_name(name))
        yield name
