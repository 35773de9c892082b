"""Printed lines, and which rows and parts of a block they come from.

Matrices that are wider than a line: written by columns, or by blocks of columns of about equal width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from symdiff.document.blocks import Document, Dots, Equations, Row, Text, Unseen, chains
from symdiff.document.repeats import RowOfKind
from symdiff.expr.operations import STACK
from symdiff.expr.tree import Expr, Pattern, Sym, symbols
from symdiff.rendering.formulas.placeholders import filled


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: `left sign right`, what stands beside it, or dots with a note."""

    left: str
    sign: str
    right: str
    beside: tuple[tuple[str, str, str], ...] = ()
    dots: bool = False
    note: Text | None = None


class LineOfKind(NamedTuple):
    """A line of `row` with marks in place of names: `texts` are what its names are printed as.

    Templates read it like every other line; `Alike.written` prints the marked line once for all.
    """

    marked: Line
    texts: tuple[str, ...]
    row: RowOfKind

    @property
    def left(self) -> str:
        return filled(self.marked.left, self.texts)

    @property
    def sign(self) -> str:
        return self.marked.sign

    @property
    def right(self) -> str:
        return filled(self.marked.right, self.texts)

    @property
    def beside(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(filled(part, self.texts) for part in parts) for parts in self.marked.beside)

    @property
    def dots(self) -> bool:
        return False

    @property
    def note(self) -> Text | None:
        """The note of the marked line, which is that of the row or one without names."""
        own = self.marked.note is not None and bool(self.marked.note.params)
        return self.row.note if own else self.marked.note


def most_beside(lines: Sequence[Line | LineOfKind]) -> int:
    """How many equalities stand beside the first of a line, at most."""
    different = {id(line): line for line in (getattr(each, "marked", each) for each in lines)}
    return max((len(line.beside) for line in different.values()), default=0)


def is_divided(member: Expr, parts: list[tuple[Sym, Expr]]) -> bool:
    """Whether a matrix was divided by columns, each block of which has a name now."""
    whole = bool(parts) and is_grid(member)
    return whole and (
        bool(parts[0][1].shape) or len(parts) == len(member.args[0].args) > 1 == len(member.args)
    )


def names_in(document: Document) -> set[str]:
    """Every name that a document's formulas use."""
    found: set[str] = set()
    patterns: set[Pattern[Row]] = set()
    for block in document.blocks:
        for part in block.rows if isinstance(block, Equations | Unseen) else (block,):
            if isinstance(part, RowOfKind):
                patterns.add(part.pattern)
                found |= {name.name for name in part.names if not name.accent}
            else:
                found |= _in_chains(part)
    for pattern in patterns:
        found |= _in_chains(pattern.record)
    return found | _in_chains(document.title)


def _in_chains(part: object) -> set[str]:
    return {
        s.name
        for chain in chains(part)
        for root in (chain.left, *chain.members)
        for s in symbols(root)
        if not s.accent
    }


def spine(root: Expr, kind: str) -> list[tuple[str, Expr]]:
    """The terms (or factors) of a left-nested sum (or product), each with the sign before it."""
    if root.op.notation.kind == "elided":
        return [("+", arg) for arg in root.args]
    found = []
    node = root
    while node.op.notation.kind == kind:
        found.append((node.op.notation.text, node.args[1]))
        node = node.args[0]
    return [("", node), *reversed(found)]


def shown_rows(block: Equations) -> list[Row | Line]:
    """The rows that are written, with a line of dots where some are not."""
    if block.fold is None:
        return list(block.rows)
    found: list[Row | Line] = []
    for item in block.fold.shown:
        if isinstance(item, Dots):
            found.append(dots(item))
        else:
            found.append(block.rows[item] if isinstance(item, int) else item)
    return found


def dots(item: Dots) -> Line:
    """The line for rows left out."""
    return Line("", "", "", dots=True, note=item.note)


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
