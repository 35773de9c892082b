"""Expression to tape: which operations make a step, which equal ones are shared, in the author's order.

Granularity `atomic` makes one operation a step. `textbook` lets constants and signs join the
operation they act on, as people do: 1 + e^{w₃} is one step, −w₁w₂ is one step, 2w₁ + 1 is one step.
Equal subexpressions become one step. Nothing is rewritten on the way: `x - 2*x` keeps its two
operations. Steps of one kind share their body, which is written once (`forms`). This module knows no
derivative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Literal, NamedTuple

from symdiff.errors import UsageError, did_you_mean
from symdiff.expr import tree as e
from symdiff.expr.names import step_letter
from symdiff.expr.tree import Expr, Sym, without_collection
from symdiff.tape.forms import Forms
from symdiff.tape.numbering import Numbering, Origins
from symdiff.tape.steps import Columns
from symdiff.tape.tape import Tape

Granularity = Literal["textbook", "atomic"]
GRANULARITIES = ("textbook", "atomic")


class Join(Enum):
    """What a value that is not yet a step may still be joined to."""

    NAME = "a variable of the tape"
    SCALED = "constants times one variable"
    WHOLE = "an operation, with constants around it"


class Pending(NamedTuple):
    """A value on its way to becoming a step: the form of its body, and what that may be joined to."""

    form: int
    join: Join
    constant: bool = False


class Plan(NamedTuple):
    """What becomes of a value: how it is pending, and which of its arguments are variables in it."""

    pending: int
    by_name: tuple[bool, ...]


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
        self.kinds: list[Pending] = []
        self.kind_of: dict[Pending, int] = {}
        self.named: dict[int, int] = {}
        self.plans: dict[tuple[str, tuple[int, ...]], Plan] = {}
        self.pending: list[int] = []
        self.leaves: list[tuple[int, ...]] = []
        self.bodies: dict[int, tuple[int, tuple[int, ...]]] = {}
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
        variables = tuple(
            Sym(f"{self.letter}_{self.first + i}", shape=name.shape, assume=name.assume)
            for i, name in enumerate(self.inputs)
        )
        place = {number: i for i, number in enumerate((*inputs, *sorted(self.bodies)))}
        steps = self._columns(variables, place)
        ends = [steps.variable(place[root]) for root in roots]
        names = [name for name, _ in self.definitions]
        bindings = tuple(zip(names, ends, strict=True))
        pairs = tuple(zip(variables, self.inputs, strict=True))
        return Tape(pairs, steps, ends[-1], names[-1], self.definitions, bindings, held=self.held)

    def _columns(self, inputs: tuple[Sym, ...], place: Mapping[int, int]) -> Columns:
        """The steps in the order of evaluation, which is that of their numbers."""
        numbers = sorted(self.bodies)
        kinds, operands = [], []
        for number in numbers:
            form, values = self.bodies[number]
            used = values if len(values) == 1 else tuple(sorted(set(values)))
            kinds.append(self.forms.kind(form, values, used))
            operands.append(tuple([place[value] for value in used]))
        first = len(inputs)
        labels = {place[n] - first: name for n, name in self.labels.items() if n in self.bodies}
        origin = Origins(self.values, tuple(numbers))
        return Columns(inputs, tuple(kinds), tuple(operands), labels, self.letter, self.first, origin)

    def _add(self, number: int) -> None:
        """The next value, by the plan of its kind; one that is used again is a step."""
        args = self.values.args[number]
        if not args or number in self.values.constants:
            self._add_leaf(number)
            return
        node = self.values.nodes[number]
        key = node.op.name, tuple([self.pending[arg] for arg in args])
        plan = self.plans.get(key)
        if plan is None:
            plan = self.plans[key] = self._plan(node, key[1])
        leaves: tuple[int, ...] = ()
        for arg, by_name in zip(args, plan.by_name, strict=True):
            if by_name:
                self._as_step(arg)
            leaves += self.leaves[arg]
        self.pending.append(plan.pending)
        self.leaves.append(leaves)
        if self.atomic or self.values.uses[number] > 1:
            self._as_step(number)

    def _add_leaf(self, number: int) -> None:
        node = self.values.nodes[number]
        if number in self.values.constants:
            self.pending.append(self._kind(Pending(self.forms.constant(node), Join.WHOLE, constant=True)))
            self.leaves.append(())
        else:
            self.pending.append(self._kind(Pending(self.forms.place(node), Join.NAME)))
            self.leaves.append((number,))

    def _kind(self, pending: Pending) -> int:
        number = self.kind_of.setdefault(pending, len(self.kinds))
        if number == len(self.kinds):
            self.kinds.append(pending)
        return number

    def _plan(self, node: Expr, args: tuple[int, ...]) -> Plan:
        """How an operation is done on arguments that are pending like these."""
        parts = [self.kinds[arg] for arg in args]
        join = None if self.atomic else _joined(node, parts)
        keeps = node.op in (e.MUL, e.DIV) and not self.atomic
        by_name = [join is None and not (keeps and part.join is Join.SCALED) for part in parts]
        by_name = [by and not part.constant for by, part in zip(by_name, parts, strict=True)]
        pairs = zip(by_name, parts, strict=True)
        forms = tuple(self.forms.place_of(part.form) if by else part.form for by, part in pairs)
        pending = Pending(self.forms.operation(node.op, forms), join or Join.WHOLE)
        return Plan(self._kind(pending), tuple(by_name))

    def _as_step(self, number: int) -> None:
        """Make a value a variable, if it is none yet; the result is one also where it is constant."""
        pending = self.pending[number]
        named = self.named.get(pending)
        if named is None:
            named = self.named[pending] = self._named(self.kinds[pending])
        if named != pending or self.kinds[pending].constant:
            self.bodies[number] = self.kinds[pending].form, self.leaves[number]
            self.pending[number] = named
            self.leaves[number] = self.leaves[number] if named == pending else (number,)

    def _named(self, pending: Pending) -> int:
        """What a pending value is once it is a variable; a constant stays as it is written."""
        if pending.constant:
            return self._kind(pending)
        return self._kind(Pending(self.forms.place_of(pending.form), Join.NAME))


def _joined(node: Expr, parts: list[Pending]) -> Join | None:
    """How a constant or a sign joins the only operand of `node` that is not constant; None if it does not."""
    scales = node.op in (e.MUL, e.NEG) or (node.op is e.DIV and parts[1].constant)
    if not scales and node.op not in (e.ADD, e.SUB):
        return None
    inner = [part for part in parts if not part.constant]
    if len(inner) != 1:
        return None
    return Join.SCALED if scales and inner[0].join is not Join.WHOLE else Join.WHOLE
