"""Printed lines, and which rows and parts of a block they come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from symdiff.document import Chain, Dots, Equations, Row, Text
from symdiff.expr import Expr, Sym, symbols
from symdiff.render.wide import is_grid


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: `left sign right`, what stands beside it, or dots with a note."""

    left: str
    sign: str
    right: str
    beside: tuple[tuple[str, str, str], ...] = ()
    dots: bool = False
    note: Text | None = None


def is_divided(member: Expr, parts: list[tuple[Sym, Expr]]) -> bool:
    """Whether a matrix was divided by columns, each block of which has a name now."""
    whole = bool(parts) and is_grid(member)
    return whole and (
        bool(parts[0][1].shape) or len(parts) == len(member.args[0].args) > 1 == len(member.args)
    )


def names_in(chains: Iterable[Chain]) -> set[str]:
    """Every name that a document's formulas use."""
    return {
        s.name
        for chain in chains
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
