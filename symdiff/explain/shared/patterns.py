"""Rows up to their indices: two rows with one pattern differ in numbers only, which may advance evenly.

A row's numbers are the indices of its names, w_7 or h_3, and the places of its path labels, a, b, …. From
two rows that follow each other in a repetition comes the general row, each number written as one in i.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from symdiff.derivation.sweeps import ALPHABET
from symdiff.document.blocks import Chain, Row, Text
from symdiff.expr.tree import Expr, Sym, leaves, size

_INDEX = re.compile(r"(.*?)(0|[1-9]\d*)$")
LARGEST = 60
"""Operations of a row above which it is compared with no other."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A row without its numbers, and the numbers in order."""

    key: object
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Counter:
    """What i is: its value in the first group of a repetition, and what it gains from group to group."""

    first: int
    by: int

    def write(self, number: int, following: int) -> str:
        """A number as one in i, from its values in the first two groups: 4i+6."""
        times = (following - number) // self.by
        if not times:
            return str(number)
        front = {1: "i", -1: "-i"}.get(times, f"{times}i")
        rest = number - times * self.first
        return f"{front}{rest:+d}" if rest else front


def pattern_of(row: Row) -> Pattern:
    """The pattern of a row; a long one has a pattern of its own."""
    roots = _roots(row)
    if sum(size(root, LARGEST + 1) for root in roots) > LARGEST:
        return Pattern(id(row), ())
    key: list[object] = [len(row.beside), row.note.key if row.note else ""]
    numbers: list[int] = []
    stack = roots[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, Sym):
            stem, index = split(node.name)
            path = path_place(node)
            key.append((stem, index is None, node.accent, path is None and node.label, node.seed, node.shape))
            numbers += [number for number in (index, path) if number is not None]
        elif node.args:
            key.append((node.op.name, len(node.args)))
            stack += node.args[::-1]
        else:
            key.append(node)
    return Pattern(tuple(key), tuple(numbers))


def names_in(row: Row) -> list[Sym]:
    """The names in a row's formulas, in order."""
    return [node for root in _roots(row) for node in leaves(root) if isinstance(node, Sym)]


def split(name: str) -> tuple[str, int | None]:
    """A name without its index, and the index: h_ and 3, h and None."""
    found = _INDEX.match(name)
    return (found[1], int(found[2])) if found else (name, None)


def path_place(node: Sym) -> int | None:
    """The place of an adjoint's path, from 1: a is 1, z is 26, aa is 27; None for what has no path."""
    if node.accent != "bar" or not node.label or node.label.strip(ALPHABET):
        return None
    place = 0
    for letter in node.label:
        place = 26 * place + ALPHABET.index(letter) + 1
    return place


def general(row: Row, following: Row, counter: Counter) -> Row:
    """The row that stands for `row`, for `following` and for all that go on like them."""
    chains = [
        _general_chain(one, other, counter)
        for one, other in zip((row.chain, *row.beside), (following.chain, *following.beside), strict=True)
    ]
    note = _general_note(row.note, following.note, counter)
    return Row(chains[0], tuple(chains[1:]), note, row.space, row.reason)


def _general_chain(one: Chain, other: Chain, counter: Counter) -> Chain:
    left, *members = (
        _general(a, b, counter)
        for a, b in zip((one.left, *_members(one)), (other.left, *_members(other)), strict=True)
    )
    return Chain(left, tuple(members))


def _general_note(one: Text | None, other: Text | None, counter: Counter) -> Text | None:
    if one is None or other is None:
        return None
    params = {
        name: _general(value, other.params[name], counter) if isinstance(value, Expr) else value
        for name, value in one.params.items()
    }
    return Text(one.key, params)


def _general(one: Expr, other: Expr, counter: Counter) -> Expr:
    """Two trees of one pattern as one in i; they are small."""
    if isinstance(one, Sym) and isinstance(other, Sym):
        return _general_name(one, other, counter)
    if not one.args:
        return one
    return Expr(one.op, *(_general(a, b, counter) for a, b in zip(one.args, other.args, strict=True)))


def _general_name(one: Sym, other: Sym, counter: Counter) -> Sym:
    (stem, index), (_, following) = split(one.name), split(other.name)
    name, label = one.name, one.label
    if index is not None and following is not None and index != following:
        name = f"{stem.rstrip('_')}_{counter.write(index, following)}"
    here, there = path_place(one), path_place(other)
    if here is not None and there is not None and here != there:
        label = f"({counter.write(here, there)})"
    return Sym(name, one.accent, label, one.seed, one.shape, one.assume)


def _roots(row: Row) -> list[Expr]:
    """The formulas of a row in order."""
    found = [root for chain in (row.chain, *row.beside) for root in (chain.left, *_members(chain))]
    if row.note is not None:
        found += [value for value in row.note.params.values() if isinstance(value, Expr)]
    return found


def _members(chain: Chain) -> list[Expr]:
    """The members without a plain name of the author's, which says nothing of the other rows."""
    kept = [m for m in chain.members if not isinstance(m, Sym) or m.accent or split(m.name)[1] is not None]
    return kept or list(chain.members)
