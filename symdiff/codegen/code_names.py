"""Names in code: those of the exercise, made safe; adjoints as v_bar; temporaries.

A name that Python, an import or a helper has already gets a trailing underscore, `lambda_` for λ and `in_`
for `in`, or several where that is a name as well. A name with a time is an entry: h[t - 1] of a state, x[t]
of a sequence, h_bar[t + 1] of an adjoint. The values of the cell are kept under their times, so that h[t - 1]
reads as on paper at the first time too; a sequence is an array of one more axis, counted from 0, and where
the cell needs earlier values of it, a table of its values x_at under their times. Knows no text but names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from symdiff.derivation.derivation import bar
from symdiff.expr.shapes import is_number, names_in
from symdiff.expr.timed import Series, Time
from symdiff.expr.tree import Dim, Expr, Sym
from symdiff.language.recurrence import Recurrence
from symdiff.tape.tape import Tape


class Names:
    """The text of every name given so far; none is given twice."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self.taken = set(reserved)
        self.texts: dict[Expr, str] = {}

    def give(self, node: Expr, wanted: str) -> str:
        """The text for `node`: `wanted`, with underscores behind it as long as it is taken."""
        if node not in self.texts:
            while wanted in self.taken:
                wanted += "_"
            self.taken.add(wanted)
            self.texts[node] = wanted
        return self.texts[node]

    def number(self, node: Expr, stem: str) -> str:
        """The text for a temporary: the first of t1, t2, … that is free."""
        return self.give(node, next(f"{stem}{i}" for i in count(1) if f"{stem}{i}" not in self.taken))


def names_of(tape: Tape, reserved: Iterable[str]) -> Names:
    """Names for the inputs, the definitions and the sizes of a tape, then for the adjoints."""
    names = Names(reserved)
    for var in sorted(tape.order, key=lambda var: var.name in names.taken):  # lambda_ stays, λ gives way
        names.give(var, var.name)
    for index in tape.indices.values():
        names.give(index, index.name)
    for size in sizes_of(tape):
        names.give(Dim(size), size)
    for var in tape.order:
        names.give(bar(var), f"{var.name}_bar")
    return names


def sizes_of(tape: Tape) -> dict[str, tuple[Expr, int]]:
    """The sizes that are names, each with the first input and axis that has it."""
    found: dict[str, tuple[Expr, int]] = {}
    for given in (*tape.input_names, *tape.indices.values()):
        for axis, size in enumerate(given.shape):
            if not is_number(size) and "+" not in str(size):
                found.setdefault(str(size), (given, axis))
    return found


class TimedTexts(dict[Expr, str]):
    """The text of a name, found from its stem and its time where it has one.

    A name occurs at any number of times, so its texts cannot all be given beforehand.
    """

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
    """Names for the inputs and the sizes of a recurrence, for its values at a time and their adjoints.

    `stems` and `bars` are the names of the tables of values and of adjoints, by the name without its time;
    `tables` those of sequences with earlier values. `seeds` are sequences of adjoints that a caller gives.
    """

    def __init__(
        self, recurrence: Recurrence, reserved: set[str], seeds: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(reserved)
        self.recurrence = recurrence
        self.texts: dict[Expr, str] = TimedTexts(self)
        self.of_sequence = {stem.name for stem in recurrence.sequences}
        for name in (*recurrence.inputs, *dict(recurrence.after)):
            self.give(name, name.name)
        for index in recurrence.indices.values():
            self.give(index, index.name)
        self.stems = {
            stem.name: self.give(
                Sym(f"{stem.name}@"),
                stem.name.removesuffix("bar") + "_seed" if stem.name in seeds else stem.name,
            )
            for stem in recurrence.stems.values()
        }
        for size in (recurrence.index, str(recurrence.horizon), *self._sizes()):
            self.give(Dim(size), size)
        self.tables = {
            own: self.give(Sym(f"{own}@", "table"), f"{self.stems[own]}_at")
            for own in sorted({recurrence.stem(name) for name in recurrence.initial} & self.of_sequence)
        }
        self.bars = {own: self.give(Sym(f"{own}@", "bar"), f"{text}_bar") for own, text in self.stems.items()}
        for name in recurrence.inputs:
            self.give(Sym(name.name, "bar", shape=name.shape), f"{name.name}_bar")

    def _sizes(self) -> Iterator[str]:
        """The sizes that are names, as often as they occur."""
        for name in (*self.recurrence.inputs, *self.recurrence.stems.values()):
            for part in name.shape:
                yield from names_in(part)

    def timed(self, node: object) -> str | None:
        """h[t - 1] for a name with a time, None for anything else."""
        if not isinstance(node, Sym):
            return None
        time = self.recurrence.time(node)
        if time is None or node.name.endswith("@"):
            return None
        stem = self.recurrence.stem(node)
        if stem not in self.stems:
            return None
        if node.accent == "bar":
            return f"{self.bars[stem]}[{self.time(time)}]"
        if stem in self.tables:
            return f"{self.tables[stem]}[{self.time(time)}]"
        if stem in self.of_sequence:
            time = time.plus(-self.recurrence.first)
        return f"{self.stems[stem]}[{self.time(time)}]"

    def time(self, moment: Time) -> str:
        """A time as Python writes it: t - 1."""
        if not moment.base:
            return str(moment.offset)
        base = self.texts.get(Dim(moment.base), moment.base)
        sign = "-" if moment.offset < 0 else "+"
        return f"{base} {sign} {abs(moment.offset)}" if moment.offset else base

    def over(self, series: Series) -> str:
        """for t in range(T), the times of a sum."""
        return f"for {self.time(Time(series.index))} in {self.range(series.low, series.high)}"

    def whole(self, node: Expr, series: Series) -> str | None:
        """x for x[t] at all times, None for what is no sequence or is shifted in time."""
        here = isinstance(node, Sym) and not node.accent and self.recurrence.time(node) == Time(series.index)
        stem = self.recurrence.stem(node) if here and isinstance(node, Sym) else ""
        return self.stems[stem] if stem in self.of_sequence else None

    def range(self, low: Time, high: Time) -> str:
        """range(T) for the times from `low` to `high`."""
        stop = self.time(high.plus(1))
        return f"range({stop})" if str(low) == "0" else f"range({self.time(low)}, {stop})"
