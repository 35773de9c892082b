"""Syntax tree to expression: formulas of numbers and arrays. Nothing is evaluated.

Python's own parser has read the text (see `syntax`); a whitelist decides which of its nodes belong to the
language, the rule table says which names are functions. Anything else is refused where it stands. Below the
reader stand the syntax of arrays, x[i], x[i:j], sum(A, axis=0), ones(n), a function for each kind of node.
What several equations mean together is said in `program` and `recurrence_parser`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import prod
from typing import NoReturn, TypeVar

from symdiff.errors import InputError, ShapeError, shorten
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.conditions import INFINITY, as_number
from symdiff.expr.leaves import TRIANGLES, Filled, HeldIndex, OneHot
from symdiff.expr.names import check_name, split_name
from symdiff.expr.notation import Op
from symdiff.expr.operations import EULER, EXP, GATHER, STACK, block
from symdiff.expr.shapes import (
    LARGEST,
    MOST_ENTRIES,
    Shape,
    Size,
    in_words,
    is_number,
    largest,
    minus,
    plus,
    size,
    times,
)
from symdiff.expr.tree import ALL, TRANSPOSE, Dim, Expr, Num, Sym, entry, symbols
from symdiff.expr.unspecified import Unspecified, unspecified
from symdiff.language import paper_products as paper
from symdiff.language.conditional import PIECEWISE, built, is_mask, parts_of, with_masks
from symdiff.language.marks import (
    Bars,
    Beside,
    Crossed,
    Dotted,
    Entrywise,
    Norm,
    Ones,
    Raised,
    Summed,
    Turned,
)
from symdiff.language.misspellings import suggestion
from symdiff.language.named_formulas import NAMED, arguments_of, named_formula, put_in
from symdiff.language.reading import current
from symdiff.language.refusals import of_node
from symdiff.language.syntax import caret, flush, prepared, spelled
from symdiff.language.syntax import statements as statements
from symdiff.language.unspecified_calls import called_function, is_unspecified
from symdiff.language.words import called_and_named, tell_of_constant
from symdiff.rules.rule import Rule
from symdiff.rules.table import OF_DERIVATIVES, functions, of_derivatives

_OPERATORS: dict[type[ast.operator], Op] = {
    ast.Add: e.ADD,
    ast.Sub: e.SUB,
    ast.Mult: e.MUL,
    ast.Div: e.DIV,
    ast.Pow: e.POW,
    ast.MatMult: e.MATMUL,
    **dict.fromkeys((Beside, Dotted, Crossed, Entrywise), e.MUL),
    Raised: e.POW,
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
        self.indices: dict[str, HeldIndex] = {}
        self.bases: set[ast.expr] = set()
        """The e of powers such as e**x, which nobody takes for a name."""

    def fail(self, what: str, node: ast.AST, way_out: str = "") -> NoReturn:
        """Raise an InputError that shows `node` in the text with a caret."""
        raise InputError(what, way_out=way_out, picture=self.shown_at(node))

    def shown_at(self, node: ast.AST) -> str:
        """The text around `node`, with a caret under it."""
        line = self.lines[getattr(node, "lineno", 1) - 1]
        # Python counts columns in bytes of UTF-8.
        column = len(line.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore"))
        shown = self.shown[getattr(node, "lineno", 1) - 1]
        return caret(shown, column)

    def target(self, node: ast.expr) -> tuple[Sym, list[Sym]]:
        """The name on an equation's left, and its inputs where it is written f(x, a)."""
        if isinstance(node, ast.Subscript):
            listed = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return self.name(node.value), [self.name(arg) for arg in listed]
        return self.name(node), []

    def name(self, node: ast.expr) -> Sym:
        if not isinstance(node, ast.Name):
            self.fail("one name stands on the left of =", node, "write y = …, each on a line of its own")
        name = spelled(node.id)
        try:
            return self.names.get(name) or Sym(check_name(name))
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
        if paper.is_without_size(done[root]):
            self.fail("𝟏 needs its size here", root, "write ones(n)")
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
                if isinstance(op, ast.Pow) and not isinstance(right, ast.Constant):
                    self.bases.add(left)
                return [left] if paper.is_transposed(node) else [left, right]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return [operand]
            case ast.Call(func=ast.Name(id=name)) if name in TRIANGLES and name not in self.own:
                return node.args[:1]
            case ast.Call(args=args) if self.unspecified(node) is not None:
                return args
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
                if name == PIECEWISE and name not in self.names:
                    self.fail("piecewise takes no options", node)
                self.check_called(node, spelled(name))
                if name not in FILLED_ARRAYS:
                    self.rule(node, name)
                if name == "norm" and len(args) == 2:
                    return args[:1]
                if name == "one_hot" and len(args) == 2:
                    return args[1:]
                if keywords and len(args) != 1 and name != "concat":
                    self.fail(f"{shorten(name, 30)} with an option takes one argument", node)
                return args
            case ast.Call(func=ast.Constant() | ast.BinOp() | ast.Call()):
                self.fail("a product is written with *", node, "write 2*(x + 1)")
            case ast.Attribute(value=value, attr="T") | ast.Subscript(value=value):
                return [value]
            case ast.List(elts=members) if members:
                return members
            case ast.Tuple(elts=members) if len(members) > 1 and is_vector_of_paper(node):
                return members
        what, way_out = of_node(node)
        self.fail(what, node, way_out)

    def shaped(self, node: ast.expr, args: list[Expr]) -> Expr:
        """The expression of `node`, an error of shapes or indices shown where it stands."""
        if any(map(paper.is_without_size, args)) and not self.gives_size(node, args):
            self.fail("𝟏 needs its size here", node, "write ones(n)")
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
            what, picture = (f"{error.where}: " if error.where else "") + error.what, self.shown_at(node)
            if isinstance(error, ShapeError):
                raise ShapeError(what, way_out=error.way_out, picture=picture, equal=error.equal) from None
            raise InputError(what, way_out=error.way_out, picture=picture) from None

    def gives_size(self, node: ast.expr, args: list[Expr]) -> bool:
        """Whether 𝟏 has its size from the other operand, or is only transposed."""
        if isinstance(node, ast.Attribute) or (isinstance(node, ast.BinOp) and paper.is_transposed(node)):
            return True
        is_product = isinstance(node, ast.BinOp) and isinstance(node.op, Beside)
        return is_product and all(arg.shape for arg in args) and not all(map(paper.is_without_size, args))

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
            case ast.Call() if (function_of := self.unspecified(node)) is not None:
                return Expr(function_of, *args)
            case ast.Call(func=ast.Name() as function):
                return self.call(node, function.id, args)
            case ast.Attribute():
                if isinstance(node, Turned) and not args[0].shape:
                    way_out = "declare its shape; where a prime is part of a name, call it x_1"
                    what = f"the transpose of {shorten(str(args[0]), 30)}, a number"
                    raise ShapeError(what, way_out=way_out)
                return Expr(e.TRANSPOSE, args[0])
            case ast.Subscript(slice=index):
                if is_reversal(index):
                    return Expr(a.FLIP if len(args[0].shape) == 1 else a.FLIP_DOWN, args[0])
                for pick in picks_of(index):
                    self.check_pick(pick)
                held = any(map(self._is_held, picks_of(index)))
                return self.gathered(args[0], index) if held else subscript(args[0], index, self.sizes)
            case ast.Tuple() if any(arg.shape for arg in args):
                self.fail(
                    "(x, y) of vectors can be read in two ways",
                    node,
                    "write [x, y] for a matrix by its rows, or concat(x, y)",
                )
            case ast.List() | ast.Tuple():
                return Expr(STACK, *args)
        return args[0]

    def _is_held(self, pick: ast.expr) -> bool:
        """Whether an index is a name, a list, or range(n)."""
        named = isinstance(pick, ast.Name) and spelled(pick.id) not in self.sizes
        listed = isinstance(pick, ast.List) and bool(pick.elts)
        return named or listed or counted(pick) is not None

    def gathered(self, value: Expr, index: ast.expr) -> Expr:
        """value[y], value[ix], value[range(n), y]: entries by indices that are names, or lists."""
        picks = picks_of(index)
        if not value.shape or len(picks) > len(value.shape):
            few = f"and does not have {len(picks)} indices" if value.shape else "and has no entry"
            what = f"{value} is {in_words(value.shape)} {few}"
            raise ShapeError(what, way_out="write z[y] for a vector; for a recurrence h[t] = …")
        beside = next((value.shape[i : i + 1] for i, one in enumerate(picks) if counted(one) is not None), ())
        found = [self._held_pick(pick, value, axis, beside) for axis, pick in enumerate(picks)]
        while found and found[-1] is ALL:
            found.pop()
        return Expr(GATHER, value, *found)

    def check_pick(self, pick: ast.expr) -> None:
        """Refuse an index that is computed, or taken from a vector of indices."""
        if isinstance(pick, ast.Subscript):
            way_out = "the entry y_i of each row i is Z[range(n), y]; otherwise take an index of its own"
            self.fail("an index has no index", pick, way_out)
        names = {spelled(node.id) for node in ast.walk(pick) if isinstance(node, ast.Name)}
        if isinstance(pick, ast.BinOp | ast.Call) and counted(pick) is None and not names <= self.sizes:
            # Where no shapes are known yet, the names may be sizes, as in x[n - 1].
            what, way_out = (
                "an index is a whole number or a name, and is not computed",
                "write x[0], or x[y]; a factor stands in (…)",
            )
            raise ShapeError(what, way_out=way_out, picture=self.shown_at(pick))

    def _held_pick(self, pick: ast.expr, value: Expr, axis: int, beside: Shape) -> Expr:
        length = value.shape[axis]
        if isinstance(pick, ast.List):
            if not pick.elts:
                raise InputError("an index is missing in [ ]", way_out="write x[[0, 2]], counted from 0")
            numbers = [entry(value, [*[slice(None)] * axis, _whole(member)]).args[-1] for member in pick.elts]
            return Expr(STACK, *numbers)
        if not self._is_held(pick):
            if isinstance(pick, ast.Slice) and (pick.lower or pick.upper or pick.step):
                raise InputError("a piece beside an index that is a name", way_out="take the piece first")
            place = slice(None) if isinstance(pick, ast.Slice) else _position(pick, self.sizes)
            plain = entry(value, [*[slice(None)] * axis, place])
            return plain.args[-1] if plain is not value else ALL
        counting = counted(pick)
        if counting is not None:
            self._check_counting(counting, length, pick)
            return Filled("arange", (length,))
        return self.held_index(pick, length, beside)

    def _check_counting(self, counting: ast.expr, length: Size, pick: ast.expr) -> None:
        """range(n) and arange(n) pick every row: n is the number of rows, also as len(y) or Z.shape[0]."""
        if isinstance(counting, ast.Name | ast.Constant):
            found = _size("range", self.read(counting))
            if found != length:
                what = f"range({found}) picks no axis of {length} entries"
                raise ShapeError(what, way_out=f"write range({length})", equal=[(found, length)])

    def held_index(self, pick: ast.expr, limit: Size, beside: Shape = ()) -> HeldIndex:
        """The index that a name in brackets is; it counts the entries of one axis only.

        `beside` range(n) a name that nothing declares is a vector of n.
        """
        name = self.name(pick)
        if name.name not in self.names and beside:
            name = Sym(name.name, shape=beside)
        if len(name.shape) > 1:
            self.fail(
                f"{name} is {in_words(name.shape)}, an index is a number or a vector",
                pick,
                'declare y = [] or ix = ["k"]',
            )
        index = HeldIndex(name.name, name.shape, limit)
        known = self.indices.setdefault(name.name, index)
        if known != index:
            what = f"{name} counts {known.limit} entries in one place and {limit} in another"
            self.fail(what, pick, "take an index for each")
        return index

    def number(self, node: ast.Constant) -> Expr:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            what, way_out = of_node(node)
            self.fail(what, node, way_out)
        line = self.lines[node.lineno - 1].encode()
        text = node.kind or line[node.col_offset : node.end_col_offset].decode()
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
            if node not in self.bases:
                tell_of_constant(name, node.lineno)
            return Expr(rule.op)
        self.fail(f"{name!r} is a function", node, f"write {name}(…)")

    def binary(self, node: ast.BinOp, op: Op, args: list[Expr]) -> Expr:
        """One operation. A sign in front of a product belongs to the product, as on paper: −ax is −(ax)."""
        if paper.is_transposed(node):
            found = paper.transpose(args[0], self.is_own("T"), self.is_steps("T"))
            if found is not None:
                return found
            args = [args[0], self.build(node.right, [])]
        left = node.left
        signed = isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub)
        lifted = args[0].op is e.NEG and _starts_at(node, left)
        if op in (e.MUL, e.DIV) and lifted and (signed or isinstance(left, ast.BinOp)):
            return -self.joined(node, op, args[0].args[0], args[1])
        return self.joined(node, op, *args)

    def joined(self, node: ast.BinOp, op: Op, left: Expr, right: Expr) -> Expr:
        """One operation; what is typed on paper is what the shapes make it."""
        if isinstance(node.op, Raised):
            return paper.power(left, right)
        if isinstance(node.op, Beside | Entrywise):
            is_beside = isinstance(node.op, Beside)
            number, array = paper.scaled(node, left, right) if is_beside else (None, left)
            found = paper.product(node.op, array, right, node.lineno)
            paper.check_order(node, left, found)
            return found if number is None else Expr(e.MUL, number, found)
        if op is e.POW and left.op is EULER:
            return Expr(EXP, right)
        paper.check_starred(node, left, right)
        return Expr(op, left, right)

    def is_steps(self, name: str) -> bool:
        """Whether a name is a size, as the number of steps is."""
        return name in self.sizes

    def check_called(self, node: ast.Call, name: str) -> None:
        """Refuse a call of what is a name of the author's."""
        if self.is_own(name):
            what, way_out = called_and_named(name)
            self.fail(what, node, way_out)

    def unspecified(self, node: ast.Call) -> Unspecified | None:
        """The function without a formula that is called, or a derivative of one; None for any other call."""
        found = None if node.keywords else called_function(node.func)
        if found is None:
            return None
        name, by = spelled(found[0]), found[1]
        taken = self.is_own(name) or (bool(by) and self.is_own("D"))
        if taken or name in FILLED_ARRAYS or not is_unspecified(name, len(node.args)):
            return None
        if by and by[-1] >= len(node.args):
            self.fail(f"{name} has no argument {by[-1] + 1} here", node)
        return unspecified(name, len(node.args), by)

    def is_own(self, name: str) -> bool:
        """Whether a name is one of a number or an array, of a size or of a definition."""
        return name in self.names or name in self.own or name in self.sizes

    def rule(self, node: ast.Call, name: str) -> Rule:
        if name in OF_DERIVATIVES:
            return of_derivatives()[name]
        if name not in self.known and name in NAMED:
            self.fail(f"{name!r} is a name here, no function", node, "rename it")
        if name not in self.known:
            if name in SYMBOLS_OF_DERIVATIVES:
                what = f"{name}(…) stands on a page for a derivative, and no formula can hold it"
                self.fail(what, node, "write what it is equal to there")
            shown = shorten(spelled(name), 30)
            way_out = suggestion(name, [*self.known, *NAMED]) or "see `symdiff list --functions`"
            self.fail(f"unknown function {shown!r}", node, way_out)
        return self.known[name]

    def call(self, node: ast.Call, name: str, args: list[Expr]) -> Expr:
        if name in TRIANGLES:
            return triangle(name, args, [*node.args[1:], *(k.value for k in node.keywords)])
        if isinstance(node, Ones):
            return paper.ONES
        if name in FILLED_ARRAYS:
            if node.keywords:
                self.fail(f"{name} takes no options", node)
            if name == "one_hot" and len(node.args) == 2:
                return OneHot(self.held_index(node.args[0], _size(name, args[0])))
            return filled(name, args)
        rule = self.rule(node, name)
        self.check_mark(node, args)
        if node.keywords and name == "concat" and args:
            return joined_along(args, node.keywords)
        if node.keywords:
            return along_axis(name, rule.op, args[0], node.keywords)
        if name == "norm" and len(node.args) == 2:
            return norm_of_order(node.args[1], args[0])
        if name in _WITH_AXIS and len(args) == 1:
            return of_one_array(name, rule.op, args[0])
        wanted = rule.op.arity
        if wanted == 0:
            self.fail(f"{name} is a number, no function", node, f"write {name}")
        if not args if wanted is None else len(args) != wanted:
            few = "at least one argument" if wanted is None else f"{wanted} argument{'s' * (wanted != 1)}"
            self.fail(f"{name} takes {few}, not {len(args)}", node)
        if rule.op is a.DOT and sorted(len(arg.shape) for arg in args) == [1, 2]:  # as in NumPy
            return Expr(e.MATMUL, *args)
        if rule.op is a.POLYGAMMA and not is_order(args[0]):
            self.fail("the order of polygamma is a whole number", node, "write polygamma(1, x)")
        return Expr(rule.op, *args)

    def check_mark(self, node: ast.Call, args: list[Expr]) -> None:
        """Refuse bars and sums of paper where the shapes allow another reading."""
        shape = args[0].shape if args else ()
        if isinstance(node, Bars) and len(shape) == 2 and shape[0] == shape[1]:
            a = args[0]
            self.fail(
                "|A| of a square matrix can be read in two ways",
                node,
                f"write det({a}), or abs({a}) entry by entry",
            )
        if isinstance(node, Norm) and node.index in ("1", "2") and len(shape) == 2:
            way_out = "write norm(A) for the root of the sum of squares"
            self.fail("this norm of a matrix is not its norm as a list of entries", node, way_out)
        if isinstance(node, Summed):
            if not shape:
                shown = ", ".join(sorted({s.name for s in symbols(args[0])})[:3])
                what = f"no entries to add in {shown}, as they are numbers"
                raise ShapeError(what, way_out="declare their shapes")
            for name in node.single:
                if self.leaf(name).shape:
                    self.fail(
                        f"{spelled(name.id)} has no index in the sum", node, "give it one, or write sum(…)"
                    )


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


def is_vector_of_paper(node: ast.Tuple) -> bool:
    """Whether a tuple stands in brackets, (x, y), which is a vector unless texts are read literally."""
    return not current().literal and not _starts_at(node, node.elts[0])


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


def subscript(value: Expr, index: ast.expr, sizes: Collection[str] = ()) -> Expr:
    """value[i], value[i, j], value[:, j], value[i:j], value[i:j, k]; `sizes` are names of sizes."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    if not parts:
        raise InputError("an index is missing in [ ]", way_out="write x[0], counted from 0")
    if len(parts) > len(value.shape):
        return entry(value, [0] * len(parts))  # which says what is wrong
    picked = entry(value, [slice(None) if isinstance(p, ast.Slice) else _position(p, sizes) for p in parts])
    cut = [part for part in parts if isinstance(part, ast.Slice)]
    if not any(part.lower or part.upper or part.step for part in cut):
        return picked
    # What remains of the axes: those with a colon, then those without an index.
    ends = [_ends(part, length, sizes) for part, length in zip(cut, picked.shape, strict=False)]
    return block(picked, [*ends, *((0, length) for length in picked.shape[len(ends) :])])


def _ends(part: ast.Slice, length: Size, sizes: Collection[str]) -> tuple[Size, Size]:
    """Where i:j, i: or :-j begins and ends: counted from 0, from the end if negative."""
    if part.step is not None:
        raise InputError("a piece has no step", way_out="write x[i:j]")
    start = 0 if part.lower is None else _position(part.lower, sizes)
    stop = length if part.upper is None else _position(part.upper, sizes)
    return _from_the_front(start, length), _from_the_front(stop, length)


def _from_the_front(position: Size, length: Size) -> Size:
    return plus(length, position) if isinstance(position, int) and position < 0 else position


def _position(node: ast.expr, sizes: Collection[str]) -> Size:
    """A place along an axis: a whole number, a size, or what + − * make of them."""
    match node:
        case ast.Name(id=name) if spelled(name) in sizes:
            return spelled(name)
        case ast.Name(id=name):
            way_out = f'say which input has it, as --shape "y={spelled(name)}"'
            raise InputError(f"{spelled(name)} is the size of no input, so it is no index", way_out=way_out)
        case ast.BinOp(left=left, right=right, op=ast.Add() | ast.Sub() | ast.Mult() as op):
            one, other = _position(left, sizes), _position(right, sizes)
            if isinstance(op, ast.Mult):
                return times(one, other)
            return plus(one, other) if isinstance(op, ast.Add) else minus(one, other)
    return _whole(node)


def picks_of(index: ast.expr) -> list[ast.expr]:
    """The indices in brackets, one for each axis."""
    return index.elts if isinstance(index, ast.Tuple) else [index]


def is_reversal(index: ast.expr) -> bool:
    """Whether an index is ::-1, which puts entries, or rows, in the opposite order."""
    match index:
        case ast.Slice(lower=None, upper=None, step=ast.UnaryOp(ast.USub(), ast.Constant(value=1))):
            return True
    return False


def counted(pick: ast.expr) -> ast.expr | None:
    """The n of range(n) or arange(n) in brackets, which picks every place of an axis."""
    match pick:
        case ast.Call(func=ast.Name(id="range" | "arange"), args=[length], keywords=[]):
            return length
    return None


FIRST = "x[0] is the first entry; a factor stands in ( ); for a recurrence write h[t] = …"


def _whole(node: ast.expr, what: str = "an index", way_out: str = FIRST) -> int:
    try:
        found = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > LARGEST:
        raise InputError(f"{what} is a whole number", way_out=way_out)
    return found


def joined_along(args: Sequence[Expr], keywords: Sequence[ast.keyword]) -> Expr:
    """concat(A, B, axis=1): matrices side by side, by axis=0 below one another."""
    if [keyword.arg for keyword in keywords] != ["axis"]:
        raise InputError("concat takes the option axis only, once", way_out="write axis=0 or axis=1")
    axis, rank = _whole(keywords[0].value, "an axis", "write axis=0 or axis=1"), len(args[0].shape)
    if not -rank <= axis < rank:
        way_out = "a matrix has the axes 0 (down) and 1 (across)"
        raise ShapeError(f"{args[0]} has no axis {axis}", way_out=way_out)
    return Expr(a.CONCAT_ACROSS if axis in (1, rank - 1) and rank == 2 else a.CONCAT, *args)


_ACROSS: dict[str, tuple[Op, Op]] = {
    "sum": (a.SUM_DOWN, a.SUM_ACROSS),
    "mean": (a.MEAN_DOWN, a.MEAN_ACROSS),
}
_ROWS = {"softmax", "log_softmax", "cumsum", "flip"}
_OF_ROWS = {
    "softmax": a.SOFTMAX,
    "log_softmax": a.LOG_SOFTMAX,
    "logsumexp": a.LOGSUMEXP_ACROSS,
    "max": a.MAX_ACROSS,
    "min": a.MIN_ACROSS,
    "prod": a.PROD_ACROSS,
    "var": a.VAR_ACROSS,
    "std": a.STD_ACROSS,
    "norm": a.NORM_ACROSS,
}
"""Operations that have a form for each row of a matrix; down the columns they are those of the transpose."""
_OF_COLUMNS = {"cumsum": a.CUMSUM_DOWN, "flip": a.FLIP_DOWN}
"""Those that go down the columns; along the rows they are those of the transpose."""
_WITH_AXIS = {*_ACROSS, *_OF_ROWS, *_OF_COLUMNS}
_ALONE = {"max": a.MAX_OF, "min": a.MIN_OF}
"""What a function of two numbers is of one array."""


def of_one_array(name: str, op: Op, arg: Expr) -> Expr:
    """max(x), the largest entry; cumsum of a matrix needs an axis, since NumPy takes it for one long row."""
    if name in _OF_COLUMNS and len(arg.shape) == 2:
        raise InputError(f"{name} of a matrix needs an axis", way_out=f"write {name}(…, axis=0) or axis=1")
    if name in _ALONE and not arg.shape:
        raise ShapeError(f"{name} takes two numbers, or one array", way_out=f"write {name}(a, b)")
    return Expr(_ALONE.get(name, op), arg)


def along_axis(name: str, op: Op, arg: Expr, keywords: Sequence[ast.keyword]) -> Expr:
    """sum, mean, softmax, log_softmax or logsumexp along an axis of a matrix, as in NumPy."""
    if name not in _WITH_AXIS:
        way_out = "axis is for sum, mean, max, min, prod, var, std, norm, softmax, logsumexp, cumsum and flip"
        raise InputError(f"{name} takes no options", way_out=way_out)
    axis, keep = _options(name, keywords)
    keep = keep and name not in _ROWS
    if len(arg.shape) == 1 and axis in (0, -1):
        found = of_one_array(name, op, arg)
        return Expr(a.STACK, found) if keep else found
    if len(arg.shape) != 2 or axis not in (-2, -1, 0, 1):
        raise ShapeError(f"{arg} has no axis {axis}", way_out="a matrix has the axes 0 (down) and 1 (across)")
    down = axis in (0, -2)
    found = _along(name, arg, down)
    return Expr(a.ROW if down else a.COLUMN, found) if keep else found


def order_said(order: ast.expr) -> str:
    """The order of a norm as a word: 1, 2, inf, fro; of anything else "that"."""
    match order:
        case ast.Constant(value=value):
            return str(value)
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return "inf" if word == "oo" else word
    return "that"


def norm_of_order(order: ast.expr, arg: Expr) -> Expr:
    """norm(x, 1) = Σ|xᵢ|, norm(x, 2), norm(x, inf) = max|xᵢ|, norm(A, fro), as in NumPy."""
    said = order_said(order)
    if (said == "2" and len(arg.shape) == 1) or (said == "fro" and len(arg.shape) == 2):
        return Expr(a.NORM, arg)
    if said == "1" and len(arg.shape) == 1:
        return Expr(a.NORM1, arg)
    if said == "inf" and len(arg.shape) == 1:
        return Expr(a.MAX_OF, Expr(e.ABS, arg))
    what = f"a norm of order {shorten(said, 20)} of {in_words(arg.shape)} is not part of the language"
    kind = InputError if arg.shape else ShapeError
    raise kind(what, way_out="orders are 1, 2 and inf of a vector; of a matrix norm(A) is sqrt(sum(A**2))")


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
    op = _OF_COLUMNS[name] if name in _OF_COLUMNS else _OF_ROWS[name]
    if down == (name in _OF_COLUMNS):
        return Expr(op, arg)
    found = Expr(op, Expr(TRANSPOSE, arg))
    return Expr(TRANSPOSE, found) if len(found.shape) == 2 else found


FILLED_ARRAYS = {
    "ones": "n, …",
    "zeros": "n, …",
    "eye": "n",
    "arange": "n",
    "unit": "n, i",
    "tri": "n",
    "one_hot": "y, n",
}
SYMBOLS_OF_DERIVATIVES = ("partial", "derivative", "direct", "through", "mapped", "mapped_back", "jacobian")
"""What stands for a derivative in our own records until a later member says what it is."""
"""Arrays that follow from their sizes, and the sizes they take."""


def filled(name: str, args: list[Expr]) -> Expr:
    """ones(n), ones(m, n), zeros(n), eye(n), arange(n)."""
    if name == "unit":
        return _unit(args)
    if name == "one_hot":
        raise InputError("one_hot takes an index and a size", way_out="write one_hot(y, n)")
    sizes = tuple(_size(name, arg) for arg in args)
    if name == "eye" and len(sizes) == 1:
        return Filled("eye", _limited(name, sizes * 2))
    if name in ("arange", "tri") and len(sizes) != 1:
        raise InputError(f"{name} takes one size", way_out=f"write {name}(n)")
    if name == "tri":
        return Filled("tri", _limited(name, sizes * 2))
    if name == "eye" or not 1 <= len(sizes) <= 2:
        raise InputError(f"{name} takes {'one size' if name == 'eye' else 'one or two sizes'}")
    return Filled(name, _limited(name, sizes))


def _unit(args: list[Expr]) -> Expr:
    """unit(n, i), the unit vector of n entries with its 1 at i, counted from 0: a number, or n - 1."""
    if len(args) != 2:
        raise InputError("unit takes a size and a place, counted from 0", way_out="write unit(3, 0)")
    length = _size("unit", args[0])
    found = _place_among_sizes(args[1])
    left = "" if found is None else minus(length, found)
    if found is None or (largest(found) or 0) < 0 or ((most := largest(left)) is not None and most < 1):
        raise InputError(
            f"unit({length}, {args[1]}) has no such place", way_out="places are whole numbers from 0 on"
        )
    return Filled("unit", _limited("unit", (length,)), found)


def _place_among_sizes(arg: Expr) -> Size | None:
    """The place that a number or a sum of sizes is; None for anything else."""
    if isinstance(arg, Dim):
        return arg.name
    if isinstance(arg, Num):
        return int(arg.value) if arg.value.denominator == 1 else None
    parts = [_place_among_sizes(part) for part in arg.args] if arg.op in _OF_SIZES else []
    known = [part for part in parts if part is not None]
    return _OF_SIZES[arg.op](*known) if len(known) == 2 else None


def triangle(name: str, args: list[Expr], others: list[ast.expr]) -> Expr:
    """tril(A), triu(A, 1): the entries up to a diagonal, or from it on; those beyond are 0."""
    if len(args) != 1 or len(args[0].shape) != 2 or len(others) > 1:
        raise InputError(f"{name} takes a matrix", way_out=f"write {name}(A), or {name}(A, 1)")
    (whole,) = args
    index = _whole(others[0], "a diagonal", "write 0 for the main one") if others else 0
    found = Filled(name, whole.shape, index)
    if isinstance(whole, Filled) and whole.what == "ones":
        return found
    is_square = whole.shape[0] == whole.shape[1]
    return whole * found if index or not is_square else Expr(a.TRIL if name == "tril" else a.TRIU, whole)


_OF_SIZES: dict[Op, Callable[[Size, Size], Size]] = {e.ADD: plus, e.SUB: minus, e.MUL: times}
"""How sizes make a size, as in zeros(n - k)."""


def _limited(name: str, shape: Shape) -> Shape:
    """`shape` itself if it has no more entries than are ever computed."""
    entries = prod(int(part) for part in shape if is_number(part))
    if entries > MOST_ENTRIES:
        raise InputError(f"{name} with {entries} entries", way_out=f"at most {MOST_ENTRIES} are possible")
    return shape


def _size(name: str, arg: Expr) -> Size:
    if isinstance(arg, Dim):
        return arg.name
    if arg.op in _OF_SIZES:
        one, other = (_size(name, part) for part in arg.args)
        return _OF_SIZES[arg.op](one, other)
    if isinstance(arg, Num) and arg.value.denominator == 1 and 0 < arg.value <= LARGEST:
        return size(int(arg.value))
    kind = ShapeError if isinstance(arg, Sym) else InputError
    raise kind(f"{name} takes sizes: whole numbers, or names of sizes", where=str(arg))
