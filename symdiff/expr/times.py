"""Names with a time: h_t, h_{t−1}, h_3, and sums and products over a time. Inert data, no value.

A timed name is a `Sym` like any other, called `h@t-1`, or `h_3` once its time is a number: everything that
takes names takes it. That `h_3` has a time is known to those who know the stems. `Series` is Σ or Π over
an index.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from symdiff.expr.leaves import Alias, Dim
from symdiff.expr.notation import Binding, Notation, Op
from symdiff.expr.tree import Expr, Num, Sym, postorder, substitute

SUMMED = Op("series_sum", 0, Notation("summation", r"\sum", "Σ", Binding.SUM))
MULTIPLIED = Op("series_product", 0, Notation("leaf", r"\prod", "Π", Binding.ATOM))
BRACED = Op("braced", 0, Notation("leaf", "", "", Binding.ATOM))
_TIMED = re.compile(r"(.+)@([A-Za-z_]\w*)([+-][0-9]+)?")
_NUMBERED = re.compile(r"(.+)_(-?[0-9]+)")


class Moment(NamedTuple):
    """A time: `base` + `offset`; a plain number has no base."""

    base: str
    offset: int = 0

    def __str__(self) -> str:
        if not self.base:
            return str(self.offset)
        return self.base + (f"{self.offset:+d}" if self.offset else "")

    def plus(self, offset: int) -> Moment:
        return Moment(self.base, self.offset + offset)

    def placed(self, places: Mapping[str, Moment]) -> Moment:
        """The same time once its base is known."""
        return places[self.base].plus(self.offset) if self.base in places else self

    def written(self) -> Expr:
        """The time as a factor in a formula."""
        if not self.base:
            return Num(self.offset)
        if not self.offset:
            return Dim(self.base)
        return Dim(self.base) + self.offset if self.offset > 0 else Dim(self.base) - -self.offset


def at_time(name: Sym, time: Moment) -> Sym:
    """h at a time; `name` is the stem."""
    return Sym(_name(name.name, time), shape=name.shape, assume=name.assume)


def _name(stem: str, time: Moment) -> str:
    return f"{stem}@{time}" if time.base else f"{stem}_{time}"


def split_time(name: str, stems: Collection[str]) -> tuple[str, Moment] | None:
    """The stem and the time of a timed name, None if it is none."""
    match = _TIMED.fullmatch(name)
    if match is not None:
        return match[1], Moment(match[2], int(match[3] or 0))
    match = _NUMBERED.fullmatch(name)
    if match is None or match[1] not in stems:
        return None
    return match[1], Moment("", int(match[2]))


class Series(Expr):
    """Σ or Π of `body` over `index` from `low` to `high`; a product has its latest factor on the left."""

    __slots__ = ("body", "high", "index", "kind", "low")

    def __init__(self, kind: str, index: str, low: Moment, high: Moment, body: Expr) -> None:
        self.op, self.args, self.shape = SUMMED if kind == "sum" else MULTIPLIED, (), body.shape
        self.kind, self.index, self.low, self.high, self.body = kind, index, low, high, body
        self._hash = hash(self._key())

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Series) and self._key() == other._key()

    def _key(self) -> tuple[object, ...]:
        return self.kind, self.index, self.low, self.high, self.body


class Braced(Expr):
    """`body` with a brace under it that says what it is: `label`, equal to it."""

    __slots__ = ("body", "label")

    def __init__(self, body: Expr, label: Expr) -> None:
        self.op, self.args, self.shape = BRACED, (), body.shape
        self.body, self.label = body, label
        self._hash = hash((body, label, "braced"))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Braced) and (self.body, self.label) == (other.body, other.label)


def leaves_of(root: Expr) -> list[Expr]:
    """Every leaf of `root`, those inside a series included."""
    found: list[Expr] = []
    waiting = [root]
    while waiting:
        for node in postorder(waiting.pop()):
            if isinstance(node, Series | Braced):
                waiting.append(node.body)
            if not node.args:
                found.append(node)
    return found


def placed(root: Expr, places: Mapping[str, Moment], stems: Collection[str]) -> Expr:
    """`root` with each time whose base is a key of `places` moved there: t to 3, or t to t − 1.

    The index of a series is its own: a base of the same name does not reach inside.
    """
    found: dict[Expr, Expr] = {}
    for node in postorder(root):
        if isinstance(node, Series):
            found[node] = _placed_series(node, places, stems)
        elif isinstance(node, Alias):
            found[node] = _placed_alias(node, places, stems)
        elif isinstance(node, Braced):
            found[node] = Braced(placed(node.body, places, stems), placed(node.label, places, stems))
        elif isinstance(node, Dim) and node.name in places:
            found[node] = places[node.name].written()
        elif isinstance(node, Sym):
            parts = split_time(node.name, stems)
            if parts is not None and parts[1].base in places:
                time = parts[1].placed(places)
                name = _name(parts[0], time)
                found[node] = Sym(name, node.accent, node.label, node.seed, node.shape, node.assume)
    return substitute(root, found) if found else root


def _placed_series(node: Series, places: Mapping[str, Moment], stems: Collection[str]) -> Series:
    inside = {base: time for base, time in places.items() if base != node.index}
    low, high = node.low.placed(places), node.high.placed(places)
    return Series(node.kind, node.index, low, high, placed(node.body, inside, stems))


def _placed_alias(node: Alias, places: Mapping[str, Moment], stems: Collection[str]) -> Alias:
    name = placed(node.name, places, ())
    assert isinstance(name, Sym)
    return Alias(name, placed(node.meaning, places, stems))
