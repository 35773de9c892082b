"""The model: the true value of every name in a derivation at a point, found without any derivative rule.

Primal values come from the author's own expression, evaluated in high precision. A local partial
∂w_i/∂w_j is measured: the author's subexpression is evaluated at w_j ± h and the difference taken, at
two step sizes and as many digits as it needs. Tangents and adjoints are sums of products of measured
partials along the tape, and the whole is measured once more from end to end in every input. Nothing
here reads a derivative rule; `Rule.value` is all it knows of an operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from symdiff.derivation.sweeps import path_label
from symdiff.errors import DomainError
from symdiff.expr import tree as e
from symdiff.expr.leaves import Alias, Applied, Grid, Nabla
from symdiff.expr.memory import cached_for_last_object
from symdiff.expr.operations import DIRECT, IMMEDIATE
from symdiff.expr.tree import Expr, Num, Sym, postorder
from symdiff.proof.values import (
    DIGITS,
    MEASURED_IN,
    Program,
    Value,
    context,
    difference,
    evaluate,
    looked_up,
    measure,
    number,
    program_of,
    step_size,
    value_of,
)
from symdiff.tape.tape import Step, Tape

Point = Mapping[str, Fraction]
Conventions = Mapping[tuple[Sym, Sym], Expr]
"""For steps at a kink, where nothing can be measured: the partial that is agreed on."""


class Model:
    """All true values at one point of the inputs: call it with a name or a partial.

    Raises DomainError where the function has no real value, or a derivative is infinite. At a kink a
    measured partial is the mean of both sides unless `conventions` gives another value.
    """

    def __init__(
        self, tape: Tape, point: Point, conventions: Conventions | None = None, digits: int = DIGITS
    ) -> None:
        self.tape, self.exact, self.m = tape, point, context(digits)
        self.point = {name.name: number(self.m, Num(point[name.name])) for _, name in tape.inputs}
        inputs: dict[Expr, Value] = {name: self.point[name.name] for _, name in tape.inputs}
        self.primal: dict[Sym, Value] = {var: inputs[name] for var, name in tape.inputs}
        values = function_of(tape)(self.m, inputs)
        self.primal |= {step.var: value for step, value in zip(tape.steps, values, strict=True)}
        self.names = {name: self.primal[var] for name, var in tape.by_name.items()}
        self.slopes: dict[tuple[Expr, Expr], Value] = {}
        self.tangents: dict[str, dict[Sym, Value]] = {}
        self.sizes: dict[str, dict[Sym, Value]] = {}
        self.conventions = dict(conventions or {})

    def __call__(self, node: Expr) -> Value | None:
        """The true value of a name of the derivation; None for what is no name."""
        if isinstance(node, Sym):
            return self._symbol(node)
        if isinstance(node, Applied):
            return self.names[node.over]
        if isinstance(node, Grid):
            return node
        if isinstance(node, Alias):
            return evaluate(self.m, node.meaning, {}, self)
        if isinstance(node, Nabla):
            return self.jacobian_of(node)
        if node.op in (e.PARTIAL, e.DERIVATIVE):
            return self.slope(*node.args)
        if node.op in (IMMEDIATE, DIRECT):
            return self._local(self._step(node.args[0]), self._variable(node.args[1]))
        return None

    def jacobian_of(self, node: Nabla) -> Value:
        """∂over/∂under: of the whole result, or inside one step."""
        under = self._variable(node.under)
        return self.adjoints[under] if node.whole else self._local(self._step(node.over), under)

    def _symbol(self, node: Sym) -> Value | None:
        if not node.accent:
            return self.primal.get(node, self.names.get(node))
        var = self.variables.get(node.name, node)
        if node.accent == "dot":
            return self.tangent(node.seed).get(var)
        return self.paths.get((var, node.label)) if node.label else self.adjoints.get(var)

    @cached_property
    def variables(self) -> dict[str, Sym]:
        return {var.name: var for var in self.tape.order}

    def _variable(self, node: Expr) -> Sym:
        assert isinstance(node, Sym)
        if node in self.primal:
            return node
        return self.tape.by_name[node]

    def _step(self, node: Expr) -> Step:
        return self.tape.step_of[self._variable(node)]

    def slope(self, over: Expr, under: Expr) -> Value:
        """∂over/∂under: inside one step for names of the tape, the whole derivative for the result's name."""
        if over == self.tape.result:
            return self.adjoints[self._variable(under)]
        if (over, under) in self.slopes:
            return self.slopes[over, under]
        step = self.tape.step_of.get(self._variable(over))
        if step is None or (step.var, under) not in self.tape.edges:
            raise DomainError(f"no value for the derivative of {over} by {under}")
        return self._local(step, self._variable(under))

    def _local(self, step: Step, operand: Sym) -> Value:
        key = step.var, operand
        found = self.slopes.get(key)
        if found is None:
            agreed = self.conventions.get(key)
            found = self.measured(step, operand) if agreed is None else evaluate(self.m, agreed, {}, self)
            self.slopes[key] = found
        return found

    def measured(self, step: Step, operand: Sym) -> Value:
        """∂step/∂operand, found by differences of the author's subexpression."""
        return self.m.mpf(measure(self._as_function(step, operand), self.primal[operand], step.origin))

    def _as_function(self, step: Step, operand: Sym) -> Callable[[Any, Value], Value]:
        """The author's subexpression of `step` as a function of one operand, the others held."""
        formula, names = formula_of(step, self.origin)
        held = {names[u]: self.primal[u] for u in step.operands}
        moved = names[operand]

        def function(m: Any, value: Value) -> Value:
            at = {node: m.mpf(v) for node, v in held.items()} | {moved: value}
            values: dict[int, Value] = {}
            known = looked_up(at)
            for node in postorder(formula, stop=lambda n: n in at):
                values[id(node)] = value_of(m, node, values, known)
            return values[id(formula)]

        return function

    def origin(self, var: Sym) -> Expr:
        """The author's subexpression that a variable of the tape stands for."""
        step = self.tape.step_of.get(var)
        return step.origin if step is not None else self.tape.input_names[var]

    @cached_property
    def adjoints(self) -> dict[Sym, Value]:
        """∂output/∂w for every variable w of the tape."""
        found = dict.fromkeys(self.tape.order, self.m.zero) | {self.tape.output: self.m.one}
        for step in reversed(self.tape.steps):
            for operand in step.operands:
                found[operand] += found[step.var] * self._local(step, operand)
        return found

    @cached_property
    def sharper(self) -> Model:
        """The same model in four times as many digits, for where terms cancel."""
        return Model(self.tape, self.exact, self.conventions, 4 * self.m.dps)

    def magnitude(self, node: Expr) -> Value:
        """The size of the terms that a derivative is the sum of: rounding is judged against it."""
        if isinstance(node, Sym) and node.accent == "dot":
            return self._forward_magnitudes(node.seed)[Sym(node.name)]
        if isinstance(node, Sym) and node.accent == "bar":
            return self._reverse_magnitudes[Sym(node.name)]
        if node.op in (e.PARTIAL, e.DERIVATIVE):
            var = self._variable(node.args[1])
            return max(self._reverse_magnitudes[var], abs(self(node) or 0))
        return abs(self(node) or 0)

    @cached_property
    def _reverse_magnitudes(self) -> dict[Sym, Value]:
        found = dict.fromkeys(self.tape.order, self.m.zero) | {self.tape.output: self.m.one}
        for step in reversed(self.tape.steps):
            for operand in step.operands:
                found[operand] += found[step.var] * abs(self._local(step, operand))
        return found

    def _forward_magnitudes(self, seed: str) -> dict[Sym, Value]:
        if seed not in self.sizes:
            found = {var: self.m.mpf(name.name == seed) for var, name in self.tape.inputs}
            for step in self.tape.steps:
                found[step.var] = self.m.fsum(abs(self._local(step, u)) * found[u] for u in step.operands)
            self.sizes[seed] = found
        return self.sizes[seed]

    @cached_property
    def paths(self) -> dict[tuple[Sym, str], Value]:
        """The part of each adjoint that comes through one use, keyed by the use's letter."""
        uses = ((var, i, s) for var, steps in self.tape.users.items() for i, s in enumerate(steps))
        return {(var, path_label(i)): self.adjoints[s.var] * self._local(s, var) for var, i, s in uses}

    def tangent(self, seed: str) -> dict[Sym, Value]:
        """∂w/∂seed for every variable w of the tape."""
        if seed not in self.tangents:
            found = {var: self.m.mpf(name.name == seed) for var, name in self.tape.inputs}
            for step in self.tape.steps:
                parts = (self._local(step, u) * found[u] for u in step.operands)
                found[step.var] = self.m.fsum(parts)
            self.tangents[seed] = found
        return self.tangents[seed]

    def directional(self, direction: Mapping[str, int], digits: int = MEASURED_IN[1]) -> Value:
        """Σ dᵢ·∂output/∂xᵢ as one difference of the author's whole expression along a direction d."""
        m, whole = context(digits), program_of(self.origin(self.tape.output))
        start = [(Sym(name), m.mpf(value), direction.get(name, 0)) for name, value in self.point.items()]
        largest = max((abs(value) for _, value, weight in start if weight), default=m.one)

        def function(m: Any, moved: Value) -> Value:
            return whole(m, {name: value + moved * weight for name, value, weight in start})[0]

        return self.m.mpf(difference(m, function, m.zero, step_size(m, digits, largest)))


@cached_for_last_object
def function_of(tape: Tape) -> Program:
    """The author's own subexpression of every step, as a program."""
    return Program(*[step.origin for step in tape.steps])


def formula_of(step: Step, origin: Callable[[Sym], Expr]) -> tuple[Expr, dict[Sym, Expr]]:
    """The author's formula of a step, and what each operand is in it.

    A definition under its own name is the formula itself: there an operand's formula may occur once more.
    """
    if step.label == step.var:
        return step.body, {u: u for u in step.operands}
    return step.origin, {u: origin(u) for u in step.operands}
