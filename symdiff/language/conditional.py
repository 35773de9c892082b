"""Conditions as they are typed: a if c else b, where(c, a, b), piecewise((a, c), (b, True)), 0 < x < 1.

A comparison where a number is wanted is 1[c], as in x*(x > 0); a number where a condition is wanted is u ≠ 0.
−∞ stands in masks alone: softmax(where(M > 0, S, -inf)) and softmax(S + where(M > 0, 0, -inf)) are the
softmax of the entries that count.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import pairwise

from symdiff.errors import InputError
from symdiff.expr import tree as e
from symdiff.expr.conditions import (
    AND,
    AT_LEAST,
    AT_MOST,
    DIFFERENT,
    INFINITY,
    LESS,
    MASKED_LOGSUMEXP,
    MASKED_LOGSUMEXP_ACROSS,
    MASKED_SOFTMAX,
    MORE,
    OR,
    SAME,
    WHERE,
    as_condition,
    as_number,
    is_condition,
    joined,
    negated,
)
from symdiff.expr.notation import Op
from symdiff.expr.operations import LOGSUMEXP, LOGSUMEXP_ACROSS, SOFTMAX, transpose
from symdiff.expr.tree import Expr, Sym, is_constant, leaves, postorder, substitute

_COMPARED = {
    ast.Lt: LESS,
    ast.LtE: AT_MOST,
    ast.Gt: MORE,
    ast.GtE: AT_LEAST,
    ast.Eq: SAME,
    ast.NotEq: DIFFERENT,
}
_JOINED = {ast.And: AND, ast.Or: OR, ast.BitAnd: AND, ast.BitOr: OR}
PIECEWISE = "piecewise"
_WAY_OUT = "write piecewise((x, x > 0), (0, True))"


def parts_of(node: ast.expr) -> list[ast.expr] | None:
    """The operands of a condition, or of what depends on one; None for any other node."""
    match node:
        case ast.IfExp(test=test, body=body, orelse=otherwise):
            return [test, body, otherwise]
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _COMPARED for op in ops):
            return [left, *others]
        case ast.BoolOp(values=values):
            return values
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr(), right=right):
            return [left, right]
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            return [operand]
        case ast.Call(func=ast.Name(id="where"), args=args, keywords=[]) if len(args) == 3:
            return args
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name == PIECEWISE:
            return _in_pieces(args)
    return None


def _in_pieces(args: list[ast.expr]) -> list[ast.expr]:
    """a, c, b, d, … of piecewise((a, c), (b, d), …), the last condition left out where it is True."""
    pairs = [arg.elts for arg in args if isinstance(arg, ast.Tuple) and len(arg.elts) == 2]
    if len(pairs) != len(args) or not args:
        raise InputError("piecewise takes pairs of a value and a condition", way_out=_WAY_OUT)
    *_, last = found = [part for pair in pairs for part in pair]
    if not isinstance(last, ast.Constant) or last.value is not True:
        raise InputError("the last condition of piecewise is True", way_out=_WAY_OUT)
    return found[:-1]


def built(node: ast.expr, args: Sequence[Expr]) -> Expr:
    """The expression of a node that `parts_of` has operands of."""
    match node:
        case ast.Compare(ops=ops):
            sides = [as_number(arg) for arg in args]
            found = [
                _compared(_COMPARED[type(op)], *pair) for op, pair in zip(ops, pairwise(sides), strict=True)
            ]
            return joined(AND, found)
        case ast.BoolOp(op=op) | ast.BinOp(op=op):
            return joined(_JOINED[type(op)], list(map(_condition, args)))
        case ast.UnaryOp():
            return negated(_condition(args[0]))
        case ast.Call(func=ast.Name(id=name)) if name == PIECEWISE:
            *pieces, result = args
            for value, condition in zip(pieces[-2::-2], pieces[::-2], strict=True):
                result = _where(condition, value, result)
            return as_number(result)
    return _where(*args)


def _compared(op: Op, left: Expr, right: Expr) -> Expr:
    if is_constant(left) and is_constant(right) and not (left.shape or right.shape):
        what = f"{Expr(op, left, right)} is the same for all values"
        raise InputError(what, way_out="a condition compares something that varies")
    return Expr(op, left, right)


def _condition(node: Expr) -> Expr:
    if not is_condition(node) and is_constant(node) and not node.shape:
        raise InputError(f"{node} is no condition", way_out="a condition compares, as x > 0")
    return as_condition(node)


def _where(condition: Expr, first: Expr, other: Expr) -> Expr:
    return Expr(WHERE, _condition(condition), as_number(first), as_number(other))


def has_infinity(node: Expr) -> bool:
    return any(leaf.op is INFINITY for leaf in leaves(node))


_MASKED = {SOFTMAX: MASKED_SOFTMAX, LOGSUMEXP: MASKED_LOGSUMEXP, LOGSUMEXP_ACROSS: MASKED_LOGSUMEXP_ACROSS}
_MASKS = "−∞ stands in a mask inside softmax or logsumexp: softmax(where(M > 0, S, -inf))"


def with_masks(root: Expr) -> Expr:
    """`root` with softmax(a where c, −∞ elsewhere) as the softmax of the entries that count.

    Raises:
        InputError: an infinity stands anywhere else.
    """
    if not has_infinity(root):
        return root
    masked = [node for node in postorder(root) if node.op in _MASKED and has_infinity(node)]
    found = substitute(root, {node: _unmasked(node) for node in masked})
    if has_infinity(found):
        raise InputError("an infinity is no number", way_out=_MASKS)
    return found


def is_mask(node: Expr) -> bool:
    """Whether a formula has −∞ as a whole entry, so that it can only stand in a softmax."""
    return bool(node.shape) and has_infinity(node) and _mask(node) is not None


def with_masks_put_in(definitions: Sequence[tuple[Sym, Expr]]) -> tuple[tuple[Sym, Expr], ...]:
    """Definitions in which one that is a mask is written out where its name stands, and is none itself.

    Raises:
        InputError: an infinity is left.
    """
    if not any(has_infinity(formula) for _, formula in definitions):
        return tuple(definitions)
    masks: dict[Expr, Expr] = {}
    kept = []
    for name, formula in definitions:
        written = substitute(formula, masks)
        if is_mask(written):
            masks[name] = written
        else:
            kept.append((name, with_masks(written)))
    if not kept or kept[-1][0] != definitions[-1][0]:
        raise InputError("an infinity is no number", where=definitions[-1][0].name, way_out=_MASKS)
    return tuple(kept)


def _unmasked(node: Expr) -> Expr:
    """softmax(a where c, −∞ elsewhere) as one operation; its parts have masks of their own, if any."""
    found = _mask(node.args[0])
    if found is None:
        raise InputError(f"{node.args[0]} is no mask", way_out=_MASKS)
    return Expr(_MASKED[node.op], *map(with_masks, found))


def _mask(node: Expr) -> tuple[Expr, Expr] | None:
    """What is masked, and the condition under which an entry of it counts."""
    if node.op is WHERE:
        condition, first, other = node.args
        if _is_lost(other):
            return first, condition
        return (other, negated(condition)) if _is_lost(first) else None
    if node.op is e.TRANSPOSE:
        found = _mask(node.args[0])
        return None if found is None else (transpose(found[0]), _turned(found[1]))
    if node.op in (e.ADD, e.SUB, e.MUL, e.DIV):
        return _mask_beside(node)
    return None


def _mask_beside(node: Expr) -> tuple[Expr, Expr] | None:
    """The mask of S + M, and of M·c and M/c where c is a positive number."""
    left, right = node.args
    place = 0 if has_infinity(left) else 1
    mask, other = (left, right) if place == 0 else (right, left)
    scales = isinstance(other, e.Num) and other.value > 0 and (node.op is e.MUL or place == 0)
    if node.op in (e.MUL, e.DIV) and not scales:
        return None
    found = None if has_infinity(other) or (node.op is e.SUB and place) else _mask(mask)
    if found is None:
        return None
    value, condition = found
    if node.op is e.ADD and value == e.ZERO:
        return other, condition
    return Expr(node.op, *((value, other) if place == 0 else (other, value))), condition


def _is_lost(node: Expr) -> bool:
    """Whether a branch is −∞."""
    return node.op is e.NEG and node.args[0].op is INFINITY


def _turned(condition: Expr) -> Expr:
    """A condition on the entries of a matrix, on those of its transpose."""
    return Expr(
        condition.op,
        *(
            _turned(arg) if is_condition(arg) else transpose(arg) if len(arg.shape) == 2 else arg
            for arg in condition.args
        ),
    )
