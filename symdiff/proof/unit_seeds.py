"""The model in which free seeds are units: ẋ of an array, or ȳ of an array result, picks the first entry."""

from __future__ import annotations

from typing import Any

from symdiff.proof.model import Model


class UnitSeeds(Model):
    """A model whose directions are 1 for the first entry and 0 for the others."""

    def _drawn(self, seed: str, count: int) -> list[Any]:
        return [self.m.number(int(i == 0)) for i in range(count)]
