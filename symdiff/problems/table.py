"""Which keys an exercise has and of which type their values are; a value of another type is an error.

What the values mean together is said in the modules that ask: `inputs`, `build`, `composition`, `point`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from symdiff.errors import InputError, did_you_mean, shorten
from symdiff.problems.file import File, Written
from symdiff.problems.lines import Part

KEYS = (
    "title",
    "source",
    "output",
    "wrt",
    "mode",
    "rate",
    "first",
    "inputs",
    "steps",
    "sequences",
    "assume",
    "recurrence",
    "definitions",
    "components",
    "composition",
    "functions",
    "at",
)
FUNCTION_KEYS = ("of", "is")
MODES = ("forward", "reverse", "both", "jacobian", "chain", "entries", "bptt")
MOST_TITLE = 200
_KINDS: Mapping[type, str] = {
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


def check_keys(file: File, table: Mapping[str, Any], known: Iterable[str], *path: Part) -> None:
    """Refuse a key that nothing reads: it would be a misspelt one."""
    known = list(known)
    for key in table:
        if key not in known:
            what = f"unknown key {shorten(key, 30)!r}"
            raise file.error(what, *path, key, way_out=did_you_mean(key, known))


def section(file: File, key: str) -> dict[str, Any] | None:
    """The table under a key, None if there is none."""
    value = file.table.get(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise file.error(f"{kind(value)} where a section [{key}] is expected", key)
    if not value:
        raise file.error("the section is empty", key)
    return value


def text_at(file: File, value: object, *path: Part, wanted: str = "a text in quotes") -> str:
    """A text that is not empty."""
    if not isinstance(value, str):
        raise file.error(f"{kind(value)} where {wanted} is expected", *path)
    if not value.strip():
        raise file.error(f"an empty text where {wanted} is expected", *path)
    return value


def texts_at(file: File, value: object, *path: Part, wanted: str) -> tuple[str, ...]:
    """A list of texts that is not empty."""
    if not isinstance(value, list):
        raise file.error(
            f"{kind(value)} where a list is expected", *path, way_out=f'write ["…", "…"]: {wanted}'
        )
    if not value:
        raise file.error("an empty list", *path, way_out=f"write {wanted}")
    return tuple(text_at(file, item, *path, i, wanted="a text in quotes") for i, item in enumerate(value))


def choice(file: File, key: str, known: tuple[str, ...]) -> str | None:
    """The value of a key that has few possible ones, None if the key is absent."""
    if key not in file.table:
        return None
    found = text_at(file, file.table[key], key)
    if found not in known:
        what = f"unknown {key} {shorten(found, 30)!r}"
        raise file.error(what, key, way_out=did_you_mean(found, known))
    return found


def titles_of(file: File) -> dict[str, str]:
    """The title by language; a title without a language holds for all, which fall back on the first."""
    given = file.table.get("title")
    if given is None:
        return {}
    if not isinstance(given, dict):
        return {"en": _title(file, given, "title")}
    if not given:
        raise file.error("no language has a title", "title", way_out='write title = "…"')
    for language in given:
        if not 2 <= len(language) <= 10 or not language.replace("-", "").isalpha():
            what = f"{shorten(language, 20)!r} is not a language"
            raise file.error(what, "title", language, way_out="write en or fr")
    return {language: _title(file, text, "title", language) for language, text in given.items()}


def _title(file: File, value: object, *path: Part) -> str:
    title = text_at(file, value, *path).strip()
    if len(title) > MOST_TITLE or not title.isprintable():
        what = f"a title is one line of at most {MOST_TITLE} characters"
        raise file.error(what, *path)
    return title


def check_word(name: str) -> str:
    """`name` if it may name something of the author's: a name, and no word of the language."""
    from symdiff.expr.names import check_name
    from symdiff.rules.table import functions

    if check_name(name) in functions():
        raise InputError(f"{name!r} belongs to the language, it cannot be a name here", way_out="rename it")
    return name
