"""Text to program: the definitions a text makes, its inputs in order, and the name of its result.

The language: numbers, names, + − * / **, brackets, calls of the functions in the rule table. A text is
an expression, an equation `y = …` or `f(x, a) = …`, or several equations, one a line, the last of
which is the result. The author's form is kept to the letter: numbers as written, no sorting, no
simplification. A sign in front of a product belongs to the product, as on paper: −ax is −(ax).
This module knows no derivative and no tape; characters and brackets are the `reader`'s.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.expr.names import check_distinct, check_name, split_name
from symdiff.expr.shapes import LARGEST, Shape, is_number, size
from symdiff.expr.tree import Expr, Sym, symbols
from symdiff.language.reader import Reader, statements

RESULT_NAMES = ("y", "f", "z", "F", "result")


@dataclass(frozen=True, slots=True)
class Program:
    """What a text says: inputs in order, and definitions in order, the last one the result."""

    inputs: tuple[Sym, ...]
    definitions: tuple[tuple[Sym, Expr], ...]


def parse_expression(text: str, names: Mapping[str, Sym] | None = None, sizes: Collection[str] = ()) -> Expr:
    """The expression that `text` is, in the author's form; `names` are those with a known shape."""
    statement = statements(text)
    if len(statement) != 1 or not isinstance(statement[0], ast.Expr):
        raise InputError("one expression is expected", where=repr(shorten(text)))
    return Reader(text, names, sizes).read(statement[0].value)


def parse_program(
    text: str,
    inputs: tuple[str, ...] | None = None,
    shapes: Mapping[str, Shape] | None = None,
    assumed: Mapping[str, str] | None = None,
) -> Program:
    """The definitions in `text`; `inputs` fixes the inputs and their order, else order of appearance.

    `shapes` gives the inputs that are vectors or matrices, `assumed` what is known of them; a name that is a
    size in a shape may stand in formulas.
    """
    shaped = {n: Sym(n, shape=_kept(s), assume=(assumed or {}).get(n, "")) for n, s in (shapes or {}).items()}
    sizes = {str(part) for name in shaped.values() for part in name.shape if not is_number(part)}
    reader = Reader(text, shaped, sizes)
    declared = [shaped.get(name) or Sym(check_name(name)) for name in inputs or ()]
    reader.names |= {name.name: name for name in declared}
    definitions: list[tuple[Sym, Expr]] = []
    found = statements(text)
    for number, statement in enumerate(found):
        if isinstance(statement, ast.Expr) and number == len(found) - 1:
            formula = reader.read(statement.value)
            used = {s.name for _, f in [*definitions, (None, formula)] for s in symbols(f)}
            used |= {s.name for s, _ in definitions} | {s.name for s in declared}
            name = next(n for n in chain(RESULT_NAMES, _numbered_names()) if n not in used)
            definitions.append((Sym(name, shape=formula.shape), formula))
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, arguments = reader.target(statement.targets[0])
            declared += arguments
            reader.names |= {name.name: name for name in arguments}
            formula = reader.read(statement.value)
            if target.name in sizes:
                raise InputError(f"{target.name!r} is a size, it cannot be defined", way_out="rename one")
            if target.name in {s.name for s in (*declared, *(name for name, _ in definitions))}:
                raise InputError(f"{target.name!r} is defined by a formula that uses it, or twice")
            target = reader.names[target.name] = Sym(target.name, shape=formula.shape)
            definitions.append((target, formula))
        else:
            reader.fail("only expressions and equations name = expression are allowed", statement)
    return _program(declared, definitions, fixed=inputs is not None)


def _kept(shape: Shape) -> Shape:
    """A shape as it is kept, its numbers in bounds."""
    for part in shape:
        if is_number(part) and not 1 <= int(part) <= LARGEST:
            raise InputError(f"a size is a whole number from 1 to {LARGEST}, not {part}")
    return tuple(map(size, shape))


def _numbered_names() -> Iterator[str]:
    return (f"result_{i}" for i in count(1))


def _program(declared: list[Sym], definitions: list[tuple[Sym, Expr]], fixed: bool) -> Program:
    defined: set[Sym] = set()
    found = list(dict.fromkeys(declared))
    fixed = fixed or bool(declared)
    for target, formula in definitions:
        for name in symbols(formula):
            if name in defined or name in found:
                continue
            if fixed:
                known = [s.name for s in [*found, *defined]]
                raise InputError(f"unknown name {name.name!r}", way_out=did_you_mean(name.name, known))
            found.append(name)
        if target.name in {s.name for s in (*defined, *found)}:
            raise InputError(f"{target.name!r} is defined by a formula that uses it, or twice")
        defined.add(target)
    check_distinct([s.name for s in [*found, *defined]])
    return Program(tuple(found if fixed else _families_in_order(found)), tuple(definitions))


def _families_in_order(names: list[Sym]) -> list[Sym]:
    """`names` in order of appearance, but x2, x1 as x1, x2 in the places the two have."""
    families: dict[str, list[Sym]] = {}
    for name in names:
        families.setdefault(split_name(name.name)[0], []).append(name)
    queues = {stem: iter(sorted(family, key=_index)) for stem, family in families.items()}
    return [next(queues[split_name(name.name)[0]]) for name in names]


def _index(name: Sym) -> tuple[int, str]:
    index = split_name(name.name)[2]
    return (int(index) if index.isdigit() else -1), index
