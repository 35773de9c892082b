"""Every error symdiff raises on purpose: one hierarchy, one message shape.

A message says where something is wrong, what, and the way out, on one line. `exit_status` is what the command
returns. This module knows nothing of expressions, documents or the command line.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Status(IntEnum):
    """What the command returns; nothing is written but with `DONE`."""

    DONE = 0
    FALSE = 1  # an equality is false
    USAGE = 2  # an option, a name or an output file
    UNREADABLE = 3  # input that cannot be read, or a point outside the domain
    MISSING_TOOL = 4
    PARTLY_UNREAD = 5  # kept for readers of people's pages: some of the input was not understood
    UNDECIDED = 6  # a statement was neither proved nor refuted
    INTERNAL = 70  # a defect of symdiff itself
    INTERRUPTED = 130


class SymdiffError(Exception):
    """Base of all errors, one line each: `where`, if known, `what`, and the `way_out`, if there is one."""

    exit_status = Status.UNREADABLE

    def __init__(self, what: str, *, where: str = "", way_out: str = "", picture: str = "") -> None:
        self.what, self.where, self.way_out, self.picture = what, where, way_out, picture
        line = (f"{where}: " if where else "") + what + (f"; {way_out}" if way_out else "")
        super().__init__(line + (f"\n{picture}" if picture else ""))


class ProofError(SymdiffError):
    """A member of an equality differs from the model: nothing may be printed."""

    exit_status = Status.FALSE


class UndecidedError(SymdiffError):
    """A statement that could be neither proved nor refuted: nothing may be printed."""

    exit_status = Status.UNDECIDED


class UsageError(SymdiffError):
    """An option or argument has a value that does not exist."""

    exit_status = Status.USAGE


class InputError(SymdiffError):
    """An expression, a problem file or a point cannot be read or has no meaning."""


class DomainError(InputError):
    """A value is not a real number of reasonable size at the point asked for."""


class ShapeError(InputError):
    """Shapes that do not fit an operation; it would be one, if the pairs of sizes in `equal` were equal.

    Without a pair no sizes make them fit: a number stands where an array is expected, or the other way round.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        way_out: str = "",
        picture: str = "",
        equal: Iterable[tuple[int | str, int | str]] = (),
    ) -> None:
        super().__init__(what, where=where, way_out=way_out, picture=picture)
        self.equal = tuple(equal)


class EntriesError(InputError):
    """An array cannot be written out entry by entry, or not so that anyone would read it."""


class NoFormError(SymdiffError, NotImplementedError):
    """A linear map is no matrix in a notation that people share."""


class NameNotice(UserWarning):
    """No error: a name that nothing defines was read as a word of the language."""


class MissingToolError(SymdiffError):
    """An optional tool or package is needed and absent."""

    exit_status = Status.MISSING_TOOL


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The way out for an unknown name: the nearest known one, else the list of them."""
    from difflib import get_close_matches  # start-up: only errors need it

    known = sorted(known)
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"


def shorten(text: str, limit: int = 60) -> str:
    """`text` on one printable line of at most `limit` characters, for use inside a message."""
    line = "".join(c if c.isprintable() else "?" for c in text.replace("\n", " "))
    return line if len(line) <= limit else line[: limit - 1] + "…"
