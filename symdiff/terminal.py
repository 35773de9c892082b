"""Whether a stream wants colours: a terminal does, a file or a pipe does not; the environment may object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO


def wants_colours(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """NO_COLOR forbids, FORCE_COLOR demands, TERM=dumb declines; otherwise a terminal decides."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return environment.get("TERM") != "dumb" and stream.isatty()
