"""Values of expressions in high precision: real numbers of reasonable size, or a DomainError.

Evaluation uses `Rule.value` of each operation, in a numeric context of its own; no derivative is known
here. Shared subexpressions are computed once, and deep ones without recursion.

Double precision as a numeric context: what the values of the rule table need, from Python's own floats.

Derivatives measured: central differences in as many digits as they need. No rule is known here.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from typing import Any

import mpmath

from symdiff.errors import DomainError, shorten
from symdiff.expr.memory import cached_by_identity
from symdiff.expr.operations import is_array
from symdiff.expr.tree import ALL, Expr, Num, Sym, postorder
from symdiff.rules.table import rule_of

DIGITS = 60
LARGEST_BITS = 3400
"""Values beyond 2^3400, about 10^1000, are refused: 9**9**9**9 must not be attempted."""
Value = Any
Known = Callable[[Expr], Value | None]
"""The value of a node that is not to be computed from its arguments, or None."""


class _Contexts(threading.local):
    """The contexts of one thread, one for each precision: making one binds two hundred functions."""

    def __init__(self) -> None:
        self.of: dict[int, Any] = {}


_CONTEXTS = _Contexts()


def context(digits: int = DIGITS) -> Any:
    """A numeric context of ours with `digits` decimal digits; the caller's mpmath is untouched."""
    m = _CONTEXTS.of.get(digits) or _CONTEXTS.of.setdefault(digits, mpmath.MPContext())
    m.dps = digits  # whatever an interrupted computation left
    return m


def number(m: Any, node: Num) -> Value:
    return m.mpf(node.value.numerator) / node.value.denominator


def checked(m: Any, value: Value, node: Expr) -> Value:
    """`value` if it is made of real numbers of reasonable size; a DomainError that names `node` otherwise."""
    if isinstance(value, m.mpf) and m.mag(value) <= LARGEST_BITS:
        return value
    if hasattr(value, "ravel"):
        for part in value.ravel():
            checked(m, part, node)
        return value
    if isinstance(value, m.mpc) or not m.isfinite(value):
        raise DomainError("no real value", where=shorten(str(node)))
    if value and m.mag(value) > LARGEST_BITS:
        raise DomainError("a value beyond 10^1000", where=shorten(str(node)))
    return value


def looked_up(values: Mapping[Any, Value]) -> Known:
    """The names of a table as known values."""
    return lambda node: values.get(node)


def evaluate(m: Any, root: Expr, values: dict[int, Value], known: Known) -> Value:
    """The value of `root`; `values` keeps those of shared subexpressions, `known` gives the names'."""
    for node in postorder(root, stop=lambda n: id(n) in values):
        if id(node) not in values:
            values[id(node)] = value_of(m, node, values, known)
    return values[id(root)]


def applied(m: Any, node: Expr, args: list[Value]) -> Value:
    """The operation of `node` on values, entry by entry where it is one on numbers and they are arrays."""
    value = rule_of(node).value
    if is_array(node.op) or not any(hasattr(arg, "ravel") for arg in args):
        return value(m, *args)
    from symdiff.rules.array_values import each  # start-up: NumPy is for arrays

    return each(lambda *numbers: value(m, *numbers), *args)


def value_of(m: Any, node: Expr, values: dict[int, Value], known: Known) -> Value:
    """The value of one node whose arguments' values are in `values`."""
    found = known(node)
    if found is not None:
        return found
    if isinstance(node, Num):
        return number(m, node)
    if isinstance(node, Sym):
        raise DomainError(f"no value for {node}")
    if node is ALL:
        return ALL
    try:
        value = applied(m, node, [values[id(arg)] for arg in node.args])
    except (ZeroDivisionError, OverflowError, ValueError):
        raise DomainError("no real value", where=shorten(str(node))) from None
    return checked(m, value, node)


class Program:
    """Expressions of numbers as one list of operations, for their values at many points."""

    def __init__(self, *roots: Expr) -> None:
        places: dict[int, int] = {}
        steps: list[tuple[Expr, Callable[..., Value] | None, tuple[int, ...]]] = []
        for root in roots:
            for node in postorder(root, stop=lambda n: id(n) in places):
                if id(node) not in places:
                    value = rule_of(node).value if node.args else None
                    steps.append((node, value, tuple([places[id(arg)] for arg in node.args])))
                    places[id(node)] = len(places)
        self.steps = tuple(steps)
        self.roots = tuple([places[id(root)] for root in roots])

    def __call__(self, m: Any, known: Mapping[Expr, Value]) -> list[Value]:
        """The values of the expressions where names have those of `known`."""
        values: list[Value] = []
        for node, value, places in self.steps:
            try:
                if value is None:
                    found = known.get(node)
                    values.append(value_of(m, node, {}, known.get) if found is None else found)
                else:
                    values.append(checked(m, value(m, *[values[place] for place in places]), node))
            except (ZeroDivisionError, OverflowError, ValueError):
                raise DomainError("no real value", where=shorten(str(node))) from None
        return [values[root] for root in self.roots]


@cached_by_identity
def program_of(root: Expr) -> Program:
    """The program of an expression, made once."""
    return Program(root)


AGREED = 1e-12
"""Relative difference up to which two values in double precision agree: 12 digits of almost 16."""


class Doubles:
    """The functions of `math` under the names that a row of the table uses."""

    one, zero, mpf, mpc = 1.0, 0.0, float, complex
    isfinite = staticmethod(math.isfinite)

    def __getattr__(self, name: str) -> Any:
        return getattr(math, name)

    def power(self, base: float, exponent: float) -> float:
        """uᵛ, a ValueError where it is not real."""
        return math.pow(base, exponent)

    def mag(self, value: float) -> int:
        """The exponent of two."""
        return math.frexp(value)[1]


def agree(one: float, other: float) -> bool:
    """Whether two numbers agree to 12 digits; what is infinite or not a number agrees with nothing."""
    return abs(one - other) <= AGREED * max(abs(one), abs(other)) < math.inf


MEASURED_IN = (120, 240, 480, 960)
"""Digits in which a derivative is measured, one after the other until two step sizes agree."""


def measure(function: Callable[[Any, Value], Value], at: Value, where: Expr) -> Value:
    """The derivative of `function` at `at`, by central differences, to at least 36 digits.

    Two step sizes must agree; where they do not, or where both see no change at all, digits are added. A
    quotient that goes on shrinking with its step is that of a zero derivative, as of u³ at 0. A DomainError
    says that the derivative could not be measured.
    """
    before = second = None
    for digits in MEASURED_IN:
        m = context(digits)
        at = m.mpf(at)
        step = step_size(m, digits, abs(at))
        before = second
        try:
            first, second = (difference(m, function, at, step / k) for k in (1, 2))
        except DomainError:
            break
        if second and abs(first - second) <= m.mpf(10) ** -36 * abs(second):
            return second
    if second is not None and before is not None and abs(second) <= abs(before) * m.mpf(10) ** -30:
        return m.zero
    raise DomainError("no derivative could be measured", where=shorten(str(where)))


def step_size(m: Any, digits: int, size: Value) -> Value:
    """A step for values of a size: a third of the digits are lost to it, two thirds to rounding."""
    return m.mpf(10) ** (-digits // 3) * max(m.one, size)


def difference(m: Any, function: Callable[[Any, Value], Value], at: Value, step: Value) -> Value:
    return (function(m, at + step) - function(m, at - step)) / (2 * step)
