"""Text to program: the definitions a text makes, its inputs in order, and the name of its result.

The language: numbers, names, + − * / ** @, brackets, indices, calls of the functions in the rule table. A
text is an expression, an equation `y = …` or `f(x, a) = …`, or several equations, one a line, the last of
which is the result. The author's form is kept to the letter: numbers as written, no sorting, no
simplification. Characters and brackets are read by `syntax`, formulas by `reader`. No derivative and no tape
is known here.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, count

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.expr.names import check_distinct, check_name, split_name
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import LARGEST, Shape, is_number, size
from symdiff.expr.tree import Expr, Sym, symbols
from symdiff.language.reader import Reader
from symdiff.language.syntax import statements


@dataclass(frozen=True, slots=True)
class Program:
    """Inputs in order, and definitions in order, the last one the result."""

    inputs: tuple[Sym, ...]
    definitions: tuple[tuple[Sym, Expr], ...]


Definitions = Sequence[tuple[Sym, Expr]]
RESULT_NAMES = ("y", "f", "z", "F", "result")


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
    assumed = assumed or {}
    shaped = {
        name: Sym(name, shape=_checked_shape(shape), assume=assumed.get(name, ""))
        for name, shape in (shapes or {}).items()
    }
    sizes = {str(part) for name in shaped.values() for part in name.shape if not is_number(part)}
    reader = Reader(text, shaped, sizes)
    declared = [shaped.get(name) or Sym(check_name(name)) for name in inputs or ()]
    reader.names |= {name.name: name for name in declared}
    definitions: list[tuple[Sym, Expr]] = []
    body = statements(text)
    for number, statement in enumerate(body):
        if isinstance(statement, ast.Expr) and number == len(body) - 1:
            formula = reader.read(statement.value)
            definitions.append((_result_name(formula, declared, definitions), formula))
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            definitions.append(_definition(reader, statement, declared, definitions))
        else:
            reader.fail("only expressions and equations name = expression are allowed", statement)
    return _program(declared, definitions, fixed=inputs is not None)


def _definition(
    reader: Reader, statement: ast.Assign, declared: list[Sym], before: Definitions
) -> tuple[Sym, Expr]:
    """The definition that an equation is; the arguments of f(x, a) = … are added to `declared`."""
    target, arguments = reader.target(statement.targets[0])
    declared += arguments
    reader.names |= {name.name: name for name in arguments}
    formula = reader.read(statement.value)
    if target.name in reader.sizes:
        raise InputError(f"{target.name!r} is a size, it cannot be defined", way_out="rename one")
    if target.name in {s.name for s in (*declared, *(name for name, _ in before))}:
        raise InputError(f"{target.name!r} is defined by a formula that uses it, or twice")
    target = reader.names[target.name] = Sym(target.name, shape=formula.shape)
    return target, formula


def _result_name(formula: Expr, declared: Sequence[Sym], definitions: Definitions) -> Sym:
    """A free name for a result that the author gave none."""
    used = {s.name for f in (*(f for _, f in definitions), formula) for s in symbols(f)}
    used |= {s.name for s in (*declared, *(name for name, _ in definitions))}
    numbered = (f"result_{i}" for i in count(1))
    return Sym(next(n for n in chain(RESULT_NAMES, numbered) if n not in used), shape=formula.shape)


def _checked_shape(shape: Shape) -> Shape:
    """A shape as it is kept, its numbers in bounds."""
    for part in shape:
        if is_number(part) and not 1 <= int(part) <= LARGEST:
            raise InputError(f"a size is a whole number from 1 to {LARGEST}, not {part}")
    return tuple(map(size, shape))


def _program(declared: Sequence[Sym], definitions: Definitions, fixed: bool) -> Program:
    """The program of these definitions, every name checked; names not defined are inputs unless `fixed`."""
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
    return Program(tuple(found if fixed else _indices_in_order(found)), tuple(definitions))


def _indices_in_order(names: list[Sym]) -> list[Sym]:
    """`names` in order of appearance, those of one stem by index: x2, a, x1 as x1, a, x2."""
    families: dict[str, list[Sym]] = {}
    for name in names:
        families.setdefault(split_name(name.name)[0], []).append(name)
    queues = {stem: iter(sorted(family, key=_index_key)) for stem, family in families.items()}
    return [next(queues[split_name(name.name)[0]]) for name in names]


def _index_key(name: Sym) -> tuple[int, str]:
    index = split_name(name.name)[2]
    return (int(index) if index.isdigit() else -1), index
