"""The form that people write of a derivative by an array, and the way to it.

A form is read as a quotient of polynomials in entries, numbers and reductions (`entry_field`), first in the
names that it has, then with a name or a reduction put in by means of a definition (`definition_facts`), as
long as that makes it shorter; it is written with the fewest operations that are found (`entry_writing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from symdiff.algebra.quotients import NotRationalError
from symdiff.derivation.definition_facts import DefinitionFacts, Elimination, key_of
from symdiff.derivation.entry_field import is_reduction
from symdiff.derivation.entry_products import STAND_IN, inner_product
from symdiff.derivation.entry_writing import WrittenSums, length, sums_in
from symdiff.derivation.ways import (
    MOST_STEPS,
    Fact,
    WayStep,
    inside_of,
    is_about,
    operations,
    taken_out,
    transposes,
)
from symdiff.errors import InputError
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled, is_zero
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.numbers import is_decimal
from symdiff.expr.operations import NORM, SQRT, is_array
from symdiff.expr.tree import Expr, Num, Sym, leaves, postorder, substitute
from symdiff.tape.tape import Tape

FRAME = (0, 1)
SHORT = 3
"""Operations up to which a form stays as it is."""


def way_to_short_form(tape: Tape, form: Expr) -> tuple[WayStep, ...]:
    """Steps from a form in the author's names to a shorter one; none where it is as short as it gets.

    A vector stands for each row of a matrix only where it does so in a definition, too.
    """
    return _Search(_facts_of(tape), form, _adds_rows(tape)).way()


def shortest_form(tape: Tape, form: Expr) -> tuple[Expr, tuple[Sym, ...]]:
    """The shortest form found, and the names that it takes for granted to be on the simplex.

    A vector beside a matrix stands for each of its rows, as in code.
    """
    search = _Search(_facts_of(tape), form, rows=True)
    found = [version for version, _ in search.versions() if version.length < operations(form)]
    if not found:
        return form, ()
    inside = [node.args[0] for node in found[-1].used]
    names = (node for node in inside if isinstance(node, Sym) and node.assume == "simplex")
    return found[-1].form, tuple(dict.fromkeys(names))


@cached_by_identity
def _facts_of(tape: Tape) -> DefinitionFacts:
    return DefinitionFacts(tape.definitions, tape.result)


@cached_by_identity
def _adds_rows(tape: Tape) -> bool:
    """Whether somewhere in the definitions a vector meets a matrix entry by entry."""
    nodes = (node for _, formula in tape.definitions for node in postorder(formula))
    matrices = (node for node in nodes if len(node.shape) == 2 and not is_array(node.op))
    return any(len(arg.shape) == 1 for node in matrices for arg in node.args)


class Version(NamedTuple):
    """A form as it is written after some eliminations, the values of sums that were used, the sums left."""

    form: Expr
    eliminated: tuple[Elimination, ...]
    used: dict[Expr, Expr]
    sums: frozenset[object] = frozenset()

    @property
    def length(self) -> int:
        return operations(self.form)


class _Search:
    """The search for a shorter form: in the names that there are, then by one definition after another."""

    def __init__(self, facts: DefinitionFacts, form: Expr, rows: bool) -> None:
        self.facts, self.given, self.form = facts, form, facts.products(form)
        self.rows = rows
        self.decimal = any(isinstance(n, Num) and is_decimal(n) for n in postorder(form))

    def way(self) -> tuple[WayStep, ...]:
        """The steps, each shorter than the one before; what only rearranges is no step before another one."""
        steps: list[WayStep] = []
        shortest, before, used = operations(self.given), self.given, dict[Expr, Expr]()
        for version, by in self.versions():
            if version.length >= shortest or len(steps) == MOST_STEPS:
                continue
            if steps and steps[-1].reason in REARRANGED:
                del steps[-1]
                before = steps[-1].form if steps else self.given
            steps.append(self._step(version, before, by, used))
            shortest, before, used = version.length, version.form, version.used
        if (
            len(steps) == 1
            and steps[0].reason in REARRANGED
            and _printed(steps[0].form) >= _printed(self.given)
        ):
            return ()
        return tuple(steps)

    def versions(self) -> Iterator[tuple[Version, Elimination | None]]:
        """The versions from the first on, each shorter than the one before, with what was eliminated last."""
        if operations(self.given) <= SHORT or (self._is_plain() and not self.facts.eliminations(self.form)):
            return
        best = self._shortest([(one,) for one in self.facts.stand_ins(self.form)])
        if best is None or not best.used:
            best = self._shortest([(), *([best.eliminated] if best is not None else [])])
        if best is None:
            return
        yield best, None
        moves = self.facts.eliminations(self.form)
        while True:
            tries = [move for move in moves if not is_reduction(move.of) or key_of(move.of) in best.sums]
            found = self._shortest([(*_without(best.eliminated, move), move) for move in tries])
            if found is None or found.length >= best.length:
                return
            best = found
            moves = [move for move in moves if move is not best.eliminated[-1]]
            yield best, best.eliminated[-1]

    def _is_plain(self) -> bool:
        """Whether each name stands once in a form, and nothing in it is an array of ones or transposed."""
        nodes = list(leaves(self.given))
        names = [node for node in nodes if isinstance(node, Sym)]
        filled = any(isinstance(node, Filled) for node in nodes)
        return len(names) == len(set(names)) and not filled and self.form == self.given

    def _shortest(self, tries: Sequence[tuple[Elimination, ...]]) -> Version | None:
        found = [version for one in tries if (version := self._version(one)) is not None]
        return min(found, key=lambda version: length(version.form), default=None)

    def _version(self, eliminated: tuple[Elimination, ...]) -> Version | None:
        try:
            return self._written(eliminated)
        except (NotRationalError, InputError):
            return None

    def _written(self, eliminated: tuple[Elimination, ...]) -> Version:
        letters = RootLetters(self.form, *(one.value for one in eliminated))
        form, facts, stand_ins = letters.put(self.form), self.facts, dict[Expr, Expr]()
        for one in eliminated:
            if one.stand_in is not None:
                letter, difference = one.stand_in
                form = substitute(form, {letters.put(difference): letter})
                facts = facts.with_definition(letter, difference)
                stand_ins[letter] = difference
            form = substitute(form, {one.of: letters.put(one.value)})
        writer = WrittenSums(sums_in(form, facts.definitions), facts.names, self.rows, self.decimal)
        field = facts.field(writer, [one._replace(value=letters.put(one.value)) for one in eliminated])
        frame = FRAME[: len(form.shape)]
        written = writer(field, field.element(form, frame), frame, form.shape)

        def back(node: Expr) -> Expr:
            return substitute(letters.back(node), stand_ins)

        used = {back(node): back(value) for node, value in field.used.items()}
        sums = frozenset(key_of(x.array) for x in field.letters if is_reduction(x.array))
        return Version(back(written), eliminated, used, sums)

    def _step(
        self, version: Version, before: Expr, by: Elimination | None, used: dict[Expr, Expr]
    ) -> WayStep:
        if by is None:
            return WayStep(version.form, *self._reason(version, before))
        new = [(node, value) for node, value in version.used.items() if not used and _is_plain(value)]
        return WayStep(version.form, "since", (by.fact, *_said(new, version.form, before)[:1]))

    def _reason(self, version: Version, before: Expr) -> tuple[str, tuple[Fact, ...]]:
        """Why the form in the same names follows: the facts that were used, else what was done."""
        facts = _said(version.used.items(), version.form, before)
        totals = [fact for fact in facts if fact[0].op in (a.SUM, a.SUM_ACROSS) and _is_one(fact[1])]
        if totals:
            return "simplex", tuple(fact for fact in totals if fact[0].op is totals[0][0].op)
        for node, value in facts:
            mean = self._mean_in(node.args[0]) if is_zero(value) and node.op in MEANS else None
            if mean is not None:
                return "mean_zero", ((Expr(MEANS[node.op], node.args[0]), value), mean)
        if facts:
            return "since", tuple(facts[:2])
        if transposes(version.form) < transposes(before):
            return "transposed", ()
        return ("collected" if taken_out(version.form) is None else "taken_out"), ()

    def _mean_in(self, node: Expr) -> Fact | None:
        """μ = mean(x), where both stand in a formula, as in x − μ."""
        parts = set(postorder(node))
        means = (self.facts.mean_of(part) for part in parts)
        return next((mean for mean in means if mean is not None and inside_of(mean[1]) in parts), None)


PLACED = (e.INDEX, a.SLICE, a.GATHER)
"""Operations whose arguments behind the first are places."""


class RootLetters:
    """√u and ‖u‖ as letters, what stands below them as their squares: √(v + ε) as r, and v + ε as r²."""

    def __init__(self, *forms: Expr) -> None:
        nodes = dict.fromkeys(node for form in forms for node in postorder(form) if node.op in (SQRT, NORM))
        self.roots: dict[Expr, Expr] = {
            Sym(f"{STAND_IN}r{number}", shape=node.shape): node for number, node in enumerate(nodes)
        }

    def put(self, form: Expr) -> Expr:
        """`form` with the letters."""
        values: dict[Expr, Expr] = {}
        for letter, node in self.roots.items():
            values |= {node: letter, _square_of(node): letter**2}
        # A number that is a place, as 2 in A[0:2], is no square, also beside √2.
        places = (node.args[1:] for node in postorder(form) if node.op in PLACED)
        for place in chain.from_iterable(places):
            values.pop(place, None)
        return substitute(form, values)

    def back(self, form: Expr) -> Expr:
        """`form` with the roots."""
        squares = {letter**2: _square_of(node) for letter, node in self.roots.items()}
        return substitute(substitute(form, squares), self.roots)


def _square_of(root: Expr) -> Expr:
    return root.args[0] if root.op is SQRT else Expr(a.SQNORM, root.args[0])


def _printed(form: Expr) -> int:
    """The operations of a formula as it is printed, where a mean is a sum and its number of terms."""
    nodes = list(postorder(form))
    return operations(form) + sum(node.op in MEANS.values() for node in nodes)


REARRANGED = ("collected", "taken_out", "transposed")
MEANS = {a.SUM: a.MEAN, a.SUM_DOWN: a.MEAN_DOWN, a.SUM_ACROSS: a.MEAN_ACROSS}


def _said(facts: Iterable[Fact], form: Expr, before: Expr) -> list[Fact]:
    """The facts about names that a reader sees."""
    seen = (fact for fact in facts if is_about([fact[0]], form, before))
    return [(inner_product(left), inner_product(right)) for left, right in seen]


def _without(eliminated: tuple[Elimination, ...], move: Elimination) -> tuple[Elimination, ...]:
    """The eliminations before, without one of the same name."""
    return tuple(one for one in eliminated if one.of != move.of)


def _is_one(value: Expr) -> bool:
    return value == e.ONE or (isinstance(value, Filled) and value.what == "ones")


def _is_plain(value: Expr) -> bool:
    """Whether a value is 0 or 1."""
    return _is_one(value) or is_zero(value)
