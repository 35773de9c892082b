"""Answers in the author's names: the form of a textbook, with its order, and derivatives left under names."""

from __future__ import annotations

import json

import pytest

import symdiff as sd
from symdiff.exercises import read

ELMAN = "h0 = tanh(U*x0)\nh1 = tanh(U*x1 + W*h0)"
NETWORK = "z = w1*x + b1\nh = tanh(z)\ns = w2*h + b2\ny = sigmoid(s)\nL = (y - t)**2/2"
ENTROPY = "p = sigmoid(z)\nL = -y*log(p) - (1 - y)*log(1 - p)"
MEAN = "m = (x1 + x2 + x3)/3"
SQUARES = "((x1 - m)**2 + (x2 - m)**2 + (x3 - m)**2)/3"
TEXTBOOK = [
    (ELMAN, "U", "(1 - h1**2)*(x1 + W*(1 - h0**2)*x0)"),
    (ELMAN, "x0", "(1 - h1**2)*W*(1 - h0**2)*U"),
    (ELMAN, "W", "(1 - h1**2)*h0"),
    (f"{ELMAN}\nh2 = tanh(U*x2 + W*h1)", "U", "(1 - h2**2)*(x2 + W*(1 - h1**2)*(x1 + W*(1 - h0**2)*x0))"),
    ("h = sigmoid(w*x + b)\nL = (h - y)**2/2", "w", "(h - y)*h*(1 - h)*x"),
    ("a = w*x + b\nh = tanh(a)\nL = (h - y)**2", "w", "2*(h - y)*(1 - h**2)*x"),
    (NETWORK, "w1", "(y - t)*y*(1 - y)*w2*(1 - h**2)*x"),
    (NETWORK, "w2", "(y - t)*y*(1 - y)*h"),
    (NETWORK, "b2", "(y - t)*y*(1 - y)"),
    (ENTROPY, "y", "log(1 - p) - log(p)"),
    (ENTROPY, "z", "p - y"),
    ("y = sigmoid(w1*x1 + w2*x2)\nL = -t*log(y) - (1 - t)*log(1 - y)", "w1", "(y - t)*x1"),
    ("s = sigmoid(x)\ny = x*s", "x", "s*(1 + x*(1 - s))"),
    ("u = x*y\nv = u + sin(u)\nL = u*v", "x", "(v + u*(1 + cos(u)))*y"),
    ("f = sigmoid(a)\nc = f*c0 + (1 - f)*g", "a", "(c0 - g)*f*(1 - f)"),
    ("r = sqrt((x - a)**2 + (y - b)**2)\nd = r", "x", "(x - a)/r"),
    ("u = 2*z\nL = x", "z", "0"),
    ("a = exp(z1)\nb = exp(z2)\ns = a + b\np = a/s\nL = -log(p)", "z1", "p - 1"),
    ("q = (x - m)/s\np = exp(-q**2/2)/s\nL = log(p)", "s", "(q**2 - 1)/s"),
    ("u = x**2 + 1\nv = x**2 - 1\ny = u/v", "x", "-4*x/v**2"),
    ("y1 = (y0 + a/y0)/2\ny2 = (y1 + a/y1)/2", "y0", "(1 - a/y1**2)*(1 - a/y0**2)/4"),
    (f"{MEAN}\nv = {SQUARES}\ns = sqrt(v + eps)\nn = (x1 - m)/s\nL = c*n", "x1", "c*(2 - n**2)/(3*s)"),
    ("p = exp(z1)/(exp(z1) + exp(z2) + exp(z3))", "z1", "p*(1 - p)"),
    ("y = sin(x)/x", "x", "cos(x)/x - sin(x)/x**2"),
    ("y = tanh(2*tanh(x))", "x", "2*(1 - y**2)*(1 - tanh(x)**2)"),
    ("y = exp(x*exp(x))", "x", "y*exp(x)*(1 + x)"),
    ("y = x*exp(-x)", "x", "exp(-x)*(1 - x)"),
    ("y = 1/(1 + exp(-a*x))", "x", "a*y*(1 - y)"),
    ("y = tanh(x)**3", "x", "3*tanh(x)**2*(1 - tanh(x)**2)"),
    ("y = log(1 + exp(-s*x))", "x", "-s/(1 + exp(s*x))"),
    (f"{ENTROPY} + lam*z**2", "z", "p - y + 2*lam*z"),
    ("p = sigmoid(w*x)\nL = -y*log(p) - (1 - y)*log(1 - p) + lam*w**2", "w", "(p - y)*x + 2*lam*w"),
    ("p = sigmoid(w*x)\nL = -y*log(p) - (1 - y)*log(1 - p) + 0.01*w**2", "w", "(p - y)*x + 0.02*w"),
    ("p = 1/(1 + exp(-z))\nL = -y*log(p) - (1 - y)*log(1 - p) + 0.05*z**2", "z", "p - y + 0.1*z"),
    ("y = 2.5*x/(1 + 2.5*x)", "x", "2.5/(1 + 2.5*x)**2"),
    ("a = 0.1*x\ny = sigmoid(a)*0.333", "x", "0.0333*sigmoid(a)*(1 - sigmoid(a))"),
    ("o = sigmoid(w*x)\nh = o*tanh(c)", "w", "h*(1 - o)*x"),
    ("y = sqrt(x)*log(x)", "x", "(2 + log(x))/(2*sqrt(x))"),
    ("y = exp(-(x - m)**2/(2*s**2))/(s*sqrt(2*pi))", "s", "y*((x - m)**2 - s**2)/s**3"),
    ("z = (x - m)/s\ny = exp(-z**2/2)/(s*sqrt(2*pi))", "s", "y*(z**2 - 1)/s"),
    ("y = x*sigmoid(b*x)", "x", "sigmoid(b*x)*(1 + x*b*(1 - sigmoid(b*x)))"),
    ("y = x**2*exp(a*x)*sin(x)", "x", "x*exp(a*x)*(sin(x)*(2 + a*x) + x*cos(x))"),
    ("y = m*c**2/sqrt(1 - v**2/c**2)", "c", "c*m*(2*c**2 - 3*v**2)/(sqrt(1 - v**2/c**2)*(c**2 - v**2))"),
    ("y = log((1 + x)/(1 - x))/2", "x", "1/(1 - x**2)"),
    ("y = x**2*z/(x + z)", "x", "x*z*(x + 2*z)/(x + z)**2"),
    ("p = exp(a)/(exp(a) + exp(b) + exp(c))\nL = -log(p)", "b", "exp(b)/(exp(a) + exp(b) + exp(c))"),
]


def forms(source: str, wrt: str, mode: str) -> dict[str, str | None]:
    found = json.loads(sd.solve(read(source), mode=mode, wrt=[wrt]).render("json"))["results"][wrt]
    return {key: found[key] for key in ("expr", "compact")}


@pytest.mark.parametrize(("source", "wrt", "textbook"), TEXTBOOK)
def test_an_answer_is_the_textbook_form(source: str, wrt: str, textbook: str) -> None:
    assert forms(source, wrt, "reverse")["compact"] == textbook


@pytest.mark.parametrize(("source", "wrt", "textbook"), [case for case in TEXTBOOK if "\n" in case[0]])
def test_the_answer_is_that_of_forward_mode_too(source: str, wrt: str, textbook: str) -> None:
    assert forms(source, wrt, "forward")["compact"] == textbook


def unrolled(steps: int, loss: str = "") -> str:
    lines = ["h0 = tanh(U*x0)", *(f"h{t} = tanh(U*x{t} + W*h{t - 1})" for t in range(1, steps))]
    return "\n".join([*lines, loss] if loss else lines)


def answers(page: str) -> str:
    return page.partition("Result\n")[2].partition("\nThe other derivatives")[0]


def test_a_deep_network_is_answered_by_derivatives_of_earlier_values() -> None:
    page = answers(sd.solve(read(unrolled(6)), mode="reverse", wrt=["U"]).render("text", "en"))
    assert "∂h₂/∂U = (1 − h₂²)·(x₂ + W·(∂h₁/∂U))" in page
    assert "│ (1 − h₅²)·(x₅ + W·(∂h₄/∂U)) │" in page
    assert "too long" not in page


@pytest.mark.parametrize("steps", [60, 200])
def test_a_very_deep_network_has_an_answer(steps: int) -> None:
    page = answers(sd.solve(read(unrolled(steps)), mode="reverse", wrt=["U"]).render("text", "en"))
    assert "│ (1 − h" in page
    assert "too long" not in page


def test_a_loss_at_every_time_is_a_sum_over_the_times() -> None:
    loss = "L = (h0 - y0)**2 + (h1 - y1)**2 + (h2 - y2)**2"
    page = answers(sd.solve(read(unrolled(3, loss)), mode="both", wrt=["U"]).render("text", "en"))
    assert "2·(h₂ − y₂)·(∂h₂/∂U)" in page


def test_a_sum_of_very_many_terms_has_an_answer_too() -> None:
    loss = "L = " + " + ".join(f"(h{t} - y{t})**2" for t in range(40))
    page = answers(sd.solve(read(unrolled(40, loss)), mode="reverse", wrt=["U"]).render("text", "en"))
    assert "│ w̄" in page


BLACK_SCHOLES = (
    "d1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T))\nd2 = d1 - sigma*sqrt(T)\n"
    "N1 = (1 + erf(d1/sqrt(2)))/2\nN2 = (1 + erf(d2/sqrt(2)))/2\nC = S*N1 - K*exp(-r*T)*N2"
)


@pytest.mark.parametrize("mode", ["forward", "reverse", "both"])
def test_a_name_that_stands_for_nothing_in_an_answer_is_no_step_of_it(mode: str) -> None:
    """A product of other factors stays as it is; the pages of several passes are written."""
    results = json.loads(sd.solve(read(BLACK_SCHOLES), mode=mode).render("json"))["results"]
    assert results["sigma"]["compact"] == "S*partial(N1, sigma) - K*exp(-r*T)*partial(N2, sigma)"
    assert [step["reason"] for step in results["sigma"]["steps"]] == ["taken_out"]


def test_the_argument_of_a_function_in_an_answer_is_tidied() -> None:
    page = sd.solve(read(BLACK_SCHOLES), mode="reverse").render("text")
    assert "e^(−d₁²/2)" in page
    assert "(d₁/√2)" not in page.partition("Result\n")[2]
