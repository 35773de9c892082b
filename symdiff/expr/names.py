"""What may be a name, and how a name splits into stem, accent and index.

Names come from people and files and end up inside LaTeX and Markdown, so only letters, digits and
underscores are let in: `x_1`, `x1`, `alpha`, `hbar_0`, `w_31`, `rate`. Expressions and markup are not known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from symdiff.errors import InputError, shorten

MAX_NAME = 24
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")


def check_name(name: str) -> str:
    """`name` itself if it is one; an InputError that says what a name is otherwise."""
    if not NAME.fullmatch(name):
        way_out = "a name is letters and digits, with single underscores between, as in x_1"
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


def is_word(stem: str) -> bool:
    """Whether a name is written with several letters, as loss; alpha is one."""
    return len(stem) > 1 and stem not in GREEK


ACCENTS = ("bar", "dot", "hat", "tilde")
_PARTS = re.compile(r"([A-Za-z]+)_?([A-Za-z0-9_+-]*)")


@lru_cache(maxsize=65_536)
def split_name(name: str) -> tuple[str, str, str]:
    """(stem, accent, index): `hbar_0` is ("h", "bar", "0"), `x12` ("x", "", "12"), `w1A` ("w", "", "1A")."""
    match = _PARTS.fullmatch(name.replace("@", "_"))
    if match is None:
        return name, "", ""
    stem, index = match.groups()
    index = index.strip("_").replace("_", ",")
    for accent in ACCENTS:
        base = stem.removesuffix(accent)
        if base != stem and (len(base) == 1 or base in GREEK):
            return base, accent, index
    return stem, "", index


def check_distinct(names: Sequence[str]) -> None:
    """Refuse two names that print alike, such as `x1` and `x_1`."""
    seen: dict[tuple[str, str, str], str] = {}
    for name in names:
        other = seen.setdefault(split_name(name), name)
        if other != name:
            raise InputError(f"the names {other!r} and {name!r} print alike", way_out="rename one")
