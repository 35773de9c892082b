"""The page as a file: its size, its policy, its formulas, what it carries and what it starts with."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pages import page, solved, some

from symdiff.api.solution import solve
from symdiff.document.blocks import Document, Stepping, chains, text
from symdiff.errors import InputError, ProofError
from symdiff.exercises import load, names, read
from symdiff.explain.shared import stepping
from symdiff.expr.tree import Num
from symdiff.proof.starting_point import starting_point
from symdiff.rendering.formulas.latex import LatexPrinter
from symdiff.rendering.pages.engine import render
from symdiff.rendering.pages.html import Assets, digest, in_script, tidy

MOST_BYTES = 740_000
PAGES = [*((name, None) for name in names()), ("rnn3x3", "reverse")]


def formulas(source: str) -> list[str]:
    return [
        html.unescape(tex) for tex in re.findall(r'<span class="math[^"]*">(.*?)</span>', source, re.DOTALL)
    ]


@pytest.mark.parametrize(("name", "mode"), some(PAGES))
def test_every_page_is_small_and_whole_and_its_formulas_parse(
    name: str, mode: str | None, katex: Any
) -> None:
    source = page(name, mode, "html", "fr" if len(name) % 2 else "en")
    assert len(source.encode()) <= MOST_BYTES
    found = formulas(source)
    assert len(found) > 10
    assert all(katex(tex, False) > 0 for tex in found)
    outside = re.sub(r"<(script|style)\b.*?</\1>", "", source, flags=re.DOTALL)
    assert not re.search(r"\b(src|href)=\"(?!#|data:)", outside)
    assert not re.search(r"\bstyle=|\bon\w+=", outside)
    assert "@import" not in source
    assert set(re.findall(r"url\((\w+):", source)) == {"data"}


@pytest.mark.parametrize("name", ["sigmoid", "rnn"])
def test_the_policy_admits_the_programs_and_styles_of_the_page_and_no_others(name: str) -> None:
    source = page(name, None, "html")
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', source)[1])  # type: ignore[index]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert set(rules) == {
        "default-src", "script-src", "style-src", "font-src", "img-src", "base-uri", "form-action",
    }  # fmt: skip
    assert "unsafe" not in policy
    for kind, tag in (("script-src", r"<script>(.*?)</script>"), ("style-src", r"<style>(.*?)</style>")):
        hashes = [
            "'sha256-" + base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() + "'"
            for part in re.findall(tag, source, re.DOTALL)
        ]
        assert rules[kind].split() == hashes


def test_what_stands_in_a_script_cannot_end_it() -> None:
    value = {"</script>": ["<!--", "&", "\u2028", "]]>"]}
    written = in_script(value)
    assert not set("<>&\u2028") & set(written)
    assert json.loads(written) == value


def test_words_of_an_author_are_escaped() -> None:
    words = text("title.named", name="</title><script>1</script> & \"'", what="w", mode=text("mode.both"))
    source = render(Document(words, ()), "html")
    assert source.count("<script>") == 1
    escaped = "&lt;/title&gt;&lt;script&gt;1&lt;/script&gt; &amp; &quot;&#x27;"
    assert f"<h1>{escaped}: w in forward and reverse mode</h1>" in source


def test_a_fragment_is_the_body_alone() -> None:
    source = solved("sigmoid", "reverse").render("html", fragment=True)
    assert "<html" not in source
    assert "katex" not in source
    assert source.startswith("<section")


def test_a_page_of_many_steps_has_the_whole_document_and_no_stage() -> None:
    chain = "\n".join(["h0 = sin(x)", *(f"h{i + 1} = sin(h{i})" for i in range(110))])
    found = solve(read(chain), "reverse")
    source = found.render("html")
    assert 'id="stepper"' not in re.sub(r"<script>.*?</script>", "", source, flags=re.DOTALL)
    headings = sum(block.kind == "heading" for block in found.document.blocks)
    assert len(re.findall(r"<h[23]>", source)) == headings > 3


@pytest.mark.parametrize("name", ["rnn3x3", "rnn"])
def test_an_adjoint_is_not_written_like_that_of_another_name(name: str) -> None:
    (way,) = (b for b in solved(name).stepped.document.blocks if isinstance(b, Stepping))
    printer = LatexPrinter(".")
    names = [known.var for known in way.known] + [move.var for move in way.moves]
    assert len({printer(var) for var in names}) == len(names)


def test_every_step_is_an_equality_of_the_document() -> None:
    for name, mode in (("sigmoid", "both"), ("logistic", "both"), ("mlp", "chain"), ("gof", "jacobian")):
        document = solved(name, mode).stepped.document
        (way,) = (block for block in document.blocks if isinstance(block, Stepping))
        known = {(chain.left, chain.members) for chain in chains(document)}
        assert all((move.var, move.members) in known for move in way.moves)
        assert all(set(move.shown) <= set(move.members) for move in way.moves)
        order = [k.var for k in way.known]
        for move in way.moves:
            assert move.var not in order
            order.append(move.var)


@pytest.mark.parametrize(("name", "mode"), [("sigmoid", "both"), ("linear-recurrence", None)])
def test_a_false_step_is_refused_where_steps_are_shown(
    name: str, mode: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stepping._primal_move

    def false(step: Any) -> Any:
        move = made(step)
        return replace(move, members=(*move.members, move.form + Num(1)))

    monkeypatch.setattr(stepping, "_primal_move", false)
    found = solve(load(name), mode)
    for format in ("latex", "markdown", "text", "typst", "json"):
        assert found.render(format)
    with pytest.raises(ProofError, match="is false at"):
        found.render("html")


@pytest.mark.parametrize("mode", ["both", "chain", "jacobian"])
def test_steps_are_proved_and_counted_beside_the_equalities_of_the_page(mode: str) -> None:
    found = solved("mlp" if mode == "chain" else "gof", mode)
    page = found.stepped
    (way,) = (block for block in page.document.blocks if isinstance(block, Stepping))
    assert page.document.blocks[0] is way
    assert page.document.blocks[1:-1] == found.document.blocks[:-1]
    own = {item.chain for item in found.certificate.checked}  # type: ignore[union-attr]
    proved = [item.chain for item in page.certificate.checked]  # type: ignore[union-attr]
    assert len(proved) == len(set(proved))
    assert set(proved) == own | set(chains(way))
    for solution, equalities in ((found, own), (page, proved)):
        note = solution.document.blocks[-1]
        assert f" {len(equalities)} equalities" in render(Document(text("cost.heading"), (note,)), "text")
    assert found.stepped is page


@pytest.mark.parametrize("name", ["rnn"])
def test_the_page_of_a_recurrence_counts_its_steps_too(name: str) -> None:
    found = solved(name)
    page = found.stepped
    (way,) = (block for block in page.document.blocks if isinstance(block, Stepping))
    new = list(dict.fromkeys(chains(way)))
    assert [item.chain for item in page.certificate.checked] == [
        *new,
        *(item.chain for item in found.certificate.checked),
    ]
    assert page.document.blocks[1:-1] == found.document.blocks[:-1]


def test_numbers_to_start_with_are_short_decimals_of_the_domain() -> None:
    for source in ("log(x) + sqrt(y)", "asin(x)*acosh(y)", "log(-x)", "1/(x - y)"):
        tape = solve(read(source), "reverse").work.tape  # type: ignore[union-attr]
        point = starting_point(tape)
        assert point is not None
        assert point == starting_point(tape)
        assert all((20 * value).denominator == 1 for value in point.values())
        assert solve(read(source), "reverse", at=point).work.model is not None  # type: ignore[union-attr]


def test_numbers_to_start_with_hold_what_is_assumed() -> None:
    tape = solved("logistic-general", "reverse").work.tape  # type: ignore[union-attr]
    point = starting_point(tape)
    assert point is not None
    assert sum(point["y"]) == 1
    assert len(set(point["y"])) > 1


def test_the_readers_numbers_are_those_of_the_page() -> None:
    given = {"x": Fraction(1, 3), "a": Fraction(2)}
    source = solve(load("sigmoid"), "both", at=given).render("html")
    data = json.loads(re.search(r'id="data">(.*?)</script>', source)[1])  # type: ignore[index]
    assert [known["data"] for known in data["known"]] == [["1/3"], ["2"]]
    assert "only an example" not in re.sub(r"<script.*?</script>", "", source, flags=re.DOTALL)


def test_large_arrays_are_stepped_through_without_numbers(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[inputs]\nx = [100]\n[definitions]\ny = "sum(x*x)"\n', encoding="utf-8")
    found = solve(read(str(path)), "reverse")
    (way,) = (block for block in found.stepped.document.blocks if isinstance(block, Stepping))
    assert [known.numbers for known in way.known] == [None]
    assert '"data":null' in found.render("html")


def test_files_of_a_format_are_found_in_its_folders_only(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    (tmp_path / "html" / "page.css").write_text("p { color: teal }", encoding="utf-8")
    assets = Assets("html", tmp_path)
    assert assets.text("page.css") == "p { color: teal }"
    assert "katex" in assets.text("katex/katex.min.css")
    for name in ("../secret", str(tmp_path / "secret"), "nothing"):
        with pytest.raises(InputError, match="no file"):
            assets.text(name)
    own = solved("sigmoid", "reverse").render("html", templates=tmp_path)
    assert "color: teal" in own


def test_tidy_twice_is_once() -> None:
    once = tidy("\n a \n\n\n b\t\n")
    assert once == " a\n\n b\n"
    assert tidy(once) == once
    assert digest("") == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
