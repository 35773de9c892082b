"""The gradient of a loss, backward in time: ∂L/∂h_t through l_t and through h_{t+1}, then ∂L/∂U, ∂L/∂W, …

The lines come from one generic cell (see `cell_reverse`). What reaches the loss through l_t alone is ∂L/∂l_t
times a derivative of l_t, which the page has already; values that only such derivatives needed are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from symdiff.derivation.cell_reverse import AdjointLine, adjoints_at_one_time
from symdiff.document.blocks import Block, Equations, Heading, Paragraph, Row, text
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.shared.conventions import in_its_space
from symdiff.explain.shared.work import with_number
from symdiff.expr.leaves import Alias, entry_count, zeros
from symdiff.expr.operations import DIRECT, simplex_names_summed
from symdiff.expr.shapes import Shape, is_number
from symdiff.expr.timed import Time
from symdiff.expr.tree import ONE, PARTIAL, Dim, Expr, Sym, count_operations, symbols


def gradient(work: CellWork) -> Iterator[Block]:
    """The adjoints through time, and the derivatives by what was asked for."""
    loss = work.loss
    if loss is None:
        return
    recurrence = loss.recurrence
    both = "_both" if recurrence.looks_ahead else ""
    yield Heading(text(f"bptt.loss{both}", loss=recurrence.result))
    if loss is not work:
        name = recurrence.cell[-1][0]
        given = Expr(DIRECT, recurrence.result, name)
        yield Paragraph(text("bptt.free", loss=recurrence.result, given=given, name=name))
    yield from _at_one_time(loss)
    shaped = "" if work.has_arrays else "_numbers"
    rows = tuple(_row(loss, line) for line in lines_to_show(loss))
    if rows:
        yield Paragraph(text(f"bptt.backward{both}{shaped}", loss=recurrence.result))
        yield Equations(rows)
    yield from _recurrence_of_delta(loss)
    if loss.wrt:
        if rows:  # else the loss uses no value of the cell, and nothing is a sum over times
            yield Paragraph(text(f"bptt.gradients{shaped}"))
        yield Equations(tuple(_gradient(loss, name) for name in loss.wrt))


def _at_one_time(work: CellWork) -> Iterator[Block]:
    """The end of the cell, from each number that the result is made of: ∂l_t/∂z_t = ŷ_t − y_t."""
    for name in summed_losses(work):
        lines = adjoints_at_one_time(work.recurrence, name)
        if lines:
            yield Paragraph(text("bptt.one_time", loss=name, result=work.recurrence.result))
            yield Equations(tuple(_row(work, line) for line in lines))


MOST_CHAIN = 40
"""Operations of a chain rule up to which it is written."""


def _row(work: CellWork, line: AdjointLine) -> Row:
    """A line of the sweep with its chain rule, unless that is long, and the times it holds for."""
    members = [line.left.meaning] if hasattr(line.left, "meaning") else []
    if line.chain is not None and count_operations(line.chain) <= MOST_CHAIN:
        members.append(line.chain)
    because = simplex_names_summed(line.before) if line.before is not None else ()
    members += [line.before, line.form] if line.before is not None else [line.form]
    whole = line.low == work.start and line.high == work.recurrence.last
    one = line.low == line.high
    reason = None if whole or one else work.since(line.low, line.high)
    reason = text("arrays.because", names=because) if because else reason
    return work.row(line.left, *members, low=line.low, high=line.high, reason=reason, spaced=True)


def _recurrence_of_delta(work: CellWork) -> Iterator[Block]:
    """The recurrence of δ alone, where it has a name."""
    found = work.adjoints.recurrence_of_delta
    if found:
        yield Paragraph(text("bptt.delta", delta=found[0].left))
        yield Equations(tuple(_row(work, line) for line in found))


def _gradient(work: CellWork, name: Sym) -> Row:
    symbol = Expr(PARTIAL, work.recurrence.result, name)
    return work.row(symbol, work.adjoints.gradient(name), boxed=True, spaced=True)


def asked_values(work: CellWork) -> Iterator[Block]:
    """The derivatives by values of the cell at single times: ∂L/∂h_1 through l_1 and through h_2."""
    if not work.values:
        return
    yield Heading(text("bptt.asked", loss=work.recurrence.result))
    yield Paragraph(text("bptt.asked_intro", loss=work.recurrence.result, values=work.values))
    for name in work.values:
        left, members = by_value(work, name)
        found = work.row(left, *([left.meaning] if isinstance(left, Alias) else []), *members, spaced=True)
        if work.at is not None:
            found = replace(found, chain=with_number(work, left, *found.chain.members))
        yield Equations((found,))


def by_value(work: CellWork, name: Sym) -> tuple[Expr, list[Expr]]:
    """∂L/∂h_1 and what it is equal to: its formula last, zero where L does not depend on the name."""
    time = work.recurrence.time(name)
    assert time is not None
    for line in lines_at(work, work.adjoints.lines, time.offset):
        if work.recurrence.stem(line.name) == work.recurrence.stem(name):
            return line_at_time(work, line, time.offset)
    return Expr(PARTIAL, work.recurrence.result, name), [zeros(name.shape)]


def lines_at(work: CellWork, lines: Iterable[AdjointLine], time: int) -> list[AdjointLine]:
    """The line of each definition that holds at one time."""
    end = {str(work.recurrence.horizon): Time("", work.steps)}
    found: dict[str, AdjointLine] = {}
    for line in lines:
        low, high = line.low.with_base(end).offset, line.high.with_base(end).offset
        if low <= time <= high:
            found[work.recurrence.stem(line.name)] = line
    return list(found.values())


def line_at_time(work: CellWork, line: AdjointLine, time: int) -> tuple[Expr, list[Expr]]:
    """A line at one time: its left side, and its members with the chain rule in symbols first."""
    members = [line.form] if line.chain is None else [line.chain, line.form]
    return work.in_numbers(line.left, time), [work.in_numbers(member, time) for member in members]


def summed_losses(work: CellWork) -> list[Sym]:
    """The numbers of the cell that stand in the result and are no states."""
    recurrence = work.recurrence
    used = {stem for _, formula in recurrence.after for stem, _ in recurrence.times_in(formula)}
    numbers = [name for name, _ in recurrence.cell if not name.shape and name not in recurrence.states]
    return [name for name in numbers if recurrence.stem(name) in used]


def lines_to_show(work: CellWork) -> Iterator[AdjointLine]:
    """The lines of the sweep from the last definition to the first, those through l_t alone made short."""
    inside = _inside(work)
    for line in work.adjoints.lines:
        if line.name not in inside:
            yield line
        elif _is_met_again(work, line.name, inside):
            (loss,) = summed_losses(work)
            way = work.adjoints.adjoint(loss) * Expr(PARTIAL, loss, line.name)
            yield replace(line, chain=way, before=None)


def _inside(work: CellWork) -> set[Sym]:
    """The values that act on the result through the only loss of their own time, and in no other way."""
    found = summed_losses(work)
    if len(found) != 1:
        return set()
    inside: set[Sym] = set()
    for line in adjoints_at_one_time(work.recurrence, found[0]):
        if _users(work, line.name) <= {*inside, *found}:
            inside.add(line.name)
    return inside


def _users(work: CellWork, name: Sym) -> set[Sym | None]:
    """The definitions of the same time that use a name; None for any other use."""
    recurrence, stem = work.recurrence, work.recurrence.stem(name)
    users: set[Sym | None] = set()
    for user, formula in recurrence.cell:
        offsets = {time.offset for other, time in recurrence.times_in(formula) if other == stem}
        users |= {user if offset == 0 else None for offset in offsets}
    if any(stem == other for _, formula in recurrence.after for other, _ in recurrence.times_in(formula)):
        users.add(None)
    return users


def _is_met_again(work: CellWork, name: Sym, inside: set[Sym]) -> bool:
    """Whether the adjoint of a name is needed for a weight or for a value outside."""
    recurrence = work.recurrence
    needed = {*work.wrt, *(n for n, _ in recurrence.cell if n not in inside)}
    stems = {recurrence.stem(n) for n in needed if recurrence.time(n) is not None}
    formula = dict(recurrence.cell)[name]
    return bool({*symbols(formula)} & {*work.wrt}) or any(s in stems for s, _ in recurrence.times_in(formula))


def shape_notes(work: CellWork) -> Iterator[Block]:
    """Why a derivative by a matrix has more entries than a matrix, or the gradient as many as the weight."""
    weights = [name for name in work.wrt if len(name.shape) == 2]
    if weights and not work.is_general and any(state.shape for state in work.recurrence.states):
        yield from _shape_of_gradient(work, weights[0])
    if not work.is_general:
        return
    pairs = [(value, weight) for weight in weights for value in _values_on_page(work, weight) if value.shape]
    if not pairs:
        return
    state, weight = pairs[0]
    yield Heading(text("bptt.matrix"))
    yield Paragraph(
        text(
            "bptt.shapes" if len(state.shape) == 1 else "bptt.shapes_of_matrix",
            state=state,
            weight=weight,
            entries=_number_of_entries((*state.shape, *weight.shape)),
            rows=_number_of_entries(state.shape),
            columns=_number_of_entries(weight.shape),
        )
    )


def _values_on_page(work: CellWork, weight: Sym) -> Iterator[Sym]:
    """The values whose derivatives by a weight are on the page: the states, or what is made from them."""
    totals = work.totals(weight)
    if totals.states:
        yield from work.recurrence.states
    elif not work.recurrence.after:
        yield from (line.name for line in totals.outputs)


def _shape_of_gradient(work: CellWork, weight: Sym) -> Iterator[Block]:
    """The same where only the gradient of a loss is asked for."""
    if work.recurrence.after and not work.recurrence.result.shape:
        yield Heading(text("bptt.shape"))
        loss, entries = work.recurrence.result, _number_of_entries(weight.shape)
        yield Paragraph(text("bptt.shape_of", loss=loss, weight=in_its_space(weight), entries=entries))


def _number_of_entries(shape: Shape) -> Expr:
    """The number of entries of an array, n²d rather than nnd."""
    parts = {part: shape.count(part) for part in shape if not is_number(part)}
    found = entry_count(tuple(part for part in shape if is_number(part)))
    factors = [Dim(str(part)) ** n if n > 1 else Dim(str(part)) for part, n in parts.items()]
    for factor in factors:
        found = factor if found == ONE else found * factor
    return found
