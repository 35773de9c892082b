"""Jacobians of compositions against closed forms, finite differences and numbers found elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from array_helpers import array, drawn, flat, jacobian, nested, run, same, shape_of, tree
from helpers import M
from pages import solved

from symdiff.api.solution import solve
from symdiff.derivation.jacobian import multiplications
from symdiff.derivation.jacobian_entries import entries_with_values, in_index_order
from symdiff.document.blocks import chains
from symdiff.errors import InputError
from symdiff.exercises import load, read
from symdiff.exercises.problem import Problem
from symdiff.expr.leaves import Nabla
from symdiff.expr.tree import Expr, Sym, entry, postorder
from symdiff.language.program import parse_program
from symdiff.rendering.formulas.unicode import TextPrinter

LAYOUTS = ("numerator", "denominator")
X3 = (Sym("x", shape=(3,)),)
F = "[exp({0}1 + {0}2), exp({0}2 + {0}3), exp({0}3 + {0}1)]"
G = "[3*{0}1 - 2*{0}2 + {0}3, -{0}1 + 4*{0}3, -3*{0}1 + {0}2 - {0}3]"
A, B, C = "2*x1 - 2*x2 + 5*x3", "-4*x1 + x2 + 3*x3", "-x2"
CLOSED = {
    "fog": [
        [f"2*exp({A})", f"-2*exp({A})", f"5*exp({A})"],
        [f"-4*exp({B})", f"exp({B})", f"3*exp({B})"],
        ["0*x1", f"-exp({C})", "0*x1"],
    ],
    "gof": [
        ["3*exp(x1 + x2) + exp(x3 + x1)", "3*exp(x1 + x2) - 2*exp(x2 + x3)", "exp(x3 + x1) - 2*exp(x2 + x3)"],
        ["4*exp(x3 + x1) - exp(x1 + x2)", "-exp(x1 + x2)", "4*exp(x3 + x1)"],
        ["-3*exp(x1 + x2) - exp(x3 + x1)", "-3*exp(x1 + x2) + exp(x2 + x3)", "exp(x2 + x3) - exp(x3 + x1)"],
    ],
}
AT = {
    "fog": [
        [16.3323398251353, -16.3323398251353, 40.83084956283825],
        [-5.399435230304013, 1.3498588075760032, 4.049576422728009],
        [0.0, -1.2214027581601699, 0.0],
    ],
    "gof": [
        [4.206336951749149, 0.5041704179565835, -0.718517138510025],
        [5.062461372529122, -0.9048374180359595, 5.967298790565081],
        [-4.206336951749149, -1.609341336032231, -0.3866537795656227],
    ],
}
PROGRAMS = {
    "fog": f"u = {G.format('x')}\ny = {F.format('u')}",
    "gof": f"u = {F.format('x')}\ny = {G.format('u')}",
}
STAGES = {
    "three": (
        "h∘g∘f",
        2,
        {"f": "[x1*x2, sin(x1), x2**2]", "g": "[{0}1*{0}2, {0}3**2, exp({0}1), {0}2 - {0}3]"},
    ),
    "four": ("k∘h∘g∘f", 2, {"f": "[x1 + x2, x1*x2, x2**3]", "g": "[{0}1*{0}3, cos({0}2)]"}),
    "numbers": ("k∘h∘g∘f", 1, {"f": "[sin(x1), x1**2]", "g": "[{0}1*{0}2, {0}1, {0}2]"}),
}
ENDS = {
    "three": {"h": "{0}1*{0}2 + {0}3*{0}4"},
    "four": {"h": "[{0}1 + {0}2, {0}1**2, {0}2*{0}1, tanh({0}1)]", "k": "{0}1 - {0}2*{0}3 + {0}4**2"},
    "numbers": {"h": "{0}1 + {0}2*{0}3", "k": "tanh({0})"},
}
SIZES = {"f": 3, "g": 4}


def composed(name: str, folder: Path) -> tuple[Problem, str]:
    """An exercise file of stages, and the same as a program of our own."""
    words, size, first = STAGES[name]
    lines, program = [], []
    argument = "x"
    for number, (word, form) in enumerate((first | ENDS[name]).items()):
        formula = form.format(argument)
        formulas = formula[1:-1].split(", ") if formula.startswith("[") else formula
        is_ = json.dumps(formulas)
        lines.append(f'{word} = {{ of = "{argument}", is = {is_} }}')
        program.append(f"v{'abcd'[number]} = {formula}")
        argument = f"v{'abcd'[number]}"
    path = folder / f"{name}.toml"
    text = f'composition = "{words}"\nmode = "jacobian"\n[inputs]\nx = [{size}]\n[functions]\n' + "\n".join(
        lines
    )
    path.write_text(text, encoding="utf-8")
    return read(str(path)), "\n".join(program)


def values_of(problem: Problem, point: dict[str, Any]) -> dict[str, Any]:
    """Every name of a program and its value at a point."""
    at = dict(point)
    for name, formula in problem.program.definitions:
        at[name.name] = tree(formula, at)
    return at


def whole_members(problem: Problem, layout: str) -> Iterator[Expr]:
    """What the page says of the Jacobian from end to end, products of symbols apart."""
    for chain in chains(solve(problem, layout=layout).document):
        left = chain.left
        if isinstance(left, Nabla) and left.whole and left.under.name == "x" and not chain.at_point:
            yield from (m for m in chain.members if not any(isinstance(n, Nabla) for n in postorder(m)))


def turned(value: Any, layout: str) -> Any:
    return value if layout == "numerator" else value.T


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["fog", "gof"])
def test_the_jacobian_of_a_composition_is_the_closed_form_and_the_difference(name: str, layout: str) -> None:
    point = {"x": drawn((3,), name)}
    closed = array([run(text, point) for row in CLOSED[name] for text in row], (3, 3))
    assert same(jacobian(lambda x: run(PROGRAMS[name], {"x": x}), point["x"]), closed)
    at = values_of(load(name), point)
    members = list(whole_members(load(name), layout))
    assert len(members) >= 2
    for member in members:
        assert same(tree(member, at), turned(closed, layout)), member


@pytest.mark.parametrize("name", ["fog", "gof"])
def test_the_record_has_the_entries_and_their_values(name: str) -> None:
    at = {"x": ["0.1", "-0.2", "0.3"]}
    found = json.loads(solve(load(name), at={"x": tuple(map(_exact, at["x"]))}).render("json"))["results"][
        "x"
    ]
    assert found["shape"] == [3, 3]
    assert [v for row in found["value"] for v in row] == pytest.approx(
        [v for row in AT[name] for v in row], rel=1e-14
    )
    point = {"x": array([M.mpf(v) for v in at["x"]], (3,))}
    for row, wanted in zip(found["expr"], AT[name], strict=True):
        assert [float(run(text, point)) for text in row] == pytest.approx(wanted, rel=1e-14)


def _exact(text: str) -> Any:
    from fractions import Fraction

    return Fraction(text)


def test_each_stage_of_fog_has_its_own_jacobian() -> None:
    stages = {
        c.left.functions[0].name: c.members[0]
        for c in chains(solved("fog").document)
        if isinstance(c.left, Nabla) and not c.left.whole
    }
    at = values_of(load("fog"), {"x": drawn((3,), 5)})
    assert same(tree(stages["g"], at), jacobian(lambda x: run(G.format("x"), {"x": x}), at["x"]))
    assert same(tree(stages["f"], at), jacobian(lambda u: run(F.format("u"), {"u": u}), at["u"]))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", STAGES)
def test_longer_compositions_between_other_dimensions(name: str, layout: str, tmp_path: Path) -> None:
    problem, text = composed(name, tmp_path)
    point = {"x": drawn((STAGES[name][1],), name)}
    true = jacobian(lambda x: run(text, {"x": x}), point["x"])
    at = values_of(problem, point)
    members = list(whole_members(problem, layout))
    assert members
    for member in members:
        value = tree(member, at)
        value = value if shape_of(value) else array([value], (1, 1))
        assert same(value, turned(true, layout)), member


@pytest.mark.parametrize("name", STAGES)
def test_the_record_of_a_longer_composition(name: str, tmp_path: Path) -> None:
    problem, text = composed(name, tmp_path)
    x = drawn((STAGES[name][1],), name)
    at = {"x": nested(x)}
    point = {"x": array([M.mpf(v.numerator) / v.denominator for v in at["x"]], x.shape)}
    found = json.loads(solve(problem, at=at).render("json"))["results"]["x"]
    true = flat(jacobian(lambda x: run(text, {"x": x}), point["x"]))
    assert found["shape"] == [len(x)]
    assert found["value"] == pytest.approx([float(v) for v in true], rel=1e-12)
    assert [float(run(e, point)) for e in found["expr"]] == pytest.approx([float(v) for v in true], rel=1e-12)


def test_logistic_regression_at_its_point() -> None:
    solution = solved("logistic")
    found = json.loads(solution.render("json"))
    grad_x = [-0.07492196832146467, 0.27471388384537065]
    grad_w = [[-0.27471388384537054, 0.17481792608341762], [0.2747138838453707, -0.1748179260834177]]
    assert found["results"]["x"]["value"] == pytest.approx(grad_x, rel=1e-13)
    assert found["results"]["W"]["shape"] == [2, 2]
    for row, wanted in zip(found["results"]["W"]["value"], grad_w, strict=True):
        assert row == pytest.approx(wanted, rel=1e-13)
    values = {step["name"]: step["value"] for step in found["steps"]}
    assert values["p"] == pytest.approx([0.7502601055951177, 0.24973989440488245], rel=1e-14)
    assert values["F"] == pytest.approx(0.28733532511543075, rel=1e-14)


def test_the_loss_of_a_softmax_simplifies_to_p_minus_y() -> None:
    texts = [[str(m) for m in c.members] for c in chains(solved("logistic").document)]
    assert any("p - y" in text for members in texts for text in members)
    assert any("outer(p - y, x)" in members for members in texts)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_exact_member_of_logistic_is_the_difference(layout: str) -> None:
    text = "z = W @ x\np = softmax(z)\nF = -dot(y, log(p))"
    point = {"W": drawn((2, 2), 1), "x": drawn((2,), 2), "y": drawn((2,), 3, "simplex")}
    true = jacobian(lambda x: run(text, {**point, "x": x}), point["x"])
    at = values_of(load("logistic"), point)
    members = list(whole_members(load("logistic"), layout))
    assert members
    for member in members:
        assert same(tree(member, at), turned(true, layout)), member


def test_the_softmax_of_three_classes_entry_by_entry(tmp_path: Path) -> None:
    path = tmp_path / "soft.toml"
    path.write_text(
        'composition = "loss∘softmax"\noutput = "L"\nmode = "jacobian"\n[inputs]\nz = [3]\ny = [3]\n'
        '[assume]\ny = "simplex"\n'
        '[functions]\nsoftmax = { of = "z", is = "softmax(z)" }\n'
        'loss = { of = "p", is = "-dot(y, log(p))" }\n',
        encoding="utf-8",
    )
    document = solve(read(str(path))).document
    rows = next(
        m
        for c in chains(document)
        if isinstance(c.left, Nabla) and not c.left.whole and c.left.over.name == "p"
        for m in c.members
        if m.op.name == "stack"
    )
    p = drawn((3,), 8, "simplex")
    assert str(rows.args[0].args[0]) == "p[0]*(1 - p[0])"
    assert str(rows.args[0].args[1]) == "-p[0]*p[1]"
    for i in range(3):
        for j in range(3):
            assert same(tree(rows.args[i].args[j], {"p": p}), p[i] * ((i == j) - p[j]))


@pytest.mark.parametrize(
    ("text", "shapes", "says"),
    [
        ("a = sin(x)\nb = cos(x)\ny = a*b", {"x": (2,)}, "from x to y, and 2 ways lead there"),
        ("a = sin(x)\ny = a*x", {"x": (2,)}, "from x to y, and 2 ways lead there"),
        ("a = x@x\nb = a**2\nc = a + b\ny = 3*c", {"x": (2,)}, "from a to y, and 2 ways lead there"),
    ],
)
def test_a_program_that_is_no_single_chain_is_refused(text: str, shapes: dict[str, Any], says: str) -> None:
    problem = Problem("own", parse_program(text, shapes=shapes))
    with pytest.raises(InputError, match=says) as caught:
        solve(problem, "jacobian")
    assert "\n" not in str(caught.value)


def affine() -> Problem:
    shapes = {"W": (2, 3), "x": (3,), "b": (2,)}
    return Problem("own", parse_program("z = W @ x + b\ny = sqnorm(z)", shapes=shapes))


@pytest.mark.parametrize("name", ["x", "b"])
def test_a_jacobian_may_be_asked_by_any_vector(name: str) -> None:
    assert f"∂y/∂{name}" in solve(affine(), "jacobian", [name]).render("text")


def test_a_jacobian_by_a_matrix_alone_is_refused() -> None:
    with pytest.raises(InputError, match="W is a matrix"):
        solve(affine(), "jacobian", ["W"])


def test_a_page_without_any_jacobian_is_refused() -> None:
    problem = Problem("own", parse_program("f = inv(eye(3) + outer(x, x)) @ x", shapes={"x": (3,)}))
    with pytest.raises(InputError, match="no Jacobian on the way to f can be written; use --mode both"):
        solve(problem, "jacobian")
    assert solve(problem, "both").render("text")


@pytest.mark.parametrize("text", ["x**2", "y = sin(a*x)"])
def test_a_function_of_numbers_has_a_jacobian_page(text: str) -> None:
    assert "Jacobian" in solve(read(text), "jacobian").render("text")


@pytest.mark.parametrize(
    ("sizes", "left", "right"),
    [([1, 3, 5, 2], 15 + 10, 30 + 6), ([4, 3, 1, 6], 12 + 24, 18 + 72), ([2, 2], 0, 0), ([2, 3, 4], 24, 24)],
)
def test_products_are_counted_from_either_end(sizes: list[int], left: int, right: int) -> None:
    assert multiplications(sizes, left=True) == left
    assert multiplications(sizes, left=False) == right


def expression(text: str) -> Expr:
    return parse_program(f"y = {text}", shapes={"x": (3,), "u": (3,)}).definitions[0][1]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("3*x3 + x2 - 4*x1", "−4·x₁ + x₂ + 3·x₃"),
        ("x2 + x1", "x₁ + x₂"),
        ("x3 - x1/2", "−x₁/2 + x₃"),
        ("x1*x2 + x1", "x₁·x₂ + x₁"),
        ("x2 + 1", "x₂ + 1"),
        ("x2**2 - 3*x1**2", "−3·x₁² + x₂²"),
    ],
)
def test_linear_forms_are_written_in_index_order(text: str, written: str) -> None:
    formula = expression(text)
    ordered = in_index_order(formula)
    x = drawn((3,), text)
    assert same(tree(ordered, {"x": x}), tree(formula, {"x": x}))
    assert TextPrinter()(ordered) == written


def test_a_stage_is_put_at_its_own_argument() -> None:
    u = Sym("u", shape=(3,))
    values = {entry(u, (i,)): expression(text) for i, text in enumerate(["2*x1 + x2", "x2 - x1", "x3"])}
    ((found, other),) = entries_with_values(((expression("exp(u1 + u2)*u3"), expression("sin(u3)")),), values)
    x = drawn((3,), 4)
    assert same(tree(found, {"x": x}), run("exp(x1 + 2*x2)*x3", {"x": x}))
    assert str(found).startswith(("exp(x[0] + 2*x[1])", "x[2]*exp(x[0] + 2*x[1])"))
    assert same(tree(other, {"x": x}), run("sin(x3)", {"x": x}))


@pytest.mark.parametrize("name", ["fog", "gof", "logistic"])
def test_numerator_layout_is_the_default(name: str) -> None:
    assert solved(name).render("text") == solved(name, layout="numerator").render("text")


def test_a_denominator_page_says_so_and_multiplies_the_other_way_round() -> None:
    page = solved("gof", layout="denominator").render("text")
    assert "denominator layout" in page
    assert "∇f(x) ∇g(u)" in page
    assert "∇g(u) ∇f(x)" in solved("gof").render("text")


def test_the_cheaper_order_is_named(tmp_path: Path) -> None:
    page = solve(composed("four", tmp_path)[0]).render("text").replace("\n", " ")
    assert "1 ← 4" not in page
    left, right = multiplications([1, 4, 2, 3, 2], left=True), multiplications([1, 4, 2, 3, 2], left=False)
    assert f"takes {left} multiplications here, starting from the first takes {right}" in page


BETWEEN_NUMBERS = {
    "three stages": ("a = [2]\nB = [3, 2]", ["a*x", "tanh(B @ u)", "sum(v**2)"]),
    "by components": ("", [["cos(x)", "sin(x)"], "u[0]**2*u[1]"]),
    "a number on the way": ("", ["x**2", ["cos(u)", "sin(u)"], "v[0]*v[1]", "tanh(p)"]),
    "numbers at the end": ("B = [2, 2]", [["x", "x**2"], "tanh(B @ u)", "sqnorm(v)", "sin(p)*p"]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", BETWEEN_NUMBERS)
def test_a_number_by_a_number_through_vectors(name: str, layout: str, tmp_path: Path) -> None:
    """The product of a row and a column is a number, and every member of the chain is that number."""
    inputs, formulas = BETWEEN_NUMBERS[name]
    names = list(zip("fghk", "xuvp", "uvpy", formulas, strict=False))
    stages = [f'{f} = {{ of = "{u}", is = {json.dumps(formula)} }}' for f, u, _, formula in names]
    composition = "∘".join(f for f, *_ in names[::-1])
    file = tmp_path / "composed.toml"
    file.write_text(
        f'mode = "jacobian"\ncomposition = "{composition}"\n[inputs]\nx = []\n{inputs}\n[functions]\n'
        + "\n".join(stages),
        "utf-8",
    )
    problem = read(str(file))
    shapes = {one.name: tuple(map(int, one.shape)) for one in problem.program.inputs}
    point = {one: drawn(shape, one) for one, shape in shapes.items()}
    text = "\n".join(
        f"{w} = {formula if isinstance(formula, str) else str(formula).replace(chr(39), '')}"
        for _, _, w, formula in names
    )
    true = jacobian(lambda x: run(text, {**point, "x": x}), point["x"])[0, 0]
    at = values_of(problem, point)
    members = list(whole_members(problem, layout))
    assert members
    for member in members:
        assert same(tree(member, at), true), member
