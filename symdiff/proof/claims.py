"""Equalities compiled: each once, as a list of operations, for its values at many points, times and rows.

What a model knows, a name or a partial, is a leaf; rows of a kind share the list and differ in the names of
its leaves. Where members do not clearly agree, the equality is left to `agreement`, which asks for more bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from symdiff.document.blocks import Chain, Row
from symdiff.document.repeats import RepeatedRow
from symdiff.errors import DomainError
from symdiff.expr.leaves import Grid
from symdiff.expr.operations import MAPPED, MAPPED_BACK
from symdiff.expr.patterns import Pattern
from symdiff.expr.tree import ALL, PARTIAL, Expr, Num, Sym, postorder
from symdiff.proof.agreement import Refuted, is_agreed, is_as_written
from symdiff.proof.balls import Undecided
from symdiff.proof.values import Value, operation
from symdiff.rules.arrays import Array, flat, shape_of


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

    @cached_property
    def are_plain(self) -> bool:
        """Whether no number is rounded, which has a rule of its own, or false, which is refused by name."""
        numbers = [leaf for leaf in self.leaves if isinstance(leaf, Num)]
        return all(is_as_written(number) and not number.rounded for number in numbers)

    def hold(self, model: Any, leaves: Sequence[Expr]) -> bool:
        """Whether all members clearly agree, the leaves being those of one row."""
        if not self.are_plain:
            return False
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
    if type(one) is not Array and type(other) is not Array:
        return is_agreed(one, other)
    return shape_of(one) == shape_of(other) and all(map(is_agreed, flat(one), flat(other)))


class Kind:
    """The rows that repeat one pattern, compiled once: columns of leaves, then operations on columns."""

    def __init__(self, pattern: Pattern[Row], model: Any) -> None:
        chains = (pattern.record.chain, *pattern.record.beside)
        self.pattern = pattern
        self.claims = Claims(chains, model)
        places: dict[Expr, int] = {name: place for place, name in enumerate(pattern.names)}
        self.slots = [_slot(leaf, places) for leaf in self.claims.leaves]

    def holding(self, rows: Sequence[RepeatedRow], model: Any) -> list[bool]:
        """For each row whether it clearly holds at the point of a model."""
        if not self.claims.are_plain:
            return [False] * len(rows)
        try:
            with model.m:
                columns = [
                    self._column(leaf, slot, rows, model)
                    for leaf, slot in zip(self.claims.leaves, self.slots, strict=True)
                ]
                for value, places in self.claims.operations:
                    columns.append(list(map(partial(value, model.m), *[columns[place] for place in places])))
                found = [
                    list(map(_clearly_agree, columns[left], columns[member]))
                    for left, member in self.claims.equal
                ]
                return list(map(all, zip(*found, strict=True)))
        except (Refuted, Undecided, DomainError, ZeroDivisionError):
            if len(rows) == 1:
                return [False]
            half = len(rows) // 2
            return [*self.holding(rows[:half], model), *self.holding(rows[half:], model)]

    def _column(self, leaf: Expr, slot: Slot, rows: Sequence[RepeatedRow], model: Any) -> list[Value]:
        """The values of a leaf in all rows."""
        match slot:
            case int():
                return [_leaf(model, row.names[slot]) for row in rows]
            case (over, under):
                return [model.slope(row.names[over], row.names[under]) for row in rows]
            case (over, under, moved):
                make = partial(_mapped, leaf)
                return [_leaf(model, make(*(row.names[at] for at in (over, under, moved)))) for row in rows]
        if isinstance(leaf, Num) or leaf is ALL:
            return [_leaf(model, leaf)] * len(rows)
        return [_leaf(model, self.pattern.put(leaf, row.names)) for row in rows]


Slot = int | tuple[int, int] | tuple[int, int, int] | None
"""Which of a row's names a leaf is, of which two a partial, which third that moves; None for others."""


def _slot(leaf: Expr, places: Mapping[Expr, int]) -> Slot:
    if leaf in places:
        return places[leaf]
    if leaf.op is PARTIAL and all(arg in places for arg in leaf.args):
        return places[leaf.args[0]], places[leaf.args[1]]
    if leaf.op in (MAPPED, MAPPED_BACK) and leaf.args[1] in places and len(leaf.args[0].args) == 2:
        over, under = leaf.args[0].args
        if over in places and under in places:
            return places[over], places[under], places[leaf.args[1]]
    return None


def _mapped(like: Expr, over: Expr, under: Expr, moved: Expr) -> Expr:
    """∂over/∂under at work on a tangent or an adjoint, as in another row."""
    return Expr(like.op, Expr(like.args[0].op, over, under), moved)


def holding(rows: Iterable[RepeatedRow], models: Sequence[Any]) -> set[int]:
    """The rows, by the object, that clearly hold at every point."""
    groups: dict[int, list[RepeatedRow]] = {}
    for row in rows:
        groups.setdefault(id(row.pattern), []).append(row)
    found: set[int] = set()
    for alike in groups.values():
        record = alike[0].pattern.record
        if any(chain.at_point or chain.times is not None for chain in (record.chain, *record.beside)):
            continue
        kind = Kind(alike[0].pattern, models[0])
        each = [kind.holding(alike, model) for model in models]
        if kind.claims.equal:
            found |= {id(row) for row, *holds in zip(alike, *each, strict=True) if all(holds)}
    return found
