"""Kinks: the steps whose function has no derivative somewhere, where that is, and what is agreed there.

Read from the `kink` of a row: relu at u = 0, max at u = v. The convention is what the row's partial is
worth at that place: 0 for relu and abs, one half each for max and min. A derivation always states
it; at a point that lies on a kink the numbers follow it and say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from symdiff.algebra.tidy import tidy
from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr, Num, Sym, as_expr, postorder, substitute
from symdiff.proof.balls import Balls
from symdiff.proof.values import evaluate
from symdiff.rules.arrays import flat
from symdiff.rules.table import RULES
from symdiff.tape.partials import local_partials
from symdiff.tape.tape import Step, Tape

if TYPE_CHECKING:
    from symdiff.proof.model import Model


@dataclass(frozen=True, slots=True)
class Kink:
    """In `step`, the function `function` has no derivative where `left` = `right`."""

    step: Step
    function: Expr
    left: Expr
    right: Expr

    def partials(self) -> list[tuple[Sym, Expr]]:
        """The local partials of the step, by operand."""
        return [(p.operand, p.written.matrix()) for p in local_partials(self.step)]


def kinks(tape: Tape) -> list[Kink]:
    """Every kink on the tape, in order."""
    found = []
    with_kinks = {kind for kind in tape.kinds if any(map(_may_have_kink, postorder(kind.body)))}
    for step in tape.steps if with_kinks else ():
        for node in postorder(step.body) if step.kind in with_kinks else ():
            rule = RULES.get(node.op.name)
            if rule is not None and rule.kink is not None:
                left, right = rule.kink(*node.args)
                if left != right:
                    found.append(Kink(step, node, as_expr(left), as_expr(right)))
    return found


def _may_have_kink(node: Expr) -> bool:
    rule = RULES.get(node.op.name)
    return rule is not None and rule.kink is not None


def kinks_at(tape: Tape, model: Model) -> list[Kink]:
    """The kinks on which the model's point lies, of arrays those on which some entry does."""
    found = []
    for kink in kinks(tape):
        apart = flat(evaluate(model.m, kink.left - kink.right, {}, model))
        if any(model.m.sign(entry) == 0 for entry in apart):
            found.append(kink)
    return found


def agreed(kink: Kink) -> list[tuple[Sym, Expr]]:
    """The convention: each partial of the step with the jumps it contains put at the kink itself."""
    return [
        (operand, tidy(substitute(partial, _at_kink(kink, partial)))) for operand, partial in kink.partials()
    ]


def _at_kink(kink: Kink, partial: Expr) -> dict[Expr, Expr]:
    """For each jump in `partial` that lies at the kink, its value there: 1[u > 0] is 0 at u = 0."""
    m = Balls(exact=True)
    place = {kink.left, kink.right}
    found: dict[Expr, Expr] = {}
    for node in postorder(partial):
        rule = RULES.get(node.op.name)
        if rule is not None and rule.kink is not None and set(map(as_expr, rule.kink(*node.args))) == place:
            twice = int((2 * rule.value(m, *(m.zero for _ in node.args))).p)
            found[node] = Num(twice // 2) if twice % 2 == 0 else Num(twice) / Num(2)
    return found
