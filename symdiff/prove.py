"""The proof: every equality of a document, member by member, against the model. Nothing is taken on trust.

Each chain left = m₁ = m₂ = … is evaluated at random points of the domain in 60 digits, its left-hand
side being what the model says it is; all members must agree to 30 digits. Chains with numbers are
evaluated at the reader's point: exact members must agree as above and a rounded number must be the
exact value rounded. The model is measured from the author's expression (see `model`), and the results
are compared with SymPy's `diff` of it where that is affordable. One false member: ProofError.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from symdiff.code import to_code
from symdiff.derivation import Derivation, bar
from symdiff.document import Chain, Document, chains
from symdiff.errors import DomainError, ProofError, shorten
from symdiff.evaluate import context, evaluate, looked_up, number
from symdiff.expr import Expr, Num, size
from symdiff.kinds import LONG, LongModel, kinds, tape_of_kind
from symdiff.kinks import conventions_at, is_rounding, kinks
from symdiff.model import MEASURED_IN, Model
from symdiff.sample import ATTEMPTS, Candidate, sample
from symdiff.symbolic import to_sympy
from symdiff.tape import Tape

POINTS, MOST_KINKS = 3, 6
AGREED_DIGITS, LONG_DIGITS = 30, 12
SYMPY_SIZE, SYMPY_OPERATIONS = 40, 150
LIVELY_ATTEMPTS = 60
UNSEEN = 300
"""Differences below 10^-300 are not told from zero: a derivative that small is lost in 960 digits."""
MODERATE, POLE = 10**8, 10**40


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
    here = model_at_readers_point(tape, at) if at is not None else None
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
    """The model at a point; on a kink it follows the conventions that the page states."""
    kind = LongModel if is_long(tape) else Model
    return kind(tape, at, conventions_at(tape, kind(tape, at)) if kinks(tape) else None)


def model_at_readers_point(tape: Tape, at: Candidate) -> Model:
    """The model at the point a reader chose, once it is no pole that rounding hides, as tan(π/2) is."""
    model = model_at(tape, at)
    sharper = model.sharper
    for var, value in model.primal.items():
        if abs(value) > POLE and abs(value - sharper.primal[var]) > abs(value) / 2:
            raise DomainError("a pole", where=shorten(str(model.origin(var))))
    return model


def models_of(tape: Tape, near: Candidate | None = None) -> list[Model]:
    """Models at random points of the domain, where values are moderate if that can be had."""
    names = [name.name for _, name in tape.inputs]
    count = 1 if is_long(tape) else POINTS
    for most, lively, attempts in ((MODERATE, True, LIVELY_ATTEMPTS), (MODERATE, False, ATTEMPTS)):
        with suppress(DomainError):
            side, accepts = partial(_side, tape, most), partial(_is_usable, tape, lively)
            points = sample(names, side, count, near, accepts, attempts)
            return [model_at(tape, point) for point in points]
    points = sample(names, partial(_side, tape, None), count, near, partial(_is_usable, tape, False))
    return [model_at(tape, point) for point in points]


def _is_usable(tape: Tape, lively: bool, candidate: Candidate) -> bool:
    """Whether every derivative can be measured at a point; a lively one has none that is lost to zero."""
    try:
        model = model_at(tape, candidate)
        if is_long(tape) or not model.adjoints:
            return True
        flat = {kink.step.var for kink in kinks(tape)}
        return not lively or all(slope for (var, _), slope in model.slopes.items() if var not in flat)
    except DomainError:
        return False


def _side(tape: Tape, most: int | None, candidate: Candidate) -> tuple[bool, ...] | None:
    """Which side of each kink a point is on; None if a value on the way is not real, or too large."""
    try:
        m = context(15)
        values: dict[int, Any] = {}
        inputs = {
            name: m.mpf(candidate[name.name].numerator) / candidate[name.name].denominator
            for _, name in tape.inputs
        }
        primal: dict[Expr, Any] = {var: inputs[name] for var, name in tape.inputs}
        for step in tape.steps:
            value = primal[step.var] = evaluate(m, step.origin, values, looked_up(inputs))
            if most is not None and abs(value) > most:
                return None
        found = kinks(tape)
        sides = tuple(evaluate(m, k.left - k.right, {}, looked_up(primal)) > 0 for k in found)
        return sides[:MOST_KINKS]
    except DomainError:
        return None


def _check(chain: Chain, models: Sequence[Model]) -> int:
    """The digits to which all members of `chain` agree with the model at all points."""
    if not chain.members:
        raise ProofError(f"proof failed: nothing is said to be equal to {to_code(chain.left)}")
    return min(_agreement(chain, member, model) for model in models for member in chain.members)


def _agreement(chain: Chain, member: Expr, model: Model, last_try: bool = False) -> int:
    """The digits to which one member agrees; where terms cancel, in more digits before judging."""
    m = model.m
    true, given = (evaluate(m, node, {}, model) for node in (chain.left, member))
    if isinstance(member, Num) and Fraction(member.text) != member.value:
        raise _refuted(chain, member, model, m.mpf(1) * Fraction(member.text).numerator, true)
    if isinstance(member, Num) and member.rounded:
        if abs(true - given) > number(m, Num(unit_of_last_place(member))) / 2 * (
            1 + m.mpf(10) ** -AGREED_DIGITS
        ):
            raise _refuted(chain, member, model, given, true)
        return AGREED_DIGITS
    scale = max(abs(true), abs(given), model.magnitude(chain.left))
    error = abs(true - given)
    if error <= max(scale * m.mpf(10) ** -agreed_digits(model), m.mpf(10) ** -UNSEEN):
        return int(m.dps if not error else min(m.dps, -m.ceil(m.log10(error / scale))))
    if chain.at_point and not given and is_rounding(model, chain.left, true):
        return AGREED_DIGITS
    if last_try:
        raise _refuted(chain, member, model, given, true)
    return _agreement(chain, member, model.sharper, last_try=True)


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
            given = evaluate(m, line.var, {}, model)
            scale = max(abs(given), model.magnitude(line.var), m.mpf(10) ** -20)
            allowed = scale * m.mpf(10) ** -agreed_digits(model)
            for digits in MEASURED_IN:
                true = model.end_to_end(name, digits)
                if abs(given - true) <= allowed:
                    break
            else:
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
        derivative = sympy.diff(whole, _real(name))
        if derivative.count_ops() > SYMPY_OPERATIONS:
            return False
        value = derivative.evalf(AGREED_DIGITS + 5, subs=point)
        theirs = m.mpf(str(value))
    except (TypeError, ValueError, AttributeError):
        return False
    ours = model.adjoints[tape.variables[name]]
    scale = max(abs(ours), abs(theirs), model.magnitude(bar(tape.variables[name])))
    if abs(ours - theirs) > max(scale * m.mpf(10) ** -AGREED_DIGITS, m.mpf(10) ** -UNSEEN):
        what = f"proof failed: the derivative by {name} is {m.nstr(ours, 12)}, SymPy has {m.nstr(theirs, 12)}"
        raise ProofError(what, way_out="nothing was written")
    return True
