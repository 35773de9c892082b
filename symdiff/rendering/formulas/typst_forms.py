"""The notation of an operation for Typst, read from its LaTeX: an operation is described once.

Reads what rows of the table may use: groups, scripts, \\frac, \\sqrt, \\left … \\right, alphabets, words and
the signs below. A word or a sign that it does not know stands as upright text, never as something that Typst
would interpret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from symdiff.expr.names import GREEK, GREEK_LETTERS

LETTERS = GREEK_LETTERS | {"epsilon": "ϵ", "phi": "ϕ"}
"""Greek letters in the forms that LaTeX gives them."""
# fmt: off
SIGNS = {
    "partial": "∂", "nabla": "∇", "top": "⊤", "to": "→", "times": "×", "cdot": "⋅", "odot": "⊙",
    "otimes": "⊗", "in": "∈", "sum": "∑", "prod": "∏", "circ": "∘", "infty": "∞", "approx": "≈", "leq": "≤",
    "geq": "≥", "pm": "±", "langle": "⟨", "rangle": "⟩", "lVert": "‖", "rVert": "‖", "dots": "…",
    "cdots": "⋯", "vdots": "⋮", ",": "thin", ";": "med", "quad": "quad", "!": "", "textstyle": "",
    "displaystyle": "",
}
# fmt: on
ALPHABETS = {"mathrm": "upright", "mathbf": "bold", "mathbb": "bb", "mathit": "italic", "mathcal": "cal"}
ACCENTS = {"bar": "macron", "dot": "dot", "hat": "hat", "tilde": "tilde"}
_KNOWN = {("bb", "R"): "ℝ"}
_FENCES = {"|": "abs", r"\|": "norm"}
_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|[0-9.]+|[^\s]")
_SLOTS = "".join(chr(0xE000 + i) for i in range(10))
"""Stand for {0}, {1}, … while a pattern is read."""


@cache
def form(latex: str) -> str:
    """A pattern with {0}, {1}, … for Typst, from one for LaTeX."""
    text = spelled(latex.format(*_SLOTS))
    for number, slot in enumerate(_SLOTS):
        text = text.replace(slot, f"{{{number}}}")
    return text


@cache
def spelled(latex: str) -> str:
    """A piece of LaTeX as one of Typst."""
    return sequence(iter(_TOKENS.findall(latex)), "")


def sequence(tokens: Iterator[str], end: str) -> str:
    """What stands before `end`, with blanks where two parts would run together."""
    text = ""
    for token in tokens:
        if token == end:
            break
        part = _part(token, tokens)
        apart = text and part and (text[-1] + part[0]).isalnum() and part[0] not in _SLOTS
        text += (" " if apart or (text and text[-1].isalpha() and part[:1] in _SLOTS) else "") + part
    return text


def _part(token: str, tokens: Iterator[str]) -> str:
    name = token[1:]
    if token in "^_":
        return f"{token}({_group(tokens)})"
    if token == "{":
        return sequence(tokens, "}")
    if not token.startswith("\\"):
        return f"\\{token}" if token in '/,;:#$&"*~' else token
    if name == "frac":
        return f"frac({_group(tokens)}, {_group(tokens)})"
    if name == "left":
        return _fenced(tokens)
    if name == "operatorname":
        return operator(_letters(tokens))
    return _named(name, tokens)


def _named(name: str, tokens: Iterator[str]) -> str:
    if name == "sqrt" or name in ACCENTS:
        return f"{ACCENTS.get(name, name)}({_group(tokens)})"
    if name in ALPHABETS:
        inside = _letters(tokens)
        return _KNOWN.get((ALPHABETS[name], inside), f"{ALPHABETS[name]}({spaced(inside)})")
    if name in GREEK:
        return LETTERS[name]
    return SIGNS[name] if name in SIGNS else operator(name)


def _group(tokens: Iterator[str]) -> str:
    token = next(tokens, "")
    return _part(token, tokens) if token else ""


def _fenced(tokens: Iterator[str]) -> str:
    """\\left( … \\right): brackets grow of themselves; bars, which have no sides, are functions."""
    opening = next(tokens)
    inner = sequence(tokens, r"\right")
    closing = next(tokens)
    if opening in _FENCES:
        return f"{_FENCES[opening]}({inner})"
    return _part(opening, tokens) + inner + _part(closing, tokens)


def _letters(tokens: Iterator[str]) -> str:
    """A group of plain letters; spaces in it are blanks."""
    letters = []
    for token in tokens:
        if token == "}":
            break
        letters.append(" " if token in (r"\,", r"\ ") else token)
    return "".join(letters).removeprefix("{")


def operator(word: str) -> str:
    """A function's word, upright, with the space that such words have."""
    return 'op("{}")'.format(re.sub(r'["\\]', "", word))


def spaced(text: str) -> str:
    """Letters one by one, so that Typst reads no name of its own in them: m a x."""
    return re.sub(r"(?<=[A-Za-z])(?=[A-Za-z0-9])", " ", text)
