"""Where the command writes: to standard output, or to a file that is written whole or not at all."""

from __future__ import annotations

import sys
from pathlib import Path

from symdiff.errors import UsageError
from symdiff.files import write_whole
from symdiff.interrupt import check


def refuse_terminal(ending: str, output: Path | None) -> None:
    """A UsageError where bytes that are no text would go to a terminal; a pipe takes them."""
    if output is None and sys.stdout.isatty():
        way_out = f"add -o page.{ending}, or > page.{ending}"
        raise UsageError(f"a {ending} file is not text for a terminal", way_out=way_out)


def write(content: str | bytes, output: Path | None) -> None:
    """Text or bytes to standard output, or to a file."""
    check()
    data = content if isinstance(content, bytes) else content.encode()
    if output is None:
        _to_standard_output(content)
    elif output.exists() and not output.is_file():
        if output.is_dir():
            raise UsageError(f"{str(output)!r} is a folder", where="-o")
        output.write_bytes(data)
    else:
        write_whole(output, data)


def _to_standard_output(content: str | bytes) -> None:
    if isinstance(content, str):
        sys.stdout.write(content)
        return
    if sys.stdout.isatty():
        raise UsageError("this is no text for a terminal", way_out="write it to a file with -o")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
