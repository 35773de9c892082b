"""A formula as written so far: its text, how tightly it binds, whether it is taller than a line."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.expr.notation import Binding


class Written(NamedTuple):
    """A formula, how tightly it binds, and whether it is taller than a line of text."""

    text: str
    binding: Binding
    tall: bool = False
