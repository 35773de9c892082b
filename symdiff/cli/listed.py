"""What `symdiff list` says: exercises with their titles and modes, functions, those that search words name.

    chosen(exercises("en"), ["reseau"])        # case and accents do not count

For a quick start nothing heavy is imported.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from symdiff.errors import UsageError, did_you_mean
from symdiff.expr.records import dataclass

SHORT = 2
"""Words of so many letters, as "at", are meant by nobody who looks for a title."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One thing that is there: its name, what stands beside it, what it is found by, and its record."""

    name: str
    cells: tuple[str, ...]
    words: str
    record: dict[str, Any]


def exercises(lang: str) -> list[Listed]:
    """The built-in exercises with their titles and the modes that have a page for them."""
    from symdiff.exercises import load, names, titles

    found = []
    for name in names():
        modes, by_language = load(name).modes, dict(titles(name))
        title = by_language.get(lang, by_language["en"])
        record = {"name": name, "title": by_language, "modes": [*modes]}
        found.append(
            Listed(name, (title, ", ".join(modes)), " ".join((name, *by_language.values(), *modes)), record)
        )
    return found


def functions() -> list[Listed]:
    """The functions of the language, as they are called."""
    from symdiff.language.named_formulas import NAMED
    from symdiff.language.reader import FILLED_ARRAYS
    from symdiff.rules.table import functions as table

    rows = [(name, *_signature(name, rule.op.arity, rule.op.name)) for name, rule in table().items()]
    rows += [(name, f"{name}({sizes})", "") for name, sizes in FILLED_ARRAYS.items()]
    rows += [("piecewise", "piecewise((u, c), …, (v, True))", "")]
    rows += [(name, f"{name}({it.signature})", f"= {it.formula}") for name, it in NAMED.items()]
    return [_function(*row) for row in rows]


def _function(name: str, call: str, same: str) -> Listed:
    text = f"{call}  (the same as {same})" if same else call
    record = {"name": name, "call": call} | ({"same_as": same} if same else {})
    return Listed(name, (text,), f"{name} {same}", record)


def _signature(name: str, arity: int | None, own: str) -> tuple[str, str]:
    """How a function is called, and the name of which it is another one."""
    if arity is None:
        return f"{name}(u, v, …)", ""
    if not arity:
        return "constant", ""
    return f"{name}({', '.join('uvwxyz'[:arity])})", "" if name == own else own


def chosen(rows: Sequence[Listed], words: Iterable[str]) -> list[Listed]:
    """The rows that have all the words, anywhere in their names and titles.

    Raises:
        UsageError: there is none.
    """
    wanted = [folded(word) for text in words for word in text.split()]
    found = [row for row in rows if all(word in folded(row.words) for word in wanted)]
    if not found:
        known = {word for row in rows for word in folded(row.words).split() if len(word) > SHORT}
        near = did_you_mean(wanted[0] if wanted else "", known)
        way_out = near if near.startswith("did") else "without words all are listed"
        raise UsageError(f"nothing is called {' '.join(words)!r}", way_out=way_out)
    return found


def folded(text: str) -> str:
    """`text` without case and accents: Réseau is reseau."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).replace("’", "'")


def in_lines(rows: Sequence[Listed]) -> str:
    """A line for each row, in columns."""
    table = [(row.name, *row.cells) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in table)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def in_json(rows: Sequence[Listed]) -> str:
    """The records as a JSON list."""
    return json.dumps([row.record for row in rows], indent=2, ensure_ascii=False) + "\n"
