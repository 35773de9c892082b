"""Numbers put in, as by hand: (0.7593 − 0.5)·(1 − 0.7593²) for (h₃ − y)·(1 − h₃²)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flint import arb

from symdiff.errors import DomainError
from symdiff.explain.shared.work import Work
from symdiff.expr.conditions import INDICATOR, WHERE
from symdiff.expr.leaves import Alias, Grid
from symdiff.expr.operations import (
    DIRECT,
    GREATER,
    IMMEDIATE,
    MEAN,
    PARTIAL_ROW,
    POSITIVE,
    SHOWN_AS_ROW,
    SHOWN_TRANSPOSED,
    SUM,
    TURNED,
)
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Num, Sym, count_operations, postorder, substitute
from symdiff.proof.balls import Undecided
from symdiff.proof.near_values import near_value
from symdiff.rules.arrays import flat

MOST_OPERATIONS, MOST_WITH_ARRAYS, MOST_ENTRIES = 12, 4, 9
"""Operations of a formula up to which numbers are put into it, or arrays; entries of such an array."""
NEAR = arb(1) / 20
"""How much of a value the numbers put in may leave open."""


_NO_PLACE = (GREATER, POSITIVE, INDICATOR, WHERE, SUM, MEAN)
"""In what no numbers are put: 1[u > 0] and 1[u > v], cases, Σ xᵢ and its mean."""
DERIVATIVES = (DERIVATIVE, PARTIAL, PARTIAL_ROW, IMMEDIATE, DIRECT, SHOWN_AS_ROW, SHOWN_TRANSPOSED, TURNED)


def put_in(work: Work, model: Any, formula: Expr) -> tuple[Expr, ...]:
    """A formula with the numbers of its names in their place; nothing where nobody would write it.

    That is where there is nothing to compute, where the line would be long, or where the numbers, rounded as
    they are printed, do not tell the value: 1.0000 − 1.0000; or where a jump stands, or a sum over indices.
    """
    if any(node.op in _NO_PLACE for node in postorder(formula)):
        return ()
    names = set(_names(formula))
    most = MOST_WITH_ARRAYS if any(name.shape for name in names) else MOST_OPERATIONS
    if not names or _is_name(formula) or count_operations(formula) > most:
        return ()
    values = {name: work.value(name) for name in names}
    if not all(isinstance(value, Num) or _is_small(model, name, value) for name, value in values.items()):
        return ()
    found = substitute(formula, values)
    return (found,) if _tells_its_value(model, formula, found) else ()


def _names(formula: Expr) -> Iterator[Expr]:
    """The names in a formula, and the derivatives that it uses as names."""
    yield from (node for node in postorder(formula, stop=_is_name) if _is_name(node))


def _is_name(node: Expr) -> bool:
    return isinstance(node, Sym | Alias) or node.op in DERIVATIVES


def _is_small(model: Any, name: Expr, value: Expr) -> bool:
    """Whether an array is shown whole and has few entries; of a large one only some stand in the grid."""
    return isinstance(value, Grid) and len(flat(near_value(model, name))) <= MOST_ENTRIES


def _tells_its_value(model: Any, formula: Expr, found: Expr) -> bool:
    """Whether each number of the value is known to one part in 20, or is 0 on both sides."""
    try:
        true = near_value(model, formula)
        with model.m:
            return all(map(_is_told, *_pairs(true, near_value(model, found))))
    except (DomainError, Undecided):
        return False


def _pairs(true: Any, near: Any) -> Iterator[list[Any]]:
    yield from ([arb(one) for one in flat(value)] for value in (true, near))


def _is_told(true: Any, near: Any) -> bool:
    return bool(near.is_finite() and near.contains(true) and near.rad() <= NEAR * abs(true).upper())
