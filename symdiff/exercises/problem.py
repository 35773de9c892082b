"""The record of what is to be differentiated, whichever way it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from symdiff.errors import shorten
from symdiff.exercises.modes import MODES
from symdiff.expr.records import dataclass
from symdiff.expr.tree import symbols

if TYPE_CHECKING:
    from fractions import Fraction

    from symdiff.expr.tree import Expr, Sym
    from symdiff.language.program import Program
    from symdiff.language.recurrence import Recurrence


@dataclass(frozen=True, slots=True)
class Stage:
    """One function of a composition: `name(formal) = formula`, applied here to `argument` giving `value`.

    `formal` is the argument as the author writes it: one vector, or several scalars.
    """

    name: Sym
    formal: tuple[Sym, ...]
    formula: Expr
    argument: Sym
    value: Sym


@dataclass(frozen=True)
class Problem:
    """Definitions of a function, with what an exercise may say besides.

    `at` is the point for numbers: a number for a scalar input, nested tuples for an array. `wrt` are the
    inputs to differentiate by (None: all), `rate` the step of an update, `first` the index of the first w,
    `mode` the reading that fits the exercise best, `stages` the functions of a composition in the order in
    which they are applied, `detail` how much its page says. Of a `recurrence` the program is so many steps
    of it written out.
    """

    name: str
    program: Program
    titles: Mapping[str, str] = field(default_factory=dict)
    at: Mapping[str, Any] | None = None
    wrt: tuple[str, ...] | None = None
    rate: Fraction | None = None
    first: int = 1
    mode: str | None = None
    stages: tuple[Stage, ...] = ()
    recurrence: Recurrence | None = None
    detail: str | None = None

    def __repr__(self) -> str:
        """Its name, its result, and what it has besides."""
        result, formula = self.program.definitions[-1]
        names = ", ".join(f"{name}{list(name.shape) if name.shape else ''}" for name in self.program.inputs)
        said = [f"{self.name}: {result} = {formula}", f"inputs {names}", f"modes {', '.join(self.modes)}"]
        return "\n  ".join(shorten(part, 100) for part in said)

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes that have a page for it, the one that suits it best first."""
        program = self.program
        result = program.definitions[-1][0]
        fits = {
            "chain": not result.shape,
            "entries": not result.shape,
            "jacobian": self._one_way_leads_to_the_result,
            "bptt": self.recurrence is not None,
        }
        own = self.mode or "both"
        return (own, *(mode for mode in MODES if mode != own and fits.get(mode, True)))

    @property
    def _one_way_leads_to_the_result(self) -> bool:
        """Whether one definition follows from another all the way to the result, none of them a matrix."""
        definitions = self.program.definitions
        result, needed = definitions[-1][0], {definitions[-1][0]}
        for name, formula in reversed(definitions):
            needed |= {*symbols(formula)} if name in needed else set()
        users = {
            name: [user for user, formula in definitions if user in needed and name in symbols(formula)]
            for name in needed
        }

        def leads(here: Sym) -> bool:
            while here != result:
                if len(users[here]) != 1 or len(users[here][0].shape) > 1:
                    return False
                (here,) = users[here]
            return True

        starts = self._starts([name for name in self.program.inputs if name in needed])
        return bool(starts) and all(map(leads, starts))

    def _starts(self, used: list[Sym]) -> list[Sym]:
        """By what the page of Jacobians differentiates, of the inputs that lead to the result."""
        if self.stages:
            return [self.stages[0].argument]
        asked = [name for name in used if len(name.shape) < 2 and (self.wrt is None or name.name in self.wrt)]
        vectors = [name for name in asked if name.shape] or asked
        return asked if self.program.definitions[-1][0].shape else vectors[:1]
