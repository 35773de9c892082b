"""Total derivatives through one generic cell, by forward mode: dh_t/dU from dh_{t−1}/dU.

For each definition v_t = φ(u, …, U) of the cell that depends on U

    dv_t/dU = ∂⁺v_t/∂U + Σ_u (∂v_t/∂u)·(du/dU)      over the names u, at t or earlier, that depend on U,

∂⁺ being the derivative inside the definition, every other name held. Arrays stand as vec(·), so that each
partial is a matrix. Put into one another within the cell, the lines give for a state s

    ds_t/dU = P_t + A_t·ds_{t−1}/dU,   hence   ds_t/dU = Σ_k [A_t ⋯ A_{k+1}]·P_k.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property

from symdiff.algebra.ordered_products import (
    Term,
    factors,
    own_factors_first,
    product,
    signed_sum,
    sum_of_products,
)
from symdiff.algebra.tidy import tidy
from symdiff.derivation.jacobian import vec_partial
from symdiff.derivation.short_partials import short_factor
from symdiff.errors import NoFormError
from symdiff.expr import tree as e
from symdiff.expr.leaves import zeros
from symdiff.expr.operations import DIAG, DIRECT, IMMEDIATE, vec
from symdiff.expr.records import dataclass
from symdiff.expr.timed import Time, at_time
from symdiff.expr.tree import DERIVATIVE, ONE, Expr, Sym, symbols
from symdiff.language.recurrence import Recurrence
from symdiff.tape.partials import local_partial
from symdiff.tape.tape import Step, step_of


def total_derivative(over: Sym, under: Sym) -> Expr:
    """dover/dunder, arrays as vec(·)."""
    return Expr(DERIVATIVE, vec(over), vec(under))


def partial_symbol(over: Sym, under: Sym, direct: bool) -> Expr:
    """∂over/∂under inside one definition, or ∂⁺ if `direct`: where `under` acts along other paths too."""
    return Expr(DIRECT if direct else IMMEDIATE, vec(over), vec(under))


def partial_form(step: Step, under: Sym) -> Expr:
    """The partial of one definition as a formula: a number, a vector, or a matrix on vec(·).

    Raises:
        NoFormError: people have no notation for it.
    """
    over = step.var
    if over.shape and under.shape:
        return _one_diagonal(vec_partial(step, under))
    partial = local_partial(step, under)
    if partial.is_scalar:
        return own_factors_first(short_factor(partial), over)
    found = partial.short
    moved = vec(tidy(found.transpose(ONE) if under.shape else found.apply(ONE)))
    return own_factors_first(moved, over)


def _one_diagonal(node: Expr) -> Expr:
    """diag(u) − diag(v) as diag(u − v)."""
    if node.op in (e.ADD, e.SUB) and all(arg.op is DIAG for arg in node.args):
        return Expr(DIAG, tidy(Expr(node.op, *(arg.args[0] for arg in node.args))))
    return node


@dataclass(frozen=True)
class TotalLine:
    """One line, `left = chain = form`; `partials` are the local partials in it, each with its formula."""

    name: Sym
    left: Expr
    chain: Expr
    form: Expr
    partials: tuple[tuple[Expr, Expr], ...]


@dataclass(frozen=True)
class TotalDerivatives:
    """The derivatives of a cell's definitions by one input `theta`."""

    of: Recurrence
    theta: Sym

    @cached_property
    def dependent(self) -> frozenset[str]:
        """The stems whose values depend on the input."""
        found: set[str] = set()
        while True:
            more = {
                self.of.stem(name)
                for name, formula in self.of.cell
                if self.theta in symbols(formula) or any(s in found for s, _ in self.of.times_in(formula))
            }
            more |= {
                self.of.stem(n) for n, formula in self.of.initial.items() if self.theta in symbols(formula)
            }
            if more <= found:
                return frozenset(found)
            found |= more

    @cached_property
    def carriers(self) -> tuple[Sym, ...]:
        """The sequences that carry the input: those whose values before the first time depend on it."""
        return tuple(stem for stem in self.of.sequences if stem.name in self.dependent)

    def operands(self, name: Sym, formula: Expr) -> list[tuple[Sym, bool]]:
        """The names in a definition that depend on the input; True for the input itself."""
        found = []
        given = {stem.name for stem in self.carriers}
        for symbol in symbols(formula):
            time, stem = self.of.time(symbol), self.of.stem(symbol)
            if symbol == self.theta:
                found.append((symbol, True))
            elif time is not None and stem in self.dependent and (time.offset < 0 or stem not in given):
                found.append((symbol, False))
        return sorted(found, key=lambda pair: not pair[1])

    @cached_property
    def lines(self) -> tuple[TotalLine, ...]:
        """The line of each of the `definitions`.

        Raises:
            NoFormError: a partial has no notation.
        """
        return tuple(self._line(name, formula) for name, formula in self.definitions)

    @cached_property
    def outputs(self) -> tuple[TotalLine, ...]:
        """The same for the other definitions that depend on the input, where they have a notation."""
        found = []
        for name, formula in self.of.cell:
            if self.of.stem(name) in self.dependent and (name, formula) not in self.definitions:
                with suppress(NoFormError):
                    found.append(self._line(name, formula))
        return tuple(found)

    @cached_property
    def definitions(self) -> tuple[tuple[Sym, Expr], ...]:
        """The definitions on the way from the input to the states, in order."""
        wanted = {self.of.stem(state) for state in self.states}
        found = []
        for name, formula in reversed(self.of.cell):
            if self.of.stem(name) in wanted and self.of.stem(name) in self.dependent:
                wanted |= {stem for stem, time in self.of.times_in(formula) if not time.offset}
                found.append((name, formula))
        return tuple(reversed(found))

    def _line(self, name: Sym, formula: Expr) -> TotalLine:
        step = step_of(name, formula)
        chain: list[Term] = []
        terms: list[Term] = []
        partials = []
        for operand, direct in self.operands(name, formula):
            self._check(name, operand)
            symbol, form = partial_symbol(name, operand, direct), partial_form(step, operand)
            partials.append((symbol, form))
            carried = () if direct else (total_derivative(operand, self.theta),)
            chain.append((symbol, *carried))
            terms.append((*factors(form), *carried))
        return TotalLine(
            name,
            total_derivative(name, self.theta),
            signed_sum(list(map(product, chain))) if chain else self._nothing(name),
            sum_of_products(terms) if terms else self._nothing(name),
            tuple(partials),
        )

    def _nothing(self, name: Sym) -> Expr:
        """The derivative of a name in whose definition nothing depends on the input."""
        return zeros(total_derivative(name, self.theta).shape)

    def _check(self, name: Sym, operand: Sym) -> None:
        """Refuse a number between arrays: it would need outer products of vec(·), which nobody writes."""
        if self.theta.shape and (not name.shape or not operand.shape) and (name.shape or operand.shape):
            raise NoFormError(f"{name} and {operand} are a number and an array")

    @property
    def has_products(self) -> bool:
        """Whether the derivatives of the cell can be multiplied: not where a number stands between arrays."""
        pairs = [
            (name, u) for name, f in self.definitions for u, direct in self.operands(name, f) if not direct
        ]
        return all(bool(name.shape) == bool(operand.shape) for name, operand in pairs)

    @cached_property
    def _through(self) -> dict[Sym, dict[Sym, list[Term]]]:
        """For each definition its terms from the input and from earlier states, names at t substituted."""
        found: dict[Sym, dict[Sym, list[Term]]] = {}
        for name, formula in self.definitions:
            step = step_of(name, formula)
            own: dict[Sym, list[Term]] = {}
            for operand, _ in self.operands(name, formula):
                self._check(name, operand)
                form = factors(partial_form(step, operand))
                for source, terms in found.get(operand, {operand: [()]}).items():
                    own.setdefault(source, []).extend((*form, *term) for term in terms)
            found[name] = own
        return found

    @cached_property
    def states(self) -> tuple[Sym, ...]:
        """The states that depend on the input."""
        return tuple(name for name in self.of.states if self.of.stem(name) in self.dependent)

    def immediate(self, state: Sym) -> list[Term]:
        """P_t: the terms from the input to a state within one application of the cell."""
        return self._through[state].get(self.theta, [])

    def carried(self, state: Sym) -> dict[Sym, list[Term]]:
        """A_t for each earlier value on which a state depends."""
        return {s: terms for s, terms in self._through[state].items() if s != self.theta}

    @property
    def ends_at_start(self) -> bool:
        """Whether the input acts on the values before the first time, and on no later value of a state."""
        return not any(self._through[state] for state in self.states)

    def step_form(self, state: Sym) -> Expr:
        """P_t + A_t·ds_{t−1}/dU, common factors in front."""
        terms = list(self.immediate(state))
        for earlier, ways in self.carried(state).items():
            terms += [(*way, total_derivative(earlier, self.theta)) for way in ways]
        return sum_of_products(terms) if terms else self._nothing(state)

    @property
    def is_single(self) -> bool:
        """Whether one state depends on the input, and only on its own value one step before."""
        before = [s for state in self.states for s in self.carried(state)]
        now = Time(self.of.index, -1)
        return len(self.states) == 1 and all(self.of.time(s) == now for s in before)

    def initial(self, state: Sym, back: int = 1) -> Expr:
        """The derivative of a state's value `back` steps before the first time: mostly zero."""
        stem = self.of.stems[self.of.stem(state)]
        name = at_time(stem, Time("", self.of.first - back))
        formula = self.of.initial[name]
        if self.theta not in symbols(formula):
            return self._nothing(name)
        return partial_form(step_of(name, formula), self.theta)
