"""Local partials on vec(·): M with vec(L·u̇) = M·vec(u̇), columns below one another, against differences."""

from __future__ import annotations

import inspect
import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from array_helpers import drawn, flat, jacobian, of_package, same, shape_of, size_of, tree, vec
from test_array_rules import BINARY, ENTRYWISE, ONES, ROWS, SPREAD, Bench, benches, drawn_index, evaluated

from symdiff.algebra.tidy import tidy
from symdiff.derivation.jacobian import vec_partial
from symdiff.document.blocks import Chain
from symdiff.errors import NoFormError
from symdiff.explain.shared.conventions import space
from symdiff.expr import operations as a
from symdiff.expr.leaves import Filled, HeldIndex, entry_count, eye, ones, size_expr
from symdiff.expr.operations import COLUMN, ROW, kron
from symdiff.expr.shapes import size
from symdiff.expr.tree import ALL, MATMUL, TRANSPOSE, Expr, Num, Sym, postorder, symbols
from symdiff.language.program import parse_program
from symdiff.proof.array_points import array_models
from symdiff.proof.values import evaluate
from symdiff.rendering.formats.formats import load_format
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.stacked import columns
from symdiff.rendering.formulas.unicode import TextPrinter
from symdiff.rendering.lines.layout import Layout
from symdiff.rules import gathering, linear_maps
from symdiff.rules.gathering import Gather
from symdiff.rules.linear_maps import (
    AxisSum,
    Compose,
    Elementwise,
    Inner,
    LeftCross,
    LeftMul,
    Nothing,
    Part,
    Plus,
    Rearrange,
    RightMul,
    RowInner,
    Scale,
    Select,
    StackedColumns,
    Transposed,
)
from symdiff.tape.entries import entries_of
from symdiff.tape.partials import Renamed, local_partials
from symdiff.tape.tape import Step, named_tape

if TYPE_CHECKING:
    from symdiff.rules.linear_maps import LinearMap

SHAPES: dict[str, tuple[Any, ...]] = {
    **{"x": ("d",), "g": ("n",), "v": ("n",), "u": ("m",), "c": (), "U": ("n", "d"), "W": ("n", "n")},
    **{"A": ("k", "m"), "X": ("m", "n"), "Y": ("m", "n"), "B": ("n", "d"), "r": (1, "n"), "q": ("m", 1)},
    **{"C": ("d", "n"), "z": (4,)},
}
SIZES = [
    dict(zip("kmnd", sizes, strict=True))
    for sizes in ((2, 3, 4, 5), (5, 2, 3, 4), (3, 1, 2, 1), (1, 4, 1, 3))
]
BODIES = [
    *("A @ X", "X @ B", "A @ X @ B", "U @ x", "U @ x + W @ g", "u @ X", "X @ g", "g @ v", "outer(u, v)"),
    *("tanh(U @ x + W @ g)", "tanh(A @ X)", "sigmoid(X) @ v", "tanh(X) @ B", "A @ exp(X) @ B", "2*X - Y/c"),
    *(
        "X*Y",
        "X*v",
        "X*r",
        "X*q",
        "c*X",
        "X + v",
        "X + c",
        "X/q",
        "v*r",
        "c*v",
        "c**2",
        "X**2*c",
        "u @ (X*v)",
    ),
    *(
        "softmax(g)",
        "softmax(W @ g)",
        "softmax(X)",
        "log_softmax(X)",
        "log_softmax(g)",
        "logsumexp(X, axis=1)",
    ),
    *("logsumexp(g)", "sum(X, axis=0)", "sum(X, axis=1)", "mean(X, axis=0)", "mean(X, axis=1)", "sum(X*Y)"),
    *(
        "mean(X)",
        "norm(X)",
        "sqnorm(g)",
        "trace(W)",
        "det(W)",
        "logdet(W)",
        "inv(W)",
        "g[0]",
        "X[0]",
        "X[:, 0]",
    ),
    *("X[0, 0]", "g[0]*v", "[c, 2*c]", "[g, v]", "diag(v) @ W", "v.T", "(A @ X)[0]", "sum(A @ X, axis=0)"),
    *(WITH_TRANSPOSE := ("X.T @ u", "tanh(X).T @ u", "v @ X.T", "tanh(W.T @ g + W @ v)", "(W.T @ g) @ W.T")),
    *("sum(X.T)", "dot(g, v)", "max(X, Y)", "relu(X @ B)", "W @ W", "exp(-sqnorm(g))", "cross_entropy(g, v)"),
]
NO_FORM = {"diag(v) @ W": "v", "X.T": "X", "W @ X.T": "X", "diag(W)": "W", "z[1:3]": "z", "concat(u, v)": "v"}
NO_FORM |= {"diag(v)": "v", "W @ C.T": "C"}
KINDS = {"W": "regular", "g": "positive", "v": "positive"}


def step_of(text: str, sizes: dict[str, int] | None = None) -> Step:
    """The step h = text; its sizes are names, or the numbers given for them."""
    used = {name: shape for name, shape in SHAPES.items() if re.search(rf"\b{name}\b", text)}
    if sizes:
        used = {n: tuple(size(sizes.get(part, part)) for part in shape) for n, shape in used.items()}
    body = parse_program(f"h = {text}", shapes=used).definitions[-1][1]
    return Step(Sym("h", shape=body.shape), body, tuple(symbols(body)), body)


def point_of(step: Step, sizes: dict[str, int]) -> dict[str, Any]:
    """Values of the operands and of the step."""
    shapes = {u.name: tuple(size_of(part, sizes) for part in u.shape) for u in step.operands}
    at = {name: drawn(shape, name, KINDS.get(name, "")) for name, shape in shapes.items()}
    return at | {"h": tree(step.body, at, sizes)}


def column_first(value: Any) -> list[int]:
    """The positions in row order of the entries, columns below one another."""
    return [int(i) for i in vec(np.arange(np.size(value)).reshape(shape_of(value)))]


def measured(step: Step, operand: Sym, at: dict[str, Any], sizes: dict[str, int]) -> Any:
    """∂vec(h)/∂vec(operand) by central differences."""
    start = at[operand.name]
    found = jacobian(lambda value: tree(step.body, at | {operand.name: value}, sizes), start)
    return found[column_first(at["h"])][:, column_first(start)]


def agrees(form: Expr, true: Any, at: dict[str, Any], sizes: dict[str, int]) -> bool:
    """Whether a form has the entries of a matrix, read by this package and by another route."""
    wanted = true if form.shape else true[0, 0]
    return all(same(value(form, at, sizes), wanted) for value in (tree, evaluated))


def faults(text: str, sizes: dict[str, int], step: Step) -> list[str]:
    found, at = [], point_of(step, sizes)
    for operand in step.operands:
        if NO_FORM.get(text) == operand.name:
            continue
        true = measured(step, operand, at, sizes)
        forms = [vec_partial(step, operand, short) for short in (True, False)]
        if operand.shape and step.var.shape and text not in WITH_TRANSPOSE:
            forms += [
                partial.short.vec(operand.shape)
                for partial in local_partials(step)
                if partial.operand == operand
            ]
        scalar = not operand.shape and not step.var.shape
        if any(bool(form.shape) == scalar or not agrees(form, true, at, sizes) for form in forms):
            found.append(f"{operand}: {forms[0]}")
    return found


@pytest.mark.parametrize("text", BODIES)
def test_forms_are_the_matrices_of_differences(text: str) -> None:
    for sizes in SIZES:
        assert faults(text, sizes, step_of(text)) == []
        assert faults(text, sizes, step_of(text, sizes)) == []


@pytest.mark.parametrize(("text", "name"), NO_FORM.items())
def test_what_nobody_writes_as_a_matrix_has_no_form(text: str, name: str) -> None:
    step = step_of(text)
    operand = next(u for u in step.operands if u.name == name)
    with pytest.raises(NoFormError):
        vec_partial(step, operand)


@pytest.mark.parametrize(
    ("text", "name"), [("U @ x", "U"), ("X @ B", "X"), ("A @ X", "X"), ("outer(u, v)", "u")]
)
def test_factors_in_the_wrong_order_are_caught(text: str, name: str) -> None:
    step, sizes = step_of(text), SIZES[0]
    operand = next(u for u in step.operands if u.name == name)
    at, form = point_of(step, sizes), vec_partial(step, operand)
    true = measured(step, operand, at, sizes)
    assert form.op is a.KRON
    assert agrees(form, true, at, sizes)
    assert not agrees(kron(*form.args[::-1]), true, at, sizes)


MOVING = {"transpose", "diag", "slice", "concat", "concat_across", "flip", "flip_down", "gather", "cross"}
"""The rows whose maps may have no form."""


def row_faults(bench: Bench) -> list[str]:
    """The arguments of a row whose maps on vec(·) are not the matrices of differences."""
    partials = bench.rule.partials(Sym("w", shape=bench.whole.shape), *bench.args)
    found = []
    for i, arg in bench.variables:
        try:
            form = partials[i].vec(arg.shape)
        except NoFormError:
            found += [] if bench.rule.op.name in MOVING else [f"argument {i} has no form"]
            continue
        true = bench.measured(arg)[column_first(bench.value)][:, column_first(bench.at[arg.name])]
        for one in (form, tidy(form)):
            fits = bool(one.shape) == bool(arg.shape or bench.whole.shape) and one.shape == form.shape
            if not fits or not same(evaluated(one, bench.at, bench.sizes), true if one.shape else true[0, 0]):
                found.append(str(one))
    return found


@pytest.mark.parametrize("name", ROWS)
def test_the_maps_of_every_row_on_arrays(name: str) -> None:
    assert [found for bench in benches(ROWS[name]) for found in row_faults(bench)] == []


@pytest.mark.parametrize("name", ["*", "/"])
def test_the_maps_of_operators_that_spread_an_operand(name: str) -> None:
    assert name in BINARY
    pairs = [pair for pair in itertools.product(SPREAD, SPREAD) if any(pair)]
    for case in (*pairs, *ONES, *(pair[::-1] for pair in ONES)):
        for sizes in ({"m": 2, "n": 3}, {"m": 3, "n": 1}, {"m": 1, "n": 4}):
            assert row_faults(Bench(ENTRYWISE[name], case, sizes, "positive")) == []


def named(name: str, *shape: Any) -> Sym:
    return Sym(name, shape=shape)


ROW_INDEX, ROW_INDICES = HeldIndex("y", (), "n"), HeldIndex("ix", ("k",), "n")
ROWS_DOWN, LENGTH, GRID, TURNED = ("m",), ("n",), ("m", "n"), ("n", "m")
A, B, V, X = named("A", "k", "m"), named("B", "n", "d"), named("v", "n"), named("X", "m", "n")
MAPS: list[tuple[LinearMap, tuple[Any, ...]]] = [
    *((Scale(named("c")), shape) for shape in ((), LENGTH, GRID)),
    *((LeftMul(A), shape) for shape in (ROWS_DOWN, GRID)),
    *((LeftMul(named("u", "m")), shape) for shape in (ROWS_DOWN, GRID)),
    *((RightMul(B), shape) for shape in (LENGTH, GRID)),
    *((RightMul(V), shape) for shape in (LENGTH, GRID)),
    (Inner(X), GRID),
    (Inner(V), LENGTH),
    (RowInner(X), GRID),
    *((AxisSum(op, GRID), GRID) for op in (a.SUM_DOWN, a.SUM_ACROSS)),
    *((Select(picks, GRID), GRID) for picks in ((Num(0),), (ALL, Num(0)), (Num(0), Num(0)))),
    (Select((Num(2),), (4,)), (4,)),
    (Part(0, "n", 0), LENGTH),
    (Rearrange(a.COLUMN, a.SUM_ACROSS), LENGTH),
    (Rearrange(a.ROW, a.SUM_DOWN), LENGTH),
    (Rearrange(TRANSPOSE, TRANSPOSE), (1, "n")),
    (Rearrange(TRANSPOSE, TRANSPOSE), LENGTH),
    (Rearrange(TRANSPOSE, TRANSPOSE), ()),
    *((Elementwise(named("c"), shape, shape), shape) for shape in ((), LENGTH, GRID)),
    *((Elementwise(slope, GRID, GRID), GRID) for slope in (X, V, named("r", 1, "n"), named("q", "m", 1))),
    *(
        (Elementwise(slope, GRID, GRID), GRID)
        for slope in (named("f", 1), named("f", 1, 1), Expr(COLUMN, named("u", "m")))
    ),
    *((Elementwise(X, inner, GRID), inner) for inner in ((), LENGTH, (1, "n"), ("m", 1), (1,), (1, 1))),
    *((Elementwise(named("c"), inner, GRID), inner) for inner in ((), LENGTH, ("m", 1))),
    *((Elementwise(V, inner, LENGTH), inner) for inner in ((), (1,))),
    (Elementwise(named("r", 1, "n"), LENGTH, (1, "n")), LENGTH),
    (Compose(LeftMul(A), RightMul(B)), GRID),
    (Compose(Transposed(Inner(V)), Inner(X)), GRID),
    (Compose(Transposed(RowInner(X)), RowInner(X)), GRID),
    (Compose(Transposed(Select((Num(0),), GRID)), LeftMul(named("u", "m"))), GRID),
    (Plus(Elementwise(X, GRID, GRID), Scale(named("c"))), GRID),
    (Transposed(LeftMul(A)), ("k", "n")),
    (Transposed(RightMul(B)), ("m", "d")),
    (Transposed(RightMul(V)), ROWS_DOWN),
    (Transposed(LeftMul(V)), ROWS_DOWN),
    (Transposed(RightMul(V)), ()),
    (Transposed(Inner(X)), ()),
    (Transposed(Select((Num(0), Num(0)), GRID)), ()),
    (Transposed(AxisSum(a.SUM_DOWN, GRID)), LENGTH),
    (Renamed(RightMul(named("w", "n")), {named("w", "n"): V}), GRID),
    *((Nothing(inner, outer), inner) for inner, outer in ((GRID, LENGTH), (LENGTH, ()), ((), GRID))),
    *((Rearrange(op, op), ("n", "n")) for op in (a.TRIL, a.TRIU)),
    *((StackedColumns(shape), shape) for shape in (LENGTH, GRID)),
    *((Gather((pick,), LENGTH), LENGTH) for pick in (ROW_INDEX, ROW_INDICES)),
    *((Gather((pick,), ("n", "m")), ("n", "m")) for pick in (ROW_INDEX, ROW_INDICES)),
    *((Gather((ALL, pick), GRID), GRID) for pick in (ROW_INDEX, ROW_INDICES)),
    (Gather((ROW_INDICES, Num(0)), ("n", "m")), ("n", "m")),
]
FORMLESS: list[tuple[LinearMap, tuple[Any, ...]]] = [
    (Rearrange(TRANSPOSE, TRANSPOSE), TURNED),
    (Rearrange(a.DIAG, a.DIAG), TURNED),
    (Rearrange(a.FLIP, a.FLIP), LENGTH),
    (Rearrange(a.FLIP_DOWN, a.FLIP_DOWN), GRID),
    (Part(1, 3, 2), LENGTH),
    (Part(0, "n", 1), LENGTH),
    (LeftCross(named("a", 3)), (3,)),
    (Gather((ROW_INDICES, ROW_INDICES), ("n", "n")), ("n", "n")),
]
"""Maps without a common form, such as those that only move entries."""


def test_every_map_is_among_them() -> None:
    found = {
        value
        for module in (linear_maps, gathering)
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__ and hasattr(value, "vec")
    }
    assert found - {linear_maps.LinearMap} | {Renamed} == {type(of) for of, _ in (*MAPS, *FORMLESS)}


def map_faults(of: LinearMap, shape: tuple[Any, ...], sizes: dict[str, int]) -> list[str]:
    """Where M·vec(u̇) is not vec(L·u̇), u̇ being each unit array."""
    slot, found = Sym("t", shape=shape), of.apply(Sym("t", shape=shape))
    lengths = tuple(size_of(part, sizes) for part in shape)
    names = {name for root in (found, of.vec(shape)) for name in symbols(root)} - {slot}
    at = {s.name: drawn(tuple(size_of(p, sizes) for p in s.shape), s.name) for s in names}
    at |= {node.name: drawn_index(node, sizes) for node in postorder(found) if isinstance(node, HeldIndex)}
    wrong = []
    for form in (of.vec(shape), tidy(of.vec(shape))):
        matrix = np.atleast_2d(tree(form, at, sizes))
        for place in range(int(np.prod(lengths))):
            unit = np.zeros(lengths, dtype=int).astype(object)
            unit.ravel()[place] = 1
            moved = tree(found, at | {"t": unit if lengths else 1}, sizes)
            wanted = np.array(flat(vec(moved)), dtype=object)
            if not same(matrix @ np.array(flat(vec(unit)), dtype=object), wanted):
                wrong.append(f"{form} at {place}")
    return wrong


@pytest.mark.parametrize(("of", "shape"), MAPS, ids=lambda value: str(value)[:60])
def test_a_map_on_vec_moves_each_unit_array_as_it_does_itself(of: LinearMap, shape: tuple[Any, ...]) -> None:
    for sizes in SIZES:
        assert map_faults(of, shape, sizes) == []


@pytest.mark.parametrize(("of", "shape"), FORMLESS, ids=lambda value: str(value)[:60])
def test_a_map_without_a_form_is_refused(of: LinearMap, shape: tuple[Any, ...]) -> None:
    with pytest.raises(NoFormError, match="no common form"):
        of.vec(shape)


WRITTEN = [
    (
        "tanh(U @ x + W @ g)",
        "U",
        r"\operatorname{diag}(1 - h^{2})\,(x^{\top} \otimes I_{n})",
        "diag(1 − h²) (xᵀ ⊗ Iₙ)",
    ),
    (
        "tanh(U @ x + W @ g)",
        "W",
        r"\operatorname{diag}(1 - h^{2})\,(g^{\top} \otimes I_{n})",
        "diag(1 − h²) (gᵀ ⊗ Iₙ)",
    ),
    ("tanh(U @ x + W @ g)", "g", r"\operatorname{diag}(1 - h^{2})\,W", "diag(1 − h²) W"),
    ("U @ x", "U", r"x^{\top} \otimes I_{n}", "xᵀ ⊗ Iₙ"),
    ("A @ X @ B", "X", r"B^{\top} \otimes A", "Bᵀ ⊗ A"),
    ("A @ X @ B", "A", r"(B^{\top} X^{\top}) \otimes I_{k}", "(Bᵀ Xᵀ) ⊗ Iₖ"),
    ("inv(W)", "W", r"-h^{\top} \otimes h", "−hᵀ ⊗ h"),
    ("outer(u, v)", "u", r"v \otimes I_{m}", "v ⊗ I_m"),
    ("outer(u, v)", "v", r"I_{n} \otimes u", "Iₙ ⊗ u"),
    ("X*Y", "X", r"\operatorname{diag}(\operatorname{vec}(Y))", "diag(vec(Y))"),
    ("X*v", "X", r"\operatorname{diag}(v) \otimes I_{m}", "diag(v) ⊗ I_m"),
    ("c*X", "X", r"c\,I_{m n}", "c·I_(mn)"),
    ("c*X", "c", r"\operatorname{vec}(X)", "vec(X)"),
    ("sum(X*Y)", "X", r"\operatorname{vec}(Y)^{\top}", "vec(Y)ᵀ"),
    ("sum(X, axis=0)", "X", r"I_{n} \otimes \mathbf{1}^{\top}", "Iₙ ⊗ 𝟏ᵀ"),
    ("sum(X, axis=1)", "X", r"\mathbf{1}^{\top} \otimes I_{m}", "𝟏ᵀ ⊗ I_m"),
    ("X + v", "v", r"I_{n} \otimes \mathbf{1}", "Iₙ ⊗ 𝟏"),
    ("X[0]", "X", r"I_{n} \otimes e_{1}^{\top}", "Iₙ ⊗ e₁ᵀ"),
    ("c**2", "c", r"2 c", "2·c"),
]


@pytest.mark.parametrize(("text", "name", "latex", "unicode"), WRITTEN)
def test_forms_as_people_write_them(text: str, name: str, latex: str, unicode: str) -> None:
    step = step_of(text)
    form = vec_partial(step, next(u for u in step.operands if u.name == name))
    assert LatexPrinter()(form).replace(r"\left(", "(").replace(r"\right)", ")") == latex
    assert TextPrinter()(form) == unicode


Q, R = named("Q", "n", "n"), named("R", "n", "n")
BRACKETS = [
    (Expr(MATMUL, X, kron(Q, ones((1, 1)))), "X (Q ⊗ 𝟏_(1×1))"),
    (Expr(MATMUL, kron(Q, R), kron(R, Q)), "(Q ⊗ R) (R ⊗ Q)"),
    (kron(kron(Q, R), Q), "Q ⊗ R ⊗ Q"),
    (kron(Q, kron(R, Q)), "Q ⊗ R ⊗ Q"),
    (kron(Q + R, R), "(Q + R) ⊗ R"),
    (kron(R, Q @ R), "R ⊗ (Q R)"),
    (kron(R, -Q), "R ⊗ (−Q)"),
    (kron(R, Q * R), "R ⊗ (Q ⊙ R)"),
    (kron(R, Q.T), "R ⊗ Qᵀ"),
    (kron(Expr(ROW, Q @ V), eye("n")), "(vᵀ Qᵀ) ⊗ Iₙ"),
    (kron(Expr(ROW, V + V), eye("n")), "(v + v)ᵀ ⊗ Iₙ"),
    (kron(Q, R).T, "(Q ⊗ R)ᵀ"),
    (kron(Q, R) + kron(R, Q), "Q ⊗ R + R ⊗ Q"),
    (named("c") * kron(Q, R), "c·(Q ⊗ R)"),
    (kron(Q, R) * kron(R, Q), "(Q ⊗ R) ⊙ (R ⊗ Q)"),
]


@pytest.mark.parametrize(("node", "text"), BRACKETS, ids=str)
def test_brackets_around_a_kronecker_product(node: Expr, text: str) -> None:
    assert TextPrinter()(node) == text
    assert r"\otimes" in LatexPrinter()(node)


def test_the_forms_in_the_languages_own_text() -> None:
    step = step_of("tanh(A @ X)")
    assert str(vec_partial(step, step.operands[0])) == "diag(vec(1 - h**2)) @ kron(X.T, eye(k))"


ALGEBRA = [
    (kron(eye(1), X), X),
    (kron(X, eye(1)), X),
    (kron(ones((1,)), X), X),
    (kron(eye(1), V), Expr(COLUMN, V)),
    (kron(Expr(ROW, V), Expr(ROW, V)).T, Expr(COLUMN, kron(V, V))),
    (kron(X, -Q), -kron(X, Q)),
    (kron(X, Filled("zeros", ("n", "n"))), Filled("zeros", ("m*n", "n*n"))),
    (a.vec(2 * X), 2 * a.vec(X)),
    (a.vec(Expr(ROW, V)), V),
    (Expr(a.DIAG, ones(("n",))), eye("n")),
]


@pytest.mark.parametrize(("node", "wanted"), ALGEBRA, ids=str)
def test_light_algebra_of_kronecker_products(node: Expr, wanted: Expr) -> None:
    assert tidy(node) == wanted
    assert tidy(node).shape == node.shape


FACTORS = [
    eye("n"),
    eye("m"),
    X,
    X.T,
    Q,
    V,
    named("u", "m"),
    Expr(ROW, V),
    Expr(COLUMN, V),
    Expr(ROW, ones(("m",))),
]


def test_products_of_kronecker_products_keep_their_value() -> None:
    sizes, joined = {"m": 2, "n": 3, "d": 4}, 0
    at = {
        s.name: drawn(tuple(size_of(p, sizes) for p in s.shape), s.name) for s in (X, Q, V, named("u", "m"))
    }
    pairs = [kron(one, other) for one in FACTORS for other in FACTORS]
    for left in pairs:
        for right in pairs:
            if len(left.shape) == 2 and left.shape[1] == right.shape[0]:
                whole = left @ right
                found = tidy(whole)
                joined += found.op is a.KRON
                assert found.shape == whole.shape
                assert same(tree(found, at, sizes), tree(whole, at, sizes)), whole
    assert joined > 50


def test_kronecker_products_are_written_out_entry_by_entry() -> None:
    step = step_of("U @ x", {"n": 2, "d": 2})
    found = entries_of(vec_partial(step, step.operands[0]), {}, {})
    assert [[str(entry) for entry in row] for row in found] == [
        ["x1", "0", "x2", "0"],
        ["0", "x1", "0", "x2"],
    ]
    written = entries_of(Expr(COLUMN, a.vec(named("U", 2, 2))), {}, {})
    assert [str(entry) for entry in flat(written)] == ["U11", "U21", "U12", "U22"]
    assert shape_of(entries_of(eye("d*n"), {}, {"d": 2, "n": 3})) == (6, 6)


@pytest.mark.parametrize(
    ("node", "latex", "unicode"),
    [
        (eye("d*n"), "I_{d n}", "I_(dn)"),
        (eye("n*n"), "I_{n^{2}}", "I_(n²)"),
        (eye("2*n"), "I_{2 n}", "I₂ₙ"),
        (eye("2*3"), "I_{6}", "I₆"),
        (eye("2*5"), "I_{10}", "I₁₀"),
        (eye("d*n+2"), "I_{d n+2}", "I_(dn+2)"),
        (eye("d*n+-1*d"), "I_{d n-d}", "I_(dn−d)"),
        (eye("batch*n"), r"I_{\mathit{batch}\,n}", "I_(batch·n)"),
        (ones(("m*n", "n")), r"\mathbf{1}_{m n \times n}", "𝟏_(mn×n)"),
        (size_expr("d*n"), r"d\,n", "d·n"),
        (size_expr("2*3"), "6", "6"),
        (size_expr("2*5"), "10", "10"),
        (size_expr("d*n+2"), r"d\,n + 2", "d·n + 2"),
        (entry_count(("d*n", 2)), r"2\,d\,n", "2·d·n"),
        (entry_count(("2*3", 3, "n")), r"18\,n", "18·n"),
        (space(("n", "d*n")), r"\mathbb{R}^{n \times d\,n}", "ℝ^(n×d·n)"),
        (space(("n", "2*5")), r"\mathbb{R}^{n \times 10}", "ℝⁿˣ¹⁰"),
    ],
    ids=str,
)
def test_products_of_sizes_are_written(node: Expr, latex: str, unicode: str) -> None:
    assert LatexPrinter()(node) == latex
    assert TextPrinter()(node) == unicode


@pytest.mark.parametrize("sizes", [{}, {"n": 3, "d": 2}, {"n": 100, "d": 7}], ids=str)
def test_forms_are_proved_at_the_sizes_that_are_drawn(sizes: dict[str, int]) -> None:
    shapes = {
        name: tuple(size(sizes.get(part, part)) for part in SHAPES[name]) for name in ("U", "x", "W", "g")
    }
    program = parse_program("h = tanh(U @ x + W @ g)\nL = sum(h)", shapes=shapes)
    tape = named_tape(program.definitions, program.inputs)
    step = tape.steps[0]
    for model in array_models(tape, 1):
        for operand in step.operands:
            value = of_package(evaluate(model.m, vec_partial(step, operand), {}, model))
            true = of_package(model.slope(step.var, operand))
            rows = true.shape[0]
            assert same(value, np.array([vec(row) for row in true], dtype=object).reshape(rows, -1))


def test_a_factor_keeps_its_brackets_where_a_product_is_broken() -> None:
    chain = kron(Q, R) @ kron(R, Q) @ kron(Q, Q)
    layout = Layout(TextPrinter(), columns, replace(load_format("text"), width=20.0))
    lines = layout.chain(Chain(named("J", "n*n", "n*n"), (chain,)))
    assert [line.right for line in lines] == ["(Q ⊗ R)", "· (R ⊗ Q)", "· (Q ⊗ Q)"]
