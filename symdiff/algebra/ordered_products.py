"""Products and sums of factors that need not commute, as they occur in derivatives along several paths.

A term is a tuple of factors: numbers, vectors and matrices, in order. Common factors are taken out in front,
names of numbers become powers, inner products with adjoints are written with the adjoint first and once for
a whole sum. No derivative is known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from symdiff.algebra.monomials import Monomial
from symdiff.algebra.tidy import monomials, tidy, write, write_sum
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import Alias, Filled, eye
from symdiff.expr.operations import inner
from symdiff.expr.tree import ONE, PARTIAL, Expr, Num, Sym, postorder, symbols, total

Term = tuple[Expr, ...]
"""Factors in order; the empty one is the identity."""


def factors(node: Expr) -> Term:
    """The factors of a product, in order."""
    if node.op is e.MATMUL or (node.op is e.MUL and (not node.args[0].shape or not node.args[1].shape)):
        return factors(node.args[0]) + factors(node.args[1])
    if node.op is e.NEG:
        return (Num(-1), *factors(node.args[0]))
    return () if node == ONE else (node,)


def product(term: Sequence[Expr]) -> Expr:
    """The product of factors; of none, 1."""
    signs = sum(1 for factor in term if factor == Num(-1))
    rest = _powers(without_identities([factor for factor in term if factor not in (Num(-1), ONE)]))
    found = rest[0] if rest else ONE
    for factor in rest[1:]:
        if not found.shape or not factor.shape:
            found = found * factor
        elif len(found.shape) == 1 and len(factor.shape) == 1:
            found = inner(found, factor)
        else:
            found = found @ factor
    return -found if signs % 2 else found


def _powers(term: list[Expr]) -> list[Expr]:
    """x·y·x as x²·y; only names of numbers are joined."""
    count = Counter(factor for factor in term if isinstance(factor, Sym) and not factor.shape)
    joined = {name: name**times for name, times in count.items() if times > 1}
    kept = [f for i, f in enumerate(term) if f not in joined or f not in term[:i]]
    return [joined.get(factor, factor) if isinstance(factor, Sym) else factor for factor in kept]


def without_identities(term: list[Expr]) -> list[Expr]:
    """The factors without identity matrices, if there are other arrays."""
    arrays = [factor for factor in term if factor.shape and not is_identity(factor)]
    return [factor for factor in term if not is_identity(factor)] if arrays else term


def is_identity(node: Expr) -> bool:
    return isinstance(node, Filled) and node.what == "eye"


def flattened(node: Expr) -> Expr:
    """a·(b·c) as a·b·c, everywhere."""
    if not node.args:
        return node
    found = Expr(node.op, *map(flattened, node.args))
    return product(factors(found)) if found.op is e.MUL and not found.shape else found


def own_factors_first(node: Expr, own: Sym) -> Expr:
    """A product of numbers, factors with the name `own` of the step first: f·(1 − f)·x, (1 − h²)·W."""

    def place(factor: Expr) -> tuple[bool, bool]:
        is_name = isinstance(factor, Sym)
        of_step = own in symbols(factor)
        return not of_step, is_name != of_step

    return node if node.shape else product(sorted(factors(node), key=place))


def sum_of_products(terms: Sequence[Term]) -> Expr:
    """The sum of products, common factors in front: matrices that stand leftmost in all, numbers anywhere."""
    lists = [list(term) for term in terms]
    common: list[Expr] = []
    if len(lists) > 1:
        for factor in lists[0][:]:
            places = [_place(factor, other) for other in lists]
            if any(place is None for place in places):
                if factor.shape:
                    break
                continue
            for other in lists:
                other.remove(factor)
            common.append(factor)
    return product((*common, signed_sum([_with_identity(rest, terms[i]) for i, rest in enumerate(lists)])))


def _place(factor: Expr, term: list[Expr]) -> int | None:
    """Where a factor can be taken out on the left: a number anywhere, a matrix in front of all others."""
    if factor not in term:
        return None
    place = term.index(factor)
    return place if not factor.shape or not any(other.shape for other in term[:place]) else None


def _with_identity(rest: list[Expr], term: Term) -> Expr:
    """What is left of a product after factors were taken out; the identity matrix if nothing is."""
    if any(factor.shape for factor in rest) or not any(factor.shape for factor in term):
        return product(tuple(rest))
    columns = next(factor for factor in reversed(term) if factor.shape).shape
    unit = eye(columns[-1]) if len(columns) == 2 else ONE
    return product((*rest, unit)) if len(columns) == 2 else product(tuple(rest))


def signed_sum(parts: Sequence[Expr]) -> Expr:
    """The sum of `parts`, a negated one subtracted."""
    found = parts[0]
    for part in parts[1:]:
        found = found - part.args[0] if part.op is e.NEG else found + part
    return found


def collect_adjoint(root: Expr) -> Expr:
    """uᵀ(∂L/∂h) − (∂L/∂h)ᵀv as (∂L/∂h)ᵀ(u − v): a sum of inner products with one adjoint as a single one.

    In any other sum of inner products the adjoints are put first.
    """
    if root.shape or not any(node.op in (a.DOT, a.INNER) for node in postorder(root)):
        return root
    terms = [_adjoint_first(term) for term in monomials(root)]
    products = [_adjoint_product(term) for term in terms]
    first, *others = products
    if first is None or not others or any(p is None or p.args[0] != first.args[0] for p in others):
        return write_sum(terms)
    inside = total(_without(t, p) for t, p in zip(terms, products, strict=True) if p is not None)
    return tidy(Expr(first.op, first.args[0], tidy(inside)))


def _adjoint_product(term: Monomial) -> Expr | None:
    """The inner product with an adjoint, if it is the only inner product in a term."""
    found = [n for n, power in term.powers.items() if n.op in (a.DOT, a.INNER) and power == 1]
    return found[0] if len(found) == 1 and _has_adjoint(found[0].args[0]) else None


def _without(term: Monomial, product: Expr) -> Expr:
    """The other side of a term's inner product with an adjoint, the term's other factors included."""
    rest = {base: power for base, power in term.powers.items() if base != product}
    return write(Monomial(term.coefficient, rest, term.decimal)) * product.args[1]


def _adjoint_first(term: Monomial) -> Monomial:
    return Monomial(term.coefficient, {_swapped(n): p for n, p in term.powers.items()}, term.decimal)


def _swapped(node: Expr) -> Expr:
    if node.op in (a.DOT, a.INNER) and _has_adjoint(node.args[1]) and not _has_adjoint(node.args[0]):
        return Expr(node.op, node.args[1], node.args[0])
    return node


def _has_adjoint(node: Expr) -> bool:
    return any(isinstance(n, Alias) or n.op is PARTIAL for n in postorder(node))
