"""Signs are said where they come in, and a sign has one meaning on a page."""

from __future__ import annotations

import pytest
from pages import solved

from symdiff.api.solution import Solution
from symdiff.document.blocks import Heading, Paragraph, text
from symdiff.errors import ProofError
from symdiff.expr.tree import Sym
from symdiff.proof.judge import Judged
from symdiff.proof.statements.every_statement import check_statements


def words_of(solution: Solution) -> str:
    """The page as text on one line."""
    return " ".join(solution.render("text").split())


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru"])
def test_no_bar_stands_on_a_page_that_speaks_of_time(name: str) -> None:
    """What is given of a free loss is ∂⁺L/∂h; a bar is an adjoint, which is total, on every other page."""
    page = solved(name, "bptt").render("text")
    backward = page[page.index("backward in time") :]
    assert "∂⁺L/∂" in backward
    assert "\u0304" not in backward


@pytest.mark.parametrize(("target", "mode"), [("x*y", "both"), ("x*y", "forward"), ("x*y*z", "both")])
def test_the_superscript_of_a_tangent_is_said(target: str, mode: str) -> None:
    page = words_of(solved(target, mode))
    assert page.count("The superscript of ẇ") == 1
    assert page.index("The superscript") < page.index("⁽ˣ⁾ =")


@pytest.mark.parametrize(("target", "mode"), [("x*y", "reverse"), ("x**2", "both"), ("logistic", "both")])
def test_no_superscript_is_said_where_there_is_none(target: str, mode: str) -> None:
    assert "superscript of" not in words_of(solved(target, mode))


def test_what_was_asked_for_is_not_called_other() -> None:
    assert "The other derivative asked for: the same sweep gives it" in words_of(
        solved("abs(x)*y", "reverse")
    )


@pytest.mark.parametrize(
    ("target", "mode", "wrong"),
    [
        ("x*y", "both", Paragraph(text("result.mark", tangent=Sym("w_3", "dot", "(y)", "y"), by=Sym("x")))),
        ("x*y", "both", Paragraph(text("result.mark", tangent=Sym("w_3", "dot", "(y)", "y"), by=Sym("y")))),
        ("x*y", "reverse", Heading(text("others.heading"))),
        ("x*y", "reverse", Heading(text("others.asked", names=(Sym("x"),)))),
    ],
)
def test_a_wrong_explanation_is_refused(target: str, mode: str, wrong: Heading | Paragraph) -> None:
    solution = solved(target, mode)
    work = solution.work
    blocks = list(solution.document.blocks[:-1])
    for place, block in enumerate(blocks):
        if isinstance(block, type(wrong)):
            own, other = block.text.key, wrong.text.key
            if own == other or {own, other} == {"others.heading", "others.asked"}:
                blocks[place] = wrong
    assert blocks != list(solution.document.blocks[:-1])
    with pytest.raises(ProofError):
        check_statements([Judged(tuple(blocks), work.judge)])
