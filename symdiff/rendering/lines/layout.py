"""Where equalities are broken, so that every line fits.

A chain left = m₁ = m₂ = … fills lines from the left, a new line at a sign of equality; a member too wide for
a line is broken by `pieces`. Works for any printer and any measure of width.

Where one member of an equality is broken, so that its parts fit a line.

A member too wide for a line is broken at its plus signs or between its factors; what cannot be broken gets
its widest part named (… where A = …). Works for any printer and any measure of width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import zip_longest

from symdiff.document.blocks import Chain, Equations, Row, Text, text
from symdiff.document.repeats import RowOfKind
from symdiff.expr.leaves import Grid
from symdiff.expr.notation import Binding
from symdiff.expr.operations import KRON, STACK
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import Expr, Num, Sym, postorder, substitute
from symdiff.rendering.formats.formats import Format
from symdiff.rendering.formulas.formula_printer import ELIDED_HEAD, ELIDED_TAIL, Printer
from symdiff.rendering.lines.lines import (
    Line,
    LineOfKind,
    column_blocks,
    is_divided,
    is_grid,
    shown_rows,
    spine,
)
from symdiff.rendering.lines.repeated import Alike, Named

SPARE_NAMES = tuple("ABCDGHKMNPQRST")


class Pieces:
    """Breaks members for one printer and one measure; `given` are the names it gave to parts."""

    print: Printer
    measure: Callable[[str], float]

    def __init__(self) -> None:
        self.names_of: Callable[[], set[str]] = set
        self.given: list[str] = []

    @cached_property
    def names(self) -> set[str]:
        """The names that are taken, looked for when a part first needs one."""
        return self.names_of()

    def pieces(self, member: Expr, room: float) -> tuple[list[str], list[tuple[Sym, Expr]]]:
        """A member as lines that fit, and the names given to parts of it on the way."""
        named: list[tuple[Sym, Expr]] = []
        if is_grid(member) and member.args[0].args[1:] and self.measure(self.print(member)) > room:
            return self._by_columns(member, room)
        for _ in range(len(SPARE_NAMES)):
            pieces = self._broken(member, room)
            if all(self.measure(piece) <= room for piece in pieces):
                return pieces, named
            part = self._widest_part(member, room)
            if part is None:
                return pieces, named
            name = self._fresh(part.shape)
            named.append((name, part))
            member = substitute(member, {part: name})
        return self._broken(member, room), named

    def _by_columns(self, grid: Expr, room: float) -> tuple[list[str], list[tuple[Sym, Expr]]]:
        """A matrix as a row of blocks of columns, each of which gets a name."""
        blocks = column_blocks(grid, lambda block: self.measure(self.print(block)) <= room)
        named = [(self._fresh(block.shape), block) for block in blocks]
        return [self.print.table([[self.print(name) for name, _ in named]]).text], named

    def _fresh(self, shape: Shape = ()) -> Sym:
        taken = self.names | set(self.given)
        name = next((n for n in SPARE_NAMES if n not in taken), f"A_{len(taken)}")
        self.given.append(name)
        return Sym(name, shape=shape)

    def _widest_part(self, member: Expr, room: float) -> Expr | None:
        """The widest part of a member that would fit a line of its own, or can be broken on one."""
        best, widest = None, room / 8
        for node in postorder(member):
            if node is member or not node.args or (node.op is STACK and not is_grid(node)):
                continue
            width = self.measure(self.print(node))
            if width > widest and (width <= room * 0.9 or node.op.notation.kind == "infix"):
                best, widest = node, width
        return best

    def _broken(self, member: Expr, room: float) -> list[str]:
        """The member on one line, or broken before its signs, in lines of about equal width."""
        whole = self.print(member)
        width = self.measure(whole)
        if width <= room or member.op.notation.kind not in ("infix", "elided", "product", "matmul"):
            return [whole]
        parts = list(self._parts(member))
        target = width / -(-width // room) * 1.1
        lines = [parts[0]]
        for part in parts[1:]:
            longer = f"{lines[-1]} {part}"
            if self.measure(longer) <= min(room, max(target, self.measure(part))):
                lines[-1] = longer
            else:
                lines.append(part)
        return lines

    def _parts(self, member: Expr) -> Iterator[str]:
        """The printed terms with the signs before them, or the factors with a dot between."""
        if member.op.notation.kind in ("product", "matmul"):
            factors = spine(member, member.op.notation.kind)
            for i, (_, node) in enumerate(factors):
                yield (self.print.dot.strip() + " " if i else "") + self._argument(node)
            return
        terms = spine(member, "infix")
        left_out = range(ELIDED_HEAD, len(terms) - ELIDED_TAIL) if member.op.notation.kind == "elided" else ()
        for i, (sign, node) in enumerate(terms):
            front = self.print.between(sign, False).strip() + " " if i else ""
            if i not in left_out:
                yield front + self._argument(node)
            elif i == ELIDED_HEAD:
                yield front + self.print.dots

    def _argument(self, node: Expr) -> str:
        return self.print.part(node, Binding.APPLICATION if node.op is KRON else Binding.PRODUCT).text


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
