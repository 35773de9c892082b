"""Light algebra of one line: what a person does silently when writing the next member.

`tidy` multiplies signs and numbers out, drops the factor 1 and the term 0, joins equal factors into
powers and equal terms into multiples, and puts everything over one fraction bar. It never expands a
product, never factors a sum and never uses an identity of functions: `w̄·(−1/w²)` becomes `−w̄/w²`, and
`1 − w²` stays. It knows no derivative and no tape.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from symdiff import expr as e
from symdiff.decimals import Exact, decimal_number, is_decimal
from symdiff.expr import Expr, Num, Sym, substitute, symbols, total
from symdiff.shapes import elementwise

MAX_POWER = 64
"""Numbers are raised to powers up to this one; 9**9**9 stays as it is written."""


@dataclass(slots=True)
class Monomial:
    """coefficient · Π baseᵉ, the bases in order of first appearance; `decimal` if a factor was written so."""

    coefficient: Exact
    powers: dict[Expr, Exact]
    decimal: bool = False

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


def tidy(root: Expr) -> Expr:
    """`root` as a sum of monomials, each in its usual form; the value and its shape are unchanged."""
    result = _write_sum(monomials(root))
    return result if result.shape == root.shape else _spread(result, root)


def without_assuming(root: Expr) -> Expr:
    """`root` tidied as if nothing were known of its names."""
    plain = {s: Sym(s.name, s.accent, s.label, s.seed, s.shape) for s in symbols(root) if s.assume}
    if not plain:
        return tidy(root)
    return substitute(tidy(substitute(root, plain)), {other: own for own, other in plain.items()})


def _spread(result: Expr, root: Expr) -> Expr:
    """`result` in the shape of `root`: x/x is 1 in every entry."""
    from symdiff.leaves import ones, zeros

    return zeros(root.shape) if _is_zero(result) else result * ones(root.shape)


def monomial(root: Expr) -> Monomial:
    """`root` as one monomial; a sum inside it is a factor of its own."""
    if isinstance(root, Num):
        return Monomial(root.value, {}, is_decimal(root))
    if root.op is e.NEG:
        return _product([(root.args[0], 1), (Num(-1), 1)])
    if root.op is e.MUL:
        return _product([(root.args[0], 1), (root.args[1], 1)])
    if root.op is e.DIV and not _is_zero(root.args[1]):
        return _product([(root.args[0], 1), (root.args[1], -1)])
    if root.op is e.POW:
        return _power(root)
    if root.op in (e.ADD, e.SUB):
        return _sum_as_factor(root)
    if root.shape or root.op.linear:
        return _of_array(root)
    return Monomial(1, {root: 1})


def _of_array(root: Expr) -> Monomial:
    """An operation that is linear in each argument, numbers and scalars taken out of it."""
    from symdiff.algebra import rebuilt
    from symdiff.leaves import is_zero

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
    outside.times(Monomial(1, {node: 1}) if node.op is root.op else monomial(node), 1)
    return outside


def _factored(root: Expr) -> tuple[Monomial, Expr]:
    """The scalar factor of an array, and the array that is left."""
    from symdiff.leaves import ones

    if not root.shape:
        return monomial(root), e.ONE
    terms = monomials(root)
    if len(terms) > 1 and all(term.coefficient < 0 for term in terms):
        flipped = [Monomial(-term.coefficient, term.powers, term.decimal) for term in terms]
        return Monomial(-1, {}), _write_sum(flipped)
    if len(terms) != 1:
        return Monomial(int(bool(terms)), {}), _write_sum(terms) if terms else root
    (term,) = terms
    scalars = {base: power for base, power in term.powers.items() if not base.shape}
    rest = {base: power for base, power in term.powers.items() if base.shape}
    core = _write(Monomial(1, rest)) if rest else ones(root.shape)
    core = core if core.shape == root.shape else core * ones(root.shape)
    return Monomial(term.coefficient, scalars, term.decimal), core


def _product(parts: Iterable[tuple[Expr, int]]) -> Monomial:
    result = Monomial(1, {})
    for part, exponent in parts:
        inner = monomial(part)
        if exponent < 0 and inner.coefficient == 0:
            inner = Monomial(1, {part: 1})
        result.times(inner, exponent)
    _join_powers(result)
    _cancel_in_sums(result)
    return result if result.coefficient else Monomial(0, {}, result.decimal)


def _join_powers(term: Monomial) -> None:
    """u·uᵛ⁻¹ as uᵛ, and √u·√u as u."""
    for base, power in list(term.powers.items()):
        if base.op is e.POW and power == 1 and base.args[0] in term.powers:
            whole = term.powers.pop(base.args[0])
            del term.powers[base]
            exponent = tidy(base.args[1] + Num(whole))
            term.powers[Expr(e.POW, base.args[0], exponent)] = 1
        elif base.op.name == "sqrt" and not -1 <= power <= 1:
            del term.powers[base]
            inner = monomial(base.args[0])
            term.times(inner, int(power / 2))
            if power % 2:
                term.powers[base] = 1 if power > 0 else -1


def _cancel_in_sums(term: Monomial) -> None:
    """(u∘p − v∘p)/p as u − v: a factor of every term of a sum of arrays against the denominator."""
    for base in [b for b, p in term.powers.items() if b.shape and p == 1 and b.op in (e.ADD, e.SUB)]:
        for under in [b for b, p in term.powers.items() if p < 0]:
            terms = monomials(base)
            if under in term.powers and all(t.powers.get(under, 0) >= 1 for t in terms):
                for part in terms:
                    part.times(Monomial(1, {under: 1}), -1)
                    if not any(b.shape for b in part.powers):
                        part.powers[_ones(under)] = 1
                del term.powers[base]
                shape = base.shape
                rest = _write_sum(terms)
                whole = rest if rest.shape == shape else _spread(rest, base)
                term.times(Monomial(1, {under: 1}), 1)
                term.times(Monomial(1, {whole: 1}), 1)
                return


def _ones(like: Expr) -> Expr:
    from symdiff.leaves import ones

    return ones(like.shape)


def _power(root: Expr) -> Monomial:
    base, exponent = root.args[0], constant(root.args[1])
    if exponent is None:
        return Monomial(1, {Expr(e.POW, base, tidy(root.args[1])): 1})
    inner = monomial(base)
    if exponent.denominator == 1 and -MAX_POWER <= exponent <= MAX_POWER and inner.coefficient:
        result = Monomial(1, {})
        result.times(inner, int(exponent))
        return result
    return Monomial(1, {root: 1} if isinstance(base, Num) else {base: exponent})


def constant(root: Expr) -> Exact | None:
    """The value of `root` if it is a rational number written out, as 1/2 or −3 are."""
    if isinstance(root, Num):
        return root.value
    if not e.is_constant(root):
        return None
    term = monomial(root)
    return None if term.powers else term.coefficient


def _sum_as_factor(root: Expr) -> Monomial:
    terms = monomials(root)
    if len(terms) == 1:
        return terms[0]
    if terms and all(term.coefficient < 0 for term in terms):
        flipped = [Monomial(-term.coefficient, term.powers, term.decimal) for term in terms]
        return Monomial(-1, {_write_sum(flipped): 1})
    return Monomial(1, {_write_sum(terms): 1}) if terms else Monomial(0, {})


def monomials(root: Expr) -> list[Monomial]:
    """The monomials of the sum `root`, equal ones joined, zeros dropped."""
    found: dict[frozenset[tuple[Expr, Exact]], Monomial] = {}
    for sign, part in _flat(root):
        term = monomial(part)
        key = frozenset(term.powers.items())
        known = found.setdefault(key, Monomial(0, term.powers))
        known.coefficient += sign * term.coefficient
        known.decimal |= term.decimal
    return [term for term in found.values() if term.coefficient]


def _flat(root: Expr) -> list[tuple[int, Expr]]:
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


def _write_sum(terms: list[Monomial]) -> Expr:
    """The sum, a positive term first where there is one."""
    first = next((i for i, term in enumerate(terms) if term.coefficient > 0), 0)
    ordered = [*terms[first : first + 1], *terms[:first], *terms[first + 1 :]]
    if len(ordered) > 12:
        return total(_write(term) for term in ordered)
    result: Expr | None = None
    for term in ordered:
        if result is None:
            result = _write(term)
        elif term.coefficient < 0:
            result = result - _write(Monomial(-term.coefficient, term.powers, term.decimal))
        else:
            result = result + _write(term)
    return e.ZERO if result is None else result


def _write(term: Monomial) -> Expr:
    term = _without_ones(_sign_inside(term))
    positive = term.coefficient if term.coefficient >= 0 else -term.coefficient
    size = decimal_number(positive) if term.decimal else None
    over, under = abs(term.coefficient.numerator), term.coefficient.denominator
    if size is not None:
        over, under = 1 if size.value == 1 else 0, 1
    bases = sorted(term.powers.items(), key=_factor_order)
    top = [_raise(base, power) for base, power in bases if power > 0]
    bottom = [_raise(base, -power) for base, power in bases if power < 0]
    leading = [Num(over) if size is None else size] if over != 1 or not top else []
    numerator = _chain(leading + top)
    if under != 1:
        bottom.insert(0, Num(under))
    result = numerator / _chain(bottom) if bottom else numerator
    if term.coefficient >= 0:
        return result
    return Num(-result.value, f"-{result.text}") if isinstance(result, Num) else -result


def _without_ones(term: Monomial) -> Monomial:
    """𝟏∘x as x: arrays of ones are dropped where another factor has their shape."""
    arrays = [base for base in term.powers if base.shape]
    kept = [base for base in arrays if getattr(base, "what", "") != "ones"]
    if len(kept) == len(arrays) or not kept or elementwise("*", kept) != elementwise("*", arrays):
        return term
    powers = {base: power for base, power in term.powers.items() if not base.shape or base in kept}
    return Monomial(term.coefficient, powers, term.decimal)


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
            flipped = _write_sum([Monomial(-t.coefficient, t.powers, t.decimal) for t in reversed(inner)])
            powers = {flipped if b is base else b: p for b, p in term.powers.items()}
            return Monomial(-term.coefficient, powers, term.decimal)
    return term


def _raise(base: Expr, power: Exact) -> Expr:
    if base.op.notation.kind == "script" and power != 1:
        return Expr(base.op, tidy(Num(power) * base.args[0]))
    return base if power == 1 else base ** Num(power)


def _chain(factors: list[Expr]) -> Expr:
    result = factors[0]
    for factor in factors[1:]:
        result = result * factor
    return result


def _factor_order(item: tuple[Expr, Exact]) -> tuple[bool, int, tuple[object, ...]]:
    """Scalars before arrays; adjoints and tangents, then names (w_i by number), functions, sums."""
    base = item[0]
    return bool(base.shape), *_order_among_equals(base)


def _order_among_equals(base: Expr) -> tuple[int, tuple[object, ...]]:
    if isinstance(base, Sym):
        return (0 if base.accent else 1), _natural(base.name)
    if base.op.name == "alias":
        return 0, ()
    if not base.args:
        return -1, ()
    rank = {"partial": 0, "+": 4, "-": 4, "total": 4}.get(base.op.name, 3)
    return (2 if is_plain_power(base) else rank), ()


def is_plain_power(base: Expr) -> bool:
    """Whether `base` is written as a power: eᵘ, uᵛ, √u."""
    return base.op is e.POW or base.op.name in ("exp", "sqrt")


def _natural(name: str) -> tuple[object, ...]:
    head, _, tail = name.rpartition("_")
    return (head, int(tail)) if tail.isdigit() and head else ("~", 0)


def _is_zero(node: Expr) -> bool:
    return isinstance(node, Num) and node.value == 0
