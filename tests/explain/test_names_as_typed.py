"""Names that would be taken for other ones are written as they are typed, and the page says why."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import symdiff as sd
from symdiff.api.solution import Solution, solve
from symdiff.document.blocks import Document, Note, Paragraph, Text
from symdiff.errors import EntriesError, InputError, ProofError
from symdiff.exercises import read
from symdiff.exercises.build import build
from symdiff.exercises.file import from_bytes
from symdiff.expr.as_typed import Indexed, as_typed
from symdiff.expr.letters import letters_beside
from symdiff.expr.tree import Sym
from symdiff.proof.statements.every_statement import check_statements
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.formulas.signs import formulas_in, nodes_of
from symdiff.rendering.formulas.typst import TypstPrinter
from symdiff.rendering.formulas.unicode import TextPrinter

NASTY = re.findall(
    r"\S+",
    """
e E I S T in is lambda lambda_ not if for class from exp log sum mean var det sign norm x_ _x w__1
w_1 w1 w delta delta_1 i j n t L p y Phi dot bar x_dot xbar x_bar xdot hat x x0 x1 x_1 x_i h h0
année é sigma phi Gamma psi Sigma Pi d k s r u v one tr softmax ones eye diag vec ln A B N
max_learning_rate_of_all
""",
)
NUMBERS = (
    "{a} = 2*{b} + sigmoid({b})*{c}\ny9 = tanh({a})*{c} + max({b}, {c}) + {a}**2*{c}*erf({b})",
    "f9({a}, {b}, {c}) = {a}*{b}/(1 + {c}**2) + tanh({a}*{b})",
    "{a} = {b}*{c}\n{d} = {a}**2 + {b}\nq9 = {d}*{a}*{c}",
)
ARRAYS = (
    '[inputs]\n"{a}" = ["n9", "n9"]\n"{b}" = ["n9"]\n"{c}" = []\n[definitions]\n'
    '"{d}" = "{a} @ {b} + {c}*{b}"\n'
    'q9 = "sqnorm({d}) + {b}[0]*{c} + {a}[0, 1]*{c}*trace({a})"\n',
    'wrt = ["{b}"]\n[inputs]\n"{a}" = [3]\n"{b}" = [3]\n"{c}" = []\n[definitions]\n'
    '"{d}" = "tanh({a})*{b}*{c}"\n'
    'q9 = "{d} @ {b} + {b}[0]*{c}"\n',
)
TIMES = (
    "{a}[t9] = tanh({b}*{d}[t9] + {c}*{a}[t9-1]); {a}[-1] = 0; q9 = ({a}[2] - {d}[2])**2",
    "{a}[0] = {d}; {a}[t9] = {b}*{a}[t9-1] + {c}; q9 = {a}[3]**2",
)
KINDS = {
    "numbers": (NUMBERS, ("forward", "reverse", "both", "chain")),
    "arrays": (ARRAYS, ("forward", "reverse", "both", "chain", "entries")),
    "times": (TIMES, ("bptt", "reverse", "forward")),
}
TWO_READINGS = "a function where it is called|or a name of its own|is a function; write|steps and also a name"


def own(text: str, mode: str, **wishes: Any) -> Solution:
    problem = build(from_bytes("a.toml", text.encode()), "a") if "[inputs]" in text else read(text)
    return solve(problem, mode, **wishes)


def four_names(draw: random.Random) -> list[str]:
    """Some of the list, or several that have one letter and all kinds of indices."""
    if draw.random() < 0.5:
        return draw.sample(NASTY, 4)
    x = draw.choice("xwhehEIT")
    alike = [
        x,
        f"{x}0",
        f"{x}1",
        f"{x}_1",
        f"{x}_",
        f"{x}__1",
        f"_{x}",
        f"{x}_i",
        f"{x}bar",
        f"{x}12",
        f"{x}_1_2",
    ]
    return draw.sample(alike, 4)


def names_on(page: Document) -> Iterator[Sym]:
    yield from {n for form in formulas_in(page.blocks) for n in nodes_of(form) if isinstance(n, Sym)}


def written_apart(page: Document) -> None:
    """No two names of a page are printed alike, in any notation."""
    for printer in (TextPrinter, LatexPrinter, TypstPrinter):
        found: dict[str, tuple[str, str, str]] = {}
        write = printer(letters=page.letters)
        for name in names_on(page):
            parts = name.name, name.accent, name.label
            assert found.setdefault(write(name), parts) == parts


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.filterwarnings("ignore")
def test_programs_with_any_names_are_read_proved_and_printed(kind: str, seed: int) -> None:
    draw = random.Random(f"{kind} {seed}")
    texts, modes = KINDS[kind]
    for _ in range(3):
        text, mode = draw.choice(texts), draw.choice(modes)
        text = text.format(**dict(zip("abcd", four_names(draw), strict=True)))
        wishes: dict[str, Any] = {"steps": 3} if kind == "times" and mode != "bptt" else {}
        wishes |= {"sizes": {"n9": 2}} if mode == "entries" and "n9" in text else {}
        try:
            found = own(text, mode, **wishes)
        except EntriesError:
            assert mode == "entries"
            continue
        except InputError as error:
            if re.search(TWO_READINGS, str(error)):
                continue
            raise
        written_apart(found.document)
        for format in ("text", "latex", "typst", "markdown", "json"):
            found.render(format, draw.choice(["en", "fr"]))


BESIDE = {
    "h0 beside h[0]": (
        "h[0] = h0; h[t] = w*h[t-1]; L = h[T]",
        "bptt",
        "h0",
        "h₀ is the value of h at time 0",
    ),
    "x1 beside x_1": ("y = x1*x_1", "both", "x1", "x₁ is another name"),
    "λ twice": ("y = lambda*lambda_", "reverse", "lambda_", "λ is another name"),
    "x1 beside x": (
        '[inputs]\nx = [3]\nx1 = []\n[definitions]\ny = "sum(x)*x1*x[0]"',
        "reverse",
        "x1",
        "x₁ is an entry of x",
    ),
    "W_12 beside W": (
        '[inputs]\nW = [2, 2]\nW_12 = []\n[definitions]\ny = "trace(W)*W_12*W[0, 1]"',
        "chain",
        "W_12",
        "W₁₂ is an entry of W",
    ),
}


@pytest.mark.parametrize("case", BESIDE)
def test_the_page_says_why_a_name_is_written_as_it_is_typed(case: str) -> None:
    text, mode, name, reason = BESIDE[case]
    page = " ".join(own(text, mode).render("text").split())
    assert f"{name} is written as it is typed: {reason}." in page
    french = " ".join(own(text, mode).render("text", "fr").split())
    assert f"On écrit {name} comme on le saisit" in french


def test_a_name_that_nothing_is_written_like_keeps_its_index() -> None:
    for text in (
        "y = x1*x2",
        "h[0] = 0; h[t] = w*h[t-1] + x0; L = h[T]",
        '[inputs]\nx = [3]\nx5 = []\n[definitions]\ny = "sum(x)*x5"',
    ):
        assert "typed" not in own(text, "bptt" if "[t]" in text else "reverse").render("text")


def test_it_is_upright_in_every_notation() -> None:
    letters = letters_beside(["x1", "x_1", "_x", "année"])
    for name, latex, typst, text in (
        ("x1", r"\mathrm{x1}", 'upright("x1")', "x1"),
        ("x_1", "x_{1}", "x_(1)", "x₁"),
        ("_x", r"\mathrm{\_x}", 'upright("_x")', "_x"),
        ("année", r"\text{année}", 'upright("année")', "année"),
    ):
        assert LatexPrinter(letters=letters)(Sym(name)) == latex
        assert TypstPrinter(letters=letters)(Sym(name)) == typst
        assert TextPrinter(letters=letters)(Sym(name)) == text


def test_which_names_are_taken_for_which() -> None:
    h = Indexed("h", times=("t", "T"))
    w = Indexed("W", ("2", "n"))
    found = as_typed(
        frozenset({"h0", "h_T", "hbar", "W12", "W_31", "W1", "W_ij", "v", "v_"}), frozenset({h, w})
    )
    assert {name: (twin.kind, twin.name, twin.index) for name, twin in found.items()} == {
        "h0": ("time", "h", "0"),
        "h_T": ("time", "h", "T"),
        "W12": ("entry", "W", "12"),
        "W_ij": ("entry", "W", "ij"),
    }


def altered(page: Solution, key: str, **params: Any) -> list[Any]:
    """The parts of a page, what one sentence says replaced."""

    def other(said: Text) -> Text:
        parts = tuple(
            replace(p, params={**p.params, **params}) if p.key == key else p for p in said.params["parts"]
        )
        return replace(said, params={**said.params, "parts": parts})

    blocks = tuple(
        replace(block, text=other(block.text))
        if isinstance(block, Paragraph) and block.text.key == "arrays.conventions"
        else block
        for block in page.document.blocks
        if not isinstance(block, Note)
    )
    return [type("Part", (), {"blocks": blocks, "judge": page.work.judge})]


def test_a_wrong_reason_is_refused() -> None:
    page = own("y = x1*x_1*z", "both")
    check_statements(altered(page, ""))
    for wrong in ({"names": (Sym("z"),)}, {"value": Sym("z")}, {"names": (Sym("x_1"),)}, {"names": ()}):
        with pytest.raises((ProofError, IndexError)):
            check_statements(altered(page, "notation.typed_name", **wrong))
    page = own(BESIDE["x1 beside x"][0], "reverse")
    for wrong in ({"stem": Sym("y")}, {"value": Sym("y@1")}, {"value": Sym("x@2")}):
        with pytest.raises(ProofError):
            check_statements(altered(page, "notation.typed_entry", **wrong))


def test_a_function_is_told_from_a_name() -> None:
    assert "tr(" not in own(
        '[inputs]\ntr = []\nA = [2, 2]\n[definitions]\ny = "tr*trace(A)"', "reverse"
    ).render("text")
    assert "σ·sigmoid(x)" in own("y = sigma*sigmoid(x)", "reverse").render("text")
    page = own(
        '[inputs]\nSigma = ["n", "n"]\nx = ["n"]\n[definitions]\ny = "sum(Sigma @ x)"', "reverse"
    ).render("text")
    assert "∑ᵢ (Σ x)ᵢ" in page
    assert "Σᵢ" not in page


def test_code_has_valid_names_and_gives_the_authors() -> None:
    names = ["lambda", "lambda_", "in", "sum", "log", "x_", "_x", "w__1", "w1", "w_1", "é", "np"]
    formula = "lambda*in*é*np*lambda_ + sum*exp(x_)*log + _x*w__1*w1*w_1 + 2**x_"
    space: dict[str, Any] = {}
    exec(sd.emit(f"f({', '.join(names)}) = {formula}"), space)
    point = [1 + i / 10 for i in range(12)]
    _, found = space["value_and_gradients"](*point)
    assert list(found) == names
    for place, name in enumerate(found):
        moved = [[x + (h if i == place else 0) for i, x in enumerate(point)] for h in (1e-6, -1e-6)]
        up, down = (space["value_and_gradients"](*at)[0] for at in moved)
        assert found[name] == pytest.approx((up - down) / 2e-6, rel=1e-6)


def test_the_command_takes_the_authors_spelling() -> None:
    line = ["derive", "h[0] = h0; h[t] = lambda_*h[t-1] + in; L = h[2]", "--wrt", "lambda_", "--steps", "2"]
    run = subprocess.run(
        [sys.executable, "-m", "symdiff", *line, "--at", "h0=1,lambda_=2,in=0.5", "--format", "text"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert run.returncode == 0, run.stderr
    assert re.search(r"∂L/∂λ = .*= 4\.5", run.stdout)


def test_a_claim_may_have_names_as_the_page_writes_them() -> None:
    for claim, of, by in (("2*x₁", "x1**2", "x1"), ("2*λ", "lambda_**2", "lambda_"), ("x1", "x1*x_1", "x_1")):
        assert sd.check_derivative(claim, of, by)
    assert not sd.check_derivative("x₁", "x1*x_1", "x_1")
    with pytest.raises(InputError, match="unknown name 'x_2'"):
        sd.check_derivative("x₂", "x1**2", "x1")
