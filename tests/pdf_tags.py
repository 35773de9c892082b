"""What a PDF says to who cannot see it: its tags with their texts, read by pikepdf."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf


@dataclass(frozen=True)
class Tag:
    """A tag of the structure tree: its kind, its text for the ear, what it stands in."""

    kind: str
    alt: str
    inside: tuple[str, ...]
    scope: str


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
            yield Tag(kind, str(kid.get("/Alt", "")), inside, _scope(kid))
            yield from _below(kid, names, (*inside, kind))


def _scope(node: Any) -> str:
    attributes = node.get("/A", [])
    each = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
    return "".join(str(a.get("/Scope", "")) for a in each if isinstance(a, pikepdf.Dictionary))
