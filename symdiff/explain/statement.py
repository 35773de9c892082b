"""The statement: the function as the author wrote it, and what is to be found."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.document import Block, Chain, Equations, Heading, Paragraph, Row, text
from symdiff.explain.arrays import belongs, conventions
from symdiff.explain.work import Work
from symdiff.expr import size

MOST_NAMED = 6
WRITTEN_OUT = 150
"""Operations up to which the author's formulas are written out in the statement."""


def statement(work: Work) -> Iterator[Block]:
    """The function, its variables, the task, and the point if there is one."""
    tape = work.tape
    inputs = tuple(name for _, name in tape.inputs)
    yield Heading(text("statement.heading"))
    if sum(size(formula) for _, formula in tape.definitions) <= WRITTEN_OUT:
        key = "statement.define" if inputs else "statement.constant"
        given = tuple(map(belongs, inputs)) if tape.has_arrays else inputs
        yield Paragraph(text(key, result=tape.result, inputs=given))
        yield Equations(tuple(Row(Chain(name, (formula,))) for name, formula in tape.definitions))
    else:
        yield Paragraph(text("statement.long", result=tape.result, inputs=inputs, count=len(tape.steps)))
    yield from conventions(work)
    mode = work.derivations[0].mode if len(work.derivations) == 1 else "both"
    wanted: object = tuple(work.derivative(name) for name in work.wrt)
    if len(work.wrt) > MOST_NAMED:
        wanted = text("statement.gradient", result=tape.result, count=len(work.wrt))
    yield Paragraph(text(f"statement.find.{mode}", wanted=wanted))
    if work.at is not None:
        yield from given_point(work)


def given_point(work: Work) -> Iterator[Block]:
    """The numbers of the inputs, in a sentence, or one a line where there are matrices."""
    names = [name for _, name in work.tape.inputs]
    point = tuple(Chain(name, (work.value(name),), at_point=True) for name in names)
    if any(len(name.shape) == 2 for name in names):
        yield Paragraph(text("statement.at_list"))
        yield Equations(tuple(map(Row, point)))
    else:
        yield Paragraph(text("statement.at", point=point))
