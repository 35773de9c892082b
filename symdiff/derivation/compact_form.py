"""Compact forms: a derivative with the author's names in it, a·y·(1 − y), found by rational algebra.

For each name v = R(…) the relation is solved for a function or a name in the derivative, v is taken out as a
factor, or off as a term; what is shortest stays, with the equalities that it follows from. No form divides by
anything that could vanish where the derivative does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from symdiff.algebra.quotients import NotRationalError, Quotient
from symdiff.algebra.tidy import monomial, monomials, tidy
from symdiff.derivation.cases import with_cases
from symdiff.derivation.closed_form import LONGEST_CLOSED, has_calls, in_inputs, is_call
from symdiff.derivation.rational import WORTH, RationalField, weight
from symdiff.derivation.ways import WayStep, with_facts_seen
from symdiff.expr.numbers import is_decimal
from symdiff.expr.records import dataclass
from symdiff.expr.tree import (
    ADD,
    DIV,
    SUB,
    Expr,
    Num,
    Sym,
    count_operations,
    postorder,
    substitute,
    symbols,
)
from symdiff.tape.tape import Tape


@dataclass(frozen=True, slots=True)
class CompactForm:
    """A `form` in the author's names, and why it is equal: `pieces`, equalities (subexpression, its value).

    `between` is the closed form with the pieces substituted and nothing else done, where that helps.
    """

    form: Expr
    pieces: tuple[tuple[Expr, Expr], ...]
    between: Expr | None


MOST_NAMES = 8
SHORTEST = 1.5
"""The weight below which a form is not looked at further: a·b is as short as it gets."""
ROUNDS = 2
"""How often the names are gone through, since one may serve another."""


def compact_form(tape: Tape, closed: Expr) -> CompactForm | None:
    """The shortest form of `closed` in the author's names, or None if none is shorter."""
    return _with_names(tape, closed, lambda var: in_inputs(tape, var))


def way_to_compact_form(tape: Tape, closed: Expr) -> tuple[WayStep, ...]:
    """The steps from `closed` to its shortest form in the author's names; none if none is shorter."""
    found = compact_form(tape, closed)
    if found is None:
        return with_cases(tape, closed)
    if found.between is None:
        steps = [WayStep(found.form, "since", found.pieces)]
    else:
        steps = [WayStep(found.between, "since", found.pieces), WayStep(found.form, "collected")]
    return with_cases(tape, closed, tuple(with_facts_seen(closed, steps)))


def shorter_with_names(tape: Tape, form: Expr) -> CompactForm | None:
    """The shortest form with further names of the author's in it, or None if none is shorter."""
    return _with_names(tape, form, lambda var: formula_in_names(tape, var))


def formula_in_names(tape: Tape, var: Sym) -> Expr:
    """The formula of a named value in the names of earlier ones."""
    body = tape.step_of[var].body
    names = tape.names_or_formulas
    return tidy(substitute(body, {s: names.get(s, s) for s in symbols(body)}))


def _with_names(tape: Tape, form: Expr, formula_of: Callable[[Sym], Expr | None]) -> CompactForm | None:
    best: CompactForm | None = None
    named = named_values(tape, formula_of)
    for _ in range(ROUNDS):
        before = best
        for name, definition in named:
            best = _with_one_name(tape, best, form, name, definition)
        if best is before or len(named) < 2:
            break
    return best


def _with_one_name(
    tape: Tape, best: CompactForm | None, form: Expr, name: Sym, definition: Expr
) -> CompactForm | None:
    """The best form so far with one more name in it, if that is shorter."""
    best = _with_formula_named(best, form, name, definition, tape) or best
    whole = best.form if best else form
    if weight(whole) < SHORTEST:
        return best
    try:
        found = _Search(whole, name, definition, name == tape.result).run()
    except NotRationalError:
        return best
    if found is None:
        return best
    pieces = (best.pieces if best else ()) + found.pieces
    return CompactForm(found.form, pieces, None if best else found.between)


def _with_formula_named(
    best: CompactForm | None, form: Expr, name: Sym, definition: Expr, tape: Tape
) -> CompactForm | None:
    """The form with a name in place of its formula, where that stands in it as a whole."""
    if name == tape.result and not is_call(definition):
        return None
    whole = best.form if best else form
    if definition not in postorder(whole):
        return None
    pieces = (*(best.pieces if best else ()), (definition, name))
    return CompactForm(tidy(substitute(whole, {definition: name})), pieces, None)


def named_values(tape: Tape, formula_of: Callable[[Sym], Expr | None]) -> list[tuple[Sym, Expr]]:
    """The author's names of results, from the last on, each with its formula."""
    inputs = dict(tape.inputs)
    named = [(name, var) for name, var in tape.by_name.items() if var not in inputs]
    found = []
    place = {var: position for position, var in enumerate(tape.order)}
    for name, var in sorted(named, key=lambda pair: place[pair[1]], reverse=True)[:MOST_NAMES]:
        formula = formula_of(var)
        if formula is None or not formula.args:
            continue
        if count_operations(formula, LONGEST_CLOSED) < LONGEST_CLOSED:
            found.append((name, formula))
    return found


class _Search:
    """The search for a shorter form of `closed` that uses one name, by rational algebra.

    For the name v = R(inputs): (1) solve R = v for a function that the derivative contains and substitute
    the solution, as 1/(1 + E) = y gives E = (1 − y)/y; (2) take v out as a factor; (3) take v off as a term.
    A form is taken if it is shorter and defined wherever the closed form is: neither it nor the way to it
    divides by anything that could vanish. The name of the result itself is used only where all functions of
    its formula go with it: e⁻ˣ·(1 − x) is not made e⁻ˣ − y.
    """

    def __init__(self, closed: Expr, name: Sym, definition: Expr, is_result: bool) -> None:
        self.closed, self.name, self.definition = closed, name, definition
        self.is_result = is_result
        self.field = RationalField(closed, definition, last=(name,))
        self.whole, self.value = self.field.element(closed), self.field.element(definition)
        self.named = self.field.element_of[name]

    def run(self) -> CompactForm | None:
        """The shortest form with the name in it, and how it follows; None if none is shorter."""
        if self.is_result and not has_calls(self.definition):
            return None
        least = weight(self.closed) - WORTH
        best: tuple[Expr, Elimination | None] | None = None
        for found in self._candidates():
            for form in self.field.forms(found.rest, least):
                whole = tidy(found.term + form) if found.term else form
                if weight(whole) < least and self._may_stand(whole) and self._keeps_decimals(whole):
                    best, least = (whole, found.solved), weight(whole)
        return None if best is None else self._justified(*best)

    def _keeps_decimals(self, whole: Expr) -> bool:
        """Whether decimals have not become whole numbers, as 0.333·(1 − y) is (333 − 333·y)/1000."""
        if not self.field.decimal:
            return True
        before = max(_longest_number(self.closed), _longest_number(self.definition))
        return _longest_number(whole) <= before

    def _may_stand(self, whole: Expr) -> bool:
        """Whether the name may be used: that of the result only if it ends all calls of functions.

        That of a single function, y = eᵘ, may stand for it beside others.
        """
        return not self.is_result or is_call(self.definition) or not has_calls(whole)

    def _candidates(self) -> Iterator[Candidate]:
        """The derivative with the name in it, in each sound way that rational algebra can follow."""
        known = (g for g in self.field.generators if g != self.name)
        ways: list[Callable[[], Candidate | None]] = [partial(self._eliminated, g) for g in known]
        ways += [self._as_factor, partial(self._as_term, 1), partial(self._as_term, -1)]
        for way in ways:
            try:
                found = way()
                is_sound = found is not None and self._sound(found.element)
            except NotRationalError:
                continue
            if found is not None and is_sound:
                yield found

    def _as_factor(self) -> Candidate | None:
        if not self.value:
            return None
        rest = self.whole / self.value
        if self.whole.denominator.divided_by(rest.denominator) is None:
            return None  # p₁·e^{z₂}/e^{z₁} for e^{z₂}/(e^{z₁} + e^{z₂})
        element = self.named * rest
        used = self.name in self.field.generators_in(element)
        return Candidate(element, element, None, None) if used else None

    def _as_term(self, sign: int) -> Candidate:
        value, named = (self.value, self.named) if sign == 1 else (-self.value, -self.named)
        rest = self.whole - value
        return Candidate(named + rest, rest, Num(sign) * self.name, None)

    def _eliminated(self, generator: Expr) -> Candidate | None:
        """The derivative with a function or a name eliminated by the named value, if that is sound."""
        field = self.field
        if isinstance(generator, Sym) and not self._is_linear():
            return None
        relation = field.without_inverses(self.value) - self.named
        if generator not in field.generators_in(relation) or generator not in field.generators_in(self.whole):
            return None
        solution = field.solve(relation, generator)
        if solution is None:
            return None
        power, value = solution
        candidate = field.with_power_replaced(field.without_inverses(self.whole), generator, power, value)
        if candidate is None or not self._ends_functions(generator, candidate):
            return None
        denominator = field.with_power_replaced(Quotient(value.denominator), self.name, 1, self.value)
        if denominator is None or not field.never_zero(denominator.numerator):
            return None
        return Candidate(candidate, candidate, None, Elimination(generator, power, value))

    def _ends_functions(self, generator: Expr, candidate: Quotient) -> bool:
        """Whether all functions of the formula go with one: e^{z₃} is not written by e^{z₁} and p₁."""
        mine = {g for g in self.field.generators_in(self.field.without_inverses(self.value)) if g.args}
        return generator not in mine or mine.isdisjoint(self.field.generators_in(candidate))

    def _is_linear(self) -> bool:
        """Whether the value is a sum of names over something: (x − m)/s, but not (y² + a)/y."""
        return all(sum(exponents) <= 1 for exponents in self.value.numerator.monomials)

    def _sound(self, candidate: Quotient) -> bool:
        """Whether the candidate divides by nothing that the closed form does not divide by."""
        if candidate.denominator == self.whole.denominator:
            return True
        under = self.field.with_power_replaced(Quotient(candidate.denominator), self.name, 1, self.value)
        if not under:
            return False
        return self.field.never_zero((Quotient(self.whole.denominator) / under).denominator)

    def _justified(self, form: Expr, solved: Elimination | None) -> CompactForm:
        """The form with what justifies it: values of its pieces in terms of the name."""
        if solved is None:
            return CompactForm(form, ((self.definition, self.name),), None)
        if isinstance(solved.generator, Sym):
            over, under = Quotient(self.value.numerator), Quotient(self.value.denominator)
            return CompactForm(form, ((self._shortest(over), self._shortest(self.named * under)),), None)
        base = tidy(solved.generator ** Num(solved.power))
        pieces = {base: self._shortest(solved.value)}
        for factor in monomial(self.closed).powers:
            if factor.op in (ADD, SUB) and solved.value != self.named:
                element = self.field.without_inverses(self.field.element(factor))
                value = self.field.with_power_replaced(element, solved.generator, solved.power, solved.value)
                if solved.generator not in self.field.generators_in(element):
                    continue
                if value is not None and self.name in self.field.generators_in(value):
                    written = self._shortest(value)
                    if weight(written) <= weight(factor) and len(monomials(written)) <= 2:
                        pieces[factor] = written
        between = _put_in(self.closed, pieces)
        helps = between is not None and _divisions(between) > _divisions(form)
        return CompactForm(form, tuple(pieces.items()), between if helps else None)

    def _shortest(self, element: Quotient) -> Expr:
        return min(self.field.forms(element), key=weight)


@dataclass(frozen=True, slots=True)
class Candidate:
    """The derivative as an `element` with a name in it: `term`, if there is one, and the `rest`."""

    element: Quotient
    rest: Quotient
    term: Expr | None
    solved: Elimination | None


@dataclass(frozen=True, slots=True)
class Elimination:
    """generatorᵖᵒʷᵉʳ = value, which follows from the definition of a name: e^{−ax} = (1 − y)/y."""

    generator: Expr
    power: int
    value: Quotient


def _longest_number(form: Expr) -> int:
    """The digits of the longest whole number in a form, at least 1."""
    whole = (n for n in postorder(form) if isinstance(n, Num) and not is_decimal(n))
    return max((len(n.text) for n in whole), default=1)


def _divisions(form: Expr) -> int:
    return sum(node.op is DIV for node in postorder(form))


def _put_in(closed: Expr, pieces: dict[Expr, Expr]) -> Expr | None:
    """The product `closed` with each piece replaced by its value, factor by factor, nothing joined."""
    term = monomial(closed)
    if not any(base in pieces for base in term.powers):
        return None
    result: Expr | None = Num(term.coefficient) if term.coefficient != 1 else None
    for base, power in term.powers.items():
        factor = tidy(pieces.get(base, base) ** Num(power))
        result = factor if result is None else result * factor
    return result
