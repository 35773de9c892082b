"""Light algebra where factors are arrays: numbers and scalars leave an operation that is linear.

A sum may lose its widest term, as x + s − x does; what is left is then spread over the shape that the sum
had. No derivative and no tape is known here.
"""

from __future__ import annotations

from symdiff.algebra.identities import rebuilt
from symdiff.algebra.monomials import Monomial
from symdiff.algebra.tidy import monomial, monomials, tidy, write, write_sum
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import is_zero, ones, zeros
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import Expr, Num


def spread(node: Expr, shape: Shape) -> Expr:
    """`node` in a wider shape: 1 as an array of ones, s as s·𝟏."""
    if node.shape == shape:
        return node
    if is_zero(node):
        return zeros(shape)
    return write(Monomial(node.value, {ones(shape): 1})) if isinstance(node, Num) else node * ones(shape)


def of_array(root: Expr) -> Monomial:
    """An operation that is linear in each argument, numbers and scalars taken out of it."""
    if is_zero(root):
        return Monomial(0, {})
    if not root.op.linear:
        return Monomial(1, {root: 1})
    outside, cores = Monomial(1, {}), []
    for arg in root.args:
        factor, core = _factored(arg)
        outside.times(factor, 1)
        cores.append(core)
    if not outside.coefficient:
        return Monomial(0, {})
    node = rebuilt(root.op, cores)
    if node.op in (a.DOT, a.INNER) and _cancels(*node.args):
        node = Expr(a.SUM, node.args[0] * node.args[1])
    if node.op is not root.op or node.args != tuple(cores):
        node = tidy(node)
    outside.times(Monomial(1, {node: 1}) if node.op is root.op else monomial(node), 1)
    return outside


def _cancels(left: Expr, right: Expr) -> bool:
    """Whether a factor of one cancels against the other, as w does in ⟨w, y/w⟩."""
    product = monomial(left * right)
    return len(product.powers) < len(monomial(left).powers) + len(monomial(right).powers) and left != right


def _factored(root: Expr) -> tuple[Monomial, Expr]:
    """The scalar factor of an array, and the array that is left, in the same shape."""
    if not root.shape:
        return monomial(root), e.ONE
    terms = monomials(root)
    if not terms:
        return Monomial(0, {}), root
    if len(terms) > 1:
        return _of_sum(terms, root.shape)
    (term,) = terms
    scalars = {base: power for base, power in term.powers.items() if not base.shape}
    rest = {base: power for base, power in term.powers.items() if base.shape}
    return Monomial(term.coefficient, scalars, term.decimal), spread(write(Monomial(1, rest)), root.shape)


def _of_sum(terms: list[Monomial], shape: Shape) -> tuple[Monomial, Expr]:
    """A sum of several terms: its sign where all are negative, what scalars all of them share.

    The whole of it where it is a scalar.
    """
    common = shared(terms)
    for term in terms:
        term.times(common, -1)
    negative = all(term.coefficient < 0 for term in terms)
    left = write_sum([term.negated() for term in terms] if negative else terms)
    if negative:
        common.coefficient = -common.coefficient
    if not left.shape:
        common.times(Monomial(1, {left: 1}), 1)
        return common, ones(shape)
    return common, spread(left, shape)


def shared(terms: list[Monomial]) -> Monomial:
    """The scalar factor of every term: 2/m of 2u/m − 2v/m.

    A mere number is taken out only where it leaves no other factor behind: 2u/m + 2λv stays as it is.
    """
    first, *others = terms
    size = first.coefficient if first.coefficient > 0 else -first.coefficient
    if any(term.coefficient not in (size, -size) for term in others):
        size = 1
    powers = {
        base: power
        for base, power in first.powers.items()
        if not base.shape and all(term.powers.get(base) == power for term in others)
    }
    bare = all(
        set(term.powers) - set(powers) <= {base for base in term.powers if base.shape} for term in terms
    )
    if not powers and not bare:
        size = 1
    return Monomial(size, powers, first.decimal and size != 1)


def with_shared_factor(root: Expr, terms: list[Monomial]) -> Expr | None:
    """A sum of arrays as its shared scalar factor times the rest; None if there is nothing to share."""
    common = shared(terms)
    if common.coefficient == 1 and not common.powers:
        return None
    for term in terms:
        term.times(common, -1)
    common.times(Monomial(1, {spread(write_sum(terms), root.shape): 1}), 1)
    return write(common)


def cancel_in_sums(term: Monomial) -> None:
    """(u∘p − v∘p)/p as u − v: a factor of every term of a sum of arrays against the denominator."""
    for base in [b for b, p in term.powers.items() if b.shape and p == 1 and b.op in (e.ADD, e.SUB)]:
        for under in [b for b, p in term.powers.items() if p < 0]:
            terms = monomials(base)
            if under in term.powers and all(t.powers.get(under, 0) >= 1 for t in terms):
                del term.powers[base]
                term.times(Monomial(1, {under: 1}), 1)
                term.times(Monomial(1, {_divided(terms, under, base.shape): 1}), 1)
                return


def _divided(terms: list[Monomial], under: Expr, shape: Shape) -> Expr:
    """The sum of `terms`, each without one factor `under`, in the shape of the sum."""
    for part in terms:
        part.times(Monomial(1, {under: 1}), -1)
        if under.shape and not any(base.shape for base in part.powers):
            part.powers[ones(under.shape)] = 1
    return spread(write_sum(terms), shape)
