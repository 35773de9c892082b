"""A formula as a printer hands it on."""

from __future__ import annotations

from dataclasses import dataclass

from symdiff.notation import Binding


@dataclass(frozen=True, slots=True)
class Written:
    """A formula, how tightly it binds, and whether it is taller than a line of text."""

    text: str
    binding: Binding
    tall: bool = False
