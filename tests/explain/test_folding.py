"""Long pages of a repeated cell: what is left out is what the general rows say, and the page stays short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from symdiff.api.solution import Solution, solve
from symdiff.derivation.sweeps import path_label
from symdiff.document.blocks import Dots, Equations, Row
from symdiff.errors import ProofError
from symdiff.exercises.levels import LEVELS
from symdiff.exercises.problem import Problem
from symdiff.explain.shared.folding import path_place
from symdiff.explain.shared.phrases import as_total, listed
from symdiff.expr.tree import TOTAL, Expr, Sym, to_code, total
from symdiff.language.program import Program
from symdiff.rules.table import RULES
from symdiff.tape import partials

TANH = RULES["tanh"].op


def cell(length: int, loss: bool, odd: int = -1) -> Program:
    """h_t = tanh(U·x_t + W·h_{t−1}) unrolled; at `odd` the sine takes the place of tanh."""
    first, again = Sym("U"), Sym("W")
    x, y, h = ([Sym(f"{stem}_{t}") for t in range(length)] for stem in "xyh")
    sums = [first * x[0], *(first * x[t] + again * h[t - 1] for t in range(1, length))]
    functions = [RULES["sin"].op if t == odd else TANH for t in range(length)]
    definitions = [(h[t], Expr(functions[t], sums[t])) for t in range(length)]
    if not loss:
        return Program((first, again, *x), tuple(definitions))
    definitions.append((Sym("L"), total((h[t] - y[t]) ** 2 for t in range(length))))
    return Program((first, again, *x, *y), tuple(definitions))


@cache
def solved(length: int, loss: bool, mode: str = "reverse") -> Solution:
    return solve(Problem("cell", cell(length, loss)), mode, ["U"] if mode == "both" else None)


def blocks(solution: Solution) -> list[Equations]:
    return [b for b in solution.document.blocks if isinstance(b, Equations) and b.fold is not None]


def written(row: Row) -> str:
    """A row in text, the author's plain names for steps left out, paths as numbers."""
    chains = (row.chain, *row.beside)
    return "; ".join(" = ".join(_text(node) for node in (c.left, *c.members)) for c in chains)


def _text(node: Expr) -> str:
    if isinstance(node, Sym):
        place = path_place(node)
        label = f"({place})" if place is not None else node.label
        return f"{node.name}~{node.accent}{label}"
    return f"{node.op.name}[{', '.join(map(_text, node.args))}]" if node.args else to_code(node)


def at(text: str, i: int) -> str:
    """A general row at one i: each index written as 4i+6 or i-1 becomes a number."""

    def number(found: re.Match[str]) -> str:
        times = {"": 1, "-": -1}.get(found[2], found[2])
        return found[1] + str(int(times) * i + int(found[3] or 0))

    return re.sub(r"([_(])(-?\d*)i([+-]\d+)?", number, text)


def counted(note: Dots) -> Iterator[int]:
    assert note.note is not None
    given = {key: value.value for key, value in note.note.params.items() if key != "i"}
    step = given["second"] - given["first"] if "second" in given else 1
    return iter(range(given["first"], given["last"] + (1 if step > 0 else -1), step))


@pytest.mark.parametrize(("loss", "mode"), [(False, "reverse"), (True, "both")])
def test_general_rows_say_what_is_left_out(loss: bool, mode: str) -> None:
    found = blocks(solved(60, loss, mode))
    assert len(found) > 3
    for block in found:
        assert block.fold is not None
        said = {written(block.rows[item]) for item in block.fold.shown if isinstance(item, int)}
        group: list[Row] = []
        for item in block.fold.shown:
            if isinstance(item, Row):
                group.append(item)
            elif isinstance(item, Dots) and group:
                said |= {at(written(row), i) for i in counted(item) for row in group}
                group = []
            elif isinstance(item, Dots) and item.note is not None:
                pytest.fail("rows are left out without a word")
        assert {written(row) for row in block.rows} == said


def test_a_page_does_not_grow_with_the_cell() -> None:
    short, long = (solved(length, True, "both").render("text").count("\n") for length in (60, 150))
    assert abs(long - short) < 10


def test_a_cell_that_is_another_stands_on_the_page() -> None:
    page = solve(Problem("cell", cell(60, False, odd=30)), "reverse").render("text")
    assert "sin w" in page
    assert "h₃₀ = sin" in page


def test_every_line_is_written_in_full_when_asked() -> None:
    page = solve(Problem("cell", cell(30, False)), "reverse", full=True).render("text")
    assert "⋮" not in page
    assert all(f"∂h₂₉/∂x{i}" in page for i in "₀₁₂₃")


def test_only_the_result_asked_for_is_listed() -> None:
    for detail in LEVELS:
        page = solve(Problem("cell", cell(30, True)), "reverse", ["U"], detail=detail).render("text")
        assert "∂L/∂U" in page
        assert "∂L/∂W" not in page
        assert ("61 other input variables" in page) == (detail == "full")


@pytest.mark.parametrize("place", [0, 25, 26, 700, 20_000])
def test_paths_are_counted_from_one(place: int) -> None:
    assert path_place(Sym("w_1", "bar", path_label(place))) == place + 1


@pytest.mark.parametrize(("length", "place"), [(12, "12"), (40, "40")])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_folded_page_says_which_letter_a_counted_path_has(length: int, place: str, language: str) -> None:
    page = solved(length, False).render("text", language)
    assert "⁽ⁱ" in page
    assert "^(i" not in page
    raised = place.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    letters = path_label(int(place) - 1).translate(str.maketrans("abcdefghijklmn", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿ"))
    said = re.sub(r"\s+", " ", page)
    assert re.search(rf"(\S+){letters} (is|est) \1⁽{raised}⁾", said), said
    assert ("aa, ab" in said) == (length > 26)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_whose_paths_are_not_counted_does_not_number_them(language: str) -> None:
    page = solve(Problem("cell", cell(3, False)), "reverse").render("text", language)
    assert "rank" not in page
    assert "de ce rang" not in page


def test_long_lists_have_ranges() -> None:
    x = [Sym(f"x_{i}") for i in range(20)]
    assert [to_code(name) for name in listed([Sym("U"), *x[:3]])] == ["U", "x_0", "x_1", "x_2"]
    ranged = listed([Sym("U"), *x, Sym("y_3")])
    assert [node.args or node for node in ranged] == [Sym("U"), (x[0], x[19]), Sym("y_3")]


def test_a_sum_of_very_many_terms_keeps_its_terms() -> None:
    x = [Sym(f"x_{i}") for i in range(500)]
    nested = x[0]
    for name in x[1:]:
        nested = nested + name
    assert as_total(nested).op is TOTAL
    assert as_total(nested).args == tuple(x)


@pytest.fixture
def fresh_partials() -> Iterator[None]:
    """Nothing remembered of the partials, before and after."""
    caches = [f for f in vars(partials).values() if hasattr(f, "cache_clear")]
    for forget in caches:
        forget.cache_clear()
    yield
    for forget in caches:
        forget.cache_clear()


def wide() -> Problem:
    x = [Sym(f"x_{i}") for i in range(100)]
    return Problem("wide", Program(tuple(x), ((Sym("y"), total(name**2 for name in x)),)))


@pytest.mark.usefixtures("fresh_partials")
def test_a_wide_sum_is_proved() -> None:
    assert solve(wide(), "reverse").certificate.members > 200


@pytest.mark.usefixtures("fresh_partials")
@pytest.mark.parametrize("place", [0, 57, 99])
def test_one_wrong_partial_of_a_wide_sum_is_refused(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = RULES["total"]

    def wrong(w: Expr, *u: Expr) -> tuple[int, ...]:
        return tuple(1 + (i == place) for i in range(len(u)))

    monkeypatch.setitem(RULES, "total", replace(rule, slopes=wrong))
    with pytest.raises(ProofError):
        solve(wide(), "reverse")
