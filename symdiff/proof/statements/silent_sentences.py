"""Sentences that say nothing about the exercise, by role and key, each with why it needs no check."""

from __future__ import annotations

SILENT: dict[tuple[str, str], str] = {
    ("title of a picture", "graph.title_named"): "the name that the author gave to the exercise",
}
