"""Equalities of a recurrence, judged where times have letters: for T = 1, …, 8, at every t that is claimed.

Each member is evaluated in the model of the recurrence written out (see `cell_model`). Besides, the results
are compared with a jet of the whole program along a direction, without any chain rule of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from symdiff.document.blocks import Chain
from symdiff.errors import ProofError
from symdiff.expr.leaves import Filled, HeldIndex, OneHot
from symdiff.expr.records import dataclass
from symdiff.expr.timed import Braced, Series, all_leaves
from symdiff.expr.tree import Dim, Expr, Num, Sym
from symdiff.language.recurrence import Recurrence
from symdiff.proof.balls import bounds
from symdiff.proof.cell_model import (
    CellValues,
    Stacked,
    TimedModel,
    at_point,
    cell_values,
    random_models,
    timed_tape,
)
from symdiff.proof.judge import Certificate, Checked, Judge, check, compare_end_to_end
from symdiff.proof.values import evaluate

LENGTHS = tuple(range(1, 9))


@dataclass(frozen=True)
class TimeJudge(Judge):
    """Says whether equalities of one recurrence are true, for each number of steps in `lengths`.

    `by_length` has the models at random points for each number of steps: the same for all, unless T itself
    stands in the cell. `here` is the model at the reader's point, for `steps` steps; `stacked` are states
    under one name; `asked` is what the page is to differentiate by, where that is known.
    """

    of: Recurrence
    by_length: Mapping[int, Sequence[TimedModel]]
    lengths: Sequence[int]
    stacked: Stacked
    here: TimedModel | None = None
    steps: int = 1
    asked: tuple[Sym, ...] | None = None

    @property
    def models(self) -> Sequence[TimedModel]:
        """The models for the page's number of steps."""
        return self.by_length[self.steps]

    def fixed(self) -> TimeJudge:
        """The judge of lines written out for the page's number of steps."""
        return replace(self, lengths=(self.steps,))

    def check(self, chain: Chain) -> Checked:
        """The chain, once each of its members is true at every time claimed.

        Raises:
            ProofError: a member is false, or the chain is claimed for no time at all.
        """
        models = list(self._cell_values(chain))
        if not models:
            raise ProofError(
                f"proof failed: {chain.left} is claimed for no time", way_out="nothing was written"
            )
        check(replace(chain, times=None), models)
        return Checked(chain)

    def _cell_values(self, chain: Chain) -> Iterator[CellValues]:
        if chain.at_point:
            assert self.here is not None
            yield from self._at_times(cell_values(self.here, self.of, self.steps, {}, self.stacked), chain)
            return
        for length in self.lengths if self._speaks_of_length(chain) else self.lengths[-1:]:
            for model in self.by_length[length]:
                yield from self._at_times(cell_values(model, self.of, length, {}, self.stacked), chain)

    def _speaks_of_length(self, chain: Chain) -> bool:
        """Whether a chain is worth something else for another T; else the longest T has all its times."""
        if chain.times is None or self.of.depends_on_steps:
            return True
        first, _ = chain.times
        return any(map(self._names_length, (first, chain.left, *chain.members)))

    def _names_length(self, form: Expr) -> bool:
        """Whether T, or a result that has one value for each T, occurs in a formula."""
        horizon, results = str(self.of.horizon), {name.name for name, _ in self.of.after}
        for leaf in all_leaves(form):
            if isinstance(leaf, Dim) and horizon in leaf.name:
                return True
            if isinstance(leaf, Sym) and (leaf.name in results or f"@{horizon}" in leaf.name or leaf.accent):
                return True
            if isinstance(leaf, Series) and horizon in (leaf.low.base, leaf.high.base):
                return True
            if isinstance(leaf, Braced) and self._names_length(leaf.label):
                return True
            if not isinstance(leaf, Sym | Num | Dim | Series | Braced | Filled | HeldIndex | OneHot):
                return True
        return False

    def _at_times(self, values: CellValues, chain: Chain) -> Iterator[CellValues]:
        if chain.times is None:
            yield values
            return
        low, high = (round(bounds(evaluate(values.m, end, {}, values))[0]) for end in chain.times)
        for time in range(low, high + 1 if low >= self.of.first else low):
            yield values.at({self.of.index: time})

    def check_whole(self) -> None:
        """Compare the results with a jet of the whole program, along a direction of all inputs."""
        for model in {id(model): model for models in self.by_length.values() for model in models}.values():
            names = [name.name for _, name in model.tape.inputs]
            compare_end_to_end(model, names)

    def certificate(self, checked: Sequence[Checked]) -> Certificate:
        points = tuple(dict(model.exact) for model in self.models)
        sizes = tuple(model.sizes_of for model in self.models)
        return Certificate(tuple(checked), points, sizes=sizes, lengths=tuple(self.lengths))


def judge_of(
    of: Recurrence, stacked: Stacked, steps: int, point: Any = None, lengths: Sequence[int] = LENGTHS
) -> TimeJudge:
    """The judge of a recurrence, at random points and at the reader's if there is one."""
    every = sorted({*lengths, steps})
    by_length: dict[int, Sequence[TimedModel]] = {}
    for some in [[length] for length in every] if of.depends_on_steps else [every]:
        by_length |= dict.fromkeys(some, random_models(timed_tape(of, some)))
    here = None if point is None else at_point(timed_tape(of, (steps,)), point)
    return TimeJudge(of, by_length, tuple(lengths), stacked, here, steps)
