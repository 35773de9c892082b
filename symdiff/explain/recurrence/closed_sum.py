"""The closed form of a total derivative, ds_t/dU = Σ_k [Π_j A_j]·P_k: its factors, its rows, its proof.

A_t = ds_t/ds_{t−1} and P_t = ∂s_t/∂U are taken through one application of the cell; short ones are written
out, others named.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property

from symdiff.algebra.ordered_products import Term, factors, product, sum_of_products
from symdiff.algebra.tidy import tidy
from symdiff.derivation.cell_forward import TotalDerivatives
from symdiff.derivation.cell_forward import total_derivative as derivative
from symdiff.document.blocks import Block, Equations, Heading, Paragraph, Row, text
from symdiff.errors import NoFormError
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.expr.leaves import eye, is_zero
from symdiff.expr.operations import THROUGH, vec
from symdiff.expr.records import dataclass
from symdiff.expr.timed import Series, Time, all_leaves
from symdiff.expr.tree import ONE, Dim, Expr, Sym, count_operations, total

EXPLICIT = 11
"""Operations up to which factors of a closed form are written out rather than named."""


@dataclass(frozen=True)
class ClosedSum:
    """ds_t/dU = Σ_k [Π_j A_j]·P_k for one weight: the factors at any time, by formulas or under a name."""

    work: CellWork
    totals: TotalDerivatives

    @cached_property
    def is_explicit(self) -> bool:
        """Whether the factors are short enough to be written where they stand, by all weights alike."""
        if not self.totals.is_single or len(_factor_forms(self.totals)) != 1:
            return False
        others = [self.work.totals(theta) for theta in self.work.wrt if theta != self.totals.theta]
        alike = [other for other in others if other.states and other.is_single and other.has_products]
        return all(_operation_count(totals) <= EXPLICIT for totals in (self.totals, *alike))

    @property
    def acts_within_cell(self) -> bool:
        """Whether the weight acts within the cell, and not on the values before the first time only."""
        return any(self.totals.immediate(state) for state in self.totals.states)

    @cached_property
    def state(self) -> Sym:
        """The name at time t of what the form is for: the state, or all states under one name."""
        if self.totals.is_single:
            return self.totals.states[0]
        stacked = self.work.stacked_state
        return Sym(f"{stacked.name}@{self.work.recurrence.index}", shape=stacked.shape)

    def derivative(self, time: Time) -> Expr:
        """ds/dU at a time."""
        state = self.work.at_time(self.state, time)
        assert isinstance(state, Sym)
        return derivative(state, self.totals.theta)

    def immediate(self, time: Time) -> Term:
        """P at a time."""
        if not self.is_explicit:
            return (self.work.at_time(self.symbol_immediate, time),)
        terms = self.totals.immediate(self.state)
        own = factors(sum_of_products(terms)) if len(terms) > 1 else terms[0]
        return tuple(self.work.at_time(factor, time) for factor in own)

    def factor(self, time: Time) -> Expr:
        """A at a time."""
        if self.is_explicit:
            (form,) = _factor_forms(self.totals)
            return self.work.at_time(form, time)
        return self.work.at_time(self.symbol_factor, time)

    @property
    def symbol_immediate(self) -> Expr:
        return Expr(THROUGH, vec(self.state), vec(self.totals.theta))

    @property
    def symbol_factor(self) -> Expr:
        before = self.work.at_time(self.state, Time(self.work.recurrence.index, -1))
        return Expr(THROUGH, vec(self.state), vec(before))

    @cached_property
    def starts_at_zero(self) -> bool:
        """Whether the derivative is zero at every time before the first that the cell looks back to."""
        dependent = {self.totals.of.stem(state): state for state in self.totals.states}
        pieces = [(dependent[stem], back + 1) for stem, back in self.work.stacked_parts if stem in dependent]
        return all(is_zero(self.totals.initial(state, back)) for state, back in pieces)

    def sum(self, until: Time, ahead: Time) -> Expr:
        """Σ_k [Π_{j=k+1}^{ahead} A_j]·P_k for k up to `until`."""
        k, j = self.work.index_letters
        return Series("sum", k, self.work.start, until, self._summand(Time(k), ahead, j))

    def _summand(self, since: Time, ahead: Time, letter: str) -> Expr:
        return product((self._factor_product(since.plus(1), ahead, letter), *self.immediate(since)))

    def _factor_product(self, low: Time, high: Time, letter: str) -> Expr:
        """The product of the factors from one time to another: a power where they are all the same number."""
        factor = self.factor(Time(letter))
        if self._varies(factor, letter):
            return Series("product", letter, low, high, factor)
        return tidy(factor ** tidy(high.as_expr() - low.plus(-1).as_expr()))

    def from_start(self, ahead: Time) -> Expr | None:
        """What the values before the first time add."""
        if self.starts_at_zero:
            return None
        many = self._factor_product(self.work.start, ahead, self.work.index_letters[1])
        return product((many, self.before))

    @property
    def before(self) -> Expr:
        """The derivative before the first time: its value where there is one state."""
        if self.totals.is_single:
            return self.totals.initial(self.totals.states[0])
        return self.derivative(self.work.start.plus(-1))

    @property
    def has_product(self) -> bool:
        """Whether the closed form has a product that cannot be written as a power."""
        letter = self.work.index_letters[1]
        return self._varies(self.factor(Time(letter)), letter)

    def _varies(self, factor: Expr, letter: str) -> bool:
        """Whether a factor is no number, or another one at each time."""
        is_number = not factor.shape and not self.work.recurrence.times_in(factor)
        return not is_number or Dim(letter) in all_leaves(factor)

    def form(self, until: Time, ahead: Time) -> Expr:
        """The closed form with factors up to `ahead`, its terms up to `until`."""
        return total(self.terms(until, ahead))

    def terms(self, until: Time, ahead: Time) -> list[Expr]:
        """What the times up to `until` add, and what the values before the first time add."""
        found = [self.sum(until, ahead)] if self.acts_within_cell else []
        more = self.from_start(ahead)
        return found if more is None else [*found, more]

    def next_value(self, time: Time, before: Expr) -> Expr:
        """P + A·before at a time: one step of the recurrence."""
        return total([*self.own_term(time), product((self.factor(time), before))])

    def own_term(self, time: Time) -> list[Expr]:
        """P at a time, where the weight acts within the cell."""
        return [product(self.immediate(time))] if self.acts_within_cell else []


def _operation_count(totals: TotalDerivatives) -> int:
    """The operations of P and A for the only state; none where they have no notation."""
    with suppress(NoFormError):
        immediate = map(product, totals.immediate(totals.states[0]))
        return sum(map(count_operations, [*immediate, *_factor_forms(totals)]))
    return 0


def _factor_forms(totals: TotalDerivatives) -> list[Expr]:
    """A by its formula, for the only state."""
    return [sum_of_products(terms) for terms in totals.carried(totals.states[0]).values()]


def closed_sum_blocks(closed: ClosedSum, full: bool) -> Iterator[Block]:
    """Where it starts, the sum of ordered products, and if `full` the proof by induction."""
    work = closed.work
    starts = tuple(start_rows(work, closed.totals))
    values = work.sentence_chains(starts)
    kind = "closed" if closed.acts_within_cell else "closed_product"
    if values:
        yield Paragraph(text(f"bptt.start_{kind}", values=values))
    else:
        yield Paragraph(text("bptt.start"))
        yield Equations(starts)
        yield Paragraph(text(f"bptt.{kind}"))
    yield Equations((sum_row(closed),))
    if full and work.recurrence.last != work.start:
        yield from _induction(closed)


def _induction(closed: ClosedSum) -> Iterator[Block]:
    """The proof: at the first time, then from one time to the next."""
    work, index = closed.work, closed.work.index
    start, now, before = work.start, work.recurrence.now, work.recurrence.now.plus(-1)
    if closed.has_product:
        shape = closed.factor(now).shape
        yield Paragraph(text("bptt.empty_product", one=eye(shape[0]) if shape else ONE, index=index))
    yield Heading(text("bptt.induction"), level=2)
    base = "bptt.base" if closed.has_product else "bptt.base_power"
    yield Paragraph(text(base, index=index, first=start.as_expr()))
    if closed.starts_at_zero:
        first = product(closed.immediate(start))
    else:
        first = closed.next_value(start, closed.before)
    yield Equations((work.row(closed.derivative(start), first, closed.form(start, start)),))
    yield Paragraph(text("bptt.step", before=before.as_expr(), index=index))
    members = (
        *([closed.totals.step_form(closed.state)] if closed.is_explicit else []),
        closed.next_value(now, closed.derivative(before)),
        closed.next_value(now, closed.form(before, before)),
        total([*closed.own_term(now), *closed.terms(before, now)]),
        closed.form(now, now),
    )
    high = work.recurrence.last
    yield Equations((work.row(closed.derivative(now), *members, low=start.plus(1), high=high),))
    yield Paragraph(text("bptt.step_end", index=index))


def step_row(closed: ClosedSum) -> Row:
    """ds_t/dU = P_t + A_t·ds_{t−1}/dU."""
    now = closed.work.recurrence.now
    form = closed.next_value(now, closed.derivative(now.plus(-1)))
    return closed.work.row_at_every_time(closed.derivative(now), form, boxed=True)


def sum_row(closed: ClosedSum) -> Row:
    """ds_t/dU = Σ_k [Π_j A_j]·P_k."""
    now = closed.work.recurrence.now
    return closed.work.row_at_every_time(closed.derivative(now), closed.form(now, now), boxed=True)


def start_rows(work: CellWork, totals: TotalDerivatives) -> Iterator[Row]:
    """The derivatives before the first time, as far back as the cell looks."""
    for state in totals.states:
        for back in (back + 1 for stem, back in work.stacked_parts if stem == work.recurrence.stem(state)):
            before = work.named(state, work.recurrence.first - back)
            yield work.row(derivative(before, totals.theta), totals.initial(state, back))


def vanishing(work: CellWork, totals: TotalDerivatives) -> Iterator[Block]:
    """What the product of factors says of distant times."""
    try:
        if not has_closed_sum(work, totals) or work.recurrence.last == work.start:
            return
        k, j = work.index_letters
        closed = ClosedSum(work, totals)
        factor = closed.factor(Time(j))
    except NoFormError:
        return
    yield Heading(text("bptt.vanishing"), level=2)
    index = work.index
    key = "bptt.remark" if factor.shape or closed.state.shape else "bptt.remark_numbers"
    yield Paragraph(text(key, k=Dim(k), index=index, count=index - Dim(k), factor=factor))


def has_closed_sum(work: CellWork, totals: TotalDerivatives) -> bool:
    """Whether the page writes the derivative as a sum of products."""
    has_form = not totals.carriers and totals.has_products
    return has_form and not totals.ends_at_start and (totals.is_single or bool(work.stacked_state.shape))
