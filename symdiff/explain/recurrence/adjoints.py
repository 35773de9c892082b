"""The gradient of a loss, backward in time: ∂L/∂h_t through l_t and through h_{t+1}, then ∂L/∂U, ∂L/∂W, …

The lines come from one generic cell (see `through_time`).

The lines of the sweep back in time as they are shown: short ways through one number of the same time.

What reaches the loss through l_t alone is ∂L/∂l_t times a derivative of l_t, which the page has already.
Values that only such derivatives needed are not met again. Which lines there are is known in `through_time`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from symdiff.derivation.cell_reverse import AdjointLine, adjoints_at_one_time
from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, text
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.sweeps.results import belongs
from symdiff.expr.leaves import Alias, entry_count, zeros
from symdiff.expr.operations import DIRECT, simplex_names_summed
from symdiff.expr.shapes import Shape, is_number
from symdiff.expr.timed import Time, at_time
from symdiff.expr.tree import ONE, PARTIAL, Dim, Expr, Sym, count_operations, symbols

MOST_CHAIN = 40


def shapes(work: CellWork) -> Iterator[Block]:
    """Why a derivative by a matrix is no number."""
    weights = [name for name in work.wrt if len(name.shape) == 2]
    if weights and not work.is_general and any(state.shape for state in work.of.states):
        yield from _shape_of_gradient(work, weights[0])
    if not work.is_general:
        return
    pairs = [(value, weight) for weight in weights for value in _shown(work, weight) if value.shape]
    if not pairs:
        return
    state, weight = pairs[0]
    yield Heading(text("bptt.matrix"))
    yield Paragraph(
        text(
            "bptt.shapes" if len(state.shape) == 1 else "bptt.shapes_of_matrix",
            state=state,
            weight=weight,
            entries=_entries((*state.shape, *weight.shape)),
            rows=_entries(state.shape),
            columns=_entries(weight.shape),
        )
    )


def _shown(work: CellWork, weight: Sym) -> Iterator[Sym]:
    """The values whose derivatives by a weight are on the page: the states, or what is made from them."""
    totals = work.totals(weight)
    if totals.states:
        yield from work.of.states
    elif not work.of.after:
        yield from (line.name for line in totals.outputs)


def _shape_of_gradient(work: CellWork, weight: Sym) -> Iterator[Block]:
    """The same where only the gradient of a loss is asked for."""
    if work.of.after and not work.of.result.shape:
        yield Heading(text("bptt.shape"))
        loss, entries = work.of.result, _entries(weight.shape)
        yield Paragraph(text("bptt.shape_of", loss=loss, weight=belongs(weight), entries=entries))


def _entries(shape: Shape) -> Expr:
    """The number of entries of an array, n²d rather than nnd."""
    parts = {part: shape.count(part) for part in shape if not is_number(part)}
    found = entry_count(tuple(part for part in shape if is_number(part)))
    factors = [Dim(str(part)) ** n if n > 1 else Dim(str(part)) for part, n in parts.items()]
    for factor in factors:
        found = factor if found == ONE else found * factor
    return found


def gradient(work: CellWork) -> Iterator[Block]:
    """The adjoints through time, and the derivatives by what was asked for."""
    loss = work.loss
    if loss is None:
        return
    of = loss.of
    yield Heading(text("bptt.loss", loss=of.result))
    if loss is not work:
        name, bar = of.cell[-1][0], at_time(of.sequences[-1], of.now)
        given = Expr(DIRECT, of.result, name)
        yield Paragraph(text("bptt.free", loss=of.result, given=given, name=name, bar=bar))
    yield from _at_one_time(loss)
    shaped = "" if work.has_arrays else "_numbers"
    yield Paragraph(text(f"bptt.backward{shaped}", loss=of.result))
    yield Equations(tuple(_row(loss, line) for line in shown_lines(loss)))
    yield from _of_named(loss)
    if loss.wrt:
        yield Paragraph(text(f"bptt.gradients{shaped}"))
        yield Equations(tuple(_gradient(loss, name) for name in loss.wrt))


def _at_one_time(work: CellWork) -> Iterator[Block]:
    """The end of the cell, from each number that the result is made of: ∂l_t/∂z_t = ŷ_t − y_t."""
    for name in losses(work):
        lines = adjoints_at_one_time(work.of, name)
        if lines:
            yield Paragraph(text("bptt.one_time", loss=name, result=work.of.result))
            yield Equations(tuple(_row(work, line) for line in lines))


def _row(work: CellWork, line: AdjointLine) -> Row:
    members = [line.left.meaning] if hasattr(line.left, "meaning") else []
    if line.chain is not None and count_operations(line.chain) <= MOST_CHAIN:
        members.append(line.chain)
    because = simplex_names_summed(line.before) if line.before is not None else ()
    members += [line.before, line.form] if line.before is not None else [line.form]
    whole = line.low == work.start and line.high == work.of.last
    one = line.low == line.high
    reason = None if whole or one else work.since(line.low, line.high)
    reason = text("arrays.because", names=because) if because else reason
    return work.row(line.left, *members, low=line.low, high=line.high, reason=reason, spaced=True)


def _of_named(work: CellWork) -> Iterator[Block]:
    """The recurrence of δ alone, where it has a name."""
    through = work.through
    found = through.recurrence_of_delta
    if found:
        yield Paragraph(text("bptt.delta", delta=found[0].left))
        yield Equations(tuple(_row(work, line) for line in found))


def _gradient(work: CellWork, name: Sym) -> Row:
    return work.row(Expr(PARTIAL, work.of.result, name), work.through.gradient(name), boxed=True, spaced=True)


def asked_values(work: CellWork) -> Iterator[Block]:
    """The derivatives by values of the cell at single times: ∂L/∂h_1 through l_1 and through h_2."""
    if not work.values:
        return
    yield Heading(text("bptt.asked", loss=work.of.result))
    yield Paragraph(text("bptt.asked_intro", loss=work.of.result, values=work.values))
    for name in work.values:
        left, members = by_value(work, name)
        found = work.row(left, *([left.meaning] if isinstance(left, Alias) else []), *members, spaced=True)
        if work.at is not None:
            chain = Chain(found.chain.left, (*found.chain.members, work.value(left)), at_point=True)
            found = replace(found, chain=chain)
        yield Equations((found,))


def by_value(work: CellWork, name: Sym) -> tuple[Expr, list[Expr]]:
    """∂L/∂h_1 and what it is equal to: its formula last, zero where L does not depend on the name."""
    time = work.of.time(name)
    assert time is not None
    for line in lines_at(work, work.through.lines, time.offset):
        if work.of.stem(line.name) == work.of.stem(name):
            return at_time_of(work, line, time.offset)
    return Expr(PARTIAL, work.of.result, name), [zeros(name.shape)]


def lines_at(work: CellWork, lines: Iterable[AdjointLine], time: int) -> list[AdjointLine]:
    """The line of each definition that holds at one time."""
    end = {str(work.of.horizon): Time("", work.steps)}
    found: dict[str, AdjointLine] = {}
    for line in lines:
        low, high = line.low.with_base(end).offset, line.high.with_base(end).offset
        if low <= time <= high:
            found[work.of.stem(line.name)] = line
    return list(found.values())


def at_time_of(work: CellWork, line: AdjointLine, time: int) -> tuple[Expr, list[Expr]]:
    """A line at one time: its left side, and its members with the chain rule in symbols first."""
    places = {work.of.index: Time("", time), str(work.of.horizon): Time("", work.steps)}
    left = work.of.at(line.left, **places)
    members = [] if line.chain is None else [work.of.at(line.chain, **places)]
    return left, [*members, work.of.at(line.form, **places)]


def losses(work: CellWork) -> list[Sym]:
    """The numbers of the cell that stand in the result and are no states."""
    used = {stem for _, formula in work.of.after for stem, _ in work.of.times_in(formula)}
    return [n for n, _ in work.of.cell if work.of.stem(n) in used and not n.shape and n not in work.of.states]


def shown_lines(work: CellWork) -> Iterator[AdjointLine]:
    """The lines of the sweep from the last definition to the first, those through l_t alone made short."""
    inside = _inside(work)
    for line in work.through.lines:
        if line.name not in inside:
            yield line
        elif _is_met_again(work, line.name, inside):
            (loss,) = losses(work)
            way = work.through.adjoint(loss) * Expr(PARTIAL, loss, line.name)
            yield replace(line, chain=way, before=None)


def _inside(work: CellWork) -> set[Sym]:
    """The values that act on the result through the only loss of their own time, and in no other way."""
    found = losses(work)
    if len(found) != 1:
        return set()
    inside: set[Sym] = set()
    for line in adjoints_at_one_time(work.of, found[0]):
        if _users(work, line.name) <= {*inside, *found}:
            inside.add(line.name)
    return inside


def _users(work: CellWork, name: Sym) -> set[Sym | None]:
    """The definitions of the same time that use a name; None for any other use."""
    of, stem = work.of, work.of.stem(name)
    users: set[Sym | None] = set()
    for user, formula in of.cell:
        offsets = {time.offset for other, time in of.times_in(formula) if other == stem}
        users |= {user if offset == 0 else None for offset in offsets}
    if any(stem == other for _, formula in of.after for other, _ in of.times_in(formula)):
        users.add(None)
    return users


def _is_met_again(work: CellWork, name: Sym, inside: set[Sym]) -> bool:
    """Whether the adjoint of a name is needed for a weight or for a value outside."""
    of = work.of
    needed = {*work.wrt, *(n for n, _ in of.cell if n not in inside)}
    stems = {of.stem(n) for n in needed if of.time(n) is not None}
    formula = dict(of.cell)[name]
    return bool({*symbols(formula)} & {*work.wrt}) or any(s in stems for s, _ in of.times_in(formula))
