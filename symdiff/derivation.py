"""What a sweep leaves behind: contributions, lines and results, as frozen records.

A line is an equality in several members, var = m₁ = m₂ = …: the chain rule in symbols, the local
partials put in, zero and unit seeds dropped, then the form in primal names while that stays short.
This module knows how a line is written and how results are read off; the two sweeps decide which
lines there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from symdiff import expr as e
from symdiff.alike import same_up_to_order
from symdiff.expr import Expr, Num, Sym, size, substitute, total
from symdiff.leaves import Filled, zeros
from symdiff.linear import LinearMap
from symdiff.local import LocalPartial
from symdiff.matrix import IMMEDIATE, MAPPED, MAPPED_BACK, names_summed
from symdiff.tape import Tape
from symdiff.tidy import tidy, without_assuming

if TYPE_CHECKING:
    import sympy

Mode = Literal["forward", "reverse"]
CARRIED = 60
"""Operations up to which a line is also kept in primal names, for the closed form."""
SHOWN = 14
"""Operations up to which that form is a member of the line itself."""


class Contribution(NamedTuple):
    """One product of the chain rule: a local partial and the tangent or adjoint it meets."""

    partial: LocalPartial
    incoming: Sym
    result: Sym | None = None

    @property
    def symbol(self) -> Expr:
        """∂w_i/∂w_j, not yet computed: inside the step, also where the step has the result's own name."""
        op = IMMEDIATE if self.partial.step == self.result else e.PARTIAL
        return Expr(op, self.partial.step, self.partial.operand)

    @property
    def forward(self) -> Expr:
        """∂w_i/∂w_j·ẇ_j, or the map applied to ẇ_j where it is one between arrays."""
        if self.partial.is_scalar:
            return self.symbol * self.incoming
        return Expr(MAPPED, self.symbol, self.incoming)

    @property
    def reverse(self) -> Expr:
        """w̄_i·∂w_i/∂w_j, or the transposed map applied to w̄_i."""
        if self.partial.is_scalar:
            return self.incoming * self.symbol
        return Expr(MAPPED_BACK, self.symbol, self.incoming)


@dataclass(frozen=True, slots=True)
class Line:
    """`var = members[0] = members[1] = …`.

    Three of its forms have names: `general` with the partials put in and nothing dropped, `local` with
    known seeds dropped, still in the names of its operands, and `primal` in primal names only, if
    that is short enough. `because` are the names whose entries add up to 1, where the last form uses it.
    """

    var: Sym
    contributions: tuple[Contribution, ...]
    members: tuple[Expr, ...]
    general: Expr
    local: Expr
    primal: Expr | None
    because: tuple[Sym, ...] = ()


Received = Sequence[tuple[Sym, Sequence[Contribution]]]


@dataclass(frozen=True)
class Sweep:
    """One pass: the variable it differentiates (by), what each variable receives, and the lines of that.

    `received` are the contributions to each tangent or adjoint in the order of the sweep, none to a seed;
    `lines` say them as people write them. Both are written out when they are first read, from what the
    sweep has found: the steps that meet in each variable, and the partials of each kind of step.
    """

    seed: Sym
    receive: Callable[[], Received] = field(repr=False, compare=False)
    write: Callable[[Received], Iterable[Line]] = field(repr=False, compare=False)

    @cached_property
    def received(self) -> Received:
        return tuple(self.receive())

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self.write(self.received))


@dataclass(frozen=True)
class Derivation:
    """All sweeps of one mode over one tape; `wrt` are the inputs the results are asked for."""

    mode: Mode
    tape: Tape
    sweeps: tuple[Sweep, ...]
    wrt: tuple[Sym, ...]

    @cached_property
    def results(self) -> dict[str, Line]:
        """The line that holds each derivative of the output, by the input's name."""
        if self.mode == "reverse":
            last = {line.var: line for line in self.sweeps[0].lines}
            asked = [(self.tape.by_name[name], name) for name in self.wrt]
            return {name.name: last[bar(var)] for var, name in (*self.tape.inputs, *asked)}
        return {sweep.seed.name: sweep.lines[-1] for sweep in self.sweeps}

    @cached_property
    def results_of_steps(self) -> dict[Sym, Line]:
        """The line of each variable's adjoint, in a reverse derivation."""
        return {Sym(line.var.name, shape=line.var.shape): line for line in self.sweeps[0].lines}

    @cached_property
    def gradient(self) -> Mapping[str, sympy.Expr]:
        """∂output/∂x in the inputs, as SymPy expressions, by input name; computed when asked."""
        from symdiff.closed import Gradients

        return Gradients(self)

    @cached_property
    def compact(self) -> Mapping[str, sympy.Expr]:
        """∂output/∂x in inputs and the author's names where that is shorter: a·y·(1 − y)."""
        from symdiff.closed import Compacts

        return Compacts(self)


FREE = "*"
"""The seed of a tangent or an adjoint that may be anything, as in the statement of a local partial."""


def dot(var: Sym, seed: Sym) -> Sym:
    """The tangent ẇ of a primal variable, in the pass that differentiates by `seed`."""
    return Sym(var.name, "dot", seed=seed.name, shape=var.shape)


def bar(var: Sym, path: str = "") -> Sym:
    """The adjoint w̄ of a primal variable, or its contribution along one path."""
    return Sym(var.name, "bar", path, shape=var.shape)


@dataclass(slots=True)
class LineWriter:
    """Writes the members of one line after another and remembers what later lines may put in.

    `product` puts a map and an incoming tangent or adjoint together; `symbol` writes the same with
    the partial not yet computed. They are all that the two modes do differently in a line.
    """

    product: Callable[[LinearMap, Sym], Expr]
    symbol: Callable[[Contribution], Expr]
    numbers: dict[Expr, Expr] = field(default_factory=dict)
    primal: dict[Expr, Expr] = field(default_factory=dict)

    def seed(self, var: Sym, value: Expr, *before: Expr) -> Line:
        """The line that starts a sweep: var = … = value."""
        return self._finish(var, (), [*before, value], value)

    def line(self, var: Sym, contributions: Iterable[Contribution]) -> Line:
        """var = Σ ∂·incoming, written out in full."""
        terms = tuple(contributions)
        if not terms:
            return self._finish(var, (), [zeros(var.shape)], zeros(var.shape))
        chain = total(map(self.symbol, terms))
        put_in = total(self.product(c.partial.written, c.incoming) for c in terms)
        short = total(self.product(c.partial.short, c.incoming) for c in terms)
        if var.shape or not all(c.partial.is_scalar for c in terms):
            return self._finish(var, terms, [chain, tidy(short)], short)
        return self._finish(var, terms, [chain, put_in, short], short)

    def fork(self, var: Sym, paths: list[Line]) -> Line:
        """var = varᵃ + varᵇ + …: the paths of a variable that several steps use."""
        terms = tuple(c for path in paths for c in path.contributions)
        joined = total(path.var for path in paths)
        return self._finish(var, terms, [joined], joined)

    def _finish(self, var: Sym, terms: tuple[Contribution, ...], members: list[Expr], last: Expr) -> Line:
        if isinstance(last, Sym) and last.accent and not terms:
            self.primal[last] = last
        used = {c.incoming for c in terms} | {s for s in e.symbols(last) if s.accent}
        local = tidy(substitute(last, {s: self.numbers[s] for s in used if s in self.numbers}))
        if isinstance(local, Num | Filled):
            self.numbers[var] = local
        primal = self._in_primal_names(local)
        because: tuple[Sym, ...] = ()
        if not same_up_to_order(members[-1], local):
            members.append(local)
        if primal is not None:
            self.primal[var] = primal
            if size(primal) <= SHOWN:
                before, because = self._before_assuming(local, primal)
                members += [*before, primal]
        return Line(var, terms, tuple(dict.fromkeys(members)), last, local, primal, because)

    def _before_assuming(self, local: Expr, primal: Expr) -> tuple[list[Expr], tuple[Sym, ...]]:
        """The form in primal names before entries are known to add up to 1, where that makes a difference."""
        put_in = substitute(local, {s: self.primal[s] for s in e.symbols(local) if s.accent})
        if not any(name.assume for name in e.symbols(put_in)):
            return [], ()
        found = without_assuming(put_in)
        if size(found) <= size(primal) or size(found) > SHOWN:
            return [], ()
        return [found], names_summed(found)

    def _in_primal_names(self, local: Expr) -> Expr | None:
        incoming = [s for s in e.symbols(local) if s.accent]
        if any(s not in self.primal for s in incoming):
            return None
        if size(local) + sum(size(self.primal[s]) for s in incoming) > CARRIED:
            return None
        return tidy(substitute(local, {s: self.primal[s] for s in incoming}))
