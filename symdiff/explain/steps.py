"""The w-steps, their local partials, and what is agreed at kinks."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.document import Block, Chain, Heading, Paragraph, Row, Text, text
from symdiff.explain.folding import folded
from symdiff.explain.work import Work
from symdiff.expr import PARTIAL, Expr, Sym
from symdiff.kinks import Kink, agreed, kinks, kinks_at
from symdiff.local import LocalPartial, local_partials
from symdiff.tape import Step

MOST_KINKS = 8


def steps(work: Work) -> Iterator[Block]:
    """Each variable of the tape with the operation that makes it."""
    tape = work.tape
    yield Heading(text("steps.heading"))
    yield Paragraph(text("steps.intro", result=tape.result))
    rows = [Row(Chain(var, (name,))) for var, name in tape.inputs]
    rows += [Row(Chain(step.var, _members(step))) for step in tape.steps]
    yield folded(rows, tape, work.full)
    if tape.steps and any(step.operands for step in tape.steps):
        yield Paragraph(text("steps.partials"))
        rows = [_partials_row(local_partials(step)) for step in tape.steps if step.operands]
        yield folded(rows, tape, work.full)
    yield from _kinks(work)


def _members(step: Step) -> tuple[Expr, ...]:
    return (step.body,) if step.label is None else (step.body, step.label)


def _partials_row(partials: tuple[LocalPartial, ...]) -> Row:
    chains = [_partial_chain(partial) for partial in partials]
    return Row(chains[0], tuple(chains[1:]))


def _partial_chain(partial: LocalPartial) -> Chain:
    written, short = partial.written.size, partial.short.size
    members = (written,) if written == short else (written, short)
    return Chain(Expr(PARTIAL, partial.step, partial.operand), members)


def _kinks(work: Work) -> Iterator[Block]:
    """For each kink its place and its convention; at the reader's point, whether it lies on one."""
    found = kinks(work.tape)
    for kink in found[:MOST_KINKS]:
        yield Paragraph(_kink_text(kink))
    if len(found) > MOST_KINKS:
        yield Paragraph(text("kink.more", count=len(found) - MOST_KINKS))
    if work.model is not None:
        for kink in kinks_at(work.tape, work.model):
            yield Paragraph(text("kink.here", left=kink.left, right=kink.right, step=kink.step.var))


def _kink_text(kink: Kink) -> Text:
    conventions = tuple(
        text("kink.convention", partial=Expr(PARTIAL, kink.step.var, operand), value=value)
        for operand, value in agreed(kink)
    )
    key = "kink.jump" if kink.function.op.name == "sign" else "kink.place"
    return text(
        key,
        function=kink.function,
        step=kink.step.var,
        left=kink.left,
        right=kink.right,
        conventions=conventions,
        indicator=Sym("u"),
    )
