"""Rational algebra on forms: a form as a quotient of polynomials in its names and functions, and back.

A form like a·e^{−ax}/(1 + e^{−ax})² is an element of the field whose generators are the names and the
functions in it. Elements are cancelled as they are made, and written back expanded or factored; sums that
occurred before keep the form they had. No identity of functions is used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import compress
from math import inf

from symdiff.algebra.monomials import Monomial, is_plain_power
from symdiff.algebra.polynomials import Exponents, Factors, Polynomial, PolynomialRing, in_order, ratio
from symdiff.algebra.quotients import NotRationalError, Quotient, in_lowest_terms, power, product
from symdiff.algebra.tidy import LONGEST_SUM, constant, monomial, tidy, write
from symdiff.expr import tree as e
from symdiff.expr.numbers import Exact, decimal_number, is_decimal, magnitude
from symdiff.expr.operations import EXP
from symdiff.expr.tree import Expr, Num, Sym, postorder

MAX_DEGREE = 12
WORTH = 0.4
"""How much shorter a form must be to be taken in place of one that was written before."""
MOST_FACTORED = 80
"""Terms up to which a polynomial is factored as a whole."""


class RationalField:
    """The field of fractions of the names and functions in some forms; names in `last` are written last."""

    def __init__(self, *forms: Expr, last: tuple[Sym, ...] = ()) -> None:
        """The field, and how the sums in `forms` are written.

        Raises:
            NotRationalError: a sum in a form has too many terms, or divides by zero.
        """
        atoms = dict.fromkeys(atom for form in forms for atom in _atoms(form) if atom not in last)
        names = sorted((atom for atom in atoms if isinstance(atom, Sym)), key=lambda s: s.name)
        self.generators = [*names, *last, *(atom for atom in atoms if not isinstance(atom, Sym))]
        self.ring = PolynomialRing(len(self.generators))
        letters = map(Quotient, self.ring.letters)
        self.element_of: dict[Expr, Quotient] = dict(zip(self.generators, letters, strict=False))
        self.known: dict[Quotient, Expr] = {}
        self._writings: dict[Polynomial, Expr] = {}
        self.decimal = any(isinstance(n, Num) and is_decimal(n) for f in forms for n in postorder(f))
        self.inverses = list(_inverse_pairs(self.generators))
        joined = {generator for pair in self.inverses for generator in pair}
        self._lasting = [g not in joined and (g.op is EXP or not is_plain_power(g)) for g in self.generators]
        self._weights = list(compress(map(weight, self.generators), self._lasting))
        for form in forms:
            self._learn(form)

    def _learn(self, form: Expr) -> None:
        """Remember how the sums in a form are written."""
        for node in postorder(form, stop=_is_atom):
            if node.op in (e.ADD, e.SUB) and node is not form:
                self.known.setdefault(self.element(node), node)

    def element(self, form: Expr) -> Quotient:
        """A form in the field; that of each of its parts is found once.

        Raises:
            NotRationalError: its expansion would have too many terms, or it divides by zero.
        """
        for node in postorder(form, stop=lambda node: node in self.element_of or _is_atom(node)):
            if node not in self.element_of:
                if _is_atom(node):
                    raise NotRationalError
                args = [self.element_of[arg] for arg in node.args]
                self.element_of[node] = self._operation(node, args)
        return self.element_of[form]

    def _operation(self, node: Expr, args: list[Quotient]) -> Quotient:
        if isinstance(node, Num):
            return self.number(node.value)
        if node.op is e.NEG:
            return -args[0]
        if node.op in (e.ADD, e.TOTAL):
            return sum(args, self.number(0))
        if node.op is e.SUB:
            return args[0] - args[1]
        if node.op is e.MUL:
            return args[0] * args[1]
        if node.op is e.DIV:
            return args[0] / args[1]
        exponent = constant(node.args[1])
        assert exponent is not None
        return args[0] ** int(exponent)

    def number(self, value: Exact) -> Quotient:
        return Quotient(self.ring.number(value))

    def forms(self, element: Quotient, most: float = inf) -> Iterator[Expr]:
        """The ways to write an element, all over a factored denominator; numbers as decimals among decimals.

        The numerator is expanded, has its common factor in front, or is factored. A way that would weigh
        `most` or more is left out before it is written.
        """
        over, below = self._fraction(element)
        most -= self._least_weight(below)
        if most <= 0:
            return
        under = self._product(below)
        if self._least_weight_of(over) < most:
            yield self._tidied(self._written(over) / under)
        if len(over) > 1:
            common, rest = _common_factor(over)
            content = self._number_in_front(rest)
            rest = rest.scaled(ratio(1, content))
            if self._least_weight_of(rest) < most:
                yield self._tidied(self._term(common, content) * self._written(rest) / under)
            above = self._factors(over)
            if self._least_weight(above) < most:
                yield self._tidied(self._product(above) / under)

    def _fraction(self, element: Quotient) -> tuple[Polynomial, Factors]:
        """Numerator and denominator; among decimals without a number below."""
        over, under = element.numerator, element.denominator
        if not self.decimal:
            return over, self._factors(under)
        number, parts = self._factors(under.scaled(ratio(1, under.content)))
        return over.scaled(ratio(1, under.content * number)), (1, parts)

    def _number_in_front(self, polynomial: Polynomial) -> Exact:
        """The number to take out: among decimals one that all terms have."""
        if self.decimal and len({abs(factor) for _, factor in polynomial.terms()}) > 1:
            return 1
        return magnitude(polynomial.content)

    def _tidied(self, form: Expr) -> Expr:
        """A form tidied, its number a decimal where those of the field are."""
        if not self.decimal:
            return tidy(form)
        term = monomial(form)
        return write(Monomial(term.coefficient, dict(term.powers), True))

    def _factors(self, polynomial: Polynomial) -> Factors:
        """A number and factors: sums that are known as they are, of what is left the irreducible ones.

        1 − h² is not divided into (1 − h)·(1 + h), known or not. Factoring takes unforeseeably long from some
        hundred terms on: what the known sums leave of a long polynomial stays one factor.
        """
        if len(polynomial) == 1:
            return 1, [(polynomial, 1)]
        number: Exact = 1
        powers = Counter[Polynomial]()
        for part in self._known_sums:
            while (rest := polynomial.divided_by(part)) is not None:
                polynomial = rest
                size = 1 if self.decimal else magnitude(part.content)
                number *= size
                powers[part.scaled(ratio(1, size))] += 1
        factor, parts = polynomial.factors() if len(polynomial) <= MOST_FACTORED else (1, [(polynomial, 1)])
        if self.decimal and [exponent for _, exponent in parts] == [1]:
            factor, parts = 1, [(parts[0][0].scaled(factor), 1)]
        for part, exponent in self._without_conjugates(parts):
            if -Quotient(part) in self.known:  # as it was written, the sign in front
                part, factor = -part, -factor if exponent % 2 else factor
            powers[part] += exponent
        return number * factor, in_order(dict(self._without_conjugates(list(powers.items()))))

    @cached_property
    def _known_sums(self) -> list[Polynomial]:
        """The sums in the forms that are polynomials, long ones first."""
        polynomials = [sum_ for sum_ in self.known if sum_.denominator.is_constant]
        found = [sum_.numerator.scaled(ratio(1, sum_.denominator.content)) for sum_ in polynomials]
        parts = [part for part in dict.fromkeys(found) if 1 < len(part) <= MOST_FACTORED]
        return sorted(parts, key=lambda part: (-sum(map(max, zip(*part.monomials, strict=True))), len(part)))

    def _without_conjugates(self, parts: list[tuple[Polynomial, int]]) -> list[tuple[Polynomial, int]]:
        """Factors of which no two make a shorter one together: (1 − h)·(1 + h) is 1 − h²."""
        kept: list[tuple[Polynomial, int]] = []
        for part, exponent in parts:
            for i, (other, its_exponent) in enumerate(kept):
                whole = product(part, other)
                is_short = len(whole) == 2 < len(part) * len(other)
                if exponent == its_exponent and (is_short or self._is_difference_of_squares(part, other)):
                    kept[i] = whole, exponent
                    break
            else:
                kept.append((part, exponent))
        return kept

    def _is_difference_of_squares(self, part: Polynomial, other: Polynomial) -> bool:
        """Whether two factors make (x − m)² − s² of a sum that is known; that is how it is written then."""
        halves = [(part + other).scaled(ratio(1, 2)), (part - other).scaled(ratio(1, 2))]
        if not all(half and (len(half) == 1 or self._as_before(half)) for half in halves):
            return False
        known = (self._as_before(half) or self._written(half) for half in halves)
        one, two = (tidy((root.args[0] if root.op is e.NEG else root) ** Num(2)) for root in known)
        self._writings[product(part, other)] = one - two
        return True

    def _product(self, factors: Factors) -> Expr:
        """Factors written as a product."""
        number, parts = factors
        result = self._number(number)
        for part, exponent in parts:
            result = result * self._written(part) ** Num(exponent)
        return result

    def _written(self, polynomial: Polynomial) -> Expr:
        """A polynomial as it was written before, or in its terms if these are shorter.

        (1 − t)·y − (1 − y)·t is y − t.
        """
        if polynomial not in self._writings:
            before = self._as_before(polynomial)
            if before is None or self._may_be_shorter(polynomial, before):
                fresh = self._in_terms(polynomial)
                before = fresh if before is None or weight(fresh) < weight(before) - WORTH else before
            self._writings[polynomial] = before
        return self._writings[polynomial]

    def _may_be_shorter(self, polynomial: Polynomial, before: Expr) -> bool:
        """Whether terms may be shorter than what was written: only if that has sums in it."""
        inside = (arg for arg in before.args if arg.args)
        sums = any(node.op in (e.ADD, e.SUB) for arg in inside for node in postorder(arg, stop=_is_atom))
        return sums or len(polynomial) < len(before.args)

    def _as_before(self, polynomial: Polynomial) -> Expr | None:
        element = Quotient(polynomial)
        if element in self.known:
            return self.known[element]
        return -self.known[-element] if -element in self.known else None

    def _in_terms(self, polynomial: Polynomial) -> Expr:
        """Its terms in order, a number first if there are two."""
        terms = [self._term(monom, factor) for monom, factor in polynomial.terms()]
        if len(terms) == 2 and constant(terms[1]) is not None:
            terms.reverse()
        return tidy(e.total(terms))

    def _least_weight(self, factors: Factors) -> float:
        return sum(self._least_weight_of(part) for part, _ in factors[1])

    def _least_weight_of(self, polynomial: Polynomial) -> float:
        """About what a polynomial weighs at least; 0 if it has been written before, or may yet become short.

        Functions that may join others, as √u·√u does, are not counted, nor terms that differ in them.
        """
        short = len(polynomial) <= (1 if all(self._lasting) else LONGEST_SUM)
        if short or not {Quotient(polynomial), -Quotient(polynomial)}.isdisjoint(self.known):
            return 0
        terms = {tuple(compress(monom, self._lasting)) for monom in polynomial.monomials}
        inside = sum(
            sum(compress(self._weights, monom)) + max(sum(map(bool, monom)) - 1, 0) for monom in terms
        )
        return inside + (len(terms) - 1 if len(terms) <= LONGEST_SUM else 1)

    def _term(self, exponents: Exponents, factor: Exact) -> Expr:
        powers = dict(zip(self.generators, exponents, strict=False))
        for one, other in self.inverses:
            both = min(powers[one], powers[other])
            powers |= {one: powers[one] - both, other: powers[other] - both}
        result = self._number(factor)
        for generator, exponent in powers.items():
            if exponent:
                result = result * generator ** Num(exponent)
        return tidy(result)

    def _number(self, value: Exact) -> Expr:
        written = decimal_number(value) if self.decimal else None
        if written is not None or value.denominator == 1:
            return written or Num(value)
        return Num(value.numerator) / Num(value.denominator)

    def without_inverses(self, element: Quotient) -> Quotient:
        """`element` with e⁻ᵘ written as 1/eᵘ, so that one letter stands for both.

        Raises:
            NotRationalError: its denominator is 0 then.
        """
        for one, other in self.inverses:
            found = self.with_power_replaced(element, other, 1, self.element_of[one] ** -1)
            if found is None:
                raise NotRationalError
            element = found
        return element

    def with_power_replaced(
        self, element: Quotient, generator: Expr, exponent: int, value: Quotient
    ) -> Quotient | None:
        """`element` with generatorᵉˣᵖᵒⁿᵉⁿᵗ replaced by `value`; None if another power of it remains."""
        sides = []
        for polynomial in (element.numerator, element.denominator):
            parts = self._by_power(polynomial, generator)
            if any(k % exponent for k in parts):
                return None
            sides.append(_put_in({k // exponent: part for k, part in parts.items()}, value))
        (over, more), (under, others) = sides
        if not under:
            return None
        # Both stand over a power of the value's denominator, of which the larger one is left.
        below = value.denominator
        over = product(over, power(below, max(others - more, 0)))
        return in_lowest_terms(over, product(under, power(below, max(more - others, 0))))

    def _by_power(self, polynomial: Polynomial, generator: Expr) -> dict[int, Polynomial]:
        """A polynomial as Σ partₖ·generatorᵏ: the parts by k."""
        at = self.generators.index(generator)
        found: dict[int, dict[Exponents, Exact]] = {}
        for monom, factor in polynomial.terms():
            found.setdefault(monom[at], {})[(*monom[:at], 0, *monom[at + 1 :])] = factor
        return {k: self.ring.of_terms(terms) for k, terms in found.items()}

    def solve(self, relation: Quotient, generator: Expr) -> tuple[int, Quotient] | None:
        """(p, s) such that `relation` = 0 says generatorᵖ = s; None unless it is linear in one power."""
        at = self.generators.index(generator)
        exponents = {monom[at] for monom in relation.numerator.monomials} - {0}
        if len(exponents) != 1:
            return None
        (exponent,) = exponents
        parts = self._by_power(relation.numerator, generator)
        return exponent, in_lowest_terms(-parts.get(0, self.ring.zero), parts[exponent])

    def never_zero(self, polynomial: Polynomial) -> bool:
        """Whether a polynomial is a constant times exponentials, and so has no zero."""
        if len(polynomial) != 1:
            return False
        (monom,) = polynomial.monomials
        used = [g for g, k in zip(self.generators, monom, strict=False) if k]
        return all(g.op is EXP or not (g.args or isinstance(g, Sym)) for g in used)

    def generators_in(self, element: Quotient) -> set[Expr]:
        """The generators that occur in an element."""
        degrees = zip(element.numerator.degrees, element.denominator.degrees, strict=True)
        return {g for g, ks in zip(self.generators, degrees, strict=False) if max(ks) > 0}


_WEIGHTS = {"neg": 0.5, "number": 0.05, "name": 0.1, "**": 1.2}


def weight(root: Expr) -> float:
    """How long a form reads: its operations, of which signs and plain numbers count little."""
    count, stack = 0.0, [root]
    while stack:
        node = stack.pop()
        count += _WEIGHTS.get(node.op.name, 1.0)
        if isinstance(node, Num):
            count += 0.25 * (len(node.text) - 1)
        stack.extend(node.args)
    return round(count, 2)


def is_function(generator: Expr) -> bool:
    """Whether a generator is a function of something, not a name or a constant like π."""
    return bool(generator.args)


def _is_atom(node: Expr) -> bool:
    """Whether rational algebra looks no deeper: names, functions, powers that are not whole numbers."""
    if isinstance(node, Num):
        return False
    if node.op in (e.ADD, e.SUB, e.NEG, e.MUL, e.DIV, e.TOTAL):
        return False
    if node.op is e.POW:
        exponent = constant(node.args[1])
        return exponent is None or exponent.denominator != 1 or not -MAX_DEGREE <= exponent <= MAX_DEGREE
    return True


def _atoms(form: Expr) -> Iterator[Expr]:
    for node in postorder(form, stop=_is_atom):
        if _is_atom(node):
            yield node


def _inverse_pairs(generators: list[Expr]) -> Iterator[tuple[Expr, Expr]]:
    """Those generators that are eᵘ and e⁻ᵘ."""
    exponents = {tidy(g.args[0]): g for g in generators if g.op is EXP}
    for exponent, generator in exponents.items():
        other = exponents.get(tidy(-exponent))
        if other is not None and monomial(exponent).coefficient > 0:
            yield generator, other


def _put_in(parts: dict[int, Polynomial], value: Quotient) -> tuple[Polynomial, int]:
    """Σ partₖ·valueᵏ as a polynomial over a power of the value's denominator, and that power."""
    highest = max(parts)
    found = parts[highest]
    below = value.denominator.ring.one
    for k in reversed(range(highest)):
        found, below = product(found, value.numerator), product(below, value.denominator)
        if k in parts:
            found = found + product(parts[k], below)
    return found, highest


def _common_factor(polynomial: Polynomial) -> tuple[Exponents, Polynomial]:
    """The monomial that divides every term, and what remains."""
    common = tuple(map(min, zip(*polynomial.monomials, strict=True)))
    rest = {tuple(a - b for a, b in zip(m, common, strict=True)): c for m, c in polynomial.terms()}
    return common, polynomial.ring.of_terms(rest)
