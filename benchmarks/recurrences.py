"""Recurrences written out for many steps, every line of the page proved (`--full`): of numbers and of arrays.

Growth is of the processor time of the command, net of that of a run with one step.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from benchmarks.clock import TapeWork, in_turn
from benchmarks.former import Version, former, present
from benchmarks.processes import derive, medians, peak_megabytes, processor_seconds
from benchmarks.record import Curve, Figure, Found, compared

SCALAR = "h[t] = tanh(u*x[t] + w*h[t-1]); h[-1] = 0; L = sum((h[t] - y[t])**2)"
LOSS = "scalar recurrence with a loss at each time"
VECTOR = "vector RNN"
BARE = "import sympy"
Pair = tuple[int, int]
SIZE = 3
"""Entries of each array of JAX's, whose result is for one size; ours is for every size."""


def recurrences(short: bool) -> Iterator[Found]:
    """Growth of both; beside the former version, a bare import, and JAX."""
    if short:
        yield from _growth(LOSS, SCALAR, ((100, 1000, 12.0),), 0)
        yield from _growth(VECTOR, "rnn", ((20, 80, 2.15**2),), 0)
        return
    yield from _growth(LOSS, SCALAR, ((300, 3000, 12.0), (3000, 10_000, 4.5)), 2)
    yield from _twice_the_steps(LOSS, SCALAR, (400, 800), (200, 400))
    yield from _growth(VECTOR, "rnn", ((80, 160, 2.15), (160, 320, 2.15), (320, 640, 2.15)), 3)
    yield from _twice_the_steps(VECTOR, "rnn", (20, 40), (20, 40))
    yield from _beside_former()
    yield _long_lstm()
    yield from _beside_jax()


def _steps(version: Version, target: str, steps: int) -> Callable[[], float]:
    return derive(version, *_arguments(target, steps))


def _arguments(target: str, steps: int) -> list[str]:
    return [target, "--mode", "reverse", "--steps", str(steps), "--full"]


def _net(version: Version, target: str, lengths: Sequence[int], runs: int) -> dict[int, float]:
    """Processor time for so many steps, net of that for one."""
    times = medians({steps: _steps(version, target, steps) for steps in (1, *lengths)}, runs)
    return {steps: times[steps] - times[1] for steps in lengths}


def _growth(name: str, target: str, pairs: Sequence[tuple[int, int, float]], runs: int) -> Iterator[Found]:
    lengths = sorted({steps for small, large, _ in pairs for steps in (small, large)})
    net = _net(present(), target, lengths, runs)
    for small, large, bound in pairs:
        size, value = f"{small:,} to {large:,}", net[large] / net[small]
        yield Figure(f"{name}, the command: growth", size, value, bound, ours=net[large], margin=1.3)
    curve = {name: tuple((float(steps), taken) for steps, taken in net.items())}
    yield Curve(f"{name}, every line proved".capitalize(), "T", "seconds", curve)


def _twice_the_steps(name: str, target: str, ours: Pair, theirs: Pair) -> Iterator[Found]:
    """Growth for twice the steps, also of the former version at lengths that it reaches."""
    version = former()
    if version is None:
        return
    was, now = _net(version, target, theirs, 0), _net(present(), target, ours, 2)
    reached = "" if ours == theirs else f" (was {theirs[0]} to {theirs[1]})"
    size = f"{ours[0]} to {ours[1]}{reached}"
    ratio, before = now[ours[1]] / now[ours[0]], was[theirs[1]] / was[theirs[0]]
    yield Figure(f"{name}, the command: twice the steps", size, ratio, None, former=before)


def _beside_former(steps: int = 40) -> Iterator[Figure]:
    version = former()
    if version is None:
        return
    works = {"symdiff": _steps(present(), "rnn", steps), "the former version": _steps(version, "rnn", steps)}
    times = medians(works, 3, ["the former version"])
    yield compared(f"{VECTOR}, the command", f"T = {steps}", "the former version", times, 0.07, "")


def _long_lstm(steps: int = 100) -> Figure:
    bare = partial(processor_seconds, [sys.executable, "-c", BARE], present().environment)
    times = medians({"symdiff": _steps(present(), "lstm", steps), BARE: bare}, 3)
    found = compared("lstm, the command, --full", f"T = {steps}", BARE, times, 10, "")
    return replace(found, required=30)


def _beside_jax() -> Iterator[Figure]:
    """The proved page in this process beside what JAX takes to compile, and to trace."""
    lacks = "for one size: no names, no text, no proof"
    works: dict[str, TapeWork] = {"symdiff": partial(_page, 80), "jax": partial(_compiled, 80)}
    work = f"{VECTOR}, its page, proved / jit(grad) compiled"
    yield compared(work, "T = 80", "jax", in_turn(works, 3), 0.3, lacks)
    works = {"symdiff": partial(_page, 1000), "jax": partial(_traced, 1000)}
    work = f"{VECTOR}, its page, proved / make_jaxpr(grad)"
    found = compared(work, "T = 1,000", "jax", in_turn(works, 1), 3, lacks)
    yield replace(found, required=4.8)
    held = peak_megabytes(present(), *_arguments("rnn", 1000))
    yield Figure(f"{VECTOR}, memory of the command", "T = 1,000", held, 200, unit="MB")


def _page(length: int) -> str:
    import symdiff as sd
    from symdiff.exercises import read

    return sd.solve(read("rnn"), mode="reverse", steps=length, full=True).render("latex")


def _compiled(length: int) -> Any:
    import jax

    jax.clear_caches()  # type: ignore[no-untyped-call, unused-ignore]
    return jax.jit(jax.grad(_paired, argnums=(0, 1, 2))).lower(*_given(length)).compile()


def _traced(length: int) -> Any:
    import jax

    jax.clear_caches()  # type: ignore[no-untyped-call, unused-ignore]
    return jax.make_jaxpr(jax.grad(_paired, argnums=(0, 1, 2)))(*_given(length))


def _paired(u: Any, w: Any, v: Any, seed: Any, inputs: Sequence[Any]) -> Any:
    """The result paired with an adjoint, from which a reverse sweep starts."""
    import jax

    h = jax.numpy.zeros(SIZE)
    for x in inputs:
        h = jax.numpy.tanh(u @ x + w @ h)
    return jax.numpy.vdot(seed, jax.nn.softmax(v @ h))


def _given(length: int) -> tuple[Any, ...]:
    import jax

    matrix, vector = jax.numpy.eye(SIZE), jax.numpy.ones(SIZE)
    return matrix, matrix, matrix, vector, [vector] * length
