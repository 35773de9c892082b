"""How a text is to be read, and how the reader says what it has understood.

The liberties of typed mathematics, `2x`, `x²`, `|x|`, `np.exp(x)`, are taken unless a text is read literally.
How a text is read is the same for all formulas of a command or a call, so it is set once, by who asks.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import replace

from symdiff.errors import NameNotice
from symdiff.expr.records import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """`literal` takes no liberties; a `decimal` is written with "point", "comma", or "auto".

    With "auto" a comma between digits is one of a decimal where nothing else fits.
    """

    literal: bool = False
    decimal: str = "auto"


_CURRENT: ContextVar[Reading] = ContextVar("reading", default=Reading())  # noqa: B039 - it cannot be changed


def current() -> Reading:
    """How texts are read now."""
    return _CURRENT.get()


@contextmanager
def read_as(reading: Reading) -> Iterator[None]:
    """Within this context texts are read so."""
    token = _CURRENT.set(reading)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def literally(literal: bool) -> AbstractContextManager[None]:
    """Within this context texts are read without liberties, if asked for, otherwise as before."""
    return read_as(replace(current(), literal=literal or current().literal))


Notice = tuple[str, int]
_HELD: ContextVar[list[Notice] | None] = ContextVar("held", default=None)


@contextmanager
def holding() -> Iterator[list[Notice]]:
    """Within this context nothing is told; it is kept, for a reading that may not be taken."""
    kept: list[Notice] = []
    token = _HELD.set(kept)
    try:
        yield kept
    finally:
        _HELD.reset(token)


def tell(what: str, line: int = 1) -> None:
    """Say in one line, on standard error for the command, what was understood where it is not plain."""
    held = _HELD.get()
    if held is not None:
        held.append((what, line))
        return
    # The place is no file, so that Python shows this one line and no source below it.
    warnings.warn_explicit(NameNotice(what), None, "<formula>", line)
