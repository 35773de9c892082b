"""The statement of a recurrence, and some steps of it written out as one formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, text
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.recurrence.total_derivatives import time_kinks
from symdiff.explain.shared.phrases import notations_of
from symdiff.explain.shared.work import ELEMENT, space
from symdiff.explain.sweeps.results import belongs, reading_of
from symdiff.expr.shapes import is_number
from symdiff.expr.timed import Braced, Time, at_time
from symdiff.expr.tree import Dim, Expr, Num, Sym, count_operations, postorder, substitute, symbols

MOST_WRITTEN = 18
"""Operations of a formula up to which steps are written out."""
MOST_BESIDE = 3


def statement(work: CellWork) -> Iterator[Block]:
    """The cell, the values it starts from, the result, and what is asked."""
    of = work.of
    yield Heading(text("statement.heading"))
    inputs = [belongs(n) if work.has_arrays else Expr(ELEMENT, n, space(())) for n in of.inputs]
    for stem in of.sequences:
        inputs.append(Expr(ELEMENT, at_time(stem, of.now), space(stem.shape)))
    times = work.between(work.start, of.last)
    yield Paragraph(text("bptt.define", times=times, inputs=tuple(inputs), count=len(of.cell)))
    yield Equations(tuple(work.row(n, f, low=work.start, high=of.last, spaced=True) for n, f in of.cell))
    yield from _start(work)
    if of.after:
        yield Equations(tuple(work.row(name, formula) for name, formula in of.after))
    yield from _conventions(work)
    wanted = (*work.wrt, *work.values)
    if work.is_general and of.states and work.wrt:
        key = "bptt.find_loss" if of.after else "bptt.find"
        yield Paragraph(text(key, result=of.result, states=tuple(of.states), wanted=wanted))
    else:
        yield Paragraph(text("bptt.find_result", result=of.result if of.after else work.last, wanted=wanted))
    if work.at is not None:
        yield from _given(work)


def _start(work: CellWork) -> Iterator[Block]:
    """The values before the first time, short ones in a sentence, and the words before the result."""
    of = work.of
    rows = tuple(work.row(name, formula) for name, formula in of.initial.items())
    values = work.sentence_of(rows)
    if rows and values:
        yield Paragraph(text("bptt.initial_after" if of.after else "bptt.initial_only", values=values))
        return
    if rows:
        yield Paragraph(text("bptt.initial", count=len(rows)))
        yield Equations(rows)
    if of.after:
        yield Paragraph(text("bptt.after", count=len(of.after)))


def _conventions(work: CellWork) -> Iterator[Block]:
    of = work.of
    formulas = [formula for _, formula in (*of.cell, *of.after)]
    stems = [Sym(n.name, shape=n.shape, assume=n.assume) for n in of.inputs]
    stems += [at_time(stem, of.now) for stem in of.sequences]
    parts = [text("arrays.columns")] if work.has_arrays else []
    parts += reading_of(formulas, stems)
    parts += list(notations_of([node for formula in formulas for node in postorder(formula)]))
    parts += list(time_kinks(work))
    if not is_number(of.horizon):
        parts.append(text("bptt.horizon", horizon=Dim(str(of.horizon)), least=Num(work.shortest)))
    if parts:
        yield Paragraph(text("arrays.conventions", parts=tuple(parts)))


def _given(work: CellWork) -> Iterator[Block]:
    """The numbers of the inputs, those of one shape and those of one sequence beside each other."""
    yield Paragraph(text("statement.at_list"))
    groups = [list(alike) for _, alike in groupby(work.of.inputs, key=lambda name: name.shape)]
    groups += [[at_time(stem, Time("", t)) for t in _times(work)] for stem in work.of.sequences]
    packed = [group[i : i + MOST_BESIDE] for group in groups for i in range(0, len(group), MOST_BESIDE)]
    yield Equations(tuple(_beside(work, names) for names in packed))


def _beside(work: CellWork, names: Sequence[Sym]) -> Row:
    first, *others = (Chain(name, (work.value(name),), at_point=True) for name in names)
    return Row(first, tuple(others))


def _times(work: CellWork) -> range:
    return range(work.of.first, work.of.first + work.steps)


def unrolled(work: CellWork) -> Iterator[Block]:
    """The last value of the cell as one formula, with a brace under each earlier state."""
    found = written_out(work)
    if found is None:
        return
    left, formula = found
    yield Heading(text("bptt.unrolled"))
    yield Paragraph(text("bptt.unrolled_intro", count=work.steps))
    yield Equations((work.row(left, formula),))


def written_out(work: CellWork) -> tuple[Sym, Expr] | None:
    """The last definition from the last state on that is short enough at the last time, all names put in."""
    _, definitions = work.of.unrolled(work.steps)
    states = {work.of.stem(state) for state in work.of.states}
    values: dict[Expr, Expr] = {}
    lengths: dict[Sym, int] = {}
    for name, formula in definitions[: work.steps * len(work.of.cell)]:
        put_in = substitute(formula, dict(values))
        inside = [lengths.get(s, 0) for s in symbols(formula)]
        lengths[name] = count_operations(formula) + sum(inside)
        values[name] = Braced(put_in, name) if work.of.stem(name) in states else put_in
    length = len(work.of.cell)
    last = [name for name, _ in definitions[(work.steps - 1) * length : work.steps * length]]
    after = max((n for n, name in enumerate(last) if work.of.stem(name) in states), default=0)
    for name in reversed(last[after:]):
        if lengths[name] <= MOST_WRITTEN:
            found = values[name]
            return name, found.body if isinstance(found, Braced) else found
    return None
