"""Balls: real numbers enclosed, m ± r, in FLINT's arithmetic. What a ball says of a number is certain.

A `Balls` is a numeric context of so many bits: the functions by which the rows of the rule table give values.
Its numbers are balls (`arb`), exact fractions (`fmpq`) as long as operations keep them rational, and jets.
A comparison that a ball does not decide raises `Undecided`: no branch is taken on a guess.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import partial, reduce
from itertools import combinations
from operator import add, mul
from typing import Any, Self

import flint
from flint import arb, arb_mat, arb_series, fmpq, fmpq_mat

from symdiff.errors import DomainError, UndecidedError
from symdiff.proof.jets import Jet, through, total

BITS, MOST_BITS = 200, 2**15
"""Bits at first, and the most that are tried before a statement is called undecided."""
ZERO_BITS = 3200
"""Bits in which a value that may be zero is looked at."""
LARGEST_EXPONENT = 3400
"""Values beyond 2^3400, about 10^1000, are refused."""
TALLEST = 4096
"""Bits of a numerator or denominator above which a fraction becomes a ball."""
LARGE = 400
"""Products of entries from which matrices are multiplied by FLINT."""
Number = Any
"""A ball, an exact fraction or a jet."""


class Undecided(UndecidedError):  # noqa: N818 - an answer that has to be asked for again, not a fault
    """More bits are needed to say which of two things holds."""

    def __init__(self) -> None:
        super().__init__("a value that is not told from a kink", way_out="choose another point")


# FLINT's working precision is one for the whole process, so that one thread computes at a time.
_LOCK = threading.RLock()


class Balls:
    """Arithmetic in so many bits; with `exact`, fractions stay fractions through rational operations."""

    def __init__(self, bits: int = BITS, exact: bool = False) -> None:
        self.bits, self.exact = bits, exact
        self._before: list[int] = []
        self.one, self.zero = self.number(1), self.number(0)

    def __enter__(self) -> Self:
        """Set FLINT's precision; calls may be nested."""
        _LOCK.acquire()
        self._before.append(flint.ctx.prec)
        flint.ctx.prec = self.bits
        return self

    def __exit__(self, *_: object) -> None:
        flint.ctx.prec = self._before.pop()
        _LOCK.release()

    def __getattr__(self, name: str) -> Callable[[Number], Number]:
        """Any other function that FLINT has for balls and for power series, as `erfc`, for new rows."""
        if not (hasattr(arb, name) and hasattr(arb_series, name)):
            raise AttributeError(f"no function {name!r} of numbers here; write it with those there are")
        return partial(_function(name, _own(name)), self)

    @property
    def sharper(self) -> Balls:
        """The same with twice the bits.

        Raises:
            Undecided: that is more than is tried.
        """
        if 2 * self.bits > MOST_BITS:
            raise Undecided
        return Balls(2 * self.bits, self.exact)

    def number(self, value: int | Fraction) -> Number:
        """An exact number: a fraction, or a ball around it."""
        fraction = fmpq(value.numerator, value.denominator)
        if self.exact:
            return fraction
        if flint.ctx.prec == self.bits:
            return arb(fraction)
        with self:  # a ball is rounded to the precision at work
            return arb(fraction)

    @property
    def pi(self) -> Number:
        return arb.pi()

    @property
    def e(self) -> Number:
        return arb.const_e()

    def fsum(self, terms: Iterable[Number]) -> Number:
        found = terms if isinstance(terms, (list, tuple)) else list(terms)
        if not found:
            return self.zero
        if any(type(term) is Jet for term in found):
            return total(list(found))
        return reduce(add, found)

    def fdot(self, one: Sequence[Number], other: Sequence[Number]) -> Number:
        return self.fsum(list(map(mul, one, other)))

    def product(self, rows: Sequence[Sequence[Number]], columns: Sequence[Sequence[Number]]) -> list[Number]:
        """The entries of a matrix product, row by row; `columns` are those of the right factor."""
        if (
            len(rows) * len(columns) * len(rows[0]) >= LARGE
            and not _have_jets(rows)
            and not _have_jets(columns)
        ):
            return (arb_mat(rows) * arb_mat(columns).transpose()).entries()
        return [self.fdot(row, column) for row in rows for column in columns]

    def power(self, base: Number, exponent: Number) -> Number:
        """uᵛ; for a u below zero only where v is a whole number."""
        if type(exponent) is Jet or type(base) is Jet:
            return through(self.power, base, exponent)
        whole = _whole(exponent)
        if whole is not None:
            return _whole_power(base, whole)
        if type(exponent) in (arb, fmpq) and type(base) in (arb, fmpq):
            return arb(base) ** arb(exponent)
        return (
            exponent * (arb(base) if type(base) is fmpq else base).log()
        ).exp()  # one of them is a power series

    def atan2(self, y: Number, x: Number) -> Number:
        """The angle of (x, y) in (−π, π]; there is none at the origin, and no slope where x < 0 = y.

        Raises:
            DomainError: there is none.
        """
        if type(y) is Jet or type(x) is Jet:
            return through(self.atan2, y, x)
        if arb_series in (type(y), type(x)):
            return _angle(self, y, x)
        if y == 0 and x == 0:
            raise DomainError("no angle at the origin")
        return arb.atan2(arb(y), arb(x))

    def loggamma(self, u: Number) -> Number:
        """ln Γ of a positive number."""
        return self.lgamma(u)

    def polygamma(self, order: int, u: Number) -> Number:
        """ψ of this order, from FLINT's power series of ln |Γ|."""
        if type(u) is Jet:
            return through(partial(self.polygamma, order), u)
        if type(u) is not arb_series:
            return _derivative_of_lgamma(arb(u), order + 1)
        slope = _derivative_of_lgamma(arb(u[0]), order + 2) * u[1]
        return arb_series([_derivative_of_lgamma(arb(u[0]), order + 1), slope], prec=2)

    def sign(self, value: Number) -> Number:
        """1, 0 or −1; in 3,200 bits a ball around 0 narrower than 10⁻⁷⁵⁰ is 0, as sin(π) is.

        Raises:
            Undecided: the ball holds 0 and other numbers.
        """
        real = value.value if type(value) is Jet else value
        if real > 0:
            return self.one
        if real < 0:
            return -self.one
        if real == 0 or (self.bits >= ZERO_BITS and abs(real) < _NOTHING):
            return self.zero
        raise Undecided

    def absolute(self, value: Number) -> Number:
        return value * self.sign(value)

    def positive(self, value: Number) -> Number:
        """1[u > 0]."""
        return self.one if self.sign(value) == 1 else self.zero

    def greater(self, one: Number, other: Number) -> Number:
        """1[u > v], one half where they are equal."""
        return (self.sign(one - other) + 1) / self.number(2)

    def seems_positive(self, value: Number) -> bool:
        """Whether the middle of a ball is positive: to choose between two ways to compute the same."""
        return bool(middle(value) > 0)

    def largest(self, values: Sequence[Number]) -> Number:
        """A value that is the largest, or nearly: to choose between ways to compute the same."""
        found = values[0]
        for value in values[1:]:
            if middle(value) > middle(found):
                found = value
        return found

    def sqrt(self, value: Number) -> Number:
        if type(value) is Jet:
            return through(self.sqrt, value)
        return _root(value) if type(value) is fmpq else value.sqrt()

    def integer(self, value: Number) -> int:
        """An exact whole number as Python's."""
        found = _whole(value)
        assert found is not None
        return found

    def det(self, rows: list[list[Number]]) -> Number:
        if _have_jets(rows):
            return _expanded(self, rows)
        return fmpq_mat(rows).det() if _are_fractions(rows) else arb_mat(rows).det()

    def inverse(self, rows: list[list[Number]]) -> list[Number]:
        """The entries of the inverse, row by row.

        Raises:
            ZeroDivisionError: the matrix is singular.
            Undecided: more bits are needed to say whether it is.
        """
        if _have_jets(rows):
            return _eliminated(self, rows)
        if _are_fractions(rows):
            return fmpq_mat(rows).inv().entries()
        try:
            return arb_mat(rows).inv().entries()
        except ZeroDivisionError:
            if all(arb(x).is_exact() for row in rows for x in row) and _exact_matrix(rows).det() == 0:
                raise
            raise Undecided from None

    def checked(self, value: Number) -> Number:
        """`value` where it is a real number of reasonable size.

        Raises:
            DomainError: it is not finite, or beyond 10^1000.
        """
        kind = type(value)
        if kind is arb:
            if not value.is_finite():
                raise DomainError("no real value")
            if not -_LARGEST < value < _LARGEST:
                raise DomainError("a value beyond 10^1000")
            return value
        if kind is fmpq:
            return value if value.height_bits() <= TALLEST else arb(value)
        if kind is Jet:
            return Jet(self.checked(value.value), value.slopes)
        if hasattr(value, "entries"):
            entries = value.entries
            for place, entry in enumerate(entries):
                found = self.checked(entry)
                if found is not entry:
                    entries[place] = found
            return value
        return value


_NOTHING = arb(2) ** -2500
_LARGEST = arb(2) ** LARGEST_EXPONENT


def _function(name: str, series: Callable[[Any], Any]) -> Callable[[Balls, Number], Number]:
    """The function of a ball by FLINT; `series` says what it is of a power series."""

    def value(self: Balls, u: Number) -> Number:
        kind = type(u)
        if kind is arb:
            return getattr(u, name)()
        if kind is fmpq:
            return getattr(arb(u), name)()
        if kind is Jet:
            return through(lambda v: value(self, v), u)
        return series(u)

    value.__name__ = name
    return value


def _own(name: str) -> Callable[[Any], Any]:
    return lambda u: getattr(u, name)()


def _tanh(u: Any) -> Any:
    """(1 − e^{−2u})/(1 + e^{−2u}), mirrored below zero, where that would overflow."""
    if u[0] < 0:
        return -_tanh(-u)
    power = (-2 * u).exp()
    return (1 - power) / (1 + power)


def _sinh(u: Any) -> Any:
    return (u.exp() - (-u).exp()) / 2


def _cosh(u: Any) -> Any:
    return (u.exp() + (-u).exp()) / 2


def _asinh(u: Any) -> Any:
    """ln(u + √(u² + 1)), mirrored below zero, where that would cancel."""
    if u[0] < 0:
        return -_asinh(-u)
    return (u + (u * u + 1).sqrt()).log()


def _acosh(u: Any) -> Any:
    return (u + (u * u - 1).sqrt()).log()


def _atanh(u: Any) -> Any:
    return ((1 + u) / (1 - u)).log() / 2


def _log1p(u: Any) -> Any:
    return (1 + u).log()


_SERIES: dict[str, Callable[[Any], Any]] = {
    **{name: _own(name) for name in ("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "erf")},
    "cot": lambda u: u.cos() / u.sin(),
    "sec": lambda u: 1 / u.cos(),
    "csc": lambda u: 1 / u.sin(),
    "tanh": _tanh,
    "sinh": _sinh,
    "cosh": _cosh,
    "asinh": _asinh,
    "acosh": _acosh,
    "atanh": _atanh,
    "log1p": _log1p,
}
"""Of a power series: by FLINT, or by the definition in exp, log and sqrt."""
for _name, _of_series in _SERIES.items():
    setattr(Balls, _name, _function(_name, _of_series))


def _derivative_of_lgamma(at: arb, order: int) -> arb:
    """The derivative of ln |Γ| of this order; below zero by Γ(u)·Γ(1 − u) = π/sin πu."""
    u = arb_series([at, 1], prec=order + 1)
    if at > 0:
        found = u.lgamma()
    else:
        sine = (u * arb.pi()).sin()
        found = -(sine if sine[0] > 0 else -sine).log() - (1 - u).lgamma()
    return found[order] * math.factorial(order)


def _angle(m: Balls, y: Any, x: Any) -> Any:
    """atan2 where one of its arguments is a power series: by the quotient whose denominator is larger."""
    above, right = ((u[0] if type(u) is arb_series else u) for u in (y, x))
    if abs(arb(above)).mid() > abs(arb(right)).mid():
        return m.sign(above) * arb.pi() / 2 - _series_atan(x, y)
    turn = m.zero if m.sign(right) == 1 else m.sign(above) * arb.pi()
    if m.sign(right) == 0 or (m.sign(right) == -1 and m.sign(above) == 0):
        raise DomainError("no finite slope")
    return _series_atan(y, x) + turn


def _series_atan(over: Any, under: Any) -> Any:
    return (over * (1 / under)).atan()


def middle(value: Number) -> Any:
    """The middle of a ball, a fraction itself: for choices that change no result."""
    real = value.value if type(value) is Jet else value
    return real.mid() if type(real) is arb else real


def _whole(value: Number) -> int | None:
    """An exact whole number as such."""
    if type(value) is fmpq:
        return int(value.p) if value.q == 1 else None
    whole = value.unique_fmpz() if type(value) is arb and value.is_exact() else None
    return None if whole is None else int(whole)


def _whole_power(base: Number, exponent: int) -> Number:
    if type(base) is fmpq:
        if abs(exponent) * base.height_bits() > TALLEST:
            return arb(base) ** exponent
        return base**exponent
    if exponent < 0:
        return 1 / base**-exponent
    return base**exponent


def _root(value: Any) -> Number:
    """√ of a fraction: exact where numerator and denominator are squares."""
    if value >= 0:
        over, under = value.p.isqrt(), value.q.isqrt()
        if over * over == value.p and under * under == value.q:
            return fmpq(over, under)
    return arb(value).sqrt()


def _have_jets(rows: Iterable[Sequence[Number]]) -> bool:
    return any(type(entry) is Jet for row in rows for entry in row)


def _are_fractions(rows: Sequence[Sequence[Number]]) -> bool:
    return all(type(entry) is fmpq for row in rows for entry in row)


def _exact_matrix(rows: Sequence[Sequence[Number]]) -> Any:
    return fmpq_mat([[arb(entry).fmpq() if type(entry) is arb else entry for entry in row] for row in rows])


def _expanded(m: Balls, rows: list[list[Number]]) -> Number:
    """The determinant of a matrix of jets, row after row, without division: it may be singular.

    `minors` has the determinant of the last rows on each choice of columns.
    """
    size = len(rows)
    minors: dict[tuple[int, ...], Number] = {(): m.one}
    for at in reversed(range(size)):
        found = {}
        for columns in combinations(range(size), size - at):
            terms = [rows[at][j] * minors[columns[:i] + columns[i + 1 :]] for i, j in enumerate(columns)]
            found[columns] = m.fsum([-term if i % 2 else term for i, term in enumerate(terms)])
        minors = found
    return minors[tuple(range(size))]


def _eliminated(m: Balls, rows: list[list[Number]]) -> list[Number]:
    """The entries of the inverse of a matrix of jets, by Gauss's elimination.

    Raises:
        Undecided: no pivot is told from zero.
    """
    size = len(rows)
    table = [[*row, *(m.one if i == j else m.zero for j in range(size))] for i, row in enumerate(rows)]
    for at in range(size):
        pivot = max(range(at, size), key=lambda i: _distance(table[i][at]))
        if pivot != at:
            table[at], table[pivot] = table[pivot], table[at]
        first = table[at][at]
        m.sign(first)
        table[at] = [entry / first for entry in table[at]]
        for i in range(size):
            if i != at:
                factor = table[i][at]
                table[i] = [a - factor * b for a, b in zip(table[i], table[at], strict=True)]
    return [entry for row in table for entry in row[size:]]


def _distance(value: Number) -> Any:
    return abs(middle(value))


TINIEST = 10_000
"""Values below 2^-10000 are given by their sign: no computer holds e^(−10⁴⁰) as a fraction."""


def bounds(value: Number) -> tuple[Fraction, Fraction]:
    """The ends of a ball as exact fractions; of one below 2^-10000 a number of its sign, as small as that."""
    if type(value) is fmpq:
        exact = Fraction(int(value.p), int(value.q))
        return exact, exact
    if abs(value) < _SMALL:
        tiny = Fraction(1, 2**TINIEST)
        if value.contains(0):
            return (-tiny, tiny) if not value.is_zero() else (Fraction(0), Fraction(0))
        return (tiny, tiny) if value > 0 else (-tiny, -tiny)
    centre, radius = _dyadic(value.mid()), _dyadic(value.rad())
    return centre - radius, centre + radius


_SMALL = arb(2) ** -TINIEST


def _dyadic(value: Any) -> Fraction:
    """A ball's middle or radius as a fraction; a radius below 2^-20000 is that at most."""
    mantissa, exponent = value.man_exp()
    whole, power = int(mantissa), int(exponent)
    if power + whole.bit_length() < -2 * TINIEST:
        return Fraction(int(whole > 0), 2 ** (2 * TINIEST))
    return Fraction(whole) * Fraction(2) ** power


def may_be_zero(value: Number) -> bool:
    """Whether a ball holds 0 and other numbers."""
    return type(value) is arb and bool(value.contains(0)) and not value.is_zero()


def double(value: Number) -> float:
    """A value in double precision; what is not told from zero is 0."""
    low, high = bounds(value)
    if low <= 0 <= high:
        return 0.0
    try:
        return float((low + high) / 2)
    except OverflowError:
        return math.inf if low > 0 else -math.inf


def text(value: Number, digits: int) -> str:
    """A value in so many digits, for messages."""
    return str(arb(value).str(digits, radius=False))
