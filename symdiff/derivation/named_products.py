"""Names in place of the products that they stand for, and of one another where they add up to a number.

q² for q·(x − m)/s, where q = (x − m)/s, and p − y for p·y₂ − (1 − p)·y, where y + y₂ = 1: facts that follow
from the definitions as they are written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import reduce

from symdiff.algebra.monomials import Monomial, signed_terms
from symdiff.algebra.tidy import monomial, monomials, tidy, write
from symdiff.derivation.closed_form import shortest
from symdiff.derivation.compact_form import CompactForm, formula_in_names, named_values
from symdiff.derivation.rational import WORTH, weight
from symdiff.expr.numbers import Exact
from symdiff.expr.tree import (
    ADD,
    DIV,
    ONE,
    SUB,
    TOTAL,
    Expr,
    Num,
    Sym,
    substitute,
    symbols,
)
from symdiff.tape.entries import adding_up
from symdiff.tape.tape import Tape


def with_products_named(tape: Tape, form: Expr) -> CompactForm:
    """A form with names in place of the products that they stand for."""
    used: dict[Expr, Expr] = {}
    for name, formula in named_values(tape, lambda var: formula_in_names(tape, var)):
        product = monomial(formula)
        if name != tape.result and len(product.powers) > 1 and product.coefficient == 1:
            put_in = _product_named(form, product.powers, name)
            if put_in is not form:
                form, used[formula] = put_in, name
    return CompactForm(form, tuple(used.items()), None)


def _product_named(form: Expr, powers: Mapping[Expr, Exact], name: Sym) -> Expr:
    """A form with a name in place of Π baseᵖᵒʷᵉʳ, in each product and in each sum inside one.

    The form itself where that stands nowhere in it.
    """
    if form.op in (ADD, SUB, TOTAL):
        parts = signed_terms(form)
        terms = [(sign, _product_named(part, powers, name)) for sign, part in parts]
        if all(one is other for (_, one), (_, other) in zip(terms, parts, strict=True)):
            return form
        return tidy(reduce(Expr.__add__, (part if sign > 0 else -part for sign, part in terms)))
    term = monomial(form)
    found, is_other = Monomial(term.coefficient, {}, term.decimal), False
    for base, power in term.powers.items():
        inner = _product_named(base, powers, name) if base.op in (ADD, SUB, TOTAL) else base
        found.times(monomial(inner) if inner is not base else Monomial(1, {base: 1}), int(power))
        is_other |= inner is not base
    often = min(found.powers.get(base, 0) / Fraction(power) for base, power in powers.items())
    times = int(often) if often >= 1 else 0
    if not times and not is_other:
        return form
    found.times(Monomial(1, dict(powers)), -times)
    found.times(Monomial(1, {name: 1}), times)
    return write(found)


def shorter_by_sums(tape: Tape, form: Expr) -> CompactForm | None:
    """The shortest form in which named values that add up to a number, p₁ + p₂ = 1, stand for one another."""
    used = {*symbols(form)}
    facts = [(names, total) for names, total in _constant_sums(tape) if len(used & {*names}) > 1]
    ways = [shortest(tidy(substitute(form, _values_of(facts, end)))) for end in (-1, 0)]
    found = min(ways, key=weight)
    if not facts or weight(found) >= weight(form) - WORTH:
        return None
    return CompactForm(found, tuple((_sum_of(names), total) for names, total in facts), None)


def _sum_of(names: Sequence[Expr]) -> Expr:
    return reduce(Expr.__add__, names)


Sums = list[tuple[tuple[Sym, ...], Expr]]
"""Names and the number that they add up to."""


def _values_of(facts: Sums, end: int) -> dict[Expr, Expr]:
    """The last name of each sum, or the first, by the others."""
    return {names[end]: _less(total, names[:-1] if end else names[1:]) for names, total in facts}


def _less(total: Expr, names: Sequence[Expr]) -> Expr:
    """What is left of a total without these."""
    return reduce(Expr.__sub__, names, total)


def _constant_sums(tape: Tape) -> Sums:
    """Named values and inputs whose sum is a number, by their definitions as written."""
    named = list(reversed(named_values(tape, lambda var: formula_in_names(tape, var))))
    sums = [_linear_sum(name, formula) for name, formula in named]
    found = [part for part in sums if part is not None]
    found += [(names, ONE) for names in adding_up(name for _, name in tape.inputs) if len(names) > 1]
    quotients = [(name, formula) for name, formula in named if formula.op is DIV and name != tape.result]
    for under in dict.fromkeys(formula.args[1] for _, formula in quotients):
        group = [(name, formula.args[0]) for name, formula in quotients if formula.args[1] == under]
        if len(group) > 1 and tidy(reduce(Expr.__add__, (over for _, over in group))) == tidy(under):
            found.append((tuple(name for name, _ in group), ONE))
    return found


def _linear_sum(name: Sym, formula: Expr) -> tuple[tuple[Sym, ...], Expr] | None:
    """y₂ = 1 − y₁ as y₁ + y₂ = 1; None for another formula."""
    terms = monomials(formula)
    names = [base for term in terms for base in term.powers if isinstance(base, Sym)]
    numbers = [term for term in terms if not term.powers]
    if len(numbers) != 1 or len(names) != len(terms) - 1 or len(set(names)) < len(names):
        return None
    if any(term.coefficient != -1 or sum(term.powers.values()) != 1 for term in terms if term.powers):
        return None
    return (*names, name), Num(numbers[0].coefficient)
