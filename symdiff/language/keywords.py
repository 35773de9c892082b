"""Python's keywords as names: λ as `lambda`, a rate `in`, a class `class`.

Where a keyword stands as a name does, it gets a stand-in that Python's parser takes for one, of as many
characters, so that places stay. Where it stands as a keyword, `x if x > 0 else y`, `lambda x: …`, it is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from keyword import kwlist

KEYWORDS = frozenset(kwlist) - {"True", "False", "None"}
INFIX = {"if", "else", "for", "in", "is", "and", "or", "not", "as", "async", "from"}
"""What joins the operand before it to one behind it."""
PREFIX = {"not", "return", "if", "elif", "while", "assert", "del", "yield", "await", "raise", "with"}
"""What takes a formula in brackets, or with a sign, behind it."""
_ENDS_OPERAND = ("_", ")", "]", "}", "'", '"')
_ARITHMETIC = ("+", "-", "*", "/", "@", "^", "%")
"""Signs behind which no keyword of Python's can stand, so that a name does."""
_PARAMETERS = re.compile(r"[ \t]*(?:[^\W\d]\w*[ \t]*(?:,[ \t]*[^\W\d]\w*[ \t]*)*)?:")
_TOKENS = re.compile(r"#[^\n]*|\w+|\S|\n")
_BEHIND = re.compile(r"[ \t]*(\w+|\S|)")
_FIRST = 0x13A0
"""The first of 26 letters, of the Cherokee script, with which a stand-in ends in place of a to z."""
_STAND_IN = re.compile(rf"\w*[{chr(_FIRST)}-{chr(_FIRST + 25)}]")


def with_stand_ins(text: str) -> str:
    """`text` with a stand-in for each keyword that is a name there."""
    words = KEYWORDS.intersection(re.findall(r"[a-z]+", text))
    if not words:
        return text
    found = list(text)
    for end in ends_of_names(text):
        found[end - 1] = stand_in(found[end - 1])
    return "".join(found)


def stand_in(word: str) -> str:
    """The stand-in for a keyword."""
    return word[:-1] + chr(_FIRST + ord(word[-1]) - ord("a"))


def spelled(identifier: str) -> str:
    """A name, or a text with names, as the author wrote it."""
    return identifier if identifier.isascii() else _STAND_IN.sub(_keyword, identifier)


def _keyword(match: re.Match[str]) -> str:
    word = match[0][:-1] + chr(ord(match[0][-1]) - _FIRST + ord("a"))
    return word if word in KEYWORDS else match[0]


def ends_of_names(text: str) -> Iterator[int]:
    """The places behind keywords that are names."""
    depth, before = 0, ""
    for token in _TOKENS.finditer(text):
        sign = token[0]
        if sign[0] == "#" or (sign == "\n" and depth):
            continue
        if sign in KEYWORDS and before != "." and _is_name(sign, text, token.end(), before):
            yield token.end()
            before = "name"
        else:
            before = sign
        depth += (sign in "([{") - (sign in ")]}")


def _is_name(word: str, text: str, end: int, before: str) -> bool:
    """Whether a keyword is a name, by what stands before it and behind it."""
    if word == "lambda":
        return not _PARAMETERS.match(text, end)
    if before not in KEYWORDS and (before[:1].isalnum() or before[:1] in _ENDS_OPERAND) and word in INFIX:
        return False
    (behind,) = _BEHIND.match(text, end).groups()  # type: ignore[union-attr]  # it always matches
    if before in _ARITHMETIC:
        return True
    if word in PREFIX and behind in ("(", "-", "+"):
        return False
    begins_operand = behind[:1].isalnum() or behind[:1] in ("_", "'", '"')
    return not begins_operand or behind in INFIX
