"""A formula as written so far: its text, how tightly it binds, whether it is taller than a line.

What the factors of a product look like to the eye: names, numbers, fractions, sums.

Marks: characters that no text has, printed in place of names and replaced by them later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from symdiff.expr.leaves import Alias
from symdiff.expr.names import GREEK, split_name
from symdiff.expr.notation import Binding
from symdiff.expr.operations import DIRECT, IMMEDIATE
from symdiff.expr.tree import ADD, INDEX, MUL, ONE, PARTIAL, POW, SUB, Expr, Num, Sym


class Written(NamedTuple):
    """A formula, how tightly it binds, and whether it is taller than a line of text."""

    text: str
    binding: Binding
    tall: bool = False


def is_accented(node: Expr) -> bool:
    return isinstance(node, Sym) and bool(node.accent)


def is_summation(node: Expr) -> bool:
    return node.op.notation.kind == "summation"


def is_fraction(node: Expr) -> bool:
    return node.op in (PARTIAL, IMMEDIATE, DIRECT)


def are_names(left: Expr, right: Expr) -> bool:
    return (isinstance(left, Num) or is_name(left)) and is_name(right)


def is_name(node: Expr) -> bool:
    return isinstance(node, Sym | Alias) or node.op is INDEX


def is_word(node: Expr) -> bool:
    """A name of several letters, as rate, which would run into a neighbour."""
    if not isinstance(node, Sym):
        return False
    stem = split_name(node.name)[0]
    return len(stem) > 1 and stem not in GREEK


def starts_with_number(node: Expr) -> bool:
    while node.op in (MUL, POW):
        node = node.args[0]
    return isinstance(node, Num)


def scaled(root: Expr) -> tuple[Expr, Expr] | None:
    """2u/m as 2/m and u, where u is an array or a sum over indices and m a number."""
    over, under = root.args
    if under.shape:
        return None
    numbers: Expr = ONE
    rest = over
    while rest.op is MUL and not rest.args[0].shape and (rest.shape or is_summation(rest.args[1])):
        numbers = rest.args[0] if numbers is ONE else numbers * rest.args[0]
        rest = rest.args[1]
    if numbers is ONE and not is_summation(rest):
        return None
    if rest.op is MUL or rest.op in (ADD, SUB) or not (rest.shape or is_summation(rest)):
        return None
    return numbers / under, rest


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
