"""The tree of typed mathematics to Python's syntax tree, with places in the author's text for carets.

What depends on shapes keeps a mark (see `marks`). Names are said here: x₁ is x_1, σ(x) the sigmoid unless the
author has a σ. A time is told from an index by the text as a whole: where an equation's left side has the
index t, or no equation is there, and a time t-1 occurs, h_t is h[t].
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from symdiff.expr.names import split_name
from symdiff.language.keywords import ends_of_names, stand_in
from symdiff.language.marks import (
    Bars,
    Beside,
    Crossed,
    Dotted,
    Entrywise,
    Head,
    Norm,
    Ones,
    Raised,
    Summed,
    Turned,
)
from symdiff.language.named_formulas import NAMED
from symdiff.language.reading import tell
from symdiff.rules.table import functions
from symdiff.typed.grammar import NOTHING, Node, index_text, read_equations
from symdiff.typed.tokens import SHORT_WORDS, TypedError, is_latex, tokens

ALIASES = {
    **{
        "ln": "log",
        "arcsin": "asin",
        "arccos": "acos",
        "arctan": "atan",
        "arcsinh": "asinh",
        "arccosh": "acosh",
    },
    **{"arctanh": "atanh", "sgn": "sign", "Tr": "trace", "tr": "trace", "lse": "logsumexp"},
    **{"ch": "cosh", "sh": "sinh", "th": "tanh", "tg": "tan", "arctg": "atan"},
}
"""Words of paper for functions of ours, those of French schools too."""
_OPERATORS: dict[str, type[ast.operator]] = {
    **{"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "**": ast.Pow, "@": ast.MatMult},
    **{"·": Dotted, "×": Crossed, "⊙": Entrywise},
}
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    **{"<": ast.Lt, ">": ast.Gt, "<=": ast.LtE, ">=": ast.GtE, "==": ast.Eq, "!=": ast.NotEq}
}
_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}
MOST_DIGITS = 40
_WORDS = {"True": True, "False": False, "None": None}


def typed_statements(text: str, lines: Sequence[str], names: Collection[str], decimal: str) -> list[ast.stmt]:
    """The statements of a text; columns are bytes of `lines`, the same text as readers keep it.

    Raises:
        TypedError: the text is no formula, or can be read in two ways.
    """
    latex = is_latex(text)
    arities = words_of_functions(names)
    words = {*arities, *names, *_words_on_the_left(text)} - (SHORT_WORDS if latex else set())
    found = tokens(text, words, latex)
    ends = set() if latex else {*ends_of_names(text)}
    for place, token in enumerate(found):
        if token.text in CONDITIONAL and token.end in ends:
            found[place] = token._replace(text=stand_in(token.text))
    for token, after in pairwise(found):
        if token.kind == "name" and after.text == "=" and (token.start == 0 or _begins(text, token.start)):
            arities.pop(token.text, None)
    equations = read_equations(found, text, arities, names, decimal)
    return [*_Converter(equations, text, lines, names).statements()]


CONDITIONAL = ("if", "else", "and", "or", "not")
"""Keywords that are read in typed mathematics, unless they stand as names do."""


def _begins(text: str, start: int) -> bool:
    """Whether an equation begins at a place."""
    return text[:start].rstrip(" \t")[-1:] in ("\n", ";", "")


def words_of_functions(names: Collection[str]) -> dict[str, int | None]:
    """The words that are functions, with how many arguments they take; names of the author's are none."""
    found: dict[str, int | None] = {
        name: rule.op.arity for name, rule in functions().items() if rule.op.arity != 0
    }
    found |= {word: found[name] for word, name in ALIASES.items() if name in found}
    found |= {name: len(named.parameters) for name, named in NAMED.items()}
    return {word: arity for word, arity in found.items() if word not in names}


def _words_on_the_left(text: str) -> set[str]:
    """Words before an = : names of several letters, in LaTeX too."""
    return set(re.findall(r"(?:^|[\n;&$\[}]|\\\\)\s*([A-Za-z]{2,})\s*(?=&?\s*=)", text))


class _Converter:
    """Makes the statements of one text. `names` are those that are declared."""

    def __init__(
        self, equations: list[Node], text: str, lines: Sequence[str], names: Collection[str]
    ) -> None:
        self.equations, self.text, self.lines = equations, text, lines
        self.starts = [0, *accumulate(len(line) + 1 for line in lines)]
        self.names, self.own = names, {*names}
        parts = [part for equation in equations for part in _walk(equation)]
        heads = {id(each.parts[0]) for each in equations if each.kind == "equation"}
        called = {id(part.parts[0]) for part in parts if part.kind == "apply" and id(part) not in heads}
        self.own |= {part.text for part in parts if part.kind == "name" and id(part) not in called}
        self.time = self._time(parts)
        self.timed = (
            {stem for part in parts for stem, index in [_split(part)] if self.is_time(index)}
            if self.time
            else set()
        )

    def known(self, name: str, is_lowered: bool = False) -> str:
        """A name as the author spells it: w_1A is w1A, and x₁ is x1, where that name is declared or typed."""
        if name in self.names:
            return name
        parts = split_name(name)
        alike = next((each for each in self.names if split_name(each) == parts), "")
        if not alike and is_lowered:
            alike = next((each for each in self.own if each[-1].isdigit() and split_name(each) == parts), "")
        return alike or name

    # Times.

    def _time(self, parts: Sequence[Node]) -> str:
        """The letter of time, if there is one."""
        letters = {base.text for part in parts for base in [_shifted(_split(part)[1])] if base is not None}
        equations = [each for each in self.equations if each.kind == "equation"]
        on_the_left = {_split(each.parts[0])[1].text for each in equations}
        on_the_left |= {each.parts[0].parts[1].text for each in equations if each.parts[0].kind == "index"}
        found = sorted(letters & on_the_left if equations else letters)
        return found[0] if len(found) == 1 else ""

    def is_time(self, index: Node) -> bool:
        base = _shifted(index)
        return bool(self.time) and (index.text == self.time or (base is not None and base.text == self.time))

    # Statements.

    def statements(self) -> Iterator[ast.stmt]:
        for equation in self.equations:
            if equation.kind == "equation":
                left, right = equation.parts
                yield self.placed(ast.Assign([self.target(left)], self.converted(right)), equation)
            else:
                outer = equation._replace(start=equation.left, end=equation.right)
                yield self.placed(ast.Expr(self.converted(equation)), outer)

    def target(self, left: Node) -> ast.expr:
        """The left side: a name, f(x, a), h[t]."""
        found = self.converted(left)
        if (
            isinstance(found, ast.Call)
            and isinstance(found.func, ast.Name)
            and found.args
            and not found.keywords
        ):
            picks = found.args
            several = self.spread(ast.Tuple(picks, ast.Load()), left.parts[1], left.parts[-1])
            found = self.placed(Head(found.func, picks[0] if len(picks) == 1 else several), left)
        if not isinstance(found, ast.Name | ast.Subscript):
            raise TypedError("a name is expected on the left of =", left.left, "write name = formula")
        found.ctx = ast.Store()
        return found

    # Places.

    def placed(self, node: Any, of: Node) -> Any:
        """`node` with the place of a part of the text."""
        return self.between(node, of.start, of.end)

    def spread(self, node: Any, first: Node, last: Node) -> Any:
        return self.between(node, first.left, last.right)

    def between(self, node: Any, start: int, end: int) -> Any:
        node.lineno, node.col_offset = self.place(start)
        node.end_lineno, node.end_col_offset = self.place(end)
        return node

    def place(self, offset: int) -> tuple[int, int]:
        """The line, counted from 1, and the column in bytes."""
        number = bisect_right(self.starts, offset) - 1
        number = min(number, len(self.lines) - 1)
        line = self.lines[number]
        before = offset - self.starts[number]
        return number + 1, before if line.isascii() else len(line[:before].encode())

    # Formulas.

    def converted(self, root: Node, letters: str = "") -> Any:
        """The syntax tree of a formula, bottom-up; in a sum over `letters`, what has them stands without."""
        done: dict[int, Any] = {}
        stack: list[tuple[Node, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            parts = self.parts(node, letters)
            if ready or not parts:
                done[id(node)] = self.made(node, [done[id(part)] for part in parts], letters)
            else:
                stack.append((node, True))
                stack += [(part, False) for part in reversed(parts)]
        return done[id(root)]

    def parts(self, node: Node, letters: str) -> Sequence[Node]:
        """The parts of a node that are formulas by themselves."""
        if node.kind in ("sum", "cases"):
            return ()
        if node.kind == "lowered":
            return ()
        if node.kind == "raised" and _is_top(node.parts[1]):
            return node.parts[:1]
        if node.kind == "apply":
            return [part.parts[0] if part.kind == "option" else part for part in node.parts]
        return [part for part in node.parts if part is not NOTHING]

    def made(self, node: Node, args: list[Any], letters: str) -> Any:
        found = getattr(self, f"_{node.kind}")(node, args, letters)
        return self.placed(found, node) if not hasattr(found, "lineno") else found

    def _number(self, node: Node, args: list[Any], letters: str) -> Any:
        if len(node.text) > MOST_DIGITS:
            raise TypedError("the number is too long or too large", node.start)
        is_whole = node.text.replace("_", "").isdigit()
        value = int(node.text) if is_whole else float(node.text)
        written = self.text[node.start : node.end] == node.text
        return ast.Constant(value) if written else ast.Constant(value, kind=node.text)

    def _name(self, node: Node, args: list[Any], letters: str) -> Any:
        if node.text in _WORDS:
            return ast.Constant(_WORDS[node.text])
        stem, index = _split(node)
        if letters and is_index_of(index, letters):
            return ast.Name(self.known(stem), ast.Load())
        if stem in self.timed and index is not NOTHING:
            return self.at_time(node, stem, index)
        if node.text.endswith(")"):  # a derivative, D[2](f)
            return self.derivative(node)
        return ast.Name(self.known(node.text), ast.Load())

    def derivative(self, node: Node) -> Any:
        """D(f) or D[2](f), every part of it at the place of the whole."""
        found = ast.parse(node.text, mode="eval").body
        for part in ast.walk(found):
            if isinstance(part, ast.expr):
                self.placed(part, node)
        return found

    def _top(self, node: Node, args: list[Any], letters: str) -> Any:
        raise TypedError("the sign of a transpose cannot stand here", node.start, "write A^T")

    def _binary(self, node: Node, args: list[Any], letters: str) -> Any:
        if node.text in ("and", "or"):
            return ast.BoolOp(ast.And() if node.text == "and" else ast.Or(), _flat(args, node))
        if node.text == "⊙" or letters:
            return ast.BinOp(args[0], self.single(node.text, letters)(), args[1])
        return ast.BinOp(args[0], _OPERATORS[node.text](), args[1])

    def single(self, sign: str, letters: str) -> type[ast.operator]:
        """In a sum over indices every factor is a number."""
        found = _OPERATORS[sign]
        return ast.Mult if letters and issubclass(found, ast.Mult) else found

    def _beside(self, node: Node, args: list[Any], letters: str) -> Any:
        return ast.BinOp(args[0], ast.Mult() if letters else Beside(), args[1])

    def _sign(self, node: Node, args: list[Any], letters: str) -> Any:
        return ast.UnaryOp(ast.USub() if node.text == "-" else ast.UAdd(), args[0])

    def _not(self, node: Node, args: list[Any], letters: str) -> Any:
        return ast.UnaryOp(ast.Not(), args[0])

    def _comparison(self, node: Node, args: list[Any], letters: str) -> Any:
        return ast.Compare(args[0], [_COMPARISONS[sign]() for sign in node.text.split()], args[1:])

    def _choice(self, node: Node, args: list[Any], letters: str) -> Any:
        return ast.IfExp(args[1], args[0], args[2])

    def _raised(self, node: Node, args: list[Any], letters: str) -> Any:
        base, exponent = node.parts
        if _is_top(exponent):
            if exponent.kind == "sign":
                minus = self.placed(
                    ast.UnaryOp(ast.USub(), self.placed(ast.Constant(1, kind="1"), exponent)), exponent
                )
                inverse = self.between(ast.BinOp(args[0], Raised(), minus), base.left, node.end)
                return Turned(inverse, "T", ast.Load())
            return Turned(args[0], "T", ast.Load())
        by_entries = letters or exponent.kind == "entries"
        return ast.BinOp(args[0], ast.Pow() if by_entries else Raised(), args[1])

    def _entries(self, node: Node, args: list[Any], letters: str) -> Any:
        return args[0]

    def _transposed(self, node: Node, args: list[Any], letters: str) -> Any:
        return Turned(args[0], "T", ast.Load())

    _primed = _transposed

    def _attribute(self, node: Node, args: list[Any], letters: str) -> Any:
        return ast.Attribute(args[0], node.text, ast.Load())

    def call(self, name: str, args: list[Any], node: Node, kind: type[ast.Call] = ast.Call) -> Any:
        function = self.placed(ast.Name(name, ast.Load()), node)
        return kind(function, args, [])

    def _bars(self, node: Node, args: list[Any], letters: str) -> Any:
        return self.call("abs", args, node, Bars)

    def _norm(self, node: Node, args: list[Any], letters: str) -> Any:
        index = node.text
        if index not in ("", "1", "2", "F"):
            raise TypedError(
                f"the norm {index} is not read", node.start, "write norm(x), or sum(abs(x)) for the sum"
            )
        if index == "1":
            args = [self.placed(self.call("abs", args, node), node)]
        found = self.call("sum" if index == "1" else "norm", args, node, Norm)
        found.index = index
        return found

    def _root(self, node: Node, args: list[Any], letters: str) -> Any:
        if len(args) == 1 or node.parts[1].text == "2":
            return self.call("sqrt", args[:1], node)
        one = self.placed(ast.Constant(1, kind="1"), node)
        return ast.BinOp(args[0], ast.Pow(), self.placed(ast.BinOp(one, ast.Div(), args[1]), node))

    def _fraction(self, node: Node, args: list[Any], letters: str) -> Any:
        return ast.BinOp(args[0], ast.Div(), args[1])

    def _apply(self, node: Node, args: list[Any], letters: str) -> Any:
        function, *given = args
        if node.text == "bare" and node.parts[1].kind == "raised" and not node.parts[1].is_bracketed:
            word, inside = (self.text[part.left : part.right] for part in node.parts)
            tell(f"{word} {inside} is read as {word}({inside})", self.place(node.start)[0])
        if isinstance(function, ast.Name):
            name = ALIASES.get(function.id, function.id)
            if name == "sigma" and name not in self.own:
                name = "sigmoid"
            if function.id not in self.own:
                function.id = name
        pairs = list(zip(node.parts[1:], given, strict=True))
        keywords = [
            self.placed(ast.keyword(part.text, value), part) for part, value in pairs if part.kind == "option"
        ]
        return ast.Call(function, [value for part, value in pairs if part.kind != "option"], keywords)

    def _indicator(self, node: Node, args: list[Any], letters: str) -> Any:
        """1[x > 0] is positive(x), 1[x > y] greater(x, y)."""
        compared = node.parts[0]
        if compared.text not in ("<", ">"):
            raise TypedError("1[…] holds one comparison, < or >", node.start, "write 1 if x >= 0 else 0")
        sides = [args[0].left, args[0].comparators[0]]
        if compared.text == "<":
            sides.reverse()
        is_zero = isinstance(sides[1], ast.Constant) and sides[1].value == 0
        return self.call("positive" if is_zero else "greater", sides[: 2 - is_zero], node)

    def _derivative(self, node: Node, args: list[Any], letters: str) -> Any:
        """f'(x) is D(f)(x), as Maple has it."""
        function, *given = args
        for _ in node.text:
            function = self.placed(self.call("D", [function], node), node)
        return ast.Call(function, given, [])

    def _index(self, node: Node, args: list[Any], letters: str) -> Any:
        return ast.Subscript(args[0], args[1], ast.Load())

    def _indices(self, node: Node, args: list[Any], letters: str) -> Any:
        several = self.spread(ast.Tuple(args[1:], ast.Load()), node.parts[1], node.parts[-1])
        return ast.Subscript(args[0], several, ast.Load())

    def _slice(self, node: Node, args: list[Any], letters: str) -> Any:
        given = iter(args)
        parts = [None if part is NOTHING else next(given) for part in node.parts]
        return ast.Slice(*parts)

    def _list(self, node: Node, args: list[Any], letters: str) -> Any:
        return ast.List(args, ast.Load())

    def _tuple(self, node: Node, args: list[Any], letters: str) -> Any:
        return ast.Tuple(args, ast.Load())

    def _matrix(self, node: Node, args: list[Any], letters: str) -> Any:
        """A matrix; one column is a vector, one row its transpose."""
        if all(len(row.elts) == 1 for row in args):
            return ast.List([row.elts[0] for row in args], ast.Load())
        return ast.List(args, ast.Load()) if len(args) > 1 else ast.Attribute(args[0], "T", ast.Load())

    _row = _list

    def _cases(self, node: Node, args: list[Any], letters: str) -> Any:
        """Values with conditions; the last one without, or with the opposite of the one before."""
        *rows, last = node.parts
        others = last.parts[1:]
        before = rows[-1].parts[-1] if rows else NOTHING
        if others and others[0].kind != "otherwise" and not self.is_opposite(before, others[0]):
            raise TypedError("the last case holds in all others", last.start, "write \\text{otherwise}")
        found = self.converted(last.parts[0], letters)
        for row in reversed(rows):
            if len(row.parts) != 2:
                raise TypedError("a case is a value and its condition", row.start, "write x & x > 0")
            value, condition = (self.converted(part, letters) for part in row.parts)
            found = self.placed(ast.IfExp(condition, value, found), node)
        return found

    def is_opposite(self, one: Node, other: Node) -> bool:
        if one.kind != "comparison" or other.kind != "comparison" or _OPPOSITE.get(one.text) != other.text:
            return False
        sides = [[self.text[part.left : part.right].strip() for part in each.parts] for each in (one, other)]
        return sides[0] == sides[1]

    def _ones(self, node: Node, args: list[Any], letters: str) -> Any:
        return self.call("ones", [], node, Ones)

    def _lowered(self, node: Node, args: list[Any], letters: str) -> Any:
        """A name with an index; a value at a time; in a sum, an entry."""
        base, index = node.parts
        if letters and is_index_of(index, letters):
            return self.converted(base)
        if base.kind == "ones":
            sizes = index.parts if index.kind == "binary" and index.text == "×" else (index,)
            return self.call("ones", [self.converted(size) for size in sizes], node)
        if base.kind != "name":
            raise TypedError(
                "an index stands on a name", index.left, "write x[0] for an entry, counted from 0"
            )
        if base.text in self.timed:
            return self.at_time(node, base.text, index)
        text = index_text(index, "_")
        if not text:
            shown = self.text[node.start : node.end]
            stem = base.text
            way_out = f"write {stem}_t = … {stem}_{{t-1}} … for a recurrence, or {stem}[…] for an entry"
            raise TypedError(f"the index of {shown} is computed", index.left, way_out)
        return ast.Name(self.known(f"{base.text}_{text}", is_lowered=True), ast.Load())

    def at_time(self, node: Node, stem: str, index: Node) -> Any:
        """h[t-1]."""
        name = self.between(ast.Name(stem, ast.Load()), node.start, node.end)
        bare = index._replace(start=node.start, end=node.end) if index.start == index.end else index
        return self.placed(ast.Subscript(name, self.converted(bare), ast.Load()), node)

    def _sum(self, node: Node, args: list[Any], letters: str) -> Any:
        """A sum over all entries, or over time."""
        index, top, body = node.parts
        letter, low = index.parts if index.kind == "bounds" else (index, NOTHING)
        over = index_text(letter)
        if letters or not over.isalpha():
            what = "a sum inside a sum" if letters else "a sum needs its index"
            raise TypedError(what, node.start, "write Σ_i x_i, or sum(x) over all entries")
        is_time = over == self.time
        found = Summed(
            self.placed(ast.Name("sum", ast.Load()), node),
            [self.converted(body, "" if is_time else over)],
            [],
        )
        inside = [part for part in _walk(body) if part.kind in ("name", "lowered")]
        indexed = [
            part
            for part in inside
            if is_index_of(_split(part)[1] if part.kind == "name" else part.parts[1], over)
        ]
        for part in inside:
            below = index_text(_split(part)[1] if part.kind == "name" else part.parts[1])
            if part not in indexed and below and set(below) <= set(over) and not is_time:
                shown = self.text[part.left : part.right]
                what = f"{shown} in a sum over {', '.join(over)} has its index in another place"
                raise TypedError(what, part.left, "write the sum with @, or sum(…)")
        if not indexed:
            raise TypedError(
                f"nothing with the index {over} stands in the sum", node.start, f"write x_{over}"
            )
        if not is_time:
            hidden = {id(part) for each in indexed for part in _walk(each)}
            hidden |= {id(part.parts[0]) for part in _walk(body) if part.kind == "apply"}
            found.single = [self.converted(part) for part in inside if id(part) not in hidden]
        found.low = self.text[low.left : low.right].strip()
        found.high = self.text[top.left : top.right].strip(" {}()")
        return found


def _walk(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack += [part for part in node.parts if part is not NOTHING]


def _split(node: Node) -> tuple[str, Node]:
    """The stem and the index of a name: h and t of h_t, h_{t} and h_{t-1}."""
    if node.kind == "lowered" and node.parts[0].kind == "name":
        return node.parts[0].text, node.parts[1]
    stem, mark, index = node.text.rpartition("_") if node.kind == "name" else ("", "", "")
    if not mark:
        return "", NOTHING
    kind = "number" if index.isdigit() else "name"
    return stem, Node(kind, index, (), node.end - len(index), node.end, node.end - len(index), node.end)


def _shifted(index: Node) -> Node | None:
    """The letter of a time before or after another: t of t-1."""
    if index.kind == "binary" and index.text in ("+", "-"):
        base, shift = index.parts
        if base.kind == "name" and len(base.text) == 1 and shift.kind == "number":
            return base
    return None


def is_index_of(index: Node, letters: str) -> bool:
    """Whether an index is that of a sum, or its last letters: in a sum over i, j a row b has the index j."""
    text = index_text(index)
    return bool(text) and letters.endswith(text)


def _is_top(exponent: Node) -> bool:
    """Whether an exponent is ⊤ or -⊤, or the T of -T."""
    if exponent.kind == "sign" and exponent.text == "-":
        inside = exponent.parts[0]
        return inside.kind == "top" or (inside.kind == "name" and inside.text == "T")
    return exponent.kind == "top"


def _flat(args: list[Any], node: Node) -> list[Any]:
    """a and b and c as one list."""
    first = args[0]
    is_same = isinstance(first, ast.BoolOp) and isinstance(first.op, ast.And) == (node.text == "and")
    return [*first.values, args[1]] if is_same and not node.parts[0].is_bracketed else args
