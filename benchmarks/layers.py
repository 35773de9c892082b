"""The gradient of a perceptron in matrix form, h_k = tanh(W_k h_{k−1} + b_k), to LaTeX, by its depth."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from benchmarks.clock import in_turn, processor_time
from benchmarks.record import Curve, Found, compared, growth
from symdiff.explain import explain
from symdiff.explain.shared.work import TapeWork
from symdiff.rendering.pages.engine import render

WORK = "perceptron in matrix form, derivation to LaTeX"


def layers(short: bool) -> Iterator[Found]:
    """Growth with the number of layers; beside JAX, whose result is for one size."""
    points = {n: processor_time(partial(_page, n), 3) for n in ((2, 20) if short else (1, 2, 5, 20, 50, 200))}
    yield from growth(WORK, points)
    if short:
        return
    yield Curve(
        WORK.capitalize(), "layers", "seconds", {"symdiff": tuple((float(n), t) for n, t in points.items())}
    )
    times = in_turn({"symdiff": partial(_page, 20), "jax": partial(_jaxpr, 20)}, 3)
    yield compared(WORK, "20 layers", "jax", times, None, "a jaxpr for one size: no names, no LaTeX")


def source(count: int) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The network as a text, and the shapes of its inputs."""
    lines: list[str] = []
    shapes: dict[str, tuple[str, ...]] = {"x": ("n",), "y": ("n",)}
    before = "x"
    for k in range(1, count + 1):
        lines.append(f"h_{k} = tanh(W_{k} @ {before} + b_{k})")
        shapes |= {f"W_{k}": ("n", "n"), f"b_{k}": ("n",)}
        before = f"h_{k}"
    return "\n".join([*lines, f"L = sqnorm({before} - y)"]), shapes


def _page(count: int) -> str:
    import symdiff as sd

    text, shapes = source(count)
    return render(explain(TapeWork((sd.reverse(sd.trace(text, shapes=shapes)),), full=True)))


def _jaxpr(count: int) -> str:
    import jax

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        for weights, bias in parameters:
            x = jax.numpy.tanh(weights @ x + bias)
        return jax.numpy.sum((x - y) ** 2)

    one = jax.numpy.ones(3), jax.numpy.ones(3)
    parameters = [(jax.numpy.ones((3, 3)), jax.numpy.ones(3))] * count
    return str(jax.make_jaxpr(jax.grad(loss))(parameters, *one))
