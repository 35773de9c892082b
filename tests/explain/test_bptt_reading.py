"""The page of a recurrence as it reads: brackets, ranges of times, what is told once and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import solved

from symdiff.api.solution import solve
from symdiff.document.blocks import Chain, Unseen, chains
from symdiff.exercises import read
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.expr.timed import Braced, Time
from symdiff.expr.tree import Sym
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.typst import TypstPrinter
from symdiff.rendering.formulas.widths import points

LEAKY = "z[t] = u*x[t] + w*h[t-1]; h[t] = (1-k)*h[t-1] + k*tanh(z[t]); h[-1] = 0"

GATED = """
[inputs]
k = []
W = ["n", "n"]
[sequences]
x = ["n"]
[recurrence]
"h[-1]" = "zeros(n)"
"h[t]" = "(1-k)*h[t-1] + k*tanh(W @ h[t-1] + x[t])"
[definitions]
L = "sum(h[T-1]**2)"
"""
FAST = """
[inputs]
K = ["n", "n"]
eta = []
[sequences]
x = ["n"]
[recurrence]
"M[-1]" = "zeros(n,n)"
"k[t]" = "K @ x[t]"
"M[t]" = "eta*M[t-1] + outer(k[t], x[t])"
"""
SUMMED = "h[t] = v*x[t] + v + w*h[t-1]; h[-1] = 0"


def lefts(found: list[Chain]) -> set[str]:
    return {str(chain.left) for chain in found}


def test_a_sum_over_a_brace_keeps_its_brackets_in_a_product() -> None:
    a, b, c = Sym("a"), Sym("b"), Sym("c")
    braced = Braced(b + c, Sym("s"))
    assert LatexPrinter()(a * braced).endswith(r"({\underbrace{b + c}_{s}})")
    assert LatexPrinter()(braced + a) == r"{\underbrace{b + c}_{s}} + a"
    assert TypstPrinter()(a * braced).endswith(r"\(underbrace(b + c, s)\)")
    lines = solve(read(SUMMED), "bptt", wrt=("v",)).render("text").splitlines()
    above = next(lines[i - 2] for i, line in enumerate(lines) if "dh₀/dv" in line and "╰" in lines[i - 1])
    assert "(x₀ + 1)" in above


def test_a_brace_is_as_wide_as_what_stands_over_it() -> None:
    assert points(r"{\underbrace{b + c + d}_{s}}") == points("b + c + d")


def test_few_times_are_written_one_by_one() -> None:
    of = read("h[t] = tanh(w*h[t-1]); h[-1] = 0").recurrence
    assert of is not None
    work = CellWork(of, of.inputs, 3)
    few = work.between(Time("", 0), Time("", 1))
    assert (few.key, len(few.params["times"])) == ("bptt.times_few", 2)
    assert work.between(Time("", 0), Time("T", -1)).key == "bptt.times"


def test_values_that_the_result_does_not_need_are_left_out_of_a_sweep() -> None:
    work = solved("rnn", "reverse", steps=2).work
    assert [str(name) for name, _ in work.tape.definitions] == ["h_0", "h_1", "y_1"]


def test_what_the_loss_at_one_time_gives_is_met_once() -> None:
    found = list(chains(solved("rnn3x3").document))
    assert "partial(L, yhat[t])" not in lefts(found)
    (by_mu,) = (chain for chain in found if str(chain.left) == "partial(L, mu[t])")
    assert str(by_mu.members[0]) == "partial(L, l[t])*partial(l[t], mu[t])"


def test_the_lines_of_later_weights_are_proved_and_not_shown_unless_asked_for() -> None:
    for full in (False, True):
        blocks = solve(read(LEAKY), "bptt", full=full).document.blocks
        shown = [c for block in blocks if not isinstance(block, Unseen) for c in chains((block,))]
        assert ("derivative(z[t], w)" in lefts(shown)) is full
        assert "derivative(z[t], w)" in lefts(list(chains(blocks)))


def test_the_gradient_by_a_number_has_the_adjoint_first_and_once(tmp_path: Path) -> None:
    path = tmp_path / "cell.toml"
    path.write_text(GATED, encoding="utf-8")
    text = solve(read(str(path)), "bptt", wrt=("k",)).render("text")
    assert "(∂L/∂hₜ)ᵀ (tanh(W hₜ₋₁ + xₜ) − hₜ₋₁)" in text


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en", "The derivative of hₜ with respect to V is zero"),
        ("fr", "La dérivée de hₜ par rapport à V est nulle"),
    ],
)
def test_a_weight_that_reaches_no_state(lang: str, sentence: str) -> None:
    text = solved("rnn", "bptt", wrt=("V",)).render("text", lang)
    assert sentence in text
    assert "dyₜ/dvec(V) = (diag(yₜ) − yₜ yₜᵀ) (hₜᵀ ⊗ I_m)" in text
    assert "hₜ is a vector and V a matrix" not in text


def test_a_number_of_steps_above_three_with_arrays(tmp_path: Path) -> None:
    path = tmp_path / "cell.toml"
    path.write_text(GATED.replace("[inputs]", "steps = 5\n[inputs]"), encoding="utf-8")
    text = solve(read(str(path)), "bptt", wrt=("k",)).render("text")
    assert "The derivative of h₂ with respect to k" in text


def test_the_number_of_steps_in_a_file_is_that_of_the_page(tmp_path: Path) -> None:
    """Also where lines for every number of steps would need one step more."""
    path = tmp_path / "cell.toml"
    source = GATED.replace("[inputs]", "steps = 4\n[inputs]").replace("h[T-1]", "h[3]")
    path.write_text(source, encoding="utf-8")
    text = solve(read(str(path)), "bptt", wrt=("k",)).render("text")
    assert "For t = 0, …, 3, " in text
    assert "h₄" not in text


def test_a_state_that_is_a_matrix(tmp_path: Path) -> None:
    path = tmp_path / "fast.toml"
    path.write_text(FAST, encoding="utf-8")
    solution = solve(read(str(path)), "bptt")
    text = " ".join(solution.render("text").split())
    assert "Mₜ and K are matrices" in text
    assert "an array with four indices; the number of its entries is n⁴" in text
    assert "is a vector" not in text
    assert r"\eta\,I_{n^{2}}" in solution.render("latex")
    assert "dM₂/dK = x₂² + η·(dM₁/dK)" in text
