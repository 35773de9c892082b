"""For every t: the total derivative of the states by a weight, its recurrence, its closed form, the proof.

All of it comes from one generic cell (see `total`); nothing is known here of any particular one.
"""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.document import Block, Equations, Heading, Paragraph, Row, text
from symdiff.errors import NoFormError
from symdiff.explain.closed_sums import Closed
from symdiff.explain.time_work import TimeWork
from symdiff.expr import ONE, Expr, total
from symdiff.leaves import Dim, eye
from symdiff.matrix import THROUGH, vec
from symdiff.products import combined, product
from symdiff.times import Moment
from symdiff.total import TotalLine, Totals, partial_symbol
from symdiff.total import total as derivative


def every_time(work: TimeWork, again: bool = False) -> Iterator[Block]:
    """The derivatives of the states by each weight asked for; `again` after the same in numbers."""
    found = [work.totals(theta) for theta in work.wrt]
    reaching = [totals for totals in found if totals.states]
    if not reaching:
        return
    if not again:
        yield Heading(text("bptt.every", index=Dim(work.of.index), states=tuple(work.of.states)))
        yield from _two_kinds(work, reaching[0])
    seen: set[Expr] = set()
    for number, totals in enumerate(reaching):
        try:
            yield from _by(work, totals, number == 0 and not again, seen)
        except NoFormError:
            yield Paragraph(text("bptt.no_form", by=totals.theta))
    others = tuple(totals.theta for totals in found if not totals.states)
    if others:
        yield Paragraph(text("bptt.not_reached", names=others, states=tuple(work.of.states)))
    if again:
        yield Paragraph(text("bptt.same_proof"))


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
    of = work.of
    key = "bptt.more" if seen else "bptt.forward"
    rows = tuple(row for line in totals.lines for row in _partials(work, line, seen))
    if rows:
        yield Paragraph(text(key, by=totals.theta))
        yield Equations(rows)
    yield Paragraph(text("bptt.lines", by=totals.theta))
    single = len(totals.lines) == 1
    yield Equations(tuple(_line(work, line, boxed=single) for line in totals.lines))
    if not totals.has_products:
        yield Paragraph(text("bptt.no_product"))
        return
    if totals.carriers:
        yield Paragraph(text("bptt.carried", names=totals.carriers, by=totals.theta))
        yield Equations(tuple(_before(work, totals)))
        return
    closed = Closed(work, totals)
    if not single and closed.is_explicit:
        state = totals.states[0]
        yield Paragraph(text("bptt.combined"))
        yield Equations(
            (
                work.row(
                    derivative(state, totals.theta),
                    totals.step_form(state),
                    low=work.start,
                    high=of.last,
                    boxed=True,
                ),
            )
        )
    if totals.is_single or work.joined.shape:
        if not closed.is_explicit:
            yield from _named_factors(work, closed, seen)
        yield from _closed_form(work, closed, full)
    if totals.outputs and not work.of.after:
        yield Paragraph(text("bptt.outputs"))
        yield Equations(tuple(_line(work, line) for line in totals.outputs))


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
        yield Paragraph(text("bptt.joined_step"))
    now, before = of.now, of.now.plus(-1)
    form = closed.next(now, closed.derivative(before))
    yield Equations((work.row(closed.derivative(now), form, low=work.start, high=of.last, boxed=True),))


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


def _start(work: TimeWork, totals: Totals) -> Iterator[Row]:
    """The derivatives before the first time, as far back as the cell looks."""
    for state in totals.states:
        for back in (back + 1 for stem, back in work.pieces if stem == work.of.stem(state)):
            before = work.named(state, work.of.first - back)
            yield work.row(derivative(before, totals.theta), totals.initial(state, back))


def _closed_form(work: TimeWork, closed: Closed, full: bool) -> Iterator[Block]:
    """The sum of ordered products, and for the first weight the proof by induction."""
    of, start = work.of, work.start
    now, before = of.now, of.now.plus(-1)
    left = closed.derivative(now)
    form = closed.form(now, now)
    yield Paragraph(text("bptt.start"))
    yield Equations(tuple(_start(work, closed.totals)))
    yield Paragraph(text("bptt.closed"))
    yield Equations((work.row(left, form, low=start, high=of.last, boxed=True),))
    if not full or of.last == start:
        return
    one = eye(left.shape[0]) if len(left.shape) == 2 else ONE
    if closed.has_product:
        yield Paragraph(text("bptt.empty_product", one=one, index=Dim(of.index)))
    yield Heading(text("bptt.induction"), level=2)
    yield Paragraph(text("bptt.base", index=Dim(of.index), first=start.written()))
    first = product(closed.immediate(start)) if closed.starts_at_zero else closed.next(start, closed.before)
    yield Equations((work.row(closed.derivative(start), first, closed.form(start, start)),))
    yield Paragraph(text("bptt.step", before=before.written(), index=Dim(of.index)))
    own = [product(closed.immediate(now))] if closed.acts_at_once else []
    members = (
        closed.next(now, closed.derivative(before)),
        closed.next(now, closed.form(before, before)),
        total([*own, *closed.terms(before, now)]),
        form,
    )
    yield Equations((work.row(left, *members, low=start.plus(1), high=of.last),))
    yield Paragraph(text("bptt.step_end", index=Dim(of.index)))
    yield Heading(text("bptt.vanishing"), level=2)
    k, j = work.letters
    apart = Dim(of.index) - Dim(k)
    factor = closed.factor(Moment(j))
    yield Paragraph(text("bptt.remark", k=Dim(k), index=Dim(of.index), count=apart, factor=factor))
