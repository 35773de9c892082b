"""Syntax tree to expression, bottom-up, with every failure one clear error. Nothing is evaluated.

Python's own parser has read the text (see `syntax`); a whitelist decides what of it belongs to the
language; the rule table says which names are functions. What is not on the list is refused where it stands.
This module knows expressions; what several equations mean together is said in `parse`.

What the language says of arrays: A @ B, A.T, x[i], lists, sum(A, axis=0), ones(n). Nothing is evaluated.

Each function here reads one kind of syntax node, given its parts; `reader` decides which one is asked
and shows where an error stands.

Formulas with times: h[t-1], x[t], h[T-1], sum(l), mean(l[t]**2). Nothing is evaluated.

In the cell a time is t or earlier; after it, a time is fixed, or t under a sum or a mean over all times. What
the equations mean together is said in `recurrences`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import NoReturn

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled
from symdiff.expr.names import check_name, split_name
from symdiff.expr.notation import Op
from symdiff.expr.operations import EULER, EXP, STACK, piece
from symdiff.expr.shapes import LARGEST, MOST_ENTRIES, Shape, Size, is_number, plus, size
from symdiff.expr.timed import Series, Time, all_leaves, at_time, split_time
from symdiff.expr.tree import TRANSPOSE, Dim, Expr, Num, Sym, entry, symbols
from symdiff.language.syntax import caret, flush, prepared, spelled
from symdiff.language.syntax import statements as statements
from symdiff.rules.rule import Rule
from symdiff.rules.table import functions

MAX_EXPONENT = 300
_OPERATORS = {
    ast.Add: e.ADD,
    ast.Sub: e.SUB,
    ast.Mult: e.MUL,
    ast.Div: e.DIV,
    ast.Pow: e.POW,
    ast.MatMult: e.MATMUL,
}


class Reader:
    """One text's reader: tree nodes to expressions, bottom-up and without recursion.

    `names` are the names whose shape is known; `sizes` those that stand for a size.
    """

    def __init__(
        self, text: str, names: Mapping[str, Sym] | None = None, sizes: Collection[str] = ()
    ) -> None:
        self.names, self.sizes = dict(names or {}), set(sizes)
        self.lines = prepared(text).split("\n")
        self.shown = flush(text).split("\n")
        self.known = functions()

    def fail(self, what: str, node: ast.AST, way_out: str = "") -> NoReturn:
        line = self.lines[getattr(node, "lineno", 1) - 1]
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
        if name in self.known and name != "e":
            self.fail(f"{name!r} belongs to the language, it cannot be a name here", node)
        return self.names.get(name) or Sym(check_name(name))

    def read(self, root: ast.expr) -> Expr:
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
        return done[root]

    def children(self, node: ast.expr) -> list[ast.expr]:
        """The operands of `node`; anything outside the language is refused here."""
        match node:
            case ast.Constant() | ast.Name():
                return []
            case ast.BinOp(left=left, right=right, op=op) if type(op) in _OPERATORS:
                return [left, right]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return [operand]
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
                if name not in FILLS:
                    self.rule(node, name)
                if keywords and len(args) != 1:
                    self.fail(f"{shorten(name, 30)} with an option takes one argument", node)
                return args
            case ast.Attribute(value=value, attr="T") | ast.Subscript(value=value):
                return [value]
            case ast.List(elts=members) if members:
                return members
            case ast.BinOp(op=ast.BitXor()):
                self.fail("^ is not a power here", node, "write **")
        self.fail(f"{_describe(node)} is not part of the language", node)

    def shaped(self, node: ast.expr, args: list[Expr]) -> Expr:
        """`build`, with an error of shapes or indices shown where it stands."""
        try:
            return self.build(node, args)
        except InputError as error:
            if error.picture:
                raise
            self.fail(error.what + (f" in {error.where}" if error.where else ""), node, error.way_out)

    def build(self, node: ast.expr, args: list[Expr]) -> Expr:
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
        rule = self.known.get(name)
        if name in self.sizes and name not in self.names:
            return Dim(name)
        if rule is None:
            return (None if name in self.names else named_entry(name, self.names)) or self.name(node)
        if rule.op.arity == 0:
            return Expr(rule.op)
        self.fail(f"{name!r} is a function", node, f"write {name}(…)")

    def binary(self, node: ast.BinOp, op: Op, args: list[Expr]) -> Expr:
        """One operation; an unbracketed sign in front of a product moves outside it."""
        left = node.left
        signed = isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub)
        lifted = args[0].op is e.NEG and _starts_at(node, left)
        if op in (e.MUL, e.DIV) and lifted and (signed or isinstance(left, ast.BinOp)):
            return -Expr(op, args[0].args[0], args[1])
        if op is e.POW and args[0].op is EULER:
            return Expr(EXP, args[1])
        return Expr(op, *args)

    def rule(self, node: ast.Call, name: str) -> Rule:
        if name not in self.known:
            shown = shorten(spelled(name), 30)
            self.fail(f"unknown function {shown!r}", node, did_you_mean(name, self.known))
        return self.known[name]

    def call(self, node: ast.Call, name: str, args: list[Expr]) -> Expr:
        if name in FILLS:
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
        return Expr(rule.op, *args)


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
    }
    return words.get(type(node), re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower())


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
    op = {"softmax": a.SOFTMAX, "log_softmax": a.LOG_SOFTMAX}.get(name, a.LOGSUMEXP_ACROSS)
    if not down:
        return Expr(op, arg)
    found = Expr(op, Expr(TRANSPOSE, arg))
    return found if op is a.LOGSUMEXP_ACROSS else Expr(TRANSPOSE, found)


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


@dataclass
class Timeline:
    """What is known while a recurrence is read: the letter of time, T, and the names that have a time.

    `length` is T's value if it is given, `first` the first time. `stems` are those whose shape is known,
    `above` those defined at t so far, `cell` all the cell defines, `earlier` those with an initial value.
    """

    index: str
    horizon: str
    first: int
    cell: tuple[str, ...]
    length: int | None = None
    stems: dict[str, Sym] = field(default_factory=dict)
    earlier: set[str] = field(default_factory=set)
    above: set[str] = field(default_factory=set)

    @property
    def last(self) -> Time:
        return Time(self.horizon, self.first - 1)

    @property
    def times(self) -> str:
        """The times there are, in words for an error."""
        end = str(self.last) if self.length is None else str(self.first + self.length - 1)
        return f"times are {self.first} to {end}"

    def has_free_time(self, root: Expr) -> bool:
        """Whether t occurs outside of every sum over it."""
        found = (split_time(s.name, self.stems) for s in symbols(root))
        if any(parts and parts[1].base == self.index for parts in found):
            return True
        return any(isinstance(n, Dim) and n.name == self.index for n in e.postorder(root))


class TimedReader(Reader):
    """The reader of one formula of a recurrence; `inside` says that it is one of the cell."""

    def __init__(
        self,
        text: str,
        names: Mapping[str, Sym],
        sizes: Collection[str],
        line: Timeline,
        inside: bool,
        later: Collection[str] | None = None,
    ) -> None:
        super().__init__(text, names, sizes)
        self.line, self.inside, self.later = line, inside, later

    def children(self, node: ast.expr) -> list[ast.expr]:
        if isinstance(node, ast.Subscript) and self._stem(node.value):
            return []
        return super().children(node)

    def build(self, node: ast.expr, args: list[Expr]) -> Expr:
        if isinstance(node, ast.Subscript) and (stem := self._stem(node.value)):
            return self._timed(node, stem)
        if isinstance(node, ast.Call) and self._is_over_time(node, args):
            assert isinstance(node.func, ast.Name)
            return self._series(node.func.id, args[0])
        return super().build(node, args)

    def _stem(self, node: ast.expr) -> str:
        """The stem of a name that has a time, "" for any other node."""
        name = spelled(node.id) if isinstance(node, ast.Name) else ""
        return name if name in self.line.stems or name in self.line.cell else ""

    def leaf(self, node: ast.Name) -> Expr:
        name = spelled(node.id)
        if name == self.line.index and name not in self.names:
            return Dim(name)
        if name == self.line.horizon and name not in self.names:
            return Dim(name)
        if not self._stem(node):
            self._check_plain(name, node)
            return super().leaf(node)
        if self.inside:
            self.fail(f"{name} has a value for each time", node, f"write {name}[{self.line.index}]")
        return at_time(self._known(name, node), Time(self.line.index))

    def _check_plain(self, name: str, node: ast.Name) -> None:
        """Refuse h_0 beside a name with times, of which it would be the value at 0."""
        parts = split_time(name, {*self.line.stems, *self.line.cell})
        if parts is not None:
            stem, time = parts
            self.fail(f"{name!r} and {stem}[{time}] print alike", node, f"rename it, or write {stem}[{time}]")

    def name(self, node: ast.expr) -> Sym:
        found = super().name(node)
        if self.later is not None and found.name not in self.names:
            if found.name in self.later:
                self.fail(
                    f"{found.name!r} is used before it is defined", node, "a name is defined above its use"
                )
            known = [*self.names, *self.sizes, *self.line.stems]
            self.fail(f"unknown name {found.name!r}", node, did_you_mean(found.name, known))
        return found

    def _timed(self, node: ast.Subscript, stem: str) -> Expr:
        """h[t-1], or an entry of it, h[t-1, 0]."""
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        time = self.moment(parts[0])
        self._check_time(node, stem, time)
        found: Expr = at_time(self._known(stem, node), time)
        if len(parts) > 1:
            rest = parts[1] if len(parts) == 2 else ast.Tuple(parts[1:], ast.Load())
            found = subscript(found, rest)
        return found

    def _known(self, stem: str, node: ast.AST) -> Sym:
        if stem not in self.line.stems:
            self.fail(f"{stem!r} is used before it is defined", node, "a name is defined above its use")
        return self.line.stems[stem]

    def moment(self, node: ast.expr) -> Time:
        """The time that an index says: t, t-1, 2, T, T-1."""
        sign = 1
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
                return Time("", -value)
            case ast.Constant(value=int(value)) if not isinstance(value, bool):
                return Time("", value)
            case ast.Name(id=base):
                return Time(self._base(base, node))
            case ast.BinOp(
                left=ast.Name(id=base), op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int(value))
            ):
                sign = -1 if isinstance(op, ast.Sub) else 1
                return Time(self._base(base, node), sign * value)
        t = self.line.index
        self.fail("this is not a time", node, f"a time is {t}, {t}-1, a whole number, or {self.line.last}")

    def _base(self, base: str, node: ast.AST) -> str:
        if base == self.line.index or base == self.line.horizon:
            return base
        self.fail(f"{base!r} is not a time", node, f"the index is {self.line.index}")

    def _check_time(self, node: ast.AST, stem: str, time: Time) -> None:
        line, t = self.line, self.line.index
        defined = stem in line.cell
        if time.base == t:
            if time.offset > 0:
                what = f"{stem}[{time}] refers forward in time"
                self.fail(what, node, f"at time {t} only values at {t} and before are there")
            if time.offset == 0 and defined and self.inside and stem not in line.above:
                self.fail(
                    f"{stem}[{t}] is used before it is defined",
                    node,
                    f"write {stem}[{t}-1], or define it above",
                )
            if time.offset < 0 and stem not in line.earlier:
                example = f"{stem}[{line.first - 1}]"
                self.fail(
                    f"{stem} has no initial value", node, f"write {example} = 0, or zeros(n) for a vector"
                )
        elif self.inside:
            self.fail(
                f"a fixed time in the recurrence, {stem}[{time}]", node, f"write {stem}[{t}] or {stem}[{t}-1]"
            )
        elif not self._exists(stem, time):
            self.fail(f"there is no {stem}[{time}]", node, line.times)

    def _exists(self, stem: str, time: Time) -> bool:
        """Whether a fixed time is one of the recurrence, as far as that is known."""
        line = self.line
        first = line.first - (1 if stem in line.earlier else 0)
        if time.base:
            return time.offset < line.first
        return first <= time.offset and (line.length is None or time.offset < line.first + line.length)

    def _is_over_time(self, node: ast.Call, args: list[Expr]) -> bool:
        """Whether a sum is one over time: of a number that has one, or of a name without its index."""
        named = isinstance(node.func, ast.Name) and node.func.id in ("sum", "mean") and not node.keywords
        if not named or self.inside or len(args) != 1:
            return False
        bare = isinstance(node.args[0], ast.Name) and bool(self._stem(node.args[0]))
        return bare or (not args[0].shape and self.line.has_free_time(args[0]))

    def _series(self, kind: str, body: Expr) -> Expr:
        line = self.line
        found = Series("sum", line.index, Time("", line.first), line.last, body)
        if kind == "sum":
            return found
        return found / Dim(line.horizon)


def uses_time(root: Expr, stems: Collection[str]) -> bool:
    """Whether a formula has a timed name anywhere."""
    return any(isinstance(s, Sym) and split_time(s.name, stems) for s in all_leaves(root))
