"""The typography of words in a language: apostrophes, spaces before signs, hyphens that no line ends at.

French sets a narrow no-break space before ; ! and ?, a no-break space before : and inside « ». An inverted
subject stays with its verb: « explosent-ils ». Source: Lexique des règles typographiques en usage à
l'Imprimerie nationale.
"""

from __future__ import annotations

import re
from collections.abc import Callable

NARROW, FIXED, HYPHEN = "\u202f", "\u00a0", "\u2011"
"""A narrow no-break space, a no-break space, a hyphen without a break."""
_FRENCH = (
    (re.compile(r"(?<=\w)'(?=\w)"), "’"),
    (re.compile(f"[ {FIXED}{NARROW}](?=[;!?])"), NARROW),
    (re.compile(f"[ {FIXED}{NARROW}](?=[:»])|(?<=«)[ {FIXED}{NARROW}]"), FIXED),
    (
        re.compile(
            r"(?<=\w)-(?=(?:t-)?(?:ils?|elles?|on|je|tu|nous|vous|ce)\b)|(?<=-t)-(?=(?:il|elle|on)\b)"
        ),
        HYPHEN,
    ),
)


def _french(words: str) -> str:
    for found, put in _FRENCH:
        words = found.sub(put, words)
    return words


TYPOGRAPHY: dict[str, Callable[[str], str]] = {"french": _french}
"""By the name that babel has for the language; words of any other stay as they are."""
