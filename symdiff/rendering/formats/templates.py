"""Templates as bytecode: compiled once, kept in this process and, of our own templates, beside them.

Python keeps its modules in `__pycache__`; compiling templates costs a twentieth of a short run, so ours are
kept in the same way and under the same conditions. A template that changed is compiled anew: Jinja compares
sources.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import jinja2

Bucket = jinja2.bccache.Bucket


class InProcess(jinja2.BytecodeCache):
    """What this process has compiled."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


class Beside(InProcess):
    """The same, and on disk; a folder that cannot be read or written is done without."""

    def __init__(self, templates: Path) -> None:
        super().__init__()
        self.folder = templates / "__pycache__"
        self._disk = jinja2.FileSystemBytecodeCache(str(self.folder))

    def load_bytecode(self, bucket: Bucket) -> None:
        super().load_bytecode(bucket)
        if bucket.code is None:
            with suppress(OSError):
                self._disk.load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        super().dump_bytecode(bucket)
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            self.folder.mkdir(exist_ok=True)
            self._disk.dump_bytecode(bucket)


@cache
def beside(templates: Path) -> Beside:
    """The cache of our own templates."""
    return Beside(templates)


IN_PROCESS = InProcess()
"""The cache of users' templates."""
