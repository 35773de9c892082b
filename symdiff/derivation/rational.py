"""Rational algebra on forms, by SymPy's fields of fractions.

A form like a·e^{−ax}/(1 + e^{−ax})² is an element of the field whose generators are the names and the
functions in it. Elements are cancelled as they are made, and written back expanded or factored; sums that
occurred before keep the form they had. No identity of functions is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from symdiff.algebra.tidy import constant, monomial, tidy
from symdiff.expr import tree as e
from symdiff.expr.numbers import decimal_number, is_decimal
from symdiff.expr.operations import EXP
from symdiff.expr.tree import Expr, Num, Sym, postorder

MOST_TERMS = 300
MAX_DEGREE = 12
Element = Any


class TooLargeError(Exception):
    """A form whose expansion would be too long to be of use."""


NOT_RATIONAL = (TooLargeError, ZeroDivisionError, ValueError, KeyError)
"""What `RationalField` raises for forms it cannot take: too long, division by zero, 0⁰, other names."""


class RationalField:
    """The field of fractions of the names and functions in some forms; names in `last` are written last."""

    def __init__(self, *forms: Expr, last: tuple[Sym, ...] = ()) -> None:
        from sympy import QQ  # here for start-up time: most pages need no SymPy
        from sympy.polys.fields import FracField

        atoms = dict.fromkeys(atom for form in forms for atom in _atoms(form) if atom not in last)
        names = sorted((atom for atom in atoms if isinstance(atom, Sym)), key=lambda s: s.name)
        self.generators = [*names, *last, *(atom for atom in atoms if not isinstance(atom, Sym))]
        self.field = FracField([f"g{i}" for i in range(len(self.generators))] or ["g"], QQ)
        self.element_of: dict[Expr, Element] = dict(zip(self.generators, self.field.gens, strict=False))
        self.known: dict[Element, Expr] = {}
        self.decimal = any(isinstance(n, Num) and is_decimal(n) for f in forms for n in postorder(f))
        self.inverses = list(_inverse_pairs(self.generators))
        for form in forms:
            self._learn(form)

    def _learn(self, form: Expr) -> None:
        """Remember how the sums in a form are written."""
        for node in postorder(form, stop=_is_atom):
            if node.op in (e.ADD, e.SUB) and node is not form:
                self.known.setdefault(self.element(node), node)

    def element(self, form: Expr) -> Element:
        """A form in the field.

        Raises:
            TooLargeError: its expansion would have too many terms.
            ZeroDivisionError: it divides by zero.
        """
        done: dict[int, Element] = {}
        for node in postorder(form, stop=_is_atom):
            done[id(node)] = self._operation(node, [done[id(a)] for a in node.args if id(a) in done])
            if len(done[id(node)].numer) + len(done[id(node)].denom) > MOST_TERMS:
                raise TooLargeError
        return done[id(form)]

    def _operation(self, node: Expr, args: list[Element]) -> Element:
        if isinstance(node, Num):
            return self.field.ground_new(self.field.domain(node.value.numerator, node.value.denominator))
        if _is_atom(node):
            return self.element_of[node]
        if node.op is e.NEG:
            return -args[0]
        if node.op in (e.ADD, e.TOTAL):
            return sum(args, self.field.zero)
        if node.op is e.SUB:
            return args[0] - args[1]
        if node.op is e.MUL:
            return args[0] * args[1]
        if node.op is e.DIV:
            return args[0] / args[1]
        exponent = constant(node.args[1])
        assert exponent is not None
        return args[0] ** int(exponent)

    def forms(self, element: Element) -> Iterator[Expr]:
        """The ways to write an element, all over a factored denominator.

        The numerator is expanded, has its common factor in front, or is factored.
        """
        under = self._factored(element.denom)
        yield tidy(self._written(element.numer) / under)
        if len(element.numer) > 1:
            common, rest = _common_factor(element.numer)
            content, rest = rest.primitive()
            yield tidy(self._term(common, content) * self._written(rest) / under)
            yield tidy(self._factored(element.numer) / under)

    def _factored(self, polynomial: Any) -> Expr:
        if len(polynomial) == 1:
            return self._written(polynomial)
        factor, parts = polynomial.factor_list()
        result = self._number(factor)
        for part, power in sorted(parts, key=lambda p: (len(p[0]), [-k for k in p[0].LM])):
            result = result * self._written(part) ** Num(power)
        return result

    def _written(self, polynomial: Any) -> Expr:
        """A polynomial as it was written before, or its terms in order, a number first if there are two."""
        element = self.field(polynomial)
        if element in self.known:
            return self.known[element]
        if -element in self.known:
            return -self.known[-element]
        terms = [self._term(monom, factor) for monom, factor in polynomial.terms()]
        if len(terms) == 2 and constant(terms[1]) is not None:
            terms.reverse()
        return tidy(e.total(terms))

    def _term(self, exponents: tuple[int, ...], factor: Any) -> Expr:
        powers = dict(zip(self.generators, exponents, strict=False))
        for one, other in self.inverses:
            both = min(powers[one], powers[other])
            powers |= {one: powers[one] - both, other: powers[other] - both}
        result = self._number(factor)
        for generator, exponent in powers.items():
            if exponent:
                result = result * generator ** Num(exponent)
        return tidy(result)

    def _number(self, value: Any) -> Expr:
        exact = Fraction(int(value.numerator), int(value.denominator))
        written = decimal_number(exact) if self.decimal else None
        if written is not None or exact.denominator == 1:
            return written or Num(exact)
        return Num(exact.numerator) / Num(exact.denominator)

    def without_inverses(self, element: Element) -> Element:
        """`element` with e⁻ᵘ written as 1/eᵘ, so that one letter stands for both."""
        for one, other in self.inverses:
            element = self.with_power_replaced(element, other, 1, 1 / self.element_of[one])
        return element

    def with_power_replaced(
        self, element: Element, generator: Expr, power: int, value: Element
    ) -> Element | None:
        """`element` with generatorᵖᵒʷᵉʳ replaced by `value`; None if another power of it remains."""
        at = self.generators.index(generator)
        parts = []
        for polynomial in (element.numer, element.denom):
            found = self.field.zero
            for monom, factor in polynomial.terms():
                if monom[at] % power:
                    return None
                rest = tuple(0 if i == at else k for i, k in enumerate(monom))
                found += self.field(polynomial.ring({rest: factor})) * value ** (monom[at] // power)
            parts.append(found)
        return parts[0] / parts[1] if parts[1] else None

    def solve(self, relation: Element, generator: Expr) -> tuple[int, Element] | None:
        """(p, s) such that `relation` = 0 says generatorᵖ = s; None unless it is linear in one power."""
        at = self.generators.index(generator)
        parts: dict[int, Element] = {}
        for monom, factor in relation.numer.terms():
            rest = tuple(0 if i == at else k for i, k in enumerate(monom))
            term = self.field(relation.numer.ring({rest: factor}))
            parts[monom[at]] = parts.get(monom[at], self.field.zero) + term
        powers = sorted(set(parts) - {0})
        if len(powers) != 1:
            return None
        return powers[0], -parts.get(0, self.field.zero) / parts[powers[0]]

    def never_zero(self, polynomial: Any) -> bool:
        """Whether a polynomial is a constant times exponentials, and so has no zero."""
        if len(polynomial) != 1:
            return False
        (monom,) = polynomial.monoms()
        used = [g for g, k in zip(self.generators, monom, strict=False) if k]
        return all(g.op is EXP or not (g.args or isinstance(g, Sym)) for g in used)

    def generators_in(self, element: Element) -> set[Expr]:
        """The generators that occur in an element."""
        monoms = [*element.numer.monoms(), *element.denom.monoms()]
        return {g for i, g in enumerate(self.generators) if any(m[i] for m in monoms)}


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


def _common_factor(polynomial: Any) -> tuple[tuple[int, ...], Any]:
    """The monomial that divides every term, and what remains."""
    common = tuple(map(min, zip(*polynomial.monoms(), strict=True)))
    rest = {tuple(a - b for a, b in zip(m, common, strict=True)): c for m, c in polynomial.terms()}
    return common, polynomial.ring(rest)
