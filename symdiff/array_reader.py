"""What the language says of arrays: A @ B, A.T, x[i], lists, sum(A, axis=0), ones(n). Nothing is evaluated.

Each function here reads one kind of syntax node, given its parts; `reader` decides which one is asked
and shows where an error stands.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping

from symdiff import matrix as a
from symdiff.errors import InputError
from symdiff.expr import TRANSPOSE, Expr, Num, Sym
from symdiff.leaves import Dim, Filled
from symdiff.matrix import entry, piece
from symdiff.names import split_name
from symdiff.notation import Op
from symdiff.shapes import LARGEST, Size, is_number, size

_ACROSS: dict[str, tuple[Op, Op]] = {
    "sum": (a.SUM_DOWN, a.SUM_ACROSS),
    "mean": (a.MEAN_DOWN, a.MEAN_ACROSS),
}
_ROWS = {"softmax", "log_softmax"}
FILLS = ("ones", "zeros", "eye")


def named_entry(name: str, known: Mapping[str, Sym]) -> Expr | None:
    """x1 or x_1 as the first entry of a vector x, where x1 is no name of its own."""
    stem, _, index = split_name(name)
    vector = known.get(stem)
    if vector is None or len(vector.shape) != 1 or not index.isdigit():
        return None
    position, length = int(index), vector.shape[0]
    if position < 1 or (is_number(length) and position > int(length)):
        return None
    return entry(vector, (position - 1,))


def subscript(value: Expr, index: ast.expr) -> Expr:
    """value[i], value[i, j], value[:, j], value[i:j]."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    if len(parts) == 1 and isinstance(parts[0], ast.Slice) and (parts[0].lower or parts[0].upper):
        return _piece(value, parts[0])
    return entry(value, [_pick(part) for part in parts])


def _piece(value: Expr, part: ast.Slice) -> Expr:
    start = 0 if part.lower is None else _whole(part.lower)
    length = value.shape[0] if value.shape else 0
    if part.upper is None and not is_number(length):
        raise InputError("a piece to the end needs a size that is a number", where=str(value))
    stop = int(length) if part.upper is None else _whole(part.upper)
    if part.step is not None or start < 0 or stop < 0:
        raise InputError("a piece is x[i:j] with 0 ≤ i < j", where=str(value))
    return piece(value, start, stop)


def _pick(part: ast.expr) -> int | slice:
    if isinstance(part, ast.Slice):
        if part.lower or part.upper or part.step:
            raise InputError("of a matrix, a whole row A[i] or column A[:, j] can be taken")
        return slice(None)
    return _whole(part)


def _whole(node: ast.expr) -> int:
    try:
        found = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > LARGEST:
        raise InputError("an index is a whole number", way_out="write x[0], counted from 0")
    return found


def along_axis(name: str, op: Op, arg: Expr, keywords: Collection[ast.keyword]) -> Expr:
    """sum, mean, softmax, log_softmax or logsumexp along an axis of a matrix, as in NumPy."""
    given = {keyword.arg: keyword.value for keyword in keywords}
    keep = given.pop("keepdims", None)
    axis = _whole(given.pop("axis")) if "axis" in given else None
    if given or (keep is not None and (not isinstance(keep, ast.Constant) or axis is None)):
        raise InputError(f"{name} takes the options axis and keepdims only")
    if axis is None:
        raise InputError(f"{name} takes the option axis", way_out="write axis=0 or axis=1")
    if len(arg.shape) == 1 and axis in (0, -1) and keep is None:
        return Expr(op, arg)
    if len(arg.shape) != 2 or axis not in (-2, -1, 0, 1):
        raise InputError(f"{arg} has no axis {axis}", way_out="a matrix has the axes 0 (down) and 1 (across)")
    down = axis in (0, -2)
    found = _along(name, arg, down)
    if keep is not None and getattr(keep, "value", False) and name not in _ROWS:
        return Expr(a.ROW if down else a.COLUMN, found)
    return found


def _along(name: str, arg: Expr, down: bool) -> Expr:
    if name in _ACROSS:
        return Expr(_ACROSS[name][not down], arg)
    op = {"softmax": a.SOFTMAX, "log_softmax": a.LOG_SOFTMAX, "logsumexp": a.LSE_ACROSS}.get(name)
    if op is None:
        raise InputError(f"{name} takes no axis", way_out="axis is for sum, mean, softmax and logsumexp")
    if not down:
        return Expr(op, arg)
    found = Expr(op, Expr(TRANSPOSE, arg))
    return found if op is a.LSE_ACROSS else Expr(TRANSPOSE, found)


def filled(name: str, args: list[Expr]) -> Expr:
    """ones(n), ones(m, n), zeros(n), eye(n)."""
    sizes = tuple(_size(name, arg) for arg in args)
    if name == "eye" and len(sizes) == 1:
        return Filled("eye", sizes * 2)
    if name == "eye" or not 1 <= len(sizes) <= 2:
        raise InputError(f"{name} takes {'one size' if name == 'eye' else 'one or two sizes'}")
    return Filled(name, sizes)


def _size(name: str, arg: Expr) -> Size:
    if isinstance(arg, Dim):
        return arg.name
    if isinstance(arg, Num) and arg.value.denominator == 1 and 0 < arg.value <= LARGEST:
        return size(int(arg.value))
    raise InputError(f"{name} takes sizes: whole numbers, or names of sizes", where=str(arg))
