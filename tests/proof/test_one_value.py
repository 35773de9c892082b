"""What is printed alike on a page is the same: pages on which a symbol has two values are refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pages import some

import symdiff as sd
from symdiff.api.wishes import Wishes
from symdiff.api.works import work_of
from symdiff.document.blocks import Block, Chain, Equations, Row, Unseen, chains
from symdiff.errors import SymdiffError
from symdiff.exercises import names, read
from symdiff.explain import parts
from symdiff.expr.leaves import Alias, Nabla
from symdiff.expr.operations import DIRECT, IMMEDIATE, SHOWN_TRANSPOSED
from symdiff.expr.timed import Series, Time, at_time
from symdiff.expr.tree import PARTIAL, Expr, Sym, postorder, substitute
from symdiff.proof.judge import Judged, proved
from symdiff.proof.one_value import check_symbols

TWICE = "h0 = tanh(U*x0)\nh1 = tanh(U*x1 + W*h0)"
USED_AGAIN = (
    TWICE,
    "z = a*x\ny = z*a + x",
    "u = b*x**2\nL = u*x + u**2",
    "p = sin(x)\nq = cos(x)\nr = p*q\nL = r + p*x",
)


def parts_of(source: str, **wishes: object) -> list[Judged]:
    return list(parts(work_of(read(source), Wishes(**wishes))))  # type: ignore[arg-type]


def shown(found: list[Judged]) -> Iterator[Chain]:
    """The equalities that are printed."""
    for part in found:
        yield from chains([block for block in part.blocks if not isinstance(block, Unseen)])


def ops_in(found: list[Judged]) -> set[str]:
    forms = [form for chain in shown(found) for form in (chain.left, *chain.members)]
    return {node.op.name for form in forms for node in postorder(form)}


def without_mark(chain: Chain) -> Chain:
    """The equality with ∂ in place of ∂⁺."""
    forms = [chain.left, *chain.members]
    marked = {node for form in forms for node in postorder(form) if node.op is DIRECT}
    plain: dict[Expr, Expr] = {node: Expr(IMMEDIATE, *node.args) for node in marked}
    left, *members = (substitute(form, plain) for form in forms)
    return Chain(left, tuple(members), chain.at_point)


def lines(*equalities: Chain) -> tuple[Block, ...]:
    return (Equations(tuple(map(Row, equalities))),)


@pytest.mark.parametrize("source", USED_AGAIN)
def test_the_partial_inside_a_definition_is_marked_where_the_whole_derivative_differs(source: str) -> None:
    found = parts_of(source, mode="chain")
    assert "direct" in ops_in(found)
    proved(found)
    plain = [Judged(lines(*map(without_mark, dict.fromkeys(shown([part])))), part.judge) for part in found]
    with pytest.raises(sd.ProofError, match="has two values on the page"):
        proved(plain)


@pytest.mark.parametrize(
    "source", ["y = sin(a*x)", "h = tanh(a*x)\nL = h**2", "u = x**2\nv = u + 1\nL = v*b"]
)
def test_a_partial_that_is_the_whole_derivative_is_not_marked(source: str) -> None:
    assert "direct" not in ops_in(parts_of(source, mode="chain"))


def test_a_definition_that_leads_nowhere_is_no_other_way() -> None:
    assert "direct" not in ops_in(parts_of("z = 3*x\nL = x**2", mode="chain"))


@pytest.mark.parametrize(
    ("language", "words"), [("en", "looks only at the formula"), ("fr", "ne regarde que la formule")]
)
@pytest.mark.parametrize(
    ("form", "mark"), [("text", "∂⁺"), ("latex", r"\partial^{+}"), ("markdown", r"\partial^{+}")]
)
def test_the_mark_is_explained_once(language: str, words: str, form: str, mark: str) -> None:
    written = sd.solve(read(TWICE), mode="chain").render(form, language)
    text = " ".join(written.split())
    assert text.count(words) == 1
    assert text.index(words) < text.rindex(mark)


@pytest.mark.parametrize(
    ("name", "mode"), some([(n, m) for n in names() for m in ("chain", "jacobian", "reverse")], 9)
)
@pytest.mark.parametrize("layout", [None, "numerator", "denominator"])
def test_no_symbol_of_the_built_in_pages_has_two_values(name: str, mode: str, layout: str | None) -> None:
    try:
        found = parts_of(name, mode=mode, layout=layout)
    except SymdiffError:
        return  # the mode has nothing to say about this exercise
    check_symbols(found)


def test_a_row_and_a_column_may_not_have_one_symbol() -> None:
    (part, *_) = parts_of("least-squares", mode="jacobian")
    tape = part.judge.tape  # type: ignore[attr-defined]
    r = next(step.var for step in tape.steps if step.var.name == "r")
    row = Nabla(tape.result, r, (), True)
    column = Expr(PARTIAL, tape.result, r)
    upright = Nabla(tape.result, r, (), True, "denominator")
    check_symbols([(lines(Chain(column, (column,)), Chain(upright, (upright,))), part.judge)])
    with pytest.raises(sd.ProofError, match="two values"):
        check_symbols([(lines(Chain(row, (row,)), Chain(column, (column,))), part.judge)])


def test_a_derivative_and_its_transpose_may_not_have_one_symbol() -> None:
    (part, *_) = parts_of("batch", mode="chain")
    tape = part.judge.tape  # type: ignore[attr-defined]
    matrix = next(step.var for step in tape.steps if len(step.var.shape) == 2)
    one = Expr(PARTIAL, tape.result, matrix)
    other = Expr(SHOWN_TRANSPOSED, one)
    with pytest.raises(sd.ProofError, match="two values"):
        check_symbols([(lines(Chain(one, (one,)), Chain(other, (other,))), part.judge)])


def test_a_short_name_may_not_be_a_name_of_the_author() -> None:
    (part,) = parts_of(TWICE, mode="chain")
    author = next(step.var for step in part.judge.tape.steps)  # type: ignore[attr-defined]
    for meaning, refused in ((Sym("x0"), True), (author, False)):
        short = Alias(Sym(author.name), meaning)
        page = [(lines(Chain(author, (author,)), Chain(short, (short,))), part.judge)]
        if refused:
            with pytest.raises(sd.ProofError, match="h0 has two values"):
                check_symbols(page)
        else:
            check_symbols(page)


def test_tangents_of_two_passes_are_no_contradiction() -> None:
    check_symbols(parts_of("y = a*x + x**2", mode="forward"))


def test_a_symbol_inside_a_sum_over_time_counts_as_well() -> None:
    cell = "h[t] = tanh(w*h[t-1] + x[t])\nh[-1] = 0\nL = sum(h[t]**2)"
    found = parts_of(cell, mode="bptt")
    check_symbols(found)
    judge = found[0].judge
    of = judge.of  # type: ignore[attr-defined]
    state = at_time(of.stems["h"], Time("k"))

    def summed(op: object) -> Expr:
        return Series("sum", "k", Time("", 0), of.last, Expr(op, of.result, state))  # type: ignore[arg-type]

    page = [(lines(*(Chain(form, (form,)) for form in map(summed, (PARTIAL, IMMEDIATE)))), judge)]
    with pytest.raises(sd.ProofError, match="two values"):
        check_symbols(page)
