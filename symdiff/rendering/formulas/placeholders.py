"""Placeholders: characters printed in place of names, and replaced by the names of each row afterwards.

Rows that differ in their names only are printed once, with placeholders, and filled once for each row. They
are characters of Unicode's area for private use, which no formula has.
"""

from __future__ import annotations

from collections.abc import Sequence

FIRST_PLACEHOLDER = 0xE000
MOST_PLACEHOLDERS = 4096
"""Names that a row may have to be printed with placeholders; a sum of more terms is printed by itself."""
FILLER = "\uf8ff"
"""Stands behind a placeholder as often as its name is wider than it, where columns are counted."""


def placeholder(place: int) -> str:
    """What is printed for the name at a place."""
    return chr(FIRST_PLACEHOLDER + place)


def filled(text: str, names: Sequence[str]) -> str:
    """A text with placeholders, with the printed names in their place."""
    return text.translate({FIRST_PLACEHOLDER + place: name for place, name in enumerate(names)})
