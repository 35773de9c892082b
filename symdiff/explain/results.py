"""The results: closed form, the form people write and how it follows, and what one sweep gives besides."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.closed import closed_form
from symdiff.compact import Compact, compact_form
from symdiff.document import Block, Chain, Equations, Heading, Paragraph, Row, text
from symdiff.explain.work import Work
from symdiff.expr import Expr, Sym


def results(work: Work) -> Iterator[Block]:
    """The derivatives asked for; then those that the reverse sweep has already given."""
    first, others = _asked(work)
    yield Heading(text("result.heading"))
    for name in first:
        yield from _result(work, name)
    if others:
        yield Heading(text("others.heading"))
        yield Paragraph(text("others.intro", names=others))
        for name in others:
            yield from _result(work, name)


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
    lines = [d.results[name.name] for d in work.derivations if name.name in d.results]
    symbol = work.derivative(name)
    closed = closed_form(work.tape, lines[-1])
    compact = compact_form(work.tape, closed) if closed is not None else None
    forms = [*(line.var for line in lines), closed if closed is not None else lines[-1].local]
    boxed = compact is None and closed is not None
    yield Equations((Row(Chain(symbol, tuple(dict.fromkeys(forms)), boxed=boxed)),))
    if closed is None:
        yield Paragraph(text("result.long"))
    elif compact is not None:
        yield from _compact(symbol, closed, compact)
    if work.model is not None:
        yield Equations((Row(Chain(symbol, (work.value(symbol),), at_point=True)),))


def _compact(symbol: Expr, closed: Expr, compact: Compact) -> Iterator[Block]:
    pieces = tuple(Chain(piece, (value,)) for piece, value in compact.pieces)
    yield Paragraph(text("result.compact", pieces=pieces))
    members = [closed, *([compact.between] if compact.between is not None else []), compact.form]
    yield Equations((Row(Chain(symbol, tuple(members), boxed=True)),))
