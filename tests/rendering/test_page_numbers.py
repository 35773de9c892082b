"""The numbers of pages to step through: those of the library, at their own point and after a change."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import random_exercises as drawn
from array_helpers import to_package
from flint import arb, fmpq
from page_numbers import Page, computed, engine, page_at, refusal
from pages import solved, some
from test_array_rules import CASES, KINDS, SIZES, Bench, evaluated

from symdiff.api.solution import solve
from symdiff.errors import ProofError
from symdiff.exercises import names, read
from symdiff.expr.leaves import Grid
from symdiff.expr.tree import ALL, Expr, Num, Sym
from symdiff.proof.balls import Balls
from symdiff.proof.statements.places import Part
from symdiff.proof.statements.walkthroughs import check_stepping
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.pages.html import key, typed
from symdiff.rules.array_rows import FORM_ROWS
from symdiff.rules.arrays import flat, shape_of
from symdiff.rules.condition_rows import CONDITION_ROWS
from symdiff.rules.table import RULES

HOSTILE = {
    "sigmoid(x)": "x=30",
    "softplus(x)": "x=30.6841",
    "2**x": "x=30.5",
    "1 - tanh(x)": "x=20",
    "(1 - cos(x))/x**2": "x=0.0001",
    "exp(x)*a": "x=1000,a=2",
    "relu(x*b - a)": "x=1.9,b=8.7,a=16.53",
    "max(x, y)*x": "x=2,y=2",
    "abs(x) + sign(x)*y": "x=0,y=3",
    "relu(sin(x)**2 + cos(x)**2 - 1)*x": "x=0.7",
    "min(x, y) + max(exp(x), exp(y))": "x=1/3,y=1/3",
    "relu(x)*max(x, 0)": "x=0",
    "erf(x)": "x=6",
    "log(1 + exp(x))": "x=-40",
    "sqrt(x**2 + 1) - x": "x=1000000",
    "x**y": "x=10,y=-3.5",
    "x**3 - 3*x": "x=1.0000001",
    "sin(x)": "x=1000000000",
    "tan(x)": "x=1.5707963",
    "acosh(x)": "x=1.00001",
    "atanh(x)": "x=0.999999",
    "asin(x) + acos(x)": "x=0.9999999",
    "exp(-x)": "x=700",
    "x/(x + 1)": "x=1/3",
    "exp(exp(x))": "x=5",
    "(exp(x) - 1)/x": "x=0.000001",
    "log(exp(x) + exp(y))": "x=500,y=-500",
    "a*tanh(b*x) - a": "a=3,b=15,x=2",
    "1/(1 + exp(-x))": "x=-300",
    "x*exp(-x**2/2)": "x=12",
    "sinh(x) - cosh(x)": "x=25",
    "atan(x) - asinh(x)": "x=100000000",
    "sqrt(x)*sqrt(x) - x": "x=2",
    "pi*x - log(abs(x))": "x=-0.5",
    "x if x > 0 else a*(exp(x) - 1)": "x=0,a=2",
    "where(0 < x < 1 or x > 2, x, -x)*cot(x)": "x=1",
    "lgamma(x)*digamma(y)": "x=2.5,y=0.3",
    "atan2(y, x)*log10(x**2)": "y=-1,x=-3",
    "trigamma(x)*tgamma(x) + sec(y)*csc(y)*log2(x)": "x=4,y=0.7",
}
"""Points where doubles say something else: saturation, cancellation, overflow, kinks, exact roots."""
DIGITS = (4, 2, 15, 30)
PAGES = [*names(), *HOSTILE, *(f"{kind} {seed}" for kind in ("numbers", "arrays") for seed in range(14))]


def point_of(text: str) -> dict[str, Fraction]:
    """x=1/3,a=0.5 as numbers by name."""
    return {name: Fraction(value) for name, _, value in (part.partition("=") for part in text.split(","))}


def page_of(case: str, folder: Path) -> Page:
    """The page of a built-in exercise, a formula at its hostile point, or a drawn exercise."""
    decimal = ",."[len(case) % 2]
    if case in HOSTILE:
        digits = DIGITS[len(case) % len(DIGITS)]
        return page_at(solve(read(case), "both", at=point_of(HOSTILE[case]), digits=digits), decimal)
    if case in names():
        return page_at(solved(case), decimal)
    kind, _, seed = case.partition(" ")
    path = folder / "drawn.toml"
    path.write_text(getattr(drawn, f"of_{kind}")(int(seed)).file, encoding="utf-8")
    return page_at(solve(read(str(path)), "both"), decimal)


def test_enough_pages_are_compared() -> None:
    assert len(PAGES) >= 80


@pytest.mark.parametrize("case", some(PAGES, 2, spread=False))
def test_a_page_computes_the_numbers_that_the_library_writes_into_it(case: str, tmp_path: Path) -> None:
    page = page_of(case, tmp_path)
    assert all(page.written.values())
    assert computed(page.data, page.decimal) == page.written


@pytest.mark.parametrize("case", some([*HOSTILE], 3, spread=False))
def test_they_are_those_of_the_tables(case: str) -> None:
    found = solve(read(case), "both", at=point_of(HOSTILE[case]))
    page = page_at(found)
    printer = LatexPrinter(".")
    for one in (*page.block.known, *page.block.moves):
        number = page.work.value(one.var)
        sign = "≈" if number.rounded else "="  # type: ignore[attr-defined]
        assert page.written[key(one.var)] == sign + printer(number)


def assert_same(found: dict[str, str], wanted: dict[str, str | None]) -> None:
    """The same numbers; where the library cannot write one there is no page, and that one has a reason."""
    if all(wanted.values()):
        assert found == wanted
    assert all(found[key] == "small" for key, number in wanted.items() if number is None)


CHANGED = {
    "exp(x)*a + log(a)": ("x=1000,a=0.5", "x=-0.1,a=3", "x=2500,a=1", "x=1,a=-1", "x=1,a=0", "x=-2400,a=1"),
    "sin(x)/x + tanh(x)": ("x=0.0000001", "x=100", "x=0", "x=-22/7", "x=3000"),
    "erf(x)*softplus(y)": ("x=0.5,y=-800", "x=-7,y=40", "x=30,y=0", "x=0,y=1", "x=0.00001,y=-1"),
    "sigmoid(x)*(1 - sigmoid(x))": ("x=40", "x=-100", "x=0", "x=2000", "x=-5000"),
    "log(exp(x) + exp(y)) - x": ("x=60,y=-60", "x=3,y=3", "x=1000,y=999"),
    "x**y": ("x=2,y=0.5", "x=4,y=-1.5", "x=-2,y=3", "x=-2,y=0.5", "x=0.1,y=900", "x=1/3,y=7"),
    "x if x > 1 else y if 0 < x else x*y": ("x=2,y=1", "x=1,y=3", "x=0.5,y=-1", "x=0,y=2", "x=-3,y=0.1"),
    "r**2/2 if abs(r) <= d else d*(abs(r) - d/2)": ("r=1,d=1", "r=-1,d=1", "r=1/3,d=0.2", "r=0,d=1"),
    "atan2(y, x)": ("x=1,y=0", "x=-1,y=1", "x=-1,y=-1", "x=0,y=2", "x=0,y=-2", "x=3,y=-0.001"),
    "lgamma(x) + tgamma(y)": ("x=1,y=5", "x=2.5,y=-0.5", "x=100,y=1/3", "x=-1,y=2", "x=3,y=-2"),
    "(x - sin(x))/x**3": ("x=0.001", "x=0.0000001", "x=10"),
    "sqrt(x - y)*abs(x + y)": ("x=2,y=-2", "x=3,y=-1", "x=1,y=2", "x=1,y=1", "x=1.21,y=0"),
    "max(x, y)*relu(x - y)": ("x=1,y=1", "x=0.1,y=0.3", "x=-2,y=-3"),
    "asin(x) + atanh(x) + acosh(y)": ("x=0.5,y=1.5", "x=1,y=2", "x=2,y=2", "x=-0.99999,y=1.0001"),
    "1/(x - y) + tan(x)": ("x=1/3,y=1/3", "x=1.0000001,y=1", "x=-8,y=5"),
    "cosh(x) - sinh(x) + asinh(y)*atan(y)": ("x=30,y=1000000", "x=-2,y=-0.00001", "x=1100,y=2"),
}


@pytest.mark.parametrize("formula", CHANGED)
def test_changed_inputs_show_the_digits_of_the_library_or_why_there_are_none(formula: str) -> None:
    start = page_at(solve(read(formula), "both"))
    for text in CHANGED[formula]:
        point = point_of(text)
        found = computed(start.at_inputs(point))
        reason = refusal(start.work, point)
        if reason:
            assert reason in found.values(), text
        else:
            assert_same(found, start.moved_to(point).written)


LOST = {
    "exp(x)": {"x=1e-600": "≈1.0000", "x=1e-1200": "≈1.0000", "x=0": "=1"},
    "tanh(x)": {"x=3000": "≈1.0000", "x=-1e1200": "≈-1.0000"},
    "sin(x)/x": {"x=1e-700": "≈1.0000"},
    "2**x": {"x=1e-1200": "≈1.0000", "x=0.5": "≈1.4142"},
    "log(exp(x))": {"x=-2000": "=-2000", "x=0.7": "=0.7"},
    "sqrt(x)**2 + erf(x)": {"x=2": "≈2.9953", "x=200": "≈201.0000"},
    "sin(x)**2 + cos(x)**2": {"x=1/3": "=1", "x=1e-600": "≈1.0000"},
}


@pytest.mark.parametrize("formula", LOST)
def test_what_is_lost_beside_a_larger_term_leaves_no_exact_number(formula: str) -> None:
    """e^x is not 1 for a very small x, however many bits are 1."""
    start = page_at(solve(read(formula), "reverse"))
    last = key(start.work.tape.output)
    for text, shown in LOST[formula].items():
        assert computed(start.at_inputs(point_of(text)))[last] == shown, text


REASONS = {"exp(x)": {"x=2500": "large", "x=-2500": "small"}, "log(x)": {"x=-1": "outside", "x=0": "outside"}}


@pytest.mark.parametrize("formula", REASONS)
def test_what_is_too_large_is_not_outside_the_domain(formula: str) -> None:
    start = page_at(solve(read(formula), "reverse"))
    for text, reason in REASONS[formula].items():
        assert computed(start.at_inputs(point_of(text)))["w_2"] == reason


def inputs_moved(page: Page) -> Iterator[dict[str, Any]]:
    """The page's inputs with their first number moved a little, far, to 0 and close to where it was."""
    numbers = {known.name.name: known.numbers for known in page.block.known if not known.var.accent}
    free = [known.name.name for known in page.block.known if not (known.name.assume or known.var.assume)]
    name = next(name for name in free if name in numbers)
    for change in (Fraction(1, 8), Fraction(25), Fraction(-1, 3), Fraction(1, 10**9)):
        yield numbers | {name: first_changed(numbers[name], change)}
    yield numbers | {name: first_changed(numbers[name], None)}


def first_changed(numbers: Any, change: Fraction | None) -> Any:
    if isinstance(numbers, tuple):
        return (first_changed(numbers[0], change), *numbers[1:])
    return Fraction(0) if change is None else numbers + change


@pytest.mark.parametrize(
    "case",
    some(
        ["logistic", "logistic-lse", "perceptron", "layer-norm", "mlp", "ridge", "log-determinant", "rnn"]
        + [f"arrays {seed}" for seed in range(6)],
        3,
        spread=False,
    ),
)
def test_changed_arrays_show_the_digits_of_the_library(case: str, tmp_path: Path) -> None:
    page = page_of(case, tmp_path)
    compared = 0
    for point in inputs_moved(page):
        if not refusal(page.work, point):
            assert_same(computed(page.at_inputs(point), page.decimal), page.moved_to(point).written)
            compared += 1
    assert compared >= 3


FUNCTIONS = "exp log sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh erf sigmoid softplus"
ENCLOSED = """(name, bits, p, radius) => {
  const [x, r] = [BigInt(p), BigInt(radius)];
  const given = r ? { lo: x - r, hi: x + r, e: -90 } : reals.exact(x, 1n << 90n);
  try {
    const { p, q, lo, hi, e } = reals.within(bits, () => reals[name](given));
    return p === undefined ? `${lo} ${hi} ${e}` : `${p}/${q}`;
  } catch (error) {
    return error.reason ?? "undecided";
  }
}"""


@pytest.mark.parametrize("function", FUNCTIONS.split())
def test_intervals_hold_the_value_and_are_narrow(function: str) -> None:
    """At points of all sizes, exact or with a radius, against FLINT in many more bits."""
    rng = random.Random(function)
    enclosed = engine().eval(ENCLOSED)
    m = Balls(3000)
    seen = 0
    for size, bits, radius in product((20, 60, 75, 87, 89, 90, 91, 93, 96, 99), (64, 192, 700), (0, 2**70)):
        x = rng.randrange(-(2**size), 2**size)
        found = enclosed(function, bits, str(x), str(radius))
        for point in (x, x - radius, x + radius):
            with m:
                true = arb(RULES[function].value(m, m.number(Fraction(point, 2**90))))
                if not true.is_finite():
                    assert found in ("outside", "undecided")
                elif not found.isalpha():
                    low, high = ends(found)
                    assert not true < low
                    assert not true > high
                    assert radius or high - low <= abs(true) * arb(2) ** -(bits - 8)
                    seen += not radius
                else:
                    assert radius
    assert seen >= 6


def ends(text: str) -> tuple[arb, arb]:
    """The ends of an interval of the page's program."""
    if "/" in text:
        exact = arb(fmpq(*map(int, text.split("/"))))
        return exact, exact
    low, high, e = map(int, text.split())
    return arb(low) * arb(2) ** e, arb(high) * arb(2) ** e


def test_every_operation_of_the_table_is_known_to_the_page() -> None:
    knows = engine().eval("(op) => numbers.knows(op)")
    assert [op for op in RULES if not knows(op)] == []


VALUES = """(text, bits) => JSON.stringify(JSON.parse(text).map(([op, ...args]) => {
  const array = ({ shape, data }) => numbers.array(shape, data.map(reals.parsed));
  const names = new Map(args.map((arg, i) => [`u${i}`, arg?.shape ? array(arg) : arg]));
  const tree = [op, ...args.map((arg, i) => (arg?.shape ? `u${i}` : arg))];
  const value = reals.within(bits, () => numbers.value(tree, names));
  const ends = ({ p, q, lo, hi, e }) => (p === undefined ? `${lo} ${hi} ${e}` : `${p}/${q}`);
  return [numbers.shapeOf(value), numbers.entries(value).map(ends)];
}))"""
SCALARS = ("-2.5", "-0.75", "0", "0.3", "1", "1.5", "7")


def test_operations_on_numbers_are_worth_what_the_library_says() -> None:
    m = Balls(400, exact=True)
    trees, wanted = [], []
    for name, rule in RULES.items():
        if name in (*CASES, "polygamma") or rule.op.arity is None or rule in (*FORM_ROWS, *CONDITION_ROWS):
            continue
        for u in SCALARS:
            given = (u, "1.5")[: rule.op.arity]
            with m, suppress(ValueError, ZeroDivisionError):
                value = rule.value(m, *(m.number(Fraction(x)) for x in given))
                if arb(value).is_finite():
                    trees.append([name, *({"shape": [], "data": [x]} for x in given)])
                    wanted.append([value])
    assert len(trees) > 120
    assert_enclosed(trees, wanted, [() for _ in trees], m)


def test_operations_on_arrays_are_worth_what_the_library_says() -> None:
    m = Balls(400, exact=True)
    every = [(name, case, sizes) for name, cases in CASES.items() for case in cases for sizes in SIZES]
    calls, wanted, shapes = list[Any](), list[Any](), list[tuple[int, ...]]()
    for name, case, sizes in every:
        bench = Bench(RULES[name], case, sizes, KINDS.get(name, ""))
        args = [bench.at[arg.name] if isinstance(arg, Sym) else picked(arg, bench) for arg in bench.args]
        calls.append([name, *(None if arg is ALL else plain(arg) for arg in args)])
        with m:
            value = RULES[name].value(m, *(arg if arg is ALL else to_package(m, arg) for arg in args))
        wanted.append(flat(value))
        shapes.append(shape_of(value))
    assert_enclosed(calls, wanted, shapes, m)


def assert_enclosed(calls: list[Any], wanted: list[Any], shapes: list[tuple[int, ...]], m: Balls) -> None:
    """Each call has this shape and, within 2⁻¹⁵⁰, these entries."""
    found = json.loads(engine().eval(VALUES)(json.dumps(calls), 192))
    for call, (shape, entries), values, wanted_shape in zip(calls, found, wanted, shapes, strict=True):
        assert tuple(shape) == wanted_shape, call
        with m:
            for (low, high), value in zip(map(ends, entries), map(arb, values), strict=True):
                assert low <= value or low.overlaps(value), call
                assert high >= value or high.overlaps(value), call
                assert high - low <= (1 + abs(value)) * arb(2) ** -150, call


def plain(value: Any) -> Any:
    """A number or an array of a bench, exactly, as the page reads it."""
    if isinstance(value, int):
        return value
    return {"shape": list(np.shape(value)), "data": [typed(rational(x)) for x in np.ravel(value)]}


def rational(x: Any) -> Fraction:
    """A number of mpmath."""
    return Fraction(int(x.man)) * Fraction(2) ** int(x.exp) * (-1 if x < 0 < x.man else 1)


def picked(arg: Expr, bench: Bench) -> Any:
    """An index: a number, a vector of them, or the colon."""
    if arg is ALL:
        return ALL
    found = evaluated(arg, bench.at, bench.sizes)
    return found if arg.shape else int(found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.7", "7/10"),
        (" -1/3", "-1/3"),
        ("−2.5e-3", "-1/400"),
        (".5", "1/2"),
        ("7.", "7/1"),
        ("1e2/4", "25/1"),
        ("-0", "0/1"),
        *((wrong, None) for wrong in ("", "-", "x", "1/0", "1/2/3", "1e", ".", "1 2", "0x1", "NaN")),
    ],
)
def test_what_a_reader_types_is_an_exact_number(text: str, value: str | None) -> None:
    read_by_page = "(text) => { const u = reals.parsed(text); return u && `${u.p}/${u.q}`; }"
    assert engine().eval(read_by_page)(text) == value


@pytest.mark.parametrize("name", ["sigmoid", "logistic"])
def test_a_wrong_number_of_a_step_is_refused(name: str) -> None:
    page = page_at(solved(name, "both"))
    part = Part((page.block,), page.work.judge)
    check_stepping(page.block, part)
    for i, (var, number) in enumerate(page.block.numbers):
        for other in wrong_numbers(number):
            numbers = (*page.block.numbers[:i], (var, other), *page.block.numbers[i + 1 :])
            with pytest.raises(ProofError):
                check_stepping(replace(page.block, numbers=numbers), part)


def wrong_numbers(number: Any) -> Iterator[Num | Grid]:
    """One unit too much, and = where ≈ belongs."""
    if isinstance(number, Grid):
        for other in wrong_numbers(number.entries[0][0]):
            entries = ((other, *number.entries[0][1:]), *number.entries[1:])
            yield Grid(entries, number.shape, number.rows, number.columns)
        return
    yield Num(number.value + 1, "", number.rounded)
    if number.rounded:
        yield Num(number.value, number.text)
