"""Numbers to start with where a reader gave none: short decimals inside the domain, the same on every run.

Every value on the way is real and moderate there, and every derivative real. Sizes that are names become
2, 3, …; arrays stay small enough to be changed by hand. What the author assumes of an input holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import count, islice
from math import prod

from symdiff.errors import DomainError
from symdiff.expr.leaves import HeldIndex
from symdiff.expr.shapes import is_number, names_in, size_value
from symdiff.expr.tree import Sym
from symdiff.proof.balls import Balls, Undecided
from symdiff.proof.model import Model
from symdiff.proof.sampling import Nested
from symdiff.rules.arrays import flat
from symdiff.tape.tape import Tape

MOST_ENTRIES, MOST_IN_ALL = 36, 120
"""Entries of one array, and of all inputs, that a reader would change by hand."""


TENTHS = (7, 13, -4, 9, -11, 5, 16, -8, 3, -14, 12, -6, 18, 2, -9, 11)
"""Entries in tenths, in turn: no two neighbours alike, of both signs."""


SHIFTS = 24


MODERATE_START = 10**4


def starting_point(tape: Tape) -> dict[str, Nested] | None:
    """Numbers for each input, in nested tuples for arrays; None where these are large or none were found."""
    sizes = starting_sizes(tape)
    shapes = {name: [size_value(part, sizes) for part in name.shape] for _, name in tape.inputs}
    if not is_small(list(shapes.values())):
        return None
    for entries in _decimals():
        point = {name.name: _filled(name, shape, entries) for name, shape in shapes.items()}
        point |= {index.name: _places(index, sizes) for index in tape.indices.values()}
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
    given = (*tape.input_names.values(), *tape.indices.values())
    names = {name for x in given for part in x.shape for name in names_in(part)}
    from symdiff.proof.array_points import size_sets  # NumPy is not loaded for pages of numbers

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


def _places(index: HeldIndex, sizes: Mapping[str, int]) -> Nested:
    """The second place, for several indices the next ones in turn."""
    limit = size_value(index.limit, sizes)
    lengths = [size_value(part, sizes) for part in index.shape]
    found = tuple(Fraction((1 + i) % limit) for i in range(prod(lengths)))
    return found if lengths else found[0]


def _shares(length: int) -> tuple[Fraction, ...]:
    """Hundredths that add up to 1, the last the largest."""
    first = [Fraction(100 * (i + 1) // (length * (length + 1) // 2), 100) for i in range(length - 1)]
    return (*first, 1 - sum(first, Fraction(0)))


def _is_moderate(tape: Tape, point: Mapping[str, Nested]) -> bool:
    """Whether every value on the way is real and of moderate size, and every derivative real."""
    with suppress(DomainError, Undecided):
        model = Model(tape, point, Balls(exact=True))
        values = model.primal.values()
        return bool(model.adjoints) and all(
            -MODERATE_START < x < MODERATE_START for value in values for x in flat(value)
        )
    return False
