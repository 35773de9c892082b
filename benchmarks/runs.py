"""Emitted NumPy code for value and gradients, run beside PyTorch's autograd on the CPU, in double
precision."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.clock import in_turn
from benchmarks.record import Curve, Found, compared

MLP = """
wrt = ["W1", "b1", "W2", "b2"]

[inputs]
W1 = ["m", "d"]
b1 = ["m"]
W2 = ["k", "m"]
b2 = ["k"]
x = ["d"]
y = ["k"]

[definitions]
h = "tanh(W1 @ x + b1)"
z = "W2 @ h + b2"
L = "sqnorm(z - y)"
"""
RNN = """
wrt = ["U", "W", "V"]
steps = "T"

[inputs]
U = ["n", "d"]
W = ["n", "n"]
V = ["k", "n"]

[sequences]
x = ["d"]
y = ["k"]

[recurrence]
"h[-1]" = "zeros(n)"
"h[t]" = "tanh(U @ x[t] + W @ h[t-1])"
"l[t]" = "sqnorm(V @ h[t] - y[t])"

[definitions]
L = "sum(l[t])"
"""
TIMES = 20
WIDTHS = {100: 6, 1000: 20, 10_000: 65, 100_000: 220, 1_000_000: 705}
LACKS = "numbers only: no code to read"


def runs(short: bool) -> Iterator[Found]:
    """Both networks at each size: equal numbers, then times. The short form needs no peer."""
    if short:
        return
    for title, text, given, theirs in (("MLP", MLP, _mlp, _torch_mlp), ("RNN", RNN, _rnn, _torch_rnn)):
        function = _compiled(text)
        lines: dict[str, list[tuple[float, float]]] = {"symdiff": [], "torch": []}
        for parameters, width in WIDTHS.items():
            if short and parameters not in (1000, 100_000):
                continue
            times, count = _measured(function, theirs, given(width), 5 if parameters > 10**5 else 15)
            for name, taken in times.items():
                lines[name].append((float(count), taken))
            work = f"emitted NumPy code of the {title}, value and gradients"
            yield compared(work, f"{count:,} parameters", "torch", times, 1, LACKS, margin=2)
        if not short:
            found = {name: tuple(points) for name, points in lines.items()}
            yield Curve(f"{title}: value and gradients", "parameters", "seconds", found)


def _compiled(text: str) -> Callable[..., Any]:
    """The emitted function, as a user imports it."""
    import tempfile
    from pathlib import Path

    import symdiff as sd
    from symdiff.exercises import read

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.toml"
        path.write_text(text, encoding="utf-8")
        code = sd.emit(read(str(path)), target="numpy")
    found: dict[str, Any] = {}
    exec(compile(code, "network.py", "exec"), found)
    return found["value_and_gradients"]  # type: ignore[no-any-return]


def _measured(
    ours: Callable[..., Any], theirs: Callable[..., Any], given: dict[str, Any], runs: int
) -> tuple[dict[str, float], int]:
    import numpy as np
    import torch

    weights = [name for name in given if name not in ("x", "y")]
    tensors = {n: torch.tensor(v, requires_grad=n in weights) for n, v in given.items()}
    inputs = [tensors[name] for name in weights]

    def of_torch() -> Any:
        return torch.autograd.grad(theirs(**tensors), inputs)

    torch.set_num_threads(_threads(of_torch, torch.set_num_threads))
    _set_threads_of_numpy(_threads(lambda: ours(**given), _set_threads_of_numpy))
    _, found = ours(**given)
    for name, other in zip(weights, of_torch(), strict=True):
        assert np.allclose(found[name], other.numpy(), rtol=1e-9, atol=1e-12), f"{name} differs"
    fast = {"symdiff": lambda: ours(**given), "torch": of_torch}
    often = 20 if sum(given[n].size for n in weights) < 50_000 else 1
    repeated = {n: (lambda f=f: [f() for _ in range(often)]) for n, f in fast.items()}
    times = in_turn(repeated, runs)
    return {n: t / often for n, t in times.items()}, sum(int(given[n].size) for n in weights)


def _threads(work: Callable[[], Any], put: Callable[[int], object]) -> int:
    """One thread or as many as there are processors, whichever is faster for this work."""
    found = {}
    for threads in {1, os.cpu_count() or 1}:
        put(threads)
        found[threads] = in_turn({"": work}, 15)[""]
    return min(found, key=lambda threads: found[threads])


def _set_threads_of_numpy(count: int) -> None:
    """The threads of the library that NumPy's products use."""
    from threadpoolctl import ThreadpoolController

    for library in ThreadpoolController().select(internal_api="openblas").lib_controllers:
        library.set_num_threads(count)


def _mlp(width: int) -> dict[str, Any]:
    import numpy as np

    rng = np.random.default_rng(1)
    shapes = {"W1": (width, width), "b1": (width,), "W2": (width, width), "b2": (width,)}
    return {n: rng.normal(size=s) / width for n, s in (shapes | {"x": (width,), "y": (width,)}).items()}


def _rnn(width: int) -> dict[str, Any]:
    import numpy as np

    rng, size = np.random.default_rng(1), max(2, round(width * (2 / 3) ** 0.5))
    shapes = {"U": (size, size), "W": (size, size), "V": (size, size), "x": (TIMES, size), "y": (TIMES, size)}
    return {n: rng.normal(size=s) / size for n, s in shapes.items()}


def _torch_mlp(W1: Any, b1: Any, W2: Any, b2: Any, x: Any, y: Any) -> Any:  # noqa: N803
    import torch

    return ((torch.addmv(b2, W2, torch.tanh(torch.addmv(b1, W1, x))) - y) ** 2).sum()


def _torch_rnn(U: Any, W: Any, V: Any, x: Any, y: Any) -> Any:  # noqa: N803
    """As its users write it: what does not wait for the state is done for all times at once."""
    import torch

    driven = x @ U.T
    h, states = torch.zeros(U.shape[0], dtype=x.dtype), []
    for t in range(x.shape[0]):
        h = torch.tanh(driven[t] + W @ h)
        states.append(h)
    return ((torch.stack(states) @ V.T - y) ** 2).sum()
