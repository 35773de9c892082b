"""The function on arrays that everybody differentiates: h_t = tanh(U x_t + W h_{t−1}) with a loss at each
time, L = Σ_t |V h_t − y_t|², by U, W, V and every x_t and y_t.

Ours is for every size, the others for the size that they are given. Each hands out what it calls a
derivation, as in `cells`; SymEngine and SymPy have none of arrays.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.runs import RNN
from symdiff.derivation.derivation import Derivation

SIZE = 3


@cache
def problem() -> Any:
    """The recurrence, as it is written for the command."""
    from symdiff.exercises import read

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.toml"
        path.write_text(RNN, encoding="utf-8")
        return read(str(path))


def symdiff(length: int) -> Derivation:
    """The recurrence written out for so many steps, traced and derived in reverse mode."""
    from symdiff.derivation.sweeps import reverse
    from symdiff.exercises.recurrent import written_out
    from symdiff.tape.tracing import trace_definitions

    program = written_out(problem(), length).program
    return reverse(trace_definitions(program.definitions, program.inputs))


def point(length: int) -> dict[str, Any]:
    """Entries of both signs; the inputs by time."""
    import numpy as np

    rng = np.random.default_rng(1)
    weights = {name: rng.normal(size=(SIZE, SIZE)) / SIZE for name in "UWV"}
    return weights | {name: list(rng.normal(size=(length, SIZE))) for name in "xy"}


def loss(np: Any, u: Any, w: Any, v: Any, x: Sequence[Any], y: Sequence[Any]) -> Any:
    """The function in NumPy's terms, which JAX and HIPS autograd share."""
    h, whole = np.zeros(SIZE), 0.0
    for one, wanted in zip(x, y, strict=True):
        h = np.tanh(u @ one + w @ h)
        whole = whole + np.sum((v @ h - wanted) ** 2)
    return whole


def jax(length: int) -> Any:
    import jax

    def whole(*given: Any) -> Any:
        return loss(jax.numpy, *given)

    return jax.make_jaxpr(jax.grad(whole, argnums=(0, 1, 2, 3, 4)))(*point(length).values())


def casadi(length: int) -> tuple[Any, Any]:
    """The gradient by all inputs, one below the other, as one MX graph, and the inputs."""
    import casadi

    every = casadi.MX.sym("v", SIZE * SIZE * 3 + 2 * SIZE * length)
    weights = [SIZE * SIZE * k for k in range(4)]
    vectors = [weights[-1] + SIZE * t for t in range(1, 2 * length + 1)]
    u, w, v, *rest = casadi.vertsplit(every, weights + vectors)
    u, w, v = (casadi.reshape(one, SIZE, SIZE) for one in (u, w, v))
    h, whole = casadi.MX.zeros(SIZE), casadi.MX(0)
    for one, wanted in zip(rest[:length], rest[length:], strict=True):
        h = casadi.tanh(u @ one + w @ h)
        whole = whole + casadi.sumsqr(v @ h - wanted)
    return casadi.gradient(whole, every), every


def autograd(length: int) -> Any:
    """HIPS autograd has no derivation to hand out: its gradient at the point."""
    import autograd
    import autograd.numpy as np

    def whole(*given: Any) -> Any:
        return loss(np, *given)

    return autograd.grad(whole, (0, 1, 2, 3, 4))(*point(length).values())


def torch(length: int) -> Any:
    """PyTorch has none either: its gradient at the point."""
    import torch

    tensors: list[Any] = [
        [torch.tensor(one, requires_grad=True) for one in given]
        if isinstance(given, list)
        else torch.tensor(given, requires_grad=True)
        for given in point(length).values()
    ]
    u, w, v, x, y = tensors
    h, whole = torch.zeros(SIZE, dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    for one, wanted in zip(x, y, strict=True):
        h = torch.tanh(u @ one + w @ h)
        whole = whole + ((v @ h - wanted) ** 2).sum()
    return torch.autograd.grad(whole, [u, w, v, *x, *y])
