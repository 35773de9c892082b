"""Files that the command writes: their mode, no temporary file left, pictures before their page; pipes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from symdiff import console
from symdiff.cli import commands, delivery

UNIX = pytest.mark.skipif(os.name != "posix", reason="modes and signals of Unix")
COMMAND = [sys.executable, "-m", "symdiff"]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@UNIX
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o644])
def test_a_file_keeps_its_mode(mode: int, tmp_path: Path) -> None:
    page = tmp_path / "page.tex"
    page.write_text("old")
    page.chmod(mode)
    console.write_whole(page, "new")
    assert (page.read_text(), mode_of(page)) == ("new", mode)


@UNIX
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o027])
def test_a_new_file_follows_the_umask_which_stays(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        console.write_whole(tmp_path / "page.tex", b"new")
        assert mode_of(tmp_path / "page.tex") == 0o666 & ~mask
        assert os.umask(mask) == mask
    finally:
        os.umask(before)


@UNIX
def test_a_private_file_is_at_no_time_readable_by_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.tex"
    page.write_text("old")
    page.chmod(0o600)
    seen = []
    replace = Path.replace

    def look(self: Path, target: Path) -> Path:
        seen.append(mode_of(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", look)
    console.write_whole(page, "new")
    assert seen == [0o600]


KILLED = """
import os, signal, sys
from pathlib import Path
from symdiff import console
Path.replace = lambda self, target: os.kill(os.getpid(), signal.{0})
console.write_whole(Path("page.tex"), "new")
"""


@UNIX
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_leaves_neither_a_temporary_file_nor_half_a_page(name: str, tmp_path: Path) -> None:
    (tmp_path / "page.tex").write_text("old")
    root = str(Path(console.__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-c", KILLED.format(name)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
    )
    assert run.returncode == -getattr(signal, name)
    assert [path.name for path in tmp_path.iterdir()] == ["page.tex"]
    assert (tmp_path / "page.tex").read_text() == "old"


@UNIX
def test_signals_are_handled_as_before_once_a_file_is_written(tmp_path: Path) -> None:
    mine = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        console.write_whole(tmp_path / "page.tex", "new")
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, mine)


def test_pictures_are_written_before_their_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    write = console.write

    def noted(content: str | bytes, output: Path | None) -> None:
        assert output is not None
        order.append(output.name)
        write(content, output)

    monkeypatch.setattr(delivery, "write", noted)
    arguments = [
        "derive",
        "sigmoid",
        "--format",
        "markdown",
        "--pictures",
        "svg",
        "-o",
        str(tmp_path / "p.md"),
    ]
    assert CliRunner().invoke(commands.app, arguments).exit_code == 0
    assert order == ["p-1.svg", "p.md"]
    assert "(p-1.svg)" in (tmp_path / "p.md").read_text(encoding="utf-8")


TALKATIVE = {
    "page": ["derive", "sigmoid", "--mode", "reverse"],
    "large page": ["derive", "sigmoid", "--mode", "reverse", "--format", "html"],
    "json": ["derive", "sigmoid", "--mode", "reverse", "--format", "json"],
    "picture": ["graph", "sigmoid"],
    "code": ["code", "sigmoid"],
    "list": ["list", "--functions"],
    "help": ["graph", "--help"],
    "version": ["--version"],
    "device": ["derive", "sigmoid", "--mode", "reverse", "--format", "text", "-o", "/dev/stdout"],
}


@UNIX
@pytest.mark.parametrize("name", TALKATIVE)
@pytest.mark.parametrize("reader", ["true", "head -1"])
def test_a_reader_that_goes_away_is_no_failure(name: str, reader: str) -> None:
    writer = subprocess.Popen([*COMMAND, *TALKATIVE[name]], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    subprocess.run(reader.split(), stdin=writer.stdout, stdout=subprocess.DEVNULL)
    assert writer.stdout is not None
    writer.stdout.close()
    assert writer.stderr is not None
    assert (writer.stderr.read(), writer.wait(60)) == (b"", 0)
