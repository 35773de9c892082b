"""The row of a function without a formula: f has the local partial f′, and ∂₁f, ∂₂f where it has several.

Its value is that of a function drawn at random by its name, the same on every run, so that f′ has one too:

    f(u, v) = c₀ + Σₖ cₖ·sin(aₖu + bₖv + dₖ).

An array brings its entries, each with a factor of its own. What is proved of it holds for a function that no
formula knows. Its derivatives of all orders follow from
sin′(t) = sin(t + π/2); the jets of the proof see the sines only.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from operator import mul
from typing import Any

from symdiff.expr.tree import Expr
from symdiff.expr.unspecified import Unspecified
from symdiff.rules.arrays import as_array, flat, shape_of
from symdiff.rules.linear_maps import Inner, LinearMap, Scale
from symdiff.rules.rule import Rule

WAVES = 3
"""Terms of the sum."""


@cache
def row_of_unspecified(op: Unspecified) -> Rule:
    """The row of a function without a formula, or of a derivative of one."""
    assert op.arity

    def slopes(w: Expr, *args: Expr) -> tuple[Expr, ...]:
        return tuple(Expr(op.derivative(place), *args) for place in range(len(args)))

    def maps(w: Expr, *args: Expr) -> tuple[LinearMap, ...]:
        pairs = zip(slopes(w, *args), args, strict=True)
        return tuple(Inner(slope) if arg.shape else Scale(slope) for slope, arg in pairs)

    def in_sympy(s: Any, *args: Any) -> Any:
        # Letters for the arguments of `by` only: with more SymPy takes ∂₁f and ∂₂f at equal points for one.
        letters = {place: s.Dummy(f"xi_{place + 1}") for place in sorted({*op.by})}
        call = s.Function(op.function)(*(letters.get(place, arg) for place, arg in enumerate(args)))
        if not op.by:
            return call
        inner = s.Derivative(call, *(letters[place] for place in op.by))
        return s.Subs(inner, tuple(letters.values()), tuple(args[place] for place in letters))

    return Rule(op, _value(op), slopes, sympy=in_sympy, internal=True, maps=maps if op.arity > 1 else None)


def _value(op: Unspecified) -> Callable[..., Any]:
    """The value of a function in a numeric context; of a derivative by an array one number for each entry."""

    def value(m: Any, *args: Any) -> Any:
        turned = [_turned(m, op, wave, args) for wave in range(WAVES)]
        if not op.by:
            sizes = [m.number(_drawn(op.function, op.arity, wave)) for wave in range(WAVES)]
            return m.fsum([m.number(_drawn(op.function, op.arity)), *map(mul, sizes, turned)])
        by = args[op.by[0]]
        parts = ([_factor(m, op, wave, i) for wave in range(WAVES)] for i in range(len(flat(by))))
        return as_array([m.fdot(factors, turned) for factors in parts], shape_of(by))

    return value


def _turned(m: Any, op: Unspecified, wave: int, args: tuple[Any, ...]) -> Any:
    """sin(aₖu + bₖv + dₖ), turned by a quarter of a period for each derivative."""
    key = op.function, op.arity, wave
    entries = [(place, i, entry) for place, arg in enumerate(args) for i, entry in enumerate(flat(arg))]
    terms = [m.number(_drawn(*key, place, i)) * entry for place, i, entry in entries]
    found = (m.cos if len(op.by) % 2 else m.sin)(m.fsum([*terms, m.number(_drawn(*key, "shift"))]))
    return -found if len(op.by) % 4 in (2, 3) else found


def _factor(m: Any, op: Unspecified, wave: int, entry: int) -> Any:
    """What a term is multiplied by in a derivative: its size, and for each argument the factor of that."""
    found = _drawn(op.function, op.arity, wave)
    for place in op.by:
        found *= _drawn(op.function, op.arity, wave, place, entry)
    return m.number(found)


@cache
def _drawn(*key: object) -> Fraction:
    """A number of a function: of its name, the number of its arguments, and its place in the formula."""
    draw = random.Random(repr(key))
    return Fraction(draw.choice((-1, 1)) * draw.randint(32, 96), 64)
