"""The closed form of a total derivative, ds_t/dU = Σ_k [Π_j A_j]·P_k, its factors written out or named."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from symdiff.algebra.ordered_products import Term, combined, factors, product
from symdiff.algebra.tidy import tidy
from symdiff.derivation.cell_forward import Totals
from symdiff.derivation.cell_forward import total as derivative
from symdiff.errors import NoFormError
from symdiff.explain.recurrence.recurrence_work import TimeWork
from symdiff.expr.leaves import Dim, Moment, Series, is_zero, leaves_of
from symdiff.expr.operations import THROUGH, vec
from symdiff.expr.tree import Expr, Sym, size, total

EXPLICIT = 11
"""Operations up to which factors of a closed form are written out rather than named."""


@dataclass(frozen=True)
class Closed:
    """ds_t/dU = Σ_k [Π_j A_j]·P_k for one weight: the factors at any time, by formulas or under a name."""

    work: TimeWork
    totals: Totals

    @cached_property
    def is_explicit(self) -> bool:
        """Whether the factors are short enough to be written where they stand, by all weights alike."""
        if not self.totals.is_single:
            return False
        others = [self.work.totals(theta) for theta in self.work.wrt if theta != self.totals.theta]
        alike = [other for other in others if other.states and other.is_single and other.has_products]
        return all(_length(totals) <= EXPLICIT for totals in (self.totals, *alike))

    @property
    def acts_at_once(self) -> bool:
        """Whether the weight acts within the cell, and not on the values before the first time only."""
        return any(self.totals.immediate(state) for state in self.totals.states)

    def _ways(self, state: Sym) -> list[Expr]:
        return [combined(terms) for terms in self.totals.carried(state).values()]

    @cached_property
    def state(self) -> Sym:
        """The name at time t of what the form is for: the state, or all states under one name."""
        if self.totals.is_single:
            return self.totals.states[0]
        return Sym(f"{self.work.joined.name}@{self.work.of.index}", shape=self.work.joined.shape)

    def at(self, node: Expr, time: Moment) -> Expr:
        return self.work.of.at(node, **{self.work.of.index: time})

    def derivative(self, time: Moment) -> Expr:
        """ds/dU at a time."""
        state = self.at(self.state, time)
        assert isinstance(state, Sym)
        return derivative(state, self.totals.theta)

    def immediate(self, time: Moment) -> Term:
        """P at a time."""
        if self.is_explicit:
            terms = self.totals.immediate(self.state)
            return (
                tuple(self.at(f, time) for f in factors(combined(terms)))
                if len(terms) > 1
                else tuple(self.at(f, time) for f in terms[0])
            )
        return (self.at(self.symbol_immediate, time),)

    def factor(self, time: Moment) -> Expr:
        """A at a time."""
        if self.is_explicit:
            (way,) = self._ways(self.state)
            return self.at(way, time)
        return self.at(self.symbol_factor, time)

    @property
    def symbol_immediate(self) -> Expr:
        return Expr(THROUGH, vec(self.state), vec(self.totals.theta))

    @property
    def symbol_factor(self) -> Expr:
        before = self.at(self.state, Moment(self.work.of.index, -1))
        return Expr(THROUGH, vec(self.state), vec(before))

    @cached_property
    def starts_at_zero(self) -> bool:
        """Whether the derivative is zero at every time before the first that the cell looks back to."""
        dependent = {self.totals.of.stem(state): state for state in self.totals.states}
        pieces = [(dependent[stem], back + 1) for stem, back in self.work.pieces if stem in dependent]
        return all(is_zero(self.totals.initial(state, back)) for state, back in pieces)

    def sum(self, until: Moment, ahead: Moment) -> Expr:
        """Σ_k [Π_{j=k+1}^{ahead} A_j]·P_k for k up to `until`."""
        k, j = self.work.letters
        return Series("sum", k, self.work.start, until, self._carried(Moment(k), ahead, j))

    def _carried(self, since: Moment, ahead: Moment, letter: str) -> Expr:
        return product((self._many(since.plus(1), ahead, letter), *self.immediate(since)))

    def _many(self, low: Moment, high: Moment, letter: str) -> Expr:
        """The product of the factors from one time to another: a power where they are all the same number."""
        factor = self.factor(Moment(letter))
        if self._changes(factor, letter):
            return Series("product", letter, low, high, factor)
        return tidy(factor ** tidy(high.written() - low.plus(-1).written()))

    def from_start(self, ahead: Moment) -> Expr | None:
        """What the values before the first time add."""
        if self.starts_at_zero:
            return None
        many = self._many(self.work.start, ahead, self.work.letters[1])
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
        letter = self.work.letters[1]
        return self._changes(self.factor(Moment(letter)), letter)

    def _changes(self, factor: Expr, letter: str) -> bool:
        """Whether a factor is no number, or another one at each time."""
        return bool(factor.shape or self.work.of.times_in(factor)) or Dim(letter) in leaves_of(factor)

    def form(self, until: Moment, ahead: Moment) -> Expr:
        """The closed form with factors up to `ahead`, its terms up to `until`."""
        return total(self.terms(until, ahead))

    def terms(self, until: Moment, ahead: Moment) -> list[Expr]:
        """What the times up to `until` add, and what the values before the first time add."""
        found = [self.sum(until, ahead)] if self.acts_at_once else []
        more = self.from_start(ahead)
        return found if more is None else [*found, more]

    def next(self, time: Moment, before: Expr) -> Expr:
        """P + A·before at a time: one step of the recurrence."""
        own = [product(self.immediate(time))] if self.acts_at_once else []
        return total([*own, product((self.factor(time), before))])


def _length(totals: Totals) -> int:
    """The operations of P and A for the only state; none where they have no notation."""
    with suppress(NoFormError):
        state = totals.states[0]
        ways = [combined(terms) for terms in totals.carried(state).values()]
        return sum(map(size, [*map(product, totals.immediate(state)), *ways]))
    return 0
