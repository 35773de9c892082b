"""The statement of a recurrence, and some steps of it written out as one formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from symdiff.document.blocks import Block, Equations, Heading, Paragraph, Row, text
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.shared.conventions import ELEMENT, in_its_space, notations, reading_of, space
from symdiff.explain.shared.kink_notes import kinks_in_cell
from symdiff.explain.shared.work import with_number
from symdiff.expr.shapes import is_number
from symdiff.expr.timed import Braced, Time, at_time
from symdiff.expr.tree import Dim, Expr, Num, Sym, count_operations, substitute, symbols


def statement(work: CellWork, rest: Sequence[Block]) -> Iterator[Block]:
    """The cell, its start, the result, the signs of the `rest` of the page, and what is asked."""
    given, task = tuple(_what_is_given(work)), tuple(_task(work))
    yield from (*given, *_conventions(work, (*given, *task, *rest)), *task)


def _what_is_given(work: CellWork) -> Iterator[Block]:
    recurrence = work.recurrence
    yield Heading(text("statement.heading"))
    inputs = [in_its_space(n) if work.has_arrays else Expr(ELEMENT, n, space(())) for n in recurrence.inputs]
    for stem in recurrence.sequences:
        inputs.append(Expr(ELEMENT, at_time(stem, recurrence.now), space(stem.shape)))
    times = work.between(work.start, recurrence.last)
    yield Paragraph(text("bptt.define", times=times, inputs=tuple(inputs), count=len(recurrence.cell)))
    yield Equations(tuple(work.row_at_every_time(n, f, spaced=True) for n, f in recurrence.cell))
    yield from _start(work)
    if recurrence.after:
        yield Equations(tuple(work.row(name, formula) for name, formula in recurrence.after))


def _task(work: CellWork) -> Iterator[Block]:
    recurrence = work.recurrence
    wanted = (*work.wrt, *work.values)
    if work.is_general and recurrence.states and work.wrt and not recurrence.looks_ahead:
        key = "bptt.find_loss" if recurrence.after else "bptt.find"
        yield Paragraph(text(key, result=recurrence.result, states=tuple(recurrence.states), wanted=wanted))
    else:
        result = recurrence.result if recurrence.after else work.last
        yield Paragraph(text("bptt.find_result", result=result, wanted=wanted))
    if work.at is not None:
        yield from _given(work)


def _start(work: CellWork) -> Iterator[Block]:
    """The values before and after all times, short ones in a sentence, and the words before the result."""
    recurrence = work.recurrence
    given = {**recurrence.initial, **recurrence.ending}
    rows = tuple(work.row(name, formula) for name, formula in given.items())
    values = work.sentence_chains(rows)
    if rows and values:
        key = "bptt.initial_after" if recurrence.after else "bptt.initial_only"
        yield Paragraph(text(key, values=values))
        return
    if rows:
        yield Paragraph(text("bptt.initial", count=len(rows)))
        yield Equations(rows)
    if recurrence.after:
        yield Paragraph(text("bptt.after", count=len(recurrence.after)))


def _conventions(work: CellWork, page: Sequence[Block]) -> Iterator[Block]:
    recurrence = work.recurrence
    formulas = [formula for _, formula in (*recurrence.cell, *recurrence.after)]
    stems = [Sym(n.name, shape=n.shape, assume=n.assume) for n in recurrence.inputs]
    stems += [at_time(stem, recurrence.now) for stem in recurrence.sequences]
    parts = reading_of(formulas, stems, page) if work.has_arrays else []
    parts += notations(page, work.letters)
    parts += list(kinks_in_cell(recurrence))
    if not is_number(recurrence.horizon):
        parts.append(text("bptt.horizon", horizon=Dim(str(recurrence.horizon)), least=Num(work.shortest)))
    if parts:
        yield Paragraph(text("arrays.conventions", parts=tuple(parts)))


MOST_BESIDE = 3


def _given(work: CellWork) -> Iterator[Block]:
    """The numbers of the inputs, those of one shape and those of one sequence beside each other."""
    yield Paragraph(text("statement.at_list"))
    groups: list[list[Expr]] = [
        list(alike) for _, alike in groupby(work.recurrence.inputs, key=lambda name: name.shape)
    ]
    sequences = work.recurrence.sequences
    groups += [[at_time(stem, Time("", t)) for t in work.numbered_times] for stem in sequences]
    groups += [list(work.recurrence.indices.values())] if work.recurrence.indices else []
    packed = [group[i : i + MOST_BESIDE] for group in groups for i in range(0, len(group), MOST_BESIDE)]
    yield Equations(tuple(_beside(work, names) for names in packed))


def _beside(work: CellWork, names: Sequence[Expr]) -> Row:
    first, *others = (with_number(work, name) for name in names)
    return Row(first, tuple(others))


def unrolled(work: CellWork) -> Iterator[Block]:
    """The last value of the cell as one formula, with a brace under each earlier state."""
    found = last_value(work)
    if found is None:
        return
    left, formula = found
    yield Heading(text("bptt.unrolled"))
    yield Paragraph(text("bptt.unrolled_intro", count=work.steps))
    yield Equations((work.row(left, formula),))


MOST_WRITTEN = 18
"""Operations of a formula up to which steps are written out."""


def last_value(work: CellWork) -> tuple[Sym, Expr] | None:
    """The last definition from the last state on that is short enough at the last time, all names put in."""
    _, definitions = work.written_out
    states = {work.recurrence.stem(state) for state in work.recurrence.states}
    values: dict[Expr, Expr] = {}
    lengths: dict[Sym, int] = {}
    for name, formula in definitions[: work.steps * len(work.recurrence.cell)]:
        put_in = substitute(formula, dict(values))
        inside = [lengths.get(s, 0) for s in symbols(formula)]
        lengths[name] = count_operations(formula) + sum(inside)
        values[name] = Braced(put_in, name) if work.recurrence.stem(name) in states else put_in
    length = len(work.recurrence.cell)
    last = [name for name, _ in definitions[(work.steps - 1) * length : work.steps * length]]
    after = max((n for n, name in enumerate(last) if work.recurrence.stem(name) in states), default=0)
    for name in reversed(last[after:]):
        if lengths[name] <= MOST_WRITTEN:
            found = values[name]
            return name, found.body if isinstance(found, Braced) else found
    return None
