"""A derivative case by case: {y − t if |y − t| ≤ d, d·sgn(y − t) otherwise for a sum with indicators.

The sweeps give 1[c]·A + 1[¬c]·B. Where the author has written cases, so does the answer: once with the
condition taken to hold, once with it taken not to, each side simplified. Indicators that the author has
written, x·1[x > 0], stay.
"""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.algebra.tidy import tidy
from symdiff.derivation.closed_form import shortest
from symdiff.derivation.rational import weight
from symdiff.derivation.ways import WayStep
from symdiff.expr.conditions import INDICATOR, WHERE, decided, negated
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.tree import Expr, count_operations, postorder
from symdiff.tape.tape import Tape

MOST_CONDITIONS = 4
"""Conditions that are told apart in one answer."""
LONGEST_CASE = 40
"""Operations of a case up to which a shorter form is looked for."""


def with_cases(tape: Tape, before: Expr, steps: tuple[WayStep, ...] = ()) -> tuple[WayStep, ...]:
    """The steps from a form on, and one that writes the last of them case by case, if there are cases."""
    last = steps[-1].form if steps else before
    if all(node.op is not INDICATOR for node in postorder(last)):
        return steps
    found = _by_cases(last, _conditions(tape), MOST_CONDITIONS)
    return steps if found == last else (*steps, WayStep(found, "cases"))


@cached_by_identity
def _conditions(tape: Tape) -> tuple[Expr, ...]:
    """The conditions of the author's cases, in the author's names and in the inputs, outer ones first."""
    formulas = [formula for _, formula in reversed(tape.definitions)]
    origins = [tape.step_of[tape.output].origin] if tape.output in tape.step_of else []
    return tuple(dict.fromkeys(found for root in (*formulas, *origins) for found in _asked(root)))


def _asked(root: Expr) -> Iterator[Expr]:
    """The conditions of cases without a shape, from the outside in."""
    nodes = [node for node in postorder(root) if node.op is WHERE and not node.args[0].shape]
    yield from (node.args[0] for node in reversed(nodes))


def _by_cases(form: Expr, conditions: tuple[Expr, ...], most: int) -> Expr:
    """`form` with the first of the conditions that it depends on told apart, then the others in each case."""
    inside = {node.args[0] for node in postorder(form) if node.op is INDICATOR}
    there = (c for c in conditions if c in inside or negated(c) in inside)
    condition = next(there, None)
    if condition is None or not most:
        return form
    cases = (_case(form, condition, holds) for holds in (True, False))
    first, other = (_by_cases(case, conditions, most - 1) for case in cases)
    return first if first == other else Expr(WHERE, condition, first, other)


def _case(form: Expr, condition: Expr, holds: bool) -> Expr:
    """`form` where it is known whether a condition holds."""
    found = tidy(decided(form, {condition: holds, negated(condition): not holds}))
    if found.shape or count_operations(found, LONGEST_CASE + 1) > LONGEST_CASE:
        return found
    return min((found, shortest(found)), key=weight)
