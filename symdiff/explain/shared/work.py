"""What is to be explained: derivations of one tape, and what the reader asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from symdiff.algebra.tidy import tidy
from symdiff.derivation.derivation import Derivation
from symdiff.explain.shared.shown import shown
from symdiff.expr.numbers import rounded
from symdiff.expr.operations import PARTIAL_ROW, ROW
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Sym
from symdiff.problems import Stage
from symdiff.proof.kinks import is_rounding
from symdiff.proof.model import Model
from symdiff.proof.sample_points import Candidate, model_at_readers_point
from symdiff.proof.values import evaluate
from symdiff.tape.tape import Tape


@dataclass(frozen=True)
class Work:
    """Derivations with the reader's wishes.

    `titles` is a title per language; `at` a point for numbers, shown to `digits`; `full` writes out
    every line of a long tape.
    """

    derivations: tuple[Derivation, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    at: Candidate | None = None
    digits: int = 4
    full: bool = False
    layout: str | None = None
    rate: Fraction | None = None
    stages: tuple[Stage, ...] = ()
    reading: str = "sweeps"

    @property
    def tape(self) -> Tape:
        return self.derivations[0].tape

    @cached_property
    def inputs(self) -> dict[Sym, Sym]:
        """The author's name of each input variable of the tape."""
        return dict(self.tape.inputs)

    @property
    def wrt(self) -> tuple[Sym, ...]:
        """The inputs that were asked for."""
        return self.derivations[0].wrt

    def mode(self, name: str) -> Derivation | None:
        """The derivation in this mode, if there is one."""
        return next((d for d in self.derivations if d.mode == name), None)

    @cached_property
    def model(self) -> Model | None:
        """The model at the reader's point."""
        return None if self.at is None else model_at_readers_point(self.tape, self.at)

    def value(self, node: Expr) -> Expr:
        """The number, or the array of numbers, printed for `node` at the reader's point."""
        assert self.model is not None
        value = evaluate(self.model.m, node, {}, self.model)
        if hasattr(value, "ravel"):
            return shown(self.model.m, value, node.shape, self.digits)
        return rounded(self.model.m, 0 if is_rounding(self.model, node, value) else value, self.digits)

    def derivative(self, name: Sym) -> Expr:
        """The symbol of a result: ∂y/∂x, or dy/dx for a function of one variable."""
        op = DERIVATIVE if len(self.tape.inputs) == 1 and not self.tape.has_arrays else PARTIAL
        if self.layout == "numerator" and name.shape and not self.tape.output.shape:
            op = PARTIAL_ROW
        return Expr(op, self.tape.result, name)

    def laid_out(self, gradient: Expr) -> Expr:
        """A gradient, which has its variable's shape, in the layout of the page."""
        if self.layout != "numerator" or not gradient.shape:
            return gradient
        return tidy(in_a_row(gradient))


def in_a_row(gradient: Expr) -> Expr:
    """The derivative of a number in numerator layout: ∂L/∂x as a row, of a matrix the transpose."""
    return Expr(ROW, gradient) if len(gradient.shape) == 1 else gradient.T
