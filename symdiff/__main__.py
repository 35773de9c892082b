"""The command `symdiff`: runs the Typer application and turns every failure into one clear line."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import sys
from collections.abc import Callable
from typing import NoReturn

from symdiff.console import heed_interruption
from symdiff.errors import SymdiffError

_FORMULA = re.compile(r"-[^-]")
_SHORT_OPTIONS = ("-o", "-h")
INTERNAL, INTERRUPTED = 70, 130
GARBAGE_THRESHOLD = 200_000
"""Records are immutable and make no cycles; looking for garbage less often saves a tenth of a short run."""


def main(argv: list[str] | None = None) -> NoReturn:
    """Run the command with `argv` and exit: 0 done, 1 proved false, 2 usage, 3 input, 4 missing tool."""
    arguments = [protected(argument) for argument in (sys.argv[1:] if argv is None else argv)]
    message, status = outcome(lambda: _run(arguments))
    for stream, text in ((sys.stderr, f"symdiff: {message}\n" if message else ""), (sys.stdout, "")):
        with contextlib.suppress(OSError, AttributeError):  # a closed stream is None
            stream.write(text)
            stream.flush()
    os._exit(status)  # nothing is left to save, and taking SymPy down in order costs a fifth of the run


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


def _run(arguments: list[str]) -> int:
    gc.set_threshold(GARBAGE_THRESHOLD)
    heed_interruption()
    from symdiff.cli.commands import app

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    status = app(arguments, standalone_mode=False)
    sys.stdout.flush()
    return int(status or 0)


def protected(argument: str) -> str:
    """An expression that starts with a minus sign, kept from being read as an option."""
    if argument.startswith(_SHORT_OPTIONS) or not _FORMULA.match(argument):
        return argument
    return f" {argument}"


if __name__ == "__main__":
    main()
