"""The leaves that arrays need besides names: sizes, arrays of ones or zeros, numbers in a table, Jacobians.

A size that is a name, as n in ℝⁿ, has a value once the sizes are known; so have arrays that follow from
their shape. Inert data: no value and no derivative is known here.

Names with a time: h_t, h_{t−1}, h_3, and sums and products over a time. Inert data, no value.

A timed name is a `Sym` like any other, called `h@t-1`, or `h_3` once its time is a number: everything that
takes names takes it. That `h_3` has a time is known to those who know the stems. `Series` is Σ or Π over
an index.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from math import prod
from typing import NamedTuple

from symdiff.expr import shapes
from symdiff.expr.notation import Binding, Notation, Op
from symdiff.expr.shapes import Shape, Size
from symdiff.expr.text import ATOM, Code
from symdiff.expr.tree import Dim, Expr, Num, Sym, postorder, substitute

FILLED = Op("filled", 0, Notation("leaf", "", "", Binding.ATOM))
GRID = Op("grid", 0, Notation("leaf", "", "", Binding.ATOM))


ALIAS = Op("alias", 0, Notation("leaf", "", "", Binding.ATOM))
APPLIED = Op("applied", 0, Notation("leaf", "", "", Binding.ATOM))
NABLA = Op("jacobian", 0, Notation("leaf", "", "", Binding.ATOM))


class Filled(Expr):
    """An array known from its shape: `ones`, `zeros`, the unit matrix `eye`, the unit vector `unit`."""

    __slots__ = ("index", "what")

    def __init__(self, what: str, shape: Shape, index: int = 0) -> None:
        self.op, self.args, self.shape = FILLED, (), shape
        self.what, self.index = what, index
        self._hash = hash((what, shape, index))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filled) and (self.what, self.shape, self.index) == (
            other.what,
            other.shape,
            other.index,
        )

    def code(self, args: Sequence[Code]) -> Code:
        sizes = self.shape[:1] if self.what == "eye" else self.shape
        index = f", {self.index}" if self.what == "unit" else ""
        return f"{self.what}({', '.join(map(str, sizes))}{index})", ATOM


class Grid(Expr):
    """Numbers in the shape of an array: `entries` row by row, those of `rows` and `columns` only.

    A large array shows its first and last rows and columns; `picked` are their positions.
    """

    __slots__ = ("columns", "entries", "rows")

    def __init__(
        self, entries: Sequence[Sequence[Num]], shape: Shape, rows: Sequence[int], columns: Sequence[int]
    ) -> None:
        self.op, self.args, self.shape = GRID, (), shape
        self.entries = tuple(map(tuple, entries))
        self.rows, self.columns = tuple(rows), tuple(columns)
        self._hash = hash((self.entries, shape, self.rows, self.columns))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grid) and (self.entries, self.shape, self.rows, self.columns) == (
            other.entries,
            other.shape,
            other.rows,
            other.columns,
        )

    @property
    def rounded(self) -> bool:
        """Whether any of its numbers is rounded."""
        return any(number.rounded for row in self.entries for number in row)

    def code(self, args: Sequence[Code]) -> Code:
        rows = [f"[{', '.join(number.text for number in row)}]" for row in self.entries]
        return (rows[0] if len(self.shape) == 1 else f"[{', '.join(rows)}]"), ATOM


class Nabla(Expr):
    """The Jacobian ∂over/∂under as a matrix: of the functions `words` at `under`, or of `over` by `under`.

    `whole` is the derivative along every way, otherwise that of one definition. Rows are the components of
    `over` (numerator layout), or of `under` (denominator layout). `at` is written in place of `under`, as
    f(x) in ∇g(f(x)).
    """

    __slots__ = ("at", "layout", "over", "under", "whole", "words")

    def __init__(
        self,
        over: Sym,
        under: Sym,
        words: tuple[Sym, ...] = (),
        whole: bool = False,
        layout: str = "numerator",
        at: Expr | None = None,
    ) -> None:
        self.op, self.args, self.at = NABLA, (), at
        self.over, self.under, self.words, self.whole, self.layout = over, under, words, whole, layout
        shape: Shape = (*(over.shape or (1,)), *(under.shape or (1,)))
        self.shape = () if not over.shape and not under.shape else shape
        if layout == "denominator":
            self.shape = self.shape[::-1]
        self._hash = hash(self._key())

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Nabla) and self._key() == other._key()

    def _key(self) -> tuple[object, ...]:
        return self.over, self.under, self.words, self.whole, self.layout, self.at

    def code(self, args: Sequence[Code]) -> Code:
        return f"jacobian({self.over}, {self.under})", ATOM


class Applied(Expr):
    """(g∘f)(x): the functions `words` at `under`, which is what the name `over` stands for.

    Without `under` the functions alone are written, g∘f.
    """

    __slots__ = ("over", "under", "words")

    def __init__(self, over: Sym, under: Sym | None, words: tuple[Sym, ...]) -> None:
        self.op, self.args, self.shape = APPLIED, (), over.shape
        self.over, self.under, self.words = over, under, words
        self._hash = hash((over, under, words, "applied"))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Applied) and (self.over, self.under, self.words) == (
            other.over,
            other.under,
            other.words,
        )

    def code(self, args: Sequence[Code]) -> Code:
        return f"{'∘'.join(map(str, self.words))}({self.under})", ATOM


class Alias(Expr):
    """A short name for a longer expression, as δ₃ for ∂L/∂a₃: printed as the name, worth what it means."""

    __slots__ = ("meaning", "name")

    def __init__(self, name: Sym, meaning: Expr) -> None:
        self.op, self.args, self.shape = ALIAS, (), meaning.shape
        self.name, self.meaning = name, meaning
        self._hash = hash((name, meaning, "alias"))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alias) and (self.name, self.meaning) == (other.name, other.meaning)

    def code(self, args: Sequence[Code]) -> Code:
        return str(self.name) + ("_new" if self.name.label == "+" else ""), ATOM


def ones(shape: Shape) -> Expr:
    return Filled("ones", shape) if shape else Num(1)


def zeros(shape: Shape) -> Expr:
    return Filled("zeros", shape) if shape else Num(0)


def eye(size: Size) -> Expr:
    return Filled("eye", (size, size))


def size_expr(value: Size) -> Expr:
    """A size as a factor in a formula; one kept as text, n or 100, is worth what it is at a point."""
    if isinstance(value, int):
        return Num(value)
    terms = (reduce(Expr.__mul__, _factors(term)) for term in shapes.terms_of(value))
    return reduce(Expr.__add__, terms)


def _factors(parts: Sequence[str]) -> list[Expr]:
    """The factors of a product of sizes; numbers of which one is kept as text are one size, 2·5."""
    numbers = [part for part in parts if shapes.is_integer(part)]
    found: list[Expr] = [Dim(part) for part in parts if part not in numbers]
    if any(int(part) > shapes.SMALL for part in numbers):
        return [Dim("*".join(numbers)), *found]
    return [Num(prod(map(int, numbers))), *found] if numbers else found


def count(shape: Shape) -> Expr:
    """The number of entries of an array of this shape."""
    factors = [factor for size in shape for factor in _factors_of(size)]
    number = prod(factor.value for factor in factors if isinstance(factor, Num))
    found = [factor for factor in factors if not isinstance(factor, Num)]
    return reduce(Expr.__mul__, [Num(number), *found] if number != 1 or not found else found)


def _factors_of(size: Size) -> list[Expr]:
    terms = shapes.terms_of(size)
    return _factors(terms[0]) if isinstance(size, str) and len(terms) == 1 else [size_expr(size)]


def is_zero(node: Expr) -> bool:
    """Whether `node` is written as zero."""
    return (isinstance(node, Num) and node.value == 0) or (isinstance(node, Filled) and node.what == "zeros")


SUMMED = Op("series_sum", 0, Notation("summation", r"\sum", "Σ", Binding.SUM))
MULTIPLIED = Op("series_product", 0, Notation("leaf", r"\prod", "Π", Binding.ATOM))
BRACED = Op("braced", 0, Notation("leaf", "", "", Binding.ATOM))
_TIMED = re.compile(r"(.+)@([A-Za-z_]\w*)([+-][0-9]+)?")
_NUMBERED = re.compile(r"(.+)_(-?[0-9]+)")


class Moment(NamedTuple):
    """A time: `base` + `offset`; a plain number has no base."""

    base: str
    offset: int = 0

    def __str__(self) -> str:
        if not self.base:
            return str(self.offset)
        return self.base + (f"{self.offset:+d}" if self.offset else "")

    def plus(self, offset: int) -> Moment:
        return Moment(self.base, self.offset + offset)

    def placed(self, places: Mapping[str, Moment]) -> Moment:
        """The same time once its base is known."""
        return places[self.base].plus(self.offset) if self.base in places else self

    def written(self) -> Expr:
        """The time as a factor in a formula."""
        if not self.base:
            return Num(self.offset)
        if not self.offset:
            return Dim(self.base)
        return Dim(self.base) + self.offset if self.offset > 0 else Dim(self.base) - -self.offset


def at_time(name: Sym, time: Moment) -> Sym:
    """h at a time; `name` is the stem."""
    return Sym(_name(name.name, time), shape=name.shape, assume=name.assume)


def _name(stem: str, time: Moment) -> str:
    return f"{stem}@{time}" if time.base else f"{stem}_{time}"


def split_time(name: str, stems: Collection[str]) -> tuple[str, Moment] | None:
    """The stem and the time of a timed name, None if it is none."""
    match = _TIMED.fullmatch(name)
    if match is not None:
        return match[1], Moment(match[2], int(match[3] or 0))
    match = _NUMBERED.fullmatch(name)
    if match is None or match[1] not in stems:
        return None
    return match[1], Moment("", int(match[2]))


class Series(Expr):
    """Σ or Π of `body` over `index` from `low` to `high`; a product has its latest factor on the left."""

    __slots__ = ("body", "high", "index", "kind", "low")

    def __init__(self, kind: str, index: str, low: Moment, high: Moment, body: Expr) -> None:
        self.op, self.args, self.shape = SUMMED if kind == "sum" else MULTIPLIED, (), body.shape
        self.kind, self.index, self.low, self.high, self.body = kind, index, low, high, body
        self._hash = hash(self._key())

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Series) and self._key() == other._key()

    def _key(self) -> tuple[object, ...]:
        return self.kind, self.index, self.low, self.high, self.body

    def code(self, args: Sequence[Code]) -> Code:
        word = "sum" if self.kind == "sum" else "prod"
        return f"{word}({self.body}, {self.index}={self.low}..{self.high})", ATOM


class Braced(Expr):
    """`body` with a brace under it that says what it is: `label`, equal to it."""

    __slots__ = ("body", "label")

    def __init__(self, body: Expr, label: Expr) -> None:
        self.op, self.args, self.shape = BRACED, (), body.shape
        self.body, self.label = body, label
        self._hash = hash((body, label, "braced"))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Braced) and (self.body, self.label) == (other.body, other.label)

    def code(self, args: Sequence[Code]) -> Code:
        return f"({self.body})", ATOM


def leaves_of(root: Expr) -> list[Expr]:
    """Every leaf of `root`, those inside a series included."""
    found: list[Expr] = []
    waiting = [root]
    while waiting:
        for node in postorder(waiting.pop()):
            if isinstance(node, Series | Braced):
                waiting.append(node.body)
            if not node.args:
                found.append(node)
    return found


def placed(root: Expr, places: Mapping[str, Moment], stems: Collection[str]) -> Expr:
    """`root` with each time whose base is a key of `places` moved there: t to 3, or t to t − 1.

    The index of a series is its own: a base of the same name does not reach inside.
    """
    found: dict[Expr, Expr] = {}
    for node in postorder(root):
        if isinstance(node, Series):
            found[node] = _placed_series(node, places, stems)
        elif isinstance(node, Alias):
            found[node] = _placed_alias(node, places, stems)
        elif isinstance(node, Braced):
            found[node] = Braced(placed(node.body, places, stems), placed(node.label, places, stems))
        elif isinstance(node, Dim) and node.name in places:
            found[node] = places[node.name].written()
        elif isinstance(node, Sym):
            parts = split_time(node.name, stems)
            if parts is not None and parts[1].base in places:
                time = parts[1].placed(places)
                name = _name(parts[0], time)
                found[node] = Sym(name, node.accent, node.label, node.seed, node.shape, node.assume)
    return substitute(root, found) if found else root


def _placed_series(node: Series, places: Mapping[str, Moment], stems: Collection[str]) -> Series:
    inside = {base: time for base, time in places.items() if base != node.index}
    low, high = node.low.placed(places), node.high.placed(places)
    return Series(node.kind, node.index, low, high, placed(node.body, inside, stems))


def _placed_alias(node: Alias, places: Mapping[str, Moment], stems: Collection[str]) -> Alias:
    name = placed(node.name, places, ())
    assert isinstance(name, Sym)
    return Alias(name, placed(node.meaning, places, stems))
