"""The page of backpropagation through time: its parts in order, each with who judges its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from symdiff.document.blocks import Block, Document, Localized, Note, chains, text
from symdiff.explain.recurrence.adjoints import asked_values, gradient, shapes
from symdiff.explain.recurrence.by_hand import by_hand
from symdiff.explain.recurrence.numbers_at_times import numbers
from symdiff.explain.recurrence.recurrence_work import Judged, TimeWork
from symdiff.explain.recurrence.total_derivatives import every_time
from symdiff.explain.recurrence.unrolled import statement, unrolled
from symdiff.explain.shared.pictures import folded_picture, unrolled_picture
from symdiff.expr.tree import Dim, Num
from symdiff.proof.judge import Checked, TimeJudge


def parts(work: TimeWork) -> Iterator[Judged]:
    """The page from the statement to the numbers."""
    general, fixed = work.judge, work.judge.fixed()
    yield Judged((*statement(work), *folded_picture(work)), general)
    yield Judged(tuple(unrolled_picture(work)), fixed)
    yield Judged(tuple(unrolled(work)), fixed)
    if work.is_general:
        yield from _for_every_time(work)
    else:
        yield Judged(tuple(shapes(work)), general)
    loss = work.loss
    if loss is not None:
        yield Judged(tuple(gradient(work)), loss.judge)
        yield Judged(tuple(asked_values(loss)), loss.judge.fixed())
    if work.at is not None:
        yield Judged(tuple(numbers(work)), fixed)


def _for_every_time(work: TimeWork) -> Iterator[Judged]:
    """The states: by hand, then for every t, first in numbers where the cell has arrays."""
    yield from by_hand(work)
    scalar = work.scalar if work.has_arrays else None
    if scalar is not None:
        yield Judged(tuple(every_time(scalar)), scalar.judge)
    yield Judged((*shapes(work), *every_time(work, again=scalar is not None)), work.judge)


def through_time(work: TimeWork) -> tuple[Document, tuple[Checked, ...]]:
    """The document, every equality of it proved.

    Raises:
        ProofError: a line is false.
    """
    found = list(parts(work))
    checked = _judged(found)
    for judge in {id(part.judge): part.judge for part in found}.values():
        assert not isinstance(judge, TimeJudge) or judge.is_whole
    blocks: list[Block] = [block for part in found for block in part.blocks]
    title = (
        text("title.named", name=Localized(work.titles), mode=text("mode.bptt"))
        if work.titles
        else text("title.plain", name=text("mode.bptt"))
    )
    return Document(title, (*blocks, _note(work, checked))), tuple(checked)


def with_steps(
    work: TimeWork, document: Document, checked: Sequence[Checked]
) -> tuple[Document, tuple[Checked, ...]]:
    """A proved document with the steps to go through at its head, proved as well; its note counts them.

    Raises:
        ProofError: a step is false.
    """
    from symdiff.explain.recurrence.recurrence_stepping import time_stepping

    head = list(time_stepping(work))
    every = (*_judged(head), *checked)
    blocks = (*(block for part in head for block in part.blocks), *document.blocks[:-1], _note(work, every))
    return replace(document, blocks=blocks), every


def _judged(found: Iterable[Judged]) -> list[Checked]:
    """Every equality of each part, true as its judge says."""
    return [part.judge.check(chain) for part in found for chain in dict.fromkeys(chains(part.blocks))]


def _note(work: TimeWork, checked: Sequence[Checked]) -> Note:
    """What was checked, at which numbers of steps, points and sizes."""
    judge = work.judge
    lengths = tuple(map(Num, judge.lengths))
    parts = [
        text("bptt.proof", equalities=len(checked), digits=min(item.digits for item in checked)),
        text("bptt.proof_steps", lengths=lengths, points=len(judge.models)),
    ]
    sizes = [model.sizes_of for model in judge.models]
    if any(sizes):
        names = tuple(Dim(name) for name in sizes[0])
        key = "proof.tuple" if len(names) > 1 else "proof.one"
        values = tuple(text(key, values=tuple(map(Num, found.values()))) for found in sizes)
        parts.append(text("proof.sizes", names=names, values=values))
    if any(item.chain.at_point for item in checked):
        parts.append(text("proof.here"))
    return Note(text("proof.note", parts=tuple(parts)))
