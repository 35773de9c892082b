"""The values of names by the lines that say what they are, in order: a way to them without the model.

A name of the tape is worth its step, a tangent or an adjoint its line of the sweep. Nothing is measured by
jets here, so that numbers which the model gave are found once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import Self

from symdiff.document.blocks import Known, Move
from symdiff.expr.leaves import Alias, Filled, Grid, HeldIndex, OneHot
from symdiff.expr.shapes import size_value
from symdiff.expr.tree import Dim, Expr, Sym
from symdiff.proof.balls import Balls
from symdiff.proof.model import decided
from symdiff.proof.sampling import Nested, nested_entries, nested_shape
from symdiff.proof.values import Value, evaluate
from symdiff.rules import array_values
from symdiff.rules.arrays import as_array


class LineValues:
    """The values of what is known and of every move: call it with a name.

    Raises:
        DomainError: a line has no real value.
        Undecided: more bits are needed to say which branch is taken.
    """

    def __init__(
        self,
        known: tuple[Known, ...],
        moves: tuple[Move, ...],
        sizes: Mapping[str, int],
        indices: Mapping[str, Nested],
        m: Balls,
    ) -> None:
        self._known, self._moves, self.sizes_of, self.m = known, moves, sizes, m
        self._indices = indices
        self.point: dict[str, Value] = {name: self._given(value) for name, value in indices.items()}
        self._values: dict[Sym, Value] = {}
        for given in known:
            self._values[given.var] = self._given(given.numbers)
        for move in moves:
            self._values[move.var] = evaluate(m, move.form, {}, self)

    def _given(self, value: Nested) -> Value:
        return as_array(map(self.m.number, nested_entries(value)), nested_shape(value))

    def __call__(self, node: Expr) -> Value | None:
        if isinstance(node, Sym):
            return self._values.get(node)
        if isinstance(node, Grid):
            return node
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
        return evaluate(self.m, node.meaning, {}, self) if isinstance(node, Alias) else None

    @cached_property
    def sharper(self) -> Self:
        """The same in twice the bits, or more if these are not enough.

        Raises:
            Undecided: there is no such number of bits.
        """
        made = partial(type(self), self._known, self._moves, self.sizes_of, self._indices)
        return decided(made, self.m.sharper)
