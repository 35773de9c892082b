"""Long tapes: each kind of step proved once in high precision, each line then evaluated in fewer digits.

A tape that repeats a cell ten thousand times has a handful of kinds of step. The partials of a kind are
compared with measured ones like any result, in 60 digits at random points; what is proved for the kind
holds for each of its steps. The model of a long tape may therefore use them, and needs 20 digits. A sum of
very many terms is one step too: its partials are compared along a few directions.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

from symdiff.document.blocks import Chain
from symdiff.expr.tree import PARTIAL, Expr, Sym, substitute
from symdiff.proof.model import Conventions, Model, Point
from symdiff.proof.values import Program, Value
from symdiff.tape.partials import local_partials, partials_of
from symdiff.tape.tape import Step, StepKind, Tape

LONG = 200
"""Steps above which a tape is proved by kinds."""
WIDE = 64
"""Operands of one step above which its tape is proved by kinds."""
DIGITS = 20


@lru_cache(maxsize=4096)
def _partials(kind: StepKind) -> Program:
    """The claimed partials of a kind of step, to be evaluated at each."""
    return Program(*[written.matrix() for written, _ in partials_of(kind)])


class ClaimedModel(Model):
    """A model whose local partials are those that the derivation claims, nothing being measured."""

    def measured(self, step: Step, operand: Sym) -> Value:
        kind = step.kind
        known: dict[Expr, Value] = {
            slot: self.primal[u] for slot, u in zip(kind.slots, step.operands, strict=True)
        }
        known[kind.output] = self.primal[step.var]
        for u, value in zip(step.operands, _partials(kind)(self.m, known), strict=True):
            self.slopes[step.var, u] = value
        return self.slopes[step.var, operand]


class LongModel(ClaimedModel):
    """The model of a tape whose kinds of step are proved, in 20 digits."""

    def __init__(self, tape: Tape, point: Point, conventions: Conventions | None = None) -> None:
        super().__init__(tape, point, conventions, DIGITS)

    @cached_property
    def sharper(self) -> Model:
        return self


def is_long(tape: Tape) -> bool:
    """Whether a tape is proved by kinds of step."""
    return len(tape.steps) > LONG or is_wide(tape)


def is_wide(tape: Tape) -> bool:
    """Whether some step has very many operands."""
    return any(len(kind.slots) > WIDE for kind in tape.kinds)


@lru_cache(maxsize=4096)
def tape_of_kind(kind: StepKind) -> tuple[Tape, tuple[Chain, ...]]:
    """A tape with one step of the kind, and the equalities that its partials claim."""
    body, slots = kind.body, kind.slots
    names = tuple(Sym(f"x_{i}") for i in range(len(slots)))
    origin = substitute(body, dict(zip(slots, names, strict=True)))
    step = Step(Sym("u_out"), body, slots, origin, Sym("y"))
    tape = Tape(tuple(zip(slots, names, strict=True)), (step,), step.var, Sym("y"), ((Sym("y"), origin),))
    claims = (
        Chain(Expr(PARTIAL, p.step, p.operand), (p.written.matrix(), p.short.matrix()))
        for p in local_partials(step)
    )
    return tape, tuple(claims)
