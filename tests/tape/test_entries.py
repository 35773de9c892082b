"""Arrays written out entry by entry: the same values as on arrays, in the form a person writes."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import numpy as np
import pytest
from array_helpers import array, flat, of_package, shape_of, to_package
from helpers import M, close, value

from symdiff.errors import InputError
from symdiff.expr import operations
from symdiff.expr.leaves import Filled, Grid
from symdiff.expr.shapes import Shape, size_value
from symdiff.expr.tree import ALL, Dim, Expr, Num, Sym, as_expr
from symdiff.language.program import Program, parse_program
from symdiff.proof.balls import Balls
from symdiff.proof.values import evaluate
from symdiff.rules import array_values
from symdiff.rules.array_rows import ARRAY_ROWS
from symdiff.tape.entries import MOST_ENTRIES, entries_of, entry_names, scalar_program
from symdiff.tape.tracing import trace_definitions

Point = dict[Sym, Any]


def random_array(rng: random.Random, shape: tuple[int, ...]) -> Any:
    """Positive numbers, the diagonal larger, so that every logarithm and inverse exists."""
    places = product(*map(range, shape))
    numbers = [M.mpf(rng.randint(1, 99)) / 50 + 3 * (len(set(place)) == 1) for place in places]
    return array(numbers, shape)


def point_of(names: tuple[Sym, ...], sizes: dict[str, int], seed: int = 0) -> Point:
    rng = random.Random(seed)
    return {name: random_array(rng, tuple(size_value(s, sizes) for s in name.shape)) for name in names}


def array_value(root: Expr, point: Point, sizes: dict[str, int]) -> Any:
    """The value of an expression by the operations on arrays."""
    m = Balls()
    names = {name: to_package(m, numbers) for name, numbers in point.items()}

    def known(node: Expr) -> Any:
        if isinstance(node, Dim):
            return m.number(sizes[node.name])
        if isinstance(node, Filled):
            return array_values.filled(
                m, node.what, tuple(size_value(s, sizes) for s in node.shape), node.index
            )
        return names.get(node) if isinstance(node, Sym) else None

    return of_package(evaluate(m, root, {}, known))


def spread(point: Point, sizes: dict[str, int]) -> dict[str, Any]:
    """The numbers of a point by the names of the entries."""
    return {
        entry.name: number
        for name, numbers in point.items()
        for entry, number in zip(flat(entry_names(name, sizes)), flat(numbers), strict=True)
    }


def agree(entries: Any, wanted: Any, at: dict[str, Any]) -> bool:
    """Whether entries have the shape and, each read as a text, the values of an array."""
    assert shape_of(entries) == shape_of(wanted)
    pairs = zip(flat(entries), flat(wanted), strict=True)
    assert all(entry.shape == () for entry in flat(entries))
    return all(close(value(entry, at), number) for entry, number in pairs)


VECTOR, MATRIX, SQUARE = ("n",), ("m", "n"), ("n", "n")
TAKEN = Expr(operations.STACK, Num(2), Num(0), Num(2))
PICKS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "index": ((0, 0), (ALL, 0), (0,)),
    "slice": ((0, 1),),
    "gather": ((TAKEN,),),
}
SHAPES: dict[str, tuple[tuple[Shape, ...], ...]] = {
    "@": ((MATRIX, VECTOR), (VECTOR, VECTOR), (VECTOR, SQUARE), (("m", "k"), ("k", "n"))),
    "transpose": ((VECTOR,), (MATRIX,)),
    "dot": ((VECTOR, VECTOR),),
    "inner": ((VECTOR, VECTOR), (MATRIX, MATRIX)),
    "outer": ((VECTOR, ("m",)),),
    "column": ((VECTOR,),),
    "row": ((VECTOR,),),
    "trace": ((SQUARE,),),
    "det": ((SQUARE,),),
    "logdet": ((SQUARE,),),
    "inv": ((SQUARE,),),
    "diag": ((VECTOR,), (SQUARE,)),
    "logsumexp": ((VECTOR,),),
    "cross_entropy": ((VECTOR, VECTOR), (MATRIX, MATRIX)),
    "index": ((MATRIX,),),
    "slice": ((("3",),),),
    "stack": (((), (), ()), (VECTOR, VECTOR)),
    "concat": ((VECTOR, ("m",)), (MATRIX, SQUARE)),
    "concat_across": ((SQUARE, ("n", "m")), (MATRIX,)),
    **dict.fromkeys(("sum_down", "sum_across", "mean_down", "mean_across"), ((MATRIX,),)),
    **dict.fromkeys(("logsumexp_across", "max_across", "min_across", "prod_across"), ((MATRIX,),)),
    **dict.fromkeys(("var_across", "std_across", "norm_across"), ((MATRIX,),)),
    **dict.fromkeys(("cumsum_down", "flip_down"), ((MATRIX,),)),
    **dict.fromkeys(("cumsum", "flip"), ((VECTOR,),)),
    **dict.fromkeys(("tril", "triu"), ((SQUARE,),)),
    "gather": (((3,),), ((3, "n"),)),
    "cross": (((3,), (3,)),),
}
"""The shapes of a row's arguments; a vector and a matrix where nothing is said."""


def every_operation() -> list[Expr]:
    found = []
    for rule in ARRAY_ROWS:
        for shapes in SHAPES.get(rule.op.name, ((VECTOR,), (MATRIX,))):
            args = [Sym(f"{'uvt'[i]}", shape=shape) for i, shape in enumerate(shapes)]
            for picks in PICKS.get(rule.op.name, ((),)):
                found.append(Expr(rule.op, *args, *(p if p is ALL else as_expr(p) for p in picks)))
    return found


@pytest.mark.parametrize("node", every_operation(), ids=lambda node: f"{node.op.name}-{node.args[0].shape}")
def test_every_row_written_out_has_the_value_it_has_on_arrays(node: Expr) -> None:
    for m, n, k in product((1, 2, 3), repeat=3):
        sizes = {"m": m, "n": n, "k": k}
        point = point_of(tuple(arg for arg in node.args if isinstance(arg, Sym)), sizes, seed=m * n)
        assert agree(entries_of(node, {}, sizes), array_value(node, point, sizes), spread(point, sizes))


def test_every_row_on_arrays_is_written_out() -> None:
    assert [rule.op.name for rule in ARRAY_ROWS if rule.entries is None] == []


def test_rows_agree_with_numpy() -> None:
    """A second opinion, since sums and products are taken by the same code as values are."""
    sizes = {"m": 3, "n": 3, "k": 3}
    u, v, x = (Sym(name, shape=shape) for name, shape in (("u", SQUARE), ("v", SQUARE), ("x", VECTOR)))
    point = point_of((u, v, x), sizes)
    a, b, c = (point[name].astype(float) for name in (u, v, x))
    at = spread(point, sizes)
    for node, wanted in (
        (u @ v, a @ b),
        (u @ x, a @ c),
        (x @ u, c @ a),
        (x @ x, c @ c),
        (Expr(operations.OUTER, x, x), np.outer(c, c)),
        (Expr(operations.INNER, u, v), (a * b).sum()),
        (Expr(operations.MEAN_DOWN, u), a.mean(axis=0)),
        (Expr(operations.SUM_ACROSS, u), a.sum(axis=1)),
        (Expr(operations.INV, u), np.linalg.inv(a)),
        (Expr(operations.DET, u), np.linalg.det(a)),
        (Expr(operations.NORM, u), np.linalg.norm(a)),
        (Expr(operations.DIAG, x), np.diag(c)),
        (Expr(operations.TRACE, u.T), np.trace(a)),
        (x + u, c + a),
    ):
        found = entries_of(node, {}, sizes)
        assert shape_of(found) == np.shape(wanted)
        numbers = [float(value(entry, at)) for entry in flat(found)]
        assert np.allclose(numbers, np.ravel(wanted))


def test_det_of_four() -> None:
    name = Sym("u", shape=(4, 4))
    point = point_of((name,), {})
    node = Expr(operations.DET, name)
    assert agree(entries_of(node, {}, {}), array_value(node, point, {}), spread(point, {}))


SIZES = {"n": 2, "m": 3, "d": 2, "p": 2}
PROGRAMS: tuple[tuple[str, dict[str, Shape]], ...] = (
    ("y = tanh(W1 @ x + b)\nL = sum((W2 @ y - t)**2)/2",
     {"W1": ("m", "d"), "x": ("d",), "b": ("m",), "W2": ("n", "m"), "t": ("n",)}),
    ("z = W @ x + b\np = softmax(z)\nL = -dot(y, log(p))",
     {"W": ("n", "d"), "x": ("d",), "b": ("n",), "y": ("n",)}),
    ("Z = X @ W + b\nL = -sum(Y*log_softmax(Z))/m",
     {"X": ("m", "d"), "W": ("d", "n"), "b": ("n",), "Y": ("m", "n")}),
    ("mu = mean(x)\nv = mean((x - mu)**2)\ny = gamma*(x - mu)/sqrt(v + eps) + beta\nL = sum(y*c)",
     {"x": ("n",), "gamma": ("n",), "beta": ("n",), "eps": (), "c": ("n",)}),
    ("S = softmax(Q @ K.T/sqrt(d))\nO = S @ V\nL = sum(O*O)",
     {"Q": ("m", "d"), "K": ("n", "d"), "V": ("n", "p")}),
    ("L = logdet(X) + trace(A @ X) + det(X) - sum(inv(A) @ X)", {"X": ("n", "n"), "A": ("n", "n")}),
    ("L = norm(A @ x - b)**2 + norm(x)", {"A": ("m", "n"), "x": ("n",), "b": ("m",)}),
    ("L = (eye(2) - outer(x, x)/2) @ x @ [1, -2]*n + sum(-x)*-1 - -[0, 1] @ x", {"x": (2,), "u": ("n",)}),
    ("L = sum(concat(u, v)*concat(v, u)[0:5]) + sum([u, u*u] @ u) - (v[-1] - 1)", {"u": (2,), "v": (3,)}),
    ("L = sum(X*mean(X, axis=0)) + sum(X/sum(X, axis=1, keepdims=True)) + sum(logsumexp(X, axis=1)**2)",
     {"X": ("m", "n")}),
    ("y = relu(W @ x) - (ones(m) - W @ x)*zeros(m)", {"W": ("m", "n"), "x": ("n",)}),
    ("y = sum(x) - sum(-x) + -x @ x - 2*sum(-x)/n", {"x": ("n",)}),
)  # fmt: skip


def evaluated(program: Program, at: dict[str, Any]) -> dict[str, Any]:
    """The values of all names of a program on scalars, each definition read as a text."""
    for target, formula in program.definitions:
        at[target.name] = value(formula, at)
    return at


@pytest.mark.parametrize(("text", "shapes"), PROGRAMS, ids=lambda part: str(part)[:20])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_program_written_out_has_the_values_of_the_program(
    text: str, shapes: dict[str, Shape], length: int
) -> None:
    sizes = SIZES | {"m": length} | ({} if "[" in text else {"n": length})
    program = parse_program(text, tuple(shapes), shapes)
    point = point_of(program.inputs, sizes)
    found = evaluated(scalar_program(program, sizes), spread(point, sizes))
    for target, formula in program.definitions:
        point[target] = array_value(formula, point, sizes)
    wanted = spread(point, sizes)
    assert wanted.keys() == found.keys()
    assert all(close(found[name], wanted[name]) for name in wanted)


def test_a_program_written_out_can_be_traced() -> None:
    text, shapes = PROGRAMS[1]
    program = scalar_program(parse_program(text, tuple(shapes), shapes), SIZES)
    tape = trace_definitions(program.definitions, program.inputs)
    assert not tape.has_arrays
    assert tape.result == Sym("L")


def lines(text: str, shapes: dict[str, Shape], sizes: dict[str, int] | None = None) -> list[str]:
    program = scalar_program(parse_program(text, tuple(shapes), shapes), sizes or {})
    return [f"{target} = {formula}" for target, formula in program.definitions]


X: dict[str, Shape] = {"x": (2,)}
A: dict[str, Shape] = {"A": (2, 2), "x": (2,)}
FORMS: tuple[tuple[str, dict[str, Shape], list[str]], ...] = (
    ("y = A @ x", A, ["y1 = A11*x1 + A12*x2", "y2 = A21*x1 + A22*x2"]),
    ("y = sum(x)", {"x": (3,)}, ["y = x1 + x2 + x3"]),
    ("y = mean(x)", X, ["y = (x1 + x2)/2"]),
    ("y = eye(2) @ x", X, ["y1 = x1", "y2 = x2"]),
    ("p = softmax(x)", X,
     ["p1 = exp(x1)/(exp(x1) + exp(x2))", "p2 = exp(x2)/(exp(x1) + exp(x2))"]),
    ("y = logsumexp(x)", X, ["y = log(exp(x1) + exp(x2))"]),
    ("y = log_softmax(x)[0]", X, ["y = x1 - log(exp(x1) + exp(x2))"]),
    ("y = x @ x", X, ["y = x1**2 + x2**2"]),
    ("y = x @ [1, -2]", X, ["y = x1 - 2*x2"]),
    ("y = x @ [0, -2.50]", X, ["y = -2.50*x2"]),
    ("y = norm(x)", X, ["y = sqrt(x1**2 + x2**2)"]),
    ("y = trace(A)", A, ["y = A11 + A22"]),
    ("y = trace(eye(3))*x[0]", X, ["y = 3*x1"]),
    ("y = det(A)", A, ["y = A11*A22 - A12*A21"]),
    ("y = inv(A)[0]", A, ["y1 = A22/(A11*A22 - A12*A21)", "y2 = -A12/(A11*A22 - A12*A21)"]),
    ("y = inv(eye(2)) @ x", X, ["y1 = x1", "y2 = x2"]),
    ("y = det(B)", {"B": (3, 3)},
     ["y = B11*(B22*B33 - B23*B32) - B12*(B21*B33 - B23*B31) + B13*(B21*B32 - B22*B31)"]),
    ("y = cross_entropy(x, [0, 1])", X, ["y = -log(x2)"]),
    ("y = 1*x + 0*x", X, ["y1 = 1*x1 + 0*x1", "y2 = 1*x2 + 0*x2"]),
    ("y = x*ones(2) + zeros(2)", X, ["y1 = x1", "y2 = x2"]),
    ("y = x - -x", X, ["y1 = x1 - -x1", "y2 = x2 - -x2"]),
    ("y = 1 - sum(x)", X, ["y = 1 - (x1 + x2)"]),
    ("y = 1 + sum(-x)", X, ["y = 1 - x1 - x2"]),
    ("z = 2*x\ny = z/2", X, ["z1 = 2*x1", "z2 = 2*x2", "y1 = z1/2", "y2 = z2/2"]),
    ("y = sum(x)", {"x": (1,)}, ["y = x1"]),
    ("y = A @ x", {"A": (1, 1), "x": (1,)}, ["y1 = A11*x1"]),
    ("p = softmax(x)", {"x": (1,)}, ["p1 = exp(x1)/exp(x1)"]),
    ("y = inv(A)", {"A": (1, 1)}, ["y11 = 1/A11"]),
    ("y = x/x", {"x": ()}, ["y = x/x"]),
)  # fmt: skip


@pytest.mark.parametrize(("text", "shapes", "wanted"), FORMS, ids=lambda part: str(part)[:24])
def test_forms(text: str, shapes: dict[str, Shape], wanted: list[str]) -> None:
    assert lines(text, shapes) == wanted


def test_a_scalar_definition_stays_as_it_is() -> None:
    program = parse_program("s = a*2 + 1*a\ny = s*x", ("a", "x"), {"a": (), "x": (2,)})
    assert scalar_program(program, {}).definitions[0][1] is program.definitions[0][1]


def test_a_size_in_a_formula_is_its_number() -> None:
    assert lines("L = dot(x, y)/n", {"x": ("n",), "y": ("n",)}, {"n": 2}) == ["L = (x1*y1 + x2*y2)/2"]
    assert lines("L = dot(x, y)/n", {"x": ("n",), "y": ("n",)}, {"n": 1}) == ["L = x1*y1"]


def test_a_long_sum_is_one_node() -> None:
    ((_, formula),) = scalar_program(parse_program("y = sum(x)", ("x",), {"x": ("20",)}), {}).definitions
    assert len(formula.args) == 20


def test_the_names_of_entries() -> None:
    sizes = {"n": 2, "m": 10}
    assert [str(s) for s in entry_names(Sym("x", shape=("n",)), sizes)] == ["x1", "x2"]
    assert [str(s) for s in entry_names(Sym("h1", shape=("n",)), sizes)] == ["h1_1", "h1_2"]
    assert entry_names(Sym("W", shape=("n", "n")), sizes).rows == [
        [Sym("W11"), Sym("W12")], [Sym("W21"), Sym("W22")]]  # fmt: skip
    assert entry_names(Sym("W", shape=("m", "n")), sizes)[9, 1] == Sym("W_10_2")
    adjoint = Sym("x", "bar", "a", "s", shape=("n",))
    assert entry_names(adjoint, sizes)[1] == Sym("x2", "bar", "a", "s")
    assert entry_names(Sym("a"), {}) == Sym("a")


def test_numbers_in_the_shape_of_an_array() -> None:
    numbers = [[Num(1), Num(2)], [Num(3), Num(4)]]
    grid = Grid(numbers, (2, 2), range(2), range(2))
    assert entries_of(grid, {}, {}).rows == numbers
    with pytest.raises(InputError, match="only some entries"):
        entries_of(Grid(numbers, ("9", "9"), (0, 8), (0, 8)), {}, {"9": 7})


@pytest.mark.parametrize(
    ("text", "shapes", "message"),
    [
        ("y = sum(x)", {"x": ("n",)}, "no number for the size n; say --size n=3, or give numbers at a point"),
        ("y = sum(x)", {"x": ("zero",)}, "the size zero is 0"),
        ("y = sum(x)", {"x": ("100",)}, "x has 100 entries; give smaller sizes, or use the matrix reading"),
        ("y = sum(outer(x, x))", {"x": ("9",)}, "81 entries"),
        ("y = det(A)", {"A": ("5", "5")}, "det of a 5×5 matrix .* at most 4×4"),
        ("y = inv(A)", {"A": (4, 4)}, "inv of a 4×4 matrix .* at most 3×3"),
        ("y = A @ A @ A @ A @ A @ A", {"A": ("8", "8")}, "more than 4000 operations"),
        (
            "y = x @ x + x1",
            {"x": (2,), "x1": ()},
            "an entry of x would be called x1, as x1 is; rename x1",
        ),
        (f"y = {60 * 'a'} @ [1, 2]", {60 * "a": (2,)}, "longer than 60"),
    ],
)
def test_errors(text: str, shapes: dict[str, Shape], message: str) -> None:
    with pytest.raises(InputError, match=message):
        lines(text, shapes, {"zero": 0})


def test_a_sum_that_doubles_many_times_is_refused_at_once() -> None:
    x = Sym("x", shape=(2,))
    doubled: Expr = x
    for _ in range(60):
        doubled = doubled + doubled
    with pytest.raises(InputError, match="operations"):
        entries_of(Expr(operations.SUM, doubled), {}, {})
    with pytest.raises(InputError, match="operations"):
        entries_of(doubled, {}, {})


def test_the_most_entries_are_allowed() -> None:
    assert len(lines("y = x*2", {"x": (str(MOST_ENTRIES),)})) == MOST_ENTRIES


def test_an_operation_without_a_written_form_is_an_error() -> None:
    x = Sym("x", shape=(2,))
    node = Expr(operations.MAPPED, Expr(operations.OUTER, x, x), x)
    with pytest.raises(InputError, match="not written out entry by entry"):
        entries_of(node, {}, {})
