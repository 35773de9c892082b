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
    assert f"We start from the seed {seed}" in page
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


RECURRENCES_AT_THE_EDGE = [
    "s[k] = w; h[k] = s[k-1] + w*h[k-1]; s[-1] = 0; h[-1] = a; L = h[T-1]",
    "z[t] = tanh(w*s[t-1]); s[t] = s[t-1]*h[t-1]; h[t] = h[t-1] - u; s[-1] = E; h[-1] = a; L = sum(h**2)",
    "z[t] = tanh(w*s[t-1]); s[t] = s[t-1]*h[t-1]; h[t] = h[t-1] + u*s[t-1]; s[-1] = E; h[-1] = b; L = sum(h)",
    "z[t] = w*x[t]; h[t] = z[t] + u*h[t-1]; h[-1] = a; L = sum(h**2)",
    "h[t] = 3*h[t-1]; h[-1] = a; L = sum(h)",
    "h[t] = -h[t-1]; h[-1] = a; L = sum(h)",
    "s[t] = s[t-1]*a; h[t] = tanh(h[t-1]*s[t-1]*u); h[-1] = b; s[-1] = c; L = h[T-1]",
    "h[t] = w*h[t-1]; h[-1] = 1; L = w*u",
    "h[t] = w*h[t-1] + b; h[-1] = 0; L = sum(h); M = 2",
    "h[t] = w; L = sum(h)",
    "z[t] = z[t-1]; z[-1] = c; L = z[T-1]",
    "c[t] = sin(3); z[t] = c[t-1]; c[-1] = u",
    "z[t] = 3; s[t] = z[t-1]; z[-1] = c; L = s[T-1]*b",
    "h[t] = h[t-1] + u; z[t] = 3; s[t] = z[t-1]*u*2; h[-1] = u; z[-1] = b; L = s[T-1]",
    "z[t] = -(v + u)/2; s[t] = h[t-1] - z[t-1]; h[t] = sin(h[t-1] + a); z[-1] = c; h[-1] = u; L = h[T-1]*u",
]


@pytest.mark.parametrize("cell", RECURRENCES_AT_THE_EDGE)
def test_a_recurrence_at_the_edge_has_its_page(cell: str) -> None:
    assert sd.solve(read(cell), mode="bptt").render("text", "fr")


def test_a_recurrence_of_numbers_alone_says_what_is_missing() -> None:
    with pytest.raises(sd.InputError, match="nothing to differentiate by; put a name where a number stands"):
        sd.solve(read("h[k] = 3; L = sum(h**2)"), mode="bptt")


@pytest.mark.parametrize(
    ("formula", "names", "form"),
    [
        ("outer(x, x) @ x", "x", "2·x xᵀ + (xᵀ x)·Iₙ"),
        ("outer(u, x) @ u + outer(x, u) @ x", "xu", "u uᵀ + x uᵀ + (uᵀ x)·Iₙ"),
    ],
)
def test_a_product_with_an_outer_product_has_its_jacobian(
    formula: str, names: str, form: str, tmp_path: Path
) -> None:
    file = tmp_path / "outer.toml"
    inputs = "\n".join(f'{name} = ["n"]' for name in names)
    body = f'wrt = ["x"]\n[inputs]\n{inputs}\n[definitions]\nf = "{formula}"\n'
    file.write_text(body, encoding="utf-8")
    assert form in sd.solve(read(str(file)), mode="jacobian").render("text", "en")


def test_a_marked_tangent_is_explained_before_the_derivatives_of_earlier_values() -> None:
    cell = "h[t] = tanh(u*x[t] + w*h[t-1]); h[-1] = 0; L = sum((h[t] - y[t])**2)"
    page = sd.solve(read(cell), mode="forward", steps=3).render("text", "en")
    results = page[page.index("names the input of its sweep, here u") :]
    assert results.index("∂h₁/∂u = ") < results.index("∂L/∂u = ")


@pytest.mark.parametrize(
    "definitions",
    [
        'mu = "mean(X, axis=0)"\nC = "X - mu"\ns = "sqrt(mean(C**2, axis=0) + 1/1000)"\nH = "C/s"\n'
        'Y = "g*H + b"\nL = "sum(V*Y)"\n',
        'D = "sin(X @ g)"\nF = "exp(D)"\nP = "F*b"\nL = "dot(P, g)"\n',
        'i = "X @ g + V[0]"\nk = "i*b"\nJ = "sum(tanh(k))"\n',
    ],
)
def test_reasons_of_entries_are_facts_about_names_that_are_there(definitions: str, tmp_path: Path) -> None:
    file = tmp_path / "entries.toml"
    sizes = "[inputs]\nX = [2, 2]\ng = [2]\nb = [2]\nV = [2, 2]\n[definitions]\n"
    file.write_text(sizes + definitions, encoding="utf-8")
    assert sd.solve(read(str(file)), mode="entries", detail="brief").render("text", "en")


@pytest.mark.parametrize(
    ("layout", "lines"), [("numerator", ("Row j", "column k")), ("denominator", ("Column j", "row k"))]
)
def test_the_layout_of_jacobians_is_said_with_free_letters(
    layout: str, lines: tuple[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "letters.toml"
    body = '[inputs]\nw = ["n", "d"]\ne = ["d"]\n[definitions]\ni = "w @ e"\nJ = "sum(tanh(i))"\n'
    file.write_text(body, encoding="utf-8")
    page = sd.solve(read(str(file)), mode="jacobian", layout=layout).render("text", "en")
    assert all(line in " ".join(page.split()) for line in lines)


def test_paths_are_numbered_with_a_letter_that_is_free() -> None:
    steps = (f"h{t} = tanh(i*x{t} + j*h{t - 1})" for t in range(1, 10))
    page = sd.solve(read("\n".join(("h0 = tanh(i*x0)", *steps))), mode="reverse", wrt=["i"]).render(
        "text", "en"
    )
    assert "In a line written for every k, a number in parentheses" in page


def test_a_number_put_in_behind_a_sign_is_not_repeated() -> None:
    page = sd.solve(read("y = -a*x - b"), mode="chain", at={"a": "2", "x": "3", "b": "1"}).render(
        "text", "en"
    )
    assert "∂y/∂a = −x = −3\n" in page
    assert "= −3 = −3" not in page


def test_what_a_result_does_not_depend_on_is_named() -> None:
    with pytest.raises(sd.InputError, match="h_0 does not depend on U_f, W_f"):
        sd.solve(read("lstm"), mode="jacobian", steps=1)


@pytest.mark.parametrize(
    ("source", "seeds"),
    [
        ("f(x, z) = x**2", "Sweep for z. The seeds are ẇ₁ = 0 and ẇ₂ = 1; no other tangent differs from 0."),
        ("y = x", "The tangent of this input, called the seed, is ẇ₁ = 1; no other tangent differs from 0."),
        ("y = 3 + 0*x", "called the seed, is ẇ₁ = 1; no other tangent differs from 0."),
        (
            "f(a, b, c, d, g) = a**2 + b",
            "Sweep for g. The seeds are ẇ₅ = 1 and 0 for all other inputs; no other tangent differs from 0.",
        ),
    ],
)
def test_a_pass_in_which_all_tangents_are_zero_announces_no_lines(source: str, seeds: str) -> None:
    page = sd.solve(read(source), mode="forward").render("text", "en")
    assert seeds in " ".join(page.split())
    assert "Then:\n\nResult" not in page


def test_a_value_that_leads_nowhere_is_on_no_way_of_a_jacobian() -> None:
    source = "s = exp(a) + exp(b)\nq = exp(a)/s\np = 1/s\nL = -log(p)"
    assert sd.solve(read(source), mode="jacobian").render("text", "en")


@pytest.mark.parametrize("digits", [4, 20, 30])
def test_numbers_of_very_different_sizes_are_put_in_at_any_number_of_digits(
    digits: int, tmp_path: Path
) -> None:
    file = tmp_path / "scores.toml"
    body = '[inputs]\nz = [3]\ny = [3]\n[assume]\ny = "simplex"\n'
    formulas = '[definitions]\np = "softmax(z)"\nL = "-dot(y, log(p))"\n'
    file.write_text(f"{body}{formulas}[at]\nz = [100, 0, -100]\ny = [0, 1, 0]\n", encoding="utf-8")
    assert "10⁻⁴⁴" in sd.solve(read(str(file)), mode="reverse", digits=digits).render("text", "en")


@pytest.mark.parametrize("mode", ["chain", "reverse"])
def test_a_number_next_to_one_is_put_in(mode: str) -> None:
    page = sd.solve(read("s = sigmoid(x)\ny = s*(1 - s)"), mode=mode, at={"x": "-700"}).render("text", "en")
    assert "10⁻³⁰⁵" in page


def test_no_array_is_put_into_a_sum_over_indices(tmp_path: Path) -> None:
    file = tmp_path / "sum.toml"
    body = '[inputs]\nm = [2]\ng = [2]\n[definitions]\nL = "sum(abs(m - g))"\n[at]\nm = [1, 2]\ng = [0, 4]\n'
    file.write_text(body, encoding="utf-8")
    assert "L = Σᵢ |mᵢ − gᵢ| = 3\n" in sd.solve(read(str(file)), mode="chain").render("text", "en")


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_a_jacobian_page_ends_with_the_short_forms(layout: str) -> None:
    loss = "p = sigmoid(w*x + b)\nL = -(y*log(p) + (1 - y)*log(1 - p))"
    page = sd.solve(read(loss), mode="jacobian", layout=layout).render("text", "en")
    assert all(f"│ {form} │" in page for form in ("(p − y)·x", "(p − y)·w", "p − y"))


def test_a_jacobian_by_a_vector_ends_with_the_short_form(tmp_path: Path) -> None:
    file = tmp_path / "logistic.toml"
    definitions = 'p = "sigmoid(X @ w)"\nL = "-mean(y*log(p) + (1 - y)*log(1 - p))"\n'
    file.write_text(f'[inputs]\nX = ["n", "d"]\nw = ["d"]\ny = ["n"]\n[definitions]\n{definitions}')
    page = sd.solve(read(str(file)), mode="jacobian").render("text", "en")
    assert "│ (Xᵀ (p − y)/n)ᵀ │" in page


def test_no_numbers_are_put_in_for_an_array_that_is_shown_in_part(tmp_path: Path) -> None:
    file = tmp_path / "large.toml"
    ones = ", ".join(["1"] * 80)
    file.write_text(
        f'[inputs]\nx = [80]\n[definitions]\ny = "sum(tanh(x))"\n[at]\nx = [{ones}]\n', encoding="utf-8"
    )
    assert sd.solve(read(str(file)), mode="reverse").render("text", "en")
