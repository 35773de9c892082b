"""Rows of a kind are laid out and printed once; the others are that text with their names put in.

What a row's lines look like depends on its pattern and on how wide its names are; digits are equally
wide. The first row of each look is laid out with its names, and with marks in their place as wide as the
narrowest
and the widest such names. Where the three are not the same text, as where digits become superscripts, the
kind
is laid out row by row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from symdiff.expr import Sym
from symdiff.render.lines import Line, LineOfKind
from symdiff.render.name_marks import FIRST_MARK, filled
from symdiff.render.width import ZEROS
from symdiff.repeats import RowOfKind

if TYPE_CHECKING:
    from symdiff.render.layout import Layout

_MARKS = re.compile(f"([{chr(FIRST_MARK)}-{chr(FIRST_MARK + 4095)}])")
Look = tuple[int, ...]
Extremes = tuple[str, str]
"""A name's text with the narrowest and with the widest letters in its label."""


def extremes(text: str, label: str) -> Extremes:
    """Between which widths a name lies that looks like `text`: digits are equally wide, letters are not."""
    plain = text.translate(ZEROS)
    if not label.isalpha() or f"{{{label}}}" not in plain:
        return plain, plain
    slim, wide = (plain.replace(f"{{{label}}}", f"{{{letter * len(label)}}}") for letter in "im")
    return slim, wide


class Named(NamedTuple):
    """A row of a kind, what its names are printed as, and how wide they look."""

    row: RowOfKind
    texts: tuple[str, ...]
    look: Look


class Form(NamedTuple):
    """The text of a name with its index, and its label, left open, and how wide it looks."""

    text: str
    look: int


class Alike:
    """The lines of rows of a kind, for one layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._texts: dict[Sym, tuple[str, int]] = {}
        self._forms: dict[tuple[str, str, int, int], Form] = {}
        self._looks: dict[Extremes, int] = {}
        self._widths: dict[object, tuple[float, ...]] = {}
        self._lines: dict[object, tuple[Line, ...] | None] = {}
        self._printed: dict[int, tuple[str, tuple[int, ...]]] = {}

    def named(self, row: RowOfKind) -> Named:
        """What the names of a row are printed as, and the looks of them."""
        known = self._texts
        pairs = [known.get(name) or self._text(name) for name in row.names]
        texts, look = zip(*pairs, strict=True)
        return Named(row, texts, look)

    def _text(self, name: Sym) -> tuple[str, int]:
        head, _, index = name.name.rpartition("_")
        if not index.isdigit() or not (name.label.isalpha() or not name.label):
            return self._plain(name)
        key = head, name.accent, len(index), len(name.label)
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = self._form(name, head, len(index))
        if not form.text:
            return self._plain(name)
        found = self._texts[name] = form.text % ((index, name.label) if name.label else index), form.look
        return found

    def _plain(self, name: Sym) -> tuple[str, int]:
        text = self.layout.print.name(name)
        found = self._texts[name] = text, self._look(text, name.label)
        return found

    def _look(self, text: str, label: str) -> int:
        return self._looks.setdefault(extremes(text, label), len(self._looks))

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
        return Form(form if own == self.layout.print.name(name) else "", self._look(text, label))

    def left(self, named: Named) -> float:
        """The width of a row's left side."""
        pattern = named.row.pattern
        if pattern.record.chain.left is pattern.names[0]:
            return self.layout.measure(named.texts[0])
        return self.widths(named)[0]

    def widths(self, named: Named) -> tuple[float, ...]:
        """The widths of a row's parts, measured once for all rows that look the same."""
        key = named.row.pattern, named.look
        found = self._widths.get(key)
        if found is None:
            found = self._widths[key] = self.layout.widths(named.row.written)
        return found

    def lines(self, named: Named, beside: bool) -> Iterable[Line | LineOfKind]:
        """The lines of a row, with marks where they can be shared."""
        row, texts, look = named
        key = row.pattern, look, beside, self.layout.widest
        if key not in self._lines:
            self._lines[key] = self._marked(row, texts, look, beside)
        shared = self._lines[key]
        if shared is None:
            return self.layout.row(row.written, beside)
        return [LineOfKind(line, texts, row) for line in shared]

    def _marked(
        self, row: RowOfKind, texts: tuple[str, ...], look: Look, beside: bool
    ) -> tuple[Line, ...] | None:
        """The lines with marks for names; None where they depend on more than names, or parts get names."""
        layout, taken = self.layout, set(self.layout.taken)
        plain = layout.row(row.written, beside)
        if layout.taken != taken:
            layout.taken = taken
            return None
        every = list(self._looks)
        slim, wide = (tuple(every[one][end] for one in look) for end in (0, 1))
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
            with layout.print.marking(row.names):
                return layout.row(row.written, beside)
        finally:
            layout.measure = measure

    def written(
        self, lines: Iterable[Line | LineOfKind], macro: Callable[[Line], str], between: str
    ) -> Markup:
        """All lines through a template's macro, a marked one once for all that share it."""
        return Markup(between.join(self._through(line, macro) for line in lines))

    def _through(self, line: Line | LineOfKind, macro: Callable[[Line], str]) -> str:
        if isinstance(line, Line):
            return str(macro(line))
        found = self._printed.get(id(line.marked))
        if found is None:
            with self.layout.print.marking(line.row.names):
                found = self._printed[id(line.marked)] = _compiled(
                    str(macro(replace(line.marked, note=line.note)))
                )
        form, places = found
        texts = line.texts
        return form % tuple([texts[place] for place in places])


def _compiled(text: str) -> tuple[str, tuple[int, ...]]:
    """A marked text as a form to fill, and which name goes where."""
    parts = _MARKS.split(text)
    places = tuple(ord(part) - FIRST_MARK for part in parts[1::2])
    return "%s".join(part.replace("%", "%%") for part in parts[::2]), places
