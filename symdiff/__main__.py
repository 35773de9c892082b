"""The command `symdiff`: runs the Typer application and turns every failure into one clear line."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from typing import NoReturn

from symdiff.cli.failures import outcome, protected
from symdiff.console import heed_interruption, tell_notices_in_one_line

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


def _run(arguments: list[str]) -> int:
    gc.set_threshold(GARBAGE_THRESHOLD)
    heed_interruption()
    tell_notices_in_one_line()
    from symdiff.cli.commands import app  # start-up: after the collector is told to rest

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    status = app(arguments, standalone_mode=False)
    sys.stdout.flush()
    return int(status or 0)


if __name__ == "__main__":
    main()
