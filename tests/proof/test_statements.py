"""Every statement on a page is derived or checked: a document with one leaf changed is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from statement_mutants import REFUSED, Mutant, Mutator, survivors

from symdiff.api.wishes import Wishes
from symdiff.api.works import work_of
from symdiff.document.blocks import Equations, Heading, Paragraph, text
from symdiff.errors import ProofError
from symdiff.exercises import read
from symdiff.exercises.modes import MODES
from symdiff.explain import parts, title
from symdiff.explain.shared.work import TapeWork, Work
from symdiff.expr.leaves import Nabla
from symdiff.expr.tree import Sym
from symdiff.proof.judge import Judged, proved
from symdiff.proof.statements.every_statement import check_statements, check_title
from symdiff.tape.points import exact_point

RECURRENCE = "h[t] = tanh(u*x[t] + w*h[t-1]); h[-1] = 0; L = sum((h[t] - y[t])**2)"
USED_AGAIN = "h0 = tanh(U*x0)\nh1 = tanh(U*x1 + W*h0)"
MATRICES = """wrt = ["W", "X", "b"]
[inputs]
X = ["m", "n"]
W = ["n", "n"]
b = ["n"]
[definitions]
V = "X @ W"
s = "sqnorm(V @ b)"
q = "tanh(s)"
L = "sum(X*V) + s + dot(b, b)"
"""
MOVED = f"""rate = 0.1
{MATRICES}[at]
X = [[1, 2], [0, 1]]
W = [[1, 0.5], [0, 0.25]]
b = [0.5, 1]
"""
COMPONENTS = """output = "g"
components = ["p1*x1**2 - x2", "x1*x2 - p2*x2 + p3"]
[inputs]
x = [2]
p = [3]
"""
CROSS_ENTROPY = """wrt = ["U"]
[inputs]
v = ["d"]
U = ["n", "d"]
y = ["n"]
[assume]
y = "simplex"
[definitions]
p = "softmax(U @ v)"
J = "-dot(y, log(p))"
"""
LONG_CELL = """mu = (x1 + x2)/2
d1 = x1 - mu
d2 = x2 - mu
v = (d1**2 + d2**2)/2
u = 1/sqrt(v)
n1 = d1*u
n2 = d2*u
L = n1**2 + 3*n2"""
AFFINE = """[inputs]
A = [2, 2]
x = [2]
b = [2]
[definitions]
y = "A @ x + b"
[at]
A = [[1, 2], [3, 4]]
x = [1, 2]
b = [0, 1]
"""
INDICES = """wrt = ["Z", "z"]
[inputs]
Z = ["n", "k"]
z = ["m"]
c = []
y = ["n"]
[definitions]
L = "-log_softmax(z)[c] - mean(Z[range(n), y])"
[at]
Z = [[1, 2], [3, 4]]
z = [1, 0]
c = 1
y = [1, 0]
"""
ROWS = """[inputs]
A = ["m", "n"]
x = ["n"]
B = ["n", "n"]
u = [3]
v = [3]
[definitions]
p = "sum(max(A, axis=1)*min(A, axis=1)) + sum(prod(A, axis=1)) + max(x)*min(x)"
q = "sum(var(A, axis=1)) + sum(std(A, axis=1)) + var(x) + std(x) + sum(norm(A, axis=1)) + norm(x, 1)"
r = "dot(cumsum(x), flip(x)) + sum(cumsum(A, axis=0)*flip(A, axis=0)) + trace(tril(B) @ triu(B))"
L = "p + q + r + norm(cross(u, v)) + norm(vec(A)*2) + sum(tril(B, 1)*triu(B, -1))"
"""
MASK = """[inputs]
S = ["n", "n"]
v = ["n"]
[definitions]
L = "sum(softmax(where(tril(ones(n, n)) > 0, S, -inf)) @ v)"
"""
CASES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "indices": (INDICES, {"mode": "reverse"}),
    "functions of rows": (ROWS, {"mode": "reverse"}),
    "functions with a note": ("y = atan2(x, a) + digamma(x)*lgamma(a)", {"mode": "reverse"}),
    "a causal mask": (MASK, {"mode": "reverse"}),
    "sigmoid by both modes": ("sigmoid", {"mode": "both", "at": {"x": "1/2", "a": 2}}),
    "several paths": ("x*y + x*sin(x)", {"mode": "reverse"}),
    "e as a name": ("e = 2*x\ny = e*exp(x)", {"mode": "reverse"}),
    "on a kink": ("relu(x*y) + abs(x) + max(x, y)", {"mode": "both", "at": {"x": 0, "y": 1}}),
    "definitions on a kink": ("h = relu(a*x)\nL = h**2", {"mode": "chain", "at": {"a": 0, "x": 1}}),
    "cases": ("y = x if x >= b else a*(exp(x) - 1)", {"mode": "both", "at": {"x": 1, "b": 1, "a": 2}}),
    "cases of definitions": ("r = y - t\nL = huber(r, d)", {"mode": "chain"}),
    "a pass without lines": ("f(x, z) = x**2", {"mode": "forward"}),
    "forward by vectors": ("least-squares", {"mode": "forward"}),
    "rows for gradients": ("quadratic-form", {"mode": "both", "layout": "numerator"}),
    "a way to a shorter form": ("layer-norm", {"mode": "reverse", "wrt": ("x",)}),
    "short forms of a chain": (CROSS_ENTROPY, {"mode": "chain"}),
    "an assumption": ("softmax-regression", {"mode": "reverse"}),
    "a composition": ("fog", {"mode": "jacobian"}),
    "Jacobians of vectors": ("perceptron", {"mode": "jacobian"}),
    "a network by hand": ("mlp", {"mode": "chain"}),
    "a name used again": (USED_AGAIN, {"mode": "chain", "at": {"U": 1, "W": 2, "x0": "1/2", "x1": 3}}),
    "a matrix used again": (MATRICES, {"mode": "chain"}),
    "a matrix used again, transposed": (MATRICES, {"mode": "chain", "layout": "numerator"}),
    "matrices moved, transposed": (MOVED, {"mode": "chain", "layout": "numerator"}),
    "Jacobians by components": (COMPONENTS, {"mode": "jacobian"}),
    "Jacobians of one stage each": (AFFINE, {"mode": "jacobian"}),
    "a scalar cell": ("linear-recurrence", {"mode": "bptt"}),
    "a network through time": ("rnn", {"mode": "bptt"}),
    "a loss in numbers": ("rnn3x3", {"mode": "bptt"}),
    "a brief page": ("x1*x2 + sin(x2)", {"mode": "both", "at": {"x1": 1, "x2": 2}, "detail": "brief"}),
    "everything": (USED_AGAIN, {"mode": "both", "wrt": ("U", "W"), "detail": "full"}),
    "only what is asked": (USED_AGAIN, {"mode": "reverse", "wrt": ("U", "W")}),
    "letters in the picture only": ("y = x*sin(x)*a", {"mode": "reverse", "wrt": ("a",)}),
    "an exercise alone": (MOVED, {"mode": "chain", "statement": True}),
    "a composition to be differentiated": ("fog", {"mode": "jacobian", "statement": True}),
    "a recurrence to be differentiated": ("linear-recurrence", {"mode": "bptt", "statement": True}),
    "entries": ("least-squares", {"mode": "entries"}),
    "entries that add up to 1": ("logistic", {"mode": "entries", "detail": "brief"}),
    "a δ for each name": (LONG_CELL, {"mode": "chain", "wrt": ("x1", "x2")}),
    "chains in both directions": (
        "h[t] = u*x[t] + w*h[t-1]; h[-1] = 0; b[t] = x[t] + r*b[t+1]; b[T] = 0; L = sum(h[t]*b[t])",
        {"mode": "bptt"},
    ),
    "functions without a formula": ("y = f(x, g(x))", {"mode": "both"}),
    "a folded page": (RECURRENCE, {"mode": "both", "steps": 16, "wrt": ("w",)}),
}
QUICK = (
    "sigmoid by both modes",
    "on a kink",
    "cases",
    "an assumption",
    "a composition",
    "a name used again",
    "a scalar cell",
    "a brief page",
    "only what is asked",
    "an exercise alone",
    "a δ for each name",
    "functions without a formula",
)

SAYS_LESS = "what is left is as true as before"
ANY_ORDER = "true in whatever order they stand"
HARMLESS: Mapping[str, str] = {
    "Graph.nodes, order": "a layout places nodes by their arrows, columns and rows",
    "Graph.edges, order": ANY_ORDER,
    "Edge.through, order": ANY_ORDER,
    "Equations.rows, order": f"equalities that do not build on each other are {ANY_ORDER}",
    "Row.beside, order": ANY_ORDER,
    "Unseen.rows, order": "not written",
    "Stepping.same, order": ANY_ORDER,
    "Stepping.same, length": SAYS_LESS,
    "Stepping.numbers, length": SAYS_LESS,
    "Stepping.digits": "to how many digits numbers are shown, each of them rounded right",
    "Move.shown, length": SAYS_LESS,
    "arrays.conventions {parts}, order": ANY_ORDER,
    "way.since {facts}, order": ANY_ORDER,
    "way.since {facts}, length": SAYS_LESS,
    "Known.numbers, order": "where nobody gave numbers, any will do to start with",
    "Picture.before, order": ANY_ORDER,
}


def is_harmless(mutant: Mutant) -> bool:
    """Whether a mutant says nothing false."""
    around_unwritten = mutant.kind == "blocks, order" and "unseen" in mutant.what
    return around_unwritten or mutant.kind in HARMLESS or ": paragraph, picture" in mutant.what


def test_another_title_is_refused() -> None:
    for case in CASES:
        work, written, _ = page(case)
        check_title(title(work), written)
        for mutant in Mutator(names_of(work), 5).of(title(work)):
            with pytest.raises(REFUSED):
                check_title(mutant.value, written)


def test_every_sentence_of_a_page_is_known_to_the_register() -> None:
    """A sentence that is added without a check is refused, in whatever role it stands."""
    _, written, _ = page("a composition")
    ((blocks, judge),) = written
    for added in (Paragraph(text("new.sentence")), Heading(text("new.heading"))):
        with pytest.raises(ProofError, match="has no check"):
            proved([Judged((*blocks, added), judge)])


@cache
def page(case: str) -> tuple[Work, list[Judged], list[Judged]]:
    """What is explained, the parts of its page, and its steps to go through."""
    source, wishes = CASES[case]
    at = wishes.get("at")
    wishes = {**wishes, "at": at if at is None else exact_point(at)}
    work = work_of(read(source), Wishes(**wishes))
    way = next(way for way in MODES.values() if way.reading == work.reading)
    stepping = import_module(f"symdiff.explain.{way.stepping}")
    return work, parts(work), list(stepping.steps_to_go_through(work))


def names_of(work: Any) -> list[Sym]:
    """Names that are put in the place of others."""
    if isinstance(work, TapeWork):
        return [*work.tape.order, *(name for _, name in work.tape.inputs), work.tape.result]
    of = work.recurrence
    later = [work.named(name, time) for name, _ in of.cell for time in work.numbered_times]
    return [*of.inputs, *(name for name, _ in of.cell), *later]


def alive(case: str, step: int) -> Iterator[Mutant]:
    """The mutants of a page that are not refused though they say something false."""
    work, written, head = page(case)
    yield from survivors(written, names_of(work), step=step)

    def prove(steps: Sequence[Judged]) -> None:
        check_statements(steps, work.at)
        for part in steps:
            list(part.checked())

    yield from survivors(head, names_of(work), prove, step=step)


def told(found: Iterator[Mutant]) -> list[str]:
    return [f"{m.kind}: {m.what} at {'/'.join(m.where)}" for m in found if not is_harmless(m)]


@pytest.mark.parametrize("case", QUICK)
def test_one_changed_leaf_is_refused(case: str) -> None:
    assert told(alive(case, 5)) == []


@pytest.mark.long
@pytest.mark.parametrize("case", CASES)
def test_every_changed_leaf_is_refused(case: str) -> None:
    assert told(alive(case, 1)) == []


def sentences_of(source: str, mode: str) -> list[Any]:
    written = parts(work_of(read(source), Wishes(mode)))
    proved(written)
    return [block.text for part in written for block in part.blocks if isinstance(block, Heading | Paragraph)]


def test_a_weight_that_only_starts_the_recurrence_is_in_no_definition_of_the_cell() -> None:
    found = sentences_of("s[t] = r*s[t-1] + x[t]; s[-1] = q", "bptt")
    assert [said.params["by"].name for said in found if said.key == "bptt.two"] == ["r"]


def test_no_product_is_announced_where_one_stage_says_it_all() -> None:
    keys = [said.key for said in sentences_of("x**2", "jacobian")]
    assert "jacobian.only" in keys
    assert not {"jacobian.stages", "jacobian.chain", "jacobian.entries"} & {*keys}


@pytest.mark.parametrize(("source", "count"), [("x**2", 1), (COMPONENTS, 2), (AFFINE, 2)])
def test_where_one_stage_says_it_all_its_jacobian_is_boxed_and_stands_once(source: str, count: int) -> None:
    written = parts(work_of(read(source), Wishes("jacobian")))
    rows = [row for part in written for b in part.blocks if isinstance(b, Equations) for row in b.rows]
    jacobians = [row.chain for row in rows if isinstance(row.chain.left, Nabla) and not row.chain.at_point]
    assert len(jacobians) == count
    assert all(chain.boxed for chain in jacobians)
