"""Text to program: the definitions a text makes, its inputs in order, and the name of its result.

The language: numbers, names, + − * / ** @, brackets, indices, calls of the functions in the rule table. A
text is an expression, an equation `y = …` or `f(x, a) = …`, or several equations, one a line, the last of
which is the result. The author's form is kept to the letter: numbers as written, no sorting, no
simplification. Characters and brackets are read by `syntax`, formulas by `reader`. No derivative and no tape
is known here.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, count
from typing import NoReturn

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.expr.leaves import HeldIndex, held_indices
from symdiff.expr.names import check_name, split_name
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import LARGEST, Shape, Size, in_words, is_number, names_in, plus, size
from symdiff.expr.tree import Expr, Sym, symbols
from symdiff.expr.unspecified import function_names
from symdiff.language import marks
from symdiff.language.conditional import with_masks_put_in
from symdiff.language.liberties import understood
from symdiff.language.misspellings import name_meant
from symdiff.language.paper_products import bracketed_factor
from symdiff.language.reader import Reader
from symdiff.language.refusals import of_node
from symdiff.language.second_reading import Binding, confirm, names_on_the_left
from symdiff.language.smooth_powers import with_smooth_powers
from symdiff.language.undeclared import tell_of_inputs
from symdiff.language.unspecified_calls import check_functions, tell_of_functions
from symdiff.language.words import (
    check_numbers_apart,
    check_size_name,
    functions_as_names,
    tell_of_function,
)


@dataclass(frozen=True, slots=True)
class Program:
    """Inputs in order, and definitions in order, the last one the result.

    Raises:
        InputError: a name of the author's would print like a number in a formula, or in its derivative.
    """

    inputs: tuple[Sym, ...]
    definitions: tuple[tuple[Sym, Expr], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "definitions", with_masks_put_in(self.definitions))
        names = {name.name for name in (*self.inputs, *(target for target, _ in self.definitions))}
        check_indices(self)
        check_numbers_apart(names, (formula for _, formula in self.definitions))
        check_functions(names, (formula for _, formula in self.definitions))

    @property
    def indices(self) -> dict[str, HeldIndex]:
        """The indices that are names, by name; they are no inputs, nothing is differentiated by them."""
        return indices_of(self.definitions)


Definitions = Sequence[tuple[Sym, Expr]]


def indices_of(definitions: Definitions) -> dict[str, HeldIndex]:
    """The indices that are names, by name, in reading order."""
    found: dict[str, HeldIndex] = {}
    for _, formula in definitions:
        for index in held_indices(formula):
            found.setdefault(index.name, index)
    return found


def without_indices(names: Iterable[Sym], definitions: Definitions) -> tuple[Sym, ...]:
    """The declared names that are inputs: those that are no indices."""
    indices = indices_of(definitions)
    return tuple(name for name in names if name.name not in indices and name.assume != INDEX_NAME)


def check_indices(program: Program) -> None:
    """Refuse an index that counts two axes of different sizes, or that is a number or defined as well."""
    known = program.indices
    for _, formula in program.definitions:
        for index in held_indices(formula):
            if index != known[index.name]:
                limits = f"{known[index.name].limit} entries in one place and {index.limit} in another"
                raise InputError(f"{index.name} counts {limits}", way_out="take an index for each")
    every = [symbol for _, formula in program.definitions for symbol in symbols(formula)]
    for name in (*every, *program.inputs, *(target for target, _ in program.definitions)):
        if name.name in known or name.assume == INDEX_NAME:
            what = f"{name.name!r} is an index in [ ], and a number elsewhere"
            if name in dict(program.definitions):
                what = f"{name.name!r} is defined, and an index in [ ] is given, a whole number"
            raise InputError(what, way_out="an index stands in [ ] only")


INDEX_NAME = "index"
ASSUMPTIONS = ("simplex", "symmetric", INDEX_NAME)
RESULT_NAMES = ("y", "f", "z", "F", "result")


def parse_expression(text: str, names: Mapping[str, Sym] | None = None, sizes: Collection[str] = ()) -> Expr:
    """The expression that `text` is, in the author's form; `names` are those with a known shape."""
    statement = understood(text, names or {})
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
    declared = [shaped.get(name) or Sym(check_name(name)) for name in inputs or ()]
    _check_declared([name.name for name in declared], [*shaped], sizes)
    body = understood(text, shaped | {name.name: name for name in declared})
    own = names_on_the_left(
        target for each in body if isinstance(each, ast.Assign) for target in each.targets
    )
    fixed = inputs is not None or _has_arguments(body)
    words = {} if fixed else functions_as_names(body)
    for word in words.keys() - own - shaped.keys():
        tell_of_function(word, words[word].lineno)
    own |= words.keys()
    reader = Reader(text, shaped | {name.name: name for name in declared}, sizes, own)
    binding = Binding(own | reader.names.keys(), sizes)
    definitions: list[tuple[Sym, Expr]] = []
    for number, statement in enumerate(body):
        if isinstance(statement, ast.Expr) and number == len(body) - 1:
            if isinstance(statement.value, ast.Compare | ast.BoolOp):
                what, way_out = of_node(statement.value)
                reader.fail(what, statement.value, way_out)
            formula = reader.read(statement.value)
            definitions.append((_result_name(formula, declared, definitions), formula))
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            definitions.append(_definition(reader, statement, declared, definitions))
        else:
            what, way_out = of_node(statement)
            reader.fail(what, statement, way_out)
        name, formula = definitions[-1]
        if formula.shape == (1,) and (factor := bracketed_factor(statement.value)):
            inner = shorten(marks.in_words(factor)[1:-1], 40)
            way_out = f"write ({inner}) for a factor; a vector of one number stands in a line of its own"
            reader.fail(f"[{inner}] can be read in two ways", factor, way_out)
        confirm(name.name, statement.value, formula, binding)
        definitions[-1] = name, with_smooth_powers(formula)
    if inputs is None and declared:  # f(w) = … with the shapes of X and y: these are inputs too
        used = {name for _, formula in definitions for name in symbols(formula)}
        declared += [name for name in shaped.values() if name in used.difference(declared)]
    found = _program(declared, definitions, sizes, fixed=inputs is not None)
    tell_of_functions(formula for _, formula in found.definitions)
    tell_of_inputs(text, found.inputs, declared)
    return found


def _has_arguments(body: Sequence[ast.stmt]) -> bool:
    """Whether an equation says what its inputs are: f(x, a) = …"""
    targets = (target for each in body if isinstance(each, ast.Assign) for target in each.targets)
    return any(isinstance(target, ast.Subscript) for target in targets)


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
    used |= {index.name for f in (*(f for _, f in definitions), formula) for index in held_indices(f)}
    used |= function_names((formula, *(body for _, body in definitions)))
    numbered = (f"result_{i}" for i in count(1))
    return Sym(next(n for n in chain(RESULT_NAMES, numbered) if n not in used), shape=formula.shape)


def _check_declared(inputs: Sequence[str], shaped: Sequence[str], sizes: Collection[str]) -> None:
    """Refuse an input that is declared twice, and a size that is also the name of an input."""
    check_given_once(inputs)
    for name in (*inputs, *shaped):
        if name in sizes:
            raise InputError(f"{name!r} is the name of an input and of a size", way_out="rename one")


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
    found = {name: checked_shape(check_name(name), shape) for name, shape in shapes.items()}
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
        raise InputError(
            f"a size is a name or a whole number from 1 to {LARGEST}, not {shorten(repr(part), 30)}"
        )
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
    if property == INDEX_NAME and len(shape) > 1:
        raise InputError(f"{name} is {in_words(shape)}", way_out="an index is a number, or a vector of them")
    if property == "symmetric" and (len(shape) != 2 or shape[0] != shape[1]):
        raise InputError(f"{name} is {in_words(shape)}", way_out="a symmetric matrix is square")


def _program(
    declared: Sequence[Sym], definitions: Definitions, sizes: Collection[str], fixed: bool
) -> Program:
    """The program of these definitions, every name checked; names not defined are inputs unless `fixed`."""
    found = list(without_indices(dict.fromkeys(declared), definitions))
    known = set(found)
    taken = {name.name for name in found}
    by_arguments = bool(declared) and not fixed
    fixed = fixed or bool(declared)
    for number, (target, formula) in enumerate(definitions):
        for name in symbols(formula):
            if name in known:
                continue
            if fixed:
                way_out = name_meant(name.name, taken)
                if by_arguments and way_out.startswith("known:"):
                    way_out += "; the brackets on the left hold every input, or leave them out"
                raise InputError(f"unknown name {name.name!r}", way_out=way_out)
            found.append(name)
            known.add(name)
            taken.add(name.name)
        if target.name in taken:
            _refuse_definition(target, formula, definitions[:number], declared)
        known.add(target)
        taken.add(target.name)
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
