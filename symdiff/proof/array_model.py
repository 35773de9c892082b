"""The model of a tape with vectors and matrices: true values at a point, measured as in `model`.

Tangents and adjoints are products of the local partials of `array_steps`. An input array is differentiated
along a direction of its own, an output array against an adjoint of its own, both drawn at random, the same
on every run.
"""

from __future__ import annotations

import random
from functools import cached_property
from typing import Any

from symdiff.derivation.derivation import FREE
from symdiff.errors import DomainError
from symdiff.expr import tree as e
from symdiff.expr.leaves import Alias, Dim, Filled, Nabla
from symdiff.expr.operations import DIRECT, IMMEDIATE, MAPPED, MAPPED_BACK, PARTIAL_ROW
from symdiff.expr.tree import Expr, Sym
from symdiff.proof.array_steps import ArraySteps
from symdiff.proof.differences import MEASURED_IN
from symdiff.proof.values import Value, context, evaluate
from symdiff.rules import array_values


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
            for var, steps in self.tape.uses.items()
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
