"""The page of backpropagation through time: what it holds, and that its numbers are the known ones."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from pages import solved
from tools import compile_latex, run_here

from symdiff.api.solution import Solution, solve
from symdiff.derivation.derivation import bar
from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Chain, chains
from symdiff.errors import UsageError
from symdiff.exercises import read
from symdiff.exercises.build import build
from symdiff.exercises.file import from_bytes
from symdiff.explain.recurrence.by_hand import HandDerivation
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.recurrence.closed_sum import ClosedSum
from symdiff.explain.recurrence.paths_to_input import Paths
from symdiff.expr.timed import Time
from symdiff.expr.tree import Expr, Num, Sym, postorder, substitute
from symdiff.proof.model import Model

ELMAN = "h[t] = tanh(U*x[t] + W*h[t-1]); h[-1] = 0"
POINT = {"U": Fraction("0.37"), "W": Fraction("-0.81")}
X = (Fraction("0.9"), Fraction("-0.55"), Fraction("0.43"))
ADJOINTS = {"w_8": 1, "w_7": 0.8124405348750365, "w_6": 0.8124405348750365, "w_5": -0.6580768332487796}
ADJOINTS |= {"w_4": 0.8124405348750365, "w_3": -0.5901775685747209, "w_0": -0.9780021058985189}
PATHS = {"a": -0.5311598117172488, "b": -0.44684229418127014}
BY_U = (0.8071395084598716, -0.9780021058985189, 0.9523578880588698)
LOSS = 2.014377146624615
BY_H_1 = [-0.9188549870708099, -1.0473249775841127, -0.11613521017728567]
GRADIENTS = {
    "U": [[-0.3145090731769181, 0.3239436673168633, 0.0], [-0.6601178601111785, -0.4155551777661537, 0.0]],
    "V": [[0.2772789072672911, -0.19839406506691817, 0.1602152426651729]],
    "W": [[0.4275376558689228, 0.0020930013481437865, -0.5495010267640027]],
    "b": [-1.4449383621317669, -2.342419694501205, -0.23932879906653076],
    "c": [0.362992173315589, -0.04574975063686387, -0.31724242267872516],
}


@pytest.fixture(scope="module")
def hand() -> HandDerivation:
    of = read(ELMAN).recurrence
    assert of is not None
    work = CellWork(of, of.inputs, 3, first=0).scalar
    assert work is not None
    return HandDerivation(work, work.wrt[0])


def test_the_steps_by_hand_are_those_of_the_exercise(hand: HandDerivation) -> None:
    tape = hand.tape(1)
    assert [str(name) for _, name in tape.inputs] == ["U", "x_0", "x_1"]
    assert {str(step.var): str(step.body) for step in tape.steps} == {
        "w_3": "w_0*w_1",
        "w_4": "w_0*w_2",
        "w_5": "tanh(w_3)",
        "w_6": "W*w_5",
        "w_7": "w_4 + w_6",
        "w_8": "tanh(w_7)",
    }


def test_the_adjoints_by_hand_have_the_known_values(hand: HandDerivation) -> None:
    tape = hand.tape(1)
    held: dict[Expr, Expr] = {Sym("W"): Num(POINT["W"])}
    steps = tuple(
        replace(s, body=substitute(s.body, held), origin=substitute(s.origin, held)) for s in tape.steps
    )
    model = Model(replace(tape, steps=steps, held=()), {"U": POINT["U"], "x_0": X[0], "x_1": X[1]})
    for name, value in ADJOINTS.items():
        assert float(model.adjoints[Sym(name)]) == pytest.approx(value, rel=1e-14)
    lines = {str(line.var): line for line in reverse(tape).sweeps[0].lines}
    assert str(lines["wbar_0"].members[0]) == "wbar_0_a + wbar_0_b"
    for label, value in PATHS.items():
        assert float(model.paths[Sym("w_0"), label]) == pytest.approx(value, rel=1e-14)


LEAKY = "h[t] = beta*h[t-1] + (1 - beta)*tanh(u*x[t] + w*h[t-1]); h[-1] = 0"
COUPLED = "g[t] = tanh(v*h[t-1] + u*x[t]); h[t] = v*g[t]*h[t-1] + sin(v*g[t]) + v; h[-1] = 0"


MANY_STEPS = (
    "h[-1] = 0; h[t] = sin(w*x[t])*exp(w)*cos(w + x[t])/(1 + w**2*x[t]**2)"
    " + tanh(w*h[t-1])*log(1 + exp(w))*sqrt(1 + w**2) + w**3*h[t-1]"
)
GATES = (
    "c[-1] = 0; h[-1] = 0; f[t] = sigmoid(a*x[t] + b*h[t-1]); o[t] = sigmoid(p*x[t] + q*h[t-1]);"
    " c[t] = f[t]*c[t-1] + tanh(u*x[t] + w*h[t-1]); h[t] = o[t]*tanh(c[t])"
)


def hand_of(source: str, name: str) -> HandDerivation:
    of = read(source).recurrence
    assert of is not None
    return HandDerivation(CellWork(of, of.inputs, 3), next(n for n in of.inputs if n.name == name))


@pytest.mark.parametrize(
    ("source", "name", "forks"),
    [(LEAKY, "u", [2, 2]), (LEAKY, "beta", [2, 2, 2]), (LEAKY, "w", [0]), (COUPLED, "v", [2, 2, 5])],
)
def test_the_adjoints_along_all_paths_add_up_to_the_slope(source: str, name: str, forks: list[int]) -> None:
    """The lines in the order of the page, computed one after the other, against a difference of the cell."""
    hand = hand_of(source, name)
    tape = hand.tape(1)
    paths = Paths(reverse(tape), tape, hand.theta)
    assert [len(fork.columns) for fork in paths.forks] == forks
    lines = [line for fork in paths.forks for line in fork.lines]
    assert len({line.var for line in lines}) == len(lines)

    inputs, definitions = hand.work.recurrence.unrolled(2)
    known: dict[str, Any] = {str(n): 0.3 + 0.17 * i for i, n in enumerate(inputs)}

    def at(value: float) -> float:
        names = {**vars(math), **known, name: value}
        for target, formula in definitions:
            names[str(target)] = eval(str(formula), names)
            if target == hand.at(1):
                break
        known.update({str(s): names[str(s)] for s in hand.constant_values(1) if value == known[name]})
        return float(names[str(hand.at(1))])

    at(known[name])
    slope = (at(known[name] + 1e-5) - at(known[name] - 1e-5)) / 2e-5
    here = {**vars(math), **known, **{str(var): known[str(n)] for var, n in tape.inputs}}
    for step in tape.steps:
        here[str(step.var)] = eval(str(step.body), here)
    for line in lines:
        here[str(line.var)] = eval(str(line.local), here)
    assert here[str(bar(paths.var))] == pytest.approx(slope, rel=1e-8)


def test_by_hand_a_cell_that_takes_too_many_steps_is_said_to() -> None:
    text = solved(MANY_STEPS, "bptt", wrt=("w",)).render("text")
    assert "h₁ takes 32 elementary steps by hand" in text
    assert "The derivative of h₀ with respect to w" in text


def test_by_hand_the_weight_does_not_take_apart_what_it_does_not_reach() -> None:
    found = page(GATES, wrt=("a",))
    assert member_of(found, "derivative(h_0, a)") == ["0"]
    assert member_of(found, "derivative(h_1, a)")[0] == "(1 - tanh(c_1)**2)*(1 - f_1)*c_0*f_1*o_1*x_1"


def test_functions_of_a_state_that_starts_at_zero_are_not_written() -> None:
    cell = "h[t] = tanh(u*x[t] + w*tanh(g[t-1])); g[t] = sin(h[t]) + g[t-1]; g[-1] = 0"
    text = solve(read(cell), "bptt", wrt=("u",)).render("text")
    assert "tanh(0)" not in text
    assert "tanh 0" not in text
    assert "w·0" not in text


def page(target: str, **options: Any) -> list[Chain]:
    return list(chains(solved(target, "bptt", **options).document))


def member_of(found: list[Chain], left: str) -> list[str]:
    return [str(m) for chain in found if str(chain.left) == left for m in chain.members]


def test_the_first_derivatives_and_the_general_one() -> None:
    found = page(ELMAN)
    assert member_of(found, "derivative(h_0, U)")[0] == "(1 - h_0**2)*x_0"
    assert member_of(found, "derivative(h_1, U)")[:2] == [
        "(1 - h_1**2)*W*(1 - h_0**2)*x_0 + (1 - h_1**2)*x_1",
        "(1 - h_1**2)*(x_1 + W*((1 - h_0**2)*x_0))",
    ]
    assert member_of(found, "derivative(h_2, U)")[-1] == (
        "(1 - h_2**2)*(x_2 + W*(1 - h_1**2)*(x_1 + W*(1 - h_0**2)*x_0))"
    )
    general = member_of(found, "derivative(h[t], U)")
    assert "(1 - h[t]**2)*(x[t] + W*derivative(h[t-1], U))" in general
    assert "sum(prod((1 - h[j]**2)*W, j=k+1..t)*(1 - h[k]**2)*x[k], k=0..t)" in general
    assert "(1 - h[t]**2)*(h[t-1] + W*derivative(h[t-1], W))" in member_of(found, "derivative(h[t], W)")


def test_the_general_formulas_have_the_known_numbers() -> None:
    """The recurrence and its closed sum as printed, evaluated at each time of the reader's point."""
    of = read(ELMAN).recurrence
    assert of is not None
    point = {**POINT, **{f"x_{t}": value for t, value in enumerate(X)}}
    work = CellWork(of, of.inputs, 3, at=point, digits=15)
    totals = work.totals(of.inputs[0])
    (state,) = totals.states
    closed = ClosedSum(work, totals)
    for time, expected in enumerate(BY_U):
        here = {"t": Time("", time)}
        for form in (totals.step_form(state), closed.form(of.now, of.now)):
            value = work.value(of.at(form, **here))
            assert isinstance(value, Num)
            assert float(value.value) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("name", ["rnn"])
def test_the_derivative_by_a_matrix_is_on_vec(name: str) -> None:
    found = page(name)
    left = "derivative(h[t], vec(U))"
    assert "diag(1 - h[t]**2) @ (kron(row(x[t]), eye(n)) + W @ derivative(h[t-1], vec(U)))" in (
        member_of(found, left)
    )


@pytest.mark.parametrize("name", ["rnn-loss"])
def test_the_forms_with_matrices(name: str) -> None:
    found = page(name)
    assert "sum(outer(delta[t], x[t]), t=0..T-1)" in member_of(found, "partial(L, U)")
    assert "sum(outer(delta[t], h[t-1]), t=0..T-1)" in member_of(found, "partial(L, W)")
    assert "yhat[t] - y[t]" in member_of(found, "partial(l[t], mu[t])")
    assert any(
        "alpha[t]" in m and "W.T @ delta[t+1]" in m and "(1 - h[t]**2)" in m
        for m in member_of(found, "delta[t]")
    )


def test_the_numbers_of_three_steps() -> None:
    record = json.loads(solved("rnn3x3").render("json"))
    for name, rows in GRADIENTS.items():
        value = record["results"][name]["value"]
        for row, expected in zip(value, rows, strict=False):
            assert row == pytest.approx(expected, rel=1e-12, abs=1e-12)
    text = solved("rnn3x3").render("text")
    assert f"≈ {LOSS:.4f}" in text
    assert "≈ (−0.9189, −1.0473, −0.1161)" in text
    assert "−0,9189" in solved("rnn3x3").render("text", "fr")


def test_numbers_leave_the_general_part_out_unless_all_is_asked_for() -> None:
    short, full = solved("rnn3x3"), solved("rnn3x3", full=True)
    assert not member_of(list(chains(short.document)), "derivative(h[t], vec(U))")
    assert member_of(list(chains(full.document)), "derivative(h[t], vec(U))")


def test_a_value_on_the_way_has_its_two_routes() -> None:
    found = page("rnn3x3", wrt=("h_1",))
    routes = member_of(found, "partial(L, h_1)")
    assert any("delta_2" in m and "partial(L, mu_1)" in m for m in routes)


def test_values_on_the_way_stand_among_the_results() -> None:
    for mode in ("bptt", "reverse", "chain"):
        record = json.loads(solved("rnn3x3", mode, wrt=("U", "h_1")).render("json"))
        assert record["results"]["h_1"]["value"] == pytest.approx(BY_H_1, rel=1e-12)
    found = json.loads(solve(read(ELMAN + "; L = h[T-1]"), "reverse", ["h_0"]).render("json"))
    assert found["results"]["h_0"]["shape"] == []


def test_a_value_that_the_loss_does_not_need_has_the_derivative_zero() -> None:
    found = page(ELMAN + "; y[t] = 2*h[t]; L = h[T-1]", wrt=("y_1", "h_1"))
    assert member_of(found, "partial(L, y_1)") == ["0"]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("a[t] = delta_1*x[t] + w*h[t-1]; h[t] = tanh(a[t]); h[-1] = 0; L = sum(h)", "delta"),
        ("h[t] = tanh(s_1*h[t-1] + s2*h[t-2]); h[-2] = 1; h[-1] = 0; L = sum(h)", "s"),
    ],
)
def test_a_letter_of_the_page_is_not_that_of_an_input(cell: str, kept: str) -> None:
    text = "\n".join(str(m) for chain in page(cell) for m in (chain.left, *chain.members))
    assert f"{kept}[t]" not in text


def test_a_page_with_one_step_and_one_with_a_longer_memory(tmp_path: Any) -> None:
    for target, options in ((ELMAN, {"steps": 1}), ("h[-1]=0; h[-2]=1; h[t]=sin(a*h[t-1]+b*h[t-2])", {})):
        log = compile_latex(solve(read(target), "bptt", **options).render("latex"), tmp_path)
        assert "Overfull" not in log


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sigmoid", "--mode", "bptt"], "no recurrence"),
        (["sigmoid", "--steps", "3"], "this is for recurrences"),
        (["rnn", "--steps", "0"], "0 steps cannot be written out"),
        (["rnn", "--steps", "40"], "do not fit a page"),
        (["rnn", "--wrt", "Q"], "'Q' is no input and no value"),
        (["rnn", "--wrt", "x_1"], "use --mode reverse with --wrt x_1"),
        (["rnn", "--wrt", "x"], "use --mode reverse with --wrt x_0"),
        (["rnn", "--result", "h_1"], "exercise's own result"),
        (["rnn", "--layout", "numerator"], "shape of their variable"),
        (["rnn", "--size", "n=2"], "this is for --mode entries"),
        (["rnn", "--steps", "2", "--mode", "forward", "--wrt", "h_0"], "reverse mode differentiates"),
    ],
)
def test_what_cannot_be_is_one_line(arguments: list[str], message: str) -> None:
    done = run_here("derive", *arguments)
    error = done.stderr.decode()
    assert message in error
    assert error.count("\n") == 1
    assert done.returncode in (2, 3)


def test_a_point_outside_the_domain() -> None:
    done = run_here("derive", "h[-1]=0; h[t]=log(u*x[t]+h[t-1])", "--mode", "bptt", "--at", "u=-1,x=[1,2]")
    assert done.returncode == 3
    assert "outside the domain" in done.stderr.decode()


def test_sequences_shorter_than_the_steps() -> None:
    with pytest.raises(UsageError, match="x has 3 values and there are 5 steps"):
        solved("rnn3x3", steps=5)
    with pytest.raises(UsageError, match="x has 1 value and there are 2 steps"):
        solve(read(ELMAN), at={"U": 1, "W": 1, "x": (Fraction(1),)}, steps=2)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("a = x*y; L = a + x*y", "a", None),
        ("a = x*y; b = a; L = a*b", "b", None),
        ("a = x*y; b = a; L = a*b", "a", 12),
        ("a = x; L = a*x", "a", None),
        ("a = x*y; L = a**2 + x", "a", 12),
    ],
)
def test_a_value_on_the_way_whose_formula_acts_otherwise_too(text: str, name: str, value: Any) -> None:
    at = {"x": 2, "y": 3} if "y" in text else {"x": 2}
    if value is None:
        with pytest.raises(UsageError, match=f"the formula of {name} also stands in others"):
            solve(read(text), "reverse", [name], at)
    else:
        record = json.loads(solve(read(text), "reverse", [name], at).render("json"))
        assert record["results"][name]["value"] == value


@pytest.mark.parametrize("loss", ["c[2]**2", "c[1]**2 + h[2]", "c[0]*c[2]", "c[0]**2"])
@pytest.mark.parametrize("steps", [3, 4])
def test_a_loss_at_single_times_of_a_value_that_is_no_state(loss: str, steps: int) -> None:
    """∂L/∂c_t is zero at most times but not at all: the sum over time keeps its symbol."""
    cell = '"h[-1]" = "0.3"\n"h[t]" = "h[t-1] + b"\n"c[t]" = "sin(h[t-1])*w"\n'
    text = f'steps = {steps}\n[inputs]\nw = []\nb = []\n[recurrence]\n{cell}[definitions]\nL = "{loss}"\n'
    found = solve(build(from_bytes("cell.toml", text.encode()), "cell"), "bptt")
    assert "Series" in {type(node).__name__ for node in postorder(gradient_of(found, "w"))}


def gradient_of(solution: Solution, name: str) -> Expr:
    return next(c.members[-1] for c in chains(solution.document) if str(c.left) == f"partial(L, {name})")


@pytest.mark.parametrize("wrt", ["b", "W"])
def test_a_first_state_that_is_the_weight_itself(wrt: str) -> None:
    """h₀ = b: there is no step between them to be followed back."""
    cell = '"h[-1]" = "zeros(n)"\n"h[t]" = "W @ h[t-1] + b"\n'
    text = f'[inputs]\nW = ["n", "n"]\nb = ["n"]\n[recurrence]\n{cell}[definitions]\nL = "sum(sum(h[t]))"\n'
    found = solve(build(from_bytes("cell.toml", text.encode()), "cell"), "bptt", wrt=[wrt])
    assert found.certificate.checked
