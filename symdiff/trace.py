"""Expression to tape: which operations make a step, which equal ones are shared, in the author's order.

Granularity `atomic` makes one operation a step. `textbook` lets constants and signs join the
operation they act on, as people do: 1 + e^{w₃} is one step, −w₁w₂ is one step, 2w₁ + 1 is one step.
Equal subexpressions become one step. Nothing is rewritten on the way: `x - 2*x` keeps its two
operations. Steps of one kind share their body, which is written once (`forms`). This module knows no
derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from symdiff import expr as e
from symdiff.errors import UsageError, did_you_mean
from symdiff.expr import Expr, Sym
from symdiff.forms import Forms
from symdiff.letters import step_letter
from symdiff.matrix import known_of
from symdiff.memory import without_collection
from symdiff.numbering import Numbering
from symdiff.tape import Step, StepOfKind, Tape

Granularity = Literal["textbook", "atomic"]
GRANULARITIES = ("textbook", "atomic")


class Join(Enum):
    """What a value that is not yet a step may still be joined to."""

    NAME = "a variable of the tape"
    SCALED = "constants times one variable"
    WHOLE = "an operation, with constants around it"


@dataclass(slots=True)
class Pending:
    """A value on its way to becoming a step: the form of its body, and the values in it from left to right."""

    form: int
    values: tuple[int, ...]
    join: Join


@without_collection
def trace_definitions(
    definitions: Sequence[tuple[Sym, Expr]],
    inputs: Sequence[Sym],
    granularity: Granularity = "textbook",
    first: int = 1,
    held: Sequence[Sym] = (),
) -> Tape:
    """The tape of `definitions`, whose last one is the output; w numbering starts at `first`.

    Names in `held` stay in the steps as numbers do.
    """
    if granularity not in GRANULARITIES:
        way_out = did_you_mean(granularity, GRANULARITIES)
        raise UsageError(f"unknown granularity {granularity!r}", way_out=way_out)
    return _Tracer(definitions, inputs, granularity == "atomic", first, held).run()


class _Tracer:
    """One run of the trace: equal values by one number, those that are steps, then steps in that order."""

    def __init__(
        self,
        definitions: Sequence[tuple[Sym, Expr]],
        inputs: Sequence[Sym],
        atomic: bool,
        first: int,
        held: Sequence[Sym] = (),
    ) -> None:
        self.definitions, self.inputs, self.atomic = tuple(definitions), tuple(inputs), atomic
        taken = [*inputs, *held, *(name for name, _ in definitions)]
        sizes = [part for name in inputs for part in name.shape if isinstance(part, str)]
        self.letter, self.first = step_letter([*(name.name for name in taken), *sizes]), first
        self.held = tuple(sorted(held, key=str))
        self.values = Numbering(inputs, held)
        self.forms = Forms()
        self.pending: list[Pending] = []
        self.bodies: dict[int, Pending] = {}
        self.labels: dict[int, Sym] = {}

    def run(self) -> Tape:
        inputs = [self.values.number(name) for name in self.inputs]
        roots = [self.values.define(name, formula) for name, formula in self.definitions]
        for (name, _), root in zip(self.definitions, roots, strict=True):
            self.labels.setdefault(root, name)
        for root in roots:
            for number in range(len(self.pending), root + 1):
                self._add(number)
            self._as_step(root)
        variables = {n: self._variable(i, name) for i, (n, name) in enumerate(zip(inputs, self.inputs, strict=True))}
        pairs = tuple(zip(variables.values(), self.inputs, strict=True))
        steps = self._steps(variables)
        ends = [variables[root] for root in roots]
        names = [name for name, _ in self.definitions]
        bindings = tuple(zip(names, ends, strict=True))
        return Tape(pairs, steps, ends[-1], names[-1], self.definitions, bindings, held=self.held)

    def _variable(self, position: int, of: Expr) -> Sym:
        """The variable of a position, with the shape of what it stands for and what is known of it."""
        known = of.assume if isinstance(of, Sym) else known_of(of)
        return Sym(f"{self.letter}_{self.first + position}", shape=of.shape, assume=known)

    def _steps(self, variables: dict[int, Sym]) -> tuple[Step, ...]:
        """The steps in the order of evaluation; the variable of each is added to `variables`."""
        position = {number: place for place, number in enumerate(variables)}
        steps, closed = [], self.values.closed
        for number in sorted(self.bodies):
            body = self.bodies[number]
            operands = sorted(set(body.values), key=position.__getitem__)
            kind = self.forms.kind(body.form, body.values, operands)
            position[number] = len(position)
            variables[number] = var = self._variable(position[number], kind.body)
            named = tuple([variables[operand] for operand in operands])
            steps.append(StepOfKind(var, kind, named, self.labels.get(number), closed, number))
        return tuple(steps)

    def _add(self, number: int) -> None:
        """The pending value of a number whose arguments have theirs; one that is used again is a step."""
        value = self._value(number)
        self.pending.append(value)
        if (self.atomic or self.values.uses[number] > 1) and number not in self.values.constants:
            self._name(number)

    def _value(self, number: int) -> Pending:
        node = self.values.nodes[number]
        if number in self.values.constants:
            return Pending(self.forms.constant(node), (), Join.WHOLE)
        if isinstance(node, Sym):
            return Pending(self.forms.place(node), (number,), Join.NAME)
        args = self.values.args[number]
        if not self.atomic:
            if (join := self._joined(node, args)) is not None:
                return self._operation(node, [self.pending[arg] for arg in args], join)
            if node.op in (e.MUL, e.DIV):
                return self._operation(node, [self._factor(arg) for arg in args], Join.WHOLE)
        return self._operation(node, [self._name(arg) for arg in args], Join.WHOLE)

    def _operation(self, node: Expr, parts: list[Pending], join: Join) -> Pending:
        form = self.forms.operation(node.op, tuple([part.form for part in parts]))
        if len(parts) == 2:
            return Pending(form, parts[0].values + parts[1].values, join)
        return Pending(form, tuple([value for part in parts for value in part.values]), join)

    def _joined(self, node: Expr, args: tuple[int, ...]) -> Join | None:
        """How a constant or a sign joins the only operand of `node` that is not constant; None if it does not."""
        constants = self.values.constants
        scales = node.op in (e.MUL, e.NEG) or (node.op is e.DIV and args[1] in constants)
        if not scales and node.op not in (e.ADD, e.SUB):
            return None
        inner = [arg for arg in args if arg not in constants]
        if len(inner) != 1:
            return None
        return Join.SCALED if scales and self.pending[inner[0]].join is not Join.WHOLE else Join.WHOLE

    def _factor(self, number: int) -> Pending:
        """A factor as it stands inside a step: constants times a variable as they are, the rest by name."""
        value = self.pending[number]
        return value if value.join is Join.SCALED else self._name(number)

    def _name(self, number: int) -> Pending:
        """The variable of a value, which becomes a step if it is none yet; constants stay as they are."""
        value = self.pending[number]
        if value.join is Join.NAME or number in self.values.constants:
            return value
        return self._as_step(number)

    def _as_step(self, number: int) -> Pending:
        """The variable of a value that is a step; the result is one also where it is constant."""
        value = self.pending[number]
        if value.join is Join.NAME:
            return value
        self.bodies[number] = value
        if number not in self.values.constants:
            self.pending[number] = Pending(self.forms.place_of(value.form), (number,), Join.NAME)
        return self.pending[number]
