"""Syntax tree to expression: formulas of numbers and arrays. Nothing is evaluated.

Python's own parser has read the text (see `syntax`); a whitelist decides which of its nodes belong to the
language, the rule table says which names are functions. Anything else is refused where it stands. Below the
reader stand the syntax of arrays, x[i], x[i:j], sum(A, axis=0), ones(n), a function for each kind of node.
What several equations mean together is said in `program` and `recurrence_parser`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import prod
from typing import NoReturn, TypeVar

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.conditions import INFINITY, as_number
from symdiff.expr.leaves import TRIANGLES, Filled
from symdiff.expr.names import split_name
from symdiff.expr.notation import Op
from symdiff.expr.operations import EULER, EXP, STACK, piece
from symdiff.expr.shapes import LARGEST, MOST_ENTRIES, Shape, Size, is_number, plus, size
from symdiff.expr.tree import TRANSPOSE, Dim, Expr, Num, Sym, entry
from symdiff.language.conditional import PIECEWISE, built, is_mask, parts_of, with_masks
from symdiff.language.named_formulas import NAMED, arguments_of, named_formula, put_in
from symdiff.language.syntax import caret, flush, prepared, spelled
from symdiff.language.syntax import statements as statements
from symdiff.language.words import check_own_name, tell_of_constant
from symdiff.rules.rule import Rule
from symdiff.rules.table import functions

_OPERATORS = {
    ast.Add: e.ADD,
    ast.Sub: e.SUB,
    ast.Mult: e.MUL,
    ast.Div: e.DIV,
    ast.Pow: e.POW,
    ast.MatMult: e.MATMUL,
}

T = TypeVar("T")


class Reader:
    """Makes expressions of the syntax trees of one text, bottom-up and without recursion.

    `names` are the names whose shape is known; `sizes` are names of sizes; `own` are names that the author
    defines somewhere in the text, which are no words of the language even before their definition.
    """

    def __init__(
        self,
        text: str,
        names: Mapping[str, Sym] | None = None,
        sizes: Collection[str] = (),
        own: Collection[str] = (),
    ) -> None:
        self.names, self.sizes, self.own = dict(names or {}), set(sizes), set(own)
        self.lines = prepared(text).split("\n")
        self.shown = flush(text).split("\n")
        self.known = functions()
        self.has_infinity = False

    def fail(self, what: str, node: ast.AST, way_out: str = "") -> NoReturn:
        """Raise an InputError that shows `node` in the text with a caret."""
        line = self.lines[getattr(node, "lineno", 1) - 1]
        # Python counts columns in bytes of UTF-8.
        column = len(line.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore"))
        shown = self.shown[getattr(node, "lineno", 1) - 1]
        raise InputError(what, way_out=way_out, picture=caret(shown, column))

    def target(self, node: ast.expr) -> tuple[Sym, list[Sym]]:
        """The name on an equation's left, and its inputs where it is written f(x, a)."""
        if isinstance(node, ast.Subscript):
            listed = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return self.name(node.value), [self.name(arg) for arg in listed]
        return self.name(node), []

    def name(self, node: ast.expr) -> Sym:
        if not isinstance(node, ast.Name):
            self.fail("a name is expected on the left of =", node)
        name = spelled(node.id)
        try:
            return self.names.get(name) or Sym(check_own_name(name, self.known))
        except InputError as error:
            self.fail(error.what, node, error.way_out)

    def read(self, root: ast.expr) -> Expr:
        """The expression that a syntax tree is."""
        done: dict[ast.AST, Expr] = {}
        stack: list[tuple[ast.expr, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            children = self.children(node)
            if ready or not children:
                done[node] = self.shaped(node, [done[child] for child in children])
            else:
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(children))
        found = as_number(done[root])
        return self.located(root, lambda: self.settled(found)) if self.has_infinity else found

    def named_formula(self, node: ast.expr) -> str:
        """The name of a formula that is called, "" for anything else; a name of the author's is none."""
        name = named_formula(node)
        return "" if name in self.names or name in self.own or name in self.known else name

    def settled(self, found: Expr) -> Expr:
        """A formula without −∞; one that is a mask is settled where its name is used."""
        return found if is_mask(found) else with_masks(found)

    def children(self, node: ast.expr) -> list[ast.expr]:
        """The operands of `node`; anything outside the language is refused here."""
        conditional = self.located(node, lambda: parts_of(node))
        if conditional is not None:
            return conditional
        if name := self.named_formula(node):
            assert isinstance(node, ast.Call)
            return list(self.located(node, lambda: arguments_of(name, node)).values())
        match node:
            case ast.Constant() | ast.Name():
                return []
            case ast.BinOp(left=left, right=right, op=op) if type(op) in _OPERATORS:
                return [left, right]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return [operand]
            case ast.Call(func=ast.Name(id=name)) if name in TRIANGLES and name not in self.own:
                return node.args[:1]
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
                if name == PIECEWISE and name not in self.names:
                    self.fail("piecewise takes no options", node)
                if name in self.names and (name in FILLED_ARRAYS or name in self.known):
                    self.fail(f"{name!r} is a name here, no function", node, "rename it")
                if name not in FILLED_ARRAYS:
                    self.rule(node, name)
                if keywords and len(args) != 1:
                    self.fail(f"{shorten(name, 30)} with an option takes one argument", node)
                return args
            case ast.Call(func=ast.Constant() | ast.BinOp() | ast.Call()):
                self.fail("a product is written with *", node, "write 2*(x + 1)")
            case ast.Attribute(value=value, attr="T") | ast.Subscript(value=value):
                return [value]
            case ast.List(elts=members) if members:
                return members
            case ast.BinOp(op=ast.BitXor()):
                self.fail("^ is not a power here", node, "write **")
        self.fail(f"{_describe(node)} is not part of the language", node)

    def shaped(self, node: ast.expr, args: list[Expr]) -> Expr:
        """The expression of `node`, an error of shapes or indices shown where it stands."""
        if parts_of(node) is not None:
            return self.located(node, lambda: built(node, args))
        if name := self.named_formula(node):
            assert isinstance(node, ast.Call)
            given = dict(zip(arguments_of(name, node), map(as_number, args), strict=True))
            return self.located(node, lambda: put_in(name, given, formula_read))
        return self.located(node, lambda: self.build(node, list(map(as_number, args))))

    def located(self, node: ast.expr, make: Callable[[], T]) -> T:
        """What `make` gives, an error of its shown where `node` stands."""
        try:
            return make()
        except InputError as error:
            if error.picture:
                raise
            self.fail((f"{error.where}: " if error.where else "") + error.what, node, error.way_out)

    def build(self, node: ast.expr, args: list[Expr]) -> Expr:
        """The expression of `node` from those of its operands."""
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name():
                return self.leaf(node)
            case ast.BinOp(op=op):
                return self.binary(node, _OPERATORS[type(op)], args)
            case ast.UnaryOp(op=ast.USub()):
                return -args[0]
            case ast.Call(func=ast.Name() as function):
                return self.call(node, function.id, args)
            case ast.Attribute():
                return Expr(e.TRANSPOSE, args[0])
            case ast.Subscript(slice=index):
                return subscript(args[0], index)
            case ast.List():
                return Expr(STACK, *args)
        return args[0]

    def number(self, node: ast.Constant) -> Expr:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            self.fail(f"{shorten(repr(node.value), 20)} is not a number", node)
        line = self.lines[node.lineno - 1].encode()
        text = line[node.col_offset : node.end_col_offset].decode()
        if len(text) > 40 or not 0 <= node.value < 1e300 or has_large_exponent(text):
            self.fail("the number is too long or too large", node)
        try:
            value = Fraction(text)
        except ValueError:
            self.fail(f"{text!r} is not a decimal number", node)
        return Num(value, text)

    def leaf(self, node: ast.Name) -> Expr:
        name = spelled(node.id)
        if name in self.sizes and name not in self.names:
            return Dim(name)
        rule = None if name in self.names or name in self.own else self.known.get(name)
        if rule is None:
            return (None if name in self.names else entry_by_name(name, self.names)) or self.name(node)
        if rule.op.arity == 0:
            self.has_infinity |= rule.op is INFINITY
            tell_of_constant(name, node.lineno)
            return Expr(rule.op)
        self.fail(f"{name!r} is a function", node, f"write {name}(…)")

    def binary(self, node: ast.BinOp, op: Op, args: list[Expr]) -> Expr:
        """One operation. A sign in front of a product belongs to the product, as on paper: −ax is −(ax)."""
        left = node.left
        signed = isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub)
        lifted = args[0].op is e.NEG and _starts_at(node, left)
        if op in (e.MUL, e.DIV) and lifted and (signed or isinstance(left, ast.BinOp)):
            return -Expr(op, args[0].args[0], args[1])
        if op is e.POW and args[0].op is EULER:
            return Expr(EXP, args[1])
        return Expr(op, *args)

    def rule(self, node: ast.Call, name: str) -> Rule:
        if name not in self.known and name in NAMED:
            self.fail(f"{name!r} is a name here, no function", node, "rename it")
        if name not in self.known:
            shown = shorten(spelled(name), 30)
            nearest = did_you_mean(name, [*self.known, *NAMED])
            way_out = nearest if nearest.startswith("did") else "see `symdiff list --functions`"
            self.fail(f"unknown function {shown!r}", node, way_out)
        return self.known[name]

    def call(self, node: ast.Call, name: str, args: list[Expr]) -> Expr:
        if name in TRIANGLES:
            return triangle(name, args, [*node.args[1:], *(k.value for k in node.keywords)])
        if name in FILLED_ARRAYS:
            if node.keywords:
                self.fail(f"{name} takes no options", node)
            return filled(name, args)
        rule = self.rule(node, name)
        if node.keywords:
            return along_axis(name, rule.op, args[0], node.keywords)
        wanted = rule.op.arity
        if not args if wanted is None else len(args) != wanted:
            few = "at least one argument" if wanted is None else f"{wanted} argument{'s' * (wanted != 1)}"
            self.fail(f"{name} takes {few}, not {len(args)}", node)
        if rule.op is a.POLYGAMMA and not is_order(args[0]):
            self.fail("the order of polygamma is a whole number", node, "write polygamma(1, x)")
        return Expr(rule.op, *args)


def is_order(node: Expr) -> bool:
    """Whether a number is one of derivatives: 0, 1, 2, … up to 100."""
    return isinstance(node, Num) and node.value.denominator == 1 and 0 <= node.value <= MOST_DERIVATIVES


MOST_DERIVATIVES = 100


@cache
def formula_read(text: str) -> Expr:
    """The expression of a formula whose names are numbers."""
    statement = statements(text)[0]
    assert isinstance(statement, ast.Expr)
    return Reader(text).read(statement.value)


MAX_EXPONENT = 300


def has_large_exponent(text: str) -> bool:
    """Whether a number's power of ten is beyond ±300: such numbers are not even formed."""
    exponent = text.lower().partition("e")[2].lstrip("+-")
    return len(exponent) > 3 or (exponent.isdigit() and int(exponent) > MAX_EXPONENT)


def _starts_at(node: ast.expr, child: ast.expr) -> bool:
    """Whether `child` begins where `node` does: then no bracket stands between them."""
    return (node.lineno, node.col_offset) == (child.lineno, child.col_offset)


def _describe(node: ast.AST) -> str:
    words = {
        ast.Attribute: "a dot after a name",
        ast.ListComp: "a comprehension",
        ast.IfExp: "if … else",
        ast.Lambda: "lambda",
        ast.Subscript: "an index in [ ]",
        ast.Compare: "a comparison",
        ast.Call: "this kind of call",
        ast.JoinedStr: "a string",
        ast.BoolOp: "a condition",
    }
    return words.get(type(node), re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower())


def entry_by_name(name: str, known: Mapping[str, Sym]) -> Expr | None:
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


_LONGEST_INDEX = 6


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


FIRST = "x[0] is the first entry; for a recurrence write h[t] = …"


def _whole(node: ast.expr, what: str = "an index", way_out: str = FIRST) -> int:
    try:
        found = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > LARGEST:
        raise InputError(f"{what} is a whole number", way_out=way_out)
    return found


_ACROSS: dict[str, tuple[Op, Op]] = {
    "sum": (a.SUM_DOWN, a.SUM_ACROSS),
    "mean": (a.MEAN_DOWN, a.MEAN_ACROSS),
}
_ROWS = {"softmax", "log_softmax"}
_WITH_AXIS = {*_ACROSS, *_ROWS, "logsumexp"}


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
    op = {"softmax": a.SOFTMAX, "log_softmax": a.LOG_SOFTMAX}.get(name, a.LOGSUMEXP_ACROSS)
    if not down:
        return Expr(op, arg)
    # These work row by row; down the columns they are those of the transpose.
    found = Expr(op, Expr(TRANSPOSE, arg))
    return found if op is a.LOGSUMEXP_ACROSS else Expr(TRANSPOSE, found)


FILLED_ARRAYS = {"ones": "n, …", "zeros": "n, …", "eye": "n"}
"""Arrays that follow from their sizes, and the sizes they take."""


def filled(name: str, args: list[Expr]) -> Expr:
    """ones(n), ones(m, n), zeros(n), eye(n)."""
    sizes = tuple(_size(name, arg) for arg in args)
    if name == "eye" and len(sizes) == 1:
        return Filled("eye", _limited(name, sizes * 2))
    if name == "eye" or not 1 <= len(sizes) <= 2:
        raise InputError(f"{name} takes {'one size' if name == 'eye' else 'one or two sizes'}")
    return Filled(name, _limited(name, sizes))


def triangle(name: str, args: list[Expr], others: list[ast.expr]) -> Expr:
    """tril(A), triu(A, 1): the entries up to a diagonal, or from it on; those beyond are 0."""
    if len(args) != 1 or len(args[0].shape) != 2 or len(others) > 1:
        raise InputError(f"{name} takes a matrix", way_out=f"write {name}(A), or {name}(A, 1)")
    (whole,) = args
    index = _whole(others[0], "a diagonal", "write 0 for the main one") if others else 0
    found = Filled(name, whole.shape, index)
    return found if isinstance(whole, Filled) and whole.what == "ones" else whole * found


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
