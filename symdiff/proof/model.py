"""The model: the true value of every name in a derivation at a point, found without any derivative rule.

Primal values come from the author's own expression, evaluated in high precision. A local partial
∂w_i/∂w_j is measured: the author's subexpression is evaluated at w_j ± h and the difference taken, at
two step sizes and as many digits as it needs. Tangents and adjoints are sums of products of measured
partials along the tape, and the whole is measured once more from end to end in every input. Nothing
here reads a derivative rule; `Rule.value` is all it knows of an operation.

The values of a tape with arrays at a point, and its local partials as matrices on the entries.

A variable's value is an array of high-precision numbers. A local partial is measured: one difference of the
author's subexpression for each entry of the operand. Arrays too large for that are moved by the rows of the
rule table, which were proved on small ones.

The model of a tape with vectors and matrices: true values at a point, measured as in `model`.

Tangents and adjoints are products of the local partials of `array_steps`. An input array is differentiated
along a direction of its own, an output array against an adjoint of its own, both drawn at random, the same
on every run.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from symdiff.derivation.derivation import FREE
from symdiff.errors import DomainError, shorten
from symdiff.expr import tree as e
from symdiff.expr.leaves import Alias, Applied, Filled, Grid, Nabla
from symdiff.expr.memory import cached_for_last_object
from symdiff.expr.operations import DIRECT, IMMEDIATE, MAPPED, MAPPED_BACK, PARTIAL_ROW
from symdiff.expr.shapes import size_value
from symdiff.expr.tree import Dim, Expr, Num, Sym, postorder
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
from symdiff.rules import array_values
from symdiff.tape.partials import local_partial
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
        from symdiff.derivation.sweeps import path_label

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


Nested = Any
"""A Fraction, or tuples of Fractions, or tuples of tuples of them."""
MOST_MEASURED, MOST_IN_ALL = 64, 5000
"""Entries of one array, and of all, up to which every local partial is measured; of larger arrays the rows of
the table are used, which are proved on small ones, and the whole is measured along a direction."""


def nested_shape(value: Nested) -> tuple[int, ...]:
    """The sizes of nested tuples."""
    return (len(value), *nested_shape(value[0])) if isinstance(value, tuple) else ()


def nested_entries(value: Nested) -> list[Fraction]:
    """The numbers of nested tuples, row by row."""
    return [x for part in value for x in nested_entries(part)] if isinstance(value, tuple) else [value]


def sizes_at(tape: Tape, point: Mapping[str, Nested]) -> dict[str, int]:
    """What each size that is a name is worth at a point."""
    found: dict[str, int] = {}
    for _, name in tape.inputs:
        for part, length in zip(name.shape, nested_shape(point[name.name]), strict=True):
            if isinstance(part, str):
                found[part] = length
    return found


class ArraySteps(Model):
    """All primal values at one point, and each step as a linear map on entries in a row."""

    def __init__(
        self,
        tape: Tape,
        point: Mapping[str, Nested],
        conventions: Any = None,
        digits: int = DIGITS,
    ) -> None:
        self.tape, self.exact, self.m = tape, point, context(digits)
        self.sizes_of = sizes_at(tape, point)
        self.point = {name.name: self._given(point[name.name]) for _, name in tape.inputs}
        self.values: dict[int, Value] = {}
        self.primal: dict[Sym, Value] = {var: self.point[name.name] for var, name in tape.inputs}
        at = {name: self.point[name.name] for _, name in tape.inputs}
        for step in tape.steps:
            self.primal[step.var] = evaluate(self.m, step.origin, self.values, self.known(at))
        self.names = {name: self.primal[var] for name, var in tape.by_name.items()}
        self.slopes: dict[tuple[Expr, Expr], Value] = {}
        self.tangents: dict[str, dict[Sym, Value]] = {}
        self.sizes: dict[str, dict[Sym, Value]] = {}
        self.conventions = dict(conventions or {})

    @cached_property
    def is_measured(self) -> bool:
        """Whether the arrays are small enough to measure every partial."""
        entries = [len(array_values.flat(value)) for value in self.primal.values()]
        return max(entries) <= MOST_MEASURED and sum(entries) <= MOST_IN_ALL

    def _given(self, value: Nested) -> Value:
        numbers = [number(self.m, Num(entry)) for entry in nested_entries(value)]
        return array_values.as_array(numbers, nested_shape(value))

    def known(self, values: Mapping[Any, Value], m: Any = None) -> Any:
        """Names by a table; sizes and filled arrays by what the sizes are here."""
        return lambda node: values[node] if node in values else self._leaf(m or self.m, node)

    def _leaf(self, m: Any, node: Expr) -> Value | None:
        if isinstance(node, Dim):
            return m.mpf(size_value(node.name, self.sizes_of))
        if isinstance(node, Filled):
            shape = tuple(size_value(part, self.sizes_of) for part in node.shape)
            return array_values.filled(m, node.what, shape, node.index)
        return None

    def _vector(self, value: Value) -> Any:
        entries = array_values.flat(value)
        return array_values.as_array(entries, (len(entries),))

    def _like(self, var: Sym, vector: Any) -> Value:
        """Entries in the shape of a variable's value."""
        shape = getattr(self.primal[var], "shape", ())
        return array_values.as_array(list(vector), shape)

    def _local(self, step: Step, operand: Sym) -> Any:
        """The local partial as a matrix: a row for each entry of the step, a column for the operand's."""
        key = step.var, operand
        if key not in self.slopes:
            measure = self.is_measured and key not in self.conventions
            self.slopes[key] = self._jacobian(step, operand) if measure else self._by_rows(step, operand)
        return self.slopes[key]

    def _jacobian(self, step: Step, operand: Sym) -> Any:
        """Measured: one central difference for each entry of the operand, in digits enough to agree."""
        start = array_values.flat(self.primal[operand])
        shape = getattr(self.primal[operand], "shape", ())
        rows = len(array_values.flat(self.primal[step.var]))
        found = array_values.filled(self.m, "zeros", (rows, len(start)))
        for position in range(len(start)):
            found[:, position] = self._column(step, operand, start, shape, position)
        return found

    def _column(self, step: Step, operand: Sym, start: list[Any], shape: Any, position: int) -> Any:
        for digits in MEASURED_IN:
            m = context(digits)
            h = m.mpf(10) ** (-digits // 3) * max(m.one, abs(start[position]))
            first, second = (
                self._difference(m, step, operand, start, shape, position, h / k) for k in (1, 2)
            )
            scale = max([m.mpf(10) ** -20, *map(abs, second)])
            if all(abs(a - b) <= m.mpf(10) ** -36 * scale for a, b in zip(first, second, strict=True)):
                return self._vector([self.m.mpf(value) for value in second])
        raise DomainError("no derivative could be measured", where=shorten(str(step.origin)))

    def _difference(
        self, m: Any, step: Step, operand: Sym, start: list[Any], shape: Any, at: int, h: Any
    ) -> Any:
        moved = []
        for sign in (1, -1):
            entries = [m.mpf(x) + (sign * h if i == at else 0) for i, x in enumerate(start)]
            moved.append(self._held(m, step, operand, array_values.as_array(entries, shape)))
        return [(a - b) / (2 * h) for a, b in zip(*moved, strict=True)]

    def _held(self, m: Any, step: Step, operand: Sym, value: Value) -> list[Any]:
        """The author's subexpression of `step` with one operand changed, the others held."""
        formula, names = formula_of(step, self.origin)
        at = {names[u]: self._in(m, self.primal[u]) for u in step.operands} | {names[operand]: value}
        known = self.known(at, m)
        values: dict[int, Value] = {}
        for node in postorder(formula, stop=lambda n: n in at):
            values[id(node)] = value_of(m, node, values, known)
        return array_values.flat(values[id(formula)])

    def _in(self, m: Any, value: Value) -> Value:
        return array_values.each(m.mpf, value) if array_values.is_array(value) else m.mpf(value)

    def _by_rows(self, step: Step, operand: Sym) -> Any:
        """By the rule table, whose rows are proved elsewhere: for arrays too large to measure."""
        rows, columns = (len(array_values.flat(self.primal[var])) for var in (step.var, operand))
        found = array_values.filled(self.m, "zeros", (rows, columns))
        back = rows < columns
        for position in range(min(rows, columns)):
            unit = array_values.filled(self.m, "unit", (rows if back else columns,), position)
            moved = self._by_row(step, operand, unit, back)
            if back:
                found[position] = moved
            else:
                found[:, position] = moved
        return found

    def _by_row(self, step: Step, operand: Sym, tangent: Any, back: bool = False) -> Any:
        """The step's linear map at work as the rule table has it, forwards or back."""
        partial = local_partial(step, operand)
        start = step.var if back else operand
        slot = Sym("u_given", shape=start.shape)
        move = partial.short.transpose if back else partial.short.apply
        value = self._like(start, tangent)
        return self._vector(evaluate(self.m, move(slot), {}, self._with(slot, value)))

    def _with(self, slot: Sym, value: Value) -> Any:
        return lambda node: value if node == slot else self(node)

    def _pushed(self, step: Step, operand: Sym, tangent: Any) -> Any:
        """The tangent of an operand through a step, entries in a row."""
        if not self.is_measured:
            return self._by_row(step, operand, tangent)
        return array_values.matmul(self.m, self._local(step, operand), tangent)

    def _transposed(self, step: Step, operand: Sym, adjoint: Any, magnitude: bool = False) -> Any:
        """The adjoint of a step back to an operand, entries in a row."""
        if not self.is_measured:
            return self._by_row(step, operand, adjoint, back=True)
        local = self._local(step, operand)
        return array_values.matmul(self.m, (abs(local) if magnitude else local).T, adjoint)


class ArrayModel(ArraySteps):
    """All true values at one point: `point` has a number, or nested tuples of them, for each input."""

    def __call__(self, node: Expr) -> Value | None:
        if isinstance(node, Dim | Filled):
            return self._leaf(self.m, node)
        if node.op in (IMMEDIATE, DIRECT):
            return self._inside(*node.args)
        if node.op is PARTIAL_ROW:
            gradient = self.slope(*node.args)
            return gradient.T if gradient.ndim == 2 else gradient[None, :]
        if node.op is MAPPED or node.op is MAPPED_BACK:
            return self._mapped(node)
        return super().__call__(node)

    def _mapped(self, node: Expr) -> Value:
        """∂w_i/∂w_j[ẇ_j], or its transpose applied to w̄_i."""
        partial, moved = node.args
        over, under = (self._variable(arg) for arg in partial.args)
        known = self._symbol(moved) if isinstance(moved, Sym) else evaluate(self.m, moved, {}, self)
        ahead, vector = node.op is MAPPED, self._vector(known)
        if partial.op not in (IMMEDIATE, DIRECT) and partial.args[0] == self.tape.result:
            rows = len(array_values.flat(self.primal[over]))
            matrix = self._vector(self.jacobian(under)).reshape(rows, -1)
            found = array_values.matmul(self.m, matrix if ahead else matrix.T, vector)
        else:
            move = self._pushed if ahead else self._transposed
            found = move(self.tape.step_of[over], under, vector)
        return self._like(over if ahead else under, found)

    def jacobian_of(self, node: Nabla) -> Value:
        """∂over/∂under as a matrix, its rows the components of `over` unless the layout turns it."""
        over, under = self._variable(node.over), self._variable(node.under)
        rows = len(array_values.flat(self.primal[over]))
        found = self._between(over, under) if node.whole else self._local(self.tape.step_of[over], under)
        found = self._vector(found).reshape(rows, -1)
        if not node.shape:
            return found[0, 0]
        return found.T if node.layout == "denominator" else found

    def _between(self, over: Sym, under: Sym) -> Any:
        """∂over/∂under along every way, a row for each entry of `over`."""
        entries = len(array_values.flat(self.primal[over]))
        rows = []
        for position in range(entries):
            seed = self._vector([self.m.mpf(i == position) for i in range(entries)])
            rows += list(self._back({self.tape.output: self._zeros(self.tape.output), over: seed})[under])
        return self._vector(rows)

    def _symbol(self, node: Sym) -> Value | None:
        if not node.accent:
            return self.primal.get(node, self.names.get(node))
        var = self._variable(Sym(node.name, shape=node.shape)) if self._is_named(node) else None
        if var is None:
            return None
        if node.seed == FREE:
            return self._like(
                var, self._drawn(f"{node.accent} {var}", len(array_values.flat(self.primal[var])))
            )
        if node.accent == "dot":
            return self._like(var, self.tangent(node.seed)[var])
        if node.label:
            return self._like(var, self.paths[var, node.label])
        return self._like(var, self.adjoints[var])

    def _is_named(self, node: Sym) -> bool:
        return any(
            Sym(node.name, shape=node.shape, assume=known) in place
            for place in (self.primal, self.tape.by_name)
            for known in ("", "simplex", "symmetric")
        )

    def _variable(self, node: Expr) -> Sym:
        assert isinstance(node, Sym)
        for known in (node.assume, "", "simplex", "symmetric"):
            name = Sym(node.name, shape=node.shape, assume=known)
            if name in self.primal:
                return name
            if name in self.tape.by_name:
                return self.tape.by_name[name]
        raise DomainError(f"no value for {node}")

    def slope(self, over: Expr, under: Expr) -> Value:
        """∂over/∂under: inside one step, or of the whole result; a gradient has its variable's shape."""
        if over == self.tape.result:
            var = self._variable(under)
            if over.shape:
                return self.jacobian(var)
            return self._like(var, self.adjoints[var])
        return self._inside(over, under)

    def _inside(self, over: Expr, under: Expr) -> Value:
        """∂over/∂under inside one step; the derivative of a number has the operand's shape."""
        step = self.tape.step_of[self._variable(over)]
        found = self._local(step, self._variable(under))
        shapes = [getattr(self.primal[v], "shape", ()) for v in (step.var, self._variable(under))]
        return array_values.as_array(list(found.ravel()), (*shapes[0], *shapes[1]))

    @cached_property
    def adjoint_seed(self) -> Any:
        """1, or for an array the adjoint it is differentiated against."""
        entries = len(array_values.flat(self.primal[self.tape.output]))
        if not self.tape.output.shape:
            return array_values.as_array([self.m.one], (1,))
        return array_values.as_array(self._drawn("output", entries), (entries,))

    def _drawn(self, seed: str, count: int) -> list[Any]:
        rng = random.Random(seed)
        return [self.m.mpf(rng.randrange(-1000, 1000) * 2 + 1) / 1000 for _ in range(count)]

    @cached_property
    def adjoints(self) -> dict[Sym, Value]:
        """The adjoint of every variable, its entries in a row."""
        return self._back({self.tape.output: self.adjoint_seed})

    def _back(self, seeds: dict[Sym, Any], magnitude: bool = False) -> dict[Sym, Any]:
        found = {var: self._zeros(var) for var in self.tape.order} | seeds
        for step in reversed(self.tape.steps):
            for operand in step.operands:
                found[operand] = found[operand] + self._transposed(step, operand, found[step.var], magnitude)
        return found

    def _zeros(self, var: Sym) -> Any:
        return array_values.filled(self.m, "zeros", (len(array_values.flat(self.primal[var])),))

    def jacobian(self, var: Sym) -> Value:
        """∂output/∂var with the indices of the output first."""
        out = self.tape.output
        rows = list(self._between(out, var))
        shapes = [getattr(self.primal[v], "shape", ()) for v in (out, var)]
        return array_values.as_array(rows, (*shapes[0], *shapes[1]))

    @cached_property
    def sharper(self) -> ArrayModel:
        return type(self)(self.tape, self.exact, self.conventions, 4 * self.m.dps)

    @cached_property
    def paths(self) -> dict[tuple[Sym, str], Value]:
        from symdiff.derivation.sweeps import path_label

        return {
            (var, path_label(i)): self._transposed(step, var, self.adjoints[step.var])
            for var, steps in self.tape.users.items()
            for i, step in enumerate(steps)
        }

    def tangent(self, seed: str) -> dict[Sym, Value]:
        """The tangent of every variable along the direction of one input, its entries in a row."""
        if seed not in self.tangents:
            found = {var: self._seeded(var, name, seed) for var, name in self.tape.inputs}
            for step in self.tape.steps:
                parts = [self._pushed(step, u, found[u]) for u in step.operands]
                found[step.var] = sum(parts, self._zeros(step.var))
            self.tangents[seed] = found
        return self.tangents[seed]

    def _seeded(self, var: Sym, name: Sym, seed: str) -> Any:
        if name.name != seed:
            return self._zeros(var)
        entries = len(array_values.flat(self.primal[var]))
        return array_values.as_array(self._drawn(seed, entries) if var.shape else [self.m.one], (entries,))

    def magnitude(self, node: Expr) -> Value:
        """The size of the terms that a derivative is the sum of: rounding is judged against it."""
        if isinstance(node, Sym) and node.accent == "bar" and self.is_measured:
            return max(self._magnitudes[self._variable(Sym(node.name, shape=node.shape))])
        if isinstance(node, Sym) and node.accent == "dot" and self.is_measured:
            return max(self._sizes_of_tangents(node.seed)[self._variable(Sym(node.name, shape=node.shape))])
        whole = self._whole_by(node)
        if whole is not None and self.is_measured and not self.tape.output.shape:
            return max(self._magnitudes[self._variable(whole)])
        value = evaluate(self.m, node, {}, self)
        return max(map(abs, array_values.flat(value)))

    def _whole_by(self, node: Expr) -> Expr | None:
        """The name by which `node` differentiates the whole result, if that is what it does."""
        if isinstance(node, Alias):
            return self._whole_by(node.meaning)
        if isinstance(node, Nabla):
            return node.under if node.whole else None
        if node.op in (e.PARTIAL, e.DERIVATIVE, PARTIAL_ROW) and node.args[0] == self.tape.result:
            return node.args[1]
        return None

    def _sizes_of_tangents(self, seed: str) -> dict[Sym, Any]:
        if seed not in self.sizes:
            found = {var: abs(self._seeded(var, name, seed)) for var, name in self.tape.inputs}
            for step in self.tape.steps:
                parts = [
                    array_values.matmul(self.m, abs(self._local(step, u)), found[u]) for u in step.operands
                ]
                found[step.var] = sum(parts, self._zeros(step.var))
            self.sizes[seed] = found
        return self.sizes[seed]

    @cached_property
    def _magnitudes(self) -> dict[Sym, Any]:
        return self._back({self.tape.output: abs(self.adjoint_seed)}, magnitude=True)

    def along(self, *seeds: str, digits: int = MEASURED_IN[1]) -> Value:
        """⟨ȳ, d/dt y(x + t·ẋ)⟩ as one difference of the author's whole expression, inputs x moved at once."""
        m, origin = context(digits), self.origin(self.tape.output)
        step = m.mpf(10) ** (-digits // 3)
        start = {name: self._in(m, self.point[name.name]) for _, name in self.tape.inputs}
        moved = {
            name: self._in(m, self._like(var, self._seeded(var, name, name.name)))
            for var, name in self.tape.inputs
            if name.name in seeds
        }
        ends = []
        for sign in (1, -1):
            at = start | {name: start[name] + way * (sign * step) for name, way in moved.items()}
            ends.append(array_values.flat(evaluate(m, origin, {}, self.known(at, m))))
        change = [(a - b) / (2 * step) for a, b in zip(*ends, strict=True)]
        return self.m.mpf(m.fdot(change, [m.mpf(x) for x in self.adjoint_seed]))

    def towards(self, seed: str) -> Value:
        """⟨x̄, ẋ⟩: the same as `along` for one input, from its adjoint."""
        var = self.tape.variables[seed]
        return self.m.fdot(self.adjoints[var], self._seeded(var, self.tape.input_names[var], seed))
