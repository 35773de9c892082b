"""The proof: every equality of a document, member by member, against the model. Nothing is taken on trust.

Each chain left = m₁ = m₂ = … is evaluated at random points of the domain in 60 digits, its left-hand
side being what the model says it is; all members must agree to 30 digits. Chains with numbers are
evaluated at the reader's point: exact members must agree as above and a rounded number must be the
exact value rounded. The model is measured from the author's expression (see `model`), and the results
are compared with SymPy's `diff` of it where that is affordable. One false member: ProofError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symdiff.code import to_code
from symdiff.derivation import Derivation
from symdiff.document import Chain, Document, chains
from symdiff.errors import DomainError, ProofError, shorten
from symdiff.evaluate import context, evaluate, looked_up, number
from symdiff.expr import Expr, Num, size
from symdiff.kinds import LONG, LongModel, kinds, tape_of_kind
from symdiff.kinks import conventions_at, kinks
from symdiff.model import Model
from symdiff.sample import Candidate, sample
from symdiff.symbolic import to_sympy
from symdiff.tape import Tape

POINTS, POINTS_AT_KINKS = 3, 9
AGREED_DIGITS, LONG_DIGITS = 30, 12
SYMPY_SIZE = 60
MODERATE = 10**8


@dataclass(frozen=True, slots=True)
class Checked:
    """One equality that was checked, and the largest relative difference seen, as a power of ten."""

    chain: Chain
    digits: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was proved: the equalities, at which points, and which results SymPy confirmed."""

    checked: tuple[Checked, ...]
    points: tuple[Candidate, ...]
    confirmed_by_sympy: tuple[str, ...]
    kinds: int = 0

    @property
    def members(self) -> int:
        """The number of members compared with the model."""
        return sum(len(item.chain.members) for item in self.checked)


def prove(document: Document, derivations: Sequence[Derivation], at: Candidate | None = None) -> Certificate:
    """The certificate of `document`, whose lines come from `derivations` of one tape.

    Raises:
        ProofError: a member is false; the message names it, the point and both values.
        DomainError: no point of the domain was found, or `at` lies outside it.
    """
    tape = derivations[0].tape
    here = model_at(tape, at) if at is not None else None
    models = models_of(tape, at)
    found = _prove_kinds(tape) if is_long(tape) else 0
    checked = tuple(
        Checked(chain, _check(chain, [here] if chain.at_point and here else models))
        for chain in dict.fromkeys(chains(document))
    )
    for model in models:
        _check_end_to_end(model, derivations)
    confirmed = _confirmed(tape, derivations, models[0])
    return Certificate(checked, tuple(dict(model.exact) for model in models), confirmed, found)


def is_long(tape: Tape) -> bool:
    """Whether a tape is proved by kinds of step (see `kinds`)."""
    return len(tape.steps) > LONG


def _prove_kinds(tape: Tape) -> int:
    """Prove the partials of each kind of step on its own, in full precision; the number of kinds."""
    found = kinds(tape)
    for body, slots in found:
        one, claims = tape_of_kind(body, slots)
        if slots:
            models = models_of(one)
            for claim in claims:
                _check(claim, models)
    return len(found)


def model_at(tape: Tape, at: Candidate) -> Model:
    """The model at a point that was asked for; at a kink it follows the conventions stated there."""
    kind = LongModel if is_long(tape) else Model
    return kind(tape, at, conventions_at(tape, kind(tape, at)))


def models_of(tape: Tape, near: Candidate | None = None) -> list[Model]:
    """Models at random points of the domain, where values are moderate if that can be had."""
    names = [name.name for _, name in tape.inputs]
    count = 1 if is_long(tape) else POINTS_AT_KINKS if kinks(tape) else POINTS
    try:
        points = sample(names, lambda c: _is_usable(tape, c, MODERATE), count, near)
    except DomainError:
        points = sample(names, lambda c: _is_usable(tape, c, None), count, near)
    return [(LongModel if is_long(tape) else Model)(tape, point) for point in points]


def _is_usable(tape: Tape, candidate: Candidate, most: int | None) -> bool:
    """Whether every value on the way is real, and its derivative can be measured, at a candidate."""
    try:
        m = context(15)
        values: dict[int, Any] = {}
        inputs = {
            name: m.mpf(candidate[name.name].numerator) / candidate[name.name].denominator
            for _, name in tape.inputs
        }
        for step in tape.steps:
            value = evaluate(m, step.origin, values, looked_up(inputs))
            if most is not None and abs(value) > most:
                return False
        return is_long(tape) or bool(Model(tape, candidate).adjoints)
    except DomainError:
        return False


def _check(chain: Chain, models: Sequence[Model]) -> int:
    """The digits to which all members of `chain` agree with the model at all points."""
    return min(_agreement(chain, member, model) for model in models for member in chain.members)


def _agreement(chain: Chain, member: Expr, model: Model, last_try: bool = False) -> int:
    """The digits to which one member agrees; where terms cancel, in more digits before judging."""
    m = model.m
    true, given = (evaluate(m, node, {}, model) for node in (chain.left, member))
    if isinstance(member, Num) and member.rounded:
        if abs(true - given) > number(m, Num(unit_of_last_place(member))) / 2:
            raise _refuted(chain, member, model, given, true)
        return AGREED_DIGITS
    scale = max(abs(true), abs(given), model.magnitude(chain.left))
    error = abs(true - given)
    if error <= scale * m.mpf(10) ** -agreed_digits(model):
        return int(m.dps if not error else min(m.dps, -m.ceil(m.log10(error / scale))))
    if last_try:
        raise _refuted(chain, member, model, given, true)
    return _agreement(chain, member, model.sharper(), last_try=True)


def agreed_digits(model: Model) -> int:
    """The digits that must agree: 30, or on a long tape 12 of 20."""
    return LONG_DIGITS if isinstance(model, LongModel) else AGREED_DIGITS


def unit_of_last_place(number: Num) -> Fraction:
    """The unit of the last decimal that `number` shows: 0.7130 has 1/10000, 1.2e-5 has 1e-6."""
    mantissa, _, exponent = number.text.partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return Fraction(10) ** -decimals


def _refuted(chain: Chain, member: Expr, model: Model, given: Any, true: Any) -> ProofError:
    m = model.m
    point = ", ".join(f"{name} = {m.nstr(value, 8)}" for name, value in model.point.items())
    line = f"{to_code(chain.left)} = {shorten(to_code(member))}"
    what = f"proof failed: {line} is false at {point}: {m.nstr(given, 12)} instead of {m.nstr(true, 12)}"
    return ProofError(what, way_out="nothing was written")


def _check_end_to_end(model: Model, derivations: Sequence[Derivation]) -> None:
    """Each result against one difference of the author's whole expression, without any chain rule."""
    m = model.m
    for derivation in derivations:
        for name, line in derivation.results.items():
            given, true = evaluate(m, line.var, {}, model), model.end_to_end(name)
            scale = max(abs(true), abs(given), model.magnitude(line.var), m.mpf(10) ** -20)
            if abs(given - true) > scale * m.mpf(10) ** -agreed_digits(model):
                raise _refuted(Chain(line.var, (line.local,)), line.local, model, given, true)


def _confirmed(tape: Tape, derivations: Sequence[Derivation], model: Model) -> tuple[str, ...]:
    """The inputs by which SymPy's own derivative of the author's expression agrees with ours."""
    formula = model.origin(tape.output)
    if size(formula, SYMPY_SIZE + 1) > SYMPY_SIZE:
        return ()
    whole = to_sympy(formula, {name.name: _real(name.name) for _, name in tape.inputs})
    names = dict.fromkeys(name for derivation in derivations for name in derivation.results)
    return tuple(name for name in names if _sympy_agrees(whole, name, tape, model))


def _real(name: str) -> Any:
    import sympy

    return sympy.Symbol(name, real=True)


def _sympy_agrees(whole: Any, name: str, tape: Tape, model: Model) -> bool:
    """Compare at one point; False where SymPy has no number to give."""
    import sympy

    m = model.m
    point = {_real(n): sympy.Float(m.nstr(v, m.dps), m.dps) for n, v in model.point.items()}
    try:
        value = sympy.diff(whole, _real(name)).evalf(AGREED_DIGITS + 5, subs=point)
        theirs = m.mpf(str(value))
    except (TypeError, ValueError, AttributeError):
        return False
    ours = model.adjoints[tape.variables[name]]
    scale = max(abs(ours), abs(theirs), model.magnitude(tape.variables[name]))
    if abs(ours - theirs) > scale * m.mpf(10) ** -AGREED_DIGITS:
        what = f"proof failed: the derivative by {name} is {m.nstr(ours, 12)}, SymPy has {m.nstr(theirs, 12)}"
        raise ProofError(what, way_out="nothing was written")
    return True
