"""Where results go: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import sys
from pathlib import Path

from symdiff.errors import UsageError


def refuse_terminal(ending: str, output: Path | None) -> None:
    """A UsageError where bytes that are no text would go to a terminal; a pipe takes them."""
    if output is None and sys.stdout.isatty():
        raise UsageError(
            f"a {ending} file is not text for a terminal", way_out=f"add -o page.{ending}, or > page.{ending}"
        )


def write(data: str | bytes, output: Path | None) -> None:
    """To standard output, or to a file that is written whole or not at all."""
    if output is None:
        _write_out(data)
    elif output.exists() and not output.is_file():
        if output.is_dir():
            raise UsageError(f"{str(output)!r} is a folder", where="-o")
        output.write_bytes(_bytes(data))
    else:
        _replace(output, _bytes(data))


def _write_out(data: str | bytes) -> None:
    if isinstance(data, str):
        sys.stdout.write(data)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


def _replace(output: Path, data: bytes) -> None:
    import tempfile

    output = output.resolve()
    try:
        with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as file:
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
    import os

    mask = os.umask(0o022)
    os.umask(mask)
    return mask
