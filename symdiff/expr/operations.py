"""Functions of numbers, and operations on vectors and matrices: names, shapes, notation. Inert data.

Values and derivatives are in the rule table; elementary operations such as + and @ are in `tree`. A new
operation is defined here, then given its row in `rules`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symdiff.errors import InputError
from symdiff.expr import shapes
from symdiff.expr.notation import Binding, Notation, Op, application, call, pattern
from symdiff.expr.shapes import Shape, ShapeRule, Size
from symdiff.expr.tree import ALL, MATMUL, PARTIAL, TRANSPOSE, Expr, Sym, place, position_of, postorder

EXP = Op("exp", 1, Notation("script", "e", "e", Binding.POWER))
LOG = application("log", r"\ln", "ln")
SQRT = pattern("sqrt", r"\sqrt{{{0}}}", "√{0}", Binding.ATOM, Binding.ATOM, vanishes=True)
SIN, COS, TAN = (application(n, f"\\{n}", vanishes=n != "cos") for n in ("sin", "cos", "tan"))
SINH, COSH, TANH = (application(n, f"\\{n}", vanishes=n != "cosh") for n in ("sinh", "cosh", "tanh"))
ASIN, ACOS, ATAN = (
    application(f"a{n}", f"\\arc{n}", f"arc{n}", vanishes=n != "cos") for n in ("sin", "cos", "tan")
)
ASINH, ACOSH, ATANH = (
    application(f"a{n}", rf"\operatorname{{ar{n}}}", f"ar{n}", vanishes=n != "cosh")
    for n in ("sinh", "cosh", "tanh")
)
COT, SEC, CSC = (application(n, f"\\{n}") for n in ("cot", "sec", "csc"))
LOG10, LOG2 = (application(f"log{n}", rf"\log_{{{n}}}", f"log{s}") for n, s in (("10", "₁₀"), ("2", "₂")))
ATAN2 = call("atan2", r"\operatorname{atan2}", "atan2", arity=2)
GAMMA, DIGAMMA = call("tgamma", r"\Gamma", "Γ"), call("digamma", r"\psi", "ψ")
LGAMMA = pattern("lgamma", r"\ln\Gamma\left({0}\right)", "ln Γ({0})")
POLYGAMMA = pattern("polygamma", r"\psi^{{({0})}}\left({1}\right)", "ψ^({0})({1})", arity=2)
"""The logarithm of Γ, its derivative ψ, and the derivative of ψ of a whole order."""
SIGMOID = call("sigmoid", r"\sigma", "σ")
SOFTPLUS, RELU, SIGN, ERF = (
    call(n, rf"\operatorname{{{t}}}", t, vanishes=n != "softplus")
    for n, t in (("softplus", "softplus"), ("relu", "ReLU"), ("sign", "sgn"), ("erf", "erf"))
)
MAX, MIN = (call(n, f"\\{n}", n, arity=2) for n in ("max", "min"))
POSITIVE = pattern("positive", r"\mathbf{{1}}_{{{0}>0}}", "1[{0} > 0]")
GREATER = pattern("greater", r"\mathbf{{1}}_{{{0}>{1}}}", "1[{0} > {1}]", arity=2)
PI = pattern("pi", r"\pi", "π", arity=0)
EULER = pattern("e", "e", "e", arity=0)


def _op(
    name: str,
    arity: int | None,
    notation: Notation,
    shape: ShapeRule = shapes.elementwise,
    linear: bool = True,
) -> Op:
    return Op(name, arity, notation, shape, linear)


def _word(word: str) -> Notation:
    """A function written as an upright word before its arguments."""
    return Notation("call", rf"\operatorname{{{word}}}", word, Binding.ATOM)


DOT = _op("dot", 2, Notation("inner", "", "", Binding.PRODUCT), shapes.scalar_of_vectors)
INNER = _op("inner", 2, Notation("inner", "", "", Binding.PRODUCT), shapes.scalar_of_two)
OUTER = _op("outer", 2, Notation("outer", "", "", Binding.PRODUCT), shapes.outer)
SUM = _op("sum", 1, Notation("summation", r"\sum", "Σ", Binding.SUM), shapes.scalar_of)
MEAN = _op("mean", 1, Notation("mean", "", "", Binding.PRODUCT), shapes.scalar_of)
SUM_DOWN = _op("sum_down", 1, Notation("down", "", "", Binding.PRODUCT), shapes.without_axis(0))
SUM_ACROSS = _op("sum_across", 1, Notation("across", "", "", Binding.PRODUCT), shapes.without_axis(1))
MEAN_DOWN = _op("mean_down", 1, Notation("mean", "", "", Binding.PRODUCT), shapes.without_axis(0))
MEAN_ACROSS = _op("mean_across", 1, Notation("mean", "", "", Binding.PRODUCT), shapes.without_axis(1))
COLUMN = _op("column", 1, Notation("as_column", "", "", Binding.PRODUCT), shapes.as_column)
ROW = _op("row", 1, Notation("as_row", "", "", Binding.PRODUCT), shapes.as_row)
TRACE = _op("trace", 1, _word("tr"), shapes.scalar_of_square)
DET = application("det", r"\det").with_shape(shapes.scalar_of_square)
LOGDET = pattern("logdet", r"\ln\left|\det {0}\right|", "ln|det {0}|", inner=Binding.APPLICATION).with_shape(
    shapes.scalar_of_square
)
INV = _op("inv", 1, Notation("inverse", "-1", "⁻¹", Binding.POWER), shapes.square, linear=False)
DIAG = _op("diag", 1, _word("diag"), shapes.diagonal)
KRON = _op("kron", 2, Notation("kronecker", r"\otimes", "⊗", Binding.PRODUCT), shapes.kronecker)
VEC = _op("vec", 1, _word("vec"), shapes.stacked_columns)
"""The columns of a matrix below one another, so that vec(AXB) = (Bᵀ⊗A)·vec(X)."""
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
LOGSUMEXP_ACROSS = call("logsumexp_across", r"\operatorname{lse}_{\to}", "lse→").with_shape(
    shapes.without_axis(1)
)
CROSS_ENTROPY = call("cross_entropy", r"\operatorname{CE}", "CE", arity=2).with_shape(shapes.scalar_of_two)


def _of_rows(name: str, latex: str, text: str) -> Op:
    """The same function of each row of a matrix, marked by an arrow."""
    return call(f"{name}_across", rf"{latex}_{{\to}}", f"{text}→").with_shape(shapes.without_axis(1))


def _of_entries(name: str, latex: str, text: str) -> Op:
    """A number made of all entries."""
    return call(name, latex, text).with_shape(shapes.scalar_of)


MAX_OF, MIN_OF = (_of_entries(f"{n}_of", f"\\{n}", n) for n in ("max", "min"))
MAX_ACROSS, MIN_ACROSS = (_of_rows(n, f"\\{n}", n) for n in ("max", "min"))
AT_MAX, AT_MIN = (
    pattern(f"at_{n}", rf"\mathbf{{{{1}}}}_{{{{{{0}}=\{n} {{0}}}}}}", f"1[{{0}} = {n} {{0}}]").with_shape(
        shapes.vector
    )
    for n in ("max", "min")
)
AT_MAX_ACROSS, AT_MIN_ACROSS = (
    pattern(
        f"at_{n}_across", rf"\mathbf{{{{1}}}}_{{{{{{0}}=\{n}_{{{{\to}}}} {{0}}}}}}", f"1[{{0}} = {n}→ {{0}}]"
    ).with_shape(shapes.vector)
    for n in ("max", "min")
)
"""1 at the largest entry, of each row, 0 elsewhere; where several are largest they share the 1 equally."""
SECOND_OF, SECOND_ACROSS = _of_entries("second_of", r"\max_2", "max₂"), _of_rows("second", r"\max_2", "max₂")
"""The second largest entry, which is the largest where two are: there max has no derivative."""
TIED = (MAX_OF, MIN_OF, MAX_ACROSS, MIN_ACROSS)
"""The functions that have no derivative where their value is that of several entries."""
PROD = Op("prod", 1, Notation("product_over", "", "", Binding.PRODUCT), shapes.scalar_of)
PROD_ACROSS = _of_rows("prod", r"\operatorname{prod}", "prod")
PROD_OTHERS = Op("prod_others", 1, Notation("product_of_others", "", "", Binding.ATOM), shapes.vector)
PROD_OTHERS_ACROSS = replace(PROD_OTHERS, name="prod_others_across")
"""For each entry the product of all others, of those in its row."""
VAR, STD = (_of_entries(n, rf"\operatorname{{{t}}}", t) for n, t in (("var", "Var"), ("std", "std")))
VAR_ACROSS, STD_ACROSS = (
    _of_rows(n, rf"\operatorname{{{t}}}", t) for n, t in (("var", "Var"), ("std", "std"))
)
NORM1 = pattern("norm1", r"\left\|{0}\right\|_1", "‖{0}‖₁").with_shape(shapes.scalar_of)
NORM_ACROSS = pattern("norm_across", r"\left\|{0}\right\|_{{\to}}", "‖{0}‖→").with_shape(
    shapes.without_axis(1)
)
CUMSUM = _op("cumsum", 1, _word("cumsum"), shapes.vector)
CUMSUM_DOWN = replace(CUMSUM, name="cumsum_down")
FLIP = _op("flip", 1, _word("flip"), shapes.vector)
FLIP_DOWN = replace(FLIP, name="flip_down")
TRIL, TRIU = (_op(n, 1, _word(n), shapes.square) for n in ("tril", "triu"))
CROSS = _op("cross", 2, Notation("vector_product", "", "", Binding.NEGATION), shapes.three_entries)
STACK = _op("stack", None, Notation("stack", "", "", Binding.ATOM), shapes.stacked, linear=False)
CONCAT = _op("concat", None, Notation("concat", "", "", Binding.ATOM), shapes.joined, linear=False)
CONCAT_ACROSS = _op(
    "concat_across", None, Notation("concat", "", "", Binding.ATOM), shapes.joined_across, linear=False
)
MAPPED = pattern("mapped", r"{0}\left[{1}\right]", "({0})[{1}]", Binding.POWER, arity=2).with_shape(
    shapes.mapped
)
MAPPED_BACK = pattern(
    "mapped_back", r"\left({0}\right)^{{\!\top}}\!\left[{1}\right]", "({0})ᵀ[{1}]", Binding.POWER, arity=2
).with_shape(shapes.mapped_back)
"""∂w_i/∂w_j[ẇ_j], a local partial as a linear map applied to a tangent, and its transpose, to an adjoint."""
IMMEDIATE = replace(PARTIAL, name="immediate")
"""∂u/∂v inside one definition, where that is all of it."""
DIRECT = pattern(
    "direct", r"\frac{{\partial^{{+}} {0}}}{{\partial {1}}}", "∂⁺{0}/∂{1}", Binding.PRODUCT, arity=2
).with_shape(shapes.jacobian)
"""∂⁺u/∂v inside one definition, where other ways lead from v to u as well."""
THROUGH = pattern(
    "through", r"\frac{{\partial_{{\Phi}} {0}}}{{\partial {1}}}", "∂_Φ {0}/∂{1}", Binding.PRODUCT, arity=2
).with_shape(shapes.jacobian)
"""The derivative through one application of a recurrent cell Φ, earlier states and inputs held."""
PARTIAL_ROW = replace(PARTIAL, name="partial_row", shape=shapes.numerator)
"""∂L/∂x in numerator layout: the transpose of the gradient."""

TURNED = pattern("turned", r"\left({0}\right)^{{\top}}", "({0})ᵀ", Binding.POWER).with_shape(
    shapes.without_axis(0)
)
"""The vector that a row, such as ∂L/∂x in numerator layout, is the transpose of."""
SHOWN_AS_ROW = pattern("shown_as_row", "{0}", "{0}", Binding.PRODUCT).with_shape(shapes.as_row)
SHOWN_TRANSPOSED = pattern("shown_transposed", "{0}", "{0}", Binding.PRODUCT).with_shape(shapes.transposed)
"""A derivative of a number in numerator layout: its symbol stays, its value is a row or transposed."""
ONLY_ENTRY = pattern("only_entry", "{0}", "{0}", Binding.PRODUCT).with_shape(shapes.scalar_of)
"""A matrix of one row and one column, as a row times a column is, taken for the number in it."""


def is_array(op: Op) -> bool:
    """Whether an operation has a shape rule of its own, instead of being applied entry by entry."""
    return op.shape is not shapes.elementwise


def known_property(node: Expr) -> str:
    """The property of an operation's result: "simplex" for a softmax, "symmetric" for diag(v), else ""."""
    if node.op is SOFTMAX:
        return "simplex"
    return "symmetric" if node.op is DIAG and len(node.shape) == 2 else ""


def simplex_names_summed(root: Expr) -> tuple[Sym, ...]:
    """The names of vectors on the simplex whose entries are added up somewhere in `root`."""
    summed = [node.args[0] for node in postorder(root) if node.op in (SUM, SUM_ACROSS)]
    return tuple(dict.fromkeys(s for s in summed if isinstance(s, Sym) and s.assume == "simplex"))


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


def kron(left: Expr, right: Expr) -> Expr:
    """left ⊗ right; a vector counts as a column, a row xᵀ is Expr(ROW, x)."""
    return Expr(KRON, left, right)


def vec(node: Expr) -> Expr:
    """vec(A); a vector is its own."""
    return Expr(VEC, node) if len(node.shape) == 2 else node


def places_of(args: Sequence[Expr]) -> list[tuple[Size, Size]]:
    """Where a block of an array begins and ends along each axis, from the arguments behind the array."""
    ends = list(map(position_of, args))
    return list(zip(ends[::2], ends[1::2], strict=True))


def _slice_shape(name: str, args: Sequence[shapes.Shaped]) -> Shape:
    node, *ends = args
    return shapes.block(str(node), node.shape, places_of([end for end in ends if isinstance(end, Expr)]))


def _gathered_shape(name: str, args: Sequence[shapes.Shaped]) -> Shape:
    """z[y] is a number, C[ix] has a row for each index, Z[range(n), y] an entry of each row."""
    shape, picks = args[0].shape, args[1:]
    if not shape or len(picks) > len(shape):
        few = f"does not have {len(picks)} indices" if shape else "has no entry"
        raise InputError(
            f"{args[0]} is {shapes.in_words(shape)} and {few}",
            way_out="write z[y] for a vector; for a recurrence h[t] = …",
        )
    lengths = {pick.shape for pick in picks if pick.shape}
    if len(lengths) > 1 or any(len(length) > 1 for length in lengths):
        shapes.refuse(
            "[ ]",
            [pick for pick in picks if isinstance(pick, Expr)],
            "indices side by side are vectors of one size",
        )
    found: list[Size] = []
    for axis, size in enumerate(shape):
        pick = picks[axis] if axis < len(picks) else ALL
        if pick is ALL:
            found.append(size)
        elif pick.shape and not any(earlier.shape for earlier in picks[:axis]):
            found += pick.shape
    return tuple(found)


GATHER = Op("gather", None, Notation("index", "", "", Binding.ATOM), _gathered_shape)
"""Entries, rows or columns by indices that are names, or lists: z[y], C[ix], Z[range(n), y]."""


def entry_at(node: Expr, index: Expr) -> Expr:
    """v_y, going into operations that act entry by entry: the entry y of e^z is e^{z_y}."""
    if node.args and not is_array(node.op):
        return Expr(node.op, *(entry_at(arg, index) if arg.shape == node.shape else arg for arg in node.args))
    return Expr(GATHER, node, index)


SLICE = Op("slice", None, Notation("piece", "", "", Binding.ATOM), _slice_shape)
"""The entries start … stop − 1 along each axis of a vector or a matrix."""


def block(node: Expr, places: Sequence[tuple[Size, Size]]) -> Expr:
    """A piece of a vector, a block of a matrix."""
    return Expr(SLICE, node, *(place(end) for ends in places for end in ends))


def piece(node: Expr, start: Size, stop: Size, axis: int = 0) -> Expr:
    """The entries start … stop − 1 along one axis."""
    places: list[tuple[Size, Size]] = [(0, length) for length in node.shape]
    places[axis : axis + 1] = [(start, stop)]
    return Expr(SLICE, node, *(place(end) for ends in places for end in ends))


def _reshaped(name: str, args: Sequence[shapes.Shaped]) -> Shape:
    return tuple(position_of(arg) for arg in args[1:] if isinstance(arg, Expr))


UNVEC = pattern("unvec", r"\operatorname{{vec}}^{{-1}}\left({0}\right)", "vec⁻¹({0})", arity=3).with_shape(
    _reshaped
)
"""The matrix whose columns below one another are a vector."""


def unvec(node: Expr, shape: Shape) -> Expr:
    """The matrix of this shape with vec(A) = node."""
    return Expr(UNVEC, node, *(place(part) for part in shape))
