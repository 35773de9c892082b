"""The closed form of a total derivative on the page: where it starts, the sum, its proof, what it says.

The form itself is found in `closed_sums`; this module decides what is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.algebra.ordered_products import product
from symdiff.derivation.cell_forward import Totals
from symdiff.derivation.cell_forward import total as derivative
from symdiff.document.blocks import Block, Equations, Heading, Paragraph, Row, text
from symdiff.errors import NoFormError
from symdiff.explain.recurrence.closed_sums import Closed
from symdiff.explain.recurrence.recurrence_work import TimeWork
from symdiff.expr.leaves import Dim, Moment, eye
from symdiff.expr.tree import ONE, total


def step_row(work: TimeWork, closed: Closed) -> Row:
    """ds_t/dU = P_t + A_t·ds_{t−1}/dU."""
    now = work.of.now
    form = closed.next(now, closed.derivative(now.plus(-1)))
    return work.row(closed.derivative(now), form, low=work.start, high=work.of.last, boxed=True)


def sum_row(work: TimeWork, closed: Closed) -> Row:
    """ds_t/dU = Σ_k [Π_j A_j]·P_k."""
    now = work.of.now
    form = closed.form(now, now)
    return work.row(closed.derivative(now), form, low=work.start, high=work.of.last, boxed=True)


def start_rows(work: TimeWork, totals: Totals) -> Iterator[Row]:
    """The derivatives before the first time, as far back as the cell looks."""
    for state in totals.states:
        for back in (back + 1 for stem, back in work.pieces if stem == work.of.stem(state)):
            before = work.named(state, work.of.first - back)
            yield work.row(derivative(before, totals.theta), totals.initial(state, back))


def closed_form(work: TimeWork, closed: Closed, full: bool) -> Iterator[Block]:
    """The sum of ordered products, and for the first weight the proof by induction."""
    of, start = work.of, work.start
    now, before = of.now, of.now.plus(-1)
    left = closed.derivative(now)
    form = closed.form(now, now)
    starts = tuple(start_rows(work, closed.totals))
    values = work.sentence_of(starts)
    kind = "closed" if closed.acts_at_once else "closed_product"
    if values:
        yield Paragraph(text(f"bptt.start_{kind}", values=values))
    else:
        yield Paragraph(text("bptt.start"))
        yield Equations(starts)
        yield Paragraph(text(f"bptt.{kind}"))
    yield Equations((sum_row(work, closed),))
    if not full or of.last == start:
        return
    factor = closed.factor(now)
    one = eye(factor.shape[0]) if factor.shape else ONE
    if closed.has_product:
        yield Paragraph(text("bptt.empty_product", one=one, index=Dim(of.index)))
    yield Heading(text("bptt.induction"), level=2)
    base = "bptt.base" if closed.has_product else "bptt.base_power"
    yield Paragraph(text(base, index=Dim(of.index), first=start.written()))
    first = product(closed.immediate(start)) if closed.starts_at_zero else closed.next(start, closed.before)
    yield Equations((work.row(closed.derivative(start), first, closed.form(start, start)),))
    yield Paragraph(text("bptt.step", before=before.written(), index=Dim(of.index)))
    own = [product(closed.immediate(now))] if closed.acts_at_once else []
    members = (
        *([closed.totals.step_form(closed.state)] if closed.is_explicit else []),
        closed.next(now, closed.derivative(before)),
        closed.next(now, closed.form(before, before)),
        total([*own, *closed.terms(before, now)]),
        form,
    )
    yield Equations((work.row(left, *members, low=start.plus(1), high=of.last),))
    yield Paragraph(text("bptt.step_end", index=Dim(of.index)))


def vanishing(work: TimeWork, totals: Totals) -> Iterator[Block]:
    """What the product of factors says of distant times."""
    try:
        if not _is_carried(work, totals):
            return
        k, j = work.letters
        closed = Closed(work, totals)
        factor = closed.factor(Moment(j))
    except NoFormError:
        return
    yield Heading(text("bptt.vanishing"), level=2)
    index = Dim(work.of.index)
    key = "bptt.remark" if factor.shape or closed.state.shape else "bptt.remark_numbers"
    yield Paragraph(text(key, k=Dim(k), index=index, count=index - Dim(k), factor=factor))


def _is_carried(work: TimeWork, totals: Totals) -> bool:
    """Whether factors carry the derivative over more than one time, as a product that is on the page."""
    written = totals.has_products and not totals.carriers and (totals.is_single or work.joined.shape)
    return bool(written) and work.of.last != work.start
