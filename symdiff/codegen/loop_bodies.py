"""The statements of a recurrence as lines of code: forward at one time, backward at one time, the gradients.

They are those of the generic cell: its definitions, the lines of `through_time`, the gradients as sums over
time. The frame around them is in `loops`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from symdiff.codegen.forms import as_stacked, in_one_sum, plain, without_spreading
from symdiff.codegen.known import in_known_operations
from symdiff.codegen.line_breaking import INDENT, Writer
from symdiff.codegen.sharing import Temporaries
from symdiff.codegen.stacks import as_products, with_names
from symdiff.codegen.statements import Statement
from symdiff.codegen.target import Target
from symdiff.codegen.timed_names import TimedNames
from symdiff.codegen.timed_printer import TimedPrinter
from symdiff.derivation.cell_reverse import Back, ThroughTime
from symdiff.expr.leaves import Alias, Moment, Series
from symdiff.expr.tree import PARTIAL, Expr, Sym, postorder, substitute
from symdiff.language.recurrence import Recurrence
from symdiff.problems import Problem

LOCALS = ("gradients", "value_and_gradients", "value_and_vjps", "Network")


@dataclass(frozen=True)
class Bodies:
    """The statements of a recurrence for one target: those at each time, those after, and the gradients."""

    problem: Problem
    target: Target
    of: Recurrence
    wrt: tuple[Sym, ...]
    is_free: bool

    @cached_property
    def through(self) -> ThroughTime:
        return ThroughTime(self.of)

    @cached_property
    def names(self) -> TimedNames:
        seeds = frozenset({self.of.sequences[-1].name}) if self.is_free else frozenset()
        return TimedNames(self.of, {*self.target.reserved, *LOCALS, "t1"}, seeds)

    @cached_property
    def printer(self) -> TimedPrinter:
        names = [*self.of.inputs, *self.of.sequences]
        like = next((n for n in names if n.shape), names[0])
        text = self.names.texts[like] if like in self.of.inputs else self.names.stems[like.name]
        return TimedPrinter(self.target, self.names, text)

    def lines(self, statements: Sequence[Statement], depth: int) -> list[str]:
        """Statements as lines of code."""
        writer = Writer(self.printer, self.names, Temporaries(), depth)
        return writer.write([Statement(s.name, self._known(s.value)) for s in statements])

    def _known(self, root: Expr) -> Expr:
        """`root` in operations that the target has, adjoints under their names, sums over time included."""
        values: dict[Expr, Expr] = {}
        for node in postorder(root):
            if isinstance(node, Series):
                body = self._known(node.body)
                values[node] = Series(node.kind, node.index, node.low, node.high, body)
            target = node.meaning if isinstance(node, Alias) else node
            if target.op is PARTIAL and isinstance(target.args[1], Sym):
                name = target.args[1]
                values[node] = Sym(name.name, "bar", shape=name.shape)
        return in_known_operations(substitute(root, values), self.target)

    # forward

    @property
    def initial(self) -> list[str]:
        """h = {-1: np.zeros(n)}, an empty table for each other name; first x_at, for sequences with more."""
        rows = []
        for stem, table in self.names.tables.items():
            first = f", {self.of.first}" if self.of.first else ""
            values = f"**dict(enumerate({self.names.stems[stem]}{first}))"
            rows.append(f"{INDENT}{table} = {{{self._given(stem)}, {values}}}")
        for name, _ in self.of.cell:
            stem = self.of.stem(name)
            items = self._given(stem)
            kind = self.target.array if name.shape else self.target.number
            note = "" if items else f": dict[int, {kind}]"
            rows.append(f"{INDENT}{self.names.stems[stem]}{note} = {{{items}}}")
        return rows

    def _given(self, stem: str) -> str:
        """The values before the first time under their times."""
        given = [(n, f) for n, f in self.of.initial.items() if self.of.stem(n) == stem]
        return ", ".join(f"{_offset(self.of, n)}: {self.printer.value(self._known(f))}" for n, f in given)

    @property
    def loop(self) -> str:
        return f"{INDENT}for {self.names.time(self.of.now)} in {self.names.range(self.start, self.of.last)}:"

    @property
    def loop_back(self) -> str:
        times = self.names.range(self.start, self.of.last)
        return f"{INDENT}for {self.names.time(self.of.now)} in reversed({times}):"

    @property
    def start(self) -> Moment:
        return Moment("", self.of.first)

    @cached_property
    def forward(self) -> list[str]:
        return self.lines([Statement(name, formula) for name, formula in self.of.cell], 2)

    @cached_property
    def after(self) -> list[str]:
        return [] if self.is_free else self.lines([Statement(n, f) for n, f in self.of.after], 1)

    # backward

    @cached_property
    def gradients(self) -> list[tuple[Sym, Expr]]:
        return [(name, self.through.gradient(name)) for name in self.wrt]

    @cached_property
    def needed(self) -> list[Back]:
        """The adjoints that the gradients rest on."""
        forms = [form for _, form in self.gradients]
        wanted: set[str] = set()
        while True:
            lines = [line for line in self.through.lines if self.of.stem(line.name) in wanted]
            found = {
                stem for form in (*forms, *(line.form for line in lines)) for stem in self._adjoints(form)
            }
            if found <= wanted:
                return lines
            wanted |= found

    def _adjoints(self, form: Expr) -> Iterator[str]:
        for node in postorder(form):
            if isinstance(node, Series):
                yield from self._adjoints(node.body)
            target = node.meaning if isinstance(node, Alias) else node
            if target.op is PARTIAL and isinstance(target.args[1], Sym):
                yield self.of.stem(target.args[1])

    @cached_property
    def backward(self) -> list[str]:
        """The adjoints at one time; near the last time, and at single times, under a condition."""
        rows: list[str] = []
        for stem in dict.fromkeys(self.of.stem(line.name) for line in self.needed):
            rows += self._adjoint([line for line in self.needed if self.of.stem(line.name) == stem])
        return rows

    def _adjoint(self, lines: list[Back]) -> list[str]:
        name = Sym(f"{self.of.stem(lines[0].name)}@{self.of.index}", "bar", shape=lines[0].name.shape)
        single = [line for line in lines if line.low == line.high]
        general = next((line for line in lines if line.low != line.high), None)
        if not single and general is not None:
            return self.lines([Statement(name, _in_code(general.form))], 2)
        rows = []
        for number, line in enumerate(single):
            word = "elif" if number else "if"
            rows.append(f"{INDENT * 2}{word} {self.names.time(self.of.now)} == {self.names.time(line.low)}:")
            rows += self.lines([Statement(name, _in_code(line.form))], 3)
        if general is not None:
            rows += [f"{INDENT * 2}else:", *self.lines([Statement(name, _in_code(general.form))], 3)]
        return rows

    @property
    def tables(self) -> list[str]:
        """An empty table for each adjoint."""
        rows = []
        for line in {self.of.stem(line.name): line for line in self.needed}.values():
            kind = self.target.array if line.name.shape else self.target.number
            rows.append(f"{INDENT}{self.names.bars[self.of.stem(line.name)]}: dict[int, {kind}] = {{}}")
        return rows

    @cached_property
    def sums(self) -> list[str]:
        """The gradients, one statement each; what several of them stack first."""
        found = [
            Statement(Sym(n.name, "bar", shape=n.shape), self._over_time(form)) for n, form in self.gradients
        ]
        temporaries = Temporaries()
        return Writer(self.printer, self.names, temporaries).write(with_names(found, temporaries))

    def _over_time(self, form: Expr) -> Expr:
        """A gradient in operations that the target has, outer products of all times as one product."""
        known = self._known(_in_code(form))
        return as_products(known, self.start, self.of.last, self.of.horizon, self.of.stems)


def _offset(of: Recurrence, name: Sym) -> int:
    time = of.time(name)
    assert time is not None
    return time.offset


def _in_code(form: Expr) -> Expr:
    """A form as code writes it: no needless 𝟏, sums in one piece."""
    if isinstance(form, Series):
        return Series(form.kind, form.index, form.low, form.high, _in_code(form.body))
    return plain(as_stacked(without_spreading(in_one_sum(form))))
