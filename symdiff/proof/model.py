"""The model: the true value of every name in a derivation at a point, found without any derivative rule.

Primal values come from the author's own expression, evaluated in balls. A local partial ∂w_i/∂w_j is what the
author's subexpression does to a jet (see `jets`), all operands and entries at once. Tangents and adjoints are
sums of products of these along the tape, and the whole is carried through once more from end to end. Nothing
here reads a derivative rule; `Rule.value` is all it knows of an operation. Only arrays too large for jets are
moved by the rows of the table, which were proved on small ones.

A value is a number or an array in its variable's shape. On a tape of numbers a local partial is a number, on
one with arrays a matrix on entries in a row, so that both are multiplied and added alike. An input array is
differentiated along a direction of its own, an output array against an adjoint of its own, both drawn at
random, the same on every run.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any, Self, TypeVar

from flint import arb, arb_mat

from symdiff.derivation.derivation import FREE
from symdiff.derivation.sweeps import path_label
from symdiff.errors import DomainError, ProofError, shorten
from symdiff.expr import tree as e
from symdiff.expr.leaves import Alias, Applied, Filled, Grid, HeldIndex, Nabla, OneHot
from symdiff.expr.memory import cached_for_last_object
from symdiff.expr.operations import DIRECT, IMMEDIATE, MAPPED, MAPPED_BACK, PARTIAL_ROW
from symdiff.expr.shapes import size_value
from symdiff.expr.tree import Dim, Expr, Sym, postorder
from symdiff.proof.balls import BITS, Balls, Undecided
from symdiff.proof.jets import Jet
from symdiff.proof.sampling import Nested, nested_entries, nested_shape, sizes_at
from symdiff.proof.values import Known, Program, Value, evaluate, program_of, value_of
from symdiff.rules import array_values
from symdiff.rules.arrays import Array, as_array, flat, shape_of
from symdiff.tape.partials import local_partials
from symdiff.tape.tape import Step, Tape

M = TypeVar("M")
MOST_MEASURED = 64
"""Entries of one array up to which every local partial is found by jets."""
LONG = 200
"""Steps above which a tape is long: one point is enough, since every kind of step occurs at many values."""
Linear = Any
"""A tangent, an adjoint or a local partial: a number on a tape of numbers, a matrix on one with arrays."""


class Model:
    """All true values at one point of the inputs: call it with a name or a partial.

    `point` has a fraction, or nested tuples of them, for each input.

    Raises:
        DomainError: the function has no real value, or a derivative is infinite.
        Undecided: more bits are needed to say which branch is taken.
    """

    def __init__(self, tape: Tape, point: Mapping[str, Nested], m: Balls | None = None) -> None:
        self.tape, self.exact, self.m = tape, point, m or Balls(BITS)
        self.sizes_of = sizes_at(tape, point) if tape.has_arrays else {}
        with self.m:
            self.point = {name: self._given(point[name]) for name in (*tape.variables, *tape.indices)}
            inputs = {name: self.point[name.name] for _, name in tape.inputs}
            values = function_of(tape)(self.m, self.known(inputs))
        self.primal: dict[Sym, Value] = {var: inputs[name] for var, name in tape.inputs}
        self.primal |= {step.var: value for step, value in zip(tape.steps, values, strict=True)}
        self.names = {name: self.primal[var] for name, var in tape.by_name.items()}
        self._locals: dict[Sym, dict[Sym, Linear]] = {}
        self._tangents: dict[str, dict[Sym, Linear]] = {}
        self._ways: dict[Sym, dict[Sym, Linear]] = {}
        self._accents: dict[Sym, Value] = {}
        self.leaves: dict[Expr, Expr] = {}

    def _given(self, value: Nested) -> Value:
        return as_array(map(self.m.number, nested_entries(value)), nested_shape(value))

    def known(self, values: Mapping[Any, Value]) -> Known:
        """Names by a table; sizes and filled arrays by what the sizes are here."""
        if not self.tape.has_arrays:
            return values.get

        def value(node: Expr) -> Value | None:
            found = values.get(node)
            return self.leaf(node) if found is None else found

        return value

    def leaf(self, node: Expr) -> Value | None:
        """The value of a size, of an index that is a name, and of an array known from its shape."""
        if isinstance(node, HeldIndex):
            return self.point[node.name]
        if isinstance(node, OneHot):
            length = size_value(node.index.limit, self.sizes_of)
            return array_values.one_hot(self.m, self.point[node.index.name], length)
        if isinstance(node, Dim):
            return self.m.number(size_value(node.name, self.sizes_of))
        if isinstance(node, Filled):
            shape = tuple(size_value(part, self.sizes_of) for part in node.shape)
            index = size_value(node.index, self.sizes_of)
            return array_values.filled(self.m, node.what, shape, index)
        return None

    @cached_property
    def sharper(self) -> Self:
        """The same in twice the bits, or more if these are not enough.

        Raises:
            Undecided: there is no such model.
        """
        return decided(lambda m: type(self)(self.tape, self.exact, m), self.m.sharper)

    @cached_property
    def is_measured(self) -> bool:
        """Whether the arrays are small enough to find every partial by jets."""
        if not self.tape.has_arrays:
            return True
        return max(len(flat(value)) for value in self.primal.values()) <= MOST_MEASURED

    # ------------------------------------------------------------------ values of names

    def __call__(self, node: Expr) -> Value | None:
        """The true value of a name of the derivation; None for what is no name."""
        if isinstance(node, Sym):
            return self._symbol(node)
        if not node.args:
            return self._other_leaf(node)
        if node.op in (e.PARTIAL, e.DERIVATIVE):
            return self.slope(*node.args)
        if node.op in (IMMEDIATE, DIRECT):
            return self._inside(*node.args)
        if node.op is PARTIAL_ROW:
            gradient = self.slope(*node.args)
            return gradient.T if gradient.ndim == 2 else array_values.row(self.m, gradient)
        if node.op is MAPPED or node.op is MAPPED_BACK:
            return self._mapped(node)
        return None

    def _other_leaf(self, node: Expr) -> Value | None:
        if isinstance(node, Applied):
            return self.names[node.over]
        if isinstance(node, Grid):
            return node
        if isinstance(node, Alias):
            return evaluate(self.m, node.meaning, {}, self)
        if isinstance(node, Nabla):
            return self.jacobian_of(node)
        return self.leaf(node) if self.tape.has_arrays else None

    def _symbol(self, node: Sym) -> Value | None:
        if not node.accent:
            return self.primal.get(node, self.names.get(node))
        found = self._accents.get(node)
        if found is None:
            found = self._accented_value(node)
            if found is not None:
                self._accents[node] = found
        return found

    def _accented_value(self, node: Sym) -> Value | None:
        """The value of a tangent, an adjoint, or the part of one along a path."""
        var = self._accented(node)
        if var is None:
            return None
        if node.seed == FREE:
            return self.like(var, self._row(self._drawn(f"{node.accent} {var}", self.entry_count(var))))
        if node.accent == "dot":
            return self.like(var, self.tangent(node.seed, var))
        if node.label:
            path = self.paths.get((var, node.label))
            return None if path is None else self.like(var, path)
        return self.like(var, self.adjoints[var])

    @cached_property
    def _by_text(self) -> dict[str, Sym]:
        """Every variable by its name, those of the tape first."""
        return {name.name: var for name, var in self.tape.by_name.items()} | {
            var.name: var for var in self.tape.order
        }

    def _accented(self, node: Sym) -> Sym | None:
        """The variable of which a tangent or an adjoint is named."""
        return self._by_text.get(node.name)

    def variable(self, node: Expr) -> Sym:
        """The variable of the tape that a name stands for.

        Raises:
            DomainError: there is none.
        """
        assert isinstance(node, Sym)
        if node in self.primal:
            return node
        found = self.tape.by_name.get(node)
        if found is not None:
            return found
        for known in ("", "simplex", "symmetric"):
            name = Sym(node.name, shape=node.shape, assume=known)
            if name in self.primal:
                return name
            if name in self.tape.by_name:
                return self.tape.by_name[name]
        raise DomainError(f"no value for {node}")

    def origin(self, var: Sym) -> Expr:
        """The author's subexpression that a variable of the tape stands for."""
        step = self.tape.step_of.get(var)
        return step.origin if step is not None else self.tape.input_names[var]

    # ------------------------------------------------------------------ derivatives by name

    def slope(self, over: Expr, under: Expr) -> Value:
        """∂over/∂under: inside one step for names of the tape, the whole derivative for an author's name.

        The derivative of a number has its variable's shape; of an array its sizes stand first.
        """
        if over == self.tape.result:
            var = self.variable(under)
            return self.jacobian(var) if over.shape else self.like(var, self.adjoints[var])
        own = None if self.tape.has_arrays else self._locals.get(over)  # type: ignore[call-overload]
        if own is not None and under in own:
            return own[under]
        if over in self.primal or over not in self.names:
            return self._inside(over, under)
        return self.whole(self.variable(over), self.variable(under))

    def _inside(self, over: Expr, under: Expr) -> Value:
        """∂over/∂under inside one step."""
        var, operand = self.variable(over), self.variable(under)
        step = self.tape.step_of.get(var)
        if step is None or operand not in step.operands:
            raise DomainError(f"no value for the derivative of {over} by {under}")
        found = self.local(step, operand)
        shape = (*self.shape(var), *self.shape(operand))
        return as_array(self.entries(found), shape)

    def jacobian_of(self, node: Nabla) -> Value:
        """∂over/∂under as a matrix, its rows the components of `over` unless the layout turns it."""
        over, under = self.variable(node.over), self.variable(node.under)
        found = self.between(over, under) if node.whole else self.local(self.tape.step_of[over], under)
        if not node.shape:
            return self.entries(found)[0]
        matrix = Array(self.entries(found), (self.entry_count(over), self.entry_count(under)))
        return matrix.T if node.layout == "denominator" else matrix

    def jacobian(self, var: Sym) -> Value:
        """∂output/∂var with the indices of the output first."""
        return self.whole(self.tape.output, var)

    def whole(self, over: Sym, under: Sym) -> Value:
        """∂over/∂under along all ways, with the indices of `over` first."""
        found = self.entries(self.between(over, under))
        shape = (*self.shape(over), *self.shape(under))
        return as_array(found, shape) if shape else found[0]

    def _mapped(self, node: Expr) -> Value:
        """∂w_i/∂w_j[ẇ_j], or its transpose applied to w̄_i."""
        partial, moved = node.args
        over, under = (self.variable(arg) for arg in partial.args)
        vector = flat(self._symbol(moved) if isinstance(moved, Sym) else evaluate(self.m, moved, {}, self))
        whole = partial.op not in (IMMEDIATE, DIRECT) and partial.args[0] == self.tape.result
        with self.m:
            if node.op is MAPPED:
                column = self._column(vector)
                step = None if whole else self.tape.step_of[over]
                found = (
                    self.between(over, under) * column if step is None else self.pushed(step, under, column)
                )
                return self.like(over, found)
            row = self._row(vector)
            step = None if whole else self.tape.step_of[over]
            found = row * self.between(over, under) if step is None else self.pulled(step, under, row)
        return self.like(under, found)

    # ------------------------------------------------------------------ local partials

    def local(self, step: Step, operand: Sym) -> Linear:
        """∂step/∂operand: a row for each entry of the step, a column for each of the operand's."""
        found = self._locals.get(step.var)
        if found is None:
            with self.m:
                found = self._by_jets(step) if self.is_measured else self._by_rows(step)
            self._locals[step.var] = found
        return found[operand]

    def _by_jets(self, step: Step) -> dict[Sym, Linear]:
        """What the author's subexpression does to jets in place of its operands."""
        formula, names = self._formula(step)
        at, spans, way = dict[Expr, Value](), list[tuple[Sym, int, int]](), 0
        for operand in step.operands:
            value = self.primal[operand]
            entries = flat(value)
            jets = [Jet(entry, {way + i: self.m.one}) for i, entry in enumerate(entries)]
            at[names[operand]] = as_array(jets, shape_of(value))
            spans.append((operand, way, len(entries)))
            way += len(entries)
        value = self._at_jets(step, formula, at)
        self._same_value(step, value)
        found = [entry.slopes if type(entry) is Jet else {} for entry in flat(value)]
        return {operand: self._collected(found, first, count) for operand, first, count in spans}

    def _same_value(self, step: Step, value: Value) -> None:
        """Refuse a step whose body is not worth what the author's subexpression is.

        Raises:
            ProofError: it is not.
        """
        for jet, true in zip(flat(value), flat(self.primal[step.var]), strict=True):
            own = jet.value if type(jet) is Jet else jet
            if not arb(own).overlaps(arb(true)):
                what = f"proof failed: {step.var} = {step.body} is not what the author wrote"
                raise ProofError(what, way_out="nothing was written")

    def _formula(self, step: Step) -> tuple[Expr, Mapping[Sym, Expr]]:
        """The author's subexpression; on a long tape the body that steps of the kind share."""
        if len(self.tape.steps) <= LONG or step.label == step.var:
            return formula_of(step, self.origin)
        return step.kind.body, dict(zip(step.operands, step.kind.slots, strict=True))

    def _at_jets(self, step: Step, formula: Expr, at: dict[Expr, Value]) -> Value:
        """The value of a step's formula, jets in place of its operands."""
        known = self.known(at)
        if formula is step.kind.body:
            return program_of(formula)(self.m, known)[0]
        values: dict[int, Value] = {}
        for node in postorder(formula, stop=lambda n: n in at):
            values[id(node)] = value_of(self.m, node, values, known)
        return values[id(formula)]

    def _collected(self, rows: Sequence[Mapping[int, Any]], first: int, count: int) -> Linear:
        """The slopes in the directions of one operand."""
        if not self.tape.has_arrays:
            return rows[0].get(first, self.m.zero)
        ways = range(first, first + count)
        return arb_mat(len(rows), count, [row.get(way, 0) for row in rows for way in ways])

    def _by_rows(self, step: Step) -> dict[Sym, Linear]:
        """By the rule table, whose rows are proved elsewhere: for arrays too large for jets."""
        return {operand: self._matrix_by_rows(step, operand) for operand in step.operands}

    def _matrix_by_rows(self, step: Step, operand: Sym) -> Linear:
        rows, columns = self.entry_count(step.var), self.entry_count(operand)
        back = rows < columns
        lines = []
        for position in range(min(rows, columns)):
            unit = [self.m.one if i == position else self.m.zero for i in range(rows if back else columns)]
            lines.append(self._moved_by_row(step, operand, unit, back))
        found = arb_mat(lines)
        return found if back else found.transpose()

    def _moved_by_row(self, step: Step, operand: Sym, entries: list[Any], back: bool = False) -> list[Any]:
        """The step's linear map at work as the rule table has it, forwards or back."""
        partial = next(p for p in local_partials(step) if p.operand == operand)
        start = step.var if back else operand
        slot = Sym("u_given", shape=start.shape)
        move = partial.short.transpose if back else partial.short.apply
        value = as_array(entries, self.shape(start))
        try:
            return flat(evaluate(self.m, move(slot), {}, lambda n: value if n == slot else self(n)))
        except DomainError as error:
            what = "no finite slope" if error.what == "no real value" else error.what
            raise DomainError(what, where=shorten(str(step.origin))) from None

    def pushed(self, step: Step, operand: Sym, tangent: Linear) -> Linear:
        """The tangent of an operand through a step."""
        if self.is_measured:
            return self.local(step, operand) * tangent
        return self._column(self._moved_by_row(step, operand, self.entries(tangent)))

    def pulled(self, step: Step, operand: Sym, adjoint: Linear) -> Linear:
        """The adjoint of a step back to an operand."""
        if self.is_measured:
            return adjoint * self.local(step, operand)
        return self._row(self._moved_by_row(step, operand, self.entries(adjoint), back=True))

    # ------------------------------------------------------------------ sweeps

    @cached_property
    def adjoint_seed(self) -> list[Any]:
        """1, or for an array the adjoint it is differentiated against, entries in a row."""
        if not self.tape.output.shape:
            return [self.m.one]
        return self._drawn("output", self.entry_count(self.tape.output))

    @cached_property
    def adjoints(self) -> dict[Sym, Linear]:
        """The adjoint of every variable; 0 of those that do not reach the output."""
        return self._back(self.tape.output, self._row(self.adjoint_seed), rows=1)

    def _back(self, start: Sym, seed: Linear, rows: int) -> dict[Sym, Linear]:
        """What each variable adds to `start`, weighted by the rows of the seed."""
        with self.m:
            found = {start: seed}
            for step in reversed(self.tape.steps):
                own = found.get(step.var)
                if own is None:
                    continue
                for operand in step.operands:
                    part = self.pulled(step, operand, own)
                    found[operand] = found[operand] + part if operand in found else part
            return {var: found[var] if var in found else self._zero(rows, var) for var in self.tape.order}

    def between(self, over: Sym, under: Sym) -> Linear:
        """∂over/∂under along every way, a row for each entry of `over`."""
        found = self._ways.get(over)
        if found is None:
            count = self.entry_count(over)
            if self.is_measured:
                found = self._back(over, self.identity(count), count)
            else:
                found = self._back_one_by_one(over, count)
            self._ways[over] = found
        return found[under]

    def _back_one_by_one(self, over: Sym, count: int) -> dict[Sym, Linear]:
        """`_back` for a seed of many rows, where only single adjoints can be moved."""
        units = [[self.m.one if i == at else self.m.zero for i in range(count)] for at in range(count)]
        lines = [self._back(over, self._row(unit), 1) for unit in units]
        return {var: arb_mat([self.entries(line[var]) for line in lines]) for var in self.tape.order}

    @cached_property
    def paths(self) -> dict[tuple[Sym, str], Linear]:
        """The part of each adjoint that comes through one use, keyed by the use's letter."""
        with self.m:
            return {
                (var, path_label(i)): self.pulled(step, var, self.adjoints[step.var])
                for var, steps in self.tape.users.items()
                for i, step in enumerate(steps)
            }

    def tangent(self, seed: str, var: Sym) -> Linear:
        """The tangent of a variable: along the direction of one input, 1 for a number."""
        found = self._tangents.get(seed)
        if found is None:
            own = self.tape.variables[seed]
            with self.m:
                found = self._tangents[seed] = self._ahead({own: self._column(self.seed_of(own, seed))})
        return found[var] if var in found else self._column([self.m.zero] * self.entry_count(var))

    def _ahead(self, found: dict[Sym, Linear]) -> dict[Sym, Linear]:
        """The tangents of the variables that follow from those of some inputs."""
        for step in self.tape.steps:
            parts = [self.pushed(step, u, found[u]) for u in step.operands if u in found]
            if parts:
                found[step.var] = self.added(parts)
        return found

    def moved(self, ways: Mapping[str, Sequence[Any]]) -> list[Any]:
        """The tangent of the output's entries by the steps, where some inputs are moved at once."""
        out = self.tape.output
        with self.m:
            found = self._ahead({self.tape.variables[name]: self._column(way) for name, way in ways.items()})
            return self.entries(found[out]) if out in found else [self.m.zero] * self.entry_count(out)

    def seed_of(self, var: Sym, seed: str) -> list[Any]:
        """The direction in which an input is moved."""
        return self._drawn(seed, self.entry_count(var)) if var.shape else [self.m.one]

    def _drawn(self, seed: str, count: int) -> list[Any]:
        rng = random.Random(seed)
        return [self.m.number(Fraction(rng.randrange(-1000, 1000) * 2 + 1, 1000)) for _ in range(count)]

    def along(self, direction: Mapping[str, Sequence[Any]]) -> list[Any]:
        """The tangent of the output's entries by one jet of the author's whole expression, end to end."""
        with self.m:
            at: dict[Any, Value] = {}
            for _, name in self.tape.inputs:
                value, ways = self.point[name.name], direction.get(name.name)
                entries = flat(value)
                if ways is not None:
                    entries = [Jet(x, {0: way}) for x, way in zip(entries, ways, strict=True)]
                at[name] = as_array(entries, shape_of(value))
            (found,) = program_of(self.origin(self.tape.output))(self.m, self.known(at))
            return [x.slopes.get(0, self.m.zero) if type(x) is Jet else self.m.zero for x in flat(found)]

    # ------------------------------------------------------------------ numbers and matrices alike

    def shape(self, var: Sym) -> tuple[int, ...]:
        """The sizes of a variable here."""
        return shape_of(self.primal[var])

    def entry_count(self, var: Sym) -> int:
        return prod(self.shape(var))

    def entries(self, value: Linear) -> list[Any]:
        """The entries of a tangent, an adjoint or a local partial."""
        return value.entries() if type(value) is arb_mat else [value]

    def like(self, var: Sym, value: Linear) -> Value:
        """A tangent or an adjoint in the shape of its variable."""
        return as_array(self.entries(value), self.shape(var))

    def identity(self, count: int) -> Linear:
        if not self.tape.has_arrays:
            return self.m.one
        return arb_mat(count, count, [int(i == j) for i in range(count) for j in range(count)])

    def _zero(self, rows: int, var: Sym) -> Linear:
        return arb_mat(rows, self.entry_count(var)) if self.tape.has_arrays else self.m.zero

    def _row(self, entries: Sequence[Any]) -> Linear:
        return arb_mat(1, len(entries), list(entries)) if self.tape.has_arrays else entries[0]

    def _column(self, entries: Sequence[Any]) -> Linear:
        return arb_mat(len(entries), 1, list(entries)) if self.tape.has_arrays else entries[0]

    def added(self, parts: Iterable[Linear]) -> Linear:
        first, *rest = parts
        for part in rest:
            first = first + part
        return first


def decided(make: Callable[[Balls], M], m: Balls) -> M:
    """What `make` makes in as many bits as decide every branch.

    Raises:
        Undecided: none are enough.
    """
    while True:
        try:
            return make(m)
        except Undecided:
            m = m.sharper


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
