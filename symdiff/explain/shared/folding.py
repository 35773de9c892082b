"""Long blocks: what repeats is written once in general, between its first and its last time.

A tape that repeats a cell has groups of rows that differ in their indices only, and these advance evenly.
Each such run is found, whatever its period (`longest_run`). Rows are compared by their patterns, which are
rows without their numbers: the indices of names, w_7 or h_3, and the places of path labels, a, b, …. From two
rows that follow each other in a run comes the general row, each number written as one in i. All rows stay in
the block and are proved, only the page is short.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from symdiff.derivation.sweeps import ALPHABET
from symdiff.document.blocks import Chain, Dots, Equations, Fold, Row, Text, text
from symdiff.expr.letters import letters_beside
from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr, Num, Sym, count_operations, leaves
from symdiff.tape.tape import Tape


def numbered_path(block: Equations) -> tuple[Sym, Sym] | None:
    """The last path shown in a block that is folded over paths, by its letters and by its place.

    A general row names its path by a number in i, (i+1), where the rows around it have letters.
    """
    items = block.fold.shown if block.fold is not None else ()
    general = [_subject(item) for item in items if isinstance(item, Row)]
    if not any(name.accent == "bar" and name.label.startswith("(") for name in general):
        return None
    shown = [_subject(block.rows[item]) for item in items if isinstance(item, int)]
    own = max(shown, key=lambda name: path_place(name) or 0)
    place = path_place(own)
    return (own, Sym(own.name, own.accent, f"({place})", own.seed, own.shape)) if place else None


LONGEST = 40
"""Rows up to which a block is written out."""


def folded(rows: Sequence[Row], tape: Tape, full: bool, most: int = LONGEST) -> Equations:
    """The rows as one block, folded when there are more than `most` and `full` is not set."""
    rows = tuple(rows)
    if full or len(rows) <= most:
        return Equations(rows)
    items = tuple(_Folding(rows, tape).items())
    return Equations(rows, Fold(items) if any(isinstance(item, Dots) for item in items) else None)


Item = int | Row | Dots
LEAST_GROUPS = 5
"""Times that a group of rows has to come for it to be folded."""


class _Folding:
    """The runs of one block, and what is written of them."""

    def __init__(self, rows: Sequence[Row], tape: Tape) -> None:
        self.rows, self.names = rows, tape.names
        self.letter = tape.output.name.rpartition("_")[0]
        self.index = letters_beside(tape.author_names).free("index")
        self.patterns = [pattern_of(row) for row in rows]

    def items(self) -> Iterator[Item]:
        """What is written, in order."""
        written = 0
        for run in runs(self.patterns, self._aligned):
            yield from rows_without_repeats(written, run.start)
            yield from self._repeated(run)
            written = run.stop
        yield from rows_without_repeats(written, len(self.rows))

    def _repeated(self, run: Run) -> Iterator[Item]:
        """The first group, the general one, the last one."""
        counter = self._counter(run)
        yield from range(run.start, run.start + max(run.period, 2))
        yield Dots()
        for k in range(run.start, run.start + run.period):
            yield general_row(self.rows[k], self.rows[k + run.period], counter)
        last = counter.first + counter.by * (run.groups - 1)
        i, (low, high) = Sym(self.index), sorted((counter.first, last))
        if abs(counter.by) == 1:
            yield Dots(text("fold.general", i=i, first=Num(low), last=Num(high)))
        else:
            second = Num(counter.first + counter.by)
            yield Dots(text("fold.general_by", i=i, first=Num(counter.first), second=second, last=Num(last)))
        yield from range(run.stop - run.period, run.stop)

    def _aligned(self, run: Run) -> Run:
        """The run with groups that end, or in a reverse sweep begin, at a name of the author's."""
        for offset in range(run.period):
            before, here = run.start + offset - 1, run.start + offset
            if before < 0 or run.groups - bool(offset) < LEAST_GROUPS:
                break
            first, other = (here, before) if self._descends(run) else (before, here)
            if self._author_name(first) is not None and self._author_name(other) is None:
                return Run(here, run.period, run.groups - bool(offset))
        return run

    def _descends(self, run: Run) -> bool:
        one, other = (_subject(self.rows[k]).name for k in (run.start, run.start + run.period))
        return (split_index(one)[1] or 0) > (split_index(other)[1] or 0)

    def _author_name(self, number: int) -> Sym | None:
        """The author's name of the variable that a row is about."""
        return self.names.get(Sym(_subject(self.rows[number]).name))

    def _counter(self, run: Run) -> Counter:
        """What to count with: the author's index if there is one, else an index of the rows themselves."""
        every = [number for k in range(run.period) for number in self._numbers(run, run.start + k)]
        for one, other in [*self._author_indices(run), *every]:
            if abs(other - one) == 1:
                return Counter(one, other - one, self.index)
        steps = {other - one for one, other in every} - {0}
        first, second = every[0] if every else (0, 0)
        by = steps.pop() if len(steps) == 1 and first != second else 0
        return Counter(first, by, self.index) if by else Counter(0, 1, self.index)

    def _numbers(self, run: Run, number: int) -> Iterator[tuple[int, int]]:
        """A row's numbers with those of the row one period on."""
        return zip(self.patterns[number].numbers, self.patterns[number + run.period].numbers, strict=True)

    def _author_indices(self, run: Run) -> Iterator[tuple[int, int]]:
        """The indices of the author's names in the rows, of those that the rows are about first."""
        every = range(run.start, run.start + run.period)
        pairs = [(_subject(self.rows[k]), _subject(self.rows[k + run.period])) for k in every]
        for k in every:
            pairs += zip(*(names_in(self.rows[i]) for i in (k, k + run.period)), strict=False)
        for one, other in pairs:
            (stem, first), (other_stem, second) = self._author_index(one), self._author_index(other)
            if first is not None and second is not None and stem == other_stem:
                yield first, second

    def _author_index(self, name: Sym) -> tuple[str, int | None]:
        """Stem and index of the author's name for a variable of the tape; other names are the author's."""
        own = Sym("") if name.name.rpartition("_")[0] == self.letter else name
        return split_index(self.names.get(Sym(name.name, shape=name.shape), own).name)


HEAD, TAIL, PLAIN = 8, 5, 24
"""Of more than `PLAIN` rows in which nothing repeats, the first and the last."""


def rows_without_repeats(start: int, stop: int) -> Iterator[Item]:
    """Rows in which nothing repeats: all of a few, the first and the last of many."""
    if stop - start <= PLAIN:
        yield from range(start, stop)
        return
    yield from range(start, start + HEAD)
    yield Dots(text("fold.plain", count=stop - start - HEAD - TAIL))
    yield from range(stop - TAIL, stop)


def _subject(row: Row) -> Sym:
    """The variable that a row is about."""
    node: Expr = row.chain.left
    while node.args:
        node = node.args[0]
    return node if isinstance(node, Sym) else Sym("")


@dataclass(frozen=True, slots=True)
class Run:
    """Rows from `start` in `groups` groups of `period`, each like the one before."""

    start: int
    period: int
    groups: int

    @property
    def stop(self) -> int:
        return self.start + self.period * self.groups


def runs(patterns: Sequence[Pattern], aligned: Callable[[Run], Run] = lambda run: run) -> Iterator[Run]:
    """The longest runs one after the other, each moved by `aligned` before the next is looked for."""
    at = 0
    while at < len(patterns):
        run = longest_run(patterns, at)
        if run is None:
            at += 1
        else:
            run = aligned(run)
            yield run
            at = run.stop


LONGEST_PERIOD = 12


def longest_run(patterns: Sequence[Pattern], start: int) -> Run | None:
    """The longest run from `start` on, of whatever period; None if nothing repeats there often enough."""
    found = [Run(start, p, (_extent(patterns, start, p) - start) // p) for p in range(1, LONGEST_PERIOD + 1)]
    often = [run for run in found if run.groups >= LEAST_GROUPS]
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


@dataclass(frozen=True, slots=True)
class Pattern:
    """A row without its numbers, and the numbers in order."""

    key: object
    numbers: tuple[int, ...]


LARGEST_COMPARED = 60
"""Operations of a row above which it is compared with no other."""


def pattern_of(row: Row) -> Pattern:
    """The pattern of a row; a long one has a pattern of its own."""
    roots = _formulas(row)
    if sum(count_operations(root, LARGEST_COMPARED + 1) for root in roots) > LARGEST_COMPARED:
        return Pattern(id(row), ())
    key: list[object] = [len(row.beside), row.note.key if row.note else ""]
    numbers: list[int] = []
    stack = roots[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, Sym):
            stem, index = split_index(node.name)
            path = path_place(node)
            key.append((stem, index is None, node.accent, path is None and node.label, node.seed, node.shape))
            numbers += [number for number in (index, path) if number is not None]
        elif node.args:
            key.append((node.op.name, len(node.args)))
            stack += node.args[::-1]
        else:
            key.append(node)
    return Pattern(tuple(key), tuple(numbers))


def names_in(row: Row) -> list[Sym]:
    """The names in a row's formulas, in order."""
    return [node for root in _formulas(row) for node in leaves(root) if isinstance(node, Sym)]


_INDEX = re.compile(r"(.*?)(0|[1-9]\d*)$")


def split_index(name: str) -> tuple[str, int | None]:
    """A name without its index, and the index: h_ and 3, h and None."""
    found = _INDEX.match(name)
    return (found[1], int(found[2])) if found else (name, None)


def path_place(node: Sym) -> int | None:
    """The place of an adjoint's path, from 1: a is 1, z is 26, aa is 27; None for what has no path."""
    if node.accent != "bar" or not node.label or node.label.strip(ALPHABET):
        return None
    place = 0
    for letter in node.label:
        place = 26 * place + ALPHABET.index(letter) + 1
    return place


def _formulas(row: Row) -> list[Expr]:
    """The formulas of a row in order."""
    found = [root for chain in (row.chain, *row.beside) for root in (chain.left, *_members(chain))]
    if row.note is not None:
        found += [value for value in row.note.params.values() if isinstance(value, Expr)]
    return found


def _members(chain: Chain) -> list[Expr]:
    """The members without a plain name of the author's, which says nothing of the other rows."""

    def is_kept(member: Expr) -> bool:
        return not isinstance(member, Sym) or bool(member.accent) or split_index(member.name)[1] is not None

    return list(filter(is_kept, chain.members)) or list(chain.members)


@dataclass(frozen=True, slots=True)
class Counter:
    """What the index i is: its value in the first group of a repetition, and what it gains with each."""

    first: int
    by: int
    letter: str

    def write(self, number: int, following: int) -> str:
        """A number as one in i, from its values in the first two groups: 4i+6."""
        times = (following - number) // self.by
        if not times:
            return str(number)
        front = {1: self.letter, -1: f"-{self.letter}"}.get(times, f"{times}{self.letter}")
        rest = number - times * self.first
        return f"{front}{rest:+d}" if rest else front


def general_row(row: Row, following: Row, counter: Counter) -> Row:
    """The row that stands for `row`, for `following` and for all that go on like them."""
    chains = [
        _general_chain(one, other, counter)
        for one, other in zip((row.chain, *row.beside), (following.chain, *following.beside), strict=True)
    ]
    note = _general_note(row.note, following.note, counter)
    return Row(chains[0], tuple(chains[1:]), note, row.space, row.reason)


def _general_chain(one: Chain, other: Chain, counter: Counter) -> Chain:
    left, *members = (
        _general_formula(a, b, counter)
        for a, b in zip((one.left, *_members(one)), (other.left, *_members(other)), strict=True)
    )
    return Chain(left, tuple(members))


def _general_note(one: Text | None, other: Text | None, counter: Counter) -> Text | None:
    if one is None or other is None:
        return None
    params = {
        name: _general_formula(value, other.params[name], counter) if isinstance(value, Expr) else value
        for name, value in one.params.items()
    }
    return Text(one.key, params)


def _general_formula(one: Expr, other: Expr, counter: Counter) -> Expr:
    """Two trees of one pattern as one in i; they are small."""
    if isinstance(one, Sym) and isinstance(other, Sym):
        return _general_name(one, other, counter)
    if not one.args:
        return one
    return Expr(one.op, *(_general_formula(a, b, counter) for a, b in zip(one.args, other.args, strict=True)))


def _general_name(one: Sym, other: Sym, counter: Counter) -> Sym:
    (stem, index), (_, following) = split_index(one.name), split_index(other.name)
    name, label = one.name, one.label
    if index is not None and following is not None and index != following:
        name = f"{stem.rstrip('_')}_{counter.write(index, following)}"
    here, there = path_place(one), path_place(other)
    if here is not None and there is not None and here != there:
        label = f"({counter.write(here, there)})"
    return Sym(name, one.accent, label, one.seed, one.shape, one.assume)
