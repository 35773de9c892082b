"""The results of sweeps: closed form, the form people write and how it follows, what one sweep gives besides.

Derivatives of arrays are said in the author's names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from symdiff.derivation.author_names import in_names
from symdiff.derivation.derivation import Derivation, Line, bar, dot
from symdiff.derivation.line_writer import RenamedLine
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, Text, text
from symdiff.document.repeats import Repeats
from symdiff.errors import ProofError, UndecidedError
from symdiff.explain.shared.conventions import space
from symdiff.explain.shared.folding import folded
from symdiff.explain.shared.numbers_put_in import put_in
from symdiff.explain.shared.phrases import MOST, listed
from symdiff.explain.shared.work import TapeWork, with_number
from symdiff.expr.operations import MAPPED_BACK, inner
from symdiff.expr.tree import PARTIAL, Expr, Sym, count_operations
from symdiff.proof.values import evaluate

if TYPE_CHECKING:
    from symdiff.derivation.closed_form import CompactForm


def results(work: TapeWork) -> Iterator[Block]:
    """The derivatives asked for; then those that the reverse sweep has already given."""
    return reasons_once(_results(work))


def reasons_once(blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks without a reason for a form that was given before: the forms come in one row then."""
    said: list[Text] = []
    before: Equations | None = None
    joined = False
    for block in blocks:
        if isinstance(block, Paragraph) and block.text.key == "result.compact":
            joined = block.text in said and before is not None
            said.append(block.text)
            if joined:
                continue
        if joined and before is not None and isinstance(block, Equations):
            before, joined = _joined(before, block), False
            continue
        if before is not None:
            yield before
        before = block if isinstance(block, Equations) else None
        if before is None:
            yield block
    if before is not None:
        yield before


def _joined(one: Equations, other: Equations) -> Equations:
    """Two blocks as one, the last equality of the first being continued in the other."""
    *rows, last = one.rows
    first, *others = other.rows
    members = tuple(dict.fromkeys((*last.chain.members, *first.chain.members)))
    row = replace(first, chain=replace(first.chain, members=members))
    return Equations((*rows, row, *others))


def _results(work: TapeWork) -> Iterator[Block]:
    yield Heading(text("result.heading"))
    if work.tape.has_arrays:
        yield from array_results(work)
        return
    first, others = _asked(work)
    if not work.sections.has("not asked"):
        others = tuple(name for name in others if name in work.wrt)
    yield from _what_the_mark_means(work, first)
    yield from _results_of(work, first)
    if not others:
        return
    wanted = tuple(name for name in others if name in work.wrt)
    yield Heading(text("others.asked", names=wanted) if wanted else text("others.heading"))
    if len(others) > MOST and len(work.wrt) < len(work.tape.inputs):
        yield Paragraph(text("others.many", count=len(others)))
    else:
        yield Paragraph(text("others.intro", names=listed(others)))
        yield from _results_of(work, others)


def _results_of(work: TapeWork, names: tuple[Sym, ...]) -> Iterator[Block]:
    """Each result with its forms; of very many, how the sweep leaves them."""
    if len(names) <= MOST:
        for name in names:
            yield from (_entry_result if _entry_form(work, name) else _result)(work, name)
        return
    lines = {name: line for d in work.derivations for name, line in d.results.items()}
    repeats = Repeats()
    rows = [_unsimplified_row(work, name, lines[name.name], repeats) for name in names]
    yield folded(rows, work.tape, work.full, MOST)
    if work.model is not None:
        values = (with_number(work, symbol) for symbol in map(work.derivative, names))
        yield folded(list(map(Row, values)), work.tape, work.full)


def _unsimplified_row(work: TapeWork, name: Sym, line: Line, repeats: Repeats) -> Row:
    """A derivative as the sweep leaves it."""

    form = _entry_form(work, name)

    def row() -> Row:
        return Row(Chain(work.derivative(name), tuple(dict.fromkeys((line.var, line.local, *form)))))

    if form:
        return row()
    return repeats.row(line.pattern, (name, *line.names), row) if isinstance(line, RenamedLine) else row()


LONGEST_ENTRY = 16
"""Operations of a derivative by an entry up to which it is written as an entry of that by its array."""


def _entry_form(work: TapeWork, name: Sym) -> tuple[Expr, ...]:
    """The derivative by an entry as an entry of that by its array, where it is the same with entries free."""
    form = work.entry_forms.get(name.name)
    if form is None or count_operations(form) > LONGEST_ENTRY:
        return ()
    try:
        work.judge.check(Chain(work.derivative(name), (form,)))
    except (ProofError, UndecidedError):
        return ()
    return (form,)


def _entry_result(work: TapeWork, name: Sym) -> Iterator[Block]:
    """A derivative by an entry of an array: in the author's names, as that by the array is written."""
    symbol, (form,) = work.derivative(name), _entry_form(work, name)
    lines = [(d, d.results[name.name]) for d in work.derivations if name.name in d.results]
    members = [*(_marked_tangent(work, d, line.var) for d, line in lines), lines[-1][1].local, form]
    rows = [Row(Chain(symbol, tuple(dict.fromkeys(members)), boxed=True))]
    if work.model is not None:
        rows.append(Row(with_number(work, symbol, *put_in(work, work.model, form))))
    yield Equations(tuple(rows))


def _asked(work: TapeWork) -> tuple[tuple[Sym, ...], tuple[Sym, ...]]:
    """The results proper, and those that reverse mode gives without any new computation."""
    if work.mode("forward") is not None:
        return work.wrt, _inputs_besides(work, work.wrt) if work.mode("reverse") else ()
    everything = len(work.wrt) == len(work.tape.inputs)
    first = work.wrt[:1] if everything else work.wrt
    return first, _inputs_besides(work, first)


def _inputs_besides(work: TapeWork, first: tuple[Sym, ...]) -> tuple[Sym, ...]:
    return tuple(name for _, name in work.tape.inputs if name not in first)


def _result(work: TapeWork, name: Sym) -> Iterator[Block]:
    """One derivative: where it stands, its closed form, its compact form with the way there."""
    # Start-up: derivatives by arrays have no closed form.
    from symdiff.derivation.closed_form import closed_form, compact_form

    lines = [(d, d.results[name.name]) for d in work.derivations if name.name in d.results]
    symbol, (_, last) = work.derivative(name), lines[-1]
    closed = closed_form(work.tape, last)
    compact = compact_form(work.tape, closed) if closed is not None else None
    forms: list[Expr] = [_marked_tangent(work, derivation, line.var) for derivation, line in lines]
    forms += _forms(work, last, closed)
    members = tuple(dict.fromkeys(forms))
    rows = [Row(Chain(symbol, members, boxed=compact is None and closed is not None))]
    if compact is not None:
        yield Equations(tuple(rows))
        yield Paragraph(text("result.compact", pieces=tuple(Chain(p, (v,)) for p, v in compact.pieces)))
        assert closed is not None
        rows = [Row(Chain(symbol, _way_to_compact_form(closed, compact), boxed=True))]
    if work.model is not None:
        last_form = rows[-1].chain.members[-1]
        rows.append(Row(with_number(work, symbol, *put_in(work, work.model, last_form))))
    yield Equations(tuple(rows))
    if closed is None:
        yield Paragraph(text("result.long"))


def _what_the_mark_means(work: TapeWork, names: tuple[Sym, ...]) -> Iterator[Block]:
    """What stands above a tangent that is marked with its pass."""
    ahead = work.mode("forward")
    if ahead is not None and len(ahead.sweeps) > 1 and len(names) <= MOST:
        tangent = _marked_tangent(work, ahead, ahead.results[names[0].name].var)
        yield Paragraph(text("result.mark", tangent=tangent, by=names[0]))


def _marked_tangent(work: TapeWork, derivation: Derivation, var: Sym) -> Sym:
    """The tangent of the result, marked with its pass where there are several passes."""
    if derivation.mode == "reverse" or len(derivation.sweeps) == 1:
        return var
    return Sym(var.name, var.accent, f"({var.seed})", var.seed)


def _forms(work: TapeWork, line: Line, closed: Expr | None) -> list[Expr]:
    """The value in primal names, written out in the inputs, and simplified: each from the one before."""
    if closed is None or line.primal is None:
        return [line.local]
    from symdiff.derivation.closed_form import in_inputs  # start-up

    written = in_inputs(work.tape, line.primal)
    return [line.primal, *([written] if written is not None else []), closed]


def _way_to_compact_form(closed: Expr, compact: CompactForm) -> tuple[Expr, ...]:
    return (closed, *([compact.between] if compact.between is not None else []), compact.form)


def array_results(work: TapeWork) -> Iterator[Block]:
    """Each derivative in the author's names; after a forward pass it is read off the tangent."""
    back = work.mode("reverse") or reverse(work.tape)
    if len(work.wrt) > 1 and work.mode("reverse"):
        yield Paragraph(text("arrays.results_both" if work.mode("forward") else "arrays.results"))
    for name in work.wrt:
        yield from _array_result(work, back, name)


def _array_result(work: TapeWork, back: Derivation, name: Sym) -> Iterator[Block]:
    ahead = work.mode("forward")
    line = back.results[name.name]
    if ahead is not None and name.name in ahead.results:
        yield from _from_tangent(work, ahead.results[name.name], line, name)
    rows = [(_transposed_map if work.tape.output.shape else _gradient_row)(work, line, name)]
    if work.model is not None and not work.tape.output.shape:
        last_form = rows[-1].chain.members[-1]
        rows.append(Row(with_number(work, work.derivative(name), *put_in(work, work.model, last_form))))
    yield Equations(tuple(rows))


def _from_tangent(work: TapeWork, ahead: Line, line: Line, name: Sym) -> Iterator[Block]:
    """ẏ = … = ⟨∂y/∂x, ẋ⟩: the tangent is linear in the direction, its factor the derivative."""
    if not name.shape or work.tape.output.shape:
        return
    written = in_names(work.tape, ahead.primal or ahead.local)
    factor = _in_author_names(work, line)
    seed = dot(name, name)
    members = [written] if written is not None else [ahead.local]
    yield Paragraph(text("arrays.read_off", direction=seed, tangent=ahead.var))
    yield Equations((Row(Chain(ahead.var, (*members, inner(factor, seed)))),))


def _in_author_names(work: TapeWork, line: Line) -> Expr:
    """The derivative in the author's names, or as the sweep leaves it."""
    form = line.primal or line.local
    return in_names(work.tape, form) or form


def _gradient_row(work: TapeWork, line: Line, name: Sym) -> Row:
    symbol = work.derivative(name)
    forms: list[Expr] = [line.var] if work.mode("reverse") else []
    forms.append(_in_author_names(work, line))
    if work.model is not None:
        evaluate(work.model.m, forms[-1], {}, work.model)  # det(A)·A⁻ᵀ has no value where A is singular
    members = tuple(dict.fromkeys(work.laid_out(form) for form in forms))
    return Row(Chain(symbol, members, boxed=True), space=space(symbol.shape))


def _transposed_map(work: TapeWork, line: Line, name: Sym) -> Row:
    """For a result that is an array: the transposed derivative at work on any adjoint."""
    whole = Expr(PARTIAL, work.tape.result, name)
    left = Expr(MAPPED_BACK, whole, bar(work.tape.result))
    return Row(Chain(left, (line.var, _in_author_names(work, line)), boxed=True), space=space(name.shape))
