"""Numbers on a page: rounded, of a large array the first and the last rows and columns."""

from __future__ import annotations

from typing import Any

from symdiff.errors import UndecidedError, shorten
from symdiff.expr.leaves import Grid
from symdiff.expr.numbers import rounded
from symdiff.expr.tree import Expr, Num
from symdiff.proof.balls import ZERO_BITS, Undecided, bounds, may_be_zero
from symdiff.proof.values import evaluate
from symdiff.rules.arrays import Array, flat, is_array

MOST_ROWS, SHOWN_FIRST, SHOWN_LAST = 6, 3, 2
"""Of an array with more rows, or columns, the first and the last are shown."""


def shown_value(model: Any, node: Expr, digits: int) -> Expr:
    """The value of a formula at a model's point to so many digits: a number, or a table of them.

    Each is the only decimal that its enclosure admits; where there are two, more bits are taken.

    Raises:
        UndecidedError: no number of bits decides.
    """
    while True:
        try:
            value = evaluate(model.m, node, {}, model)
            found = _table(value, node, digits) if is_array(value) else _decimal(value, digits)
            # e^(−e^220) is enclosed with 0 in few bits, and is none
            is_open = model.m.bits < ZERO_BITS and any(map(may_be_zero, flat(value)))
            if found is not None and not is_open:
                return found
            model = model.sharper
        except Undecided:
            where = shorten(str(node))
            raise UndecidedError("a number on the edge between two decimals", where=where) from None


def _decimal(value: Any, digits: int) -> Num | None:
    return rounded(*bounds(value), digits)


def _table(value: Array, node: Expr, digits: int) -> Grid | None:
    rows = _first_and_last(value.shape[0])
    columns = _first_and_last(value.shape[1]) if value.ndim == 2 else (0,)
    entries = [
        [_decimal(value[i, j] if value.ndim == 2 else value[i], digits) for j in columns] for i in rows
    ]
    known = [[entry for entry in row if entry is not None] for row in entries]
    return Grid(known, node.shape, rows, columns) if known == entries else None


def _first_and_last(length: int) -> tuple[int, ...]:
    if length <= MOST_ROWS:
        return tuple(range(length))
    return (*range(SHOWN_FIRST), *range(length - SHOWN_LAST, length))
