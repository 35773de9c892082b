"""Adjoints through one generic cell, by reverse mode: ∂L/∂h_t from what uses h_t, at t and later.

    ∂L/∂v_t = Σ_u (∂u_t/∂v_t)ᵀ[∂L/∂u_t] + Σ_u (∂u_{t+k}/∂v_t)ᵀ[∂L/∂u_{t+k}] + what the loss itself adds,

over the definitions u that use v at their own time, and those that use it k steps later; near the last time
the terms of later steps are absent. For an input θ

    ∂L/∂θ = Σ_t Σ_u (∂⁺u_t/∂θ)ᵀ[∂L/∂u_t]      over the definitions u that θ stands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from symdiff.algebra.ordered_products import gathered
from symdiff.algebra.tidy import tidy, without_assuming
from symdiff.derivation.uses import Use, Uses
from symdiff.expr.leaves import Alias, Moment, Series, is_zero, placed, zeros
from symdiff.expr.operations import names_summed
from symdiff.expr.tree import PARTIAL, Expr, Sym, postorder, size, substitute, symbols, total
from symdiff.tape.partials import local_partials
from symdiff.tape.tape import step_of

PUT_IN = 24
"""Operations up to which an adjoint that is known in values is put into later lines."""


@dataclass(frozen=True, slots=True)
class Back:
    """`left = chain = before = form` for the times from `low` to `high`; one time if they are equal.

    `before` is the form before entries are known to add up to 1, where that makes a difference.
    """

    name: Sym
    left: Expr
    chain: Expr | None
    form: Expr
    low: Moment
    high: Moment
    before: Expr | None = None


@dataclass(frozen=True)
class ThroughTime(Uses):
    """The adjoints of a recurrence whose result is a number."""

    @cached_property
    def lines(self) -> tuple[Back, ...]:
        """For each definition, from the last to the first: the general line, then those near the end."""
        found: list[Back] = []
        known: dict[str, Expr] = {}
        for name, _ in reversed(self.of.cell):
            stem = self.of.stem(name)
            if stem in self.reaching:
                own = [line for line in self._lines(name, known) if self._is_there(line)]
                if len(own) == 1 and own[0].low == Moment("", self.of.first) and _is_value(own[0].form):
                    known[stem] = own[0].form
                found += own
        return tuple(found)

    def _lines(self, name: Sym, known: dict[str, Expr]) -> Iterator[Back]:
        """The general line, between the single times that the loss names; then those of the last times."""
        uses = self.uses[self.of.stem(name)]
        always = [use for use in uses if use.only is None]
        single = {use.only for use in uses if use.only is not None}
        longest = max((use.lag for use in always), default=0)
        last, low = self.of.last, Moment("", self.of.first)
        ends = max([longest, *(1 + last.offset - time.offset for time in single if time.base == last.base)])
        for time in sorted(time for time in single if time.base != last.base and time >= low):
            if low.offset < time.offset:
                yield self._line(name, always, known, low, time.plus(-1))
            yield self._line(name, [*always, *(u for u in uses if u.only == time)], known, time, time)
            low = time.plus(1)
        yield self._line(name, always, known, low, last.plus(-ends))
        for back in range(ends - 1, -1, -1):
            time = last.plus(-back)
            there = [u for u in always if u.lag <= back] + [u for u in uses if u.only == time]
            yield self._line(name, there, known, time, time)

    def _is_there(self, line: Back) -> bool:
        """Whether a line is about some time: near the end of few steps it may be about none."""
        low, high = line.low, line.high
        return bool(low.base or high.base) or self.of.first <= low.offset <= high.offset

    @cached_property
    def shortest(self) -> int:
        """The smallest number of steps for which the lines are those of different times."""
        single = [u.only for u in self._after[0] if u.only is not None]
        fixed = [time.offset - self.of.first + 1 for time in single if not time.base]
        behind = [1 - time.offset + self.of.last.offset for time in single if time.base]
        both = self.of.longest if fixed else 0
        started = [time + lag - self.of.first + 1 for time, lag in self._from_before()]
        ends = max(both, int(self.of.last in single))
        return max([1, *(n + ends for n in fixed if n > 0), *behind, *started])

    def _from_before(self) -> Iterator[tuple[int, int]]:
        """The times of values before the first one that inputs act on, and how much later each is used."""
        for name, formula in self.of.initial.items():
            time = self.of.time(name)
            assert time is not None
            if set(self.of.inputs) & set(symbols(formula)):
                for use in self.uses[self.of.stem(name)]:
                    if use.only is None and time.offset + use.lag >= self.of.first:
                        yield time.offset, use.lag

    def _line(self, name: Sym, uses: list[Use], known: dict[str, Expr], low: Moment, high: Moment) -> Back:
        here = {self.of.index: low} if low == high else {}
        forms = [use.form for use in uses]
        chains = [use.chain for use in uses]
        shape = name.shape
        put_in = total(tidy(self._put_in(f, known)) for f in forms) if forms else zeros(shape)
        form = tidy(put_in)
        bare = without_assuming(total(self._put_in(f, known) for f in forms)) if forms else form
        before = bare if names_summed(bare) and not names_summed(form) else None
        written = [c for c in chains if c is not None]
        chain = total(written) if written and len(written) == len(chains) else None
        target = placed(name, here, self.of.stems)
        assert isinstance(target, Sym)
        return Back(
            target,
            self.adjoint(target),
            None if chain is None else self._placed(chain, here),
            self._placed(form, here),
            low,
            high,
            None if before is None else self._placed(before, here),
        )

    @cached_property
    def recurrence_of_delta(self) -> tuple[Back, ...]:
        """δ_t from δ_{t+1} alone, the lines between put in; none where they are too long."""
        lines = [line for line in self.lines if self.delta and self.of.stem(line.name) == self.delta]
        if len(lines) != 1:
            return ()
        (own,) = lines
        found = []
        for line in self.lines:
            if line.left in set(postorder(own.form)) or self._at_end(line, own):
                values = {self._placed(line.left, {}): line.form}
                form = self._placed(own.form, {self.of.index: line.low} if line.low == line.high else {})
                put_in = substitute(form, dict(values))
                if put_in != form and size(put_in) <= 2 * PUT_IN:
                    left = self.adjoint(self._at(own.name, line))
                    found.append(replace(line, left=left, chain=None, form=put_in, before=None))
        return tuple(found)

    def _at_end(self, line: Back, own: Back) -> bool:
        return line.low == line.high and self.of.stem(line.name) != self.delta

    def _at(self, name: Sym, line: Back) -> Sym:
        found = self._placed(name, {self.of.index: line.low} if line.low == line.high else {})
        assert isinstance(found, Sym)
        return found

    def _placed(self, node: Expr, here: dict[str, Moment]) -> Expr:
        return placed(node, here, self.of.stems)

    def _put_in(self, form: Expr, known: dict[str, Expr]) -> Expr:
        """Adjoints that are known in values put in, at whatever time they are meant."""
        values: dict[Expr, Expr] = {}
        for node in postorder(form):
            target = node.meaning if isinstance(node, Alias) else node
            if target.op is PARTIAL and target.args[0] == self.loss and isinstance(target.args[1], Sym):
                time = self.of.time(target.args[1])
                stem = self.of.stem(target.args[1])
                if stem in known and time is not None:
                    values[node] = self._placed(known[stem], {self.of.index: time})
        return substitute(form, values)

    def known(self) -> dict[str, Expr]:
        """The adjoints that are known in values, for every t, by stem."""
        return {
            self.of.stem(line.name): line.form
            for line in self.lines
            if _is_value(line.form) and line.low != line.high
        }

    def gradient(self, theta: Sym) -> Expr:
        """∂L/∂θ as a sum over time, with what the loss and the initial values add."""
        parts: list[Expr] = []
        known = self.known()
        terms = []
        for name, formula in self.of.cell:
            if theta in symbols(formula) and self.of.stem(name) in self.reaching:
                partial = next(p for p in local_partials(step_of(name, formula)) if p.operand == theta)
                terms.append(tidy(self._put_in(partial.short.transpose(self.adjoint(name)), known)))
        if terms:
            body = gathered(tidy(total(terms)))
            if not is_zero(body):
                parts.append(Series("sum", self.of.index, Moment("", self.of.first), self.of.last, body))
        parts += [*self._initial(theta), *self._after[1].get(theta, [])]
        return total(parts) if parts else zeros(theta.shape)

    def _initial(self, theta: Sym) -> Iterator[Expr]:
        """What an input gives through the values before the first time."""
        for name, formula in self.of.initial.items():
            if theta in symbols(formula):
                partial = next(p for p in local_partials(step_of(name, formula)) if p.operand == theta)
                yield tidy(partial.short.transpose(self._before_the_first(name)))

    def _before_the_first(self, name: Sym) -> Expr:
        """The adjoint of an initial value: from the first steps, which look back so far."""
        time = self.of.time(name)
        assert time is not None
        last, known = self.of.last, self.known()

        def is_there(use: Use) -> bool:
            if use.only is not None:
                return use.only == time
            user = time.plus(use.lag)
            return self.of.first <= user.offset and (bool(last.base) or user.offset <= last.offset)

        uses = [use for use in self.uses[self.of.stem(name)] if is_there(use)]
        forms = [self._placed(tidy(self._put_in(u.form, known)), {self.of.index: time}) for u in uses]
        return tidy(total(forms)) if forms else zeros(name.shape)


def _is_value(form: Expr) -> bool:
    """Whether an adjoint is known without any other one, and short."""
    names = (n for n in postorder(form) if isinstance(n, Alias) or n.op is PARTIAL)
    return next(names, None) is None and size(form) <= PUT_IN
