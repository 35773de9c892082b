"""Keywords of Python are names where a name can stand, and keywords where they must be."""

from __future__ import annotations

import ast
from keyword import kwlist

import pytest

import symdiff as sd
from symdiff.language.keywords import KEYWORDS, spelled, with_stand_ins
from symdiff.language.syntax import statements

NAMES = [word for word in kwlist if word not in ("True", "False", "None")]


def names_in(text: str) -> set[str]:
    found = {n for s in statements(text) for n in ast.walk(s) if isinstance(n, ast.Name)}
    return {spelled(name.id) for name in found}


@pytest.mark.parametrize("word", NAMES)
def test_every_keyword_may_be_a_name(word: str) -> None:
    tape = sd.trace(f"f(x, {word}) = x*{word}**2 + exp({word})/(1 + {word}) - {word}")
    assert [name.name for _, name in tape.inputs] == ["x", word]
    tape = sd.trace(f"{word} = 2*x\ny = {word}*x + {word}")
    assert str(tape.definitions[0][0]) == word
    assert word in names_in(f"h[t] = {word}*h[t-1] + {word}[t]")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x if x > 0 else lambda*x", {"x", "lambda"}),
        ("x if not x > 0 else in", {"x", "in"}),
        ("x > 0 and not y > 0 or is > 0", {"x", "y", "is"}),
        ("in*(x if class > 0 else for)", {"in", "x", "class", "for"}),
        ("lambda x: x**2", {"x"}),
        ("lambda*(in\n + is)", {"lambda", "in", "is"}),
        ("x # if in doubt", {"x"}),
        ("a*not + not", {"a", "not"}),
    ],
)
def test_a_keyword_stays_one_where_it_must_be(text: str, names: set[str]) -> None:
    tree = ast.parse(with_stand_ins(text))
    assert {spelled(n.id) for n in ast.walk(tree) if isinstance(n, ast.Name)} == names
    assert len(with_stand_ins(text)) == len(text)


def test_places_stay_and_errors_have_the_authors_spelling() -> None:
    with pytest.raises(sd.InputError) as error:
        sd.trace("y = lambda*in + foo(is)*class", inputs=("lambda", "in", "is", "class"))
    first, *picture = str(error.value).split("\n")
    assert "foo" in first
    assert picture[0].strip() == "y = lambda*in + foo(is)*class"
    assert picture[0].index("foo") == picture[1].index("^")
    assert all(spelled(with_stand_ins(f"{word}*2")) == f"{word}*2" for word in KEYWORDS)


@pytest.mark.parametrize("text", ["f(x, not, é) = 2x - not*é", "f(x, if, é) = if*x² + é", "2in + 3is²"])
def test_typed_mathematics_has_them_too(text: str) -> None:
    names = [name.name for _, name in sd.trace(text).inputs]
    assert set(names) & KEYWORDS
