"""The first derivatives by hand, every name a number: ∂h_0/∂U, then ∂h_1/∂U along its paths, then deduced.

The steps are those of a tape on which the other weights are held; its adjoints are followed along each path
from the result to the weight, the paths side by side. The step before is recognised in the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from symdiff.derivation import Line, bar
from symdiff.document import Block, Chain, Equations, Heading, Paragraph, Row, Table, text
from symdiff.explain.paths import Paths
from symdiff.explain.time_work import Judged, TimeWork
from symdiff.expr import Expr, Sym, size, substitute, symbols, total
from symdiff.leaves import is_zero
from symdiff.levels import by_level
from symdiff.products import flattened, ordered
from symdiff.prove_through_time import TapeJudge
from symdiff.recurrence import without_zeros
from symdiff.reverse import path_label, reverse
from symdiff.tape import Tape
from symdiff.tidy import tidy
from symdiff.times import Braced, Moment, leaves_of
from symdiff.total import Totals
from symdiff.total import total as derivative
from symdiff.trace import trace_definitions

MOST_STEPS, MOST_PATHS, MOST_PUT_IN = 26, 3, 30
"""Steps of a tape, and paths side by side, up to which a derivative is taken by hand; operations of it."""


def by_hand(work: TimeWork) -> Iterator[Judged]:
    """The section, for the first weight that acts on the states; nothing where it would be too long."""
    scalar = work.scalar
    theta = scalar and next((name for name in scalar.wrt if not scalar.totals(name).carriers), None)
    hand = Hand(scalar, theta) if scalar and theta else None
    if scalar is None or hand is None or len(hand.tape(1).steps) > MOST_STEPS or not hand.is_plain:
        return
    yield Judged(tuple(_introduction(scalar, hand.theta, work.has_arrays)), scalar.judge.fixed())
    for step in (0, 1):
        tape = hand.tape(step)
        if Paths(reverse(tape), tape, hand.theta).uses:
            yield Judged(tuple(hand.sweep(step)), TapeJudge(tape))
        yield Judged(tuple(hand.result(step)), scalar.judge.fixed())
    yield Judged(tuple(hand.deduced()), scalar.judge.fixed())


def _introduction(work: TimeWork, theta: Sym, has_arrays: bool) -> Iterator[Block]:
    of = work.of
    yield Heading(text("bptt.hand_numbers" if has_arrays else "bptt.hand"))
    if has_arrays:
        yield Paragraph(text("bptt.scalar"))
        rows = [work.row(name, formula, low=work.start, high=of.last) for name, formula in of.cell]
        rows += [work.row(name, formula) for name, formula in of.initial.items()]
        yield Equations(tuple(rows))
    others = tuple(name for name in of.inputs if name != theta)
    yield Paragraph(text("bptt.hand_by" if others else "bptt.hand_only", by=theta, others=others))


@dataclass(frozen=True)
class Hand:
    """The derivatives of the last state at the first times by one weight, in numbers."""

    work: TimeWork
    theta: Sym

    @cached_property
    def totals(self) -> Totals:
        return self.work.totals(self.theta)

    @cached_property
    def state(self) -> Sym:
        """The last state that the weight acts on within one application of the cell."""
        acted_on = [state for state in self.totals.states if self._is_inside(state)]
        return (acted_on or self.totals.states)[-1]

    def _is_inside(self, state: Sym) -> bool:
        formula = dict(self.work.of.cell)[state]
        return self.theta in symbols(formula)

    def at(self, step: int) -> Sym:
        """The state after `step` further steps."""
        return self.work.named(self.state, self.work.of.first + step)

    def tape(self, step: int) -> Tape:
        """The elementary steps of the state, the other weights held."""
        of = self.work.of
        inputs, definitions = of.unrolled(step + 1)
        last = [name for name, _ in definitions].index(self.at(step))
        used = {s for _, formula in definitions[: last + 1] for s in symbols(formula)}
        varied = [self.theta, *(name for name in inputs if name not in of.inputs and name in used)]
        held = [name for name in of.inputs if name != self.theta]
        return by_level(trace_definitions(definitions[: last + 1], varied, first=self.work.first, held=held))

    @property
    def is_plain(self) -> bool:
        """Whether only the weight itself is reached in several ways."""
        paths = Paths(reverse(self.tape(1)), self.tape(1), self.theta)
        between = {var for step in paths.uses for var in paths.above(step)}
        return all(len(self.tape(1).uses.get(var, ())) < 2 for var in between)

    def sweep(self, step: int) -> Iterator[Block]:
        """The steps of the state, and their adjoints along the paths that lead to the weight."""
        tape = self.tape(step)
        yield Heading(text("bptt.hand_at", name=self.at(step), by=self.theta), level=2)
        yield Paragraph(text("bptt.hand_steps"))
        yield Equations(tuple(_listed(tape)))
        paths = Paths(reverse(tape), tape, self.theta)
        yield Paragraph(text("bptt.hand_adjoints", count=len(paths.uses), by=self.theta))
        yield Equations(tuple(Row(_short(line)) for line in paths.shared))
        if len(paths.uses) > 1:
            yield from _split(paths)

    def result(self, step: int) -> Iterator[Block]:
        """The derivative in the author's names, that of the step before recognised in it."""
        left = derivative(self.at(step), self.theta)
        found = self.formula(step)
        recognised = any(isinstance(leaf, Braced) for leaf in leaves_of(found))
        if is_zero(found):
            yield Heading(text("bptt.hand_at", name=self.at(step), by=self.theta), level=2)
            yield Paragraph(text("bptt.hand_zero", name=self.at(step), by=self.theta))
        else:
            yield Paragraph(text("bptt.hand_result", count=int(recognised)))
        yield Equations((self.work.row(left, *self._put_together(step), found, boxed=True),))

    def _put_together(self, step: int) -> list[Expr]:
        """The adjoint of the weight with those before it put in, in the author's names, if that is short."""
        tape = self.tape(step)
        found = Paths(reverse(tape), tape, self.theta).in_names()
        return [] if found is None or size(found) > MOST_PUT_IN else [found]

    def formula(self, step: int) -> Expr:
        """The derivative at a step, those of the step before put in over a brace."""
        if not step:
            return self._known(0)[self.state]
        before = self._known(step - 1)
        values: dict[Expr, Expr] = {}
        for state, form in before.items():
            symbol = derivative(self.work.named(state, self.work.of.first + step - 1), self.theta)
            values[symbol] = form if is_zero(form) else Braced(form, symbol)
        found = substitute(self._general(self.state, step), values)
        return self._tidied(found, self.state, step) if any(map(is_zero, before.values())) else found

    def _general(self, state: Sym, step: int) -> Expr:
        """The recurrence at one time, initial values put in."""
        of = self.work.of
        found = of.at(self.totals.step_form(state), **{of.index: Moment("", of.first + step)})
        values: dict[Expr, Expr] = {s: of.initial[s] for s in symbols(found) if s in of.initial}
        for number, earlier in ((n, s) for n in range(1, of.longest + 1) for s in self.totals.states):
            if step - number < 0:
                name = self.work.named(earlier, of.first + step - number)
                symbol = derivative(name, self.theta)
                found = substitute(found, {symbol: self.totals.initial(earlier, number - step)})
        return self._tidied(substitute(found, values), state, step) if step == 0 or values else found

    def _tidied(self, form: Expr, state: Sym, step: int) -> Expr:
        return ordered(tidy(form), self.work.named(state, self.work.of.first + step))

    def _known(self, step: int) -> dict[Sym, Expr]:
        """The derivatives of all states at a step, in values of the cell only."""
        if step < 0:
            return {}
        before = {
            derivative(self.work.named(s, self.work.of.first + n), self.theta): form
            for n in range(max(0, step - self.work.of.longest), step)
            for s, form in self._known(n).items()
        }
        return {s: substitute(self._general(s, step), dict(before)) for s in self.totals.states}

    def deduced(self) -> Iterator[Block]:
        """The next derivative, from the recurrence alone."""
        left = derivative(self.at(2), self.theta)
        general = self._general(self.state, 2)
        known: dict[Expr, Expr] = {
            derivative(self.work.named(state, self.work.of.first + n), self.theta): form
            for n in (0, 1)
            for state, form in self._known(n).items()
        }
        put_in = without_zeros(flattened(substitute(general, known)))
        yield Heading(text("bptt.hand_at", name=self.at(2), by=self.theta), level=2)
        alike = any(isinstance(leaf, Braced) for leaf in leaves_of(self.formula(1)))
        key = "bptt.deduce" if alike else "bptt.deduce_more"
        yield Paragraph(text(key, earlier=self.at(0), before=self.at(1), name=self.at(2), by=self.theta))
        yield Equations((self.work.row(left, general, put_in),))


def _listed(tape: Tape) -> Iterator[Row]:
    names = dict(tape.inputs)
    for var, name in tape.inputs:
        yield Row(Chain(var, (name,)))
    for step in tape.steps:
        label = tape.names.get(step.var)
        members = (step.body,) if label is None or label in names.values() else (step.body, label)
        yield Row(Chain(step.var, members))


def _short(line: Line) -> Chain:
    """w̄ = the chain rule in symbols = its value in the names of the step; no more members."""
    members = dict.fromkeys([line.members[0], line.local])
    return Chain(line.var, tuple(members))


def _split(paths: Paths) -> Iterator[Block]:
    """The paths side by side, or one after the other where there are many, and their sum."""
    columns = [paths.own(number) for number in range(len(paths.uses))]
    labels = [text("bptt.path", label=path_label(number)) for number in range(len(columns))]
    yield Paragraph(text("bptt.hand_paths", by=paths.theta, count=len(columns)))
    if len(columns) <= MOST_PATHS:
        depth = max(map(len, columns))
        rows = [tuple(_cell(column, depth, i) for column in columns) for i in range(depth)]
        yield Table(tuple(labels), tuple(rows))
    else:
        yield Equations(tuple(Row(_short(line)) for column in columns for line in column))
    last = paths.lines[bar(paths.var)]
    yield Paragraph(text("bptt.hand_sum", count=len(columns)))
    yield Equations((Row(Chain(last.var, (last.members[0], _joined(columns)))),))


def _cell(column: Sequence[Line], depth: int, row: int) -> Chain | None:
    return _short(column[row]) if row < len(column) else None


def _joined(columns: Sequence[Sequence[Line]]) -> Expr:
    """The contributions of all paths, each in its own form."""
    return total(column[-1].local for column in columns)
