"""The answer to an exercise with named values, as people write it: ∂h₁/∂U = (1 − h₁²)·(x₁ + W·(1 − h₀²)·x₀).

The author's definitions are gone through once. Of each, v = φ(…, u, …), the derivative by one input is

    ∂v/∂U = ∂φ/∂U + Σ_u (∂φ/∂u)·∂u/∂U,

its terms in the order of the text, what all terms share taken out, then what most of them share. Sums and
names stay as the author and the rows of the table write them. Factors stand as on paper: sign and number,
then from the outside in along the chain. Where rational algebra, or a definition solved for one of its names,
gives a shorter form, that is taken (see `rational`, `closed_form`). Where the whole gets long, derivatives of
earlier values are left under their names, ∂h₁/∂U.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symdiff.algebra.monomials import Monomial
from symdiff.algebra.tidy import join_powers, monomial, monomials, tidy
from symdiff.derivation.cases import with_cases
from symdiff.derivation.chain_order import MOST_TERMS, ChainOrder, TooLongError
from symdiff.derivation.closed_form import has_calls, in_inputs, is_plain, shortest, with_short_arguments
from symdiff.derivation.compact_form import CompactForm, compact_form, shorter_with_names
from symdiff.derivation.named_products import shorter_by_sums, with_products_named
from symdiff.derivation.rational import WORTH, weight
from symdiff.derivation.ways import WayStep, with_facts_seen
from symdiff.expr import tree as e
from symdiff.expr.records import dataclass
from symdiff.expr.tree import PARTIAL, Expr, Sym, substitute, symbols
from symdiff.tape.partials import local_partial
from symdiff.tape.tape import Tape

LONGEST_ANSWER = 26.0
"""The weight above which derivatives of earlier values are left under their names."""
SHORT_ENOUGH = 5.0
"""The weight up to which such a derivative is put into later ones all the same."""
WORTH_OF_INPUTS = 1.0
"""How much shorter a form must be for which definitions are written out."""
MOST_VALUES = 40
"""Named values up to which the derivatives of all of them are put into one another."""


@dataclass(frozen=True, slots=True)
class Answer:
    """∂result/∂input in the author's names: the last of `steps`; the first is as the chain rule gives it.

    `earlier` are the derivatives of named values that it is written with, from the first on.
    """

    steps: tuple[WayStep, ...]
    earlier: tuple[tuple[Expr, Expr], ...] = ()

    @property
    def form(self) -> Expr:
        return self.steps[-1].form


def answer(tape: Tape, name: Sym) -> Answer | None:
    """The answer by an input; None where no value but the result has a name, or a formula gets too long."""
    if not has_named_values(tape):
        return None
    return _Search(tape, name).run()


def way_to_short_number(tape: Tape, form: Expr) -> tuple[WayStep, ...]:
    """Steps from a number in the author's names to a shorter form of it; none where none is shorter.

    Names are looked for where something is divided or a function called, and nothing in a product of plain
    sums: long chains have many of these.
    """
    has_names = has_calls(form) or any(node.op is e.DIV for node in e.postorder(form))
    if not has_names and len(monomials(form)) == 1 and all(map(is_plain, monomial(form).powers)):
        return ()
    order = ChainOrder(tape)
    best = order.arranged(order.regrouped(shortest(form)), form)
    steps = [WayStep(best, "collected")] if weight(best) < weight(form) - WORTH else []
    before = best if steps else form
    if not has_names:
        return with_cases(tape, form, tuple(steps))
    ways = (shorter_with_names(tape, before), shorter_by_sums(tape, before))
    found = min((way for way in ways if way is not None), key=lambda way: weight(way.form), default=None)
    if found is not None:
        last = order.arranged(order.regrouped(found.form), form)
        steps.append(WayStep(last, "since", found.pieces))
    return with_cases(tape, form, tuple(steps))


def has_named_values(tape: Tape) -> bool:
    """Whether the author defines a value on the way to the result."""
    inputs = dict(tape.inputs)
    return any(var not in inputs and var != tape.output for var in tape.names)


class _Search:
    """The derivatives of the named values by one input, from the first on."""

    def __init__(self, tape: Tape, name: Sym) -> None:
        self.tape, self.name, self.source = tape, name, tape.by_name[name]
        self.place = {var: position for position, var in enumerate(tape.order)}
        self.order = ChainOrder(tape)
        self.found: dict[Sym, Monomial] = {}
        self.symbols: dict[Sym, Expr] = {}
        self.used: dict[Expr, Expr] = {}

    def run(self) -> Answer | None:
        try:
            whole = self._result()
        except TooLongError:
            return None
        if whole is None:
            return Answer((WayStep(e.ZERO, "collected"),))
        collected = self.order.write(whole)
        first = self._first_step(collected)
        steps = (first, *with_facts_seen(collected, self._shorter(collected)))
        steps = with_cases(self.tape, collected, steps)
        earlier = tuple((self.symbols[var], self.order.write(self.found[var])) for var in self._needed(whole))
        return Answer(steps, earlier)

    def _first_step(self, collected: Expr) -> WayStep:
        """The form that the chain rule gives, by the names that stand in it for products."""
        names = {*symbols(collected)}
        facts = tuple((formula, name) for formula, name in self.used.items() if name in names)
        return WayStep(collected, "since", facts) if facts else WayStep(collected, "taken_out")

    def _result(self) -> Monomial | None:
        between = self._between()
        if len(between) > MOST_VALUES:
            near = {operand for operand, _, _ in self._paths(self.tape.output)} & set(between)
            self.symbols = {var: self._symbol(var) for var in near}
            return self._derivative(self.tape.output, self.symbols)
        for var in between:
            self.found[var] = self._derivative(var, {})
        whole = self.found.get(self.tape.output)
        if whole is None or weight(self.order.write(whole)) <= LONGEST_ANSWER:
            return whole
        for var in between:
            self.found[var] = self._derivative(var, self.symbols)
            if weight(self.order.write(self.found[var])) > SHORT_ENOUGH:
                self.symbols[var] = self._symbol(var)
        return self.found[self.tape.output]

    def _between(self) -> list[Sym]:
        """The named values that depend on the input and lead to the result, in order."""
        reached, named = {self.source}, []
        for step in self.tape.steps:
            if not reached.isdisjoint(step.operands):
                reached.add(step.var)
                if self._is_named(step.var) and step.var in self.tape.leading_to_result:
                    named.append(step.var)
        return named

    def _is_named(self, var: Sym) -> bool:
        return var in self.tape.names and var != self.source and var in self.tape.step_of

    def _symbol(self, var: Sym) -> Expr:
        return Expr(PARTIAL, self.tape.names[var], self.name)

    def _derivative(self, var: Sym, under_names: Mapping[Sym, Expr]) -> Monomial:
        """∂v/∂U with earlier derivatives put in, or under their names."""
        ways = self._short_ways(var, [way for way in self._paths(var) if self._counts(way[0])])
        self.order.take_places(place for _, _, places in ways for place in places)
        terms = []
        for operand, factor, _ in ways:
            term = Monomial(factor.coefficient, dict(factor.powers), factor.decimal)
            if operand in under_names:
                term.times(Monomial(1, {under_names[operand]: 1}), 1)
            elif operand != self.source:
                term.times(self.found[operand], 1)
            join_powers(term)
            terms.append(term)
        return self.order.collected(terms, self.place[var])

    def _short_ways(self, var: Sym, ways: list[Way]) -> list[Way]:
        """The ways to each operand as one, where functions are left in them that names are shorter than."""
        found: list[Way] = []
        for operand in dict.fromkeys(operand for operand, _, _ in ways):
            own = [way for way in ways if way[0] == operand]
            if any(map(has_calls, (base for _, factor, _ in own for base in factor.powers))):
                own = self._one_way(var, operand, own)
            found += own
        return found

    def _one_way(self, var: Sym, operand: Sym, ways: list[Way]) -> list[Way]:
        copies = [Monomial(factor.coefficient, dict(factor.powers), factor.decimal) for _, factor, _ in ways]
        whole = self.order.write(self.order.collected(copies, self.place[var]))
        short = with_products_named(self.tape, whole)
        if has_calls(short.form):
            return ways
        self.used |= dict(short.pieces)
        factor = monomial(short.form)
        return [(operand, factor, tuple((base, self.place[var]) for base in factor.powers))]

    def _counts(self, operand: Sym) -> bool:
        return operand == self.source or operand in self.found or operand in self.symbols

    def _paths(self, top: Sym) -> Iterator[Way]:
        """The ways from a named value down to inputs and named values, in the order of the text.

        Of each the product of its local partials, and the place on the tape of each of their factors.
        """
        stack: list[Way] = [(top, Monomial(1, {}), ())]
        count = 0
        while stack:
            var, factor, places = stack.pop()
            if var != top and (var == self.source or self._is_named(var) or var not in self.tape.step_of):
                yield var, factor, places
                continue
            step, below = self.tape.step_of[var], []
            for operand in step.operands:
                term = Monomial(factor.coefficient, dict(factor.powers), factor.decimal)
                partial = self._partial(var, operand)
                term.times(partial, 1)
                join_powers(term)
                below.append(
                    (operand, term, (*places, *((base, self.place[var]) for base in partial.powers)))
                )
            stack += reversed(below)
            count += len(below)
            if count > 4 * MOST_TERMS:
                raise TooLongError

    def _partial(self, var: Sym, operand: Sym) -> Monomial:
        """∂w_i/∂w_j in the author's names."""
        local = local_partial(self.tape.step_of[var], operand).short.matrix()
        names = self.tape.names_or_formulas
        written = tidy(substitute(local, {s: names.get(s, s) for s in symbols(local)}))
        if any(s in self.tape.step_of for s in symbols(written)):
            raise TooLongError
        return monomial(with_short_arguments(written))

    def _needed(self, whole: Monomial) -> list[Sym]:
        """The values whose derivatives stand under their names in the answer, directly or not."""
        by_symbol = {symbol: var for var, symbol in self.symbols.items() if var in self.found}
        waiting, needed = [whole], set[Sym]()
        while waiting:
            for node in e.postorder(self.order.write(waiting.pop())):
                var = by_symbol.get(node)
                if var is not None and var not in needed:
                    needed.add(var)
                    waiting.append(self.found[var])
        return sorted(needed, key=lambda var: self.place[var])

    def _shorter(self, collected: Expr) -> Iterator[WayStep]:
        """The way to the shortest of the rational rearrangements and of the forms with other names."""
        named = with_products_named(self.tape, collected)
        if named.pieces and weight(named.form) < weight(collected):
            collected = self.order.arranged(named.form, collected)
            yield WayStep(collected, "since", named.pieces)
        best = self._read(shortest(collected), collected)
        if weight(best) >= weight(collected):
            best = collected
        found = self._with_names_or_sums(best)
        last = best if found is None else self._read(found.form, collected)
        other = self._through_the_inputs(collected, weight(last) - WORTH_OF_INPUTS)
        if other is not None:
            yield WayStep(self._read(other.form, collected), "since", other.pieces)
            return
        if best is not collected:
            yield WayStep(best, "collected")
        if found is not None:
            yield WayStep(last, "since", found.pieces)

    def _read(self, form: Expr, like: Expr) -> Expr:
        """A form with shared factors taken out, in the order on paper."""
        return self.order.arranged(self.order.regrouped(form), like)

    def _with_names_or_sums(self, form: Expr) -> CompactForm | None:
        """The shortest form with further names, or with names whose sum is a number for one another."""
        ways = (shorter_with_names(self.tape, form), shorter_by_sums(self.tape, form))
        return min((way for way in ways if way is not None), key=lambda way: weight(way.form), default=None)

    def _through_the_inputs(self, collected: Expr, most: float) -> CompactForm | None:
        """A form that weighs less than `most`, found with every definition written out, or None."""
        if most <= 1 or has_calls(collected):
            return None
        variables: dict[Expr, Expr] = {name: var for var, name in self.tape.names.items()}
        own = in_inputs(self.tape, substitute(collected, variables))
        if own is None or has_calls(own):
            return None
        closed = shortest(own)
        compact = compact_form(self.tape, closed)
        form = closed if compact is None else compact.form
        used = {*symbols(collected)}
        pieces = tuple((name, formula) for name, formula in self.tape.definitions if name in used)
        return CompactForm(form, pieces, None) if weight(form) < most else None


Places = tuple[tuple[Expr, float], ...]
"""Factors with their places on the tape."""
Way = tuple[Sym, Monomial, Places]
"""An operand, the product of local partials down to it, and where these stand."""
