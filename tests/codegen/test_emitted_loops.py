"""Code of recurrences runs as printed: its gradients are those of automatic differentiation of its own loop.

PyTorch differentiates the forward loop in float64; NumPy and JAX must give the same numbers. Without PyTorch
the gradients are compared with central differences of the emitted value.
"""

from __future__ import annotations

import importlib
import os
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tools import run_command

import symdiff as sd
from symdiff.exercises import read
from symdiff.exercises.problem import Problem
from symdiff.expr.shapes import is_number

CELLS = (
    "rnn",
    "rnn3x3",
    "rnn-loss",
    "lstm",
    "gru",
    "linear-recurrence",
    "h[0] = 1; h[t] = tanh(w*h[t-1] + x[t]); L = mean(h) + lam*w**2 + h[T]",
    "h[-1] = 0; h[-2] = b; h[t] = sin(a*h[t-1] + b*h[t-2] + x[t]); L = sum(h**2)",
    "h[-1] = 0; h[t] = relu(w*h[t-1] + x[t]*t); L = sum(h)/T",
    "h[-1] = w; h[t] = tanh(w*h[t-1]); L = h[T-1]",
    "c[-1] = 0; h[-1] = 0; c[t] = f*c[t-1] + tanh(u*x[t] + w*h[t-1]); h[t] = tanh(c[t])",
    "E[-1] = 0; E[t] = tanh(in_1*E[t-1] + x[t]); torch = sum(E)",
)
SIZES = {"n": 3, "d": 2, "m": 4}


def peer(name: str) -> ModuleType:
    """A library; without it the test is skipped, and fails in CI."""
    try:
        return importlib.import_module(name)
    except ImportError:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing in CI")
        pytest.skip(f"{name} is not installed")


@cache
def code_of(cell: str, target: str) -> str:
    return sd.emit(cell, target)


def function(cell: str, target: str) -> Any:
    space: dict[str, Any] = {}
    exec(compile(code_of(cell, target), f"<{target}>", "exec"), space)
    return space.get("value_and_vjps") or space["value_and_gradients"]


def arguments(problem: Problem, steps: int) -> tuple[list[Any], Any]:
    """Random numbers for the inputs and the sequences, then an adjoint where the result is no number."""
    of = problem.recurrence
    assert of is not None
    steps = int(of.horizon) if is_number(of.horizon) else steps
    rng = np.random.default_rng(5)
    found = [rng.uniform(0.2, 0.9, sizes(name.shape)) for name in of.inputs]
    for stem in of.sequences:
        value = rng.uniform(0.1, 1, (steps, *sizes(stem.shape)))
        found.append(value / value.sum(-1, keepdims=True) if stem.assume == "simplex" else value)
    last = of.stems[of.stem(of.cell[-1][0])]
    seed = None if of.after else rng.uniform(-1, 1, (steps, *sizes(last.shape)))
    further = [steps] if not of.sequences else []
    return [*found, *([] if seed is None else [seed]), *further], seed


def sizes(shape: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(int(part) if is_number(part) else SIZES[part] for part in shape)


@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_those_of_differences(cell: str, steps: int) -> None:
    problem = read(cell)
    given, seed = arguments(problem, steps)
    call = function(cell, "numpy")
    _, gradients = call(*given)
    assert problem.recurrence is not None
    rng = np.random.default_rng(6)
    for position, name in enumerate(problem.recurrence.inputs):
        if name.name in gradients:
            direction = rng.uniform(-1, 1, np.shape(given[position]))
            ends = []
            for step in (1e-5, -1e-5):
                moved = [*given[:position], given[position] + step * direction, *given[position + 1 :]]
                value = call(*moved)[0]
                ends.append(np.sum(value if seed is None else value * seed))
            slope = (ends[0] - ends[1]) / 2e-5
            assert np.sum(gradients[name.name] * direction) == pytest.approx(slope, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_those_of_autograd_and_the_same_in_jax(cell: str, steps: int) -> None:
    torch, jax = peer("torch"), peer("jax")
    jax.config.update("jax_enable_x64", True)
    problem = read(cell)
    given, seed = arguments(problem, steps)
    assert problem.recurrence is not None
    count = len(problem.recurrence.inputs)
    tensors = [torch.tensor(x) if not isinstance(x, int) else x for x in given]
    leaves = [x.clone().requires_grad_() for x in tensors[:count]]
    value, own = function(cell, "torch")(*leaves, *tensors[count:])
    loss = value if seed is None else (value * torch.tensor(seed)).sum()
    theirs = torch.autograd.grad(loss, leaves, allow_unused=True)
    _, jaxs = function(cell, "jax")(*(x if isinstance(x, int) else jax.numpy.asarray(x) for x in given))
    for name, gradient in zip(problem.recurrence.inputs, theirs, strict=True):
        if name.name in own:
            wanted = np.zeros(sizes(name.shape)) if gradient is None else gradient.numpy()
            assert np.max(np.abs(np.asarray(own[name.name].detach()) - wanted)) < 1e-10
            assert np.max(np.abs(np.asarray(jaxs[name.name]) - wanted)) < 1e-10


def test_the_network_has_the_shape_it_says_and_is_the_loop() -> None:
    torch = peer("torch")
    space: dict[str, Any] = {}
    exec(compile(sd.emit("rnn", "torch"), "<torch>", "exec"), space)
    network = space["Network"](7, 10, 3).double()
    x = torch.randn(5, 13, 7, dtype=torch.float64)
    found = network(x)
    assert found.shape == (5, 3)
    weights = [network.U.weight, network.W.weight, network.V.weight]
    for row in range(5):
        values, _ = space["value_and_vjps"](*weights, x[row], torch.zeros(13, 3, dtype=torch.float64))
        assert torch.allclose(values[-1], found[row], atol=1e-12)
    assert network.U.bias is None


OVERTAKEN = """
[inputs]
W = ["n", "n"]
U = ["n", "d"]
V = ["m", "n"]
a = ["n"]
[sequences]
x = ["d"]
[recurrence]
"h[-1]" = "zeros(n)"
"c[-1]" = "zeros(n)"
"h[t]" = "tanh(W @ h[t-1] + U @ x[t]) + c[t-1]"
"c[t]" = "a*h[t-1] + c[t-1]"
"y[t]" = "softmax(V @ h[t] + V @ c[t-1])"
"""


def test_the_network_uses_earlier_values_where_the_cell_does(tmp_path: Path) -> None:
    torch = peer("torch")
    (tmp_path / "own.toml").write_text(OVERTAKEN)
    space: dict[str, Any] = {}
    exec(compile(sd.emit(str(tmp_path / "own.toml"), "torch"), "<torch>", "exec"), space)
    network = space["Network"](2, 3, 4).double()
    torch.nn.init.uniform_(network.a)
    x = torch.randn(5, 6, 2, dtype=torch.float64)
    weights = [network.W.weight, network.U.weight, network.V.weight, network.a]
    for row in range(5):
        values, _ = space["value_and_vjps"](*weights, x[row], torch.zeros(6, 4, dtype=torch.float64))
        assert torch.allclose(values[-1], network(x)[row], atol=1e-12)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("U @ x[t]) + c[t-1]", 'U @ x[t-1])"\n"x[-1]" = "zeros(d)'),
        ("a*h[t-1]", "a*h[t-1]/n"),
        ("a*h[t-1]", "t*a*h[t-1]"),
        ("a*h[t-1]", "ones(n)*h[t-1]"),
    ],
)
def test_no_network_is_written_for_what_it_could_not_say(old: str, new: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OVERTAKEN.replace(old, new))
    assert "class Network" not in sd.emit(str(tmp_path / "own.toml"), "torch")


def test_a_network_is_written_for_cells_of_layers_only() -> None:
    assert "class Network(nn.Module):" in sd.emit("lstm", "torch")
    assert "class Network" not in sd.emit("linear-recurrence", "torch")
    assert "class Network" not in sd.emit("rnn", "numpy")


def test_the_loss_stays_outside_the_network() -> None:
    code = sd.emit("rnn-loss", "torch")
    forward = code.partition("def forward")[2].partition("def value_and_gradients")[0]
    assert "self.V(h) + self.c" in forward
    assert "log" not in forward


SUMMED = """
[inputs]
W = ["n", "n"]
U = ["n", "n"]
V = ["n", "n"]
c = ["n"]
[sequences]
x = ["n"]
s = []
[recurrence]
"h[-1]" = "c"
"h[t]" = "tanh(s[t]*(W @ x[t]) - W @ h[t-1]/3 + U @ c + V @ h[t-1] + V.T @ x[t])"
[definitions]
L = "sum(sqnorm(h[t]))"
"""


@pytest.mark.parametrize("target", ["numpy", "torch", "jax"])
def test_a_weight_that_acts_several_times_has_one_product_of_all_times_for_each(
    target: str, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text(SUMMED)
    torch = peer("torch")
    code = sd.emit(str(tmp_path / "own.toml"), target)
    gradients = code.partition("# each weight acts")[2].replace(" ", "")
    assert "outer" not in gradients.partition("W_bar=")[2].partition("\n")[0]
    rng = np.random.default_rng(3)
    given = [rng.normal(size=s) for s in ((3, 3), (3, 3), (3, 3), (3,), (5, 3), (5,))]
    lib = peer({"torch": "torch", "jax": "jax.numpy"}.get(target, "numpy"))
    if target == "jax":
        peer("jax").config.update("jax_enable_x64", True)
    space: dict[str, Any] = {}
    exec(compile(code, f"<{target}>", "exec"), space)
    _, found = space["value_and_gradients"](*(lib.asarray(value) for value in given))
    weights = [torch.tensor(value, requires_grad=True) for value in given]
    W, U, V, c, x, s = weights  # noqa: N806
    h, loss = c, 0
    for t in range(5):
        h = torch.tanh(s[t] * (W @ x[t]) - W @ h / 3 + U @ c + V @ h + V.T @ x[t])
        loss = loss + (h**2).sum()
    for name, wanted in zip("WUVc", torch.autograd.grad(loss, weights[:4]), strict=True):
        assert np.max(np.abs(np.asarray(found[name]) - wanted.numpy())) < 1e-10


def test_steps_that_a_loss_needs_are_said() -> None:
    code = sd.emit("h[-1] = 0; h[t] = tanh(w*h[t-1] + x[t]); L = h[0]*h[T-1]")
    assert "There must be at least 2 steps." in code


def test_the_command_writes_a_module() -> None:
    done = run_command("code", "rnn", "--target", "torch")
    assert done.returncode == 0
    compile(done.stdout, "<torch>", "exec")
    assert max(map(len, done.stdout.splitlines())) <= 100
