"""What several commands read in one way: standard input, and lists of names."""

from __future__ import annotations

import sys

from symdiff.errors import InputError, UsageError

MOST_INPUT = 1_000_000


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
