"""A recurrence to a Python module: one loop forward in time, one backward, then the gradients.

`LoopBodies` are the statements of the generic cell as lines of code: its definitions at one time, the
adjoints of `cell_reverse` at one time, the gradients as sums over time. `Loops` is the frame around them:
arguments, sizes, what is returned. Every line is proved before the code is handed out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from symdiff.codegen.code_names import TimedNames
from symdiff.codegen.code_printer import TimedPrinter
from symdiff.codegen.forms import (
    as_stacked,
    in_known_operations,
    in_one_sum,
    plain,
    without_spreading,
    written_again,
)
from symdiff.codegen.line_breaking import INDENT, Writer
from symdiff.codegen.module import (
    Described,
    Parameter,
    described,
    escaped,
    helpers_of,
    imports_of,
    index_parameter,
    occurs,
    return_lines,
    signature_of,
    wrapped,
)
from symdiff.codegen.network import network
from symdiff.codegen.statements import Statement, Temporaries, as_products, shared, with_names
from symdiff.codegen.target import Target
from symdiff.derivation.cell_reverse import AdjointLine, CellAdjoints, with_free_loss
from symdiff.document.blocks import Chain
from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.exercises.problem import Problem
from symdiff.expr.leaves import Alias
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Size, is_number
from symdiff.expr.timed import Series, Time, at_time
from symdiff.expr.tree import PARTIAL, Dim, Expr, Sym, postorder, substitute
from symdiff.language.recurrence import Recurrence
from symdiff.proof.cell_judge import LENGTHS, judge_of
from symdiff.rendering.formats.templates import filled_in

LOCALS = ("gradients", "value_and_gradients", "value_and_vjps", "Network")


@dataclass(frozen=True)
class LoopBodies:
    """The statements of a recurrence for one target: those at each time, those after, and the gradients.

    With `takes_adjoints` the function is given an adjoint of the last name at every time, in place of a loss.
    """

    problem: Problem
    target: Target
    recurrence: Recurrence
    wrt: tuple[Sym, ...]
    takes_adjoints: bool

    @cached_property
    def sweep(self) -> CellAdjoints:
        return CellAdjoints(self.recurrence)

    @cached_property
    def names(self) -> TimedNames:
        seeds = frozenset({self.recurrence.sequences[-1].name}) if self.takes_adjoints else frozenset()
        return TimedNames(self.recurrence, {*self.target.reserved, *LOCALS, "t1"}, seeds)

    @cached_property
    def printer(self) -> TimedPrinter:
        names = [*self.recurrence.inputs, *self.recurrence.sequences]
        like = next((n for n in names if n.shape), names[0])
        text = self.names.texts[like] if like in self.recurrence.inputs else self.names.stems[like.name]
        return TimedPrinter(self.target, self.names, text)

    def lines(self, statements: Sequence[Statement], depth: int) -> list[str]:
        """Statements as lines of code."""
        temporaries = Temporaries()
        known = [Statement(s.name, self._known(s.value)) for s in statements]
        named = shared(known, (), temporaries, lambda node: written_again(node, self.target))
        return Writer(self.printer, self.names, temporaries, depth).write(named)

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
            first = f", {self.recurrence.first}" if self.recurrence.first else ""
            values = f"**dict(enumerate({self.names.stems[stem]}{first}))"
            rows.append(f"{INDENT}{table} = {{{self._initial_values(stem)}, {values}}}")
        for name, _ in self.recurrence.cell:
            stem = self.recurrence.stem(name)
            items = self._initial_values(stem)
            kind = self.target.array if name.shape else self.target.number
            note = "" if items else f": dict[int, {kind}]"
            rows.append(f"{INDENT}{self.names.stems[stem]}{note} = {{{items}}}")
        return rows

    def _initial_values(self, stem: str) -> str:
        """The values before the first time under their times."""
        given = [(n, f) for n, f in self.recurrence.initial.items() if self.recurrence.stem(n) == stem]
        return ", ".join(
            f"{_offset(self.recurrence, n)}: {self.printer.value(self._known(f))}" for n, f in given
        )

    @property
    def loop(self) -> str:
        return f"{INDENT}for {self.now} in {self.times}:"

    @property
    def loop_back(self) -> str:
        return f"{INDENT}for {self.now} in reversed({self.times}):"

    @property
    def now(self) -> str:
        """The variable of the loops."""
        return self.names.time(self.recurrence.now)

    @property
    def times(self) -> str:
        """range(T)"""
        return self.names.range(self.start, self.recurrence.last)

    @property
    def start(self) -> Time:
        return Time("", self.recurrence.first)

    @cached_property
    def forward(self) -> list[str]:
        return self.lines([Statement(name, formula) for name, formula in self.recurrence.cell], 2)

    @cached_property
    def after(self) -> list[str]:
        return (
            [] if self.takes_adjoints else self.lines([Statement(n, f) for n, f in self.recurrence.after], 1)
        )

    # backward

    @cached_property
    def gradients(self) -> list[tuple[Sym, Expr]]:
        return [(name, self.sweep.gradient(name)) for name in self.wrt]

    @cached_property
    def needed(self) -> list[AdjointLine]:
        """The adjoints that the gradients rest on."""
        forms = [form for _, form in self.gradients]
        wanted: set[str] = set()
        while True:
            lines = [line for line in self.sweep.lines if self.recurrence.stem(line.name) in wanted]
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
                yield self.recurrence.stem(target.args[1])

    @cached_property
    def backward(self) -> list[str]:
        """The adjoints at one time; near the last time, and at single times, under a condition."""
        rows: list[str] = []
        for stem in dict.fromkeys(self.recurrence.stem(line.name) for line in self.needed):
            rows += self._adjoint([line for line in self.needed if self.recurrence.stem(line.name) == stem])
        return rows

    def _adjoint(self, lines: list[AdjointLine]) -> list[str]:
        name = Sym(
            f"{self.recurrence.stem(lines[0].name)}@{self.recurrence.index}", "bar", shape=lines[0].name.shape
        )
        single = [line for line in lines if line.low == line.high]
        general = next((line for line in lines if line.low != line.high), None)
        if not single and general is not None:
            return self.lines([Statement(name, _in_code(general.form))], 2)
        rows = []
        for number, line in enumerate(single):
            word = "elif" if number else "if"
            rows.append(f"{INDENT * 2}{word} {self.now} == {self.names.time(line.low)}:")
            rows += self.lines([Statement(name, _in_code(line.form))], 3)
        if general is not None:
            rows += [f"{INDENT * 2}else:", *self.lines([Statement(name, _in_code(general.form))], 3)]
        return rows

    @property
    def tables(self) -> list[str]:
        """An empty table for each adjoint."""
        rows = []
        for line in {self.recurrence.stem(line.name): line for line in self.needed}.values():
            kind = self.target.array if line.name.shape else self.target.number
            rows.append(
                f"{INDENT}{self.names.bars[self.recurrence.stem(line.name)]}: dict[int, {kind}] = {{}}"
            )
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
        return as_products(
            known, self.start, self.recurrence.last, self.recurrence.horizon, self.recurrence.stems
        )


def _offset(recurrence: Recurrence, name: Sym) -> int:
    time = recurrence.time(name)
    assert time is not None
    return time.offset


def _in_code(form: Expr) -> Expr:
    """A form as code writes it: no needless 𝟏, sums in one piece."""
    if isinstance(form, Series):
        return Series(form.kind, form.index, form.low, form.high, _in_code(form.body))
    return plain(as_stacked(without_spreading(in_one_sum(form))))


@dataclass(frozen=True)
class Loops(LoopBodies):
    """The parts of the module that says what a recurrence and its adjoints say, for one target."""

    @cached_property
    def title(self) -> str:
        return escaped(self.problem.titles.get("en", ""))

    @property
    def function(self) -> str:
        return "value_and_vjps" if self.takes_adjoints else "value_and_gradients"

    @property
    def parameters(self) -> list[Parameter]:
        """The weights, then the sequences with the axis of time in front; T where no sequence says it."""
        found = [
            Parameter(self.names.texts[n], self._type(n), n.shape, n.assume) for n in self.recurrence.inputs
        ]
        for stem in self.recurrence.sequences:
            shape = (self.recurrence.horizon, *stem.shape)
            found.append(Parameter(self.names.stems[stem.name], self.target.array, shape, stem.assume))
        for index in self.recurrence.indices.values():
            found.append(index_parameter(index, self.names.texts[index], self.target))
        if not self.recurrence.sequences and not is_number(self.recurrence.horizon):
            found.append(Parameter(self.names.texts[Dim(str(self.recurrence.horizon))], "int", (), ""))
        return found

    def _type(self, name: Sym) -> str:
        return self.target.array if name.shape else self.target.number

    @property
    def signature(self) -> list[str]:
        kinds = dict.fromkeys(self._type(name) for name in self.wrt)
        value = (
            self.target.array if self.takes_adjoints or self.recurrence.result.shape else self.target.number
        )
        returned = f"tuple[{value}, dict[str, {' | '.join(sorted(kinds))}]]"
        return signature_of(self.function, self.parameters, returned)

    @property
    def described(self) -> list[Described]:
        return described(self.parameters, self.target)

    @property
    def size_lines(self) -> list[str]:
        """T = x.shape[0] and n = W.shape[0] for each size that is used."""
        used = "\n".join(self.code_lines)
        found: dict[Size, str] = {}
        for parameter in self.parameters:
            for axis, part in enumerate(parameter.shape):
                if not is_number(part) and "+" not in str(part):
                    found.setdefault(part, f"{parameter.name}.shape[{axis}]")
        rows = [
            (self.names.texts[Dim(str(size))], text)
            for size, text in found.items()
            if Dim(str(size)) in self.names.texts
        ]
        return [f"{INDENT}{name} = {text}" for name, text in rows if occurs(name, used)]

    @property
    def least(self) -> int:
        """The fewest steps that the lines speak of; 0 where there is one number of steps only."""
        return 0 if is_number(self.recurrence.horizon) else self.sweep.shortest

    @property
    def check_lines(self) -> list[str]:
        """Fewer steps are refused."""
        if not self.least:
            return []
        what = f"there must be at least {self.least} step{'s' * (self.least > 1)}"
        steps = self.names.texts[Dim(str(self.recurrence.horizon))]
        return [f"{INDENT}if {steps} < {self.least}:", f'{INDENT * 2}raise ValueError("{what}")']

    @cached_property
    def code_lines(self) -> list[str]:
        return [
            *self.initial,
            self.loop,
            *self.forward,
            *self.after,
            self.value_line,
            *self.backward,
            *self.sums,
            self.loop_back,
        ]

    @property
    def stacks(self) -> bool:
        """Whether a gradient is a product of what is stacked over time."""
        return any("stack(" in line for line in self.sums)

    @property
    def value_line(self) -> str:
        """What is returned first: the loss, or all values of the last name of the cell."""
        if not self.takes_adjoints:
            return self.names.texts[self.recurrence.result]
        name = at_time(
            self.recurrence.stems[self.recurrence.stem(self.recurrence.cell[-1][0])], self.recurrence.now
        )
        times = f"{self.now} in {self.times}"
        return self.target.operations["stack"].code.format(args=f"{self.names.texts[name]} for {times}")

    @property
    def return_lines(self) -> list[str]:
        gradients = {n.name: self.names.texts[Sym(n.name, "bar", shape=n.shape)] for n in self.wrt}
        return return_lines(self.value_line, gradients)

    @cached_property
    def helpers(self) -> list[str]:
        return helpers_of(self.target, self.code_lines)

    def imports(self, *more: str) -> list[tuple[str, ...]]:
        return imports_of(self.target, [*self.signature, *self.helpers, *self.code_lines, *more])

    def render(self) -> str:
        """The text of the module."""
        assert self.problem.recurrence is not None
        module = network(self.problem.recurrence, self.target) if self.target.name == "torch" else None
        return filled_in("code/loops.j2", str, m=self, network=module, wrapped=wrapped)


def loops(problem: Problem, target: Target, wrt: Sequence[str] | None = None) -> Loops:
    """What a recurrence says as code, every line of it proved.

    Raises:
        ProofError: a line is false.
        InputError: the result is an array that later definitions make, or its adjoint has no free name.
    """
    recurrence = problem.recurrence
    assert recurrence is not None
    takes_adjoints = not recurrence.after
    found = with_free_loss(recurrence) if takes_adjoints else recurrence
    if found is None or found.result.shape:
        raise InputError(
            f"no code for the gradient of {recurrence.result}", way_out="make the result a number"
        )
    if recurrence.length is not None and recurrence.length < CellAdjoints(found).shortest:
        found = found.of_length(recurrence.length)
    loop = Loops(problem, target, found, _asked(recurrence, wrt or problem.wrt), takes_adjoints)
    lengths = (
        (int(recurrence.horizon),) if is_number(recurrence.horizon) else LENGTHS[loop.sweep.shortest - 1 :]
    )
    judge = judge_of(found, {}, max(lengths), None, lengths)
    for line in loop.sweep.lines:
        times = (line.low.as_expr(), line.high.as_expr())
        judge.check(Chain(Expr(PARTIAL, found.result, line.name), (line.form,), times=times))
    for name, form in loop.gradients:
        judge.check(Chain(Expr(PARTIAL, found.result, name), (form,)))
    return loop


def _asked(recurrence: Recurrence, wrt: Sequence[str] | None) -> tuple[Sym, ...]:
    own = {name.name: name for name in recurrence.inputs}
    for name in wrt or ():
        if name not in own:
            raise UsageError(f"{name!r} is not an input", way_out=did_you_mean(name, own))
    return tuple(own[name] for name in wrt or own)
