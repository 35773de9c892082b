"""Functions with a kink that are applied to arrays: what is agreed for an entry that lies on it."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.document.blocks import Block, Paragraph, Text, text
from symdiff.explain.shared.work import EQUAL, TapeWork
from symdiff.expr.operations import is_array
from symdiff.expr.tree import PARTIAL, Expr, Sym, as_expr
from symdiff.proof.kinks import Kink, agreed, kinks
from symdiff.rules.table import RULES
from symdiff.tape.tape import Step

_LETTERS = ("u", "v")


def array_kinks(work: TapeWork) -> Iterator[Block]:
    """One sentence for each such step, and one for each on whose kink the reader's point lies."""
    found = [kink for kink in kinks(work.tape) if kink.function.shape or is_array(kink.function.op)]
    for kink in found:
        yield Paragraph(_whole(kink) if is_array(kink.function.op) else _by_entries(kink))
    for kink in found:
        if work.model is not None and any(step == kink.step.var for step, _ in work.model.conventions):
            yield Paragraph(text("kink.entry_here", step=kink.step.var))


def kinks_on_entries(work: TapeWork) -> list[Kink]:
    """The kinks of functions that act entry by entry, each on one entry."""
    return [
        on_entries(kink)
        for kink in kinks(work.tape)
        if kink.function.shape and not is_array(kink.function.op)
    ]


def on_entries(kink: Kink) -> Kink:
    """The same kink of the same function, on one entry of each argument."""
    letters = iter(_LETTERS)
    args = [Sym(next(letters)) if arg.args or isinstance(arg, Sym) else arg for arg in kink.function.args]
    names = tuple(arg for arg in args if isinstance(arg, Sym))
    function = Expr(kink.function.op, *args)
    step = Step(Sym(kink.step.var.name), function, names, function)
    rule = RULES[function.op.name]
    assert rule.kink is not None
    left, right = map(as_expr, rule.kink(*args))
    return Kink(step, function, left, right)


def _by_entries(kink: Kink) -> Text:
    entry = on_entries(kink)
    conventions = tuple(
        Expr(EQUAL, Expr(PARTIAL, entry.function, operand), value) for operand, value in agreed(entry)
    )
    place = Expr(EQUAL, entry.left, entry.right)
    return text(
        "kink.entries", step=kink.step.var, function=entry.function, place=place, conventions=conventions
    )


def _whole(kink: Kink) -> Text:
    return text(
        "kink.whole", step=kink.step.var, function=kink.function, place=Expr(EQUAL, kink.left, kink.right)
    )
