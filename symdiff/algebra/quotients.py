"""Quotients of polynomials in lowest terms, of bounded size.

Sizes are bounded before anything is cancelled, so that no operation takes long: what has more than
`MOST_TERMS` terms is of no use to a reader.
"""

from __future__ import annotations

from symdiff.algebra.polynomials import Polynomial, ratio

MOST_TERMS = 300
"""Terms of numerator and denominator together, up to which a quotient is of use."""
MOST_BEFORE = 4 * MOST_TERMS
"""Terms up to which a polynomial is multiplied on, and common divisors are looked for."""


class NotRationalError(Exception):
    """Rational algebra has nothing to say of a form: it is too long, divides by zero, or holds 0⁰."""


class Quotient:
    """numerator/denominator in lowest terms: whole coefficients, the denominator's first one positive.

    Raises:
        NotRationalError: the denominator is 0, or there are too many terms.
    """

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: Polynomial, denominator: Polynomial | None = None) -> None:
        """numerator/denominator, which have no divisor in common but numbers."""
        one = numerator.ring.one
        under = one if denominator is None or not numerator else denominator
        if not under:
            raise NotRationalError
        factor = ratio(ratio(numerator.content, under.content).denominator, under.content)
        self.numerator, self.denominator = numerator.scaled(factor), under.scaled(factor)
        if len(numerator) + len(under) > MOST_TERMS:
            raise NotRationalError

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quotient):
            return False
        return self.numerator == other.numerator and self.denominator == other.denominator

    def __hash__(self) -> int:
        return hash((self.numerator, self.denominator))

    def __bool__(self) -> bool:
        return bool(self.numerator)

    def __neg__(self) -> Quotient:
        return Quotient(-self.numerator, self.denominator)

    def __add__(self, other: Quotient) -> Quotient:
        if self.denominator.is_one and other.denominator.is_one:
            return Quotient(self.numerator + other.numerator)
        common = self.denominator.gcd(other.denominator)
        own, others = self.denominator // common, other.denominator // common
        over = product(self.numerator, others) + product(other.numerator, own)
        # What still cancels divides the common part: the rest of each denominator is prime to its numerator.
        return _cancelled(over, common, product(own, others))

    def __sub__(self, other: Quotient) -> Quotient:
        return self + -other

    def __mul__(self, other: Quotient) -> Quotient:
        if self.denominator.is_one and other.denominator.is_one:
            return Quotient(product(self.numerator, other.numerator))
        one, two = _shared(self.numerator, other.denominator), _shared(other.numerator, self.denominator)
        over = product(self.numerator // one, other.numerator // two)
        return Quotient(over, product(self.denominator // two, other.denominator // one))

    def __truediv__(self, other: Quotient) -> Quotient:
        return self * other**-1

    def __pow__(self, exponent: int) -> Quotient:
        over, under = (self.numerator, self.denominator)[:: 1 if exponent >= 0 else -1]
        if exponent <= 0 and not self:
            raise NotRationalError
        return Quotient(power(over, abs(exponent)), power(under, abs(exponent)))


def in_lowest_terms(over: Polynomial, under: Polynomial) -> Quotient:
    """over/under, any common divisor taken out."""
    return _cancelled(over, under, under.ring.one)


def _cancelled(over: Polynomial, common: Polynomial, rest: Polynomial) -> Quotient:
    """over/(common·rest), where only `common` may share a divisor with `over`."""
    shared = _shared(over, common)
    return Quotient(over // shared, product(common // shared, rest))


def _shared(over: Polynomial, under: Polynomial) -> Polynomial:
    """The greatest common divisor."""
    if under.is_constant or over.is_constant:
        return over.ring.one if over else under
    return over.gcd(under)


def product(one: Polynomial, other: Polynomial) -> Polynomial:
    """The product of two polynomials.

    Raises:
        NotRationalError: it has too many terms.
    """
    found = one * other
    if len(found) > MOST_BEFORE:
        raise NotRationalError
    return found


def power(base: Polynomial, exponent: int) -> Polynomial:
    """base^exponent, factor by factor, so that what becomes too long is left early."""
    found = base.ring.one
    for _ in range(exponent):
        found = product(found, base)
    return found
