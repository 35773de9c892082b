"""For every t: the total derivative of the states by a weight, its recurrence, its closed form, the proof.

All of it comes from one generic cell (see `total`); nothing is known here of any particular one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.algebra.ordered_products import combined
from symdiff.derivation.cell_forward import TotalLine, Totals, partial_symbol
from symdiff.derivation.cell_forward import total as derivative
from symdiff.document.blocks import Block, Equations, Heading, Paragraph, Row, Unseen, text
from symdiff.errors import NoFormError
from symdiff.explain.recurrence.closed_form import closed_form, start_rows, step_row, sum_row, vanishing
from symdiff.explain.recurrence.closed_sums import Closed
from symdiff.explain.recurrence.recurrence_work import TimeWork
from symdiff.expr.leaves import Dim, Moment
from symdiff.expr.operations import THROUGH, vec
from symdiff.expr.tree import Expr


def every_time(work: TimeWork, again: bool = False) -> Iterator[Block]:
    """The derivatives of the states by each weight asked for; `again` after the same in numbers."""
    found = [work.totals(theta) for theta in work.wrt]
    reaching = [totals for totals in found if totals.states]
    others = [totals for totals in found if not totals.states]
    if not reaching:
        if others:
            yield Heading(text("bptt.every", index=Dim(work.of.index), states=tuple(work.of.states)))
            yield from _not_reached(work, others)
        return
    if not again:
        yield Heading(text("bptt.every", index=Dim(work.of.index), states=tuple(work.of.states)))
        yield from _two_kinds(work, reaching[0])
    seen: set[Expr] = set()
    for number, totals in enumerate(reaching):
        if len(reaching) > 1:
            yield Heading(text("bptt.by_weight", by=totals.theta), level=2)
        try:
            yield from _by(work, totals, number == 0 and not again, seen)
        except NoFormError:
            yield Paragraph(text("bptt.no_form", by=totals.theta))
    if others:
        yield from _not_reached(work, others)
    if again:
        yield Paragraph(text("bptt.same_proof"))
    else:
        yield from vanishing(work, reaching[0])


def _not_reached(work: TimeWork, others: Sequence[Totals]) -> Iterator[Block]:
    """The weights that act on no state; the derivatives of what is made from the states and them."""
    names, states = tuple(totals.theta for totals in others), tuple(work.of.states)
    if not states:
        return
    yield Paragraph(text("bptt.not_reached", names=names, states=states))
    rows = [
        work.row(line.left, line.form, low=work.start, high=work.of.last)
        for totals in others
        for line in totals.outputs
    ]
    if rows and not work.of.after:
        yield Paragraph(text("bptt.outputs_alone", count=len(rows)))
        yield Equations(tuple(rows))


def _two_kinds(work: TimeWork, totals: Totals) -> Iterator[Block]:
    """d and ∂⁺ told apart."""
    name = totals.inside[-1][0]
    first = next(
        (target for target, formula in totals.inside if totals.operands(target, formula)[0][1]),
        name,
    )
    before = work.of.at(totals.states[-1], **{work.of.index: Moment(work.of.index, -1)})
    yield Paragraph(
        text(
            "bptt.two",
            direct=partial_symbol(first, totals.theta, True),
            total=derivative(totals.states[-1], totals.theta),
            name=first,
            before=before,
            by=totals.theta,
            index=Dim(work.of.index),
        )
    )


def _by(work: TimeWork, totals: Totals, full: bool, seen: set[Expr]) -> Iterator[Block]:
    """One weight: the partials inside the cell, the lines of forward mode, the closed form."""
    is_first = not seen
    rows = tuple(row for line in totals.lines for row in _partials(work, line, seen))
    if rows:
        yield Paragraph(text("bptt.forward" if is_first else "bptt.more"))
        yield Equations(rows)
    closed = Closed(work, totals)
    if not is_first and _reads_alike(work, closed, seen):
        yield from _in_the_same_way(work, closed, seen)
        return
    yield from _forward(work, totals, is_first)
    if not totals.has_products:
        yield Paragraph(text("bptt.no_product"))
        return
    if totals.carriers:
        yield Paragraph(text("bptt.carried", names=totals.carriers, by=totals.theta))
        yield Equations(tuple(_before(work, totals)))
        return
    if len(totals.lines) > 1 and closed.is_explicit:
        yield Paragraph(text("bptt.combined" if is_first or work.full else "bptt.combined_again"))
        yield Equations((_recurrence(work, totals),))
    if totals.is_single or work.joined.shape:
        if not closed.is_explicit:
            yield from _named_factors(work, closed, seen)
        yield from closed_form(work, closed, full)
    if totals.outputs and not work.of.after:
        yield from _outputs(work, totals, is_first)


def _reads_alike(work: TimeWork, closed: Closed, seen: set[Expr]) -> bool:
    """Whether the recurrence and the sum by this weight are those on the page, but for the weight's name."""
    if (
        work.full
        or closed.totals.carriers
        or not closed.totals.has_products
        or not (closed.totals.is_single or work.joined.shape)
    ):
        return False
    named = not closed.is_explicit and closed.symbol_factor in seen
    return named and closed.acts_at_once and closed.starts_at_zero


def _in_the_same_way(work: TimeWork, closed: Closed, seen: set[Expr]) -> Iterator[Block]:
    """What is new through one application of the cell; the rest is proved and not repeated."""
    yield Unseen(tuple(_line(work, line) for line in closed.totals.lines))
    rows = tuple(_blocks(work, closed.totals, seen))
    if rows:
        yield Paragraph(text("bptt.cell_again"))
        yield Equations(rows)
    yield Paragraph(text("bptt.alike", by=closed.totals.theta))
    yield Unseen((step_row(work, closed), sum_row(work, closed), *start_rows(work, closed.totals)))
    if closed.totals.outputs and not work.of.after:
        yield Unseen(tuple(_line(work, line) for line in closed.totals.outputs))


def _forward(work: TimeWork, totals: Totals, is_first: bool) -> Iterator[Block]:
    """The lines of forward mode; for later weights where they are the result or all is asked for."""
    single = len(totals.lines) == 1
    rows = tuple(_line(work, line, boxed=single) for line in totals.lines)
    if not (is_first or single or work.full) and totals.has_products:
        yield Unseen(rows)
        return
    yield Paragraph(text("bptt.lines" if is_first else "bptt.lines_again", by=totals.theta))
    yield Equations(rows)


def _outputs(work: TimeWork, totals: Totals, is_first: bool) -> Iterator[Block]:
    """The other values of the cell; by a later weight they are the same but for its name."""
    rows = tuple(_line(work, line) for line in totals.outputs)
    if not (is_first or work.full):
        yield Unseen(rows)
        return
    yield Paragraph(text("bptt.outputs"))
    yield Equations(rows)


def _recurrence(work: TimeWork, totals: Totals) -> Row:
    """The lines put into one another."""
    left = derivative(totals.states[0], totals.theta)
    form = totals.step_form(totals.states[0])
    return work.row(left, form, low=work.start, high=work.of.last, boxed=True)


def _partials(work: TimeWork, line: TotalLine, seen: set[Expr]) -> Iterator[Row]:
    """The derivatives inside one definition that are not on the page yet."""
    for symbol, form in line.partials:
        if symbol not in seen:
            seen.add(symbol)
            yield work.row(symbol, form, low=work.start, high=work.of.last)


def _line(work: TimeWork, line: TotalLine, boxed: bool = False) -> Row:
    return work.row(line.left, line.chain, line.form, low=work.start, high=work.of.last, boxed=boxed)


def _named_factors(work: TimeWork, closed: Closed, seen: set[Expr]) -> Iterator[Block]:
    """What one application of the cell does: each block of A and P."""
    of = work.of
    known = closed.symbol_factor in seen
    rows = tuple(_blocks(work, closed.totals, seen))
    if known:
        yield Paragraph(text("bptt.cell_again" if rows else "bptt.combined"))
    elif closed.totals.is_single:
        yield Paragraph(text("bptt.cell", state=closed.state, factor=closed.symbol_factor))
    else:
        names = tuple(work.named(of.stems[stem], Moment(of.index, -back)) for stem, back in work.pieces)
        yield Paragraph(text("bptt.joined", state=closed.state, names=names, factor=closed.symbol_factor))
    seen.add(closed.symbol_factor)
    if rows:
        yield Equations(rows)
        is_longer = any(back for _, back in work.pieces)
        yield Paragraph(text("bptt.joined_longer" if is_longer and not known else "bptt.joined_step"))
    yield Equations((step_row(work, closed),))


def _blocks(work: TimeWork, totals: Totals, seen: set[Expr]) -> Iterator[Row]:
    """The derivatives through one application of the cell that are not on the page yet."""
    for state in totals.states:
        ways = {totals.theta: totals.immediate(state), **totals.carried(state)}
        for source, terms in ways.items():
            symbol = Expr(THROUGH, vec(state), vec(source))
            if terms and symbol not in seen:
                seen.add(symbol)
                yield work.row(symbol, combined(terms), low=work.start, high=work.of.last)


def _before(work: TimeWork, totals: Totals) -> Iterator[Row]:
    """The derivatives of all values before the first time that the weight acts on or the cell carries on."""
    stems = {*map(work.of.stem, totals.states), *(stem.name for stem in totals.carriers)}
    for name in work.of.initial:
        time = work.of.time(name)
        if time is not None and work.of.stem(name) in stems:
            back = work.of.first - time.offset
            yield work.row(derivative(name, totals.theta), totals.initial(name, back))
