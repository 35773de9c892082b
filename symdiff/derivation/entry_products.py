"""Products of letters as formulas in whole arrays: each factor placed along the axes of a frame.

A vector along the first axis of a matrix is spread as a column, one along the second is a row by itself; u
along one and v along the other make u·vᵀ. Sums over n are means, sums of products inner products.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import NamedTuple

from symdiff.algebra.monomials import chained
from symdiff.algebra.polynomials import Exponents
from symdiff.algebra.quotients import NotRationalError
from symdiff.derivation.entry_field import Axes, EntryField, is_reduction
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import ones, zeros
from symdiff.expr.numbers import Exact, decimal_number
from symdiff.expr.shapes import Shape, terms_of
from symdiff.expr.tree import Dim, Expr, Num, Sym

STAND_IN = "#"
"""What the name of a sum begins with that stands as one letter for a while."""


class Factor(NamedTuple):
    """A factor of a product: an array, its axes, its power."""

    array: Expr
    axes: Axes
    power: int = 1

    @property
    def along(self) -> frozenset[int]:
        return frozenset(axis for axis in self.axes if axis is not None)


def letters_of(field: EntryField, exponents: Exponents) -> list[Factor]:
    """The letters of a monomial as factors."""
    return [Factor(*field.letters[at], power) for at, power in enumerate(exponents) if power]


def inner_product(node: Expr) -> Expr:
    """A sum of products as an inner product, of squares as a norm."""
    if node.op is not a.SUM:
        return node
    inside = node.args[0]
    if inside.op is e.MUL and all(arg.shape == inside.shape for arg in inside.args):
        return Expr(a.DOT if len(inside.shape) == 1 else a.INNER, *inside.args)
    if inside.op is e.POW and inside.args[1] == Num(2):
        return Expr(a.SQNORM, inside.args[0])
    return node


def spread(node: Expr, shape: Shape) -> Expr:
    """A formula in a wider shape: a number as a multiple of 𝟏, a column times 𝟏ᵀ."""
    if node.shape == shape:
        return node
    if isinstance(node, Num) and node.value == 0:
        return zeros(shape)
    if not node.shape:
        return ones(shape) if node == e.ONE else node * ones(shape)
    if len(shape) == 2 and len(node.shape) == 1:
        return a.outer(ones(shape[:1]), node) if shape[0] != 1 else Expr(a.ROW, node)
    if node.op is a.COLUMN:
        return a.outer(node.args[0], ones(shape[1:]))
    return node * ones(shape)


class Products:
    """Writes products of factors; `decimal` numbers as such.

    With `rows` a vector beside a matrix stands for each row by itself, else it is spread by 𝟏·vᵀ.
    """

    def __init__(self, field: EntryField, rows: bool, decimal: bool) -> None:
        self.field, self.rows, self.decimal = field, rows, decimal

    def signed(self, number: Exact, factors: Sequence[Factor], frame: Axes) -> Expr:
        """A product with its sign, that of a negated factor included."""
        signs = sum(f.power for f in factors if f.array.op is e.NEG)
        plain = [Factor(f.array.args[0], f.axes, f.power) if f.array.op is e.NEG else f for f in factors]
        found = self.product(number if number > 0 else -number, plain, frame)
        return -found if (number < 0) != (signs % 2 == 1) else found

    def product(self, number: Exact, factors: Sequence[Factor], frame: Axes) -> Expr:
        """A product with one fraction bar, its factors placed in the frame."""
        whole = Fraction(number)
        for factor in factors:
            if isinstance(factor.array, Num):
                whole *= Fraction(factor.array.value) ** factor.power
        whole, kept = _means(whole, [f for f in factors if not isinstance(f.array, Num) and f.power])
        kept = [Factor(inner_product(f.array), f.axes, f.power) for f in kept]
        above = [f for f in kept if f.power > 0]
        below = [Factor(f.array, f.axes, -f.power) for f in kept if f.power < 0]
        return self._fraction(whole, above, below, frame)

    def _fraction(self, number: Fraction, above: list[Factor], below: list[Factor], frame: Axes) -> Expr:
        if len(frame) == 2:
            if _is_outer(above, below, frame):
                return self._outer(number, above, below, frame)
            above, below = self._with_one_column(above, below, frame)
        top, bottom = self._placed(above, frame), self._placed(below, frame)
        over, under = number.numerator, number.denominator
        decimal = decimal_number(number) if self.decimal and under != 1 else None
        if decimal is not None:
            over, under, top = 1, 1, [decimal, *top]
        if over != 1 or not top:
            top.insert(0, Num(over))
        if under != 1:
            bottom.insert(0, Num(under))
        return chained(top) / chained(bottom) if bottom else chained(top)

    def _placed(self, factors: Iterable[Factor], frame: Axes) -> list[Expr]:
        """Factors in a frame, in order, each to its power."""
        found = []
        for factor in _in_order(factors, self.field.order):
            array = self._place(factor.array, factor.axes, frame)
            found.append(array if factor.power == 1 else array ** Num(factor.power))
        return found

    def _place(self, array: Expr, axes: Axes, frame: Axes) -> Expr:
        """An array in a frame: a column spread, a matrix transposed.

        Raises:
            NotRationalError: it has no place there.
        """
        along = tuple(axis for axis in axes if axis is not None)
        if not along:
            return Expr(a.SUM, array) if array.shape else array
        if len(set(along)) != len(along) or not set(along) <= set(frame):
            raise NotRationalError
        if len(frame) == 1:
            return array if len(axes) == 1 else Expr(a.SUM_ACROSS if axes[1] is None else a.SUM_DOWN, array)
        if len(axes) == 1:
            return Expr(a.COLUMN, array) if axes[0] == frame[0] else self._row(array, frame)
        kept = axes[0] in (None, frame[0]) and axes[1] in (None, frame[1])
        return array if kept else array.T

    def _row(self, array: Expr, frame: Axes) -> Expr:
        """A vector that stands for each row of a matrix."""
        count = self.field.sizes.get(frame[0])
        return array if self.rows or count is None else a.outer(ones((count,)), array)

    def _with_one_column(
        self, above: list[Factor], below: list[Factor], frame: Axes
    ) -> tuple[list[Factor], list[Factor]]:
        """Vectors along the first axis as one, which is spread as a whole."""
        columns = [[f for f in part if f.axes == frame[:1]] for part in (above, below)]
        if len(columns[0]) + len(columns[1]) < 2:
            return above, below
        one = Factor(self._fraction(Fraction(1), columns[0], columns[1], frame[:1]), frame[:1])
        rest = [[f for f in part if f.axes != frame[:1]] for part in (above, below)]
        return [*rest[0], one], rest[1]

    def _outer(self, number: Fraction, above: list[Factor], below: list[Factor], frame: Axes) -> Expr:
        """u·vᵀ of the factors along one axis and those along the other, numbers around it."""
        parts = []
        for axis in frame:
            own = [[f for f in part if f.along == {axis}] for part in (above, below)]
            parts.append(self._fraction(Fraction(1), own[0], own[1], (axis,)))
        scalars = [[f for f in part if not f.along] for part in (above, below)]
        whole = Factor(a.outer(*parts), frame)
        return self._fraction(number, [*scalars[0], whole], scalars[1], frame)


def _is_outer(above: list[Factor], below: list[Factor], frame: Axes) -> bool:
    """Whether there are factors along each axis above the fraction bar, and none along both anywhere."""
    sides = [{f.along for f in part if f.along} for part in (above, below)]
    single = {frozenset([axis]) for axis in frame if axis is not None}
    return len(single) == 2 and sides[0] == single and sides[1] <= single


def _in_order(factors: Iterable[Factor], order: Mapping[Expr, int]) -> list[Factor]:
    """Scalars, then arrays; in each names in the order in which they occurred, other letters, sums."""

    def rank(factor: Factor) -> tuple[bool, int, int]:
        node = factor.array
        is_sum = node.op in (e.ADD, e.SUB) or (isinstance(node, Sym) and node.name.startswith(STAND_IN))
        kind = 2 if is_sum else 0 if isinstance(node, Sym | Dim) else 1
        return bool(factor.along), kind, order.get(node, 0)

    return sorted(factors, key=rank)


def _means(number: Fraction, factors: Sequence[Factor]) -> tuple[Fraction, list[Factor]]:
    """Sums over n as means, where n stands below."""
    powers: Counter[Expr] = Counter()
    for factor in factors:
        if isinstance(factor.array, Dim):
            powers[factor.array] += factor.power
    found = []
    for factor in factors:
        if isinstance(factor.array, Dim):
            continue
        if factor.power == 1 and is_reduction(factor.array):
            names, small = _count_of(factor.array)
            enough = all(powers.get(name, 0) <= -names.count(name) for name in names)
            if enough and number.denominator % small == 0 and (names or small > 1):
                for name in names:
                    powers[name] += 1
                number *= small
                factor = Factor(Expr(_MEANS[factor.array.op], factor.array.args[0]), factor.axes)
        found.append(factor)
    return number, [*(Factor(name, (), power) for name, power in powers.items() if power), *found]


_MEANS = {a.SUM: a.MEAN, a.SUM_DOWN: a.MEAN_DOWN, a.SUM_ACROSS: a.MEAN_ACROSS}


def _count_of(reduction: Expr) -> tuple[list[Expr], int]:
    """How many entries are summed: sizes that are names, and a number."""
    shape = reduction.args[0].shape
    own = {a.SUM: shape, a.SUM_DOWN: shape[:1], a.SUM_ACROSS: shape[1:]}[reduction.op]
    texts = [terms_of(size) for size in own if isinstance(size, str)]
    if any(len(terms) != 1 for terms in texts):
        return [Dim("?")], 1  # a sum of sizes stands below as a sum
    names: list[Expr] = [Dim(part) for terms in texts for part in terms[0]]
    return names, prod(size for size in own if isinstance(size, int))
