"""Points to prove at: models at random points of the domain, and at the point a reader chose.

Points are wanted where values are moderate, where no derivative is lost in saturation, and on both
sides of every kink; each wish is given up in turn where it cannot be had. A domain in which no point is
found is an error.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

from symdiff.errors import DomainError, shorten
from symdiff.expr.tree import Expr
from symdiff.proof.kinds import LongModel, is_long
from symdiff.proof.kinks import conventions_at, kinks
from symdiff.proof.model import Model, function_of
from symdiff.proof.sampling import ATTEMPTS, Candidate, sample
from symdiff.proof.values import context, evaluate, looked_up
from symdiff.tape.tape import Tape

POINTS, MOST_KINKS = 3, 6
LIVELY_ATTEMPTS = 60
MODERATE, POLE = 10**8, 10**40


def model_at(tape: Tape, at: Candidate) -> Model:
    """The model at a point; on a kink it follows the conventions that the page states."""
    if tape.has_arrays:
        from symdiff.proof.array_model import ArrayModel  # NumPy is not loaded for pages of numbers
        from symdiff.proof.array_points import array_digits, conventions_at_kinks

        model = ArrayModel(tape, at, digits=array_digits(at))
        found = conventions_at_kinks(tape, model)
        return ArrayModel(tape, at, found, model.m.dps) if found else model
    kind = LongModel if is_long(tape) else Model
    return kind(tape, at, conventions_at(tape, kind(tape, at)) if kinks(tape) else None)


def model_at_readers_point(tape: Tape, at: Candidate) -> Model:
    """The model at the point a reader chose, once it is no pole that rounding hides, as tan(π/2) is."""
    model = model_at(tape, at)
    if tape.has_arrays:
        return model
    sharper = model.sharper
    for var, value in model.primal.items():
        if abs(value) > POLE and abs(value - sharper.primal[var]) > abs(value) / 2:
            raise DomainError("a pole", where=shorten(str(model.origin(var))))
    return model


def models_of(tape: Tape, near: Candidate | None = None) -> list[Model]:
    """Models at random points of the domain, where values are moderate if that can be had."""
    if tape.has_arrays:
        from symdiff.proof.array_points import array_models  # as above

        return list(array_models(tape, POINTS))
    names = [name.name for _, name in tape.inputs]
    count = 1 if is_long(tape) else POINTS
    for most, lively, attempts in ((MODERATE, True, LIVELY_ATTEMPTS), (MODERATE, False, ATTEMPTS)):
        with suppress(DomainError):
            made: dict[int, Model] = {}
            side, accepts = partial(_side, tape, most), partial(_is_usable, tape, lively, made)
            points = sample(names, side, count, near, accepts, attempts)
            return [made[id(point)] for point in points]
    made = {}
    points = sample(names, partial(_side, tape, None), count, near, partial(_is_usable, tape, False, made))
    return [made[id(point)] for point in points]


def _is_usable(tape: Tape, lively: bool, made: dict[int, Model], candidate: Candidate) -> bool:
    """Whether every derivative can be measured at a point; a lively one has none that is lost to zero.

    The model of each candidate is kept in `made`, as long as the candidate lives.
    """
    try:
        model = made[id(candidate)] = model_at(tape, candidate)
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
        inputs: dict[Expr, Any] = {
            name: m.mpf(candidate[name.name].numerator) / candidate[name.name].denominator
            for _, name in tape.inputs
        }
        values = function_of(tape)(m, inputs)
        if most is not None and any(abs(value) > most for value in values):
            return None
        primal: dict[Expr, Any] = {var: inputs[name] for var, name in tape.inputs}
        primal |= {step.var: value for step, value in zip(tape.steps, values, strict=True)}
        found = kinks(tape)
        sides = tuple(evaluate(m, k.left - k.right, {}, looked_up(primal)) > 0 for k in found)
        return sides[:MOST_KINKS]
    except DomainError:
        return None
