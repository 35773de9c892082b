"""What may be a name, and how a name splits into stem, accent and index.

Names come from people and files and end up inside LaTeX and Markdown, so only letters, digits and
underscores are let in: `x_1`, `x1`, `alpha`, `hbar_0`, `année`, `lambda_`, `_x`. Expressions and markup are
not known.
"""

from __future__ import annotations

import re
from functools import lru_cache
from keyword import iskeyword

from symdiff.errors import InputError, shorten

MAX_NAME = 60
LETTER = "A-Za-zÀ-ÖØ-öø-ÿĀ-ž"
"""Letters of names: those of Latin alphabets, with their accents; Greek ones are spelled out."""
NAME = re.compile(rf"_*[{LETTER}][{LETTER}0-9_]*")
_ODD = re.compile(r"^_|__|_$")
"""Underscores that divide no stem from its index."""


def check_name(name: str) -> str:
    """`name` itself if it is one; an InputError that says what a name is otherwise."""
    if not NAME.fullmatch(name):
        way_out = "a name is letters and digits, with underscores between, as in x_1"
        raise InputError(f"{shorten(name)!r} is not a name", way_out=way_out)
    if len(name) > MAX_NAME:
        raise InputError(f"the name {shorten(name, 30)!r} is longer than {MAX_NAME} characters")
    return name


GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Upsilon",
    "Phi",
    "Psi",
    "Omega",
]
GREEK_LETTERS = dict(zip(GREEK, "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))


def is_typed(stem: str) -> bool:
    """Whether a stem is written as it is typed, in upright letters: not in letters of ASCII alone."""
    return not (stem.isascii() and stem.isalpha())


def is_word(stem: str) -> bool:
    """Whether a name is written with several letters, as loss; alpha is one."""
    return len(stem) > 1 and stem not in GREEK


ACCENTS = ("bar", "dot", "hat", "tilde")
_PARTS = re.compile(rf"([{LETTER}]+)_?([{LETTER}0-9_+-]*)")


_SENTENCE = re.compile(r"_.*[^\W\d_]{2}|[^\W\d_]{2}.*_")
"""Several words: longest_way_home is no index of longest."""


@lru_cache(maxsize=65_536)
def split_name(name: str) -> tuple[str, str, str]:
    """(stem, accent, index): `hbar_0` is ("h", "bar", "0"), `x12` ("x", "", "12"), `w1A` ("w", "", "1A").

    A name with other underscores, `_x`, `x_`, `w__a`, is a stem as a whole, and so is one of several words.
    An underscore that only keeps a name from being a keyword of Python's, as in `lambda_`, is left out.
    """
    own, _, time = name.partition("@")
    if own.endswith("_") and iskeyword(own[:-1]):
        own = own[:-1]
    if _ODD.search(own):
        return own, "", time
    match = _PARTS.fullmatch(own)
    if match is None or (is_word(match[1]) and _SENTENCE.search(match[2])):
        return own, "", time
    stem = match[1]
    index = f"{match[2]}_{time}".strip("_").replace("_", ",")
    for accent in ACCENTS:
        base = stem.removesuffix(accent)
        if base != stem and (len(base) == 1 or base in GREEK):
            return base, accent, index
    return stem, "", index
