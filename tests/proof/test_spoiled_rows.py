"""Every slope and map of every row of the table made false, one at a time: its pages are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pages import some
from test_array_rules import CASES, KINDS

from symdiff.api.solution import solve
from symdiff.derivation import counts, jacobian, line_writer
from symdiff.errors import ProofError
from symdiff.exercises import read
from symdiff.exercises.problem import Problem
from symdiff.expr.shapes import elementwise
from symdiff.expr.tree import Expr, ExprLike, Num, Sym, as_expr, total
from symdiff.language.program import Program, parse_program
from symdiff.rules.array_rows import FORM_ROWS
from symdiff.rules.condition_rows import CONDITION_ROWS
from symdiff.rules.linear_maps import LinearMap
from symdiff.rules.table import RULES
from symdiff.tape import partials

LITTLE = Num(1) / Num(10**6)
CHANGES: dict[str, Callable[[Expr], Expr]] = {
    "factor": lambda slope: slope * (1 + LITTLE),
    "sign": lambda slope: -slope,
    "constant": lambda slope: slope + LITTLE,
}
APART = {*(row.op.name for row in CONDITION_ROWS), "polygamma"}
"""Rows with arguments that nothing moves with."""
ROWS = {name: row for name, row in RULES.items() if name not in APART}
NUMBERS = {name: row for name, row in ROWS.items() if row.slopes is not None and row.op.arity != 0}
ARRAYS = {name: row for name, row in ROWS.items() if row.maps is not None}
FLAT = {"sign": (0,), "positive": (0,), "greater": (0, 1)}
"""Rows whose slopes are zero: a factor or a sign changes nothing."""
NEVER_READ = {"positive", "greater"}
"""Rows that only derivatives use; their own slopes are in no page."""
INSIDE = "sigmoid({})"
"""A number in (0, 1), in the domain of almost every function."""


# ------------------------------------------------------------------ pages that use one row


def applied(name: str, u: str, v: str) -> str:
    """A formula in which a row on numbers is used once, with u, and v where it has two arguments."""
    if name in ("+", "-", "*", "/", "**"):
        return f"({u}){name}({v})"
    if name == "neg":
        return f"-({u})"
    u = f"1 + {u}" if name == "acosh" else u
    return f"{name}({u})" if NUMBERS[name].op.arity == 1 else f"{name}({u}, {v})"


def inside(name: str, u: str) -> str:
    """The argument, brought into (0, 1)."""
    return u if name == "sigmoid" else INSIDE.format(u)


def on_numbers(name: str) -> Problem:
    if name == "total":
        terms = [Sym("a") * Sym(f"x_{i}") for i in range(14)]
        return problem((Sym("a"), *(Sym(f"x_{i}") for i in range(14))), Sym("y"), total(terms))
    return read(f"y = ({applied(name, inside(name, 'a*x'), inside(name, 'b + x'))})*c")


def in_arrays(name: str) -> Problem:
    shapes = {"X": ("m", "n"), "x": ("n",), "C": ("m", "n")}
    if name == "total":
        names = Sym("X", shape=("m", "n")), Sym("x", shape=("n",))
        return problem(names, Sym("Y", shape=("m", "n")), Expr(RULES["total"].op, *names * 7))
    return parsed(f"L = sum(({applied(name, inside(name, 'X*x'), inside(name, 'x'))})*C)", shapes)


def in_jacobian(name: str) -> Problem:
    shapes = {"A": ("m", "n"), "x": ("n",), "b": ("m",)}
    if name == "total":
        names = Sym("x", shape=("n",)), Sym("b", shape=("n",))
        return problem(names, Sym("y", shape=("n",)), Expr(RULES["total"].op, *names * 7))
    return parsed(f"y = {applied(name, inside(name, 'A @ x'), inside(name, 'A @ x + b'))}", shapes)


def in_time(name: str) -> Problem:
    if name == "total":
        more = " + ".join(f"c{i}*h[t-1]" for i in range(14))
        return read(f"h[-1] = 0; h[t] = tanh(x[t] + {more}); L = sum(h)")
    cell = applied(name, inside(name, "w*h[t-1] + x[t]"), inside(name, "v*h[t-1] - x[t]"))
    return read(f"h[-1] = g; h[t] = {cell}; L = sum(h*y)")


def in_length(name: str) -> Problem:
    if name == "total":
        x = [Sym(f"x_{i}") for i in range(220)]
        return problem(tuple(x), Sym("y"), total(node**2 for node in x))
    cell = applied(name, inside(name, "w*{0} + x"), inside(name, "v*{0} - x"))
    lines = ["h_0 = w*x", *(f"h_{t} = {cell.format(f'h_{t - 1}')}" for t in range(1, 90))]
    return read("\n".join([*lines, "y = h_89*v"]))


def problem(inputs: tuple[Sym, ...], target: Sym, formula: Expr) -> Problem:
    return Problem("own", Program(inputs, ((target, formula),)))


def parsed(text: str, shapes: dict[str, Any]) -> Problem:
    used = {name: shape for name, shape in shapes.items() if name in text}
    return Problem("own", parse_program(text, tuple(used), used))


class Page(NamedTuple):
    """A page of one kind: which problem uses a row, and the mode in which it is solved."""

    make: Callable[[str], Problem]
    mode: str


PAGES = {
    "numbers, forward": Page(on_numbers, "forward"),
    "numbers, reverse": Page(on_numbers, "reverse"),
    "arrays, forward": Page(in_arrays, "forward"),
    "arrays, reverse": Page(in_arrays, "reverse"),
    "jacobian": Page(in_jacobian, "jacobian"),
    "recurrence": Page(in_time, "bptt"),
    "long": Page(in_length, "reverse"),
}


# ------------------------------------------------------------------ rows made false


def forget() -> None:
    """Nothing is remembered of the table."""
    for module in (partials, counts, jacobian, line_writer):
        for found in vars(module).values():
            if hasattr(found, "cache_clear"):
                found.cache_clear()


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    forget()
    yield
    forget()


def with_slope(name: str, place: int, change: Callable[[Expr], Expr]) -> Any:
    """A row on numbers with one slope changed."""
    row = RULES[name]
    assert row.slopes is not None
    slopes = row.slopes

    def wrong(w: Expr, *u: Expr) -> tuple[ExprLike, ...]:
        right = list(slopes(w, *u))
        right[place] = change(as_expr(right[place]))
        return tuple(right)

    return replace(row, slopes=wrong)


@dataclass(frozen=True)
class Spoiled(LinearMap):
    """A map whose results are changed."""

    of: LinearMap
    change: Callable[[Expr], Expr]

    def apply(self, tangent: Expr) -> Expr:
        return self.change(self.of.apply(tangent))

    def transpose(self, adjoint: Expr) -> Expr:
        return self.change(self.of.transpose(adjoint))

    def matrix(self) -> Expr:
        return self.change(self.of.matrix())

    def vec(self, operand: Any) -> Expr:
        return self.change(self.of.vec(operand))


def with_map(name: str, place: int, change: Callable[[Expr], Expr]) -> Any:
    """A row on arrays with one map changed."""
    row = RULES[name]
    assert row.maps is not None
    maps = row.maps

    def wrong(w: Expr, *u: Expr) -> tuple[LinearMap | None, ...]:
        right = list(maps(w, *u))
        at = place % len(right)
        found = right[at]
        assert found is not None
        right[at] = Spoiled(found, change)
        return tuple(right)

    return replace(row, maps=wrong)


def is_seen(name: str, place: int, change: str) -> bool:
    """Whether a change makes a slope false at all."""
    return change == "constant" or place not in FLAT.get(name, ())


def places(name: str) -> Sequence[int]:
    """The arguments of a row, of a long sum some."""
    return (0, 7, 13) if name == "total" else range(NUMBERS[name].op.arity or 0)


NUMBER_CASES = [
    (name, place, change, page)
    for name in NUMBERS
    if name not in NEVER_READ
    for place in places(name)
    for change in CHANGES
    if is_seen(name, place, change)
    for page in PAGES
    if (name, page) != ("total", "recurrence")  # a cell adds two terms at a time, its page has no such row
]


@cache
def is_proved(name: str, page: str) -> bool:
    """Whether the page is proved with the right table: else nothing is learnt from a refusal."""
    make, mode = PAGES[page]
    return bool(solve(make(name), mode).certificate.members)


def moves(name: str) -> bool:
    """Whether a row has a slope or a map at all."""
    row = RULES[name]
    args = [Num(2), Sym("u"), Sym("v")][: row.op.arity]
    return row.maps is not None or any(slope is not None for slope in row.slopes(Sym("w"), *args))


def test_every_row_is_spoiled_here() -> None:
    constants = {name for name, row in RULES.items() if row.op.arity == 0}
    assert {*NUMBERS, *ARRAYS} == {*RULES} - constants - {row.op.name for row in FORM_ROWS} - APART
    assert {*CASES_OF} == {name for name in APART - constants if moves(name)}
    assert {name for name, row in NUMBERS.items() if row.op.shape is not elementwise} == set()
    assert all(RULES[name].internal for name in NEVER_READ)
    assert {*CELLS, "inner"} == {*ARRAYS}


@pytest.mark.parametrize(("name", "place", "change", "page"), some(NUMBER_CASES, 10))
def test_a_false_slope_is_refused(
    name: str, place: int, change: str, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, mode = PAGES[page]
    assert is_proved(name, page)
    forget()
    monkeypatch.setitem(RULES, name, with_slope(name, place, CHANGES[change]))
    with pytest.raises(ProofError):
        solve(make(name), mode)


# ------------------------------------------------------------------ rows on arrays

SQUARE = "2*eye(n) + outer(h, x)/9"
CELLS: dict[str, str] = {
    "@": "tanh(U @ h + outer(h, x) @ h)",
    "transpose": "tanh(outer(h, x).T @ x)",
    "dot": "dot(h, h*x)*x + h/3",
    "outer": "tanh(outer(h, h*x) @ x)",
    "sum": "tanh(sum(h*x)*x)",
    "mean": "tanh(mean(h*x)*x)",
    "norm": "norm(h + x)*x",
    "sqnorm": "tanh(sqnorm(h)*x)",
    "softmax": "softmax(h + x)",
    "log_softmax": "log_softmax(h + x)/3",
    "logsumexp": "tanh(logsumexp(h)*x)",
    "sum_down": "tanh(sum(outer(x, h), axis=0))",
    "sum_across": "tanh(sum(outer(h, x), axis=1))",
    "mean_down": "tanh(mean(outer(x, h), axis=0))",
    "mean_across": "tanh(mean(outer(h, x), axis=1))",
    "logsumexp_across": "tanh(logsumexp(outer(h, x), axis=1))",
    "column": "tanh(sum(outer(x, x)*sum(outer(h, x), axis=1, keepdims=True), axis=1))",
    "row": "tanh(sum(outer(x, x)*sum(outer(x, h), axis=0, keepdims=True), axis=1))",
    "trace": "tanh(trace(outer(h, x))*x)",
    "det": f"tanh(det({SQUARE})*x)",
    "logdet": f"tanh(logdet({SQUARE})*x)",
    "inv": f"tanh(inv({SQUARE}) @ x)",
    "diag": "tanh(diag(h) @ x + h)",
    "cross_entropy": "tanh(cross_entropy(softmax(h), softmax(h*x))*x)",
    "index": "tanh(h[0]*x + x)",
    "slice": "tanh(sum(h[0:2])*x + x)",
    "stack": "tanh(sum(stack(h, h*x, h), axis=0))",
    "concat": "tanh(sum(concat(h, h*x))*x)",
    "concat_across": "tanh(sum(concat(outer(h, x), outer(x, h), axis=1), axis=1))",
    "gather": "tanh(h[[0, 2, 0]]*x + x)",
    "max_of": "tanh(max(h*x)*x + x)",
    "min_of": "tanh(min(h*x)*x + x)",
    "max_across": "tanh(max(outer(h, x), axis=1) + x)",
    "min_across": "tanh(min(outer(h, x), axis=1) + x)",
    "prod": "tanh(prod(h + x)*x)",
    "prod_across": "tanh(prod(outer(h, x), axis=1) + x)",
    "var": "tanh(var(h*x)*x + x)",
    "var_across": "tanh(var(outer(h, x), axis=1) + x)",
    "std": "tanh(std(h + x)*x + x)",
    "std_across": "tanh(std(outer(h, x) + outer(x, x), axis=1) + x)",
    "norm1": "tanh(norm(h, 1)*x + x)",
    "norm_across": "tanh(norm(outer(h + x, x), axis=1) + x)",
    "cumsum": "tanh(cumsum(h*x) + x)",
    "cumsum_down": "tanh(cumsum(outer(h, x), axis=0) @ x)",
    "flip": "tanh(flip(h)*x + x)",
    "flip_down": "tanh(flip(outer(h, x), axis=0) @ x)",
    "tril": "tanh(tril(outer(h, x)) @ x + x)",
    "triu": "tanh(triu(outer(h, x)) @ x + x)",
    "cross": "tanh(cross(h, h*x) + x)",
    "vec": "tanh(sum(vec(outer(h, x))**2)*x + x)",
}
"""For each row on arrays a vector by vectors h and x that uses it; ⟨A, B⟩ is not written, but made."""

WITH_JACOBIAN = {"@", "dot", "sum", "mean", "norm", "sqnorm", "softmax", "log_softmax", "logsumexp"}
WITH_JACOBIAN |= {
    "cross_entropy",
    "index",
    "slice",
    "max_of",
    "min_of",
    "prod",
    "var",
    "std",
    "norm1",
    "cumsum",
}
"""Rows whose maps, between vectors, people write as a matrix; others have no page of Jacobians."""


def size_in(name: str) -> Any:
    """The size of h and x: a number where entries are taken."""
    return 3 if name in ("index", "slice", "gather", "cross", "std", "std_across") else "n"


def weighted(name: str) -> Problem:
    """The row on its own arguments, the entries of its result weighted and added up."""
    row, case = ARRAYS[name], CASES[name][0]
    known = "simplex" if KINDS.get(name) == "positive" else ""
    args = [
        Sym(f"u{i}", shape=arg, assume=known) if isinstance(arg, tuple) else arg for i, arg in enumerate(case)
    ]
    whole = Expr(row.op, *args)
    target, weights = Sym("w", shape=whole.shape), Sym("c", shape=whole.shape)
    result = Expr(RULES["sum"].op, target * weights) if whole.shape else target * weights
    inputs = (*(arg for arg in args if isinstance(arg, Sym)), weights)
    return Problem("own", Program(inputs, ((target, whole), (Sym("L"), result))))


def by_vectors(name: str, place: int) -> Problem:
    n = size_in(name)
    text = ("tanh(h @ U)", "tanh(U @ h)")[place] if name == "@" else CELLS[name]
    return replace(parsed(f"y = {text}", {"h": (n,), "x": (n,), "U": (n, n)}), wrt=("h",))


def in_cell(name: str, folder: Path) -> Problem:
    """The row in the cell of a recurrence, as a file."""
    size = f'["{size_in(name)}"]' if size_in(name) == "n" else "[3]"
    inputs = [f"g = {size}", *(['U = ["n", "n"]'] if "U" in CELLS[name] else [])]
    formula = re.sub(r"\bx\b", "x[t]", re.sub(r"\bh\b", "h[t-1]", CELLS[name]))
    lines = ["[inputs]", *inputs, "[sequences]", f"x = {size}", "[recurrence]", '"h[-1]" = "g"']
    lines += [f'"h[t]" = "{formula}"', "[definitions]", 'L = "sum(sum(h**2))"']
    file = folder / "own.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return read(str(file))


def array_problem(name: str, place: int, page: str, folder: Path) -> tuple[Problem, str]:
    if page == "recurrence":
        return in_cell(name, folder), "bptt"
    return (by_vectors(name, place) if page == "jacobian" else weighted(name)), page


ARRAY_CASES = [
    (name, place, change, page)
    for name in ARRAYS
    for place in range(len([arg for arg in CASES[name][0] if isinstance(arg, tuple)]))
    for change in ("factor", "sign")
    for page in ("forward", "reverse", "jacobian", "recurrence")
    if page != "jacobian" or name in WITH_JACOBIAN
    if page != "recurrence" or name in CELLS
]


@pytest.mark.parametrize(("name", "place", "change", "page"), some(ARRAY_CASES, 5))
def test_a_false_map_is_refused(
    name: str, place: int, change: str, page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    right, mode = array_problem(name, place, page, tmp_path)
    assert solve(right, mode).certificate.members
    forget()
    monkeypatch.setitem(RULES, name, with_map(name, place, CHANGES[change]))
    wrong, mode = array_problem(name, place, page, tmp_path)
    with pytest.raises(ProofError):
        solve(wrong, mode)


CASES_OF = {
    "where": ("y = a*x if x > 0 else x**2", {}, 1),
    "polygamma": ("y = polygamma(2, x)*a", {}, 1),
    "masked_softmax": ("y = sum(c*softmax(where(x > 0, x, -inf)))", {"x": ("n",), "c": ("n",)}, 0),
    "masked_logsumexp": ("y = logsumexp(where(c > 0, x*c, -inf))", {"x": ("n",), "c": ("n",)}, 0),
    "masked_logsumexp_across": (
        "y = sum(logsumexp(where(A > 0, A*B, -inf), axis=1))",
        {"A": ("m", "n"), "B": ("m", "n")},
        0,
    ),
}
"""Rows with a condition or an order: a formula with shapes, and the place of an argument that moves."""


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", CASES_OF)
def test_a_false_case_is_refused(name: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, shapes, place = CASES_OF[name]
    problem = Problem("own", parse_program(text, None, shapes))
    assert solve(problem, mode).certificate.members
    forget()
    spoil = with_map if RULES[name].slopes is None else with_slope
    monkeypatch.setitem(RULES, name, spoil(name, place, CHANGES["factor"]))
    with pytest.raises(ProofError):
        solve(problem, mode)


def test_a_condition_that_is_another_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    row = RULES["where"]

    def swapped(w: Expr, c: Expr, u: Expr, v: Expr) -> Any:
        nothing, first, other = row.slopes(w, c, u, v)  # type: ignore[misc]
        return nothing, other, first

    monkeypatch.setitem(RULES, "where", replace(row, slopes=swapped))
    with pytest.raises(ProofError):
        solve(Problem("own", parse_program("y = a*x if x > 0 else x**2")), "reverse")
