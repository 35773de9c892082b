"""Calls as other systems write them, to calls of ours: np.exp(x), x.sum(dim=1), torch.cat((x, y)), x.pow(2).

What has one rewriting for all shapes is a row of the table in `spellings`; here stand those that depend on
how their arguments are written. What means this in one system and that in another is refused, with both.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import NoReturn

from symdiff.errors import shorten
from symdiff.expr.shapes import Shape, is_number
from symdiff.expr.tree import Sym
from symdiff.language import spellings
from symdiff.language.conditional import PIECEWISE
from symdiff.language.marks import Raised, in_words
from symdiff.language.misspellings import suggestion
from symdiff.language.named_formulas import NAMED
from symdiff.language.reader import FILLED_ARRAYS, Reader
from symdiff.language.syntax import spelled
from symdiff.rules.table import functions

Row = tuple[tuple[str, ...], ast.expr]
Args = list[ast.expr]
Options = dict[str, ast.expr]
Found = ast.expr | None


@cache
def rows() -> dict[str, list[Row]]:
    """The table of rewritings: for each name its arguments and the formula, several where options differ."""
    found: dict[str, list[Row]] = {}
    for line in spellings.written():
        head, _, body = line.partition(" = ")
        call, formula = ast.parse(head, mode="eval").body, ast.parse(body, mode="eval").body
        assert isinstance(call, ast.Call)
        arguments = tuple(arg.id for arg in call.args if isinstance(arg, ast.Name))
        found.setdefault(ast.unparse(call.func), []).append((arguments, formula))
    return found


def placed(node: ast.expr, at: ast.AST) -> ast.expr:
    """`node`, made by us, at the place of what it stands for."""
    return ast.copy_location(node, at)


def call_of(
    name: str, args: Sequence[ast.expr], at: ast.AST, keywords: Sequence[ast.keyword] = ()
) -> ast.expr:
    """A call of a function of ours."""
    return placed(ast.Call(placed(ast.Name(name, ast.Load()), at), list(args), list(keywords)), at)


def number(value: int, at: ast.AST) -> ast.expr:
    """A number that does not stand in the text: its own text is its `kind`."""
    return placed(ast.Constant(value, kind=str(value)), at)


def whole(node: ast.expr) -> int | None:
    """The whole number that a node is, or none."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return -value
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
    return None


def filled_in(body: ast.expr, values: Mapping[str, ast.expr], at: ast.AST) -> ast.expr:
    """A formula of the table with arguments put in for its names; functions called in it stay."""
    match body:
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=value):
            return placed(ast.Constant(value, kind=str(value)), at)
        case ast.BinOp(left=left, op=op, right=right):
            parts = filled_in(left, values, at), filled_in(right, values, at)
            return placed(ast.BinOp(parts[0], Raised() if isinstance(op, ast.BitXor) else op, parts[1]), at)
        case ast.UnaryOp(op=sign, operand=operand):
            return placed(ast.UnaryOp(sign, filled_in(operand, values, at)), at)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=options):
            given = [ast.keyword(each.arg, filled_in(each.value, values, at)) for each in options]
            return call_of(name, [filled_in(arg, values, at) for arg in args], at, given)
    raise AssertionError(ast.dump(body))


def placed_call(function: ast.expr, args: Sequence[ast.expr], at: ast.expr) -> ast.Call:
    """A call of what is no name."""
    return ast.copy_location(ast.Call(function, list(args), []), at)


def dotted(node: ast.expr) -> list[str]:
    """["np", "linalg", "norm"] for np.linalg.norm, nothing for what is no chain of names."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []


class ForeignCalls:
    """Rewrites the calls of one text; `declared` have shapes, `own` are names, `modules` are as imported."""

    def __init__(
        self, text: str, declared: Mapping[str, Sym], own: Collection[str], modules: Mapping[str, str]
    ) -> None:
        self.text, self.declared, self.own, self.modules = text, declared, own, modules
        self.known = functions()
        self.words = {name for name, rule in self.known.items() if rule.op.arity != 0}
        self.words |= {*FILLED_ARRAYS, *NAMED, PIECEWISE}
        """What is called as it is written, formulas with a name included."""
        self.has_news = False
        """Whether something was rewritten that not every reader knows."""

    def fail(self, what: str, node: ast.AST, way_out: str = "") -> NoReturn:
        Reader(self.text).fail(what, node, way_out)

    def system(self, names: Sequence[str]) -> str:
        """The system that a chain of names with dots belongs to, "" if it begins with an author's name."""
        if not names or names[0] in self.own or names[0] in self.declared:
            return ""
        inner = all(name in spellings.INNER_MODULES for name in names[1:-1])
        system = self.modules.get(names[0], "") if inner else ""
        return "scipy" if system and "special" in names[:-1] and names[0] != "torch" else system

    def ours(self, name: str, system: str = "") -> str:
        """The word of our language, or of the table, that a name is, in any case of letters; or ""."""
        for each in dict.fromkeys((name, name.lower() if len(name) > 1 else name)):
            if each in self.words or each in rows() or f"{system}.{each}" in rows() or each in _SPECIAL:
                return each
        return ""

    def attribute(self, node: ast.Attribute) -> ast.expr:
        """np.pi, np.newaxis, A.mT; a method stays until its call is read."""
        names = dotted(node)
        if node.attr in ("mT", "H") and not self.system(names):
            return placed(ast.Attribute(node.value, "T", ast.Load()), node)
        if not self.system(names):
            return node
        match node.attr:
            case "newaxis":
                return placed(ast.Constant(None), node)
            case "tau":
                pi = placed(ast.Name("pi", ast.Load()), node)
                return placed(ast.BinOp(number(2, node), ast.Mult(), pi), node)
            case "e" | "E" if "e" in {*self.own, *self.declared}:
                return call_of("exp", [number(1, node)], node)
            case "e" | "E" | "pi" | "inf":
                return placed(ast.Name(node.attr.lower(), ast.Load()), node)
        return node

    def call(self, node: ast.Call) -> ast.expr:
        """A call with its name and options in our words."""
        match node.func:
            case ast.Name(id=name):
                return self._bare(node, name)
            case ast.Attribute(value=value, attr=name):
                names = dotted(node.func)
                if system := self.system(names):
                    return self._named(node, system, name, node.args)
                if name in spellings.SAME and not node.args:
                    return value
                return self._named(node, "method", name, [value, *node.args])
            case ast.Call(func=ast.Attribute(attr=name) as layer, args=[], keywords=options):
                if system := self.system(dotted(layer)):  # nn.Softmax(dim=1)(x)
                    joined = placed(ast.Call(layer, node.args, [*options, *node.keywords]), node)
                    assert isinstance(joined, ast.Call)
                    return self._named(joined, system, name, node.args)
        return node

    def layer(self, node: ast.BinOp) -> ast.expr:
        """nn.ReLU()(x), which is typed like a product."""
        match node.left:
            case ast.Call(func=ast.Attribute() as function) as layer:
                if self.system(dotted(function)) and function.attr[:1].isupper():
                    args = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
                    if not layer.args:
                        return self.call(placed_call(layer, args, node))
        return node

    def _bare(self, node: ast.Call, name: str) -> ast.expr:
        """A call without module or dot."""
        name = spelled(name)
        word = "" if name in self.own or name in self.declared else self.ours(name)
        plain = all(option.arg in ("axis", "keepdims") for option in node.keywords)
        if type(node) is not ast.Call or (name == word and (name in NAMED or name in ("where", PIECEWISE))):
            return node
        if name == word in self.words and len(node.args) == 1 and plain:
            return node
        return self._named(node, "", name, node.args) if word or name in spellings.OTHERWISE else node

    def _named(self, node: ast.Call, system: str, name: str, args: Sequence[ast.expr]) -> ast.expr:
        """The call of `name` as a system means it."""
        if system in ("torch", "scipy") and not node.args and not node.keywords and name[:1].isupper():
            return node  # nn.ReLU(), until it is called
        if system == "torch" and not node.args and name[:1].isupper():
            return node
        if any(isinstance(arg, ast.Starred) for arg in args):
            self.fail("*x does not stand for several arguments", node, "write them out")
        if name in spellings.OTHERWISE and name[:1].isupper():
            self.fail(f"{name} is not read", node, spellings.OTHERWISE[name])
        word = self.ours(name, system) or name
        keys = (name, f"{system}.{word.lower()}", word.lower())
        reason = next((spellings.OTHERWISE[key] for key in keys if key in spellings.OTHERWISE), "")
        if reason and f"{system}.{word}" not in rows() and word not in _SPECIAL:
            self.fail(f"{name} is not read", node, reason)
        args, keywords = self._options(node, system, word, list(args))
        special = _SPECIAL.get(word)
        if special and not args:
            self.fail(f"{name} has no argument", node, f"write {name}(x)")
        found = special(self, node, system, args, keywords) if special else None
        if found is not None and keywords:
            self.fail(f"{name} takes no option {next(iter(keywords))}", node, "leave it out")
        found = found or self._by_row(node, system, word, args, keywords)
        if found is not None:
            self.has_news |= name in spellings.LOCAL
            return found
        if word in self.words:
            return call_of(word, args, node, [placed_option(key, value) for key, value in keywords.items()])
        self._refuse_unknown(node, system, name)

    def _refuse_unknown(self, node: ast.Call, system: str, name: str) -> NoReturn:
        shown = in_words(node.func) if system != "method" else f".{name}()"
        way_out = suggestion(name, self.words)
        self.fail(f"{shorten(shown, 40)} is not read", node, way_out or "see `symdiff list --functions`")

    def _options(
        self, node: ast.Call, system: str, word: str, args: list[ast.expr]
    ) -> tuple[list[ast.expr], dict[str, ast.expr]]:
        """Arguments and options with dim as axis; an axis without its name gets it, a default goes."""
        keywords: dict[str, ast.expr] = {}
        for option in node.keywords:
            key = {"dim": "axis", "keepdim": "keepdims"}.get(option.arg or "", option.arg or "")
            if not key or key in keywords:
                self.fail("an option is written name=value, once", node)
            if key == "dims":
                self.fail("dims counts from 1", node, "write axis=0 down the columns, axis=1 across the rows")
            keywords[key] = option.value
        if word in spellings.ALONG_AXIS and len(args) == 2 and whole(args[1]) is not None:
            self._name_axis(node, system, word, args, keywords)
        for key in ("axis", "dtype", "keepdims", "reduction", "device"):
            value = getattr(keywords.get(key), "value", "")
            if key == "axis" and self._is_every_axis(keywords.get(key)):
                value = None
            if key in keywords and (value in (None, "mean") or (key == "keepdims" and value is False)):
                del keywords[key]
        if isinstance(keywords.get("dtype"), ast.Name | ast.Attribute):
            del keywords["dtype"]
        return args, keywords

    def _is_every_axis(self, axis: ast.expr | None) -> bool:
        """Whether axis=(0, 1) is said, which is all that a matrix has."""
        return isinstance(axis, ast.Tuple) and sorted(whole(each) or 0 for each in axis.elts) == [0, 1]

    def _name_axis(
        self, node: ast.Call, system: str, word: str, args: list[ast.expr], keywords: dict[str, ast.expr]
    ) -> None:
        """sum(x, 0) of a module or with a dot is along an axis."""
        first = in_words(args[0])
        shown = f"{word}({first}, axis={whole(args[1])})"
        if word in ("max", "min", "norm") and system != "method":
            if system and word != "norm":
                other = f"{word}imum({first}, {whole(args[1])})"
                what = f"a {word} along an axis, or of two numbers"
                self.fail(what, node, f"write {shown} or {other}")
            return
        if not system:
            self.fail("some systems count axes from 0 and others from 1", node, f"write {shown}")
        keywords["axis"] = args.pop()

    def _by_row(
        self,
        node: ast.Call,
        system: str,
        word: str,
        args: Sequence[ast.expr],
        keywords: Mapping[str, ast.expr],
    ) -> ast.expr | None:
        """The formula of the table for these arguments and options."""
        found = rows().get(f"{system}.{word}") or rows().get(word, [])
        for names, body in found:
            if set(names[len(args) :]) == keywords.keys() and len(names) == len(args) + len(keywords):
                return filled_in(body, dict(zip(names, args, strict=False)) | dict(keywords), node)
        if found and word not in self.words:
            wanted = " or ".join(f"{word}({', '.join(names)})" for names, _ in found)
            self.fail(f"{word} is not read with these arguments", node, f"write {wanted}")
        return None

    # What depends on how the arguments are written: see _SPECIAL.

    def _shape_of(self, node: ast.expr) -> Shape | None:
        """The shape of a declared name."""
        name = self.declared.get(spelled(node.id)) if isinstance(node, ast.Name) else None
        return None if name is None else name.shape

    def _sizes(self, node: ast.expr, at: ast.AST, function: str) -> list[ast.expr]:
        shape = self._shape_of(node)
        if not shape:
            self.fail(f"{function} needs a declared shape", at, "write the sizes, as in ones(m, n)")
        return [self._size(part, at) for part in shape]

    def _size(self, part: str | int, at: ast.AST) -> ast.expr:
        return number(int(part), at) if is_number(part) else placed(ast.Name(str(part), ast.Load()), at)

    def size_of(self, value: ast.expr, axis: int, at: ast.AST) -> ast.expr:
        """x.shape[0], len(x): the size that was declared."""
        sizes = self._sizes(value, at, "a shape")
        if not -len(sizes) <= axis < len(sizes):
            self.fail(f"{in_words(value)} has no axis {axis}", at)
        return sizes[axis]

    def _len(self, node: ast.Call, system: str, args: Args, options: Options) -> ast.expr:
        return self.size_of(args[0], 0, node) if len(args) == 1 else node

    def _size_along(self, node: ast.Call, system: str, args: Args, options: Options) -> Found:
        """x.size(0)."""
        axis = whole(args[1]) if len(args) == 2 and system == "method" else None
        return None if axis is None else self.size_of(args[0], axis, node)

    def _members(self, args: Sequence[ast.expr]) -> list[ast.expr]:
        """The arrays that are put together, listed or given as arguments."""
        if len(args) == 1 and isinstance(args[0], ast.List | ast.Tuple):
            return args[0].elts
        return list(args)

    def _array(self, node: ast.Call, system: str, args: Args, options: Options) -> Found:
        """np.array([…]) is the list; a tuple is one too."""
        if len(args) != 1 or options:
            return None
        return placed(ast.List(args[0].elts, ast.Load()), node) if isinstance(args[0], ast.Tuple) else args[0]

    def _zeros(self, node: ast.Call, system: str, args: Args, options: Options) -> ast.expr:
        return self._filled("zeros", node, args)

    def _ones(self, node: ast.Call, system: str, args: Args, options: Options) -> ast.expr:
        return self._filled("ones", node, args)

    def _eye(self, node: ast.Call, system: str, args: Args, options: Options) -> ast.expr:
        if len(args) == 2 and ast.dump(args[0]) == ast.dump(args[1]):
            args = args[:1]
        return self._filled("eye", node, args)

    def _filled(self, name: str, node: ast.Call, args: list[ast.expr]) -> ast.expr:
        return call_of(name, self._members(args), node)

    def _zeros_like(self, node: ast.Call, system: str, args: Args, options: Options) -> ast.expr:
        return call_of("zeros", self._sizes(args[0], node, "zeros_like"), node)

    def _ones_like(self, node: ast.Call, system: str, args: Args, options: Options) -> ast.expr:
        return call_of("ones", self._sizes(args[0], node, "ones_like"), node)

    def _concatenate(self, node: ast.Call, system: str, args: Args, options: Options) -> ast.expr:
        """Along axis 0 unless another is said."""
        axis = options.pop("axis", None)
        kept = [] if axis is None or whole(axis) == 0 else [placed_option("axis", axis)]
        return call_of("concat", self._members(args), node, kept)

    def _axes_of(self, members: Sequence[ast.expr]) -> int:
        """How many axes the arrays have; 0 where that is not declared, or not the same for all."""
        found = {len(self._shape_of(member) or ()) for member in members}
        return found.pop() if len(found) == 1 else 0

    def _hstack(self, node: ast.Call, system: str, args: Args, options: Options) -> ast.expr:
        members = self._members(args)
        if not (axes := self._axes_of(members)):
            self.fail("vectors or matrices", node, "write concat(x, y) or concat(A, B, axis=1)")
        kept = [placed_option("axis", number(1, node))] if axes == 2 else []
        return call_of("concat", members, node, kept)

    def _vstack(self, node: ast.Call, system: str, args: Args, options: Options) -> ast.expr:
        members = self._members(args)
        if not (axes := self._axes_of(members)):
            self.fail("vectors or matrices", node, "write stack(x, y) or concat(A, B)")
        return call_of("stack" if axes == 1 else "concat", members, node)

    def _stack(self, node: ast.Call, system: str, args: Args, options: Options) -> ast.expr:
        rows_ = call_of("stack", self._members(args), node)
        axis = options.pop("axis", None)
        return rows_ if axis is None or whole(axis) == 0 else call_of("transpose", [rows_], node)

    def _column_stack(self, node: ast.Call, system: str, args: Args, options: Options) -> ast.expr:
        members = self._members(args)
        if self._axes_of(members) != 1:
            self.fail("vectors or matrices", node, "write stack(x, y).T or concat(A, B, axis=1)")
        return call_of("transpose", [call_of("stack", members, node)], node)

    def _transpose(self, node: ast.Call, system: str, args: Args, options: Options) -> Found:
        """x.transpose(), transpose(A, 0, 1): the two axes there are."""
        axes = self._members(args[1:])
        if axes and sorted(whole(axis) or 0 for axis in axes) not in ([0, 1], [-2, -1]):
            self.fail("a matrix has two axes", node, "write A.T")
        return call_of("transpose", args[:1], node)

    def _unsqueeze(self, node: ast.Call, system: str, args: Args, options: Options) -> Found:
        """A vector as a matrix of one row or one column."""
        given = [*args[1:], options.pop("axis", None)][0]
        axis = None if given is None else whole(given)
        if axis not in (-1, 0, 1):
            self.fail("a vector is made a row or a column", node, "write x[:, None] or x[None, :]")
        return call_of("row" if axis == 0 else "column", args[:1], node)

    def _reshape(self, node: ast.Call, system: str, args: Args, options: Options) -> Found:
        """x.reshape(-1, 1) of a vector."""
        sizes = [whole(size) for size in self._members(args[1:])]
        if sizes not in ([-1, 1], [1, -1]) or len(self._shape_of(args[0]) or ()) != 1:
            self.fail("an array in another shape is not read", node, spellings.OTHERWISE["reshape"])
        return call_of("column" if sizes[0] == -1 else "row", args[:1], node)

    def _log(self, node: ast.Call, system: str, args: Args, options: Options) -> Found:
        """log(x, b): Python and SymPy have the base second, Julia has it first."""
        if len(args) != 2:
            return None
        if not system and (whole(args[0]) is not None or whole(args[1]) is None):
            first, second = map(in_words, args)
            way_out = f"write log({first})/log({second}) or log({second})/log({first})"
            self.fail("which of the two is the base is not said", node, way_out)
        top, bottom = (call_of("log", [arg], node) for arg in args)
        return placed(ast.BinOp(top, ast.Div(), bottom), node)

    def _max(self, node: ast.Call, system: str, args: Args, options: Options) -> Found:
        return self._of_several("max", node, args, options)

    def _min(self, node: ast.Call, system: str, args: Args, options: Options) -> Found:
        return self._of_several("min", node, args, options)

    def _of_several(self, name: str, node: ast.Call, args: Args, options: Options) -> Found:
        """max(a, b, c) as max(max(a, b), c)."""
        if len(args) < 3 or options:
            return None
        found = args[0]
        for arg in args[1:]:
            found = call_of(name, [found, arg], node)
        return found

    def _dot(self, node: ast.Call, system: str, args: Args, options: Options) -> Found:
        """np.dot(A, B) is A @ B; of two matrices dot alone may be the sum of A*B."""
        if system not in ("numpy", "method") or len(args) != 2:
            return None
        if all(len(self._shape_of(arg) or ()) == 1 for arg in args):
            return None
        return placed(ast.BinOp(args[0], ast.MatMult(), args[1]), node)

    def _softmax(self, node: ast.Call, system: str, args: Args, options: Options) -> Found:
        if system == "scipy" and "axis" not in options and len(self._shape_of(args[0]) or ()) != 1:
            self.fail("SciPy's is over all entries where no axis is said", node, "write axis=-1 for each row")
        return None

    def _norm(self, node: ast.Call, system: str, args: Args, options: Options) -> Found:
        """norm(x, ord=1), norm(x, p=2)."""
        order = options.pop("ord", None) or options.pop("p", None) or (args[1] if len(args) == 2 else None)
        return None if order is None else call_of("norm", [args[0], order], node)


def placed_option(key: str, value: ast.expr) -> ast.keyword:
    return ast.copy_location(ast.keyword(key, value), value)


_SPECIAL: dict[str, Callable[..., ast.expr | None]] = {
    "len": ForeignCalls._len,
    "size": ForeignCalls._size_along,
    **dict.fromkeys(("array", "tensor", "asarray", "matrix", "constant"), ForeignCalls._array),
    "zeros": ForeignCalls._zeros,
    "ones": ForeignCalls._ones,
    "eye": ForeignCalls._eye,
    "zeros_like": ForeignCalls._zeros_like,
    "ones_like": ForeignCalls._ones_like,
    **dict.fromkeys(("concatenate", "concat", "cat"), ForeignCalls._concatenate),
    "hstack": ForeignCalls._hstack,
    "vstack": ForeignCalls._vstack,
    "stack": ForeignCalls._stack,
    "column_stack": ForeignCalls._column_stack,
    **dict.fromkeys(("transpose", "swapaxes"), ForeignCalls._transpose),
    **dict.fromkeys(("unsqueeze", "expand_dims"), ForeignCalls._unsqueeze),
    **dict.fromkeys(("reshape", "view"), ForeignCalls._reshape),
    "log": ForeignCalls._log,
    "max": ForeignCalls._max,
    "min": ForeignCalls._min,
    "dot": ForeignCalls._dot,
    **dict.fromkeys(("softmax", "log_softmax"), ForeignCalls._softmax),
    "norm": ForeignCalls._norm,
}
"""The functions that look at how their arguments are written."""
