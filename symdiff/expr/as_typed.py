"""Names that are written as they are typed, since a reader would take them for something else.

h0 is usually written h₀. Beside an h that has values at times, h₀ is its value at time 0, so the name h0
stays h0, in upright letters. The same holds for x1 beside the entries of an array x, and for x1 beside x_1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from symdiff.expr.names import split_name
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape, is_number
from symdiff.expr.tree import Sym

Split = tuple[str, str, str]
INDICES = "ijklmpr"
"""Letters that pages have for an index or a time."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A name of the author's that stands on the page with an index: an array, or what has a value at times.

    `sizes` are those of an array, as text; `times` the index of time and the number of steps.
    """

    name: str
    sizes: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


def arrays(names: Iterable[tuple[str, Shape]]) -> frozenset[Indexed]:
    """Those of some names that are arrays."""
    return frozenset(Indexed(name, tuple(map(str, shape))) for name, shape in names if shape)


@dataclass(frozen=True, slots=True)
class Twin:
    """What a name would be taken for: the `name` of the author's, at the time or the entry `index` if any.

    `kind` is "name", "time" or "entry".
    """

    kind: str
    name: str
    index: str = ""

    @property
    def value(self) -> Sym:
        """What the name would be taken for."""
        return Sym(f"{self.name}@{self.index.replace(',', '_')}" if self.index else self.name)


@lru_cache(maxsize=64)
def as_typed(names: frozenset[str], indexed: frozenset[Indexed]) -> Mapping[str, Twin]:
    """The names that are written as they are typed, each with what it would be taken for."""
    bases = {split_name(one.name): one for one in indexed}
    groups: dict[Split, list[str]] = {}
    for name in sorted(names):
        groups.setdefault(split_name(name), []).append(name)
    found: dict[str, Twin] = {}
    for parts, group in groups.items():
        twin = next(filter(None, (_value(bases.get(base), index) for base, index in _cut(parts))), None)
        if twin is not None:
            found.update(dict.fromkeys(group, twin))
        elif len(group) > 1:
            first = _first(parts, group)
            found.update({name: Twin("name", first) for name in group if name != first})
    return found


def _first(parts: Split, group: list[str]) -> str:
    """The name of several that is written with an index: the one with underscores, x_1 of x1 and x_1."""
    stem, accent, index = parts
    spelled = stem + accent + ("_" + index.replace(",", "_") if index else "")
    return spelled if spelled in group else group[0]


def _cut(parts: Split) -> Iterator[tuple[Split, str]]:
    """The ways to read a name as one with a further index: x₁₂ as an x or, w₁,₂, as a w₁."""
    stem, accent, index = parts
    if index:
        yield (stem, accent, ""), index
    for comma in (place for place, sign in enumerate(index) if sign == ","):
        yield (stem, accent, index[:comma]), index[comma + 1 :]


def _value(one: Indexed | None, index: str) -> Twin | None:
    """The value of a name at a time, or the entry of an array, that is written with this index."""
    if one is None:
        return None
    if one.times and _is_time(index, one.times):
        return Twin("time", one.name, index)
    if one.sizes and any(all(map(_is_place, places, one.sizes)) for places in _places(index, one.sizes)):
        return Twin("entry", one.name, index)
    return None


def _is_time(index: str, times: tuple[str, ...]) -> bool:
    """Whether a time is written so: a number, the index of time, the number of steps, or a letter."""
    return index.isdigit() or index in times or index in INDICES


def _places(index: str, sizes: tuple[str, ...]) -> list[list[str]]:
    """How an index can be read as one place for each axis: 12 and 1,2 for a matrix."""
    readings = [index.split(","), list(index)]
    return [places for places in readings if len(places) == len(sizes)]


def _is_place(place: str, length: str) -> bool:
    """Whether an entry can be there, counted from 1; a letter stands for any of them."""
    if not re.fullmatch(r"[0-9]+", place):
        return len(place) == 1 and place in INDICES
    return int(place) >= 1 and (not is_number(length) or int(place) <= int(length))
