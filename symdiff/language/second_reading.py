"""A second reading of every formula, by rules of its own, before anything is made of the first.

The proof evaluates the expression that the reader has made of the author's text, so it cannot see that a name
was taken for something else: both sides of each equality would be wrong alike. Here the syntax tree that
Python gives is read once more. What a name is follows from one rule, which looks at the text as a whole:

    a name on a left side, an argument or a declared input is the author's, else a size if a shape or the time
    says so, else a constant if it is called e, pi or inf, else an undeclared input of the author's.

Both readings are brought to one form, in which signs stand before products and equal parts are one number,
and compared, names in brackets too. Numbers in brackets and the axis of a sum are not, holding no name. What
a product or power of paper is follows from the number of axes that its operands have, by a rule written once
more here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import NamedTuple, TypeGuard

from symdiff.errors import ProofError, shorten
from symdiff.expr.leaves import TRIANGLES, Filled, HeldIndex, OneHot
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Shape, Size, minus, plus, times
from symdiff.expr.timed import Series
from symdiff.expr.tree import Dim, Expr, Num, Sym, postorder, symbols
from symdiff.language.marks import Beside, Crossed, Dotted, Entrywise, Ones, Raised, in_words
from symdiff.language.named_formulas import NAMED, NamedFormula, arguments_of, named_formula, tree_of
from symdiff.language.second_forms import Forms, Signed
from symdiff.language.syntax import spelled
from symdiff.rules.rule import Rule
from symdiff.rules.table import OF_DERIVATIVES, functions

CONSTANTS = {"e": "e", "pi": "pi", "inf": "inf", "oo": "inf"}
_SIGNS: dict[type[ast.operator], str] = {}
_SIGNS |= {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@"}
_SIGNS |= {Beside: "*", Dotted: "*", Crossed: "*", Entrywise: "*", Raised: "**"}
_COMPARED = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_JOINED = {ast.And: "and", ast.Or: "or", ast.BitAnd: "and", ast.BitOr: "or"}
_WHOLE = {"sum_down": "sum", "sum_across": "sum", "mean_down": "mean", "mean_across": "mean"}
_WHOLE |= {"series_sum": "sum", "dot": "@", "cumsum_down": "cumsum", "flip_down": "flip"}
_WHOLE |= {"max_of": "max", "min_of": "min", "concat_across": "concat"}
_WHOLE |= {f"{n}_across": n for n in ("logsumexp", "max", "min", "prod", "var", "std", "norm")}
_MASKED = {"masked_softmax": "softmax", "masked_logsumexp": "logsumexp"}
_MASKED |= {"masked_logsumexp_across": "logsumexp"}
_AROUND = ("transpose", "row", "column")
_FILLED = ("ones", "zeros", "eye", "arange", "unit", "tri", "one_hot")
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
    forms = Forms(loose)
    entries = {symbol.name for symbol in symbols(formula)}
    read = _of_formula(forms, formula, binding)
    return _OfText(forms, binding, entries).form(tree) == read


def _has_options(tree: ast.expr) -> bool:
    """Whether a function is called along an axis, which is written with transposes in the first reading."""
    return any(isinstance(node, ast.Call) and node.keywords for node in ast.walk(tree))


def _of_formula(forms: Forms, formula: Expr, binding: Binding) -> Signed:
    """The form of an expression that has been read."""
    done: dict[int, Signed] = {}
    for node in postorder(formula):
        found = done[id(node)] = _of_node(forms, node, [done[id(arg)] for arg in node.args], binding)
        forms.shapes[found[1]] = node.shape
    return done[id(formula)]


def _of_node(forms: Forms, node: Expr, args: Sequence[Signed], binding: Binding) -> Signed:
    name = node.op.name
    if isinstance(node, Num):
        return forms.leaf("number", float(node.value))
    if isinstance(node, Sym):
        return forms.leaf("name", node.name)
    if isinstance(node, Dim):
        return forms.leaf("size", node.name)
    if isinstance(node, HeldIndex):
        return forms.leaf("held", node.name)
    if isinstance(node, Filled) and node.what in TRIANGLES:
        return forms.leaf(node.what, node.index)
    if isinstance(node, OneHot):
        return forms.leaf("one_hot", (node.index.name, str(node.index.limit)))
    if isinstance(node, Filled):
        said = (*node.shape, node.index) if node.what == "unit" else node.shape
        return forms.leaf(node.what, tuple(map(str, said[:1] if node.what in ("eye", "tri") else said)))
    if isinstance(node, Series):
        return forms.node("sum", [_of_formula(forms, node.body, binding)])
    if not args:
        return forms.leaf("constant", name)
    if name in TRIANGLES:
        return forms.node("*", (args[0], forms.leaf(name, 0)))
    if name == "neg":
        return -args[0][0], args[0][1]
    if name == "indicator":
        return args[0]
    if name in _MASKED:
        lost = -1, forms.leaf("constant", "inf")[1]
        return forms.node(_MASKED[name], [forms.node("where", (args[1], args[0], lost))])
    if name == "gather":
        held = [arg for pick, arg in zip(node.args[1:], args[1:], strict=True) if isinstance(pick, HeldIndex)]
        return forms.part_of(args[0], held)
    if name in ("index", "slice"):
        return forms.part_of(args[0])
    if name == "/" and isinstance(node.args[0], Series) and node.args[1] == Dim(binding.horizon):
        return forms.node("mean", [_of_formula(forms, node.args[0].body, binding)])
    return forms.node(_WHOLE.get(name, name), args)


class _Operand(NamedTuple):
    """A factor of a product of paper: its form, that of x for xᵀ, its axes, and a number before it."""

    form: Signed
    turned: Signed
    axes: int
    is_row: bool
    number: Signed | None = None


class _OfText:
    """The form of a syntax tree; `entries` are names that stand in the first reading as they are."""

    def __init__(
        self,
        forms: Forms,
        binding: Binding,
        entries: Collection[str],
        bound: Mapping[str, Signed] | None = None,
    ) -> None:
        self.forms, self.binding, self.entries = forms, binding, entries
        self.bound = bound or {}
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
        if name := self.formula_called(node):
            assert isinstance(node, ast.Call)
            yield from arguments_of(name, node).values()
            return
        match node:
            case ast.BinOp(left=left, right=right):
                yield from (left, right)
            case ast.UnaryOp(operand=operand):
                yield operand
            case ast.IfExp(test=test, body=body, orelse=other):
                yield from (test, body, other)
            case ast.Compare(left=left, comparators=others):
                yield from (left, *others)
            case ast.BoolOp(values=values):
                yield from values
            case ast.Call(func=ast.Name(id="piecewise"), args=pairs):
                yield from (each for pair in pairs if isinstance(pair, ast.Tuple) for each in pair.elts)
            case ast.Call(func=ast.Name(id="norm"), args=[first, *_]):
                yield first
            case ast.Call(func=ast.Name(id=name), args=args) if name in TRIANGLES:
                yield args[0]
            case ast.Call(func=ast.Name(id=name), args=args) if name not in _FILLED:
                yield from args
            case ast.Call(func=ast.Call(), args=args):
                yield from args
            case ast.Attribute(value=value):
                yield value
            case ast.Subscript(value=value) if not self.is_timed(value):
                yield value
            case ast.List(elts=members) | ast.Tuple(elts=members):
                yield from members

    def formula_called(self, node: ast.expr) -> str:
        """The name of a formula that stands for a call, unless the author has the name."""
        name = named_formula(node)
        known = self.binding
        return "" if name in {*known.own, *known.stems, *known.functions} else name

    def of(self, node: ast.expr, args: list[Signed]) -> Signed:
        if name := self.formula_called(node):
            assert isinstance(node, ast.Call)
            return self.formula(NAMED[name], dict(zip(arguments_of(name, node), args, strict=True)))
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self.forms.leaf("number", float(value))
            case ast.Name(id=name):
                return self.name(spelled(name))
            case ast.Constant(value=bool()):
                return self.forms.leaf("always", True)
            case ast.UnaryOp(op=ast.USub()):
                return -args[0][0], args[0][1]
            case ast.UnaryOp(op=ast.Not() | ast.Invert()):
                return self.forms.opposite(self.forms.condition(args[0]))
            case ast.Compare(ops=ops):
                return self.forms.compared([_COMPARED[type(op)] for op in ops], args)
            case ast.BoolOp(op=op) | ast.BinOp(op=ast.BitAnd() | ast.BitOr() as op):
                return self.forms.node(_JOINED[type(op)], list(map(self.forms.condition, args)))
            case ast.IfExp():
                return self.where(*args)
            case ast.Call(func=ast.Name(id="where")):
                return self.where(*args)
            case ast.Call(func=ast.Name(id="piecewise")):
                *found, result, _ = args
                for place in reversed(range(0, len(found), 2)):
                    result = self.where(found[place + 1], found[place], result)
                return result
            case ast.BinOp(left=left, right=right, op=op):
                on_paper = self.on_paper(node, args) if isinstance(op, Beside | Raised) else None
                if on_paper is not None:
                    return on_paper
                return self.binary(_SIGNS[type(op)], left, right, args)
            case ast.Call(func=ast.Name(id=name)) if name in TRIANGLES:
                others = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
                triangle = self.forms.leaf(name, ast.literal_eval(others[0]) if others else 0)
                return triangle if _are_ones(node.args[0]) else self.forms.node("*", (args[0], triangle))
            case ast.Call(func=ast.Name(id=name), args=given):
                if name in _FILLED:
                    return self.forms.leaf(name, tuple(map(_size, given)))
                if name not in self.binding.functions and name not in OF_DERIVATIVES:
                    return self.unspecified(node.func, args)
                called = name if name in OF_DERIVATIVES else self.binding.functions[name].op.name
                if called == "norm" and len(given) == 2:
                    return self.norm(given[1], args)
                return self.forms.node(_WHOLE.get(called, called), args)
            case ast.Call(func=called_first):
                return self.unspecified(called_first, args)
            case ast.Attribute():
                return self.transposed(args)
            case ast.Subscript():
                return self.subscript(node, args)
            case ast.List() | ast.Tuple():
                return self.forms.node("stack", args)
        return args[0]

    def where(self, condition: Signed, first: Signed, other: Signed) -> Signed:
        return self.forms.node("where", (self.forms.condition(condition), first, other))

    def formula(self, named: NamedFormula, given: dict[str, Signed]) -> Signed:
        """A formula of what is given for its parameters."""
        reader = _OfText(self.forms, Binding(()), (), given)
        for word, value in named.parameters.items():
            if word not in given:
                given[word] = reader.form(tree_of(value))
        return reader.form(tree_of(named.formula))

    def norm(self, order: ast.expr, args: list[Signed]) -> Signed:
        """The norm of an order: the largest of |x_i|, their sum, or the usual one."""
        word = getattr(order, "id", getattr(order, "attr", ""))
        if word in ("inf", "oo"):
            return self.forms.node("max", [self.forms.node("abs", args)])
        is_one = isinstance(order, ast.Constant) and order.value == 1
        return self.forms.node("norm1" if is_one else "norm", args)

    def name(self, name: str) -> Signed:
        """A name that stands alone: the rule at the head of this file."""
        known = self.binding
        if name in self.bound:
            return self.bound[name]
        if name in known.stems:
            return self.forms.leaf("name", f"{name}@{known.index}")
        if name in known.own:
            return self.forms.leaf("name", name)
        if name in known.sizes:
            return self.forms.leaf("size", name)
        if name in CONSTANTS:
            return self.forms.leaf("constant", CONSTANTS[name])
        stem, _, index = name.rpartition("_")
        if stem in known.stems and index == known.index:
            return self.forms.leaf("name", f"{stem}@{index}")
        entry = _ENTRY.fullmatch(name)
        if entry and name not in self.entries and entry[1] in known.own:
            return self.forms.part_of(self.forms.leaf("name", entry[1]))
        return self.forms.leaf("name", name)

    def unspecified(self, called: ast.expr, args: list[Signed]) -> Signed:
        """A function that is neither the language's nor one of the author's names, or a derivative of it."""
        text = spelled(ast.unparse(called))
        name = text.rstrip(")").rpartition("(")[2]
        known = self.binding
        whose = "a name of" if name in {*known.own, *known.sizes, *known.stems} else ""
        return self.forms.node(f"{whose}{text}", args)

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
            return "@"
        if last.is_row and not first.is_row:
            return "outer"
        return "@" if isinstance(op, Dotted) and not last.is_row else ""

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
                case ast.Attribute() | ast.BinOp(op=Raised(), right=ast.Name(id="T")):
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
        if any(isinstance(pick, ast.Slice) and pick.step is not None for pick in picks):
            return self.forms.node("flip", args)
        held = [self.forms.leaf("held", spelled(p.id)) for p in picks if self.is_held(p)]
        return self.forms.part_of(args[0], held) if any(map(_is_pick, picks)) else args[0]

    def is_held(self, pick: ast.expr) -> TypeGuard[ast.Name]:
        """Whether an index is a name of the author's, and so is held."""
        return isinstance(pick, ast.Name) and spelled(pick.id) not in self.binding.sizes


def _are_ones(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ones"


def _size(node: ast.expr) -> str:
    """A size as it stands in a shape."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return str(int(node.value))
    if isinstance(node, ast.BinOp) and type(node.op) in _OF_SIZES:
        return str(_OF_SIZES[type(node.op)](_size(node.left), _size(node.right)))
    return in_words(node)


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
