"""The sentences themselves: number and agreement, typography, and signs that every format can set."""

from __future__ import annotations

import re
from typing import Any

import pytest
from markupsafe import Markup
from pages import solved

from symdiff.api.solution import solve
from symdiff.document.blocks import Text, text
from symdiff.exercises import read
from symdiff.expr.tree import Num
from symdiff.rendering.formats.formats import ESCAPES, load_messages
from symdiff.rendering.formats.messages import Messages

LANGUAGES = ("en", "fr")
NEVER_BELOW_TWO = {
    ("bptt.hand_paths", "count"): "paths that part are several",
    ("bptt.hand_next_paths", "count"): "paths that part are several",
    ("bptt.hand_paths_in_turn", "count"): "paths that part are several",
    ("bptt.hand_next_paths_in_turn", "count"): "paths that part are several",
    ("bptt.hand_long", "count"): "it is said of very many steps",
    ("bptt.remark", "count"): "t − k is no number",
    ("bptt.remark_numbers", "count"): "t − k is no number",
    ("statement.long", "count"): "it is said of very many steps",
    ("statement.gradient", "count"): "it is said of very many inputs",
    ("others.many", "count"): "it is said of very many inputs",
    ("jacobian.order_left", "left"): "a product of three matrices takes two multiplications at least",
    ("jacobian.order_left", "right"): "as many",
    ("jacobian.order_right", "left"): "as many",
    ("jacobian.order_right", "right"): "as many",
    ("proof.how", "digits"): "30",
    ("proof.how_in_time", "digits"): "30",
}
"""Numbers that need no form for one."""
COUNTED = (
    "count", "equalities", "points", "digits", "inputs", "outputs", "passes", "reverse", "forward", "primal",
    "nodes", "steps", "lengths", "left", "right", "entries", "rows", "columns", "most",
)  # fmt: skip
NO_NOUNS = {"against", "plus", "is", "dans", "pass", "was", "as"}
"""Words in -s that are no plurals."""


def said(language: str, message: Text) -> str:
    words = Messages(language, load_messages(language), str, lambda formula: Markup(str(formula)))
    return str(words(message))


def forms(language: str) -> list[tuple[str, str, str, str]]:
    """Of each message its key, its form, the parameter that chooses this, and the pattern."""
    found = []
    for key, message in load_messages(language).items():
        if isinstance(message, str):
            found.append((key, "other", "", message))
        else:
            found += [(key, form, message["by"], message[form]) for form in ("one", "other")]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_noun_after_a_number_has_a_form_for_one(language: str) -> None:
    """`{count} steps` is said where a form for one exists, or the number is always larger."""
    wrong = []
    for key, form, by, pattern in forms(language):
        for name, noun in re.findall(r"\{(\w+)\}[ \u00a0](\w+)", pattern):
            plural = noun.endswith(("s", "x")) and noun not in NO_NOUNS
            chosen = form == "other" and name == by
            if name in COUNTED and plural and not chosen and (key, name) not in NEVER_BELOW_TWO:
                wrong.append((key, name, noun))
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "number", "noun"),
    [
        ("en", 0, "0 elementary operations"),
        ("en", 1, "1 elementary operation "),
        ("en", 2, "2 elementary operations"),
        ("fr", 0, "0 opération élémentaire "),
        ("fr", 1, "1 opération élémentaire "),
        ("fr", 2, "2 opérations élémentaires"),
    ],
)
def test_a_count_agrees_with_its_noun(language: str, number: int, noun: str) -> None:
    """French has the singular for 0 as well."""
    params = {"primal": Num(number), "forward": Num(3), "reverse": Num(1)}
    for key in ("cost.counts", "cost.counts_forward", "cost.counts_reverse"):
        assert noun in said(language, text(key, **params))


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_that_counts_is_right_for_0_1_and_2(language: str, number: int) -> None:
    """What is printed has no "1 steps" and no "0 étapes"."""
    singular = {"en": [1], "fr": [0, 1]}[language]
    for key, message in load_messages(language).items():
        if isinstance(message, str) or message["by"] not in COUNTED:
            continue
        names = set(re.findall(r"\{(\w+)", message["one"] + message["other"]))
        params: dict[str, Any] = dict.fromkeys(names, "…") | {message["by"]: Num(number)}
        page = said(language, text(key, **params))
        found = re.search(rf"\b{number}[ \u00a0](?:(?:more|other|elementary|random|time) )?(\w+)", page)
        if found is not None:
            assert (found[1][-1:] not in "sx" or found[1] in NO_NOUNS) == (number in singular), (key, page)


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [("en", "(2, 3, 4)", "2, 3 and 4"), ("fr", "(2\u202f; 3\u202f; 4)", "2\u00a0; 3 et 4")],
)
def test_a_tuple_has_no_and(language: str, one: str, several: str) -> None:
    values = (Num(2), Num(3), Num(4))
    assert said(language, text("proof.tuple", values=values)) == one
    assert several.replace("\u00a0; ", ", ") in said(language, text("others.intro", names=values))


def test_french_has_its_apostrophes_and_no_break_spaces() -> None:
    for key, _, _, pattern in forms("fr"):
        assert "'" not in pattern, key
        words = re.sub(r"\{\w+:\w+\}", "", pattern)
        assert not re.search(r"(?<![\u00a0\u202f])[;:?!»]", words), key
        assert not re.search(r"«(?![\u00a0\u202f])", words), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sign_in_a_sentence_can_be_set_in_latex(language: str) -> None:
    """Letters of European languages stand as they are; any other sign has an escape."""
    for key, _, _, pattern in forms(language):
        left = {sign for sign in ESCAPES["latex"](pattern) if ord(sign) > 0x17F} - {"—", "–", "“", "”", "œ"}
        assert not left or key.startswith(("locale.", "stepping.")), (key, left)


def test_sub_headings_in_markdown_are_headings() -> None:
    """Three signs # in front, none of them escaped."""
    page = solved("rnn", "bptt").render("markdown")
    assert len(re.findall(r"^### \S", page, re.MULTILINE)) > 5
    assert "\\#" not in page


@pytest.mark.parametrize(
    ("name", "mode"), [("sigmoid", "reverse"), ("rnn", "bptt"), ("logistic", "jacobian")]
)
def test_the_note_is_one_sentence_and_the_rest_is_behind_a_fold(name: str, mode: str) -> None:
    solution = solved(name, mode)
    page = " ".join(solution.render("text").split())
    note = page[page.index("Checked: ") :]
    assert note.count(". ") == 0
    assert re.match(r"Checked: the \d+ equalities on this page were verified numerically at \d random", note)
    web = solution.render("html")
    fold = re.search(r"<details><summary>(Checked: .*?)</summary><p>(.*?)</p></details>", web)
    assert fold is not None
    assert fold[2].startswith("How this page was checked: ")
    assert "How this page was checked" not in page


def test_the_whole_page_says_how_it_was_checked() -> None:
    page = " ".join(solve(read("sigmoid"), "reverse", detail="full").render("text").split())
    assert "Checked: the " in page
    assert "How this page was checked: " in page
    assert "Such a check is not a proof" in page
