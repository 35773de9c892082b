"""The record of what is to be differentiated, whichever way it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from symdiff.errors import shorten
from symdiff.exercises.modes import MODES
from symdiff.expr.records import dataclass

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
        asked = [name for name in program.inputs if self.wrt is None or name.name in self.wrt]
        fits = {
            "chain": not result.shape,
            "entries": not result.shape,
            "jacobian": any(len(name.shape) < 2 for name in asked),
            "bptt": self.recurrence is not None,
        }
        own = self.mode or "both"
        return (own, *(mode for mode in MODES if mode != own and fits.get(mode, True)))
