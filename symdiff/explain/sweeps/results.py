"""The results: closed form, the form people write and how it follows, and what one sweep gives besides."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.derivation.closed_form import Compact, closed_form, compact_form, in_inputs
from symdiff.derivation.derivation import Derivation, Line
from symdiff.derivation.line_writer import LineOfKind
from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, text
from symdiff.document.repeats import Repeats
from symdiff.explain.shared.folding import folded
from symdiff.explain.shared.phrases import MOST, listed
from symdiff.explain.shared.work import Work
from symdiff.explain.sweeps.arrays import array_results
from symdiff.expr.tree import Expr, Sym


def results(work: Work) -> Iterator[Block]:
    """The derivatives asked for; then those that the reverse sweep has already given."""
    yield Heading(text("result.heading"))
    if work.tape.has_arrays:
        yield from array_results(work)
        return
    first, others = _asked(work)
    yield from _all(work, first)
    if not others:
        return
    yield Heading(text("others.heading"))
    if len(others) > MOST and len(work.wrt) < len(work.tape.inputs):
        yield Paragraph(text("others.many", count=len(others)))
    else:
        yield Paragraph(text("others.intro", names=listed(others)))
        yield from _all(work, others)


def _all(work: Work, names: tuple[Sym, ...]) -> Iterator[Block]:
    """Each result with its forms; of very many, how the sweep leaves them."""
    if len(names) <= MOST:
        for name in names:
            yield from _result(work, name)
        return
    lines = {
        name: [d.results[name.name] for d in work.derivations if name.name in d.results] for name in names
    }
    repeats = Repeats()
    rows = [_as_left(work, name, found[-1], repeats) for name, found in lines.items()]
    yield folded(rows, work.tape, work.full, MOST)
    if work.model is not None:
        values = (
            Chain(symbol, (work.value(symbol),), at_point=True) for symbol in map(work.derivative, names)
        )
        yield folded(list(map(Row, values)), work.tape, work.full)


def _as_left(work: Work, name: Sym, line: Line, repeats: Repeats) -> Row:
    """A derivative as the sweep leaves it."""

    def row() -> Row:
        return Row(Chain(work.derivative(name), tuple(dict.fromkeys((line.var, line.local)))))

    return repeats.row(line.pattern, (name, *line.names), row) if isinstance(line, LineOfKind) else row()


def _asked(work: Work) -> tuple[tuple[Sym, ...], tuple[Sym, ...]]:
    """The results proper, and those that reverse mode gives without any new computation."""
    if work.mode("forward") is not None:
        return work.wrt, _rest(work, work.wrt) if work.mode("reverse") else ()
    everything = len(work.wrt) == len(work.tape.inputs)
    first = work.wrt[:1] if everything else work.wrt
    return first, _rest(work, first)


def _rest(work: Work, first: tuple[Sym, ...]) -> tuple[Sym, ...]:
    return tuple(name for _, name in work.tape.inputs if name not in first)


def _result(work: Work, name: Sym) -> Iterator[Block]:
    """One derivative: where it stands, its closed form, its compact form with the way there."""
    lines = [(d, d.results[name.name]) for d in work.derivations if name.name in d.results]
    symbol, (_, last) = work.derivative(name), lines[-1]
    closed = closed_form(work.tape, last)
    compact = compact_form(work.tape, closed) if closed is not None else None
    forms: list[Expr] = [_marked(work, derivation, line.var) for derivation, line in lines]
    forms += _forms(work, last, closed)
    members = tuple(dict.fromkeys(forms))
    rows = [Row(Chain(symbol, members, boxed=compact is None and closed is not None))]
    if compact is not None:
        yield Equations(tuple(rows))
        yield Paragraph(text("result.compact", pieces=tuple(Chain(p, (v,)) for p, v in compact.pieces)))
        assert closed is not None
        rows = [Row(Chain(symbol, _way(closed, compact), boxed=True))]
    if work.model is not None:
        rows.append(Row(Chain(symbol, (work.value(symbol),), at_point=True)))
    yield Equations(tuple(rows))
    if closed is None:
        yield Paragraph(text("result.long"))


def _marked(work: Work, derivation: Derivation, var: Sym) -> Sym:
    """The tangent of the result, marked with its pass where there are several passes."""
    if derivation.mode == "reverse" or len(derivation.sweeps) == 1:
        return var
    return Sym(var.name, var.accent, f"({var.seed})", var.seed)


def _forms(work: Work, line: Line, closed: Expr | None) -> list[Expr]:
    """The value in primal names, written out in the inputs, and simplified: each from the one before."""
    if closed is None or line.primal is None:
        return [line.local]
    written = in_inputs(work.tape, line.primal)
    return [line.primal, *([written] if written is not None else []), closed]


def _way(closed: Expr, compact: Compact) -> tuple[Expr, ...]:
    return (closed, *([compact.between] if compact.between is not None else []), compact.form)
