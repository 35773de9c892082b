"""What follows from the definitions as they are written: x = μ + s·x̂, the mean of x − μ is 0, Σp = 1.

Nothing is known of any layer. Facts are found by computing with the definitions: the mean of x̂ is that of
(x − μ)/s, which is (mean(x) − μ)/s, and μ is defined as the mean of x.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from symdiff.algebra.polynomials import Exponents, Polynomial
from symdiff.algebra.quotients import NotRationalError, Quotient
from symdiff.algebra.tidy import tidy
from symdiff.derivation.entry_field import Axes, EntryField, is_reduction
from symdiff.derivation.entry_products import STAND_IN, inner_product
from symdiff.derivation.entry_writing import WrittenSums
from symdiff.derivation.matrix_products import MatrixProducts
from symdiff.derivation.ways import Fact
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled, OneHot, entry_count, ones, zeros
from symdiff.expr.numbers import Exact
from symdiff.expr.operations import NORM, SQRT
from symdiff.expr.tree import Dim, Expr, Sym, postorder, symbols

FREE: Axes = (0, 1)


class Elimination(NamedTuple):
    """A name, or a reduction, with its value: x = μ + s·x̂, uᵀv = L·a·b; and the fact as people say it.

    `stand_in` is a name made for a sum of the formula's own, x − μ, with that sum.
    """

    of: Expr
    value: Expr
    fact: Fact
    stand_in: Fact | None = None


class DefinitionFacts:
    """The facts of some definitions, of which `result` names the last."""

    def __init__(self, definitions: Sequence[tuple[Sym, Expr]], result: Sym | None = None) -> None:
        self.definitions, self.result = dict(definitions), result
        self.names: dict[Expr, Expr] = {}
        for name, formula in definitions:
            for form in (formula, tidy(formula)):
                if form.args and form.shape == name.shape:
                    self.names.setdefault(form, name)
        self.products = MatrixProducts(self.definitions)
        self._known: dict[Expr, Expr | None] = {}
        self._means = dict(self._found_means())

    def with_definition(self, name: Expr, formula: Expr) -> DefinitionFacts:
        """The same facts, and those of one more name."""
        assert isinstance(name, Sym)
        return DefinitionFacts([*self.definitions.items(), (name, formula)], self.result)

    def name_of(self, array: Expr) -> Expr | None:
        """The name that is defined as this array."""
        return self.names.get(array)

    def field(self, writer: WrittenSums | None = None, extra: Sequence[Elimination] = ()) -> EntryField:
        """A field in which the facts hold, and the values of some reductions besides."""
        more = {key_of(one.of): one.value for one in extra if is_reduction(one.of)}

        def known(node: Expr) -> Expr | None:
            return more.get(key_of(node)) or self.known(node)

        writer = writer or WrittenSums()
        return EntryField(writer, known, self.name_of, self.products.is_symmetric)

    def known(self, reduction: Expr) -> Expr | None:
        """The value of a sum over axes, where it is a name or a number."""
        if reduction not in self._known:
            self._known[reduction] = None  # while it is looked for
            self._known[reduction] = self._value(reduction)
        return self._known[reduction]

    def _value(self, reduction: Expr) -> Expr | None:
        if reduction in self._means:
            return self._means[reduction]
        inside = reduction.args[0]
        if isinstance(inside, Filled) and inside.what == "eye":
            return ones(reduction.shape) if reduction.shape else entry_count(inside.shape[:1])
        if _is_on_simplex(inside, self.definitions) and reduction.op is _ALONG[len(inside.shape)]:
            return ones(reduction.shape)
        if isinstance(inside, Sym) and inside in self.definitions:
            return self._constant(Expr(reduction.op, self.definitions[inside]))
        return self._moved(reduction)

    def _constant(self, node: Expr) -> Expr | None:
        """A sum over a defined name where its definition makes it a number."""
        try:
            field = self.field()
            found = field.element(node, FREE[: len(node.shape)])
        except NotRationalError:
            return None
        if not found:
            return zeros(node.shape)
        for polynomial in (found.numerator, found.denominator):
            for at, power in enumerate(polynomial.degrees):
                if power and not isinstance(field.letters[at].array, Dim):
                    return None
        written = field.write(field, found, (), ())
        return written if not node.shape else written * ones(node.shape)

    def _moved(self, reduction: Expr) -> Expr | None:
        """Σⱼ Pᵢⱼ(C·Vᵀ)ᵢⱼ = Σₖ CᵢₖOᵢₖ where O = P·V: a sum over one axis as one over another."""
        inside = reduction.args[0]
        factors = _factors(inside)
        products = [f for f in factors if f.op is e.MATMUL]
        if len(products) != 1 or len(factors) < 2:
            return None
        (one,) = products
        left, right = one.args
        rest = [f for f in factors if f is not one]
        weight = rest[0]
        for factor in rest[1:]:
            weight = weight * factor
        if weight.shape != inside.shape:
            return None
        if reduction.op in (a.SUM_ACROSS, a.SUM) and len(left.shape) == 2:
            name = self.name_of(tidy(weight @ right.T)) if len(right.shape) == 2 else None
            if name is not None and name.shape == left.shape:
                return Expr(reduction.op, _product(left, name))
        if reduction.op in (a.SUM_DOWN, a.SUM) and len(left.shape) == 2:
            name = self.name_of(tidy(left.T @ weight))
            if name is not None and name.shape == right.shape:
                return Expr(reduction.op, _product(name, right))
        return None

    def _found_means(self) -> Iterator[tuple[Expr, Expr]]:
        """The sums of names that a definition names: Σx = n·μ where μ = mean(x)."""
        for name, formula in self.definitions.items():
            node = formula.args[0] if formula.op is a.COLUMN else formula
            sums = {
                a.MEAN: (a.SUM, slice(None)),
                a.MEAN_DOWN: (a.SUM_DOWN, slice(0, 1)),
                a.MEAN_ACROSS: (a.SUM_ACROSS, slice(1, 2)),
                a.SUM: (a.SUM, slice(0, 0)),
                a.SUM_DOWN: (a.SUM_DOWN, slice(0, 0)),
                a.SUM_ACROSS: (a.SUM_ACROSS, slice(0, 0)),
            }
            if node.op in sums and isinstance(node.args[0], Sym):
                op, sizes = sums[node.op]
                value: Expr = Expr(a.SUM_ACROSS, name) if formula.op is a.COLUMN else name
                count = entry_count(node.args[0].shape[sizes])
                yield Expr(op, node.args[0]), value if count == e.ONE else count * value

    def mean_of(self, name: Expr) -> Fact | None:
        """μ = mean(x), where a name is defined so."""
        formula = self.definitions.get(name) if isinstance(name, Sym) else None
        if formula is None:
            return None
        node = formula.args[0] if formula.op is a.COLUMN else formula
        return (name, formula) if node.op in _SUM_OF_MEAN else None

    def eliminations(self, form: Expr) -> list[Elimination]:
        """The ways to write a name in the form, or a reduction, by means of a definition."""
        nodes = set(postorder(form))
        return [
            one
            for one in self._eliminations
            if one.of in nodes or (is_reduction(one.of) and nodes.issuperset(symbols(one.of)))
        ]

    @cached_property
    def _eliminations(self) -> list[Elimination]:
        """What each definition says of the names and the reductions in it."""
        found: list[Elimination] = []
        for name, formula in self.definitions.items():
            if name == self.result and formula.op in _BARE_SUMS:
                continue  # a loss ⟨c, y⟩ is no name for that product
            try:
                found += self._from_definition(name, formula)
            except NotRationalError:
                continue
        return found

    def _from_definition(self, name: Sym, formula: Expr) -> Iterator[Elimination]:
        frame = FREE[: len(name.shape)]
        field = self.field()
        own, body = _as_equation(name, formula)
        value, named = field.element(body, frame), field.element(own, frame)
        product = named * Quotient(value.denominator)
        relation = value.numerator - product.numerator
        if not relation or not product.denominator.is_one:
            return
        linear = [at for at, power in enumerate(relation.degrees) if power == 1]
        for at in linear:
            letter = field.letters[at]
            if letter.axes != frame or letter.array == name:
                continue
            solved = _solved(field, relation, at)
            if solved is None:
                continue
            written = field.write(field, solved, frame, letter.array.shape)
            if letter.array not in postorder(written, stop=lambda node: node.shape != name.shape):
                fact = _as_said(inner_product(letter.array), written, name)
                yield Elimination(letter.array, written, fact)

    def stand_ins(self, form: Expr) -> Iterator[Elimination]:
        """The differences that stand in a form several times, such as x − μ, as one letter each."""
        places = Counter(arg for node in postorder(form) for arg in node.args if arg.op is e.SUB)
        for number, (node, count) in enumerate(places.items()):
            x, rest = node.args
            if count > 1 and isinstance(x, Sym) and x.shape == node.shape and x not in symbols(rest):
                letter = Sym(f"{STAND_IN}{number}", shape=node.shape)
                yield Elimination(x, letter + rest, (node, node), (letter, node))


_BARE_SUMS = (a.SUM, a.MEAN, a.DOT, a.INNER, a.SQNORM)
_ALONG = (None, a.SUM, a.SUM_ACROSS)
_SUM_OF_MEAN = (a.MEAN, a.MEAN_DOWN, a.MEAN_ACROSS)


def _as_equation(name: Sym, formula: Expr) -> tuple[Expr, Expr]:
    """A definition as an equation without a root: s² = v + ε."""
    if formula.op is SQRT:
        return name**2, formula.args[0]
    return (name**2, Expr(a.SQNORM, formula.args[0])) if formula.op is NORM else (name, formula)


def _solved(field: EntryField, relation: Polynomial, at: int) -> Quotient | None:
    """The value of a letter that a relation is linear in; None where that divides by anything but sizes."""
    with_it: dict[Exponents, Exact] = {}
    without: dict[Exponents, Exact] = {}
    for exponents, factor in relation.terms():
        if exponents[at]:
            with_it[(*exponents[:at], 0, *exponents[at + 1 :])] = factor
        else:
            without[exponents] = -factor
    over = field.ring.of_terms(with_it)
    for place, power in enumerate(over.degrees):
        if power and not isinstance(field.letters[place].array, Dim):
            return None
    return Quotient(field.ring.of_terms(without)) / Quotient(over)


def _as_said(of: Expr, value: Expr, name: Sym) -> Fact:
    """A solved definition as people say it: x − μ = s·x̂ of x = μ + s·x̂."""
    if value.op is e.ADD:
        for one, other in (value.args, value.args[::-1]):
            if name in postorder(other) and name not in postorder(one):
                return of - one, other
    return of, value


def _is_on_simplex(node: Expr, definitions: dict[Sym, Expr]) -> bool:
    if isinstance(node, Sym):
        if node.assume == "simplex":
            return True
        node = definitions.get(node, node)
    return node.op is a.SOFTMAX or isinstance(node, OneHot)


def key_of(reduction: Expr) -> tuple[object, ...]:
    """A reduction whatever the order of the factors that it sums."""
    return reduction.op, frozenset(Counter(_factors(reduction.args[0])).items())


def _factors(node: Expr) -> list[Expr]:
    if node.op is e.MUL:
        return [*_factors(node.args[0]), *_factors(node.args[1])]
    return [node]


def _product(left: Expr, right: Expr) -> Expr:
    return left * right
