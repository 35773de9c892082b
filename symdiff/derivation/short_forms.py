"""The form that people write of a derivative by an array, and the way to it.

A form is read as a quotient of polynomials in entries, numbers and reductions (`entry_field`), first in the
names that it has, then with a name or a reduction put in by means of a definition (`definition_facts`), as long
as that makes it shorter; it is written with the fewest operations that are found (`entry_writing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from symdiff.algebra.quotients import NotRationalError
from symdiff.derivation.definition_facts import DefinitionFacts, Elimination
from symdiff.derivation.entry_field import EntryField
from symdiff.derivation.entry_writing import EntryWriter, length, operations, sums_in
from symdiff.derivation.ways import MOST_STEPS, Fact, WayStep, taken_out, transposes
from symdiff.errors import InputError
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled, is_zero
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.numbers import is_decimal
from symdiff.expr.tree import Expr, Num, postorder, substitute
from symdiff.tape.tape import Tape

FRAME = (0, 1)


def way_to_short_form(tape: Tape, form: Expr) -> tuple[WayStep, ...]:
    """Steps from a form in the author's names to a shorter one; none where it is as short as it gets."""
    return _Search(_facts_of(tape), form).way()


@cached_by_identity
def _facts_of(tape: Tape) -> DefinitionFacts:
    return DefinitionFacts(tape.definitions, tape.result)


class Version(NamedTuple):
    """A form as it is written after some eliminations, with the field that it was read in."""

    form: Expr
    eliminated: tuple[Elimination, ...]
    used: dict[Expr, Expr]

    @property
    def length(self) -> int:
        return operations(self.form)


class _Search:
    """The search for a shorter form, first in the names that there are, then by one definition after another."""

    def __init__(self, facts: DefinitionFacts, form: Expr) -> None:
        self.facts, self.given, self.form = facts, form, facts.products(form)
        self.decimal = any(isinstance(n, Num) and is_decimal(n) for n in postorder(form))

    def way(self) -> tuple[WayStep, ...]:
        """The steps, each shorter than the one before."""
        steps: list[WayStep] = []
        shortest, before = operations(self.given), self.given
        for version, reason in self._versions():
            if version.length < shortest and len(steps) < MOST_STEPS:
                steps.append(self._step(version, before, reason))
                shortest, before = version.length, version.form
        return tuple(steps)

    def _versions(self) -> Iterator[tuple[Version, Elimination | None]]:
        best = self._shortest([(), *((one,) for one in self.facts.stand_ins(self.form))])
        if best is None:
            return
        yield best, None
        moves = self.facts.eliminations(self.form)
        while moves:
            found = self._shortest([(*_without(best.eliminated, move), move) for move in moves])
            if found is None or found.length >= best.length:
                return
            best = found
            moves = [move for move in moves if move is not best.eliminated[-1]]
            yield best, best.eliminated[-1]

    def _shortest(self, tries: Sequence[tuple[Elimination, ...]]) -> Version | None:
        found = [version for one in tries if (version := self._version(one)) is not None]
        return min(found, key=lambda version: length(version.form), default=None)

    def _version(self, eliminated: tuple[Elimination, ...]) -> Version | None:
        try:
            return self._written(eliminated)
        except (NotRationalError, InputError):
            return None

    def _written(self, eliminated: tuple[Elimination, ...]) -> Version:
        form, stand_ins = self.form, {}
        facts = self.facts
        for one in eliminated:
            if one.stand_in is not None:
                stand_ins[one.stand_in[0]] = one.stand_in[1]
                form = substitute(form, {one.stand_in[1]: one.stand_in[0]})
                facts = DefinitionFacts([*facts.definitions.items(), one.stand_in], facts.result)  # type: ignore[list-item]
            form = substitute(form, {one.of: one.value})
        writer = EntryWriter(sums_in(form, *facts.definitions.values()), facts.names, self.decimal)
        field = facts.field(writer, eliminated)
        frame = FRAME[: len(form.shape)]
        written = writer(field, field.element(form, frame), frame, form.shape)
        used = {substitute(k, stand_ins): v for k, v in field.used.items()}
        return Version(substitute(written, stand_ins), eliminated, used)

    def _step(self, version: Version, before: Expr, by: Elimination | None) -> WayStep:
        if by is not None:
            return WayStep(version.form, "since", (by.fact,))
        reason, facts = self._reason(version, before)
        return WayStep(version.form, reason, facts)

    def _reason(self, version: Version, before: Expr) -> tuple[str, tuple[Fact, ...]]:
        """Why the form in the same names follows: the facts that were used, else what was done."""
        ones = [(node, value) for node, value in version.used.items() if _is_one(value)]
        if ones:
            return "simplex", tuple(ones)
        for node, value in version.used.items():
            mean = self._mean_in(node) if is_zero(value) or _is_zero_product(value) else None
            if mean is not None:
                op = {a.SUM: a.MEAN, a.SUM_DOWN: a.MEAN_DOWN, a.SUM_ACROSS: a.MEAN_ACROSS}[node.op]
                return "mean_zero", ((Expr(op, node.args[0]), value), mean)
        if version.used:
            return "since", tuple(version.used.items())[:1]
        if transposes(version.form) < transposes(before):
            return "transposed", ()
        if taken_out(version.form) is not None:
            return "taken_out", ()
        return "collected", ()

    def _mean_in(self, node: Expr) -> Fact | None:
        means = (self.facts.mean_of(part) for part in postorder(node.args[0]))
        return next((mean for mean in means if mean is not None), None)


def _without(eliminated: tuple[Elimination, ...], move: Elimination) -> tuple[Elimination, ...]:
    """The eliminations before, without one of the same name."""
    return tuple(one for one in eliminated if one.of != move.of)


def _is_one(value: Expr) -> bool:
    return value == e.ONE or (isinstance(value, Filled) and value.what == "ones")


def _is_zero_product(value: Expr) -> bool:
    return value.op is e.MUL and is_zero(value.args[0])


