"""What many tests share, made once in a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from browser import Browser, browser
from pages import exercise_of
from tools import ROOT

from symdiff.exercises import names

EXERCISES = frozenset(names())
LONGEST = ("attention", "batch", "gru", "lstm", "perceptron", "rnn-loss")
"""Exercises whose pages take longest; others of their kind hold the same promises, and CI runs all."""


@pytest.fixture(scope="session")
def katex() -> Callable[[str, bool], Any]:
    """KaTeX as pages carry it: the length of what it makes of a formula; an error if it does not know it."""
    quickjs = pytest.importorskip("quickjs")
    context = quickjs.Context()
    context.eval((ROOT / "templates" / "html" / "katex" / "katex.min.js").read_text(encoding="utf-8"))
    written = context.eval(
        "(source, displayMode) => katex.renderToString(source, {displayMode, throwOnError: true,"
        " strict: 'error'}).length"
    )
    return cache(written)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser as wide as a laptop."""
    with browser() as found:
        found.size(1280)
        yield found


@pytest.fixture(scope="session")
def phone() -> Iterator[Browser]:
    """A browser as wide as a phone."""
    with browser() as found:
        found.size(390)
        yield found


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one built-in exercise stand together, so that the process that solves it runs them all."""
    items.sort(key=subject_of)
    for item in items:
        if subject_of(item) in LONGEST:
            item.add_marker(pytest.mark.long)


def subject_of(item: pytest.Item) -> str:
    """The built-in exercise that a test is about, by its parameters; "" for others, which come first."""
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    words = [value[0] if isinstance(value, tuple) and value else value for value in given]
    texts = [exercise_of(word) or word for word in map(str, words)]
    return next((word for word in texts if word in EXERCISES), "")
