"""Formulas of text as a source that still can be measured, joined and broken: what is tall is marked in it.

The printer marks tables, limits, braces and raised parts with control characters, which no formula has;
`stacking` sets them in several lines, `flat` writes them on one. Roles mark what may be coloured. Knows
neither expressions nor terminals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

OPEN, ROW, CELL, CLOSE = "\x02", "\x1e", "\x1f", "\x03"
ROLE, NAMED, END = "\x0e", "\x1d", "\x0f"
HELD = "\x16"
"""A blank inside a formula, where a sentence must not be broken."""
TABLE, LIMITS, BRACE, RAISED, BOX = "TLURB"
_ROLES = re.compile(f"{ROLE}[a-z]*{NAMED}|{END}")
_TALL = re.compile(f"[{OPEN}{ROW}{CELL}{CLOSE}]")
_FRACTION_COMMA = re.compile(r"\d,\d")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something tall: its kind and its rows of cells, each cell a sequence of text and further marks."""

    kind: str
    rows: tuple[tuple[Items, ...], ...]


Items = tuple[str | Mark, ...]


def marked(kind: str, rows: Sequence[Sequence[str]]) -> str:
    """The source of a mark."""
    return OPEN + kind + ROW.join(CELL.join(row) for row in rows) + CLOSE


def role(name: str, text: str) -> str:
    """`text` with a role, such as an adjoint's, that a format may have a colour for."""
    return f"{ROLE}{name}{NAMED}{text}{END}"


def without_roles(source: str) -> str:
    return _ROLES.sub("", source)


def is_tall(source: str) -> bool:
    """Whether anything in `source` takes more than a line."""
    return OPEN in source


def columns_of(text: str) -> int:
    """The width of text without marks in character cells: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, without_roles(text)))


@lru_cache(maxsize=4096)
def _cells(character: str) -> int:
    if character == HELD:
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def parsed(source: str) -> Items:
    """The text and the marks of a source, in order."""
    items, position = _items(source, 0)
    assert position == len(source), "a mark is not closed"
    return items


def _items(source: str, position: int) -> tuple[Items, int]:
    """Up to the end of a cell, or of everything."""
    found: list[str | Mark] = []
    while position < len(source) and source[position] not in (ROW, CELL, CLOSE):
        if source[position] == OPEN:
            mark, position = _mark(source, position + 1)
            found.append(mark)
        else:
            next_one = _TALL.search(source, position)
            stop = next_one.start() if next_one else len(source)
            found.append(source[position:stop])
            position = stop
    return tuple(found), position


def _mark(source: str, position: int) -> tuple[Mark, int]:
    kind, position = source[position], position + 1
    rows: list[list[Items]] = [[]]
    while True:
        cell, position = _items(source, position)
        rows[-1].append(cell)
        end, position = source[position], position + 1
        if end == CLOSE:
            return Mark(kind, tuple(map(tuple, rows))), position
        if end == ROW:
            rows.append([])


def flat(source: str) -> str:
    """Everything on one line: [a, b; c, d], Σ_(t=0…T), [body = label]."""
    return "".join(map(_flat, parsed(source))) if is_tall(source) else source


def _flat(item: str | Mark) -> str:
    if isinstance(item, str):
        return item
    rows = [["".join(map(_flat, cell)) for cell in row] for row in item.rows]
    if item.kind == TABLE:
        decimals = any(_FRACTION_COMMA.search(cell) for row in rows for cell in row)
        return "[" + "; ".join(("  " if decimals else ", ").join(row) for row in rows) + "]"
    if item.kind == LIMITS:
        (high,), (sign,), (low,) = rows
        return f"{sign}_({low}…{high})"
    if item.kind == BRACE:
        (body,), (label,) = rows
        return f"[{body} = {label}]"
    return rows[0][0]
