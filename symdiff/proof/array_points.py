"""Random points for tapes with arrays: sizes first, then entries, the same ones on every run.

Sizes that are names, and numbers above four, are drawn from 1 to 4, each different where that can be had; a
size 1 is tried in the last set only. A program that says more of a number than its name, as x[50] and
x[0:10] do, keeps its numbers as they are. Entries are drawn as for numbers (see `sampling`). What the author
assumes holds at every point: a vector on the simplex is positive and adds up to 1.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import cycle, islice, product
from math import prod
from typing import TypeVar

from symdiff.errors import DomainError, InputError
from symdiff.expr.leaves import HeldIndex
from symdiff.expr.operations import CONCAT, CONCAT_ACROSS, GATHER, SLICE, STACK, places_of
from symdiff.expr.shapes import Size, is_integer, is_number, minus, names_in, size_value
from symdiff.expr.tree import INDEX, Dim, Expr, Num, Sym, position_of, postorder
from symdiff.proof.balls import BITS, ZERO_BITS, Balls, Undecided
from symdiff.proof.model import LONG, Model
from symdiff.proof.sampling import Nested, candidates, no_point
from symdiff.rules.arrays import flat
from symdiff.tape.tape import Tape

M = TypeVar("M", bound=Model)

SIZE_SETS = ((2, 3, 4), (3, 2, 4), (4, 3, 2), (1, 2, 3))
"""Sizes in order of appearance; a fourth name begins again."""


FEW_SETS = 2
"""Sets of sizes that a long tape is proved at: every kind of step occurs at many values."""


ATTEMPTS_A_SIZE = 120


MANY = 250
"""Entries of all inputs above which one set of sizes is enough."""


MOST_DRAWN = 10_000
"""Entries of all inputs together, where their sizes must be kept."""


def size_sets(tape: Tape) -> list[dict[str, int]]:
    """Several values for the sizes of a tape: reduced ones, or the numbers themselves if they must be so."""
    given = (*tape.input_names.values(), *tape.indices.values())
    names = list(dict.fromkeys(name for x in given for s in x.shape for name in names_in(s)))
    if not names:
        return [{}]
    nodes = [node for step in tape.steps for node in postorder(step.body)]
    picks = _picks(nodes)
    ordered = [pair for pair in picks if not any(map(is_integer, map(str, pair)))]
    sets = [{name: one[i % len(one)] for i, name in enumerate(names)} for one in SIZE_SETS]
    numbers = {name: int(name) for name in names if is_number(name)}
    if numbers and (_says_lengths(nodes, numbers) or not _fitting(sets, picks)):
        sets = [one | numbers for one in sets]
        sets = sets[: 1 if _entries(tape, sets[0]) > MANY else None]
    if ordered and not _fitting(sets, ordered):
        every = product(range(4, 0, -1), repeat=min(len(names), MOST_ORDERED))
        sets = [dict(zip(names, cycle(one), strict=False)) | numbers for one in every]
        sets = _fitting(sets, ordered)[: len(SIZE_SETS)]
    further = max((pick for part, pick in picks if isinstance(pick, int) and not is_number(part)), default=0)
    return _fitting(sets, picks) or _fitting(
        [{name: n + further * (name not in numbers) for name, n in one.items()} for one in sets], picks
    )


def _picks(nodes: list[Expr]) -> list[tuple[Size, Size]]:
    """The entries that are taken, counted from 0, each with the size of its axis.

    A piece takes its last entry, and must itself have a first one.
    """
    pieces = [node for node in nodes if node.op is SLICE]
    found: list[tuple[Size, Size]] = [(part, 0) for node in pieces for part in node.shape]
    found += [
        (part, minus(stop, 1))
        for node in pieces
        for part, (_, stop) in zip(node.args[0].shape, places_of(node.args[1:]), strict=True)
        if stop != part
    ]
    return found + [
        (part, position_of(number))
        for node in nodes
        if node.op in (INDEX, GATHER)
        for part, pick in zip(node.args[0].shape, node.args[1:], strict=False)
        for number in (pick.args if pick.op is STACK else (pick,))
        if isinstance(number, Num | Dim)
    ]


def _says_lengths(nodes: list[Expr], numbers: Mapping[str, int]) -> bool:
    """Whether one of the numbers follows from how the program is written, as the length of a list does."""
    return any(
        node.op in (SLICE, CONCAT, CONCAT_ACROSS) or (node.op is STACK and str(len(node.args)) in numbers)
        for node in nodes
    )


def _fitting(sets: list[dict[str, int]], picks: list[tuple[Size, Size]]) -> list[dict[str, int]]:
    """The sizes, each once, at which every entry that is taken exists."""
    found = [one for one in sets if all(_is_taken(pair, one) for pair in picks)]
    return [one for i, one in enumerate(found) if one not in found[:i]]


def _is_taken(pair: tuple[Size, Size], sizes: Mapping[str, int]) -> bool:
    part, pick = pair
    return 0 <= size_value(pick, sizes) < size_value(part, sizes)


def _entries(tape: Tape, sizes: Mapping[str, int]) -> int:
    return sum(prod(size_value(part, sizes) for part in name.shape) for _, name in tape.inputs)


def array_models(tape: Tape, count: int) -> list[Model]:
    """Models at random points of the domain, at several sizes where sizes are names.

    Raises:
        DomainError: no usable point was found.
        InputError: there are more entries than can be computed.
    """
    sets = size_sets(tape)[: FEW_SETS if len(tape.steps) > LONG else None]
    _limited(tape, sets)
    count = count if len(sets) == 1 else 1
    found = [model for sizes in sets for model in islice(_models(tape, sizes), count)]
    if not found:
        raise no_point([])
    return found


def _limited(tape: Tape, sets: list[dict[str, int]]) -> None:
    """Refuse a program whose numbers must be kept and are too large."""
    most = max((_entries(tape, sizes) for sizes in sets), default=0)
    if most > MOST_DRAWN:
        way_out = "take fewer entries, or give sizes names"
        raise InputError(f"{most} entries are too many to prove lines with", way_out=way_out)


def _models(tape: Tape, sizes: Mapping[str, int]) -> Iterator[Model]:
    """The models at points of one set of sizes; none where the sizes do not go together."""
    usable = 0
    for model in models_at_sizes(tape, sizes, Model):
        with suppress(DomainError, Undecided):
            assert model.adjoints
            usable += 1
            yield model
            if usable == 3 or not model.is_measured:
                return


def models_at_sizes(tape: Tape, sizes: Mapping[str, int], kind: type[M]) -> Iterator[M]:
    """Models at points of one set of sizes at which every value on the way is real and moderate."""
    places = {name: _places(name, sizes) for _, name in tape.inputs}
    names = [f"{name.name}{place}" for name, some in places.items() for place in some]
    for m in (Balls(BITS), Balls(ZERO_BITS, exact=True)):
        found = False
        for draw, numbers in enumerate(islice(candidates(names, None), ATTEMPTS_A_SIZE)):
            point = {name.name: _assembled(name, numbers, sizes) for name in places}
            point |= {index.name: _drawn_index(index, sizes, draw) for index in tape.indices.values()}
            with suppress(DomainError, Undecided):
                model = kind(tape, point, m)
                if all(-MODERATE < x < MODERATE for value in model.primal.values() for x in flat(value)):
                    found = True
                    yield model
        if found:
            return


MODERATE = 10**8


MOST_ORDERED = 5
"""Names of sizes whose order is searched, as of k < n in x[0:k]."""


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


def _drawn_index(index: HeldIndex, sizes: Mapping[str, int], draw: int) -> Nested:
    """Valid indices at random, the same ones on every run; of several some are equal."""
    rng = random.Random(f"{index.name} {sorted(sizes.items())} {draw}")
    limit = size_value(index.limit, sizes)
    lengths = [size_value(part, sizes) for part in index.shape]
    found = [Fraction(rng.randrange(limit)) for _ in range(prod(lengths))]
    return tuple(found) if lengths else found[0]


def _nested(
    entries: Mapping[tuple[int, ...], Fraction], shape: list[int], at: tuple[int, ...] = ()
) -> Nested:
    if not shape:
        return entries[at]
    return tuple(_nested(entries, shape[1:], (*at, i)) for i in range(shape[0]))
