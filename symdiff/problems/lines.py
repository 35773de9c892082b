"""On which line of a TOML text a key stands: the TOML reader says what a file holds, not where.

The text is scanned for section headers and keys; strings of several lines and lists are stepped over. Only
errors ask, so a file in an odd style costs at worst a line number, never a wrong reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Part = str | int
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER = re.compile(rf"[ \t]*\[\[?[ \t]*({_DOTTED})[ \t]*\]")
_KEY = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")
_PARTS = re.compile(_PART)
_IGNORED = re.compile(r"""#.*|"(?:[^"\\]|\\.)*+"|'[^']*+'""")


def line_of(text: str, path: Sequence[Part], near: str = "") -> int | None:
    """The line of the key `path`, or of the nearest table around it; None if none is found.

    `near` is the value in question: where the key's value takes several lines, the one that holds it.
    """
    found = dict(reversed(list(_key_lines(text))))
    names = tuple(part for part in path if isinstance(part, str))
    for length in range(len(names), 0, -1):
        if names[:length] in found:
            start = found[names[:length]]
            end = min((line for line in found.values() if line > start), default=text.count("\n") + 2)
            return _line_with(text.split("\n"), near.strip().split("\n")[0], start, end)
    return None


def _line_with(lines: Sequence[str], piece: str, start: int, end: int) -> int:
    """The first line from `start` to before `end` that has `piece`, in quotes if it can be, else `start`."""
    for wanted in (f'"{piece}"', f"'{piece}'", piece) if piece else ():
        for number in range(start, end):
            if wanted in lines[number - 1]:
                return number
    return start


def _key_lines(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Each header and key with its line, sections included in the path."""
    section: tuple[str, ...] = ()
    depth = 0
    for number, line in _outside_strings(text):
        if depth == 0:
            header, key = _HEADER.match(line), _KEY.match(line)
            if header:
                section = _parts(header[1])
                yield section, number
            elif key:
                yield (*section, *_parts(key[1])), number
        if depth or not _HEADER.match(line):
            depth = max(0, depth + _open_brackets(line))


def _outside_strings(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines that do not begin inside a string of several lines."""
    inside = ""
    for number, line in enumerate(text.split("\n"), 1):
        if inside:
            inside = "" if inside in line else inside
            continue
        yield number, line
        inside = next((quote for quote in ('"""', "'''") if line.count(quote) % 2), "")


def _open_brackets(line: str) -> int:
    """How many lists a line opens and does not close."""
    bare = _IGNORED.sub("", line)
    return bare.count("[") - bare.count("]")


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PARTS.findall(dotted))
