"""An element of an `EntryField` as a formula in whole arrays, with the fewest operations that were found.

Tried are: what all terms share taken out, or all over one denominator; a factor that some terms share taken out
of these; sums that stood in the author's formulas kept as they were; reductions joined into one; means in place
of sums over n, inner products in place of sums of products.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from symdiff.algebra.monomials import chained
from symdiff.algebra.polynomials import Exponents, Polynomial
from symdiff.algebra.quotients import NotRationalError, Quotient
from symdiff.derivation.entry_field import Axes, EntryField, is_reduction
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import ones, zeros
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.numbers import Exact, decimal_number
from symdiff.expr.shapes import Shape, Size, is_number, terms_of
from symdiff.expr.tree import Dim, Expr, Num, Sym, count_operations, postorder, symbols

LONGEST_KNOWN = 8
"""Operations up to which a sum of a formula is looked for again."""
MOST_GROUPED = 8
"""Terms up to which factors that only some of them share are looked for."""
Terms = dict[Exponents, Exact]
"""Exponents, which may be negative here, with coefficients."""


@cached_by_identity
def operations(root: Expr) -> int:
    """The operations of a formula as code: operators, calls, attributes and indices."""
    count, stack = 0, [root]
    while stack:
        node = stack.pop()
        if node.op is a.COLUMN and node.args[0].op in (a.SUM_ACROSS, a.MEAN_ACROSS):
            stack += node.args  # keepdims=True
            continue
        count += bool(node.args) or isinstance(getattr(node, "what", None), str)
        if isinstance(node, Num) and node.value < 0:
            count += 1
        stack += node.args
    return count


def length(root: Expr) -> tuple[int, int]:
    """The operations of a formula, then how often names stand in it."""
    count, stack = 0, [root]
    while stack:
        node = stack.pop()
        count += isinstance(node, Sym)
        stack += node.args
    return operations(root), count


Part = tuple[bool, Expr]
"""A term of a sum without its sign, and whether that is +."""


class Factor(NamedTuple):
    """A factor of a product: an array, its axes, its power."""

    array: Expr
    axes: Axes
    power: int = 1

    @property
    def along(self) -> frozenset[int]:
        return frozenset(axis for axis in self.axes if axis is not None)


class EntryWriter:
    """Writes elements; `sums` are those that stood in formulas, which are kept, `names` those that have one."""

    def __init__(self, sums: Sequence[Expr], names: Mapping[Expr, Expr], decimal: bool = False) -> None:
        self.sums, self.names, self.decimal = sums, names, decimal

    def __call__(self, field: EntryField, element: Quotient, frame: Axes, shape: Shape) -> Expr:
        """The shortest formula found for an element, in a frame of axes, in its shape."""
        return _spread(self._written(field, element, frame), shape)

    def _written(self, field: EntryField, element: Quotient, frame: Axes) -> Expr:
        if not element:
            return e.ZERO
        if len(element.numerator) == len(element.denominator) == 1:
            return self._monomial(field, element, frame)
        found = list(self._forms(field, element, frame))
        return min(found, key=length)

    def _monomial(self, field: EntryField, element: Quotient, frame: Axes) -> Expr:
        """A product of letters, over others."""
        ((above, number),) = element.numerator.terms()
        ((below, under),) = element.denominator.terms()
        exponents = tuple(k - m for k, m in zip(above, below, strict=True))
        return self._signed(field, number / under, _letters(field, exponents), frame)

    def _forms(self, field: EntryField, element: Quotient, frame: Axes) -> Iterator[Expr]:
        below, under = self._below(field, element.denominator, frame)
        terms = {
            tuple(k - m for k, m in zip(exponents, below, strict=True)): factor
            for exponents, factor in element.numerator.terms()
        }
        plans = dict.fromkeys((_shared(terms), _one_denominator(terms), _nothing(terms)))
        for taken in plans:
            rest = _divided(terms, taken)
            for factors, number in self._factored(field, rest, frame):
                every = [*_letters(field, taken), *factors, *under]
                yield self._signed(field, number, every, frame)
        if not under and len(terms) > 1:
            yield self._sum(field, terms, frame)

    def _below(
        self, field: EntryField, polynomial: Polynomial, frame: Axes
    ) -> tuple[Exponents, list[Factor]]:
        """A denominator as a product of letters, and the sums in it as factors."""
        common = tuple(map(min, zip(*polynomial.monomials, strict=True)))
        terms = {tuple(k - c for k, c in zip(m, common, strict=True)): f for m, f in polynomial.terms()}
        if len(terms) == 1:
            ((_, number),) = terms.items()
            assert number == 1 or number.denominator == 1
            return common, [Factor(Num(number), (), -1)] if number != 1 else []
        found, number = min(
            self._factored(field, terms, frame), key=lambda each: sum(operations(f.array) for f in each[0])
        )
        parts = [Factor(f.array, f.axes, -f.power) for f in found]
        return common, [*parts, *([Factor(Num(number), (), -1)] if number != 1 else [])]

    def _factored(self, field: EntryField, terms: Terms, frame: Axes) -> Iterator[tuple[list[Factor], Exact]]:
        """A sum of terms as factors, with a number: a single term, a known sum, a product of sums."""
        if len(terms) == 1:
            ((exponents, number),) = terms.items()
            yield _letters(field, exponents), number
            return
        number = _content(field, terms)
        terms = {m: f / Fraction(number) for m, f in terms.items()}
        if any(k < 0 for m in terms for k in m):
            yield [self._sum_factor(field, terms, frame)], number
            return
        polynomial = field.ring.of_terms(terms)
        known = self._by_known(field, polynomial, frame)
        if known is not None:
            known_number, factors, left = known
            for rest, factor in self._factored(field, left, frame) if len(left) > 1 else [([], 1)]:
                if len(left) == 1:
                    rest, factor = self._single(field, left)
                yield [*factors, *rest], number * known_number * factor
            return
        yield [self._sum_factor(field, terms, frame)], number
        if len(terms) <= MOST_GROUPED:
            content, parts = polynomial.factors()
            if len(parts) > 1 or (parts and parts[0][1] > 1):
                factors = []
                for part, power in parts:
                    own = dict(part.terms())
                    if len(own) == 1:
                        factors += [
                            Factor(f.array, f.axes, f.power * power) for f in _letters(field, next(iter(own)))
                        ]
                        continue
                    one = self._sum_factor(field, own, frame)
                    factors.append(Factor(one.array, one.axes, power))
                yield factors, number * content

    def _single(self, field: EntryField, terms: Terms) -> tuple[list[Factor], Exact]:
        ((exponents, number),) = terms.items()
        return _letters(field, exponents), number

    def _by_known(
        self, field: EntryField, polynomial: Polynomial, frame: Axes
    ) -> tuple[Exact, list[Factor], Terms] | None:
        """A polynomial with a known sum as a factor: a number, factors, the terms of what is left."""
        for own, node, axes in self._known_sums(field, frame):
            if len(own.numerator) > len(polynomial):
                continue
            power, left = 0, polynomial
            while power < 4 and (rest := left.divided_by(own.numerator)) is not None:
                power, left = power + 1, rest
            if power:
                ((exponents, number),) = own.denominator.terms()
                below = [Factor(f.array, f.axes, f.power * power) for f in _letters(field, exponents)]
                written = self.names.get(node, node)
                plain = self._sum_factor(field, dict(own.numerator.terms()), frame).array
                if operations(plain) + len(below) < operations(written):
                    continue
                factors = [Factor(written, axes, power), *below]
                return number**power, factors, dict(left.terms())
        return None

    def _known_sums(self, field: EntryField, frame: Axes) -> list[tuple[Quotient, Expr, Axes]]:
        """The sums that stood in formulas, as polynomials of elements in this frame, the longest first."""
        known = field.known_sums.get(frame)
        if known is not None:
            return known
        field.known_sums[frame] = []  # while they are read
        found: list[tuple[Quotient, Expr, Axes]] = []
        for node in self.sums:
            for axes in _places(node.shape, frame):
                try:
                    own = field.element(node, axes)
                except NotRationalError:
                    continue
                if len(own.denominator) == 1 and len(own.numerator) > 1:
                    found.append((own, node, axes))
        found.sort(key=lambda each: -len(each[0].numerator))
        field.known_sums[frame] = found
        return found

    def _sum_factor(self, field: EntryField, terms: Terms, frame: Axes) -> Factor:
        """A sum as one factor, in the axes along which it varies."""
        along = {
            axis for m in terms for at, k in enumerate(m) if k for axis in field.letters[at].varies_along
        }
        own = tuple(axis for axis in frame if axis in along)
        return Factor(self._sum(field, terms, own), own)

    def _sum(self, field: EntryField, terms: Terms, frame: Axes) -> Expr:
        """A sum of terms: one after the other, or with what some share taken out of these."""
        parts = [self._term(field, m, f, frame) for m, f in terms.items()]
        found = [_added(sorted(parts, key=lambda part: _reduced_length(part[1])))]
        if len(terms) == 1:
            return found[0]
        joined = self._joined(field, terms, frame)
        if joined is not None:
            found.append(joined)
        found += self._with_matrix_taken_out(field, terms, frame)
        if 2 < len(terms) <= MOST_GROUPED:
            for group in self._groups(field, terms):
                rest = {m: f for m, f in terms.items() if m not in group}
                inside = _divided(group, taken := _shared(group))
                for factors, number in self._factored(field, inside, frame):
                    one = self._signed(field, number, [*_letters(field, taken), *factors], frame)
                    other = self._sum_parts(field, rest, frame)
                    found.append(_added([(True, one), *other]))
        return min(found, key=length)

    def _groups(self, field: EntryField, terms: Terms) -> Iterator[Terms]:
        """The terms that share one letter, no size, where some but not all do."""
        seen = set()
        for at, letter in enumerate(field.letters):
            if isinstance(letter.array, Dim):
                continue
            for sign in (1, -1):
                group = {m: f for m, f in terms.items() if m[at] * sign > 0}
                key = tuple(group)
                if 1 < len(group) < len(terms) and key not in seen:
                    seen.add(key)
                    yield group

    def _sum_parts(self, field: EntryField, terms: Terms, frame: Axes) -> list[Part]:
        if len(terms) == 1:
            ((exponents, number),) = terms.items()
            return [self._term(field, exponents, number, frame)]
        return [(True, self._sum(field, terms, frame))]

    def _joined(self, field: EntryField, terms: Terms, frame: Axes) -> Expr | None:
        """Reductions over the same axes as one: mean(a) − mean(b) as mean(a − b)."""
        if len(terms) < 2:
            return None
        heads = []
        for exponents in terms:
            own = [at for at, k in enumerate(exponents) if k and is_reduction(field.letters[at].array)]
            if len(own) != 1 or exponents[own[0]] != 1:
                return None
            heads.append(own[0])
        first = field.letters[heads[0]]
        shape = first.array.args[0].shape
        for at in heads:
            other = field.letters[at]
            if (other.array.op, other.array.args[0].shape, other.axes) != (first.array.op, shape, first.axes):
                return None
        fresh = tuple(field.fresh() for _ in shape)
        op = first.array.op
        if op is a.SUM_ACROSS:
            inside = (first.axes[0], fresh[1])
        elif op is a.SUM_DOWN:
            inside = (fresh[0], first.axes[0])
        else:
            inside = fresh
        whole = field.number(0)
        common = _shared(
            {
                tuple(0 if at == h else k for at, k in enumerate(m)): 1
                for m, h in zip(terms, heads, strict=True)
            }
        )
        for (m, factor), at in zip(terms.items(), heads, strict=True):
            outside = tuple(0 if i == at else k - c for i, (k, c) in enumerate(zip(m, common, strict=True)))
            if any(
                k < 0 or (k and field.letters[i].varies_along - set(first.axes))
                for i, k in enumerate(outside)
            ):
                return None
            body = field.element(field.letters[at].array.args[0], inside)
            whole = whole + Quotient(field.ring.of_terms({outside: factor})) * body
        content = whole.numerator.content if whole.numerator else 1
        whole = whole * field.number(1 / Fraction(content))
        written = self(field, whole, inside, shape)
        factors = [*_letters(field, common), Factor(Expr(op, written), first.axes)]
        return self._signed(field, content, factors, frame)

    def _with_matrix_taken_out(self, field: EntryField, terms: Terms, frame: Axes) -> Iterator[Expr]:
        """AB + AC as A(B + C), and BA + CA as (B + C)A, where numbers are all that stands with them."""
        products: dict[Exponents, Expr] = {}
        for exponents in terms:
            used = [at for at, k in enumerate(exponents) if k and field.letters[at].varies_along]
            letter = field.letters[used[0]] if len(used) == 1 and exponents[used[0]] == 1 else None
            if letter is not None and letter.array.op is e.MATMUL and letter.axes == frame:
                products[exponents] = letter.array
        for side in (0, 1):
            for factor in dict.fromkeys(node.args[side] for node in products.values()):
                group = {m: terms[m] for m, node in products.items() if node.args[side] == factor}
                if len(group) < 2:
                    continue
                parts = []
                for m, number in group.items():
                    node = products[m].args[1 - side]
                    scalars = tuple(
                        0 if field.letters[at].varies_along else k
                        for at, k in enumerate(m[: len(field.letters)])
                    )
                    axes = tuple(range(len(node.shape)))
                    whole = [*_letters(field, scalars), Factor(node, axes)]
                    parts.append((number > 0, self._product(field, abs(number), whole, axes)))
                inside = _added(parts)
                one = factor @ inside if side == 0 else inside @ factor
                rest = {m: f for m, f in terms.items() if m not in group}
                yield _added([(True, one), *(self._sum_parts(field, rest, frame) if rest else [])])

    def _term(self, field: EntryField, exponents: Exponents, number: Exact, frame: Axes) -> Part:
        """A term of a sum, written once in each frame."""
        key = exponents, number, frame
        if key not in field.terms:
            one = self._product(field, abs(number), _letters(field, exponents), frame)
            field.terms[key] = number > 0, one
        return field.terms[key]

    def _signed(self, field: EntryField, number: Exact, factors: list[Factor], frame: Axes) -> Expr:
        signs = sum(f.power for f in factors if f.array.op is e.NEG)
        plain = [Factor(f.array.args[0], f.axes, f.power) if f.array.op is e.NEG else f for f in factors]
        found = self._product(field, abs(number), plain, frame)
        return -found if (number < 0) != (signs % 2 == 1) else found

    def _product(self, field: EntryField, number: Exact, factors: list[Factor], frame: Axes) -> Expr:
        """A product with one fraction bar, its factors placed in the frame."""
        number = Fraction(number)
        for factor in factors:
            if isinstance(factor.array, Num):
                number *= Fraction(factor.array.value) ** factor.power
        factors = [f for f in factors if not isinstance(f.array, Num) and f.power]
        number, factors = _means(number, factors)
        factors = [Factor(inner_product(f.array), f.axes, f.power) for f in factors]
        above = [f for f in factors if f.power > 0]
        below = [Factor(f.array, f.axes, -f.power) for f in factors if f.power < 0]
        return self._fraction(field, number, above, below, frame)

    def _fraction(
        self, field: EntryField, number: Fraction, above: list[Factor], below: list[Factor], frame: Axes
    ) -> Expr:
        if len(frame) == 2:
            first, second = frame
            sides = [{f.along for f in part if f.along} for part in (above, below)]
            both = frozenset(axis for axis in frame if axis is not None)
            if both not in sides[0] | sides[1] and sides[0] == {frozenset([first]), frozenset([second])}:
                return self._outer(field, number, above, below, frame)
            above, below = self._with_one_column(field, above, below, frame)
        top = [_placed(f, frame) for f in _in_order(above, field.order)]
        bottom = [_placed(f, frame) for f in _in_order(below, field.order)]
        over, under = number.numerator, number.denominator
        decimal = decimal_number(number) if self.decimal and under != 1 else None
        if decimal is not None:
            top.insert(0, decimal)
        else:
            if over != 1 or not top:
                top.insert(0, Num(over))
            if under != 1:
                bottom.insert(0, Num(under))
        found = chained(top)
        return found / chained(bottom) if bottom else found

    def _with_one_column(
        self, field: EntryField, above: list[Factor], below: list[Factor], frame: Axes
    ) -> tuple[list[Factor], list[Factor]]:
        """Vectors along the first axis as one, which is spread as a whole."""
        columns = [[f for f in part if len(f.axes) == 1 and f.axes[0] == frame[0]] for part in (above, below)]
        if len(columns[0]) + len(columns[1]) < 2:
            return above, below
        one = Factor(self._fraction(field, Fraction(1), *columns, frame[:1]), frame[:1])
        rest = [[f for f in part if f not in own] for part, own in zip((above, below), columns, strict=True)]
        return [*rest[0], one], rest[1]

    def _outer(
        self, field: EntryField, number: Fraction, above: list[Factor], below: list[Factor], frame: Axes
    ) -> Expr:
        """u·vᵀ of the factors along one axis and those along the other, numbers around it."""
        parts = []
        for axis in frame:
            own = [[f for f in part if f.along == {axis}] for part in (above, below)]
            parts.append(self._fraction(field, Fraction(1), own[0], own[1], (axis,)))
        scalars = [[f for f in part if not f.along] for part in (above, below)]
        whole = Factor(a.outer(*parts), frame)
        return self._fraction(field, number, [*scalars[0], whole], scalars[1], frame)


def _letters(field: EntryField, exponents: Exponents) -> list[Factor]:
    return [Factor(*field.letters[at], power) for at, power in enumerate(exponents) if power]


def _shared(terms: Terms) -> Exponents:
    """The product that all terms have as a factor: s⁻¹ of u/s − v/(n·s)."""
    columns = list(zip(*terms, strict=True))
    return tuple(
        min(column) if min(column) > 0 else max(column) if max(column) < 0 else 0 for column in columns
    )


def _one_denominator(terms: Terms) -> Exponents:
    """What all terms are multiples of once they stand over one denominator."""
    return tuple(min(column) for column in zip(*terms, strict=True))


def _nothing(terms: Terms) -> Exponents:
    return tuple(0 for _ in next(iter(terms)))


def _divided(terms: Terms, by: Exponents) -> Terms:
    return {tuple(k - b for k, b in zip(m, by, strict=True)): f for m, f in terms.items()}


def _content(field: EntryField, terms: Terms) -> Exact:
    """The number that all coefficients share, with their sign where all are negative.

    A number is taken out only where no other scalar stays behind: 2u/m + 2λv stays as it is.
    """
    sizes = {abs(Fraction(f)) for f in terms.values()}
    is_bare = not any(_keeps_a_scalar(field, m) for m in terms)
    size = sizes.pop() if len(sizes) == 1 and is_bare else Fraction(1)
    return -size if all(f < 0 for f in terms.values()) else size


def _keeps_a_scalar(field: EntryField, exponents: Exponents) -> bool:
    """Whether a term has the name of a number in it, or a size that is not that of a mean."""
    used = [field.letters[at].array for at, k in enumerate(exponents) if k]
    is_mean = any(map(is_reduction, used))
    return any((isinstance(x, Sym) and not x.shape) or (isinstance(x, Dim) and not is_mean) for x in used)


def _added(parts: list[Part]) -> Expr:
    """The sum of signed parts, a positive one first; a number first where there are two."""
    parts = [
        (not positive, part.args[0]) if part.op is e.NEG else (positive, part) for positive, part in parts
    ]
    if len(parts) == 2 and isinstance(parts[1][1], Num) and parts[1][0]:
        parts = parts[::-1]
    first = next((at for at, (positive, _) in enumerate(parts) if positive), 0)
    ordered = [parts[first], *parts[:first], *parts[first + 1 :]]
    positive, found = ordered[0]
    if not positive:
        found = -found
    for positive, part in ordered[1:]:
        found = found + part if positive else found - part
    return found


@cached_by_identity
def _reduced_length(term: Expr) -> int:
    """By what terms are ordered: those with means and sums come last, the longest at the end."""
    return operations(term) if any(map(is_reduced, postorder(term))) else 0


def is_reduced(node: Expr) -> bool:
    """Whether an operation sums over axes: a sum, a mean, an inner product."""
    return node.op in _REDUCED


_REDUCED = (
    a.SUM, a.MEAN, a.SUM_DOWN, a.SUM_ACROSS, a.MEAN_DOWN, a.MEAN_ACROSS, a.DOT, a.INNER, a.SQNORM,
)  # fmt: skip


def _in_order(factors: list[Factor], order: Mapping[Expr, int]) -> list[Factor]:
    """Scalars, then arrays; in each names in the order in which they occurred, other letters, sums."""

    def rank(factor: Factor) -> tuple[bool, int, int]:
        node = factor.array
        kind = 0 if isinstance(node, Sym | Dim) else 2 if node.op in (e.ADD, e.SUB) else 1
        kind = 2 if isinstance(node, Sym) and node.name.startswith("#") else kind
        return bool(factor.along), kind, order.get(node, 0)

    return sorted(factors, key=rank)


def _placed(factor: Factor, frame: Axes) -> Expr:
    """A factor in a frame: a column spread, a matrix transposed, to its power.

    Raises:
        NotRationalError: it has no place there.
    """
    found = _place(factor.array, factor.axes, frame)
    return found if factor.power == 1 else found ** Num(factor.power)


def _place(array: Expr, axes: Axes, frame: Axes) -> Expr:
    along = tuple(axis for axis in axes if axis is not None)
    if not along:
        return array if not array.shape else Expr(a.SUM, array)
    if len(set(along)) != len(along) or not set(along) <= set(frame):
        raise NotRationalError
    if len(frame) == 1:
        return array if len(axes) == 1 else Expr(a.SUM_ACROSS if axes[1] is None else a.SUM_DOWN, array)
    if len(axes) == 1:
        return Expr(a.COLUMN, array) if axes[0] == frame[0] else array
    kept = (axes[0] in (None, frame[0])) and (axes[1] in (None, frame[1]))
    return array if kept else array.T


def _places(shape: Shape, frame: Axes) -> Iterator[Axes]:
    """The axes that an array may have in a frame."""
    if not shape:
        yield ()
    elif len(shape) == len(frame):
        yield frame
    elif len(shape) == 1:
        yield from ((axis,) for axis in frame)


def _means(number: Fraction, factors: list[Factor]) -> tuple[Fraction, list[Factor]]:
    """Sums over n as means."""
    powers = {f.array: f.power for f in factors if isinstance(f.array, Dim)}
    rest, found = [], []
    for factor in factors:
        if isinstance(factor.array, Dim):
            continue
        if factor.power == 1 and is_reduction(factor.array):
            sizes = _sizes(factor.array)
            names = [Dim(part) for part in sizes if not is_number(part) or isinstance(part, str)]
            small = 1
            for part in sizes:
                small *= part if isinstance(part, int) else 1
            enough = all(powers.get(name, 0) <= -names.count(name) for name in names)
            if enough and number.denominator % small == 0 and (names or small > 1):
                for name in names:
                    powers[name] += 1
                number *= small
                factor = Factor(Expr(_MEANS[factor.array.op], factor.array.args[0]), factor.axes)
        found.append(factor)
    rest = [Factor(name, (), power) for name, power in powers.items() if power]
    return number, [*rest, *found]


_MEANS = {a.SUM: a.MEAN, a.SUM_DOWN: a.MEAN_DOWN, a.SUM_ACROSS: a.MEAN_ACROSS}


def _sizes(reduction: Expr) -> list[Size]:
    """The sizes of the axes that are summed over, each factor of a product for itself."""
    shape = reduction.args[0].shape
    own = {a.SUM: shape, a.SUM_DOWN: shape[:1], a.SUM_ACROSS: shape[1:]}[reduction.op]
    found: list[Size] = []
    for size in own:
        parts = terms_of(size) if isinstance(size, str) else [[str(size)]]
        if len(parts) != 1:
            return ["+"]
        found += [int(p) if isinstance(size, int) else p for p in parts[0]]
    return found


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


def _spread(node: Expr, shape: Shape) -> Expr:
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


def sums_in(form: Expr, definitions: Mapping[Sym, Expr]) -> list[Expr]:
    """The sums in a form, and those in definitions that hold names of the form only, which are kept."""
    used = set(symbols(form))
    formulas = (formula for formula in definitions.values() if not used.isdisjoint(symbols(formula)))
    found = dict.fromkeys(
        node for each in (form, *formulas) for node in postorder(each) if node.op in (e.ADD, e.SUB)
    )
    return [
        node for node in found if count_operations(node) <= LONGEST_KNOWN and used.issuperset(symbols(node))
    ]
