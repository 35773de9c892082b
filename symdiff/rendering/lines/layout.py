"""Where equalities are broken, so that every line fits.

A chain left = m₁ = m₂ = … fills lines from the left, a new line at a sign of equality; a member too wide for
a line is broken by `member_breaking`. Where a matrix fits the line without the left side, that stands on a
line of its own. Chains of a row stand side by side where those of all rows fit. Works for any printer and any
measure of width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest

from symdiff.document.blocks import Chain, Equations, Row, Text, text
from symdiff.document.repeats import RepeatedRow
from symdiff.expr.leaves import is_rounded
from symdiff.expr.patterns import record_of
from symdiff.expr.tree import Expr
from symdiff.rendering.formats.formats import Format
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.math_spacing import added
from symdiff.rendering.lines.member_breaking import (
    Definitions,
    MemberBreaking,
    is_divided_by_columns,
    is_grid,
)
from symdiff.rendering.lines.printed_lines import Line, RepeatedLine, one_of_each, shown_rows
from symdiff.rendering.lines.repeated import NamedRow, RepeatedRows

GAP = 2.0
"""What stands between columns, in quads (or, in text, two cells each)."""
NOTE = 4.0
"""Room kept for a short note at the end of a line, in gaps."""

LETTER = 0.45
"""The width of a letter of words on average, in quads."""


class Layout(MemberBreaking):
    """Breaks blocks into lines for one printer, one measure and one width of the page."""

    def __init__(self, printer: Printer, measure: Callable[[str], float], settings: Format) -> None:
        super().__init__(printer, measure)
        self.width, self.table_width = settings.width, settings.table_width
        self.table_rows = settings.table_rows
        self.equal, self.near, *more = settings.signs
        self.member = more[0] if more else "∈"
        self.gap, self.box = GAP * settings.quad, settings.box
        self.repeated = RepeatedRows(self)
        self.words: Callable[[Text], str] = lambda _: ""
        self.words_width = 1.0 if printer.linear else LETTER * settings.quad
        self.widest = 0.0
        self.hanging: set[int] = set()
        self.defined: set[Expr] = set()

    def sign(self, member: Expr) -> str:
        """What stands before a member: ≈ if it is a rounded number, or has one in it."""
        return self.near if is_rounded(member) else self.equal

    def sentence(self, value: Expr | Chain) -> str:
        """A formula or an equality inside a sentence."""
        if isinstance(value, Expr):
            return self.print.flat_form(value)
        parts = [f"{self.sign(m)} {self.print.flat_form(m)}" for m in value.members]
        return " ".join([self.print.flat_form(value.left), *parts])

    def lines(self, block: Equations) -> list[Line]:
        """The lines of a block of aligned equalities, dots where rows are folded away."""
        rows = [self.repeated.named(r) if isinstance(r, RepeatedRow) else r for r in shown_rows(block)]
        real = [row for row in rows if not isinstance(row, Line)]
        self.hanging = self._hanging(real)
        self.widest = max((self._left(row) for row in real if id(row) not in self.hanging), default=0.0)
        # One row stands for all that share its layout: the first of them.
        firsts = {row.shared: row for row in reversed(real) if isinstance(row, NamedRow)}
        each: list[Row | NamedRow] = [*firsts.values(), *(row for row in real if isinstance(row, Row))]
        beside = any(map(_stands_beside, each)) and self._fit_beside(each)
        templates = {shared: self.repeated.lines(row, beside) for shared, row in firsts.items()}
        found: list[Line] = []
        for row in rows:
            if isinstance(row, Line):
                found.append(row)
            elif isinstance(row, NamedRow) and (lines := templates[row.shared]) is not None:
                found += [RepeatedLine(pattern, row.name_texts, row.row) for pattern in lines]
            else:
                found += self.row(row.row.written if isinstance(row, NamedRow) else row, beside)
        return found

    def row(self, row: Row, beside: bool) -> list[Line]:
        """The lines of one row, what stands beside its chain on the same line if that fits."""
        self.defined.clear()
        if beside and row.beside:
            flat = tuple(self.flat(chain) for chain in row.beside)
            return [replace(self._only(row.chain), beside=flat)]
        after = self._space(row)
        if id(row) in self.hanging:
            lines = self._hung(row, after)
        else:
            lines = [
                line for chain in (row.chain, *row.beside) for line in self.chain(chain, row.note, after)
            ]
        lines = self._with_space(lines, row)
        lines = [*lines[:-1], replace(lines[-1], note=row.note or lines[-1].note)]
        if row.goes_on and row.reason is not None and self._fits_at_the_end(lines, row):
            lines = [*lines[:-1], replace(lines[-1], note=row.reason)]
        elif row.reason is not None:
            lines = [*lines, Line("", "", "", note=row.reason)]
        return [replace(lines[0], left=""), *lines[1:]] if row.goes_on else lines

    def _fits_at_the_end(self, lines: list[Line], row: Row) -> bool:
        """Whether the reason of a row that goes on fits at the end of its last line."""
        assert row.reason is not None
        last = lines[-1]
        if last.note is not None:
            return False
        letters = self.words_width * len(self.words(row.reason))
        before = max(self.widest, self.measure(lines[0].left))
        return before + self.measure(f"{self.equal} {last.right}") + self.gap + letters <= self.width

    def _hanging(self, rows: Sequence[Row | NamedRow]) -> set[int]:
        """The rows, by their id, with a matrix that fits the line only if the left side stands above it."""
        lefts = {id(row): self._left(row) for row in rows}
        sign = self.measure(f"{self.equal} ")
        room = self.width - max(lefts.values(), default=0.0) - sign
        found: set[int] = set()
        for row in rows:
            if isinstance(row, Row) and not row.beside and any(map(is_grid, row.chain.members)):
                others = max((left for key, left in lefts.items() if key != id(row)), default=0.0)
                free = self.width - others - self.measure(self.print.quad) - sign
                widths = [self.measure(self.print(member)) for member in row.chain.members if is_grid(member)]
                if any(width > room for width in widths) and all(width <= free for width in widths):
                    found.add(id(row))
        return found

    def _hung(self, row: Row, after: str) -> list[Line]:
        """A row with its left side on a line of its own, above its members."""
        below = self._members(row.chain, "", row.note, after)
        signs = [
            f"{self.print.quad} {line.sign}" if line.sign and not line.left else line.sign for line in below
        ]
        first = Line("", self.print(row.chain.left), "")
        return [first, *(replace(line, sign=sign) for line, sign in zip(below, signs, strict=True))]

    def _with_space(self, lines: list[Line], row: Row) -> list[Line]:
        """The space that the left side is an element of, at the end of the last line or on one of its own."""
        if row.space is None:
            return lines
        space, last = self._space(row), lines[-1]
        longer = f"{last.right} {self.print.quad} {space}"
        beyond = max(0.0, self.widest - self.measure(lines[0].left))
        if self.measure(f"{lines[0].left} {self.equal} {longer}") + beyond <= self.width:
            return [*lines[:-1], replace(last, right=longer)]
        return [*lines, Line("", "", space)]

    def _space(self, row: Row) -> str:
        return f"{self.member} {self.print(row.space)}" if row.space is not None else ""

    def _left(self, row: Row | NamedRow) -> float:
        if isinstance(row, NamedRow):
            return self.repeated.left(row)
        return self.measure(self.print(row.chain.left))

    def widths(self, row: Row) -> tuple[float, ...]:
        """The width of the left side, then of the chain and of each that stands beside it, on one line."""
        left = self.measure(self.print(row.chain.left))
        every = (row.chain, *row.beside)
        return left, *(self.measure(" ".join(self.flat(chain))) for chain in every)

    def _fit_beside(self, rows: list[Row | NamedRow]) -> bool:
        """Whether the chains of all rows fit side by side, one column each."""
        every = [self.repeated.widths(row) if isinstance(row, NamedRow) else self.widths(row) for row in rows]
        columns = [max(column) for column in zip_longest(*(each[1:] for each in every), fillvalue=0.0)]
        return added(columns) + (len(columns) - 1) * self.gap <= self.width

    def beside_widths(self, lines: list[Line]) -> list[float]:
        """The widths of chains that stand beside one another; of the first, that of its right side."""
        different = [line for line in one_of_each(lines) if line.beside]
        rows = [(line.right, *(" ".join(chain) for chain in line.beside)) for line in different]
        most = max(map(len, rows), default=0)
        return [max(self.measure(row[k]) for row in rows if k < len(row)) for k in range(most)]

    def flat(self, chain: Chain) -> tuple[str, str, str]:
        """A chain on one line."""
        line = self._only(chain)
        return line.left, line.sign, line.right

    def _only(self, chain: Chain) -> Line:
        signs = [self.sign(m) for m in chain.members]
        right = self.print(chain.members[0])
        for sign, member in zip(signs[1:], chain.members[1:], strict=True):
            right += f" {sign} {self.print(member)}"
        return Line(self.print(chain.left), signs[0], right)

    def chain(self, chain: Chain, note: Text | None = None, after: str = "") -> list[Line]:
        """A chain on as many lines as it needs, with room for `after` at its end.

        Definitions of parts that were named follow it.
        """
        return self._members(chain, self.print(chain.left), note, after)

    def _members(self, chain: Chain, left: str, note: Text | None = None, after: str = "") -> list[Line]:
        """The members of a chain, the first line beginning with `left`."""
        beyond = max(0.0, self.widest - self.measure(left))
        room = self.width - self.measure(f"{left} {self.equal} ") - beyond - (NOTE * self.gap if note else 0)
        lines: list[Line] = []
        named: Definitions = []
        for number, member in enumerate(chain.members, 1):
            sign, is_last = self.sign(member), number == len(chain.members)
            pieces, parts = self.pieces(member, room)
            if chain.boxed and is_last and len(pieces) == 1:
                pieces = [self.box.replace("%s", piece) for piece in pieces]
            named += [part for part in parts if part not in named]
            by_columns = is_divided_by_columns(member, parts)
            if lines and not lines[-1].note and len(pieces) == 1 and not by_columns:
                longer = f"{lines[-1].right} {sign} {pieces[0]}"
                followed = f"{longer} {self.print.quad} {after}" if after and is_last else longer
                if self.measure(followed) <= room:
                    lines[-1] = replace(lines[-1], right=longer)
                    continue
            lines += self._member_lines("" if lines else left, sign, pieces, by_columns)
        for name, part in named:
            if name not in self.defined:
                self.defined.add(name)
                lines += self.chain(Chain(name, (part,)))
        return lines

    def _member_lines(self, left: str, sign: str, pieces: list[str], by_columns: bool) -> list[Line]:
        """A member that begins a line; a sentence says so where it is a matrix written by columns."""
        note = text("layout.columns") if by_columns else None
        if note and self.print.linear:  # in text the sentence is too long for the end of the line
            return [Line(left, sign, pieces[0]), Line("", "", "", note=note)]
        return [Line(left, sign, pieces[0], note=note), *(Line("", "", piece) for piece in pieces[1:])]


def _stands_beside(row: Row | NamedRow) -> bool:
    return bool(record_of(row.row if isinstance(row, NamedRow) else row).beside)
