"""Points as users give them: numbers for scalars, lists of numbers for arrays; checked against a tape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from symdiff.errors import InputError, UsageError, did_you_mean, shorten
from symdiff.expr.leaves import HeldIndex
from symdiff.expr.operations import SLICE, places_of
from symdiff.expr.shapes import Shape, Size, in_words, is_number, minus, names_in, size_value
from symdiff.expr.tree import ALL, INDEX, Expr, Sym, position_of, postorder
from symdiff.expr.unspecified import function_names
from symdiff.language.reader import has_large_exponent
from symdiff.tape.tape import Tape

Nested = Any


def exact_point(at: Mapping[str, Any]) -> dict[str, Nested]:
    """Numbers, lists and NumPy arrays as exact fractions in tuples; 0.1 is one tenth.

    Raises:
        UsageError: a value is no number, or one that is too long or too large.
    """
    return {name: exact(value) for name, value in at.items()}


def exact(value: Any) -> Nested:
    """One value, exactly as it is written in decimals."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(exact(part) for part in value)
    text = str(value)
    if text.lower().partition("e")[2].lstrip("+-").isdigit() and has_large_exponent(text):
        raise UsageError(f"{shorten(text, 30)} is too long or too large", where="at")
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        way_out = "write at={'x': 0.5}, or lists of numbers for arrays"
        raise UsageError(f"{shorten(repr(value), 30)} is not a number", where="at", way_out=way_out) from None


def checked_point(tape: Tape, at: Mapping[str, Nested] | None) -> dict[str, Nested] | None:
    """The point in the order of the inputs, if each has a value of its shape and no other name has one.

    Raises:
        UsageError: a value is missing, has another shape, or belongs to no input.
        InputError: a value contradicts what the author assumes of its name.
    """
    if at is None:
        return None
    _refuse_functions(tape)
    wanted = (*tape.variables, *tape.indices)
    for name in at:
        if name not in wanted:
            way_out = did_you_mean(name, wanted)
            raise UsageError(f"{name!r} is not an input", where="--at", way_out=way_out)
    missing = [name for name in wanted if name not in at]
    if missing:
        way_out = f"add {missing[0]}=…"
        raise UsageError(f"no value for {', '.join(missing)}", where="--at", way_out=way_out)
    sizes: dict[str, int] = {}
    # Sums of sizes last: what they are worth follows from the sizes that stand alone.
    for given in sorted((name for _, name in tape.inputs), key=_has_sums):
        _check_shape(given, at[given.name], sizes)
        check_assumed(given, at[given.name])
    for index in tape.indices.values():
        _check_shape(index, at[index.name], sizes)
        check_index(index, at[index.name], sizes)
    for part, pick, node in _places(tape):
        if not 0 <= size_value(pick, sizes) < size_value(part, sizes):
            known = ", ".join(f"{name} = {value}" for name, value in sizes.items())
            what = f"there is no {shorten(str(node), 30)}" + (f" where {known}" if known else "")
            raise UsageError(what, where="--at", way_out="give an array with more entries")
    return {name: at[name] for name in wanted}


def check_index(index: HeldIndex, value: Nested, sizes: Mapping[str, int]) -> None:
    """Refuse what is no place of the axis that an index counts.

    Raises:
        InputError: it is no whole number, or beyond the axis.
    """
    limit = size_value(index.limit, sizes)
    for place in value if isinstance(value, tuple) else (value,):
        if place.denominator != 1 or not 0 <= place < limit:
            what = f"{index.name} is an index of {limit} entries, counted from 0"
            raise InputError(
                f"{what}, and not {_value_in_words(place)}",
                way_out=f"give a whole number from 0 to {limit - 1}",
            )


def _refuse_functions(tape: Tape) -> None:
    """Refuse numbers for a function that has none."""
    functions = sorted(function_names(formula for _, formula in tape.definitions))
    if functions:
        what = f"{functions[0]} is a function without a formula, so that nothing has a number at a point"
        way_out = f"leave out the point, or write a formula in place of {functions[0]}(…)"
        raise UsageError(what, where="--at", way_out=way_out)


def _places(tape: Tape) -> Iterator[tuple[Size, Size, Expr]]:
    """The entries that the author's formulas take by number, each with the size of its axis."""
    nodes = (node for _, formula in tape.definitions for node in postorder(formula) if tape.has_arrays)
    for node in nodes:
        shape = node.args[0].shape if node.args else ()
        if node.op is SLICE:
            for part, (start, stop) in zip(shape, places_of(node.args[1:]), strict=True):
                yield from ((stop, start, node), (part, minus(stop, 1), node))
        if node.op is INDEX:
            for part, pick in zip(shape, node.args[1:], strict=False):
                if pick is not ALL:
                    yield part, position_of(pick), node


def _has_sums(name: Sym) -> bool:
    return any("+" in str(part) for part in name.shape)


def _check_shape(name: Sym | HeldIndex, value: Nested, sizes: dict[str, int]) -> None:
    found = shape_of(value)
    fits = found is not None and len(found) == len(name.shape)
    for part, length in zip(name.shape, (found or ()) if fits else (), strict=False):
        if "+" in str(part) and all(name in sizes for name in names_in(part)):
            sizes[str(part)] = size_value(part, sizes)
        known = int(part) if is_number(part) else sizes.setdefault(str(part), length)
        fits = fits and known == length > 0
    if not fits:
        given = in_words(found) if found is not None else "a list of rows of different lengths"
        what = f"{name.name} is {_shape_with_sizes(name.shape, sizes)}, but its value is {given}"
        raise UsageError(what, where="--at", way_out=f"write {EXAMPLES[len(name.shape)]}")


EXAMPLES = ("a number, as 0.5", "a list of numbers, as [1, 2]", "a list of its rows, as [[1, 2], [3, 4]]")
"""How the value of a number, of a vector and of a matrix is written."""


def check_assumed(name: Sym, value: Nested) -> None:
    """Refuse a value that contradicts what the author assumes of its name.

    Raises:
        InputError: a vector is not on the simplex, or a matrix is not symmetric.
    """
    if name.assume == "simplex":
        for row in [value] if len(name.shape) == 1 else value:
            if min(row) < 0 or sum(row) != 1:
                subject = f"{'each row of ' if len(name.shape) > 1 else ''}{name.name}"
                what = f"{subject} must be a probability vector, entries at least 0 that add up to exactly 1"
                found = f"one is {_value_in_words(min(row))}" if min(row) < 0 else _sum_in_words(row)
                raise InputError(what, way_out=f"here {found}")
    if name.assume == "symmetric" and value != tuple(zip(*value, strict=True)):
        raise InputError(f"{name.name} must be symmetric", way_out="make it so, or do not assume it")


def _sum_in_words(row: tuple[Fraction, ...]) -> str:
    return f"they add up to {_value_in_words(sum(row, Fraction(0)))}"


def _shape_with_sizes(shape: Shape, sizes: Mapping[str, int]) -> str:
    return in_words(tuple(f"{part} = {sizes[str(part)]}" if part in sizes else part for part in shape))


def shape_of(value: Nested) -> tuple[int, ...] | None:
    """The sizes of nested tuples; None if rows have different lengths."""
    if not isinstance(value, tuple):
        return ()
    inner = {shape_of(part) for part in value}
    if len(inner) != 1:
        return None
    (one,) = inner
    return None if one is None else (len(value), *one)


def point_in_words(at: Mapping[str, Nested]) -> str:
    """A point in a message, large arrays shortened."""
    return ", ".join(f"{name} = {shorten(_value_in_words(value), 40)}" for name, value in at.items())


def _value_in_words(value: Nested) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value_in_words, value)) + "]"
    return f"{float(value):g}"
