"""Kinks in the cell of a recurrence: where a function has no derivative, and what is agreed there."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.document.blocks import Text, text
from symdiff.explain.recurrence.recurrence_work import TimeWork
from symdiff.explain.shared.kink_notes import on_entries
from symdiff.explain.shared.spaces import EQUAL
from symdiff.expr.leaves import Series
from symdiff.expr.operations import is_array
from symdiff.expr.tree import PARTIAL, Expr, Num, Sym, as_expr, postorder
from symdiff.proof.kinks import Kink, agreed
from symdiff.rules.scalar_rows import GREATER, POSITIVE, RULES
from symdiff.tape.tape import step_of


def time_kinks(work: TimeWork) -> Iterator[Text]:
    """A sentence for each kind of kink, and for each jump that a derivative of one may hold."""
    found = {kink.function: kink for kink in _kinks(work)}
    for kink in found.values():
        conventions = tuple(Expr(EQUAL, Expr(PARTIAL, kink.function, u), value) for u, value in agreed(kink))
        place = Expr(EQUAL, kink.left, kink.right)
        yield text("bptt.kink", function=kink.function, place=place, conventions=conventions)
    jumps = {node.op for kink in found.values() for _, slope in kink.partials() for node in postorder(slope)}
    u, v = Sym("u"), Sym("v")
    if POSITIVE in jumps:
        yield text("kink.positive", u=u, indicator=Expr(POSITIVE, u))
    if GREATER in jumps:
        yield text("kink.greater", u=u, v=v, indicator=Expr(GREATER, u, v), half=Num(1) / Num(2))


def _kinks(work: TimeWork) -> Iterator[Kink]:
    """The kinks of functions of numbers in the cell and after it, each on letters."""
    for name, formula in (*work.of.cell, *work.of.after):
        bodies = [n.body for n in postorder(formula) if isinstance(n, Series)]
        for node in (n for part in (formula, *bodies) for n in postorder(part)):
            rule = RULES.get(node.op.name)
            if rule is not None and rule.kink is not None and not is_array(node.op):
                left, right = rule.kink(*node.args)
                if left != right:
                    yield on_entries(Kink(step_of(name, formula), node, as_expr(left), as_expr(right)))
