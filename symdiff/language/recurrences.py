"""Equations with times to a recurrence: initial values, the cell, then what is made of its values.

The equations of a text and those of a file come here as `Equation`s, in order; each knows how to show an
error where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdiff.errors import InputError
from symdiff.expr.leaves import Moment, at_time, leaves_of, split_time
from symdiff.expr.names import check_distinct, split_name
from symdiff.expr.shapes import written
from symdiff.expr.tree import Expr, Sym, symbols
from symdiff.language.recurrence import Recurrence
from symdiff.language.timed_equations import Equation, Target, target_of
from symdiff.language.timed_reader import TimedReader, Timeline

HORIZONS = ("T", "N", "S", "K", "horizon")
"""Names for the number of steps, the first that is free."""


class Assembler:
    """One recurrence read from its equations; `inputs`, `sequences` and `sizes` are what is declared.

    `later` are the names known not to be inputs; None lets every unknown name be one, a number.
    """

    def __init__(
        self,
        equations: Sequence[Equation],
        inputs: Mapping[str, Sym],
        sequences: Mapping[str, Sym],
        sizes: Sequence[str],
        horizon: str | None,
        length: int | None,
        declared: bool,
    ) -> None:
        self.targets = [_placed_target(equation) for equation in equations]
        self.equations, self.inputs, self.sizes = equations, dict(inputs), tuple(sizes)
        self.declared = declared
        self.sequences = dict(sequences)
        index = self._index()
        taken = {*inputs, *sizes, *(target.stem for target in self.targets)}
        self.line = Timeline(
            index,
            horizon or next(name for name in HORIZONS if name not in taken),
            self._first(),
            tuple(t.stem for t in self.targets if t.index),
            length,
            dict(sequences),
        )
        if horizon == index:
            raise InputError(
                f"{index!r} is the index of time and also the number of steps", way_out="rename one"
            )
        self.later = tuple(t.stem for t in self.targets if not t.index and t.fixed is None)

    def run(self) -> Recurrence:
        """The recurrence, every equation read and checked."""
        initial = self._initial()
        cell = self._cell()
        after = self._after()
        self._check_initial(initial, cell)
        found = Recurrence(
            self.line.index,
            self.line.horizon,
            self.line.first,
            tuple(self.inputs.values()),
            tuple(self.sequences.values()),
            tuple(cell),
            initial,
            tuple(after),
            self.line.length,
        )
        self._check_names(found)
        self._check_lags(found)
        return found

    def _index(self) -> str:
        """The letter of time; the same in all equations."""
        letters = dict.fromkeys(target.index for target in self.targets if target.index)
        if not letters:
            raise InputError("no equation has a time", way_out="write h[t] = …")
        first, *others = letters
        if others:
            raise InputError(f"two indices of time, {first} and {others[0]}", way_out=f"write {first} in all")
        if first in self.inputs or first in self.sizes or first in {t.stem for t in self.targets}:
            raise InputError(f"{first!r} is the index of time and also a name", way_out="rename one")
        return first

    def _first(self) -> int:
        """The first time: the one after the last initial value."""
        fixed = [target.fixed for target in self.targets if target.fixed is not None]
        return max(fixed) + 1 if fixed else 0

    def _read(self, equation: Equation, inside: bool) -> Expr:
        later = self.later if self.declared else None
        reader = TimedReader(equation.text, self.inputs, self.sizes, self.line, inside, later)
        reader.names |= self.defined
        found = reader.read(equation.value)
        if not self.declared:
            self._take_inputs(found)
        return found

    def _take_inputs(self, formula: Expr) -> None:
        """In a text every name that nothing defines is an input."""
        for leaf in leaves_of(formula):
            for name in symbols(leaf):
                if split_time(name.name, self.line.stems) or name.name in self.defined:
                    continue
                if name.name in self.later:
                    raise InputError(f"{name.name!r} is used before it is defined")
                self.inputs.setdefault(name.name, name)

    def _initial(self) -> dict[Sym, Expr]:
        self.defined: dict[str, Sym] = {}
        found: dict[Sym, Expr] = {}
        for equation, target in zip(self.equations, self.targets, strict=True):
            if target.fixed is None:
                continue
            with equation.placing():
                self._check_stem(target)
                value = self._read(equation, inside=True)
                self._check_start(target, value)
                known = self.line.stems.setdefault(target.stem, Sym(target.stem, shape=value.shape))
                if known.shape != value.shape:
                    what = f"{target.stem}[{target.fixed}] is {written(value.shape)}"
                    raise InputError(
                        what, way_out=f"{target.stem}[{self.line.index}] is {written(known.shape)}"
                    )
                name = at_time(known, Moment("", target.fixed))
                if name in found:
                    raise InputError(f"{target.stem}[{target.fixed}] is given twice")
                found[name] = value
                self.line.earlier.add(target.stem)
        return found

    def _check_start(self, target: Target, value: Expr) -> None:
        t = self.line.index
        if self.line.has_free_time(value):
            what = f"{t} has no value in {target.stem}[{target.fixed}]"
            raise InputError(what, way_out="an initial value is made of inputs and numbers")

    def _check_stem(self, target: Target) -> None:
        if target.stem not in self.line.cell and target.stem not in self.sequences:
            way_out = f"write {target.stem}[{self.line.index}] = …"
            raise InputError(f"{target.stem} has an initial value and nothing more", way_out=way_out)

    def _cell(self) -> list[tuple[Sym, Expr]]:
        found = []
        for equation, target in zip(self.equations, self.targets, strict=True):
            if not target.index:
                continue
            with equation.placing():
                if target.stem in self.inputs or target.stem in self.sequences:
                    raise InputError(f"{target.stem!r} is also an input", way_out="rename one")
                if target.stem in self.line.above:
                    raise InputError(f"{target.stem}[{target.index}] is defined twice")
                formula = self._read(equation, inside=True)
                stem = self.line.stems.setdefault(target.stem, Sym(target.stem, shape=formula.shape))
                if stem.shape != formula.shape:
                    what = f"{target.stem}[{target.index}] is {written(formula.shape)}"
                    way_out = f"its initial value is {written(stem.shape)}"
                    raise InputError(what, way_out=way_out)
                self.line.above.add(target.stem)
                found.append((at_time(stem, Moment(self.line.index)), formula))
        return found

    def _after(self) -> list[tuple[Sym, Expr]]:
        found: list[tuple[Sym, Expr]] = []
        for equation, target in zip(self.equations, self.targets, strict=True):
            if target.index or target.fixed is not None:
                continue
            with equation.placing():
                if (
                    target.stem in self.inputs
                    or target.stem in self.line.stems
                    or target.stem in self.defined
                ):
                    raise InputError(
                        f"{target.stem!r} is defined twice, or also an input", way_out="rename one"
                    )
                formula = self._read(equation, inside=False)
                self._check_bound(formula)
                name = self.defined[target.stem] = Sym(target.stem, shape=formula.shape)
                found.append((name, formula))
        return found

    def _check_bound(self, formula: Expr) -> None:
        t = self.line.index
        if self.line.has_free_time(formula):
            way_out = f"write sum(…) or mean(…) over all {t}, or a fixed time such as [{self.line.last}]"
            raise InputError(f"{t} has no value here", way_out=way_out)

    def _check_initial(self, initial: Mapping[Sym, Expr], cell: Sequence[tuple[Sym, Expr]]) -> None:
        used = {f"{stem}" for stem in self.line.earlier}
        lagged = {split for _, f in cell for split in _lagged(f, self.line)}
        for stem in sorted(used - lagged):
            raise InputError(
                f"{stem} has an initial value and its earlier values are never used",
                way_out=f"use {stem}[{self.line.index}-1], or drop it",
            )

    def _check_lags(self, found: Recurrence) -> None:
        """Every earlier value that the first steps use must be given."""
        for _, formula in found.cell:
            for stem, time in found.times_in(formula):
                for back in range(1, -time.offset + 1):
                    name = at_time(found.stems[stem], Moment("", found.first - back))
                    if name not in found.initial:
                        what = f"{stem}[{time}] needs {stem}[{found.first - back}]"
                        raise InputError(what, way_out=f"write {stem}[{found.first - back}] = …")

    def _check_names(self, found: Recurrence) -> None:
        after = [name.name for name, _ in found.after]
        if str(found.horizon) in {*self.inputs, *after, *found.stems}:
            raise InputError(
                f"{found.horizon!r} is the number of steps and also a name", way_out="rename one"
            )
        check_distinct([*self.inputs, *self.sizes, *found.stems, *after])
        for name in (*self.inputs, *after):
            stem, accent, index = split_name(name)
            if stem + accent in found.stems and (index.isdigit() or index == found.index):
                what = f"{name!r} and {stem + accent}[{index}] print alike"
                raise InputError(what, way_out="rename one")


def _lagged(formula: Expr, line: Timeline) -> set[str]:
    found = (split_time(s.name, line.stems) for s in symbols(formula))
    return {parts[0] for parts in found if parts and parts[1].offset < 0}


def _placed_target(equation: Equation) -> Target:
    with equation.placing():
        return target_of(equation.left)
