"""Where the command writes: to standard output, or to a file that is written whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from symdiff.errors import UsageError


def write(content: str | bytes, output: Path | None) -> None:
    """Text or bytes to standard output, or to a file."""
    data = content if isinstance(content, bytes) else content.encode()
    if output is None:
        _to_standard_output(content)
    elif output.exists() and not output.is_file():
        if output.is_dir():
            raise UsageError(f"{str(output)!r} is a folder", where="-o")
        output.write_bytes(data)
    else:
        _replace(output, data)


def _to_standard_output(content: str | bytes) -> None:
    if isinstance(content, str):
        sys.stdout.write(content)
        return
    if sys.stdout.isatty():
        raise UsageError("this is no text for a terminal", way_out="write it to a file with -o")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _replace(output: Path, data: bytes) -> None:
    import tempfile

    output = output.resolve()
    try:
        with tempfile.NamedTemporaryFile(
            "wb", dir=output.parent, prefix=f".{output.name}.", delete=False
        ) as file:
            partial = Path(file.name)
    except OSError as error:
        raise UsageError(f"cannot write {str(output)!r}: {error.strerror}", where="-o") from None
    try:
        partial.write_bytes(data)
        partial.chmod(0o666 & ~_umask())
        partial.replace(output)
    except OSError as error:
        raise UsageError(f"cannot write {str(output)!r}: {error.strerror}", where="-o") from None
    finally:
        partial.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
