"""Products and powers as they are typed on paper, by the shapes of what they join: W x, xᵀy, a·b, A², x^T.

    number, anything    the product with the number
    A B, A x, xᵀ A      the matrix product
    xᵀ y, x yᵀ          the inner product, the outer product
    x·y                 of two vectors the inner product; x y is refused
    x^T, A^{-1}         the transpose of an array, the inverse of a matrix
    A^2                 refused: A @ A or entry by entry

What can be read in two ways is refused with both.
"""

from __future__ import annotations

import ast

from symdiff.errors import InputError, ShapeError, shorten
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled
from symdiff.expr.operations import DOT, EULER, EXP, INV, OUTER
from symdiff.expr.tree import MATMUL, TRANSPOSE, Expr, Num
from symdiff.language.marks import Beside, Crossed, Dotted, Entrywise, Raised, Turned, in_words
from symdiff.language.reading import current, tell

_ALONG = {e.NEG, e.ADD, e.SUB, e.MUL, e.DIV}
"""Operations whose result lies as their vectors do: a row stays a row."""


def is_row(root: Expr) -> bool:
    """Whether a vector stands as a row, as xᵀ, 2·xᵀ and xᵀA do; x @ A is xᵀA."""
    stack = [root]
    while stack:
        node = stack.pop()
        if len(node.shape) != 1:
            continue
        if node.op is TRANSPOSE or (node.op is MATMUL and len(node.args[0].shape) == 1):
            return True
        if node.op in _ALONG:
            stack += node.args
    return False


def product(op: ast.operator, left: Expr, right: Expr, line: int) -> Expr:
    """The product that a sign of paper, or none, means between these operands.

    Raises:
        InputError: the shapes allow no product, or two.
    """
    if not left.shape or not right.shape or isinstance(op, Entrywise):
        return Expr(e.MUL, left, right)
    left, right = _with_size(left, right, is_row(left)), _with_size(right, left, not is_row(right))
    x, y = _code(left), _code(right)
    if isinstance(op, Crossed):
        raise _two(f"{x} × {y}", f"{x} @ {y} for the matrix product, {x}*{y} entry by entry")
    if len(left.shape) == len(right.shape) == 1:
        return _of_vectors(op, left, right)
    if is_row(right):
        raise InputError(
            f"the row {y} after a matrix", way_out=f"write {x} {_code(_turned(right))} for a product"
        )
    found = Expr(MATMUL, _turned(left), right)
    tell("a matrix beside a matrix or a vector is multiplied as matrices are, with @", line)
    return found


ONES = Filled("ones", ("?",))
"""A vector of ones whose size is not said."""


def _with_size(operand: Expr, other: Expr, is_next: bool) -> Expr:
    """𝟏 or 𝟏ᵀ with the size of the axis that is next to it in a product: 𝟏ᵀA and A𝟏, but not 𝟏xᵀ."""
    if not is_without_size(operand):
        return operand
    if not is_next or (operand == ONES and len(other.shape) == 1 and not is_row(other)):
        raise InputError("𝟏 needs its size here", way_out="write ones(n)")
    found = Filled("ones", (other.shape[-1 if operand == ONES else 0],))
    return found if operand == ONES else Expr(TRANSPOSE, found)


def is_without_size(operand: Expr) -> bool:
    """Whether an operand is 𝟏 or 𝟏ᵀ, of a size that is not said."""
    return operand == ONES or (operand.op is TRANSPOSE and operand.args[0] == ONES)


def scaled(node: ast.BinOp, left: Expr, right: Expr) -> tuple[Expr | None, Expr]:
    """The number before a product of arrays, and the array: in 2 xᵀA x the 2 is a factor of the whole."""
    before = node.left
    is_product = isinstance(before, ast.BinOp) and isinstance(before.op, Beside) and is_open(node)
    if not is_product or not right.shape or left.op is not e.MUL or left.args[0].shape or not left.shape:
        return None, left
    return left.args[0], left.args[1]


def is_open(node: ast.BinOp) -> bool:
    """Whether the operand on the left stands without brackets."""
    return (node.lineno, node.col_offset) == (node.left.lineno, node.left.col_offset)


def _of_vectors(op: ast.operator, left: Expr, right: Expr) -> Expr:
    rows = is_row(left), is_row(right)
    if rows == (True, False):
        return Expr(DOT, left.args[0], right) if left.op is TRANSPOSE else Expr(MATMUL, left, right)
    if rows == (False, True):
        return Expr(OUTER, left, _turned(right))
    if rows == (False, False) and isinstance(op, Dotted):
        return Expr(DOT, left, right)
    x, y = _code(left), _code(right)
    raise _two(f"{x} {y}", f"{x}*{y} entry by entry, or {x} @ {y} for the inner product")


def _turned(row: Expr) -> Expr:
    """The vector that a row is the transpose of, where that is all the row is."""
    return row.args[0] if row.op is TRANSPOSE and len(row.shape) == 1 else row


def check_order(node: ast.BinOp, left: Expr, found: Expr) -> None:
    """Refuse A·B ⊙ C and A ⊙ B·C without brackets: a matrix product and one by entries, in two orders."""
    before = node.left
    if not isinstance(before, ast.BinOp) or not isinstance(before.op, ast.Mult) or not left.shape:
        return
    by_entries = e.MUL in (left.op, found.op) and all(arg.shape for arg in (*left.args, *found.args))
    of_matrices = (left.op in _OF_ARRAYS) + (found.op in _OF_ARRAYS) == 1
    if is_open(node) and by_entries and of_matrices and type(before.op) is not Beside:
        what = "a product of matrices and one by entries can be read in two orders"
        raise InputError(what, way_out="put one in brackets")


_OF_ARRAYS = {MATMUL, DOT, OUTER}


def check_brackets(node: ast.BinOp) -> None:
    """Refuse [x + 1]*[x - 1]: a bracket as textbooks have it, or a vector of one number."""
    if not isinstance(node.op, ast.Mult | ast.Div | ast.Pow) or current().literal:
        return
    for factor in (node.left, node.right):
        if (
            isinstance(factor, ast.List)
            and len(factor.elts) == 1
            and not isinstance(factor.elts[0], ast.List)
        ):
            inner = shorten(in_words(factor.elts[0]), 40)
            raise _two(
                f"[{inner}]", f"({inner}) for a factor; a vector of one number stands in a line of its own"
            )


def check_starred(node: ast.BinOp, left: Expr, right: Expr) -> None:
    """Refuse x'*A and x.T*y: MATLAB and SymPy multiply matrices with *, NumPy multiplies entries."""
    if type(node.op) is not ast.Mult or not left.shape or not right.shape or current().literal:
        return
    turned = [_is_turned(node.left, left), _is_turned(node.right, right)]
    if any(turned):
        x, y = _code(left), _code(right)
        raise _two(f"{x}*{y}", f"{x} @ {y} for the product of matrices, {x}⊙{y} entry by entry")


def _is_turned(node: ast.expr, found: Expr) -> bool:
    """Whether a factor is transposed as on paper, or is a transposed vector, which * has no use for."""
    if isinstance(node, ast.UnaryOp):
        return _is_turned(node.operand, found.args[0]) if found.op is e.NEG else False
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div) and found.op in _ALONG:
        left, right = found.args[0], found.args[-1]
        return _is_turned(node.left, left) or (
            isinstance(node.op, ast.Mult) and _is_turned(node.right, right)
        )
    is_row = found.op is TRANSPOSE and len(found.shape) == 1
    return is_row or isinstance(node, Turned) or (is_transposed(node) and found.op is TRANSPOSE)


def is_transposed(node: ast.expr) -> bool:
    """Whether an exponent is written T."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, Raised):
        return False
    return isinstance(node.right, ast.Name) and node.right.id == "T"


def transpose(base: Expr, is_own: bool, is_number: bool) -> Expr | None:
    """What x^T is where it is no power: T is a name that the author has, or else a number of steps.

    Raises:
        InputError: it can be read in two ways, or x is a number.
    """
    x = _code(base)
    if base.shape and is_own:
        raise _two(f"{x}^T", f"{x}.T for the transpose, {x}**T for the power of your T")
    if base.shape:
        return Expr(TRANSPOSE, base)
    if is_own or is_number:
        return None
    raise ShapeError(
        f"{x} is a number in {x}^T", way_out=f"declare the shape of {x}, or write {x}**T for a power"
    )


def power(base: Expr, exponent: Expr) -> Expr:
    """The power that ^ or a superscript means.

    Raises:
        InputError: it can be read in two ways, or x is a number.
    """
    if base.op is EULER and not _is_square(exponent):
        return Expr(EXP, exponent)
    x, n = _code(base), _code(exponent)
    if base.op is EULER:
        raise _two(f"e^{n}", f"exp({n}) entry by entry, or expm({n})")
    if _is_square(base) and _is_minus_one(exponent):
        return Expr(INV, base)
    if _is_square(base) and not exponent.shape:
        product = " @ ".join([x] * int(n)) if n in ("2", "3") else f"{x} @ … @ {x}"
        raise _two(f"{x}^{n}", f"{product} for the product of matrices, {x}**{n} entry by entry")
    if _is_minus_one(exponent) and len(base.shape) == 2:
        what, way_out = f"{x} has no inverse, it is not square", f"write 1/{x} entry by entry"
        raise ShapeError(what, way_out=way_out, equal=[(base.shape[0], base.shape[1])])
    return Expr(e.POW, base, exponent)


def _is_square(node: Expr) -> bool:
    return len(node.shape) == 2 and node.shape[0] == node.shape[1]


def _is_minus_one(exponent: Expr) -> bool:
    return exponent.op is e.NEG and isinstance(exponent.args[0], Num) and exponent.args[0].value == 1


def _two(what: str, way_out: str) -> InputError:
    return InputError(f"{what} can be read in two ways", way_out=f"write {way_out}")


def _code(node: Expr) -> str:
    """How an operand is written, in brackets where it is not one thing."""
    text = str(node)
    return shorten(text if text.replace(".", "").isidentifier() or text.isdigit() else f"({text})", 40)
