"""Files of ours as Python: what is made of a template or a table once, and kept for the next start.

The Python lies in `compiled` in the folder of templates, where the wheel has it from the start. It names the
sum of the text that it was made of, so that it is made anew when the file changed. Where it cannot be
written, or Python writes no bytecode, it is made at each start.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from symdiff.console import write_whole
from symdiff.errors import UsageError

FOLDER = "compiled"
FORM = 1
"""What the Python is like: another number for a form that an older version does not know."""
_CODE: dict[tuple[Path, int], CodeType] = {}
"""What this process has loaded or made."""


def run(file: Path, root: Path, python_of: Callable[[str], str], names: dict[str, Any]) -> None:
    """Run the Python that `python_of` makes of the text of `file`, a file below `root`, with `names`."""
    text = file.read_text(encoding="utf-8")
    made_of, place = _sum(text), place_of(file, root)
    code = _CODE.get((file, made_of)) or _kept(place)
    if code is not None:
        exec(code, names)
        if names.get("made_of") == made_of:
            _CODE[file, made_of] = code
            return
    python = _python(text, python_of)
    if not sys.dont_write_bytecode:
        with suppress(OSError, UsageError):
            place.parent.mkdir(parents=True, exist_ok=True)
            write_whole(place, python)
    _CODE[file, made_of] = code = compile(python, str(place), "exec")
    exec(code, names)


def keep(file: Path, root: Path, python_of: Callable[[str], str]) -> None:
    """Write the Python of `file`, a file below `root`, as the wheel has it."""
    place, python = place_of(file, root), _python(file.read_text(encoding="utf-8"), python_of)
    if not place.is_file() or place.read_text(encoding="utf-8") != python:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, python)


def _sum(text: str) -> int:
    return zlib.crc32(text.encode(), FORM)


def _python(text: str, python_of: Callable[[str], str]) -> str:
    return f"made_of = {_sum(text)}\n{python_of(text)}"


def _kept(place: Path) -> CodeType | None:
    """The Python at `place`, compiled, which Python keeps as it keeps that of modules."""
    with suppress(OSError, ImportError, SyntaxError, EOFError, ValueError):
        return SourceFileLoader(place.stem, str(place)).get_code(place.stem)
    return None


def place_of(file: Path, root: Path) -> Path:
    """Where the Python of a file below `root` lies: `latex/blocks.j2` in `compiled/latex/blocks_j2.py`."""
    return root / FOLDER / file.relative_to(root).parent / f"{file.name.replace('.', '_')}.py"
