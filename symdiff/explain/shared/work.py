"""What is to be explained: derivations of one tape, and what the reader asked for.

Also how numbers are shown, rounded, of a large array the first and the last rows and columns; and the spaces
that variables are elements of, ℝ, ℝⁿ, ℝ^{m×n}, which are stated beside a formula, not claimed by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

from symdiff.algebra.tidy import tidy
from symdiff.derivation.derivation import Derivation
from symdiff.document.blocks import Block, Localized, Text, text
from symdiff.exercises.problem import Stage
from symdiff.expr.leaves import Grid, size_expr
from symdiff.expr.notation import Binding, pattern
from symdiff.expr.numbers import rounded
from symdiff.expr.operations import PARTIAL_ROW, ROW
from symdiff.expr.shapes import Shape
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


MOST_ROWS, SHOWN_FIRST, SHOWN_LAST = 6, 3, 2
"""Of an array with more rows, or columns, the first and the last are shown."""
ROUNDING = 40
"""A number below 10⁻⁴⁰ is what rounding left of zero."""


def shown(m: Any, value: Any, shape: Shape, digits: int) -> Expr:
    """A value to so many digits: a number, or a table of them."""
    if not hasattr(value, "ravel"):
        return rounded(m, cleared(m, value), digits)
    rows = _picked(value.shape[0])
    columns = _picked(value.shape[1]) if len(value.shape) == 2 else (0,)
    table = value if len(value.shape) == 2 else value[:, None]
    entries = [[rounded(m, cleared(m, table[i, j]), digits) for j in columns] for i in rows]
    return Grid(entries, shape, rows, columns)


def cleared(m: Any, value: Any) -> Any:
    """Zero where a value is rounding only."""
    return value if abs(value) > m.mpf(10) ** -ROUNDING else 0


def _picked(length: int) -> tuple[int, ...]:
    if length <= MOST_ROWS:
        return tuple(range(length))
    return (*range(SHOWN_FIRST), *range(length - SHOWN_LAST, length))


REALS = pattern("reals", r"\mathbb{{R}}", "ℝ", arity=0)
REAL_SPACE = pattern("real space", r"\mathbb{{R}}^{{{0}}}", "ℝ^{0}", inner=Binding.ATOM)
MATRIX_SPACE = pattern("matrix space", r"\mathbb{{R}}^{{{0} \times {1}}}", "ℝ^({0}×{1})", arity=2)
ELEMENT = pattern("element", r"{0} \in {1}", "{0} ∈ {1}", Binding.LOOSEST, arity=2)


EQUAL = pattern("equal", "{0} = {1}", "{0} = {1}", Binding.LOOSEST, arity=2)
"""A condition or a convention, u = v: stated, not claimed."""


def space(shape: Shape) -> Expr:
    """The space of arrays of a shape."""
    sizes = [size_expr(part) for part in shape]
    if not sizes:
        return Expr(REALS)
    return Expr(REAL_SPACE if len(sizes) == 1 else MATRIX_SPACE, *sizes)
