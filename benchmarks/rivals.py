"""Other programs on the same function: JAX at the gradient of an unrolled cell, SymPy at its derivative."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.ratio import Ratio, best
from benchmarks.tapes import unrolled
from symdiff.reverse import reverse
from symdiff.trace import trace_definitions

LENGTH, SHORT = 1000, 40
MOST_OF_JAX, MOST_WRITTEN = 0.1, 0.6


def rivals() -> Iterator[Ratio]:
    """The reverse derivation, tape included, against theirs."""
    yield Ratio(
        f"cell unrolled {SHORT} times, reverse / SymPy's diff by U and W", _ours(SHORT) / _sympy(SHORT), 0.01
    )
    name = f"cell unrolled {LENGTH:,} times, reverse / jax.make_jaxpr(jax.grad)"
    if importlib.util.find_spec("jax"):
        theirs = _jax(LENGTH)
        yield Ratio(name, _ours(LENGTH) / theirs, MOST_OF_JAX)
        yield Ratio(f"{name}, every line written", _written(LENGTH) / theirs, MOST_WRITTEN)
    elif os.environ.get("CI") == "true":
        yield Ratio(f"{name}: JAX is missing", float("inf"), MOST_OF_JAX)
    else:
        sys.stdout.write(f"{name}: left out, JAX is not installed\n")


def _ours(length: int) -> float:
    """Tape and derivation: what every adjoint receives, each local partial included."""
    program = unrolled(length)
    return best(lambda: reverse(trace_definitions(program.definitions, program.inputs)), 5)


def _written(length: int) -> float:
    """The same, and every line as people write it, which a jaxpr has no counterpart for."""
    program = unrolled(length)

    def lines() -> None:
        assert reverse(trace_definitions(program.definitions, program.inputs)).sweeps[0].lines

    return best(lines, 3)


def _sympy(length: int) -> float:
    import sympy
    from sympy.core.cache import clear_cache

    sys.setrecursionlimit(20_000)
    names = sympy.symbols(f"U W x_:{length}")
    value = _cell(sympy.tanh, names[0], names[1], names[2:])

    def derived() -> None:
        clear_cache()
        for name in names[:2]:
            sympy.diff(value, name)

    return best(derived, 1)


def _jax(length: int) -> float:
    import jax

    def last(first: Any, again: Any, inputs: Sequence[Any]) -> Any:
        return _cell(jax.numpy.tanh, first, again, inputs)

    inputs = [t / length for t in range(length)]
    return best(lambda: jax.make_jaxpr(jax.grad(last, argnums=(0, 1, 2)))(0.5, 0.3, inputs), 3)


def _cell(tanh: Any, first: Any, again: Any, inputs: Sequence[Any]) -> Any:
    value = tanh(first * inputs[0])
    for one in inputs[1:]:
        value = tanh(first * one + again * value)
    return value
