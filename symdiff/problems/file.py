"""A TOML file as a table, with every way of failing turned into one error that says where.

A user's file may hold anything: what is too large, no text, no TOML or nested without end is refused here.
Numbers with a decimal point come out as they are written. What the keys mean is said elsewhere.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symdiff.errors import InputError, shorten
from symdiff.problems.lines import Part, line_of

MOST_BYTES = 1_000_000
MOST_DOTS = 40
"""In a key or a formula on one line: the time to read a dotted key grows with the square of its parts."""
_DOT = re.compile(r"\.(?![0-9])|(?<![0-9])\.|\.(?=[0-9]+\.)")
_DIGITS = re.compile(r"[0-9_]{1000}")
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Written:
    """A number with a decimal point or an exponent, as the file writes it."""

    text: str


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
        places = [self.name, f"line {line}" if line else "", *_written(path)]
        return InputError(what, where=", ".join(filter(None, places)), way_out=way_out, picture=picture)

    @contextmanager
    def placing(self, *path: Part, near: str = "") -> Iterator[None]:
        """An error raised inside gets the file, the line and the key; its picture stays."""
        try:
            yield
        except InputError as error:
            what = error.what + (f" in {error.where}" if error.where else "")
            found = self.error(what, *path, way_out=error.way_out, picture=error.picture, near=near)
            raise found from None


def _written(path: tuple[Part, ...]) -> list[str]:
    keys = ".".join(shorten(part, 30) for part in path if isinstance(part, str))
    return [keys, *(f"item {part + 1}" for part in path if isinstance(part, int))]


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
        raise InputError(
            "the file is not UTF-8 text", where=f"{name}, line {line}", way_out=way_out
        ) from None
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
    place = _PLACE.search(message)
    what = shorten(_PLACE.sub("", message), 100)
    what = "a key is given twice" if "overwrite" in what or "twice" in what else what
    what = "a number has too many digits" if "integer string" in what else what[:1].lower() + what[1:]
    return InputError(f"not valid TOML: {what}", where=name + _line_of_error(text, place))


def _line_of_error(text: str, place: re.Match[str] | None) -> str:
    """The line of an error, the last one where the text ends too early; too long a number is looked for."""
    if place and place[1]:
        return f", line {place[1]}, column {place[2]}"
    digits = _DIGITS.search(text)
    end = len(text.rstrip("\n")) if place else digits.start() if digits else None
    return "" if end is None else f", line {text.count(chr(10), 0, end) + 1}"
