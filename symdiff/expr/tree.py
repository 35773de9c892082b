"""The displayed expression: an immutable tree that keeps the form it was written in.

An `Expr` is an operation and its arguments; `Num`, `Sym` and `Dim` are its leaves, others stand in `leaves`
and `timed`. Nothing is rewritten when a tree is built: `x - 2*x` has two operations. How an operation is
written is inert data that it carries (see `notation`).

Below the classes stand the elementary operations, indices, and the traversals. These are iterative, since
trees may be deeper than Python's stack. Neither values nor derivatives (see `rules`) nor markup are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from operator import is_
from typing import Any

from symdiff.errors import InputError, ShapeError
from symdiff.expr import shapes
from symdiff.expr.notation import Binding, Notation, Op, infix, leaf, pattern
from symdiff.expr.shapes import Shape, elementwise, jacobian, matmul, transposed
from symdiff.expr.text import (
    ATOM,
    Code,
    code_binding,
    code_of_name,
    code_of_operation,
    spelled_number,
    text_of_size,
)


class Expr:
    """An operation applied to arguments. Equality is structural; the hash is computed once."""

    __slots__ = ("_hash", "args", "op", "shape")
    op: Op
    args: tuple[Expr, ...]
    shape: Shape

    def __init__(self, op: Op, *args: Expr) -> None:
        self.op, self.args = op, args
        self._hash = hash((op.name, args))
        self.shape = ()
        # Most nodes are operations on numbers; for these no shape rule is called.
        if op.shape is not elementwise:
            self.shape = op.shape(op.name, args)
            return
        for arg in args:
            if arg.shape:
                self.shape = op.shape(op.name, args)
                return

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Expr) and self._hash == other._hash and _same_tree(self, other)
        )

    def __reduce__(self) -> tuple[Callable[..., Expr], tuple[Any, ...]]:
        """Node by node, since trees may be deep; hashes are computed anew, since each process has its own."""
        place: dict[int, int] = {}
        rows: list[Any] = []
        for node in postorder(self):
            place[id(node)] = len(rows)
            rows.append((node.op, *(place[id(arg)] for arg in node.args)) if node.args else node)
        return (_of_rows, (rows,)) if self.args else (_alone, (self.op,))

    def __add__(self, other: ExprLike) -> Expr:
        return Expr(ADD, self, as_expr(other))

    def __radd__(self, other: ExprLike) -> Expr:
        return Expr(ADD, as_expr(other), self)

    def __sub__(self, other: ExprLike) -> Expr:
        return Expr(SUB, self, as_expr(other))

    def __rsub__(self, other: ExprLike) -> Expr:
        return Expr(SUB, as_expr(other), self)

    def __mul__(self, other: ExprLike) -> Expr:
        return Expr(MUL, self, as_expr(other))

    def __rmul__(self, other: ExprLike) -> Expr:
        return Expr(MUL, as_expr(other), self)

    def __truediv__(self, other: ExprLike) -> Expr:
        return Expr(DIV, self, as_expr(other))

    def __rtruediv__(self, other: ExprLike) -> Expr:
        return Expr(DIV, as_expr(other), self)

    def __pow__(self, other: ExprLike) -> Expr:
        return Expr(POW, self, as_expr(other))

    def __rpow__(self, other: ExprLike) -> Expr:
        return Expr(POW, as_expr(other), self)

    def __matmul__(self, other: Expr) -> Expr:
        return Expr(MATMUL, self, other)

    @property
    def transposed(self) -> Expr:
        """The transpose, also written .T; a vector is its own, as in NumPy."""
        return Expr(TRANSPOSE, self)

    T = transposed

    def __getitem__(self, index: int | tuple[int, ...]) -> Expr:
        picks = index if isinstance(index, tuple) else (index,)
        if any(isinstance(pick, str) for pick in picks):  # a template's way to ask for an attribute
            raise TypeError("an index is a whole number")
        return entry(self, picks)

    def __neg__(self) -> Expr:
        return Expr(NEG, self)

    # Without this, Python would iterate by x[0], x[1], …, which ends at no index.
    __iter__ = None

    def __pos__(self) -> Expr:
        return self

    def __abs__(self) -> Expr:
        return Expr(ABS, self)

    def code(self, args: Sequence[Code]) -> Code:
        """Its text in the language's own syntax, from the texts of its arguments, and how tight it binds."""
        return code_of_operation(self.op.name, args)

    def __repr__(self) -> str:
        return to_code(self)

    __str__ = __repr__


def _of_rows(rows: Sequence[Any]) -> Expr:
    """The expression whose nodes are these: leaves, and operations with the places of their arguments."""
    nodes: list[Expr] = []
    for row in rows:
        nodes.append(row if isinstance(row, Expr) else Expr(row[0], *(nodes[place] for place in row[1:])))
    return nodes[-1]


def _alone(op: Op) -> Expr:
    """An operation without arguments; there is one colon, which is known by identity."""
    return ALL if op is COLON else Expr(op)


def _same_tree(one: Expr, other: Expr) -> bool:
    """Whether two trees are equal node by node, without recursion: trees may be deep."""
    stack = [(one, other)]
    while stack:
        a, b = stack.pop()
        if a is b:
            continue
        if isinstance(a, Num | Sym):
            if a != b:
                return False
        elif a.op is not b.op or len(a.args) != len(b.args) or hash(a) != hash(b):
            return False
        stack.extend(zip(a.args, b.args, strict=False))
    return True


class Num(Expr):
    """An exact rational number; `rounded` says that it stands for a value near it (printed with ≈).

    `text` is how its author spells it, 2.50 or 1e-5, or else the number in lowest terms.
    """

    __slots__ = ("rounded", "text", "value")
    value: int | Fraction

    def __init__(self, value: Fraction | int, text: str = "", rounded: bool = False) -> None:
        self.op, self.args, self.shape = NUM, (), ()
        self.value = value.numerator if value.denominator == 1 else Fraction(value)
        self.rounded = rounded
        self.text = spelled_number(text) if text else str(self.value)
        self._hash = hash(("num", self.value, rounded))

    def __reduce__(self) -> tuple[Callable[..., Expr], tuple[Any, ...]]:
        return Num, (self.value, self.text, self.rounded)

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Num) and (self.value, self.rounded) == (other.value, other.rounded)

    def code(self, args: Sequence[Code]) -> Code:
        return self.text, code_binding(self.text)


class Sym(Expr):
    """A name, with an accent (dot: tangent, bar: adjoint) and the label of a path.

    Tangents of different forward passes print alike; `seed`, which is not printed, keeps them apart for the
    proof. `assume` is what the author says of an input: "simplex", "symmetric".
    """

    __slots__ = ("accent", "assume", "label", "name", "seed")

    def __init__(
        self,
        name: str,
        accent: str = "",
        label: str = "",
        seed: str = "",
        shape: Shape = (),
        assume: str = "",
    ) -> None:
        self.op, self.args, self.shape, self.assume = SYM, (), shape, assume
        self.name, self.accent, self.label, self.seed = name, accent, label, seed
        self._hash = hash((name, accent, label, seed, shape))

    def __reduce__(self) -> tuple[Callable[..., Expr], tuple[Any, ...]]:
        return Sym, (self.name, self.accent, self.label, self.seed, self.shape, self.assume)

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return (
            isinstance(other, Sym)
            and self._hash == other._hash
            and self.name == other.name
            and self.accent == other.accent
            and self.label == other.label
            and self.seed == other.seed
            and self.shape == other.shape
            and self.assume == other.assume
        )

    def code(self, args: Sequence[Code]) -> Code:
        return code_of_name(self.name, self.accent, self.label), ATOM


class Dim(Expr):
    """A size that is a name, as n in ℝⁿ, or a number kept as text; a number once the sizes are known."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.op, self.args, self.shape, self.name = DIM, (), (), name
        self._hash = hash(("dim", name))

    def __reduce__(self) -> tuple[Callable[..., Expr], tuple[Any, ...]]:
        return Dim, (self.name,)

    __hash__ = Expr.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dim) and other.name == self.name

    def code(self, args: Sequence[Code]) -> Code:
        text = text_of_size(self.name)
        return (f"({text})" if "*" in self.name else text), ATOM


ExprLike = Expr | int | float | Fraction


def as_expr(value: ExprLike) -> Expr:
    """`value` as an expression; Python numbers become exact ones, 3.14 being 314 hundredths."""
    if isinstance(value, Expr):
        return value
    return Num(Fraction(repr(value)), repr(value)) if isinstance(value, float) else Num(value)


NUM = leaf("number")
SYM = leaf("name")
DIM = leaf("size")
ADD = infix("+", "+")
SUB = infix("-", "-")
NEG = Op("neg", 1, Notation("prefix", "-", "-", Binding.NEGATION))
MUL = Op("*", 2, Notation("product", r"\cdot", "·", Binding.PRODUCT))
DIV = Op("/", 2, Notation("quotient", r"\frac", "/", Binding.PRODUCT))
POW = Op("**", 2, Notation("power", "^", "^", Binding.POWER))
MATMUL = Op("@", 2, Notation("matmul", "", "", Binding.PRODUCT), matmul, linear=True)
TRANSPOSE = Op("transpose", 1, Notation("transpose", r"\top", "ᵀ", Binding.POWER), transposed, linear=True)
TOTAL = Op("total", None, Notation("elided", "+", "+", Binding.SUM))
PARTIAL = pattern(
    "partial", r"\frac{{\partial {0}}}{{\partial {1}}}", "∂{0}/∂{1}", Binding.PRODUCT, arity=2
).with_shape(jacobian)
DERIVATIVE = pattern(
    "derivative", r"\frac{{\mathrm{{d}} {0}}}{{\mathrm{{d}} {1}}}", "d{0}/d{1}", Binding.PRODUCT, arity=2
).with_shape(jacobian)
ABS = pattern("abs", r"\left|{0}\right|", "|{0}|", vanishes=True)
ZERO, ONE = Num(0), Num(1)


def _index_shape(name: str, args: Sequence[shapes.Shaped]) -> Shape:
    """x[i], X[i, j] are scalars, X[i] a row, X[:, j] a column; ALL stands for the colon."""
    shape, picks = args[0].shape, args[1:]
    if not shape or len(picks) > len(shape):
        few = f"does not have {len(picks)} indices" if shape else "has no entry"
        raise ShapeError(
            f"{args[0]} is {shapes.in_words(shape)} and {few}",
            way_out="write x[0] for a vector, A[0, 1] for a matrix",
        )
    kept = [size for size, pick in zip(shape, picks, strict=False) if pick is ALL]
    return (*kept, *shape[len(picks) :])


INDEX = Op("index", None, Notation("index", "", "", Binding.ATOM), _index_shape)
COLON = Op(":", 0, Notation("leaf", ":", ":", Binding.ATOM))
ALL = Expr(COLON)
"""The colon in X[:, j]: a whole axis."""


def place(position: shapes.Size) -> Expr:
    """A position, a number or a sum of sizes such as n − 1, as an expression."""
    return Num(int(position)) if shapes.is_number(position) else Dim(str(position))


def position_of(pick: Expr) -> shapes.Size:
    """The number, or the sum of sizes, at which an entry stands, or a piece begins or ends."""
    return pick.name if isinstance(pick, Dim) else int(str(pick))


def entry(node: Expr, picks: Sequence[shapes.Size | slice]) -> Expr:
    """node[i], node[i, j], node[:, j]: counted from 0, from the end if negative, as in NumPy.

    A position may be a sum of sizes, n − 1 or k.
    """
    chosen: list[Expr] = []
    for axis, pick in enumerate(picks):
        if isinstance(pick, slice):
            chosen.append(ALL)
            continue
        if axis >= len(node.shape):
            chosen.append(place(pick) if not isinstance(pick, int) or pick >= 0 else ZERO)
            continue
        length = node.shape[axis]
        found = shapes.plus(length, pick) if isinstance(pick, int) and pick < 0 else pick
        left = shapes.minus(length, found)
        bounds = ((shapes.largest(found), 0), (shapes.largest(left), 1))
        if any(most is not None and most < least for most, least in bounds):
            raise InputError(f"the index {pick} is outside {node}, which is {shapes.in_words(node.shape)}")
        chosen.append(place(found))
    while chosen and chosen[-1] is ALL:
        chosen.pop()
    return Expr(INDEX, node, *chosen) if chosen else node


def postorder(root: Expr, stop: Callable[[Expr], bool] | None = None) -> Iterator[Expr]:
    """Every distinct node of `root`, arguments before their operation, without recursion.

    Nodes are distinct as objects: a shared node comes once. Nodes below one for which `stop` is true are
    left out.
    """
    # By id: hashing is cheap but comparing equal trees is not, and a shared node is one object.
    seen: set[int] = set()
    stack: list[Expr] = [root]
    opened: list[Expr | None] = [None]
    while stack:
        node = stack.pop()
        if node is opened[-1]:  # all nodes below it are done
            yield node
            opened.pop()
        elif id(node) not in seen:
            seen.add(id(node))
            if not node.args or (stop is not None and stop(node)):
                yield node
            else:
                opened.append(node)
                stack.append(node)
                stack += node.args[::-1]


def leaves(root: Expr) -> Iterator[Expr]:
    """The leaves of `root` in reading order, those of a shared node once."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if not node.args:
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            stack += node.args[::-1]


def symbols(root: Expr) -> list[Sym]:
    """The names in `root`, each once, in reading order."""
    return list(dict.fromkeys(node for node in leaves(root) if isinstance(node, Sym)))


def is_constant(root: Expr) -> bool:
    """Whether no name occurs in `root`."""
    return not any(isinstance(node, Sym) for node in postorder(root))


def rebuilt(root: Expr, values: Mapping[Expr, Expr], build: Callable[[Expr, list[Expr]], Expr]) -> Expr:
    """`root` with every node that is a key of `values` replaced; `build` makes a node with new arguments."""
    done: dict[int, Expr] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node in values:
            done[id(node)] = values[node]
        elif not node.args:
            done[id(node)] = node
        elif waiting := [arg for arg in node.args if id(arg) not in done]:
            stack.append(node)
            stack += waiting
        else:
            args = [done[id(arg)] for arg in node.args]
            done[id(node)] = node if all(map(is_, args, node.args)) else build(node, args)
    return done[id(root)]


def substitute(root: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """`root` with every node that is a key of `values` replaced, form otherwise kept."""
    return rebuilt(root, values, lambda node, args: Expr(node.op, *args)) if values else root


def count_operations(root: Expr, limit: int = 10_000) -> int:
    """The number of operations in `root` written out as a tree, counted up to `limit`."""
    count, stack = 0, [root]
    while stack and count < limit:
        node = stack.pop()
        count += bool(node.args)
        stack.extend(node.args)
    return count


def to_code(root: Expr) -> str:
    """`root` in the language's own syntax, with the brackets it needs and no others."""
    if not root.args:  # a name, as most are
        return root.code([])[0]
    done: dict[int, Code] = {}
    for node in postorder(root):
        done[id(node)] = node.code([done[id(arg)] for arg in node.args])
    return done[id(root)][0]


def total(terms: Iterable[Expr], most: int = 12) -> Expr:
    """The sum of `terms`, written a + b + c; above `most` terms one n-ary node, printed with an ellipsis."""
    parts = list(terms)
    if not parts:
        return ZERO
    if len(parts) > most:
        return Expr(TOTAL, *parts)
    result = parts[0]
    for part in parts[1:]:
        result = result + part
    return result
