"""A recurrence to a Python module: one loop forward in time, one backward, then the gradients.

The frame around the statements of `loop_bodies`: arguments, sizes, what is returned. Every line is proved
before the code is handed out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from symdiff.codegen.line_breaking import INDENT, WIDTH
from symdiff.codegen.loop_bodies import Bodies
from symdiff.codegen.module import (
    Described,
    Parameter,
    described,
    escaped,
    helpers_of,
    imports_of,
    occurs,
    signature_of,
    wrapped,
)
from symdiff.codegen.network import network
from symdiff.codegen.target import Target
from symdiff.derivation.cell_reverse import ThroughTime, with_free_adjoints
from symdiff.document.blocks import Chain
from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.expr.leaves import Dim, at_time
from symdiff.expr.shapes import Size, is_number
from symdiff.expr.tree import PARTIAL, Expr, Sym
from symdiff.language.recurrence import Recurrence
from symdiff.problems import Problem
from symdiff.proof.judge import LENGTHS, judge_of
from symdiff.rendering.pages.engine import sandboxed


@dataclass(frozen=True)
class Loops(Bodies):
    """The parts of the module that says what a recurrence and its adjoints say, for one target."""

    @cached_property
    def title(self) -> str:
        return escaped(self.problem.titles.get("en", ""))

    @property
    def function(self) -> str:
        return "value_and_vjps" if self.is_free else "value_and_gradients"

    @property
    def parameters(self) -> list[Parameter]:
        """The weights, then the sequences with the axis of time in front; T where no sequence says it."""
        found = [Parameter(self.names.texts[n], self._type(n), n.shape, n.assume) for n in self.of.inputs]
        for stem in self.of.sequences:
            shape = (self.of.horizon, *stem.shape)
            found.append(Parameter(self.names.stems[stem.name], self.target.array, shape, stem.assume))
        if not self.of.sequences and not is_number(self.of.horizon):
            found.append(Parameter(self.names.texts[Dim(str(self.of.horizon))], "int", (), ""))
        return found

    def _type(self, name: Sym) -> str:
        return self.target.array if name.shape else self.target.number

    @property
    def signature(self) -> list[str]:
        kinds = dict.fromkeys(self._type(name) for name in self.wrt)
        value = self.target.array if self.is_free or self.of.result.shape else self.target.number
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
                if not is_number(part):
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
        return 0 if is_number(self.of.horizon) else self.through.shortest

    @property
    def check_lines(self) -> list[str]:
        """Fewer steps are refused."""
        if not self.least:
            return []
        what = f"there must be at least {self.least} step{'s' * (self.least > 1)}"
        steps = self.names.texts[Dim(str(self.of.horizon))]
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
        if not self.is_free:
            return self.names.texts[self.of.result]
        name = at_time(self.of.stems[self.of.stem(self.of.cell[-1][0])], self.of.now)
        times = f"{self.names.time(self.of.now)} in {self.names.range(self.start, self.of.last)}"
        return self.target.operations["stack"].code.format(args=f"{self.names.texts[name]} for {times}")

    @property
    def return_lines(self) -> list[str]:
        items = [f'"{n.name}": {self.names.texts[Sym(n.name, "bar", shape=n.shape)]}' for n in self.wrt]
        line = f"{INDENT}return {self.value_line}, {{{', '.join(items)}}}"
        if len(line) <= WIDTH:
            return [line]
        rows = [f"{INDENT * 2}{item}," for item in items]
        return [
            f"{INDENT}gradients = {{",
            *rows,
            f"{INDENT}}}",
            f"{INDENT}return {self.value_line}, gradients",
        ]

    @cached_property
    def helpers(self) -> list[str]:
        return helpers_of(self.target, self.code_lines)

    def imports(self, *more: str) -> list[tuple[str, ...]]:
        return imports_of(self.target, [*self.signature, *self.helpers, *self.code_lines, *more])

    def render(self) -> str:
        """The text of the module."""
        assert self.problem.recurrence is not None
        module = network(self.problem.recurrence, self.target) if self.target.name == "torch" else None
        template = sandboxed(str).get_template("code/loops.j2")
        return template.render(m=self, network=module, wrapped=wrapped)


def loops(problem: Problem, target: Target, wrt: Sequence[str] | None = None) -> Loops:
    """What a recurrence says as code, every line of it proved.

    Raises:
        ProofError: a line is false.
        InputError: the result is an array that later definitions make, or its adjoint has no free name.
    """
    of = problem.recurrence
    assert of is not None
    is_free = not of.after
    found = with_free_adjoints(of) if is_free else of
    if found is None or found.result.shape:
        raise InputError(f"no code for the gradient of {of.result}", way_out="make the result a number")
    if of.length is not None and of.length < ThroughTime(found).shortest:
        found = found.of_length(of.length)
    loop = Loops(problem, target, found, _asked(of, wrt or problem.wrt), is_free)
    lengths = (int(of.horizon),) if is_number(of.horizon) else LENGTHS[loop.through.shortest - 1 :]
    judge = judge_of(found, {}, max(lengths), None, lengths)
    for line in loop.through.lines:
        times = (line.low.written(), line.high.written())
        judge.check(Chain(Expr(PARTIAL, found.result, line.name), (line.form,), times=times))
    for name, form in loop.gradients:
        judge.check(Chain(Expr(PARTIAL, found.result, name), (form,)))
    return loop


def _asked(of: Recurrence, wrt: Sequence[str] | None) -> tuple[Sym, ...]:
    own = {name.name: name for name in of.inputs}
    for name in wrt or ():
        if name not in own:
            raise UsageError(f"{name!r} is not an input", way_out=did_you_mean(name, own))
    return tuple(own[name] for name in wrt or own)
