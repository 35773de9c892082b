"""Where functions on a page have a kink, and which derivative is agreed there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from symdiff.document.blocks import Block, Paragraph, Text, text
from symdiff.explain.shared.conventions import EQUAL
from symdiff.explain.shared.work import TapeWork
from symdiff.expr.leaves import Filled
from symdiff.expr.letters import Letters, letters_beside
from symdiff.expr.operations import GREATER, NORM1, POSITIVE, TIED, is_array
from symdiff.expr.timed import Series
from symdiff.expr.tree import ONE, PARTIAL, ZERO, Expr, Num, Sym, as_expr, is_constant, postorder
from symdiff.proof.kinks import Kink, agreed, kinks, kinks_at
from symdiff.rendering.formulas.signs import formulas_in
from symdiff.rules.table import RULES
from symdiff.tape.tape import Step, step_of

if TYPE_CHECKING:
    from symdiff.language.recurrence import Recurrence

MOST_KINKS = 8
"""Kinks of functions of numbers that are said one by one."""


def kinks_on_tape(work: TapeWork) -> Iterator[Block]:
    """For each kink its place and its convention; at the reader's point, whether it lies on one."""
    every = _with_operands(kinks(work.tape))
    of_numbers = [k for k in every if not k.function.shape and not is_array(k.function.op)]
    entrywise = [k for k in every if k.function.shape and not is_array(k.function.op)]
    on_letters = partial(on_one_entry, letters=work.letters)
    yield from map(Paragraph, _indicators([*of_numbers, *map(on_letters, entrywise)], work.letters))
    for kink in of_numbers[:MOST_KINKS]:
        key = "kink.jump" if _is_jump(kink) else "kink.place"
        yield Paragraph(_note(key, kink, kink.step.var, function=kink.function, step=kink.step.var))
    if len(of_numbers) > MOST_KINKS:
        yield Paragraph(text("kink.more", count=len(of_numbers) - MOST_KINKS))
    yield from _kinks_of_arrays(work, [k for k in every if k.function.shape or is_array(k.function.op)])
    if work.model is not None and not work.tape.has_arrays:
        here = _with_operands(kinks_at(work.tape, work.model))
        if here:
            found = dict.fromkeys((_place(kink), kink.step.var) for kink in here)
            places = tuple(text("kink.at", place=place, step=step) for place, step in found)
            yield Paragraph(text("kink.here", places=places))


def _with_operands(found: Iterable[Kink]) -> list[Kink]:
    """The kinks of functions of something: |𝟏| and max(1, 2) have no derivative to agree on."""
    return [kink for kink in found if not is_constant(kink.function)]


def _kinks_of_arrays(work: TapeWork, found: list[Kink]) -> Iterator[Block]:
    """One sentence for each such step, and one for each on whose kink an entry lies at the reader's point."""
    for kink in found:
        if is_array(kink.function.op):
            note = _note_on_whole(kink)
        else:
            entry = on_one_entry(kink, work.letters)
            note = _note("kink.entries", entry, entry.function, function=entry.function, step=kink.step.var)
        yield Paragraph(note)
    if work.model is not None and work.tape.has_arrays:
        here = {kink.step.var for kink in kinks_at(work.tape, work.model)}
        for kink in found:
            if kink.step.var in here:
                yield Paragraph(text("kink.entry_here", step=kink.step.var))


def _note_on_whole(kink: Kink) -> Text:
    """Where several entries are largest, where an entry is 0, or where the whole is 0, as a norm may be."""
    function, step = kink.function, kink.step.var
    if function.op in TIED:
        return text("kink.tied", step=step, function=function)
    if function.op is NORM1:
        return text("kink.zero_entry", step=step, function=function, array=function.args[0])
    return text("kink.whole", step=step, function=function, place=_place(kink))


def kinks_in_cell(recurrence: Recurrence) -> Iterator[Text]:
    """A sentence for each kind of kink, and for each jump that a derivative of one may hold."""
    letters = letters_beside(recurrence.author_names)
    yield from _kinks_on_letters((*recurrence.cell, *recurrence.after), letters)


def kinks_in_definitions(work: TapeWork, page: Sequence[Block]) -> Iterator[Text]:
    """A sentence for each kind of kink in the definitions; what a jump means, where the page has it."""
    shown = {node.op for formula in formulas_in(page) for node in postorder(formula)}
    for note in _kinks_on_letters(work.tape.definitions, work.letters):
        if note.key == "kink.function" or note.params["indicator"].op in shown:
            yield note


def definitions_on_a_kink(work: TapeWork) -> Iterator[Block]:
    """The definitions on whose kinks the reader's point lies, and those where that of an entry of it does."""
    if work.model is None:
        return
    here = [
        kink for kink in _with_operands(kinks_at(work.tape, work.model)) if not is_array(kink.function.op)
    ]
    of_numbers = [kink for kink in here if not kink.function.shape]
    if of_numbers:
        found = dict.fromkeys((_place(kink), kink.step.var) for kink in of_numbers)
        places = tuple(text("kink.at_in", place=place, name=name) for place, name in found)
        yield Paragraph(text("kink.here_in", places=places))
    for name in dict.fromkeys(kink.step.var for kink in here if kink.function.shape):
        yield Paragraph(text("kink.entry_here_in", name=name))


def _kinks_on_letters(definitions: Iterable[tuple[Sym, Expr]], letters: Letters) -> Iterator[Text]:
    found = {kink.function: kink for kink in _kinks_of_definitions(definitions, letters)}
    for kink in found.values():
        yield _note("kink.function", kink, kink.function, function=kink.function)
    yield from _indicators(found.values(), letters)


def _kinks_of_definitions(definitions: Iterable[tuple[Sym, Expr]], letters: Letters) -> Iterator[Kink]:
    """The kinks of functions of numbers, each on letters."""
    for name, formula in definitions:
        bodies = [n.body for n in postorder(formula) if isinstance(n, Series)]
        for node in (n for part in (formula, *bodies) for n in postorder(part)):
            rule = RULES.get(node.op.name)
            if rule is not None and rule.kink is not None and not is_array(node.op) and not is_constant(node):
                left, right = rule.kink(*node.args)
                if left != right:
                    kink = Kink(step_of(name, formula), node, as_expr(left), as_expr(right))
                    yield on_one_entry(kink, letters)


def on_one_entry(kink: Kink, letters: Letters) -> Kink:
    """The same kink of the same function, on letters for one entry of each argument."""
    free = iter(letters.several("entry", 2))
    args = [_one_entry(arg, free) for arg in kink.function.args]
    names = tuple(arg for arg in args if isinstance(arg, Sym))
    function = Expr(kink.function.op, *args)
    step = Step(Sym(kink.step.var.name), function, names, function)
    rule = RULES[function.op.name]
    assert rule.kink is not None
    left, right = map(as_expr, rule.kink(*args))
    return Kink(step, function, left, right)


def _one_entry(arg: Expr, letters: Iterator[str]) -> Expr:
    """A letter for one entry, or the number that every entry is."""
    if isinstance(arg, Filled) and arg.what in ("ones", "zeros"):
        return ONE if arg.what == "ones" else ZERO
    return Sym(next(letters)) if arg.args or arg.shape or isinstance(arg, Sym) else arg


def _note(key: str, kink: Kink, over: Expr, **params: Expr) -> Text:
    """A sentence with the place of a kink, and what each ∂over/∂u is agreed to be there."""
    agreements = tuple(Expr(EQUAL, Expr(PARTIAL, over, operand), value) for operand, value in agreed(kink))
    return text(key, place=_place(kink), conventions=agreements, **params)


def _place(kink: Kink) -> Expr:
    return Expr(EQUAL, kink.left, kink.right)


def _is_jump(kink: Kink) -> bool:
    """Whether the function is constant on either side: the partials of its rule are plain numbers."""
    rows = RULES[kink.function.op.name].partials(kink.function, *kink.function.args)
    return not any(row.matrix().args for row in rows if row is not None)


def _indicators(found: Iterable[Kink], letters: Letters) -> Iterator[Text]:
    """What 1[u > 0] and 1[u > v] mean, where derivatives hold them."""
    ops = {node.op for kink in found for _, slope in kink.partials() for node in postorder(slope)}
    u, v = map(Sym, letters.several("entry", 2))
    if POSITIVE in ops:
        yield text("kink.positive", u=u, indicator=Expr(POSITIVE, u))
    if GREATER in ops:
        yield text("kink.greater", u=u, v=v, indicator=Expr(GREATER, u, v), half=Num(1) / Num(2))
