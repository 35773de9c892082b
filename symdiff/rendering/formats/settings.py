"""Tables of users' TOML files, checked key by key: settings as a record, messages against the English ones.

Whatever is wrong is one InputError that names the file, the key and the way out. Knows no format.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache
from math import inf
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from symdiff.errors import InputError, did_you_mean
from symdiff.rendering.formats.folders import template_root
from symdiff.rendering.formats.kept_python import run

Settings = TypeVar("Settings")
Rule = tuple[str, Callable[[Any], bool]]
"""What a value must be, in words and as a test."""
FORMS = {"by", "one", "other"}
"""The keys of a message that has a form for one and a form for several."""
OWN = "own"
"""The table of messages that only a user's own templates use."""


def _all_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


_TYPES: dict[Any, Rule] = {
    str: ("a text", lambda v: isinstance(v, str)),
    bool: ("true or false", lambda v: isinstance(v, bool)),
    float: ("a number above 0", lambda v: type(v) in (int, float) and 0 < v < inf),
    tuple[str, ...]: ("a list of texts", lambda v: isinstance(v, list) and _all_texts(v)),
    Mapping[str, str]: ("a table of texts", lambda v: isinstance(v, dict) and _all_texts(v.values())),
    Sequence[Any]: ("a list", lambda v: isinstance(v, list)),
    Mapping[str, Any]: ("a table", lambda v: isinstance(v, dict)),
}


def read_toml(path: Path) -> dict[str, Any]:
    """The table of one of our files, or of a user's; an InputError that names the file otherwise."""
    try:
        return _read_once(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None


@cache
def _read_once(path: Path, changed: int) -> dict[str, Any]:
    """The table of a file that was last `changed` then: a notebook sees what its author edits meanwhile."""
    if not path.is_relative_to(template_root()):
        return toml(read_text(path), str(path))
    names: dict[str, Any] = {}
    run(path, template_root(), python_of_table, names)
    table: dict[str, Any] = names["table"]
    return table


def python_of_table(text: str) -> str:
    """The Python of one of our tables."""
    return f"table = {toml(text, 'templates')!r}\n"


def read_text(path: Path) -> str:
    """The text of a file; an InputError that names it where there is none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read: {reason}", where=str(path)) from None


def refuse_links(path: Path, own: Path | None) -> None:
    """Refuse a file of a user's folder that is a link to somewhere outside of it.

    Raises:
        InputError: the link leads out of the folder.
    """
    if own and path.is_relative_to(own) and not path.resolve().is_relative_to(own.resolve()):
        raise InputError("a link leads out of the folder of templates", where=str(path))


def toml(text: str, where: str) -> dict[str, Any]:
    """The table that `text`, which stands in `where`, says."""
    import tomllib  # start-up: our own tables are kept as Python

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError("cannot be read: nested too deeply", where=where) from None
    except ValueError as error:
        raise InputError(f"cannot be read: {error}", where=where) from None


def settings_in(
    table: Mapping[str, Any],
    kind: type[Settings],
    where: str,
    names: Mapping[str, Iterable[str]],
    rules: Mapping[str, Rule] | None = None,
    **given: Any,
) -> Settings:
    """The dataclass `kind` with the values of a table, each of the type of its field; lists become tuples.

    `given` are the fields that do not stand in the table, `names` the values that a key may have, `rules`
    what a value must be besides.

    Raises:
        InputError: a key is unknown or missing, or a value is not what it must be.
    """
    hints = {key: hint for key, hint in _hints(kind).items() if key not in given}  # type: ignore[arg-type]
    for key, value in table.items():
        if key not in hints:
            raise InputError(f"unknown key {key!r}", where=where, way_out=did_you_mean(key, hints))
        for said, fits in filter(None, (_TYPES[hints[key]], (rules or {}).get(key))):
            if not fits(value):
                raise InputError(f"{key} must be {said}", where=where)
        if key in names and value not in names[key]:
            way_out = did_you_mean(value, filter(None, names[key]))
            raise InputError(f"unknown {key} {value!r}", where=where, way_out=way_out)
    for item in fields(kind):  # type: ignore[arg-type]
        needed = item.default is MISSING and item.default_factory is MISSING
        if needed and item.name not in {*table, *given}:
            raise InputError(f"the key {item.name!r} is missing", where=where)
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return kind(**given, **values)


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    """The types of the fields of a record, which are texts until they are evaluated."""
    return get_type_hints(kind)


def check_messages(messages: Mapping[str, Any], english: Mapping[str, Any], path: Path) -> None:
    """Refuse messages that no page can use; `english` are ours, both with dotted keys.

    Raises:
        InputError: a key is unknown and not under `[own]`, a message is no text, or it has a parameter that
            the English one has not.
    """
    for key, message in messages.items():
        if key not in english and not key.startswith(f"{OWN}."):
            raise InputError(f"unknown key {key!r}", where=str(path), way_out=_nearest(key, english))
        parameters = _parameters(message, key, path)
        if key == "locale.decimal" and len(message) != 1:
            raise InputError(f"{key} must be one sign", where=str(path))
        if key not in english or key.startswith("locale."):
            continue
        known = _parameters(english[key], key, path)
        for name in sorted(parameters - known):
            what = f"unknown parameter {{{name}}} in {key!r}"
            raise InputError(what, where=str(path), way_out=did_you_mean(name, known) if known else "")


def _nearest(key: str, english: Mapping[str, Any]) -> str:
    """The way out for an unknown key: the nearest one of its table, or the nearest table."""
    part = key.rpartition(".")[0]
    tables = {known.rpartition(".")[0] for known in english}
    beside = [known for known in english if known.rpartition(".")[0] == part]
    nearest = did_you_mean(key, beside) if beside else did_you_mean(part or key, tables)
    return nearest if nearest.startswith("did") else f"messages of your own templates go under [{OWN}]"


def _parameters(message: Any, key: str, path: Path) -> set[str]:
    """The parameters of a message, those of both its forms."""
    several = isinstance(message, dict) and {*message} == FORMS
    texts = [*message.values()] if several else [message]
    if not _all_texts(texts):
        way_out = "write a text, or a table of by, one and other"
        raise InputError(f"{key!r} is no message", where=str(path), way_out=way_out)
    try:
        parts = [part for text in texts for part in string.Formatter().parse(text)]
    except ValueError as error:
        way_out = "write {{ and }} for braces"
        raise InputError(f"{key!r} is no message: {error}", where=str(path), way_out=way_out) from None
    return {name for _, name, _, _ in parts if name is not None} | ({message["by"]} if several else set())
