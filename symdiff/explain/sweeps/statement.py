"""The statement: the function as the author wrote it, and what is to be found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, Text, text
from symdiff.explain.shared.conventions import conventions, in_its_space, layout_of
from symdiff.explain.shared.folding import folded
from symdiff.explain.shared.phrases import MOST, MOST_NAMED, as_total, given_point, listed
from symdiff.explain.shared.work import TapeWork, asked_symbols, free_seeds
from symdiff.expr.tree import TOTAL, Expr, Sym, count_operations
from symdiff.tape.entries import adding_up


def statement(work: TapeWork, rest: Sequence[Block]) -> Iterator[Block]:
    """The function, the signs of the `rest` of the page, the task, and the point if there is one."""
    given, task = tuple(_what_is_given(work)), tuple(_task(work))
    yield from (*given, *conventions(work, (*given, *task, *rest), layout_of(work)), *task)


def _what_is_given(work: TapeWork) -> Iterator[Block]:
    tape = work.tape
    inputs = tuple(name for _, name in tape.inputs)
    yield Heading(text("statement.heading"))
    given = tuple(map(in_its_space, inputs)) if tape.has_arrays else listed(inputs)
    definitions = _definitions(work)
    if definitions is not None:
        key = "statement.define" if inputs else "statement.constant"
        yield Paragraph(text(key, result=tape.result, inputs=given))
        yield definitions
    else:
        yield Paragraph(text("statement.long", result=tape.result, inputs=given, count=len(tape.steps)))


def _task(work: TapeWork) -> Iterator[Block]:
    for group in adding_up(name for _, name in work.tape.inputs):
        yield Paragraph(text("statement.together", names=group))
    yield Paragraph(_wanted(work))
    if work.at is not None:
        yield from given_point(work)


def _wanted(work: TapeWork) -> Text:
    """What is to be found, and in which mode; of an array what its derivative does to tangents, adjoints."""
    mode = work.derivations[0].mode if len(work.derivations) == 1 else "both"
    modes = [derivation.mode for derivation in work.derivations]
    wanted: object = tuple(work.derivative(name) for name in work.wrt)
    given = [seed for one in modes for seed in free_seeds(work, one)]
    if given:
        maps = tuple(symbol for one in modes for symbol in asked_symbols(work, one))
        return text(f"statement.find_map.{mode}", wanted=maps, given=tuple(given))
    if len(work.wrt) > MOST_NAMED:
        wanted = text("statement.gradient", result=work.tape.result, count=len(work.wrt))
    return text(f"statement.find.{mode}", wanted=wanted)


WRITTEN_OUT = 150
"""Operations up to which the author's formulas are written out in the statement."""


def _definitions(work: TapeWork) -> Equations | None:
    """The author's formulas, what repeats in them once; None if one of them would not fit the page."""
    found = work.tape.definitions
    if sum(count_operations(formula) for _, formula in found) <= WRITTEN_OUT:
        return folded(_definition_rows(found), work.tape, work.full, MOST)
    short = [(name, as_total(formula)) for name, formula in found]
    if any(count_operations(term) > WRITTEN_OUT for _, formula in short for term in _terms_of_total(formula)):
        return None
    block = folded(_definition_rows(short), work.tape, work.full, MOST)
    return block if block.fold is not None or work.full else None


def _definition_rows(definitions: Iterable[tuple[Sym, Expr]]) -> list[Row]:
    return [Row(Chain(name, (formula,))) for name, formula in definitions]


def _terms_of_total(formula: Expr) -> tuple[Expr, ...]:
    return formula.args if formula.op is TOTAL else (formula,)
