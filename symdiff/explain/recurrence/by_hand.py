"""The first derivatives by hand, every name a number: ∂h_0/∂U, then ∂h_1/∂U along its paths, then deduced.

The steps are those of a tape on which the other weights are held; its adjoints are followed along each path
from the result to the weight, the paths side by side. The step before is recognised in the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from symdiff.algebra.ordered_products import factors, flattened, own_factors_first
from symdiff.algebra.tidy import tidy
from symdiff.derivation.cell_forward import TotalDerivatives
from symdiff.derivation.cell_forward import total_derivative as derivative
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Block, Equations, Heading, Paragraph, text
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.recurrence.paths_to_input import Paths, adjoint_blocks, step_rows
from symdiff.expr.leaves import is_zero
from symdiff.expr.records import dataclass
from symdiff.expr.timed import Braced, Time, all_leaves
from symdiff.expr.tree import Expr, Sym, count_operations, postorder, substitute, symbols
from symdiff.language.recurrence import Definitions, without_zeros
from symdiff.proof.judge import Judged, TapeJudge
from symdiff.tape.tape import Tape, sorted_by_depth
from symdiff.tape.tracing import trace_definitions

MOST_STEPS, MOST_PUT_IN = 20, 30
"""Steps of a tape up to which a derivative is taken by hand; operations of it."""


def by_hand(work: CellWork) -> Iterator[Judged]:
    """The section, for the first weight that acts on the states; what is too long is said to be."""
    scalar = work.scalar
    hand = None if scalar is None else _hand_derivation(scalar)
    if scalar is None or hand is None:
        return
    yield Judged(tuple(_introduction(hand, work.has_arrays)), scalar.judge)
    for step in (0, 1):
        if hand.length(step) > MOST_STEPS:
            yield Judged((hand.too_long(step),), scalar.judge)
            return
        if hand.has_steps(step):
            yield Judged(tuple(hand.sweep(step)), TapeJudge(hand.tape(step)))
        yield Judged(tuple(hand.result(step)), scalar.judge.fixed())
    yield Judged(tuple(hand.next_derivative()), scalar.judge.fixed())


def _hand_derivation(scalar: CellWork) -> HandDerivation | None:
    """The derivatives by the first weight that acts within the cell."""
    weights = (name for name in scalar.wrt if not scalar.totals(name).carriers)
    return next((HandDerivation(scalar, theta) for theta in weights), None)


def _introduction(hand: HandDerivation, has_arrays: bool) -> Iterator[Block]:
    work, recurrence, theta = hand.work, hand.work.recurrence, hand.theta
    yield Heading(text("bptt.hand_numbers" if has_arrays else "bptt.hand"))
    if has_arrays:
        yield Paragraph(text("bptt.scalar"))
        rows = [work.row_at_every_time(name, formula) for name, formula in recurrence.cell]
        rows += [work.row(name, formula) for name, formula in recurrence.initial.items()]
        yield Equations(tuple(rows))
    other_inputs = hand.other_inputs
    yield Paragraph(text("bptt.hand_by" if other_inputs else "bptt.hand_only", by=theta, others=other_inputs))


@dataclass(frozen=True)
class HandDerivation:
    """The derivatives of the last state at the first times by one weight, in numbers."""

    work: CellWork
    theta: Sym

    @cached_property
    def totals(self) -> TotalDerivatives:
        return self.work.totals(self.theta)

    @cached_property
    def state(self) -> Sym:
        """The last state that the weight acts on within one application of the cell."""
        formulas = dict(self.work.recurrence.cell)
        acted_on = [state for state in self.totals.states if self.theta in symbols(formulas[state])]
        return (acted_on or self.totals.states)[-1]

    def at(self, step: int, state: Sym | None = None) -> Sym:
        """The state, or another one, after `step` further steps."""
        return self.work.named(state or self.state, self.work.recurrence.first + step)

    def derivative_at(self, step: int, state: Sym | None = None) -> Expr:
        """The symbol of its derivative by the weight."""
        return derivative(self.at(step, state), self.theta)

    def dependent_definitions(self, step: int) -> Definitions:
        """The definitions that depend on the weight and that the state at a step is made from."""
        _, definitions = self.work.written_out
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
        return bool(self.dependent_definitions(step))

    def has_steps(self, step: int) -> bool:
        """Whether the weight reaches the state in steps; h₀ = b has none for b."""
        return self.length(step) > 0

    def length(self, step: int) -> int:
        """The number of elementary steps."""
        return len(self.tape(step).steps) if self.depends(step) else 0

    @cached_property
    def other_inputs(self) -> tuple[Sym, ...]:
        """The other inputs that the first derivatives need."""
        formulas = [formula for step in (0, 1) for _, formula in self.dependent_definitions(step)]
        used = {name for formula in formulas for name in symbols(formula)}
        return tuple(name for name in self.work.recurrence.inputs if name != self.theta and name in used)

    def constant_values(self, step: int) -> tuple[Sym, ...]:
        """The values of the cell in the steps that do not depend on the weight."""
        _, definitions = self.work.written_out
        found = self.dependent_definitions(step)
        used = {s for _, formula in found for s in symbols(formula)} - {*dict(found)}
        return tuple(name for name, _ in definitions if name in used)

    def tape(self, step: int) -> Tape:
        """The elementary steps of the state; all is held that the weight does not reach."""
        definitions = self.dependent_definitions(step)
        used = {s for _, formula in definitions for s in symbols(formula)}
        inputs, (every, _) = self.work.recurrence.inputs, self.work.written_out
        varied = [self.theta, *(name for name in every if name not in inputs and name in used)]
        held = [*(name for name in inputs if name != self.theta), *self.constant_values(step)]
        return sorted_by_depth(trace_definitions(definitions, varied, first=self.work.first, held=held))

    def sweep(self, step: int) -> Iterator[Block]:
        """The steps of the state, and their adjoints along the paths that lead to the weight."""
        tape, constant_values = self.tape(step), self.constant_values(step)
        yield Heading(text("bptt.hand_at", name=self.at(step), by=self.theta), level=2)
        key = "bptt.hand_steps_held" if constant_values else "bptt.hand_steps"
        yield Paragraph(text(key, by=self.theta, constant=constant_values))
        yield Equations(tuple(step_rows(tape)))
        yield from adjoint_blocks(Paths(reverse(tape), tape, self.theta))

    def too_long(self, step: int) -> Block:
        """Why it ends here."""
        return Paragraph(text("bptt.hand_long", name=self.at(step), count=self.length(step), by=self.theta))

    def result(self, step: int) -> Iterator[Block]:
        """The derivative in the author's names, that of the step before recognised in it."""
        left, found = self.derivative_at(step), self.formula(step)
        recognised = any(isinstance(leaf, Braced) for leaf in all_leaves(found))
        if is_zero(found):
            yield Heading(text("bptt.hand_at", name=self.at(step), by=self.theta), level=2)
            yield Paragraph(text("bptt.hand_zero", name=self.at(step), by=self.theta))
        elif not self.has_steps(step):
            yield Heading(text("bptt.hand_at", name=self.at(step), by=self.theta), level=2)
        else:
            yield Paragraph(text("bptt.hand_result_braced" if recognised else "bptt.hand_result"))
        yield Equations((self.work.row(left, *self._with_adjoints_put_in(step), found, boxed=True),))

    def _with_adjoints_put_in(self, step: int) -> list[Expr]:
        """The adjoint of the weight with those before it put in, in the author's names, if that is short."""
        if not self.has_steps(step):
            return []
        tape = self.tape(step)
        found = Paths(reverse(tape), tape, self.theta).in_authors_names()
        if found is None or count_operations(found) > MOST_PUT_IN or _same_factors(found, self.formula(step)):
            return []
        return [found]

    def formula(self, step: int) -> Expr:
        """The derivative at a step, those of the step before put in over a brace."""
        if not step:
            return self._derivatives_at(0)[self.state]
        before = self._derivatives_at(step - 1)
        values: dict[Expr, Expr] = {}
        for state, form in before.items():
            symbol = self.derivative_at(step - 1, state)
            values[symbol] = form if is_zero(form) else Braced(form, symbol)
        found = substitute(self._recurrence_at(self.state, step), values)
        return self._tidied(found, self.state, step) if any(map(is_zero, before.values())) else found

    def _recurrence_at(self, state: Sym, step: int) -> Expr:
        """The recurrence at one time, initial values put in."""
        recurrence = self.work.recurrence
        found = self.work.at_time(self.totals.step_form(state), Time("", recurrence.first + step))
        initial = recurrence.initial
        values: dict[Expr, Expr] = {name: initial[name] for name in symbols(found) if name in initial}
        asked = {*postorder(found)}  # not every state is looked back at equally far
        for lag in range(step + 1, recurrence.longest_lag + 1):
            for earlier in self.totals.states:
                symbol = self.derivative_at(step - lag, earlier)
                if symbol in asked:
                    found = substitute(found, {symbol: self.totals.initial(earlier, lag - step)})
        if step and not values:
            return found
        return self._tidied(without_zeros(substitute(found, values)), state, step)

    def _tidied(self, form: Expr, state: Sym, step: int) -> Expr:
        return own_factors_first(tidy(form), self.at(step, state))

    def _derivatives_at(self, step: int) -> dict[Sym, Expr]:
        """The derivatives of all states at a step, in values of the cell only."""
        before = self._derivatives_at_steps(range(max(0, step - self.work.recurrence.longest_lag), step))
        return {s: substitute(self._recurrence_at(s, step), before) for s in self.totals.states}

    def _derivatives_at_steps(self, steps: Iterable[int]) -> dict[Expr, Expr]:
        """The symbol of each derivative at these steps, and its formula."""
        return {self.derivative_at(n, s): form for n in steps for s, form in self._derivatives_at(n).items()}

    def next_derivative(self) -> Iterator[Block]:
        """The next derivative, from the recurrence alone."""
        general = self._recurrence_at(self.state, 2)
        put_in = without_zeros(flattened(substitute(general, self._derivatives_at_steps((0, 1)))))
        yield Heading(text("bptt.hand_at", name=self.at(2), by=self.theta), level=2)
        alike = any(isinstance(leaf, Braced) for leaf in all_leaves(self.formula(1)))
        key = "bptt.deduce" if alike else "bptt.deduce_more"
        yield Paragraph(text(key, earlier=self.at(0), before=self.at(1), name=self.at(2), by=self.theta))
        members = [general, put_in] if count_operations(put_in) <= MOST_PUT_IN else [general]
        yield Equations((self.work.row(self.derivative_at(2), *members),))


def _same_factors(one: Expr, other: Expr) -> bool:
    """Whether two products of numbers have the same factors."""
    return sorted(map(str, factors(one))) == sorted(map(str, factors(other)))
