"""Rows of a kind: a row of a page that is another one in other names, written out when somebody reads it.

Printers and the proof look at the pattern and the names instead, so that what a kind costs is paid once. Knows
no calculus and no markup.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from symdiff.document import Chain, Row, Text
from symdiff.expr import Expr, Sym, substitute
from symdiff.pattern import Pattern


class RowOfKind(Row):
    """`pattern.record` with `names` in place of its own names."""

    __slots__ = ("_written", "names", "pattern")

    def __init__(self, pattern: Pattern[Row], names: tuple[Sym, ...]) -> None:
        put = object.__setattr__
        put(self, "pattern", pattern)
        put(self, "names", names)
        put(self, "_written", None)

    @property
    def written(self) -> Row:
        """The row in its own names."""
        if self._written is None:
            values: dict[Expr, Expr] = dict(zip(self.pattern.names, self.names, strict=True))
            object.__setattr__(self, "_written", renamed(self.pattern.record, values))
        return self._written

    @property
    def chain(self) -> Chain:  # type: ignore[override]
        return self.written.chain

    @property
    def beside(self) -> tuple[Chain, ...]:  # type: ignore[override]
        return self.written.beside

    @property
    def note(self) -> Text | None:  # type: ignore[override]
        return self.written.note

    @property
    def space(self) -> Expr | None:  # type: ignore[override]
        return self.written.space

    @property
    def reason(self) -> Text | None:  # type: ignore[override]
        return self.written.reason


class Repeats:
    """Makes the rows of one block: the first of each kind as it is, the others as that one in other names."""

    def __init__(self) -> None:
        self._patterns: dict[Hashable, Pattern[Row]] = {}

    def row(self, kind: Hashable, names: tuple[Sym, ...], make: Callable[[], Row]) -> Row:
        """The row of a kind; `names` are all its names, in an order that the kind tells."""
        pattern = self._patterns.get(kind)
        if pattern is None:
            pattern = self._patterns[kind] = Pattern(make(), names)
        return RowOfKind(pattern, names)


def renamed(value: Any, values: Mapping[Expr, Expr]) -> Any:
    """A row or a part of it in other names."""
    if isinstance(value, Expr):
        return substitute(value, values)
    if isinstance(value, Chain):
        left, *members = (substitute(form, values) for form in (value.left, *value.members))
        return Chain(left, tuple(members), value.at_point, value.boxed, value.times)
    if isinstance(value, Text):
        return Text(value.key, {name: renamed(param, values) for name, param in value.params.items()})
    if isinstance(value, tuple):
        return tuple(renamed(part, values) for part in value)
    if isinstance(value, Row):
        parts = (value.chain, value.beside, value.note, value.space, value.reason)
        return Row(*(renamed(part, values) for part in parts))
    return value
