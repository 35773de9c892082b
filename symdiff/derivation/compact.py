"""The form people write: a derivative in the inputs and the names the author gave, a·y·(1 − y).

A general search, no list of answers. For each named value v = R(inputs): (1) solve R = v for a
function that the derivative contains and put the solution in, as 1/(1+E) = y gives E = (1−y)/y;
(2) take v out as a factor; (3) take v off as a term. Each result is rearranged by rational algebra
only. A form is taken if it is shorter and defined wherever the closed form is: no division by what
could vanish is brought in, in the form or in the way to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symdiff.algebra.tidy import monomial, tidy
from symdiff.derivation.closed_form import CLOSED, in_inputs, weight
from symdiff.derivation.rational import NOT_RATIONAL, Element, Rationals, is_function
from symdiff.expr.tree import ADD, DIV, SUB, Expr, Num, Sym, postorder, size
from symdiff.tape.tape import Tape

MOST_NAMES = 8
WORTH, WORTH_RATIONAL = 0.4, 2.0
"""How much shorter a form must be: 1 − y² for 1 − tanh²x is welcome, −y² for −1/x² is not."""


@dataclass(frozen=True, slots=True)
class Compact:
    """`form` in the author's names; `pieces` justify it, each an equality (subexpression, its value).

    `between` is the closed form with the pieces put in and nothing else done, where that helps.
    """

    form: Expr
    pieces: tuple[tuple[Expr, Expr], ...]
    between: Expr | None


@dataclass(frozen=True, slots=True)
class Solved:
    """generatorᵖᵒʷᵉʳ = value, which follows from the named value's definition."""

    generator: Expr
    power: int
    value: Element


def compact_form(tape: Tape, closed: Expr) -> Compact | None:
    """The shortest form of `closed` in the author's names, or None if none is shorter."""
    best: Compact | None = None
    for name, definition in _named_values(tape):
        try:
            found = _Search(best.form if best else closed, name, definition).run()
        except NOT_RATIONAL:
            continue
        if found is not None:
            pieces = (best.pieces if best else ()) + found.pieces
            best = Compact(found.form, pieces, None if best else found.between)
    return best


def _named_values(tape: Tape) -> list[tuple[Sym, Expr]]:
    """The output and the author's intermediate names, each with its formula in the inputs."""
    inputs = dict(tape.inputs)
    named = [(name, var) for name, var in tape.by_name.items() if var not in inputs]
    found = []
    place = {var: position for position, var in enumerate(tape.order)}
    for name, var in sorted(named, key=lambda pair: place[pair[1]], reverse=True)[:MOST_NAMES]:
        formula = in_inputs(tape, var)
        if formula is not None and formula.args and size(formula, CLOSED) < CLOSED:
            found.append((name, formula))
    return found


class _Search:
    """The search for one closed form and one named value."""

    def __init__(self, closed: Expr, name: Sym, definition: Expr) -> None:
        self.closed, self.name, self.definition = closed, name, definition
        self.field = Rationals(closed, definition, last=(name,))
        self.whole, self.value = self.field.element(closed), self.field.element(definition)
        self.letter = self.field.letter[name]

    def run(self) -> Compact | None:
        """The best form with the name in it, and how it follows."""
        functions = any(map(is_function, self.field.uses(self.value)))
        least = weight(self.closed) - (WORTH if functions else WORTH_RATIONAL)
        best: tuple[Expr, Solved | None] | None = None
        for candidate, form, solved in self._forms():
            if weight(form) < least and self._sound(candidate):
                best, least = (form, solved), weight(form)
        return None if best is None else self._justified(*best)

    def _forms(self) -> Iterator[tuple[Element, Expr, Solved | None]]:
        for candidate, solved in self._candidates():
            if self.name in self.field.uses(candidate):
                for form in self.field.forms(candidate):
                    yield candidate, form, solved
        for sign in (1, -1):
            rest = self.whole - sign * self.value
            for form in self.field.forms(rest):
                yield sign * self.letter + rest, tidy(Num(sign) * self.name + form), None

    def _candidates(self) -> Iterator[tuple[Element, Solved | None]]:
        for generator in self.field.generators:
            if is_function(generator) and (found := self._eliminated(generator)):
                yield found
        if self.value:
            yield self.letter * (self.whole / self.value), None

    def _eliminated(self, generator: Expr) -> tuple[Element, Solved] | None:
        """The derivative with one function eliminated by means of the named value, if that is sound."""
        field = self.field
        relation = field.without_inverses(self.value) - self.letter
        if generator not in field.uses(relation) or generator not in field.uses(self.whole):
            return None
        solution = field.solve(relation, generator)
        if solution is None or any(map(is_function, field.uses(solution[1]))):
            return None
        power, value = solution
        candidate = field.put(field.without_inverses(self.whole), generator, power, value)
        denominator = field.put(field.field(value.denom), self.name, 1, self.value)
        if candidate is None or denominator is None or not field.never_zero(denominator.numer):
            return None
        return candidate, Solved(generator, power, value)

    def _sound(self, candidate: Element) -> bool:
        """Whether the candidate divides by nothing that the closed form does not divide by."""
        under = self.field.put(self.field.field(candidate.denom), self.name, 1, self.value)
        if not under:
            return False
        return self.field.never_zero((self.field.field(self.whole.denom) / under).denom)

    def _justified(self, form: Expr, solved: Solved | None) -> Compact:
        """The record of how `form` follows: the pieces' values in the name, and the form between."""
        if solved is None:
            return Compact(form, ((self.definition, self.name),), None)
        base = tidy(solved.generator ** Num(solved.power))
        pieces = {base: self._shortest(solved.value)}
        for factor in monomial(self.closed).powers:
            if factor.op in (ADD, SUB) and solved.value != self.letter:
                element = self.field.without_inverses(self.field.element(factor))
                value = self.field.put(element, solved.generator, solved.power, solved.value)
                if value is not None and self.name in self.field.uses(value):
                    pieces[factor] = self._shortest(value)
        between = _put_in(self.closed, pieces)
        helps = between is not None and _divisions(between) > _divisions(form)
        return Compact(form, tuple(pieces.items()), between if helps else None)

    def _shortest(self, element: Element) -> Expr:
        return min(self.field.forms(element), key=weight)


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
