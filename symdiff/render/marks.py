"""Marks: characters that no text has, printed in place of names and replaced by them later."""

from __future__ import annotations

from collections.abc import Sequence

FIRST_MARK = 0xE000


def mark(place: int) -> str:
    """What is printed for the name at a place."""
    return chr(FIRST_MARK + place)


def filled(text: str, texts: Sequence[str]) -> str:
    """A marked text with its names."""
    return text.translate({FIRST_MARK + place: name for place, name in enumerate(texts)})
