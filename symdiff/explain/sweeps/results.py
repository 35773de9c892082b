"""The results of sweeps: closed form, the form people write and how it follows, what one sweep gives besides.

Derivatives of arrays are said in the author's names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symdiff.algebra.monomials import same_up_to_order
from symdiff.algebra.tidy import monomial, tidy
from symdiff.derivation.author_names import in_names
from symdiff.derivation.derivation import Derivation, Line, dot
from symdiff.derivation.line_writer import RenamedLine
from symdiff.derivation.short_forms import way_to_short_form
from symdiff.derivation.sweeps import reverse
from symdiff.derivation.ways import WayStep, is_collected, taken_out
from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, Text, text
from symdiff.document.repeats import Repeats
from symdiff.errors import ProofError, UndecidedError
from symdiff.explain.shared.conventions import space
from symdiff.explain.shared.folding import folded
from symdiff.explain.shared.numbers_put_in import put_in
from symdiff.explain.shared.phrases import MOST, listed
from symdiff.explain.shared.way_rows import way_rows
from symdiff.explain.shared.work import TapeWork, asked_symbols, with_number
from symdiff.expr.operations import inner
from symdiff.expr.patterns import record_of
from symdiff.expr.tree import ADD, PARTIAL, SUB, Expr, Sym, count_operations, substitute, symbols
from symdiff.proof.values import evaluate
from symdiff.rendering.formulas.alike import without_repeats

LONGEST_BEFORE = 14
"""Operations up to which a form that comes before the answer is written."""


def results(work: TapeWork) -> Iterator[Block]:
    """The derivatives asked for; then those that the reverse sweep has already given."""
    return reasons_once(_results(work))


def reasons_once(blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks without a reason that was given before: its form comes in the row before then."""
    said: list[Text] = []
    for block in blocks:
        if isinstance(block, Equations) and any(record_of(row).goes_on for row in block.rows):
            block = Equations(tuple(_said_once(block.rows, said)))
        yield block


def _said_once(rows: Sequence[Row], said: list[Text]) -> list[Row]:
    kept: list[Row] = []
    for row in rows:
        if row.goes_on and row.reason in said:
            kept[-1] = _joined(kept[-1], row)
            continue
        if row.reason is not None and row.reason.key == "way.since":
            said.append(row.reason)
        kept.append(row)
    return kept


def _joined(row: Row, other: Row) -> Row:
    """Two rows as one, the second going on from the first."""
    members = (*row.chain.members, *other.chain.members)
    return replace(row, chain=replace(row.chain, members=members, boxed=other.chain.boxed), space=other.space)


def _results(work: TapeWork) -> Iterator[Block]:
    yield Heading(text("result.heading"))
    if work.tape.has_arrays:
        yield from array_results(work)
        return
    first, others = _asked(work)
    asked = {*work.wrt}
    if not work.sections.has("not asked"):
        others = tuple(name for name in others if name in asked)
    yield from _what_the_mark_means(work, first)
    yield from _results_of(work, first)
    if not others:
        return
    wanted = tuple(name for name in others if name in asked)
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
    """One derivative: where it stands, then in the author's names, or in the inputs, with the way there."""
    # Start-up: derivatives by arrays have other forms.
    from symdiff.derivation.answers import has_named_values

    yield from (_in_values if has_named_values(work.tape) else _in_the_inputs)(work, name)


def _in_values(work: TapeWork, name: Sym) -> Iterator[Block]:
    """A derivative in the author's names; before it those of earlier values that it is written with."""
    from symdiff.derivation.answers import answer  # start-up

    symbol, line = work.derivative(name), _lines(work, name)[-1][1]
    found = answer(work.tape, name)
    if found is None:
        yield from _in_steps(work, name)
        return
    if found.earlier:
        yield Paragraph(text("result.earlier"))
        earlier = [Row(Chain(left, (form,))) for left, form in found.earlier]
        yield folded(earlier, work.tape, work.full, MOST)
    members, steps = _in_the_sweeps(work, name), found.steps
    before = [] if found.earlier else _before_answer(work, line, steps[0].form)
    has_reason = steps[0].reason == "since"
    if not has_reason and before and _leads_nowhere(steps[0].form, before[-1]):
        before = []
    if not has_reason and (not before or before[-1] == line.primal):
        before, steps = [*before, steps[0].form], steps[1:]
    elif not has_reason and steps[0].form.op in (ADD, SUB) and before[-1].op not in (ADD, SUB):
        steps = (WayStep(steps[0].form, "multiplied_out"), *steps[1:])
    rows = way_rows(symbol, tuple(dict.fromkeys([*members, *before])), steps)
    yield Equations((*rows, *_value(work, symbol, rows[-1].chain.members[-1])))


def _leads_nowhere(form: Expr, before: Expr) -> bool:
    """Whether no reason leads from a form to the next: nothing is taken out, and it is no shorter sum."""
    is_multiplied_out = form.op in (ADD, SUB) and before.op not in (ADD, SUB)
    return taken_out(form) is None and not is_multiplied_out and not is_collected(form, before)


def _before_answer(work: TapeWork, line: Line, collected: Expr) -> list[Expr]:
    """The sweep's form in primal names and in the author's, where short and not what comes next."""
    if line.primal is None:
        return []
    forms = (line.primal, in_names(work.tape, line.primal))
    short = [form for form in forms if form is not None and count_operations(form) <= LONGEST_BEFORE]
    return [form for form in short if not _read_alike(form, collected)]


def _read_alike(one: Expr, other: Expr) -> bool:
    """Whether two forms differ in the order of factors and terms only."""
    return same_up_to_order(one, other) or str(one) == str(other) or monomial(one) == monomial(other)


def _in_steps(work: TapeWork, name: Sym) -> Iterator[Block]:
    """A derivative whose formula would be too long otherwise, as the sweep leaves it."""
    symbol, line = work.derivative(name), _lines(work, name)[-1][1]
    members = tuple(dict.fromkeys([*_in_the_sweeps(work, name), line.local]))
    yield Equations((Row(Chain(symbol, members, boxed=True)), *_value(work, symbol, members[-1])))
    yield Paragraph(text("result.long"))


def _in_the_inputs(work: TapeWork, name: Sym) -> Iterator[Block]:
    """A derivative in closed form, then in its compact form with the way there."""
    from symdiff.derivation.closed_form import closed_form  # start-up
    from symdiff.derivation.compact_form import way_to_compact_form  # start-up

    symbol, last = work.derivative(name), _lines(work, name)[-1][1]
    closed = closed_form(work.tape, last)
    if closed is None:
        yield from _in_steps(work, name)
        return
    members = tuple(dict.fromkeys([*_in_the_sweeps(work, name), *_forms(work, last, closed)]))
    rows = way_rows(symbol, members, way_to_compact_form(work.tape, closed))
    yield Equations((*rows, *_value(work, symbol, rows[-1].chain.members[-1])))


def _lines(work: TapeWork, name: Sym) -> list[tuple[Derivation, Line]]:
    """The line of each mode that holds a derivative."""
    return [(d, d.results[name.name]) for d in work.derivations if name.name in d.results]


def _in_the_sweeps(work: TapeWork, name: Sym) -> list[Expr]:
    """A derivative as the tangent and the adjoint that it is."""
    return [_marked_tangent(work, derivation, line.var) for derivation, line in _lines(work, name)]


def _value(work: TapeWork, symbol: Expr, form: Expr) -> list[Row]:
    """The number at the reader's point, put into the last form, if there is one."""
    return [] if work.model is None else [Row(with_number(work, symbol, *put_in(work, work.model, form)))]


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


def _forms(work: TapeWork, line: Line, closed: Expr) -> list[Expr]:
    """The value in primal names, written out in the inputs, and simplified: each from the one before."""
    from symdiff.derivation.closed_form import in_inputs  # start-up

    assert line.primal is not None
    written = in_inputs(work.tape, line.primal)
    return [line.primal, *([written] if written is not None else []), closed]


def array_results(work: TapeWork) -> Iterator[Block]:
    """Each derivative in the author's names; after a forward pass it is read off the tangent."""
    if len(work.wrt) > 1 and work.mode("reverse"):
        yield Paragraph(text("arrays.results_both" if work.mode("forward") else "arrays.results"))
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
            rows = list(_map_rows(work, derivation.results[name.name], symbol))
            if work.model is not None and symbol.op is PARTIAL:
                rows.append(Row(with_number(work, symbol)))
            yield Equations(tuple(rows))


def _map_rows(work: TapeWork, line: Line, symbol: Expr) -> tuple[Row, ...]:
    """The tangent or the adjoint in the author's names; that of an inverse without its name as well."""
    form = _in_author_names(work, line)
    result, definition = work.tape.definitions[-1]
    forms = [line.var, form]
    if count_operations(definition) == 1 and result in symbols(form):
        forms.insert(1, tidy(substitute(form, {result: definition})))
    steps = way_to_short_form(work.tape, forms[-1])
    return way_rows(symbol, tuple(dict.fromkeys(forms)), steps, space=space(symbol.shape))


def _array_result(work: TapeWork, back: Derivation, name: Sym) -> Iterator[Block]:
    ahead = work.mode("forward")
    line = back.results[name.name]
    if ahead is not None and name.name in ahead.results:
        yield from _from_tangent(work, ahead.results[name.name], line, name)
    rows = list(_gradient_rows(work, line, name))
    if work.model is not None:
        last_form = rows[-1].chain.members[-1]
        rows.append(Row(with_number(work, work.derivative(name), *put_in(work, work.model, last_form))))
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


def _gradient_rows(work: TapeWork, line: Line, name: Sym) -> tuple[Row, ...]:
    """The gradient as the sweep leaves it, in the author's names, then the way to a shorter form."""
    symbol = work.derivative(name)
    forms: list[Expr] = [line.var] if work.mode("reverse") else []
    forms.append(_in_author_names(work, line))
    if work.model is not None:
        evaluate(work.model.m, forms[-1], {}, work.model)  # det(A)·A⁻ᵀ has no value where A is singular
    members = tuple(dict.fromkeys(work.laid_out(form) for form in forms))
    steps = way_to_short_form(work.tape, forms[-1])
    return way_rows(symbol, members, steps, work.laid_out, space(symbol.shape))
