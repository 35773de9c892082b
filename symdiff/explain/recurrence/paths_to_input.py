"""A reverse sweep as it is done by hand: the adjoints from the result back to one input, fork by fork.

A variable that several steps use is a fork: its adjoint is the sum of what comes back along several paths.
The forks are taken one after the other, from the result on, the input last; a line is written once, at the
first fork that it leads to. Nothing is known of times or of recurrences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

from symdiff.algebra.ordered_products import factors, product, signed_sum
from symdiff.derivation.derivation import Derivation, Line, bar
from symdiff.derivation.sweeps import path_label
from symdiff.document.blocks import Block, Chain, Equations, Paragraph, Row, Table, text
from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr, Sym, substitute
from symdiff.tape.tape import Step, Tape


@dataclass(frozen=True)
class Paths:
    """The lines of a sweep that lead from the result to one input."""

    derivation: Derivation
    tape: Tape
    theta: Sym

    @cached_property
    def var(self) -> Sym:
        return self.tape.variables[self.theta.name]

    @cached_property
    def uses(self) -> tuple[Step, ...]:
        return self.tape.users.get(self.var, ())

    @cached_property
    def lines(self) -> dict[Sym, Line]:
        return {line.var: line for line in self.derivation.sweeps[0].lines}

    def above(self, step: Step) -> list[Sym]:
        """The variables through which a step acts on the result, from the result on."""
        wanted = {step.var}
        for later in self.tape.steps:
            if wanted & set(later.operands):
                wanted.add(later.var)
        return [var for var in reversed(self.tape.order) if var in wanted]

    @cached_property
    def forks(self) -> tuple[Fork, ...]:
        """The variables on the way that are reached along several paths, the input last of all."""
        on_the_way = {var for step in self.uses for var in self.above(step)}
        between = [var for var in reversed(self.tape.order) if var in on_the_way]
        written: set[Sym] = set()
        forks = [var for var in between if len(self.tape.users.get(var, ())) > 1]
        return tuple(self._fork(var, written) for var in (*forks, self.var))

    def _fork(self, var: Sym, written: set[Sym]) -> Fork:
        """A fork with the lines that are not yet `written`, which is brought up to date."""
        uses = self.tape.users[var]
        ways = [[v for v in self.above(step) if v not in written] for step in uses]
        if len(ways) == 1:
            written |= {*ways[0], var}
            return Fork(var, (*self._adjoint_lines(ways[0]), self.lines[bar(var)]), (), None)
        times = Counter(v for way in ways for v in way)
        shared = [v for v in reversed(self.tape.order) if times[v] > 1]
        columns = tuple(
            (*self._adjoint_lines(v for v in way if times[v] == 1), self.lines[bar(var, path_label(number))])
            for number, way in enumerate(ways)
        )
        written |= {*times, var}
        return Fork(var, tuple(self._adjoint_lines(shared)), columns, self.lines[bar(var)])

    def _adjoint_lines(self, found: list[Sym] | Iterator[Sym]) -> list[Line]:
        return [self.lines[bar(v)] for v in found]

    def in_authors_names(self) -> Expr | None:
        """What reaches the input as a sum over its paths, each a product, in the author's names."""
        if not self.uses:
            return None
        names: dict[Expr, Expr] = dict(self.tape.inputs)
        for step in self.tape.steps:
            names[step.var] = self.tape.names.get(step.var) or substitute(step.body, names)
        values: dict[Expr, Expr] = {}
        for fork in self.forks:
            for line in (*fork.shared, *(line for column in fork.columns for line in column)):
                values[line.var] = product(factors(substitute(line.local, values)))
            if fork.total is not None:
                values[fork.total.var] = signed_sum([values[column[-1].var] for column in fork.columns])
        return substitute(values[bar(self.var)], names)


@dataclass(frozen=True)
class Fork:
    """A variable with the lines that lead to it: those of several paths, then those of each path, the sum."""

    var: Sym
    shared: tuple[Line, ...]
    columns: tuple[tuple[Line, ...], ...]
    total: Line | None

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, each before those that use it."""
        own = [line for column in self.columns for line in column]
        return (*self.shared, *own, *([self.total] if self.total else []))


def step_rows(tape: Tape) -> Iterator[Row]:
    """w₀ = U, …, w₃ = tanh w₂ = h₀."""
    names = dict(tape.inputs)
    for var, name in tape.inputs:
        yield Row(Chain(var, (name,)))
    for step in tape.steps:
        label = tape.names.get(step.var)
        members = (step.body,) if label is None or label in names.values() else (step.body, label)
        yield Row(Chain(step.var, members))


def adjoint_blocks(paths: Paths) -> Iterator[Block]:
    """The adjoints from the result back to the input, fork by fork."""
    for number, fork in enumerate(paths.forks):
        name = _name(paths, fork)
        if fork.shared:
            key = "bptt.hand_adjoints" if number == 0 else "bptt.hand_further"
            yield Paragraph(text(key, count=max(1, len(fork.columns)), by=name))
            yield Equations(tuple(Row(_two_member_chain(line)) for line in fork.shared))
        if fork.columns:
            yield from _columns_of_fork(fork, name, bool(fork.shared))


def _name(paths: Paths, fork: Fork) -> Sym:
    """The author's name of a fork, or its own."""
    return paths.theta if fork.var == paths.var else paths.tape.names.get(fork.var) or fork.var


MOST_PATHS = 3
"""Paths up to which they stand side by side."""


def _columns_of_fork(fork: Fork, name: Sym, goes_on: bool) -> Iterator[Block]:
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
        yield Equations(tuple(Row(_two_member_chain(line)) for column in columns for line in column))
    assert fork.total is not None
    yield Paragraph(text("bptt.hand_sum", count=len(columns)))
    members = dict.fromkeys([fork.total.members[0], _sum_of_columns(columns)])
    yield Equations((Row(Chain(fork.total.var, tuple(members))),))


def _two_member_chain(line: Line) -> Chain:
    """w̄ = the chain rule in symbols = its value in the names of the step; no more members."""
    return Chain(line.var, tuple(dict.fromkeys([line.members[0], line.local])))


def _cell(column: Sequence[Line], row: int) -> Chain | None:
    return _two_member_chain(column[row]) if row < len(column) else None


def _sum_of_columns(columns: Sequence[Sequence[Line]]) -> Expr:
    """The contributions of all paths, each in its own form."""
    return signed_sum([column[-1].local for column in columns])
