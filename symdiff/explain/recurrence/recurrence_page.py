"""The page of backpropagation through time: its parts in order, each with who judges its lines."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.document.blocks import Text
from symdiff.explain.recurrence.adjoints import asked_values, gradient, shape_notes
from symdiff.explain.recurrence.by_hand import by_hand
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.recurrence.numbers_at_times import numbers
from symdiff.explain.recurrence.recurrence_graphs import folded_picture, unrolled_picture
from symdiff.explain.recurrence.total_derivatives import every_time
from symdiff.explain.recurrence.unrolled import statement, unrolled
from symdiff.explain.shared.page_title import page_title
from symdiff.explain.shared.sections import selected
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Sym
from symdiff.proof.judge import Judged


def page(work: CellWork) -> Iterator[Judged]:
    """The page from the statement to the numbers."""
    rest = list(_what_is_wanted(work))
    later = [block for part in rest for block in part.blocks]
    yield Judged(tuple(statement(work, later)), work.judge)
    yield from rest


def _what_is_wanted(work: CellWork) -> Iterator[Judged]:
    """What stands after the statement, whose signs it introduces."""
    if not work.sections.statement:
        yield from selected(_after_the_statement(work), work.sections)


def _after_the_statement(work: CellWork) -> Iterator[Judged]:
    general, fixed = work.judge, work.judge.fixed()
    if work.recurrence.looks_ahead:
        yield Judged(tuple(gradient(work)), general)
        return
    yield Judged(tuple(folded_picture(work)), general)
    yield Judged(tuple(unrolled_picture(work)), fixed)
    yield Judged(tuple(unrolled(work)), fixed)
    if work.is_general:
        yield from _for_every_time(work)
    else:
        yield Judged(tuple(shape_notes(work)), general)
    loss = work.loss
    if loss is not None:
        yield Judged(tuple(gradient(work)), loss.judge)
        yield Judged(tuple(asked_values(loss)), loss.judge.fixed())
    if work.at is not None:
        yield Judged(tuple(numbers(work)), fixed)


def title(work: CellWork) -> Text:
    """Of the derivatives of the loss, or of the last state, by every name asked for."""
    by = (*work.wrt, *work.values)
    if work.recurrence.after:
        found = [Expr(PARTIAL, work.recurrence.result, name) for name in by]
    else:
        last = work.recurrence.states[-1] if work.recurrence.states else work.last
        found = [Expr(DERIVATIVE, Sym(last.name), Sym(name.name)) for name in by]
    return page_title(work, found, "bptt")


def _for_every_time(work: CellWork) -> Iterator[Judged]:
    """The states: by hand, then for every t, first in numbers where the cell has arrays."""
    yield from by_hand(work)
    scalar = work.scalar if work.has_arrays and work.sections.has("bptt.in_numbers") else None
    if scalar is not None:
        yield Judged(tuple(every_time(scalar)), scalar.judge)
    yield Judged((*shape_notes(work), *every_time(work, after_numbers=scalar is not None)), work.judge)
