"""The title of a page: Sigmoid: ∂y/∂x and ∂y/∂a in reverse mode."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.document.blocks import Localized, Text, text
from symdiff.explain.shared.phrases import RANGE
from symdiff.explain.shared.work import Work
from symdiff.expr.tree import Expr

MOST_IN_TITLE = 4
"""Derivatives that a title lists; of more it has the first and the last."""


def page_title(work: Work, found: Sequence[Expr], way: str) -> Text:
    """The title that names the derivatives `found` and the `way` to them, a key of messages.

    An exercise alone, which says so itself, has the author's title.
    """
    if work.sections.statement and work.titles:
        return text("title.plain", name=Localized(work.titles))
    listed = tuple(found) if len(found) <= MOST_IN_TITLE else (Expr(RANGE, found[0], found[-1]),)
    what, mode = listed, text(f"mode.{way}")
    if work.titles:
        return text("title.named", name=Localized(work.titles), what=what, mode=mode)
    return text("title.function", what=what, mode=mode)
