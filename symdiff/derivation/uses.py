"""What uses a name of a recurrence and gives its adjoint something back: the cell's definitions, the loss.

A use at the name's own time, some steps later, or at one single time; each says what it gives in symbols of
the user's adjoint. The lines made of them are in `through_time`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from symdiff.algebra.tidy import tidy
from symdiff.expr import operations as a
from symdiff.expr.leaves import Alias, Moment, Series, at_time
from symdiff.expr.names import split_name
from symdiff.expr.operations import DIRECT, IMMEDIATE
from symdiff.expr.tree import ONE, PARTIAL, Expr, Sym, postorder, substitute, total
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
    only: Moment | None = None


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
            shifted = self.of.at(form, **{self.of.index: Moment(self.of.index, -time.offset)})
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
                later = {self.of.index: Moment(self.of.index, -time.offset)}
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
