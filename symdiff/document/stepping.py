"""A derivation to go through step by step: what is computed, in which order, along which edges of the graph.

Inert data. `Known` names have numbers from the start, which a reader may change; each `Move` computes one
more name from earlier ones. Every move is an equality of the derivation and is proved as such. This module
knows no value, no derivative and no page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from symdiff.document.blocks import Chain, Graph
from symdiff.expr.tree import Expr, Sym

Nested = Any
"""A Fraction, or tuples of Fractions, or tuples of tuples of them."""


@dataclass(frozen=True, slots=True)
class Known:
    """A name that is given: an input of the tape, or the free seed of a sweep. `name` is the author's.

    `numbers` has the shape of `var`; None where no numbers are known.
    """

    var: Sym
    name: Sym
    numbers: Nested = None


@dataclass(frozen=True, slots=True)
class Move:
    """One step: var = members. `shown` are those members that a short line shows, `form` gives the number.

    `along` are the edges (operand, step) of the graph whose contributions come together here.
    """

    var: Sym
    members: tuple[Expr, ...]
    shown: tuple[Expr, ...]
    form: Expr
    along: tuple[tuple[Sym, Sym], ...] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """Moves of one kind: `primal` down the tape, `forward` with its tangents by `by`, `reverse` back."""

    mode: str
    moves: tuple[Move, ...]
    by: Sym | None = None


@dataclass(frozen=True, slots=True)
class Stepping:
    """The whole way: what is known, then phase after phase.

    `sizes` are the numbers of sizes that are names; `same` are other ways to write one of the names, as
    ∂y/∂x for an adjoint; `formulas`, made when asked for, write operations of a user's own in others:
    op(names) = form. `given` says that the reader chose the numbers; they are shown to `digits`. `graph` is
    the picture of the steps.
    """

    kind: ClassVar[str] = "stepping"
    known: tuple[Known, ...]
    phases: tuple[Phase, ...]
    sizes: Mapping[str, int]
    same: tuple[tuple[Expr, Sym], ...] = ()
    formulas: Callable[[], Iterable[tuple[str, tuple[Sym, ...], Expr]]] = field(default=tuple, compare=False)
    given: bool = False
    digits: int = 4
    graph: Graph | None = None

    @property
    def moves(self) -> tuple[Move, ...]:
        """All moves in order."""
        return tuple(move for phase in self.phases for move in phase.moves)

    @property
    def claims(self) -> tuple[Chain | Graph | None, ...]:
        """What is to be proved: each move as an equality, and the picture."""
        return (*(Chain(move.var, move.members) for move in self.moves), self.graph)
