"""Sums of products as people write them: what terms share taken out, factors from the outside in."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import reduce
from math import gcd

from symdiff.algebra.monomials import Monomial, factor_order, signed_terms
from symdiff.algebra.tidy import monomial, monomials, write
from symdiff.derivation.rational import weight
from symdiff.expr import tree as e
from symdiff.expr.leaves import Alias
from symdiff.expr.numbers import magnitude
from symdiff.expr.tree import PARTIAL, Expr, Num, symbols
from symdiff.tape.tape import Tape

MOST_TERMS = 24
"""Terms up to which a derivative inside one definition is collected."""


class TooLongError(Exception):
    """A sum has more terms than are collected."""


class ChainOrder:
    """The order of factors on paper: sign and number, then those of later steps of the tape first."""

    def __init__(self, tape: Tape | None = None) -> None:
        """The order of no factors yet; names of a tape that are met later stand as they do on it."""
        self.places: dict[Expr, float] = {}
        self.named: dict[Expr, float] = {}
        if tape is not None:
            self.named = {tape.names.get(var, var): place for place, var in enumerate(tape.order)}

    def take_places(self, places: Iterable[tuple[Expr, float]]) -> None:
        for base, place in places:
            self.places[base] = max(self.places.get(base, -1), place)

    def arranged(self, form: Expr, like: Expr) -> Expr:
        """A form with the factors of each product in this order, its terms in that of another form."""
        if form.op in (e.ADD, e.SUB, e.TOTAL):
            terms = [(sign, self.arranged(part, like)) for sign, part in signed_terms(form)]
            return _sum_of(terms if form in e.postorder(like) else _in_order_of(terms, like))
        if form.op in (e.MUL, e.NEG, e.DIV):
            term = monomial(form)
            powers = {self.arranged(base, like): power for base, power in term.powers.items()}
            return self.write(Monomial(term.coefficient, powers, term.decimal))
        return form

    def regrouped(self, form: Expr) -> Expr:
        """A form with what its terms share taken out, if it is shorter then: (p − y)·x + 2·λ·w."""
        terms = monomials(form)
        if not 1 < len(terms) <= MOST_TERMS:
            return form
        found = self.write(self.collected(terms, sys.maxsize))
        return found if weight(found) < weight(form) else form

    def write(self, term: Monomial) -> Expr:
        """A product in this order."""
        plain = write(_turned(term))
        top = sorted(((b, p) for b, p in term.powers.items() if p > 0), key=factor_order)
        if len(top) < 2:
            return plain
        top.sort(key=lambda item: -self._place(item[0]))
        number = write(Monomial(magnitude(term.coefficient), {}, term.decimal))
        over, below = number.args if number.op is e.DIV else (number, e.ONE)
        factors = [] if over == e.ONE else [over]
        factors += [base if power == 1 else base ** Num(power) for base, power in top]
        under = monomial(1 / below)
        under.times(Monomial(1, {b: p for b, p in term.powers.items() if p < 0}), 1)
        result = reduce(Expr.__mul__, factors)
        below = write(under)
        if below.op is e.DIV:
            result = result / below.args[1]
        return -result if term.coefficient < 0 else result

    def _place(self, base: Expr) -> float:
        if base in self.places:
            return self.places[base]
        if base.op is PARTIAL:
            return -2
        if isinstance(base, Alias):
            return sys.maxsize
        return max((self._place_of_part(node) for node in e.postorder(base)), default=-1)

    def _place_of_part(self, node: Expr) -> float:
        return self.places.get(node, self.named.get(node, -1))

    def collected(self, terms: list[Monomial], top: int) -> Monomial:
        """A sum of products with what all terms share taken out, then, inside, what most of them share.

        The sum takes its place below the step `top`, of which it is a part of the derivative.
        """
        terms = _joined(terms)
        if len(terms) > MOST_TERMS:
            raise TooLongError
        if len(terms) < 2:
            return terms[0] if terms else Monomial(0, {})
        common = _common_factor(terms)
        for term in terms:
            term.times(common, -1)
        inside = self._grouped(terms, top)
        self.places[inside] = min(self._place(inside), top) - 0.5
        common.times(Monomial(1, {inside: 1}), 1)
        return common

    def _grouped(self, terms: list[Monomial], top: int) -> Expr:
        """A sum of terms with no common factor, those that share one set together."""
        shared = _most_shared(terms)
        if shared is None:
            return _sum_of([_signed(term, self) for term in terms])
        with_it = [term for term in terms if term.powers.get(shared, 0) > 0]
        others = [term for term in terms if term.powers.get(shared, 0) <= 0]
        at = terms.index(with_it[0])
        joined = self.collected(with_it, top)
        before = [term for term in others if terms.index(term) < at]
        after = [term for term in others if terms.index(term) > at]
        return self._grouped([*before, joined, *after], top)


def _turned(term: Monomial) -> Monomial:
    """−(1 − p), which stands alone, as p − 1."""
    base, *others = term.powers or [e.ONE]
    if others or term.coefficient >= 0 or term.powers.get(base) != 1 or base.op is not e.SUB:
        return term
    return Monomial(-term.coefficient, {base.args[1] - base.args[0]: 1}, term.decimal)


def _signed(term: Monomial, order: ChainOrder) -> tuple[int, Expr]:
    return (1, order.write(term)) if term.coefficient >= 0 else (-1, order.write(term.negated()))


def _in_order_of(terms: list[tuple[int, Expr]], like: Expr) -> list[tuple[int, Expr]]:
    """Terms in the order in which a form has their first names; as they are where one has no name in it."""
    place = {name: number for number, name in enumerate(dict.fromkeys(symbols(like)))}
    found = [min((place[name] for name in symbols(term) if name in place), default=-1) for _, term in terms]
    if min(found) < 0:
        return terms
    return [terms[i] for i in sorted(range(len(terms)), key=found.__getitem__)]


def _sum_of(terms: Sequence[tuple[int, Expr]]) -> Expr:
    """A sum, a positive term first where there is one."""
    first = next((i for i, (sign, _) in enumerate(terms) if sign > 0), 0)
    (sign, result), *rest = [terms[first], *terms[:first], *terms[first + 1 :]]
    result = result if sign > 0 else -result
    for sign, term in rest:
        result = result + term if sign > 0 else result - term
    return result


def _joined(terms: list[Monomial]) -> list[Monomial]:
    """Terms with equal ones joined and zeros dropped."""
    found: dict[frozenset[tuple[Expr, object]], Monomial] = {}
    for term in terms:
        key = frozenset(term.powers.items())
        known = found.setdefault(key, Monomial(0, dict(term.powers)))
        known.coefficient += term.coefficient
        known.decimal |= term.decimal
    return [term for term in found.values() if term.coefficient]


def _common_factor(terms: list[Monomial]) -> Monomial:
    """The number, sign and powers that all terms share."""
    first, *others = terms
    powers = {}
    for base, power in first.powers.items():
        every = [power, *(term.powers.get(base, 0) for term in others)]
        if all(p > 0 for p in every):
            powers[base] = min(every)
        elif all(p < 0 for p in every):
            powers[base] = max(every)
    sign = -1 if all(term.coefficient < 0 for term in terms) else 1
    over = reduce(gcd, (abs(term.coefficient.numerator) for term in terms))
    if not powers and any(base.op is PARTIAL for term in terms for base in term.powers):
        return Monomial(1, {})  # a sum over named values is read term by term
    under = {term.coefficient.denominator for term in terms}
    number = Fraction(over, under.pop()) if len(under) == 1 else Fraction(1)
    decimal = any(term.decimal for term in terms)
    if decimal:
        sizes = {magnitude(term.coefficient) for term in terms}
        number = Fraction(sizes.pop()) if len(sizes) == 1 else Fraction(1)
    return Monomial(sign * number, powers, decimal)


def _most_shared(terms: list[Monomial]) -> Expr | None:
    """The factor that saves most if it is taken out of the terms that have it."""
    best, most = None, 0.0
    for base in dict.fromkeys(base for term in terms for base, power in term.powers.items() if power > 0):
        count = sum(term.powers.get(base, 0) > 0 for term in terms)
        saved = (count - 1) * (weight(base) + 1)
        if count > 1 and saved > most:
            best, most = base, saved
    return best
