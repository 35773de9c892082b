"""A TOML file as a table, with every way of failing turned into one error that says where.

A user's file may hold anything: what is too large, no text, no TOML or nested without end is refused here.
Numbers with a decimal point come out as they are written. What the keys mean is said elsewhere.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from symdiff.errors import InputError, shorten
from symdiff.expr.records import dataclass

Part = str | int
MOST_BYTES = 1_000_000
MOST_DOTS = 40
"""In a key or a formula on one line: the time to read a dotted key grows with the square of its parts."""
_DOT = re.compile(r"\.(?![0-9])|(?<![0-9])\.|\.(?=[0-9]+\.)")
_DIGITS = r"[0-9_]{1000}"
_BARE_KEY = re.compile(r"\s*([^\W\d]\w*)\s*=")
_PLACE = r" \(at (?:line (\d+), column (\d+)|end of document)\)$"


@dataclass(frozen=True, slots=True)
class Written:
    """A number with a decimal point or an exponent, as the file writes it."""

    text: str


_KINDS = {
    bool: "true or false",
    int: "a number",
    Written: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}


def kind(value: object) -> str:
    """What a value is, in words for an error."""
    return _KINDS.get(type(value), "a date or a time")


def by_language(title: str | Mapping[str, str]) -> Mapping[str, str]:
    """Titles by language; other languages fall back on the first."""
    return {"en": title} if isinstance(title, str) else title


@dataclass(frozen=True)
class File:
    """A file's name, its text, and the table that the text says."""

    name: str
    text: str
    table: dict[str, Any]

    def error(
        self, what: str, *path: Part, way_out: str = "", picture: str = "", near: str = ""
    ) -> InputError:
        """The error about the key `path`, with the line where it stands; `near` is the value meant."""
        line = line_of(self.text, path, near)
        keys = ".".join(shorten(part, 30) for part in path if isinstance(part, str))
        items = [f"item {part + 1}" for part in path if isinstance(part, int)]
        where = ", ".join(filter(None, [self.name, f"line {line}" if line else "", keys, *items]))
        return InputError(what, where=where, way_out=way_out, picture=picture)

    @contextmanager
    def placing(self, *path: Part, near: str = "") -> Iterator[None]:
        """An error raised inside gets the file, the line and the key; its picture stays."""
        try:
            yield
        except InputError as error:
            what = (f"{error.where}: " if error.where else "") + error.what
            found = self.error(what, *path, way_out=error.way_out, picture=error.picture, near=near)
            raise found from None


def read_file(path: Path) -> File:
    """The file at `path`, read no further than a file of exercises can go."""
    shown = shorten(str(path), 200)
    try:
        if path.is_dir():
            raise InputError(f"{shown} is a folder, not a file")
        if path.exists() and not path.is_file():
            raise InputError(f"{shown} is not an ordinary file")
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"there is no file {shown}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"the file {shown} cannot be read: {reason}") from None
    return from_bytes(shorten(path.name, 60), data)


def from_bytes(name: str, data: bytes) -> File:
    """The file that `data` is the content of."""
    if len(data) > MOST_BYTES:
        raise InputError(f"the file is larger than {MOST_BYTES // 1000} kB", where=name)
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        way_out = "an exercise is a TOML file, which is text in UTF-8"
        what = "the file is not UTF-8 text"
        raise InputError(what, where=f"{name}, line {line}", way_out=way_out) from None
    return File(name, text, _table(name, text))


def _table(name: str, text: str) -> dict[str, Any]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.lstrip().startswith("#") and len(_DOT.findall(line)) > MOST_DOTS:
            way_out = f"at most {MOST_DOTS} are read; name the parts of a formula"
            raise InputError("too many dots in one line", where=f"{name}, line {number}", way_out=way_out)
    try:
        return tomllib.loads(text, parse_float=Written)
    except RecursionError:
        raise InputError("the file is nested too deeply", where=name) from None
    except ValueError as error:
        raise _syntax_error(name, text, str(error)) from None


def _syntax_error(name: str, text: str, message: str) -> InputError:
    """The error for text that is not TOML, in the words of the TOML reader."""
    place = re.search(_PLACE, message)
    line = text.split("\n")[int(place[1]) - 1] if place and place[1] else ""
    key = _BARE_KEY.match(line)
    if key is not None and not key[1].isascii():
        where = name + _line_of_error(text, place)
        return InputError(f"the key {key[1]} is not in quotes", where=where, way_out=f'write "{key[1]}" = …')
    what = shorten(re.sub(_PLACE, "", message), 100)
    what = "a key is given twice" if "overwrite" in what or "twice" in what else what
    what = "a number has too many digits" if "integer string" in what else what[:1].lower() + what[1:]
    return InputError(f"not valid TOML: {what}", where=name + _line_of_error(text, place))


def _line_of_error(text: str, place: re.Match[str] | None) -> str:
    """The line of an error, the last one where the text ends too early; too long a number is looked for."""
    if place and place[1]:
        return f", line {place[1]}, column {place[2]}"
    digits = re.search(_DIGITS, text)
    end = len(text.rstrip("\n")) if place else digits.start() if digits else None
    return "" if end is None else f", line {text.count(chr(10), 0, end) + 1}"


# The TOML reader says what a file holds, not where. So the text is scanned for section headers and keys, past
# strings of several lines and lists. Only errors ask: a file in an odd style costs at worst a line number,
# never a wrong reading, and the patterns are compiled by the first error, not at every start.

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER = rf"[ \t]*\[\[?[ \t]*({_DOTTED})[ \t]*\]"
_KEY = rf"[ \t]*({_DOTTED})[ \t]*="
_IGNORED = r"""#.*|"(?:[^"\\]|\\.)*+"|'[^']*+'"""


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
            header, key = re.match(_HEADER, line), re.match(_KEY, line)
            if header:
                section = _parts(header[1])
                yield section, number
            elif key:
                yield (*section, *_parts(key[1])), number
        if depth or not re.match(_HEADER, line):
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
    bare = re.sub(_IGNORED, "", line)
    return bare.count("[") - bare.count("]")


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))
