"""Products, determinants and inverses of large matrices, by FLINT's arithmetic with error bounds.

Numbers go in and come out as those of an mpmath context; in between they have twice the context's digits,
so that what is lost in elimination is not seen. Used from some hundred entries on, where mpmath's own
elimination takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flint

GUARD = 64
"""Bits beyond twice those of the context."""


@contextmanager
def _precision(m: Any) -> Iterator[None]:
    before = flint.ctx.prec
    flint.ctx.prec = 2 * m.prec + GUARD
    try:
        yield
    finally:
        flint.ctx.prec = before


def _matrix(rows: Any) -> Any:
    return flint.arb_mat([[flint.arb(value) for value in row] for row in rows])


def _number(m: Any, ball: Any) -> Any:
    mantissa, exponent = ball.mid().man_exp()
    return m.mpf((int(mantissa), int(exponent)))


def product(m: Any, rows: Any, columns: Any) -> list[Any]:
    """The entries of a matrix product, row by row; `columns` are those of the right factor."""
    with _precision(m):
        found = _matrix(rows) * _matrix(columns).transpose()
        return [_number(m, ball) for ball in found.entries()]


def determinant(m: Any, rows: Any) -> Any:
    with _precision(m):
        return _number(m, _matrix(rows).det())


def inverse(m: Any, rows: Any) -> list[Any]:
    """The entries of the inverse, row by row.

    Raises:
        ZeroDivisionError: the matrix is singular, or cannot be told from one that is.
    """
    with _precision(m):
        return [_number(m, ball) for ball in _matrix(rows).inv().entries()]
