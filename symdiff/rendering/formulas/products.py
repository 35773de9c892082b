"""How products are written: what stands between the factors, and which of them need brackets there."""

from __future__ import annotations

from collections.abc import Callable

from symdiff.expr.notation import Binding
from symdiff.expr.operations import COLUMN
from symdiff.expr.tree import MUL, NEG, ONE, POW, Expr
from symdiff.rendering.formulas.entrywise import PRODUCTS, is_diagonal_product, needs_brackets
from symdiff.rendering.formulas.factors import (
    are_names,
    is_accented,
    is_fraction,
    is_word,
    starts_with_number,
)
from symdiff.rendering.formulas.written import Written


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
