"""Rows of a kind are laid out and printed once; the others are that text with their names put in.

What a row's lines look like depends on its pattern and on how wide its names are; digits are equally
wide. The first row of each look is laid out with its names, and with marks in their place as wide as the
narrowest and the widest such names. Where the three are not the same text, as where digits become
superscripts, the kind is laid out row by row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from operator import itemgetter
from typing import NamedTuple, Protocol

from markupsafe import Markup

from symdiff.document.blocks import Row
from symdiff.document.repeats import RowOfKind
from symdiff.expr.tree import Pattern, Sym
from symdiff.rendering.formulas.formula_printer import Printer
from symdiff.rendering.formulas.placeholders import FIRST_PLACEHOLDER, filled
from symdiff.rendering.formulas.widths import ZEROS
from symdiff.rendering.lines.lines import Line, LineOfKind

_MARKS = re.compile(f"([{chr(FIRST_PLACEHOLDER)}-{chr(FIRST_PLACEHOLDER + 4095)}])")
Printed = tuple[str, Callable[[tuple[str, ...]], object]]
"""A line's text with places for names, and which of the names go there."""
Extremes = tuple[str, str]
"""A name's text with the narrowest and with the widest letters in its label."""


def extremes(text: str, label: str) -> Extremes:
    """Between which widths a name lies that looks like `text`: digits are equally wide, letters are not."""
    plain = text.translate(ZEROS)
    if not label.isalpha() or f"{{{label}}}" not in plain:
        return plain, plain
    slim, wide = (plain.replace(f"{{{label}}}", f"{{{letter * len(label)}}}") for letter in "im")
    return slim, wide


class Look:
    """How rows of one kind appear whose names look alike: what is measured and laid out for all of them.

    `left` is the width of the left side, None where it differs with the letters of a label.
    """

    __slots__ = ("as_wide", "left", "lines", "pattern", "widths")

    def __init__(self, pattern: Pattern[Row], as_wide: tuple[int, ...]) -> None:
        self.pattern, self.as_wide = pattern, as_wide
        self.left: float | None = None
        self.widths: tuple[float, ...] | None = None
        self.lines: dict[tuple[bool, float], tuple[Line, ...] | None] = {}


class Named(NamedTuple):
    """A row of a kind, what its names are printed as, and how it looks."""

    row: RowOfKind
    texts: tuple[str, ...]
    look: Look


class Form(NamedTuple):
    """The text of a name with its index, and its label, left open, and how wide it looks."""

    text: str
    look: int


class RowLayout(Protocol):
    """What lays single rows out: how formulas are printed and measured, and a row's lines."""

    print: Printer
    measure: Callable[[str], float]
    given: list[str]

    @property
    def widest(self) -> float: ...
    def widths(self, row: Row) -> tuple[float, ...]: ...
    def row(self, row: Row, beside: bool) -> list[Line]: ...


class Alike:
    """The lines of rows of a kind, for one layout."""

    def __init__(self, layout: RowLayout) -> None:
        self.layout = layout
        self._texts: dict[int, tuple[str, int, Sym]] = {}
        self._forms: dict[tuple[str, str, int, int], Form] = {}
        self._widths: dict[Extremes, int] = {}
        self._looks: dict[tuple[Pattern[Row], tuple[int, ...]], Look] = {}
        self._printed: dict[int, Printed] = {}

    def named(self, row: RowOfKind) -> Named:
        """What the names of a row are printed as, and its look; names are found by the object."""
        known = self._texts
        try:
            texts, as_wide, _ = zip(*[known[id(name)] for name in row.names], strict=True)
        except KeyError:
            texts, as_wide, _ = zip(*map(self._text, row.names), strict=True)
        key = row.pattern, as_wide
        look = self._looks.get(key) or self._looks.setdefault(key, Look(*key))
        return Named(row, texts, look)

    def _text(self, name: Sym) -> tuple[str, int, Sym]:
        """A name's text and how wide it looks; the name itself is kept, so that no other takes its place."""
        found = self._texts.get(id(name))
        if found is None:
            found = self._texts[id(name)] = (*self._printed_name(name), name)
        return found

    def _printed_name(self, name: Sym) -> tuple[str, int]:
        head, _, index = name.name.rpartition("_")
        label = name.label
        if not index.isdigit() or not (not label or label.isalpha()):
            return self._plain(name)
        key = head, name.accent, len(index), len(label)
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = self._form(name, head, len(index))
        if not form.text:
            return self._plain(name)
        return form.text % ((index, label) if label else index), form.look

    def _plain(self, name: Sym) -> tuple[str, int]:
        text = self.layout.print.name(name)
        return text, self._as_wide(text, name.label)

    def _as_wide(self, text: str, label: str) -> int:
        return self._widths.setdefault(extremes(text, label), len(self._widths))

    def _form(self, name: Sym, head: str, digits: int) -> Form:
        """How names with as many digits and letters are printed, if these stand in the text as they are."""
        index, label = "0" * digits, "q" * len(name.label)
        like = Sym(f"{head}_{index}", name.accent, label, name.seed, name.shape)
        text = self.layout.print.name(like)
        if text.count(index) != 1 or (label and text.count(label) != 1) or "%" in text:
            return Form("", 0)
        before, after = text.split(index)
        form = f"{before}%s{after.replace(label, '%s') if label else after}"
        own = form % ((name.name.rpartition("_")[2], name.label) if label else name.name.rpartition("_")[2])
        return Form(form if own == self.layout.print.name(name) else "", self._as_wide(text, label))

    def left(self, named: Named) -> float:
        """The width of a row's left side."""
        look = named.look
        if look.left is None:
            pattern = look.pattern
            if pattern.record.chain.left is not pattern.names[0]:
                look.left = self.widths(named)[0]
            elif named.row.names[0].label:
                return self.layout.measure(named.texts[0])
            else:
                look.left = self.layout.measure(named.texts[0])
        return look.left

    def widths(self, named: Named) -> tuple[float, ...]:
        """The widths of a row's parts, measured once for all rows that look the same."""
        look = named.look
        if look.widths is None:
            look.widths = self.layout.widths(named.row.written)
        return look.widths

    def lines(self, named: Named, beside: bool) -> tuple[Line, ...] | None:
        """The lines of a look with marks for names; None where they cannot be shared."""
        known, key = named.look.lines, (beside, self.layout.widest)
        if key not in known:
            known[key] = self._marked(named, beside)
        return known[key]

    def _marked(self, named: Named, beside: bool) -> tuple[Line, ...] | None:
        """The lines with marks for names; None where they depend on more than names, or parts get names."""
        layout, (row, texts, look) = self.layout, named
        given = len(layout.given)
        plain = layout.row(row.written, beside)
        if len(layout.given) > given:
            del layout.given[given:]
            return None
        every = list(self._widths)
        slim, wide = (tuple(every[one][end] for one in look.as_wide) for end in (0, 1))
        marked = self._laid_out(row, wide, beside)
        if slim != wide and self._laid_out(row, slim, beside) != marked:
            return None
        shown = [LineOfKind(line, texts, row) for line in marked]
        same = len(plain) == len(marked) and all(
            (one.left, one.right, one.beside) == (other.left, other.right, other.beside)
            for one, other in zip(plain, shown, strict=True)
        )
        return tuple(marked) if same else None

    def _laid_out(self, row: RowOfKind, as_wide_as: tuple[str, ...], beside: bool) -> list[Line]:
        """The lines with marks, each measured as the text in its place."""
        layout, measure = self.layout, self.layout.measure
        layout.measure = lambda text: measure(filled(text, as_wide_as))
        try:
            with layout.print.with_placeholders(row.names):
                return layout.row(row.written, beside)
        finally:
            layout.measure = measure

    def written(
        self, lines: Iterable[Line | LineOfKind], macro: Callable[[Line], str], between: str
    ) -> Markup:
        """All lines through a template's macro, a marked one once for all that share it."""
        printed, parts = self._printed, []
        for line in lines:
            if isinstance(line, Line):
                parts.append(str(macro(line)))
                continue
            form, names = printed.get(id(line.marked)) or self._print(line, macro)
            parts.append(form % names(line.texts))
        return Markup(between.join(parts))

    def _print(self, line: LineOfKind, macro: Callable[[Line], str]) -> Printed:
        with self.layout.print.with_placeholders(line.row.names):
            text = str(macro(replace(line.marked, note=line.note)))
        found = self._printed[id(line.marked)] = _compiled(text)
        return found


def _compiled(text: str) -> Printed:
    """A marked text as a form to fill, and what picks the names for it."""
    parts = _MARKS.split(text)
    places = [ord(part) - FIRST_PLACEHOLDER for part in parts[1::2]]
    form = "%s".join(part.replace("%", "%%") for part in parts[::2])
    return form, itemgetter(*places) if places else lambda _: ()
