"""The letter of the steps of a tape: w, unless a name of the author could be taken for a step."""

from __future__ import annotations

from collections.abc import Sequence

LETTERS = ("w", "v", "z", "s", "q", "omega")


def step_letter(names: Sequence[str]) -> str:
    """The letter of the steps: w, unless a name of the author could be taken for a step."""
    for letter in LETTERS:
        reserved = (letter, f"{letter}bar", f"{letter}dot")
        if not any(_stem(name) in reserved for name in names):
            return letter
    return "omega_step"


def _stem(name: str) -> str:
    return name.rstrip("0123456789").rstrip("_")
