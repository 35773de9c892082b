"""What the command has to do with files, terminals and Ctrl-C. Knows no page.

- A file is written whole or not at all, whatever happens on the way; standard output takes the rest.
- Colours go to a terminal, not to a file or a pipe; the environment may object.
- Ctrl-C is not lost: libraries that catch everything while they are loaded cannot swallow it. The signal
  raises KeyboardInterrupt as always and is remembered: work that goes on all the same ends at its next stage,
  and nothing is written any more.
- Progress of long work is one line on a terminal's standard error: which stage it is in, and since when. Work
  says its stage with `stage`; a thread that sleeps most of the time writes it. Nothing is shown for two
  seconds, nothing where standard error is no terminal, and nothing is left behind.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn, TextIO

from symdiff.errors import NameNotice, UsageError


def refuse_terminal(ending: str) -> None:
    """A UsageError where bytes that are no text would go to a terminal; a pipe takes them."""
    if sys.stdout.isatty():
        way_out = f"add -o page.{ending}, or > page.{ending}"
        raise UsageError(f"a {ending} file is not text for a terminal", way_out=way_out)


def write(content: str | bytes, output: Path | None) -> None:
    """Text or bytes to standard output, or to a file."""
    check_interruption()
    data = content if isinstance(content, bytes) else content.encode()
    if output is None:
        _write_to_standard_output(content)
    elif output.exists() and not output.is_file():
        if output.is_dir():
            raise UsageError(f"{output} is a folder", where="-o", way_out="add the name of a file")
        output.write_bytes(data)
    else:
        write_whole(output, data)


def _write_to_standard_output(content: str | bytes) -> None:
    if isinstance(content, str):
        sys.stdout.write(content)
        return
    if sys.stdout.isatty():
        raise UsageError("this is no text for a terminal", way_out="write it to a file with -o")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def write_whole(output: Path, content: str | bytes) -> None:
    """Put `content` in place of the file `output` at once; an interruption leaves the file as it was.

    A file that is there keeps its mode, and where we may give files away its owner; a new one has the mode
    that the umask asks for.

    Raises:
        UsageError: the file cannot be written.
    """
    output = output.resolve()
    # In the same folder, so that it can take the place of the file in one move.
    partial = output.with_name(f".{output.name[:200]}.{os.urandom(6).hex()}")
    try:
        with _removed_at_the_end(partial):
            _write_beside(partial, output, content if isinstance(content, bytes) else content.encode())
            partial.replace(output)
    except OSError as error:
        folder = output.parent
        reason = error.strerror if folder.exists() else f"the folder {folder} does not exist"
        raise UsageError(f"cannot write {output}: {reason}", where="-o") from None


def _write_beside(partial: Path, output: Path, data: bytes) -> None:
    """Write a new file with the mode and the owner of the one whose place it will take."""
    there = output.stat() if output.exists() else None
    mode = 0o666 if there is None else stat.S_IMODE(there.st_mode) & 0o600  # never wider than it was
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _AS_BYTES, mode), "wb") as file:
        if there is not None and hasattr(os, "fchown"):
            for owner in ((there.st_uid, -1), (-1, there.st_gid)):
                with suppress(PermissionError):
                    os.fchown(file.fileno(), *owner)
        if there is not None:
            partial.chmod(stat.S_IMODE(there.st_mode))
        file.write(data)


_AS_BYTES = getattr(os, "O_BINARY", 0)
_FATAL = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def _removed_at_the_end(partial: Path) -> Iterator[None]:
    """No file `partial` is left, whatever ends the work inside: a signal that ends the process as well."""

    def end(number: int, _: object) -> None:
        partial.unlink(missing_ok=True)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    # Only the main thread may ask for signals; one that is ignored or has a handler keeps what it has.
    is_main = threading.current_thread() is threading.main_thread()
    heeded = [n for n in _FATAL if is_main and signal.getsignal(n) is signal.SIG_DFL]
    for number in heeded:
        signal.signal(number, end)
    try:
        yield
    finally:
        partial.unlink(missing_ok=True)
        for number in heeded:
            signal.signal(number, signal.SIG_DFL)


def wants_colours(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """NO_COLOR forbids, FORCE_COLOR demands, TERM=dumb declines; otherwise a terminal decides."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return environment.get("TERM") != "dumb" and stream.isatty()


def tell_notices_in_one_line() -> None:
    """Let a `NameNotice` be one line of the command's on standard error, each said once."""
    told: set[str] = set()
    python_shows = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if not issubclass(category, NameNotice):
            python_shows(message, category, *place, **more)
        elif str(message) not in told and sys.stderr is not None:
            told.add(str(message))
            sys.stderr.write(f"symdiff: {message}\n")

    warnings.simplefilter("always", NameNotice)
    warnings.showwarning = show


_interrupted = [False]
"""Whether Ctrl-C was pressed: a list, which the handler of the signal can change."""


def heed_interruption() -> None:
    """Remember an interruption from now on, unless interruptions are ignored, as after `nohup`."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _remember)


def _remember(*_: object) -> NoReturn:
    _interrupted[0] = True
    raise KeyboardInterrupt


def check_interruption() -> None:
    """Raise KeyboardInterrupt if one was asked for before."""
    if _interrupted[0]:
        raise KeyboardInterrupt


SHOWN_AFTER, SHOWN_EVERY = 2.0, 0.25
"""Seconds before anything is shown, and between two looks at the stage."""
CLEAR = "\r\x1b[K"
"""What empties the line of a terminal."""
_current_stage = ["working"]
"""What is being done: a list, which the thread that shows it reads."""


def stage(name: str) -> None:
    """Say what is being done from now on, unless an interruption has been asked for."""
    check_interruption()
    _current_stage[0] = name


class Progress:
    """One line that is written over, on one stream."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream, self.clock = stream, clock
        self.start, self.shown = clock(), False

    def tick(self) -> None:
        """Write the stage and the seconds so far, once it has been long enough."""
        passed = self.clock() - self.start
        if passed >= SHOWN_AFTER:
            self.shown = True
            self._put(f"{CLEAR}symdiff: {_current_stage[0]}, {passed:.0f} s (Ctrl-C stops it)")

    def clear(self) -> None:
        """Leave the line empty."""
        if self.shown:
            self._put(CLEAR)

    def _put(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


@contextmanager
def progress_shown() -> Iterator[None]:
    """Show the progress of what is done inside, if it takes long and standard error is a terminal."""
    stream = sys.stderr
    if stream is None or not stream.isatty():
        yield
        return
    progress, done = Progress(stream), threading.Event()

    def run() -> None:
        while not done.wait(SHOWN_EVERY):
            progress.tick()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        progress.clear()
