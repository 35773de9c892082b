"""Adjoints through one generic cell, by reverse mode: ∂L/∂h_t from what uses h_t, at t and later.

    ∂L/∂v_t = Σ_u (∂u_t/∂v_t)ᵀ[∂L/∂u_t] + Σ_u (∂u_{t+k}/∂v_t)ᵀ[∂L/∂u_{t+k}] + the direct contribution of L,

over the definitions u that use v at their own time, and those that use it k steps later; at the last times
the terms of later steps are absent. For an input θ

    ∂L/∂θ = Σ_t Σ_u (∂⁺u_t/∂θ)ᵀ[∂L/∂u_t]      over the definitions u that θ stands in.

`AfterCell` and `CellContributions` find the terms, `CellAdjoints` the lines made of them. Further down: the
derivatives of a number by values of its own time, and a loss for cells that have none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from symdiff.algebra.ordered_products import collect_adjoint
from symdiff.algebra.tidy import tidy, tidy_without_assumptions
from symdiff.derivation.short_partials import carried_back
from symdiff.expr import operations as a
from symdiff.expr.leaves import Alias, is_zero, zeros
from symdiff.expr.letters import letters_beside
from symdiff.expr.operations import DIRECT, IMMEDIATE, simplex_names_summed
from symdiff.expr.records import dataclass
from symdiff.expr.timed import Series, Time, at_time, split_time, with_times
from symdiff.expr.tree import ONE, PARTIAL, Expr, Sym, count_operations, postorder, substitute, symbols, total
from symdiff.language.recurrence import Recurrence
from symdiff.tape.partials import LocalPartial, local_partial, local_partials
from symdiff.tape.tape import step_of

LONGEST_SUBSTITUTED = 24
"""Operations up to which an adjoint that is known without other adjoints is substituted in later lines."""


@dataclass(frozen=True, slots=True)
class AdjointLine:
    """The adjoint of `name`, `left = chain = before = form`, at the times from `low` to `high`.

    `before` is the form before it is used that entries add up to 1, where that makes a difference.
    """

    name: Sym
    left: Expr
    chain: Expr | None
    form: Expr
    low: Time
    high: Time
    before: Expr | None = None


@dataclass(frozen=True, slots=True)
class CellContribution:
    """One contribution to the adjoint of `stem` at time t, (∂u/∂v)ᵀ[∂L/∂u], from a use of it by u.

    u stands at the name's own time, `lag` steps later, or is the loss itself, at the single time `only`.
    `chain` is the product in symbols, None where that is not written; `form` has the partial put in.
    """

    stem: str
    lag: int
    form: Expr
    chain: Expr | None
    only: Time | None = None


class AfterCell:
    """Reverse mode through the definitions after the cell, from the loss back.

    `timed` are the contributions to names with a time, `direct` the terms of derivatives by inputs.
    """

    def __init__(self, of: Recurrence) -> None:
        self.of = of
        self.timed: list[CellContribution] = []
        self.direct: dict[Sym, list[Expr]] = {}
        self._terms: dict[Sym, list[Expr]] = {of.result: [ONE]}
        for name, formula in reversed(of.after):
            if name in self._terms:
                self._go_back(name, formula, tidy(total(self._terms[name])))

    def _go_back(self, name: Sym, formula: Expr, adjoint: Expr) -> None:
        # Sums over time are no operations of the table: placeholders stand for them.
        series = list(dict.fromkeys(n for n in postorder(formula) if isinstance(n, Series)))
        slots: dict[Expr, Expr] = {s: Sym(f"series_{i}", shape=s.shape) for i, s in enumerate(series)}
        back: dict[Expr, Expr] = {slot: s for s, slot in slots.items()}
        for partial in local_partials(step_of(name, substitute(formula, slots))):
            operand, form = partial.operand, substitute(tidy(partial.short.transpose(adjoint)), back)
            whole, time = back.get(operand), self.of.time(operand)
            if isinstance(whole, Series):
                self._under_series(whole, form)
            elif time is not None:
                is_plain = name == self.of.result and len(operand.shape) < 2
                chain = Expr(DIRECT, self.of.result, operand) if is_plain else None
                self.timed.append(CellContribution(self.of.stem(operand), 0, form, chain, time))
            else:
                found = self._terms if operand in dict(self.of.after) else self.direct
                found.setdefault(operand, []).append(form)

    def _under_series(self, series: Series, adjoint: Expr) -> None:
        """What a sum over time contributes to the names in its body."""
        for partial in local_partials(step_of(Sym("term", shape=series.shape), series.body)):
            form, time = tidy(partial.written.transpose(adjoint)), self.of.time(partial.operand)
            if time is None:
                over = Series("sum", series.index, series.low, series.high, form)
                self.direct.setdefault(partial.operand, []).append(over)
            else:
                shifted = self.of.at(form, **{self.of.index: Time(self.of.index, -time.offset)})
                self.timed.append(
                    CellContribution(self.of.stem(partial.operand), -time.offset, shifted, None)
                )


@dataclass(frozen=True)
class CellContributions:
    """The contributions to the adjoints of all names of a recurrence `of` whose result is a number."""

    of: Recurrence

    @property
    def loss(self) -> Sym:
        return self.of.result

    @cached_property
    def delta(self) -> str:
        """The stem whose adjoint is called δ: the one definition that uses earlier values and is no state."""
        if self.of.looks_ahead:
            return ""
        users = {
            self.of.stem(n) for n, f in self.of.cell if any(t.offset < 0 for _, t in self.of.times_in(f))
        }
        states = {self.of.stem(name) for name in self.of.states}
        return users.pop() if len(users) == 1 and not users & states else ""

    def adjoint(self, name: Sym) -> Expr:
        """∂L/∂v_t, under the name δ_t where it has that."""
        found = Expr(PARTIAL, self.loss, name)
        time = self.of.time(name)
        if time is None or self.of.stem(name) != self.delta:
            return found
        letter = letters_beside(self.of.author_names).free("delta")
        return Alias(at_time(Sym(letter, shape=name.shape), time), found)

    @cached_property
    def after(self) -> AfterCell:
        """What the definitions after the cell contribute."""
        return AfterCell(self.of)

    @cached_property
    def contributions(self) -> dict[str, list[CellContribution]]:
        """For each stem its contributions; forms are in symbols of the other adjoints."""
        found: dict[str, list[CellContribution]] = {stem: [] for stem in self.of.stems}
        for use in self.after.timed:
            found[use.stem].append(use)
        for name, formula in self.of.cell:
            if self.of.stem(name) not in self.reaching:
                continue
            for partial in local_partials(step_of(name, formula)):
                time = self.of.time(partial.operand)
                if time is None:
                    continue
                later = {self.of.index: Time(self.of.index, -time.offset)}
                form = self.of.at(self._back(partial, name), **later)
                chain = self._symbolic(name, partial.operand)
                shifted = None if chain is None else self.of.at(chain, **later)
                found[self.of.stem(partial.operand)].append(
                    CellContribution(self.of.stem(partial.operand), -time.offset, form, shifted)
                )
        return found

    def _back(self, partial: LocalPartial, name: Sym) -> Expr:
        """(∂u/∂v)ᵀ[∂L/∂u]; tidied later, when the adjoint of u may have been substituted."""
        return carried_back(partial, self.adjoint(name))

    def _symbolic(self, over: Sym, under: Sym) -> Expr | None:
        """The same in symbols; None if the partial has more than two indices."""
        symbol, adjoint = Expr(IMMEDIATE, over, under), self.adjoint(over)
        if len(over.shape) > 1 or len(under.shape) > 1:
            return None
        if not over.shape:
            return adjoint * symbol
        return symbol.T @ adjoint if under.shape else a.inner(symbol, adjoint)

    @cached_property
    def reaching(self) -> frozenset[str]:
        """The stems that the loss depends on."""
        found = {use.stem for use in self.after.timed}
        while True:
            more = {s for n, f in self.of.cell if self.of.stem(n) in found for s, _ in self.of.times_in(f)}
            if more <= found:
                return frozenset(found)
            found |= more


@dataclass(frozen=True)
class CellAdjoints(CellContributions):
    """The adjoints of a recurrence whose result is a number."""

    @cached_property
    def lines(self) -> tuple[AdjointLine, ...]:
        """For each definition, from the last to the first: the general line, then those of the last times."""
        found: list[AdjointLine] = []
        known: dict[str, Expr] = {}
        for name, _ in reversed(self.of.cell):
            stem = self.of.stem(name)
            if stem in self.reaching:
                own = [line for line in self._lines(name, known) if self._is_there(line)]
                if len(own) == 1 and own[0].low == Time("", self.of.first) and _is_value(own[0].form):
                    known[stem] = own[0].form
                found += own
        return tuple(found)

    def _lines(self, name: Sym, known: dict[str, Expr]) -> Iterator[AdjointLine]:
        """The general line, split at the single times that the loss names; then those of the last times."""
        uses = self.contributions[self.of.stem(name)]
        always = [use for use in uses if use.only is None]
        if self.of.looks_ahead:
            yield from self._lines_both_ways(name, uses, known)
            return
        single = {use.only for use in uses if use.only is not None}
        longest = max((use.lag for use in always), default=0)
        last, low = self.of.last, Time("", self.of.first)
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

    def _lines_both_ways(
        self, name: Sym, uses: list[CellContribution], known: dict[str, Expr]
    ) -> Iterator[AdjointLine]:
        """Lines of the first times, at which earlier uses are absent, the general line, those of the last."""
        always = [use for use in uses if use.only is None]
        front, back = self._special_times(uses)
        first, last = Time("", self.of.first), self.of.last
        for after in range(front):
            time = first.plus(after)
            there = [u for u in always if -u.lag <= after] + [u for u in uses if u.only == time]
            yield self._line(name, there, known, time, time)
        yield self._line(name, always, known, first.plus(front), last.plus(-back))
        for before in range(back - 1, -1, -1):
            time = last.plus(-before)
            there = [u for u in always if u.lag <= before] + [u for u in uses if u.only == time]
            yield self._line(name, there, known, time, time)

    def _special_times(self, uses: list[CellContribution]) -> tuple[int, int]:
        """How many of the first times, and of the last, have lines of their own."""
        only = [use.only for use in uses if use.only is not None]
        lags = [use.lag for use in uses if use.only is None]
        last = self.of.last
        early = [time.offset - self.of.first + 1 for time in only if time.base != last.base]
        late = [1 + last.offset - time.offset for time in only if time.base == last.base]
        return max([0, *early, *(-lag for lag in lags)]), max([0, *late, *lags])

    def _is_there(self, line: AdjointLine) -> bool:
        """Whether a line holds at some time: with few steps, one near the end may hold at none."""
        low, high = line.low, line.high
        return bool(low.base or high.base) or self.of.first <= low.offset <= high.offset

    @cached_property
    def shortest(self) -> int:
        """The smallest number of steps for which the lines are those of different times."""
        if self.of.looks_ahead:
            return max([1, *(sum(self._special_times(uses)) for uses in self.contributions.values())])
        single = [u.only for u in self.after.timed if u.only is not None]
        fixed = [time.offset - self.of.first + 1 for time in single if not time.base]
        behind = [1 - time.offset + self.of.last.offset for time in single if time.base]
        both = self.of.longest_lag if fixed else 0
        started = [time + lag - self.of.first + 1 for time, lag in self._from_before()]
        ends = max(both, int(self.of.last in single))
        return max([1, *(n + ends for n in fixed if n > 0), *behind, *started])

    def _from_before(self) -> Iterator[tuple[int, int]]:
        """The times of initial values that depend on inputs, and the lag of each later use."""
        for name, formula in self.of.initial.items():
            time = self.of.time(name)
            assert time is not None
            if set(self.of.inputs) & set(symbols(formula)):
                for use in self.contributions[self.of.stem(name)]:
                    if use.only is None and time.offset + use.lag >= self.of.first:
                        yield time.offset, use.lag

    def _line(
        self, name: Sym, uses: list[CellContribution], known: dict[str, Expr], low: Time, high: Time
    ) -> AdjointLine:
        here = {self.of.index: low} if low == high else {}
        forms = [use.form for use in uses]
        chains = [use.chain for use in uses]
        shape = name.shape
        put_in = total(tidy(self._put_in(f, known)) for f in forms) if forms else zeros(shape)
        form = tidy(put_in)
        bare = tidy_without_assumptions(total(self._put_in(f, known) for f in forms)) if forms else form
        before = bare if simplex_names_summed(bare) and not simplex_names_summed(form) else None
        written = [c for c in chains if c is not None]
        chain = total(written) if written and len(written) == len(chains) else None
        target = with_times(name, here, self.of.stems)
        assert isinstance(target, Sym)
        return AdjointLine(
            target,
            self.adjoint(target),
            None if chain is None else self._placed(chain, here),
            self._placed(form, here),
            low,
            high,
            None if before is None else self._placed(before, here),
        )

    @cached_property
    def recurrence_of_delta(self) -> tuple[AdjointLine, ...]:
        """δ_t from δ_{t+1} alone, the lines between substituted; none where they are too long."""
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
                if put_in != form and count_operations(put_in) <= 2 * LONGEST_SUBSTITUTED:
                    left = self.adjoint(self._at(own.name, line))
                    found.append(replace(line, left=left, chain=None, form=put_in, before=None))
        return tuple(found)

    def _at_end(self, line: AdjointLine, own: AdjointLine) -> bool:
        return line.low == line.high and self.of.stem(line.name) != self.delta

    def _at(self, name: Sym, line: AdjointLine) -> Sym:
        found = self._placed(name, {self.of.index: line.low} if line.low == line.high else {})
        assert isinstance(found, Sym)
        return found

    def _placed(self, node: Expr, here: dict[str, Time]) -> Expr:
        return with_times(node, here, self.of.stems)

    def _put_in(self, form: Expr, known: dict[str, Expr]) -> Expr:
        """`form` with the adjoints in `known` substituted, each at its own time."""
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
        """The adjoints that are known at every t without other adjoints, by one line for all t, by stem."""
        stems = Counter(self.of.stem(line.name) for line in self.lines)
        return {
            self.of.stem(line.name): line.form
            for line in self.lines
            if _is_value(line.form) and line.low != line.high and stems[self.of.stem(line.name)] == 1
        }

    def gradient(self, theta: Sym) -> Expr:
        """∂L/∂θ as a sum over time, with the contributions of the loss and of the initial values."""
        parts: list[Expr] = []
        known = self.known()
        terms = []
        for name, formula in self.of.cell:
            if theta in symbols(formula) and self.of.stem(name) in self.reaching:
                partial = local_partial(step_of(name, formula), theta)
                terms.append(tidy(self._put_in(carried_back(partial, self.adjoint(name)), known)))
        if terms:
            body = collect_adjoint(tidy(total(terms)))
            if not is_zero(body):
                parts.append(Series("sum", self.of.index, Time("", self.of.first), self.of.last, body))
        parts += [*self._initial(theta), *self.after.direct.get(theta, [])]
        return total(parts) if parts else zeros(theta.shape)

    def _initial(self, theta: Sym) -> Iterator[Expr]:
        """What the initial values contribute to the derivative by an input."""
        for name, formula in self.of.initial.items():
            if theta in symbols(formula):
                partial = local_partial(step_of(name, formula), theta)
                yield tidy(carried_back(partial, self._before_the_first(name)))

    def _before_the_first(self, name: Sym) -> Expr:
        """The adjoint of an initial value, from the first steps, which use it."""
        time = self.of.time(name)
        assert time is not None
        last, known = self.of.last, self.known()

        def is_there(use: CellContribution) -> bool:
            if use.only is not None:
                return use.only == time
            user = time.plus(use.lag)
            return self.of.first <= user.offset and (bool(last.base) or user.offset <= last.offset)

        uses = [use for use in self.contributions[self.of.stem(name)] if is_there(use)]
        forms = [self._placed(tidy(self._put_in(u.form, known)), {self.of.index: time}) for u in uses]
        return tidy(total(forms)) if forms else zeros(name.shape)


def _is_value(form: Expr) -> bool:
    """Whether an adjoint is known without any other one, and short."""
    names = (n for n in postorder(form) if isinstance(n, Alias) or n.op is PARTIAL)
    return next(names, None) is None and count_operations(form) <= LONGEST_SUBSTITUTED


def adjoints_at_one_time(of: Recurrence, loss: Sym) -> tuple[AdjointLine, ...]:
    """The derivatives of a number l_t of the cell by names of the same time, as ∂l_t/∂z_t = ŷ_t − y_t.

    The names are those on which l_t depends, back to the states, as long as the forms are short.
    """
    cell = dict(of.cell)
    above = [name for name, _ in of.cell]
    above = above[: above.index(loss) + 1]
    forms: dict[Sym, Expr] = {loss: ONE}
    found: list[AdjointLine] = []
    for name in reversed(above[:-1]):
        uses = [(u, p) for u in forms for p in local_partials(step_of(u, cell[u])) if p.operand == name]
        if not uses or name in of.states:
            continue
        bare = total(p.short.transpose(forms[u]) for u, p in uses)
        form = forms[name] = tidy(bare)
        if count_operations(form) > LONGEST_SUBSTITUTED:
            break
        known = [Expr(PARTIAL, loss, u) if u != loss else ONE for u, _ in uses]
        chain = _in_symbols(loss, name, [u for u, _ in uses], known)
        assumed = tidy_without_assumptions(bare)
        before = assumed if simplex_names_summed(assumed) and not simplex_names_summed(form) else None
        left = Expr(PARTIAL, loss, name)
        found.append(AdjointLine(name, left, chain, form, Time("", of.first), of.last, before))
    return tuple(found)


def _in_symbols(loss: Sym, under: Sym, overs: list[Sym], known: list[Expr]) -> Expr | None:
    """The chain rule in symbols, where each partial is at most a matrix."""
    if overs == [loss] or any(len(v.shape) > 1 for v in (under, *overs)) or not under.shape:
        return None
    return total(
        Expr(IMMEDIATE, over, under).T @ adjoint if over.shape else adjoint * Expr(IMMEDIATE, over, under)
        for over, adjoint in zip(overs, known, strict=True)
    )


def with_free_loss(of: Recurrence) -> Recurrence | None:
    """A cell without a loss, with L = Σ_t ⟨ȳ_t, y_t⟩ for one: its derivatives by the output y_t are any ȳ_t.

    None if the name ȳ is taken.
    """
    name = of.cell[-1][0]
    stem = of.stems[of.stem(name)]
    bar = Sym(f"{stem.name}bar", shape=stem.shape)
    loss = letters_beside(of.author_names).free("loss")
    if bar.name in of.author_names or not stem.name.isalpha():
        return None
    seed = at_time(bar, of.now)
    body = a.inner(seed, name) if stem.shape else seed * name
    over = Series("sum", of.index, Time("", of.first), of.last, body)
    return replace(of, sequences=(*of.sequences, bar), after=((Sym(loss), over),), length=None)


def with_given_derivative(of: Recurrence, node: Expr) -> Expr:
    """`node` with the symbol ∂⁺L/∂y_t for each ȳ_t, where `of` has the free loss L."""
    bar, name = of.sequences[-1], of.stems[of.stem(of.cell[-1][0])]
    found: dict[Expr, Expr] = {}
    for part in postorder(node):
        parts = split_time(part.name, (bar.name,)) if isinstance(part, Sym) else None
        if isinstance(part, Series):
            body = with_given_derivative(of, part.body)
            found[part] = Series(part.kind, part.index, part.low, part.high, body)
        elif parts is not None and parts[0] == bar.name:
            found[part] = Expr(DIRECT, of.result, at_time(name, parts[1]))
    return substitute(node, found)
