"""A derivation to step through, for a page that computes: its rows in LaTeX, its formulas as plain lists.

A formula is a number, the key of a name, or [operation, argument, …]: what a program in the page evaluates,
with no parser and no eval. Keys tell apart what prints alike, as tangents of different passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from symdiff.document.blocks import Known, Move, Stepping
from symdiff.expr.leaves import ALL, Alias, Dim, Filled
from symdiff.expr.shapes import Shape, is_number, size_value
from symdiff.expr.tree import Expr, Num, Sym
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.pages.assets import in_script


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the page: the number of the step, its key, and the equality in LaTeX, member by member."""

    number: int
    key: str
    left: str
    right: tuple[str, ...]
    through: Sym | None = None


@dataclass(frozen=True, slots=True)
class List:
    """One column of the page: what it is called, and its rows. Inputs stand at step 0."""

    mode: str
    by: Sym | None
    given: tuple[Shown, ...]
    rows: tuple[Shown, ...]


def key(name: Sym) -> str:
    """A name as the page knows it: w_3, `bar w_3 a`, `dot w_3 x`."""
    return " ".join(filter(None, (name.accent, name.name, name.label, name.seed)))


class StepThrough:
    """Prepares a `Stepping` for a page: `lists` for its columns, `data` for its program."""

    def __init__(self, latex: Printer, text: Printer) -> None:
        self._latex, self._text = latex, text

    def lists(self, block: Stepping) -> list[List]:
        """The columns: the tape with its inputs, then one for each sweep."""
        given = tuple(
            Shown(0, key(k.var), self._latex(k.var), () if k.var == k.name else (self._latex(k.name),))
            for k in block.known
            if not k.var.accent
        )
        found, number = [], 1
        for phase in block.phases:
            rows = tuple(self._row(i, move) for i, move in enumerate(phase.moves, number))
            number += len(rows)
            found.append(List(phase.mode, phase.by, given if phase.mode == "primal" else (), rows))
        return found

    def _row(self, number: int, move: Move) -> Shown:
        through = move.along[0][1] if move.var.label else None
        shown = tuple(self._latex(member) for member in move.shown)
        return Shown(number, key(move.var), self._latex(move.var), shown, through)

    def data(self, block: Stepping) -> Markup:
        """Everything the page computes with, as JSON that may stand in a script element."""
        modes = [phase.mode for phase in block.phases for _ in phase.moves]
        found = {
            "digits": block.digits,
            "known": [self._known(known, block) for known in block.known],
            "moves": [
                {
                    "key": key(move.var),
                    "mode": mode,
                    "form": tree(move.form, block),
                    "along": [[key(tail), key(head)] for tail, head in move.along],
                    "said": self._said(move),
                }
                for mode, move in zip(modes, block.moves, strict=True)
            ],
            "names": self._names(block),
            "formulas": {
                op: {"names": [key(slot) for slot in slots], "form": tree(form, block)}
                for op, slots, form in block.formulas()
            },
        }
        return in_script(found)

    def _known(self, known: Known, block: Stepping) -> dict[str, Any]:
        return {
            "key": key(known.var),
            "name": self._latex(known.name),
            "said": self._text(known.name),
            "assume": known.var.assume or known.name.assume,
            "shape": _lengths(known.var.shape, block) if known.numbers is not None else [],
            "data": None if known.numbers is None else [_number(x) for x in _flat(known.numbers)],
        }

    def _said(self, move: Move) -> str:
        """The equality for a voice, or for whoever has no typesetting."""
        return " = ".join(self._text(part) for part in (move.var, *move.shown))

    def _names(self, block: Stepping) -> list[list[Any]]:
        """How each name is written, with the keys it may stand for; the longest first."""
        found: dict[str, list[str]] = {}
        for name in (*(known.var for known in block.known), *(move.var for move in block.moves)):
            found.setdefault(self._latex(name), []).append(key(name))
        for form, name in block.same:
            found.setdefault(self._latex(form), []).append(key(name))
        return sorted(([text, keys] for text, keys in found.items()), key=lambda item: -len(item[0]))


def tree(root: Expr, block: Stepping) -> Any:
    """A formula as nested lists; sizes that are names as numbers, the colon as null."""
    if isinstance(root, Num):
        return _number(root.value)
    if isinstance(root, Sym):
        return key(root)
    if root is ALL:
        return None
    if isinstance(root, Alias):
        return tree(root.meaning, block)
    if isinstance(root, Dim):
        return _length(root.name, block)
    if isinstance(root, Filled):
        return ["filled", root.what, _lengths(root.shape, block), root.index]
    return [root.op.name, *(tree(arg, block) for arg in root.args)]


def _lengths(shape: Shape, block: Stepping) -> list[int]:
    return [_length(part, block) for part in shape]


def _length(part: Any, block: Stepping) -> int:
    """A size; without numbers for the inputs nothing is computed, and it is left 1."""
    if is_number(part):
        return int(part)
    return size_value(part, block.sizes) if block.sizes else 1


def _number(value: Any) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _flat(numbers: Any) -> Iterator[Any]:
    if isinstance(numbers, tuple):
        for part in numbers:
            yield from _flat(part)
    else:
        yield numbers
