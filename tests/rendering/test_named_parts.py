"""Parts of wide formulas that get a letter: equal ones have the same, and a row says once what it is."""

from __future__ import annotations

import re
from collections import Counter

from symdiff.document.blocks import Chain, Document, Equations, Localized, Row, text
from symdiff.expr.operations import SOFTMAX
from symdiff.expr.tree import Expr, Sym
from symdiff.rendering.pages.engine import render

NAMES = [Sym(f"a_long_name_{number}", shape=("n",)) for number in range(4)]
PART = Expr(SOFTMAX, NAMES[0] * NAMES[1] + NAMES[2] * NAMES[3])


def test_equal_parts_of_a_page_have_one_letter_which_a_row_defines_once() -> None:
    wide = PART * NAMES[0] / (NAMES[1] * PART * NAMES[2])
    rows = (Row(Chain(Sym("y"), (wide,))), Row(Chain(Sym("z"), (Expr(SOFTMAX, wide),))))
    document = Document(text("title.plain", name=Localized({"en": "Parts"})), (Equations(rows),))
    defined = re.findall(r"^\s+([A-Z]) = (.*)", render(document, "text"), re.MULTILINE)
    letters = Counter(defined)
    assert letters
    assert len({what for _, what in letters}) == len(letters)
    assert max(letters.values()) <= len(rows)
