"""The chain rule through named quantities: networks by hand, against differences and known numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from array_helpers import array, drawn, flat, jacobian, nested, numbers, run
from helpers import M, close, mpf
from pages import solved

from symdiff.api.solution import Solution, solve
from symdiff.document.blocks import Chain, Paragraph, chains
from symdiff.errors import InputError, ProofError
from symdiff.exercises import load, read
from symdiff.exercises.build import build
from symdiff.exercises.file import from_bytes
from symdiff.exercises.problem import Problem
from symdiff.expr.leaves import Alias, Grid, is_rounded
from symdiff.expr.names import split_name
from symdiff.expr.operations import PARTIAL_ROW
from symdiff.expr.tree import PARTIAL, Expr, Num, Sym, postorder
from symdiff.language.program import parse_program
from symdiff.rules.table import RULES

FORWARD = {
    "a1": 1.0,
    "a2": 1.1,
    "h1": 0.7310585786300049,
    "h2": 0.7502601055951177,
    "a3": 0.9945516686246074,
    "h3": 0.759296485313979,
    "loss": 0.03361733364809126,
}
GRADIENT = {
    **dict.fromkeys(["b1", "w1A", "w1B"], 0.006476632057881494),
    **dict.fromkeys(["b2", "w2A", "w2B"], 0.018516563291228024),
    "b3": 0.10980398376814687,
    "w31": 0.08027314430145359,
    "w32": 0.08238154845665446,
}
DELTAS = {"delta_3": 0.10980398376814686, "delta_1": 0.006476632057881494, "delta_2": 0.01851656329122802}
UPDATED = {
    "b1": 0.09352336794211852,
    "w1A": 0.09352336794211852,
    "w1B": 0.7935233679421185,
    "b2": 0.08148343670877198,
    "w2A": 0.381483436708772,
    "w2B": 0.581483436708772,
    "b3": -0.009803983768146868,
    "w31": 0.21972685569854639,
    "w32": 0.8176184515433456,
}
SECOND = {
    "a1": 0.9805701038263556,
    "a2": 1.044450310126316,
    "h1": 0.727221322754102,
    "h2": 0.7397077832296857,
    "a3": 0.754784803196366,
    "h3": 0.6379948275583573,
    "loss": 0.00952128621643039,
}
DIGITS = 15


def number(chain: Chain) -> float:
    last = chain.members[-1]
    assert isinstance(last, Num)
    return float(last.value)


def named(solution: Solution, label: str) -> dict[str, float]:
    """The numbers of the short names that a page gives, by name."""
    found = [c for c in chains(solution.document) if isinstance(c.left, Alias)]
    return {c.left.name.name: number(c) for c in found if c.left.name.label == label}  # type: ignore[attr-defined]


def own(text: str, at: dict[str, Any] | None = None, wrt: list[str] | None = None, **more: Any) -> Problem:
    program = parse_program(text, shapes=more.pop("shapes", None))
    point = at and {k: Fraction(v) if isinstance(v, str) else v for k, v in at.items()}
    return Problem("own", program, at=point, wrt=tuple(wrt) if wrt else None, mode="chain", **more)


def test_every_value_and_derivative_of_the_network() -> None:
    found = json.loads(solved("mlp").render("json"))
    assert {s["name"]: s["value"] for s in found["steps"]} == pytest.approx(FORWARD, rel=1e-14)
    assert {n: found["results"][n]["value"] for n in GRADIENT} == pytest.approx(GRADIENT, rel=1e-14)


def test_deltas_update_and_second_pass_of_the_network() -> None:
    solution = solved("mlp", digits=DIGITS)
    assert named(solution, "") == pytest.approx(DELTAS, rel=1e-12)
    assert named(solution, "+") == pytest.approx(UPDATED | SECOND, rel=1e-12)


def test_numbers_are_rounded_for_the_page_and_never_fed_back() -> None:
    coarse, fine = (named(solved("mlp", digits=digits), "+") for digits in (2, DIGITS))
    assert {n: abs(coarse[n] - fine[n]) < 0.005 + 1e-9 for n in fine} == dict.fromkeys(fine, True)


@pytest.mark.parametrize("name", ["w31", "w1A"])
def test_the_chain_is_written_in_full(name: str) -> None:
    members = next(
        [str(m) for m in c.members]
        for c in chains(solved("mlp").document)
        if str(c.left) == f"partial(loss, {name})"
    )
    own_index = "3" if name == "w31" else "1"
    assert f"*partial(a{own_index}, {name})" in members[0].replace("immediate", "partial")
    assert "delta_" in members[1] or "δ" in members[1] or "partial" in members[1]


@pytest.mark.parametrize(("language", "says"), [("en", "has decreased loss"), ("fr", "loss")])
def test_the_conclusion(language: str, says: str) -> None:
    assert says in solved("mlp").render("text", language).replace("\n", " ")


def scalar_network(sizes: tuple[int, ...], activation: str, loss: str) -> str:
    """A network of this many units a layer, every unit a definition of its own."""
    lines, values = [], [f"x{i}" for i in range(1, sizes[0] + 1)]
    last = len(sizes) - 1
    for layer, size in enumerate(sizes[1:], 1):
        sums = []
        for i in range(1, size + 1):
            terms = [f"w{layer}{i}{j}*{value}" for j, value in enumerate(values, 1)]
            lines.append(f"a{layer}{i} = " + " + ".join([f"b{layer}{i}", *terms]))
            sums.append(f"a{layer}{i}")
        function = activation if layer < last else "sigmoid" if loss == "cross" else "tanh"
        values = [f"h{layer}{i}" for i in range(1, size + 1)]
        lines += [f"{h} = {function}({a})" for h, a in zip(values, sums, strict=True)]
    terms = [
        f"(t{i} - {h})**2/2" if loss == "squared" else f"(-t{i}*log({h}) - (1 - t{i})*log(1 - {h}))"
        for i, h in enumerate(values, 1)
    ]
    return "\n".join([*lines, "L = " + " + ".join(terms)])


def differences(text: str, point: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """∂(last line)/∂name for scalar names, by central differences."""
    return {n: jacobian(lambda u, n=n: run(text, {**point, n: u}), point[n])[0, 0] for n in names}


NETWORKS = [
    ((2, 2, 1), "relu", "squared"),
    ((2, 2, 1), "tanh", "cross"),
    ((1, 2, 2, 1), "sigmoid", "squared"),
    ((2, 1, 2), "softplus", "cross"),
    ((3, 4, 2, 1), "tanh", "squared"),
]


@pytest.mark.parametrize(("sizes", "activation", "loss"), NETWORKS)
def test_networks_of_other_sizes(sizes: tuple[int, ...], activation: str, loss: str) -> None:
    text = scalar_network(sizes, activation, loss)
    program = parse_program(text)
    names = [name.name for name in program.inputs]
    weights = [n for n in names if n[0] in "wb"]
    point = {n: nested(drawn((), n)) for n in names} | {
        f"t{i}": Fraction(i, 3) for i in (1, 2) if f"t{i}" in names
    }
    problem = Problem("own", program, at=point, wrt=tuple(weights), rate=Fraction(1, 10), mode="chain")
    solution = solve(problem, digits=DIGITS)
    at = {n: mpf(v) for n, v in point.items()}
    true = differences(text, at, weights)
    found = json.loads(solution.render("json"))["results"]
    assert {n: found[n]["value"] for n in weights} == pytest.approx(
        {n: float(v) for n, v in true.items()}, rel=1e-12
    )
    moved = at | {n: at[n] - true[n] / 10 for n in weights}
    again = named(solution, "+")
    assert {n: again[n] for n in weights} == pytest.approx({n: float(moved[n]) for n in weights}, rel=1e-10)
    assert again["L"] == pytest.approx(float(run(text, moved)), rel=1e-10)


@pytest.mark.parametrize("name", ["delta_1", "delta_11", "delta"])
def test_names_of_deltas_do_not_collide_with_the_authors(name: str) -> None:
    text = f"a1 = w*x + {name}\nh = tanh(a1)\nL = ({name} - h)**2"
    at = {"w": "1/2", "x": "2", name: "1/3"}
    solution = solve(own(text, at, ["w"]), digits=DIGITS)
    aliases = {
        n
        for c in chains(solution.document)
        for m in (c.left, *c.members)
        for n in postorder(m)
        if isinstance(n, Alias)
    }
    assert aliases
    assert all(alias.name.name != name for alias in aliases)
    true = differences(text, {n: mpf(Fraction(v)) for n, v in at.items()}, ["w"])
    found = json.loads(solution.render("json"))["results"]["w"]["value"]
    assert found == pytest.approx(float(true["w"]), rel=1e-12)


SHARED = "a = w*x\nb = w*a\nL = (b - y)**2"
DIRECT = "a = w*x\nh = tanh(a)\nL = h*a + w"


@pytest.mark.parametrize(("text", "name"), [(SHARED, "w"), (DIRECT, "w"), (DIRECT, "x"), (SHARED, "x")])
def test_a_value_used_on_several_ways(text: str, name: str) -> None:
    at = {"w": "2/3", "x": "5/7", "y": "1/4"}
    problem = own(text, {n.name: at[n.name] for n in parse_program(text).inputs})
    found = json.loads(solve(problem, wrt=[name]).render("json"))["results"][name]["value"]
    true = differences(text, {n: mpf(Fraction(v)) for n, v in at.items()}, [name])[name]
    assert found == pytest.approx(float(true), rel=1e-13)


def test_a_direct_derivative_is_marked_where_other_ways_lead_there_too() -> None:
    page = solve(own(DIRECT), wrt=["w"]).render("text")
    assert "∂⁺L/∂a" in page
    assert "∂⁺" not in solve(own("a = w*x\nh = tanh(a)\nL = h**2"), wrt=["w"]).render("text")


@pytest.mark.parametrize("rate", [Fraction(1, 10), Fraction(5)])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_says_whether_the_loss_fell(rate: Fraction, language: str) -> None:
    problem = own("a = w*x\nL = (a - y)**2", {"w": "1", "x": "1", "y": "0"}, ["w"], rate=rate)
    solution = solve(problem, digits=DIGITS)
    after = named(solution, "+")["L"]
    assert after == pytest.approx(float((1 - 2 * rate) ** 2), rel=1e-12)
    keys = {block.text.key for block in solution.document.blocks if hasattr(block, "text")}
    assert ("chain.fell" in keys, "chain.rose" in keys) == (after < 1, after > 1)
    assert solution.render("text", language)


VECTOR = "h = tanh(W1 @ x + b1)\nz = W2 @ h + b2\nloss = sqnorm(z - y)/2"
SHAPES = {"x": (2,), "y": (2,), "W1": (3, 2), "b1": (3,), "W2": (2, 3), "b2": (2,)}


@pytest.mark.parametrize("mode", ["chain", "reverse", "both"])
def test_two_layers_in_matrix_form(mode: str) -> None:
    at = {n: nested(drawn(shape, n)) for n, shape in SHAPES.items()}
    point = {n: numbers(v) for n, v in at.items()}
    problem = own(VECTOR, at, ["W1", "b1", "W2", "b2"], shapes=SHAPES, rate=Fraction(1, 10))
    found = json.loads(solve(problem, mode).render("json"))["results"]
    for name in problem.wrt or ():
        true = jacobian(lambda u, name=name: run(VECTOR, {**point, name: u}), point[name])
        value = flat(array([M.mpf(x) for x in leaves(found[name]["value"])], (len(flat(true)),)))
        assert all(close(a, b, 13) for a, b in zip(value, flat(true), strict=True)), name
        assert found[name]["shape"] == list(SHAPES[name])


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def test_the_perceptron_by_the_chain_rule_with_its_update() -> None:
    problem = load("perceptron")
    solution = solve(problem, "chain")
    page = solution.render("text")
    assert "δ" in page
    assert "has decreased loss" in page.replace("\n", " ")
    text = VECTOR.replace("z", "yhat")
    point = {n: numbers(v) for n, v in (problem.at or {}).items()}
    moved = dict(point)
    for name in problem.wrt or ():
        slope = jacobian(lambda u, name=name: run(text, {**point, name: u}), point[name])
        moved[name] = point[name] - slope.reshape(point[name].shape) * mpf(problem.rate)
    after = next(
        c.members[-1]
        for c in chains(solve(problem, "chain", digits=DIGITS).document)
        if isinstance(c.left, Alias) and c.left.name.name == "loss"
    )
    assert isinstance(after, Num)
    assert float(after.value) == pytest.approx(float(run(text, moved)), rel=1e-10)


def test_without_numbers_there_are_formulas_only() -> None:
    document = solve(own("a = w*x\nh = tanh(a)\nL = (h - y)**2")).document
    nodes: list[Expr] = [m for c in chains(document) for m in c.members]
    assert nodes
    assert not any(isinstance(m, Num) and m.rounded for m in nodes)


def test_a_function_of_no_input_is_refused() -> None:
    with pytest.raises(InputError):
        solve(own("a = 3\nL = a**2"))


@pytest.mark.parametrize(
    "formula", ["s**2*logdet(s*A)", "sum(stack(s, t, s*t))", "x @ inv(A + s*eye(n)) @ x"]
)
def test_a_number_may_act_on_arrays_inside_one_definition(formula: str, tmp_path: Path) -> None:
    values = {"s": "0.7", "t": "1.3", "A": "[[2, 1], [0, 3]]", "x": "[1, -2]"}
    shapes = {"s": "[]", "t": "[]", "A": '["n", "n"]', "x": '["n"]'}
    used = [name for name in values if re.search(rf"\b{name}\b", formula)]
    path = tmp_path / "own.toml"
    inputs = "".join(f"{name} = {shapes[name]}\n" for name in used)
    at = "".join(f"{name} = {values[name]}\n" for name in used)
    path.write_text(f'output = "L"\n[inputs]\n{inputs}[definitions]\nL = "{formula}"\n[at]\n{at}')
    found = [
        json.loads(solve(read(str(path)), mode).render("json"))["results"] for mode in ("chain", "reverse")
    ]
    assert found[0]["s"]["value"] == pytest.approx(found[1]["s"]["value"], rel=1e-12)


def numbers_by_differences(problem: Problem, text: str, at: dict[str, str]) -> dict[str, float]:
    """∂L/∂x of a program of numbers, by differences of the whole."""
    point = {name: mpf(Fraction(value)) for name, value in at.items()}
    return {
        name.name: float(
            flat(jacobian(lambda v, n=name.name: run(text, {**point, n: v}), point[name.name]))[0]
        )
        for name in problem.program.inputs
    }


def derivatives_said(solution: Solution) -> dict[str, float]:
    found = [c for c in chains(solution.document) if str(c.left).startswith("partial(L, ") and c.at_point]
    return {str(chain.left.args[1]): number(chain) for chain in found}


@pytest.mark.parametrize(
    "text",
    [
        "d = sin(x)\nz = x*y\nL = z**2 + x",
        "d = sin(x)\ng = d*y\nz = x*y\nL = z*z + z",
        "z = y**2\nd = z + x\nL = z*y",
    ],
)
def test_definitions_that_do_not_lead_to_the_result_give_nothing_back(text: str) -> None:
    at = {"x": "1/2", "y": "5/4"}
    problem = own(text, at, ["x", "y"])
    found = derivatives_said(solve(problem, digits=DIGITS))
    assert {name: found[name] for name in at} == pytest.approx(
        numbers_by_differences(problem, text, at), rel=1e-12
    )


@pytest.mark.parametrize(
    ("language", "says"), [("en", "L does not depend on b"), ("fr", "L ne dépend pas de b")]
)
def test_a_variable_without_effect_is_said_to_have_none(language: str, says: str) -> None:
    solution = solve(own("d = b*x\nL = x**2", {"x": 2, "b": 3}, ["x", "b"]))
    assert says in " ".join(solution.render("text", language).split())
    assert derivatives_said(solution)["b"] == 0


SHAPES_OF_LAYERS = {"W": ("m", "n"), "x": ("n",), "b": ("m",)}
TWO_WAYS = "z = W @ x + b\nh = tanh(z)\nL = sum(h**2) + dot(b, b) + sqnorm(W) + sqnorm(z)"


@pytest.mark.parametrize("rate", [None, Fraction(1, 10)])
@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_matrices_that_reach_the_result_in_several_ways_in_both_layouts(
    layout: str, rate: Fraction | None
) -> None:
    """∂L/∂W is written as its transpose in numerator layout; W moves against it in its own shape."""
    at = {"W": drawn((2, 3), 1), "x": drawn((3,), 2), "b": drawn((2,), 3)}
    point = {name: nested(value) for name, value in at.items()}
    at = {name: numbers(value) for name, value in point.items()}
    asked = own(TWO_WAYS, shapes=SHAPES_OF_LAYERS, rate=rate, wrt=["W", "b"])
    solution = solve(asked, layout=layout, at=point, digits=DIGITS)
    for name in ("W", "b"):
        true = np.array(flat(jacobian(lambda v, n=name: run(TWO_WAYS, {**at, n: v}), at[name]))).reshape(
            at[name].shape
        )
        (shown,) = (
            c.members[-1] for c in chains(solution.document) if c.at_point and _is_derivative(c.left, name)
        )
        assert isinstance(shown, Grid)
        entries = np.array([[mpf(x.value) for x in row] for row in shown.entries])
        wanted = np.atleast_2d(true) if true.ndim == 2 or layout == "numerator" else true[:, None]
        assert close_to(entries, wanted.T if layout == "numerator" and true.ndim == 2 else wanted)


def _is_derivative(left: Expr, name: str) -> bool:
    return left.op in (PARTIAL, PARTIAL_ROW) and str(left.args[1]) == name


def close_to(one: Any, other: Any) -> bool:
    pairs = zip(one.ravel(), other.ravel(), strict=True)
    return all(abs(a - b) < M.mpf(10) ** -12 for a, b in pairs)


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("z = sum(X)\nc = sum(X*X) + z", {"X": ("n", "n")}),
        ("V = U @ W\ns = sqnorm(V)\nL = sqnorm(X @ V - Y) + s", {"X": "mn", "U": "nk", "W": "kk", "Y": "mk"}),
        ("u = X @ v\nL = dot(u, u) + sqnorm(X) + logsumexp(u)", {"X": "mn", "v": "n"}),
    ],
)
@pytest.mark.parametrize("layout", [None, "numerator"])
def test_a_matrix_beside_a_name_made_of_it(text: str, shapes: dict[str, Any], layout: str | None) -> None:
    problem = own(text, shapes={name: tuple(shape) for name, shape in shapes.items()})
    assert solve(problem, layout=layout).certificate.checked


@pytest.mark.parametrize("name", ["delta1", "delta_1", "delta_1_bar"])
def test_a_short_name_is_printed_like_no_name_of_the_author(name: str) -> None:
    text = f"a_1 = q*{name}\na_x = tanh(a_1)*q\nx = a_x*{name} + q\nL = x**2*a_1"
    solution = solve(own(text))
    short = {c.left.name.name for c in chains(solution.document) if isinstance(c.left, Alias)}
    printed = [split_name(one) for one in (*short, name, "q", "a_1", "a_x", "x", "L")]
    assert len(short) == 3
    assert len(set(printed)) == len(printed)


def test_a_value_of_a_recurrence_may_be_an_input() -> None:
    """h₀ = b where h₋₁ = 0: no second name that the author could leave out."""
    cell = "h[t] = W @ h[t-1] + b\nh[-1] = zeros(n)\nL = sum(h[2])"
    inputs = '[inputs]\nW = ["n", "n"]\nb = ["n"]\n'
    first, second, last = (
        f'"{left}" = "{right}"' for left, right in (line.split(" = ") for line in cell.split("\n"))
    )
    file = f"{inputs}[recurrence]\n{second}\n{first}\n[definitions]\n{last}\n"
    with_b = solve(build(from_bytes("a.toml", file.encode()), "a"), "chain")
    assert any(str(c.left) == "partial(L, b)" for c in chains(with_b.document))


def _with_rounded_numbers(solution: Solution) -> dict[str, list[str]]:
    """The members that have rounded numbers in a formula, by what they are equal to."""
    return {
        str(chain.left): [str(m) for m in chain.members if m.args and is_rounded(m)]
        for chain in chains(solution.document)
        if any(m.args and is_rounded(m) for m in chain.members)
    }


def test_numbers_are_put_in_as_by_hand() -> None:
    """What a person writes: the formula, the same with numbers, the value."""
    found = _with_rounded_numbers(solve(load("mlp")))
    assert found["delta_3"] == ["(0.7593 - 0.5)*(1 - 0.7593**2)"]
    assert found["partial(loss, w31)"] == ["0.1098*0.7311"]
    assert found["h3"] == ["tanh(0.9946)"]
    assert found["loss"] == ["(0.5 - 0.7593)**2/2"]
    asked = {f"partial(loss, {name})" for name in ("w31", "w32", "w1A", "w1B", "w2A", "w2B")}
    assert asked <= set(found)
    text = solve(load("mlp")).render("text", "fr")
    assert "(0,7593 − 0,5)·(1 − 0,7593²) ≈ 0,1098" in text


def test_every_member_with_numbers_put_in_is_near_the_value() -> None:
    """Evaluated once more in floats, without symdiff's balls."""
    names = {"sigmoid": lambda u: 1 / (1 + np.exp(-u)), "tanh": np.tanh}
    found = 0
    for chain in chains(solve(load("mlp")).document):
        for member in chain.members[:-1]:
            if member.args and is_rounded(member) and not any(node.shape for node in postorder(member)):
                near = eval(str(member), dict(names))
                assert isinstance(chain.members[-1], Num)
                assert near == pytest.approx(float(chain.members[-1].value), rel=0.002)
                found += 1
    assert found > 15


def test_a_wrong_number_put_in_is_refused() -> None:
    work = solve(load("mlp")).work
    h3 = Sym("h3")
    for shown, holds in (("0.9946", True), ("0.9947", False), ("0.7593", False)):
        member = Expr(RULES["tanh"].op, Num(Fraction(shown), shown, rounded=True))
        chain = Chain(h3, (member,), at_point=True)
        if holds:
            assert work.judge.check(chain)
        else:
            with pytest.raises(ProofError, match="is false"):
                work.judge.check(chain)


def test_numbers_that_do_not_tell_the_value_are_not_put_in() -> None:
    """(1 + x) - 1 at x = 1e-9, as printed, would be 1.0000 − 1.0000."""
    page = solve(read("a = 1 + x\ny = (a - 1)*x"), "chain", at={"x": "0.000000001"})
    assert "partial(y, x)" not in _with_rounded_numbers(page)


BATCH_NORM = """
mu = (x1 + x2)/2
d1 = x1 - mu
d2 = x2 - mu
q1 = d1**2
q2 = d2**2
v = (q1 + q2)/2
s = sqrt(v + eps)
u = 1/s
n1 = d1*u
n2 = d2*u
y1 = gamma*n1 + beta
y2 = gamma*n2 + beta
L = y1**2 + 3*y2
"""


def test_a_long_cell_has_a_delta_for_each_name_and_short_lines() -> None:
    page = solve(read(BATCH_NORM.strip()), "chain", wrt=["x1", "x2", "gamma", "beta"])
    deltas = [chain for chain in chains(page.document) if isinstance(chain.left, Alias)]
    names = [str(chain.left.meaning.args[1]) for chain in deltas]
    assert names == ["y2", "y1", "n2", "n1", "u", "s", "v", "q2", "q1", "d2", "d1", "mu"]
    for chain in deltas:
        form = chain.members[-1]
        used = {str(node.meaning.args[1]) for node in postorder(form) if isinstance(node, Alias)}
        assert used <= set(names[: names.index(str(chain.left.meaning.args[1]))])
        assert len(str(form)) < 40
    said = [
        b for b in page.document.blocks if isinstance(b, Paragraph) and b.text.key.startswith("chain.delta")
    ]
    assert [b.text.key for b in said] == ["chain.deltas"]


TITLES = [
    ("sigmoid", "reverse", "∂y/∂x and ∂y/∂a in reverse mode"),
    ("sigmoid", "both", "∂y/∂x and ∂y/∂a in forward and reverse mode"),
    ("mlp", "chain", "∂loss/∂b₁, …, ∂loss/∂w₃₂ by the chain rule"),
    ("gof", "jacobian", "∇(g∘f)(x) with Jacobian matrices"),
    ("x*sin(x)", "forward", "dy/dx in forward mode"),
    ("rnn", "bptt", "dhₜ/dU, dhₜ/dW and dhₜ/dV by backpropagation through time"),
    ("linear-recurrence", "bptt", "∂L/∂a, ∂L/∂b and ∂L/∂s_init by backpropagation through time"),
]


@pytest.mark.parametrize(("name", "mode", "says"), TITLES)
def test_a_title_says_what_and_by_what(name: str, mode: str, says: str) -> None:
    page = solve(read(name), mode)
    title = page.render("text").split("\n═")[0].replace("\n", " ")
    assert title.endswith(says)
    head = page.render("html").split("<title>")[1].split("</title>")[0]
    assert head.endswith(says)


def test_titles_in_french() -> None:
    found = [solve(read(name), mode).render("text", "fr").split("\n═")[0] for name, mode, _ in TITLES[:3]]
    assert [re.split(r"\s: ", title)[1].replace("\n", " ") for title in found] == [
        "∂y/∂x et ∂y/∂a en mode inverse",
        "∂y/∂x et ∂y/∂a en modes direct et inverse",
        "∂loss/∂b₁, …, ∂loss/∂w₃₂ par la règle de la chaîne",
    ]


@pytest.mark.parametrize(
    ("source", "form"),
    [
        ("p = sigmoid(z)\nL = -(y*log(p) + (1 - y)*log(1 - p))", "= p − y"),
        ("z = w*x\np = sigmoid(z)\nL = -(y*log(p) + (1 - y)*log(1 - p))", "= p − y"),
        ("a = sigmoid(v)\np = sigmoid(w*a)\nL = -(y*log(p) + (1 - y)*log(1 - p))", "= (p − y)·a"),
        ("o = sigmoid(w*x)\nh = o*tanh(c)", "= h·(1 − o)·x"),
        ("q = (x - m)/s\ny = exp(-q**2/2)/s", "= −y·q"),
    ],
)
def test_derivatives_of_numbers_are_as_short_as_on_other_pages(source: str, form: str) -> None:
    assert form in solve(read(source), mode="chain").render("text", "en")
