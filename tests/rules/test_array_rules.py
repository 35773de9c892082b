"""The rows for arrays: values, both directions of each linear map, matrices, against differences."""

from __future__ import annotations

import itertools
import random
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from array_helpers import array, drawn, flat, jacobian, of_package, same, shape_of, size_of, to_package, tree
from helpers import M

from symdiff.algebra.tidy import tidy
from symdiff.errors import InputError
from symdiff.expr.leaves import Filled, HeldIndex, OneHot, ones
from symdiff.expr.operations import STACK
from symdiff.expr.shapes import elementwise
from symdiff.expr.tree import ALL, Dim, Expr, Num, Sym
from symdiff.proof.balls import Balls
from symdiff.proof.values import evaluate
from symdiff.rules import array_values
from symdiff.rules.array_rows import ARRAY_ROWS, FORM_ROWS
from symdiff.rules.array_values import filled
from symdiff.rules.condition_rows import CONDITION_ROWS
from symdiff.rules.rule import Rule
from symdiff.rules.table import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from symdiff.rules.linear_maps import LinearMap

V, W, X, Y = ("n",), ("k",), ("m", "n"), ("n", "n")
CASES: dict[str, list[tuple[Any, ...]]] = {
    "@": [(("m", "k"), ("k", "n")), (("m", "k"), W), (W, ("k", "n")), (W, W), (Y, Y)],
    "transpose": [((),), (V,), (X,)],
    "dot": [(V, V)],
    "inner": [(V, V), (X, X)],
    "outer": [(V, W)],
    **{key: [(V,), (X,)] for key in ("sum", "mean", "norm", "sqnorm", "softmax", "log_softmax")},
    **{key: [(X,)] for key in ("sum_down", "sum_across", "mean_down", "mean_across", "logsumexp_across")},
    **{key: [(V,)] for key in ("column", "row", "logsumexp")},
    **{key: [(Y,)] for key in ("trace", "det", "logdet", "inv")},
    "diag": [(V,), (Y,)],
    "cross_entropy": [(V, V), (X, X)],
    "index": [
        (V, Num(0)),
        (X, Num(0)),
        (X, ALL, Num(0)),
        (X, Num(0), Num(0)),
        ((4,), Num(2)),
        ((3, 4), Num(2)),
        ((3, 4), Num(1), Num(3)),
        ((3, "n"), ALL, Num(0)),
        (V, Dim("n+-1")),
        (X, ALL, Dim("n+-1")),
        (X, Dim("m+-1"), Dim("n+-1")),
        (("k+n",), Dim("k")),
    ],
    "gather": [
        (V, HeldIndex("y", (), "n")),
        (V, HeldIndex("ix", ("k",), "n")),
        (X, HeldIndex("y", (), "m")),
        (X, ALL, HeldIndex("y", (), "n")),
        (X, HeldIndex("y", (), "m"), HeldIndex("z", (), "n")),
        (X, HeldIndex("ix", ("k",), "m")),
        (X, ALL, HeldIndex("ix", ("k",), "n")),
        (X, HeldIndex("ix", ("k",), "m"), HeldIndex("iy", ("k",), "n")),
        (X, Filled("arange", ("m",)), HeldIndex("iy", ("m",), "n")),
        (X, HeldIndex("y", (), "m"), HeldIndex("iy", ("k",), "n")),
        (X, HeldIndex("ix", ("k",), "m"), Num(0)),
        ((3, "n"), Expr(STACK, Num(2), Num(0), Num(2))),
    ],
    **{key: [(V,), (X,)] for key in ("max_of", "min_of", "prod", "var")},
    **{key: [(X,)] for key in ("max_across", "min_across", "prod_across", "var_across", "norm_across")},
    "norm1": [(V,), (X,)],
    "std": [((3,),), ((4,),), (("6",),), ((2, 3),)],
    "std_across": [(("m", 3),), (("m", "6"),)],
    "cumsum": [(V,)],
    "cumsum_down": [(X,)],
    "flip": [(V,)],
    "flip_down": [(X,)],
    **{key: [(Y,)] for key in ("tril", "triu")},
    "cross": [((3,), (3,))],
    "vec": [(V,), (X,)],
    "slice": [
        ((4,), Num(1), Num(3)),
        ((4,), Num(0), Num(4)),
        ((3,), Num(2), Num(3)),
        (("6",), Num(1), Num(6)),
        (V, Num(0), Dim("n")),
        ((3, "n"), Num(1), Num(3), Num(0), Dim("n")),
        ((3, 4), Num(0), Num(2), Num(1), Num(4)),
        (("m", 4), Num(0), Dim("m"), Num(2), Num(3)),
        (("n+2",), Num(1), Dim("n+1")),
        (("k+n", "m"), Dim("k"), Dim("k+n"), Num(0), Dim("m")),
    ],
    "stack": [((), (), ()), ((),), (V, V), (V,)],
    "concat": [((2,), (3,), (1,)), ((4,),), (("6",), (2,)), (V, W), (X, Y), ((2, 3), (1, 3), ("m", 3))],
    "concat_across": [(X, ("m", "k")), (Y, Y, Y), ((2, 3), (2, "n"), (2, 1)), (X,)],
}
"""For each row the shapes of its arguments, and indices as they stand."""
KINDS = {"det": "regular", "logdet": "regular", "inv": "regular", "cross_entropy": "positive"}
SIZES = [
    dict(zip("mnk", one, strict=True)) for one in ((2, 3, 4), (3, 1, 2), (1, 4, 3), (4, 2, 1), (3, 3, 3))
]
ROWS = {row.op.name: row for row in ARRAY_ROWS}
BALLS = Balls()


def numbered(case: tuple[Any, ...], sizes: dict[str, int]) -> tuple[Any, ...]:
    """A case whose sizes are numbers instead of names."""
    return tuple(numbered_part(part, sizes) for part in case)


def numbered_part(part: Any, sizes: dict[str, int]) -> Any:
    if isinstance(part, tuple):
        return tuple(sizes.get(size, size) for size in part)
    if isinstance(part, HeldIndex):
        return HeldIndex(part.name, numbered_part(part.shape, sizes), sizes[part.limit])
    return Filled(part.what, numbered_part(part.shape, sizes)) if isinstance(part, Filled) else part


def drawn_index(index: HeldIndex, sizes: dict[str, int]) -> Any:
    """Valid places, several of them alike where there are many."""
    rng, limit = random.Random(index.name), size_of(index.limit, sizes)
    places = [M.mpf(rng.randrange(limit)) for _ in range(prod(size_of(part, sizes) for part in index.shape))]
    return array(places, tuple(size_of(part, sizes) for part in index.shape))


def evaluated(node: Expr, at: dict[str, Any], sizes: dict[str, int]) -> Any:
    """The value of an expression by the package, names and sizes given."""
    names = {name: to_package(BALLS, value) for name, value in at.items()}
    return of_package(evaluate(BALLS, node, {}, leaves_of(names, sizes)))


def leaves_of(names: dict[str, Any], sizes: dict[str, int]) -> Callable[[Expr], Any]:
    """The values of names, indices, sizes and constant arrays."""

    def known(leaf: Expr) -> Any:
        if isinstance(leaf, Dim):
            return BALLS.number(size_of(leaf.name, sizes))
        if isinstance(leaf, Filled):
            shape = tuple(size_of(p, sizes) for p in leaf.shape)
            return filled(BALLS, leaf.what, shape, size_of(leaf.index, sizes))
        if isinstance(leaf, OneHot):
            length = size_of(leaf.index.limit, sizes)
            return array_values.one_hot(BALLS, names[leaf.index.name], length)
        return names.get(leaf.name) if isinstance(leaf, Sym | HeldIndex) else None

    return known


def forms(partial: LinearMap, method: str, given: Sym) -> list[Expr]:
    """A map at work, as the row writes it and tidied; nothing where it cannot be written."""
    with suppress(InputError):
        written = getattr(partial, method)(given)
        return [written, tidy(written)]
    return []


class Bench:
    """One row on one set of arguments: what it claims, and what is measured."""

    def __init__(self, rule: Rule, case: tuple[Any, ...], sizes: dict[str, int], kind: str = "") -> None:
        self.rule, self.sizes = rule, sizes
        self.args = [
            Sym(f"u_{i}", shape=arg) if isinstance(arg, tuple) else arg for i, arg in enumerate(case)
        ]
        self.whole = Expr(rule.op, *self.args)
        self.at = {arg.name: self.drawn(arg.shape, i, kind) for i, arg in self.variables}
        self.at |= {arg.name: drawn_index(arg, sizes) for arg in self.args if isinstance(arg, HeldIndex)}
        self.value = self.at["w"] = tree(self.whole, self.at, sizes)
        self.at["s"] = self.drawn(self.whole.shape, "adjoint")

    @property
    def variables(self) -> Iterator[tuple[int, Sym]]:
        return ((i, arg) for i, arg in enumerate(self.args) if isinstance(arg, Sym))

    def drawn(self, shape: Any, seed: object, kind: str = "") -> Any:
        return drawn(tuple(size_of(part, self.sizes) for part in shape), seed, kind)

    def measured(self, arg: Sym) -> Any:
        return jacobian(lambda u: tree(self.whole, self.at | {arg.name: u}, self.sizes), self.at[arg.name])

    def faults(self) -> list[str]:
        """What is wrong with the row here."""
        partials = self.rule.partials(Sym("w", shape=self.whole.shape), *self.args)
        found = [] if len(partials) == len(self.args) else ["not one map for each argument"]
        found += [] if same(evaluated(self.whole, self.at, self.sizes), self.value) else ["value"]
        for i, arg in self.variables:
            known = {**self.at, "t": self.drawn(arg.shape, ("tangent", i))}
            found += [f"{what} of argument {i}" for what in self.wrong(partials[i], arg, known)]
        return found

    def wrong(self, partial: LinearMap, arg: Sym, known: dict[str, Any]) -> Iterator[str]:
        true = self.measured(arg)
        tangent, adjoint = Sym("t", shape=arg.shape), Sym("s", shape=self.whole.shape)
        ends = (("apply", tangent, self.whole, true), ("transpose", adjoint, arg, true.T))
        moved = {}
        for name, given, like, local in ends:
            for form in forms(partial, name, given):
                value = moved[name] = evaluated(form, known, self.sizes)
                if form.shape != like.shape or shape_of(value) != shape_of(
                    known[like.name if like is arg else "w"]
                ):
                    yield f"shape of {name}"
                elif not same(np.array(flat(value)), local @ np.array(flat(known[given.name]))):
                    yield name
        if len(moved) < 2:
            yield "refused"
            return
        duality = [
            M.fdot(flat(known["s"]), flat(moved["apply"])),
            M.fdot(flat(moved["transpose"]), flat(known["t"])),
        ]
        if not same(*duality, digits=45):
            yield "duality"
        if len(arg.shape) < 2 and len(self.whole.shape) < 2 and not self.matrix_is(partial, true, known):
            yield "matrix"

    def matrix_is(self, partial: LinearMap, true: Any, known: dict[str, Any]) -> bool:
        """Whether the map, written as a matrix where that is possible, is the measured one."""
        try:
            written = partial.matrix()
        except NotImplementedError:
            return True
        except InputError:
            return False
        shape = shape_of(evaluated(written, known, self.sizes))
        fits = shape in (true.shape, ()) and (shape or true.shape == (1, 1))
        return bool(fits) and same(np.array(flat(evaluated(written, known, self.sizes))), true.ravel())


def benches(rule: Rule) -> Iterator[Bench]:
    for case, sizes in itertools.product(CASES[rule.op.name], SIZES):
        for one in (case, numbered(case, sizes)):
            yield Bench(rule, one, sizes, KINDS.get(rule.op.name, ""))


@pytest.mark.parametrize("name", ROWS)
def test_values_and_maps_are_those_of_differences(name: str) -> None:
    assert [(b.whole.shape, b.sizes, b.faults()) for b in benches(ROWS[name]) if b.faults()] == []


class Off:
    """A map that is wrong by a thousandth, in one direction."""

    def __init__(self, of: LinearMap, method: str) -> None:
        self.of, self.method = of, method

    def __getattr__(self, name: str) -> Any:
        right = getattr(self.of, name)
        return (lambda *args: right(*args) * Num(1001) / 1000) if name == self.method else right


@pytest.mark.parametrize("method", ["apply", "transpose", "matrix"])
@pytest.mark.parametrize("name", ROWS)
def test_a_map_wrong_by_a_thousandth_is_caught(name: str, method: str) -> None:
    rule = ROWS[name]
    for position in range(len([arg for arg in CASES[name][0] if isinstance(arg, tuple)])):

        def wrong(w: Expr, *u: Expr, position: int = position) -> tuple[Any, ...]:
            right = list(rule.partials(w, *u))
            right[position] = Off(right[position], method)
            return tuple(right)

        bench = Bench(replace(rule, maps=wrong), CASES[name][0], SIZES[0], KINDS.get(name, ""))
        if method != "matrix" or has_matrix(bench, position):
            assert bench.faults()


def has_matrix(bench: Bench, position: int) -> bool:
    """Whether an argument's map is one that is written as a matrix."""
    if len(bench.args[position].shape) > 1 or len(bench.whole.shape) > 1:
        return False
    try:
        bench.rule.partials(Sym("w", shape=bench.whole.shape), *bench.args)[position].matrix()
    except (NotImplementedError, InputError):
        return False
    return True


@pytest.mark.parametrize("name", ["@", "softmax", "inv", "norm", "sum", "stack"])
def test_a_value_wrong_by_a_thousandth_is_caught(name: str) -> None:
    rule = ROWS[name]
    off = replace(rule, value=lambda m, *u: rule.value(m, *u) * m.number(Fraction(1001, 1000)))
    bench = Bench(rule, CASES[name][0], SIZES[0], KINDS.get(name, ""))
    original = RULES[name]
    try:
        RULES[name] = off
        assert "value" in bench.faults()
    finally:
        RULES[name] = original


SPREAD = ((), ("n",), ("m", "n"), (1, "n"), ("m", 1))
APART = {*(row.op.name for row in CONDITION_ROWS), "polygamma"}
ENTRYWISE = {n: row for n, row in RULES.items() if row.op.shape is elementwise and n not in APART}
UNARY = [n for n, row in ENTRYWISE.items() if row.op.arity == 1]
BINARY = [n for n, row in ENTRYWISE.items() if row.op.arity == 2]
FAR = {"acosh": "above"}


def entrywise_faults(name: str, case: tuple[Any, ...]) -> list[Any]:
    found = []
    for sizes in SIZES[:4]:
        for one in (case, numbered(case, sizes)):
            bench = Bench(ENTRYWISE[name], one, sizes, FAR.get(name, "positive"))
            found += [(one, sizes, fault) for fault in bench.faults()]
    return found


def test_every_row_is_on_numbers_or_on_arrays() -> None:
    constants = {n for n, row in ENTRYWISE.items() if row.op.arity == 0}
    assert {*ENTRYWISE} == {*UNARY, *BINARY, *constants, "total"}
    assert {*RULES} == {*APART, *ENTRYWISE, *ROWS, *(row.op.name for row in FORM_ROWS)}
    assert {*CASES} == {*ROWS}


@pytest.mark.parametrize("shape", SPREAD[1:], ids=str)
@pytest.mark.parametrize("name", UNARY)
def test_functions_of_numbers_work_entry_by_entry(name: str, shape: Any) -> None:
    assert entrywise_faults(name, (shape,)) == []


@pytest.mark.parametrize("shapes", [p for p in itertools.product(SPREAD, SPREAD) if any(p)], ids=str)
@pytest.mark.parametrize("name", BINARY)
def test_operators_spread_like_numpy(name: str, shapes: Any) -> None:
    assert entrywise_faults(name, shapes) == []


ONES = [(("n",), (1,)), (("m", "n"), (1,)), (("m", "n"), (1, 1)), (("m", 1), (1,)), ((1,), (1, "n"))]


@pytest.mark.parametrize("shapes", [*ONES, *(pair[::-1] for pair in ONES)], ids=str)
@pytest.mark.parametrize("name", ["+", "*", "/"])
def test_a_size_of_one_is_spread_like_a_scalar(name: str, shapes: Any) -> None:
    assert entrywise_faults(name, shapes) == []


@pytest.mark.parametrize("shapes", [(V, V, V), (X, V, ()), ((1, "n"), X, ("m", 1))], ids=str)
def test_long_sums_spread_too(shapes: Any) -> None:
    assert entrywise_faults("total", shapes) == []


def test_ones_stand_for_the_entries_of_a_sum() -> None:
    rule = ROWS["sum"]
    (partial,) = rule.partials(Sym("w"), Sym("u", shape=("m", "n")))
    assert partial.transpose(Sym("s")) == Sym("s") * ones(("m", "n"))
