"""The proof: every equality of a page, member by member, against a model. Nothing is taken on trust.

A page comes in parts, each with its judge (`Judged`); `proved` is the one way in. Each chain
left = m₁ = m₂ = … is evaluated at random points of the domain in 60 digits, its left-hand side being what the
model says it is; all members must agree to 30 digits, arrays entry by entry, shapes included. Chains with
numbers are evaluated at the reader's point: exact members must agree as above and a rounded number must be
the exact value rounded. A line of a recurrence is evaluated for T = 1, …, 8, at every t that is claimed.

Models are measured from the author's expression (see `model`). Besides, results are compared with differences
of the whole expression, without any chain rule, and with SymPy's `diff` of it where that is affordable. One
false member: ProofError.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from symdiff.derivation.derivation import Derivation, Line, bar
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Block, Chain, Document, chains
from symdiff.document.repeats import RepeatedRow, chains_of, claims
from symdiff.errors import ProofError, shorten
from symdiff.expr.leaves import Grid
from symdiff.expr.memory import without_garbage_collection
from symdiff.expr.tree import Expr, Num, substitute, to_code
from symdiff.proof.kinds import LONG, ClaimedModel, InDoubles, LongModel, is_long, is_wide, tape_of_kind
from symdiff.proof.kinks import is_rounding
from symdiff.proof.model import Model
from symdiff.proof.sample_points import model_at_readers_point, models_of
from symdiff.proof.sampling import Candidate
from symdiff.proof.second_opinion import confirmed_by_sympy
from symdiff.proof.statements.every_statement import check_statements
from symdiff.proof.values import DIGITS, MEASURED_IN, evaluate, number
from symdiff.tape.tape import Step, Tape

AGREED_DIGITS, LONG_DIGITS, LOST_DIGITS = 30, 12, 12
"""The digits to which members must agree; those of a row of a kind on a long tape; those that may be lost."""
UNSEEN, UNSEEN_ON_ARRAYS = 300, 50
"""Differences below 10^-300 are not told from zero: a derivative that small is lost in 960 digits. What is
measured on arrays is no better than 10^-50."""
MOST_SINGLE, DIRECTIONS = 8, 3
"""Up to so many inputs each result is measured end to end; of more, along a few random directions."""


class Checked(NamedTuple):
    """One equality that was checked, and the largest relative difference seen, as a power of ten."""

    chain: Chain
    digits: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was proved: the equalities, at which points, and which results SymPy confirmed.

    `sizes` are those that arrays had at each of the points; `lengths` the numbers of steps of a recurrence;
    `by_rules` says that somewhere arrays were too large to measure every partial, so that the rules proved on
    small ones were used.
    """

    checked: tuple[Checked, ...]
    points: tuple[Mapping[str, Any], ...] = ()
    confirmed_by_sympy: tuple[str, ...] = ()
    kinds: int = 0
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
        return sum(len(item.chain.members) for item in self.checked)


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
    return parts[0].judge.certificate(checked)


@dataclass(frozen=True)
class DerivationJudge(Judge):
    """Judges equalities about derivations of one tape; `here` is the model at the reader's point `at`."""

    derivations: Sequence[Derivation]
    at: Candidate | None = None
    here: Model | None = None

    @property
    def tape(self) -> Tape:
        return self.derivations[0].tape

    @cached_property
    def models(self) -> Sequence[Model]:
        """The models at random points."""
        return tuple(models_of(self.tape, self.at))

    @cached_property
    def kinds(self) -> int:
        """How many kinds of step a long tape has, the partials of each proved in full precision."""
        return _prove_kinds(self.tape) if is_long(self.tape) and not self.tape.has_arrays else 0

    def check(self, chain: Chain) -> Checked:
        models = [self.here] if chain.at_point and self.here else self.models
        return Checked(chain, check(chain, models))

    def checked(self, blocks: Sequence[Block]) -> Iterator[Checked]:
        """On a long tape rows of a kind are checked together, in double precision."""
        _ = self.models, self.kinds  # in this order: outside the domain nothing else is said
        every = dict.fromkeys(claims(blocks))
        rows = [claim for claim in every if isinstance(claim, RepeatedRow)]
        long = [model for model in self.models if isinstance(model, LongModel) and rows]
        each = [InDoubles(model).holding(rows) for model in long]
        holding = set.intersection(*each) if each else set()
        seen: set[Chain] = set()
        for claim in every:
            if isinstance(claim, RepeatedRow) and id(claim) in holding:
                yield from [Checked(chain, LONG_DIGITS) for chain in chains_of(claim)]
                continue
            for chain in chains(claim):
                if chain not in seen:
                    seen.add(chain)
                    yield self.check(chain)

    def check_whole(self) -> None:
        for model in self.models:
            _check_whole(model, self.derivations)
        if self.here is not None and not getattr(self.here, "is_measured", True):
            _check_whole(self.here, self.derivations)

    def certificate(self, checked: Sequence[Checked]) -> Certificate:
        points = tuple(dict(model.exact) for model in self.models)
        if self.tape.has_arrays:
            everywhere = [*self.models, *([self.here] if self.here is not None else [])]
            sizes = tuple(getattr(model, "sizes_of", {}) for model in self.models)
            by_rules = not all(getattr(model, "is_measured", True) for model in everywhere)
            return Certificate(tuple(checked), points, sizes=sizes, by_rules=by_rules)
        model = self.models[0]
        confirmed = confirmed_by_sympy(self.tape, self.derivations, model, agreed_digits(model), UNSEEN)
        if len(self.tape.steps) > LONG:
            del self.__dict__["models"]  # those of a long tape are large, and nothing asks for them again
        return Certificate(tuple(checked), points, confirmed, self.kinds)


def prove(
    document: Document,
    derivations: Sequence[Derivation],
    at: Candidate | None = None,
    here: Model | None = None,
) -> Certificate:
    """The certificate of `document`, whose lines come from `derivations` of one tape."""
    if at is not None and here is None:
        here = model_at_readers_point(derivations[0].tape, at)
    return proved([Judged(document.blocks, DerivationJudge(derivations, at, here))])


def _prove_kinds(tape: Tape) -> int:
    """Prove the partials of each kind of step on its own, in full precision; the number of kinds."""
    for kind in tape.kinds:
        one, claims = tape_of_kind(kind)
        if kind.slots:
            models = models_of(one)
            if is_wide(one):
                models = [_checked_along_directions(one, model) for model in models]
            for claim in claims:
                check(claim, models)
    return len(tape.kinds)


def _checked_along_directions(tape: Tape, model: Model) -> Model:
    """The model in full precision with the claimed partials, which agree with the function on the whole."""
    claimed = ClaimedModel(tape, model.exact, model.conventions)
    _check_end_to_end(claimed, [reverse(tape)])
    return claimed


def check(chain: Chain, models: Sequence[Any]) -> int:
    """The digits to which all members of `chain` agree with the model at all points."""
    if not chain.members:
        raise ProofError(f"proof failed: nothing is said to be equal to {to_code(chain.left)}")
    found = []
    for model in models:
        values: dict[int, Any] = {}
        found += [_agreement(chain, member, model, values) for member in chain.members]
    return min(found)


def _agreement(
    chain: Chain, member: Expr, model: Model, values: dict[int, Any], last_try: bool = False
) -> int:
    """The digits to which one member agrees; where terms cancel, in more digits before judging.

    `values` are those that parts of the chain have in the model.
    """
    m = model.m
    true, given = (evaluate(m, node, values, model) for node in (chain.left, member))
    if chain.left.shape or member.shape:
        return arrays_agree(chain, member, model, true, given)
    if isinstance(member, Num) and Fraction(member.text) != member.value:
        raise refuted(chain, member, model, m.mpf(1) * Fraction(member.text).numerator, true)
    if isinstance(member, Num) and member.rounded:
        if abs(true - given) > number(m, Num(unit_of_last_place(member))) / 2 * (
            1 + m.mpf(10) ** -AGREED_DIGITS
        ):
            raise refuted(chain, member, model, given, true)
        return AGREED_DIGITS
    scale = max(abs(true), abs(given), model.magnitude(chain.left))
    error = abs(true - given)
    if error <= max(scale * m.mpf(10) ** -agreed_digits(model), m.mpf(10) ** -_unseen(model)):
        return int(m.dps if not error else min(m.dps, -m.ceil(m.log10(error / scale))))
    if chain.at_point and not given and is_rounding(model, chain.left, true):
        return AGREED_DIGITS
    if last_try:
        raise refuted(chain, member, model, given, true)
    return _agreement(chain, member, model.sharper, {}, last_try=True)


def _unseen(model: Any) -> int:
    """Below which power of ten nothing is told from zero; what is measured on arrays is no better than 50."""
    tape = getattr(model, "tape", None)
    return UNSEEN_ON_ARRAYS if tape is not None and tape.has_arrays else UNSEEN


def agreed_digits(model: Model) -> int:
    """The digits that must agree: 30, or on a long tape 12 of 20."""
    return LONG_DIGITS if isinstance(model, LongModel) else AGREED_DIGITS


def unit_of_last_place(number: Num) -> Fraction:
    """The unit of the last decimal that `number` shows: 0.7130 has 1/10000, 1.2e-5 has 1e-6."""
    mantissa, _, exponent = number.text.partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return Fraction(10) ** -decimals


def refuted(chain: Chain, member: Expr, model: Model, given: Any, true: Any) -> ProofError:
    m = model.m
    point = ", ".join(f"{name} = {m.nstr(value, 8)}" for name, value in model.point.items())
    line = f"{to_code(chain.left)} = {shorten(to_code(member))}"
    what = f"proof failed: {line} is false at {point}: {m.nstr(given, 12)} instead of {m.nstr(true, 12)}"
    return ProofError(what, way_out="nothing was written")


def _check_whole(model: Any, derivations: Sequence[Derivation]) -> None:
    """The results against the author's whole expression, without any chain rule."""
    if not model.tape.has_arrays:
        _check_end_to_end(model, derivations)
        return
    check_along_directions(model, derivations)


def _check_end_to_end(model: Model, derivations: Sequence[Derivation]) -> None:
    """The results against differences of the author's whole expression, without any chain rule.

    One difference for each input; of many inputs, differences along a few random directions.
    """
    for derivation in derivations:
        names = [name for name in derivation.results if name in model.tape.variables]
        lines = {name: derivation.results[name] for name in names}
        values = {name: evaluate(model.m, line.var, {}, model) for name, line in lines.items()}
        sizes = {name: model.magnitude(line.var) for name, line in lines.items()}
        for direction in _directions(names):
            given = model.m.fsum(weight * values[name] for name, weight in direction.items())
            size = max(*(abs(weight) * sizes[name] for name, weight in direction.items()), abs(given))
            _check_direction(model, direction, lines, given, size)


def _directions(names: list[str]) -> list[dict[str, int]]:
    if len(names) <= MOST_SINGLE:
        return [{name: 1} for name in names]
    rng = random.Random(7)
    return [{name: rng.choice((-3, -2, -1, 1, 2, 3)) for name in names} for _ in range(DIRECTIONS)]


def _check_direction(
    model: Model, direction: Mapping[str, int], lines: Mapping[str, Line], given: Any, size: Any
) -> None:
    m = model.m
    allowed = max(size, m.mpf(10) ** -20) * m.mpf(10) ** -agreed_digits(model)
    true = given
    for digits in (3 * m.dps, *MEASURED_IN) if isinstance(model, LongModel) else MEASURED_IN:
        true = model.directional(direction, digits)
        if abs(given - true) <= allowed:
            return
    line = lines[next(iter(direction))]
    raise refuted(Chain(line.var, (line.local,)), line.local, model, given, true)


def arrays_agree(
    chain: Chain, member: Expr, model: Any, true: Any, given: Any, last_try: bool = False
) -> int:
    """The digits to which all entries agree; a member in another shape is false."""
    if isinstance(given, Grid):
        return _grid_agrees(chain, given, model, true)
    if _shape(true) != _shape(given):
        raise array_refuted(chain, member, model, f"its shape is {_shape(given)} instead of {_shape(true)}")
    from symdiff.rules.array_values import flat  # NumPy is not loaded for pages of numbers

    m = model.m
    error = max(abs(a - b) for a, b in zip(flat(true), flat(given), strict=True))
    scale = max([*map(abs, flat(true)), *map(abs, flat(given)), m.mpf(10) ** -300])
    scale = max(scale, model.magnitude(chain.left) if error else scale)
    if error <= max(scale * m.mpf(10) ** -AGREED_DIGITS, m.mpf(10) ** -UNSEEN_ON_ARRAYS):
        agreed = m.dps if not error else min(m.dps, -m.ceil(m.log10(error / scale)))
        return int(max(AGREED_DIGITS, agreed))
    if not last_try:
        sharper = model.sharper
        exact, said = (evaluate(sharper.m, node, {}, sharper) for node in (chain.left, member))
        return arrays_agree(chain, member, sharper, exact, said, last_try=True)
    raise array_refuted(chain, member, model, f"entries differ by {m.nstr(error, 6)}")


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))


def _grid_agrees(chain: Chain, grid: Grid, model: Any, true: Any) -> int:
    """Whether every number shown is the exact entry, or the exact entry rounded."""
    m, shape = model.m, _shape(true)
    for i, row in zip(grid.rows, grid.entries, strict=True):
        for j, shown in zip(grid.columns, row, strict=True):
            exact = true[i] if len(shape) == 1 else true[i, j]
            allowed = _half_unit(m, shown) if shown.rounded else m.mpf(10) ** -AGREED_DIGITS
            if Fraction(shown.text) != shown.value or abs(exact - number(m, shown)) > allowed:
                said = f"{shown.text} is said of an entry that is {m.nstr(exact, 12)}"
                raise array_refuted(chain, grid, model, said)
    return AGREED_DIGITS


def _half_unit(m: Any, shown: Num) -> Any:
    return number(m, Num(unit_of_last_place(shown))) / 2 * (1 + m.mpf(10) ** -(AGREED_DIGITS - LOST_DIGITS))


def array_refuted(chain: Chain, member: Expr, model: Any, why: str) -> ProofError:
    line = f"{chain.left} = {shorten(str(member))}"
    sizes = ", ".join(f"{name} = {value}" for name, value in model.sizes_of.items())
    where = f" at {sizes}" if sizes else ""
    return ProofError(f"proof failed: {line} is false{where}: {why}", way_out="nothing was written")


def _compared(model: Any, derivations: Sequence[Derivation]) -> list[str]:
    """The inputs whose derivative is compared: all of them, of large arrays those asked for."""
    if model.is_measured:
        found = [name for d in derivations for name in d.results]
    else:
        found = [name.name for d in derivations for name in d.wrt]
    return [name for name in dict.fromkeys(found) if name in model.tape.variables]


def check_along_directions(model: Any, derivations: Sequence[Derivation]) -> None:
    """Each result against one difference of the author's whole expression, without any chain rule."""
    m = model.m
    for name in _compared(model, derivations):
        var = model.tape.variables[name]
        tangent = model.tangent(name)
        given = m.fdot(model.adjoints[var], tangent[var])
        other = m.fdot(model.adjoint_seed, tangent[model.tape.output])
        scale = max(abs(given), max(map(abs, model.adjoints[var]), default=m.zero), m.mpf(10) ** -20)
        scale = max(scale, model.magnitude(bar(var)))
        digits_agreed = min(AGREED_DIGITS, m.dps - LOST_DIGITS)
        for digits in (2 * m.dps,) if m.dps < DIGITS else MEASURED_IN:
            true = model.along(name, digits=digits)
            if max(abs(given - true), abs(other - true)) <= scale * m.mpf(10) ** -digits_agreed:
                break
        else:
            what = f"proof failed: the derivative by {name} is {m.nstr(given, 12)} along a direction"
            raise ProofError(f"{what}, differences give {m.nstr(true, 12)}", way_out="nothing was written")


@dataclass(frozen=True)
class TapeJudge(Judge):
    """Says whether equalities of one small tape are true; names held in it are numbers drawn at random."""

    tape: Tape

    def check(self, chain: Chain) -> Checked:
        values = self._drawn
        return Checked(
            chain,
            check(
                replace(chain, left=substitute(chain.left, values), members=_with(chain, values)),
                self._models,
            ),
        )

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
