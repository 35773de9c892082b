"""Numbers as they are shown: rounded, the first and the last rows and columns of a large array."""

from __future__ import annotations

from typing import Any

from symdiff.expr.leaves import Grid
from symdiff.expr.numbers import rounded
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import Expr

MOST_ROWS, SHOWN_FIRST, SHOWN_LAST = 6, 3, 2
"""Of an array with more rows, or columns, the first and the last are shown."""
ROUNDING = 40
"""A number below 10⁻⁴⁰ is what rounding left of zero."""


def shown(m: Any, value: Any, shape: Shape, digits: int) -> Expr:
    """A value to so many digits: a number, or a table of them."""
    if not hasattr(value, "ravel"):
        return rounded(m, cleared(m, value), digits)
    rows = _picked(value.shape[0])
    columns = _picked(value.shape[1]) if len(value.shape) == 2 else (0,)
    table = value if len(value.shape) == 2 else value[:, None]
    entries = [[rounded(m, cleared(m, table[i, j]), digits) for j in columns] for i in rows]
    return Grid(entries, shape, rows, columns)


def cleared(m: Any, value: Any) -> Any:
    """Zero where a value is rounding only."""
    return value if abs(value) > m.mpf(10) ** -ROUNDING else 0


def _picked(length: int) -> tuple[int, ...]:
    if length <= MOST_ROWS:
        return tuple(range(length))
    return (*range(SHOWN_FIRST), *range(length - SHOWN_LAST, length))
