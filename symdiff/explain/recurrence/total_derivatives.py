"""For every t: the total derivatives of the states by each weight, in forward mode and in closed form.

All of it comes from one generic cell (see `cell_forward`); nothing is known here of any particular one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.algebra.ordered_products import sum_of_products
from symdiff.derivation.cell_forward import TotalDerivatives, TotalLine, partial_symbol
from symdiff.derivation.cell_forward import total_derivative as derivative
from symdiff.document.blocks import Block, Equations, Heading, Paragraph, Row, Unseen, text
from symdiff.errors import NoFormError
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.recurrence.closed_sum import (
    ClosedSum,
    closed_sum_blocks,
    has_closed_sum,
    start_rows,
    step_row,
    sum_row,
    vanishing,
)
from symdiff.expr.operations import THROUGH, vec
from symdiff.expr.timed import Time
from symdiff.expr.tree import Expr, Sym, symbols


def every_time(work: CellWork, after_numbers: bool = False) -> Iterator[Block]:
    """The derivatives of the states by each weight, `after_numbers` if those in numbers come before."""
    found = [work.totals(theta) for theta in work.wrt]
    reaching = [totals for totals in found if totals.states]
    others = [totals for totals in found if not totals.states]
    if found and work.recurrence.states and not (reaching and after_numbers):
        yield Heading(text("bptt.every", index=work.index, states=tuple(work.recurrence.states)))
    if not reaching:
        yield from _weights_without_effect(work, others)
        return
    if not after_numbers:
        yield from _two_kinds(work, reaching)
    seen: set[Expr] = set()
    begun = False
    for number, totals in enumerate(reaching):
        if len(reaching) > 1:
            yield Heading(text("bptt.by_weight", by=totals.theta), level=2)
        try:
            is_full = number == 0 and not after_numbers
            for block in _by_weight(work, totals, is_full, seen, not begun):
                begun = begun or _says_lines(block)
                yield block
        except NoFormError:
            yield Paragraph(text("bptt.no_form", by=totals.theta))
    yield from _weights_without_effect(work, others)
    if after_numbers:
        yield Paragraph(text("bptt.same_proof"))
    else:
        yield from vanishing(work, reaching[0])


def _weights_without_effect(work: CellWork, others: Sequence[TotalDerivatives]) -> Iterator[Block]:
    """The weights that act on no state; the derivatives of what is made from the states and them."""
    names, states = tuple(totals.theta for totals in others), tuple(work.recurrence.states)
    if not names or not states:
        return
    yield Paragraph(text("bptt.not_reached", names=names, states=states))
    rows = [work.row_at_every_time(line.left, line.form) for totals in others for line in totals.outputs]
    if rows and not work.recurrence.after:
        yield Paragraph(text("bptt.outputs_alone", count=len(rows)))
        yield Equations(tuple(rows))


def _two_kinds(work: CellWork, reaching: Sequence[TotalDerivatives]) -> Iterator[Block]:
    """d and ∂⁺ told apart, by the first weight that stands in a definition.

    One that acts before the first time only has no such partial.
    """
    found = ((totals, _first_direct(totals)) for totals in reaching)
    totals, first = next(((t, name) for t, name in found if name is not None), (None, None))
    if totals is None or first is None:
        return
    before = work.at_time(totals.states[-1], work.recurrence.now.plus(-1))
    yield Paragraph(
        text(
            "bptt.two",
            direct=partial_symbol(first, totals.theta, True),
            total=derivative(totals.states[-1], totals.theta),
            name=first,
            before=before,
            by=totals.theta,
            index=work.index,
        )
    )


def _first_direct(totals: TotalDerivatives) -> Sym | None:
    """The first name in whose definition the weight stands."""
    return next((name for name, formula in totals.definitions if totals.theta in symbols(formula)), None)


def _says_lines(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.text.key == "bptt.lines"


def _by_weight(
    work: CellWork, totals: TotalDerivatives, full: bool, seen: set[Expr], is_first: bool
) -> Iterator[Block]:
    """One weight: the partials inside the cell, the lines of forward mode, the closed form."""
    are_first = not seen
    rows = tuple(row for line in totals.lines for row in _new_partial_rows(work, line, seen))
    if rows:
        yield Paragraph(text("bptt.forward" if are_first else "bptt.more"))
        yield Equations(rows)
    closed = ClosedSum(work, totals)
    if not is_first and _is_same_but_for_weight(work, closed, seen):
        yield from _in_the_same_way(work, closed, seen)
        return
    shown = is_first or _lines_are_shown(work, closed, seen)
    yield from _forward_lines(work, totals, is_first, shown)
    if not totals.has_products:
        yield Paragraph(text("bptt.no_product"))
        return
    if totals.carriers or totals.ends_at_start:
        names = totals.carriers or tuple(
            work.recurrence.stems[work.recurrence.stem(s)] for s in totals.states
        )
        yield Paragraph(text("bptt.carried", names=names, by=totals.theta))
        yield Equations(tuple(_initial_rows(work, totals)))
        return
    if len(totals.lines) > 1 and closed.is_explicit:
        yield Paragraph(text("bptt.combined" if shown else "bptt.combined_again"))
        yield Equations((_recurrence(work, totals),))
    if totals.is_single or work.stacked_state.shape:
        if not closed.is_explicit:
            yield from _named_factors(work, closed, seen, shown)
        yield from closed_sum_blocks(closed, full)
    if totals.outputs and not work.recurrence.after:
        yield from _outputs(work, totals, is_first)


def _is_same_but_for_weight(work: CellWork, closed: ClosedSum, seen: set[Expr]) -> bool:
    """Whether the recurrence and the sum by this weight are those on the page, but for the weight's name."""
    if work.full or not has_closed_sum(work, closed.totals):
        return False
    named = not closed.is_explicit and closed.symbol_factor in seen
    return named and closed.acts_within_cell and closed.starts_at_zero


def _in_the_same_way(work: CellWork, closed: ClosedSum, seen: set[Expr]) -> Iterator[Block]:
    """What is new through one application of the cell; the rest is proved and not repeated."""
    yield Unseen(tuple(_total_line_row(work, line) for line in closed.totals.lines))
    rows = tuple(_cell_jacobian_rows(work, closed.totals, seen))
    if rows:
        yield Paragraph(text("bptt.cell_again"))
        yield Equations(rows)
    yield Paragraph(text("bptt.alike", by=closed.totals.theta))
    yield Unseen((step_row(closed), sum_row(closed), *start_rows(work, closed.totals)))
    if closed.totals.outputs and not work.recurrence.after:
        yield Unseen(tuple(_total_line_row(work, line) for line in closed.totals.outputs))


def _lines_are_shown(work: CellWork, closed: ClosedSum, seen: set[Expr]) -> bool:
    """Whether a later weight has its lines: as the result, if all is asked for, or to begin a new form."""
    totals = closed.totals
    begins = has_closed_sum(work, totals) and not closed.is_explicit and closed.symbol_factor not in seen
    return begins or work.full or len(totals.lines) == 1 or not totals.has_products


def _forward_lines(work: CellWork, totals: TotalDerivatives, is_first: bool, shown: bool) -> Iterator[Block]:
    """The lines of forward mode; where they are not shown, they are proved all the same."""
    rows = tuple(_total_line_row(work, line, boxed=len(totals.lines) == 1) for line in totals.lines)
    if not shown:
        yield Unseen(rows)
        return
    yield Paragraph(text("bptt.lines" if is_first else "bptt.lines_again", by=totals.theta))
    yield Equations(rows)


def _outputs(work: CellWork, totals: TotalDerivatives, is_first: bool) -> Iterator[Block]:
    """The other values of the cell; by a later weight they are the same but for its name."""
    rows = tuple(_total_line_row(work, line) for line in totals.outputs)
    if not (is_first or work.full):
        yield Unseen(rows)
        return
    yield Paragraph(text("bptt.outputs"))
    yield Equations(rows)


def _recurrence(work: CellWork, totals: TotalDerivatives) -> Row:
    """The lines put into one another."""
    left = derivative(totals.states[0], totals.theta)
    form = totals.step_form(totals.states[0])
    return work.row_at_every_time(left, form, boxed=True)


def _new_partial_rows(work: CellWork, line: TotalLine, seen: set[Expr]) -> Iterator[Row]:
    """The derivatives inside one definition that are not on the page yet."""
    for symbol, form in line.partials:
        if symbol not in seen:
            seen.add(symbol)
            yield work.row_at_every_time(symbol, form)


def _total_line_row(work: CellWork, line: TotalLine, boxed: bool = False) -> Row:
    return work.row_at_every_time(line.left, line.chain, line.form, boxed=boxed)


def _named_factors(work: CellWork, closed: ClosedSum, seen: set[Expr], shown: bool) -> Iterator[Block]:
    """What one application of the cell does: each block of A and P."""
    recurrence = work.recurrence
    known = closed.symbol_factor in seen
    rows = tuple(_cell_jacobian_rows(work, closed.totals, seen))
    if known:
        without = "bptt.combined" if shown else "bptt.combined_again"
        yield Paragraph(text("bptt.cell_again" if rows else without))
    elif closed.totals.is_single:
        yield Paragraph(text("bptt.cell", state=closed.state, factor=closed.symbol_factor))
    else:
        names = tuple(
            work.named(recurrence.stems[stem], Time(recurrence.index, -back))
            for stem, back in work.stacked_parts
        )
        yield Paragraph(text("bptt.joined", state=closed.state, names=names, factor=closed.symbol_factor))
    seen.add(closed.symbol_factor)
    if rows:
        yield Equations(rows)
        is_longer = any(back for _, back in work.stacked_parts)
        yield Paragraph(text("bptt.joined_longer" if is_longer and not known else "bptt.joined_step"))
    yield Equations((step_row(closed),))


def _cell_jacobian_rows(work: CellWork, totals: TotalDerivatives, seen: set[Expr]) -> Iterator[Row]:
    """The derivatives through one application of the cell that are not on the page yet."""
    for state in totals.states:
        ways = {totals.theta: totals.immediate(state), **totals.carried(state)}
        for source, terms in ways.items():
            symbol = Expr(THROUGH, vec(state), vec(source))
            if terms and symbol not in seen:
                seen.add(symbol)
                yield work.row_at_every_time(symbol, sum_of_products(terms))


def _initial_rows(work: CellWork, totals: TotalDerivatives) -> Iterator[Row]:
    """The derivatives of all values before the first time that the weight acts on or the cell carries on."""
    stems = {*map(work.recurrence.stem, totals.states), *(stem.name for stem in totals.carriers)}
    for name in work.recurrence.initial:
        time = work.recurrence.time(name)
        if time is not None and work.recurrence.stem(name) in stems:
            back = work.recurrence.first - time.offset
            yield work.row(derivative(name, totals.theta), totals.initial(name, back))
