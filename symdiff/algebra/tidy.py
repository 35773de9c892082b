"""The silent algebra of one line: what a person does without a word when writing the next member.

`tidy` multiplies signs and numbers out, drops the factor 1 and the term 0, joins equal factors into powers
and equal terms into multiples, and puts everything over one fraction bar. It never expands a product,
factors a sum, or uses an identity of functions: w̄·(−1/w²) becomes −w̄/w², and 1 − w² stays.

For arrays, numbers and scalars are taken out of operations that are linear, and one identity of `identities`
is applied to each operation. A sum may lose its widest term, as x + s − x does; the rest is then broadcast
to the shape that the sum had. No derivative and no tape is known here.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from symdiff.algebra.identities import rewritten
from symdiff.algebra.monomials import Monomial, chained, factor_order, signed_terms, without_ones
from symdiff.expr import operations as a
from symdiff.expr import tree as e
from symdiff.expr.leaves import Filled, OneHot, is_zero, ones, zeros
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.numbers import Exact, decimal_number, is_decimal
from symdiff.expr.operations import entry_at
from symdiff.expr.shapes import Shape
from symdiff.expr.tree import Expr, Num, Sym, leaves, substitute, symbols, total


def tidy(root: Expr) -> Expr:
    """`root` as a sum of monomials, each in its usual form; the value and its shape are unchanged."""
    terms = monomials(root)
    if not root.shape:
        return write_sum(terms)
    whole = with_shared_factor(root, terms) if len(terms) > 1 else None
    return spread(write_sum(terms), root.shape) if whole is None else whole


def tidy_without_assumptions(root: Expr) -> Expr:
    """`root` tidied as if the author had assumed nothing of its names."""
    plain: dict[Expr, Expr] = {
        s: Sym(s.name, s.accent, s.label, s.seed, s.shape) for s in symbols(root) if s.assume
    }
    if not plain:
        return tidy(root)
    return substitute(tidy(substitute(root, plain)), {other: own for own, other in plain.items()})


def monomial(root: Expr) -> Monomial:
    """`root` as one monomial; a sum inside it is a factor of its own."""
    if isinstance(root, Num):
        return Monomial(root.value, {}, is_decimal(root))
    if root.op is e.MUL or root.op is e.NEG or (root.op is e.DIV and not _is_zero(root.args[1])):
        return _product(root)
    if root.op is e.POW:
        return _power(root)
    if root.op in (e.ADD, e.SUB):
        return _sum_as_factor(root)
    if root.op in (e.INDEX, a.SLICE, a.GATHER) and is_zero(root.args[0]):
        return Monomial(0, {})
    if root.shape or root.op.linear:
        return of_linear_operation(root)
    return Monomial(1, {root: 1})


MINUS_ONE = Num(-1)


def _product(root: Expr) -> Monomial:
    """A product of products, a·b·c/d, multiplied up from the first factor."""
    others: list[tuple[Expr, int]] = []
    is_array, may_join = bool(root.shape), False
    while root.op is e.MUL or root.op is e.NEG or (root.op is e.DIV and not _is_zero(root.args[1])):
        others.append((MINUS_ONE, 1) if root.op is e.NEG else (root.args[1], -1 if root.op is e.DIV else 1))
        root = root.args[0]
    result = Monomial(1, {})
    others.append((root, 1))
    for part, exponent in reversed(others):
        inner = monomial(part)
        if exponent < 0 and inner.coefficient == 0:
            inner = Monomial(1, {part: 1})
        result.times(inner, exponent)
        # Products may have thousands of factors, of which each is looked at once where that is enough.
        may_join = may_join or any(base.op is e.POW or base.op.name == "sqrt" for base in inner.powers)
        if may_join:
            join_powers(result)
        if is_array:
            cancel_in_sums(result)
            take_entries(result)
        if not result.coefficient:
            result = Monomial(0, {}, result.decimal)
    return result


def take_entries(term: Monomial) -> None:
    """v ⊙ e_y as v_y·e_y, whatever v: a product with a unit vector knows one entry only."""
    hot = next((base for base in term.powers if isinstance(base, OneHot) and len(base.shape) == 1), None)
    if hot is None or term.powers[hot] < 1:
        return
    term.powers[hot] = 1
    for base, power in list(term.powers.items()):
        if base.shape == hot.shape and not isinstance(base, OneHot | Filled):
            del term.powers[base]
            term.times(Monomial(1, {entry_at(base, hot.index): power}), 1)


def _is_zero(node: Expr) -> bool:
    return isinstance(node, Num) and node.value == 0


def join_powers(term: Monomial) -> None:
    """u·uᵛ⁻¹ as uᵛ, √u·√u as u, and √u/u as 1/√u."""
    for base, power in list(term.powers.items()):
        if term.powers.get(base) != power:
            continue  # it has joined another
        if base.op is e.POW and power == 1 and base.args[0] in term.powers:
            whole = term.powers.pop(base.args[0])
            del term.powers[base]
            exponent = tidy(base.args[1] + Num(whole))
            term.powers[Expr(e.POW, base.args[0], exponent)] = 1
        elif base.op.name == "sqrt" and not -1 <= power <= 1:
            del term.powers[base]
            _split_root(term, base, power)
        elif base.op.name == "sqrt" and not base.shape:
            _cancel_root(term, base, power)


def _split_root(term: Monomial, root: Expr, power: Exact) -> None:
    """Multiply by (√u)ᵖ as uᵖᐟ², with √u left over where p is odd: u is not negative, since √u has a value.

    If p is no whole number, uᵖᐟ² stays one power of u: u may be a product of negative numbers.
    """
    if power.denominator != 1:
        term.times(Monomial(1, {root.args[0]: power / Fraction(2)}), 1)
        return
    term.times(monomial(root.args[0]), int(power / 2))
    if power % 2:
        term.powers[root] = 1 if power > 0 else -1


def _cancel_root(term: Monomial, root: Expr, power: Exact) -> None:
    """√u/u as 1/√u, and u/√u as √u."""
    inner = monomial(root.args[0])
    against = (-power * term.powers.get(base, 0) >= exponent > 0 for base, exponent in inner.powers.items())
    if abs(power) == 1 and inner.powers and all(against):
        term.times(inner, int(power))
        term.powers[root] = -power


MAX_POWER = 64
"""Numbers are raised to powers up to this one; 9**9**9 stays as it is written."""


def _power(root: Expr) -> Monomial:
    base, exponent = root.args[0], _exponent(root.args[1])
    if isinstance(exponent, Expr):
        return Monomial(1, {Expr(e.POW, base, exponent): 1})
    inner = monomial(base)
    if exponent.denominator == 1 and -MAX_POWER <= exponent <= MAX_POWER and inner.coefficient:
        result = Monomial(1, {})
        result.times(inner, int(exponent))
        return result
    return Monomial(1, {root: 1} if isinstance(base, Num) else {base: exponent})


def _exponent(root: Expr) -> Exact | Expr:
    """`root` as a number if it is one, else tidied."""
    if isinstance(root, Num):
        return root.value
    floors = [root]
    while floors[-1].op is e.POW:
        floors.append(floors[-1].args[1])
    for floor in reversed(floors[1:]):
        _other_exponent(floor)  # the highest first, so that a tower needs no recursion
    return _other_exponent(root)


@cached_by_identity
def _other_exponent(root: Expr) -> Exact | Expr:
    """The number and the tidied form come of one walk, done once.

    In a tower of powers each floor would double the work, and its derivatives hold every exponent many times.
    """
    if root.shape:
        return tidy(root)
    terms = monomials(root)
    if any(term.powers for term in terms):
        return write_sum(terms)
    return terms[0].coefficient if terms else 0


def constant(root: Expr) -> Exact | None:
    """The value of `root` if it is a rational number written out, as 1/2 or −3 are."""
    if isinstance(root, Num):
        return root.value
    if not e.is_constant(root):
        return None
    term = monomial(root)
    return None if term.powers else term.coefficient


def _sum_as_factor(root: Expr) -> Monomial:
    """A sum as one monomial."""
    coefficient, powers, decimal = _sum_as_powers(root)
    return Monomial(coefficient, dict(powers), decimal)


# A monomial that cannot be changed, for the caches.
Powers = tuple[Exact, tuple[tuple[Expr, Exact], ...], bool]


@cached_by_identity
def _sum_as_powers(root: Expr) -> Powers:
    """A sum as a factor: its number, its powers, whether it is a decimal.

    It is computed once, since 1 − w² comes again and again: for this object, and for any equal sum.
    """
    # Equal sums may differ in how a number is written, 0.5 and 1/2: then the shared cache is passed by.
    as_written = any(isinstance(leaf, Num) and leaf.text != str(leaf.value) for leaf in leaves(root))
    return (_factored.__wrapped__ if as_written else _factored)(root)


@lru_cache(maxsize=4096)
def _factored(root: Expr) -> Powers:
    terms = monomials(root)
    if len(terms) == 1:
        return terms[0].coefficient, tuple(terms[0].powers.items()), terms[0].decimal
    if terms and all(term.coefficient < 0 for term in terms):
        return -1, ((write_sum([term.negated() for term in terms]), 1),), False
    return (1, ((write_sum(terms), 1),), False) if terms else (0, (), False)


def monomials(root: Expr) -> list[Monomial]:
    """The monomials of the sum `root`, equal ones joined, zeros dropped."""
    found: dict[frozenset[tuple[Expr, Exact]], Monomial] = {}
    for sign, part in signed_terms(root):
        term = monomial(part)
        key = frozenset(term.powers.items())
        known = found.setdefault(key, Monomial(0, term.powers))
        known.coefficient += sign * term.coefficient
        known.decimal |= term.decimal
    return [term for term in found.values() if term.coefficient]


LONGEST_SUM = 12
"""Terms above which a sum is one n-ary operation."""


def write_sum(terms: list[Monomial]) -> Expr:
    """The sum, a positive term first where there is one."""
    first = next((i for i, term in enumerate(terms) if term.coefficient > 0), 0)
    ordered = [*terms[first : first + 1], *terms[:first], *terms[first + 1 :]]
    if len(ordered) > LONGEST_SUM:
        return total((write(term) for term in ordered), LONGEST_SUM)
    result: Expr | None = None
    for term in ordered:
        if result is None:
            result = write(term)
        elif term.coefficient < 0:
            result = result - write(term.negated())
        else:
            result = result + write(term)
    return e.ZERO if result is None else result


def write(term: Monomial) -> Expr:
    """One monomial in its usual form: sign, number, factors in order, over one fraction bar."""
    term = without_ones(_sign_inside(term))
    positive = term.coefficient if term.coefficient >= 0 else -term.coefficient
    size = decimal_number(positive) if term.decimal else None
    over, under = abs(term.coefficient.numerator), term.coefficient.denominator
    if size is not None:
        over, under = 1 if size.value == 1 else 0, 1
    bases = sorted(term.powers.items(), key=factor_order)
    top = [_raise(base, power) for base, power in bases if power > 0]
    bottom = [_raise(base, -power) for base, power in bases if power < 0]
    leading = [Num(over) if size is None else size] if over != 1 or not top else []
    numerator = chained(leading + top)
    if under != 1:
        bottom.insert(0, Num(under))
    result = numerator / chained(bottom) if bottom else numerator
    if term.coefficient >= 0:
        return result
    return Num(-result.value, f"-{result.text}") if isinstance(result, Num) else -result


def _sign_inside(term: Monomial) -> Monomial:
    """−(u − 1)·… as (1 − u)·…: a sign moves into a sum that has more minus signs than plus."""
    if term.coefficient > 0:
        return term
    for base, power in term.powers.items():
        if base.op not in (e.ADD, e.SUB) or abs(power) != 1:
            continue
        inner = monomials(base)
        minus = sum(t.coefficient < 0 for t in inner)
        if 2 * minus > len(inner) or (len(inner) == 2 and minus == 1 and not inner[1].powers):
            flipped = write_sum([t.negated() for t in reversed(inner)])
            powers = {flipped if b is base else b: p for b, p in term.powers.items()}
            return Monomial(-term.coefficient, powers, term.decimal)
    return term


def _raise(base: Expr, power: Exact) -> Expr:
    if base.op.notation.kind == "script" and power != 1:
        return Expr(base.op, tidy(Num(power) * base.args[0]))
    return base if power == 1 else base ** Num(power)


def spread(node: Expr, shape: Shape) -> Expr:
    """`node` broadcast to a wider shape: 1 as an array of ones, s as s·𝟏."""
    if node.shape == shape:
        return node
    if is_zero(node):
        return zeros(shape)
    return write(Monomial(node.value, {ones(shape): 1})) if isinstance(node, Num) else node * ones(shape)


def of_linear_operation(root: Expr) -> Monomial:
    """An operation on arrays as a monomial: of one linear in each argument, scalar factors are taken out."""
    if is_zero(root):
        return Monomial(0, {})
    if not root.op.linear:
        return Monomial(1, {root: 1})
    outside, cores = Monomial(1, {}), []
    for arg in root.args:
        factor, core = _factored_array(arg)
        outside.times(factor, 1)
        cores.append(core)
    if not outside.coefficient:
        return Monomial(0, {})
    node = rewritten(root.op, cores)
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


def _factored_array(root: Expr) -> tuple[Monomial, Expr]:
    """The scalar factor of an array, and the array that is left, in the same shape."""
    if not root.shape:
        return monomial(root), e.ONE
    terms = monomials(root)
    if not terms:
        return Monomial(0, {}), root
    if len(terms) > 1:
        return _factored_sum(terms, root.shape)
    (term,) = terms
    scalars = {base: power for base, power in term.powers.items() if not base.shape}
    rest = {base: power for base, power in term.powers.items() if base.shape}
    return Monomial(term.coefficient, scalars, term.decimal), spread(write(Monomial(1, rest)), root.shape)


def _factored_sum(terms: list[Monomial], shape: Shape) -> tuple[Monomial, Expr]:
    """A sum of several terms as its shared scalar factor, −1 included, and the array that is left.

    A scalar that was only broadcast to `shape` is a factor as a whole.
    """
    common = shared_factor(terms)
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


def shared_factor(terms: list[Monomial]) -> Monomial:
    """The scalar factor that all terms share: 2/m of 2u/m − 2v/m.

    A number alone is taken out only if no other scalar stays behind: 2u/m + 2λv stays as it is.
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
    common = shared_factor(terms)
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
