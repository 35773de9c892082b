"""Formulas of text in several lines: matrices in tall brackets, limits above and below, braces, boxes.

While a formula is measured, joined and broken it is still one string. What will be tall in it, a table, the
limits of a sum, a brace, an exponent of something tall, is marked with control characters, which no formula
has. `stacked` sets it in several lines, `flat` writes it on one. Roles mark what a terminal may colour. Knows
neither expressions nor terminals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from symdiff.expr.records import dataclass

OPEN, ROW, CELL, CLOSE = "\x02", "\x1e", "\x1f", "\x03"
"""Around something tall, between its rows and between the cells of a row."""
ROLE, NAMED, END = "\x0e", "\x1d", "\x0f"
"""Before the name of a role, between it and the text that has the role, and after the text."""
HELD = "\x16"
"""A blank inside a formula, where a sentence must not be broken."""
TABLE, LIMITS, BRACE, RAISED, BOX, CASES = "TLURBC"
"""The kinds of what is tall."""
_ROLES = re.compile(f"{ROLE}[a-z]*{NAMED}|{END}")
_TALL = re.compile(f"[{OPEN}{ROW}{CELL}{CLOSE}]")
_FRACTION_COMMA = re.compile(r"\d,\d")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something tall: its kind and its rows of cells, each cell a sequence of text and further marks."""

    kind: str
    rows: tuple[tuple[Items, ...], ...]


Items = tuple[str | Mark, ...]


def marked(kind: str, rows: Sequence[Sequence[str]]) -> str:
    """The source of a mark."""
    return OPEN + kind + ROW.join(CELL.join(row) for row in rows) + CLOSE


def role(name: str, text: str) -> str:
    """`text` with a role, such as an adjoint's, that a format may have a colour for."""
    return f"{ROLE}{name}{NAMED}{text}{END}"


def without_roles(source: str) -> str:
    return _ROLES.sub("", source)


def is_tall(source: str) -> bool:
    """Whether anything in `source` takes more than a line."""
    return OPEN in source


def columns_of(text: str) -> int:
    """The width of text without marks in character cells: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, without_roles(text)))


@lru_cache(maxsize=4096)
def _cells(character: str) -> int:
    if character == HELD:
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def parsed(source: str) -> Items:
    """The text and the marks of a source, in order."""
    items, position = _items(source, 0)
    assert position == len(source), "a mark is not closed"
    return items


def _items(source: str, position: int) -> tuple[Items, int]:
    """Up to the end of a cell, or of everything."""
    found: list[str | Mark] = []
    while position < len(source) and source[position] not in (ROW, CELL, CLOSE):
        if source[position] == OPEN:
            mark, position = _mark(source, position + 1)
            found.append(mark)
        else:
            next_one = _TALL.search(source, position)
            stop = next_one.start() if next_one else len(source)
            found.append(source[position:stop])
            position = stop
    return tuple(found), position


def _mark(source: str, position: int) -> tuple[Mark, int]:
    kind, position = source[position], position + 1
    rows: list[list[Items]] = [[]]
    while True:
        cell, position = _items(source, position)
        rows[-1].append(cell)
        end, position = source[position], position + 1
        if end == CLOSE:
            return Mark(kind, tuple(map(tuple, rows))), position
        if end == ROW:
            rows.append([])


def flat(source: str) -> str:
    """Everything on one line: [a, b; c, d], Σ_(t=0…T), [body = label]."""
    return "".join(map(_flat, parsed(source))) if is_tall(source) else source


def _flat(item: str | Mark) -> str:
    if isinstance(item, str):
        return item
    rows = [["".join(map(_flat, cell)) for cell in row] for row in item.rows]
    if item.kind == TABLE:
        decimals = any(_FRACTION_COMMA.search(cell) for row in rows for cell in row)
        return "[" + "; ".join(("  " if decimals else ", ").join(row) for row in rows) + "]"
    if item.kind == LIMITS:
        (high,), (sign,), (low,) = rows
        return f"{sign}_({low}…{high})"
    if item.kind == CASES:
        *cases, (last, *_) = rows
        return "".join(f"{value} {condition} {other} " for value, condition, other in cases) + last
    if item.kind == BRACE:
        (body,), (label,) = rows
        return f"[{body} = {label}]"
    return rows[0][0]


GAP = 2
"""Cells between the columns of a matrix."""
_NUMBER = re.compile(r"−?\d*([.,]\d+)?(·10.*)?")
_BRACKETS = {"[": tuple("⎡⎢⎣"), "]": tuple("⎤⎥⎦"), "(": tuple("⎛⎜⎝"), ")": tuple("⎞⎟⎠")}


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines of equal width; line number `base` stands on the line of the neighbours.

    `core` are the first and the last line that brackets round it must cover.
    """

    lines: tuple[str, ...]
    base: int = 0
    core: tuple[int, int] = (0, 0)

    @property
    def width(self) -> int:
        return columns_of(self.lines[0])


def stacked(source: str) -> str:
    """A line of a page, set in as many lines as it needs."""
    return "\n".join(_laid_out(parsed(source)).lines) if is_tall(source) else source


@lru_cache(maxsize=8192)
def columns(source: str) -> float:
    """The width of a formula or a line in character cells."""
    return _laid_out(parsed(source)).width if is_tall(source) else columns_of(source)


def _laid_out(items: Items) -> TextBlock:
    """Text and marks side by side; round brackets grow with what stands between them."""
    levels: list[list[TextBlock]] = [[]]
    for item in items:
        for part in re.split("([()])", item) if isinstance(item, str) else [item]:
            if part == "(":
                levels.append([])
            elif part == ")" and len(levels) > 1:
                inside = _beside(levels.pop())
                levels[-1].append(_bracketed("(", inside, ")"))
            elif isinstance(part, Mark) and part.kind == RAISED:
                before = levels[-1].pop() if levels[-1] else TextBlock(("",))
                levels[-1].append(_raised(before, _laid_out(part.rows[0][0])))
            elif part:
                levels[-1].append(
                    _LAID_OUT_BY_KIND[part.kind](part) if isinstance(part, Mark) else TextBlock((part,))
                )
    while len(levels) > 1:  # a bracket that is never closed
        rest = levels.pop()
        levels[-1] += [TextBlock(("(",)), *rest]
    return _beside(levels[0])


def _beside(blocks: Sequence[TextBlock]) -> TextBlock:
    if len(blocks) == 1:
        return blocks[0]
    above = max((p.base for p in blocks), default=0)
    below = max((len(p.lines) - p.base for p in blocks), default=1)
    padded = [_padded(p, above - p.base, below - (len(p.lines) - p.base)) for p in blocks]
    lines = tuple("".join(p.lines[i] for p in padded) for i in range(above + below))
    core = min((p.core[0] for p in padded), default=0), max((p.core[1] for p in padded), default=0)
    return TextBlock(lines, above, core)


def _padded(block: TextBlock, above: int, below: int) -> TextBlock:
    blank = (" " * block.width,)
    lines = blank * above + block.lines + blank * below
    return TextBlock(lines, block.base + above, (block.core[0] + above, block.core[1] + above))


def _bracketed(left: str, inside: TextBlock, right: str) -> TextBlock:
    first, last = inside.core
    sides = [_tall(side, first, last, len(inside.lines)) for side in (left, right)]
    lines = tuple(a + line + b for a, line, b in zip(sides[0], inside.lines, sides[1], strict=True))
    return TextBlock(lines, inside.base, inside.core)


def _tall(bracket: str, first: int, last: int, height: int) -> list[str]:
    """A bracket from line `first` to line `last`, blank above and below."""
    top, middle, bottom = _BRACKETS[bracket]
    pieces = [bracket] if first == last else [top, *[middle] * (last - first - 1), bottom]
    return [" "] * first + pieces + [" "] * (height - 1 - last)


def _raised(before: TextBlock, exponent: TextBlock) -> TextBlock:
    """An exponent at the upper end of what stands before it."""
    top = before.core[0]
    blank = " " * exponent.width
    lines = tuple(
        line + (exponent.lines[0] if number == top else blank) for number, line in enumerate(before.lines)
    )
    return TextBlock(lines, before.base, before.core)


def _table(mark: Mark) -> TextBlock:
    """A matrix: numbers aligned at their decimal mark, anything else in the middle of its column."""
    cells = [[_laid_out(cell) for cell in row] for row in mark.rows]
    aligned = [_column([row[k] for row in cells]) for k in range(len(cells[0]))]
    rows = [_beside(_spread([column[i] for column in aligned])) for i in range(len(cells))]
    inside = _below(rows)
    return _bracketed("[", inside, "]")


def _spread(cells: Sequence[TextBlock]) -> list[TextBlock]:
    found: list[TextBlock] = []
    for cell in cells:
        found += [TextBlock((" " * GAP,)), cell] if found else [cell]
    return found


def _below(rows: Sequence[TextBlock]) -> TextBlock:
    lines = tuple(line for row in rows for line in row.lines)
    return TextBlock(lines, (len(lines) - 1) // 2, (0, len(lines) - 1))


def _column(cells: Sequence[TextBlock]) -> list[TextBlock]:
    """Cells of equal width."""
    if all(len(cell.lines) == 1 and _NUMBER.fullmatch(cell.lines[0]) for cell in cells):
        cells = _at_decimal_mark(cells)
        width = max(cell.width for cell in cells)
        return [_widened(cell, 0, width - cell.width) for cell in cells]
    width = max(cell.width for cell in cells)
    return [_centred(cell, width) for cell in cells]


def _at_decimal_mark(cells: Sequence[TextBlock]) -> list[TextBlock]:
    before = [columns_of(re.split("[.,·]", cell.lines[0])[0]) for cell in cells]
    most = max(before)
    return [_widened(cell, most - own, 0) for cell, own in zip(cells, before, strict=True)]


def _centred(block: TextBlock, width: int) -> TextBlock:
    left = (width - block.width) // 2
    return _widened(block, left, width - block.width - left)


def _widened(block: TextBlock, left: int, right: int) -> TextBlock:
    lines = tuple(" " * left + line + " " * right for line in block.lines)
    return TextBlock(lines, block.base, block.core)


def _limits(mark: Mark) -> TextBlock:
    """Σ with its limits above and below."""
    parts = [_laid_out(row[0]) for row in mark.rows]
    width = max(part.width for part in parts)
    lines = tuple(_centred(part, width).lines[0] for part in parts)
    return TextBlock(lines, 1, (1, 1))


def _brace(mark: Mark) -> TextBlock:
    """What stands under a formula, below a brace."""
    body, label = (_laid_out(row[0]) for row in mark.rows)
    width = max(body.width, label.width, 3)
    middle = (body.width - 1) // 2
    short = {1: "│", 2: "╰╯"}.get(body.width)
    brace = short or "╰" + "─" * (middle - 1) + "┬" + "─" * (body.width - middle - 2) + "╯"
    below = [TextBlock((brace,)), label]
    lines = _centred(body, width).lines + tuple(_centred(part, width).lines[0] for part in below)
    return TextBlock(lines, body.base, body.core)


def _cases(mark: Mark) -> TextBlock:
    """Values and their conditions behind a brace, whose middle stands on a line of its own if need be."""
    cells = [[_laid_out(cell) for cell in row[:2]] for row in mark.rows]
    widths = [max(row[k].width for row in cells) for k in range(2)]
    rows = [
        _beside(
            _spread([_widened(cell, 0, width - cell.width) for cell, width in zip(row, widths, strict=True)])
        )
        for row in cells
    ]
    if len(rows) % 2 == 0:
        rows.insert(len(rows) // 2, TextBlock((" " * rows[0].width,)))
    inside = _below(rows)
    height, middle = len(inside.lines), (len(inside.lines) - 1) // 2
    pieces = ["⎪"] * height
    pieces[0], pieces[middle], pieces[-1] = "⎧", "⎨", "⎩"
    lines = tuple(f"{piece} {line}" for piece, line in zip(pieces, inside.lines, strict=True))
    return TextBlock(lines, middle, (0, height - 1))


def _box(mark: Mark) -> TextBlock:
    inside = _laid_out(mark.rows[0][0])
    edge = "─" * (inside.width + 2)
    lines = (f"┌{edge}┐", *(f"│ {line} │" for line in inside.lines), f"└{edge}┘")
    return TextBlock(lines, inside.base + 1, (0, len(lines) - 1))


_LAID_OUT_BY_KIND = {TABLE: _table, LIMITS: _limits, BRACE: _brace, BOX: _box, CASES: _cases}
