"""Polynomials with rational coefficients in several letters: the border to python-flint.

python-flint has no types that a checker could use, so `Any` stays in this file. A monomial is the tuple of
the exponents of the letters. Terms stand in lexicographic order, the highest monomial first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from symdiff.expr.numbers import Exact

Exponents = tuple[int, ...]
Factors = tuple[Exact, list[tuple["Polynomial", int]]]
"""A number and polynomials with their powers."""


class PolynomialRing:
    """The polynomials in a number of letters."""

    def __init__(self, letters: int) -> None:
        import flint  # start-up: most pages need no polynomial, and it takes 30 ms
        from flint.utils.flint_exceptions import DomainError  # start-up

        names = [f"g{i}" for i in range(max(letters, 1))]  # FLINT asks for one letter at least
        self._context: Any = flint.fmpq_mpoly_ctx.get(names, flint.Ordering.lex)
        self._fraction: Any = flint.fmpq
        self.inexact: type[Exception] = DomainError
        self.zero, self.one = self.number(0), self.number(1)
        self.letters = tuple(Polynomial(self, letter) for letter in self._context.gens())

    def number(self, value: Exact) -> Polynomial:
        return Polynomial(self, self._context.constant(self.in_flint(value)))

    def of_terms(self, terms: Mapping[Exponents, Exact]) -> Polynomial:
        """Σ coefficient · letters^exponents."""
        return Polynomial(
            self, self._context.from_dict({monom: self.in_flint(c) for monom, c in terms.items()})
        )

    def in_flint(self, value: Exact) -> Any:
        return self._fraction(value.numerator, value.denominator)


class Polynomial:
    """A polynomial of one ring; it does not change."""

    __slots__ = ("_content", "_monomials", "_own", "ring")

    def __init__(self, ring: PolynomialRing, own: Any, content: Exact | None = None) -> None:
        self.ring, self._own, self._content = ring, own, content
        self._monomials: list[Exponents] | None = None

    def __len__(self) -> int:
        """The number of terms."""
        return len(self._own)

    def __bool__(self) -> bool:
        return not self._own.is_zero()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and bool(self._own == other._own)

    def __hash__(self) -> int:
        return hash((len(self._own), int(self._own.total_degree())))

    def __neg__(self) -> Polynomial:
        return self.scaled(-1)

    def __add__(self, other: Polynomial) -> Polynomial:
        return Polynomial(self.ring, self._own + other._own)

    def __sub__(self, other: Polynomial) -> Polynomial:
        return Polynomial(self.ring, self._own - other._own)

    def __mul__(self, other: Polynomial) -> Polynomial:
        # By Gauss's lemma contents are multiplied.
        return Polynomial(self.ring, self._own * other._own, self.content * other.content)

    def __floordiv__(self, other: Polynomial) -> Polynomial:
        """The quotient of a polynomial that `other` divides."""
        if other.is_one:
            return self
        return Polynomial(self.ring, self._own / other._own, ratio(self.content, other.content))

    def divided_by(self, other: Polynomial) -> Polynomial | None:
        """The quotient by `other`; None if that is no divisor."""
        try:
            return self // other
        except self.ring.inexact:
            return None

    def scaled(self, factor: Exact) -> Polynomial:
        if factor == 1:
            return self
        return Polynomial(self.ring, self._own * self.ring.in_flint(factor), self.content * factor)

    @property
    def is_one(self) -> bool:
        return bool(self._own.is_one())

    @property
    def is_constant(self) -> bool:
        return bool(self._own.is_constant())

    @property
    def degrees(self) -> Exponents:
        """The highest exponent of each letter."""
        return tuple(map(int, self._own.degrees()))

    @property
    def monomials(self) -> list[Exponents]:
        if self._monomials is None:
            self._monomials = [tuple(map(int, monom)) for monom in self._own.monoms()]
        return self._monomials

    def terms(self) -> Iterator[tuple[Exponents, Fraction]]:
        """Each monomial with its coefficient."""
        coefficients = (Fraction(int(c.p), int(c.q)) for c in self._own.coeffs())
        return zip(self.monomials, coefficients, strict=True)

    def gcd(self, other: Polynomial) -> Polynomial:
        """The greatest common divisor, with leading coefficient 1."""
        return Polynomial(self.ring, self._own.gcd(other._own))

    @property
    def content(self) -> Exact:
        """c, with the sign of the leading term, for which self/c has whole coefficients without a divisor."""
        if self._content is None:
            found = self._own.coeffs()
            size = ratio(gcd(*[int(c.p) for c in found]), lcm(*[int(c.q) for c in found]))
            self._content = -size if found and found[0] < 0 else size
        return self._content

    def factors(self) -> Factors:
        """A number and the irreducible factors, each of content 1, in the order of `in_order`."""
        number, parts = self._own.factor()
        whole, found = Fraction(int(number.p), int(number.q)), {}
        for own, exponent in parts:
            part, power = Polynomial(self.ring, own), int(exponent)
            whole *= part.content**power
            found[part.scaled(ratio(1, part.content))] = power
        return whole, in_order(found)


def ratio(over: Exact, under: Exact) -> Exact:
    """over/under, as an integer where it is one: most contents are."""
    if under == 1:
        return over
    found = Fraction(over) / under
    return found.numerator if found.denominator == 1 else found


def in_order(factors: Mapping[Polynomial, int]) -> list[tuple[Polynomial, int]]:
    """Factors with their powers in the order in which they are written, which is total.

    Those with fewer terms come first; among these the one with the higher leading monomial; then the lower
    power; then the one whose terms, compared one by one from the first, have the smaller coefficient, the
    lower degree, the higher monomial.
    """
    return sorted(factors.items(), key=_factor_order)


def _factor_order(factor: tuple[Polynomial, int]) -> tuple[object, ...]:
    polynomial, power = factor
    terms = [(c, sum(monom), [-k for k in monom]) for monom, c in polynomial.terms()]
    return len(terms), terms[0][2], power, terms
