"""Random points of a function's domain, found by trying, the same ones on every run.

Coordinates are drawn at several scales and signs; a point is kept if the function, and every value on
the way, is real there and of moderate size. With a point given, others are drawn near it. No point
found is an error: nothing is ever proved on an empty domain.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

from symdiff.errors import DomainError
from symdiff.tape.tape import Tape

Candidate = dict[str, Fraction]


ATTEMPTS = 600


MOST = 12


SCALES = (1, 1, 1, 2, 3, 10, 100, 1000, 10**4, 10**5, 10**6, 10**7, Fraction(1, 100), Fraction(1, 10**5))
"""Sizes of coordinates, in turn; small ones for functions that are saturated at 1, as tanh(10⁵x) is."""


_STEPS = 2**20


def sample(
    names: Sequence[str],
    side: Callable[[Candidate], object],
    count: int,
    near: Candidate | None = None,
    accepts: Callable[[Candidate], bool] = lambda _: True,
    attempts: int = ATTEMPTS,
    together: Sequence[Sequence[str]] = (),
) -> list[Candidate]:
    """`count` different points, as exact fractions, and one more for each further side that is found.

    `side` says None for a point that cannot be used, otherwise which side of each kink it is on; of every
    combination that turns up one point is kept. `accepts` may be dear: it is asked last. The numbers of names
    that are listed `together` are positive and add up to 1.

    Raises:
        DomainError: no usable point was found.
    """
    found: list[Candidate] = []
    seen: set[object] = set()
    for drawn in islice(candidates(names, near), attempts):
        candidate = _adding_up(drawn, together)
        where = side(candidate)
        wanted = where is not None and (len(found) < count or where not in seen)
        if wanted and accepts(candidate):
            found.append(candidate)
            seen.add(where)
        if len(found) == MOST or (len(found) >= count and where == ()) or (found and not names):
            break
    if found:
        return found
    raise no_point(names)


def no_point(names: Sequence[str], part: str = "") -> DomainError:
    """The error where none of the points tried can be used; `part` of the function has no value at any."""
    if part and not {*re.findall(r"[A-Za-z]\w*", part)} & {*names}:
        return DomainError(f"{part} is no real number of reasonable size", way_out="check the formula")
    point = ",".join(f"{name}=3" for name in names[:2])
    way_out = f"check the formula, or give a point where it is defined, as --at {point or 'x=3'}"
    return DomainError(
        f"{part or 'the function'} has no usable value at any of {ATTEMPTS} random points", way_out=way_out
    )


def _adding_up(candidate: Candidate, together: Sequence[Sequence[str]]) -> Candidate:
    """A candidate whose groups of numbers add up to 1."""
    found = dict(candidate)
    for group in together:
        whole = sum((abs(candidate[name]) for name in group), Fraction(0))
        found |= {name: abs(candidate[name]) / whole for name in group}
    return found


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


Nested = Any
"""A Fraction, or tuples of Fractions, or tuples of tuples of them."""


def nested_shape(value: Nested) -> tuple[int, ...]:
    """The sizes of nested tuples."""
    return (len(value), *nested_shape(value[0])) if isinstance(value, tuple) else ()


def nested_entries(value: Nested) -> list[Fraction]:
    """The numbers of nested tuples, row by row."""
    return [x for part in value for x in nested_entries(part)] if isinstance(value, tuple) else [value]


def sizes_at(tape: Tape, point: Mapping[str, Nested]) -> dict[str, int]:
    """What each size that is a name is worth at a point."""
    found: dict[str, int] = {}
    shapes = {name.name: name.shape for name in tape.input_names.values()}
    shapes |= {name: index.shape for name, index in tape.indices.items()}
    for given, shape in shapes.items():
        for part, length in zip(shape, nested_shape(point[given]), strict=True):
            if isinstance(part, str) and "+" not in part:
                found[part] = length
    return found
