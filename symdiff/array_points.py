"""Random points for tapes with arrays: sizes first, then entries, the same ones on every run.

Sizes that are names, and numbers above four, are drawn from 1 to 4, each different where that can be had; a
size 1 is tried in the last set only. Entries are drawn as for numbers (see `sample`). What the author
assumes holds at every point: a vector on the simplex is positive and adds up to 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import islice, product

from symdiff.array_model import ArrayModel, Nested
from symdiff.errors import DomainError
from symdiff.expr import Sym
from symdiff.sample import ATTEMPTS, candidates
from symdiff.shapes import is_number, size_value
from symdiff.tape import Tape

SIZE_SETS = ((2, 3, 4), (3, 2, 4), (4, 3, 2), (1, 2, 3))
"""Sizes in order of appearance; a fourth name begins again."""
ATTEMPTS_A_SIZE = 120


def size_sets(tape: Tape) -> list[dict[str, int]]:
    """Several values for the sizes of a tape: reduced ones, or the sizes themselves if they must be so."""
    names = list(dict.fromkeys(s for _, x in tape.inputs for s in x.shape if isinstance(s, str)))
    if not names:
        return [{}]
    sets = [{name: one[i % len(one)] for i, name in enumerate(names)} for one in SIZE_SETS]
    if all(map(is_number, names)):
        sets.append({name: int(name) for name in names})
    return sets


def array_models(tape: Tape, count: int) -> list[ArrayModel]:
    """Models at random points of the domain, at several sizes where sizes are names.

    Raises:
        DomainError: no usable point was found.
    """
    sets = size_sets(tape)
    found = [
        model for sizes in sets for model in islice(_models(tape, sizes), count if len(sets) == 1 else 1)
    ]
    if not found:
        way_out = "give numbers for the inputs"
        raise DomainError(f"no point of the domain was found in {ATTEMPTS} tries", way_out=way_out)
    return found[:count] if len(sets) == 1 else found


def _models(tape: Tape, sizes: Mapping[str, int]) -> Iterator[ArrayModel]:
    """The models at points of one set of sizes; none where the sizes do not go together."""
    places = {name: _places(name, sizes) for _, name in tape.inputs}
    flat = [f"{name.name}{place}" for name, some in places.items() for place in some]
    usable = 0
    for attempt, numbers in enumerate(candidates(flat, None)):
        if attempt >= ATTEMPTS_A_SIZE:
            return
        point = {name.name: _assembled(name, numbers, sizes) for name in places}
        with suppress(DomainError):
            if _is_inside(tape, point):
                model = ArrayModel(tape, point)
                assert model.adjoints
                usable += 1
                yield model
                if usable == 3:
                    return


def _is_inside(tape: Tape, point: Mapping[str, Nested]) -> bool:
    """Whether every value on the way is real and of moderate size, seen in few digits."""
    try:
        model = ArrayModel(tape, point, digits=15)
    except (ValueError, IndexError):
        return False
    values = [abs(x) for v in model.primal.values() for x in (v.ravel() if hasattr(v, "ravel") else [v])]
    return max(values) < 10**8


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
