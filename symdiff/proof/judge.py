"""The proof: every equality of a page, member by member, against a model. Nothing is taken on trust.

A page comes in parts, each with its judge (`Judged`); `proved` is the one way in. Each chain
left = m₁ = m₂ = … is evaluated at random points of the domain in balls, its left-hand side being what the
model says it is; all members must agree with it (see `agreement`), arrays entry by entry, shapes included.
Chains with numbers are evaluated at the reader's point: exact members must agree as above and a rounded
number must be the exact value rounded. A line of a recurrence is evaluated for T = 1, …, 8, at every t that
is claimed.

Truth is found on the author's expression, by jets (see `model`). Besides, results are compared with a jet of
the whole expression, without any chain rule of ours. One false member: ProofError; one that no number of bits
decides: UndecidedError.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from flint import arb

from symdiff.derivation.author_names import in_names
from symdiff.derivation.derivation import Derivation
from symdiff.document.blocks import Block, Chain, Document, chains
from symdiff.document.repeats import RepeatedRow, chains_of, claims
from symdiff.errors import DomainError, ProofError, UndecidedError, shorten
from symdiff.expr.letters import Letters
from symdiff.expr.memory import without_garbage_collection
from symdiff.expr.patterns import record_of
from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr, Num, Sym, substitute
from symdiff.proof.agreement import AGREED_DIGITS, Refuted, confirm, is_agreed
from symdiff.proof.balls import ZERO_BITS, Undecided
from symdiff.proof.claims import Claims, holding
from symdiff.proof.model import LONG, Model
from symdiff.proof.one_value import check_members, check_symbols
from symdiff.proof.sample_points import model_at, models_of
from symdiff.proof.sampling import Candidate
from symdiff.proof.statements.every_statement import check_statements
from symdiff.proof.statements.places import Part, first_name
from symdiff.tape.tape import Step, Tape

FEW = 4
"""Points up to which an equality is not worth compiling."""


class Checked(NamedTuple):
    """One equality that was checked, and the digits to which its members are known."""

    chain: Chain
    digits: int = AGREED_DIGITS


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was proved: the equalities, at which points, and which results SymPy confirmed if it was asked.

    `sizes` are those that arrays had at each of the points; `lengths` the numbers of steps of a recurrence;
    `by_rules` says that somewhere arrays were too large to measure every partial, so that the rules proved on
    small ones were used.
    """

    checked: tuple[Checked, ...]
    points: tuple[Mapping[str, Any], ...] = ()
    confirmed_by_sympy: tuple[str, ...] | None = None
    sizes: tuple[Mapping[str, int], ...] = ()
    by_rules: bool = False
    lengths: tuple[int, ...] = ()

    @property
    def digits(self) -> int | None:
        """The fewest digits to which members agreed."""
        return min((item.digits for item in self.checked), default=None)

    @property
    def members(self) -> int:
        """The number of members compared with the model."""
        return sum(len(record_of(item.chain).members) for item in self.checked)


class Judge:
    """Says whether equalities are true, and whether the results are, end to end."""

    def check(self, chain: Chain) -> Checked:
        """The equality, once each of its members is true.

        Raises:
            ProofError: a member is false.
        """
        raise NotImplementedError

    def checked(self, blocks: Sequence[Block]) -> Iterator[Checked]:
        """Every equality in `blocks` once, each true."""
        return map(self.check, dict.fromkeys(chains(blocks)))

    def check_whole(self) -> None:
        """Compare the results with the author's whole function, without any chain rule.

        Raises:
            ProofError: they do not agree.
        """

    def certificate(self, checked: Sequence[Checked]) -> Certificate:
        """What was proved, where this judge is the page's own."""
        return Certificate(tuple(checked))


class Judged(NamedTuple):
    """Blocks of a page, and who says whether their equalities are true."""

    blocks: tuple[Block, ...]
    judge: Judge

    def checked(self) -> Iterator[Checked]:
        return self.judge.checked(self.blocks)


@without_garbage_collection
def proved(parts: Sequence[Judged]) -> Certificate:
    """The certificate of a page, whose own judge is that of its first part.

    Raises:
        ProofError: a member is false; the message names it, the point and both values. Or a sentence, a
            space, an arrow, a box is (see `statements`).
        DomainError: no point of the domain was found, or the reader's point lies outside it.
    """
    check_statements(parts)
    checked = [item for part in parts for item in part.checked()]
    for judge in {id(part.judge): part.judge for part in parts}.values():
        judge.check_whole()
    letters = letters_of(parts)
    check_symbols(parts, letters)
    check_members(parts, letters)
    return parts[0].judge.certificate(checked)


def letters_of(parts: Sequence[Judged]) -> Letters:
    """The letters of a page, those free beside the names of what its first part is about."""
    return Part(parts[0].blocks, parts[0].judge).letters


@dataclass(frozen=True)
class DerivationJudge(Judge):
    """Judges equalities about derivations of one tape; `here` is the model at the reader's point `at`.

    With `second_opinion` SymPy is asked for its derivatives as well. `rate` is that of the update that the
    exercise asks for.
    """

    derivations: Sequence[Derivation]
    at: Candidate | None = None
    here: Model | None = None
    second_opinion: bool = False
    rate: Fraction | None = None

    @property
    def tape(self) -> Tape:
        return self.derivations[0].tape

    @cached_property
    def models(self) -> Sequence[Model]:
        """The models at random points."""
        return tuple(models_of(self.tape, self.at))

    def check(self, chain: Chain) -> Checked:
        try:
            check(chain, [self.here] if chain.at_point and self.here else self.models)
        except DomainError as error:
            raise DomainError(error.what, where=self._in_words_of_the_author(chain)) from None
        return Checked(chain)

    def _in_words_of_the_author(self, chain: Chain) -> str:
        """What an equality is about, in names of the author's only."""
        found = in_names(self.tape, chain.members[0])
        return shorten(str(self.tape.result if found is None else found))

    def checked(self, blocks: Sequence[Block]) -> Iterator[Checked]:
        """Every equality in `blocks` once, each true; rows of a kind are compiled once."""
        every = list(dict.fromkeys(claims(blocks)))
        rows = [claim for claim in every if isinstance(claim, RepeatedRow)]
        holds = holding(rows, self.models)
        said: dict[Sym | None, list[RepeatedRow]] = {}
        for row in rows:
            if id(row) in holds:
                said.setdefault(row.names[0], []).append(row)
        seen: set[Chain] = set()
        is_long = len(self.tape.steps) > LONG
        for claim in every:
            if isinstance(claim, RepeatedRow) and id(claim) in holds:
                found = chains_of(claim)
                if not is_long:  # what is equal to another row is seen by writing both out
                    found = [chain for chain in found if chain not in seen]
                    seen.update(found)
                yield from map(Checked, found)
                continue
            for chain in chains(claim):
                if chain not in seen and not _is_said(chain, said.get(first_name(chain.left), ())):
                    seen.add(chain)
                    yield self.check(chain)

    def check_whole(self) -> None:
        for model in (*self.models, *([self.here] if self.here is not None else [])):
            check_end_to_end(model, self.derivations)

    def certificate(self, checked: Sequence[Checked]) -> Certificate:
        points = tuple(dict(model.exact) for model in self.models)
        everywhere = [*self.models, *([self.here] if self.here is not None else [])]
        sizes = tuple(model.sizes_of for model in self.models)
        by_rules = not all(model.is_measured for model in everywhere)
        confirmed = None
        if self.second_opinion:
            from symdiff.proof.second_opinion import confirmed_by_sympy  # start-up: seldom asked for

            confirmed = confirmed_by_sympy(self.tape, self.derivations, self.models[0])
        if len(self.tape.steps) > LONG:
            del self.__dict__["models"]  # those of a long tape are large, and nothing asks for them again
        return Certificate(tuple(checked), points, confirmed, sizes, by_rules)


def _is_said(chain: Chain, rows: Iterable[RepeatedRow]) -> bool:
    """Whether one of the rows says an equality, as a picture and the list of steps say the same."""
    return not chain.at_point and any(chain in chains_of(row) for row in rows)


def prove(
    document: Document,
    derivations: Sequence[Derivation],
    at: Candidate | None = None,
    here: Model | None = None,
) -> Certificate:
    """The certificate of `document`, whose lines come from `derivations` of one tape."""
    if at is not None and here is None:
        here = model_at(derivations[0].tape, at)
    return proved([Judged(document.blocks, DerivationJudge(derivations, at, here))])


def check(chain: Chain, models: Sequence[Any]) -> None:
    """Confirm all members of `chain` at all points.

    Raises:
        ProofError: one is false, or there is none.
        UndecidedError: one is neither proved nor refuted.
    """
    if not chain.members:
        raise ProofError(f"proof failed: nothing is said to be equal to {chain.left}")
    compiled = Claims((chain,), models[0]) if len(models) > FEW else None
    for model in models:
        if compiled is not None and compiled.hold(model, compiled.leaves):
            continue
        values: dict[int, Any] = {}
        for member in chain.members:
            confirm(chain, member, model, values)


def check_end_to_end(model: Model, derivations: Sequence[Derivation]) -> None:
    """The results against one jet of the author's whole expression, all inputs moved at once.

    Raises:
        ProofError: they do not agree; the message names the input.
    """
    compare_end_to_end(model, _compared(model, derivations))


def compare_end_to_end(model: Model, names: Sequence[str]) -> None:
    """The adjoints of some inputs, and the tangents, against one jet of the author's whole expression.

    Raises:
        ProofError: they do not agree; the message names the input.
    """
    if names and not _agree_along(model, names):
        wrong = next((name for name in names if not _agree_along(model, [name])), names[0])
        raise ProofError(
            f"proof failed: the derivative by {wrong} is not that of the whole function",
            way_out="nothing was written",
        )


def _compared(model: Model, derivations: Sequence[Derivation]) -> list[str]:
    """The inputs whose derivative is compared: all of them, of large arrays those asked for."""
    if model.is_measured:
        found = [name for d in derivations for name in d.results]
    else:
        found = [name.name for d in derivations for name in d.wrt]
    return [name for name in dict.fromkeys(found) if name in model.tape.variables]


def _agree_along(model: Model, names: Iterable[str]) -> bool:
    """Whether ⟨x̄, ẋ⟩ and ⟨ȳ, ẏ⟩ of the sweeps are what a jet of the whole function along ẋ says.

    Raises:
        UndecidedError: no number of bits decides.
    """
    while True:
        with suppress(Undecided), model.m:
            ways = {name: _way(model, name) for name in names}
            true = model.m.fdot(model.adjoint_seed, model.along(ways))
            try:
                found = [is_agreed(change, true) for change in _changes(model, ways)]
            except Refuted:
                return False
            if all(found) or _is_nothing(model, true):
                return True
        try:
            model = model.sharper
        except Undecided:
            what = "proof undecided: whether the results are those of the whole function"
            raise UndecidedError(what, way_out="nothing was written") from None


def _changes(model: Model, ways: Mapping[str, list[Any]]) -> Iterator[Any]:
    """⟨x̄, ẋ⟩ by the adjoints, and on tapes with arrays ⟨ȳ, ẏ⟩ by the tangents."""
    m, variables = model.m, model.tape.variables
    yield m.fsum([m.fdot(model.entries(model.adjoints[variables[name]]), way) for name, way in ways.items()])
    if model.tape.has_arrays:
        yield m.fdot(model.adjoint_seed, model.moved(ways))


def _is_nothing(model: Model, true: Any) -> bool:
    """Whether a derivative holds zero in so many bits that it is none above 10⁻⁹⁰⁰."""
    return bool(model.m.bits >= ZERO_BITS and arb(true).contains(0))


def _way(model: Model, name: str) -> list[Any]:
    """The direction in which an input is moved; numbers by different amounts."""
    var = model.tape.variables[name]
    if var.shape:
        return model.seed_of(var, name)
    return [model.m.number(random.Random(name).choice((-3, -2, -1, 1, 2, 3)))]


@dataclass(frozen=True)
class TapeJudge(Judge):
    """Says whether equalities of one small tape are true; names held in it are numbers drawn at random."""

    tape: Tape

    def check(self, chain: Chain) -> Checked:
        values = self._drawn
        left = substitute(chain.left, values)
        check(replace(chain, left=left, members=_with(chain, values)), self._models)
        return Checked(chain)

    @cached_property
    def _drawn(self) -> dict[Expr, Expr]:
        return {name: Num(3 + 2 * i) / Num(7 + i) for i, name in enumerate(self.tape.held)}

    @cached_property
    def _models(self) -> list[Any]:
        steps = tuple(
            Step(
                step.var,
                substitute(step.body, self._drawn),
                step.operands,
                substitute(step.origin, self._drawn),
                step.label,
            )
            for step in self.tape.steps
        )
        return models_of(replace(self.tape, steps=steps, held=()))


def _with(chain: Chain, values: dict[Expr, Expr]) -> tuple[Expr, ...]:
    return tuple(substitute(member, values) for member in chain.members)
