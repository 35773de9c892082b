"""Definitions to tape: which operations make a step, and which equal ones are shared, in the author's order.

Granularity `atomic` makes one operation a step. `textbook` lets constants and signs join the operation they
act on, as people do: 1 + e^{w₃}, −w₁w₂ and 2w₁ + 1 are one step each. Equal subexpressions become one step.
Nothing is rewritten on the way: `x - 2*x` keeps its two operations. No derivative is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Literal, NamedTuple

from symdiff.algebra.monomials import chained, product_factors
from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.expr import tree as e
from symdiff.expr.conditions import is_condition
from symdiff.expr.letters import letters_beside
from symdiff.expr.memory import without_garbage_collection
from symdiff.expr.notation import Op
from symdiff.expr.operations import known_property
from symdiff.expr.tree import Expr, Num, Sym, count_operations, leaves, symbols
from symdiff.expr.unspecified import function_names
from symdiff.tape.tape import StepColumns, StepKind, Tape, slot, step_kind

Granularity = Literal["textbook", "atomic"]
GRANULARITIES = ("textbook", "atomic")


LONGEST_CONSTANT = 12
"""Operations of a constant definition up to which it is written out wherever its name stands."""


class Join(Enum):
    """What a value that is no step yet is, which decides the operations it can be part of."""

    NAME = "a variable of the tape"
    SCALED = "constants times one variable"
    WHOLE = "an operation, with constants around it"
    CONDITION = "a condition, which belongs to the step that asks it"


class Pending(NamedTuple):
    """A value that is no step yet: the form of its body, and whether that is a constant."""

    form: int
    join: Join
    constant: bool = False


class Plan(NamedTuple):
    """How an operation is traced: its pending result, and which of its arguments must become steps."""

    pending: int
    by_name: tuple[bool, ...]


@without_garbage_collection
def trace_definitions(
    definitions: Sequence[tuple[Sym, Expr]],
    inputs: Sequence[Sym],
    granularity: Granularity = "textbook",
    first: int = 1,
    held: Sequence[Sym] = (),
) -> Tape:
    """The tape of `definitions`, the last of which is the output; variables are numbered from `first` on.

    Names in `held` are held constant: they stay in the steps as numbers do.
    """
    if granularity not in GRANULARITIES:
        way_out = did_you_mean(granularity, GRANULARITIES)
        raise UsageError(f"unknown granularity {granularity!r}", way_out=way_out)
    return _Tracer(definitions, inputs, granularity == "atomic", first, held).run()


def trace_of_result(
    definitions: Sequence[tuple[Sym, Expr]],
    inputs: Sequence[Sym],
    granularity: Granularity = "textbook",
    first: int = 1,
) -> Tape:
    """The tape of what the last definition rests on, whose last variable is the result."""
    kept = leading_to_result(definitions)
    return trace_definitions(kept, _result_last(kept, inputs), granularity, first)


def leading_to_result(definitions: Sequence[tuple[Sym, Expr]]) -> Sequence[tuple[Sym, Expr]]:
    """The definitions without those that the last one does not rest on: no step is made of them."""
    needed, kept = {definitions[-1][0]}, list[tuple[Sym, Expr]]()
    for name, formula in reversed(definitions):
        if name in needed:
            needed.update(symbols(formula))
            kept.append((name, formula))
    return kept[::-1]


def _result_last(definitions: Sequence[tuple[Sym, Expr]], inputs: Sequence[Sym]) -> Sequence[Sym]:
    """The inputs in order; one that is the result itself comes last, as every result does."""
    named = dict(definitions)
    result: Expr = definitions[-1][0]
    while isinstance(result, Sym) and result in named:
        result = named[result]
    return [name for name in inputs if name != result] + [name for name in inputs if name == result]


class _Tracer:
    """One trace: it numbers the distinct values, decides in that order which become steps, and lists these.

    Operations on arguments that are pending alike share one `Plan`, so that a long tape costs little more
    than its few kinds of steps.
    """

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
        functions = function_names(formula for _, formula in definitions)
        self.letter = letters_beside([*(name.name for name in taken), *sizes, *functions]).free("step")
        self.first = first
        self.held = tuple(sorted(held, key=str))
        self.values = ValueNumbering(inputs, held)
        self.forms = Forms()
        # The different `Pending`s, the number of each, and its number once it is a variable.
        self.kinds: list[Pending] = []
        self.kind_of: dict[Pending, int] = {}
        self.named: dict[int, int] = {}
        self.plans: dict[tuple[str, tuple[int, ...]], Plan] = {}
        # For each value: the number of its `Pending`, and the values that stand in it as variables.
        self.pending: list[int] = []
        self.leaves: list[tuple[int, ...]] = []
        # For each value that is a step: its form and operands; the author's name, if it has one.
        self.bodies: dict[int, tuple[int, tuple[int, ...]]] = {}
        self.labels: dict[int, Sym] = {}

    def run(self) -> Tape:
        """The tape, its steps in the order of evaluation."""
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

    def _columns(self, inputs: tuple[Sym, ...], place: Mapping[int, int]) -> StepColumns:
        """The steps in the order of their numbers, which is that of evaluation."""
        numbers = sorted(self.bodies)
        kinds, operands = [], []
        for number in numbers:
            form, values = self.bodies[number]
            used = values if len(values) == 1 else tuple(sorted(set(values)))
            kinds.append(self.forms.kind(form, values, used))
            operands.append(tuple([place[value] for value in used]))
        first = len(inputs)
        labels = {place[n] - first: name for n, name in self.labels.items() if n in self.bodies}
        origin = Origins(self.values.nodes, self.values.args, tuple(numbers))
        return StepColumns(inputs, tuple(kinds), tuple(operands), labels, self.letter, self.first, origin)

    def _add(self, number: int) -> None:
        """The next value, by the plan of its kind; one that is used again is a step."""
        args = self.values.args[number]
        if not args or self._is_constant(number, args):
            self._add_leaf(number, args)
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
        asked = self.kinds[plan.pending].join is Join.CONDITION
        if not asked and (self.atomic or self.values.use_counts[number] > 1):
            self._as_step(number)

    def _is_constant(self, number: int, args: tuple[int, ...]) -> bool:
        """Whether a value is written as a constant: no long one that has a name stands in it."""
        return number in self.values.constants and all(self.kinds[self.pending[arg]].constant for arg in args)

    def _add_leaf(self, number: int, args: tuple[int, ...]) -> None:
        node = self.values.nodes[number]
        if self._is_constant(number, args):
            form = self.forms.constant(node, [self.kinds[self.pending[arg]].form for arg in args])
            self.pending.append(self._kind(Pending(form, Join.WHOLE, constant=True)))
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
        """How an operation on arguments that are pending like these is traced."""
        parts = [self.kinds[arg] for arg in args]
        join = None if self.atomic else _joined(node, parts)
        keeps = node.op in (e.MUL, e.DIV) and not self.atomic
        by_name = [join is None and not (keeps and part.join is Join.SCALED) for part in parts]
        stays = [part.constant or part.join is Join.CONDITION for part in parts]
        by_name = [by and not stay for by, stay in zip(by_name, stays, strict=True)]
        join = Join.CONDITION if is_condition(node) else join
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
        """The `Pending` of a value once it is a variable; a short constant stays as it is written."""
        if pending.constant and self.forms.is_short(pending.form):
            return self._kind(pending)
        return self._kind(Pending(self.forms.place_of(pending.form), Join.NAME))


def _joined(node: Expr, parts: list[Pending]) -> Join | None:
    """How `node` joins constants or a sign to its one operand that is not constant; None if it does not."""
    scales = node.op in (e.MUL, e.NEG) or (node.op is e.DIV and parts[1].constant)
    if not scales and node.op not in (e.ADD, e.SUB):
        return None
    inner = [part for part in parts if not part.constant]
    if len(inner) != 1:
        return None
    return Join.SCALED if scales and inner[0].join is not Join.WHOLE else Join.WHOLE


class ValueNumbering:
    """Value numbering: equal subexpressions get one number, arguments before their operation.

    For each value its node, the numbers of its arguments, and how often it is used. A name that an equation
    defines has the number of its formula, so that nothing is substituted.
    """

    def __init__(self, inputs: Iterable[Sym], held: Iterable[Sym] = ()) -> None:
        self.nodes: list[Expr] = []
        self.args: list[tuple[int, ...]] = []
        self.use_counts: list[int] = []
        self.constants: set[int] = set()
        self._by_node: dict[int, int] = {}
        self._by_value: dict[object, int] = {}
        self._names: dict[Expr, int] = {}
        for name in held:
            self._names[name] = self._value(name, name, ())
        self.held = frozenset(self._names)
        for name in inputs:
            self._names[name] = self._value(name, name, ())
        self.constants = {self._names[name] for name in self.held}

    def number(self, name: Sym) -> int:
        """The number that a name has."""
        return self._names[name]

    def define(self, name: Sym, formula: Expr) -> int:
        """The number of `formula`, which `name` has from now on."""
        self._names[name] = number = self._number(formula)
        return number

    def _number(self, root: Expr) -> int:
        by_node = self._by_node
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in by_node:
                stack.pop()
            elif not node.args:
                by_node[id(node)] = self._leaf(node)
            elif waiting := [arg for arg in node.args if id(arg) not in by_node]:
                stack += waiting[::-1]
            else:
                args = tuple([by_node[id(arg)] for arg in node.args])
                by_node[id(node)] = self._value((node.op.name, args), node, args)
        return by_node[id(root)]

    def _leaf(self, node: Expr) -> int:
        number = self._names.get(node)
        if number is None and isinstance(node, Sym):
            known = [name.name for name in self._names if isinstance(name, Sym)]
            raise InputError(f"unknown name {node.name!r}", way_out=did_you_mean(node.name, known))
        return self._value(node, node, ()) if number is None else number

    def _value(self, key: object, node: Expr, args: tuple[int, ...]) -> int:
        """The number of a value; of a new one its arguments are noted, and whether it is constant."""
        new = len(self.nodes)
        number = self._by_value.setdefault(key, new)
        if number == new:
            self.nodes.append(node)
            self.args.append(args)
            self.use_counts.append(0)
            for arg in args:
                self.use_counts[arg] += 1
            if not isinstance(node, Sym) and self.constants.issuperset(args):
                self.constants.add(number)
        return number


class Origins:
    """The author's subexpressions of some values, in terms of the inputs, made when they are read.

    Equal parts are one object.
    """

    def __init__(
        self, nodes: Sequence[Expr], args: Sequence[tuple[int, ...]], numbers: tuple[int, ...]
    ) -> None:
        self._nodes, self._args, self._numbers = nodes, args, numbers
        self._done: dict[int, Expr] = {}

    def __reduce__(self) -> tuple[Callable[..., Origins], tuple[Any, ...]]:
        """Of each value its operation only: an author's formula is not repeated for all of its parts."""
        return _origins, ([n.op if n.args else n for n in self._nodes], self._args, self._numbers)

    def __call__(self, place: int) -> Expr:
        done = self._done
        stack = [self._numbers[place]]
        while stack:
            one = stack[-1]
            if one in done:
                stack.pop()
            elif waiting := [arg for arg in self._args[one] if arg not in done]:
                stack += waiting
            else:
                done[one] = self._in_inputs(self._nodes[one], [done[arg] for arg in self._args[one]])
        return done[self._numbers[place]]

    def _in_inputs(self, node: Expr, args: list[Expr]) -> Expr:
        same = all(arg is own for arg, own in zip(args, node.args, strict=True))
        return node if same else Expr(node.op, *args)


def _origins(
    parts: Sequence[Op | Expr], args: Sequence[tuple[int, ...]], numbers: tuple[int, ...]
) -> Origins:
    """The origins of values that are given by their operations."""
    nodes: list[Expr] = []
    for part, places in zip(parts, args, strict=True):
        nodes.append(part if isinstance(part, Expr) else Expr(part, *(nodes[place] for place in places)))
    return Origins(nodes, args, numbers)


PLACE = "?"
"""The name of a placeholder in a form, which no author can give."""


class Forms:
    """The forms of step bodies, each known by a number: a place for a value, a constant, operations on forms.

    With the order of the values in it a form gives a `StepKind`, whose body has the placeholders u_0, u_1, …
    """

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._written: list[Expr] = []
        self._places: dict[int, int] = {}
        self._kinds: dict[object, StepKind] = {}

    def place(self, of: Expr) -> int:
        """The form of a place for a value with the shape and the known property of `of`."""
        known = of.assume if isinstance(of, Sym) else known_property(of)
        place = self._numbers.get((of.shape, known))
        if place is not None:
            return place
        return self._form((of.shape, known), Sym(PLACE, shape=of.shape, assume=known))

    def place_of(self, form: int) -> int:
        """The place of a value that a form stands for."""
        place = self._places.get(form)
        if place is None:
            place = self._places[form] = self.place(self._written[form])
        return place

    def constant(self, node: Expr, args: Sequence[int] = ()) -> int:
        """A constant as it is written, the forms of its arguments put in; 0.5 and 1/2 are two forms."""
        written = Expr(node.op, *(self._written[arg] for arg in args)) if args else node
        texts = tuple(leaf.text for leaf in leaves(written) if isinstance(leaf, Num))
        return self._form(("constant", written, texts), written)

    def is_short(self, form: int) -> bool:
        """Whether a constant is short enough to be written wherever it is used."""
        return count_operations(self._written[form], LONGEST_CONSTANT + 1) <= LONGEST_CONSTANT

    def operation(self, op: Op, args: tuple[int, ...]) -> int:
        """An operation on forms."""
        number = self._numbers.get((op, args))
        if number is None:
            return self._form((op, args), Expr(op, *(self._written[arg] for arg in args)))
        return number

    def _form(self, key: object, written: Expr) -> int:
        number = self._numbers.setdefault(key, len(self._written))
        if number == len(self._written):
            self._written.append(written)
        return number

    def kind(self, form: int, values: tuple[int, ...], operands: tuple[int, ...]) -> StepKind:
        """The kind of step with the body `form` on these values; `operands` are they, each once, in order."""
        order = tuple(map(operands.index, values))
        if (form, order) not in self._kinds:
            self._kinds[form, order] = self._kind(form, order)
        return self._kinds[form, order]

    def _kind(self, form: int, order: tuple[int, ...]) -> StepKind:
        slots: dict[int, Sym] = {}
        taken = iter(order)

        def filled(node: Expr) -> Expr:
            if isinstance(node, Sym) and node.name == PLACE:
                place = next(taken)
                return slots.setdefault(place, slot(place, node))
            return Expr(node.op, *map(filled, node.args)) if node.args else node

        body = filled(self._written[form])
        ordered = tuple(slots[place] for place in sorted(slots))
        return step_kind(_in_order(body, ordered), ordered)


def _in_order(body: Expr, slots: tuple[Sym, ...]) -> Expr:
    """`body` with each product of names and numbers sorted, numbers first: −w₁w₂, 1 + 2w₁w₂."""
    factors = product_factors(body)
    if len(factors) == 1:
        return Expr(body.op, *(_in_order(arg, slots) for arg in body.args)) if body.args else body
    if not all(isinstance(factor, Num | Sym) for factor in factors):
        return body
    return chained(sorted(factors, key=lambda f: slots.index(f) if f in slots else -1))
