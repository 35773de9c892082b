"""The numbers of an exercise: the point, the rate of an update, the first index. All exact.

A number is the one that is written: 0.1 is one tenth, "1/3" a third. An array is a list of numbers, a
matrix the list of its rows; a size that is a name has one value in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from symdiff.errors import InputError, shorten
from symdiff.expr.shapes import LARGEST, in_words, is_number
from symdiff.expr.tree import Sym
from symdiff.language.reader import has_large_exponent
from symdiff.problems.file import File, Written
from symdiff.problems.table import check_keys, kind, section
from symdiff.tape.points import check_assumed

MOST_CHARACTERS = 40
TOO_LARGE = 10**300
MOST_FIRST = 1000
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?(/[0-9]+)?")
Nested = Fraction | tuple[Any, ...]


def exact(value: object) -> Fraction:
    """A number of a file as the fraction it is."""
    if isinstance(value, bool) or not isinstance(value, int | str | Written):
        raise InputError(f"{kind(value)} where a number is expected")
    if isinstance(value, int) and abs(value) >= 10**MOST_CHARACTERS:
        raise InputError("the number is too long or too large")
    text = value.text.replace("_", "") if isinstance(value, Written) else str(value).strip()
    if len(text) > MOST_CHARACTERS + 1 or has_large_exponent(text):
        raise InputError("the number is too long or too large")
    if not _NUMBER.fullmatch(text):
        raise InputError(f"{shorten(text, 20)!r} is not a number", way_out='write 0.5, 2e-3 or "1/3"')
    top, _, bottom = text.partition("/")
    if bottom and not int(bottom):
        raise InputError(f"{text!r} divides by zero")
    found = Fraction(top) / int(bottom or 1)
    if abs(found) >= TOO_LARGE:
        raise InputError("the number is too long or too large")
    return found


def read_point(file: File, inputs: Mapping[str, Sym]) -> dict[str, Nested] | None:
    """The value of every input, in their order; sizes and assumptions hold."""
    given = section(file, "at")
    if given is None:
        return None
    check_keys(file, given, inputs, "at")
    missing = [name for name in inputs if name not in given]
    if missing:
        way_out = "every input needs one"
        raise file.error(f"no value for {', '.join(missing[:5])}", "at", way_out=way_out)
    sizes: dict[str, tuple[int, str]] = {}
    found = {}
    for name, sym in inputs.items():
        with file.placing("at", name):
            wanted = f"{name} is {in_words(sym.shape)}"
            found[name], lengths = _array(given[name], len(sym.shape), wanted)
            _unify(sym, lengths, sizes)
            check_assumed(sym, found[name])
    return found


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
        raise InputError(
            "the rows have different lengths", way_out="a matrix is a list of rows of one length"
        )
    return tuple(part for part, _ in parts), (len(value), *lengths.pop())


def _unify(sym: Sym, lengths: tuple[int, ...], sizes: dict[str, tuple[int, str]]) -> None:
    """Refuse lengths that are not the declared ones, or that give a named size a second value."""
    for part, length in zip(sym.shape, lengths, strict=True):
        if is_number(part):
            if int(part) != length:
                raise InputError(f"a length of {length} where {sym.name} is {in_words(sym.shape)}")
            continue
        known, where = sizes.setdefault(str(part), (length, sym.name))
        if known != length:
            raise InputError(f"the size {part} is {known} in {where} and {length} in {sym.name}")


def read_rate(file: File, at: Mapping[str, Nested] | None, result: Sym) -> Fraction | None:
    """The step of an update: a positive number, where there are numbers to update and one to lower."""
    if "rate" not in file.table:
        return None
    with file.placing("rate"):
        rate = exact(file.table["rate"])
        if rate <= 0:
            raise InputError("the rate is not positive")
        if at is None:
            raise InputError("there is a rate but no numbers to update", way_out="add a section [at]")
        if result.shape:
            raise InputError(
                f"there is a rate but {result.name} is {in_words(result.shape)}",
                way_out="a loss is a number",
            )
        return rate


def read_first(file: File) -> int:
    """The index of the first w."""
    first = file.table.get("first", 1)
    if not isinstance(first, int) or isinstance(first, bool) or not 0 <= first <= MOST_FIRST:
        raise file.error(f"the first index is a whole number from 0 to {MOST_FIRST}", "first")
    return first
