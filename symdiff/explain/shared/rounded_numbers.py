"""Numbers on a page: rounded, of a large array the first and the last rows and columns."""

from __future__ import annotations

from typing import Any

from symdiff.expr.leaves import Grid
from symdiff.expr.numbers import rounded
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import Expr


def rounded_value(m: Any, value: Any, shape: Shape, digits: int) -> Expr:
    """A value to so many digits: a number, or a table of them."""
    if not hasattr(value, "ravel"):
        return rounded(m, without_rounding(m, value), digits)
    rows = _first_and_last(value.shape[0])
    columns = _first_and_last(value.shape[1]) if len(value.shape) == 2 else (0,)
    table = value if len(value.shape) == 2 else value[:, None]
    entries = [[rounded(m, without_rounding(m, table[i, j]), digits) for j in columns] for i in rows]
    return Grid(entries, shape, rows, columns)


MOST_ROWS, SHOWN_FIRST, SHOWN_LAST = 6, 3, 2
"""Of an array with more rows, or columns, the first and the last are shown."""


def _first_and_last(length: int) -> tuple[int, ...]:
    if length <= MOST_ROWS:
        return tuple(range(length))
    return (*range(SHOWN_FIRST), *range(length - SHOWN_LAST, length))


ROUNDING = 40
"""A number below 10⁻⁴⁰ is what rounding left of zero."""


def without_rounding(m: Any, value: Any) -> Any:
    """Zero where a value is rounding only."""
    return value if abs(value) > m.mpf(10) ** -ROUNDING else 0
