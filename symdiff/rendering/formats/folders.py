"""What stands in the folders of templates: formats, languages, ways of drawing, targets of code.

A user's folder goes before ours.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

SHIPPED = "_shipped/"
"""Where templates find our own version of a file that a user's folder overrides."""


@cache
def template_root() -> Path:
    """The templates: in the installed package, or in the checkout for an editable install."""
    packaged = Path(__file__).parents[2] / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "templates"


def roots(own: Path | None = None) -> list[Path]:
    """Where templates are looked for: a user's folder goes before ours."""
    return [*([own] if own is not None else []), template_root()]


def formats(own: Path | None = None) -> list[str]:
    """The names of all formats."""
    return sorted({p.parent.name for root in roots(own) for p in root.glob("*/format.toml") if p.is_file()})


def compiled() -> list[str]:
    """What pages can be compiled to, as pdf."""
    import tomllib  # start-up: few commands list what pages can be compiled to

    files = (template_root() / name / "format.toml" for name in formats())
    return [ending for file in files for ending in tomllib.loads(file.read_text("utf-8")).get("compiled", ())]


def languages(own: Path | None = None) -> list[str]:
    """The codes of all languages."""
    return _stems("messages/*.toml", own)


def picture_formats(own: Path | None = None) -> list[str]:
    """The names of all emitters of pictures."""
    return _stems("graph/[!_]*.j2", own)


def targets(own: Path | None = None) -> list[str]:
    """The names of all targets of code."""
    return _stems("code/[!_]*.toml", own)


def _stems(pattern: str, own: Path | None) -> list[str]:
    return sorted({path.stem for root in roots(own) for path in root.glob(pattern) if path.is_file()})
