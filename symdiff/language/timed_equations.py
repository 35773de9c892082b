"""Equations with times as written: a left side, the tree of the right side, and where errors stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from symdiff.errors import InputError
from symdiff.expr.names import check_name
from symdiff.rules.scalar_rows import functions

_TARGET = re.compile(r"\s*([A-Za-z]\w*)\s*(?:\[\s*(?:([A-Za-z]\w*)|(-?\d{1,6}))\s*\])?\s*")


@dataclass(frozen=True)
class Equation:
    """The left side as written, the tree of the right side, and the text it is in; `placing` says where
    errors stand."""

    left: str
    value: ast.expr
    text: str
    placing: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(frozen=True)
class Target:
    """What an equation defines: a stem, at t, at a fixed time, or a name without a time."""

    stem: str
    index: str = ""
    fixed: int | None = None


def target_of(left: str) -> Target:
    """The target that the left side of an equation says.

    Raises:
        InputError: it is neither a name, nor one with t or a whole number for its time.
    """
    match = _TARGET.fullmatch(left)
    if match is None:
        raise InputError(f"{left.strip()!r} cannot be defined", way_out="write h[t], h[-1] or L on the left")
    stem, index, fixed = match.groups()
    if check_name(stem) in functions():
        raise InputError(f"{stem!r} belongs to the language, it cannot be a name here", way_out="rename it")
    return Target(stem, index or "", None if fixed is None else int(fixed))
