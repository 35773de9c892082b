"""Conditions, and what depends on them: u < v, "and", "or", "not"; a if c else b; 1[c]. Inert data.

A condition is no number: it stands in the first place of `WHERE` and of `INDICATOR`, in other conditions, and
in the masks of `MASKED_SOFTMAX` and `MASKED_LOGSUMEXP`, and nowhere else. It has no derivative, so that the
operation it stands in takes it into its own step.
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.expr.notation import Binding, Notation, Op, pattern
from symdiff.expr.shapes import Shape, Shaped, ShapeRule, elementwise, refuse
from symdiff.expr.tree import ONE, ZERO, Expr, Num, postorder, rebuilt


def _relation(name: str, latex: str, text: str) -> Op:
    return Op(name, 2, Notation("relation", latex, text, Binding.LOOSEST))


LESS, AT_MOST = _relation("<", "<", "<"), _relation("<=", r"\leq", "≤")
MORE, AT_LEAST = _relation(">", ">", ">"), _relation(">=", r"\geq", "≥")
SAME, DIFFERENT = _relation("==", "=", "="), _relation("!=", r"\neq", "≠")
AND, OR = (Op(name, None, Notation("junction", name, name, Binding.LOOSEST)) for name in ("and", "or"))
NOT = Op("not", 1, Notation("junction", "not", "not", Binding.LOOSEST))
COMPARISONS = (LESS, AT_MOST, MORE, AT_LEAST, SAME, DIFFERENT)
CONDITIONS = (*COMPARISONS, AND, OR, NOT)
_OPPOSITE = dict(zip(COMPARISONS, (AT_LEAST, MORE, AT_MOST, LESS, DIFFERENT, SAME), strict=True))

WHERE = Op("where", 3, Notation("cases", "", "", Binding.LOOSEST))
"""a where the condition holds, b elsewhere; of arrays entry by entry."""
INDICATOR = pattern("indicator", r"\mathbf{{1}}_{{{0}}}", "1[{0}]")
"""1 where the condition holds, 0 elsewhere."""


def _of_masked(name: str, args: Sequence[Shaped]) -> Shape:
    """The shape of what is masked, which the mask has too, or is spread to."""
    shape = elementwise(name, args)
    if not shape or shape != args[0].shape:
        refuse(name, args, "a mask goes with a vector or a matrix of its shape")
    return shape


def _masked(name: str, word: str, shape: ShapeRule) -> Op:
    return Op(name, 2, Notation("masked", word, word, Binding.ATOM), shape)


def _across(name: str, args: Sequence[Shaped]) -> Shape:
    if len(args[0].shape) != 2:
        refuse(name, args, "a matrix is expected where axis is given")
    return _of_masked(name, args)[:1]


def _whole(name: str, args: Sequence[Shaped]) -> Shape:
    if len(_of_masked(name, args)) != 1:
        refuse(name, args, "a vector is expected, or an axis of a matrix")
    return ()


MASKED_SOFTMAX = _masked("masked_softmax", "softmax", _of_masked)
"""softmax(a where the mask holds, −∞ elsewhere): the softmax of the entries that count, 0 for all others."""
MASKED_LOGSUMEXP = _masked("masked_logsumexp", "lse", _whole)
MASKED_LOGSUMEXP_ACROSS = _masked("masked_logsumexp_across", "lse", _across)
"""The logarithm of the sum of eᵘ over the entries that count; in each row."""
INFINITY = pattern("inf", r"\infty", "∞", arity=0)
"""Only in masks: −∞ as an entry that does not count."""


def is_condition(node: Expr) -> bool:
    return node.op in CONDITIONS


def negated(condition: Expr) -> Expr:
    """The opposite of a condition: x ≤ 0 of x > 0."""
    if condition.op in _OPPOSITE:
        return Expr(_OPPOSITE[condition.op], *condition.args)
    if condition.op is NOT:
        return condition.args[0]
    if condition.op in (AND, OR):
        return joined(OR if condition.op is AND else AND, list(map(negated, condition.args)))
    return Expr(NOT, condition)


def joined(op: Op, found: Sequence[Expr]) -> Expr:
    """Conditions joined by one `AND` or `OR`."""
    flat = [part for each in found for part in (each.args if each.op is op else [each])]
    return flat[0] if len(flat) == 1 else Expr(op, *flat)


def as_number(node: Expr) -> Expr:
    """1[c] of a condition, anything else as it is."""
    return Expr(INDICATOR, node) if is_condition(node) else node


def as_condition(node: Expr) -> Expr:
    """A number as a condition, u ≠ 0, as NumPy and Python take it."""
    if is_condition(node):
        return node
    return node.args[0] if node.op is INDICATOR else Expr(DIFFERENT, node, ZERO)


def decided(root: Expr, known: dict[Expr, bool]) -> Expr:
    """`root` where it is known which of some conditions hold: the branches that are taken, 1 or 0."""
    truth: dict[Expr, Expr] = {node: ONE if holds else ZERO for node, holds in known.items()}
    return rebuilt(root, truth, _simplified) if truth else root


def _simplified(node: Expr, args: list[Expr]) -> Expr:
    """An operation, some of whose conditions are 1 or 0 by now."""
    first = args[0]
    if node.op in (AND, OR):
        wins = ZERO if node.op is AND else ONE
        left = [arg for arg in args if not isinstance(arg, Num)]
        if wins in args or not left:
            return wins if wins in args else args[0]
        return joined(node.op, left)
    if not isinstance(first, Num) or node.op not in (NOT, INDICATOR, WHERE):
        return Expr(node.op, *args)
    if node.op is INDICATOR:
        return first
    if node.op is NOT:
        return ONE if first == ZERO else ZERO
    return args[1] if first == ONE else args[2]


def comparisons_in(root: Expr) -> list[Expr]:
    """The comparisons in the conditions of a formula, each once."""
    return list(dict.fromkeys(node for node in postorder(root) if node.op in COMPARISONS))


def at_equality(comparison: Expr) -> bool:
    """Whether a comparison holds where both sides are equal."""
    return comparison.op in (AT_MOST, AT_LEAST, SAME)
