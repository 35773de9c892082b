"""Matrices that are wider than a line: written by columns, or by blocks of columns of about equal width."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from symdiff.expr.operations import STACK
from symdiff.expr.tree import Expr


def is_grid(node: Expr) -> bool:
    """Whether a matrix is written out entry by entry."""
    return node.op is STACK and len(node.shape) == 2 and all(row.op is STACK for row in node.args)


def column_blocks(grid: Expr, fits: Callable[[Expr], bool]) -> list[Expr]:
    """The columns of `grid` in as few blocks as fit, balanced; single columns where nothing else does."""
    columns = list(zip(*(row.args for row in grid.args), strict=True))
    for count in range(2, len(columns) + 1):
        blocks = [_block(columns[start:stop]) for start, stop in _cuts(len(columns), count)]
        if all(map(fits, blocks)):
            return blocks
    return [_block([column]) for column in columns]


def _cuts(length: int, count: int) -> list[tuple[int, int]]:
    """`length` columns in `count` parts that differ by one at most."""
    edges = [round(i * length / count) for i in range(count + 1)]
    return list(pairwise(edges))


def _block(columns: list[tuple[Expr, ...]]) -> Expr:
    """Columns as a matrix; the only entry of one as itself."""
    if len(columns) == len(columns[0]) == 1:
        return columns[0][0]
    return Expr(STACK, *(Expr(STACK, *row) for row in zip(*columns, strict=True)))
