"""No letter of ours means what a name of the author's means, whatever the names, in every mode and format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from symdiff.api.solution import Solution, solve
from symdiff.document.blocks import Document, Text, chains
from symdiff.errors import ProofError
from symdiff.exercises import read
from symdiff.exercises.build import build
from symdiff.exercises.file import from_bytes
from symdiff.expr.leaves import Alias
from symdiff.expr.letters import Letters
from symdiff.expr.names import split_name
from symdiff.expr.timed import Series, all_leaves
from symdiff.expr.tree import Expr, Sym, postorder
from symdiff.proof.statements.every_statement import check_letters

COLLIDING = (
    ("w", "v", "delta"),
    ("w_1", "delta_1", "e"),
    ("w_i", "i", "j"),
    ("A", "B", "C"),
    ("R", "J", "k"),
    ("n", "m", "u"),
    ("sigma", "Phi", "I"),
    ("wbar", "ydot", "s"),
    ("one", "t", "L"),
)
NUMBERS = "{a} = 2*{b} + exp({b})*{c}\ny = sigmoid({a})*{c} + max({b}, {c}) + {a}**2*{c}"
ARRAYS = """wrt = ["{a}", "{b}"]
[inputs]
{a} = ["d", "d"]
{b} = ["d"]
{c} = ["d"]
[definitions]
q_h = "{a} @ {b}"
p_h = "softmax(q_h)*{c} + max(q_h, {c})"
Y_h = "norm(p_h)**2 + {b}[0]*sum(p_h) + trace({a}) + sigmoid(dot({c}, q_h))"
"""
VECTORS = """[inputs]
{a} = [2]
{b} = [2, 2]
{c} = [2]
[definitions]
q_h = "tanh({b} @ {a}) * {c}"
Y_h = "softmax(q_h)"
"""
OF_TIME = "{a}[t] = tanh({b}*x[t] + {c}*{a}[t-1]); {a}[-1] = 0; Y = sum(({a}[t] - y[t])**2)"


def own(text: str, mode: str) -> Solution:
    problem = build(from_bytes("a.toml", text.encode()), "a") if "[inputs]" in text else read(text)
    return solve(problem, mode)


GENERAL = ("steps.partials", "steps.maps", "forward.r", "reverse.r", "kink.g", "notation")
"""Sentences about any step, and about signs."""


def letters_of_ours(document: Document) -> Iterator[str]:
    """The stems of short names, indices of sums over time, and names in sentences about general steps."""
    for chain in chains(document.blocks):
        for form in (chain.left, *chain.members):
            for node in (*postorder(form), *all_leaves(form)):
                if isinstance(node, Alias):
                    yield split_name(node.name.name)[0]
                if isinstance(node, Series):
                    yield node.index
    for text in texts(document.blocks):
        if text.key.startswith(
            ("steps.partials", "steps.maps", "forward.r", "reverse.r", "kink.g", "notation")
        ):
            for value in text.params.values():
                if isinstance(value, Expr) and not text.key.endswith("nabla") and "result" not in text.params:
                    yield from (split_name(s.name)[0] for s in all_leaves(value) if isinstance(s, Sym))


def texts(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
        yield from texts(tuple(value.params.values()))
    elif isinstance(value, tuple):
        for part in value:
            yield from texts(part)
    elif hasattr(value, "text"):
        yield from texts(value.text)
    elif hasattr(value, "note"):
        yield from texts(value.note)


@pytest.mark.parametrize("names", COLLIDING, ids="-".join)
@pytest.mark.parametrize(
    ("text", "mode"),
    [
        (NUMBERS, "both"),
        (NUMBERS, "chain"),
        (ARRAYS, "both"),
        (ARRAYS, "chain"),
        (VECTORS, "jacobian"),
        (OF_TIME, "bptt"),
    ],
    ids=["numbers", "numbers-chain", "arrays", "arrays-chain", "vectors", "time"],
)
def test_letters_are_other_ones_than_the_names(text: str, mode: str, names: tuple[str, str, str]) -> None:
    if text is OF_TIME and {*names} & {"t", "w_i"}:
        pytest.skip("t is the time here")
    solution = own(text.format(**dict(zip("abc", names, strict=True))), mode)
    stems = {split_name(name)[0] for name in names if not split_name(name)[1]}
    assert not stems & {*letters_of_ours(solution.document)}
    for form in ("text", "latex", "markdown", "typst"):
        assert solution.render(form)


UNIT = """[inputs]
x = [3]
e1 = [3]
[definitions]
f = "x1*x2 + dot(e1, x)"
"""


@pytest.mark.parametrize("mode", ["reverse", "both"])
def test_a_unit_vector_is_no_name_of_the_author(mode: str) -> None:
    page = own(UNIT, mode).render("text")
    assert "x₂·c₁ + x₁·c₂ + e₁" in page
    assert "cᵢ is the vector whose entry i is 1" in " ".join(page.split())
    assert r"x_{2}\,c_{1} + x_{1}\,c_{2} + e_{1}" in own(UNIT, mode).render("latex")


def test_an_adjoint_has_a_prime_beside_a_name_with_the_same_accent() -> None:
    text = '[inputs]\nA = ["n", "n"]\nybar = ["n"]\n[definitions]\ny = "A @ ybar"\n'
    page = own(text, "reverse").render("text")
    assert "(∂y/∂ȳ)ᵀ[ȳ′]" in page
    assert r"\bar{y}^{\prime }" in own(text, "reverse").render("latex")


def test_the_function_has_its_word_where_its_letter_is_a_name() -> None:
    page = own("y = sigmoid(x)*sigma", "reverse").render("text")
    assert "sigmoid(x)·σ" in page
    assert "σ(" not in page


def test_parts_of_long_formulas_are_called_otherwise_than_what_stands_in_sentences() -> None:
    text = own("layer-norm", "reverse").render("text")
    named = set(re.findall(r"^ +([A-Z]) = ", text, re.MULTILINE))
    assert named
    assert not any(f"⟨{name}" in text for name in named)


def test_a_page_whose_letters_may_be_names_is_refused() -> None:
    solution = own(UNIT, "reverse")
    written = [type("Part", (), {"blocks": solution.document.blocks, "judge": solution.work.judge})]
    check_letters(solution.document.letters, written)
    with pytest.raises(ProofError, match="takes a letter that is a name"):
        check_letters(Letters(), written)
    with pytest.raises(ProofError, match="arrays of ones"):
        check_letters(replace(solution.document.letters, sized_ones=True), written)
