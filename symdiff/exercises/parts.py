"""The parts of an exercise file: its inputs with their shapes, the names known to a formula, and numbers.

A number is the one that is written: 0.1 is one tenth, "1/3" a third. An array is a list of numbers, a matrix
the list of its rows. Types and keys were checked before (`keys`); here parts are checked against each other.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.exercises.file import File, Part, Written, kind
from symdiff.expr.names import check_name
from symdiff.expr.operations import STACK
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import LARGEST, Shape, in_words, is_number, names_in, size, size_value
from symdiff.expr.tree import Expr, Sym
from symdiff.language.liberties import understood
from symdiff.language.misspellings import name_meant
from symdiff.language.program import check_assumption, check_sums, checked_size
from symdiff.language.reader import Reader, has_large_exponent
from symdiff.language.second_reading import Binding, confirm
from symdiff.language.smooth_powers import with_smooth_powers
from symdiff.tape.points import check_assumed

MOST_CHARACTERS = 40
TOO_LARGE = 10**300
NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?(/[0-9]+)?"
Nested = Fraction | tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a formula may use: names with their shapes, names of sizes; `later` ones are not defined yet."""

    names: Mapping[str, Sym]
    sizes: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    def plus(self, *names: Sym) -> Scope:
        """This scope with further names, which hide those of the same name."""
        return replace(self, names={**self.names, **{name.name: name for name in names}})

    def formula(self, file: File, text: str, *path: Part) -> Expr:
        """The expression that a formula is."""
        with file.placing(*path, near=text):
            if "#" in text:
                raise InputError("a formula has no comments", way_out="write # after the closing quote")
            way_out = "give each equation a line of its own under [definitions]"
            joined, tree = one_formula(text, self.names, self.later, way_out)
            found = _KnownNames(joined, self).read(tree)
        confirm(str(path[-1]), tree, found, Binding({*self.names, *self.later}, self.sizes))
        return with_smooth_powers(found)

    def either(self, file: File, value: str | Sequence[str], *path: Part) -> Expr:
        """One formula, or the vector of a list of them."""
        if isinstance(value, str):
            return self.formula(file, value, *path)
        parts = [self.formula(file, text, *path, i) for i, text in enumerate(value)]
        for i, part in enumerate(parts):
            if part.shape:
                what = f"{in_words(part.shape)} where a number is expected"
                way_out = "a component is one number; a formula for a whole vector is not in a list"
                raise file.error(what, *path, i, way_out=way_out, near=value[i])
        return Expr(STACK, *parts)


def one_formula(
    text: str, names: Mapping[str, Sym], own: Collection[str], way_out: str = ""
) -> tuple[str, ast.expr]:
    """A text on one line, and the tree of the one expression that it is, in which `names` and `own` stand."""
    joined = " ".join(text.split())
    if not joined:
        raise InputError("an empty text where a formula is expected")
    found = understood(joined, names, own)
    if len(found) != 1 or not isinstance(found[0], ast.Expr):
        raise InputError("one formula without = or ; is expected", way_out=way_out)
    return joined, found[0].value


class _KnownNames(Reader):
    """The reader for formulas whose names are all declared: another one is refused where it stands."""

    def __init__(self, text: str, scope: Scope) -> None:
        super().__init__(text, scope.names, scope.sizes, own=scope.later)
        self.later = scope.later

    def name(self, node: ast.expr) -> Sym:
        found = super().name(node)
        if found.name in self.later:
            self.fail(f"{found.name!r} is used before it is defined", node, "a name is defined above its use")
        if found.name not in self.names:
            known = [*self.names, *self.sizes]
            self.fail(f"unknown name {found.name!r}", node, name_meant(found.name, known))
        return found


Shapes = Mapping[str, Sequence[str | int]]


def read_inputs(
    file: File, inputs: Shapes, sequences: Shapes, assume: Mapping[str, str]
) -> tuple[Scope, dict[str, Sym]]:
    """The scope of the inputs, in order, and the sequences, each with the shape of one value."""
    shapes: dict[str, Shape] = {}
    for key, table in (("inputs", inputs), ("sequences", sequences)):
        for name, sizes in table.items():
            with file.placing(key, name):
                if name in shapes:
                    raise InputError(f"{name!r} is an input and a sequence", way_out="rename one")
                check_name(name)
                shapes[name] = tuple(size(checked_size(part)) for part in sizes)
    named = _named_sizes(file, shapes)
    _check_assumptions(file, assume, shapes)
    with file.placing("inputs"):
        check_sums(shapes)
    found = {n: Sym(n, shape=shape, assume=assume.get(n, "")) for n, shape in shapes.items()}
    return Scope({n: found[n] for n in inputs}, named), {n: found[n] for n in sequences}


def _named_sizes(file: File, shapes: Mapping[str, Shape]) -> tuple[str, ...]:
    """The sizes that are names, each once; none may also be an input."""
    found: dict[str, str] = {}
    for name, shape in shapes.items():
        for part in (name for length in shape for name in names_in(length)):
            if not is_number(part):
                found.setdefault(part, name)
    for part, name in found.items():
        if part in shapes:
            what = f"{part!r} is the name of an input and of a size"
            raise file.error(what, "inputs", name, way_out="rename one")
    return tuple(found)


def _check_assumptions(file: File, assume: Mapping[str, str], shapes: Mapping[str, Shape]) -> None:
    """Refuse what is assumed of no input, or is impossible for one of its shape."""
    _check_known(file, assume, shapes, "assume")
    for name, property in assume.items():
        with file.placing("assume", name):
            check_assumption(name, property, shapes)


def _check_known(file: File, table: Mapping[str, object], known: Mapping[str, object], key: str) -> None:
    for name in table:
        if name not in known:
            what = f"unknown key {shorten(name, 30)!r}"
            raise file.error(what, key, name, way_out=did_you_mean(name, known))


def exact(value: object) -> Fraction:
    """A number of a file as the fraction it is."""
    if isinstance(value, bool) or not isinstance(value, int | str | Written):
        raise InputError(f"{kind(value)} where a number is expected")
    if isinstance(value, int) and abs(value) >= 10**MOST_CHARACTERS:
        raise InputError("the number is too long or too large")
    text = value.text.replace("_", "") if isinstance(value, Written) else str(value).strip()
    if len(text) > MOST_CHARACTERS + 1 or has_large_exponent(text):
        raise InputError("the number is too long or too large")
    if not re.fullmatch(NUMBER, text):
        raise InputError(f"{shorten(text, 20)!r} is not a number", way_out='write 0.5, 2e-3 or "1/3"')
    top, _, bottom = text.partition("/")
    if bottom and not int(bottom):
        raise InputError(f"{text!r} divides by zero")
    found = Fraction(top) / int(bottom or 1)
    if abs(found) >= TOO_LARGE:
        raise InputError("the number is too long or too large")
    return found


def read_point(
    file: File, given: Mapping[str, Any] | None, inputs: Mapping[str, Sym]
) -> dict[str, Nested] | None:
    """The value of every input, in their order; sizes and assumptions hold."""
    if given is None:
        return None
    _check_known(file, given, inputs, "at")
    missing = [name for name in inputs if name not in given]
    if missing:
        what = f"no value for {', '.join(missing[:5])}"
        raise file.error(what, "at", way_out="every input needs one")
    sizes: dict[str, tuple[int, str]] = {}
    found = {}
    for name, sym in sorted(inputs.items(), key=lambda one: any("+" in str(part) for part in one[1].shape)):
        with file.placing("at", name):
            wanted = f"{name} is {in_words(sym.shape)}"
            found[name], lengths = _array(given[name], len(sym.shape), wanted)
            _unify(sym, lengths, sizes)
            check_assumed(sym, found[name])
    return {name: found[name] for name in inputs}


def _array(value: object, depth: int, wanted: str) -> tuple[Nested, tuple[int, ...]]:
    """A number, or lists of them `depth` deep as tuples, with their lengths from the outside in."""
    if depth == 0 and not isinstance(value, list):
        return exact(value), ()
    if depth == 0 or not isinstance(value, list):
        expected = "a list" if depth else "a number"
        raise InputError(f"{kind(value)} where {expected} is expected", way_out=wanted)
    if not 1 <= len(value) <= LARGEST:
        raise InputError(f"a list of {len(value)} numbers", way_out=f"a list has from 1 to {LARGEST}")
    parts = [_array(item, depth - 1, wanted) for item in value]
    lengths = {inner for _, inner in parts}
    if len(lengths) > 1:
        way_out = "a matrix is a list of rows of one length"
        raise InputError("the rows have different lengths", way_out=way_out)
    return tuple(part for part, _ in parts), (len(value), *lengths.pop())


def _unify(sym: Sym, lengths: tuple[int, ...], sizes: dict[str, tuple[int, str]]) -> None:
    """Refuse lengths that are not the declared ones, or that give a named size a second value."""
    for part, length in zip(sym.shape, lengths, strict=True):
        if is_number(part):
            if int(part) != length:
                raise InputError(f"a length of {length} where {sym.name} is {in_words(sym.shape)}")
            continue
        if "+" in str(part) and all(name in sizes for name in names_in(part)):
            known_sizes = {name: length for name, (length, _) in sizes.items()}
            sizes[str(part)] = size_value(part, known_sizes), "the inputs before"
        known, where = sizes.setdefault(str(part), (length, sym.name))
        if known != length:
            raise InputError(f"the size {part} is {known} in {where} and {length} in {sym.name}")
