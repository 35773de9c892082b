"""What long derivations need of memory: a resting garbage collector, and results kept for the same object.

Tapes, lines and expressions are immutable and never form cycles, so the collector has nothing to find in
them; but it walks over all of them again and again while they grow, which doubles the time of a tape of
10,000 steps. Reference counting frees them as always.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
REMEMBERED = 4096


def without_collection(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, during which the collector rests; nested calls and errors are taken care of."""

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


def for_the_same_object(function: Callable[[T], R]) -> Callable[[T], R]:
    """`function` of an immutable object, remembered for this very object; an equal one is another.

    Finding it costs no comparison, and equal trees may differ in what equality does not see, as 0.5 and 1/2.
    """
    known: dict[int, tuple[T, R]] = {}

    @wraps(function)
    def remembering(argument: T) -> R:
        found = known.get(id(argument))
        if found is None:
            if len(known) >= REMEMBERED:
                known.clear()
            found = known[id(argument)] = argument, function(argument)
        return found[1]

    return remembering


def for_the_last_object(function: Callable[[T], R]) -> Callable[[T], R]:
    """`function` of an immutable object, remembered until another one is asked for: what is large."""
    last: list[tuple[T, R]] = []

    @wraps(function)
    def remembering(argument: T) -> R:
        if not last or last[0][0] is not argument:
            last[:] = [(argument, function(argument))]
        return last[0][1]

    return remembering
