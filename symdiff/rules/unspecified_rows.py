"""The row of a function without a formula: f has the local partial f′, and ∂₁f, ∂₂f where it has several.

Its value is that of a function drawn at random by its name, the same on every run, so that f′ has one too:

    f(u, v) = c₀ + Σₖ cₖ·sin(aₖu + bₖv + dₖ).

What is proved of it holds for a function that no formula knows. Its derivatives of all orders follow from
sin′(t) = sin(t + π/2); the jets of the proof see the sines only.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from functools import cache, reduce
from operator import add
from typing import Any

from symdiff.expr.tree import Expr
from symdiff.expr.unspecified import Unspecified
from symdiff.rules.rule import Rule

WAVES = 3
Wave = tuple[Fraction, tuple[Fraction, ...], Fraction]
"""c, the factors (a, b, …) of the arguments, d."""


@cache
def row_of_unspecified(op: Unspecified) -> Rule:
    """The row of a function without a formula, or of a derivative of one."""
    assert op.arity

    def slopes(w: Expr, *args: Expr) -> tuple[Expr, ...]:
        return tuple(Expr(op.derivative(place), *args) for place in range(len(args)))

    def in_sympy(s: Any, *args: Any) -> Any:
        # Letters for the arguments of `by` only: with more SymPy takes ∂₁f and ∂₂f at equal points for one.
        letters = {place: s.Dummy(f"xi_{place + 1}") for place in sorted({*op.by})}
        call = s.Function(op.function)(*(letters.get(place, arg) for place, arg in enumerate(args)))
        if not op.by:
            return call
        inner = s.Derivative(call, *(letters[place] for place in op.by))
        return s.Subs(inner, tuple(letters.values()), tuple(args[place] for place in letters))

    return Rule(op, _value(op), slopes, sympy=in_sympy, internal=True)


def _value(op: Unspecified) -> Callable[..., Any]:
    assert op.arity
    constant, waves = _drawn(op.function, op.arity)

    def value(m: Any, *args: Any) -> Any:
        terms = [_wave(m, wave, op.by, args) for wave in waves]
        return m.fsum(terms if op.by else [m.number(constant), *terms])

    return value


def _wave(m: Any, wave: Wave, by: tuple[int, ...], args: tuple[Any, ...]) -> Any:
    """One term, differentiated by the arguments `by`: each brings its factor and a quarter of a period."""
    size, factors, shift = wave
    angle = reduce(add, (m.number(factor) * arg for factor, arg in zip(factors, args, strict=True)))
    for place in by:
        size *= factors[place]
    sign = -1 if len(by) % 4 in (2, 3) else 1
    turned = m.cos if len(by) % 2 else m.sin
    return m.number(sign * size) * turned(angle + m.number(shift))


@cache
def _drawn(function: str, arity: int) -> tuple[Fraction, tuple[Wave, ...]]:
    """The numbers of a function: they depend on its name and the number of its arguments only."""
    draw = random.Random(f"{function} of {arity}")

    def number() -> Fraction:
        return Fraction(draw.choice((-1, 1)) * draw.randint(32, 96), 64)

    waves = [(number(), tuple(number() for _ in range(arity)), number()) for _ in range(WAVES)]
    return number(), tuple(waves)
