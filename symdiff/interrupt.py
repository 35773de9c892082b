"""Ctrl-C that is not lost: libraries that catch everything while they are loaded cannot swallow it.

The signal raises KeyboardInterrupt as always, and is remembered: work that goes on all the same ends at its
next stage, and nothing is written any more.
"""

from __future__ import annotations

import signal
from typing import NoReturn

_asked = [False]


def heed() -> None:
    """Remember an interruption from now on, unless interruptions are ignored, as after `nohup`."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _remember)


def _remember(*_: object) -> NoReturn:
    _asked[0] = True
    raise KeyboardInterrupt


def check() -> None:
    """Raise KeyboardInterrupt if one was asked for before."""
    if _asked[0]:
        raise KeyboardInterrupt
