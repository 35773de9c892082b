"""The first derivatives by hand, every name a number: ∂h_0/∂U, then ∂h_1/∂U along its paths, then deduced.

The steps are those of a tape on which the other weights are held; its adjoints are followed along each path
from the result to the weight, the paths side by side. The step before is recognised in the result.

A reverse sweep as it is done by hand: steps, adjoints up to each fork, its paths side by side, their sum.

Nothing is known of times or of recurrences.

The ways from a result to one input on a tape, and what each of them carries back.

A variable that several steps use is a fork: what comes back to it comes along several paths, and is their
sum. The forks are taken one after the other, from the result on, the input last; a line is written once, at
the first fork that it leads to. Nothing is known of times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from symdiff.algebra.ordered_products import factors, flattened, own_factors_first, product, signed_sum
from symdiff.algebra.tidy import tidy
from symdiff.derivation.cell_forward import TotalDerivatives
from symdiff.derivation.cell_forward import total_derivative as derivative
from symdiff.derivation.derivation import Derivation, Line, bar
from symdiff.derivation.sweeps import path_label, reverse
from symdiff.document.blocks import Block, Chain, Equations, Heading, Paragraph, Row, Table, text
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.expr.leaves import is_zero
from symdiff.expr.timed import Braced, Time, all_leaves
from symdiff.expr.tree import Expr, Sym, count_operations, substitute, symbols
from symdiff.language.recurrence import Definitions, without_zeros
from symdiff.proof.judge import Judged, TapeJudge
from symdiff.tape.tape import Step, Tape, sorted_by_depth
from symdiff.tape.tracing import trace_definitions

MOST_STEPS, MOST_PUT_IN = 20, 30
"""Steps of a tape up to which a derivative is taken by hand; operations of it."""


def by_hand(work: CellWork) -> Iterator[Judged]:
    """The section, for the first weight that acts on the states; what is too long is said to be."""
    scalar = work.scalar
    hand = None if scalar is None else _hand(scalar)
    if scalar is None or hand is None:
        return
    yield Judged(tuple(_introduction(hand, work.has_arrays)), scalar.judge)
    for step in (0, 1):
        if hand.length(step) > MOST_STEPS:
            yield Judged((hand.too_long(step),), scalar.judge)
            return
        if hand.depends(step):
            yield Judged(tuple(hand.sweep(step)), TapeJudge(hand.tape(step)))
        yield Judged(tuple(hand.result(step)), scalar.judge.fixed())
    yield Judged(tuple(hand.deduced()), scalar.judge.fixed())


def _hand(scalar: CellWork) -> Hand | None:
    """The derivatives by the first weight that acts within the cell."""
    weights = (name for name in scalar.wrt if not scalar.totals(name).carriers)
    return next((Hand(scalar, theta) for theta in weights), None)


def _introduction(hand: Hand, has_arrays: bool) -> Iterator[Block]:
    work, of, theta = hand.work, hand.work.of, hand.theta
    yield Heading(text("bptt.hand_numbers" if has_arrays else "bptt.hand"))
    if has_arrays:
        yield Paragraph(text("bptt.scalar"))
        rows = [work.row(name, formula, low=work.start, high=of.last) for name, formula in of.cell]
        rows += [work.row(name, formula) for name, formula in of.initial.items()]
        yield Equations(tuple(rows))
    others = hand.others
    yield Paragraph(text("bptt.hand_by" if others else "bptt.hand_only", by=theta, others=others))


@dataclass(frozen=True)
class Hand:
    """The derivatives of the last state at the first times by one weight, in numbers."""

    work: CellWork
    theta: Sym

    @cached_property
    def totals(self) -> TotalDerivatives:
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

    @cached_property
    def written_out(self) -> tuple[tuple[Sym, ...], Definitions]:
        """The inputs and the definitions of the page's steps; T has its number in them."""
        return self.work.of.unrolled(self.work.steps)

    def dependent(self, step: int) -> Definitions:
        """The definitions that depend on the weight and that the state at a step is made from."""
        _, definitions = self.written_out
        reached, wanted = {self.theta}, {self.at(step)}
        for name, formula in definitions:
            if reached & {*symbols(formula)}:
                reached.add(name)
        found = []
        for name, formula in reversed(definitions):
            if name in wanted & reached:
                wanted |= {*symbols(formula)}
                found.append((name, formula))
        return tuple(reversed(found))

    def depends(self, step: int) -> bool:
        return bool(self.dependent(step))

    def length(self, step: int) -> int:
        """The number of elementary steps."""
        return len(self.tape(step).steps) if self.depends(step) else 0

    @cached_property
    def others(self) -> tuple[Sym, ...]:
        """The other inputs that the first derivatives need."""
        used = {s for step in (0, 1) for _, formula in self.dependent(step) for s in symbols(formula)}
        return tuple(name for name in self.work.of.inputs if name != self.theta and name in used)

    def constant(self, step: int) -> tuple[Sym, ...]:
        """The values of the cell in the steps that do not depend on the weight."""
        _, definitions = self.written_out
        found = self.dependent(step)
        used = {s for _, formula in found for s in symbols(formula)} - {*dict(found)}
        return tuple(name for name, _ in definitions if name in used)

    def tape(self, step: int) -> Tape:
        """The elementary steps of the state; all is held that the weight does not reach."""
        definitions = self.dependent(step)
        used = {s for _, formula in definitions for s in symbols(formula)}
        given = [name for name in self.written_out[0] if name not in self.work.of.inputs]
        varied = [self.theta, *(name for name in given if name in used)]
        held = [*(name for name in self.work.of.inputs if name != self.theta), *self.constant(step)]
        return sorted_by_depth(trace_definitions(definitions, varied, first=self.work.first, held=held))

    def sweep(self, step: int) -> Iterator[Block]:
        """The steps of the state, and their adjoints along the paths that lead to the weight."""
        tape, constant = self.tape(step), self.constant(step)
        yield Heading(text("bptt.hand_at", name=self.at(step), by=self.theta), level=2)
        key = "bptt.hand_steps_held" if constant else "bptt.hand_steps"
        yield Paragraph(text(key, by=self.theta, constant=constant))
        yield Equations(tuple(listed(tape)))
        yield from adjoints(Paths(reverse(tape), tape, self.theta))

    def too_long(self, step: int) -> Block:
        """Why it ends here."""
        return Paragraph(text("bptt.hand_long", name=self.at(step), count=self.length(step), by=self.theta))

    def result(self, step: int) -> Iterator[Block]:
        """The derivative in the author's names, that of the step before recognised in it."""
        left = derivative(self.at(step), self.theta)
        found = self.formula(step)
        recognised = any(isinstance(leaf, Braced) for leaf in all_leaves(found))
        if is_zero(found):
            yield Heading(text("bptt.hand_at", name=self.at(step), by=self.theta), level=2)
            yield Paragraph(text("bptt.hand_zero", name=self.at(step), by=self.theta))
        else:
            yield Paragraph(text("bptt.hand_result", count=int(recognised)))
        yield Equations((self.work.row(left, *self._put_together(step), found, boxed=True),))

    def _put_together(self, step: int) -> list[Expr]:
        """The adjoint of the weight with those before it put in, in the author's names, if that is short."""
        if not self.depends(step):
            return []
        tape = self.tape(step)
        found = Paths(reverse(tape), tape, self.theta).in_names()
        if found is None or count_operations(found) > MOST_PUT_IN or _alike(found, self.formula(step)):
            return []
        return [found]

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
        found = of.at(self.totals.step_form(state), **{of.index: Time("", of.first + step)})
        values: dict[Expr, Expr] = {s: of.initial[s] for s in symbols(found) if s in of.initial}
        for number, earlier in ((n, s) for n in range(1, of.longest_lag + 1) for s in self.totals.states):
            if step - number < 0:
                name = self.work.named(earlier, of.first + step - number)
                symbol = derivative(name, self.theta)
                found = substitute(found, {symbol: self.totals.initial(earlier, number - step)})
        return (
            self._tidied(without_zeros(substitute(found, values)), state, step)
            if step == 0 or values
            else found
        )

    def _tidied(self, form: Expr, state: Sym, step: int) -> Expr:
        return own_factors_first(tidy(form), self.work.named(state, self.work.of.first + step))

    def _known(self, step: int) -> dict[Sym, Expr]:
        """The derivatives of all states at a step, in values of the cell only."""
        if step < 0:
            return {}
        before = {
            derivative(self.work.named(s, self.work.of.first + n), self.theta): form
            for n in range(max(0, step - self.work.of.longest_lag), step)
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
        alike = any(isinstance(leaf, Braced) for leaf in all_leaves(self.formula(1)))
        key = "bptt.deduce" if alike else "bptt.deduce_more"
        yield Paragraph(text(key, earlier=self.at(0), before=self.at(1), name=self.at(2), by=self.theta))
        members = [general, put_in] if count_operations(put_in) <= MOST_PUT_IN else [general]
        yield Equations((self.work.row(left, *members),))


def _alike(one: Expr, other: Expr) -> bool:
    """Whether two products of numbers have the same factors."""
    return sorted(map(str, factors(one))) == sorted(map(str, factors(other)))


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
    return signed_sum([column[-1].local for column in columns])


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
            return Fork(var, (*self._of(ways[0]), self.lines[bar(var)]), (), None)
        times = Counter(v for way in ways for v in way)
        shared = [v for v in reversed(self.tape.order) if times[v] > 1]
        columns = tuple(
            (*self._of(v for v in way if times[v] == 1), self.lines[bar(var, path_label(number))])
            for number, way in enumerate(ways)
        )
        written |= {*times, var}
        return Fork(var, tuple(self._of(shared)), columns, self.lines[bar(var)])

    def _of(self, found: list[Sym] | Iterator[Sym]) -> list[Line]:
        return [self.lines[bar(v)] for v in found]

    def in_names(self) -> Expr | None:
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
