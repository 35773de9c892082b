"""Points to prove at: models at random points of the domain, and at the point a reader chose.

Points are wanted where values are moderate, where no derivative is lost in saturation, and on both
sides of every kink; each wish is given up in turn where it cannot be had. A domain in which no point is
found is an error.

Random points for tapes with arrays: sizes first, then entries, the same ones on every run.

Sizes that are names, and numbers above four, are drawn from 1 to 4, each different where that can be had; a
size 1 is tried in the last set only. A program that says more of a number than its name, as x[50] and
x[0:10] do, keeps its numbers as they are. Entries are drawn as for numbers (see `sample`). What the author
assumes holds at every point: a vector on the simplex is positive and adds up to 1.

Random points of a function's domain, found by trying, the same ones on every run.

Coordinates are drawn at several scales and signs; a point is kept if the function, and every value on
the way, is real there and of moderate size. With a point given, others are drawn near it. No point
found is an error: nothing is ever proved on an empty domain.

Numbers to start with where a reader gave none: short decimals inside the domain, the same on every run.

Every value on the way is real and moderate there. Sizes that are names become 2, 3, …; arrays stay small
enough to be changed by hand. What the author assumes of an input holds.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial
from itertools import count, islice, product
from math import prod
from typing import Any

from symdiff.errors import DomainError, InputError, shorten
from symdiff.expr.operations import CONCAT, SLICE, STACK, position_of
from symdiff.expr.shapes import Size, is_number, names_in, size_value
from symdiff.expr.tree import INDEX, Expr, Num, Sym, postorder
from symdiff.proof.kinds import LongModel, is_long
from symdiff.proof.kinks import conventions_at, kinks
from symdiff.proof.model import ArrayModel, Model, Nested, function_of, nested_entries
from symdiff.proof.values import DIGITS, context, evaluate, looked_up
from symdiff.rules.array_values import flat
from symdiff.tape.tape import Tape

POINTS, MOST_KINKS = 3, 6
LIVELY_ATTEMPTS = 60
MODERATE, POLE = 10**8, 10**40


def model_at(tape: Tape, at: Candidate) -> Model:
    """The model at a point; on a kink it follows the conventions that the page states."""
    if tape.has_arrays:
        from symdiff.proof.model import ArrayModel

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


SIZE_SETS = ((2, 3, 4), (3, 2, 4), (4, 3, 2), (1, 2, 3))
"""Sizes in order of appearance; a fourth name begins again."""
ATTEMPTS_A_SIZE = 120
MANY = 250
"""Entries of all inputs above which one set of sizes is enough."""
LARGE, FEW_DIGITS = 1000, 32
"""Entries of a reader's point above which fewer digits are used."""
MOST_DRAWN = 10_000
"""Entries of all inputs together, where their sizes must be kept."""


def size_sets(tape: Tape) -> list[dict[str, int]]:
    """Several values for the sizes of a tape: reduced ones, or the numbers themselves if they must be so."""
    names = list(dict.fromkeys(name for _, x in tape.inputs for s in x.shape for name in names_in(s)))
    if not names:
        return [{}]
    nodes = [node for step in tape.steps for node in postorder(step.body)]
    picks = _picks(nodes)
    sets = [{name: one[i % len(one)] for i, name in enumerate(names)} for one in SIZE_SETS]
    numbers = {name: int(name) for name in names if is_number(name)}
    if numbers and (_says_lengths(nodes, numbers) or not _fitting(sets, picks)):
        sets = [one | numbers for one in sets]
        sets = sets[: 1 if _entries(tape, sets[0]) > MANY else None]
    further = max((pick for part, pick in picks if not is_number(part)), default=0)
    return _fitting(sets, picks) or _fitting(
        [{name: n + further * (name not in numbers) for name, n in one.items()} for one in sets], picks
    )


def _picks(nodes: list[Expr]) -> list[tuple[Size, int]]:
    """The entries that are taken, counted from 0, each with the size of its axis.

    A piece takes its last entry, and must itself have a first one.
    """
    pieces = [node for node in nodes if node.op is SLICE]
    lasts = [(node.args[0].shape[0], position_of(node.args[2])) for node in pieces]
    found = [(part, last - 1) for part, last in lasts if isinstance(last, int)]
    found += [(node.shape[0], 0) for node in pieces]
    return found + [
        (part, int(pick.value))
        for node in nodes
        if node.op is INDEX
        for part, pick in zip(node.args[0].shape, node.args[1:], strict=False)
        if isinstance(pick, Num)
    ]


def _says_lengths(nodes: list[Expr], numbers: Mapping[str, int]) -> bool:
    """Whether one of the numbers follows from how the program is written, as the length of a list does."""
    return any(
        node.op in (SLICE, CONCAT) or (node.op is STACK and str(len(node.args)) in numbers) for node in nodes
    )


def _fitting(sets: list[dict[str, int]], picks: list[tuple[Size, int]]) -> list[dict[str, int]]:
    """The sizes, each once, at which every entry that is taken exists."""
    found = [one for one in sets if all(pick < size_value(part, one) for part, pick in picks)]
    return [one for i, one in enumerate(found) if one not in found[:i]]


def _entries(tape: Tape, sizes: Mapping[str, int]) -> int:
    return sum(prod(size_value(part, sizes) for part in name.shape) for _, name in tape.inputs)


def array_models(tape: Tape, count: int) -> list[ArrayModel]:
    """Models at random points of the domain, at several sizes where sizes are names.

    Raises:
        DomainError: no usable point was found.
        InputError: there are more entries than can be computed.
    """
    sets = size_sets(tape)
    _limited(tape, sets)
    count = count if len(sets) == 1 else 1
    found = [model for sizes in sets for model in islice(_models(tape, sizes), count)]
    if not found:
        way_out = "give numbers for the inputs"
        raise DomainError(f"no point of the domain was found in {ATTEMPTS} tries", way_out=way_out)
    return found


def _limited(tape: Tape, sets: list[dict[str, int]]) -> None:
    """Refuse a program whose numbers must be kept and are too large."""
    most = max((_entries(tape, sizes) for sizes in sets), default=0)
    if most > MOST_DRAWN:
        way_out = "take fewer entries, or give sizes names"
        raise InputError(f"{most} entries are too many to prove lines with", way_out=way_out)


def _models(tape: Tape, sizes: Mapping[str, int]) -> Iterator[ArrayModel]:
    """The models at points of one set of sizes; none where the sizes do not go together."""
    usable = 0
    for point in points_of(tape, sizes):
        with suppress(DomainError):
            model = ArrayModel(tape, point)
            assert model.adjoints
            usable += 1
            yield model
            if usable == 3 or not model.is_measured:
                return


def points_of(tape: Tape, sizes: Mapping[str, int]) -> Iterator[dict[str, Nested]]:
    """Points of one set of sizes at which every value on the way is real and moderate."""
    places = {name: _places(name, sizes) for _, name in tape.inputs}
    flat = [f"{name.name}{place}" for name, some in places.items() for place in some]
    for numbers in islice(candidates(flat, None), ATTEMPTS_A_SIZE):
        point = {name.name: _assembled(name, numbers, sizes) for name in places}
        with suppress(DomainError):
            if _is_inside(tape, point):
                yield point


def _is_inside(tape: Tape, point: Mapping[str, Nested]) -> bool:
    """Whether every value on the way is real and of moderate size, seen in few digits."""
    try:
        model = ArrayModel(tape, point, digits=15)
    except (ValueError, IndexError):
        return False
    values = [abs(x) for v in model.primal.values() for x in (v.ravel() if hasattr(v, "ravel") else [v])]
    return bool(max(values) < 10**8)


def _places(name: Sym, sizes: Mapping[str, int]) -> list[tuple[int, ...]]:
    return list(product(*(range(size_value(part, sizes)) for part in name.shape)))


def _assembled(name: Sym, numbers: Mapping[str, Fraction], sizes: Mapping[str, int]) -> Nested:
    """The entries drawn for one input in its shape, with what is assumed of it."""
    entries = {place: numbers[f"{name.name}{place}"] for place in _places(name, sizes)}
    if name.assume == "symmetric":
        entries = {(i, j): entries[min(i, j), max(i, j)] for i, j in entries}
    if name.assume == "simplex":
        sums: dict[tuple[int, ...], Fraction] = {}
        for place, value in entries.items():
            sums[place[:-1]] = sums.get(place[:-1], Fraction(0)) + abs(value)
        entries = {place: abs(value) / sums[place[:-1]] for place, value in entries.items()}
    return _nested(entries, [size_value(part, sizes) for part in name.shape])


def _nested(
    entries: Mapping[tuple[int, ...], Fraction], shape: list[int], at: tuple[int, ...] = ()
) -> Nested:
    if not shape:
        return entries[at]
    return tuple(_nested(entries, shape[1:], (*at, i)) for i in range(shape[0]))


def array_digits(at: Mapping[str, Nested]) -> int:
    """The digits in which values at a reader's point are found: fewer for large arrays."""
    return DIGITS if sum(len(nested_entries(value)) for value in at.values()) <= LARGE else FEW_DIGITS


def conventions_at_kinks(tape: Tape, model: ArrayModel) -> dict[tuple[Sym, Sym], bool]:
    """The partials that follow a convention because some entry lies on a kink: those of the rules."""
    found: dict[tuple[Sym, Sym], bool] = {}
    for kink in kinks(tape):
        apart = flat(evaluate(model.m, kink.left - kink.right, {}, model))
        if any(abs(value) < model.m.mpf(10) ** (-model.m.dps // 2) for value in apart):
            found |= {(kink.step.var, operand): True for operand in kink.step.operands}
    return found


Candidate = dict[str, Fraction]
ATTEMPTS = 600
MOST = 12
SCALES = (1, 1, 1, 2, 3, 10, 100, 1000, 10**4, 10**5, 10**6, 10**7)
_STEPS = 2**20


def sample(
    names: Sequence[str],
    side: Callable[[Candidate], object],
    count: int,
    near: Candidate | None = None,
    accepts: Callable[[Candidate], bool] = lambda _: True,
    attempts: int = ATTEMPTS,
) -> list[Candidate]:
    """`count` different points, as exact fractions, and one more for each further side that is found.

    `side` is cheap: None for a point that cannot be used, otherwise which side of each kink it is on; of
    every combination that turns up one point is kept. `accepts` may be dear: it is asked last.

    Raises:
        DomainError: no usable point was found.
    """
    found: list[Candidate] = []
    seen: set[object] = set()
    for candidate in islice(candidates(names, near), attempts):
        where = side(candidate)
        wanted = where is not None and (len(found) < count or where not in seen)
        if wanted and accepts(candidate):
            found.append(candidate)
            seen.add(where)
        if len(found) == MOST or (len(found) >= count and where == ()) or (found and not names):
            break
    if found:
        return found
    way_out = "give a point of the domain, as in --at x=3"
    raise DomainError(f"no point of the domain was found in {ATTEMPTS} tries", way_out=way_out)


def candidates(names: Sequence[str], near: Candidate | None) -> Iterator[Candidate]:
    rng = random.Random(20)
    for attempt in range(ATTEMPTS):
        if near is not None and attempt < ATTEMPTS // 2:
            radius = Fraction(1, 4 * 2 ** (attempt // 8))
            yield {n: near[n] + radius * _unit(rng) * max(Fraction(1), abs(near[n])) for n in names}
        else:
            scale = SCALES[attempt % len(SCALES)]
            positive = attempt % 3 == 1
            values = [scale * _unit(rng) for _ in names]
            yield {n: abs(v) if positive else v for n, v in zip(names, values, strict=True)}


def _unit(rng: random.Random) -> Fraction:
    """A fraction in (−1, 1), never 0."""
    return Fraction(rng.randrange(1, _STEPS) * rng.choice((-1, 1)), _STEPS)


TENTHS = (7, 13, -4, 9, -11, 5, 16, -8, 3, -14, 12, -6, 18, 2, -9, 11)
"""Entries in tenths, in turn: no two neighbours alike, of both signs."""
SHIFTS = 24
MOST_ENTRIES, MOST_IN_ALL = 36, 120
"""Entries of one array, and of all inputs, that a reader would change by hand."""
MODERATE_START = 10**4


def starting_point(tape: Tape) -> dict[str, Nested] | None:
    """Numbers for each input, in nested tuples for arrays; None where these are large or none were found."""
    sizes = starting_sizes(tape)
    shapes = {name: [size_value(part, sizes) for part in name.shape] for _, name in tape.inputs}
    if not is_small(list(shapes.values())):
        return None
    for entries in _decimals():
        point = {name.name: _filled(name, shape, entries) for name, shape in shapes.items()}
        if _is_moderate(tape, point):
            return point
    return None


def is_small(shapes: list[list[int]]) -> bool:
    """Whether arrays of these sizes are few numbers."""
    sizes = [prod(shape) for shape in shapes]
    return max(sizes, default=0) <= MOST_ENTRIES and sum(sizes) <= MOST_IN_ALL


def starting_sizes(tape: Tape) -> dict[str, int]:
    """A small number for each size that is a name; one that is a number kept as text is that number."""
    if not tape.has_arrays:
        return {}
    names = {name for _, x in tape.inputs for part in x.shape for name in names_in(part)}
    reduced = next(iter(size_sets(tape)), {})
    return {name: int(name) if is_number(name) else reduced.get(name, 2) for name in sorted(names)}


def _decimals() -> Iterator[Iterator[Fraction]]:
    """Endless rows of tenths: of both signs, all positive, smaller, larger."""
    for shift in range(SHIFTS):
        for signed in (True, False):
            for scale in (Fraction(1, 10), Fraction(1, 20), Fraction(3, 10), Fraction(1)):
                yield _row(shift, signed, scale)


def _row(shift: int, signed: bool, scale: Fraction) -> Iterator[Fraction]:
    for place in count(shift):
        tenths = TENTHS[place % len(TENTHS)]
        yield (tenths if signed else abs(tenths)) * scale


def _filled(name: Sym, shape: list[int], entries: Iterator[Fraction]) -> Nested:
    """The next entries in the shape of one input, with what is assumed of it."""
    if not shape:
        return next(entries)
    rows = [tuple(islice(entries, shape[-1])) for _ in range(prod(shape[:-1]))]
    if name.assume == "simplex":
        rows = [_shares(len(row)) for row in rows]
    if name.assume == "symmetric":
        rows = [tuple(rows[min(i, j)][max(i, j)] for j in range(len(rows))) for i in range(len(rows))]
    return rows[0] if len(shape) == 1 else tuple(rows)


def _shares(length: int) -> tuple[Fraction, ...]:
    """Hundredths that add up to 1, the last the largest."""
    first = [Fraction(100 * (i + 1) // (length * (length + 1) // 2), 100) for i in range(length - 1)]
    return (*first, 1 - sum(first, Fraction(0)))


def _is_moderate(tape: Tape, point: Mapping[str, Nested]) -> bool:
    """Whether every value on the way is real and of moderate size, seen in few digits."""
    with suppress(DomainError, ValueError, IndexError):
        values = _model(tape, point).primal.values()
        return all(
            abs(x) < MODERATE_START for v in values for x in (v.ravel() if hasattr(v, "ravel") else [v])
        )
    return False


def _model(tape: Tape, point: Mapping[str, Nested]) -> Model:
    if not tape.has_arrays:
        return Model(tape, point, digits=15)
    from symdiff.proof.model import ArrayModel

    return ArrayModel(tape, point, digits=15)
