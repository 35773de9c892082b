"""A product as a record: its number and the power of each factor; and the order in which factors are written.

`tidy` computes with these records. Nothing is simplified here.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import reduce

from symdiff.expr import tree as e
from symdiff.expr.numbers import Exact
from symdiff.expr.records import dataclass
from symdiff.expr.shapes import elementwise
from symdiff.expr.tree import ADD, MUL, NEG, SUB, Expr, Sym


@dataclass(slots=True)
class Monomial:
    """coefficient · Π baseᵉ, bases in order of appearance; `decimal` if a number was written as a decimal."""

    coefficient: Exact
    powers: dict[Expr, Exact]
    decimal: bool = False

    def negated(self) -> Monomial:
        return Monomial(-self.coefficient, self.powers, self.decimal)

    def times(self, other: Monomial, exponent: int) -> None:
        """Multiply by `other` to a whole exponent."""
        self.decimal |= other.decimal
        if other.coefficient != 1:
            factor = other.coefficient if exponent > 0 else Fraction(1) / other.coefficient
            self.coefficient *= factor ** abs(exponent)
        for base, power in other.powers.items():
            whole = self.powers.get(base, 0) + power * exponent
            if whole:
                self.powers[base] = whole
            else:
                self.powers.pop(base, None)


def signed_terms(root: Expr) -> list[tuple[int, Expr]]:
    """The terms of a sum of sums, each with its sign."""
    parts, stack = [], [(1, root)]
    while stack:
        sign, node = stack.pop()
        if node.op in (e.ADD, e.SUB):
            stack.append((-sign if node.op is e.SUB else sign, node.args[1]))
            stack.append((sign, node.args[0]))
        elif node.op is e.NEG and node.args[0].op in (e.ADD, e.SUB):
            stack.append((-sign, node.args[0]))
        elif node.op is e.TOTAL:
            stack.extend((sign, arg) for arg in reversed(node.args))
        else:
            parts.append((sign, node))
    return parts


def product_factors(product: Expr) -> list[Expr]:
    """The factors of a product of products, in reading order."""
    if product.op is not MUL:
        return [product]
    return product_factors(product.args[0]) + product_factors(product.args[1])


def chained(factors: list[Expr]) -> Expr:
    """The product of `factors`, written a·b·c."""
    return reduce(Expr.__mul__, factors)


def same_up_to_order(one: Expr, other: Expr) -> bool:
    """Whether two forms are equal but for the order of factors, so that a reader takes them for the same."""
    if one.op is MUL and other.op is MUL:
        return Counter(product_factors(one)) == Counter(product_factors(other))
    if not one.args or one.op not in (ADD, SUB, NEG):
        return one == other
    pairs = zip(one.args, other.args, strict=False)
    return one.op is other.op and all(same_up_to_order(a, b) for a, b in pairs)


def without_ones(term: Monomial) -> Monomial:
    """𝟏∘x as x: arrays of ones are dropped where another factor has their shape."""
    arrays = [base for base in term.powers if base.shape]
    kept = [base for base in arrays if getattr(base, "what", "") != "ones"]
    if len(kept) == len(arrays) or not kept or elementwise("*", kept) != elementwise("*", arrays):
        return term
    powers = {base: power for base, power in term.powers.items() if not base.shape or base in kept}
    return Monomial(term.coefficient, powers, term.decimal)


def factor_order(item: tuple[Expr, Exact]) -> tuple[bool, int, tuple[object, ...]]:
    """The key of the usual order: scalars, arrays; in each derivatives, names by number, functions, sums."""
    base = item[0]
    return bool(base.shape), *_order_among_equals(base)


def _order_among_equals(base: Expr) -> tuple[int, tuple[object, ...]]:
    if isinstance(base, Sym):
        return (0 if base.accent else 1), natural_key(base.name)
    if base.op.name == "alias":
        return 0, ()
    if not base.args:
        return -1, ()
    rank = {"partial": 0, "+": 4, "-": 4, "total": 4}.get(base.op.name, 3)
    return (2 if is_plain_power(base) else rank), ()


def is_plain_power(base: Expr) -> bool:
    """Whether `base` is written as a power: eᵘ, uᵛ, √u."""
    return base.op is e.POW or base.op.name in ("exp", "sqrt")


def natural_key(name: str) -> tuple[object, ...]:
    """The key by which names are sorted: w_9 before w_10."""
    head, _, tail = name.rpartition("_")
    return (head, int(tail)) if tail.isdigit() and head else ("~", 0)
