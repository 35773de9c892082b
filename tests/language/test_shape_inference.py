"""Shapes that a text does not say: what is inferred and said, what is refused; numbers stay numbers."""

from __future__ import annotations

import warnings

import pytest

import symdiff as sd
from symdiff.errors import InputError, NameNotice, ShapeError
from symdiff.exercises import read
from symdiff.language.shape_inference import as_option, program_of_text, recurrence_of_text


def said(text: str) -> tuple[str, str]:
    """The shapes of the inputs of a text, and what is said of them."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        names = program_of_text(text).inputs
    lines = [str(one.message) for one in told if str(one.message).startswith("shapes")]
    return as_option({name.name: name.shape for name in names}), "\n".join(lines)


INFERRED = {
    "softmax(W @ x)": "W=m,n x=n",
    "norm(X @ w - y)**2/2": "X=m,n w=n y=m",
    "f(W, x) = softmax(W @ x)": "W=m,n x=n",
    "softmax(W @ x + b)": "W=m,n x=n b=m",
    "x.T @ A @ x": "x=n A=n,n",
    "x @ A @ x + b @ x + c": "x=n A=n,n b=n c=",
    "trace(A @ X)": "A=m,n X=n,m",
    "log(det(A))": "A=n,n",
    "inv(sigma) @ x": "sigma=n,n x=n",
    "-sum(y*log(softmax(z)))": "y=n z=n",
    "lambda*norm(w)**2 + norm(X @ w - y)**2": "lambda= w=n X=m,n y=m",
    "softmax(z/T)": "z=n T=",
    "softmax(Q @ K.T/sqrt(d)) @ V": "Q=m,n K=k,n d= V=k,p",
    "A @ B + B @ A": "A=n,n B=n,n",
    "sum(relu(W @ x))/n": "W=m,k x=k n=",
    "h = tanh(W1 @ x + b1)\nL = norm(W2 @ h - y)": "W1=m,n x=n b1=m W2=k,m y=k",
    "dot(x, [1, 2, 3])": "x=3",
    "norm(W @ concat(h, x) + b)": "W=m,k+n h=n x=k b=m",
    "concat(A, B, axis=1) @ x": "A=m,n B=m,k x=k+n",
    "norm(x[0:k] - y)": "x=n y=k",
    "x[n-1]*sum(x)": "x=n",
    "W @ x + zeros(m)": "W=m,n x=n",
    "dot(x[0:n-1], x[1:])": "x=n",
}


@pytest.mark.parametrize("text", INFERRED)
def test_shapes_are_inferred_where_one_reading_is_left(text: str) -> None:
    assert said(text)[0] == INFERRED[text]


def test_what_is_inferred_is_said_in_one_line() -> None:
    assert said("s*sum(W @ x)")[1] == "shapes: W m×n, x n; numbers: s"


@pytest.mark.parametrize("text", ["x*y + exp(a*x)", "y = [x1, x2*x1]", "W*x + b", "tanh(A*x)"])
def test_what_reads_as_numbers_is_about_numbers(text: str) -> None:
    shapes, line = said(text)
    assert not line
    assert all(part.endswith("=") for part in shapes.split())


SEVERAL = {
    "sum((X @ w + b - y)**2)": ['--shape "X=m,n w=n b=m y=m"', '--shape "X=m,n w=n b= y=m"'],
    "sum(log(1 + exp(-y*(X @ w))))": ['--shape "y=n X=n,m w=m"', '--shape "y= X=m,n w=n"'],
}


@pytest.mark.parametrize("text", SEVERAL)
def test_several_readings_are_refused_and_shown_the_likeliest_first(text: str) -> None:
    with pytest.raises(ShapeError) as caught:
        program_of_text(text)
    places = [str(caught.value).index(option) for option in SEVERAL[text]]
    assert places == sorted(places)
    for option in SEVERAL[text]:
        shapes = dict(part.split("=") for part in option.split('"')[1].split())
        assert program_of_text(text, None, {n: tuple(filter(None, s.split(","))) for n, s in shapes.items()})


@pytest.mark.parametrize("text", ["softmax(1)", "dot(x, [1, 2]) + dot(x, [1, 2, 3])"])
def test_where_no_shapes_fit_the_error_is_one_of_shapes(text: str) -> None:
    with pytest.raises(InputError) as caught:
        program_of_text(text)
    assert "axis" not in str(caught.value)


def test_shapes_that_are_given_stay_and_the_others_follow() -> None:
    found = program_of_text("norm(X @ w - y)", None, {"X": (5, "d")})
    assert [name.shape for name in found.inputs] == [("5", "d"), ("d",), ("5",)]


def test_lists_at_a_point_say_what_is_an_array() -> None:
    found = read("tanh(x)*a", at={"x": (1, 2), "a": 3}).program
    assert [name.shape for name in found.inputs] == [("n",), ()]
    row = read("A @ x", at={"A": ((1, 2),), "x": (1, 2)}).program
    assert [name.shape for name in row.inputs] == [(1, "n"), ("n",)]


def test_states_and_sequences_have_the_shape_of_one_value_and_a_zero_is_an_array() -> None:
    text = "h[t] = tanh(W @ h[t-1] + U @ x[t] + b); h[-1] = 0; L = sum(norm(h[t] - y[t])**2)"
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = recurrence_of_text(text)
    assert [name.shape for name in found.inputs] == [("n", "n"), ("n", "m"), ("n",)]
    assert {name: stem.shape for name, stem in found.stems.items()} == {"x": ("m",), "y": ("n",), "h": ("n",)}
    assert "h[-1] = 0 is read as zeros(n)" in [str(one.message) for one in told]


def test_nothing_is_told_twice() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        sd.trace("e*sum(W @ x)")
    assert len({str(one.message) for one in told}) == len(told)
    assert all(issubclass(one.category, NameNotice) for one in told)


def test_a_page_states_what_was_inferred() -> None:
    page = sd.render(sd.reverse(sd.trace("softmax(W @ x)")), "text")
    assert "W ∈ ℝᵐˣⁿ and x ∈ ℝⁿ" in page


def test_every_door_takes_shapes() -> None:
    shapes = {"W": ("k", "d"), "x": ("d",)}
    assert "shape (k, d)" in sd.emit("softmax(W @ x)", shapes=shapes)
    assert "ℝᵏˣᵈ" in str(sd.render(sd.reverse(sd.trace("softmax(W @ x)", shapes=shapes)), "text"))
    assert sd.graph("sum(W @ x)", shapes=shapes).render("dot")
    with pytest.raises(sd.UsageError, match="shapes are for texts"):
        sd.graph(sd.trace("x"), shapes=shapes)


@pytest.mark.parametrize("text", ["||y - Xw||^2", "norm(Ax - b)", "‖AB − C‖²"])
def test_a_matrix_and_a_vector_written_as_one_name_are_asked_about(text: str) -> None:
    with pytest.raises(ShapeError, match="may be a product, or a name"):
        program_of_text(text)


def test_letters_that_are_declared_are_a_product() -> None:
    shapes = {"A": ("n", "m"), "X": ("m", "k"), "B": ("k", "n")}
    assert str(program_of_text("tr(AXB)", None, shapes).definitions[0][1]) == "trace(A @ X @ B)"
    assert "AXB" in {n.name for n in program_of_text("AXB + A*x").inputs}
    named = {**shapes, "AXB": ("n", "n")}
    assert str(program_of_text("trace(AXB) + trace(A @ X @ B)", None, named).definitions[0][1]).startswith(
        "trace(AXB)"
    )


def test_what_has_a_shape_is_an_input_beside_those_in_brackets() -> None:
    shapes = {"X": ("m", "d"), "w": ("d",), "y": ("m",)}
    inputs = program_of_text("J(w) = norm(X @ w - y)**2", None, shapes).inputs
    assert [name.name for name in inputs] == ["w", "X", "y"]
    with pytest.raises(InputError, match="'q' is not an input"):
        program_of_text("J(w) = sum(w)", None, {"w": ("d",), "q": ("d",)})
