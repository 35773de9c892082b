"""Pages at the edge: results that are not the last step, values below all numbers, cells without a factor."""

from __future__ import annotations

from pathlib import Path

import pytest

import symdiff as sd
from symdiff.exercises import read


@pytest.mark.parametrize(
    ("source", "seed"),
    [
        ("f(x, z) = x", "w̄₂ = ∂f/∂w₂ = 1"),
        ("u = 2*z\nL = x", "w̄₂ = ∂L/∂w₂ = 1"),
        ("p = a**2\nq = sin(p)\nr = p", "w̄₂ = ∂r/∂w₂ = 1"),
    ],
)
def test_the_result_is_the_last_variable_whatever_else_is_defined(source: str, seed: str) -> None:
    page = sd.solve(read(source), mode="both").render("text", "en")
    assert f"The seed is {seed}" in page
    assert "sin w" not in page


@pytest.mark.parametrize(
    ("source", "at"),
    [
        ("y = sigmoid(a)", "-1e40"),
        ("y = tanh(a)", "1e9"),
        ("y = exp(-exp(a))", "220"),
        ("y = exp(-a)", "1e60"),
    ],
)
def test_a_value_too_small_for_any_page_is_refused_at_once(source: str, at: str) -> None:
    with pytest.raises(sd.DomainError, match="below 10\\^-1000"):
        sd.solve(read(source), mode="reverse", at={"a": at}).render("text", "en")


def test_a_state_that_does_not_rest_on_itself_has_its_page() -> None:
    cell = "z[t] = S*h[t-1]; h[t] = S; h[-1] = 0.5; L = sum(z)"
    assert sd.solve(read(cell), mode="bptt").render("text", "en")


@pytest.mark.parametrize("function", ["sin(x)", "sqnorm(x)", "x/norm(x)"])
@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_a_composition_of_one_function_has_its_page_at_any_size(
    function: str, layout: str, tmp_path: Path
) -> None:
    file = tmp_path / "one.toml"
    body = f'composition = "f"\n[inputs]\nx = ["n"]\n[functions]\nf = {{ of = "x", is = "{function}" }}\n'
    file.write_text(body, encoding="utf-8")
    assert sd.solve(read(str(file)), mode="jacobian", layout=layout).render("text", "en")


def test_a_stage_that_is_a_vector_of_one_has_its_page(tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    body = '[inputs]\nx = ["n"]\nB = [1, "n"]\n[definitions]\np = "B@x"\nL = "sqnorm(p)"\n'
    file.write_text(body, encoding="utf-8")
    assert sd.solve(read(str(file)), mode="jacobian", layout="denominator").render("text", "en")
