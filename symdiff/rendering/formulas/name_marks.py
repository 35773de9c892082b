"""Marks: characters that no text has, printed in place of names and replaced by them later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from symdiff.expr.tree import Expr, Sym
from symdiff.rendering.formulas.written import Written

FIRST_MARK = 0xE000


def mark(place: int) -> str:
    """What is printed for the name at a place."""
    return chr(FIRST_MARK + place)


def filled(text: str, texts: Sequence[str]) -> str:
    """A marked text with its names."""
    return text.translate({FIRST_MARK + place: name for place, name in enumerate(texts)})


class Marking:
    """What a printer remembers: names that are printed as marks for a while, and arrays written before."""

    open_letters: frozenset[str] | set[str] = frozenset()
    """The indices of the sums that are being written: an inner sum has another letter."""

    def __init__(self) -> None:
        self.marks: dict[Sym, str] = {}
        self._arrays: dict[tuple[int, bool, frozenset[str]], tuple[Expr, Written]] = {}

    @contextmanager
    def marking(self, names: Sequence[Sym]) -> Iterator[None]:
        """While it lasts, these names are printed as marks."""
        before, self._arrays = self._arrays, {}
        self.marks = {name: mark(place) for place, name in enumerate(names)}
        try:
            yield
        finally:
            self.marks, self._arrays = {}, before

    def kept(self, root: Expr, script: bool, write: Callable[[Expr, bool], Written]) -> Written:
        """An operation on arrays, written once: products look at their factors twice, at every depth."""
        key = id(root), script, frozenset(self.open_letters)
        found = self._arrays.get(key)
        if found is None:
            found = self._arrays[key] = root, write(root, script)
        return found[1]
