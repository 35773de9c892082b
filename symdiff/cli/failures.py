"""How failures end: whatever goes wrong becomes one clear line and an exit status, never a traceback."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable

from symdiff.errors import Status, SymdiffError

_FORMULA = re.compile(r"-[^-]")


_SHORT_OPTIONS = ("-o", "-h")


def outcome(run: Callable[[], int]) -> tuple[str, int]:
    """The message to print and the exit status of `run`; whatever happens, no traceback for what users do."""
    try:
        status = run()
        return "interrupted" if status == Status.INTERRUPTED else "", status
    except SymdiffError as error:
        return str(error), error.exit_status
    except AttributeError as error:
        if None in (sys.stdin, sys.stdout):
            return "standard input or output is closed", Status.USAGE
        return _internal(error), Status.INTERNAL
    except (
        BrokenPipeError,
        SystemExit,
    ):  # Typer leaves with 1 where a reader has closed the pipe: it had enough
        return "", Status.DONE
    except OSError as error:
        return (error.strerror or str(error)) + (
            f": {error.filename}" if error.filename else ""
        ), Status.USAGE
    except KeyboardInterrupt:
        return "interrupted", Status.INTERRUPTED
    except MemoryError:
        return "there is not enough memory for this; take fewer steps or smaller sizes", Status.UNREADABLE
    except RecursionError:
        return "the expression is nested too deeply; name its parts, one equation a line", Status.UNREADABLE
    except Exception as error:
        if not hasattr(error, "exit_code"):
            return _internal(error), Status.INTERNAL
        if getattr(error, "exit_code", 0) == 0:  # --help has been written
            return "", Status.DONE
        return _usage(error), Status.USAGE


NO_TARGET = (
    'say what to differentiate: an exercise (`symdiff list`), a .toml file or an expression, as "x*sin(x)"'
)


def _usage(error: Exception) -> str:
    """What Typer says of a command that it cannot read, in one line."""
    missing = getattr(error, "param", None) if type(error).__name__ == "MissingParameter" else None
    if getattr(missing, "name", "") == "target":
        return NO_TARGET
    text = error.format_message() if hasattr(error, "format_message") else ""
    return text.replace("\n", " ") or "nothing to do; see symdiff --help"


def _internal(error: Exception) -> str:
    """A defect of ours: say so in one line; SYMDIFF_DEBUG=1 shows where."""
    if os.environ.get("SYMDIFF_DEBUG"):
        raise error
    return f"internal error, {type(error).__name__}: {error}; SYMDIFF_DEBUG=1 shows where".replace("\n", " ")


def protected(argument: str) -> str:
    """An expression that starts with a minus sign, kept from being read as an option."""
    if argument.startswith(_SHORT_OPTIONS) or not _FORMULA.match(argument):
        return argument
    return f" {argument}"
