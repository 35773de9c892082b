"""How much a page says: levels that contain one another, the exercise alone, and parts that are left out."""

from __future__ import annotations

import json
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest

import symdiff as sd
from symdiff.api.solution import Solution, solve
from symdiff.document.blocks import Chain, Equations, Graph, Heading, Note, Paragraph, Picture, Unseen, chains
from symdiff.errors import InputError, ProofError, UsageError
from symdiff.exercises import names, read
from symdiff.exercises.levels import LEVELS
from symdiff.exercises.modes import MODES
from symdiff.explain import parts
from symdiff.explain.shared.sections import FROM, selected
from symdiff.expr.leaves import Alias, Nabla, is_zero
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Sym
from symdiff.proof.judge import Judged, proved
from symdiff.proof.statements.every_statement import check_statements

PAGES = [
    ("sigmoid", "both"),
    ("sigmoid", "jacobian"),
    ("baydin", "forward"),
    ("mlp", "chain"),
    ("logistic", "jacobian"),
    ("logistic", "reverse"),
    ("least-squares", "entries"),
    ("rnn", "bptt"),
    ("linear-recurrence", "bptt"),
    ("h[t] = tanh(U*x[t] + W*h[t-1]); h[-1] = 0", "bptt"),
    ("y = relu(a*x) + max(a, x)", "reverse"),
    ("u = x + 3\nz = u - 1\ny = exp(z)*w", "forward"),
]


def chains_of(solution: Solution) -> list[Chain]:
    """The equalities that a page shows, those of its pictures and of its note apart."""
    blocks = [b for b in solution.document.blocks if not isinstance(b, Picture | Unseen)]
    return list(chains(blocks))


def is_within(one: Chain, other: Chain) -> bool:
    """Whether the one equality says the other, or leaves out members of it."""
    left = iter(other.members)
    return one.left == other.left and all(member in left for member in one.members)


@pytest.mark.parametrize(("name", "mode"), PAGES)
def test_a_shorter_page_is_part_of_a_longer_one(name: str, mode: str) -> None:
    pages = [solve(read(name), mode, detail=detail) for detail in LEVELS]
    for short, long in pairwise(pages):
        there: dict[Expr, list[Chain]] = {}
        for chain in chains_of(long):
            there.setdefault(chain.left, []).append(chain)
        for chain in chains_of(short):
            assert any(is_within(chain, other) for other in there.get(chain.left, ())), str(chain.left)
        lengths = [page.render("text").count("\n") for page in (short, long)]
        assert lengths[0] <= lengths[1]


@pytest.mark.parametrize(("name", "mode"), PAGES)
def test_every_combination_gives_a_page_that_is_proved(name: str, mode: str) -> None:
    for detail, full, statement, cost, note in product(LEVELS, *4 * [(False, True)]):
        if statement and (full or detail != LEVELS[0]):
            continue  # an exercise has nothing to unfold, and no levels: one of these is enough
        page = solve(read(name), mode, full=full, detail=detail, statement=statement, cost=cost, note=note)
        kinds = {type(block) for block in page.document.blocks}
        keys = {block.text.key for block in page.document.blocks if isinstance(block, Heading)}
        assert (Note in kinds) == (note and not statement)
        assert cost or not keys & {"cost.heading", "jacobian.order"}
        assert page.certificate.checked
        assert page.render("text")


def test_levels_name_what_there_is() -> None:
    """An entry of the table that no page has would be a typing error: each shortens some page."""
    messages = set()
    for name, mode in (*PAGES, ("rnn3x3", "bptt"), ("gof", "reverse"), ("perceptron", "forward")):
        for part in parts(solve(read(name), mode, detail="full").work):
            messages |= {b.text.key for b in part.blocks if isinstance(b, Heading | Paragraph)}
    others = {"picture", "stepping", "not asked", "zeros", "alike", "long forms", "proof.more"}
    unseen = {key for key in FROM if key not in messages | others}
    assert unseen <= {"steps.maps", "bptt.in_numbers", "bptt.growth", "arrays.reverse_numerator", "bptt.hand"}


def test_a_section_that_is_left_out_goes_on_through_several_parts() -> None:
    work = solve(read("rnn"), "bptt", detail="brief").work
    keys = [b.text.key for part in parts(work) for b in part.blocks if isinstance(b, Heading | Paragraph)]
    assert not [key for key in keys if key.startswith("bptt.hand")]
    assert "bptt.every" in keys
    assert "bptt.outputs" in keys  # after the proof by induction, which is left out


def is_derivative(node: Expr) -> bool:
    accents = isinstance(node, Sym) and node.accent in ("bar", "dot")
    return accents or isinstance(node, Nabla | Alias) or node.op in (PARTIAL, DERIVATIVE)


ALL = [(name, mode) for name in names() for mode in MODES]


@pytest.mark.parametrize(("name", "mode"), ALL)
def test_the_exercise_alone_has_no_answer(name: str, mode: str) -> None:
    try:
        page = solve(read(name), mode, statement=True)
    except (InputError, UsageError):
        return  # a mode that says nothing about the exercise
    blocks = page.document.blocks
    assert [b.text.key for b in blocks if isinstance(b, Heading)] == ["statement.heading"]
    assert not any(isinstance(block, Graph | Picture | Unseen | Note) for block in blocks)
    assert not [str(chain.left) for chain in chains(blocks) if is_derivative(chain.left)]
    assert not [chain for chain in chains(blocks) if chain.boxed]
    steps = page.stepped.document.blocks
    assert steps == blocks
    found = json.loads(page.render("json"))
    assert set(found) <= {"schema", "inputs", "output", "definitions", "recurrence"}


@pytest.mark.parametrize("mode", ["reverse", "chain", "jacobian"])
def test_an_exercise_alone_that_asks_for_something_else_is_refused(mode: str) -> None:
    work = solve(read("perceptron"), mode, statement=True).work
    (part,) = parts(work)
    find = next(n for n, b in enumerate(part.blocks) if isinstance(b, Paragraph) and ".find" in b.text.key)
    asked = part.blocks[find].text.params  # type: ignore[union-attr]
    for key in ("wanted", "others"):
        if key in asked:
            wrong = {**asked, key: (*asked[key][:-1], asked[key][0])}
            text = type(part.blocks[find].text)(part.blocks[find].text.key, wrong)  # type: ignore[union-attr]
            blocks = (*part.blocks[:find], Paragraph(text), *part.blocks[find + 1 :])
            with pytest.raises(ProofError):
                check_statements([Judged(blocks, part.judge)])


def test_a_short_page_with_a_false_line_is_refused() -> None:
    work = solve(read("sigmoid"), "reverse", detail="brief").work
    (part,) = parts(work)
    assert proved([part])
    number, sums = next((n, b) for n, b in enumerate(part.blocks) if hasattr(b, "rows"))
    rows = (*sums.rows[:-1], type(sums.rows[-1])(Chain(sums.rows[-1].chain.left, (Sym("x"),))))
    with pytest.raises(ProofError):
        proved([Judged((*part.blocks[:number], type(sums)(rows), *part.blocks[number + 1 :]), part.judge)])


def lefts(solution: Solution) -> set[str]:
    blocks = [b for b in solution.document.blocks if not isinstance(b, Picture | Unseen)]
    return {str(chain.left) for chain in chains(blocks)}


NETWORK = "h0 = tanh(U*x0)\nh1 = tanh(U*x1 + W*h0)"


def test_only_what_is_asked_has_adjoints() -> None:
    problem = read(NETWORK)
    asked = lefts(solve(problem, "reverse", wrt=["U", "W"]))
    whole = lefts(solve(problem, "reverse", wrt=["U", "W"], detail="full"))
    inputs = {str(name): str(var) for var, name in sd.trace(NETWORK).inputs}
    for name, var in inputs.items():
        adjoint = var.replace("_", "bar_")
        assert (adjoint in asked) == (name in "UW"), name
        assert adjoint in whole
    assert "partial(h1, x0)" not in asked
    assert "partial(h1, x0)" in whole


def test_adjoints_that_are_left_out_are_in_the_record_with_their_proof() -> None:
    for detail in LEVELS:
        record = json.loads(solve(read(NETWORK), "both", wrt=["U"], detail=detail).render("json"))
        lines = [line for d in record["derivations"] for sweep in d["sweeps"] for line in sweep["lines"]]
        assert all(line["proof"]["proved"] for line in lines)
        assert len({line["name"] for line in lines}) > 10


def test_tangents_that_are_zero_are_not_written_and_proved() -> None:
    page = solve(read("x1*x2 + sin(x2)"), "forward")
    unseen = [row.chain for b in page.document.blocks if isinstance(b, Unseen) for row in b.rows]
    assert unseen
    assert all(is_zero(chain.members[-1]) for chain in unseen)
    assert not [c for c in chains_of(page) if c.left in {z.left for z in unseen} and is_zero(c.members[-1])]
    whole = solve(read("x1*x2 + sin(x2)"), "forward", detail="full")
    assert {str(chain.left) for chain in unseen} <= lefts(whole)


def test_a_tangent_that_is_not_zero_may_not_be_left_out() -> None:
    work = solve(read("x1*x2 + sin(x2)"), "forward").work
    (part,) = parts(work)
    number, block = next(
        (n, b)
        for n, b in enumerate(part.blocks)
        if isinstance(b, Unseen) and hasattr(part.blocks[n - 1], "rows")
    )
    shown: Any = part.blocks[number - 1]
    fewer, more = type(shown)(shown.rows[1:]), Unseen((shown.rows[0], *block.rows))
    with pytest.raises(ProofError, match=r"leaves out|another order"):
        check_statements(
            [Judged((*part.blocks[: number - 1], fewer, more, *part.blocks[number + 1 :]), part.judge)]
        )


def test_entries_of_a_kind_have_one_pass_and_every_one_a_result() -> None:
    page = solve(read("logistic"), "entries")
    text = page.render("text")
    assert text.count("⁽ˣ¹⁾") >= 1
    keys = [
        b.text.params["by"].name
        for b in page.document.blocks
        if isinstance(b, Paragraph) and "by" in b.text.params
    ]
    assert [key for key in keys if key.startswith(("x", "W"))][:2] == ["x1", "W11"]
    for i, j in product((1, 2), (1, 2)):
        assert f"partial(F, W{i}{j})" in lefts(page)
    members = {str(c.left): [str(m) for m in c.members] for c in chains_of(page) if c.boxed}
    assert members["partial(F, W11)"][-1] == "(p1 - y1)*x1"
    assert members["partial(F, W22)"][-1] == "(p2 - y2)*x2"


def test_entries_keep_what_was_assumed_of_the_array() -> None:
    problem = read("logistic")
    page = solve(problem, "entries")
    said = [
        b for b in page.document.blocks if isinstance(b, Paragraph) and b.text.key == "statement.together"
    ]
    assert [[str(name) for name in b.text.params["names"]] for b in said] == [["y1", "y2"]]
    for point in page.certificate.points:
        assert point["y1"] + point["y2"] == 1
    (part,) = parts(page.work)
    without = tuple(block for block in part.blocks if block not in said)
    with pytest.raises(ProofError, match="comes without what is assumed"):
        check_statements([Judged(without, part.judge)])


def test_a_reason_is_given_once() -> None:
    for detail in LEVELS:
        page = solve(read("sigmoid"), "reverse", detail=detail)
        rows = [row for b in page.document.blocks if isinstance(b, Equations) for row in b.rows]
        reasons = [str(row.reason) for row in rows if row.goes_on and "way.since" in str(row.reason)]
        assert reasons
        assert len(reasons) == len(set(reasons))


def test_a_file_says_its_detail_and_a_reader_another(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    text = '{}mode = "reverse"\n[inputs]\nx = []\n[definitions]\ny = "x*sin(x)"\n'
    lengths = {}
    for detail in LEVELS:
        file.write_text(text.format(f'detail = "{detail}"\n'), encoding="utf-8")
        lengths[detail] = solve(read(str(file))).render("text")
        assert lengths[detail] == solve(read(str(file)), detail=detail).render("text")
        assert solve(read(str(file)), detail="brief").render("text") == lengths["brief"]
    assert len(set(lengths.values())) == len(LEVELS)
    file.write_text(text.format('detail = "short"\n'), encoding="utf-8")
    with pytest.raises(InputError, match="unknown detail 'short'"):
        read(str(file))


def test_a_detail_that_there_is_not_is_one_clear_line() -> None:
    with pytest.raises(UsageError, match=r"unknown detail 'ful'.*did you mean 'full'"):
        solve(read("sigmoid"), detail="ful")
    with pytest.raises(UsageError, match="unknown detail"):
        sd.render(sd.reverse(sd.trace("x**2")), detail="")


def test_what_a_library_user_renders_has_the_same_choices() -> None:
    derivation = sd.reverse(sd.trace("x*a"))
    pages = [sd.render(derivation, "text", detail=detail) for detail in LEVELS]
    assert len(set(pages)) == len(LEVELS)
    alone = sd.render(derivation, "text", statement=True)
    assert all(page.startswith(alone.rstrip("\n")) for page in pages)
    without = sd.render(derivation, "text", cost=False, note=False)
    assert "Checked" not in without
    assert pages[1].startswith(without.rstrip("\n")[:400])


def test_selected_keeps_the_order_of_what_it_keeps() -> None:
    work = solve(read("sigmoid"), "both", detail="full").work
    written = parts(work)
    for detail in LEVELS:
        kept = list(selected(written, solve(read("sigmoid"), detail=detail).work.sections))
        found = iter(block for part in written for block in part.blocks)
        assert all(any(block == other for other in found) for part in kept for block in part.blocks)
