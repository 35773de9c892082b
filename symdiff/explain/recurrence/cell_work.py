"""What is to be explained of a recurrence: the cell, what is asked, and who judges the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import Any

from symdiff.derivation.cell_forward import TotalDerivatives
from symdiff.derivation.cell_reverse import CellAdjoints, with_free_loss, with_given_derivative
from symdiff.document.blocks import Chain, Row, Text, text
from symdiff.explain.shared.conventions import space
from symdiff.explain.shared.rounded_numbers import shown_value
from symdiff.explain.shared.sections import Sections
from symdiff.expr.leaves import Filled
from symdiff.expr.letters import Letters, letters_beside
from symdiff.expr.memory import fields_only
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import is_number, plus, times
from symdiff.expr.timed import Time, at_time
from symdiff.expr.tree import DERIVATIVE, Dim, Expr, Num, Sym
from symdiff.language.recurrence import Definitions, Recurrence
from symdiff.language.scalar_recurrence import scalar_recurrence
from symdiff.proof.cell_judge import LENGTHS, TimeJudge, judge_of
from symdiff.proof.cell_model import cell_values

FEW = 3
"""Times up to which a range is written out, as t = 0, 1 and 2."""


@dataclass(frozen=True)
class CellWork:
    """A recurrence with the reader's wishes; `at` is a point taken apart by time, `steps` are written out.

    `wrt` are the inputs to differentiate by, `values` names of the cell at single times, such as h_1;
    `sections` are the parts of the page that are wanted. With `is_free` the loss is any number, of which the
    page has the symbol ∂⁺L/∂h_t only.
    """

    recurrence: Recurrence
    wrt: tuple[Sym, ...]
    steps: int
    titles: Mapping[str, str] = field(default_factory=dict)
    at: Mapping[str, Any] | None = None
    digits: int = 4
    first: int = 1
    full: bool = False
    values: tuple[Sym, ...] = ()
    sections: Sections = Sections()
    is_free: bool = False
    __getstate__ = fields_only

    @property
    def reading(self) -> str:
        return "bptt"

    @property
    def formulas(self) -> tuple[Expr, ...]:
        """The author's formulas."""
        return self.recurrence.formulas

    @property
    def is_general(self) -> bool:
        """Whether the page derives the states for every t: not beside numbers, unless all is asked for."""
        return self.at is None or self.full

    @cached_property
    def judge(self) -> TimeJudge:
        """The judge of lines with letters for their time."""
        horizon = self.recurrence.horizon
        lengths = (int(horizon),) if is_number(horizon) else LENGTHS[self.shortest - 1 :]
        judge = judge_of(self.recurrence, self.stacked, self.steps, self.at, lengths)
        return replace(judge, asked=(*self.wrt, *self.values))

    @cached_property
    def shortest(self) -> int:
        """The smallest number of steps that the page speaks of."""
        return self.adjoints.shortest if self.recurrence.after and not self.recurrence.result.shape else 1

    @cached_property
    def scalar(self) -> CellWork | None:
        """The same cell with every name a number; None where there is no such reading."""
        scalar, horizon = scalar_recurrence(self.recurrence), self.recurrence.horizon
        if scalar is None:
            return None
        asked = {name.name for name in self.wrt}
        named = [name for name in scalar.inputs if name.name in asked]
        wrt = tuple(name for name in named if TotalDerivatives(scalar, name).states)
        horizon = max(3, int(horizon)) if is_number(horizon) else horizon
        return CellWork(replace(scalar, horizon=horizon), wrt, 3, first=self.first, full=self.full)

    @cached_property
    def loss(self) -> CellWork | None:
        """The work with a number for its result: its own, or a loss known by its derivatives only."""
        if self.recurrence.after and not self.recurrence.after[-1][0].shape:
            return self
        if self.recurrence.after:
            return None
        recurrence = with_free_loss(self.recurrence)
        return None if recurrence is None else replace(self, recurrence=recurrence, at=None, is_free=True)

    @cached_property
    def has_arrays(self) -> bool:
        return any(name.shape for name in (*self.recurrence.inputs, *self.recurrence.stems.values()))

    @cached_property
    def letters(self) -> Letters:
        """The letters free beside the names of the recurrence, its sizes and its times."""
        return letters_beside(self.recurrence.author_names, self.recurrence.indexed)

    @cached_property
    def index_letters(self) -> tuple[str, str]:
        """Letters for the indices of a sum and of a product inside it."""
        one, other = self.letters.several("index of time", 2)
        return one, other

    @cached_property
    def stacked_parts(self) -> tuple[tuple[str, int], ...]:
        """The states, and the earlier values that the cell also needs: stem and steps back."""
        found = []
        for state in self.recurrence.states:
            own = self.recurrence.stem(state)
            uses = [use for _, formula in self.recurrence.cell for use in self.recurrence.times_in(formula)]
            found += [(own, back) for back in range(max(-time.offset for stem, time in uses if stem == own))]
        return tuple(found)

    @cached_property
    def stacked_state(self) -> Sym:
        """The name of all states one below the other."""
        name = self.letters.free("state")
        sizes = [times(*self.recurrence.stems[stem].shape) for stem, _ in self.stacked_parts]
        return Sym(name, shape=(plus(*sizes),) if sizes else ())

    @property
    def stacked(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """What `stacked_state` stands for, as the model wants it."""
        return {self.stacked_state.name: self.stacked_parts}

    @cached_property
    def _totals(self) -> dict[Sym, TotalDerivatives]:
        return {}

    def totals(self, theta: Sym) -> TotalDerivatives:
        """The total derivatives by one weight."""
        return self._totals.setdefault(theta, TotalDerivatives(self.recurrence, theta))

    @cached_property
    def adjoints(self) -> CellAdjoints:
        return CellAdjoints(self.recurrence)

    @property
    def last(self) -> Sym:
        """The last name of the cell."""
        return self.recurrence.cell[-1][0]

    def stem(self, name: Sym) -> Sym:
        return self.recurrence.stems[self.recurrence.stem(name)]

    def named(self, name: Sym, time: int | Time) -> Sym:
        """A name of the cell at a time."""
        return at_time(self.stem(name), Time("", time) if isinstance(time, int) else time)

    def row(
        self,
        left: Expr,
        *members: Expr,
        low: Time | None = None,
        high: Time | None = None,
        boxed: bool = False,
        reason: Text | None = None,
        spaced: bool = False,
    ) -> Row:
        """left = members for the times from `low` to `high`, without repeating a member."""
        claimed = None if low is None or high is None else (low.as_expr(), high.as_expr())
        shown = (with_given_derivative(self.recurrence, m) if self.is_free else m for m in members)
        distinct = tuple(m for m in dict.fromkeys(shown) if m != left)
        where = space(left.shape) if spaced and self.has_arrays and left.op is not DERIVATIVE else None
        return Row(Chain(left, distinct, False, boxed, claimed), space=where, reason=reason)

    def row_at_every_time(self, left: Expr, *members: Expr, boxed: bool = False, spaced: bool = False) -> Row:
        """left = members for the times from the first to the last."""
        last = self.recurrence.last
        return self.row(left, *members, low=self.start, high=last, boxed=boxed, spaced=spaced)

    def sentence_chains(self, rows: Sequence[Row]) -> tuple[Chain, ...] | None:
        """The rows as equalities for a sentence; None where a right side is no name or number."""
        members = [row.chain.members for row in rows]
        short = all(len(own) == 1 and isinstance(own[0], Num | Sym | Filled) for own in members)
        return tuple(row.chain for row in rows) if short else None

    @property
    def start(self) -> Time:
        return Time("", self.recurrence.first)

    @property
    def index(self) -> Dim:
        """t, the index of time."""
        return Dim(self.recurrence.index)

    @property
    def numbered_times(self) -> range:
        """The times that are written out."""
        return range(self.recurrence.first, self.recurrence.first + self.steps)

    @cached_property
    def written_out(self) -> tuple[tuple[Sym, ...], Definitions]:
        """The inputs and the definitions of the steps written out; T has its number in them."""
        return self.recurrence.unrolled(self.steps)

    @property
    def results(self) -> Definitions:
        """The definitions after the recurrence, with T in numbers."""
        return self.written_out[1][self.steps * len(self.recurrence.cell) :]

    def in_numbers(self, node: Expr, time: int) -> Expr:
        """A formula for time t at a time that is a number, with T in numbers."""
        places = {self.recurrence.index: Time("", time), str(self.recurrence.horizon): Time("", self.steps)}
        return self.recurrence.at(node, **places)

    def at_time(self, node: Expr, time: Time) -> Expr:
        """A formula for time t at another time."""
        return self.recurrence.at(node, **{self.recurrence.index: time})

    def since(self, low: Time, high: Time) -> Text:
        """for t = low, …, high."""
        return text("bptt.range", times=self.between(low, high))

    def between(self, low: Time, high: Time) -> Text:
        """t = low, …, high; a few times that are known are written one by one."""
        if low.base == high.base and high.offset - low.offset < FEW:
            times = tuple(Time(low.base, t).as_expr() for t in range(low.offset, high.offset + 1))
            return text("bptt.times_few", index=self.index, times=times)
        return text("bptt.times", index=self.index, low=low.as_expr(), high=high.as_expr())

    def value(self, node: Expr) -> Expr:
        """The number, or the array of numbers, printed for `node` at the reader's point."""
        model = self.judge.here
        assert model is not None
        here = cell_values(model, self.recurrence, self.steps, {}, self.stacked)
        return shown_value(here, node, self.digits)
