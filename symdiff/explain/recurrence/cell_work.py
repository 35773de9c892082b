"""What is to be explained of a recurrence: the cell, what is asked, and who judges the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from symdiff.derivation.cell_forward import TotalDerivatives
from symdiff.derivation.cell_reverse import CellAdjoints, with_free_loss
from symdiff.document.blocks import Chain, Localized, Row, Text, text
from symdiff.explain.shared.work import shown, space
from symdiff.expr.leaves import Filled
from symdiff.expr.names import split_name
from symdiff.expr.shapes import is_number, plus, times
from symdiff.expr.timed import Time, at_time
from symdiff.expr.tree import DERIVATIVE, Dim, Expr, Num, Sym
from symdiff.language.recurrence import Recurrence
from symdiff.language.scalar_recurrence import scalar_recurrence
from symdiff.proof.cell_judge import LENGTHS, TimeJudge, judge_of
from symdiff.proof.cell_model import Moments
from symdiff.proof.values import evaluate

LETTERS = ("k", "j", "i", "l", "r", "q", "m")
FEW = 3
"""Times up to which a range is written out, as t = 0, 1 and 2."""
JOINED = ("s", "q", "sigma", "state")


@dataclass(frozen=True)
class CellWork:
    """A recurrence with the reader's wishes; `at` is a point taken apart by time, `steps` are written out.

    `wrt` are the inputs to differentiate by, `values` names of the cell at single times, such as h_1.
    """

    of: Recurrence
    wrt: tuple[Sym, ...]
    steps: int
    titles: Mapping[str, str] = field(default_factory=dict)
    at: Mapping[str, Any] | None = None
    digits: int = 4
    first: int = 1
    full: bool = False
    values: tuple[Sym, ...] = ()

    @property
    def reading(self) -> str:
        return "bptt"

    @property
    def title(self) -> Text:
        mode = text("mode.bptt")
        if self.titles:
            return text("title.named", name=Localized(self.titles), mode=mode)
        return text("title.plain", name=mode)

    @property
    def is_general(self) -> bool:
        """Whether the page derives the states for every t: not beside numbers, unless all is asked for."""
        return self.at is None or self.full

    @cached_property
    def judge(self) -> TimeJudge:
        """The judge of lines with letters for their time."""
        lengths = (int(self.of.horizon),) if is_number(self.of.horizon) else LENGTHS[self.shortest - 1 :]
        return judge_of(self.of, {self.joined.name: self.pieces}, self.steps, self.at, lengths)

    @cached_property
    def shortest(self) -> int:
        """The smallest number of steps that the page speaks of."""
        return self.through.shortest if self.of.after and not self.of.result.shape else 1

    @cached_property
    def scalar(self) -> CellWork | None:
        """The same cell with every name a number; None where there is no such reading."""
        of = scalar_recurrence(self.of)
        if of is None:
            return None
        asked = {name.name for name in self.wrt}
        wrt = tuple(name for name in of.inputs if name.name in asked and TotalDerivatives(of, name).states)
        horizon = self.of.horizon if not is_number(self.of.horizon) else max(3, int(self.of.horizon))
        return CellWork(replace(of, horizon=horizon), wrt, 3, first=self.first, full=self.full)

    @cached_property
    def loss(self) -> CellWork | None:
        """The work with a number for its result: its own, or a loss known by its derivatives only."""
        if self.of.after and not self.of.after[-1][0].shape:
            return self
        if self.of.after:
            return None
        of = with_free_loss(self.of)
        return None if of is None else replace(self, of=of, at=None)

    @cached_property
    def has_arrays(self) -> bool:
        return any(name.shape for name in (*self.of.inputs, *self.of.stems.values()))

    @cached_property
    def taken(self) -> set[str]:
        """Every name in use, sizes included, and the letter of each, since s_t and s_1 look alike."""
        of = self.of
        names = {n.name for n in (*of.inputs, *of.stems.values(), *dict(of.after))}
        sizes = {str(part) for n in (*of.inputs, *of.stems.values()) for part in n.shape}
        return {*names, *(split_name(name)[0] for name in names), *sizes, of.index, str(of.horizon)}

    @cached_property
    def letters(self) -> tuple[str, str]:
        """Letters for the indices of a sum and of a product inside it."""
        one, other, *_ = [letter for letter in LETTERS if letter not in self.taken]
        return one, other

    @cached_property
    def pieces(self) -> tuple[tuple[str, int], ...]:
        """The states, and the earlier values that the cell also needs: stem and steps back."""
        found = []
        for state in self.of.states:
            stem = self.of.stem(state)
            used = [-t.offset for _, f in self.of.cell for s, t in self.of.times_in(f) if s == stem]
            found += [(stem, back) for back in range(max(used))]
        return tuple(found)

    @cached_property
    def joined(self) -> Sym:
        """The name of all states one below the other."""
        name = next(n for n in JOINED if n not in self.taken)
        sizes = [times(*self.of.stems[stem].shape) for stem, _ in self.pieces]
        return Sym(name, shape=(plus(*sizes),) if sizes else ())

    @cached_property
    def _totals(self) -> dict[Sym, TotalDerivatives]:
        return {}

    def totals(self, theta: Sym) -> TotalDerivatives:
        return self._totals.setdefault(theta, TotalDerivatives(self.of, theta))

    @cached_property
    def through(self) -> CellAdjoints:
        return CellAdjoints(self.of)

    @property
    def last_state(self) -> Sym:
        return self.of.states[-1]

    @property
    def last(self) -> Sym:
        """The last name of the cell."""
        return self.of.cell[-1][0]

    def stem(self, name: Sym) -> Sym:
        return self.of.stems[self.of.stem(name)]

    def named(self, name: Sym, time: int | Time) -> Sym:
        """A name of the cell at a time."""
        return at_time(self.stem(name), Time("", time) if isinstance(time, int) else time)

    def row(
        self,
        left: Expr,
        *members: Expr,
        low: Time | None = None,
        high: Time | None = None,
        note: Text | None = None,
        boxed: bool = False,
        reason: Text | None = None,
        spaced: bool = False,
    ) -> Row:
        """left = members for the times from `low` to `high`, without repeating a member."""
        claimed = None if low is None or high is None else (low.as_expr(), high.as_expr())
        distinct = tuple(m for m in dict.fromkeys(members) if m != left)
        where = space(left.shape) if spaced and self.has_arrays and left.op is not DERIVATIVE else None
        return Row(Chain(left, distinct, False, boxed, claimed), note=note, space=where, reason=reason)

    def sentence_of(self, rows: Sequence[Row]) -> tuple[Chain, ...] | None:
        """The rows as equalities for a sentence; None where a right side is no name or number."""
        members = [row.chain.members for row in rows]
        short = all(len(own) == 1 and isinstance(own[0], Num | Sym | Filled) for own in members)
        return tuple(row.chain for row in rows) if short else None

    @property
    def start(self) -> Time:
        return Time("", self.of.first)

    def since(self, low: Time, high: Time) -> Text:
        """for t = low, …, high."""
        return text("bptt.range", times=self.between(low, high))

    def between(self, low: Time, high: Time) -> Text:
        """t = low, …, high; a few times that are known are written one by one."""
        index = Dim(self.of.index)
        if low.base == high.base and high.offset - low.offset < FEW:
            times = tuple(Time(low.base, t).as_expr() for t in range(low.offset, high.offset + 1))
            return text("bptt.times_few", index=index, times=times)
        return text("bptt.times", index=index, low=low.as_expr(), high=high.as_expr())

    def value(self, node: Expr) -> Expr:
        """The number, or the array of numbers, printed for `node` at the reader's point."""
        model = self.judge.here
        assert model is not None
        here = Moments(model, self.of, self.steps, {}, {self.joined.name: self.pieces})
        return shown(model.m, evaluate(model.m, node, {}, here), node.shape, self.digits)
