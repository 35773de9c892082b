"""The function that everybody differentiates: h_t = tanh(U·x_t + W·h_{t−1}) unrolled, h_0 = tanh(U·x_0).

Each program writes it in its own terms, as its users do, and returns the gradient by U, W and every x_t as
what it calls a derivation: ours as a tape with its reverse sweep, JAX a jaxpr, CasADi an SX graph, SymEngine
and SymPy expressions. `at` evaluates each of them at a point, so that results are compared before times.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from symdiff.derivation.derivation import Derivation


def unrolled(tanh: Callable[[Any], Any], first: Any, again: Any, inputs: Sequence[Any]) -> Any:
    """The cell, as a loop over operators that every program understands."""
    value = tanh(first * inputs[0])
    for one in inputs[1:]:
        value = tanh(first * one + again * value)
    return value


def point(length: int) -> tuple[float, float, list[float]]:
    """U, W and the inputs at which results are compared: large enough to keep all derivatives alive."""
    return 0.7, 0.9, [0.3 * ((7 * t) % 11 - 5) / 5 for t in range(length)]


def symdiff(length: int) -> Derivation:
    """A Python function of symbols, traced and derived in reverse mode."""
    import symdiff as sd
    from symdiff import functions

    tanh: Any = functions.tanh
    names = ["U", "W", *(f"x_{t}" for t in range(length))]
    return sd.reverse(sd.trace(lambda u, w, *x: unrolled(tanh, u, w, x), inputs=names))


def symdiff_recurrence(length: int) -> Derivation:
    """The recurrence as a text, written out for so many steps, derived in reverse mode."""
    from symdiff.derivation.sweeps import reverse
    from symdiff.exercises import read
    from symdiff.exercises.recurrent import written_out
    from symdiff.tape.tracing import trace_definitions

    program = written_out(read("h[t] = tanh(U*x[t] + W*h[t-1]); h[-1] = 0"), length).program
    return reverse(trace_definitions(program.definitions, program.inputs))


def jax(length: int) -> Any:
    import jax

    def last(first: Any, again: Any, inputs: Sequence[Any]) -> Any:
        return unrolled(jax.numpy.tanh, first, again, inputs)

    return jax.make_jaxpr(jax.grad(last, argnums=(0, 1, 2)))(*point(length))


def casadi(length: int) -> tuple[Any, Any]:
    """The gradient by all inputs as one SX graph, and the inputs."""
    import casadi

    names = casadi.SX.sym("v", length + 2)
    first, again, *inputs = casadi.vertsplit(names)
    return casadi.gradient(unrolled(casadi.tanh, first, again, inputs), names), names


def symengine(length: int, only: int = 2) -> tuple[list[Any], list[Any]]:
    """The derivatives by the first `only` inputs, U and W, and the inputs."""
    import symengine

    names = list(symengine.symbols(f"v_:{length + 2}"))
    value = unrolled(symengine.tanh, names[0], names[1], names[2:])
    return [symengine.diff(value, name) for name in names[:only]], names


def sympy(length: int) -> tuple[list[Any], list[Any]]:
    """The derivatives by U and W, and the inputs."""
    import sympy
    from sympy.core.cache import clear_cache

    sys.setrecursionlimit(100_000)
    clear_cache()
    names = list(sympy.symbols(f"U W x_:{length}"))
    value = unrolled(sympy.tanh, names[0], names[1], names[2:])
    return [sympy.diff(value, name) for name in names[:2]], names


def autograd(length: int) -> Any:
    """HIPS autograd has no derivation to hand out: its gradient at the point."""
    import autograd
    import autograd.numpy as np

    def last(first: Any, again: Any, inputs: Sequence[Any]) -> Any:
        return unrolled(np.tanh, first, again, inputs)

    return autograd.grad(last, (0, 1, 2))(*point(length))


def torch(length: int) -> Any:
    """PyTorch has none either: its gradient at the point."""
    import torch

    values = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in flat(point(length))]
    return torch.autograd.grad(unrolled(torch.tanh, values[0], values[1], values[2:]), values)


def flat(at: tuple[float, float, list[float]]) -> list[float]:
    return [at[0], at[1], *at[2]]
