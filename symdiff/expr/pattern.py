"""Records that differ in names only: one of them, and the names that others have instead of its own.

A long derivation has few kinds of line. What is made of the first of a kind, its forms, its printed text, its
proof, holds for the others when names are put in. Knows no line and no page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from symdiff.expr.tree import Expr, Sym, substitute

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, eq=False)
class Pattern(Generic[Record]):
    """A record and the names in it, in an order that all records of the kind share."""

    record: Record
    names: tuple[Sym, ...]

    def put(self, form: Expr, names: tuple[Sym, ...]) -> Expr:
        """A form of the record in other names."""
        return substitute(form, dict(zip(self.names, names, strict=True)))

    def in_names(self, names: tuple[Sym, ...]) -> Callable[[Expr], Expr]:
        """What writes forms of the record in other names."""
        values: dict[Expr, Expr] = dict(zip(self.names, names, strict=True))
        return lambda form: substitute(form, values)
