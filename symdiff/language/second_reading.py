"""A second reading of every formula, by rules of its own, before anything is made of the first.

The proof evaluates the expression that the reader has made of the author's text, so it cannot see that a name
was taken for something else: both sides of each equality would be wrong alike. Here the syntax tree that
Python gives is read once more. What a name is follows from one rule, which looks at the text as a whole:

    a name on a left side, an argument or a declared input is the author's, else a size if a shape or the time
    says so, else a constant if it is called e or pi, else an undeclared input of the author's.

Both readings are brought to one form, in which signs stand before products and equal parts are one number,
and compared. Indices in brackets and the axis of a sum are not: they hold no name. What a product or power of
paper is follows from the number of axes that its operands have, by a rule written once more here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from symdiff.errors import ProofError, shorten
from symdiff.expr.leaves import Filled
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape
from symdiff.expr.timed import Series
from symdiff.expr.tree import Dim, Expr, Num, Sym, postorder, symbols
from symdiff.language.marks import Beside, Crossed, Dotted, Entrywise, Ones, Raised
from symdiff.language.syntax import spelled
from symdiff.rules.rule import Rule
from symdiff.rules.table import functions

CONSTANTS = ("e", "pi")
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@"}
_SIGNS |= {**dict.fromkeys((Beside, Dotted, Crossed, Entrywise), "*"), Raised: "**"}
_PRODUCTS = ("*", "/")
_WHOLE = {"sum_down": "sum", "sum_across": "sum", "mean_down": "mean", "mean_across": "mean"}
_WHOLE |= {"logsumexp_across": "logsumexp", "series_sum": "sum"}
_AROUND = ("transpose", "row", "column")
_FILLED = ("ones", "zeros", "eye")
_ENTRY = re.compile(r"(.*?[A-Za-z])_?[0-9]+(_[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Binding:
    """Whose names are: `own` are the author's, `stems` too, which have a value for each time `index`."""

    own: Collection[str]
    sizes: Collection[str] = ()
    stems: Collection[str] = ()
    index: str = ""
    horizon: str = ""
    functions: Mapping[str, Rule] = field(default_factory=functions)


def confirm(name: str, tree: ast.expr, formula: Expr, binding: Binding) -> None:
    """Compare the formula that was read for `name` with the text's own syntax tree.

    Raises:
        ProofError: the two readings differ, which is a defect of one of them.
    """
    if not _agree(tree, formula, binding, loose=False) and not (
        _has_options(tree) and _agree(tree, formula, binding, loose=True)
    ):
        what = f"two readings of {name} differ, one of them is {shorten(str(formula))}"
        raise ProofError(what, way_out="nothing was written")


def _agree(tree: ast.expr, formula: Expr, binding: Binding, loose: bool) -> bool:
    """Whether both readings have one form."""
    forms = _Forms(loose)
    entries = {symbol.name for symbol in symbols(formula)}
    read = _of_formula(forms, formula, binding)
    return _OfText(forms, binding, entries).form(tree) == read


def _has_options(tree: ast.expr) -> bool:
    """Whether a function is called along an axis, which is written with transposes in the first reading."""
    return any(isinstance(node, ast.Call) and node.keywords for node in ast.walk(tree))


Signed = tuple[int, int]
"""A sign, and the number of what stands behind it."""


@dataclass
class _Forms:
    """Forms of both readings, equal ones having one number; with `loose` transposes and axes are left out.

    `shapes` are those of the forms that stand in the expression.
    """

    loose: bool
    numbers: dict[Hashable, int] = field(default_factory=dict)
    shapes: dict[int, Shape] = field(default_factory=dict)

    def leaf(self, kind: str, value: Hashable) -> Signed:
        return 1, self.numbers.setdefault((kind, value), len(self.numbers))

    def node(self, kind: str, args: Sequence[Signed]) -> Signed:
        """An operation: the signs of a product's factors stand before it, others stay where they are."""
        if self.loose and (kind in _AROUND or (kind == "stack" and len(args) == 1)):
            return args[0]
        sign = 1
        if kind in _PRODUCTS:
            for each, _ in args:
                sign *= each
            args = [(1, number) for _, number in args]
        return sign, self.numbers.setdefault((kind, *args), len(self.numbers))


def _of_formula(forms: _Forms, formula: Expr, binding: Binding) -> Signed:
    """The form of an expression that has been read."""
    done: dict[int, Signed] = {}
    for node in postorder(formula):
        found = done[id(node)] = _of_node(forms, node, [done[id(arg)] for arg in node.args], binding)
        forms.shapes[found[1]] = node.shape
    return done[id(formula)]


def _of_node(forms: _Forms, node: Expr, args: Sequence[Signed], binding: Binding) -> Signed:
    name = node.op.name
    if isinstance(node, Num):
        return forms.leaf("number", float(node.value))
    if isinstance(node, Sym):
        return forms.leaf("name", node.name)
    if isinstance(node, Dim):
        return forms.leaf("size", node.name)
    if isinstance(node, Filled):
        return forms.leaf(node.what, tuple(map(str, node.shape[:1] if node.what == "eye" else node.shape)))
    if isinstance(node, Series):
        return forms.node("sum", [_of_formula(forms, node.body, binding)])
    if not args:
        return forms.leaf("constant", name)
    if name == "neg":
        return -args[0][0], args[0][1]
    if name in ("index", "slice"):
        return forms.node("index", args[:1])
    if name == "/" and isinstance(node.args[0], Series) and node.args[1] == Dim(binding.horizon):
        return forms.node("mean", [_of_formula(forms, node.args[0].body, binding)])
    return forms.node(_WHOLE.get(name, name), args)


class _Operand(NamedTuple):
    """An array in a product of paper: its form, that of x where it is xᵀ, its axes, and a number before it."""

    form: Signed
    turned: Signed
    axes: int
    is_row: bool
    number: Signed | None = None


class _OfText:
    """The form of a syntax tree; `entries` are names that stand in the first reading as they are."""

    def __init__(self, forms: _Forms, binding: Binding, entries: Collection[str]) -> None:
        self.forms, self.binding, self.entries = forms, binding, entries
        self.done: dict[ast.AST, Signed] = {}
        self.scaled: dict[ast.AST, _Operand] = {}

    def form(self, root: ast.expr) -> Signed:
        done = self.done
        stack: list[tuple[ast.expr, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            parts = list(self.parts(node))
            if ready or not parts:
                done[node] = self.of(node, [done[part] for part in parts])
            else:
                stack.append((node, True))
                stack += [(part, False) for part in parts]
        return done[root]

    def parts(self, node: ast.expr) -> Iterator[ast.expr]:
        """The formulas inside a formula: no index, no size, no name of a function."""
        match node:
            case ast.BinOp(left=left, right=right):
                yield from (left, right)
            case ast.UnaryOp(operand=operand):
                yield operand
            case ast.Call(func=ast.Name(id=name), args=args) if name not in _FILLED:
                yield from args
            case ast.Attribute(value=value):
                yield value
            case ast.Subscript(value=value) if not self.is_timed(value):
                yield value
            case ast.List(elts=members) | ast.Tuple(elts=members):
                yield from members

    def of(self, node: ast.expr, args: list[Signed]) -> Signed:
        match node:
            case ast.Constant(value=int() | float() as value):
                return self.forms.leaf("number", float(value))
            case ast.Name(id=name):
                return self.name(spelled(name))
            case ast.UnaryOp(op=ast.USub()):
                return -args[0][0], args[0][1]
            case ast.BinOp(left=left, right=right, op=op):
                if isinstance(op, Beside | Raised) and (found := self.on_paper(node, args)):
                    return found
                return self.binary(_SIGNS[type(op)], left, right, args)
            case ast.Call(func=ast.Name(id=name), args=given):
                if name in _FILLED:
                    return self.forms.leaf(name, tuple(map(_size, given)))
                called = self.binding.functions[name].op.name
                return self.forms.node(_WHOLE.get(called, called), args)
            case ast.Attribute():
                return self.transposed(args)
            case ast.Subscript():
                return self.subscript(node, args)
            case ast.List() | ast.Tuple():
                return self.forms.node("stack", args)
        return args[0]

    def name(self, name: str) -> Signed:
        """A name that stands alone: the rule at the head of this file."""
        known = self.binding
        if name in known.stems:
            return self.forms.leaf("name", f"{name}@{known.index}")
        if name in known.own:
            return self.forms.leaf("name", name)
        if name in known.sizes:
            return self.forms.leaf("size", name)
        if name in CONSTANTS:
            return self.forms.leaf("constant", name)
        stem, _, index = name.rpartition("_")
        if stem in known.stems and index == known.index:
            return self.forms.leaf("name", f"{stem}@{index}")
        entry = _ENTRY.fullmatch(name)
        if entry and name not in self.entries and entry[1] in known.own:
            return self.forms.node("index", [self.forms.leaf("name", entry[1])])
        return self.forms.leaf("name", name)

    def binary(self, sign: str, left: ast.expr, right: ast.expr, args: list[Signed]) -> Signed:
        """An operation; e to some power is exp, and a sum over all times by their number is a mean."""
        if sign == "**" and args[0] == self.forms.leaf("constant", "e"):
            return self.forms.node("exp", args[1:])
        by_steps = isinstance(right, ast.Name) and right.id == self.binding.horizon
        over_time = isinstance(left, ast.Call) and isinstance(left.func, ast.Name) and left.func.id == "sum"
        if sign == "/" and by_steps and over_time and isinstance(left, ast.Call):
            return self.forms.node("mean", [self.form(left.args[0])])
        return self.forms.node(sign, args)

    def on_paper(self, node: ast.BinOp, args: list[Signed]) -> Signed | None:
        """A product or a power of arrays as it is typed on paper; None where it is as of numbers."""
        if isinstance(node.op, Raised):
            return self.raised(node, args)
        is_open = (node.left.lineno, node.left.col_offset) == (node.lineno, node.col_offset)
        sign, left = 1, node.left
        is_signed = is_open and isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub)
        if isinstance(left, ast.UnaryOp) and is_signed:
            sign, left = -1, left.operand
        first = self.scaled.get(left) if is_open else None
        first = first or self.ones(left, self.shape(node.right)[:1]) or self.operand(left)
        last = self.ones(node.right, self.shape(left)[-1:]) or self.operand(node.right)
        if not first.axes or not last.axes or isinstance(node.op, Crossed):
            if last.axes and not first.axes:
                self.scaled[node] = last._replace(number=args[0])
            return None
        if is_open and not is_signed and first.form[0] < 0:
            sign, first = -sign, first._replace(turned=(1, first.turned[1]))
        found_sign, number = self.forms.node(self.kind(node.op, first, last), [first.turned, last.turned])
        found = sign * found_sign, number
        if first.number is None:
            return found
        axes = len(self.forms.shapes.get(number, ()))
        self.scaled[node] = _Operand(found, found, axes, axes == 1 and first.is_row, first.number)
        return self.forms.node("*", [first.number, found])

    def kind(self, op: ast.operator, first: _Operand, last: _Operand) -> str:
        """What a product of two arrays is; "" where that is refused."""
        if first.axes + last.axes > 2:
            return "@"
        if first.is_row and not last.is_row:
            return "dot" if first.turned != first.form else "@"
        if last.is_row and not first.is_row:
            return "outer"
        return "dot" if isinstance(op, Dotted) and not last.is_row else ""

    def raised(self, node: ast.BinOp, args: list[Signed]) -> Signed | None:
        """A transpose, an inverse, or None for a power."""
        axes = self.axes(node.left)
        if axes and isinstance(node.right, ast.Name) and node.right.id == "T":
            return self.transposed(args[:1])
        is_inverse = axes == 2 and args[1] == (-1, self.forms.leaf("number", 1.0)[1])
        return self.forms.node("inv", args[:1]) if is_inverse else None

    def ones(self, node: ast.expr, size: Shape) -> _Operand | None:
        """𝟏 or 𝟏ᵀ with the size that the other factor gives it."""
        is_row = isinstance(node, ast.Attribute) or (
            isinstance(node, ast.BinOp) and isinstance(node.op, Raised)
        )
        inner = (
            node.value
            if isinstance(node, ast.Attribute)
            else node.left
            if isinstance(node, ast.BinOp)
            else node
        )
        if not isinstance(inner, Ones) or not size:
            return None
        found = self.forms.leaf("ones", tuple(map(str, size)))
        return _Operand(self.forms.node("transpose", [found]) if is_row else found, found, 1, is_row)

    def operand(self, node: ast.expr) -> _Operand:
        return _Operand(self.done[node], self.turned(node), self.axes(node), self.is_row(node))

    def transposed(self, args: list[Signed]) -> Signed:
        found = self.forms.node("transpose", args)
        self.forms.shapes.setdefault(found[1], self.forms.shapes.get(args[0][1], ())[::-1])
        return found

    def turned(self, node: ast.expr) -> Signed:
        """The vector x for xᵀ, what stands there for anything else."""
        match node:
            case ast.Attribute(value=value) | ast.BinOp(left=value, op=Raised(), right=ast.Name(id="T")):
                return self.done[value] if self.axes(node) == 1 else self.done[node]
        return self.done[node]

    def shape(self, node: ast.expr) -> Shape:
        return self.forms.shapes.get(self.done[node][1], ())

    def axes(self, node: ast.expr) -> int:
        """How many axes the array has that stands at a place of the text."""
        return len(self.shape(node))

    def is_row(self, node: ast.expr) -> bool:
        """Whether a vector is turned: xᵀ, or what begins with it."""
        found = [node]
        while found:
            part = found.pop()
            if self.axes(part) != 1:
                continue
            match part:
                case ast.Attribute() | ast.BinOp(op=Raised()):
                    return True
                case ast.UnaryOp(operand=operand):
                    found.append(operand)
                case ast.BinOp(left=left, right=right):
                    if self.axes(right) == 2:
                        return True
                    found += [left, right]
        return False

    def is_timed(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and spelled(node.id) in self.binding.stems

    def subscript(self, node: ast.Subscript, args: list[Signed]) -> Signed:
        """A value at a time, h[t-1] or h[0], an entry of it, or an entry of an array."""
        picks = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if self.is_timed(node.value):
            assert isinstance(node.value, ast.Name)
            args = [self.forms.leaf("name", spelled(node.value.id) + _time(picks[0]))]
            picks = picks[1:]
        return self.forms.node("index", args) if any(map(_is_pick, picks)) else args[0]


def _size(node: ast.expr) -> str:
    """A size as it stands in a shape."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return str(int(node.value))
    return spelled(ast.unparse(node))


def _is_pick(pick: ast.expr) -> bool:
    """Whether an index takes less than a whole axis."""
    return not isinstance(pick, ast.Slice) or bool(pick.lower or pick.upper)


def _time(pick: ast.expr) -> str:
    """A time as timed names have it: @t-1, or _0 for a number."""
    match pick:
        case ast.Name(id=base):
            return f"@{base}"
        case ast.BinOp(left=ast.Name(id=base), op=op, right=ast.Constant(value=int(value))):
            offset = -value if isinstance(op, ast.Sub) else value
            return f"@{base}" + (f"{offset:+d}" if offset else "")
    return f"_{ast.unparse(pick)}"


def names_on_the_left(targets: Iterable[ast.expr]) -> set[str]:
    """The names in the left sides of equations, the arguments in f(x, a) = … included."""
    return {spelled(n.id) for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
