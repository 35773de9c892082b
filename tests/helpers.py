"""Other routes to the same mathematics: texts evaluated by mpmath, slopes by SymPy and by differences.

Nothing here uses the package's table, parser or model: an expression of the package is first written
as text, which Python then reads on its own.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import mpmath
import sympy
from flint import arb, fmpq

DIGITS = 50


class Numbers(mpmath.MPContext):  # type: ignore[misc]
    """mpmath's numbers, with the few further functions that the value of a row asks of its context."""

    def number(self, value: Any) -> Any:
        return self.mpf(value.numerator) / value.denominator

    def seems_positive(self, u: Any) -> bool:
        return bool(u > 0)

    def positive(self, u: Any) -> Any:
        return self.mpf(bool(u > 0))

    def greater(self, u: Any, v: Any) -> Any:
        return self.mpf(1) if u > v else self.mpf(0) if u < v else self.mpf(1) / 2

    def absolute(self, u: Any) -> Any:
        return abs(u)

    def largest(self, values: Sequence[Any]) -> Any:
        return max(values)

    def product(self, rows: Sequence[Sequence[Any]], columns: Sequence[Sequence[Any]]) -> list[Any]:
        return [self.fdot(row, column) for row in rows for column in columns]


M = Numbers()
M.dps = DIGITS


def _sigmoid(u: Any) -> Any:
    return 1 / (1 + M.exp(-u))


FUNCTIONS: dict[str, Any] = {
    **{
        n: getattr(M, n)
        for n in ["exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"]
    },
    **{n: getattr(M, n) for n in ["asinh", "acosh", "atanh", "erf", "sign"]},
    "sigmoid": _sigmoid,
    "softplus": lambda u: M.log(1 + M.exp(u)),
    "relu": lambda u: u if u > 0 else M.zero,
    "abs": abs,
    "max": max,
    "min": min,
    **{n: getattr(M, n) for n in ["cot", "sec", "csc", "atan2", "log10", "digamma", "polygamma"]},
    "log2": lambda u: M.log(u, 2),
    "tgamma": M.gamma,
    "lgamma": M.loggamma,
    "where": lambda condition, u, v: u if condition else v,
    "positive": M.positive,
    "greater": M.greater,
    "pi": +M.pi,
    "e": +M.e,
}
_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])")
_WORD = re.compile(r"[A-Za-z]\w*")


def mpf(value: Any) -> Any:
    """A number, a fraction, a decimal text or the middle of a ball in 50 digits."""
    if isinstance(value, arb):
        mantissa, exponent = value.mid().man_exp()
        return M.ldexp(M.mpf(int(mantissa)), int(exponent))
    if isinstance(value, (Fraction, fmpq)):
        return M.mpf(int(value.numerator)) / int(value.denominator)
    return M.mpf(value)


def exact(value: Any) -> Fraction:
    """A number of 50 digits as the fraction it is."""
    sign, mantissa, exponent, _ = value._mpf_
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def value(source: object, point: dict[str, Any]) -> Any:
    """The value of a text (or of an expression, written as one) at `point`, by Python and mpmath."""
    text = _NUMBER.sub(r"mpf('\1')", str(source))
    found = eval(text, {"mpf": M.mpf, **FUNCTIONS}, {name: mpf(v) for name, v in point.items()})
    found = M.mpmathify(found)
    if isinstance(found, M.mpc) or not M.isfinite(found):
        raise ValueError(f"no real value of {source}")
    return found


def slope(source: object, point: dict[str, Any], name: str) -> Any:
    """The derivative of a text by one name, by central differences in 50 digits, good to 25 or so."""
    at, step = mpf(point[name]), M.mpf(10) ** -15

    def shifted(k: int) -> Any:
        return value(source, {**point, name: at + k * step})

    return (8 * (shifted(1) - shifted(-1)) - (shifted(2) - shifted(-2))) / (12 * step)


def sympy_of(source: object) -> Any:
    """A text in SymPy; the functions with a kink as formulas that SymPy can differentiate."""

    def distance(u: Any) -> Any:
        return sympy.sqrt(u**2)

    own: dict[str, Any] = {
        "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)),
        "softplus": lambda u: sympy.log(1 + sympy.exp(u)),
        "relu": lambda u: (u + distance(u)) / 2,
        "abs": distance,
        "sign": lambda u: u / distance(u),
        "max": lambda u, v: (u + v + distance(u - v)) / 2,
        "min": lambda u, v: (u + v - distance(u - v)) / 2,
        "e": sympy.E,
    }
    text = str(source)
    names = {n: sympy.Symbol(n) for n in _WORD.findall(text) if n not in FUNCTIONS}
    return sympy.sympify(text, locals={**own, **names}, rational=True)


def number_of(formula: Any, point: dict[str, Any]) -> Any:
    """The value of a SymPy expression at `point` in 40 digits; None where SymPy finds no number."""
    at = {sympy.Symbol(n): sympy.Float(M.nstr(mpf(v), DIGITS), DIGITS) for n, v in point.items()}
    found = sympy.sympify(formula).evalf(40, subs=at)
    if not found.is_number or not found.is_finite:
        return None
    real, imaginary = found.as_real_imag()
    return M.mpf(str(real)) if abs(imaginary) < sympy.Float("1e-30") else None


def true_slope(source: object, point: dict[str, Any], name: str) -> Any:
    """The derivative of a text by one name, by SymPy's diff."""
    return number_of(sympy.diff(sympy_of(source), sympy.Symbol(name)), point)


def close(one: Any, other: Any, digits: int = 25) -> bool:
    """Whether two numbers agree to so many digits, relative to the larger of them and one."""
    return bool(abs(one - other) <= M.mpf(10) ** -digits * max(1, abs(one), abs(other)))


def names_of(source: str) -> list[str]:
    """The variables of a text, sorted."""
    return sorted({n for n in _WORD.findall(source) if n not in FUNCTIONS})


def points_of(source: str, count: int = 3, tries: int = 200) -> list[dict[str, Fraction]]:
    """Points at which a text and its slopes have a moderate real value, found by trying."""
    rng, found = random.Random(7), []
    for attempt in range(tries):
        scale = (1, 2, 4)[attempt % 3]
        low = 0 if attempt % 2 else -scale
        point = {n: Fraction(rng.randrange(low * 997, scale * 997) * 2 + 1, 1994) for n in names_of(source)}
        try:
            sizes = [abs(value(source, point)), *(abs(slope(source, point, n)) for n in point)]
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            continue
        if max(sizes) < 10**6:
            found.append(point)
            if len(found) == count:
                break
    return found


EXPRESSIONS = (
    "1/(1 + exp(-a*x))",
    "x*y + sin(x)",
    "log(x) + x*y - sin(y)",
    "x - 2*x + x*1",
    "(x + y)**2/(x - y)",
    "x**3 - 4*x**2 + x/3 - 7",
    "x**x",
    "x**y",
    "2**x*x**-2",
    "exp(x)*sin(y)/(1 + x**2)",
    "sqrt(1 + x**2)",
    "tanh(a*x + b)",
    "(exp(x) - exp(-x))/(exp(x) + exp(-x))",
    "sigmoid(a*x)*(1 - sigmoid(a*x))",
    "x*sigmoid(b*x)",
    "softplus(x) - softplus(-x)",
    "atan(y/x)",
    "asin(x)*acos(x)",
    "asinh(x) + acosh(2 + x**2) + atanh(x/2)",
    "sinh(x)*cosh(x) - tan(x)",
    "erf(x)/x",
    "log(1 + exp(x))*log(x)",
    "exp(-(x - a)**2/(2*b**2))",
    "abs(x)*relu(x - y)",
    "max(x, y)*min(x, y**2)",
    "relu(a*x) + max(a, x) + abs(a - x)",
    "sin(cos(tan(x)))",
    "exp(exp(x)/3)",
    "pi*x**2 + e**x",
    "-x**2*-y",
    "x/y/a",
    "sqrt(x)*sqrt(y)/sqrt(x + y)",
)
"""Varied expressions over the whole language."""
