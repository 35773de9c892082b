"""The records of a derivation: contributions, lines, sweeps and results.

A line is an equality in several members, var = m₁ = m₂ = …: the chain rule in symbols, the local partials
put in, zero and unit seeds dropped, then the form in primal names while that stays short. How lines are made
is said in `line_writer`, which lines there are in `sweeps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from functools import cached_property
from typing import Literal, NamedTuple

from symdiff.expr import tree as e
from symdiff.expr.memory import fields_only
from symdiff.expr.operations import DIRECT, IMMEDIATE, MAPPED, MAPPED_BACK
from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr, Sym
from symdiff.tape.partials import LocalPartial
from symdiff.tape.tape import Tape

Mode = Literal["forward", "reverse"]


class Contribution(NamedTuple):
    """One product of the chain rule: a local partial and an `incoming` tangent or adjoint.

    `other_ways` says that the step is the result's and that the result depends on the operand through other
    steps as well (`Tape.has_other_ways`).
    """

    partial: LocalPartial
    incoming: Sym
    result: Sym | None = None
    other_ways: bool = False

    @property
    def symbol(self) -> Expr:
        """∂w_i/∂w_j, not yet computed.

        Where the step has the result's own name it is marked as the partial inside the step, and written ∂⁺
        where the derivative of the result along every way is another one.
        """
        op = e.PARTIAL
        if self.partial.step == self.result:
            op = DIRECT if self.other_ways else IMMEDIATE
        return Expr(op, self.partial.step, self.partial.operand)

    @property
    def forward(self) -> Expr:
        """∂w_i/∂w_j·ẇ_j; between arrays the map applied to ẇ_j."""
        if self.partial.is_scalar:
            return self.symbol * self.incoming
        return Expr(MAPPED, self.symbol, self.incoming)

    @property
    def reverse(self) -> Expr:
        """w̄_i·∂w_i/∂w_j; between arrays the transposed map applied to w̄_i."""
        if self.partial.is_scalar:
            return self.incoming * self.symbol
        return Expr(MAPPED_BACK, self.symbol, self.incoming)


@dataclass(frozen=True, slots=True)
class Line:
    """`var = members[0] = members[1] = …`.

    Three of its forms have names: `general` with the partials put in and nothing dropped; `local` with known
    seeds dropped, still in incoming tangents or adjoints; `primal` in primal names only, if that is short.
    `because` are the names on the simplex, if the last form uses that their entries add up to 1.
    """

    var: Sym
    contributions: tuple[Contribution, ...]
    members: tuple[Expr, ...]
    general: Expr
    local: Expr
    primal: Expr | None
    because: tuple[Sym, ...] = ()


Contributions = Sequence[tuple[Sym, Sequence[Contribution]]]


@dataclass(frozen=True)
class Sweep:
    """One pass: in forward mode by the input `seed`, in reverse mode of the result `seed`.

    `contributions` are those to each tangent or adjoint in the order of the sweep, none to a seed; `lines`
    are the same as people write them. Both are made when they are first read, since a long tape has many.
    """

    seed: Sym
    find_contributions: Callable[[], Contributions] = field(repr=False, compare=False)
    write: Callable[[Contributions], Iterable[Line]] = field(repr=False, compare=False)
    __getstate__ = fields_only

    @cached_property
    def contributions(self) -> Contributions:
        return tuple(self.find_contributions())

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self.write(self.contributions))


@dataclass(frozen=True)
class Derivation:
    """All sweeps of one mode over one tape; `wrt` are the names whose derivatives are asked for."""

    mode: Mode
    tape: Tape
    sweeps: tuple[Sweep, ...]
    wrt: tuple[Sym, ...]
    __getstate__ = fields_only

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


FREE = "*"
"""The seed of a tangent that may be anything, as in the statement of a local partial."""


def dot(var: Sym, seed: Sym) -> Sym:
    """The tangent ẇ of a primal variable, in the pass that differentiates by `seed`."""
    return Sym(var.name, "dot", seed=seed.name, shape=var.shape)


def bar(var: Sym, path: str = "") -> Sym:
    """The adjoint w̄ of a primal variable, or its contribution along one path."""
    return Sym(var.name, "bar", path, shape=var.shape)
