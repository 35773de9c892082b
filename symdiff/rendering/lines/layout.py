"""Where equalities are broken, so that every line fits.

A chain left = m₁ = m₂ = … fills lines from the left, a new line at a sign of equality; a member too wide for
a line is broken by `pieces`. Works for any printer and any measure of width.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import zip_longest

from symdiff.document.blocks import Chain, Equations, Row, Text, text
from symdiff.document.repeats import RowOfKind
from symdiff.expr.leaves import Grid
from symdiff.expr.tree import Expr, Num, Sym
from symdiff.rendering.formats.formats import Format
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.lines.lines import Line, LineOfKind, is_divided, shown_rows
from symdiff.rendering.lines.pieces import Pieces
from symdiff.rendering.lines.repeated import Alike, Named

GAP = 2.0
"""What stands between columns, in quads (or, in text, two cells each)."""
NOTE = 4.0
"""Room kept for a short note at the end of a line, in gaps."""


class Layout(Pieces):
    """Breaks blocks into lines for one printer, one measure and one width of the page."""

    def __init__(self, printer: Printer, measure: Callable[[str], float], settings: Format) -> None:
        super().__init__()
        self.print, self.measure, self.width = printer, measure, settings.width
        self.table_width = settings.table_width
        self.equal, self.near, *more = settings.signs
        self.member = more[0] if more else "∈"
        self.gap, self.box = GAP * settings.quad, settings.box
        self.alike = Alike(self)
        self.widest = 0.0

    def sign(self, member: Expr) -> str:
        """What stands before a member: ≈ if it is a rounded number."""
        return self.near if isinstance(member, Num | Grid) and member.rounded else self.equal

    def sentence(self, value: Expr | Chain) -> str:
        """A formula or an equality inside a sentence."""
        if isinstance(value, Expr):
            return self.print.flat_form(value)
        parts = [f"{self.sign(m)} {self.print.flat_form(m)}" for m in value.members]
        return " ".join([self.print.flat_form(value.left), *parts])

    def lines(self, block: Equations) -> list[Line | LineOfKind]:
        """The lines of a block of aligned equalities, dots where rows are folded away."""
        rows = [self.alike.named(r) if isinstance(r, RowOfKind) else r for r in shown_rows(block)]
        real = [row for row in rows if not isinstance(row, Line)]
        self.widest = max(map(self._left, real), default=0.0)
        looks = {row.look: row for row in reversed(real) if isinstance(row, Named)}
        each: list[Row | Named] = [*looks.values(), *(row for row in real if isinstance(row, Row))]
        beside = any(map(_stands_beside, each)) and self._fit_beside(each)
        shared = {look: self.alike.lines(row, beside) for look, row in looks.items()}
        found: list[Line | LineOfKind] = []
        for row in rows:
            if isinstance(row, Line):
                found.append(row)
            elif isinstance(row, Named) and (lines := shared[row.look]) is not None:
                found += [LineOfKind(line, row.texts, row.row) for line in lines]
            else:
                found += self.row(row.row.written if isinstance(row, Named) else row, beside)
        return found

    def row(self, row: Row, beside: bool) -> list[Line]:
        """The lines of one row, what stands beside its chain on the same line if that fits."""
        if beside and row.beside:
            flat = tuple(self.flat(chain) for chain in row.beside)
            return [replace(self._only(row.chain), beside=flat)]
        after = self._space(row)
        lines = [line for chain in (row.chain, *row.beside) for line in self.chain(chain, row.note, after)]
        lines = self._with_space(lines, row)
        lines = [*lines[:-1], replace(lines[-1], note=row.note or lines[-1].note)]
        return lines if row.reason is None else [*lines, Line("", "", "", note=row.reason)]

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

    def _left(self, row: Row | Named) -> float:
        if isinstance(row, Named):
            return self.alike.left(row)
        return self.measure(self.print(row.chain.left))

    def widths(self, row: Row) -> tuple[float, ...]:
        """The width of the left side, then of the chain and of each that stands beside it, on one line."""
        left = self.measure(self.print(row.chain.left))
        every = (row.chain, *row.beside)
        return left, *(self.measure(" ".join(self.flat(chain))) for chain in every)

    def _fit_beside(self, rows: list[Row | Named]) -> bool:
        """Whether the chains of all rows fit side by side, one column each."""
        every = [self.alike.widths(row) if isinstance(row, Named) else self.widths(row) for row in rows]
        columns = [max(column) for column in zip_longest(*(each[1:] for each in every), fillvalue=0.0)]
        return sum(columns) + (len(columns) - 1) * self.gap <= self.width

    def beside_widths(self, lines: list[Line]) -> list[float]:
        """The widths of chains that stand beside one another; of the first, that of its right side."""
        rows = [(line.right, *(" ".join(chain) for chain in line.beside)) for line in lines if line.beside]
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
        """A chain on as many lines as it needs, with room for `after` at its end; definitions of named parts
        follow it."""
        left = self.print(chain.left)
        beyond = max(0.0, self.widest - self.measure(left))
        room = self.width - self.measure(f"{left} {self.equal} ") - beyond - (NOTE * self.gap if note else 0)
        lines: list[Line] = []
        named: list[tuple[Sym, Expr]] = []
        for number, member in enumerate(chain.members, 1):
            sign = self.sign(member)
            pieces, parts = self.pieces(member, room)
            if chain.boxed and number == len(chain.members) and len(pieces) == 1:
                pieces = [self.box.replace("%s", piece) for piece in pieces]
            named += [part for part in parts if part not in named]
            last = lines[-1] if lines else None
            if (
                last
                and len(pieces) == 1
                and not last.note
                and not (is_divided(member, parts))
                and self.measure(self._with(f"{last.right} {sign} {pieces[0]}", after, number, chain)) <= room
            ):
                lines[-1] = replace(last, right=f"{last.right} {sign} {pieces[0]}")
                continue
            by_columns = text("layout.columns") if is_divided(member, parts) else None
            if by_columns and self.print.linear:
                lines.append(Line("" if lines else left, sign, pieces[0]))
                lines.append(Line("", "", "", note=by_columns))
                continue
            lines.append(Line("" if lines else left, sign, pieces[0], note=by_columns))
            lines += [Line("", "", piece) for piece in pieces[1:]]
        for name, part in named:
            lines += self.chain(Chain(name, (part,)))
        return lines

    def _with(self, line: str, after: str, number: int, chain: Chain) -> str:
        """A line up to a member, and what follows it if the member is the last one."""
        return f"{line} {self.print.quad} {after}" if after and number == len(chain.members) else line


def _stands_beside(row: Row | Named) -> bool:
    return bool((row.row.pattern.record if isinstance(row, Named) else row).beside)
