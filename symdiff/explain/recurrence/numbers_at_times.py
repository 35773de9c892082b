"""The numbers of a recurrence at the reader's point: values in order, adjoints back in time, gradients.

At the end, by how much the derivative of a state shrinks or grows from one time to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from symdiff.algebra.ordered_products import factors, product
from symdiff.derivation.cell_forward import total_derivative as derivative
from symdiff.derivation.cell_reverse import AdjointLine, adjoints_at_one_time
from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, text
from symdiff.errors import NoFormError
from symdiff.explain.recurrence.adjoints import line_at_time, lines_at, lines_to_show, summed_losses
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.recurrence.closed_sum import ClosedSum
from symdiff.explain.shared.work import with_number
from symdiff.expr.leaves import Alias
from symdiff.expr.operations import NORM
from symdiff.expr.timed import Series, Time
from symdiff.expr.tree import PARTIAL, Expr, Num, Sym, count_operations, symbols


def numbers(work: CellWork) -> Iterator[Block]:
    """Forward values, adjoints, gradients, and how the factors grow."""
    yield from _forward(work)
    if work.loss is work:
        yield from _backward(work)
        yield from _gradients(work)
    yield from _growth(work)


def _valued(work: CellWork, left: Expr, *members: Expr) -> Row:
    """left = … = its number."""
    value = work.value(left)
    kept = [m for m in dict.fromkeys(members) if m not in (left, value)]
    return Row(Chain(left, (*kept, value), at_point=True))


def _forward(work: CellWork) -> Iterator[Block]:
    """The values at each time, then the result."""
    _, definitions = work.written_out
    length = len(work.recurrence.cell)
    yield Heading(text("bptt.values"))
    for number, time in enumerate(work.numbered_times):
        yield Paragraph(text("bptt.at", index=work.index, time=Num(time)))
        own = definitions[number * length : (number + 1) * length]
        yield Equations(tuple(_valued(work, name, formula) for name, formula in own))
    if work.results:
        yield Paragraph(text("bptt.values_after"))
        yield Equations(tuple(_valued(work, name, formula) for name, formula in work.results))


def _backward(work: CellWork) -> Iterator[Block]:
    """The adjoints, from the last time to the first."""
    yield Heading(text("bptt.adjoints", loss=work.recurrence.result))
    lines = [line for line in lines_to_show(work) if symbols(line.form) or line.low == line.high]
    for time in reversed(work.numbered_times):
        own = [line for name in summed_losses(work) for line in adjoints_at_one_time(work.recurrence, name)]
        rows = [_adjoint(work, line, time) for line in (*own, *lines_at(work, lines, time))]
        if rows:
            yield Paragraph(text("bptt.at", index=work.index, time=Num(time)))
            yield Equations(tuple(rows))


def _adjoint(work: CellWork, line: AdjointLine, time: int) -> Row:
    left, members = line_at_time(work, line, time)
    named = [left.meaning] if isinstance(left, Alias) else []
    return _valued(work, left, *named, members[-1])


def _gradients(work: CellWork) -> Iterator[Block]:
    """Each gradient as a sum over time, written out, in numbers."""
    if work.wrt:
        yield Heading(text("bptt.gradients_here"))
        yield Equations(tuple(_gradient(work, name) for name in work.wrt))


MOST_SHOWN = 40


def _gradient(work: CellWork, name: Sym) -> Row:
    found = work.adjoints.gradient(name)
    members = [found]
    if isinstance(found, Series) and count_operations(found.body) * work.steps <= MOST_SHOWN:
        terms = [work.recurrence.at(found.body, **{found.index: Time("", t)}) for t in work.numbered_times]
        whole = terms[0]
        for term in terms[1:]:
            whole = whole + term
        members.append(whole)
    return _valued(work, Expr(PARTIAL, work.recurrence.result, name), *members)


MOST_FACTORS = 3


def _growth(work: CellWork) -> Iterator[Block]:
    """The norms of the factors A_t, and of their product."""
    closed = _single(work)
    if closed is None or work.steps < 2:
        return
    states = [work.named(closed.state, t) for t in work.numbered_times]
    steps = [_norm(derivative(now, before)) for before, now in pairwise(states)]
    first, last = states[0], states[-1]
    norm = _norm(derivative(last, first))
    yield Heading(text("bptt.growth"))
    yield Paragraph(text("bptt.norms" if closed.state.shape else "bptt.sizes", state=closed.state))
    factor_of = [closed.factor(Time("", t)) for t in work.numbered_times[1:]] if closed.is_explicit else []
    rows = [_valued(work, step, *map(_norm, factor_of[n : n + 1])) for n, step in enumerate(steps)]
    if len(steps) > 1:
        whole = [part for factor in reversed(factor_of) for part in factors(factor)]
        short = bool(whole) and len(factor_of) <= MOST_FACTORS
        rows.append(_valued(work, norm, *([_norm(product(whole))] if short else [])))
    yield Equations(tuple(rows))
    value = work.value(norm)
    assert isinstance(value, Num)
    key = "shrinks" if value.value < 1 else "grows"
    yield Paragraph(text(f"bptt.{key}", value=with_number(work, norm), first=first, last=last))


def _norm(node: Expr) -> Expr:
    return Expr(NORM, node) if node.shape else abs(node)


def _single(work: CellWork) -> ClosedSum | None:
    """The closed form of the only state, by the first weight that acts on it."""
    for theta in work.wrt:
        totals = work.totals(theta)
        try:
            if totals.states and totals.has_products and totals.is_single:
                return ClosedSum(work, totals)
        except NoFormError:
            continue
    return None
