"""An element of an `EntryField` as a formula in whole arrays, with the fewest operations that were found.

Tried are: what all terms share taken out, or all over one denominator; a factor that some terms share taken
out of these; sums that stood in the author's formulas kept as they were; sums over the same axes joined into
one; a matrix that several products begin or end with taken out of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from symdiff.algebra.polynomials import Exponents, Polynomial
from symdiff.algebra.quotients import NotRationalError, Quotient
from symdiff.derivation.entry_field import Axes, EntryField, is_reduction
from symdiff.derivation.entry_products import Factor, Products, letters_of, spread
from symdiff.derivation.ways import operations
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.numbers import Exact
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import Dim, Expr, Num, Sym, count_operations, postorder, symbols

LONGEST_KNOWN = 8
"""Operations up to which a sum of a formula is looked for again."""
MOST_GROUPED = 8
"""Terms up to which factors that only some of them share are looked for."""
MOST_POWER = 4
Terms = dict[Exponents, Exact]
"""Exponents, which may be negative here, with coefficients."""
Part = tuple[bool, Expr]
"""A term of a sum without its sign, and whether that is +."""
Factored = tuple[list[Factor], Exact]
"""Factors and a number."""


def length(root: Expr) -> tuple[int, int]:
    """The operations of a formula, then how often names stand in it."""
    count, stack = 0, [root]
    while stack:
        node = stack.pop()
        count += isinstance(node, Sym)
        stack += node.args
    return operations(root), count


class WrittenSums(NamedTuple):
    """How sums are written: `kept` are those of formulas, `names` those that have one.

    With `rows` a vector beside a matrix stands for each of its rows; with `decimal` numbers are decimals.
    """

    kept: Sequence[Expr] = ()
    names: Mapping[Expr, Expr] = {}
    rows: bool = True
    decimal: bool = False

    def __call__(self, field: EntryField, element: Quotient, frame: Axes, shape: Shape) -> Expr:
        """The shortest formula found for an element, in a frame of axes, in its shape."""
        found = _Writer(self, field, frame).written(element)
        if len(frame) == 2 and _is_turned(found):
            turned = _Writer(self, field, frame[::-1]).written(element)
            if operations(turned) + 1 < operations(found):
                found = _turned_back(spread(turned, shape[::-1]))
        return spread(found, shape)


class _Writer:
    """Writes elements of one field in one frame."""

    def __init__(self, style: WrittenSums, field: EntryField, frame: Axes) -> None:
        self.style, self.field, self.frame = style, field, frame
        self.products = Products(field, style.rows, style.decimal)

    def written(self, element: Quotient) -> Expr:
        if not element:
            return e.ZERO
        if len(element.numerator) == len(element.denominator) == 1:
            return self._monomial(element)
        return min(self._forms(element), key=length)

    def _monomial(self, element: Quotient) -> Expr:
        """A product of letters, over others."""
        ((above, number),) = element.numerator.terms()
        ((below, under),) = element.denominator.terms()
        exponents = tuple(k - m for k, m in zip(above, below, strict=True))
        return self._signed(number / under, letters_of(self.field, exponents))

    def _signed(self, number: Exact, factors: Sequence[Factor]) -> Expr:
        return self.products.signed(number, factors, self.frame)

    def _forms(self, element: Quotient) -> Iterator[Expr]:
        below, under = self._below(element.denominator)
        terms = _divided(dict(element.numerator.terms()), below)
        yield from self._with_something_taken_out(terms, under)
        numbers = [f.array.value for f in under if isinstance(f.array, Num)]
        if numbers:  # in each term, so that sums over as many entries are means
            whole: Terms = {m: f / Fraction(numbers[0]) for m, f in terms.items()}
            yield from self._with_something_taken_out(
                whole, [f for f in under if not isinstance(f.array, Num)]
            )
        if not under and len(terms) > 1 and not self._is_multiple_of_known(terms):
            yield self._sum(terms)

    def _is_multiple_of_known(self, terms: Terms) -> bool:
        """Whether a sum is one of a formula times a product, as h − h³, for which h·(1 − h²) is written."""
        known = self._by_known(self.field.ring.of_terms(_divided(terms, _lowest(terms))))
        return known is not None and len(known[1]) == 1

    def _with_something_taken_out(self, terms: Terms, under: Sequence[Factor]) -> Iterator[Expr]:
        """What all terms share in front, or all over one denominator, or nothing taken out."""
        for taken in dict.fromkeys((_shared(terms), _lowest(terms), _nothing(terms))):
            rest = _divided(terms, taken)
            common = _common_number(rest) if under or any(taken) else Fraction(1)
            for factors, number in self._factored({m: f / common for m, f in rest.items()}):
                every = [*letters_of(self.field, taken), *factors, *under]
                yield self._signed(number * common, every)

    def _below(self, polynomial: Polynomial) -> tuple[Exponents, list[Factor]]:
        """A denominator as a product of letters, and the number and the sums in it as factors."""
        terms: Terms = dict(polynomial.terms())
        common = _lowest(terms)
        tries = self._factored(_divided(terms, common))
        found, number = min(tries, key=lambda each: sum(operations(f.array) for f in each[0]))
        parts = [Factor(f.array, f.axes, -f.power) for f in found]
        return common, parts if number == 1 else [*parts, Factor(Num(number), (), -1)]

    def _factored(self, terms: Terms) -> Iterator[Factored]:
        """A sum of terms as factors: a single term, known sums, a sum, a product of sums."""
        if len(terms) == 1:
            ((exponents, number),) = terms.items()
            yield letters_of(self.field, exponents), number
            return
        number = self._content(terms)
        terms = {m: f / Fraction(number) for m, f in terms.items()}
        if any(k < 0 for m in terms for k in m):
            yield [self._as_factor(terms)], number
            return
        polynomial = self.field.ring.of_terms(terms)
        known = self._by_known(polynomial)
        if known is not None:
            (factors, one), left = known
            for rest, other in self._factored(left):
                yield [*factors, *rest], number * one * other
            return
        yield [self._as_factor(terms)], number
        if len(terms) <= MOST_GROUPED:
            content, parts = polynomial.factors()
            if len(parts) > 1 or any(power > 1 for _, power in parts):
                yield [f for part, power in parts for f in self._powers(part, power)], number * content

    def _powers(self, part: Polynomial, power: int) -> list[Factor]:
        """A factor of a polynomial, to a power."""
        terms: Terms = dict(part.terms())
        own = letters_of(self.field, next(iter(terms))) if len(terms) == 1 else [self._as_factor(terms)]
        return [Factor(f.array, f.axes, f.power * power) for f in own]

    def _by_known(self, polynomial: Polynomial) -> tuple[Factored, Terms] | None:
        """A polynomial with a known sum as a factor, and the terms of what is left; None if it has none."""
        for own, node, axes in self._known_sums():
            power, left = 0, polynomial
            while power < MOST_POWER and len(own.numerator) <= len(left):
                rest = left.divided_by(own.numerator)
                if rest is None:
                    break
                power, left = power + 1, rest
            if not power:
                continue
            ((exponents, number),) = own.denominator.terms()
            below = [Factor(f.array, f.axes, f.power * power) for f in letters_of(self.field, exponents)]
            plain = self._as_factor(dict(own.numerator.terms())).array
            written = self.style.names.get(node, node)
            if operations(plain) + len(below) >= operations(written):
                return ([Factor(written, axes, power), *below], number**power), dict(left.terms())
        return None

    def _known_sums(self) -> list[tuple[Quotient, Expr, Axes]]:
        """The sums that stood in formulas, as elements in this frame, the longest first."""
        known = self.field.known_sums.get(self.frame)
        if known is not None:
            return known
        self.field.known_sums[self.frame] = []  # while they are read
        found: list[tuple[Quotient, Expr, Axes]] = []
        for node in self.style.kept:
            for axes in _places(node.shape, self.frame):
                try:
                    own = self.field.element(node, axes)
                except NotRationalError:
                    continue
                if len(own.denominator) == 1 and len(own.numerator) > 1:
                    found.append((own, node, axes))
        found.sort(key=lambda each: -len(each[0].numerator))
        self.field.known_sums[self.frame] = found
        return found

    def _as_factor(self, terms: Terms) -> Factor:
        """A sum as one factor, in the axes along which it varies."""
        used = {at for m in terms for at, k in enumerate(m) if k}
        along = {axis for at in used for axis in self.field.letters[at].varies_along}
        own = tuple(axis for axis in self.frame if axis in along)
        inside = self if own == self.frame else _Writer(self.style, self.field, own)
        return Factor(inside._sum(terms), own)

    def _content(self, terms: Terms) -> Exact:
        """The number that all coefficients share, with their sign where all are negative.

        A number is taken out only where no other scalar stays behind: 2u/m + 2λv stays as it is.
        """
        is_bare = not any(_keeps_a_scalar(self.field, m) for m in terms)
        size = _common_number(terms) if is_bare else Fraction(1)
        return -size if all(f < 0 for f in terms.values()) else size

    def _sum(self, terms: Terms) -> Expr:
        """A sum of terms: one after the other, or with what some share taken out of these."""
        plain = added(sorted(self._parts(terms), key=lambda part: _reduced_length(part[1])))
        if len(terms) == 1:
            return plain
        found = [plain, *self._joined(terms), *self._with_matrix_taken_out(terms)]
        if 2 < len(terms) <= MOST_GROUPED:
            for group in self._groups(terms):
                rest = self._rest({m: f for m, f in terms.items() if m not in group})
                taken = _shared(group)
                for factors, number in self._factored(_divided(group, taken)):
                    one = self._signed(number, [*letters_of(self.field, taken), *factors])
                    found.append(added([(True, one), *rest]))
        return min(found, key=length)

    def _parts(self, terms: Terms) -> list[Part]:
        """The terms of a sum, each written once in each frame."""
        found = []
        for exponents, number in terms.items():
            key = exponents, number, self.frame
            if key not in self.field.terms:
                factors = letters_of(self.field, exponents)
                one = self.products.product(size_of(number), factors, self.frame)
                self.field.terms[key] = number > 0, one
            found.append(self.field.terms[key])
        return found

    def _rest(self, terms: Terms) -> list[Part]:
        return self._parts(terms) if len(terms) < 2 else [(True, self._sum(terms))]

    def _groups(self, terms: Terms) -> Iterator[Terms]:
        """The terms that share one letter, no size, where some but not all do."""
        seen = set()
        for at, letter in enumerate(self.field.letters):
            for sign in (1, -1) if not isinstance(letter.array, Dim) else ():
                group = {m: f for m, f in terms.items() if m[at] * sign > 0}
                if 1 < len(group) < len(terms) and (key := tuple(group)) not in seen:
                    seen.add(key)
                    yield group

    def _joined(self, terms: Terms) -> Iterator[Expr]:
        """Reductions over the same axes as one: mean(a) − mean(b) as mean(a − b)."""
        heads = [self._reduction_in(exponents) for exponents in terms]
        first = heads[0]
        if first is None or len({self._kind(head) for head in heads}) != 1:
            return
        array, axes = self.field.letters[first]
        inside = self._axes_inside(array, axes)
        outside = {_without(m, head): 1 for m, head in zip(terms, heads, strict=True)}
        common = _shared(dict(outside))
        whole = self.field.number(0)
        for (exponents, number), head in zip(terms.items(), heads, strict=True):
            assert head is not None
            rest = _minus(_without(exponents, head), common)
            if not self._is_inside(rest, axes):
                return
            body = self.field.element(self.field.letters[head].array.args[0], inside)
            whole = whole + Quotient(self.field.ring.of_terms({rest: number})) * body
        if not whole:
            return
        content = whole.numerator.content
        body = whole * self.field.number(1 / Fraction(content))
        written = self.style(self.field, body, inside, array.args[0].shape)
        yield self._signed(content, [*letters_of(self.field, common), Factor(Expr(array.op, written), axes)])

    def _reduction_in(self, exponents: Exponents) -> int | None:
        """The place of the only reduction in a term."""
        own = [at for at, k in enumerate(exponents) if k and is_reduction(self.field.letters[at].array)]
        return own[0] if len(own) == 1 and exponents[own[0]] == 1 else None

    def _kind(self, head: int | None) -> object:
        """What reductions must have alike to be joined."""
        if head is None:
            return None
        array, axes = self.field.letters[head]
        return array.op, array.args[0].shape, axes

    def _axes_inside(self, reduction: Expr, axes: Axes) -> Axes:
        """The axes of what is summed, fresh ones where it is summed."""
        fresh = tuple(self.field.fresh() for _ in reduction.args[0].shape)
        if reduction.op is a.SUM_ACROSS:
            return (*axes, fresh[1])
        return (fresh[0], *axes) if reduction.op is a.SUM_DOWN else fresh

    def _is_inside(self, exponents: Exponents, axes: Axes) -> bool:
        """Whether a factor may stand inside a reduction with these axes: no denominator, no other axis."""
        return not any(
            k < 0 or (k and not self.field.letters[at].varies_along <= set(axes))
            for at, k in enumerate(exponents)
        )

    def _with_matrix_taken_out(self, terms: Terms) -> Iterator[Expr]:
        """AB + AC as A(B + C), and BA + CA as (B + C)A, where numbers are all that stands with them."""
        found = {m: self._matrix_product(m) for m in terms}
        products = {m: node for m, node in found.items() if node is not None}
        for side in (0, 1):
            for factor in dict.fromkeys(node.args[side] for node in products.values()):
                group = {m: node.args[1 - side] for m, node in products.items() if node.args[side] == factor}
                if len(group) > 1:
                    inside = added([self._with_scalars(m, terms[m], node) for m, node in group.items()])
                    one = factor @ inside if side == 0 else inside @ factor
                    rest = {m: f for m, f in terms.items() if m not in group}
                    yield added([(True, one), *self._rest(rest)])

    def _matrix_product(self, exponents: Exponents) -> Expr | None:
        """The product of matrices in a term, where numbers are all else that it has."""
        used = [at for at, k in enumerate(exponents) if k and self.field.letters[at].varies_along]
        if len(used) != 1 or exponents[used[0]] != 1:
            return None
        array, axes = self.field.letters[used[0]]
        return array if array.op is e.MATMUL and axes == self.frame else None

    def _with_scalars(self, exponents: Exponents, number: Exact, node: Expr) -> Part:
        """The other factor of a product of matrices, with the numbers of its term."""
        factors = [f for f in letters_of(self.field, exponents) if not f.along]
        axes = tuple(range(len(node.shape)))
        return number > 0, self.products.product(size_of(number), [*factors, Factor(node, axes)], axes)


def size_of(number: Exact) -> Exact:
    """|number|."""
    return number if number > 0 else -number


def _turned_back(node: Expr) -> Expr:
    """The transpose of a matrix, numbers around it left where they are."""
    if node.op is e.MUL and not node.args[0].shape:
        return node.args[0] * _turned_back(node.args[1])
    if node.op is e.DIV and not node.args[1].shape:
        return _turned_back(node.args[0]) / node.args[1]
    return -_turned_back(node.args[0]) if node.op is e.NEG else node.T


def _common_number(terms: Terms) -> Fraction:
    """The number that all coefficients are but for their signs; 1 where they differ."""
    sizes = {abs(Fraction(f)) for f in terms.values()}
    return sizes.pop() if len(sizes) == 1 else Fraction(1)


def _is_turned(form: Expr) -> bool:
    """Whether a formula has transposed entries, or rows spread by 𝟏, so that its transpose may be shorter."""
    return any(
        (node.op is e.TRANSPOSE and not node.args[0].args)
        or (node.op is a.OUTER and getattr(node.args[0], "what", "") == "ones")
        for node in postorder(form)
    )


def _columns(terms: Terms) -> list[tuple[int, ...]]:
    return list(zip(*terms, strict=True))


def _shared(terms: Terms) -> Exponents:
    """The product that all terms have as a factor: s⁻¹ of u/s − v/(n·s)."""
    return tuple(min(c) if min(c) > 0 else max(c) if max(c) < 0 else 0 for c in _columns(terms))


def _lowest(terms: Terms) -> Exponents:
    """What all terms are multiples of, once they stand over one denominator."""
    return tuple(map(min, _columns(terms)))


def _nothing(terms: Terms) -> Exponents:
    return tuple(0 for _ in next(iter(terms)))


def _minus(exponents: Exponents, others: Exponents) -> Exponents:
    return tuple(k - o for k, o in zip(exponents, others, strict=True))


def _without(exponents: Exponents, place: int | None) -> Exponents:
    return tuple(0 if at == place else k for at, k in enumerate(exponents))


def _divided(terms: Mapping[Exponents, Exact], by: Exponents) -> Terms:
    return {_minus(m, by): f for m, f in terms.items()}


def _keeps_a_scalar(field: EntryField, exponents: Exponents) -> bool:
    """Whether a term has the name of a number in it, or a size that is not that of a mean."""
    used = [field.letters[at].array for at, k in enumerate(exponents) if k]
    is_mean = any(map(is_reduction, used))
    return any((isinstance(x, Sym) and not x.shape) or (isinstance(x, Dim) and not is_mean) for x in used)


def added(parts: Sequence[Part]) -> Expr:
    """The sum of signed parts, a positive one first; a number first where there are two."""
    plain = [(sign, part) if part.op is not e.NEG else (not sign, part.args[0]) for sign, part in parts]
    if len(plain) == 2 and isinstance(plain[1][1], Num) and plain[1][0]:
        plain = plain[::-1]
    first = next((at for at, (sign, _) in enumerate(plain) if sign), 0)
    (sign, found), *others = [plain[first], *plain[:first], *plain[first + 1 :]]
    found = found if sign else -found
    for sign, part in others:
        found = found + part if sign else found - part
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


def _places(shape: Shape, frame: Axes) -> Iterator[Axes]:
    """The axes that an array may have in a frame."""
    if not shape:
        yield ()
    elif len(shape) == len(frame):
        yield frame
    elif len(shape) == 1:
        yield from ((axis,) for axis in frame)


def sums_in(form: Expr, definitions: Mapping[Sym, Expr]) -> list[Expr]:
    """The sums in a form, and those in definitions that hold names of the form only."""
    used = set(symbols(form))
    formulas = (formula for formula in definitions.values() if not used.isdisjoint(symbols(formula)))
    nodes = (node for each in (form, *formulas) for node in postorder(each) if node.op in (e.ADD, e.SUB))
    return [
        node
        for node in dict.fromkeys(nodes)
        if count_operations(node) <= LONGEST_KNOWN and used.issuperset(symbols(node))
    ]
