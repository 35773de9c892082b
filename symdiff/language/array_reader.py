"""What the language says of arrays: A @ B, A.T, x[i], lists, sum(A, axis=0), ones(n). Nothing is evaluated.

Each function here reads one kind of syntax node, given its parts; `reader` decides which one is asked
and shows where an error stands.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from math import prod

from symdiff.errors import InputError
from symdiff.expr import operations as a
from symdiff.expr.leaves import Dim, Filled
from symdiff.expr.names import split_name
from symdiff.expr.notation import Op
from symdiff.expr.operations import entry, piece
from symdiff.expr.shapes import LARGEST, MOST_ENTRIES, Shape, Size, is_number, plus, size
from symdiff.expr.tree import TRANSPOSE, Expr, Num, Sym

_ACROSS: dict[str, tuple[Op, Op]] = {
    "sum": (a.SUM_DOWN, a.SUM_ACROSS),
    "mean": (a.MEAN_DOWN, a.MEAN_ACROSS),
}
_ROWS = {"softmax", "log_softmax"}
_WITH_AXIS = {*_ACROSS, *_ROWS, "logsumexp"}
_LONGEST_INDEX = 6
FILLS = {"ones": "n, …", "zeros": "n, …", "eye": "n"}
"""Arrays that follow from their sizes, and the sizes they take."""


def named_entry(name: str, known: Mapping[str, Sym]) -> Expr | None:
    """x1 or x_1 as the first entry of a vector x, W_12 or W_1_2 as an entry of a matrix W.

    Two digits side by side are row and column where both sizes are numbers below 10.
    """
    stem, accent, index = split_name(name)
    array = known.get(stem + accent)
    if array is None or not array.shape:
        return None
    places = _places(index, array.shape)
    if len(places) != len(array.shape) or not all(map(_is_within, places, array.shape)):
        return None
    return entry(array, [place - 1 for place in places])


def _places(index: str, shape: Shape) -> list[int]:
    """The numbers, counted from 1, that an index says."""
    close = len(shape) == 2 and all(is_number(part) and int(part) < 10 for part in shape)
    parts = list(index) if close and len(index) == 2 else index.split(",")
    if not all(part.isdigit() and len(part) <= _LONGEST_INDEX for part in parts):
        return []
    return [int(part) for part in parts]


def _is_within(place: int, length: Size) -> bool:
    return place >= 1 and (not is_number(length) or place <= int(length))


def subscript(value: Expr, index: ast.expr) -> Expr:
    """value[i], value[i, j], value[:, j], value[i:j]."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    if not parts:
        raise InputError("an index is missing in [ ]", way_out="write x[0], counted from 0")
    if len(parts) == 1 and isinstance(parts[0], ast.Slice) and (parts[0].lower or parts[0].upper):
        return _piece(value, parts[0])
    return entry(value, [_pick(part) for part in parts])


def _piece(value: Expr, part: ast.Slice) -> Expr:
    """x[i:j], x[i:], x[:-j]: counted from 0, from the end if negative."""
    if part.step is not None or len(value.shape) != 1:
        raise InputError("a piece is x[i:j] of a vector", where=str(value))
    length = value.shape[0]
    start = _end(0 if part.lower is None else _whole(part.lower), length)
    stop = length if part.upper is None else _end(_whole(part.upper), length)
    return piece(value, start, stop)


def _end(position: int, length: Size) -> Size:
    return plus(length, position) if position < 0 else position


def _pick(part: ast.expr) -> int | slice:
    if isinstance(part, ast.Slice):
        if part.lower or part.upper or part.step:
            raise InputError("an index is a number or a colon, a piece is x[i:j] of a vector")
        return slice(None)
    return _whole(part)


def _whole(node: ast.expr, what: str = "an index", way_out: str = "write x[0], counted from 0") -> int:
    try:
        found = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > LARGEST:
        raise InputError(f"{what} is a whole number", way_out=way_out)
    return found


def along_axis(name: str, op: Op, arg: Expr, keywords: Sequence[ast.keyword]) -> Expr:
    """sum, mean, softmax, log_softmax or logsumexp along an axis of a matrix, as in NumPy."""
    if name not in _WITH_AXIS:
        raise InputError(f"{name} takes no options", way_out="axis is for sum, mean, softmax and logsumexp")
    axis, keep = _options(name, keywords)
    keep = keep and name not in _ROWS
    if len(arg.shape) == 1 and axis in (0, -1):
        found = Expr(op, arg)
        return Expr(a.STACK, found) if keep else found
    if len(arg.shape) != 2 or axis not in (-2, -1, 0, 1):
        raise InputError(f"{arg} has no axis {axis}", way_out="a matrix has the axes 0 (down) and 1 (across)")
    down = axis in (0, -2)
    found = _along(name, arg, down)
    return Expr(a.ROW if down else a.COLUMN, found) if keep else found


def _options(name: str, keywords: Sequence[ast.keyword]) -> tuple[int, bool]:
    """The axis, and whether it is kept with size 1."""
    given = {keyword.arg: keyword.value for keyword in keywords}
    if len(given) < len(keywords) or not given.keys() <= {"axis", "keepdims"}:
        raise InputError(f"{name} takes the options axis and keepdims only, each once")
    if "axis" not in given:
        raise InputError(f"{name} takes the option axis", way_out="write axis=0 or axis=1")
    keep = getattr(given["keepdims"], "value", None) if "keepdims" in given else False
    if not isinstance(keep, bool):
        raise InputError("keepdims is True or False")
    return _whole(given["axis"], "an axis", "write axis=0 or axis=1"), keep


def _along(name: str, arg: Expr, down: bool) -> Expr:
    if name in _ACROSS:
        return Expr(_ACROSS[name][not down], arg)
    op = {"softmax": a.SOFTMAX, "log_softmax": a.LOG_SOFTMAX}.get(name, a.LSE_ACROSS)
    if not down:
        return Expr(op, arg)
    found = Expr(op, Expr(TRANSPOSE, arg))
    return found if op is a.LSE_ACROSS else Expr(TRANSPOSE, found)


def filled(name: str, args: list[Expr]) -> Expr:
    """ones(n), ones(m, n), zeros(n), eye(n)."""
    sizes = tuple(_size(name, arg) for arg in args)
    if name == "eye" and len(sizes) == 1:
        return Filled("eye", _limited(name, sizes * 2))
    if name == "eye" or not 1 <= len(sizes) <= 2:
        raise InputError(f"{name} takes {'one size' if name == 'eye' else 'one or two sizes'}")
    return Filled(name, _limited(name, sizes))


def _limited(name: str, shape: Shape) -> Shape:
    """`shape` itself if it has no more entries than are ever computed."""
    entries = prod(int(part) for part in shape if is_number(part))
    if entries > MOST_ENTRIES:
        raise InputError(f"{name} with {entries} entries", way_out=f"at most {MOST_ENTRIES} are possible")
    return shape


def _size(name: str, arg: Expr) -> Size:
    if isinstance(arg, Dim):
        return arg.name
    if isinstance(arg, Num) and arg.value.denominator == 1 and 0 < arg.value <= LARGEST:
        return size(int(arg.value))
    raise InputError(f"{name} takes sizes: whole numbers, or names of sizes", where=str(arg))
