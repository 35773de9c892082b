"""Pages on vectors and matrices: every reading of every exercise, whole, in both languages, and proved."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain

import pytest
from pages import page, solved, some

from symdiff.api.solution import Solution, solve
from symdiff.cli.gallery import readings
from symdiff.document.blocks import Chain, Document, Equations, Row, chains
from symdiff.document.repeats import RepeatedRow
from symdiff.errors import ProofError
from symdiff.exercises import load, names
from symdiff.expr.leaves import Alias, Grid, Nabla
from symdiff.expr.operations import DIRECT, IMMEDIATE, STACK
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Num, Sym, postorder
from symdiff.proof.judge import prove
from symdiff.rendering.formats.formats import load_messages

PAGES = [(name, mode) for name in names() for mode in readings(load(name))]
ARRAYS = [(n, m) for n, m in PAGES if any(name.shape for name in load(n).program.inputs)]
SWEPT = [(n, m) for n, m in ARRAYS if m in ("reverse", "both")]
INTERNAL = (
    r"filled|mapped(?:_back)?|as_column|as_row|sum_(?:down|across)|mean_(?:down|across)|logsumexp_across|axis=|"
    r"\bNone\b|Expr\(|Sym\(|Num\(|Dim\(|<[a-z_.]+ object|<<|>>|<%|%>|\bstack\b|partial_row|immediate\("
)


@pytest.mark.parametrize("form", ["latex", "markdown", "text"])
@pytest.mark.parametrize(("name", "mode"), some(PAGES, 4))
def test_no_page_shows_names_of_the_inside(name: str, mode: str, form: str) -> None:
    for language in ("en", "fr"):
        assert re.findall(INTERNAL, page(name, mode, form, language)) == []


@pytest.mark.parametrize(("name", "mode"), some(PAGES))
def test_no_english_words_on_a_french_page(name: str, mode: str) -> None:
    english, french = load_messages("en"), load_messages("fr")
    pieces = set()
    for key, message in english.items():
        if key.startswith("locale.") or message == french[key]:
            continue
        for form in [message] if isinstance(message, str) else [message["one"], message["other"]]:
            pieces |= {p.strip() for p in re.split(r"\{[^}]*\}", form) if len(p.split()) >= 3}
    text = " ".join(page(name, mode, "text", "fr").split())
    assert [piece for piece in pieces if piece in text] == []
    assert not re.search(r"\b(the|and|of|is|are|with|which|where|by|matrix)\b", text)


def rows(document: Document) -> list[Row]:
    return [row for block in document.blocks if isinstance(block, Equations) for row in block.rows]


@pytest.mark.parametrize(("name", "mode"), SWEPT)
def test_every_step_and_every_adjoint_carries_its_space(name: str, mode: str) -> None:
    solution = solve(load(name), mode, detail="full")
    tape = solution.work.tape
    made = {row.chain.left: row for row in rows(solution.document) if row.space is not None}
    assert {var for var in tape.order if var not in made} == set()
    lines = [
        line for d in solution.work.derivations for s in d.sweeps for line in s.lines if line.contributions
    ]
    assert lines
    for line in lines:
        assert made[line.var].space is not None


@pytest.mark.parametrize(("name", "mode"), SWEPT)
def test_adjoints_and_gradients_have_the_shape_of_their_variables(name: str, mode: str) -> None:
    solution = solved(name, mode)
    tape = solution.work.tape
    back = solution.work.mode("reverse")
    assert back is not None
    shapes = {var.name: var.shape for var in tape.order}
    for line in back.sweeps[0].lines:
        assert line.var.shape == shapes[line.var.name]
        assert {member.shape for member in line.members} == {line.var.shape}
    for chain_ in chains(solution.document):
        left = chain_.left
        if (
            left.op is PARTIAL
            and left.args[0] == tape.result
            and not tape.output.shape
            and not chain_.at_point
        ):
            assert {m.shape for m in chain_.members} == {chain_.left.args[1].shape}


@pytest.mark.parametrize(("name", "mode"), ARRAYS)
def test_both_sides_of_every_equality_have_one_shape(name: str, mode: str) -> None:
    for found in chains(solved(name, mode).document):
        assert {m.shape for m in found.members} <= {found.left.shape}, found


def with_chain(document: Document, old: Chain, new: Chain) -> Document:
    """The document with one equality replaced, wherever it stands in a row."""
    blocks = []
    for block in document.blocks:
        if isinstance(block, Equations):
            changed = tuple(
                replace(
                    r.written if isinstance(r, RepeatedRow) else r,
                    chain=new if r.chain == old else r.chain,
                    beside=tuple(new if b == old else b for b in r.beside),
                )
                for r in block.rows
            )
            block = replace(block, rows=changed)
        blocks.append(block)
    return replace(document, blocks=tuple(blocks))


def refuted(solution: Solution, old: Chain, new: Chain) -> bool:
    work = solution.work
    document = with_chain(solution.document, old, new)
    assert document != solution.document
    try:
        prove(document, work.derivations, work.at)
    except ProofError as error:
        return "proof failed" in str(error)
    return False


def equalities(solution: Solution) -> list[Chain]:
    """The equalities in rows that say something of a value that is not zero."""
    found = [c for row in rows(solution.document) for c in (row.chain, *row.beside)]
    return [c for c in found if not (isinstance(c.members[-1], Num) and c.members[-1].value == 0)]


def wrong(member: Expr, how: str) -> Expr | None:
    """The member with an error of a kind that people make."""
    if isinstance(member, Grid | Num):
        return None
    if how == "sign":
        return -member
    if how == "double":
        return 2 * member
    square = len(member.shape) == 2 and member.shape[0] == member.shape[1]
    return member.T if square and how == "transposed" else None


@pytest.mark.parametrize("how", ["sign", "double", "transposed"])
@pytest.mark.parametrize(
    ("name", "mode"),
    some(
        [
            ("least-squares", "both"),
            ("quadratic-form", "both"),
            ("log-determinant", "reverse"),
            ("logistic", "jacobian"),
            ("gof", "jacobian"),
            ("perceptron", "reverse"),
        ]
    ),
)
def test_a_false_line_is_refused(name: str, mode: str, how: str) -> None:
    solution = solved(name, mode)
    tried = 0
    for old in equalities(solution)[:: 3 if name != "gof" else 1]:
        made = wrong(old.members[-1], how)
        if made is None or (how == "transposed" and is_symmetric(old.members[-1])):
            continue
        tried += 1
        assert refuted(solution, old, replace(old, members=(*old.members[:-1], made))), (
            str(old.left),
            str(made),
        )
    assert tried or how == "transposed"


def is_symmetric(member: Expr) -> bool:
    """Whether a matrix of these pages is its own transpose: uuᵀ, or diag(p) − ppᵀ with its entries."""
    return bool(re.search(r"outer\((\w+), \1\)|p\[0\]\*p\[1\]", str(member)))


def test_a_transposed_gradient_is_refused() -> None:
    solution = solved("log-determinant", "reverse")
    old = next(c for c in equalities(solution) if c.boxed)
    assert str(old.members[-1]) == "inv(A).T"
    assert refuted(solution, old, replace(old, members=(old.members[-1].T,)))


def test_a_false_jacobian_in_the_other_layout_is_refused() -> None:
    solution = solved("fog", "jacobian")
    old = next(c for c in equalities(solution) if isinstance(c.left, Nabla) and c.boxed)
    grid = old.members[-1]
    columns = list(zip(*(row.args for row in grid.args), strict=True))
    turned = Expr(STACK, *(Expr(STACK, *column) for column in columns))
    assert refuted(solution, old, replace(old, members=(turned,)))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_false_number_in_an_array_is_refused(place: int) -> None:
    solution = solved("perceptron", "reverse")
    grids = [c for c in equalities(solution) if isinstance(c.members[-1], Grid)]
    old = grids[place * 5]
    grid = old.members[-1]
    assert isinstance(grid, Grid)
    first = grid.entries[0][0]
    entries = ((Num(first.value + 1), *grid.entries[0][1:]), *grid.entries[1:])
    made = Grid(entries, grid.shape, grid.rows, grid.columns)
    assert refuted(solution, old, replace(old, members=(*old.members[:-1], made)))


@pytest.mark.parametrize(("name", "mode"), [("mlp", "chain"), ("perceptron", "chain")])
def test_a_false_delta_is_refused(name: str, mode: str) -> None:
    solution = solved(name, mode)
    deltas = [c for c in equalities(solution) if isinstance(c.left, Alias) and not c.left.name.label]
    assert deltas
    for old in deltas:
        formula = old.members[-2]
        assert refuted(solution, old, replace(old, members=(-formula,)))


@pytest.mark.parametrize(("name", "mode"), [(n, m) for n, m in ARRAYS if m != "bptt"])
def test_every_derivative_asked_for_is_on_the_page(name: str, mode: str) -> None:
    solution = solved(name, mode)
    lefts = [c.left for c in chains(solution.document)]
    symbols = list(chain.from_iterable(postorder(left) for left in lefts))
    tape = solution.work.tape
    for asked in solution.work.wrt:
        ops = [
            n
            for n in symbols
            if n.op in (PARTIAL, DERIVATIVE, IMMEDIATE, DIRECT) and n.args[0] == tape.result
        ]
        said = {n.args[1].name for n in ops if isinstance(n.args[1], Sym)}
        said |= {n.under.name for n in symbols if isinstance(n, Nabla) and n.whole}
        assert asked.name in said


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize("name", ["least-squares", "quadratic-form", "perceptron", "attention"])
def test_both_layouts_of_a_gradient_are_proved_and_named(name: str, layout: str) -> None:
    solution = solved(name, layout=layout)
    assert f"{layout} layout" in " ".join(solution.render("text").split())
    boxed = [c for c in chains(solution.document) if c.boxed]
    for found in boxed:
        shape = found.left.args[1].shape
        turned = shape[::-1] if len(shape) == 2 else (1, *shape) if shape else ()
        assert found.members[-1].shape == (turned if layout == "numerator" else shape)


@pytest.mark.parametrize(
    ("mode", "forth", "back"), [("forward", True, False), ("reverse", False, True), ("both", True, True)]
)
def test_local_maps_are_those_that_the_mode_uses(mode: str, forth: bool, back: bool) -> None:
    text = solved("softmax-regression", mode).render("text")
    steps = text.partition("The local partial")[2].partition("──")[0]
    assert ("[ẇ" in steps) == forth
    assert (")ᵀ[w̄" in steps) == back
