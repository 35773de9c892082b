"""What is to be explained: derivations of one tape, and what the reader asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

from symdiff.algebra.tidy import tidy
from symdiff.derivation.derivation import Derivation
from symdiff.document.blocks import Block, Chain, Localized, Row, Text, Unseen, text
from symdiff.exercises.problem import Stage
from symdiff.explain.shared.rounded_numbers import rounded_value
from symdiff.expr.numbers import rounded
from symdiff.expr.operations import PARTIAL_ROW, ROW
from symdiff.expr.records import dataclass
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Sym
from symdiff.proof.judge import DerivationJudge, Judge, Judged
from symdiff.proof.kinks import is_rounding
from symdiff.proof.model import Model
from symdiff.proof.sample_points import model_at_readers_point
from symdiff.proof.sampling import Candidate
from symdiff.proof.values import evaluate
from symdiff.tape.tape import Tape


class Work(Protocol):
    """What a page is made from: a tape or a cell, and what the reader asked for.

    `reading` says which page it is; `at` is a point for numbers, shown to `digits`.
    """

    @property
    def reading(self) -> str: ...
    @property
    def title(self) -> Text: ...
    @property
    def titles(self) -> Mapping[str, str]: ...
    @property
    def at(self) -> Mapping[str, Any] | None: ...
    @property
    def digits(self) -> int: ...
    @property
    def judge(self) -> Judge: ...
    def value(self, node: Expr) -> Expr: ...


@dataclass(frozen=True)
class TapeWork:
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

    @cached_property
    def judge(self) -> DerivationJudge:
        """Who says whether the page's equalities are true."""
        return DerivationJudge(self.derivations, self.at, self.model)

    def judged(self, parts: Iterable[Callable[[TapeWork], Iterator[Block]]]) -> Judged:
        """The blocks of `parts` in order, as one part of a page."""
        return Judged(tuple(block for part in parts for block in part(self)), self.judge)

    @property
    def title(self) -> Text:
        """The exercise's title, or the function; of sweeps also the mode."""
        both = "both" if len(self.derivations) > 1 else self.derivations[0].mode
        mode = text(f"mode.{both if self.reading == 'sweeps' else self.reading}")
        if not self.titles:
            return text("title.function", result=self.tape.result, wrt=self.wrt, mode=mode)
        if self.reading != "sweeps":
            return text("title.plain", name=Localized(self.titles))
        return text("title.named", name=Localized(self.titles), mode=mode)

    def unseen_lines(self) -> Iterator[Block]:
        """The lines of the sweep behind a page that shows results only: proved with the others."""
        lines = [
            line for derivation in self.derivations for sweep in derivation.sweeps for line in sweep.lines
        ]
        yield Unseen(tuple(Row(Chain(line.var, line.members)) for line in lines))

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
            return rounded_value(self.model.m, value, node.shape, self.digits)
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


def with_number(work: Work, left: Expr, *members: Expr) -> Chain:
    """left = members = its number, or array of numbers, at the reader's point."""
    return Chain(left, (*members, work.value(left)), at_point=True)


def in_a_row(gradient: Expr) -> Expr:
    """The derivative of a number in numerator layout: ∂L/∂x as a row, of a matrix the transpose."""
    return Expr(ROW, gradient) if len(gradient.shape) == 1 else gradient.T
