"""Where functions on a page have a kink, and which derivative is agreed there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from symdiff.document.blocks import Block, Paragraph, Text, text
from symdiff.explain.shared.conventions import EQUAL
from symdiff.explain.shared.work import TapeWork
from symdiff.expr.conditions import AT_MOST, COMPARISONS, INDICATOR, WHERE, at_equality
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
    whole = _with_operands(kinks(work.tape))
    every = [kink for kink in whole if kink.function.op not in COMPARISONS]
    conditions = [kink for kink in whole if kink.function.op in COMPARISONS]
    yield from map(Paragraph, _on_conditions(conditions, work.letters))
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


def _on_conditions(found: Sequence[Kink], letters: Letters) -> Iterator[Text]:
    """What 1[c] means, which derivatives of cases have; which case counts where a condition changes."""
    ops = {node.op for kink in found for node in postorder(kink.step.body)}
    if ops & {INDICATOR, WHERE}:
        yield _indicator(letters)
    for condition in dict.fromkeys(kink.function for kink in found):
        yield _which_case(condition)


def _indicator(letters: Letters) -> Text:
    u, v = map(Sym, letters.several("entry", 2))
    condition = Expr(AT_MOST, u, v)
    return text("kink.indicator", condition=condition, indicator=Expr(INDICATOR, condition))


def _which_case(condition: Expr) -> Text:
    key = "kink.closed" if at_equality(condition) else "kink.open"
    return text(key, condition=condition, place=Expr(EQUAL, *condition.args))


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
    letters = letters_beside(recurrence.author_names, recurrence.indexed)
    yield from _kinks_on_letters((*recurrence.cell, *recurrence.after), letters)


def kinks_in_definitions(work: TapeWork, page: Sequence[Block]) -> Iterator[Text]:
    """A sentence for each kind of kink in the definitions; what a jump means, where the page has it."""
    shown = {node.op for formula in formulas_in(page) for node in postorder(formula)}
    for note in _kinks_on_letters(work.tape.definitions, work.letters):
        if "indicator" not in note.params or note.params["indicator"].op in shown:
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


def _kinks_on_letters(definitions: Sequence[tuple[Sym, Expr]], letters: Letters) -> Iterator[Text]:
    found = {kink.function: kink for kink in _kinks_of_definitions(definitions, letters)}
    for kink in found.values():
        yield _note("kink.function", kink, kink.function, function=kink.function)
    yield from _indicators(found.values(), letters)
    formulas = [formula for _, formula in definitions]
    conditions = [node for node in _inside(formulas) if node.op in COMPARISONS and not is_constant(node)]
    if conditions and any(node.op in (INDICATOR, WHERE) for node in _inside(formulas)):
        yield _indicator(letters)
    yield from map(_which_case, dict.fromkeys(conditions))


def _inside(formulas: Iterable[Expr]) -> Iterator[Expr]:
    """The nodes of formulas, those under a sum over time included."""
    for formula in formulas:
        bodies = [node.body for node in postorder(formula) if isinstance(node, Series)]
        yield from (node for part in (formula, *bodies) for node in postorder(part))


def _kinks_of_definitions(definitions: Iterable[tuple[Sym, Expr]], letters: Letters) -> Iterator[Kink]:
    """The kinks of functions of numbers, each on letters."""
    for name, formula in definitions:
        for node in _inside([formula]):
            rule = RULES.get(node.op.name)
            if node.op in COMPARISONS or is_array(node.op) or is_constant(node):
                continue
            if rule is not None and rule.kink is not None:
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
