"""Rows that rename one template row are laid out and printed once, with placeholders for their names.

What a row's lines look like depends on its pattern and on how wide its names are. All digits are equally
wide, letters are not. So the first row of a pattern whose names have certain widths is laid out three times:
with its names, with placeholders measured as the narrowest names of these widths, and as the widest. Where
the three agree, all such rows share the lines with placeholders, and only the names are put in. Where they do
not, as where digits become superscripts, each row is laid out for itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from markupsafe import Markup

from symdiff.document.blocks import Row
from symdiff.document.repeats import RepeatedRow
from symdiff.expr.patterns import Pattern
from symdiff.expr.tree import Sym
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.placeholders import (
    FILLER,
    FIRST_PLACEHOLDER,
    MOST_PLACEHOLDERS,
    filled,
    placeholder,
)
from symdiff.rendering.formulas.widths import ZEROS
from symdiff.rendering.lines.printed_lines import Line, LinePattern, RepeatedLine

WidthRange = tuple[str, str]
"""A name's text with the narrowest and with the widest letters in its label."""


def width_range(text: str, label: str) -> WidthRange:
    """Between which texts a name lies in width that is printed as `text` and has this label."""
    plain = text.translate(ZEROS)
    if not label.isalpha() or f"{{{label}}}" not in plain:
        return plain, plain
    narrowest, widest = (plain.replace(f"{{{label}}}", f"{{{letter * len(label)}}}") for letter in "im")
    return narrowest, widest


class RowLayout(Protocol):
    """What lays single rows out: how formulas are printed and measured, and a row's lines.

    `part_names` are the names given to parts of rows that had to be broken.
    """

    print: Printer
    measure: Callable[[str], float]
    part_names: list[str]

    @property
    def widest(self) -> float: ...
    def widths(self, row: Row) -> tuple[float, ...]: ...
    def row(self, row: Row, beside: bool) -> list[Line]: ...


class SharedLayout:
    """What is measured and laid out once for all rows of a pattern whose names have the same width classes.

    `left` is the width of the left side, None where it differs with the letters of a label; `lines` are known
    by whether chains stand beside each other and by the widest left side of the block.
    """

    __slots__ = ("left", "lines", "pattern", "width_classes", "widths")

    def __init__(self, pattern: Pattern[Row], width_classes: tuple[int, ...]) -> None:
        self.pattern, self.width_classes = pattern, width_classes
        self.left: float | None = None
        self.widths: tuple[float, ...] | None = None
        self.lines: dict[tuple[bool, float], tuple[LinePattern, ...] | None] = {}


class NamedRow(NamedTuple):
    """A row, what its names are printed as, and what it shares with rows like it."""

    row: RepeatedRow
    name_texts: tuple[str, ...]
    shared: SharedLayout


class NameForm(NamedTuple):
    """The text of names with as many digits and letters, these left open as %s, and their width class."""

    text: str
    width_class: int


PrintedForm = tuple[str, Callable[[tuple[str, ...]], object]]
"""A line's text with %s for names, and what picks those names from all names of a row."""


class RepeatedRows:
    """The lines of repeated rows, for one layout."""

    def __init__(self, layout: RowLayout) -> None:
        self.layout = layout
        self._names: dict[int, tuple[str, int, Sym]] = {}
        self._forms: dict[tuple[str, str, int, int], NameForm] = {}
        self._width_classes: dict[WidthRange, int] = {}
        self._shared: dict[tuple[Pattern[Row], tuple[int, ...]], SharedLayout] = {}
        self._printed: dict[Hashable, dict[int, PrintedForm]] = {}

    def named(self, row: RepeatedRow) -> NamedRow:
        """What the names of a row are printed as, and what the row shares with others."""
        # Names are found by the object's id: hashing each name of each row would take longer than the rest.
        known = self._names
        try:
            name_texts, width_classes, _ = zip(*[known[id(name)] for name in row.names], strict=True)
        except KeyError:
            name_texts, width_classes, _ = zip(*map(self._printed_name, row.names), strict=True)
        key = row.pattern, width_classes
        shared = self._shared.get(key) or self._shared.setdefault(key, SharedLayout(*key))
        return NamedRow(row, name_texts, shared)

    def _printed_name(self, name: Sym) -> tuple[str, int, Sym]:
        """A name's text and width class, and the name itself: kept alive, its id is no other object's."""
        found = self._names.get(id(name))
        if found is None:
            found = self._names[id(name)] = (*self._text_and_width_class(name), name)
        return found

    def _text_and_width_class(self, name: Sym) -> tuple[str, int]:
        head, _, index = name.name.rpartition("_")
        label = name.label
        if not index.isdigit() or not (not label or label.isalpha()):
            return self._printed_alone(name)
        key = head, name.accent, len(index), len(label)
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = self._form(name, head, len(index))
        if not form.text:
            return self._printed_alone(name)
        return form.text % ((index, label) if label else index), form.width_class

    def _printed_alone(self, name: Sym) -> tuple[str, int]:
        text = self.layout.print.name(name)
        return text, self._width_class(text, name.label)

    def _width_class(self, text: str, label: str) -> int:
        if self.layout.print.linear:  # all letters and digits are equally wide
            columns = "0" * int(self.layout.measure(text))
            return self._width_classes.setdefault((columns, columns), len(self._width_classes))
        return self._width_classes.setdefault(width_range(text, label), len(self._width_classes))

    def _form(self, name: Sym, head: str, digits: int) -> NameForm:
        """How names with as many digits and letters are printed; no text where these change on paper."""
        index, label = "0" * digits, "q" * len(name.label)
        like = Sym(f"{head}_{index}", name.accent, label, name.seed, name.shape)
        text = self.layout.print.name(like)
        if text.count(index) != 1 or (label and text.count(label) != 1) or "%" in text:
            return NameForm("", 0)
        before, after = text.split(index)
        form = f"{before}%s{after.replace(label, '%s') if label else after}"
        own_index = name.name.rpartition("_")[2]
        own = form % ((own_index, name.label) if label else own_index)
        return NameForm(form if own == self.layout.print.name(name) else "", self._width_class(text, label))

    def left(self, named: NamedRow) -> float:
        """The width of a row's left side."""
        shared = named.shared
        if shared.left is None:
            pattern = shared.pattern
            if pattern.record.chain.left is not pattern.names[0]:
                shared.left = self.widths(named)[0]
            elif named.row.names[0].label:
                return self.layout.measure(named.name_texts[0])
            else:
                shared.left = self.layout.measure(named.name_texts[0])
        return shared.left

    def widths(self, named: NamedRow) -> tuple[float, ...]:
        """The widths of a row's parts, measured once for all rows that share a layout."""
        shared = named.shared
        if shared.widths is None:
            shared.widths = self.layout.widths(named.row.written)
        return shared.widths

    def lines(self, named: NamedRow, beside: bool) -> tuple[LinePattern, ...] | None:
        """The lines that a row shares, with placeholders for names; None where it shares none."""
        known, key = named.shared.lines, (beside, self.layout.widest)
        if key not in known:
            known[key] = self._with_placeholders(named, beside)
        return known[key]

    def _with_placeholders(self, named: NamedRow, beside: bool) -> tuple[LinePattern, ...] | None:
        """The lines with placeholders; None where they depend on more than names, or parts get names."""
        layout, (row, name_texts, shared) = self.layout, named
        if len(name_texts) > MOST_PLACEHOLDERS:
            return None
        before = len(layout.part_names)
        plain = layout.row(row.written, beside)
        if len(layout.part_names) > before:
            del layout.part_names[before:]  # each row is laid out for itself, and names its parts then
            return None
        ranges = list(self._width_classes)
        narrowest, widest = (tuple(ranges[one][end] for one in shared.width_classes) for end in (0, 1))
        templates = self._laid_out(row, widest, beside)
        if narrowest != widest and self._laid_out(row, narrowest, beside) != templates:
            return None
        patterns = tuple([LinePattern(line, ()) for line in templates])
        repeated = [RepeatedLine(pattern, name_texts, row) for pattern in patterns]
        same = len(plain) == len(templates) and all(
            (one.left, one.right, one.beside) == (other.left, other.right, other.beside)
            for one, other in zip(plain, repeated, strict=True)
        )
        return patterns if same else None

    def _laid_out(self, row: RepeatedRow, measured_as: tuple[str, ...], beside: bool) -> list[Line]:
        """The lines with placeholders, each measured as the text in its place."""
        layout, measure = self.layout, self.layout.measure
        layout.measure = lambda text: measure(filled(text, measured_as))
        try:
            with layout.print.with_placeholders(row.names):
                return layout.row(row.written, beside)
        finally:
            layout.measure = measure

    def printed(self, lines: Iterable[Line], macro: Callable[..., str], between: str, *more: Any) -> Markup:
        """All lines through a template's macro, which is also given `more`."""
        return Markup(between.join(self.each(lines, macro, *more)))

    def each(self, lines: Iterable[Line], macro: Callable[..., str], *more: Any) -> Iterator[Markup]:
        """Each line through a template's macro, one with placeholders once for all rows that share it."""
        printed = self._printed.setdefault((macro, repr(more)), {})
        for line in lines:
            if not isinstance(line, RepeatedLine):
                yield Markup(macro(line, *more))
                continue
            found = printed.get(id(line.pattern))
            if found is None:
                found = printed[id(line.pattern)] = self._print(line, macro, more)
            form, names_of = found
            yield Markup(form % names_of(line.names))

    def _print(self, line: RepeatedLine, macro: Callable[..., str], more: Iterable[Any]) -> PrintedForm:
        shown, widths = line.pattern.record, self._name_widths(line)
        if any(widths):
            wide = [placeholder(place) + FILLER * width for place, width in enumerate(widths)]
            beside = tuple(tuple(filled(part, wide) for part in parts) for parts in shown.beside)
            left, right = filled(shown.left, wide), filled(shown.right, wide)
            shown = replace(shown, left=left, right=right, beside=beside)  # type: ignore[arg-type]
        with self.layout.print.with_placeholders(line.row.names, widths):
            text = str(macro(replace(shown, note=line.note), *more))
        return _printed_form(text)

    def _name_widths(self, line: RepeatedLine) -> tuple[int, ...]:
        """How much wider the names are than placeholders, where templates count columns."""
        if not self.layout.print.linear:
            return ()
        return tuple(max(0, int(self.layout.measure(name)) - 1) for name in line.names)


_PLACEHOLDERS = f"([{chr(FIRST_PLACEHOLDER)}-{chr(FIRST_PLACEHOLDER + MOST_PLACEHOLDERS - 1)}]){FILLER}*"


def _printed_form(text: str) -> PrintedForm:
    """A text with placeholders as a form with %s, and what picks the names for it."""
    parts = re.split(_PLACEHOLDERS, text)
    places = [ord(part) - FIRST_PLACEHOLDER for part in parts[1::2]]
    form = "%s".join(part.replace("%", "%%") for part in parts[::2])
    return form, itemgetter(*places) if places else lambda _: ()
