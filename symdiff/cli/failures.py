"""How failures end: whatever goes wrong becomes one clear line and an exit status, never a traceback."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable

from symdiff.errors import SymdiffError

_FORMULA = re.compile(r"-[^-]")


_SHORT_OPTIONS = ("-o", "-h")


INTERNAL, INTERRUPTED = 70, 130


def outcome(run: Callable[[], int]) -> tuple[str, int]:
    """The message to print and the exit status of `run`; whatever happens, no traceback for what users do."""
    try:
        status = run()
        return "interrupted" if status == INTERRUPTED else "", status
    except SymdiffError as error:
        return str(error), error.exit_status
    except AttributeError as error:
        if None in (sys.stdin, sys.stdout):
            return "standard input or output is closed", 2
        return _internal(error), INTERNAL
    except BrokenPipeError:
        return "", 0
    except OSError as error:
        return (error.strerror or str(error)) + (f": {error.filename}" if error.filename else ""), 2
    except KeyboardInterrupt:
        return "interrupted", INTERRUPTED
    except (RecursionError, MemoryError):
        return "the expression is nested too deeply; name its parts, one equation a line", 3
    except Exception as error:
        if not hasattr(error, "exit_code"):
            return _internal(error), INTERNAL
        if getattr(error, "exit_code", 0) == 0:  # --help has been written
            return "", 0
        text = error.format_message() if hasattr(error, "format_message") else ""
        return text.replace("\n", " ") or "nothing to do; see symdiff --help", 2


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
