"""Points to prove at: models at random points of the domain, and at the point a reader chose.

Points are wanted where values are moderate, where no derivative is lost in saturation, and on both
sides of every kink; each wish is given up in turn where it cannot be had. A domain in which no point is
found is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from flint import arb

from symdiff.errors import DomainError, UndecidedError
from symdiff.expr.memory import without_garbage_collection
from symdiff.proof.balls import BITS, ZERO_BITS, Balls, Undecided
from symdiff.proof.kinks import kinks
from symdiff.proof.model import LONG, Model, decided
from symdiff.proof.sampling import ATTEMPTS, Candidate, candidates, no_point, sample
from symdiff.proof.values import evaluate
from symdiff.rules.arrays import flat
from symdiff.tape.entries import adding_up
from symdiff.tape.tape import Tape

M = TypeVar("M", bound=Model)
POINTS, MOST_KINKS = 3, 6
LIVELY_ATTEMPTS = 60
MODERATE = 10**8
WISHES = (
    (Balls(BITS), MODERATE, True, LIVELY_ATTEMPTS, True),
    (Balls(BITS), MODERATE, True, LIVELY_ATTEMPTS, False),
    (Balls(BITS), MODERATE, False, ATTEMPTS, True),
    (Balls(BITS), None, False, ATTEMPTS, True),
    (Balls(ZERO_BITS, exact=True), None, False, LIVELY_ATTEMPTS, True),
)
"""What is asked of a point, each wish given up in turn: bits, the largest value, slopes that are not zero,
in how many tries, whether near the reader's point. In many bits a function that lies on its kink everywhere,
as relu(sin(π)·x), has points."""
_SMALLEST = arb(2) ** -2500
MORE_BITS = 8
"""A value that is not finite in so many times the bits has none."""


@without_garbage_collection
def model_at(tape: Tape, at: Mapping[str, Any], kind: type[M] = Model) -> M:  # type: ignore[assignment]
    """The model at a point that a reader chose: fractions stay exact, so that a tie is one.

    Raises:
        DomainError: there is no real value.
        UndecidedError: it is not known on which side of a kink the point lies.
    """
    m = Balls(BITS, exact=True)
    while True:
        try:
            model = decided(partial(kind, tape, at), m)
            assert model.adjoints
            return model
        except Undecided:
            way_out = "choose another point"
            raise UndecidedError("a value that is not told from a kink", way_out=way_out) from None
        except DomainError:
            if m.bits >= MORE_BITS * BITS:
                raise
            m = m.sharper


def models_of(tape: Tape, near: Candidate | None = None) -> list[Model]:
    """Models at random points of the domain, where values are moderate if that can be had."""
    if tape.has_arrays:
        from symdiff.proof.array_points import array_models  # start-up: pages of numbers have none

        return list(array_models(tape, POINTS))
    names = [name.name for _, name in tape.inputs]
    together = [[name.name for name in group] for group in adding_up(name for _, name in tape.inputs)]
    count = 1 if len(tape.steps) > LONG else POINTS
    made: dict[int, Model] = {}
    for m, most, lively, attempts, is_near in WISHES:
        made.clear()
        with suppress(DomainError):
            side, accepts = partial(_side, tape, m, most, made), partial(_is_usable, tape, lively, made)
            points = sample(names, side, count, near if is_near else None, accepts, attempts, together)
            return [made[id(point)] for point in points]
    raise no_point(names, _without_value(tape, names))


def _without_value(tape: Tape, names: Sequence[str]) -> str:
    """The part of a function that has no value at any of some points; "" if it is not always the same one."""
    found: dict[str, set[str]] = {}
    for candidate in islice(candidates(names, None), LIVELY_ATTEMPTS):
        try:
            assert Model(tape, candidate, Balls(BITS)).primal
        except DomainError as error:
            found.setdefault(error.what, set()).add(error.where)
        except Undecided:
            continue
    parts = found.get("no real value") or {part for some in found.values() for part in some}
    return parts.pop() if len(parts) == 1 else ""


def _is_usable(tape: Tape, lively: bool, made: dict[int, Model], candidate: Candidate) -> bool:
    """Whether every derivative is finite at a point; a lively one has none that is lost to zero."""
    model = made[id(candidate)]
    try:
        flat_steps = {kink.step.var for kink in kinks(tape)} if lively else set()
        if lively and not all(
            is_told_from_zero(model.local(step, operand))
            for step in tape.steps
            if step.var not in flat_steps
            for operand in step.operands
        ):
            return False
        return bool(model.adjoints)
    except (DomainError, Undecided):
        return False


def is_told_from_zero(value: Any) -> bool:
    """Whether a number is not below 10⁻⁷⁵⁰."""
    return bool(value > _SMALLEST or value < -_SMALLEST)


def _side(tape: Tape, m: Balls, most: int | None, made: dict[int, Model], candidate: Candidate) -> object:
    """Which side of each kink a point is on; None if a value on the way is not real, or too large.

    The model of each candidate is kept in `made`, as long as the candidate lives.
    """
    try:
        model = Model(tape, candidate, m)
        values = [entry for value in model.primal.values() for entry in flat(value)]
        if most is not None and not all(-most < value < most for value in values):
            return None
        made[id(candidate)] = model
        apart = [kink.left - kink.right for kink in kinks(tape)[:MOST_KINKS]]
        return tuple(bool(evaluate(model.m, node, {}, model) > 0) for node in apart)
    except (DomainError, Undecided):
        return None
