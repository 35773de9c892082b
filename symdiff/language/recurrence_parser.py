"""Equations with times to a recurrence: h[t] = tanh(U*x[t] + W*h[t-1]); h[-1] = 0; L = sum(h).

The equations of a text and those of an exercise file come here as `Equation`s, in order. `RecurrenceParser`
reads and checks them together; one formula is read by `timed_reader`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from symdiff.errors import InputError, ShapeError, shorten
from symdiff.expr.leaves import zeros
from symdiff.expr.names import check_name
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape, different, in_words
from symdiff.expr.timed import Time, all_leaves, at_time, split_time
from symdiff.expr.tree import ZERO, Expr, Sym, symbols
from symdiff.language.liberties import understood
from symdiff.language.marks import Head
from symdiff.language.program import shaped_names, sizes_of
from symdiff.language.reading import tell
from symdiff.language.recurrence import Recurrence
from symdiff.language.refusals import of_node
from symdiff.language.second_reading import Binding, confirm
from symdiff.language.smooth_powers import with_smooth_powers
from symdiff.language.syntax import spelled, statements
from symdiff.language.timed_reader import TimedReader, Timeline, both_readings
from symdiff.language.undeclared import tell_of_inputs
from symdiff.language.unspecified_calls import check_functions, tell_of_functions
from symdiff.language.words import check_size_name, functions_as_names, tell_of_function


def parse_recurrence(
    text: str,
    horizon: str | None = None,
    shapes: Mapping[str, Shape] | None = None,
    assumed: Mapping[str, str] | None = None,
    sizes: Collection[str] = (),
) -> Recurrence:
    """The recurrence that a text of equations is; names not defined are inputs.

    A name that is only used with a time is a sequence. `shapes` gives what is no number: of a sequence and of
    a name that the cell defines, the shape of one value.
    """
    found = []
    body = understood(text, {})
    for number, statement in enumerate(body):
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            left = spelled(ast.unparse(statement.targets[0]))
        elif isinstance(statement, ast.Expr) and number == len(body) - 1:
            left = "result"
        else:
            what, way_out = of_node(statement)
            raise InputError(what, where=repr(shorten(text)), way_out=way_out)
        found.append(Equation(left, statement.value, text))
    targets = _with_ends([target_of(equation.left) for equation in found], horizon)
    defined = {target.stem for target in targets if target.index or target.is_after}
    shaped = shaped_names(shapes or {}, assumed or {})
    sequences = {name: shaped.get(name) or Sym(name) for name in sequences_in(body, defined)}
    named = (*sizes, *sizes_of(shaped.values()))
    parser = RecurrenceParser(found, {}, sequences, named, horizon, None, declared=False, shaped=shaped)
    recurrence = parser.run()
    tell_of_functions(recurrence.formulas)
    tell_of_inputs(text, [*recurrence.inputs, *recurrence.sequences])
    return recurrence


def sequences_in(body: Sequence[ast.stmt], defined: Collection[str]) -> list[str]:
    """The names with a time that nothing defines, in reading order."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    used = [n.value for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)]
    used.sort(key=lambda name: (name.lineno, name.col_offset))
    names = dict.fromkeys(spelled(name.id) for name in used)
    return [check_name(name) for name in names if name not in defined]


_MAY_HAVE_TIME = re.compile(r"\[|_[{(]|[₊₋]")


def is_recurrence(text: str) -> bool:
    """Whether a text has an equation with a time on its left: h[t] = …, h[-1] = …, or h_t beside h_{t-1}."""
    if not _MAY_HAVE_TIME.search(text) or "=" not in text:
        return False
    targets = (target for each in statements(text) if isinstance(each, ast.Assign) for target in each.targets)
    return any(isinstance(target, ast.Subscript) and not isinstance(target, Head) for target in targets)


@dataclass(frozen=True)
class Equation:
    """The left side as written, the syntax tree of the right side, and the text it stands in.

    Within `error_context()` an error is shown where the equation stands.
    """

    left: str
    value: ast.expr
    text: str
    error_context: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(frozen=True)
class Target:
    """What an equation defines: a stem, at t, at a fixed time, at T + `ahead`, or a name without a time."""

    stem: str
    index: str = ""
    fixed: int | None = None
    ahead: int | None = None

    @property
    def is_after(self) -> bool:
        """Whether it has no time: it is made of all values."""
        return not self.index and self.fixed is None and self.ahead is None


_TARGET = re.compile(r"\s*([^\W\d]\w*)\s*(?:\[\s*(?:([^\W\d]\w*)(?:\s*\+\s*(\d))?|(-?\d{1,6}))\s*\])?\s*")


def target_of(left: str) -> Target:
    """The target that the left side of an equation says.

    Raises:
        InputError: it is neither a name, nor one with t or a whole number for its time.
    """
    match = _TARGET.fullmatch(left)
    if match is None:
        raise InputError(f"{left.strip()!r} cannot be defined", way_out="write h[t], h[-1] or L on the left")
    stem, index, ahead, fixed = match.groups()
    check_name(stem)
    if index:
        check_size_name(index)
    return Target(
        stem, index or "", None if fixed is None else int(fixed), None if ahead is None else int(ahead)
    )


def _placed_target(equation: Equation) -> Target:
    with equation.error_context():
        return target_of(equation.left)


def _with_ends(targets: Sequence[Target], horizon: str | None) -> list[Target]:
    """The targets, b[T] and b[T+1] known as values after the last time, beside those at t.

    Raises:
        InputError: a time as t+1 stands on a left side.
    """
    several = len({target.index for target in targets if target.index}) > 1
    ends = (horizon,) if horizon is not None else HORIZONS
    found = []
    for target in targets:
        if several and target.index in ends:
            target = Target(target.stem, ahead=target.ahead or 0)
        elif target.index and target.ahead is not None:
            left = f"{target.stem}[{target.index}+{target.ahead}]"
            way_out = f"write {target.stem}[{target.index}] = …, with times one less on the right"
            raise InputError(f"{left!r} cannot be defined", way_out=way_out)
        found.append(target)
    return found


HORIZONS = ("T", "N", "S", "K", "horizon")
"""Names for the number of steps, of which the first free one is taken."""


class RecurrenceParser:
    """Makes one recurrence of its equations: initial values, the cell, then what is made of its values.

    `inputs`, `sequences` and `sizes` are the declared names. Unless the equations come from a file in which
    all are `declared`, an unknown name is an input, with the shape that `shaped` gives it or a number; there
    a name that the cell defines may have its shape too.
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
        shaped: Mapping[str, Sym] | None = None,
    ) -> None:
        self.targets = _with_ends([_placed_target(equation) for equation in equations], horizon)
        self.equations, self.inputs, self.sizes = equations, dict(inputs), tuple(sizes)
        self.declared, self.sequences = declared, dict(sequences)
        self.defined: dict[str, Sym] = {}
        index = self._index()
        stems = {target.stem for target in self.targets}
        taken = {*inputs, *sequences, *sizes, *(shaped or {}), *stems}
        timed = {target.stem for target in self.targets if target.index}
        states = {name: sym for name, sym in (shaped or {}).items() if name in timed}
        self.shaped = {n: sym for n, sym in (shaped or {}).items() if n not in stems | {*sequences}}
        self.timeline = Timeline(
            index,
            horizon or next(name for name in HORIZONS if name not in taken),
            self._first(),
            tuple(t.stem for t in self.targets if t.index),
            length,
            horizon is None,
            {**sequences, **states},
        )
        if horizon == index:
            raise InputError(
                f"{index!r} is the index of time and also the number of steps", way_out="rename one"
            )
        self.words = {} if declared else functions_as_names(equation.value for equation in equations)
        # Names defined after the cell: a formula above that uses one is an error, not a new input.
        self.later = tuple(t.stem for t in self.targets if t.is_after)

    def run(self) -> Recurrence:
        """The recurrence, every equation read and checked."""
        initial = self._initial()
        ending = self._ending()
        cell = self._cell()
        after = self._after()
        self._check_initial(initial, cell)
        found = Recurrence(
            self.timeline.index,
            self.timeline.horizon,
            self.timeline.first,
            tuple(self.inputs.values()),
            tuple(self.sequences.values()),
            tuple(cell),
            initial,
            tuple(after),
            self.timeline.length,
            ending,
        )
        found = replace(found, inputs=tuple(x for x in found.inputs if x.name not in found.indices))
        self._check_names(found)
        self._check_lags(found)
        self._check_ends(found)
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
        reader = TimedReader(equation.text, self.inputs, self.sizes, self.timeline, inside, later)
        reader.names |= {**self.shaped, **self.defined}
        reader.own |= {*self.words, *(target.stem for target in self.targets)}
        found = reader.read(equation.value)
        confirm(equation.left, equation.value, found, self._binding())
        if not self.declared:
            self._take_inputs(found)
        return with_smooth_powers(found)

    def _binding(self) -> Binding:
        """Whose the names of the equations are, for the second reading."""
        line = self.timeline
        stems = {*self.sequences, *line.cell}
        own = {*self.inputs, *self.shaped, *(t.stem for t in self.targets if t.stem not in stems)}
        return Binding(own, {*self.sizes, line.index, line.horizon}, stems, line.index, line.horizon)

    def _take_inputs(self, formula: Expr) -> None:
        """In a text every name that nothing defines is an input."""
        for leaf in all_leaves(formula):
            for name in symbols(leaf):
                if split_time(name.name, self.timeline.stems) or name.name in self.defined:
                    continue
                if name.name in self.later:
                    raise InputError(f"{name.name!r} is used before it is defined")
                if name.name in self.words and name.name not in self.inputs:
                    tell_of_function(name.name, self.words[name.name].lineno)
                self.inputs.setdefault(name.name, name)

    def _initial(self) -> dict[Sym, Expr]:
        """The values before the first time."""
        found: dict[Sym, Expr] = {}
        for equation, target in zip(self.equations, self.targets, strict=True):
            if target.fixed is not None:
                with equation.error_context():
                    name, value = self._initial_value(equation, target, target.fixed)
                    if name in found:
                        raise InputError(f"{target.stem}[{target.fixed}] is given twice")
                    found[name] = value
                    self.timeline.earlier.add(target.stem)
        return found

    def _ending(self) -> dict[Sym, Expr]:
        """The values after the last time."""
        found: dict[Sym, Expr] = {}
        for equation, target in zip(self.equations, self.targets, strict=True):
            if target.ahead is not None:
                with equation.error_context():
                    time = Time(self.timeline.horizon, target.ahead)
                    name, value = self._given_value(equation, target, time)
                    if name in found:
                        raise InputError(f"{target.stem}[{time}] is given twice")
                    found[name] = value
                    back = target.ahead - self.timeline.last.offset
                    most = max(back, self.timeline.ending.get(target.stem, 0))
                    self.timeline.ending[target.stem] = most
        return found

    def _initial_value(self, equation: Equation, target: Target, time: int) -> tuple[Sym, Expr]:
        return self._given_value(equation, target, Time("", time))

    def _given_value(self, equation: Equation, target: Target, time: Time) -> tuple[Sym, Expr]:
        """The name and the value of an equation for a time before or after all others."""
        self._check_stem(target)
        value = self._read(equation, inside=True)
        index = self.timeline.index
        if self.timeline.has_free_time(value):
            way_out = "an initial value is made of inputs and numbers"
            raise InputError(f"{index} has no value in {target.stem}[{time}]", way_out=way_out)
        known = self.timeline.stems.setdefault(target.stem, Sym(target.stem, shape=value.shape))
        if known.shape and value == ZERO:
            sizes = ", ".join(map(str, known.shape))
            tell(f"{target.stem}[{time}] = 0 is read as zeros({sizes})", getattr(equation.value, "lineno", 1))
            value = zeros(known.shape)
        if known.shape != value.shape:
            way_out = f"{target.stem}[{index}] is {in_words(known.shape)}"
            what = f"{target.stem}[{time}] is {in_words(value.shape)}"
            raise ShapeError(what, way_out=way_out, equal=different(known.shape, value.shape))
        return at_time(known, time), value

    def _check_stem(self, target: Target) -> None:
        if target.stem not in self.timeline.cell and target.stem not in self.sequences:
            way_out = f"write {target.stem}[{self.timeline.index}] = …"
            raise InputError(f"{target.stem} has an initial value and nothing more", way_out=way_out)

    def _cell(self) -> list[tuple[Sym, Expr]]:
        """The definitions at time t."""
        found = []
        for equation, target in zip(self.equations, self.targets, strict=True):
            if not target.index:
                continue
            with equation.error_context():
                if target.stem in self.inputs or target.stem in self.sequences:
                    raise InputError(f"{target.stem!r} is also an input", way_out="rename one")
                if target.stem in self.timeline.above:
                    raise InputError(f"{target.stem}[{target.index}] is defined twice")
                formula = self._read(equation, inside=True)
                stem = self.timeline.stems.setdefault(target.stem, Sym(target.stem, shape=formula.shape))
                if stem.shape != formula.shape:
                    what = f"{target.stem}[{target.index}] is {in_words(formula.shape)}"
                    way_out = f"its initial value is {in_words(stem.shape)}"
                    raise ShapeError(what, way_out=way_out, equal=different(stem.shape, formula.shape))
                self.timeline.above.add(target.stem)
                found.append((at_time(stem, Time(self.timeline.index)), formula))
        return found

    def _after(self) -> list[tuple[Sym, Expr]]:
        """The definitions after the cell, over all times or of single ones."""
        found: list[tuple[Sym, Expr]] = []
        for equation, target in zip(self.equations, self.targets, strict=True):
            if not target.is_after:
                continue
            with equation.error_context():
                if target.stem in {*self.inputs, *self.timeline.stems, *self.defined}:
                    what = f"{target.stem!r} is defined twice, or also an input"
                    raise InputError(what, way_out="rename one")
                formula = self._read(equation, inside=False)
                self._check_bound(formula)
                name = self.defined[target.stem] = Sym(target.stem, shape=formula.shape)
                found.append((name, formula))
        return found

    def _check_bound(self, formula: Expr) -> None:
        t = self.timeline.index
        if self.timeline.has_free_time(formula):
            way_out = f"write sum(…) or mean(…) over all {t}, or a fixed time such as [{self.timeline.last}]"
            raise InputError(f"{t} has no value here", way_out=way_out)

    def _check_initial(self, initial: Mapping[Sym, Expr], cell: Sequence[tuple[Sym, Expr]]) -> None:
        used = self.timeline.earlier
        lagged = {split for _, f in cell for split in _lagged(f, self.timeline)}
        for stem in sorted(used - lagged):
            raise InputError(
                f"{stem} has an initial value and its earlier values are never used",
                way_out=f"use {stem}[{self.timeline.index}-1], or drop it",
            )

    def _check_lags(self, found: Recurrence) -> None:
        """Every earlier value that the first steps use must be given."""
        for _, formula in found.cell:
            for stem, time in found.times_in(formula):
                for back in range(1, -time.offset + 1):
                    name = at_time(found.stems[stem], Time("", found.first - back))
                    if name not in found.initial:
                        what = f"{stem}[{time}] needs {stem}[{found.first - back}]"
                        raise InputError(what, way_out=f"write {stem}[{found.first - back}] = …")

    def _check_ends(self, found: Recurrence) -> None:
        """Every later value that the last steps use must be given, and used; the chains go one way each."""
        wanted: set[Sym] = set()
        for _, formula in found.cell:
            for stem, time in found.times_in(formula):
                for ahead in range(1, time.offset + 1):
                    name = at_time(found.stems[stem], found.last.plus(ahead))
                    wanted.add(name)
                    if name not in found.ending:
                        what = f"{stem}[{time}] needs {stem}[{found.last.plus(ahead)}]"
                        raise InputError(what, way_out=f"write {stem}[{found.last.plus(ahead)}] = …")
        for name in found.ending:
            if name not in wanted:
                what = f"{name} is a value after the last time, and no formula refers to it"
                raise InputError(what, way_out=f"use {found.stem(name)}[{found.index}+1], or drop it")
        _ = found.phases

    def _check_names(self, found: Recurrence) -> None:
        after = [name.name for name, _ in found.after]
        if str(found.horizon) in {*self.inputs, *after, *found.stems}:
            raise InputError(
                f"{found.horizon!r} is the number of steps and also a name", way_out="rename one"
            )
        times = (found.index, str(found.horizon))
        check_functions([*self.inputs, *self.sizes, *found.stems, *after, *times], found.formulas)
        for name in (*self.inputs, *found.stems, *after):
            parts = split_time(name, found.stems)
            if parts is not None:
                what, way_out = both_readings(name, *parts)
                raise InputError(what, way_out=way_out)


def _lagged(formula: Expr, line: Timeline) -> set[str]:
    found = (split_time(s.name, line.stems) for s in symbols(formula))
    return {parts[0] for parts in found if parts and parts[1].offset < 0}
