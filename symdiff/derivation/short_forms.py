"""The form that people write of a derivative by an array, and the way to it.

A form is read as a quotient of polynomials in entries, numbers and reductions (`entry_field`), first in the
names that it has, then with a name or a reduction put in by means of a definition (`definition_facts`), as
long as that makes it shorter; it is written with the fewest operations that are found (`entry_writing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from symdiff.algebra.monomials import signed_terms
from symdiff.algebra.quotients import NotRationalError
from symdiff.derivation.definition_facts import DefinitionFacts, Elimination, key_of
from symdiff.derivation.entry_field import is_reduction
from symdiff.derivation.entry_products import STAND_IN, operations
from symdiff.derivation.entry_writing import WrittenSums, length, sums_in
from symdiff.derivation.ways import MOST_STEPS, Fact, WayStep, inside_of, is_about, taken_out, transposes
from symdiff.errors import InputError
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled, is_zero
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.numbers import is_decimal
from symdiff.expr.operations import SQRT, is_array
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
        form, stand_ins, facts = self.form, dict[Expr, Expr](), self.facts
        for one in eliminated:
            if one.stand_in is not None:
                stand_ins[one.stand_in[0]] = one.stand_in[1]
                form = substitute(form, {one.stand_in[1]: one.stand_in[0]})
                facts = facts.with_definition(*one.stand_in)
            form = substitute(form, {one.of: one.value})
        form, roots = _with_roots_as_letters(form)
        writer = WrittenSums(sums_in(form, facts.definitions), facts.names, self.rows, self.decimal)
        field = facts.field(writer, eliminated)
        frame = FRAME[: len(form.shape)]
        written = writer(field, field.element(form, frame), frame, form.shape)

        def back(node: Expr) -> Expr:
            return substitute(_with_roots(node, roots), stand_ins)

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
        totals = [(node, value) for node, value in facts if _is_one(value)]
        if totals:
            return "simplex", tuple(fact for fact in totals if fact[0].op is totals[0][0].op)
        for node, value in facts:
            mean = self._mean_in(node.args[0]) if is_zero(value) else None
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


def _with_roots_as_letters(form: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """√(v + ε) as a letter r, and v as r² − ε, so that one stands for both; the letters with their roots."""
    roots: dict[Expr, Expr] = {}
    for node in [node for node in postorder(form) if node.op is SQRT]:
        terms = signed_terms(node.args[0])
        names = [term for sign, term in terms if sign > 0 and isinstance(term, Sym)]
        own = next((name for name in names if name.shape == node.shape), None)
        if own is None or len(terms) < 2 or node not in postorder(form):
            continue
        letter = Sym(f"{STAND_IN}r{len(roots)}", shape=node.shape)
        rest: Expr = letter**2
        for sign, term in terms:
            if term is not own:
                rest = rest - term if sign > 0 else rest + term
        form = substitute(substitute(form, {node: letter}), {own: rest})
        roots[letter] = node
    return form, roots


def _with_roots(form: Expr, roots: dict[Expr, Expr]) -> Expr:
    """The letters as roots again, their squares as what stands below the root."""
    squares = {letter**2: root.args[0] for letter, root in roots.items()}
    return substitute(substitute(form, squares), roots)


REARRANGED = ("collected", "taken_out", "transposed")
MEANS = {a.SUM: a.MEAN, a.SUM_DOWN: a.MEAN_DOWN, a.SUM_ACROSS: a.MEAN_ACROSS}


def _said(facts: Iterable[Fact], form: Expr, before: Expr) -> list[Fact]:
    """The facts about names that a reader sees."""
    return [fact for fact in facts if is_about([fact[0]], form, before)]


def _without(eliminated: tuple[Elimination, ...], move: Elimination) -> tuple[Elimination, ...]:
    """The eliminations before, without one of the same name."""
    return tuple(one for one in eliminated if one.of != move.of)


def _is_one(value: Expr) -> bool:
    return value == e.ONE or (isinstance(value, Filled) and value.what == "ones")


def _is_plain(value: Expr) -> bool:
    """Whether a value is 0 or 1."""
    return _is_one(value) or is_zero(value)
