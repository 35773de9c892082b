"""Arrays by their entries: a formula as a quotient of polynomials in letters, each with its axes.

The entry (i, j) of a formula such as γ ⊙ C/s − mean(…) is rational in *letters*: entries of names, Cᵢⱼ and
γⱼ, numbers, functions, products of matrices, and *reductions*, sums over axes of products of letters.
A reduction is linear in what does not vary along its axes, which is taken out of it. So one form stands for
⊙, +, /, Σ, mean, inner products, outer products and broadcasting, for rows and columns, for every axis.

An axis is a number; a letter has one for each dimension of its array, None for a dimension of size 1. Facts,
as that the entries of p add up to 1, are used where a reduction is made (`EntryField.known`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from symdiff.algebra.polynomials import Exponents, Polynomial, PolynomialRing
from symdiff.algebra.quotients import NotRationalError, Quotient
from symdiff.algebra.tidy import constant, tidy
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled, OneHot, entry_count, size_expr
from symdiff.expr.numbers import Exact
from symdiff.expr.shapes import Shape, Size
from symdiff.expr.tree import Dim, Expr, Num, Sym, count_operations, symbols

MOST_LETTERS = 24
MOST_MONOMIALS = 200
MOST_POWER = 6
Axes = tuple[int | None, ...]
Frame = tuple[int, ...]


class Letter(NamedTuple):
    """An array, and the axes along which its dimensions run."""

    array: Expr
    axes: Axes

    @property
    def varies_along(self) -> frozenset[int]:
        return frozenset(axis for axis in self.axes if axis is not None)


class Bound(NamedTuple):
    """An axis that is summed over, and its size."""

    axis: int
    size: Size


@lru_cache(maxsize=1)
def _ring() -> PolynomialRing:
    return PolynomialRing(MOST_LETTERS)


REDUCTIONS = (a.SUM, a.SUM_DOWN, a.SUM_ACROSS)


class Write(Protocol):
    """Writes an element of a field in a frame of axes, in a shape."""

    def __call__(self, field: EntryField, element: Quotient, frame: Axes, shape: Shape, /) -> Expr: ...


class EntryField:
    """The quotients of polynomials in the letters that have occurred.

    `write` writes an element in a frame; `known` gives the value of a reduction, `name_of` the name of an
    array, where there is one.
    """

    def __init__(
        self,
        write: Write,
        known: Callable[[Expr], Expr | None],
        name_of: Callable[[Expr], Expr | None],
        is_symmetric: Callable[[Expr], bool] = lambda node: False,
    ) -> None:
        self.ring = _ring()
        self.write, self.known, self.name_of = write, known, name_of
        self.is_symmetric = is_symmetric
        self.letters: list[Letter] = []
        self.hot: list[int] = []
        """The letters that are unit vectors of an index, or rows of them."""
        self.order: dict[Expr, int] = {}
        self._places: dict[Letter, int] = {}
        self._elements: dict[tuple[Expr, Axes], Quotient] = {}
        self.sizes: dict[int | None, Size] = {}
        self._next_axis = 2
        self.used: dict[Expr, Expr] = {}
        """The reductions whose values were used, with these."""
        self.known_sums: dict[Axes, list[tuple[Quotient, Expr, Axes]]] = {}
        self.terms: dict[tuple[Exponents, Exact, Axes], tuple[bool, Expr]] = {}
        self._short: dict[Expr, Expr] = {}

    def number(self, value: Exact) -> Quotient:
        return Quotient(self.ring.number(value))

    def letter(self, array: Expr, axes: Axes) -> Quotient:
        """The letter of an array; a dimension of size 1 has no axis.

        Raises:
            NotRationalError: there are too many letters.
        """
        axes = tuple(None if size == 1 else axis for axis, size in zip(axes, array.shape, strict=True))
        if len(axes) == 2 and None not in axes and self.is_symmetric(array):
            axes = tuple(sorted(axis for axis in axes if axis is not None))
        self.sizes.update(zip(axes, array.shape, strict=True))
        letter = Letter(array, axes)
        if letter not in self._places:
            if len(self.letters) == MOST_LETTERS:
                raise NotRationalError
            self._places[letter] = len(self.letters)
            self.order.setdefault(array, len(self.letters))
            if isinstance(array, OneHot) and axes[-1] is not None:
                self.hot.append(len(self.letters))
            self.letters.append(letter)
        return Quotient(self.ring.letters[self._places[letter]])

    def element(self, node: Expr, axes: Axes) -> Quotient:
        """The entry of an array at these axes.

        Raises:
            NotRationalError: it has too many terms or letters, or a zero denominator.
        """
        key = node, axes
        if key not in self._elements:
            found = self._element(node, axes)
            if self.hot:
                found = self._entries_taken(found)
            if len(found.numerator) + len(found.denominator) > MOST_MONOMIALS:
                raise NotRationalError
            self._elements[key] = found
        return self._elements[key]

    def _element(self, node: Expr, axes: Axes) -> Quotient:
        if isinstance(node, Num):
            return self.number(node.value)
        if isinstance(node, Filled) and node.what in ("ones", "zeros"):
            return self.number(int(node.what == "ones"))
        if isinstance(node, Sym | Dim) or not node.args:
            return self.letter(node, axes)
        if node.op in _ENTRYWISE:
            return self._entrywise(node, [self.element(x, _own(x, node, axes)) for x in node.args])
        if node.op is e.POW and (power := _whole_power(node)) is not None:
            return self.element(node.args[0], _own(node.args[0], node, axes)) ** power
        if node.op in _MOVED:
            return self._moved(node, axes)
        if node.op in _SUMMED:
            return self._summed(node, axes)
        return self._atom(node, axes)

    def _entries_taken(self, element: Quotient) -> Quotient:
        """v_i·(e_y)_i as v_y·(e_y)_i: beside a unit vector what varies along its axis is the one entry."""
        for hot in self.hot:
            terms = list(element.numerator.terms())
            if any(exponents[hot] for exponents, _ in terms):
                everywhere = all(exponents[hot] for exponents, _ in terms)
                below = self._replaced(element.denominator, hot, everywhere)
                element = self._replaced(element.numerator, hot) / below
        return element

    def _replaced(self, polynomial: Polynomial, hot: int, everywhere: bool = False) -> Quotient:
        """A polynomial whose terms with a unit vector, or all of them, are written by the one entry."""
        found = self.number(0)
        for exponents, factor in polynomial.terms():
            whole = Quotient(self.ring.of_terms({exponents: 1}))
            taken = self._taken(exponents, hot) if everywhere or exponents[hot] else whole
            found = found + self.number(factor) * taken
        return found

    def _taken(self, exponents: Exponents, hot: int) -> Quotient:
        """A monomial, its letters along the axis of a unit vector by their entry there."""
        found = self.number(1)
        for at, power in enumerate(exponents):
            if power:
                own = Quotient(self.ring.letters[at])
                found = found * (own if at == hot else self._entry_of(at, hot, own) ** power)
        return found

    def _entry_of(self, at: int, hot: int, plain: Quotient) -> Quotient:
        """The letter `at` where the unit vector `hot` is not 0."""
        letter, unit = self.letters[at], self.letters[hot]
        assert isinstance(unit.array, OneHot)
        axis = unit.axes[-1]
        if axis not in letter.axes or isinstance(letter.array, OneHot | Filled):
            return plain
        if len(letter.axes) == 1:
            return self.letter(Expr(a.GATHER, letter.array, unit.array.index), unit.axes[:-1])
        if len(unit.axes) == 1:
            picks = (unit.array.index,) if letter.axes[0] == axis else (e.ALL, unit.array.index)
            rest = letter.axes[1:] if letter.axes[0] == axis else letter.axes[:1]
            return self.letter(Expr(a.GATHER, letter.array, *picks), rest)
        if letter.axes == unit.axes:
            every = Filled("arange", letter.array.shape[:1])
            return self.letter(Expr(a.GATHER, letter.array, every, unit.array.index), unit.axes[:1])
        return plain

    def _entrywise(self, node: Expr, parts: list[Quotient]) -> Quotient:
        if node.op is e.NEG:
            return -parts[0]
        if node.op in (e.ADD, e.TOTAL):
            return sum(parts, self.number(0))
        if node.op is e.SUB:
            return parts[0] - parts[1]
        return parts[0] * parts[1] if node.op is e.MUL else parts[0] / parts[1]

    def _moved(self, node: Expr, axes: Axes) -> Quotient:
        """Operations that put entries elsewhere: columns, rows, transposes, outer products."""
        if node.op is a.COLUMN:
            return self.element(node.args[0], axes[:1])
        if node.op is a.ROW:
            return self.element(node.args[0], axes[1:])
        if node.op is a.OUTER:
            return self.element(node.args[0], axes[:1]) * self.element(node.args[1], axes[1:])
        return self.element(node.args[0], axes[::-1])

    def _summed(self, node: Expr, axes: Axes) -> Quotient:
        """Sums, means and inner products."""
        array = node.args[0]
        fresh = tuple(self.fresh() for _ in array.shape)
        inside: Axes = fresh
        summed = tuple(range(len(fresh)))
        if node.op in (a.SUM_DOWN, a.MEAN_DOWN):
            inside, summed = (fresh[0], *axes), (0,)
        elif node.op in (a.SUM_ACROSS, a.MEAN_ACROSS):
            inside, summed = (*axes, fresh[1]), (1,)
        whole = self.element(array, inside)
        if node.op in (a.DOT, a.INNER):
            whole = whole * self.element(node.args[1], inside)
        elif node.op is a.SQNORM:
            whole = whole * whole
        sizes = tuple(array.shape[at] for at in summed)
        found = self.reduced(whole, [Bound(_axis(inside[at]), array.shape[at]) for at in summed])
        if node.op in (a.MEAN, a.MEAN_DOWN, a.MEAN_ACROSS):
            found = found / self.element(entry_count(sizes), ())
        return found

    def fresh(self) -> int:
        self._next_axis += 1
        return self._next_axis

    def _atom(self, node: Expr, axes: Axes) -> Quotient:
        """A function, or a product of matrices, of arguments in their own short form."""
        args = [self.shortened(arg) for arg in node.args] if _has_arguments(node) else list(node.args)
        found = Expr(node.op, *args)
        if node.op.linear or node.op is e.TRANSPOSE:
            found = tidy(found)
            if found.op is not node.op:
                return self.element(found, axes)
        name = self.name_of(found)
        if name is not None:
            return self.letter(name, axes)
        return self.letter(found, axes)

    def shortened(self, node: Expr) -> Expr:
        """An array, in a form that stands for all equal ones as far as they have the same letters."""
        if not node.args:
            return node
        if node not in self._short:
            self._short[node] = node  # while it is looked at
            self._short[node] = self.name_of(node) or self._shortened(node)
        return self._short[node]

    def _shortened(self, node: Expr) -> Expr:
        """In a field of its own, so that letters inside a function are none outside."""
        inner = EntryField(self.write, self.known, self.name_of, self.is_symmetric)
        inner.used, inner._short = self.used, self._short
        frame = (0, 1)[: len(node.shape)]
        found = self.write(inner, inner.element(node, frame), frame, node.shape)
        return found if count_operations(found) < count_operations(node) else node

    def reduced(self, element: Quotient, bound: Sequence[Bound]) -> Quotient:
        """The sum of an element over axes, what does not vary along them in front of it."""
        below, inside = self._split_denominator(element.denominator, bound)
        parts: dict[Exponents, dict[Exponents, Exact]] = {}
        for exponents, factor in element.numerator.terms():
            varying = tuple(k if k and self._varies(at, bound) else 0 for at, k in enumerate(exponents))
            rest = tuple(k - v for k, v in zip(exponents, varying, strict=True))
            parts.setdefault(varying, {})[rest] = factor
        total = self.number(0)
        for varying, terms in parts.items():
            total = total + Quotient(self.ring.of_terms(terms)) * self._reduction(varying, inside, bound)
        return total / Quotient(below)

    def _varies(self, place: int, bound: Sequence[Bound]) -> bool:
        return any(axis in self.letters[place].varies_along for axis, _ in bound)

    def _split_denominator(self, below: Polynomial, bound: Sequence[Bound]) -> tuple[Polynomial, Polynomial]:
        """The factors of a denominator that do not vary along the axes, and those that do."""
        if not any(k and self._varies(at, bound) for at, k in enumerate(below.degrees)):
            return below, self.ring.one
        number, parts = below.factors()
        outside, inside = self.ring.number(number), self.ring.one
        for part, power in parts:
            for _ in range(power):
                if any(k and self._varies(at, bound) for at, k in enumerate(part.degrees)):
                    inside = inside * part
                else:
                    outside = outside * part
        return outside, inside

    def _reduction(self, varying: Exponents, below: Polynomial, bound: Sequence[Bound]) -> Quotient:
        """The sum over axes of a product of letters that vary along them."""
        groups = self._connected(varying, below, bound)
        axes_left = [one for one in bound if not any(one in own for _, _, own in groups)]
        found = self.number(1)
        for one in axes_left:
            found = found * self.element(size_expr(one.size), ())
        for exponents, denominator, own in groups:
            found = found * self._one_reduction(exponents, denominator, own)
        return found

    def _connected(
        self, varying: Exponents, below: Polynomial, bound: Sequence[Bound]
    ) -> list[tuple[Exponents, Polynomial, list[Bound]]]:
        """The letters of a product in groups that share no axis that is summed over."""
        used = [at for at, k in enumerate(varying) if k]
        under = [at for at, k in enumerate(below.degrees) if k]
        if not used and not under:
            return []
        along = {at: [one for one in bound if one.axis in self.letters[at].varies_along] for at in used}
        if len(bound) == 1 or under or any(len(axes) > 1 for axes in along.values()):
            own = [one for one in bound if any(self._varies(at, [one]) for at in (*used, *under))]
            return [(varying, below, own)]
        return [
            (tuple(k if along.get(at) == [one] else 0 for at, k in enumerate(varying)), below, [one])
            for one in bound
            if [one] in along.values()
        ]

    def _one_reduction(self, varying: Exponents, below: Polynomial, bound: Sequence[Bound]) -> Quotient:
        """Σ over axes of one connected product, as a letter, or its value where that is known.

        Raises:
            NotRationalError: it varies along more than two axes.
        """
        body = Quotient(self.ring.of_terms({varying: 1}), below)
        used = [at for at, k in enumerate(varying) if k] + [at for at, k in enumerate(below.degrees) if k]
        letters = [self.letters[at] for at in used]
        summed = [one.axis for one in bound]
        along = dict.fromkeys(axis for letter in letters for axis in letter.axes if axis is not None)
        free = tuple(axis for axis in along if axis not in summed)
        if len(free) + len(summed) > 2 or (len(summed) == 2 and free):
            raise NotRationalError
        frame = self._frame(letters, summed, free)
        shape = tuple(self.sizes.get(axis, 1) for axis in frame)
        inside = self.write(self, body, frame, shape)
        op = a.SUM if not free else a.SUM_ACROSS if frame[1] in summed else a.SUM_DOWN
        node = Expr(op, inside)
        value = self.known(node)
        if value is None:
            return self.letter(node, free)
        if symbols(node):
            self.used[node] = value
        return self.element(value, free)

    def _frame(self, letters: Sequence[Letter], summed: Sequence[int], free: Sequence[int]) -> Frame:
        """The axes of a product in the order in which its first matrix has them.

        Beside a matrix of one column a vector is a column, for which there is a fresh axis of size 1.
        """
        wanted = {*summed, *free}
        for letter in letters:
            own = tuple(axis for axis in letter.axes if axis is not None)
            if len(own) == 2 and set(own) == wanted:
                return own
        frame = (*free, *summed)
        thin = next((letter for letter in letters if None in letter.axes), None)
        if len(frame) == 1 and thin is not None:
            return (self.fresh(), *frame) if thin.axes[0] is None else (*frame, self.fresh())
        return frame


_ENTRYWISE = (e.ADD, e.SUB, e.NEG, e.MUL, e.DIV, e.TOTAL)
_MOVED = (a.COLUMN, a.ROW, a.OUTER, e.TRANSPOSE)
_SUMMED = (
    a.SUM, a.MEAN, a.SUM_DOWN, a.SUM_ACROSS, a.MEAN_DOWN, a.MEAN_ACROSS, a.DOT, a.INNER, a.SQNORM,
)  # fmt: skip


def _axis(axis: int | None) -> int:
    assert axis is not None
    return axis


def _own(arg: Expr, node: Expr, axes: Axes) -> Axes:
    """The axes of an operand: those of the last dimensions, none where it is spread."""
    count = len(arg.shape)
    if not count:
        return ()
    own, whole = axes[len(axes) - count :], node.shape[len(node.shape) - count :]
    return tuple(
        None if one == 1 and other != 1 else axis
        for axis, one, other in zip(own, arg.shape, whole, strict=True)
    )


def _whole_power(node: Expr) -> int | None:
    power = constant(node.args[1]) if not node.args[1].shape else None
    if power is None or power.denominator != 1 or not -MOST_POWER <= power <= MOST_POWER:
        return None
    return int(power)


def _has_arguments(node: Expr) -> bool:
    """Whether the arguments of an operation are formulas, and not picks or places."""
    return node.op not in (e.INDEX, a.SLICE, a.GATHER)


def is_reduction(node: Expr) -> bool:
    return node.op in REDUCTIONS
