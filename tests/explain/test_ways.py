"""The way from a result to the form that people write: one row and one true reason for each step."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from symdiff.api.wishes import Wishes
from symdiff.api.works import work_of
from symdiff.derivation.ways import WayStep, taken_out
from symdiff.document.blocks import Chain, Document, Equations, Heading, Localized, Row, Text, text
from symdiff.errors import InputError, ProofError, UsageError
from symdiff.exercises import read
from symdiff.explain.shared.way_rows import way_rows
from symdiff.explain.shared.work import TapeWork
from symdiff.expr import operations as a
from symdiff.expr.tree import ONE, PARTIAL, ZERO, Expr, Sym
from symdiff.proof.judge import Judged, proved
from symdiff.rendering.pages.engine import render

SOFTMAX = """\
[inputs]
x = ["n"]
c = ["n"]
[definitions]
mu = "mean(x)"
u = "x - mu"
p = "softmax(u)"
L = "dot(c, p)"
"""


@cache
def work() -> TapeWork:
    found = work_of(read(SOFTMAX), Wishes(mode="reverse", wrt=("u",)))
    assert isinstance(found, TapeWork)
    return found


def vector(name: str) -> Sym:
    return Sym(name, shape=("n",))


X, C, P, U, MU = vector("x"), vector("c"), vector("p"), vector("u"), Sym("mu")
MEAN_OF_U = Expr(a.MEAN, X - MU)
FORM = P * (C - Expr(a.DOT, C, P) * Expr(a.SUM, P)) + MEAN_OF_U * P
STEPS = (
    WayStep(
        P * (C - Expr(a.DOT, C, P) * Expr(a.SUM, P)), "mean_zero", ((MEAN_OF_U, ZERO), (MU, Expr(a.MEAN, X)))
    ),
    WayStep(P * (C - Expr(a.DOT, C, P)), "simplex", ((Expr(a.SUM, P), ONE),)),
)


WHOLE = Expr(PARTIAL, Sym("L"), U)


@pytest.fixture
def rows() -> tuple[Row, ...]:
    return way_rows(WHOLE, (FORM,), STEPS)


def judged(rows: tuple[Row, ...]) -> list[Judged]:
    return [Judged((Heading(text("result.heading")), Equations(rows)), work().judge)]


def test_a_way_with_true_reasons_is_proved(rows: tuple[Row, ...]) -> None:
    assert proved(judged(rows)).members == len(rows)
    assert [row.chain.boxed for row in rows] == [False, False, True]


@pytest.mark.parametrize(
    "reason",
    [
        text("way.mean_zero", what=X, name=MU, of=X),
        text("way.mean_zero", what=U, name=MU, of=X),
        text("way.mean_zero", what=C - MU, name=MU, of=X),
        text("way.mean_zero", what=X - MU, name=Sym("L"), of=X),
        text("way.simplex", names=(C,)),
        text("way.simplex", names=(P, U)),
        text("way.symmetric", names=(P,)),
        text("way.taken_out", what=C),
        text("way.since", facts=(Chain(P, (C,)),)),
        text("way.since", facts=(Chain(P, (P,)),)),
        text("way.one_denominator"),
        text("way.transposed"),
    ],
    ids=str,
)
def test_a_wrong_reason_is_refused(rows: tuple[Row, ...], reason: Text) -> None:
    first, second, last = rows
    with pytest.raises((ProofError, UsageError, InputError)):
        proved(judged((first, replace(second, reason=reason), last)))


def test_a_row_goes_on_from_one_with_its_left_side_and_for_a_reason(rows: tuple[Row, ...]) -> None:
    first, second, last = rows
    other = Row(Chain(Expr(PARTIAL, Sym("L"), Sym("mu")), (ZERO,)), goes_on=True, reason=second.reason)
    for wrong in (
        (replace(first, goes_on=True), second, last),
        (first, replace(second, reason=None), last),
        (first, second, replace(last, goes_on=False)),
        (first, other, last),
        (first, *[replace(second)] * 4, last),
    ):
        with pytest.raises(ProofError):
            proved(judged(wrong))


@pytest.mark.parametrize("format", ["text", "latex", "markdown", "html"])
def test_the_left_side_of_a_way_is_written_once(rows: tuple[Row, ...], format: str) -> None:
    document = Document(text("title.plain", name=Localized({"en": "A way"})), (Equations(rows),))
    written = render(document, format, fragment=True)
    left = "∂L" if format == "text" else r"\partial L"
    assert written.count(left) == 1
    assert "since the entries of" in written


@pytest.mark.parametrize(
    ("form", "what"),
    [
        ((C - U) / MU, ONE / MU),
        (MU * (C - U), MU),
        (P * (C - U) / MU, P / MU),
        (C - U, None),
        (P * C, None),
    ],
)
def test_what_is_taken_out_stands_in_front_of_a_sum_or_below_it(form: Expr, what: Expr | None) -> None:
    assert taken_out(form) == what
