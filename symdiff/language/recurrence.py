"""A recurrence: a cell of definitions h_t = φ(x_t, h_{t−1}, …) applied T times, with initial values.

    h_t = tanh(U·x_t + W·h_{t−1}),  h_{−1} = 0,  t = 0, …, T − 1

`unrolled` writes it out as definitions of single values, an exercise like any other. No derivative is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from functools import cached_property

from symdiff.errors import InputError
from symdiff.expr import tree as e
from symdiff.expr.as_typed import Indexed, arrays
from symdiff.expr.leaves import Filled, HeldIndex, held_indices, is_zero
from symdiff.expr.memory import fields_only
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Size, is_number, names_in
from symdiff.expr.timed import MOST_STEPS, Series, Time, all_leaves, at_time, split_time, with_times
from symdiff.expr.tree import (
    Dim,
    Expr,
    Num,
    Sym,
    postorder,
    substitute,
    symbols,
    total,
)
from symdiff.expr.unspecified import function_names

Definitions = tuple[tuple[Sym, Expr], ...]


@dataclass(frozen=True)
class Recurrence:
    """A cell, what goes into it, and what is made of its values.

    `index` is the name of time, t, which starts at `first`; `horizon` is the number of steps, T, or its name.
    `inputs` are those without a time, `sequences` the stems of inputs with one value for each time. `cell`
    are definitions of names at time t, in terms of names at t defined above and of earlier ones; `initial`
    gives the values before `first`, `ending` those after the last time, b_T, for definitions that refer
    forward in time, b_t = φ(x_t, b_{t+1}); `after` are definitions of sums over time and of values at single
    times, the last one the result. `length` is the author's number of steps for a horizon that is a name.
    """

    index: str
    horizon: Size
    first: int
    inputs: tuple[Sym, ...]
    sequences: tuple[Sym, ...]
    cell: Definitions
    initial: Mapping[Sym, Expr] = field(default_factory=dict)
    after: Definitions = ()
    length: int | None = None
    ending: Mapping[Sym, Expr] = field(default_factory=dict)
    __getstate__ = fields_only

    @cached_property
    def indices(self) -> dict[str, HeldIndex]:
        """The indices that are names, y in z[y], by name."""
        formulas = (*dict(self.cell).values(), *self.initial.values(), *dict(self.after).values())
        found: dict[str, HeldIndex] = {}
        for formula in formulas:
            for leaf in all_leaves(formula):
                for index in held_indices(leaf):
                    found.setdefault(index.name, index)
        return found

    @cached_property
    def stems(self) -> dict[str, Sym]:
        """Every name that has a time, by its stem: sequences, then what the cell defines."""
        now = f"@{self.index}"
        targets = [Sym(n.name.removesuffix(now), shape=n.shape, assume=n.assume) for n, _ in self.cell]
        return {stem.name: stem for stem in (*self.sequences, *targets)}

    @cached_property
    def author_names(self) -> frozenset[str]:
        """Every name of the author's, those with a time without it: sizes, t and T included."""
        every = (*self.inputs, *self.stems.values(), *dict(self.after))
        sizes = (size for name in every for part in name.shape for size in names_in(part))
        functions = function_names(self.formulas)
        others = (*sizes, *functions, self.index, str(self.horizon), *self.indices)
        return frozenset((*(name.name for name in every), *others))

    @property
    def formulas(self) -> tuple[Expr, ...]:
        """The author's formulas: of the values before and after all times, of the cell, and after it."""
        start = (*self.initial.values(), *self.ending.values())
        return (*start, *dict(self.cell).values(), *dict(self.after).values())

    @cached_property
    def indexed(self) -> frozenset[Indexed]:
        """The author's names that stand on the page with an index: arrays, and what has a value at times."""
        times = (self.index, str(self.horizon))
        stems = (Indexed(stem.name, tuple(map(str, stem.shape)), times) for stem in self.stems.values())
        return arrays((name.name, name.shape) for name in (*self.inputs, *dict(self.after))).union(stems)

    @cached_property
    def states(self) -> tuple[Sym, ...]:
        """The names of the cell, at time t, whose earlier values the cell uses, or whose later ones."""
        used = {stem for _, formula in self.cell for stem, time in self.times_in(formula) if time.offset}
        return tuple(name for name, _ in self.cell if self.stem(name) in used)

    @property
    def longest_lag(self) -> int:
        """The largest k for which the cell uses a value h_{t−k}."""
        return max(
            (-time.offset for _, formula in self.cell for _, time in self.times_in(formula)), default=0
        )

    @property
    def looks_ahead(self) -> bool:
        """Whether a definition of the cell refers forward in time."""
        return any(time.offset > 0 for _, formula in self.cell for _, time in self.times_in(formula))

    @cached_property
    def phases(self) -> tuple[tuple[int, Definitions], ...]:
        """The definitions by groups, in the order of evaluation: each at all times, onward (1) or back (−1).

        Raises:
            InputError: two names refer to each other, one forward and one backward in time.
        """
        left, known = list(self.cell), {stem.name for stem in self.sequences}
        found: list[tuple[int, Definitions]] = []
        while left:
            direction, group = 1, self._in_one_sweep(left, known, 1)
            if not group:
                direction, group = -1, self._leading(self._in_one_sweep(left, known, -1))
            if not group:
                raise InputError(self._circle(left), way_out=_ONE_DIRECTION)
            found.append((direction, tuple(group)))
            left = [one for one in left if one not in group]
            known |= {self.stem(name) for name, _ in group}
        return tuple(found)

    def _in_one_sweep(
        self, left: list[tuple[Sym, Expr]], known: set[str], direction: int
    ) -> list[tuple[Sym, Expr]]:
        """The definitions that one sweep over all times can give, where `known` are there at all times."""
        group = left
        while True:
            own = {self.stem(name) for name, _ in group}
            kept = [
                (name, formula)
                for name, formula in group
                if all(
                    stem in known or (stem in own and time.offset * direction <= 0)
                    for stem, time in self.times_in(formula)
                )
            ]
            if len(kept) == len(group):
                return kept
            group = kept

    def _leading(self, group: list[tuple[Sym, Expr]]) -> list[tuple[Sym, Expr]]:
        """Of a sweep against time the definitions on whose later values it rests; others can wait."""
        wanted = {stem for _, formula in group for stem, time in self.times_in(formula) if time.offset > 0}
        kept = []
        for name, formula in reversed(group):
            if self.stem(name) in wanted:
                wanted |= {stem for stem, _ in self.times_in(formula)}
                kept.append((name, formula))
        return kept[::-1]

    def _circle(self, left: list[tuple[Sym, Expr]]) -> str:
        names = ", ".join(f"{self.stem(name)}[{self.index}]" for name, _ in left)
        need = "need each other" if len(left) > 1 else "needs itself"
        return f"{names} {need} forward and backward in time"

    @cached_property
    def counts_steps(self) -> bool:
        """Whether T itself stands in the cell or in an initial value, so that each T has other values."""
        formulas = (*dict(self.cell).values(), *self.initial.values(), *self.ending.values())
        return Dim(str(self.horizon)) in {leaf for formula in formulas for leaf in all_leaves(formula)}

    @property
    def depends_on_steps(self) -> bool:
        """Whether the values at a time depend on how many times come after it."""
        return self.counts_steps or self.looks_ahead

    @property
    def now(self) -> Time:
        return Time(self.index)

    @property
    def last(self) -> Time:
        """The last time: first + T − 1."""
        if is_number(self.horizon):
            return Time("", self.first + int(self.horizon) - 1)
        return Time(str(self.horizon), self.first - 1)

    @property
    def result(self) -> Sym:
        """The name of the result; without a definition of one, the last name of the cell at the last time."""
        return (
            self.after[-1][0] if self.after else at_time(self.stems[self.stem(self.cell[-1][0])], self.last)
        )

    @property
    def min_steps(self) -> int:
        """The number of steps that the fixed times in the definitions need, at least 1."""
        times = [time for _, formula in self.after for _, time in self.times_in(formula)]
        return max([1, *(time.offset - self.first + 1 for time in times if not time.base)])

    def in_language(self, formula: Expr) -> str:
        """A formula of the author's as a file has it: h[3], and no limits in a sum over all times."""
        text = str(formula).replace(f", {self.index}={self.first}..{self.last})", ")")
        return re.sub(rf"\b({'|'.join(self.stems)})_(\d+)\b", r"\1[\2]", text)

    def stem(self, name: Sym) -> str:
        """The stem of a timed name."""
        found = split_time(name.name, self.stems)
        return found[0] if found else name.name

    def time(self, name: Sym) -> Time | None:
        """The time of a timed name, None for any other."""
        found = split_time(name.name, self.stems)
        return found[1] if found else None

    def times_in(self, formula: Expr) -> list[tuple[str, Time]]:
        """The stem and time of each timed name in a formula."""
        found = (split_time(s.name, self.stems) for s in all_leaves(formula) if isinstance(s, Sym))
        return [parts for parts in found if parts is not None]

    def at(self, root: Expr, **places: Time) -> Expr:
        """`root` with times moved, as t to t − 1."""
        return with_times(root, places, self.stems)

    def of_length(self, steps: int) -> Recurrence:
        """The same recurrence with a number of steps in place of the name of the horizon."""
        check_steps(steps)
        if is_number(self.horizon):
            return self
        end = {str(self.horizon): Time("", steps)}
        initial, cell, after = (
            tuple((name, with_times(formula, end, self.stems)) for name, formula in part)
            for part in (self.initial.items(), self.cell, self.after)
        )
        ending = self.ending_of(steps)
        return replace(
            self, horizon=steps, initial=dict(initial), cell=cell, after=after, length=None, ending=ending
        )

    def ending_of(self, steps: int) -> dict[Sym, Expr]:
        """The values after the last of so many times."""
        end = {str(self.horizon): Time("", steps)}
        names = {with_times(name, end, self.stems): formula for name, formula in self.ending.items()}
        return {
            name: with_times(formula, end, self.stems)
            for name, formula in names.items()
            if isinstance(name, Sym)
        }

    def unrolled(self, steps: int) -> tuple[tuple[Sym, ...], Definitions]:
        """The inputs and the definitions of `steps` steps written out.

        Raises:
            InputError: there is no step, or a value is taken at a time that there is not.
        """
        return _Unrolled(self, steps).run()


def check_steps(steps: int) -> int:
    """`steps` if a recurrence can be written out so many times."""
    if not 1 <= steps <= MOST_STEPS:
        what = f"{steps} steps cannot be written out"
        raise InputError(what, where="--steps", way_out=f"choose from 1 to {MOST_STEPS}")
    return steps


_ONE_DIRECTION = "a chain goes one way: define h from h[t-1], then b from h and b[t+1]"


class _Unrolled:
    """One recurrence written out: numbers in place of t and T, values given in place of names."""

    def __init__(self, of: Recurrence, steps: int) -> None:
        self.of, self.steps = of, check_steps(steps)
        self.times = range(of.first, of.first + steps)
        self.end = {} if is_number(of.horizon) else {str(of.horizon): Time("", steps)}
        self.given = {name: with_times(value, self.end, of.stems) for name, value in of.initial.items()}
        self.given |= of.ending_of(steps)

    def run(self) -> tuple[tuple[Sym, ...], Definitions]:
        of = self.of
        sequences = [at_time(stem, Time("", t)) for stem in of.sequences for t in self.times]
        cell = [
            self._at(name, formula, t)
            for direction, group in of.phases
            for t in self.times[::direction]
            for name, formula in group
        ]
        known = {name for name, _ in cell} | {*sequences}
        after = [(name, self._written_out(formula, known)) for name, formula in of.after]
        return (*of.inputs, *sequences), (*cell, *after)

    def _at(self, name: Sym, formula: Expr, time: int) -> tuple[Sym, Expr]:
        places = {self.of.index: Time("", time), **self.end}
        found = with_times(formula, places, self.of.stems)
        target = with_times(name, places, self.of.stems)
        assert isinstance(target, Sym)
        values: dict[Expr, Expr] = {s: self.given[s] for s in symbols(found) if s in self.given}
        if values:
            found = without_zeros(substitute(found, values))
        return target, found

    def _written_out(self, formula: Expr, known: set[Sym]) -> Expr:
        """A definition after the cell, its sums over time written out."""
        values: dict[Expr, Expr] = {}
        formula = with_times(formula, self.end, self.of.stems)
        for node in postorder(formula):
            if isinstance(node, Series):
                bodies = [with_times(node.body, {node.index: Time("", t)}, self.of.stems) for t in self.times]
                values[node] = total(bodies)
        found = substitute(formula, values)
        for name in symbols(found):
            if name in self.given:
                found = substitute(found, {name: self.given[name]})
            elif name not in known and self.of.time(name) is not None:
                what = f"there is no {name} in {self.steps} step{'s' * (self.steps > 1)}"
                times = f"times are {self.times[0]} to {self.times[-1]}"
                raise InputError(what, way_out=times)
        return found


def without_zeros(root: Expr) -> Expr:
    """`root` without products by 0, zero terms and functions such as tanh at 0, its form otherwise kept."""
    done: dict[int, Expr] = {}
    for node in postorder(root):
        args = [done[id(arg)] for arg in node.args]
        same = all(a is b for a, b in zip(args, node.args, strict=True))
        done[id(node)] = _without_zero_arguments(node if same else Expr(node.op, *args))
    return done[id(root)]


def _without_zero_arguments(node: Expr) -> Expr:
    zero = [is_zero(arg) for arg in node.args]
    if not any(zero):
        return node
    if node.op is e.MUL or node.op.linear or (_vanishes(node) and zero[0]):
        return Filled("zeros", node.shape) if node.shape else Num(0)
    if node.op in (e.ADD, e.SUB):
        if zero[1] and node.args[0].shape == node.shape:
            return node.args[0]
        if zero[0] and node.args[1].shape == node.shape:
            return node.args[1] if node.op is e.ADD else -node.args[1]
    return node


def _vanishes(node: Expr) -> bool:
    """Whether an operation is 0 where its first argument is."""
    if node.op is e.POW:
        return isinstance(node.args[1], Num) and node.args[1].value > 0
    return node.op in (e.DIV, e.NEG) or node.op.vanishes
