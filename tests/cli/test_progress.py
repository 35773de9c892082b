"""Progress is for terminals and long work and leaves nothing behind; files are written whole or not."""

from __future__ import annotations

import io
import sys
from importlib import import_module
from pathlib import Path

import pytest

from symdiff import console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_shown_before_two_seconds_and_the_stage_after() -> None:
    now, stream = [0.0], Terminal()
    line = console.Progress(stream, lambda: now[0])
    console.stage("checking every line")
    now[0] = 1.9
    line.tick()
    line.clear()
    assert stream.getvalue() == ""
    now[0] = 3.2
    line.tick()
    assert "checking every line, 3 s" in stream.getvalue()
    line.clear()
    assert stream.getvalue().endswith(console.CLEAR)


def test_a_stream_that_is_no_terminal_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(console, "SHOWN_AFTER", 0.0)
    with console.progress_shown():
        pass
    assert stream.getvalue() == ""


def test_an_interruption_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "page.tex"
    target.write_text("old", encoding="utf-8")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        console.write_whole(target, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["page.tex"]
    assert target.read_text(encoding="utf-8") == "old"


def test_an_interruption_on_the_way_is_one_line_and_130(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from symdiff.__main__ import _run
    from symdiff.cli.failures import outcome

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("symdiff.api.solution"), "proved_page", interrupted)
    target = tmp_path / "page.tex"
    assert outcome(lambda: _run(["derive", "sigmoid", "-o", str(target)])) == ("interrupted", 130)
    assert list(tmp_path.iterdir()) == []
