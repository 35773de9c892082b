"""Adjoints through one generic cell, by reverse mode: ∂L/∂h_t from what uses h_t, at t and later.

    ∂L/∂v_t = Σ_u (∂u_t/∂v_t)ᵀ[∂L/∂u_t] + Σ_u (∂u_{t+k}/∂v_t)ᵀ[∂L/∂u_{t+k}] + what the loss itself adds,

over the definitions u that use v at their own time, and those that use it k steps later; near the last time
the terms of later steps are absent. For an input θ

    ∂L/∂θ = Σ_t Σ_u (∂⁺u_t/∂θ)ᵀ[∂L/∂u_t]      over the definitions u that θ stands in.

What uses a name of a recurrence and gives its adjoint something back: the cell's definitions, the loss.

A use at the name's own time, some steps later, or at one single time; each says what it gives in symbols of
the user's adjoint. The lines made of them are in `through_time`.

The end of a cell: derivatives of a number l_t by the values of its own time, as ∂l_t/∂z_t = ŷ_t − y_t.

Also a loss that is known only by its derivatives, for cells that have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from symdiff.algebra.ordered_products import collect_adjoint
from symdiff.algebra.tidy import tidy, tidy_without_assumptions
from symdiff.expr import operations as a
from symdiff.expr.leaves import Alias, is_zero, zeros
from symdiff.expr.names import split_name
from symdiff.expr.operations import DIRECT, IMMEDIATE, simplex_names_summed
from symdiff.expr.timed import Series, Time, at_time, with_times
from symdiff.expr.tree import ONE, PARTIAL, Expr, Sym, count_operations, postorder, substitute, symbols, total
from symdiff.language.recurrence import Recurrence
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import step_of

DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Use:
    """One way from a name to the loss: by what uses it, `lag` steps later, or at the single time `only`.

    `chain` is the way in symbols, None where that is not written; `form` with the partial put in. Both speak
    of the time t of the name used.
    """

    of: str
    lag: int
    form: Expr
    chain: Expr | None
    only: Time | None = None


@dataclass(frozen=True)
class Uses:
    """The uses of all names of a recurrence whose result is a number."""

    of: Recurrence

    @property
    def loss(self) -> Sym:
        return self.of.result

    @cached_property
    def delta(self) -> str:
        """The stem whose adjoint is called δ: the one definition that uses earlier values and is no state."""
        users = {
            self.of.stem(n) for n, f in self.of.cell if any(t.offset < 0 for _, t in self.of.times_in(f))
        }
        named = (*self.of.inputs, *self.of.stems.values(), *dict(self.of.after))
        letters = {split_name(name.name)[0] for name in named}
        states = {self.of.stem(name) for name in self.of.states}
        return users.pop() if len(users) == 1 and not users & states and DELTA not in letters else ""

    def adjoint(self, name: Sym) -> Expr:
        """∂L/∂v_t, under the name δ_t where it has that."""
        found = Expr(PARTIAL, self.loss, name)
        time = self.of.time(name)
        if time is None or self.of.stem(name) != self.delta:
            return found
        return Alias(at_time(Sym(DELTA, shape=name.shape), time), found)

    @cached_property
    def _after(self) -> tuple[list[Use], dict[Sym, list[Expr]]]:
        """What the definitions after the recurrence give: uses of timed names, and adjoints of inputs."""
        uses: list[Use] = []
        direct: dict[Sym, list[Expr]] = {}
        adjoints: dict[Sym, list[Expr]] = {self.loss: [ONE]}
        for name, formula in reversed(self.of.after):
            if name not in adjoints:
                continue
            adjoint = tidy(total(adjoints[name]))
            series = list(dict.fromkeys(n for n in postorder(formula) if isinstance(n, Series)))
            slots: dict[Expr, Expr] = {s: Sym(f"series_{i}", shape=s.shape) for i, s in enumerate(series)}
            back: dict[Expr, Expr] = {slot: s for s, slot in slots.items()}
            for partial in local_partials(step_of(name, substitute(formula, slots))):
                form = substitute(tidy(partial.short.transpose(adjoint)), back)
                whole = back.get(partial.operand)
                if isinstance(whole, Series):
                    self._under_series(whole, form, uses, direct)
                elif self.of.time(partial.operand) is not None:
                    stem, time = self.of.stem(partial.operand), self.of.time(partial.operand)
                    plain = name == self.loss and len(partial.operand.shape) < 2
                    chain = Expr(DIRECT, self.loss, partial.operand) if plain else None
                    uses.append(Use(stem, 0, form, chain, time))
                elif partial.operand in dict(self.of.after):
                    adjoints.setdefault(partial.operand, []).append(form)
                else:
                    direct.setdefault(partial.operand, []).append(form)
        return uses, direct

    def _under_series(
        self, series: Series, adjoint: Expr, uses: list[Use], direct: dict[Sym, list[Expr]]
    ) -> None:
        """The uses that a sum over time makes of the names in its body."""
        body = step_of(Sym("term", shape=series.shape), series.body)
        for partial in local_partials(body):
            form = tidy(partial.written.transpose(adjoint))
            time = self.of.time(partial.operand)
            if time is None:
                over = Series("sum", series.index, series.low, series.high, form)
                direct.setdefault(partial.operand, []).append(over)
                continue
            shifted = self.of.at(form, **{self.of.index: Time(self.of.index, -time.offset)})
            uses.append(Use(self.of.stem(partial.operand), -time.offset, shifted, None))

    @cached_property
    def uses(self) -> dict[str, list[Use]]:
        """For each stem what uses it on the way to the loss, forms in symbols of the users' adjoints."""
        found: dict[str, list[Use]] = {stem: [] for stem in self.of.stems}
        for use in self._after[0]:
            found[use.of].append(use)
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
                    Use(self.of.stem(partial.operand), -time.offset, form, shifted)
                )
        return found

    def _back(self, partial: LocalPartial, name: Sym) -> Expr:
        """(∂u/∂v)ᵀ[∂L/∂u]; tidied later, when the adjoint of u may have been put in."""
        return partial.short.transpose(self.adjoint(name))

    def _symbolic(self, over: Sym, under: Sym) -> Expr | None:
        """The same with the partial not yet computed, where it is at most a matrix."""
        symbol, adjoint = Expr(IMMEDIATE, over, under), self.adjoint(over)
        if len(over.shape) > 1 or len(under.shape) > 1:
            return None
        if not over.shape:
            return adjoint * symbol
        return symbol.T @ adjoint if under.shape else a.inner(symbol, adjoint)

    @cached_property
    def reaching(self) -> frozenset[str]:
        """The stems that the loss depends on."""
        found = {use.of for use in self._after[0]}
        while True:
            more = {s for n, f in self.of.cell if self.of.stem(n) in found for s, _ in self.of.times_in(f)}
            if more <= found:
                return frozenset(found)
            found |= more


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
    low: Time
    high: Time
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
                if len(own) == 1 and own[0].low == Time("", self.of.first) and _is_value(own[0].form):
                    known[stem] = own[0].form
                found += own
        return tuple(found)

    def _lines(self, name: Sym, known: dict[str, Expr]) -> Iterator[Back]:
        """The general line, between the single times that the loss names; then those of the last times."""
        uses = self.uses[self.of.stem(name)]
        always = [use for use in uses if use.only is None]
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
        both = self.of.longest_lag if fixed else 0
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

    def _line(self, name: Sym, uses: list[Use], known: dict[str, Expr], low: Time, high: Time) -> Back:
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
                if put_in != form and count_operations(put_in) <= 2 * PUT_IN:
                    left = self.adjoint(self._at(own.name, line))
                    found.append(replace(line, left=left, chain=None, form=put_in, before=None))
        return tuple(found)

    def _at_end(self, line: Back, own: Back) -> bool:
        return line.low == line.high and self.of.stem(line.name) != self.delta

    def _at(self, name: Sym, line: Back) -> Sym:
        found = self._placed(name, {self.of.index: line.low} if line.low == line.high else {})
        assert isinstance(found, Sym)
        return found

    def _placed(self, node: Expr, here: dict[str, Time]) -> Expr:
        return with_times(node, here, self.of.stems)

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
            body = collect_adjoint(tidy(total(terms)))
            if not is_zero(body):
                parts.append(Series("sum", self.of.index, Time("", self.of.first), self.of.last, body))
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
    return next(names, None) is None and count_operations(form) <= PUT_IN


def at_one_time(of: Recurrence, loss: Sym) -> tuple[Back, ...]:
    """The derivatives of a number l_t by the names of the same time between the states and l_t.

    For a loss these are the steps at the end of the cell, as ∂l_t/∂z_t = ŷ_t − y_t.
    """
    cell = dict(of.cell)
    above = [name for name, _ in of.cell]
    above = above[: above.index(loss) + 1]
    forms: dict[Sym, Expr] = {loss: ONE}
    found: list[Back] = []
    for name in reversed(above[:-1]):
        uses = [(u, p) for u in forms for p in local_partials(step_of(u, cell[u])) if p.operand == name]
        if not uses or name in of.states:
            continue
        bare = total(p.short.transpose(forms[u]) for u, p in uses)
        form = forms[name] = tidy(bare)
        if count_operations(form) > PUT_IN:
            break
        known = [Expr(PARTIAL, loss, u) if u != loss else ONE for u, _ in uses]
        chain = _in_symbols(loss, name, [u for u, _ in uses], known)
        assumed = tidy_without_assumptions(bare)
        before = assumed if simplex_names_summed(assumed) and not simplex_names_summed(form) else None
        left = Expr(PARTIAL, loss, name)
        found.append(Back(name, left, chain, form, Time("", of.first), of.last, before))
    return tuple(found)


def _in_symbols(loss: Sym, under: Sym, overs: list[Sym], known: list[Expr]) -> Expr | None:
    """The chain rule in symbols, where each partial is at most a matrix."""
    if overs == [loss] or any(len(v.shape) > 1 for v in (under, *overs)) or not under.shape:
        return None
    return total(
        Expr(IMMEDIATE, over, under).T @ adjoint if over.shape else adjoint * Expr(IMMEDIATE, over, under)
        for over, adjoint in zip(overs, known, strict=True)
    )


def with_free_adjoints(of: Recurrence) -> Recurrence | None:
    """The recurrence with a loss that is only known by its derivatives ȳ_t by the last definition.

    L = Σ_t ⟨ȳ_t, y_t⟩ has them, whatever the ȳ_t are. None if the name ȳ is taken.
    """
    name = of.cell[-1][0]
    stem = of.stems[of.stem(name)]
    bar = Sym(f"{stem.name}bar", shape=stem.shape)
    loss = next(
        (n for n in ("L", "J", "loss") if n not in {s.name for s in (*of.inputs, *of.stems.values())}), ""
    )
    if bar.name in of.stems or not loss or not stem.name.isalpha():
        return None
    seed = at_time(bar, of.now)
    body = a.inner(seed, name) if stem.shape else seed * name
    over = Series("sum", of.index, Time("", of.first), of.last, body)
    return Recurrence(
        of.index,
        of.horizon,
        of.first,
        of.inputs,
        (*of.sequences, bar),
        of.cell,
        of.initial,
        ((Sym(loss), over),),
    )
