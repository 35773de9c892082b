"""Names with a time, h_t, h_{t−1}, h_3, and sums and products over a time. Inert data, no value.

A timed name is a `Sym` called `h@t-1`, or `h_3` once its time is a number, so that all code on names takes
it. Whether `h_3` has a time depends on the stems, the names known to have one; functions take them where
they matter. `Series` is Σ or Π over an index.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from symdiff.expr.leaves import Alias, Leaf
from symdiff.expr.notation import Binding, Notation, Op, leaf
from symdiff.expr.text import ATOM, Code
from symdiff.expr.tree import Dim, Expr, Num, Sym, postorder, substitute

MOST_STEPS = 100_000
"""The times for which a recurrence is written out."""


class Time(NamedTuple):
    """A time: `base` + `offset`; a plain number has no base."""

    base: str
    offset: int = 0

    def __str__(self) -> str:
        if not self.base:
            return str(self.offset)
        return self.base + (f"{self.offset:+d}" if self.offset else "")

    def plus(self, offset: int) -> Time:
        return Time(self.base, self.offset + offset)

    def with_base(self, bases: Mapping[str, Time]) -> Time:
        """The same time with its base replaced, if that is a key of `bases`: t − 1 at t = 3 is 2."""
        return bases[self.base].plus(self.offset) if self.base in bases else self

    def as_expr(self) -> Expr:
        """The time as a number in a formula."""
        if not self.base:
            return Num(self.offset)
        if not self.offset:
            return Dim(self.base)
        return Dim(self.base) + self.offset if self.offset > 0 else Dim(self.base) - -self.offset


def at_time(name: Sym, time: Time) -> Sym:
    """h at a time; `name` is the stem."""
    return Sym(_timed_name(name.name, time), shape=name.shape, assume=name.assume)


def _timed_name(stem: str, time: Time) -> str:
    return f"{stem}@{time}" if time.base else f"{stem}_{time}"


_TIMED = re.compile(r"(.+)@([A-Za-z_]\w*)([+-][0-9]+)?")
_NUMBERED = re.compile(r"(.+)_(-?[0-9]+)")


def split_time(name: str, stems: Collection[str]) -> tuple[str, Time] | None:
    """The stem and the time of a timed name, None if it is none."""
    found = _stem_and_time(name)
    return None if found is None or (not found[1].base and found[0] not in stems) else found


@lru_cache(maxsize=4096)
def _stem_and_time(name: str) -> tuple[str, Time] | None:
    """What may be the stem and the time of a name: h_3 is one name where h is no stem."""
    match = _TIMED.fullmatch(name)
    if match is not None:
        return match[1], Time(match[2], int(match[3] or 0))
    match = _NUMBERED.fullmatch(name)
    return None if match is None else (match[1], Time("", int(match[2])))


SUMMED = Op("series_sum", 0, Notation("summation", r"\sum", "Σ", Binding.SUM))
MULTIPLIED = Op("series_product", 0, Notation("leaf", r"\prod", "Π", Binding.ATOM))


class Series(Leaf):
    """Σ or Π of `body` over `index` from `low` to `high`; a product has its latest factor on the left."""

    __slots__ = ("body", "high", "index", "kind", "low")

    def __init__(self, kind: str, index: str, low: Time, high: Time, body: Expr) -> None:
        self.kind, self.index, self.low, self.high, self.body = kind, index, low, high, body
        super().__init__(SUMMED if kind == "sum" else MULTIPLIED, body.shape)

    def code(self, args: Sequence[Code]) -> Code:
        word = "sum" if self.kind == "sum" else "prod"
        return f"{word}({self.body}, {self.index}={self.low}..{self.high})", ATOM


BRACED = leaf("braced")


class Braced(Leaf):
    """`body` with a brace under it and `label`, which is equal to it, below."""

    __slots__ = ("body", "label")

    def __init__(self, body: Expr, label: Expr) -> None:
        self.body, self.label = body, label
        super().__init__(BRACED, body.shape)

    def code(self, args: Sequence[Code]) -> Code:
        return f"({self.body})", ATOM


def all_leaves(root: Expr) -> list[Expr]:
    """Every leaf of `root`, those inside a series or above a brace included."""
    found: list[Expr] = []
    waiting = [root]
    while waiting:
        for node in postorder(waiting.pop()):
            if isinstance(node, Series | Braced):
                waiting.append(node.body)
            if not node.args:
                found.append(node)
    return found


def with_times(root: Expr, bases: Mapping[str, Time], stems: Collection[str]) -> Expr:
    """`root` with the base of each time replaced, if it is a key of `bases`: t by 3, or t by t − 1.

    The index of a series is its own: a base of the same name is not replaced inside.
    """
    found: dict[Expr, Expr] = {}
    for node in postorder(root):
        if isinstance(node, Series):
            found[node] = _series_with_times(node, bases, stems)
        elif isinstance(node, Alias):
            found[node] = _alias_with_times(node, bases, stems)
        elif isinstance(node, Braced):
            found[node] = Braced(with_times(node.body, bases, stems), with_times(node.label, bases, stems))
        elif isinstance(node, Dim) and node.name in bases:
            found[node] = bases[node.name].as_expr()
        elif isinstance(node, Sym):
            parts = split_time(node.name, stems)
            if parts is not None and parts[1].base in bases:
                time = parts[1].with_base(bases)
                name = _timed_name(parts[0], time)
                found[node] = Sym(name, node.accent, node.label, node.seed, node.shape, node.assume)
    return substitute(root, found) if found else root


def _series_with_times(node: Series, bases: Mapping[str, Time], stems: Collection[str]) -> Series:
    inside = {base: time for base, time in bases.items() if base != node.index}
    low, high = node.low.with_base(bases), node.high.with_base(bases)
    return Series(node.kind, node.index, low, high, with_times(node.body, inside, stems))


def _alias_with_times(node: Alias, bases: Mapping[str, Time], stems: Collection[str]) -> Alias:
    name = with_times(node.name, bases, ())
    assert isinstance(name, Sym)
    return Alias(name, with_times(node.meaning, bases, stems))
