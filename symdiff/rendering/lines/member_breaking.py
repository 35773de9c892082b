"""Where one member of an equality is broken, so that its parts fit a line.

A member too wide for a line is broken at its plus signs or between its factors; a matrix is written by blocks
of columns, as few and as equally wide as can be. What cannot be broken gets its widest part named (… where
A = …). Works for any printer and any measure of width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any

from symdiff.document.blocks import Document, Equations, Paragraph, Row, Text, Unseen, chains
from symdiff.document.repeats import RepeatedRow
from symdiff.expr.notation import Binding
from symdiff.expr.operations import KRON, STACK
from symdiff.expr.patterns import Pattern
from symdiff.expr.shapes import Shape
from symdiff.expr.timed import all_leaves
from symdiff.expr.tree import Dim, Expr, Sym, postorder, substitute, symbols
from symdiff.rendering.formulas.formula_printer import ELIDED_HEAD, ELIDED_TAIL, Printer

MOST_PARTS = 14
"""Parts of a member that get a name."""
Definitions = list[tuple[Sym, Expr]]
"""Names given to parts, with what they stand for."""


class MemberBreaking:
    """Breaks members for one printer and one measure; `part_names` are the names it gave to parts."""

    def __init__(self, printer: Printer, measure: Callable[[str], float]) -> None:
        self.print, self.measure = printer, measure
        self.find_names: Callable[[], set[str]] = set
        self.part_names: list[str] = []
        self.named_parts: dict[Expr, Sym] = {}

    @cached_property
    def names(self) -> set[str]:
        """The names that are taken, looked for when a part first needs one."""
        return self.find_names()

    def pieces(self, member: Expr, room: float) -> tuple[list[str], Definitions]:
        """A member as lines that fit, and the names given to parts of it on the way."""
        named: Definitions = []
        if is_grid(member) and member.args[0].args[1:] and self.measure(self.print(member)) > room:
            return self._by_columns(member, room)
        for _ in range(MOST_PARTS):
            pieces = self._broken(member, room)
            if all(self.measure(piece) <= room for piece in pieces):
                return pieces, named
            part = self._widest_part(member, room)
            if part is None:
                return pieces, named
            name = self._name_of(part)
            named.append((name, part))
            member = substitute(member, {part: name})
        return self._broken(member, room), named

    def _by_columns(self, grid: Expr, room: float) -> tuple[list[str], Definitions]:
        """A matrix as a row of blocks of columns, each of which gets a name."""
        blocks = column_blocks(grid, lambda block: self.measure(self.print(block)) <= room)
        named = [(self._new_name(block.shape), block) for block in blocks]
        return [self.print.table([[self.print(name) for name, _ in named]]).text], named

    def _name_of(self, part: Expr) -> Sym:
        """The name of a part, which an equal one has as well."""
        known = self.named_parts.get(part)
        if known is None or known.name not in self.part_names:
            known = self.named_parts[part] = self._new_name(part.shape)
        return known

    def _new_name(self, shape: Shape = ()) -> Sym:
        name = self.print.letters.beside((*self.names, *self.part_names)).free("part")
        self.part_names.append(name)
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


def names_used(document: Document) -> set[str]:
    """Every name that a document's formulas use, those in its sentences too."""
    found: set[str] = set()
    patterns: set[Pattern[Row]] = set()
    for block in document.blocks:
        for part in block.rows if isinstance(block, Equations | Unseen) else (block,):
            if isinstance(part, RepeatedRow):
                patterns.add(part.pattern)
                found |= {name.name for name in part.names if not name.accent}
            else:
                found |= _in_chains(part)
            if isinstance(part, Paragraph):
                found |= set(_in_sentence(part.text))
    for pattern in patterns:
        found |= _in_chains(pattern.record)
    return found | _in_chains(document.title)


def _in_sentence(value: Any) -> Iterator[str]:
    """The names in the formulas of a sentence."""
    if isinstance(value, Text):
        yield from _in_sentence(tuple(value.params.values()))
    elif isinstance(value, tuple):
        for part in value:
            yield from _in_sentence(part)
    elif isinstance(value, Expr):
        yield from (leaf.name for leaf in all_leaves(value) if isinstance(leaf, Sym | Dim))


def _in_chains(part: object) -> set[str]:
    return {
        s.name
        for chain in chains(part)
        for root in (chain.left, *chain.members)
        for s in symbols(root)
        if not s.accent
    }


def is_grid(node: Expr) -> bool:
    """Whether a matrix is written out entry by entry."""
    return node.op is STACK and len(node.shape) == 2 and all(row.op is STACK for row in node.args)


def is_divided_by_columns(member: Expr, parts: Definitions) -> bool:
    """Whether a matrix was divided by columns, each block of which has a name now."""
    whole = bool(parts) and is_grid(member)
    return whole and (
        bool(parts[0][1].shape) or len(parts) == len(member.args[0].args) > 1 == len(member.args)
    )


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
