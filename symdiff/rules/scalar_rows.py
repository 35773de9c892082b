"""The rows of the table for functions of numbers: value, local partials, kinks. Applied to arrays by entry.

A row gives the value in a numeric context `m` (see `proof.balls`), and for each argument the local partial
∂w/∂u, written with the arguments u, v and, where people do so, the output w: tanh has 1 − w². A function
without a derivative at some places gives its kink: two expressions that are equal there; the value of the
partial there is a convention. The fields are those of `rule.Rule`.

A new function of numbers is one new row here, and its notation in `expr/operations`; the language, both
sweeps, the proof and every printer read it. Source of the partials: any table of derivatives; the tests
check each row against two engines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.expr import tree as e
from symdiff.expr.operations import (
    ACOS,
    ACOSH,
    ASIN,
    ASINH,
    ATAN,
    ATAN2,
    ATANH,
    COS,
    COSH,
    COT,
    CSC,
    DIGAMMA,
    ERF,
    EULER,
    EXP,
    GAMMA,
    GREATER,
    LGAMMA,
    LOG,
    LOG2,
    LOG10,
    MAX,
    MIN,
    PI,
    POLYGAMMA,
    POSITIVE,
    RELU,
    SEC,
    SIGMOID,
    SIGN,
    SIN,
    SINH,
    SOFTPLUS,
    SQRT,
    TAN,
    TANH,
)
from symdiff.expr.tree import ABS, Expr, Num, as_expr
from symdiff.rules.rule import Rule


def _in_context(name: str) -> Callable[..., Any]:
    """The function `name` of the numeric context."""
    return lambda m, u: getattr(m, name)(u)


def _stable_sigmoid(m: Any, u: Any) -> Any:
    if m.seems_positive(u):
        return 1 / (1 + m.exp(-u))
    power = m.exp(u)
    return power / (1 + power)


def _stable_softplus(m: Any, u: Any) -> Any:
    return u + m.log1p(m.exp(-u)) if m.seems_positive(u) else m.log1p(m.exp(u))


def _log_to(base: int) -> Callable[..., Any]:
    return lambda m, u: m.log(u) / m.log(m.number(base))


def _next_polygamma(order: Expr, u: Expr) -> Expr:
    """The derivative of ψ of some order: the order is a whole number."""
    assert isinstance(order, Num)
    return Expr(POLYGAMMA, Num(order.value + 1), u)


def _greatest(m: Any, u: Any, v: Any) -> Any:
    """max(u, v) as u·1[u > v] + v·1[v > u], so that where they are equal each counts half."""
    share = m.greater(u, v)
    return u if share == 1 else v if share == 0 else (u + v) / 2


def _slopes_of_max(u: Expr, v: Expr) -> tuple[Expr, Expr]:
    """The partials of max(u, v): indicators of the greater one, one half each if u and v are the same."""
    half = as_expr(1) / 2
    return (half, half) if u == v else (Expr(GREATER, u, v), Expr(GREATER, v, u))


SCALAR_ROWS = (
    Rule(e.ADD, lambda m, u, v: u + v, lambda w, u, v: (1, 1), sympy=lambda s, u, v: u + v),
    Rule(e.SUB, lambda m, u, v: u - v, lambda w, u, v: (1, -1), sympy=lambda s, u, v: u - v),
    Rule(e.NEG, lambda m, u: -u, lambda w, u: (-1,), sympy=lambda s, u: -u),
    Rule(e.MUL, lambda m, u, v: u * v, lambda w, u, v: (v, u), sympy=lambda s, u, v: u * v),
    Rule(
        e.DIV,
        lambda m, u, v: u / v,
        lambda w, u, v: (1 / v, -u / v**2),
        sympy=lambda s, u, v: u / v,
    ),
    Rule(
        e.POW,
        lambda m, u, v: m.power(u, v),
        lambda w, u, v: (v * u ** (v - 1), w * Expr(LOG, u)),
        sympy=lambda s, u, v: u**v,
    ),
    Rule(EXP, _in_context("exp"), lambda w, u: (w,)),
    Rule(LOG, _in_context("log"), lambda w, u: (1 / u,), aliases=("ln",)),
    Rule(
        LOG10,
        _log_to(10),
        lambda w, u: (1 / (u * Expr(LOG, Num(10))),),
        sympy=lambda s, u: s.log(u) / s.log(10),
        formula=True,
    ),
    Rule(
        LOG2,
        _log_to(2),
        lambda w, u: (1 / (u * Expr(LOG, Num(2))),),
        sympy=lambda s, u: s.log(u) / s.log(2),
        formula=True,
    ),
    Rule(SQRT, _in_context("sqrt"), lambda w, u: (1 / (2 * w),)),
    Rule(SIN, _in_context("sin"), lambda w, u: (Expr(COS, u),)),
    Rule(COS, _in_context("cos"), lambda w, u: (-Expr(SIN, u),)),
    Rule(TAN, _in_context("tan"), lambda w, u: (1 + w**2,)),
    Rule(COT, _in_context("cot"), lambda w, u: (-(1 + w**2),)),
    Rule(SEC, _in_context("sec"), lambda w, u: (w * Expr(TAN, u),)),
    Rule(CSC, _in_context("csc"), lambda w, u: (-(w * Expr(COT, u)),)),
    Rule(ASIN, _in_context("asin"), lambda w, u: (1 / Expr(SQRT, 1 - u**2),), aliases=("arcsin",)),
    Rule(ACOS, _in_context("acos"), lambda w, u: (-(1 / Expr(SQRT, 1 - u**2)),), aliases=("arccos",)),
    Rule(ATAN, _in_context("atan"), lambda w, u: (1 / (1 + u**2),), aliases=("arctan",)),
    Rule(
        ATAN2,
        lambda m, u, v: m.atan2(u, v),
        lambda w, u, v: (v / (u**2 + v**2), -u / (u**2 + v**2)),
        aliases=("arctan2",),
    ),
    Rule(SINH, _in_context("sinh"), lambda w, u: (Expr(COSH, u),)),
    Rule(COSH, _in_context("cosh"), lambda w, u: (Expr(SINH, u),)),
    Rule(TANH, _in_context("tanh"), lambda w, u: (1 - w**2,)),
    Rule(
        ASINH, _in_context("asinh"), lambda w, u: (1 / Expr(SQRT, u**2 + 1),), aliases=("arsinh", "arcsinh")
    ),
    Rule(
        ACOSH, _in_context("acosh"), lambda w, u: (1 / Expr(SQRT, u**2 - 1),), aliases=("arcosh", "arccosh")
    ),
    Rule(ATANH, _in_context("atanh"), lambda w, u: (1 / (1 - u**2),), aliases=("artanh", "arctanh")),
    Rule(
        SIGMOID,
        _stable_sigmoid,
        lambda w, u: (w * (1 - w),),
        sympy=lambda s, u: 1 / (1 + s.exp(-u)),
        formula=True,
    ),
    Rule(
        SOFTPLUS,
        _stable_softplus,
        lambda w, u: (Expr(SIGMOID, u),),
        sympy=lambda s, u: s.log(1 + s.exp(u)),
        formula=True,
    ),
    Rule(ERF, _in_context("erf"), lambda w, u: (2 * Expr(EXP, -(u**2)) / Expr(SQRT, Expr(PI)),)),
    Rule(
        GAMMA,
        _in_context("gamma"),
        lambda w, u: (w * Expr(DIGAMMA, u),),
        sympy=lambda s, u: s.gamma(u),
    ),
    Rule(
        LGAMMA,
        _in_context("loggamma"),
        lambda w, u: (Expr(DIGAMMA, u),),
        sympy=lambda s, u: s.loggamma(u),
        aliases=("gammaln", "loggamma"),
    ),
    Rule(DIGAMMA, lambda m, u: m.polygamma(0, u), lambda w, u: (Expr(POLYGAMMA, Num(1), u),)),
    Rule(
        POLYGAMMA,
        lambda m, order, u: m.polygamma(m.integer(order), u),
        lambda w, order, u: (None, _next_polygamma(order, u)),
    ),
    Rule(
        RELU,
        lambda m, u: u * m.positive(u),
        lambda w, u: (Expr(POSITIVE, u),),
        lambda u: (u, 0),
        lambda s, u: s.Max(u, 0),
        formula=True,
    ),
    Rule(
        ABS,
        lambda m, u: m.absolute(u),
        lambda w, u: (Expr(SIGN, u),),
        lambda u: (u, 0),
        lambda s, u: s.Abs(u),
    ),
    Rule(SIGN, lambda m, u: m.sign(u), lambda w, u: (0,), lambda u: (u, 0)),
    Rule(
        MAX,
        _greatest,
        lambda w, u, v: _slopes_of_max(u, v),
        lambda u, v: (u, v),
        sympy=lambda s, u, v: s.Max(u, v),
    ),
    Rule(
        MIN,
        lambda m, u, v: -_greatest(m, -u, -v),
        lambda w, u, v: _slopes_of_max(v, u),
        lambda u, v: (u, v),
        sympy=lambda s, u, v: s.Min(u, v),
    ),
    Rule(
        POSITIVE,
        lambda m, u: m.positive(u),
        lambda w, u: (0,),
        lambda u: (u, 0),
        lambda s, u: s.Heaviside(u, 0),
        formula=True,
        internal=True,
    ),
    Rule(
        GREATER,
        lambda m, u, v: m.greater(u, v),
        lambda w, u, v: (0, 0),
        lambda u, v: (u, v),
        lambda s, u, v: s.Heaviside(u - v, s.Rational(1, 2)),
        formula=True,
        internal=True,
    ),
    Rule(PI, lambda m: m.pi, lambda w: ()),
    Rule(EULER, lambda m: m.e, lambda w: (), sympy=lambda s: s.E),
    Rule(
        e.TOTAL,
        lambda m, *terms: m.fsum(terms),
        lambda w, *u: (1,) * len(u),
        sympy=lambda s, *u: s.Add(*u),
        internal=True,
    ),
)
