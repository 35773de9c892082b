"""Syntax tree to expression, where names have a time: h[t-1], x[t], h[T-1], sum(l), mean(l[t]**2).

In the cell a time is t or earlier. After it, a time is fixed, or t under a sum or a mean over all times.
What the equations mean together is said in `recurrence_parser`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import field

from symdiff.expr import tree as e
from symdiff.expr.records import dataclass
from symdiff.expr.timed import Series, Time, at_time, split_time
from symdiff.expr.tree import Dim, Expr, Sym, symbols
from symdiff.language.conditional import with_masks
from symdiff.language.misspellings import name_meant
from symdiff.language.reader import Reader, subscript
from symdiff.language.reading import current
from symdiff.language.syntax import spelled
from symdiff.language.syntax import statements as statements
from symdiff.language.words import called_and_named, tell_of_steps


@dataclass
class Timeline:
    """What is known while a recurrence is read: the index of time, t, its horizon, T, and names with a time.

    `length` is T's value if it is given, `first` the first time; `is_ours` says that the author has not said
    what T is called. Of the names, by stem, `cell` are all that
    the cell defines, `stems` those whose shape is known so far, `above` those defined at t so far, `earlier`
    those with an initial value, `ending` those with values after the last time, and how many.
    """

    index: str
    horizon: str
    first: int
    cell: tuple[str, ...]
    length: int | None = None
    is_ours: bool = False
    stems: dict[str, Sym] = field(default_factory=dict)
    earlier: set[str] = field(default_factory=set)
    ending: dict[str, int] = field(default_factory=dict)
    above: set[str] = field(default_factory=set)

    @property
    def last(self) -> Time:
        return Time(self.horizon, self.first - 1)

    @property
    def times(self) -> str:
        """The times there are, in words for an error."""
        end = str(self.last) if self.length is None else str(self.first + self.length - 1)
        return f"times are {self.first} to {end}"

    def has_free_time(self, root: Expr) -> bool:
        """Whether t occurs outside of every sum over it."""
        found = (split_time(s.name, self.stems) for s in symbols(root))
        if any(parts and parts[1].base == self.index for parts in found):
            return True
        return any(isinstance(n, Dim) and n.name == self.index for n in e.postorder(root))


def both_readings(name: str, stem: str, time: Time) -> tuple[str, str]:
    """What is wrong with h_0 beside values h[t], and the way out."""
    what = f"{name!r} is {stem}[{time}], or a name of its own"
    return what, f"write {stem}[{time}] for the value, {stem}{time} for a name"


class TimedReader(Reader):
    """Reads one formula of a recurrence: `inside` the cell, or of an initial value, or after it.

    `later` are names that are defined only after the cell; None lets every unknown name be an input.
    """

    def __init__(
        self,
        text: str,
        names: Mapping[str, Sym],
        sizes: Collection[str],
        timeline: Timeline,
        inside: bool,
        later: Collection[str] | None = None,
    ) -> None:
        super().__init__(text, names, sizes)
        self.timeline, self.inside, self.later = timeline, inside, later

    def children(self, node: ast.expr) -> list[ast.expr]:
        if isinstance(node, ast.Subscript) and self._stem(node.value):
            return []
        return super().children(node)

    def check_called(self, node: ast.Call, name: str) -> None:
        super().check_called(node, name)
        if self._stem(node.func):
            what, way_out = called_and_named(name)
            self.fail(what, node, way_out)

    def build(self, node: ast.expr, args: list[Expr]) -> Expr:
        if isinstance(node, ast.Subscript) and (stem := self._stem(node.value)):
            return self._timed(node, stem)
        if isinstance(node, ast.Call) and self._is_over_time(node, args):
            assert isinstance(node.func, ast.Name)
            return self._series(node.func.id, args[0])
        return super().build(node, args)

    def check_pick(self, pick: ast.expr) -> None:
        """An index has no time: at each time there would be another one."""
        if isinstance(pick, ast.Subscript) and (stem := self._stem(pick.value)):
            t = self.timeline.index
            way_out = (
                f"make {stem} a sequence of one-hot vectors, as in {stem}[{t}] @ C or dot({stem}[{t}], z)"
            )
            self.fail(f"{stem} has a value for each time and is no index here", pick, way_out)
        super().check_pick(pick)

    def settled(self, found: Expr) -> Expr:
        return with_masks(found)

    def is_steps(self, name: str) -> bool:
        return name == self.timeline.horizon or super().is_steps(name)

    def _stem(self, node: ast.expr) -> str:
        """The stem of a name that has a time, "" for any other node."""
        name = spelled(node.id) if isinstance(node, ast.Name) else ""
        return name if name in self.timeline.stems or name in self.timeline.cell else ""

    def _stem_at_time(self, name: str) -> str:
        """The stem of h_t, as it is typed on paper for h[t]; "" for any other name."""
        stem, _, index = name.rpartition("_")
        is_known = stem in self.timeline.stems or stem in self.timeline.cell
        return stem if is_known and index == self.timeline.index and name not in self.names else ""

    def is_own(self, name: str) -> bool:
        line = self.timeline
        timed = name in line.stems or name in line.cell or name in (line.index, line.horizon)
        return timed or name in (self.later or ()) or super().is_own(name)

    def leaf(self, node: ast.Name) -> Expr:
        name = spelled(node.id)
        if name == self.timeline.index and name not in self.names:
            return Dim(name)
        if name == self.timeline.horizon and name not in self.names:
            if self.timeline.is_ours:
                tell_of_steps(name, node.lineno)
            return Dim(name)
        if (stem := self._stem_at_time(name)) and not current().literal:
            self._check_time(node, stem, Time(self.timeline.index))
            return at_time(self._known(stem, node), Time(self.timeline.index))
        if not self._stem(node):
            self._check_plain(name, node)
            return super().leaf(node)
        if self.inside:
            self.fail(f"{name} has a value for each time", node, f"write {name}[{self.timeline.index}]")
        return at_time(self._known(name, node), Time(self.timeline.index))

    def _check_plain(self, name: str, node: ast.Name) -> None:
        """Refuse h_0 beside a name with times, of which it would be the value at 0."""
        parts = split_time(name, {*self.timeline.stems, *self.timeline.cell})
        if parts is not None:
            what, way_out = both_readings(name, *parts)
            self.fail(what, node, way_out)

    def name(self, node: ast.expr) -> Sym:
        found = super().name(node)
        if self.later is not None and found.name not in self.names:
            if found.name in self.later:
                self.fail(
                    f"{found.name!r} is used before it is defined", node, "a name is defined above its use"
                )
            known = [*self.names, *self.sizes, *self.timeline.stems]
            self.fail(f"unknown name {found.name!r}", node, name_meant(found.name, known))
        return found

    def _timed(self, node: ast.Subscript, stem: str) -> Expr:
        """h[t-1], or an entry of it, h[t-1, 0]."""
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        time = self.time_of(parts[0])
        self._check_time(node, stem, time)
        found: Expr = at_time(self._known(stem, node), time)
        if len(parts) > 1:
            rest = parts[1] if len(parts) == 2 else ast.Tuple(parts[1:], ast.Load())
            found = subscript(found, rest, self.sizes)
        return found

    def _known(self, stem: str, node: ast.AST) -> Sym:
        if stem not in self.timeline.stems:
            self.fail(f"{stem!r} is used before it is defined", node, "a name is defined above its use")
        return self.timeline.stems[stem]

    def time_of(self, node: ast.expr) -> Time:
        """The time that an index says: t, t-1, 2, T, T-1."""
        sign = 1
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
                return Time("", -value)
            case ast.Constant(value=int(value)) if not isinstance(value, bool):
                return Time("", value)
            case ast.Name(id=base):
                return Time(self._base(base, node))
            case ast.BinOp(
                left=ast.Name(id=base), op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int(value))
            ):
                sign = -1 if isinstance(op, ast.Sub) else 1
                return Time(self._base(base, node), sign * value)
        t, last = self.timeline.index, self.timeline.last
        self.fail("this is not a time", node, f"a time is {t}, {t}-1, a whole number, or {last}")

    def _base(self, base: str, node: ast.AST) -> str:
        if base == self.timeline.index or base == self.timeline.horizon:
            return base
        self.fail(f"{base!r} is not a time", node, f"the index is {self.timeline.index}")

    def _check_time(self, node: ast.AST, stem: str, time: Time) -> None:
        line, t = self.timeline, self.timeline.index
        defined = stem in line.cell
        if time.base == t:
            if time.offset > line.ending.get(stem, 0):
                after = line.last.plus(time.offset)
                what = f"{stem}[{time}] refers forward in time, and {stem} has no value after the last time"
                self.fail(what, node, f"write {stem}[{after}] = 0, or zeros(n) for a vector")
            if time.offset == 0 and defined and self.inside and stem not in line.above:
                self.fail(
                    f"{stem}[{t}] is used before it is defined",
                    node,
                    f"write {stem}[{t}-1], or define it above",
                )
            if time.offset < 0 and stem not in line.earlier:
                example = f"{stem}[{line.first - 1}]"
                self.fail(
                    f"{stem} has no initial value", node, f"write {example} = 0, or zeros(n) for a vector"
                )
        elif self.inside:
            self.fail(
                f"a fixed time in the recurrence, {stem}[{time}]", node, f"write {stem}[{t}] or {stem}[{t}-1]"
            )
        elif not self._exists(stem, time):
            first = f"; write {stem}[{line.last}] for the last one" if time == Time(line.horizon) else ""
            self.fail(f"there is no {stem}[{time}]", node, line.times + first)

    def _exists(self, stem: str, time: Time) -> bool:
        """Whether a fixed time is one of the recurrence, as far as that is known."""
        line = self.timeline
        first = line.first - (1 if stem in line.earlier else 0)
        if time.base:
            return time.offset < line.first + line.ending.get(stem, 0)
        return first <= time.offset and (line.length is None or time.offset < line.first + line.length)

    def _is_over_time(self, node: ast.Call, args: list[Expr]) -> bool:
        """Whether a sum is one over time: of a number that has one, or of a name without its index."""
        named = isinstance(node.func, ast.Name) and node.func.id in ("sum", "mean") and not node.keywords
        if not named or self.inside or len(args) != 1:
            return False
        bare = isinstance(node.args[0], ast.Name) and bool(self._stem(node.args[0]))
        return bare or (not args[0].shape and self.timeline.has_free_time(args[0]))

    def _series(self, kind: str, body: Expr) -> Expr:
        """sum(body) over all times; a mean is the sum over T."""
        line = self.timeline
        found = Series("sum", line.index, Time("", line.first), line.last, body)
        return found if kind == "sum" else found / Dim(line.horizon)
