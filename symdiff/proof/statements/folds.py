"""Folded blocks: numbers of rows, general rows and dots, against the rows that they stand for.

A general row is written in i for the first value, for others and for the last, and compared with the rows
hidden there: 4i + 6 in an index, the i-th letter of a path.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from symdiff.document.blocks import Chain, Dots, Equations, Fold, Row, Table, Text
from symdiff.expr.tree import Expr, Num, Sym
from symdiff.proof.statements.places import refuse
from symdiff.proof.statements.sweep_sentences import place_of_path

WHAT = "the folded block"


def check_fold(block: Equations | Table, fold: Fold, letter: str) -> None:
    """Refuse what is written of a long block unless its rows, with those left out, are all of them in order.

    `letter` is that of the index i of general rows.

    Raises:
        ProofError: a row is missing, out of order, or no instance of the general row.
    """
    numbers = [item for item in fold.shown if isinstance(item, int)]
    rows = len(block.rows)
    if numbers[:1] != [0] or numbers[-1:] != [rows - 1] or any(b <= a for a, b in pairwise(numbers)):
        refuse(WHAT, "does not show its rows in order")
    _check_gaps(block, fold, letter)


def _check_gaps(block: Equations | Table, fold: Fold, letter: str) -> None:
    """Every gap between two rows shown is announced by dots, plain ones or around general rows."""
    at = 0
    gap: list[Row | Dots] = []
    for item in fold.shown:
        if isinstance(item, int):
            _check_gap(block, gap, (at, item), letter)
            at, gap = item + 1, []
        else:
            gap.append(item)
    if gap:
        refuse(WHAT, "ends in dots")


def _check_gap(
    block: Equations | Table, gap: Sequence[Row | Dots], hidden: tuple[int, int], letter: str
) -> None:
    """What stands for the rows that are hidden, from the first to before the last."""
    start, stop = hidden
    if not gap:
        if start != stop:
            refuse(WHAT, "leaves out rows without dots")
        return
    general = [item for item in gap if isinstance(item, Row)]
    notes = [item.note for item in gap if isinstance(item, Dots) and item.note is not None]
    if len(notes) != 1:
        refuse(WHAT, "has not one sentence for each gap")
    if not general:
        _check_plain(notes[0], stop - start)
    elif isinstance(block, Equations) and isinstance(gap[0], Dots) and isinstance(gap[-1], Dots):
        _check_general(block.rows, general, notes[0], hidden, letter)
    else:
        refuse(WHAT, "has a general row without dots")


def _check_plain(note: Text, count: int) -> None:
    if note.key != "fold.plain" or note.params["count"] != count:
        refuse(f"the sentence {note.key}", f"does not say that {count} lines are left out")


def _check_general(
    rows: Sequence[Row], general: Sequence[Row], note: Text, gap: tuple[int, int], letter: str
) -> None:
    """The general rows at each value of i are the rows of a run that reaches around the gap.

    The first group of the run and a row more at most are shown before the gap, the last group after it.
    """
    values, period = _values(note, letter), len(general)
    start, stop = gap[0] - max(period, 2), gap[1] + period
    if stop - start != period * len(values):
        refuse(f"the sentence {note.key}", "counts other lines than there are")
    order = values if _fits(rows[start], general[0], values[0]) else values[::-1]
    for number in sorted({0, 1, len(order) // 2, len(order) - 1}):
        for place, row in enumerate(general):
            if not _fits(rows[start + number * period + place], row, order[number]):
                refuse("the general row", f"is not row {start + number * period + place + 1} of its block")


def _values(note: Text, letter: str) -> list[Index]:
    """The values of i in order."""
    first, last = (int(note.params[name].value) for name in ("first", "last"))
    if note.key == "fold.general_by":
        by = int(note.params["second"].value) - first
        found = list(range(first, last + (1 if by > 0 else -1), by)) if abs(by) > 1 else []
        ends_well = found[-1:] == [last]
    else:
        found, ends_well = list(range(first, last + 1)), note.key == "fold.general"
    if not ends_well or note.params["i"] != Sym(letter):
        refuse(f"the sentence {note.key}", "says no range of i")
    return [Index(letter, value) for value in found]


def _fits(row: Row, general: Row, i: Index) -> bool:
    """Whether a row is the general one at a value of i."""
    chains = list(zip((row.chain, *row.beside), (general.chain, *general.beside), strict=False))
    return (
        len(row.beside) == len(general.beside)
        and all(_chain_fits(*pair, i) for pair in chains)
        and _note_fits(row.note, general.note, i)
        and (row.space is None) == (general.space is None)
    )


def _chain_fits(chain: Chain, general: Chain, i: Index) -> bool:
    """The same members but for plain names of the author's, which a general row leaves out."""
    if not _same(chain.left, general.left, i) or general.boxed or general.at_point:
        return False
    left_to_find = list(general.members)
    for member in chain.members:
        if left_to_find and _same(member, left_to_find[0], i):
            left_to_find.pop(0)
        elif not isinstance(member, Sym):
            return False
    return not left_to_find


def _note_fits(note: Text | None, general: Text | None, i: Index) -> bool:
    if note is None or general is None:
        return note is general
    if note.key != general.key or note.params.keys() != general.params.keys():
        return False
    pairs = ((value, general.params[name]) for name, value in note.params.items())
    return all(_same(a, b, i) if isinstance(a, Expr) else a == b for a, b in pairs)


def _same(node: Expr, general: Expr, i: Index) -> bool:
    """Whether two trees agree once i has its value in the names of the general one."""
    if isinstance(node, Sym) and isinstance(general, Sym):
        return node.accent == general.accent and (_name(node), _path(node)) == _named(general, i)
    if isinstance(node, Num) or not node.args:
        return node == general
    same = node.op is general.op and len(node.args) == len(general.args)
    return same and all(_same(a, b, i) for a, b in zip(node.args, general.args, strict=True))


class Index(NamedTuple):
    """The index of general rows at one of its values."""

    letter: str
    value: int


_GENERAL = re.compile(r"(.*)_(-?\d*([A-Za-z]+)(?:[-+]\d+)?)")
_PATH = re.compile(r"\((-?\d*[A-Za-z]+(?:[-+]\d+)?|-?\d+)\)")


def _name(node: Sym) -> str:
    """A name with its index apart: h3 and h_3 are the same here."""
    found = re.fullmatch(r"(.*?)_?(\d+)", node.name)
    return f"{found[1]}_{int(found[2])}" if found else node.name


def _path(node: Sym) -> str:
    is_path = node.accent == "bar" and node.label.isalpha() and node.label.islower()
    return str(place_of_path(node.label) + 1) if is_path else node.label


def _named(general: Sym, i: Index) -> tuple[str, str]:
    """The name and the path of a general name at a value of i."""
    found = _GENERAL.fullmatch(general.name)
    name = f"{found[1]}_{_at(found[2], i)}" if found and found[3] == i.letter else _name(general)
    path = _PATH.fullmatch(general.label)
    return name, str(_at(path[1], i)) if path else _path(general)


def _at(index: str, i: Index) -> int:
    """An index such as 4i+6 at a value of i."""
    times, has_i, rest = index.partition(i.letter)
    if not has_i:
        return int(index)
    factor = int(times) if times not in ("", "-") else int(f"{times}1")
    return factor * i.value + int(rest or 0)
