"""A formula as written so far: its text, how tightly it binds, whether it is taller than a line."""

from __future__ import annotations

from symdiff.frozen import frozen
from symdiff.notation import Binding


@frozen
class Written:
    """A formula, how tightly it binds, and whether it is taller than a line of text."""

    text: str
    binding: Binding
    tall: bool = False
