"""Where one member of an equality is broken, so that its parts fit a line.

A member too wide for a line is broken at its plus signs or between its factors; what cannot be broken gets
its widest part named (… where A = …). Works for any printer and any measure of width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from symdiff.expr.notation import Binding
from symdiff.expr.operations import KRON, STACK
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import Expr, Sym, postorder, substitute
from symdiff.rendering.formulas.formula_printer import ELIDED_HEAD, ELIDED_TAIL, Printer
from symdiff.rendering.lines.lines import spine
from symdiff.rendering.lines.wide import column_blocks, is_grid

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
