"""Every slope and every map of every row of the table made false, one at a time: every page that uses it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
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
from symdiff.rules.linear_maps import LinearMap
from symdiff.rules.table import RULES
from symdiff.tape import partials

LITTLE = Num(1) / Num(10**6)
CHANGES: dict[str, Callable[[Expr], Expr]] = {
    "factor": lambda slope: slope * (1 + LITTLE),
    "sign": lambda slope: -slope,
    "constant": lambda slope: slope + LITTLE,
}
NUMBERS = {name: row for name, row in RULES.items() if row.slopes is not None and row.op.arity != 0}
ARRAYS = {name: row for name, row in RULES.items() if row.maps is not None}
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
        inputs = (Sym("a"), *(Sym(f"x_{i}") for i in range(14)))
        return Problem("own", Program(inputs, ((Sym("y"), total(terms)),)))
    return read(f"y = ({applied(name, inside(name, 'a*x'), inside(name, 'b + x'))})*c")


def in_arrays(name: str) -> Problem:
    shapes = {"X": ("m", "n"), "x": ("n",), "C": ("m", "n")}
    if name == "total":
        args = [Sym("X", shape=("m", "n")), Sym("x", shape=("n",))] * 7
        return Problem(
            "own", Program(tuple(args[:2]), ((Sym("Y", shape=("m", "n")), Expr(RULES["total"].op, *args)),))
        )
    return parsed(f"L = sum(({applied(name, inside(name, 'X*x'), inside(name, 'x'))})*C)", shapes)


def in_jacobian(name: str) -> Problem:
    shapes = {"A": ("m", "n"), "x": ("n",), "b": ("m",)}
    if name == "total":
        args = [Sym("x", shape=("n",)), Sym("b", shape=("n",))] * 7
        return Problem(
            "own", Program(tuple(args[:2]), ((Sym("y", shape=("n",)), Expr(RULES["total"].op, *args)),))
        )
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
        return Problem("own", Program(tuple(x), ((Sym("y"), total(node**2 for node in x)),)))
    cell = applied(name, inside(name, "w*{0} + x"), inside(name, "v*{0} - x"))
    lines = ["h_0 = w*x", *(f"h_{t} = {cell.format(f'h_{t - 1}')}" for t in range(1, 90))]
    return read("\n".join([*lines, "y = h_89*v"]))


def parsed(text: str, shapes: dict[str, Any]) -> Problem:
    used = {name: shape for name, shape in shapes.items() if name in text}
    return Problem("own", parse_program(text, tuple(used), used))


class Page(NamedTuple):
    """A page of one kind: which problem uses a row, and the mode in which it is solved."""

    problem: Callable[[str], Problem]
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


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Nothing remembered of the table, before and after."""
    caches = [
        found
        for module in (partials, counts, jacobian, line_writer)
        for found in vars(module).values()
        if hasattr(found, "cache_clear")
    ]
    for cache_ in caches:
        cache_.cache_clear()
    yield
    for cache_ in caches:
        cache_.cache_clear()


def with_slope(name: str, place: int, change: Callable[[Expr], Expr]) -> Any:
    """A row on numbers with one slope changed."""
    row = NUMBERS[name]
    assert row.slopes is not None
    slopes = row.slopes

    def wrong(w: Expr, *u: Expr) -> tuple[ExprLike, ...]:
        right = list(slopes(w, *u))
        right[place] = change(as_expr(right[place]))
        return tuple(right)

    return replace(row, slopes=wrong)


class Spoiled(LinearMap):
    """A map whose results are changed, or those in one direction."""

    def __init__(self, of: LinearMap, change: Callable[[Expr], Expr], only: str = "") -> None:
        self.of, self.change, self.only = of, change, only

    def _changed(self, method: str, found: Expr) -> Expr:
        return self.change(found) if self.only in ("", method) else found

    def apply(self, tangent: Expr) -> Expr:
        return self._changed("apply", self.of.apply(tangent))

    def transpose(self, adjoint: Expr) -> Expr:
        return self._changed("transpose", self.of.transpose(adjoint))

    def matrix(self) -> Expr:
        return self._changed("matrix", self.of.matrix())

    def vec(self, operand: Any) -> Expr:
        return self._changed("vec", self.of.vec(operand))


def with_map(name: str, place: int, change: Callable[[Expr], Expr], only: str = "") -> Any:
    """A row on arrays with one map changed."""
    row = ARRAYS[name]
    assert row.maps is not None
    maps = row.maps

    def wrong(w: Expr, *u: Expr) -> tuple[LinearMap | None, ...]:
        right = list(maps(w, *u))
        at = place % len(right)
        found = right[at]
        assert found is not None
        right[at] = Spoiled(found, change, only)
        return tuple(right)

    return replace(row, maps=wrong)


def is_seen(name: str, place: int, change: str) -> bool:
    """Whether a change makes a slope false at all."""
    return change == "constant" or place not in FLAT.get(name, ())


def arguments(name: str) -> int:
    return NUMBERS[name].op.arity or 14


NUMBER_CASES = [
    (name, place, change, page)
    for name in NUMBERS
    if name not in NEVER_READ
    for place in (
        {0, arguments(name) // 2, arguments(name) - 1} if name == "total" else range(arguments(name))
    )
    for change in CHANGES
    if is_seen(name, place, change)
    for page in PAGES
]


@cache
def is_proved(name: str, page: str) -> bool:
    """Whether the page is proved with the right table: else nothing is learnt from a refusal."""
    problem, mode = PAGES[page]
    return bool(solve(problem(name), mode).certificate.members)


def test_every_row_is_spoiled_here() -> None:
    assert {*NUMBERS, *ARRAYS} == {name for name, row in RULES.items() if row.op.arity != 0} - {"kron", "vec"}
    assert {name for name, row in NUMBERS.items() if row.op.shape is not elementwise} == set()
    assert all(RULES[name].internal for name in NEVER_READ)
    assert {*ARRAY_PAGES} == {*ARRAYS}


@pytest.mark.parametrize(("name", "place", "change", "page"), some(NUMBER_CASES, 10))
def test_a_false_slope_is_refused(
    name: str, place: int, change: str, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, mode = PAGES[page]
    assert is_proved(name, page)
    for cache_ in (partials.partials_of, partials._applied, partials._transposed, partials._on_vec):
        cache_.cache_clear()
    monkeypatch.setitem(RULES, name, with_slope(name, place, CHANGES[change]))
    with pytest.raises(ProofError):
        solve(problem(name), mode)


# ------------------------------------------------------------------ rows on arrays

H, X = "h[t-1]", "x[t]"
SQUARE = f"2*eye(n) + outer({H}, {X})/9"
ARRAY_PAGES: dict[str, str] = {
    "@": f"h[t] = tanh(U @ {H} + {X})",
    "transpose": f"h[t] = tanh(U.T @ {H} + outer({H}, {X}).T @ {X})",
    "dot": f"h[t] = dot({H}, {X})*{X} + {H}/3",
    "inner": "",
    "outer": f"h[t] = tanh(outer({H}, {X}) @ {X})",
    "sum": f"h[t] = tanh(sum({H}*{X})*{X})",
    "mean": f"h[t] = tanh(mean({H}*{X})*{X})",
    "norm": f"h[t] = norm({H} + {X})*{X}",
    "sqnorm": f"h[t] = tanh(sqnorm({H})*{X})",
    "softmax": f"h[t] = softmax(U @ {H} + {X})",
    "log_softmax": f"h[t] = log_softmax({H} + {X})/3",
    "logsumexp": f"h[t] = tanh(logsumexp({H})*{X})",
    "sum_down": f"h[t] = tanh(sum(outer({X}, {H}), axis=0))",
    "sum_across": f"h[t] = tanh(sum(outer({H}, {X}), axis=1))",
    "mean_down": f"h[t] = tanh(mean(outer({X}, {H}), axis=0))",
    "mean_across": f"h[t] = tanh(mean(outer({H}, {X}), axis=1))",
    "logsumexp_across": f"h[t] = tanh(logsumexp(outer({H}, {X}), axis=1))",
    "column": f"h[t] = tanh(sum(U*sum(U*{H}, axis=1, keepdims=True), axis=1) + {X})",
    "row": f"h[t] = tanh(sum(U*sum(U*{H}, axis=0, keepdims=True), axis=1) + {X})",
    "trace": f"h[t] = tanh(trace(outer({H}, {X}))*{X})",
    "det": f"h[t] = tanh(det({SQUARE})*{X})",
    "logdet": f"h[t] = tanh(logdet({SQUARE})*{X})",
    "inv": f"h[t] = tanh(inv({SQUARE}) @ {X})",
    "diag": f"h[t] = tanh(diag({H}) @ {X} + {H})",
    "cross_entropy": f"h[t] = tanh(cross_entropy(softmax({H}), softmax({X}))*{X})",
    "index": f"h[t] = tanh({H}[0]*{X} + {X})",
    "slice": f"h[t] = tanh(sum({H}[0:2])*{X} + {X})",
    "stack": f"h[t] = tanh(sum(stack({H}, {X}, {H}), axis=0))",
    "concat": f"h[t] = tanh(sum(concat({H}, {X}))*{X})",
}
"""For each row on arrays a cell that uses it; a form with ⟨A, B⟩ is made by the package, nobody writes it."""


def direct(name: str, mode: str) -> Problem:
    """The row on its own arguments, its result weighted; alone where a Jacobian is asked for."""
    row, case = ARRAYS[name], CASES[name][0]
    args = [Sym(f"u{i}", shape=arg) if isinstance(arg, tuple) else arg for i, arg in enumerate(case)]
    kind = "simplex" if KINDS.get(name) == "positive" else ""
    args = [Sym(arg.name, shape=arg.shape, assume=kind) if isinstance(arg, Sym) else arg for arg in args]
    whole = Expr(row.op, *args)
    inputs = [arg for arg in args if isinstance(arg, Sym)]
    target = Sym("w", shape=whole.shape)
    if mode == "jacobian":
        return Problem("own", Program(tuple(inputs), ((target, whole),)))
    weights = Sym("c", shape=whole.shape)
    weighted = Expr(RULES["sum"].op, target * weights) if whole.shape else target * weights
    return Problem("own", Program((*inputs, weights), ((target, whole), (Sym("L"), weighted))))


def cell(name: str, path: Any) -> Problem:
    sizes = "3" if name in ("index", "slice") else '"n"'
    used = [f"U = [{sizes}, {sizes}]"] if "U" in ARRAY_PAGES[name] else []
    text = ARRAY_PAGES[name].removeprefix("h[t] = ")
    source = "\n".join(
        [
            'mode = "bptt"',
            "[inputs]",
            *used,
            f"g = [{sizes}]",
            "[sequences]",
            f"x = [{sizes}]",
            "[recurrence]",
            '"h[-1]" = "g"',
            f'"h[t]" = "{text.replace("eye(n)", "eye(n)")}"',
            "[definitions]",
            'L = "sum(sum(h**2))"',
        ]
    )
    file = path / "own.toml"
    file.write_text(source, encoding="utf-8")
    return read(str(file))


ARRAY_CHANGES = {name: CHANGES[name] for name in ("factor", "sign")}
ARRAY_CASES = [
    (name, place, change, page)
    for name in ARRAYS
    for place in range(len([arg for arg in CASES[name][0] if isinstance(arg, tuple)]))
    for change in ARRAY_CHANGES
    for page in ("forward", "reverse", "jacobian", "recurrence")
    if not (page == "recurrence" and not ARRAY_PAGES[name])
]


def problem_of(name: str, page: str, path: Any) -> tuple[Problem, str]:
    if page == "recurrence":
        return cell(name, path), "bptt"
    return direct(name, page), page


@pytest.mark.parametrize(("name", "place", "change", "page"), some(ARRAY_CASES, 5))
def test_a_false_map_is_refused(
    name: str, place: int, change: str, page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    problem, mode = problem_of(name, page, tmp_path)
    assert solve(problem, mode).certificate.members
    for cache_ in (partials.partials_of, partials._applied, partials._transposed, partials._on_vec):
        cache_.cache_clear()
    monkeypatch.setitem(RULES, name, with_map(name, place, ARRAY_CHANGES[change]))
    problem, mode = problem_of(name, page, tmp_path)
    with pytest.raises(ProofError):
        solve(problem, mode)
