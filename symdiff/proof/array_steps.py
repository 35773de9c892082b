"""The values of a tape with arrays at a point, and its local partials as matrices on the entries.

A variable's value is an array of high-precision numbers. A local partial is measured: one difference of the
author's subexpression for each entry of the operand. Arrays too large for that are moved by the rows of the
rule table, which were proved on small ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from symdiff.errors import DomainError, shorten
from symdiff.expr.leaves import Dim, Filled
from symdiff.expr.shapes import size_value
from symdiff.expr.tree import Expr, Num, Sym, postorder
from symdiff.proof.differences import MEASURED_IN
from symdiff.proof.model import Model, formula_of
from symdiff.proof.values import DIGITS, Value, context, evaluate, number, value_of
from symdiff.rules import array_values
from symdiff.tape.partials import local_partials
from symdiff.tape.tape import Step, Tape

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
        partial = next(p for p in local_partials(step) if p.operand == operand)
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
