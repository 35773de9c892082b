"""The printed lines of a block, as templates read them, and which rows of the block are written at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from symdiff.document.blocks import Dots, Equations, Row, Text
from symdiff.document.repeats import RepeatedRow
from symdiff.expr.records import dataclass
from symdiff.rendering.formulas.placeholders import filled


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: `left sign right`, what stands beside it, or dots with a note."""

    left: str
    sign: str
    right: str
    beside: tuple[tuple[str, str, str], ...] = ()
    dots: bool = False
    note: Text | None = None


class RepeatedLine(NamedTuple):
    """A line of `row`, which is the line `template` with `name_texts` in place of its placeholders.

    Templates read it like every other line; `RepeatedRows.printed` prints `template` once for all rows.
    """

    template: Line
    name_texts: tuple[str, ...]
    row: RepeatedRow

    @property
    def left(self) -> str:
        return filled(self.template.left, self.name_texts)

    @property
    def sign(self) -> str:
        return self.template.sign

    @property
    def right(self) -> str:
        return filled(self.template.right, self.name_texts)

    @property
    def beside(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(filled(part, self.name_texts) for part in parts) for parts in self.template.beside)

    @property
    def dots(self) -> bool:
        return False

    @property
    def note(self) -> Text | None:
        """The note of the template: the note of the row, its reason, or a text without names."""
        note = self.template.note
        if note is None or not note.params:
            return note
        row = self.row
        return row.reason if row.reason is not None and row.reason.key == note.key else row.note


def most_beside(lines: Sequence[Line | RepeatedLine]) -> int:
    """How many equalities stand beside the first of a line, at most."""
    return max((len(line.beside) for line in one_of_each(lines)), default=0)


def one_of_each(lines: Iterable[Line | RepeatedLine]) -> list[Line | RepeatedLine]:
    """Lines without those that differ from another one in names only, which are as wide."""
    return list({id(getattr(line, "template", line)): line for line in lines}.values())


def shown_rows(block: Equations) -> list[Row | Line]:
    """The rows that are written, with a line of dots where some are not."""
    if block.fold is None:
        return list(block.rows)
    found: list[Row | Line] = []
    for item in block.fold.shown:
        if isinstance(item, Dots):
            found.append(dots(item))
        else:
            found.append(block.rows[item] if isinstance(item, int) else item)
    return found


def dots(item: Dots) -> Line:
    """The line for rows left out."""
    return Line("", "", "", dots=True, note=item.note)
