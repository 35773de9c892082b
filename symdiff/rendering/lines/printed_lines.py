"""The printed lines of a block, as templates read them, and which rows of the block are written at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from symdiff.document.blocks import Dots, Equations, Row, Text
from symdiff.document.repeats import RepeatedRow
from symdiff.expr.patterns import Pattern, Repeated, record_of
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


class LinePattern(Pattern[Line]):
    """A line with placeholders for names."""

    __slots__ = ()

    def put(self, part: Any, names: tuple[str, ...]) -> Any:
        """A text of the line, or several, with names in place of its placeholders."""
        if isinstance(part, tuple):
            return tuple([self.put(each, names) for each in part])
        return filled(part, names) if isinstance(part, str) else part


class RepeatedLine(Repeated[Line], Line):
    """A line of `row`; `names` are those of the row as they are printed.

    Templates read it like every other line; `RepeatedRows.printed` prints its pattern once for all rows.
    """

    __slots__ = ("names", "pattern", "row")
    row: RepeatedRow

    def __init__(self, pattern: LinePattern, names: tuple[str, ...], row: RepeatedRow) -> None:
        put = object.__setattr__
        put(self, "pattern", pattern)
        put(self, "names", names)
        put(self, "row", row)

    @property
    def note(self) -> Text | None:
        """The note of the pattern: the note of the row, its reason, or a text without names."""
        note = self.pattern.record.note
        if note is None or not note.params:
            return note
        row = self.row
        return row.reason if row.reason is not None and row.reason.key == note.key else row.note


def most_beside(lines: Sequence[Line]) -> int:
    """How many equalities stand beside the first of a line, at most."""
    return max((len(line.beside) for line in one_of_each(lines)), default=0)


def one_of_each(lines: Iterable[Line]) -> list[Line]:
    """Lines without those that differ from another one in names only, which are as wide."""
    return list({id(record_of(line)): line for line in lines}.values())


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
