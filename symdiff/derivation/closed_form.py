"""Closed forms: a derivative in the inputs alone, written as the author would write it.

The form in primal names is put together from the author's own subexpressions; of it and its rational
rearrangements (see `rational`) the shortest is taken. Never an identity
of functions: a·e^{−ax}/(1 + e^{−ax})² does not become a/(4cosh²(ax/2)). Bounded: above `CLOSED`
operations there is no closed form to print, above `SYMPY_STEPS` steps none to hand out.

The form people write: a derivative in the inputs and the names the author gave, a·y·(1 − y).

A general search, no list of answers. For each named value v = R(inputs): (1) solve R = v for a
function that the derivative contains and put the solution in, as 1/(1+E) = y gives E = (1−y)/y;
(2) take v out as a factor; (3) take v off as a term. Each result is rearranged by rational algebra
only. A form is taken if it is shorter and defined wherever the closed form is: no division by what
could vanish is brought in, in the form or in the way to it.

Derivatives in the names that the author gave: (p − y)xᵀ, p being the name of softmax(Wx + b).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from symdiff.algebra.tidy import monomial, monomials, tidy
from symdiff.derivation.derivation import Derivation, Line
from symdiff.derivation.rational import NOT_RATIONAL, Element, Rationals, is_function
from symdiff.errors import UsageError
from symdiff.expr.tree import ADD, DIV, POW, SUB, Expr, Num, Sym, count_operations, postorder, substitute
from symdiff.tape.tape import LONGEST_FORMULA as LONGEST
from symdiff.tape.tape import Tape

if TYPE_CHECKING:
    pass


CLOSED = 60
SYMPY_STEPS = 400
_WEIGHTS = {"neg": 0.5, "number": 0.05, "name": 0.1, "**": 1.2}


def closed_form(tape: Tape, line: Line) -> Expr | None:
    """The line's value in the inputs, as short as rational algebra makes it; None if it is too long."""
    if line.primal is None:
        return None
    own = in_inputs(tape, line.primal)
    return None if own is None else shortest(own)


def in_inputs(tape: Tape, primal: Expr) -> Expr | None:
    """`primal` with every variable of the tape written out; None above `CLOSED` operations."""
    names = [s for s in dict.fromkeys(postorder(primal)) if isinstance(s, Sym)]
    origins = dict(tape.inputs) | {s: tape.step_of[s].origin for s in names if s in tape.step_of}
    if sum(count_operations(origins[s], CLOSED + 1) for s in names) > CLOSED:
        return None
    written = substitute(primal, {s: origins[s] for s in names})
    return None if count_operations(written, CLOSED + 1) > CLOSED else tidy(written)


def shortest(own: Expr) -> Expr:
    """The shortest of `own` and its rational rearrangements."""
    if is_plain(own):
        return own
    try:
        field = Rationals(own)
        forms = field.forms(field.element(own))
        return min([own, *forms], key=lambda form: weight(form) + 0.4 * (form is not own))
    except NOT_RATIONAL:
        return own


def is_plain(own: Expr) -> bool:
    """Whether rational algebra has nothing to do: no factor shared, no sum to set against another."""
    terms = [term.powers for term in monomials(own)]
    sums = [base for term in terms for base in term if base.op in (ADD, SUB)]
    if len(terms) == 1:
        return (
            len(sums) < 2 and all(map(_is_polynomial, sums)) and not any(base.op is POW for base in terms[0])
        )
    return not sums and _is_polynomial(own)


def _is_polynomial(total: Expr) -> bool:
    """Whether `total` is a sum without denominators whose terms share no factor."""
    terms = [term.powers for term in monomials(total)]
    bases = [base for term in terms for base in term]
    return len(bases) == len(set(bases)) and all(p > 0 for term in terms for p in term.values())


def weight(root: Expr) -> float:
    """How long a form reads: operations, with signs and plain numbers light."""
    count, stack = 0.0, [root]
    while stack:
        node = stack.pop()
        count += _WEIGHTS.get(node.op.name, 1.0)
        if isinstance(node, Num):
            count += 0.25 * (len(node.text) - 1)
        stack.extend(node.args)
    return count


def written_out(derivation: Derivation, line: Line) -> Expr:
    """A long derivative in the inputs, as a shared tree: each line once, in its own local form."""
    tape = derivation.tape
    if len(tape.steps) > SYMPY_STEPS:
        way_out = "read the lines of the derivation, which stay short"
        raise UsageError(f"a closed form of {len(tape.steps)} steps is not built", way_out=way_out)
    values: dict[Expr, Expr] = dict(tape.inputs) | {s.var: s.origin for s in tape.steps}
    sweep = next(s for s in derivation.sweeps if line in s.lines)
    for known in sweep.lines:
        values[known.var] = substitute(known.local, values)
    return values[line.var]


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
        if formula is not None and formula.args and count_operations(formula, CLOSED) < CLOSED:
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


def in_names(tape: Tape, form: Expr) -> Expr | None:
    """`form` with each variable of the tape under its author's name, or written out where it has none.

    None if that takes more than `LONGEST` operations.
    """
    names = tape.names_or_formulas
    used: dict[Expr, Expr] = {s: names[s] for s in postorder(form) if isinstance(s, Sym) and s in names}
    found = tidy(substitute(form, used))
    known = {name.name for name in tape.names.values()}
    foreign = (s for s in postorder(found) if isinstance(s, Sym) and s.name not in known)
    if count_operations(found, LONGEST + 1) > LONGEST or any(foreign):
        return None
    return found
