"""System tools for tests: skipped where a user lacks them, required in CI."""

from __future__ import annotations

import gc
import importlib
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest

from symdiff.__main__ import main

ROOT = Path(__file__).parents[1]


def need(tool: str) -> str:
    """The path of a system tool; without it the test is skipped, and fails in CI."""
    found = shutil.which(tool)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{tool} is missing in CI")
        pytest.skip(f"{tool} is not installed")
    return found


def need_module(name: str) -> ModuleType:
    """A module for tests; without it the test is skipped, and fails in CI."""
    try:
        return importlib.import_module(name)
    except ImportError:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing in CI")
        pytest.skip(f"{name} is not installed")


def run_command(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    """`symdiff` with arguments, as a process of its own."""
    settings: dict[str, object] = {"capture_output": True, "timeout": 60} | options
    return subprocess.run([sys.executable, "-m", "symdiff", *arguments], **settings)  # type: ignore[call-overload]


def run_here(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """What `run_command` finds, from the same `main` in this process: nothing has to start and be loaded."""
    names = ("stdin", "stdout", "stderr")
    streams = [io.TextIOWrapper(io.BytesIO(data), encoding="utf-8") for data in (stdin, b"", b"")]
    ours, threshold = mock.patch.multiple(sys, **dict(zip(names, streams, strict=True))), gc.get_threshold()
    with mock.patch("os._exit", side_effect=sys.exit), ours, pytest.raises(SystemExit) as caught:
        main(list(arguments))
    gc.set_threshold(*threshold)
    output, error = (stream.buffer.getvalue() for stream in streams[1:])  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(arguments, caught.value.code, output, error)  # type: ignore[arg-type]


def compile_latex(source: str, folder: Path) -> str:
    """Run pdflatex on a document; its log."""
    tool = need("pdflatex")
    (folder / "page.tex").write_text(source, encoding="utf-8")
    command = [tool, "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
    log = (folder / "page.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    return log


def is_said(says: str, message: str) -> bool:
    """Whether `message` has the parts of `says`, between which stands …, in this order."""
    place = 0
    for part in says.split(" … "):
        place = message.find(part, place) + 1
        if not place:
            return False
    return True
