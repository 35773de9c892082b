"""Long blocks: what repeats is written once in general, between its first and its last time.

A tape that repeats a cell has groups of rows that differ in their indices only, and these advance evenly.
Each such run is found, whatever its period; all rows stay in the block and are proved, only the page is
short.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symdiff.document.blocks import Dots, Equations, Fold, Row, text
from symdiff.explain.shared.patterns import Counter, Pattern, general, names_in, pattern_of, split
from symdiff.expr.tree import Expr, Num, Sym
from symdiff.tape.tape import Tape

LONGEST = 40
"""Rows up to which a block is written out."""
HEAD, TAIL, PLAIN = 8, 5, 24
"""Of more than `PLAIN` rows in which nothing repeats, the first and the last."""
LONGEST_PERIOD = 12
LEAST = 5
"""Times that a group of rows has to come for it to be folded."""
Item = int | Row | Dots


@dataclass(frozen=True, slots=True)
class Run:
    """Rows from `start` in `groups` groups of `period`, each like the one before."""

    start: int
    period: int
    groups: int

    @property
    def stop(self) -> int:
        return self.start + self.period * self.groups


def folded(rows: Sequence[Row], tape: Tape, full: bool, most: int = LONGEST) -> Equations:
    """The rows as one block, folded when there are more than `most` and `full` is not set."""
    rows = tuple(rows)
    if full or len(rows) <= most:
        return Equations(rows)
    items = tuple(_Folding(rows, tape).items())
    return Equations(rows, Fold(items) if any(isinstance(item, Dots) for item in items) else None)


def plain(start: int, stop: int) -> Iterator[Item]:
    """Rows in which nothing repeats: all of a few, the first and the last of many."""
    if stop - start <= PLAIN:
        yield from range(start, stop)
        return
    yield from range(start, start + HEAD)
    yield Dots(text("fold.plain", count=stop - start - HEAD - TAIL))
    yield from range(stop - TAIL, stop)


class _Folding:
    """The runs of one block, and what is written of them."""

    def __init__(self, rows: Sequence[Row], tape: Tape) -> None:
        self.rows, self.names = rows, tape.names
        self.letter = tape.output.name.rpartition("_")[0]
        self.patterns = [pattern_of(row) for row in rows]

    def items(self) -> Iterator[Item]:
        """What is written, in order."""
        written = at = 0
        while at < len(self.rows):
            run = longest_run(self.patterns, at)
            if run is None:
                at += 1
                continue
            run = self._aligned(run)
            yield from plain(written, run.start)
            yield from self._repeated(run)
            written = at = run.stop
        yield from plain(written, len(self.rows))

    def _repeated(self, run: Run) -> Iterator[Item]:
        """The first group, the general one, the last one."""
        counter = self._counter(run)
        yield from range(run.start, run.start + max(run.period, 2))
        yield Dots()
        for k in range(run.start, run.start + run.period):
            yield general(self.rows[k], self.rows[k + run.period], counter)
        last = counter.first + counter.by * (run.groups - 1)
        low, high = sorted((counter.first, last))
        if abs(counter.by) == 1:
            yield Dots(text("fold.general", i=Sym("i"), first=Num(low), last=Num(high)))
        else:
            second = Num(counter.first + counter.by)
            yield Dots(
                text("fold.general_by", i=Sym("i"), first=Num(counter.first), second=second, last=Num(last))
            )
        yield from range(run.stop - run.period, run.stop)

    def _aligned(self, run: Run) -> Run:
        """The run with groups that end, or in a reverse sweep begin, at a name of the author's."""
        for offset in range(run.period):
            before, here = run.start + offset - 1, run.start + offset
            if before < 0 or run.groups - bool(offset) < LEAST:
                break
            first, other = (here, before) if self._goes_back(run) else (before, here)
            if self._named(first) is not None and self._named(other) is None:
                return Run(here, run.period, run.groups - bool(offset))
        return run

    def _goes_back(self, run: Run) -> bool:
        one, other = (_own(self.rows[k]).name for k in (run.start, run.start + run.period))
        return (split(one)[1] or 0) > (split(other)[1] or 0)

    def _named(self, number: int) -> Sym | None:
        """The author's name of the variable that a row is about."""
        return self.names.get(Sym(_own(self.rows[number]).name))

    def _counter(self, run: Run) -> Counter:
        """What to count with: the author's index if there is one, else an index of the rows themselves."""
        every = [number for k in range(run.period) for number in self._numbers(run, run.start + k)]
        for one, other in [*self._of_author(run), *every]:
            if abs(other - one) == 1:
                return Counter(one, other - one)
        steps = {other - one for one, other in every} - {0}
        return (
            Counter(every[0][0], steps.pop())
            if len(steps) == 1 and every[0][1] != every[0][0]
            else Counter(0, 1)
        )

    def _numbers(self, run: Run, number: int) -> Iterator[tuple[int, int]]:
        """A row's numbers with those of the row one period on."""
        return zip(self.patterns[number].numbers, self.patterns[number + run.period].numbers, strict=True)

    def _of_author(self, run: Run) -> Iterator[tuple[int, int]]:
        """The indices of the author's names in the rows, of those that the rows are about first."""
        every = range(run.start, run.start + run.period)
        pairs = [(_own(self.rows[k]), _own(self.rows[k + run.period])) for k in every]
        for k in every:
            pairs += zip(*(names_in(self.rows[i]) for i in (k, k + run.period)), strict=False)
        for one, other in pairs:
            (stem, first), (other_stem, second) = (split(self._author(name).name) for name in (one, other))
            if first is not None and second is not None and stem == other_stem:
                yield first, second

    def _author(self, name: Sym) -> Sym:
        """The author's name for a variable of the tape; other names are the author's already."""
        var = Sym(name.name, shape=name.shape)
        return self.names.get(var, Sym("") if name.name.rpartition("_")[0] == self.letter else name)


def longest_run(patterns: Sequence[Pattern], start: int) -> Run | None:
    """The longest run from `start` on, of whatever period; None if nothing repeats there often enough."""
    runs = [Run(start, p, (_extent(patterns, start, p) - start) // p) for p in range(1, LONGEST_PERIOD + 1)]
    often = [run for run in runs if run.groups >= LEAST]
    return max(often, key=lambda run: run.stop, default=None)


def _extent(patterns: Sequence[Pattern], start: int, period: int) -> int:
    """Where rows stop being like the ones `period` before, with numbers that advance evenly."""
    at = start + period
    while at < len(patterns) and patterns[at].key == patterns[at - period].key:
        if at >= start + 2 * period and not _is_even(*(patterns[at - k * period].numbers for k in (2, 1, 0))):
            break
        at += 1
    return min(at, len(patterns))


def _is_even(first: tuple[int, ...], second: tuple[int, ...], third: tuple[int, ...]) -> bool:
    return all(a + c == 2 * b for a, b, c in zip(first, second, third, strict=True))


def _own(row: Row) -> Sym:
    """The variable that a row is about."""
    node: Expr = row.chain.left
    while node.args:
        node = node.args[0]
    return node if isinstance(node, Sym) else Sym("")
