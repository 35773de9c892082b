"""Words for Typst's markup: what Typst would read as markup is escaped. And texts as its strings."""

from __future__ import annotations

import re

_ALWAYS = re.compile(r'[\\#$*_`<>@\[\]~="^{}|+]')
_BETWEEN_WORDS_ALONE = re.compile(r"(?<!\w)[-/']|[-/'](?!\w)")
"""Inside a word these are plain text; elsewhere they begin a list, a comment, a quotation."""
_DOTS = re.compile(r"(?<=\d)\.(?=\s|$)|\.(?=\.)")
"""A number with a point begins a list, three points are a sign."""


def typst_words(text: str) -> str:
    """`text` as it stands, in Typst's markup."""
    line = " ".join(text.split("\n"))
    for special in (_ALWAYS, _BETWEEN_WORDS_ALONE, _DOTS):
        line = special.sub(r"\\\g<0>", line)
    return line


def typst_string(text: str) -> str:
    """`text` as a string of Typst's code, in quotes."""
    inside = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"'
