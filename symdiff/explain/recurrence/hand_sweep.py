"""A reverse sweep as it is done by hand: steps, adjoints up to each fork, its paths side by side, their sum.

Nothing is known of times or of recurrences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symdiff.algebra.ordered_products import in_all
from symdiff.derivation.derivation import Line
from symdiff.derivation.sweeps import path_label
from symdiff.document.blocks import Block, Chain, Equations, Paragraph, Row, Table, text
from symdiff.explain.recurrence.paths import Fork, Paths
from symdiff.expr.tree import Expr, Sym
from symdiff.tape.tape import Tape

MOST_PATHS = 3
"""Paths up to which they stand side by side."""


def listed(tape: Tape) -> Iterator[Row]:
    """w₀ = U, …, w₃ = tanh w₂ = h₀."""
    names = dict(tape.inputs)
    for var, name in tape.inputs:
        yield Row(Chain(var, (name,)))
    for step in tape.steps:
        label = tape.names.get(step.var)
        members = (step.body,) if label is None or label in names.values() else (step.body, label)
        yield Row(Chain(step.var, members))


def adjoints(paths: Paths) -> Iterator[Block]:
    """The adjoints from the result back to the input, fork by fork."""
    for number, fork in enumerate(paths.forks):
        name = _name(paths, fork)
        if fork.shared:
            key = "bptt.hand_adjoints" if number == 0 else "bptt.hand_further"
            yield Paragraph(text(key, count=max(1, len(fork.columns)), by=name))
            yield Equations(tuple(Row(_short(line)) for line in fork.shared))
        if fork.columns:
            yield from _split(fork, name, bool(fork.shared))


def _name(paths: Paths, fork: Fork) -> Sym:
    """The author's name of a fork, or its own."""
    return paths.theta if fork.var == paths.var else paths.tape.names.get(fork.var) or fork.var


def _split(fork: Fork, name: Sym, goes_on: bool) -> Iterator[Block]:
    """The paths side by side, or one after the other where there are many, and their sum."""
    columns = fork.columns
    few = len(columns) <= MOST_PATHS
    key = "bptt.hand_paths" if goes_on else "bptt.hand_next_paths"
    yield Paragraph(text(key if few else f"{key}_in_turn", by=name, count=len(columns)))
    if few:
        depth = max(map(len, columns))
        labels = tuple(text("bptt.path", label=path_label(number)) for number in range(len(columns)))
        yield Table(labels, tuple(tuple(_cell(c, i) for c in columns) for i in range(depth)))
    else:
        yield Equations(tuple(Row(_short(line)) for column in columns for line in column))
    assert fork.total is not None
    yield Paragraph(text("bptt.hand_sum", count=len(columns)))
    members = dict.fromkeys([fork.total.members[0], _joined(columns)])
    yield Equations((Row(Chain(fork.total.var, tuple(members))),))


def _short(line: Line) -> Chain:
    """w̄ = the chain rule in symbols = its value in the names of the step; no more members."""
    return Chain(line.var, tuple(dict.fromkeys([line.members[0], line.local])))


def _cell(column: Sequence[Line], row: int) -> Chain | None:
    return _short(column[row]) if row < len(column) else None


def _joined(columns: Sequence[Sequence[Line]]) -> Expr:
    """The contributions of all paths, each in its own form."""
    return in_all([column[-1].local for column in columns])
