"""Operations of a tape and of its sweeps, counted a second time: step by step along the tape.

A count that a sentence gives is compared with this one. Forward: what each step adds to a tangent of unknown
numbers. Reverse: what each step gives back to each operand, then one addition for each further contribution.
"""

from __future__ import annotations

from symdiff.algebra.tidy import tidy
from symdiff.expr.records import dataclass
from symdiff.expr.tree import NEG, TOTAL, Expr, Sym, postorder, total
from symdiff.tape.partials import partials_of
from symdiff.tape.tape import StepKind, Tape


@dataclass(frozen=True, slots=True)
class Counts:
    """Operations of one evaluation, and what a forward pass and the reverse pass add."""

    primal: int
    forward: int
    reverse: int


def counts_of(tape: Tape) -> Counts:
    """The counts of a tape; steps of one kind take equally many."""
    primal = forward = reverse = 0
    known: dict[StepKind, Counts] = {}
    used: set[int] = set()
    for kind, operands in zip(tape.step_kinds, tape.operands, strict=True):
        own = known.get(kind)
        if own is None:
            own = known[kind] = _counts_of_kind(kind)
        primal, forward, reverse = primal + own.primal, forward + own.forward, reverse + own.reverse
        reverse += sum(place in used for place in operands)
        used.update(operands)
    return Counts(primal, forward, reverse)


def _counts_of_kind(kind: StepKind) -> Counts:
    shorts = [short for _, short in partials_of(kind)]
    tangents = [Sym(f"q_{n}", shape=slot.shape) for n, slot in enumerate(kind.slots)]
    adjoint = Sym("q", shape=kind.output.shape)
    terms = [short.apply(tangent) for short, tangent in zip(shorts, tangents, strict=True)]
    back = sum(operations_in(tidy(short.transpose(adjoint))) for short in shorts)
    return Counts(operations_in(kind.body), operations_in(tidy(total(terms))) if terms else 0, back)


def operations_in(form: Expr) -> int:
    """The operations in a form, a change of sign not being one; a sum of n terms has n − 1 of them."""
    counts: dict[int, int] = {}
    for node in postorder(form):  # a part that is written twice counts twice
        own = len(node.args) - 1 if node.op is TOTAL else bool(node.args) and node.op is not NEG
        counts[id(node)] = own + sum(counts[id(arg)] for arg in node.args)
    return counts[id(form)]
