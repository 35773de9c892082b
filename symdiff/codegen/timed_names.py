"""Names with a time in code: h[t - 1] for a state, x[t] for a sequence, h_bar[t + 1] for an adjoint.

The values of the cell are kept under their times, so that h[t - 1] reads as on paper at the first time too;
a sequence is an array of one more axis, counted from 0, and where the cell needs earlier values of it, a
table of its values x_at under their times.
"""

from __future__ import annotations

from symdiff.codegen.naming import Names
from symdiff.expr.leaves import Dim, Moment, Series
from symdiff.expr.shapes import names_in
from symdiff.expr.tree import Expr, Sym
from symdiff.language.recurrence import Recurrence


class TimedTexts(dict[Expr, str]):
    """The text of a name, found from its stem and its time where it has one."""

    def __init__(self, names: TimedNames) -> None:
        super().__init__()
        self.names = names

    def __contains__(self, node: object) -> bool:
        return dict.__contains__(self, node) or self.names.timed(node) is not None

    def __getitem__(self, node: Expr) -> str:
        if dict.__contains__(self, node):
            return dict.__getitem__(self, node)
        found = self.names.timed(node)
        if found is None:
            raise KeyError(node)
        return found


class TimedNames(Names):
    """Names for the inputs and the sizes of a recurrence, for its values at a time and their adjoints."""

    def __init__(self, of: Recurrence, reserved: set[str], seeds: frozenset[str] = frozenset()) -> None:
        super().__init__(reserved)
        self.of = of
        self.texts: dict[Expr, str] = TimedTexts(self)
        self.stems: dict[str, str] = {}
        self.bars: dict[str, str] = {}
        self.of_sequence = {stem.name for stem in of.sequences}
        for name in (*of.inputs, *dict(of.after)):
            self.give(name, name.name)
        for stem in of.stems.values():
            wanted = stem.name.removesuffix("bar") + "_seed" if stem.name in seeds else stem.name
            self.stems[stem.name] = self.give(Sym(f"{stem.name}@"), wanted)
        sizes = (
            size
            for name in (*of.inputs, *of.stems.values())
            for part in name.shape
            for size in names_in(part)
        )
        for size in dict.fromkeys((of.index, str(of.horizon), *sizes)):
            self.give(Dim(size), size)
        before = {of.stem(name) for name in of.initial}
        self.tables = {
            own: self.give(Sym(f"{own}@", "table"), f"{self.stems[own]}_at")
            for own in sorted(before & self.of_sequence)
        }
        for own, text in self.stems.items():
            self.bars[own] = self.give(Sym(f"{own}@", "bar"), f"{text}_bar")
        for name in of.inputs:
            self.give(Sym(name.name, "bar", shape=name.shape), f"{name.name}_bar")

    def timed(self, node: object) -> str | None:
        """h[t - 1] for a name with a time, None for anything else."""
        if not isinstance(node, Sym):
            return None
        time = self.of.time(node)
        if time is None or node.name.endswith("@"):
            return None
        stem = self.of.stem(node)
        if stem not in self.stems:
            return None
        if node.accent == "bar":
            return f"{self.bars[stem]}[{self.time(time)}]"
        if stem in self.tables:
            return f"{self.tables[stem]}[{self.time(time)}]"
        if stem in self.of_sequence:
            time = time.plus(-self.of.first)
        return f"{self.stems[stem]}[{self.time(time)}]"

    def time(self, moment: Moment) -> str:
        """A time as Python writes it: t - 1."""
        if not moment.base:
            return str(moment.offset)
        base = self.texts.get(Dim(moment.base), moment.base)
        sign = "-" if moment.offset < 0 else "+"
        return f"{base} {sign} {abs(moment.offset)}" if moment.offset else base

    def over(self, series: Series) -> str:
        """for t in range(T), the times of a sum."""
        return f"for {self.time(Moment(series.index))} in {self.range(series.low, series.high)}"

    def whole(self, node: Expr, series: Series) -> str | None:
        """x for x[t] at all times, None for what is no sequence or is shifted in time."""
        here = isinstance(node, Sym) and not node.accent and self.of.time(node) == Moment(series.index)
        stem = self.of.stem(node) if here and isinstance(node, Sym) else ""
        return self.stems[stem] if stem in self.of_sequence else None

    def range(self, low: Moment, high: Moment) -> str:
        """range(T) for the times from `low` to `high`."""
        stop = self.time(high.plus(1))
        return f"range({stop})" if str(low) == "0" else f"range({self.time(low)}, {stop})"
