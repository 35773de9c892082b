"""Files that are written whole or not at all, whatever happens on the way."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from symdiff.errors import UsageError


def write_whole(output: Path, content: str | bytes) -> None:
    """Put `content` in place of the file `output` at once; an interruption leaves the file as it was.

    Raises:
        UsageError: the file cannot be written.
    """
    output = output.resolve()
    partial: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "wb", dir=output.parent, prefix=f".{output.name}.", delete=False
        ) as file:
            partial = Path(file.name)
            file.write(content if isinstance(content, bytes) else content.encode())
        partial.chmod(0o666 & ~_umask())
        partial.replace(output)
    except OSError as error:
        raise UsageError(f"cannot write {str(output)!r}: {error.strerror}", where="-o") from None
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
