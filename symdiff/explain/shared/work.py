"""What is to be explained: derivations of one tape, and what the reader asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

from symdiff.algebra.tidy import tidy
from symdiff.derivation.derivation import Derivation, bar, dot
from symdiff.document.blocks import Block, Chain, Row, Unseen
from symdiff.exercises.problem import Stage
from symdiff.explain.shared.rounded_numbers import shown_value
from symdiff.explain.shared.sections import Sections, selected
from symdiff.expr.letters import Letters, letters_beside
from symdiff.expr.memory import fields_only
from symdiff.expr.names import split_name
from symdiff.expr.operations import (
    DIRECT,
    IMMEDIATE,
    MAPPED,
    MAPPED_BACK,
    PARTIAL_ROW,
    ROW,
    SHOWN_AS_ROW,
    SHOWN_TRANSPOSED,
    TURNED,
)
from symdiff.expr.records import dataclass
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Sym
from symdiff.proof.judge import DerivationJudge, Judge, Judged
from symdiff.proof.model import Model
from symdiff.proof.sample_points import model_at
from symdiff.proof.sampling import Candidate
from symdiff.rendering.formulas.alike import without_repeats
from symdiff.tape.tape import Step, Tape


class Work(Protocol):
    """What a page is made from: a tape or a cell, and what the reader asked for.

    `reading` says which page it is; `at` is a point for numbers, shown to `digits`; `letters` are those that
    are free beside the author's names; `sections` are the parts that are wanted of it.
    """

    @property
    def reading(self) -> str: ...
    @property
    def titles(self) -> Mapping[str, str]: ...
    @property
    def at(self) -> Mapping[str, Any] | None: ...
    @property
    def digits(self) -> int: ...
    @property
    def judge(self) -> Judge: ...
    @property
    def letters(self) -> Letters: ...
    @property
    def sections(self) -> Sections: ...
    @property
    def formulas(self) -> tuple[Expr, ...]: ...
    def value(self, node: Expr) -> Expr: ...


@dataclass(frozen=True)
class TapeWork:
    """Derivations with the reader's wishes.

    `titles` is a title per language; `at` a point for numbers, shown to `digits`; `full` writes out
    every line of a long tape; `sections` are the parts of the page that are wanted, `entry_forms` what
    derivatives by entries are as entries of the derivatives by their arrays.
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
    second_opinion: bool = False
    sections: Sections = Sections()
    entry_forms: Mapping[str, Expr] = field(default_factory=dict)
    __getstate__ = fields_only

    @property
    def tape(self) -> Tape:
        return self.derivations[0].tape

    @cached_property
    def inputs(self) -> dict[Sym, Sym]:
        """The author's name of each input variable of the tape."""
        return dict(self.tape.inputs)

    @cached_property
    def letters(self) -> Letters:
        """The letters free beside inputs, definitions, sizes, functions and their arguments.

        An argument u1 that stands for an entry of the value u is that entry, and no other name.
        """
        formal = (
            name.name
            for stage in self.stages
            for name in (stage.name, *stage.formal)
            if name not in stage.formal or split_name(name.name)[0] != stage.argument.name
        )
        return letters_beside((*self.tape.author_names, *formal), self.tape.indexed)

    @property
    def formulas(self) -> tuple[Expr, ...]:
        """The author's formulas."""
        return tuple(formula for _, formula in self.tape.definitions)

    @property
    def wrt(self) -> tuple[Sym, ...]:
        """The inputs that were asked for."""
        return self.derivations[0].wrt

    @cached_property
    def judge(self) -> DerivationJudge:
        """Who says whether the page's equalities are true."""
        return DerivationJudge(self.derivations, self.at, self.model, self.second_opinion, self.rate)

    def judged(self, parts: Iterable[Callable[[TapeWork], Iterator[Block]]]) -> Judged:
        """The blocks of `parts` in order, as one part of a page."""
        return Judged(tuple(block for part in parts for block in part(self)), self.judge)

    def judged_after(
        self,
        statement: Callable[[TapeWork, Sequence[Block]], Iterator[Block]],
        *parts: Callable[[TapeWork], Iterator[Block]],
    ) -> Judged:
        """The statement, alone or with what is wanted of `parts`, whose signs it introduces."""
        whole = [] if self.sections.statement else selected([self.judged(parts)], self.sections)
        rest = tuple(block for part in whole for block in part.blocks)
        return Judged((*statement(self, rest), *rest), self.judge)

    def unseen_lines(self) -> Iterator[Block]:
        """The lines of the sweep behind a page that shows results only: proved with the others."""
        lines = [
            line for derivation in self.derivations for sweep in derivation.sweeps for line in sweep.lines
        ]
        yield Unseen(tuple(Row(Chain(line.var, line.members)) for line in lines))

    @property
    def asked_about(self) -> frozenset[Sym]:
        """The variables whose adjoints are written: those that depend on what was asked for, or all."""
        return frozenset(self.tape.order) if self.sections.has("not asked") else self.depending

    @cached_property
    def depending(self) -> frozenset[Sym]:
        """The variables that depend on one that was asked for."""
        tape = self.tape
        asked = {name.name for name in self.wrt}
        reached = {var for name, var in tape.by_name.items() if name.name in asked}
        for step in tape.steps:
            if not reached.isdisjoint(step.operands):
                reached.add(step.var)
        return frozenset(reached)

    def is_asked_about(self, name: Sym) -> bool:
        """Whether an adjoint, or a contribution to it, is of such a variable."""
        return name.name in self._names_asked_about

    @cached_property
    def _names_asked_about(self) -> frozenset[str]:
        return frozenset(var.name for var in self.asked_about)

    def mode(self, name: str) -> Derivation | None:
        """The derivation in this mode, if there is one."""
        return next((d for d in self.derivations if d.mode == name), None)

    @cached_property
    def model(self) -> Model | None:
        """The model at the reader's point."""
        return None if self.at is None else model_at(self.tape, self.at)

    def value(self, node: Expr) -> Expr:
        """The number, or the array of numbers, printed for `node` at the reader's point."""
        assert self.model is not None
        return shown_value(self.model, node, self.digits)

    def derivative(self, name: Sym) -> Expr:
        """The symbol of a result: ∂y/∂x, or dy/dx for a function of one variable."""
        op = DERIVATIVE if len(self.tape.inputs) == 1 and not self.tape.has_arrays else PARTIAL
        if self.layout == "numerator" and name.shape and not self.tape.output.shape:
            op = PARTIAL_ROW
        return Expr(op, self.tape.result, name)

    def whole(self, name: Sym) -> Expr:
        """∂y/∂name along every way, of an input or of a definition."""
        rows = self.layout == "numerator" and name.shape and not self.tape.output.shape
        return Expr(PARTIAL_ROW if rows else PARTIAL, self.tape.result, name)

    def gradient(self, name: Sym) -> Expr:
        """The symbol of a result in its variable's shape: in numerator layout (∂L/∂x)ᵀ."""
        found = self.derivative(name)
        return self.as_column(Expr(PARTIAL, *found.args)) if found.op is PARTIAL_ROW else found

    def as_column(self, symbol: Expr) -> Expr:
        """The derivative of a number by an array, in the array's shape: in numerator layout (∂s/∂x)ᵀ."""
        found = self.in_layout(symbol)
        if found is symbol:
            return symbol
        return Expr(TURNED, found) if len(symbol.shape) == 1 else found.T

    def in_layout(self, symbol: Expr) -> Expr:
        """The symbol of the derivative of a number by an array, its value laid out as the page wants it."""
        if self.layout != "numerator" or not symbol.shape or symbol.args[0].shape:
            return symbol
        return Expr(SHOWN_AS_ROW if len(symbol.shape) == 1 else SHOWN_TRANSPOSED, symbol)

    def inside(self, step: Step, operand: Sym) -> Expr:
        """∂step/∂operand inside one definition, as ∂⁺ where the whole derivative is another one."""
        return Expr(DIRECT if self.tape.has_other_ways(step, operand) else IMMEDIATE, step.var, operand)

    def laid_out(self, gradient: Expr) -> Expr:
        """A gradient, which has its variable's shape, in the layout of the page."""
        if self.layout != "numerator" or not gradient.shape:
            return gradient
        return gradient.args[0] if gradient.op is TURNED else tidy(in_a_row(gradient))


def asked_symbols(work: TapeWork, mode: str) -> tuple[Expr, ...]:
    """The left sides of the results of an array in one mode: (∂y/∂x)[ẋ], (∂y/∂x)ᵀ[ȳ], ∂y/∂a of a number a."""
    found = []
    for name in work.wrt:
        symbol = work.derivative(name)
        if mode == "reverse":
            symbol = Expr(MAPPED_BACK, symbol, bar(work.tape.result))
        elif name.shape:
            symbol = Expr(MAPPED, symbol, dot(name, name))
        found.append(symbol)
    return tuple(found)


def free_seeds(work: TapeWork, mode: str) -> tuple[Sym, ...]:
    """The seeds that are left open where the result is an array: ȳ, or ẋ of each array asked for."""
    if not work.tape.result.shape:
        return ()
    if mode == "reverse":
        return (bar(work.tape.result),)
    return tuple(dot(name, name) for name in work.wrt if name.shape)


def with_number(work: Work, left: Expr, *members: Expr) -> Chain:
    """left = members = its number, or array of numbers, at the reader's point."""
    return Chain(left, without_repeats((*members, work.value(left)), work.letters), at_point=True)


def in_a_row(gradient: Expr) -> Expr:
    """The derivative of a number in numerator layout: ∂L/∂x as a row, of a matrix the transpose."""
    return Expr(ROW, gradient) if len(gradient.shape) == 1 else gradient.T
