"""Speed on long tapes: functions that run without the garbage collector, and caches by object identity.

Tapes, lines and expressions are immutable and never form cycles, so that reference counting frees them.
The collector would walk over all of them again and again while they grow, which doubles the time of a tape
of 10,000 steps.

Caches may be used by several threads: an entry, which is the object with its result, is put there at once and
read once, so that no thread is given the result of another one's object.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
REMEMBERED = 4096


def without_garbage_collection(function: Callable[P, R]) -> Callable[P, R]:
    """`function` with the collector switched off while it runs; calls may be nested."""

    @wraps(function)
    def quiet(*args: P.args, **kwargs: P.kwargs) -> R:
        if not gc.isenabled():
            return function(*args, **kwargs)
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            gc.enable()

    return quiet


def fields_only(record: Any) -> dict[str, Any]:
    """The `__getstate__` of a dataclass of which its fields are pickled, not what was computed from them."""
    return {each.name: getattr(record, each.name) for each in fields(record)}


def cached_by_identity(function: Callable[[T], R]) -> Callable[[T], R]:
    """`function` of an immutable object, its result kept for this very object, not for an equal one.

    Finding it costs no comparison of trees; and equal trees may print differently, as 0.5 and 1/2.
    """
    # The argument is kept with the result: its id could otherwise be given to another object.
    known: dict[int, tuple[T, R]] = {}

    @wraps(function)
    def remembering(argument: T) -> R:
        found = known.get(id(argument))
        if found is None or found[0] is not argument:
            if len(known) >= REMEMBERED:  # bounded, since it would keep every tree alive
                known.clear()
            found = known[id(argument)] = argument, function(argument)
        return found[1]

    return remembering


def cached_for_last_object(function: Callable[[T], R]) -> Callable[[T], R]:
    """`function` of an immutable object, its result kept until another object comes: for large results."""
    last: list[tuple[T, R] | None] = [None]

    @wraps(function)
    def remembering(argument: T) -> R:
        found = last[0]
        if found is None or found[0] is not argument:
            found = last[0] = argument, function(argument)
        return found[1]

    return remembering
