"""Leaves of expressions on arrays: 𝟏, 0, I and unit vectors, tables of numbers, Jacobian symbols, sizes.

Inert data: no value and no derivative is known here. Names and numbers are in `tree`, sums over time in
`timed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from math import prod
from typing import Any

from symdiff.expr import shapes
from symdiff.expr.notation import Op, leaf
from symdiff.expr.shapes import Shape, Size
from symdiff.expr.text import ATOM, Code, text_of_size
from symdiff.expr.tree import Dim, Expr, Num, Sym, leaves


class Leaf(Expr):
    """A leaf made of the values named in its `__slots__`: two are equal if these and the shapes are equal."""

    __slots__: tuple[str, ...] = ()

    def __init__(self, op: Op, shape: Shape) -> None:
        # A subclass calls this last, since the hash is that of its values.
        self.op, self.args, self.shape = op, (), shape
        self._hash = hash(self._values())

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Leaf)
            and type(self) is type(other)
            and self._hash == other._hash
            and self._values() == other._values()
        )

    def __reduce__(self) -> tuple[Callable[..., Expr], tuple[Any, ...]]:
        return _leaf, (
            type(self),
            self.op,
            self.shape,
            [getattr(self, slot) for slot in type(self).__slots__],
        )

    def _values(self) -> tuple[object, ...]:
        return self.op.name, self.shape, *(getattr(self, slot) for slot in type(self).__slots__)


def _leaf(kind: type[Leaf], op: Op, shape: Shape, values: Sequence[object]) -> Leaf:
    """A leaf from what it is made of."""
    made = kind.__new__(kind)
    for slot, value in zip(kind.__slots__, values, strict=True):
        setattr(made, slot, value)
    Leaf.__init__(made, op, shape)
    return made


FILLED = leaf("filled")


TRIANGLES = ("tril", "triu")


class Filled(Leaf):
    """An array known from its shape: `ones`, `zeros`, the unit matrix `eye`, the unit vector `unit`.

    `index` is the place of the 1 in a unit vector, counted from 0: a number, or a size such as n − 1.
    Also `arange`, the numbers 0, 1, …, and `tri`, the lower triangular matrix of ones.
    `tril` has 1 where column − row is at most `index`, `triu` where it is at least that, and 0 elsewhere.
    """

    __slots__ = ("index", "what")

    def __init__(self, what: str, shape: Shape, index: Size = 0) -> None:
        self.what, self.index = what, index
        super().__init__(FILLED, shape)

    def code(self, args: Sequence[Code]) -> Code:
        if self.what in TRIANGLES:
            whole, _ = Filled("ones", self.shape).code(())
            return f"{self.what}({whole}{f', {self.index}' if self.index else ''})", ATOM
        sizes = self.shape[:1] if self.what in ("eye", "tri") else self.shape
        index = [self.index] if self.what == "unit" else []
        return f"{self.what}({', '.join(map(text_of_size, [*sizes, *index]))})", ATOM


HELD_INDEX = leaf("held index")


class HeldIndex(Leaf):
    """An index that is a name, y in z[y], or a vector of them: of 0, …, limit − 1; never differentiated."""

    __slots__ = ("limit", "name")

    def __init__(self, name: str, shape: Shape, limit: Size) -> None:
        self.name, self.limit = name, limit
        super().__init__(HELD_INDEX, shape)

    def code(self, args: Sequence[Code]) -> Code:
        return self.name, ATOM


ONE_HOT = leaf("one-hot")


class OneHot(Leaf):
    """e_y, the vector whose entry y is 1 and whose others are 0; of a vector of indices their rows."""

    __slots__ = ("index",)

    def __init__(self, index: HeldIndex) -> None:
        self.index = index
        super().__init__(ONE_HOT, (*index.shape, index.limit))

    def code(self, args: Sequence[Code]) -> Code:
        return f"one_hot({self.index}, {self.index.limit})", ATOM


def held_indices(root: Expr) -> Iterator[HeldIndex]:
    """The indices that are names in a formula, in reading order."""
    for node in leaves(root):
        if isinstance(node, HeldIndex):
            yield node
        elif isinstance(node, OneHot):
            yield node.index


def ones(shape: Shape) -> Expr:
    """𝟏 of this shape; the number 1 for a scalar."""
    return Filled("ones", shape) if shape else Num(1)


def zeros(shape: Shape) -> Expr:
    """0 of this shape."""
    return Filled("zeros", shape) if shape else Num(0)


def eye(size: Size) -> Expr:
    """The identity matrix."""
    return Filled("eye", (size, size))


def is_zero(node: Expr) -> bool:
    """Whether `node` is written as zero."""
    return (isinstance(node, Num) and node.value == 0) or (isinstance(node, Filled) and node.what == "zeros")


GRID = leaf("grid")


class Grid(Leaf):
    """A table of numbers in place of an array of `shape`: `entries` row by row.

    A large array shows its first and last rows and columns only; `rows` and `columns` are their positions.
    """

    __slots__ = ("columns", "entries", "rows")

    def __init__(
        self, entries: Sequence[Sequence[Num]], shape: Shape, rows: Sequence[int], columns: Sequence[int]
    ) -> None:
        self.entries = tuple(map(tuple, entries))
        self.rows, self.columns = tuple(rows), tuple(columns)
        super().__init__(GRID, shape)

    @property
    def rounded(self) -> bool:
        """Whether any of its numbers is rounded."""
        return any(number.rounded for row in self.entries for number in row)

    def code(self, args: Sequence[Code]) -> Code:
        rows = [f"[{', '.join(number.text for number in row)}]" for row in self.entries]
        return (rows[0] if len(self.shape) == 1 else f"[{', '.join(rows)}]"), ATOM


def is_rounded(node: Expr) -> bool:
    """Whether a number in a formula is rounded, so that it is near its value only."""
    return any(isinstance(own, Num | Grid) and own.rounded for own in leaves(node))


NABLA = leaf("jacobian")


class Nabla(Leaf):
    """The symbol of a Jacobian matrix: ∂over/∂under, or ∇(g∘f)(under) if `functions` are given.

    `whole` is the derivative along every path, otherwise that of one definition. Rows are the components of
    `over` (numerator layout), or of `under` (denominator layout). `at` is written in place of `under`, as
    f(x) in ∇g(f(x)).
    """

    __slots__ = ("at", "functions", "layout", "over", "under", "whole")

    def __init__(
        self,
        over: Sym,
        under: Sym,
        functions: tuple[Sym, ...] = (),
        whole: bool = False,
        layout: str = "numerator",
        at: Expr | None = None,
    ) -> None:
        self.over, self.under, self.functions = over, under, functions
        self.whole, self.layout, self.at = whole, layout, at
        sides = (over, under) if layout == "numerator" else (under, over)
        is_scalar = not over.shape and not under.shape
        super().__init__(
            NABLA, () if is_scalar else tuple(size for side in sides for size in side.shape or (1,))
        )

    def code(self, args: Sequence[Code]) -> Code:
        return f"jacobian({self.over}, {self.under})", ATOM


APPLIED = leaf("applied")


class Applied(Leaf):
    """(g∘f)(x): `functions` applied to `under`, which is what the name `over` stands for.

    Without `under` the functions alone are written, g∘f.
    """

    __slots__ = ("functions", "over", "under")

    def __init__(self, over: Sym, under: Sym | None, functions: tuple[Sym, ...]) -> None:
        self.over, self.under, self.functions = over, under, functions
        super().__init__(APPLIED, over.shape)

    def code(self, args: Sequence[Code]) -> Code:
        return f"{'∘'.join(map(str, self.functions))}({self.under})", ATOM


ALIAS = leaf("alias")


class Alias(Leaf):
    """A short name for a longer expression, as δ₃ for ∂L/∂a₃: printed as `name`, worth `meaning`."""

    __slots__ = ("meaning", "name")

    def __init__(self, name: Sym, meaning: Expr) -> None:
        self.name, self.meaning = name, meaning
        super().__init__(ALIAS, meaning.shape)

    def code(self, args: Sequence[Code]) -> Code:
        return str(self.name) + ("_new" if self.name.label == "+" else ""), ATOM


def size_expr(value: Size) -> Expr:
    """A size as an expression; one kept as text, n or 100, gets its number at a point."""
    if isinstance(value, int):
        return Num(value)
    first, *others = map(_signed, shapes.terms_of(value))
    whole = -first[1] if first[0] else first[1]
    for negative, term in others:
        whole = whole - term if negative else whole + term
    return whole


def _signed(factors: Sequence[str]) -> tuple[bool, Expr]:
    """Whether a term of a size is taken away, and the term: n − k has the terms n and k."""
    first, *rest = factors
    negative = first.startswith("-")
    unsigned = [first.removeprefix("-"), *rest] if negative else list(factors)
    kept = unsigned[1:] if negative and rest and unsigned[0] == "1" else unsigned
    return negative, reduce(Expr.__mul__, _product_factors(kept))


def entry_count(shape: Shape) -> Expr:
    """The number of entries of an array of this shape."""
    factors = [factor for size in shape for factor in _size_factors(size)]
    number = prod(factor.value for factor in factors if isinstance(factor, Num))
    found = [factor for factor in factors if not isinstance(factor, Num)]
    return reduce(Expr.__mul__, [Num(number), *found] if number != 1 or not found else found)


def _size_factors(size: Size) -> list[Expr]:
    terms = shapes.terms_of(size)
    return _product_factors(terms[0]) if isinstance(size, str) and len(terms) == 1 else [size_expr(size)]


def _product_factors(parts: Sequence[str]) -> list[Expr]:
    """The factors of a product of sizes; numbers of which one is kept as text are one size, 2·5."""
    numbers = [part for part in parts if shapes.is_integer(part)]
    found: list[Expr] = [Dim(part) for part in parts if part not in numbers]
    if any(int(part) > shapes.SMALL for part in numbers):
        return [Dim("*".join(numbers)), *found]
    return [Num(prod(map(int, numbers))), *found] if numbers else found
