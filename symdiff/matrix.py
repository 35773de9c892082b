"""Operations on vectors and matrices, with their shapes and how they are written: inert data.

What they are worth and their derivatives stand in the rule table (`array_rules`). Here are also the
leaves that arrays need: sizes that are names, arrays of ones or zeros, the unit matrix and unit vectors.
Printers read this module; it knows no markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from symdiff import shapes
from symdiff.errors import InputError
from symdiff.expr import MATMUL, TRANSPOSE, Expr, Num
from symdiff.notation import Binding, Notation, Op, call, pattern
from symdiff.shapes import Shape, ShapeRule, Size


def _op(
    name: str, arity: int | None, notation: Notation, shape: ShapeRule = shapes.elementwise, linear: bool = True
) -> Op:
    return Op(name, arity, notation, shape, linear)


def _word(word: str, kind: str = "call") -> Notation:
    """A function written as an upright word before its arguments."""
    return Notation(kind, rf"\operatorname{{{word}}}", word, Binding.ATOM)


def _row(text: str, kind: str = "call") -> Notation:
    return Notation(kind, f"\\{text}", text, Binding.ATOM)


DOT = _op("dot", 2, Notation("inner", "", "", Binding.PRODUCT), shapes.scalar_of_vectors)
INNER = _op("inner", 2, Notation("inner", "", "", Binding.PRODUCT), shapes.scalar_of_two)
OUTER = _op("outer", 2, Notation("outer", "", "", Binding.PRODUCT), shapes.outer)
SUM = _op("sum", 1, Notation("summation", r"\sum", "Σ", Binding.SUM), shapes.scalar_of)
MEAN = _op("mean", 1, _word("mean"), shapes.scalar_of)
SUM_DOWN = _op("sum_down", 1, Notation("down", "", "", Binding.PRODUCT), shapes.without_axis(0))
SUM_ACROSS = _op("sum_across", 1, Notation("across", "", "", Binding.PRODUCT), shapes.without_axis(1))
MEAN_DOWN = _op("mean_down", 1, _word("mean↓"), shapes.without_axis(0))
MEAN_ACROSS = _op("mean_across", 1, _word("mean→"), shapes.without_axis(1))
COLUMN = _op("column", 1, Notation("as_column", "", "", Binding.PRODUCT), shapes.as_column)
ROW = _op("row", 1, Notation("as_row", "", "", Binding.PRODUCT), shapes.as_row)
TRACE = _op("trace", 1, _word("tr"), shapes.scalar_of_square)
DET = _op("det", 1, _row("det"), shapes.scalar_of_square, linear=False)
LOGDET = _op("logdet", 1, _word("logdet"), shapes.scalar_of_square, linear=False)
INV = _op("inv", 1, Notation("inverse", "-1", "⁻¹", Binding.POWER), shapes.square, linear=False)
DIAG = _op("diag", 1, _word("diag"), shapes.diagonal)
NORM = pattern("norm", r"\left\|{0}\right\|", "‖{0}‖").with_shape(shapes.scalar_of)
SQNORM = Op(
    "sqnorm",
    1,
    Notation("pattern", r"\left\|{0}\right\|^{{2}}", "‖{0}‖²", Binding.POWER),
    shapes.scalar_of,
)
SOFTMAX = call("softmax", r"\operatorname{softmax}", "softmax").with_shape(shapes.vector)
LOG_SOFTMAX = call("log_softmax", r"\operatorname{log\,softmax}", "log softmax").with_shape(shapes.vector)
LOGSUMEXP = call("logsumexp", r"\operatorname{lse}", "lse").with_shape(shapes.scalar_of_vector)
LSE_ACROSS = call("logsumexp_across", r"\operatorname{lse}_{\to}", "lse→").with_shape(shapes.without_axis(1))
CROSS_ENTROPY = call("cross_entropy", r"\operatorname{CE}", "CE", arity=2).with_shape(shapes.scalar_of_two)
STACK = _op("stack", None, Notation("stack", "", "", Binding.ATOM), shapes.stacked, linear=False)
CONCAT = _op("concat", None, Notation("concat", "", "", Binding.ATOM), shapes.joined, linear=False)
MAPPED = pattern("mapped", r"{0}\left[{1}\right]", "({0})[{1}]", Binding.POWER, arity=2).with_shape(
    shapes.mapped
)
MAPPED_BACK = pattern(
    "mapped_back", r"{0}^{{\!\top}}\!\left[{1}\right]", "({0})ᵀ[{1}]", Binding.POWER, arity=2
).with_shape(shapes.mapped_back)
"""∂w_i/∂w_j[ẇ_j] and its transpose applied to w̄_i: a local partial that is no number, at work."""


def _index_shape(name: str, args: Sequence[shapes.Shaped]) -> Shape:
    """x[i], X[i, j] are scalars, X[i] a row, X[:, j] a column; ALL stands for the colon."""
    shape, picks = args[0].shape, args[1:]
    if not shape or len(picks) > len(shape):
        raise InputError(
            f"{args[0]} is {shapes.written(shape)} and has no entry with {len(picks)} indices",
            way_out="write x[0] for a vector, A[0, 1] for a matrix",
        )
    kept = [size for size, pick in zip(shape, picks, strict=False) if pick is ALL]
    return (*kept, *shape[len(picks) :])


INDEX = Op("index", None, Notation("index", "", "", Binding.ATOM), _index_shape)
SLICE = Op("slice", 3, Notation("piece", "", "", Binding.ATOM), lambda name, args: _slice_shape(args))
DIM = Op("size", 0, Notation("leaf", "", "", Binding.ATOM))
FILLED = Op("filled", 0, Notation("leaf", "", "", Binding.ATOM))
GRID = Op("grid", 0, Notation("leaf", "", "", Binding.ATOM))


class _All(Expr):
    """The colon in X[:, j]: a whole axis."""

    def __init__(self) -> None:
        super().__init__(Op(":", 0, Notation("leaf", ":", ":", Binding.ATOM)))


ALL = _All()


class Dim(Expr):
    """A size that is a name, as n in ℝⁿ; a number once the sizes are known."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.op, self.args, self.shape, self.name = DIM, (), (), name
        self._hash = hash(("dim", name))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dim) and other.name == self.name


class Filled(Expr):
    """An array known from its shape: `ones`, `zeros`, the unit matrix `eye`, the unit vector `unit`."""

    __slots__ = ("index", "what")

    def __init__(self, what: str, shape: Shape, index: int = 0) -> None:
        self.op, self.args, self.shape = FILLED, (), shape
        self.what, self.index = what, index
        self._hash = hash((what, shape, index))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filled) and (self.what, self.shape, self.index) == (
            other.what,
            other.shape,
            other.index,
        )


class Grid(Expr):
    """Numbers in the shape of an array: `entries` row by row, those of `rows` and `columns` only.

    A large array shows its first and last rows and columns; `picked` are their positions.
    """

    __slots__ = ("columns", "entries", "rows")

    def __init__(
        self, entries: Sequence[Sequence[Num]], shape: Shape, rows: Sequence[int], columns: Sequence[int]
    ) -> None:
        self.op, self.args, self.shape = GRID, (), shape
        self.entries = tuple(map(tuple, entries))
        self.rows, self.columns = tuple(rows), tuple(columns)
        self._hash = hash((self.entries, shape, self.rows, self.columns))

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grid) and (self.entries, self.shape, self.rows, self.columns) == (
            other.entries,
            other.shape,
            other.rows,
            other.columns,
        )

    @property
    def rounded(self) -> bool:
        """Whether any of its numbers is rounded."""
        return any(number.rounded for row in self.entries for number in row)


def ones(shape: Shape) -> Expr:
    return Filled("ones", shape) if shape else Num(1)


def zeros(shape: Shape) -> Expr:
    return Filled("zeros", shape) if shape else Num(0)


def eye(size: Size) -> Expr:
    return Filled("eye", (size, size))


def size_expr(value: Size) -> Expr:
    """A size as a factor in a formula."""
    if shapes.is_number(value):
        return Num(int(value))
    parts = [Num(int(p)) if p.isdigit() else Dim(p) for p in str(value).split("+")]
    found: Expr = parts[0]
    for part in parts[1:]:
        found = found + part
    return found


def count(shape: Shape) -> Expr:
    """The number of entries of an array of this shape."""
    numbers = prod(int(s) for s in shape if shapes.is_number(s))
    found: Expr | None = Num(numbers) if numbers != 1 or all(map(shapes.is_number, shape)) else None
    for name in (s for s in shape if not shapes.is_number(s)):
        found = size_expr(name) if found is None else found * size_expr(name)
    assert found is not None
    return found


def is_zero(node: Expr) -> bool:
    """Whether `node` is written as zero."""
    return (isinstance(node, Num) and node.value == 0) or (isinstance(node, Filled) and node.what == "zeros")


def is_array(op: Op) -> bool:
    """Whether an operation has a shape rule of its own, and is not applied entry by entry."""
    return op.shape is not shapes.elementwise


def entry(node: Expr, picks: Sequence[int | slice]) -> Expr:
    """node[i], node[i, j], node[:, j]: counted from 0, from the end if negative, as in NumPy."""
    chosen: list[Expr] = []
    for axis, pick in enumerate(picks):
        if isinstance(pick, slice):
            chosen.append(ALL)
            continue
        length = node.shape[axis] if axis < len(node.shape) else 1
        limit = int(length) if shapes.is_number(length) else None
        if (limit is None and pick < 0) or (limit is not None and not -limit <= pick < limit):
            raise InputError(f"the index {pick} is outside {node}, which is {shapes.written(node.shape)}")
        chosen.append(Num(pick + limit if pick < 0 and limit is not None else pick))
    while chosen and chosen[-1] is ALL:
        chosen.pop()
    return Expr(INDEX, node, *chosen) if chosen else node


def piece(node: Expr, start: int, stop: int) -> Expr:
    """The entries start … stop − 1 of a vector."""
    return Expr(SLICE, node, Num(start), Num(stop))


def _slice_shape(args: Sequence[shapes.Shaped]) -> Shape:
    node, start, stop = args
    assert isinstance(start, Num) and isinstance(stop, Num)
    first, last = int(start.value), int(stop.value)
    length = node.shape[0] if len(node.shape) == 1 else None
    if length is None or not 0 <= first < last or (shapes.is_number(length) and last > int(length)):
        raise InputError(f"no piece {first}:{last} of {node}, which is {shapes.written(node.shape)}")
    return (shapes.size(last - first),)


def transpose(node: Expr) -> Expr:
    return Expr(TRANSPOSE, node)


def matmul(left: Expr, right: Expr) -> Expr:
    return Expr(MATMUL, left, right)


def inner(left: Expr, right: Expr) -> Expr:
    """⟨left, right⟩; for scalars their product."""
    if not left.shape and not right.shape:
        return left * right
    return Expr(DOT if len(left.shape) == 1 else INNER, left, right)


def outer(left: Expr, right: Expr) -> Expr:
    return Expr(OUTER, left, right)


