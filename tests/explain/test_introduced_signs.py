"""Signs are introduced where a page has them, and nowhere else; answers are of the kind that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from symdiff.api.solution import Solution, solve
from symdiff.document.blocks import Block, Chain, Equations, Paragraph, Row, Text, chains, text
from symdiff.errors import DomainError, ProofError
from symdiff.exercises import read
from symdiff.exercises.build import build
from symdiff.exercises.file import from_bytes
from symdiff.expr.tree import Num, Sym
from symdiff.proof.judge import Judged, proved
from symdiff.proof.one_value import check_members
from symdiff.rendering.formulas.signs import SIGNS, signs_in

INVERSE = '[inputs]\nA = ["m", "m"]\n[definitions]\nF = "inv(A)"\n'
ROWS = """[inputs]
X = ["m", "n"]
Y = ["m", "k"]
[definitions]
Z = "X - mean(X, axis=1, keepdims=True)"
L = "sum(Z*X) + sum(Y*sum(X, axis=1, keepdims=True))"
"""
OF_ENTRIES = """[inputs]
x = ["n"]
z = ["n"]
[definitions]
L = "max(x)*min(z) + var(x)*std(z) + norm(x, 1)"
"""
OF_ROWS = """[inputs]
X = ["m", "n"]
a = ["m"]
[definitions]
r = "max(X, axis=1)*min(X, axis=1) + prod(X, axis=1)*var(X, axis=1)"
L = "sum(a*r) + sum(std(X, axis=1)*norm(X, axis=1))"
"""
MOVED = """[inputs]
x = ["n"]
A = ["n", "n"]
u = [3]
v = [3]
[definitions]
r = "dot(cumsum(x), flip(x)) + sum(cumsum(A, axis=0)*flip(A, axis=0))"
s = "r + trace(tril(A) @ triu(A)) + dot(cross(u, v), u**2) + dot(vec(A), vec(A @ A)) + dot(u[0:2], v[1:3])"
L = "s + sum(tril(A @ A, -1)*triu(A, 1))"
"""
TAKEN = """[inputs]
z = ["n"]
C = ["m", "n"]
y = []
ix = ["k"]
[definitions]
L = "log_softmax(z)[y] + sum(C[ix]**2)"
"""
MASKED = """[inputs]
S = ["n", "n"]
v = ["n"]
[definitions]
L = "sum(softmax(where(tril(ones(n, n)) > 0, S, -inf)) @ v)"
"""
PAGES: tuple[tuple[str, str], ...] = (
    ("sigmoid(a*x)", "reverse"),
    ("softmax-regression", "reverse"),
    ("logistic", "chain"),
    ("logistic", "jacobian"),
    ("rnn", "bptt"),
    ("lstm", "bptt"),
    ("gru", "bptt"),
    ("log-determinant", "both"),
    ('[inputs]\nx = [3]\n[definitions]\ny = "x[0]*x[1]"\n', "both"),
    (ROWS, "reverse"),
    (INVERSE, "both"),
    (MASKED, "both"),
    ("f(x, g(x))", "reverse"),
    (OF_ENTRIES, "reverse"),
    (OF_ROWS, "reverse"),
    (MOVED, "reverse"),
    (TAKEN, "reverse"),
    ("atan2(x, a) + digamma(x)*lgamma(a)", "reverse"),
)


def own(source: str, mode: str, **wishes: Any) -> Solution:
    problem = build(from_bytes("a.toml", source.encode()), "a") if "[inputs]" in source else read(source)
    return solve(problem, mode, **wishes)


def flat(solution: Solution, language: str = "en") -> str:
    return " ".join(solution.render("text", lang=language).split())


def sentences(blocks: tuple[Block, ...]) -> Iterator[Text]:
    """What is said of signs and of how formulas are to be read."""
    for block in blocks:
        if isinstance(block, Paragraph) and block.text.key == "arrays.conventions":
            yield from block.text.params["parts"]


def with_parts(solution: Solution, parts: tuple[Text, ...]) -> list[Judged]:
    """The page with other sentences of that kind."""
    blocks = tuple(
        Paragraph(text("arrays.conventions", parts=parts))
        if isinstance(block, Paragraph) and block.text.key == "arrays.conventions"
        else block
        for block in solution.document.blocks[:-1]
    )
    return [Judged(blocks, solution.work.judge)]


@pytest.mark.parametrize(("source", "mode"), [page for page in PAGES if page[1] != "bptt"])
def test_no_sentence_on_signs_may_go_and_none_may_come(source: str, mode: str) -> None:
    solution = own(source, mode)
    parts = tuple(sentences(solution.document.blocks))
    proved(with_parts(solution, parts))
    for number, part in enumerate(parts):
        with pytest.raises(ProofError):
            proved(with_parts(solution, (*parts[:number], *parts[number + 1 :])))
        assert part not in parts[:number]
    said = {part.key for part in parts}
    for key in {"notation.hadamard", "notation.power", "notation.map", "arrays.columns"} - said:
        with pytest.raises(ProofError):
            proved(with_parts(solution, (*parts, text(key))))


@pytest.mark.parametrize(("source", "mode"), PAGES)
def test_signs_are_said_once(source: str, mode: str) -> None:
    keys = [(part.key, str(part.params)) for part in sentences(own(source, mode).document.blocks)]
    assert len(set(keys)) == len(keys)


def test_every_sign_stands_on_a_page_of_the_tests() -> None:
    found: set[str] = set()
    for source, mode in (*PAGES, ("z = a*x\ny = z*a + x", "chain"), ("product-sine", "forward")):
        solution = own(source, mode)
        found |= signs_in(solution.document.blocks, solution.document.letters)
    power = '[inputs]\nX = ["m", "n"]\n[definitions]\ny = "sum(X**3)"\n'
    logs = '[inputs]\nx = ["n"]\n[definitions]\ny = "logsumexp(x)"\n'
    arrays = """[inputs]
A = ["n", "n"]
x = ["n"]
u = [3]
v = [3]
y = []
iy = ["n"]
[assume]
y = "index"
[definitions]
rows = "sum(max(A, axis=1) + min(A, axis=1) + prod(A, axis=1) + std(A, axis=1) + var(A, axis=1))"
norms = "sum(norm(A, axis=1)) + norm(x, 1) + std(x) + var(x) + max(x) + min(x)"
sums = "sum(cumsum(x)*x) + sum(cumsum(A, axis=0)*A) + sum(flip(x)*x) + sum(flip(A, axis=0)*A)"
halves = "sum(tril(A)) + sum(triu(A)) + sum(cross(u, v)**2) + sum(sin(vec(A))) + sum(x[1:])"
L = "rows + norms + sums + halves + x[y] + sum(A[range(n), iy])"
"""
    for source in (power, logs, arrays):
        solution = own(source, "reverse")
        found |= signs_in(solution.document.blocks, solution.document.letters)
    assert found == {*SIGNS}


def test_only_what_acts_entry_by_entry_is_listed() -> None:
    plain = flat(own('[inputs]\nA = ["n", "n"]\nx = ["n"]\n[definitions]\ny = "dot(x, A @ x)"\n', "reverse"))
    assert "entry by entry" not in plain
    powers = flat(own('[inputs]\nx = ["n"]\n[definitions]\ny = "dot(x, x**3)"\n', "reverse"))
    assert "These act entry by entry: powers." in powers
    french = flat(own('[inputs]\nx = ["n"]\n[definitions]\ny = "dot(x, tanh(x))"\n', "reverse"), "fr")
    assert "les fonctions d’une variable réelle" in french


def test_a_number_needs_no_sentence_but_for_its_function() -> None:
    assert "Here σ(t) = 1/(1 + e^(−t))." in flat(own("sigmoid(a*x)", "reverse"))
    assert not [*sentences(own("a*x", "reverse").document.blocks)]


def test_arrays_of_ones_of_several_sizes_have_their_size() -> None:
    page = flat(own(ROWS, "reverse"))
    assert "Y 𝟏ₖ 𝟏ₙᵀ" in page
    assert "is the vector of p entries that are all 1" in page
    assert "𝟏₁" not in page
    one = flat(own('[inputs]\nx = ["n"]\n[definitions]\ny = "sum(x)"\n', "reverse"))
    assert "𝟏 is a vector or matrix whose entries are all 1." in one


def test_forward_mode_of_an_array_gives_what_its_derivative_does_to_a_tangent() -> None:
    page = flat(own(INVERSE, "forward"))
    assert "Find (∂F/∂A)[Ȧ], for any Ȧ," in page
    assert "(∂F/∂A)[Ȧ] = ẇ₂ = −A⁻¹ Ȧ A⁻¹ = │ −F Ȧ F │" in page
    assert "F̄" not in page
    assert "w̄" not in page


def test_reverse_mode_of_an_array_says_of_which_number_adjoints_are_derivatives() -> None:
    page = flat(own(INVERSE, "reverse"))
    assert "Find (∂F/∂A)ᵀ[F̄], for any F̄," in page
    assert "is the derivative of the number ⟨F̄, F⟩ with respect to that variable" in page
    assert "Here ⟨B, C⟩ = Σᵢⱼ Bᵢⱼ·Cᵢⱼ." in page
    assert "Calculer (∂F/∂A)ᵀ[F̄], pour F̄ quelconque," in flat(own(INVERSE, "reverse"), "fr")


def test_a_derivative_of_an_array_by_a_number_is_its_tangent() -> None:
    page = flat(own('[inputs]\nx = ["n"]\na = []\n[definitions]\ny = "a*x"\n', "forward", wrt=["a"]))
    assert "Find ∂y/∂a by" in page
    assert "∂y/∂a = ẇ₃ = │ x │" in page


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("[inputs]\nx = [3]\n", "the number of forward sweeps needed is 3"),
        ('[inputs]\nx = ["n"]\n', "as soon as there is more than one entry"),
        ("[inputs]\nx = [1]\n", "either mode takes a single sweep"),
    ],
)
def test_which_mode_is_cheaper_follows_from_the_passes_there_are(source: str, said: str) -> None:
    page = flat(own(source + '[definitions]\ny = "sum(tanh(x))"\n', "reverse"))
    assert said in page
    assert "unless that number is 1" not in page


def test_no_member_repeats_the_one_before_it() -> None:
    solution = own("s = a*x\nJ = s + 1", "chain", at={"a": 1, "x": 2})
    assert not any(
        chain.members[-1] == chain.members[-2]
        for chain in chains(solution.document.blocks)
        if len(chain.members) > 1
    )
    assert "= 1 = 1" not in flat(solution)
    x, two = Sym("x"), Num(2, "2.0")
    twice = (Equations((Row(Chain(x, (Num(2), two))),)),)
    with pytest.raises(ProofError, match="twice in a row"):
        check_members([(twice, solution.work.judge)])


def test_a_negative_factor_is_subtracted() -> None:
    page = flat(own("y = x*a - sin(x)", "forward"))
    assert "(−1)" not in page
    assert "1·ẇ₃ − 1·ẇ₄ = ẇ₃ − ẇ₄" in page


@pytest.mark.parametrize(
    ("formula", "gradient"),
    [
        ("norm(x)**2", "(0, 0)"),
        ("norm(x)**4", "(0, 0)"),
        ("norm(2*x)**2 + x[0]", "(1, 0)"),
        ("sqrt(dot(x, x))**2", "(0, 0)"),
        ("sqrt(sum(x**2))**2", "(0, 0)"),
    ],
)
@pytest.mark.parametrize("mode", ["forward", "reverse", "chain"])
def test_even_powers_of_norms_have_a_derivative_at_zero(formula: str, gradient: str, mode: str) -> None:
    source = f'[inputs]\nx = [2]\n[definitions]\nf = "{formula}"\n[at]\nx = [0, 0]\n'
    assert f"{gradient}" in flat(own(source, mode))


@pytest.mark.parametrize("size", [2, 100])
@pytest.mark.parametrize("mode", ["forward", "reverse", "chain"])
def test_a_point_without_a_derivative_is_refused_in_words_of_the_author(size: int, mode: str) -> None:
    zeros = ", ".join(["0"] * size)
    source = f'[inputs]\nx = [{size}]\n[definitions]\nf = "norm(x)*3"\n[at]\nx = [{zeros}]\n'
    with pytest.raises(DomainError, match=r"outside the domain: norm\(x\).* has no finite slope"):
        own(source, mode)


def test_a_page_without_its_task_is_refused() -> None:
    """What is asked of an array is what is boxed."""
    solution = own(INVERSE, "reverse")
    blocks = list(solution.document.blocks[:-1])
    place = next(
        n
        for n, block in enumerate(blocks)
        if isinstance(block, Paragraph) and block.text.key == "statement.find_map.reverse"
    )
    task = blocks[place]
    assert isinstance(task, Paragraph)
    other = Text("statement.find_map.reverse", {**task.text.params, "given": (Sym("F"),)})
    blocks[place] = replace(task, text=other)
    with pytest.raises(ProofError, match="find_map"):
        proved([Judged(tuple(blocks), solution.work.judge)])
