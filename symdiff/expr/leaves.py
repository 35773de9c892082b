"""The leaves that arrays need besides names: sizes, arrays of ones or zeros, numbers in a table, Jacobians.

A size that is a name, as n in ℝⁿ, has a value once the sizes are known; so have arrays that follow from
their shape. Inert data: no value and no derivative is known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import prod

from symdiff.expr import shapes
from symdiff.expr.notation import Binding, Notation, Op
from symdiff.expr.shapes import Shape, Size
from symdiff.expr.tree import Expr, Num, Sym

DIM = Op("size", 0, Notation("leaf", "", "", Binding.ATOM))
FILLED = Op("filled", 0, Notation("leaf", "", "", Binding.ATOM))
GRID = Op("grid", 0, Notation("leaf", "", "", Binding.ATOM))


ALIAS = Op("alias", 0, Notation("leaf", "", "", Binding.ATOM))
APPLIED = Op("applied", 0, Notation("leaf", "", "", Binding.ATOM))
NABLA = Op("jacobian", 0, Notation("leaf", "", "", Binding.ATOM))


class _All(Expr):
    """The colon in X[:, j]: a whole axis."""

    def __init__(self) -> None:
        super().__init__(Op(":", 0, Notation("leaf", ":", ":", Binding.ATOM)))


ALL = _All()


class Dim(Expr):
    """A size that is a name, as n in ℝⁿ, or a number kept as text; a number once the sizes are known."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.op, self.args, self.shape, self.name = DIM, (), (), name
        self._hash = hash(("dim", name))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dim) and other.name == self.name


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
