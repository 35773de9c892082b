"""Progress of long work on a terminal's standard error: which stage it is in, and since when.

Nothing is shown for two seconds, nothing where standard error is no terminal, and nothing is left behind.
Work says its stage with `stage`; a thread that sleeps most of the time writes it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from symdiff.interrupt import check

AFTER, EVERY = 2.0, 0.25
"""Seconds before anything is shown, and between two looks at the stage."""
CLEAR = "\r\x1b[K"
_now = ["working"]


def stage(name: str) -> None:
    """Say what is being done from now on, unless an interruption has been asked for."""
    check()
    _now[0] = name


class Progress:
    """One line that is written over, on one stream."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream, self.clock = stream, clock
        self.start, self.shown = clock(), False

    def tick(self) -> None:
        """Write the stage and the seconds so far, once it has been long enough."""
        passed = self.clock() - self.start
        if passed >= AFTER:
            self.shown = True
            self._put(f"{CLEAR}symdiff: {_now[0]}, {passed:.0f} s (Ctrl-C stops it)")

    def clear(self) -> None:
        """Leave the line empty."""
        if self.shown:
            self._put(CLEAR)

    def _put(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


@contextmanager
def shown() -> Iterator[None]:
    """Show the progress of what is done inside, if it takes long and standard error is a terminal."""
    stream = sys.stderr
    if stream is None or not stream.isatty():
        yield
        return
    from threading import Event, Thread

    progress, done = Progress(stream), Event()

    def run() -> None:
        while not done.wait(EVERY):
            progress.tick()

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        progress.clear()
