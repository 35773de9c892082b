"""Text to program: the definitions a text makes, its inputs in order, and the name of its result.

The language: numbers, names, + − * / ** @, brackets, indices, calls of the functions in the rule table. A
text is an expression, an equation `y = …` or `f(x, a) = …`, or several equations, one a line, the last of
which is the result. The author's form is kept to the letter: numbers as written, no sorting, no
simplification. Characters and brackets are read by `syntax`, formulas by `reader`. No derivative and no tape
is known here.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import NoReturn

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.expr.names import check_distinct, split_name
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import LARGEST, Shape, Size, in_words, is_number, names_in, plus, size
from symdiff.expr.tree import Expr, Sym, symbols
from symdiff.language.reader import Reader
from symdiff.language.second_reading import Binding, confirm, names_on_the_left
from symdiff.language.smooth_powers import with_smooth_powers
from symdiff.language.syntax import statements
from symdiff.language.words import check_numbers_apart, check_own_name, check_size_name


@dataclass(frozen=True, slots=True)
class Program:
    """Inputs in order, and definitions in order, the last one the result.

    Raises:
        InputError: a name of the author's would print like a number in a formula, or in its derivative.
    """

    inputs: tuple[Sym, ...]
    definitions: tuple[tuple[Sym, Expr], ...]

    def __post_init__(self) -> None:
        names = {name.name for name in (*self.inputs, *(target for target, _ in self.definitions))}
        check_numbers_apart(names, (formula for _, formula in self.definitions))


Definitions = Sequence[tuple[Sym, Expr]]
ASSUMPTIONS = ("simplex", "symmetric")
RESULT_NAMES = ("y", "f", "z", "F", "result")


def parse_expression(text: str, names: Mapping[str, Sym] | None = None, sizes: Collection[str] = ()) -> Expr:
    """The expression that `text` is, in the author's form; `names` are those with a known shape."""
    statement = statements(text)
    if len(statement) != 1 or not isinstance(statement[0], ast.Expr):
        raise InputError("one expression is expected", where=repr(shorten(text)))
    found = Reader(text, names, sizes).read(statement[0].value)
    confirm("the expression", statement[0].value, found, Binding(names or (), sizes))
    return with_smooth_powers(found)


def parse_program(
    text: str,
    inputs: tuple[str, ...] | None = None,
    shapes: Mapping[str, Shape] | None = None,
    assumed: Mapping[str, str] | None = None,
    sizes: Collection[str] = (),
) -> Program:
    """The definitions in `text`; `inputs` fixes the inputs and their order, else order of appearance.

    `shapes` gives the inputs that are vectors or matrices, `assumed` what is known of them; a name that is a
    size in a shape, or one of `sizes`, may stand in formulas.
    """
    shaped = shaped_names(shapes or {}, assumed or {})
    sizes = {*sizes, *sizes_of(shaped.values())}
    declared = [shaped.get(name) or Sym(check_own_name(name)) for name in inputs or ()]
    _check_declared([name.name for name in declared], [*shaped], sizes)
    body = statements(text)
    own = names_on_the_left(
        target for each in body if isinstance(each, ast.Assign) for target in each.targets
    )
    reader = Reader(text, shaped | {name.name: name for name in declared}, sizes, own)
    binding = Binding(own | reader.names.keys(), sizes)
    definitions: list[tuple[Sym, Expr]] = []
    for number, statement in enumerate(body):
        if isinstance(statement, ast.Expr) and number == len(body) - 1:
            formula = reader.read(statement.value)
            definitions.append((_result_name(formula, declared, definitions), formula))
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            definitions.append(_definition(reader, statement, declared, definitions))
        else:
            reader.fail("only expressions and equations name = expression are allowed", statement)
        name, formula = definitions[-1]
        confirm(name.name, statement.value, formula, binding)
        definitions[-1] = name, with_smooth_powers(formula)
    return _program(declared, definitions, sizes, fixed=inputs is not None)


def _definition(
    reader: Reader, statement: ast.Assign, declared: list[Sym], earlier: Definitions
) -> tuple[Sym, Expr]:
    """The definition that an equation is; the arguments of f(x, a) = … are added to `declared`."""
    target, arguments = reader.target(statement.targets[0])
    declared += arguments
    if arguments:
        _check_declared([name.name for name in declared], (), reader.sizes)
    reader.names |= {name.name: name for name in arguments}
    formula = reader.read(statement.value)
    if target.name in reader.sizes:
        raise InputError(f"{target.name!r} is a size, it cannot be defined", way_out="rename one")
    if target.name in reader.names:
        _refuse_definition(target, formula, earlier, declared)
    target = reader.names[target.name] = Sym(target.name, shape=formula.shape)
    return target, formula


def _result_name(formula: Expr, declared: Sequence[Sym], definitions: Definitions) -> Sym:
    """A free name for a result that the author gave none."""
    used = {s.name for f in (*(f for _, f in definitions), formula) for s in symbols(f)}
    used |= {s.name for s in (*declared, *(name for name, _ in definitions))}
    numbered = (f"result_{i}" for i in count(1))
    return Sym(next(n for n in chain(RESULT_NAMES, numbered) if n not in used), shape=formula.shape)


def _check_declared(inputs: Sequence[str], shaped: Sequence[str], sizes: Collection[str]) -> None:
    """Refuse an input that is declared twice, and a size that is also the name of an input."""
    check_given_once(inputs)
    for name in (*inputs, *shaped):
        if name in sizes:
            raise InputError(f"{name!r} is the name of an input and of a size", way_out="rename one")
    check_distinct([*dict.fromkeys((*inputs, *shaped)), *sizes])


def check_given_once(inputs: Sequence[str]) -> None:
    """Refuse an input that is named twice."""
    seen: set[str] = set()
    twice = next((name for name in inputs if name in seen or seen.add(name)), None)  # type: ignore[func-returns-value]
    if twice is not None:
        raise InputError(f"{twice!r} is given twice", way_out="an input is named once")


def sizes_of(names: Iterable[Sym]) -> dict[str, None]:
    """The sizes in the shapes of `names` that are names, in order."""
    parts = (part for name in names for length in name.shape for part in names_in(length))
    return dict.fromkeys(part for part in parts if not is_number(part))


def shaped_names(shapes: Mapping[str, Shape], assumed: Mapping[str, str]) -> dict[str, Sym]:
    """The inputs that have a shape, or of which something is known."""
    found = {name: checked_shape(check_own_name(name), shape) for name, shape in shapes.items()}
    check_sums(found)
    for name, property in assumed.items():
        check_assumption(name, property, found)
    return {name: Sym(name, shape=shape, assume=assumed.get(name, "")) for name, shape in found.items()}


MOST_AXES = 2


def checked_shape(name: str, shape: Shape) -> Shape:
    """A shape as it is kept: no, one or two sizes, each a name or a whole number in bounds."""
    way_out = 'write () for a number, ("n",) or (3,) for a vector, ("m", "n") for a matrix'
    if not isinstance(shape, tuple | list):
        raise InputError(f"{shorten(repr(shape), 30)} is no shape of {name}", way_out=way_out)
    if len(shape) > MOST_AXES:
        raise InputError(f"a shape of {len(shape)} sizes", where=name, way_out=way_out)
    return tuple(size(checked_size(part)) for part in shape)


def check_sums(shapes: Mapping[str, Shape]) -> None:
    """Refuse a size n+d whose names are not sizes by themselves: arrays could not say what n and d are."""
    sizes = [part for shape in shapes.values() for part in shape]
    for part in sizes:
        unknown = next((name for name in names_in(part) if name not in sizes), None)
        if unknown is not None:
            way_out = f"give {unknown} to an input as its size, or call the sum by one name"
            raise InputError(f"no input has the size {unknown} alone, which is in {part}", way_out=way_out)


def checked_size(part: Size) -> Size:
    """A size of a shape: a name, a whole number, or a sum of them."""
    if isinstance(part, str) and "+" in part:
        return plus(*(checked_size(term.strip()) for term in part.split("+")))
    if isinstance(part, str) and not part.isdecimal():
        return check_size_name(part)
    whole = isinstance(part, str) or (isinstance(part, int) and not isinstance(part, bool))
    if not whole or not 1 <= int(part) <= LARGEST:
        raise InputError(f"a size is a name or a whole number from 1 to {LARGEST}, not {part!r}")
    return int(part)


def check_assumption(name: str, property: str, shapes: Mapping[str, Shape]) -> None:
    """Refuse what is assumed of no input, or is impossible for one of its shape."""
    if name not in shapes:
        raise InputError(f"unknown name {shorten(name, 30)!r}", way_out=did_you_mean(name, shapes))
    shape = shapes[name]
    if property not in ASSUMPTIONS:
        way_out = did_you_mean(property, ASSUMPTIONS)
        raise InputError(f"unknown assumption {shorten(property, 30)!r}", where=name, way_out=way_out)
    if property == "simplex" and not shape:
        raise InputError(
            f"{name} is {in_words(shape)}", way_out="a simplex holds vectors, or a matrix's rows"
        )
    if property == "symmetric" and (len(shape) != 2 or shape[0] != shape[1]):
        raise InputError(f"{name} is {in_words(shape)}", way_out="a symmetric matrix is square")


def _program(
    declared: Sequence[Sym], definitions: Definitions, sizes: Collection[str], fixed: bool
) -> Program:
    """The program of these definitions, every name checked; names not defined are inputs unless `fixed`."""
    found = list(dict.fromkeys(declared))
    known = set(found)
    taken = {name.name for name in found}
    fixed = fixed or bool(declared)
    for number, (target, formula) in enumerate(definitions):
        for name in symbols(formula):
            if name in known:
                continue
            if fixed:
                raise InputError(f"unknown name {name.name!r}", way_out=did_you_mean(name.name, taken))
            found.append(name)
            known.add(name)
            taken.add(name.name)
        if target.name in taken:
            _refuse_definition(target, formula, definitions[:number], declared)
        known.add(target)
        taken.add(target.name)
    check_distinct([*dict.fromkeys([*(name.name for name in found), *sorted(taken), *sizes])])
    return Program(tuple(found if fixed else _indices_in_order(found)), tuple(definitions))


def _refuse_definition(target: Sym, formula: Expr, earlier: Definitions, declared: Sequence[Sym]) -> NoReturn:
    """Say why a name cannot be defined here: it is defined above, or used above, or an input.

    Raises:
        InputError: always.
    """
    name = target.name
    if name in {declaration.name for declaration in declared}:
        raise InputError(f"{name!r} is an input, it cannot be defined", way_out="rename one")
    uses = {above.name: {symbol.name for symbol in symbols(body)} for above, body in earlier}
    if name in uses:
        raise InputError(f"{name!r} is defined twice", way_out="rename one")
    needed = {symbol.name for symbol in symbols(formula)}
    if name in needed:
        way_out = "rename one, or write a recurrence, as h[t] = w*h[t-1]"
        raise InputError(f"{name!r} is defined by a formula that uses it", way_out=way_out)
    for above in reversed(uses):
        needed |= uses[above] if above in needed else set()
    users = [above for above in uses if name in uses[above]]
    both = next((above for above in users if above in needed), None)
    if both is not None:
        raise InputError(f"{both!r} and {name!r} are defined by each other")
    what = f"{users[0]!r} uses {name!r} before it is defined" if users else f"{name!r} is taken"
    raise InputError(what, way_out="a name is defined above its use" if users else "rename one")


def entries_alike(named: Mapping[str, Sym]) -> Iterator[tuple[str, str]]:
    """The names of numbers that print like an entry of a vector: x1 or x_1 beside x, each with the vector."""
    for name, sym in named.items():
        stem, accent, index = split_name(name)
        vector = named.get(stem + accent)
        if vector is not None and not sym.shape and _has_entry(vector, index):
            yield name, vector.name


def _has_entry(vector: Sym, index: str) -> bool:
    """Whether a vector has an entry with this index, counted from 1."""
    if len(vector.shape) != 1 or not index.isdigit() or int(index) == 0:
        return False
    length = vector.shape[0]
    return not is_number(length) or int(index) <= int(length)


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
