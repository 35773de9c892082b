"""The results of sweeps: closed form, the form people write and how it follows, what one sweep gives besides.

Derivatives of arrays are said in the author's names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from symdiff.algebra.tidy import tidy
from symdiff.derivation.author_names import in_names
from symdiff.derivation.derivation import Derivation, Line, dot
from symdiff.derivation.line_writer import RenamedLine
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, text
from symdiff.document.repeats import Repeats
from symdiff.explain.shared.conventions import space
from symdiff.explain.shared.folding import folded
from symdiff.explain.shared.phrases import MOST, listed
from symdiff.explain.shared.work import TapeWork, asked_symbols, with_number
from symdiff.expr.operations import inner
from symdiff.expr.tree import PARTIAL, Expr, Sym, count_operations, substitute, symbols
from symdiff.proof.values import evaluate
from symdiff.rendering.formulas.alike import without_repeats

if TYPE_CHECKING:
    from symdiff.derivation.closed_form import CompactForm


def results(work: TapeWork) -> Iterator[Block]:
    """The derivatives asked for; then those that the reverse sweep has already given."""
    yield Heading(text("result.heading"))
    if work.tape.has_arrays:
        yield from array_results(work)
        return
    first, others = _asked(work)
    yield from _results_of(work, first)
    if not others:
        return
    yield Heading(text("others.heading"))
    if len(others) > MOST and len(work.wrt) < len(work.tape.inputs):
        yield Paragraph(text("others.many", count=len(others)))
    else:
        yield Paragraph(text("others.intro", names=listed(others)))
        yield from _results_of(work, others)


def _results_of(work: TapeWork, names: tuple[Sym, ...]) -> Iterator[Block]:
    """Each result with its forms; of very many, how the sweep leaves them."""
    if len(names) <= MOST:
        for name in names:
            yield from _result(work, name)
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

    def row() -> Row:
        return Row(Chain(work.derivative(name), tuple(dict.fromkeys((line.var, line.local)))))

    return repeats.row(line.pattern, (name, *line.names), row) if isinstance(line, RenamedLine) else row()


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
        rows.append(Row(with_number(work, symbol)))
    yield Equations(tuple(rows))
    if closed is None:
        yield Paragraph(text("result.long"))


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
    if len(work.wrt) > 1 and work.mode("reverse"):
        yield Paragraph(text("arrays.results"))
    if work.tape.result.shape:
        yield from _maps(work)
        return
    back = work.mode("reverse") or reverse(work.tape)
    for name in work.wrt:
        yield from _array_result(work, back, name)


def _maps(work: TapeWork) -> Iterator[Block]:
    """What each derivative of an array does to any tangent, and its transpose to any adjoint."""
    for derivation in work.derivations:
        for name, symbol in zip(work.wrt, asked_symbols(work, derivation.mode), strict=True):
            rows = [_map_row(work, derivation.results[name.name], symbol)]
            if work.model is not None and symbol.op is PARTIAL:
                rows.append(Row(with_number(work, symbol)))
            yield Equations(tuple(rows))


def _map_row(work: TapeWork, line: Line, symbol: Expr) -> Row:
    """The tangent or the adjoint in the author's names; that of an inverse without its name as well."""
    form = _in_author_names(work, line)
    result, definition = work.tape.definitions[-1]
    forms = [line.var, form]
    if count_operations(definition) == 1 and result in symbols(form):
        forms.insert(1, tidy(substitute(form, {result: definition})))
    return Row(Chain(symbol, tuple(dict.fromkeys(forms)), boxed=True), space=space(symbol.shape))


def _array_result(work: TapeWork, back: Derivation, name: Sym) -> Iterator[Block]:
    ahead = work.mode("forward")
    line = back.results[name.name]
    if ahead is not None and name.name in ahead.results:
        yield from _from_tangent(work, ahead.results[name.name], line, name)
    rows = [_gradient_row(work, line, name)]
    if work.model is not None:
        rows.append(Row(with_number(work, work.derivative(name))))
    yield Equations(tuple(rows))


def _from_tangent(work: TapeWork, ahead: Line, line: Line, name: Sym) -> Iterator[Block]:
    """ẏ = … = ⟨∂y/∂x, ẋ⟩: the tangent is linear in the direction, its factor the derivative."""
    if not name.shape:
        return
    written = in_names(work.tape, ahead.primal or ahead.local)
    factor = _in_author_names(work, line)
    seed = dot(name, name)
    members = [written] if written is not None else [ahead.local]
    yield Paragraph(text("arrays.read_off", direction=seed, tangent=ahead.var))
    forms = without_repeats((*members, inner(factor, seed)), work.letters)
    yield Equations((Row(Chain(ahead.var, forms)),))


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
