"""The proof: every equality of a document, member by member, against the model. Nothing is taken on trust.

Each chain left = m₁ = m₂ = … is evaluated at random points of the domain in 60 digits, its left-hand
side being what the model says it is; all members must agree to 30 digits. Chains with numbers are
evaluated at the reader's point: exact members must agree as above and a rounded number must be the
exact value rounded. The model is measured from the author's expression (see `model`), and the results
are compared with SymPy's `diff` of it where that is affordable. One false member: ProofError.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from symdiff.derivation.derivation import Derivation, Line
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Chain, Document, chains
from symdiff.document.repeats import RowOfKind, chains_of, claims
from symdiff.errors import ProofError, shorten
from symdiff.expr.text import to_code
from symdiff.expr.tree import Expr, Num, without_collection
from symdiff.proof.certificate import AGREED_DIGITS, LONG_DIGITS, Certificate, Checked
from symdiff.proof.differences import MEASURED_IN
from symdiff.proof.kinds import LONG, ClaimedModel, LongModel, is_long, is_wide, tape_of_kind
from symdiff.proof.kinks import is_rounding
from symdiff.proof.model import Model
from symdiff.proof.prove_alike import InDoubles
from symdiff.proof.sample import Candidate
from symdiff.proof.sample_points import model_at_readers_point, models_of
from symdiff.proof.second_opinion import confirmed_by_sympy
from symdiff.proof.values import evaluate, number
from symdiff.tape.tape import Tape

MOST_SINGLE, DIRECTIONS = 8, 3
"""Up to so many inputs each result is measured end to end; of more, along a few random directions."""
UNSEEN, UNSEEN_ON_ARRAYS = 300, 50
"""Differences below 10^-300 are not told from zero: a derivative that small is lost in 960 digits."""


@without_collection
def prove(
    document: Document,
    derivations: Sequence[Derivation],
    at: Candidate | None = None,
    here: Model | None = None,
) -> Certificate:
    """The certificate of `document`, whose lines come from `derivations` of one tape.

    `here` is the model at the point `at`, if it is there already.

    Raises:
        ProofError: a member is false; the message names it, the point and both values.
        DomainError: no point of the domain was found, or `at` lies outside it.
    """
    tape = derivations[0].tape
    if at is not None and here is None:
        here = model_at_readers_point(tape, at)
    models = tuple(models_of(tape, at))
    found = _prove_kinds(tape) if is_long(tape) and not tape.has_arrays else 0
    checked = tuple(_checked(document, models, here))
    for model in models:
        _check_whole(model, derivations)
    confirmed = (
        ()
        if tape.has_arrays
        else confirmed_by_sympy(tape, derivations, models[0], agreed_digits(models[0]), UNSEEN)
    )
    points = tuple(dict(model.exact) for model in models)
    kept = models if len(tape.steps) <= LONG else ()
    if not tape.has_arrays:
        return Certificate(checked, points, confirmed, found, models=kept)
    sizes = tuple(getattr(model, "sizes_of", {}) for model in models)
    if here is not None and not getattr(here, "is_measured", True):
        _check_whole(here, derivations)
    everywhere = [*models, *([here] if here is not None else [])]
    by_rules = not all(getattr(model, "is_measured", True) for model in everywhere)
    return Certificate(checked, points, confirmed, found, sizes, by_rules, kept)


@without_collection
def proved_besides(more: Document, certificate: Certificate) -> Certificate:
    """With the equalities of `more` before its own, each once; one that is false is a ProofError."""
    every = (*_checked(more, certificate.models, None), *certificate.checked)
    return replace(certificate, checked=tuple({item.chain: item for item in every}.values()))


def _checked(document: Document, models: Sequence[Model], here: Model | None) -> Iterator[Checked]:
    """Every equality once, true at its points; on a long tape rows of a kind in double precision."""
    every = dict.fromkeys(claims(document))
    rows = [claim for claim in every if isinstance(claim, RowOfKind)]
    each = [InDoubles(model).holding(rows) for model in models if isinstance(model, LongModel) and rows]
    holding = set.intersection(*each) if each else set()
    seen: set[Chain] = set()
    for claim in every:
        if isinstance(claim, RowOfKind) and id(claim) in holding:
            yield from [Checked(chain, LONG_DIGITS) for chain in chains_of(claim)]
            continue
        for chain in chains(claim):
            if chain not in seen:
                seen.add(chain)
                yield Checked(chain, check(chain, [here] if chain.at_point and here else models))


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
        from symdiff.proof.prove_arrays import arrays_agree

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
    from symdiff.proof.prove_arrays import check_along_directions

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
