"""THE TABLE: each operation once, with its value and its local partials. Both sweeps read it.

A row gives an operation's notation, its value in a numeric context `m` (mpmath's), and for each
argument the local partial ∂w/∂u written with the arguments u, v and, where that is how people write
it, the output w: tanh has 1 − w². A row may state its kink: where the function has no derivative,
as the two expressions that are equal there; the partials' value at that place is the convention.

A new function is one new row here; the language, both sweeps, the proof and every printer read it.
This module knows no tape, no sweep and no document. Source of the partials: any table of
derivatives; each row is checked against two engines in the tests.
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
    ATANH,
    COS,
    COSH,
    ERF,
    EULER,
    EXP,
    GREATER,
    LOG,
    MAX,
    MIN,
    PI,
    POSITIVE,
    RELU,
    SIGMOID,
    SIGN,
    SIN,
    SINH,
    SOFTPLUS,
    SQRT,
    TAN,
    TANH,
)
from symdiff.expr.tree import ABS, Expr, as_expr
from symdiff.rules.rule import Rule


def _named(name: str) -> Callable[..., Any]:
    return lambda m, u: getattr(m, name)(u)


def _stable_sigmoid(m: Any, u: Any) -> Any:
    return 1 / (1 + m.exp(-u)) if u >= 0 else m.exp(u) / (1 + m.exp(u))


def _stable_softplus(m: Any, u: Any) -> Any:
    return u + m.log1p(m.exp(-u)) if u > 0 else m.log1p(m.exp(u))


def _indicator(m: Any, u: Any) -> Any:
    return m.one if u > 0 else m.zero


def _greater(m: Any, u: Any, v: Any) -> Any:
    return m.mpf((u > v) - (u < v) + 1) / 2


def _shares(u: Expr, v: Expr) -> tuple[Expr, Expr]:
    """What the greater of u and v passes to each; of two equal ones each gets one half."""
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
    Rule(EXP, _named("exp"), lambda w, u: (w,)),
    Rule(LOG, _named("log"), lambda w, u: (1 / u,), aliases=("ln",)),
    Rule(SQRT, _named("sqrt"), lambda w, u: (1 / (2 * w),)),
    Rule(SIN, _named("sin"), lambda w, u: (Expr(COS, u),)),
    Rule(COS, _named("cos"), lambda w, u: (-Expr(SIN, u),)),
    Rule(TAN, _named("tan"), lambda w, u: (1 + w**2,)),
    Rule(ASIN, _named("asin"), lambda w, u: (1 / Expr(SQRT, 1 - u**2),), aliases=("arcsin",)),
    Rule(ACOS, _named("acos"), lambda w, u: (-(1 / Expr(SQRT, 1 - u**2)),), aliases=("arccos",)),
    Rule(ATAN, _named("atan"), lambda w, u: (1 / (1 + u**2),), aliases=("arctan",)),
    Rule(SINH, _named("sinh"), lambda w, u: (Expr(COSH, u),)),
    Rule(COSH, _named("cosh"), lambda w, u: (Expr(SINH, u),)),
    Rule(TANH, _named("tanh"), lambda w, u: (1 - w**2,)),
    Rule(ASINH, _named("asinh"), lambda w, u: (1 / Expr(SQRT, u**2 + 1),), aliases=("arsinh",)),
    Rule(ACOSH, _named("acosh"), lambda w, u: (1 / Expr(SQRT, u**2 - 1),), aliases=("arcosh",)),
    Rule(ATANH, _named("atanh"), lambda w, u: (1 / (1 - u**2),), aliases=("artanh",)),
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
    Rule(ERF, _named("erf"), lambda w, u: (2 * Expr(EXP, -(u**2)) / Expr(SQRT, Expr(PI)),)),
    Rule(
        RELU,
        lambda m, u: u * _indicator(m, u),
        lambda w, u: (Expr(POSITIVE, u),),
        lambda u: (u, 0),
        lambda s, u: s.Max(u, 0),
        formula=True,
    ),
    Rule(ABS, lambda m, u: abs(u), lambda w, u: (Expr(SIGN, u),), lambda u: (u, 0), lambda s, u: s.Abs(u)),
    Rule(SIGN, lambda m, u: m.sign(u), lambda w, u: (0,), lambda u: (u, 0)),
    Rule(
        MAX,
        lambda m, u, v: max(u, v),
        lambda w, u, v: _shares(u, v),
        lambda u, v: (u, v),
        sympy=lambda s, u, v: s.Max(u, v),
    ),
    Rule(
        MIN,
        lambda m, u, v: min(u, v),
        lambda w, u, v: _shares(v, u),
        lambda u, v: (u, v),
        sympy=lambda s, u, v: s.Min(u, v),
    ),
    Rule(
        POSITIVE,
        _indicator,
        lambda w, u: (0,),
        lambda u: (u, 0),
        lambda s, u: s.Heaviside(u, 0),
        formula=True,
        internal=True,
    ),
    Rule(
        GREATER,
        _greater,
        lambda w, u, v: (0, 0),
        lambda u, v: (u, v),
        lambda s, u, v: s.Heaviside(u - v, s.Rational(1, 2)),
        formula=True,
        internal=True,
    ),
    Rule(PI, lambda m: m.pi * 1, lambda w: ()),
    Rule(EULER, lambda m: m.e * 1, lambda w: (), sympy=lambda s: s.E),
    Rule(
        e.TOTAL,
        lambda m, *terms: m.fsum(terms),
        lambda w, *u: (1,) * len(u),
        sympy=lambda s, *u: s.Add(*u),
        internal=True,
    ),
)
