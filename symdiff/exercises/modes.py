"""The modes of a page, listed once: for the command and its help, for exercise files and their schema."""

from typing import Literal, get_args

Sweeps = Literal["forward", "reverse", "both"]
Mode = Literal[Sweeps, "jacobian", "chain", "entries", "bptt"]
SWEEPS: tuple[str, ...] = get_args(Sweeps)
MODES: tuple[str, ...] = get_args(Mode)
