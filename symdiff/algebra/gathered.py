"""Inner products with adjoints as people write them: (∂L/∂h)ᵀu, the adjoint first, and once for a whole sum.

    uᵀ(∂L/∂h) − (∂L/∂h)ᵀv = (∂L/∂h)ᵀ(u − v)

No derivative is known here.
"""

from __future__ import annotations

from symdiff.algebra.monomials import Monomial
from symdiff.algebra.tidy import monomials, tidy, write, write_sum
from symdiff.expr import operations as a
from symdiff.expr.leaves import Alias
from symdiff.expr.tree import PARTIAL, Expr, postorder, total


def gathered(root: Expr) -> Expr:
    """A sum of inner products with one adjoint as one of them; in any other, adjoints stand first."""
    if root.shape or not any(node.op in (a.DOT, a.INNER) for node in postorder(root)):
        return root
    terms = [_adjoint_first(term) for term in monomials(root)]
    products = [_product_in(term) for term in terms]
    first, *others = products
    if first is None or not others or any(p is None or p.args[0] != first.args[0] for p in others):
        return write_sum(terms)
    inside = total(_without(t, p) for t, p in zip(terms, products, strict=True) if p is not None)
    return tidy(Expr(first.op, first.args[0], tidy(inside)))


def _product_in(term: Monomial) -> Expr | None:
    """The inner product with an adjoint that a term is a multiple of."""
    found = [n for n, power in term.powers.items() if n.op in (a.DOT, a.INNER) and power == 1]
    return found[0] if len(found) == 1 and _has_adjoint(found[0].args[0]) else None


def _without(term: Monomial, product: Expr) -> Expr:
    """What the adjoint is multiplied by in a term."""
    rest = {base: power for base, power in term.powers.items() if base != product}
    return write(Monomial(term.coefficient, rest, term.decimal)) * product.args[1]


def _adjoint_first(term: Monomial) -> Monomial:
    return Monomial(term.coefficient, {_turned(n): p for n, p in term.powers.items()}, term.decimal)


def _turned(node: Expr) -> Expr:
    if node.op in (a.DOT, a.INNER) and _has_adjoint(node.args[1]) and not _has_adjoint(node.args[0]):
        return Expr(node.op, node.args[1], node.args[0])
    return node


def _has_adjoint(node: Expr) -> bool:
    return any(isinstance(n, Alias) or n.op is PARTIAL for n in postorder(node))
