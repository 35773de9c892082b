"""Expression to the text of a Python expression for one target, with the brackets it needs and no others.

What a function is called is the target's table; what a name is called is the caller's: `names` gives the
text of any node that is to be written by name, an `h[t - 1]` as well as a variable. `TimedPrinter` writes
what is said of all times too, as sum(a_bar[t] for t in range(T)). Knows no statement, no tape and no
derivative.
"""

from __future__ import annotations

from collections.abc import Mapping

from symdiff.codegen.code_names import TimedNames
from symdiff.codegen.statements import Stacked
from symdiff.codegen.target import CodePattern, Precedence, Target
from symdiff.errors import InputError
from symdiff.expr.conditions import AND, OR
from symdiff.expr.leaves import TRIANGLES, Filled, OneHot
from symdiff.expr.numbers import Exact, is_decimal
from symdiff.expr.operations import GATHER, POLYGAMMA, SLICE, STACK, places_of
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import Size, terms_of
from symdiff.expr.text import spelled_number
from symdiff.expr.timed import Series
from symdiff.expr.tree import ALL, INDEX, NEG, POW, TOTAL, TRANSPOSE, Dim, Expr, Num, Sym, postorder

MOST_INTEGER = 2**31
"""Whole numbers from here on are written as floating-point ones: a library's integers may be of 32 bits."""


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of Python: how tightly it holds together, and whether no input occurs in it.

    `simple` pieces, names and numbers, stand next to ** without blanks. `power` is the length of a power
    at the beginning, which a sign in front puts in brackets: -(x**2) * y.
    """

    text: str
    binding: Precedence = Precedence.ATOM
    constant: bool = False
    simple: bool = False
    power: int = 0

    def at(self, needed: Precedence) -> str:
        """The text, in brackets if it holds together less tightly than needed."""
        return self.text if self.binding >= needed else f"({self.text})"

    @property
    def negated(self) -> str:
        """The text with a sign in front, for a product or what holds together more tightly."""
        text = self.at(Precedence.PRODUCT)
        power = self.power if text == self.text else 0
        return f"-({text[:power]}){text[power:]}" if power else f"-{text}"


class CodePrinter:
    """Writes expressions for a target; `like` is the text of a variable whose type new arrays take."""

    def __init__(self, target: Target, names: Mapping[Expr, str], like: str = "") -> None:
        self.target, self.names, self.like = target, names, like

    def write(self, root: Expr) -> Code:
        """`root` as code."""
        done: dict[int, Code] = {}
        for node in postorder(root, stop=self.names.__contains__):
            args = () if node in self.names else node.args
            done[id(node)] = self.node(node, [done[id(arg)] for arg in args])
        return done[id(root)]

    def node(self, node: Expr, args: list[Code]) -> Code:
        """One node, its arguments being written already."""
        if node in self.names:
            return Code(self.names[node], constant=isinstance(node, Dim), simple=True)
        if isinstance(node, Num):
            return number(node)
        if isinstance(node, Dim):
            return self.size(node.name)
        if isinstance(node, Filled):
            return self._filled(node)
        if isinstance(node, OneHot):
            parts = self.size(node.index.limit).text, self.names[node.index]
            return Code(self._pattern("one_hot").code.format(*parts, like=self.like))
        if isinstance(node, Sym):
            raise InputError(f"no code for the name {node}")
        if node is ALL:
            return Code(":", constant=True)
        if node.op is TRANSPOSE and len(node.shape) < 2:
            return args[0]
        if node.op is POW:
            return _power(args)
        if node.op is NEG:
            return Code(args[0].negated, Precedence.NEGATION, args[0].constant)
        if node.op is TOTAL:
            return Code(
                " + ".join(arg.at(Precedence.PRODUCT) for arg in args), Precedence.SUM, _constant(args)
            )
        if node.op in (AND, OR):
            joint = " & " if node.op is AND else " | "
            return Code(joint.join(arg.at(Precedence.ATOM) for arg in args), Precedence.LOOSEST)
        if node.op is SLICE:
            return _slice(node, args)
        if node.op is GATHER:
            return self._gathered(node, args[0])
        return self._operation(node, args)

    def value(self, root: Expr) -> str:
        """`root` as what a variable may hold: a number known beforehand becomes one of the target's."""
        code = self.write(root)
        if not code.constant or root.shape:
            return code.text
        return self._held(root, code)

    def _held(self, root: Expr, code: Code) -> str:
        if isinstance(root, Num):
            return self.target.value.format(float_text(root), like=self.like)
        return self.target.computed.format(code.text, like=self.like)

    def size(self, size: Size) -> Code:
        """A size, sums of sizes included: n, 3, n + 2, n - 1."""
        parts = ["*".join(map(self._part, term)) for term in terms_of(size)]
        text = " + ".join(parts).replace("-1*", "-").replace("+ -", "- ")
        alone = len(parts) == 1 and "*" not in text
        return Code(text, Precedence.ATOM if alone else Precedence.SUM, constant=True, simple=alone)

    def _part(self, part: str) -> str:
        if part.removeprefix("-").isdigit():
            return part
        name = Dim(part)
        if name not in self.names:
            raise InputError(f"no code for the size {part}")
        return self.names[name]

    def _filled(self, node: Filled) -> Code:
        sizes = [self.size(size).text for size in node.shape]
        shape = sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"
        is_triangle = node.what in TRIANGLES
        args = [sizes[0], str(node.index) if is_triangle else self.size(node.index).text]
        key = f"{node.what}_of_ones" if is_triangle else node.what
        return Code(self._pattern(key).code.format(*args, shape=shape, like=self.like))

    def _gathered(self, node: Expr, whole: Code) -> Code:
        """Z[np.arange(n), y]"""
        return Code(f"{whole.at(Precedence.ATOM)}[{', '.join(map(self._pick, node.args[1:]))}]")

    def _pick(self, pick: Expr) -> str:
        if pick is ALL:
            return ":"
        if pick.op is STACK:
            listed = f"[{', '.join(map(str, pick.args))}]"
            return self._pattern("places").code.format(listed, like=self.like)
        if isinstance(pick, Filled):
            size = self.size(pick.shape[0]).text
            return self._pattern("every_place").code.format(size, like=self.like)
        return str(pick) if isinstance(pick, Num) else self.names[pick]

    def _pattern(self, name: str) -> CodePattern:
        if name not in self.target.operations:
            what = f"no code for {name!r} in {self.target.name}"
            raise InputError(what, way_out=f"add a line to {self.target.table}")
        return self.target.operations[name]

    def _operation(self, node: Expr, args: list[Code]) -> Code:
        """An operation by the target's table; numbers given to a function as it wants them."""
        name, constant = node.op.name, _constant(args)
        pattern = self._pattern(name)
        known = self.target.constants.get(name) if constant and args else None
        if known is not None:
            pattern = known
        elif name not in self.target.operators and node.args:
            listed, order = node.op is STACK, node.op is POLYGAMMA
            pairs = zip(node.args[order:], args[order:], strict=True)
            args = [*args[:order], *(self._argument(arg, code, listed) for arg, code in pairs)]
            constant = constant and self.target.argument == "{0}"
        texts = [code.at(pattern.needs(i)) for i, code in enumerate(args)]
        rest, whole = ", ".join(texts[1:]), ", ".join(texts)
        text = pattern.code.format(*texts, rest=rest, args=whole, like=self.like)
        power = args[0].power if texts and text.startswith(args[0].text) else 0
        constant = constant and not node.shape and node.op is not INDEX
        return Code(text, pattern.binds, constant, power=power)

    def _argument(self, arg: Expr, code: Code, listed: bool) -> Code:
        """What a function takes of a number; a list whole numbers as floating-point ones."""
        if not code.constant or arg.shape:
            return code
        if listed and not isinstance(arg, Num):
            return Code(self._held(arg, code))
        if isinstance(arg, Num):
            code = Code(float_text(arg), code.binding if arg.value < 0 else Precedence.ATOM, constant=True)
        if self.target.argument == "{0}":
            return code
        return Code(self.target.argument.format(code.text, like=self.like))


def _constant(args: list[Code]) -> bool:
    return all(arg.constant for arg in args)


def _power(args: list[Code]) -> Code:
    """u**v, without blanks between names and numbers."""
    base, exponent = args
    negative = exponent.text.startswith("-") and exponent.text[1:].replace(".", "").isalnum()
    right = exponent.text if negative else exponent.at(Precedence.POWER)
    tight = base.simple and (exponent.simple or negative)
    text = f"{base.at(Precedence.ATOM)}**{right}" if tight else f"{base.at(Precedence.ATOM)} ** {right}"
    return Code(text, Precedence.POWER, _constant(args), power=len(text))


def _slice(node: Expr, args: list[Code]) -> Code:
    """x[i:j], A[i:j, :], with blanks around the colon where a place is a sum."""
    whole, *ends = args
    cut = []
    for length, places, first, last in zip(
        node.args[0].shape, places_of(node.args[1:]), ends[::2], ends[1::2], strict=True
    ):
        colon = ":" if first.simple and last.simple else " : "
        is_whole = len(ends) > 2 and places == (0, length)
        cut.append(":" if is_whole else f"{first.text}{colon}{last.text}")
    return Code(f"{whole.at(Precedence.ATOM)}[{', '.join(cut)}]")


def number(node: Num) -> Code:
    """A number as Python writes it: whole, decimal, or a quotient."""
    value, binding = node.value, Precedence.NEGATION if node.value < 0 else Precedence.ATOM
    simple = binding is Precedence.ATOM
    if value.denominator == 1 and not _is_long(value):
        return Code(str(value), binding, constant=True, simple=simple)
    if value.denominator == 1 or is_decimal(node) or _is_long(value):
        return Code(float_text(node), binding, constant=True, simple=simple)
    return Code(f"{value.numerator} / {value.denominator}", min(binding, Precedence.PRODUCT), constant=True)


def _is_long(value: Exact) -> bool:
    return abs(value.numerator) >= MOST_INTEGER or value.denominator >= MOST_INTEGER


def float_text(node: Expr) -> str:
    """A number as a floating-point one: 2.0."""
    assert isinstance(node, Num)
    try:
        return spelled_number(repr(float(node.value)))
    except OverflowError:
        raise InputError("a number is too large for floating point") from None


class TimedPrinter(CodePrinter):
    """Writes expressions of a recurrence, whose names have times."""

    def __init__(self, target: Target, names: TimedNames, like: str = "") -> None:
        super().__init__(target, names.texts, like)
        self.timed = names

    def node(self, node: Expr, args: list[Code]) -> Code:
        if isinstance(node, Series):
            return Code(f"sum({self.write(node.body).text} {self.timed.over(node)})")
        if isinstance(node, Stacked):
            return self._stacked(node)
        return super().node(node, args)

    def _stacked(self, node: Stacked) -> Code:
        """A sequence by its name, anything else as np.stack([h[t] for t in range(T)])."""
        whole = self.timed.whole(node.body, node.times)
        if whole is not None:
            return Code(whole, simple=True)
        rows = f"{self.write(node.body).text} {self.timed.over(node.times)}"
        return Code(self._pattern("stack").code.format(args=rows))
