"""Emitted code runs as printed, and gives the values and gradients that other routes give.

Values and central differences are found in 50 digits from the names of the operations; in PyTorch and JAX
the gradients are also those of their own automatic differentiation.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import os
import re
import subprocess
import sys
import textwrap
import warnings
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from emitted import ARRAYS, PROBLEMS, SCALARS, TITLED, as_floats, case, derivation_of
from tools import run_command

import symdiff as sd
from symdiff.codegen.module import Module
from symdiff.codegen.short_statements import derived
from symdiff.codegen.target import CodePattern, Precedence, load_target
from symdiff.errors import InputError, UsageError
from symdiff.exercises.problem import Problem
from symdiff.expr.notation import application
from symdiff.expr.tree import Expr
from symdiff.language.program import parse_program
from symdiff.rendering.formats.folders import targets
from symdiff.rules.array_rows import FORM_ROWS
from symdiff.rules.rule import Rule
from symdiff.rules.table import RULES, functions


def peer(name: str) -> ModuleType:
    """A library that code is written for; without it the test is skipped, and fails in CI."""
    try:
        return importlib.import_module(name)
    except ImportError:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing in CI")
        pytest.skip(f"{name} is not installed")


@cache
def source(name: str, target: str) -> str:
    return Module(derivation_of(name), load_target(target), PROBLEMS[name].titles.get("en", "")).render()


def function(name: str, target: str) -> Callable[..., Any]:
    """The function of the emitted module, which sees nothing but what the module imports."""
    space: dict[str, Any] = {}
    exec(compile(source(name, target), f"<{target}>", "exec"), space)
    return space["value_and_vjps" if derivation_of(name).tape.output.shape else "value_and_gradients"]


def arguments(name: str) -> list[Any]:
    """The inputs in their order, then the adjoint of a result that is an array."""
    point, seed, _, _ = case(name)
    seeds = [seed] if derivation_of(name).tape.output.shape else []
    return [as_floats(v) for v in [*point.values(), *seeds]]


def is_real(value: Any) -> bool:
    """Whether an argument is a real number or an array of them, and no index."""
    return np.asarray(value).dtype == float


def near(given: Any, true: Any, within: float) -> bool:
    """Whether two arrays of one shape agree, relative to the largest entry."""
    given, true = np.asarray(given, dtype=float), np.asarray(true, dtype=float)
    scale = max(1.0, float(np.max(np.abs(true))))
    return given.shape == true.shape and bool(np.max(np.abs(given - true)) <= within * scale)


def check(name: str, value: Any, gradients: dict[str, Any], within: float = 1e-12) -> None:
    _, _, true, slopes = case(name)
    assert near(value, as_floats(true), within)
    assert list(gradients) == [s.name for s in derivation_of(name).wrt]
    for key, slope in slopes.items():
        assert near(gradients[key], as_floats(slope), 10 * within), key


@pytest.mark.parametrize("name", PROBLEMS)
def test_numpy_code_gives_the_value_and_the_differences(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(name, *function(name, "numpy")(*arguments(name)))


@pytest.mark.parametrize("name", PROBLEMS)
def test_torch_code_gives_what_autograd_gives(name: str) -> None:
    torch = peer("torch")
    given = [torch.tensor(v, dtype=torch.float64 if is_real(v) else torch.long) for v in arguments(name)]
    inputs = [v.requires_grad_() for v in given[: len(derivation_of(name).tape.inputs)]]
    value, gradients = function(name, "torch")(*given)
    within = 1e-9 if "polygamma" in name else 1e-12  # PyTorch's trigamma is right to 5e-10
    check(name, value.detach(), {key: g.detach() for key, g in gradients.items()}, within)
    assert all(v.dtype == torch.float64 for v in (value, *gradients.values()))
    wanted = dict(zip(derivation_of(name).tape.variables, inputs, strict=True))
    if value.requires_grad:
        seed = given[-1] if value.shape else None
        own = torch.autograd.grad(
            value, [wanted[key] for key in gradients], seed, allow_unused=True, materialize_grads=True
        )
        for (key, g), slope in zip(gradients.items(), own, strict=True):
            assert near(g.detach(), slope.detach(), max(within, 1e-10)), key


@pytest.mark.parametrize("name", PROBLEMS)
def test_jax_code_gives_what_its_own_differentiation_gives(name: str) -> None:
    jax = peer("jax")
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_disable_most_optimizations", True)
    emitted = function(name, "jax")
    given = [jax.numpy.asarray(v) for v in arguments(name)]
    count = len(derivation_of(name).tape.inputs)
    rest = given[count:]
    (value, gradients), own = jax.jit(lambda *x: (emitted(*x, *rest), _pulled_back(jax, emitted, x, rest)))(
        *given[:count]
    )
    gradients = {s.name: gradients[s.name] for s in derivation_of(name).wrt}
    check(name, value, gradients, 1e-11)
    wanted = dict(zip(derivation_of(name).tape.variables, own, strict=True))
    for key, g in gradients.items():
        assert near(g, wanted[key], 1e-10), key


def _pulled_back(jax: Any, emitted: Callable[..., Any], inputs: Any, rest: list[Any]) -> Any:
    value, back = jax.vjp(lambda *x: emitted(*x, *rest)[0], *inputs)
    return back(rest[-1] if value.shape else jax.numpy.ones_like(value))


def test_a_wrong_sign_is_caught() -> None:
    wrong = source("sigmoid", "numpy").replace("a_bar = x", "a_bar = -x")
    space: dict[str, Any] = {}
    exec(wrong, space)
    with pytest.raises(AssertionError):
        check("sigmoid", *space["value_and_gradients"](*arguments("sigmoid")))


def test_every_function_of_the_language_is_run_and_has_code_in_every_target() -> None:
    said = "\n".join([*SCALARS, *(text for text, _, _ in ARRAYS)])
    words = set(re.findall(r"[a-z_]+[0-9]*", said))
    assert set(functions()) <= words
    for target in targets():
        internal = {"total", *(row.op.name for row in FORM_ROWS)}
        assert set(RULES) - internal <= set(load_target(target).operations)


@pytest.mark.parametrize("target", targets())
def test_the_code_is_formatted_and_clean(target: str, tmp_path: Path) -> None:
    for i, name in enumerate(PROBLEMS):
        text = source(name, target)
        ast.parse(text)
        assert max(map(len, text.splitlines())) <= 100, name
        (tmp_path / f"module_{i}.py").write_text(text, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    width = "line-length = 100"
    for command in (
        ["format", "--check", "--isolated", "--config", width, "."],
        [
            "check",
            "--isolated",
            "--config",
            width,
            "--select",
            "E,F,W,I,A,N999",
            "--ignore",
            "E741,F841",
            ".",
        ],
    ):
        done = subprocess.run([*ruff, *command], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("target", targets())
def test_nothing_but_the_library_is_imported(target: str) -> None:
    for name in PROBLEMS:
        tree = ast.parse(source(name, target))
        found = {
            (getattr(node, "module", None) or node.names[0].name).split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        assert found <= {target, "math"}
        assert not re.search(r"grad\(|vjp\(|backward\(", source(name, target))


def test_a_title_stays_inside_its_docstring() -> None:
    tree = ast.parse(source("titled", "numpy"))
    assert isinstance(tree.body[1], ast.FunctionDef)
    assert (ast.get_docstring(tree) or "").startswith('"""\\" quoted \\\\ and broken  "line" \\: value')
    assert TITLED.titles["en"].count('"') == 6


def test_names_are_made_safe_without_colliding() -> None:
    name = next(text for text in PROBLEMS if text.startswith("lambda"))
    text = source(name, "numpy")
    for safe in ("lambda_ = ", "np_: float", "float_: float", "L_bar = ", '"float": float_bar'):
        assert safe in text
    assert "torch_ = " in source(name, "torch")


def test_extreme_arguments_do_not_overflow() -> None:
    space: dict[str, Any] = {}
    exec(sd.emit("y = sigmoid(x) + softplus(x)"), space)
    with np.errstate(all="raise", under="ignore"):
        assert space["value_and_gradients"](800.0)[0] == 801.0
        assert space["value_and_gradients"](-800.0)[1]["x"] == 0.0
    exec(source("logistic-lse", "numpy"), space)
    with np.errstate(all="raise", under="ignore"):
        value, _ = space["value_and_gradients"](
            W=np.eye(2) * 1e4, x=np.eye(2)[0], b=np.ones(2), y=np.eye(2)[0]
        )
    assert value == 0.0


@pytest.mark.parametrize("target", targets())
def test_a_kink_follows_the_convention(target: str) -> None:
    library = peer("jax.numpy" if target == "jax" else target)
    number = getattr(library, "tensor", library.asarray)
    space: dict[str, Any] = {}
    exec(sd.emit("y = 3*relu(x) + 5*abs(x) + 7*max(x, z) + 11*min(x, z)", target), space)
    _, gradients = space["value_and_gradients"](number(0.0), number(0.0))
    assert float(gradients["x"]) == 9.0
    assert float(gradients["z"]) == 9.0
    assert "relu, abs, max, min" in space["value_and_gradients"].__doc__


def test_the_inputs_asked_for_are_those_given() -> None:
    text = sd.emit("mlp", wrt=["w32"])
    assert 'return loss, {"w32": w32_bar}' in text
    assert "w1A_bar" not in text
    with pytest.raises(UsageError, match="is not an input"):
        sd.emit("sigmoid", wrt="q")


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean 'numpy'"):
        sd.emit("sigmoid", "nunpy")


def test_a_new_function_without_code_is_its_formula_or_one_clear_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    op = application("swish", "", "swish")

    def slopes(w: Expr, u: Expr) -> tuple[Expr]:
        return (w + Expr(RULES["sigmoid"].op, u) * (1 - w),)

    row = Rule(
        op, lambda m, u: u / (1 + m.exp(-u)), slopes, None, lambda s, u: u / (1 + s.exp(-u)), formula=True
    )
    monkeypatch.setitem(RULES, "swish", row)
    space: dict[str, Any] = {}
    exec(sd.emit("y = swish(a*x)"), space)
    value, gradients = space["value_and_gradients"](0.5, 1.5)
    assert value == pytest.approx(0.75 / (1 + np.exp(-0.75)))
    ahead, behind = (space["value_and_gradients"](0.5, 1.5 + h)[0] for h in (1e-6, -1e-6))
    assert gradients["x"] == pytest.approx((ahead - behind) / 2e-6, rel=1e-8)
    sinc = application("sinc", "", "sinc")
    monkeypatch.setitem(
        RULES,
        "sinc",
        Rule(sinc, lambda m, u: m.sin(u) / u, lambda w, u: ((Expr(RULES["cos"].op, u) - w) / u,)),
    )
    with pytest.raises(
        InputError, match=r"no code for 'sinc' in numpy; add a line to templates/code/numpy.toml"
    ):
        sd.emit("y = sinc(a*x)")


def repeated(lines: str) -> list[str]:
    """What costs something and is computed more than once in some statements."""
    operations = (ast.BinOp, ast.Call)
    parts = [node for node in ast.walk(ast.parse(textwrap.dedent(lines))) if isinstance(node, operations)]
    worth = [p for p in parts if sum(isinstance(node, operations) for node in ast.walk(p)) > 1]
    return [part for part, times in Counter(map(ast.unparse, worth)).items() if times > 1]


@pytest.mark.parametrize("target", targets())
@pytest.mark.parametrize("with_code", [False, True])
def test_what_a_function_written_out_uses_several_times_is_computed_once(
    with_code: bool, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = application("silu", "", "silu")

    def slopes(w: Expr, u: Expr) -> tuple[Expr]:
        return (w + Expr(RULES["sigmoid"].op, u) * (1 - w),)

    row = Rule(
        op, lambda m, u: u / (1 + m.exp(-u)), slopes, None, lambda s, u: u / (1 + s.exp(-u)), formula=True
    )
    monkeypatch.setitem(RULES, "silu", row)
    table = load_target(target)
    if with_code:
        silu = CodePattern("{0} * sigmoid({0})", Precedence.PRODUCT, (Precedence.PRODUCT,))
        own = {**table.operations, "silu": silu}
        table = dataclasses.replace(table, operations=own)
        assert "sigmoid" in table.operations
    program = "z = a*x + sin(x)\ny = silu(silu(exp(z)*x + a)*z)"
    derivation = derived(Problem("silu", parse_program(program)))
    code = Module(derivation, table).render()
    forward, _, backward = code.partition("    # forward\n")[2].partition("    # backward")
    assert repeated(forward) == repeated(backward.partition("\n")[2].partition("    return")[0]) == []
    assert "t1" in forward
    loops = sd.emit("h[t] = silu(u*x[t] + w*h[t-1]); h[-1] = 0; L = sum(h)", target)
    inside = loops.partition("# forward in time")[2].partition("# backward")[0]
    assert inside.count("u * x[t]") == 1
    if target == "numpy":
        space: dict[str, Any] = {}
        exec(code, space)
        _, gradients = space["value_and_gradients"](0.3, 0.7)
        ahead, behind = (space["value_and_gradients"](0.3, 0.7 + h)[0] for h in (1e-6, -1e-6))
        assert gradients["x"] == pytest.approx((ahead - behind) / 2e-6, rel=1e-8)


def test_the_command_writes_code(tmp_path: Path) -> None:
    path = tmp_path / "sigmoid.py"
    done = run_command("code", "sigmoid", "--wrt", "x", "-o", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert path.read_text(encoding="utf-8") == sd.emit("sigmoid", wrt="x")
    done = run_command("code", "-", "--target", "jax", input=b"h = tanh(U*x)\ny = V*h\n")
    assert b"jnp.tanh(U * x)" in done.stdout
    assert run_command("code", "sigmoid", "--target", "tensorflow").returncode == 2
