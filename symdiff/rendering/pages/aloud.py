"""What is read aloud in place of what is seen: sentences and formulas as lines of text, without markup.

A PDF has for each formula the line that a page of text has for it, unbroken. Knows no format of pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from symdiff.document.blocks import Chain, Equations, Formula, Row, Table, Text
from symdiff.expr.letters import Letters
from symdiff.expr.tree import Expr
from symdiff.rendering.formats.formats import load_format
from symdiff.rendering.formats.messages import Messages
from symdiff.rendering.formulas.case_printing import words_in
from symdiff.rendering.formulas.unicode import TextPrinter
from symdiff.rendering.lines.layout import Layout
from symdiff.rendering.lines.printed_lines import Line, shown_rows
from symdiff.rendering.lines.tables import Cell, Tables

BETWEEN_LINES = ";\n"
"""A pause for the ear, a line for the eye."""


def _no_width(_: str) -> float:
    """What is heard fits every line."""
    return 0.0


class Aloud:
    """One language's words for what a page shows; called with a text it is a sentence."""

    def __init__(self, language: str, catalogue: Mapping[str, Any], letters: Letters) -> None:
        printer = TextPrinter(catalogue["locale.decimal"], letters)
        printer.words = words_in(catalogue)
        self.layout = Layout(printer, _no_width, replace(load_format("text"), box="%s"))
        self.messages = Messages(language, catalogue, str, lambda value: Markup(self.in_a_sentence(value)))

    def __call__(self, text: Text) -> Markup:
        """A sentence."""
        return self.messages(text)

    def in_a_sentence(self, value: Expr | Chain) -> str:
        """A formula or an equality inside a sentence."""
        return self.layout.sentence(value)

    def formula(self, block: Formula) -> str:
        """A rule in symbols, and for which indices it holds."""
        return f"{self.layout.print(block.form)} ({self(block.note)})"

    def equations(self, block: Equations) -> str:
        """The lines of a block, none of them broken."""
        return BETWEEN_LINES.join(map(self._row, shown_rows(block)))

    def _row(self, row: Row | Line) -> str:
        if isinstance(row, Line):
            return f"⋮ ({self(row.note)})" if row.note else "⋮"
        said = "; ".join(map(self._chain, (row.chain, *row.beside)))
        if row.space is not None:
            said += f" {self.layout.member} {self.layout.print(row.space)}"
        return " ".join([said, *(f"({self(note)})" for note in (row.note, row.reason) if note)])

    def _chain(self, chain: Chain) -> str:
        parts = [f"{self.layout.sign(member)} {self.layout.print(member)}" for member in chain.members]
        return " ".join([self.layout.print(chain.left), *parts])

    def cells(self, block: Table) -> Iterator[tuple[Cell, ...] | Line]:
        """The rows of a table, or of a part of one, cell by cell."""
        return Tables(self.layout).cells(block)
