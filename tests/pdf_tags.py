"""What a PDF says to who cannot see it: its tags with their texts, read by pikepdf."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf


@dataclass(frozen=True)
class Tag:
    """A tag of the structure tree: its kind, its text for the ear, what it stands in, its frame."""

    kind: str
    alt: str
    inside: tuple[str, ...]
    scope: str
    frame: tuple[float, ...]


def opened(page: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(page))


def tags(pdf: pikepdf.Pdf) -> list[Tag]:
    """All tags in reading order, their kinds as the standard names them."""
    root = pdf.Root.StructTreeRoot
    names = {str(own): str(known) for own, known in root.get("/RoleMap", {}).items()}
    return list(_below(root, names, ()))


def _below(node: Any, names: dict[str, str], inside: tuple[str, ...]) -> Iterator[Tag]:
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            kind = names.get(str(kid.S), str(kid.S)).removeprefix("/")
            yield Tag(kind, str(kid.get("/Alt", "")), inside, _scope(kid), _frame(kid))
            yield from _below(kid, names, (*inside, kind))


def _scope(node: Any) -> str:
    return "".join(str(each.get("/Scope", "")) for each in _attributes(node))


def _frame(node: Any) -> tuple[float, ...]:
    return next((tuple(map(float, each.BBox)) for each in _attributes(node) if "/BBox" in each), ())


def _attributes(node: Any) -> list[Any]:
    found = node.get("/A")
    if isinstance(found, pikepdf.Array):
        return list(found)
    return [] if found is None else [found]
