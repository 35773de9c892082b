"""Expressions to formulas: the walk that every notation shares. Brackets are decided here, once.

A printer turns each kind of notation (see `expr.Notation`) into text; which brackets are needed
follows from how tightly the parts bind, so a formula reads back as the expression it came from.
Subclasses give one notation each: LaTeX, or Unicode text. Knows neither values nor derivatives.
"""

from __future__ import annotations

from symdiff.expr.leaves import Alias, Applied, Braced, Dim, Filled, Grid, Nabla, Series
from symdiff.expr.names import split_name
from symdiff.expr.notation import Binding
from symdiff.expr.operations import COLUMN, DIRECT, IMMEDIATE, THROUGH
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Num, Sym
from symdiff.rendering.formulas.array_printing import ArrayWriting
from symdiff.rendering.formulas.name_marks import Marking
from symdiff.rendering.formulas.products import Products
from symdiff.rendering.formulas.timed import TimedLeaves
from symdiff.rendering.formulas.written import Written

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
