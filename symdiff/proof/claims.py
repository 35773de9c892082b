"""Equalities compiled: each once, as a list of operations, for its values at many points, times and rows.

What a model knows, a name or a partial, is a leaf; rows of a kind share the list and differ in the names of
its leaves. Where members do not clearly agree, the equality is left to `agreement`, which asks for more bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symdiff.document.blocks import Chain
from symdiff.document.repeats import RepeatedRow
from symdiff.errors import DomainError
from symdiff.expr.leaves import Grid
from symdiff.expr.tree import ALL, Expr, Num, Sym, postorder, substitute
from symdiff.proof.agreement import Refuted, is_agreed
from symdiff.proof.balls import Undecided
from symdiff.proof.values import Value, operation
from symdiff.rules.arrays import flat, shape_of


class Claims:
    """The equalities of a row, or one alone; `model` says what is known of their names."""

    def __init__(self, chains: Sequence[Chain], model: Any) -> None:
        self.leaves: list[Expr] = []
        self.operations: list[tuple[Callable[..., Value], tuple[int, ...]]] = []
        known: set[int] = set()
        places: dict[int, int] = {}

        def is_leaf(node: Expr) -> bool:
            if id(node) in places or id(node) in known:
                return True
            if not node.args or model(node) is not None:
                known.add(id(node))
                return True
            return False

        forms = [form for chain in chains for form in (chain.left, *chain.members)]
        nodes = [node for form in forms for node in postorder(form, stop=is_leaf)]
        first = [node for node in nodes if id(node) in known or not node.args]
        for node in first:
            if id(node) not in places:
                places[id(node)] = len(self.leaves)
                self.leaves.append(model.leaves.setdefault(node, node))  # one object for equal leaves
        for node in nodes:
            if id(node) not in places:
                own = tuple([places[id(arg)] for arg in node.args])
                places[id(node)] = len(self.leaves) + len(self.operations)
                self.operations.append((operation(node), own))
        self.equal = [(places[id(c.left)], places[id(m)]) for c in chains for m in c.members]
        self.kept = forms  # so that no other tree takes the place of one of these

    def hold(self, model: Any, leaves: Sequence[Expr]) -> bool:
        """Whether all members clearly agree, the leaves being those of one row."""
        try:
            with model.m:
                values = [_leaf(model, leaf) for leaf in leaves]
                # What is not finite is no narrow ball, so that it needs no look of its own.
                for value, places in self.operations:
                    values.append(value(model.m, *[values[place] for place in places]))
                return all(_clearly_agree(values[left], values[member]) for left, member in self.equal)
        except (Refuted, Undecided, DomainError, ZeroDivisionError):
            return False


def _leaf(model: Any, node: Expr) -> Value:
    if isinstance(node, Num):
        if node.rounded:
            raise Undecided  # rounded numbers have a rule of their own
        return model.m.number(node.value)
    if node is ALL:
        return ALL
    found = model(node)
    if found is None:
        if not node.args and not isinstance(node, Sym):
            return operation(node)(model.m)  # a constant such as π
        raise DomainError(f"no value for {node}")
    if isinstance(found, Grid):
        raise Undecided
    return found


def _clearly_agree(one: Value, other: Value) -> bool:
    """Whether two values have one shape and narrow balls that overlap."""
    if shape_of(one) != shape_of(other):
        return False
    return all(map(is_agreed, flat(one), flat(other)))


class RowsOfKinds:
    """The rows of a page that repeat one another, compiled by their pattern."""

    def __init__(self, models: Sequence[Any]) -> None:
        self.models = models
        self._compiled: dict[int, tuple[Any, Claims, list[tuple[int, Expr]]]] = {}

    def hold(self, row: RepeatedRow) -> bool:
        """Whether the row clearly holds at every point."""
        pattern = row.pattern
        known = self._compiled.get(id(pattern))
        if known is None:
            known = self._compiled[id(pattern)] = self._compile(pattern)
        _, claims, slots = known
        if not claims.equal:
            return False
        names = row.names
        renaming: Mapping[Expr, Expr] | None = None
        leaves = []
        for place, leaf in slots:
            if place >= 0:
                leaves.append(names[place])
            elif place == FIXED:
                leaves.append(leaf)
            else:
                renaming = renaming or dict(zip(pattern.names, names, strict=True))
                leaves.append(substitute(leaf, renaming))
        return all(claims.hold(model, leaves) for model in self.models)

    def _compile(self, pattern: Any) -> tuple[Any, Claims, list[tuple[int, Expr]]]:
        chains = (pattern.record.chain, *pattern.record.beside)
        if any(chain.at_point or chain.times is not None for chain in chains):
            return pattern, Claims((), self.models[0]), []
        claims = Claims(chains, self.models[0])
        places = {name: place for place, name in enumerate(pattern.names)}
        return pattern, claims, [(_slot(leaf, places), leaf) for leaf in claims.leaves]


FIXED, RENAMED = -1, -2
"""A leaf that is the same in every row, and one that is a formula in the row's names."""


def _slot(leaf: Expr, places: Mapping[Expr, int]) -> int:
    """Which of the row's names a leaf is; else whether it is fixed or to be renamed."""
    if leaf in places:
        return places[leaf]
    return FIXED if isinstance(leaf, Num) or leaf is ALL else RENAMED
