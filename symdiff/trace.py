"""Expression to tape: which operations make a step, which equal ones are shared, in the author's order.

Granularity `atomic` makes one operation a step. `textbook` lets constants and signs join the
operation they act on, as people do: 1 + e^{w₃} is one step, −w₁w₂ is one step, 2w₁ + 1 is one step.
Equal subexpressions become one step. Nothing is rewritten on the way: `x - 2*x` keeps its two
operations. This module knows no derivative.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from symdiff import expr as e
from symdiff.errors import InputError, UsageError, did_you_mean
from symdiff.expr import Expr, Num, Sym, postorder, substitute, symbols
from symdiff.letters import step_letter
from symdiff.matrix import known_of
from symdiff.memory import without_collection
from symdiff.tape import Step, Tape

Granularity = Literal["textbook", "atomic"]
GRANULARITIES = ("textbook", "atomic")


class Kind(Enum):
    """What a value that is not yet a step may still be joined to."""

    NAME = "a variable of the tape"
    SCALED = "constants times one variable"
    WHOLE = "an operation, with constants around it"


@dataclass(slots=True)
class Pending:
    """A value on its way to becoming a step: its body in tape names, and where it came from."""

    body: Expr
    kind: Kind
    origin: Expr


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
    """One run of the trace: numbering of equal subexpressions, then steps in evaluation order."""

    def __init__(
        self,
        definitions: Sequence[tuple[Sym, Expr]],
        inputs: Sequence[Sym],
        atomic: bool,
        first: int,
        held: Sequence[Sym] = (),
    ) -> None:
        self.held = frozenset(held)
        self.definitions, self.inputs, self.atomic = tuple(definitions), tuple(inputs), atomic
        taken = [*inputs, *held, *(name for name, _ in definitions)]
        sizes = [part for name in inputs for part in name.shape if isinstance(part, str)]
        self.letter, self.first = step_letter([*(name.name for name in taken), *sizes]), first
        self.steps: dict[int, Step] = {}
        self.numbers: dict[object, int] = {}
        self.number_of: dict[int, int] = {}
        self.constants: set[int] = set()
        self.values: dict[int, Pending] = {}
        self.labels: dict[int, Sym] = {}
        self.uses: Counter[int] = Counter()

    def run(self) -> Tape:
        variables = tuple((self._variable(i, name), name) for i, name in enumerate(self.inputs))
        closed: dict[Expr, Expr] = {}
        for var, name in variables:
            self.values[self._number(name)] = Pending(var, Kind.NAME, name)
        roots = []
        for name, formula in self.definitions:
            root = closed[name] = substitute(formula, closed)
            self._count(root)
            roots.append(root)
            self.labels.setdefault(self.number_of[id(root)], name)
        found = [self._traced(root) for root in roots]
        steps, final = self._numbered()
        ends = [final.get(var, var) for var in found]
        names = [name for name, _ in self.definitions]
        bindings = tuple(zip(names, ends, strict=True))
        return Tape(
            variables,
            steps,
            ends[-1],
            names[-1],
            self.definitions,
            bindings,
            held=tuple(sorted(self.held, key=str)),
        )

    def _variable(self, position: int, of: Expr) -> Sym:
        """The variable of a position, with the shape of what it stands for and what is known of it."""
        known = of.assume if isinstance(of, Sym) else known_of(of)
        return Sym(f"{self.letter}_{self.first + position}", shape=of.shape, assume=known)

    def _numbered(self) -> tuple[tuple[Step, ...], dict[Expr, Sym]]:
        """The steps in the order of evaluation, and the final name of each variable."""
        final: dict[Expr, Sym] = {}
        steps = []
        for position, number in enumerate(sorted(self.steps), len(self.inputs)):
            step = self.steps[number]
            var = final[step.var] = self._variable(position, step.body)
            names: dict[Expr, Expr] = {u: final.get(u, u) for u in step.operands}
            body = _renamed(step.body, names)
            operands = tuple(sorted((final.get(u, u) for u in step.operands), key=_position))
            steps.append(Step(var, _in_order(body, self.held), operands, step.origin, step.label))
        return tuple(steps), final

    def _count(self, root: Expr) -> None:
        """Number the distinct subexpressions below `root` and count where each is used."""
        for node in postorder(root, stop=lambda n: id(n) in self.number_of):
            if id(node) in self.number_of:
                continue
            new = len(self.numbers)
            if self._number(node) == new:
                self.uses.update(self.number_of[id(arg)] for arg in node.args)

    def _number(self, node: Expr) -> int:
        """The number of `node`'s value: equal subexpressions have equal numbers."""
        args = [self.number_of[id(arg)] for arg in node.args]
        number = self.numbers.setdefault((node.op.name, *args) if args else node, len(self.numbers))
        if (not isinstance(node, Sym) or node in self.held) and self.constants.issuperset(args):
            self.constants.add(number)
        self.number_of[id(node)] = number
        return number

    def _traced(self, root: Expr) -> Sym:
        """The variable of `root`, once the steps below it are on the tape."""
        for node in postorder(root, stop=lambda n: self.number_of[id(n)] in self.values):
            number = self.number_of[id(node)]
            if number not in self.values:
                self.values[number] = self._value(node)
                if (self.atomic or self.uses[number] > 1) and number not in self.constants:
                    self._as_name(number)
        return self._as_name(self.number_of[id(root)])

    def _value(self, node: Expr) -> Pending:
        """The pending value of one operation whose arguments have theirs."""
        if isinstance(node, Sym) and node not in self.held:
            known = [name.name for name in self.inputs]
            raise InputError(f"unknown name {node.name!r}", way_out=did_you_mean(node.name, known))
        if self._constant(node):
            return Pending(node, Kind.WHOLE, node)
        if not self.atomic and (absorbed := self._absorb(node)):
            return absorbed
        joins = not self.atomic and node.op in (e.MUL, e.DIV)
        body = Expr(node.op, *(self._operand(arg, joins) for arg in node.args))
        return Pending(body, Kind.WHOLE, node)

    def _absorb(self, node: Expr) -> Pending | None:
        """Let a constant or a sign join the only operand of `node` that is not constant."""
        scales = node.op in (e.MUL, e.NEG) or (node.op is e.DIV and self._constant(node.args[1]))
        if not scales and node.op not in (e.ADD, e.SUB):
            return None
        inner = [arg for arg in node.args if not self._constant(arg)]
        if len(inner) != 1:
            return None
        value = self.values[self.number_of[id(inner[0])]]
        kind = Kind.SCALED if scales and value.kind in (Kind.NAME, Kind.SCALED) else Kind.WHOLE
        body = Expr(node.op, *(value.body if arg is inner[0] else arg for arg in node.args))
        return Pending(body, kind, node)

    def _operand(self, node: Expr, joins: bool) -> Expr:
        """`node` as it stands inside a step: constants as written, values by name."""
        if self._constant(node):
            return node
        number = self.number_of[id(node)]
        value = self.values[number]
        if joins and value.kind is Kind.SCALED:
            return value.body
        return self._as_name(number)

    def _as_name(self, number: int) -> Sym:
        """The variable of a value, which becomes a step if it is none yet."""
        value = self.values[number]
        if isinstance(value.body, Sym) and value.body not in self.held:
            return value.body
        var = Sym(f"#{number}", shape=value.body.shape)
        operands = self._variables_in(value.body)
        self.steps[number] = Step(var, value.body, operands, value.origin, self.labels.get(number))
        self.values[number] = Pending(var, Kind.NAME, value.origin)
        return var

    def _variables_in(self, body: Expr) -> tuple[Sym, ...]:
        flat = not any(arg.args for arg in body.args)
        found = dict.fromkeys(body.args) if body.args and flat else symbols(body)
        return tuple(name for name in found if isinstance(name, Sym) and name not in self.held)

    def _constant(self, node: Expr) -> bool:
        return self.number_of[id(node)] in self.constants


def _renamed(body: Expr, names: Mapping[Expr, Expr]) -> Expr:
    """`body` in other names; most are one operation on names and numbers, which need no walk."""
    if body.args and not any(arg.args for arg in body.args):
        return Expr(body.op, *(names.get(arg, arg) for arg in body.args))
    return substitute(body, names)


def _in_order(body: Expr, held: frozenset[Sym]) -> Expr:
    """`body` with each product of names and numbers sorted, numbers first: −w₁w₂, 1 + 2w₁w₂."""
    factors = _factors(body)
    if len(factors) == 1:
        return Expr(body.op, *(_in_order(arg, held) for arg in body.args)) if body.args else body
    if not all(isinstance(factor, Num | Sym) for factor in factors):
        return body
    constant = {*held, *(factor for factor in factors if isinstance(factor, Num))}
    first, *rest = sorted(factors, key=lambda f: -1 if f in constant else _position(f))
    for factor in rest:
        first = first * factor
    return first


def _factors(product: Expr) -> list[Expr]:
    if product.op is not e.MUL:
        return [product]
    return _factors(product.args[0]) + _factors(product.args[1])


def _position(var: Expr) -> int:
    assert isinstance(var, Sym)
    return int(var.name.rpartition("_")[2])
