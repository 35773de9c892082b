"""Sentences of text: words wrapped by their width, formulas kept whole; and the colours of a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping

from symdiff.rendering.formulas.stacked import END, HELD, NAMED, ROLE, columns

ESCAPE = "\x1b["
_STEP = re.compile(f"{ROLE}([a-z]*){NAMED}|{END}")
_CONTROL = re.compile("[\x00-\x09\x0b-\x0d\x10-\x15\x17-\x1c\x7f-\x9f]")


def held(formula: str) -> str:
    """A formula that a sentence is not broken inside of, unless it is wider than a line."""
    return formula.replace(" ", HELD)


def wrapped(text: str, width: int, first: str = "", later: str = "") -> str:
    """Words in lines of at most `width` cells that begin with `first`, after the first line with `later`."""
    lines = [first]
    empty = True
    for word in text.split(" "):
        for piece in [word] if columns(later + word) <= width else word.split(HELD):
            longer = lines[-1] + piece if empty else f"{lines[-1]} {piece}"
            if empty or columns(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(later + piece)
            empty = False
    return "\n".join(lines)


def without_controls(text: str) -> str:
    """`text` without characters that would command a terminal."""
    return _CONTROL.sub("", text)


def finished(text: str, colours: Mapping[str, str] | None) -> str:
    """A page with its roles in `colours`, select graphic rendition codes by role, or without any."""
    text = text.replace(HELD, " ")
    if colours is None:
        return _STEP.sub("", text)
    open_codes: list[str] = []

    def step(match: re.Match[str]) -> str:
        if match[1] is not None:
            open_codes.append(colours.get(match[1], ""))
            return f"{ESCAPE}{open_codes[-1]}m" if open_codes[-1] else ""
        if not open_codes.pop():
            return ""
        around = [code for code in open_codes if code]
        return f"{ESCAPE}0m" + "".join(f"{ESCAPE}{code}m" for code in around)

    return _STEP.sub(step, text)
