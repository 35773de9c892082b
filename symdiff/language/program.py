"""Text to program: the definitions a text makes, its inputs in order, and the name of its result.

The language: numbers, names, + − * / **, brackets, calls of the functions in the rule table. A text is
an expression, an equation `y = …` or `f(x, a) = …`, or several equations, one a line, the last of
which is the result. The author's form is kept to the letter: numbers as written, no sorting, no
simplification. A sign in front of a product belongs to the product, as on paper: −ax is −(ax).
This module knows no derivative and no tape; characters and brackets are the `reader`'s.

A text of equations with times to a recurrence of numbers: h[t] = tanh(U*x[t] + W*h[t-1]); h[-1] = 0.

Equations with times as written: a left side, the tree of the right side, and where errors stand.

Equations with times to a recurrence: initial values, the cell, then what is made of its values.

The equations of a text and those of a file come here as `Equation`s, in order; each knows how to show an
error where it stands.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import chain, count

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.expr.names import check_distinct, check_name, split_name
from symdiff.expr.shapes import LARGEST, Shape, in_words, is_number, size
from symdiff.expr.timed import Time, all_leaves, at_time, split_time
from symdiff.expr.tree import Expr, Sym, symbols
from symdiff.language.reader import Reader, TimedReader, Timeline
from symdiff.language.recurrence import Recurrence
from symdiff.language.syntax import spelled, statements
from symdiff.rules.table import functions

RESULT_NAMES = ("y", "f", "z", "F", "result")


@dataclass(frozen=True, slots=True)
class Program:
    """What a text says: inputs in order, and definitions in order, the last one the result."""

    inputs: tuple[Sym, ...]
    definitions: tuple[tuple[Sym, Expr], ...]


def parse_expression(text: str, names: Mapping[str, Sym] | None = None, sizes: Collection[str] = ()) -> Expr:
    """The expression that `text` is, in the author's form; `names` are those with a known shape."""
    statement = statements(text)
    if len(statement) != 1 or not isinstance(statement[0], ast.Expr):
        raise InputError("one expression is expected", where=repr(shorten(text)))
    return Reader(text, names, sizes).read(statement[0].value)


def parse_program(
    text: str,
    inputs: tuple[str, ...] | None = None,
    shapes: Mapping[str, Shape] | None = None,
    assumed: Mapping[str, str] | None = None,
) -> Program:
    """The definitions in `text`; `inputs` fixes the inputs and their order, else order of appearance.

    `shapes` gives the inputs that are vectors or matrices, `assumed` what is known of them; a name that is a
    size in a shape may stand in formulas.
    """
    shaped = {n: Sym(n, shape=_kept(s), assume=(assumed or {}).get(n, "")) for n, s in (shapes or {}).items()}
    sizes = {str(part) for name in shaped.values() for part in name.shape if not is_number(part)}
    reader = Reader(text, shaped, sizes)
    declared = [shaped.get(name) or Sym(check_name(name)) for name in inputs or ()]
    reader.names |= {name.name: name for name in declared}
    definitions: list[tuple[Sym, Expr]] = []
    found = statements(text)
    for number, statement in enumerate(found):
        if isinstance(statement, ast.Expr) and number == len(found) - 1:
            formula = reader.read(statement.value)
            used = {s.name for _, f in [*definitions, (None, formula)] for s in symbols(f)}
            used |= {s.name for s, _ in definitions} | {s.name for s in declared}
            name = next(n for n in chain(RESULT_NAMES, _numbered_names()) if n not in used)
            definitions.append((Sym(name, shape=formula.shape), formula))
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, arguments = reader.target(statement.targets[0])
            declared += arguments
            reader.names |= {name.name: name for name in arguments}
            formula = reader.read(statement.value)
            if target.name in sizes:
                raise InputError(f"{target.name!r} is a size, it cannot be defined", way_out="rename one")
            if target.name in {s.name for s in (*declared, *(name for name, _ in definitions))}:
                raise InputError(f"{target.name!r} is defined by a formula that uses it, or twice")
            target = reader.names[target.name] = Sym(target.name, shape=formula.shape)
            definitions.append((target, formula))
        else:
            reader.fail("only expressions and equations name = expression are allowed", statement)
    return _program(declared, definitions, fixed=inputs is not None)


def _kept(shape: Shape) -> Shape:
    """A shape as it is kept, its numbers in bounds."""
    for part in shape:
        if is_number(part) and not 1 <= int(part) <= LARGEST:
            raise InputError(f"a size is a whole number from 1 to {LARGEST}, not {part}")
    return tuple(map(size, shape))


def _numbered_names() -> Iterator[str]:
    return (f"result_{i}" for i in count(1))


def _program(declared: list[Sym], definitions: list[tuple[Sym, Expr]], fixed: bool) -> Program:
    defined: set[Sym] = set()
    found = list(dict.fromkeys(declared))
    fixed = fixed or bool(declared)
    for target, formula in definitions:
        for name in symbols(formula):
            if name in defined or name in found:
                continue
            if fixed:
                known = [s.name for s in [*found, *defined]]
                raise InputError(f"unknown name {name.name!r}", way_out=did_you_mean(name.name, known))
            found.append(name)
        if target.name in {s.name for s in (*defined, *found)}:
            raise InputError(f"{target.name!r} is defined by a formula that uses it, or twice")
        defined.add(target)
    check_distinct([s.name for s in [*found, *defined]])
    return Program(tuple(found if fixed else _families_in_order(found)), tuple(definitions))


def _families_in_order(names: list[Sym]) -> list[Sym]:
    """`names` in order of appearance, but x2, x1 as x1, x2 in the places the two have."""
    families: dict[str, list[Sym]] = {}
    for name in names:
        families.setdefault(split_name(name.name)[0], []).append(name)
    queues = {stem: iter(sorted(family, key=_index)) for stem, family in families.items()}
    return [next(queues[split_name(name.name)[0]]) for name in names]


def _index(name: Sym) -> tuple[int, str]:
    index = split_name(name.name)[2]
    return (int(index) if index.isdigit() else -1), index


def parse_recurrence(text: str, horizon: str | None = None) -> Recurrence:
    """The recurrence that a text of equations is; every value is a number, names not defined are inputs.

    A name that is only used with a time is a sequence.
    """
    found = []
    body = statements(text)
    for number, statement in enumerate(body):
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            left = spelled(ast.unparse(statement.targets[0]))
        elif isinstance(statement, ast.Expr) and number == len(body) - 1:
            left = "result"
        else:
            raise InputError("only equations name = expression are allowed", where=repr(shorten(text)))
        found.append(Equation(left, statement.value, text))
    targets = [target_of(equation.left) for equation in found]
    defined = {target.stem for target in targets if target.fixed is None}
    return Assembler(found, {}, _sequences(body, defined), (), horizon, None, declared=False).run()


def _sequences(body: Sequence[ast.stmt], defined: Collection[str]) -> dict[str, Sym]:
    """The names with a time that nothing defines, in reading order."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    used = [n.value for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)]
    used.sort(key=lambda name: (name.lineno, name.col_offset))
    names = dict.fromkeys(spelled(name.id) for name in used)
    return {name: Sym(check_name(name)) for name in names if name not in defined}


_HEAD = re.compile(r"(?:^|;)[ \t]*[A-Za-z]\w*[ \t]*\[[^\]]*\][ \t]*=(?!=)", re.MULTILINE)


def is_recurrence(text: str) -> bool:
    """Whether a text has an equation with a time on its left."""
    return bool(_HEAD.search(text))


_TARGET = re.compile(r"\s*([A-Za-z]\w*)\s*(?:\[\s*(?:([A-Za-z]\w*)|(-?\d{1,6}))\s*\])?\s*")


@dataclass(frozen=True)
class Equation:
    """The left side as written, the tree of the right side, and the text it is in; `placing` says where
    errors stand."""

    left: str
    value: ast.expr
    text: str
    placing: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(frozen=True)
class Target:
    """What an equation defines: a stem, at t, at a fixed time, or a name without a time."""

    stem: str
    index: str = ""
    fixed: int | None = None


def target_of(left: str) -> Target:
    """The target that the left side of an equation says.

    Raises:
        InputError: it is neither a name, nor one with t or a whole number for its time.
    """
    match = _TARGET.fullmatch(left)
    if match is None:
        raise InputError(f"{left.strip()!r} cannot be defined", way_out="write h[t], h[-1] or L on the left")
    stem, index, fixed = match.groups()
    if check_name(stem) in functions():
        raise InputError(f"{stem!r} belongs to the language, it cannot be a name here", way_out="rename it")
    return Target(stem, index or "", None if fixed is None else int(fixed))


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
        for leaf in all_leaves(formula):
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
                    what = f"{target.stem}[{target.fixed}] is {in_words(value.shape)}"
                    raise InputError(
                        what, way_out=f"{target.stem}[{self.line.index}] is {in_words(known.shape)}"
                    )
                name = at_time(known, Time("", target.fixed))
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
                    what = f"{target.stem}[{target.index}] is {in_words(formula.shape)}"
                    way_out = f"its initial value is {in_words(stem.shape)}"
                    raise InputError(what, way_out=way_out)
                self.line.above.add(target.stem)
                found.append((at_time(stem, Time(self.line.index)), formula))
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
                    name = at_time(found.stems[stem], Time("", found.first - back))
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
