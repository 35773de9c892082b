"""Expressions to formulas: the walk that every notation shares. Brackets are decided here, once.

A printer turns each kind of notation (see `expr.Notation`) into text; which brackets are needed
follows from how tightly the parts bind, so a formula reads back as the expression it came from.
Subclasses give one notation each: LaTeX, or Unicode text. Knows neither values nor derivatives.

How products are written: what stands between the factors, and which of them need brackets there.

How sums and products over a time are written, and a formula with a brace under it.
"""

from __future__ import annotations

from collections.abc import Callable

from symdiff.expr.leaves import Alias, Applied, Filled, Grid, Nabla
from symdiff.expr.names import split_name
from symdiff.expr.notation import Binding
from symdiff.expr.operations import COLUMN, DIRECT, IMMEDIATE, THROUGH
from symdiff.expr.timed import Braced, Series, Time
from symdiff.expr.tree import DERIVATIVE, MUL, NEG, ONE, PARTIAL, POW, Dim, Expr, Num, Sym
from symdiff.rendering.formulas.array_printing import (
    PRODUCTS,
    ArrayWriting,
    is_diagonal_product,
    needs_brackets,
)
from symdiff.rendering.formulas.written import (
    Marking,
    Written,
    are_names,
    is_accented,
    is_fraction,
    is_word,
    starts_with_number,
)


class Products:
    """The kind of notation that has factors; subclasses give its signs."""

    write: Callable[..., Written]
    part: Callable[..., Written]
    bracketed: Callable[[Written], Written]
    power: Callable[..., Written]
    application: Callable[..., Written]
    called: Callable[[str, str], str]
    column: Callable[..., Written]
    product_of: Callable[[str, str], Written]
    linear: bool
    hadamard: str
    dot: str
    thin: str
    close: str

    def product(self, root: Expr, script: bool) -> Written:
        """Factors from left to right; one with a bare argument, sin x, gets brackets before another."""
        nodes = _factors(root)
        if len(nodes) == 2 and (is_diagonal_product(*nodes) or is_diagonal_product(*nodes[::-1])):
            ordered = nodes if is_diagonal_product(*nodes) else nodes[::-1]
            return self.diagonal_product(ordered[0], ordered[1], script)
        factors = [self.factor(n, bool(i), script) for i, n in enumerate(nodes)]
        for i, n in enumerate(nodes):
            if needs_brackets(n, nodes[:i] + nodes[i + 1 :], i == len(nodes) - 1):
                factors[i] = self.bracketed(self.write(n, script))
            elif n.op.notation.kind in ("summation", "mean", *PRODUCTS):
                factors[i] = self.write(n, script)
        for i, n in enumerate(nodes[:-1]):
            if factors[i].binding is Binding.APPLICATION:
                factors[i] = self.closed(n, script)
        text = factors[0].text
        for left, right, written in zip(nodes, nodes[1:], factors[1:], strict=False):
            text += self.sign_of_product(left, right) + written.text
        return Written(text, Binding.PRODUCT, any(factor.tall for factor in factors))

    def closed(self, node: Expr, script: bool) -> Written:
        """sin(x), or sin²(x), with brackets that end the argument."""
        return (self.power if node.op is POW else self.application)(node, script, closed=True)

    def factor(self, node: Expr, follows: bool, script: bool) -> Written:
        """One factor; a fraction on the line, a/b, has brackets wherever something could follow it."""
        loose = (self.linear or script) and node.op.notation.binding is Binding.PRODUCT and node.op is not MUL
        needed = Binding.APPLICATION if follows or loose else Binding.PRODUCT
        return self.part(node, needed, script)

    def sign_of_product(self, left: Expr, right: Expr) -> str:
        """A dot where two factors would run together; nothing much between names; else a thin space."""
        if left.shape and right.shape:
            return self.hadamard
        if starts_with_number(right) or right.op is NEG or is_fraction(left) or is_fraction(right):
            return self.dot
        if left == ONE or (is_accented(left) != is_accented(right) and not are_names(left, right)):
            return self.dot
        if is_word(left) and is_word(right):
            return self.dot
        return self.close if are_names(left, right) and not (is_word(left) or is_word(right)) else self.thin

    def diagonal_product(self, left: Expr, right: Expr, script: bool) -> Written:
        """diag(v)·M, each row of M times its entry of v."""
        diagonal = self.called("diag", self.write(left.args[0], script).text)
        return self.product_of(diagonal, self.column(right, script).text)


def _factors(root: Expr) -> list[Expr]:
    """The factors of a product from left to right; the only array among numbers is no column of a matrix."""
    nodes: list[Expr] = []
    while root.op is MUL:
        nodes.append(root.args[1])
        root = root.args[0]
    nodes = [root, *reversed(nodes)]
    if sum(bool(n.shape) for n in nodes) == 1:
        nodes = [n.args[0] if n.op is COLUMN else n for n in nodes]
    return nodes


class TimedLeaves:
    """Leaves that recurrences need; subclasses say how limits and braces look."""

    write: Callable[..., Written]
    part: Callable[..., Written]
    minus: str

    def leaf_of_time(self, root: Series | Braced) -> Written:
        if isinstance(root, Braced):
            return self.braced(self.write(root.body), self.write(root.label, script=True))
        body = self.part(root.body, Binding.PRODUCT)
        return self.series(root, f"{root.index}={self.time(root.low)}", self.time(root.high), body)

    def time(self, moment: Time) -> str:
        return str(moment).replace("-", self.minus)

    @staticmethod
    def around_brace(body: Written) -> Binding:
        """How a formula with a brace under it binds: a sum keeps the brackets it needs beside a factor."""
        return Binding.ATOM if body.binding >= Binding.PRODUCT else body.binding

    def series(self, root: Series, low: str, high: str, body: Written) -> Written:
        raise NotImplementedError

    def braced(self, body: Written, label: Written) -> Written:
        raise NotImplementedError


ELIDED_HEAD, ELIDED_TAIL = 3, 2


class Printer(Marking, Products, TimedLeaves, ArrayWriting):
    """Writes expressions in one notation; `decimal` is the language's."""

    def __init__(self, decimal: str = ".") -> None:
        self.decimal = decimal
        super().__init__()

    def __call__(self, root: Expr) -> str:
        if root.op is COLUMN:
            return self(root.args[0])
        return self.write(root).text

    def flat_form(self, node: Expr) -> str:
        """A formula on the line, its fractions written a/b, for sentences and tables."""
        return self.write(node, script=True).text

    def write(self, root: Expr, script: bool = False) -> Written:
        """`root` written out; `script` is set inside an exponent, where fractions lie flat."""
        if isinstance(root, Sym):
            return Written(self.marks.get(root) or self.name(root), Binding.ATOM)
        if root.args and not root.shape and type(root) is Expr:
            return self._operation(root, script)
        if isinstance(root, Num):
            return self.number(root, script)
        if isinstance(root, Dim | Filled | Grid | Nabla | Applied | Alias):
            return self.leaf_of_array(root)
        if isinstance(root, Series | Braced):
            return self.leaf_of_time(root)
        if root.shape:
            return self.kept(root, script, self._operation)
        return self._operation(root, script)

    def _operation(self, root: Expr, script: bool) -> Written:
        written: Written = getattr(self, root.op.notation.kind)(root, script)
        return written

    def part(self, node: Expr, needed: Binding, script: bool = False) -> Written:
        """An argument, in brackets if it binds more loosely than `needed`."""
        written = self.write(node, script)
        return written if written.binding >= needed else self.bracketed(written)

    def bracketed(self, inner: Written) -> Written:
        raise NotImplementedError

    def joined(self, left: Written, sign: str, right: Written) -> Written:
        return Written(left.text + sign + right.text, Binding.PRODUCT, left.tall or right.tall)

    def number(self, node: Num, script: bool) -> Written:
        raise NotImplementedError

    def name(self, node: Sym) -> str:
        stem, accent, index = split_name(node.name)
        label = node.label
        if label.startswith("(") and label[1].isalpha():
            label = f"({self.name(Sym(label[1:-1]))})"
        return self.compose_name(stem, tuple(filter(None, (accent, node.accent))), index, label)

    def compose_name(self, stem: str, accents: tuple[str, ...], index: str, label: str) -> str:
        """A name from its parts; the adjoint of ŷ has its bar above the hat."""
        raise NotImplementedError

    def infix(self, root: Expr, script: bool) -> Written:
        """A sum; the long left arm of a + b + c is walked in a loop, not by recursion."""
        signs, terms = [], []
        node = root
        while node.op.notation.kind == "infix":
            terms.append(self.part(node.args[1], Binding.PRODUCT, script))
            signs.append(node.op.notation.text)
            node = node.args[0]
        first = self.part(node, Binding.SUM, script)
        text = first.text
        for sign, term in zip(reversed(signs), reversed(terms), strict=True):
            text += self.between(sign, script) + term.text
        return Written(text, Binding.SUM, first.tall or any(term.tall for term in terms))

    def elided(self, root: Expr, script: bool) -> Written:
        """A long sum: its first terms, dots, its last terms."""
        head = [self.part(arg, Binding.PRODUCT, script).text for arg in root.args[:ELIDED_HEAD]]
        tail = [self.part(arg, Binding.PRODUCT, script).text for arg in root.args[-ELIDED_TAIL:]]
        return Written(self.between("+", script).join([*head, self.dots, *tail]), Binding.SUM)

    def prefix(self, root: Expr, script: bool) -> Written:
        inner = self.part(root.args[0], Binding.PRODUCT, script)
        return Written(self.minus + inner.text, Binding.NEGATION, inner.tall)

    def quotient(self, root: Expr, script: bool) -> Written:
        raise NotImplementedError

    def flat_quotient(self, root: Expr, script: bool) -> Written:
        over = self.part(root.args[0], Binding.PRODUCT, script)
        under = self.part(root.args[1], Binding.APPLICATION, script)
        return Written(f"{over.text}{self.slash}{under.text}", Binding.PRODUCT, over.tall or under.tall)

    def power(self, root: Expr, script: bool, closed: bool = False) -> Written:
        """uᵛ, and sin²x for the positive whole power of a function written without brackets."""
        base, exponent = root.args
        raised = self.write(exponent, script=True).text
        if len(base.shape) == 2:
            raised = self.entrywise + raised
        whole = isinstance(exponent, Num) and exponent.value.denominator == 1 and exponent.value > 0
        if base.op.notation.kind == "application" and whole:
            return self.application(base, script, closed, raised)
        below = self.part(base, Binding.ATOM, script)
        return Written(self.raise_to(below.text, raised), Binding.POWER, below.tall)

    def script(self, root: Expr, script: bool) -> Written:
        if len(root.args[0].shape) == 2:
            return self.call(root, script)
        exponent = self.write(root.args[0], script=True).text
        return Written(self.raise_to(root.op.notation.text, exponent), Binding.POWER)

    def raise_to(self, base: str, exponent: str) -> str:
        raise NotImplementedError

    def application(self, root: Expr, script: bool, closed: bool = False, power: str = "") -> Written:
        """sin x; with brackets round the argument where it is more than a name, or if `closed`."""
        head = self.word(root)
        if power:
            head = self.raise_to(head, power)
        argument = self.write(root.args[0], script)
        bare = isinstance(root.args[0], Sym) and not closed
        text = f"{head}{self.after_word}{argument.text}" if bare else head + self.bracketed(argument).text
        return Written(text, Binding.APPLICATION if bare else Binding.POWER, argument.tall)

    def separator_of(self, parts: list[Written]) -> str:
        """What stands between arguments: not a comma where numbers have decimal commas."""
        decimals = self.decimal == "," and any("," in part.text for part in parts)
        return "; " if decimals else ", "

    def call(self, root: Expr, script: bool) -> Written:
        parts = [self.write(arg, script) for arg in root.args]
        text = self.separator_of(parts).join(p.text for p in parts)
        inner = Written(text, Binding.LOOSEST, any(p.tall for p in parts))
        return Written(self.word(root) + self.bracketed(inner).text, Binding.ATOM, inner.tall)

    def pattern(self, root: Expr, script: bool) -> Written:
        notation = root.op.notation
        needed = notation.inner if self.linear else Binding.LOOSEST
        parts = [self.part(arg, needed, script) for arg in root.args]
        flat = script and root.op in (PARTIAL, DERIVATIVE, IMMEDIATE, DIRECT, THROUGH)
        form = self.flat_derivative(root) if flat else self.pattern_of(root)
        text = form.format(*(part.text for part in parts))
        tall = not flat and (any(part.tall for part in parts) or "frac" in form)
        binding = notation.binding if self.linear or flat else max(notation.binding, Binding.POWER)
        return Written(text, binding, tall)

    def flat_derivative(self, root: Expr) -> str:
        """∂y/∂x on the line."""
        return root.op.notation.text

    def pattern_of(self, root: Expr) -> str:
        raise NotImplementedError

    def word(self, root: Expr) -> str:
        raise NotImplementedError

    def between(self, sign: str, script: bool) -> str:
        raise NotImplementedError

    linear = False
    minus = "-"
    dots = "..."
    dot = "*"
    slash = "/"
    quad = " "
    thin = close = " "
    after_word = " "

    entrywise = "∘"
