"""Outlines of formulas kept on disk, as Python keeps its modules: typesetting one loads a typeface.

They lie in `__pycache__` beside this module, a file for each formula, as long as ziamath stays the same.
A folder that cannot be read or written, and a file that is damaged, are done without.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from functools import cache, lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from symdiff.console import write_whole
from symdiff.errors import UsageError
from symdiff.rendering.pictures.outlines import SIZE, Bar, Glyph, Outline, Use, outline

FOLDER = Path(__file__).parent / "__pycache__" / "outlines"
FORM = 1
"""What is kept of an outline: another number where `outlines` sets formulas otherwise."""
MOST_KEPT = 4000


@lru_cache(maxsize=4096)
def kept_outline(latex: str) -> Outline:
    """A formula as outlines, from disk if it was set before."""
    file = FOLDER / f"{sha256(f'{_setter()} {latex}'.encode()).hexdigest()}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        said = json.loads(file.read_text(encoding="utf-8"))
        if said["latex"] == latex:
            return _read(said)
    found = outline(latex)
    if not sys.dont_write_bytecode:
        with suppress(OSError, UsageError):
            FOLDER.mkdir(parents=True, exist_ok=True)
            if sum(1 for _ in FOLDER.iterdir()) < MOST_KEPT:
                write_whole(file, json.dumps({"latex": latex, **_said(found)}).encode())
    return found


@cache
def _setter() -> str:
    """What an outline depends on besides its formula: ziamath by its file, which need not be loaded."""
    spec = find_spec("ziamath")
    if spec is None or spec.origin is None:
        return f"{FORM} {SIZE}"
    stat = Path(spec.origin).stat()
    return f"{FORM} {SIZE} {spec.origin} {stat.st_size} {stat.st_mtime_ns}"


def _said(found: Outline) -> dict[str, Any]:
    """An outline as JSON; numbers come back as they are."""
    return {
        "size": [found.width, found.up, found.down],
        "uses": [[use.glyph.name, use.glyph.outline, use.x, use.y, use.scale] for use in found.uses],
        "bars": [[bar.x, bar.y, bar.width, bar.height] for bar in found.bars],
        "paths": list(found.paths),
    }


def _read(said: dict[str, Any]) -> Outline:
    width, up, down = said["size"]
    uses = tuple(Use(Glyph(name, path), x, y, scale) for name, path, x, y, scale in said["uses"])
    return Outline(width, up, down, uses, tuple(Bar(*bar) for bar in said["bars"]), tuple(said["paths"]))
