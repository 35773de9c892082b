"""A second reading of every formula, by rules of its own, before anything is made of the first.

The proof evaluates the expression that the reader has made of the author's text, so it cannot see that a name
was taken for something else: both sides of each equality would be wrong alike. Here the syntax tree that
Python gives is read once more. What a name is follows from one rule, which looks at the text as a whole:

    a name on a left side, an argument or a declared input is the author's, else a size if a shape or the time
    says so, else a constant if it is called e or pi, else an undeclared input of the author's.

Both readings are brought to one form, in which signs stand before products and equal parts are one number,
and compared. Indices in brackets and the axis of a sum are not: they hold no name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from symdiff.errors import ProofError, shorten
from symdiff.expr.leaves import Filled
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Size, minus, plus, times
from symdiff.expr.timed import Series
from symdiff.expr.tree import Dim, Expr, Num, Sym, postorder, symbols
from symdiff.language.syntax import spelled
from symdiff.rules.rule import Rule
from symdiff.rules.table import functions

CONSTANTS = ("e", "pi")
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@"}
_PRODUCTS = ("*", "/")
_WHOLE = {"sum_down": "sum", "sum_across": "sum", "mean_down": "mean", "mean_across": "mean"}
_WHOLE |= {"logsumexp_across": "logsumexp", "series_sum": "sum", "concat_across": "concat"}
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
    return _OfText(forms, binding, entries).form(tree) == _of_formula(forms, formula, binding)


def _has_options(tree: ast.expr) -> bool:
    """Whether a function is called along an axis, which is written with transposes in the first reading."""
    return any(isinstance(node, ast.Call) and node.keywords for node in ast.walk(tree))


Signed = tuple[int, int]
"""A sign, and the number of what stands behind it."""


@dataclass
class _Forms:
    """Forms of both readings, equal ones having one number; with `loose` transposes and axes are left out."""

    loose: bool
    numbers: dict[Hashable, int] = field(default_factory=dict)
    parts: set[int] = field(default_factory=set)

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

    def part_of(self, whole: Signed) -> Signed:
        """An entry or a piece of an array; a piece of a column, A[0:2, 1], is one part of A, as typed."""
        if whole[1] in self.parts:
            return whole
        found = self.node("index", [whole])
        self.parts.add(found[1])
        return found


def _of_formula(forms: _Forms, formula: Expr, binding: Binding) -> Signed:
    """The form of an expression that has been read."""
    done: dict[int, Signed] = {}
    for node in postorder(formula):
        done[id(node)] = _of_node(forms, node, [done[id(arg)] for arg in node.args], binding)
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
        return forms.part_of(args[0])
    if name == "/" and isinstance(node.args[0], Series) and node.args[1] == Dim(binding.horizon):
        return forms.node("mean", [_of_formula(forms, node.args[0].body, binding)])
    return forms.node(_WHOLE.get(name, name), args)


class _OfText:
    """The form of a syntax tree; `entries` are names that stand in the first reading as they are."""

    def __init__(self, forms: _Forms, binding: Binding, entries: Collection[str]) -> None:
        self.forms, self.binding, self.entries = forms, binding, entries

    def form(self, root: ast.expr) -> Signed:
        done: dict[ast.AST, Signed] = {}
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
            case ast.List(elts=members):
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
                return self.binary(_SIGNS[type(op)], left, right, args)
            case ast.Call(func=ast.Name(id=name), args=given):
                if name in _FILLED:
                    return self.forms.leaf(name, tuple(map(_size, given)))
                called = self.binding.functions[name].op.name
                return self.forms.node(_WHOLE.get(called, called), args)
            case ast.Attribute():
                return self.forms.node("transpose", args)
            case ast.Subscript():
                return self.subscript(node, args)
            case ast.List():
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
        entry = _ENTRY.fullmatch(name)
        if entry and name not in self.entries and entry[1] in known.own:
            return self.forms.part_of(self.forms.leaf("name", entry[1]))
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

    def is_timed(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and spelled(node.id) in self.binding.stems

    def subscript(self, node: ast.Subscript, args: list[Signed]) -> Signed:
        """A value at a time, h[t-1] or h[0], an entry of it, or an entry of an array."""
        picks = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if self.is_timed(node.value):
            assert isinstance(node.value, ast.Name)
            args = [self.forms.leaf("name", spelled(node.value.id) + _time(picks[0]))]
            picks = picks[1:]
        return self.forms.part_of(args[0]) if any(map(_is_pick, picks)) else args[0]


def _size(node: ast.expr) -> str:
    """A size as it stands in a shape."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return str(int(node.value))
    if isinstance(node, ast.BinOp) and type(node.op) in _OF_SIZES:
        return str(_OF_SIZES[type(node.op)](_size(node.left), _size(node.right)))
    return spelled(ast.unparse(node))


_OF_SIZES: dict[type, Callable[[Size, Size], Size]] = {ast.Add: plus, ast.Sub: minus, ast.Mult: times}


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
