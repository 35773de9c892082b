"""Random expressions over the whole table: both modes, both granularities, three engines, one proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from helpers import FUNCTIONS, M, close, names_of, number_of, slope, true_slope, value
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import symdiff as sd
from symdiff.expr.shapes import elementwise
from symdiff.expr.tree import postorder
from symdiff.language.program import parse_expression
from symdiff.rules.table import functions

if TYPE_CHECKING:
    from fractions import Fraction

ROWS = {name: row.op.arity for name, row in functions().items() if name in FUNCTIONS and name != "polygamma"}
UNARY = sorted(name for name, arity in ROWS.items() if arity == 1)
BINARY = sorted(name for name, arity in ROWS.items() if arity == 2)
CONSTANTS = sorted(name for name, arity in ROWS.items() if arity == 0)


def expressions(leaves: int) -> st.SearchStrategy[str]:
    """Texts with every operation and function of the table."""
    leaf = st.sampled_from(["x", "x", "y", "y", "a", "2", "3", "0.5", "1", *CONSTANTS])

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        power = st.sampled_from(["2", "3", "-1", "(1/2)", "a", "x"])
        return st.one_of(
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            st.tuples(inner, power).map(lambda t: f"({t[0]})**{t[1]}"),
            inner.map(lambda t: f"(-{t})"),
            st.tuples(st.sampled_from(UNARY), inner).map(lambda t: f"{t[0]}({t[1]})"),
            st.tuples(st.sampled_from(BINARY), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
            inner.map(lambda t: f"polygamma(1, {t})"),
            st.tuples(inner, inner).map(lambda t: f"where(x > y, {t[0]}, {t[1]})"),
        )

    return st.recursive(leaf, grown, max_leaves=leaves).filter(names_of)


GRID = [
    ("0.7", "1.3", "2.1"),
    ("1.6", "0.4", "0.9"),
    ("-0.8", "1.7", "-1.2"),
    ("0.3", "-0.6", "0.45"),
    ("2.9", "2.2", "1.4"),
]
POINTS = [dict(zip("axy", numbers, strict=True)) for numbers in GRID]


def usable(source: str) -> list[dict[str, str]]:
    """Points at which every value on the way, and every slope of each, is moderate and away from zero."""
    parts = {str(node) for node in postorder(parse_expression(source)) if node.args}
    found = []
    for point in ({n: p[n] for n in names_of(source)} for p in POINTS):
        try:
            values = [value(part, point) for part in parts]
            slopes = [slope(part, point, name) for part in parts for name in names_of(part)]
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            continue
        if all(M.mpf("1e-4") < abs(v) < 10**4 for v in values) and all(abs(s) < 10**4 for s in slopes):
            found.append(point)
    return found


def agree(ours: Any, source: str, point: dict[str, str], name: str) -> bool:
    """Whether a value is the slope by finite differences and, where SymPy has a number, by SymPy."""
    try:
        theirs = true_slope(source, point, name)
    except (TypeError, ValueError, RecursionError, AttributeError):
        theirs = None
    return close(ours, slope(source, point, name), 15) and (theirs is None or close(ours, theirs, 15))


CAMPAIGN = pytest.mark.parametrize("count", [20, pytest.param(60, marks=pytest.mark.long)])
"""How many expressions are drawn: a sample each time, all of them where long tests run."""


def relaxed(count: int) -> settings:
    return settings(
        deadline=None,
        max_examples=count,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )


@CAMPAIGN
def test_gradients_agree_with_two_other_engines(count: int) -> None:
    @relaxed(count)
    @given(expressions(9))
    def holds(source: str) -> None:
        points = usable(source)
        assume(points)
        for granularity in ("textbook", "atomic"):
            tape = sd.trace(source, granularity=granularity)  # type: ignore[arg-type]
            for sweep in (sd.forward, sd.reverse):
                gradient = sweep(tape).gradient
                assert set(gradient) == set(points[0])
                for name, formula in gradient.items():
                    ours = number_of(formula, points[0])
                    assert agree(ours, source, points[0], name), (source, name, formula)

    holds()


@CAMPAIGN
def test_compact_forms_agree_with_two_other_engines(count: int) -> None:
    @relaxed(count)
    @given(expressions(9))
    @example("-(x + x)**(1/2)")
    def holds(source: str) -> None:
        points = usable(source)
        assume(points)
        for name, form in sd.reverse(sd.trace(f"r_0 = {source}")).compact.items():
            for point in points[:2]:
                ours = number_of(form, {**point, "r_0": value(source, point)})
                assert agree(ours, source, point, name), (source, name, form)

    holds()


@CAMPAIGN
def test_documents_are_proved_without_refusal(count: int) -> None:
    @relaxed(count)
    @given(expressions(7), st.sampled_from(["textbook", "atomic"]))
    @example("abs(erf(x))", "textbook")
    @example("x**0", "textbook")
    def holds(source: str, granularity: str) -> None:
        assume(usable(source))
        tape = sd.trace(source, granularity=granularity)  # type: ignore[arg-type]
        assert sd.render([sd.forward(tape), sd.reverse(tape)], "text")

    holds()


@CAMPAIGN
def test_documents_with_numbers_are_proved_without_refusal(count: int) -> None:
    @relaxed(count)
    @given(expressions(7))
    @example("(x*0.5)**3")
    def holds(source: str) -> None:
        points = usable(source)
        assume(points)
        at: dict[str, str | Fraction] = dict(points[0])
        assert sd.render(sd.reverse(sd.trace(source)), "markdown", "fr", at=at)

    holds()


@CAMPAIGN
def test_text_and_expression_have_one_value_and_one_form(count: int) -> None:
    @relaxed(count)
    @given(expressions(9))
    @example("-(-(x*x))")
    def holds(source: str) -> None:
        root = parse_expression(source)
        assert parse_expression(str(root)) == root
        for point in usable(source):
            assert close(value(root, point), value(source, point), 35)

    holds()


def test_the_random_expressions_reach_the_whole_table() -> None:
    on_numbers = {row.op.name for row in functions().values() if row.op.shape is elementwise}
    beside = {"polygamma", "where", "inf"}  # of an order, of a condition, and only in masks
    assert on_numbers <= set(UNARY + BINARY + CONSTANTS) | beside
