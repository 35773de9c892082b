"""Options with structure: points, as x=1,a=2 or x=[1,2], and sizes, as n=3. Nothing is evaluated.

What several commands read in one way: standard input, and lists of names.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from symdiff.errors import InputError, UsageError
from symdiff.expr.shapes import LARGEST
from symdiff.language.reading import Reading

DEEPEST = 3
"""Brackets inside one another: a matrix has two, a sequence of matrices three."""


def parse_point(given: Sequence[str] | None) -> dict[str, Any] | None:
    """x=1,a=2 or x=[1,2],A=[[1,2],[3,4]] as exact numbers, arrays as tuples."""
    if given is None:
        return None
    point: dict[str, Any] = {}
    for part in (part for text in given for part in _split(text)):
        name, equal, value = (piece.strip() for piece in part.partition("="))
        if not equal or not name or name in point:
            raise UsageError(f"{part[:40]!r} is not a value", where="--at", way_out="write --at x=1,a=2.5")
        point[name] = _value(value)
    return point


def _split(text: str) -> Iterator[str]:
    """The parts of a text between commas outside brackets."""
    depth, start = 0, 0
    for position, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if not 0 <= depth <= DEEPEST:
            way_out = "write A=[[1,2],[3,4]]"
            raise UsageError(f"the brackets in {text[:40]!r} do not fit", where="--at", way_out=way_out)
        if character == "," and not depth:
            yield text[start:position].strip()
            start = position + 1
    if depth:
        raise UsageError(f"a bracket in {text[:40]!r} is not closed", where="--at")
    yield text[start:].strip()


def _value(text: str) -> Any:
    if text.startswith("[") and text.endswith("]"):
        return tuple(_value(part) for part in _split(text[1:-1]))
    from symdiff.language.reader import has_large_exponent  # start-up: help needs no language

    try:
        return Fraction("" if len(text) > 40 or has_large_exponent(text) else text)
    except (ValueError, ZeroDivisionError):
        way_out = "write a decimal number or a fraction, as 0.5 or 1/3"
        raise UsageError(f"{text[:40]!r} is not a number", where="--at", way_out=way_out) from None


def parse_sizes(given: Sequence[str] | None) -> dict[str, int]:
    """n=3,d=2 as whole numbers."""
    sizes: dict[str, int] = {}
    for part in (part.strip() for text in given or () for part in text.split(",")):
        name, equal, value = (piece.strip() for piece in part.partition("="))
        if not equal or not name or name in sizes or not value.isdecimal() or len(value) > 6:
            raise UsageError(f"{part[:40]!r} is not a size", where="--size", way_out="write --size n=3")
        if not 1 <= int(value) <= LARGEST:
            raise UsageError(f"a size is a whole number from 1 to {LARGEST}, not {value}", where="--size")
        sizes[name] = int(value)
    return sizes


MOST_INPUT = 1_000_000


def reading_of(literal: bool, lang: str) -> Reading:
    """How the formulas of a command are read: in French a decimal may have a comma."""
    return Reading(literal, "comma" if lang == "fr" else "auto")


def names_of(given: list[str] | None) -> list[str] | None:
    """x,a or several --wrt as one list."""
    if given is None:
        return None
    names = [name.strip() for part in given for name in part.split(",")]
    if not all(names):
        raise UsageError("an empty name", where="--wrt", way_out="write --wrt x,a")
    return names


def standard_input() -> str:
    """Standard input as text, of a reasonable length."""
    data = sys.stdin.buffer.read(MOST_INPUT + 1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("standard input is not UTF-8 text") from None
