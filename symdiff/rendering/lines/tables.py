"""Tables of equalities: their cells, and how a table that is too wide or too long is divided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import ceil

from symdiff.document.blocks import Chain, Fold, Row, Table
from symdiff.rendering.formulas.math_spacing import added
from symdiff.rendering.lines.layout import Layout
from symdiff.rendering.lines.printed_lines import Line, dots

Cell = tuple[str, str, str]


class Tables:
    """Prepares tables for one layout; a chain in a cell stands as (left, = rule, = number)."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def cells(self, block: Table) -> Iterator[tuple[Cell, ...] | Line]:
        """A table's rows; each chain as (left, rule with its sign, number with its sign)."""
        for row in _shown_rows(block):
            yield row if isinstance(row, Line) else tuple(self._cell(chain) for chain in row)

    def _cell(self, chain: Chain | None) -> Cell:
        """A chain as (left, = rule, = number); fractions lie flat in a table."""
        if chain is None:
            return "", "", ""
        parts = [f"{self.layout.sign(m)} {self.layout.print.flat_form(m)}" for m in chain.members]
        rule, number = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
        return self.layout.print(chain.left), rule, number

    def column_widths(
        self, rows: list[tuple[Cell, ...] | Line], heads: int, least: Sequence[float] = ()
    ) -> list[float]:
        """The width of each third of each column; a column is at least as wide as `least` says."""
        plain = [row for row in rows if not isinstance(row, Line)]
        widths = [
            max((self.layout.measure(row[c][k]) for row in plain), default=0.0)
            for c in range(heads)
            for k in range(3)
        ]
        for c, needed in enumerate(least):
            widths[3 * c + 2] += max(0.0, needed - added(widths[3 * c : 3 * c + 3]))
        return widths

    def separate(self, block: Table) -> list[Table]:
        """The table as it is, or in parts: by columns if it is too wide, by rows if it is too long."""
        groups = self._groups(block)
        parts = [self._columns(block, group) for group in groups] if len(groups) > 1 else [block]
        return [page for part in parts for page in _pages(part, self.layout.table_rows)]

    def _groups(self, block: Table) -> list[list[int]]:
        """The columns, as many side by side as fit, each as wide as its cells and its head."""
        heads = [self.layout.words_width * len(self.layout.words(head)) for head in block.head]
        thirds = self.column_widths(list(self.cells(block)), len(block.head), heads)
        widths = [added(thirds[3 * c : 3 * c + 3]) + self.layout.gap for c in range(len(block.head))]
        groups: list[list[int]] = [[]]
        for c, width in enumerate(widths):
            if groups[-1] and added(widths[k] for k in groups[-1]) + width > self.layout.table_width:
                groups.append([])
            groups[-1].append(c)
        return groups

    def _columns(self, block: Table, kept: list[int]) -> Table:
        """The table with some of its columns, rows that are empty there left out."""
        cells = [tuple(row[c] for c in kept) for row in block.rows]
        rows = [(i, row) for i, row in enumerate(cells) if any(row)]
        rules = tuple(sum(i < rule for i, _ in rows) for rule in block.rules)
        head = tuple(block.head[c] for c in kept)
        fold = None if block.fold is None else _fold_of(block.fold, {i: k for k, (i, _) in enumerate(rows)})
        return replace(block, head=head, rows=tuple(row for _, row in rows), rules=rules, fold=fold)


def _fold_of(fold: Fold, places: Mapping[int, int]) -> Fold:
    """The same rows by their new numbers, those that are left out dropped."""
    numbers = (places.get(item) if isinstance(item, int) else item for item in fold.shown)
    return Fold(tuple(item for item in numbers if item is not None))


def _pages(block: Table, most: float) -> list[Table]:
    """The table in parts of at most so many rows, about as many in each."""
    if block.fold is not None or len(block.rows) <= most:
        return [block]
    count = ceil(len(block.rows) / most)
    edges = [round(len(block.rows) * k / count) for k in range(count + 1)]
    return [
        replace(block, rows=block.rows[s:e], rules=tuple(r - s for r in block.rules if s < r < e))
        for s, e in pairwise(edges)
    ]


def _shown_rows(block: Table) -> list[tuple[Chain | None, ...] | Line]:
    if block.fold is None:
        return list(block.rows)
    items = block.fold.shown
    return [
        block.rows[item] if isinstance(item, int) else dots(item)
        for item in items
        if not isinstance(item, Row)
    ]
