"""Exercises whose definitions meet in the result: regularisers, repeated formulas, values that cancel."""

from __future__ import annotations

from pathlib import Path

import pytest

from symdiff.api.solution import solve
from symdiff.errors import InputError
from symdiff.exercises import read

N = '["n"]'
EXERCISES = {
    "a regulariser": (
        {"X": '["m", "d"]', "w": '["d"]', "y": '["m"]', "lam": "[]"},
        {"r": "X @ w - y", "loss": "dot(r, r)/m + lam*dot(w, w)"},
    ),
    "a sum beside": ({"x": N}, {"r": "sqnorm(x)", "L": "r + sum(x)"}),
    "a formula again": ({"x": N}, {"r": "sqnorm(x)", "L": "r + sqnorm(x)"}),
    "a zero gradient": ({"x": N}, {"p": "softmax(x)", "L": "sum(p)"}),
    "a correlation": (
        {"x": N, "y": N},
        {"u": "x - mean(x)", "v": "y - mean(y)", "L": "dot(u, v)/(norm(u)*norm(v))"},
    ),
    "an input without influence": ({"x": N, "a": N}, {"L": "sqnorm(x)"}),
    "a number inside": ({"X": '["n", "n"]', "c": "[]"}, {"L": "det(c*X)"}),
}


def exercise(name: str, folder: Path) -> Path:
    inputs, definitions = EXERCISES[name]
    path = folder / "own.toml"
    lines = [f'output = "{list(definitions)[-1]}"', "[inputs]", *(f"{k} = {v}" for k, v in inputs.items())]
    lines += ["[definitions]", *(f'{k} = "{v}"' for k, v in definitions.items())]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("mode", ["chain", "forward", "reverse"])
@pytest.mark.parametrize("name", EXERCISES)
def test_a_right_exercise_is_proved(name: str, mode: str, tmp_path: Path) -> None:
    solution = solve(read(str(exercise(name, tmp_path))), mode)
    assert solution.certificate.members > 0
    for language in ("en", "fr"):
        assert solution.render("latex", language)


def test_steps_are_not_called_like_a_size(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('output = "L"\n[inputs]\nx = ["w_1"]\n[definitions]\nL = "sum(x)*w_1"\n')
    solution = solve(read(str(path)), "reverse")
    assert str(solution.work.tape.order[0]) == "v_1"


def test_numbers_at_a_tie_are_rounded_to_even(tmp_path: Path) -> None:
    rows = [[51 if i == j else "-0.09337" for j in range(40)] for i in range(40)]
    numbers = ", ".join("[" + ", ".join(map(str, row)) + "]" for row in rows)
    path = tmp_path / "own.toml"
    head = 'output = "L"\n[inputs]\nA = [40, 40]\n[definitions]\nu = "A*0.5"\nL = "sum(u)"\n'
    path.write_text(f"{head}[at]\nA = [{numbers}]\n")
    assert "0.04668" in solve(read(str(path)), "reverse").render("text")


def test_a_chain_of_named_quantities_needs_a_number_at_its_end() -> None:
    with pytest.raises(InputError, match="y is a vector of 3"):
        solve(read("gof"), "chain")
