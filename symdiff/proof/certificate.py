"""What a proof leaves behind: which equalities were checked, to how many digits, at which points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from symdiff.document.blocks import Chain
from symdiff.proof.model import Model
from symdiff.proof.sample import Candidate

AGREED_DIGITS, LONG_DIGITS = 30, 12
"""The digits to which members must agree, and those of a row of a kind on a long tape."""


class Checked(NamedTuple):
    """One equality that was checked, and the largest relative difference seen, as a power of ten."""

    chain: Chain
    digits: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was proved: the equalities, at which points, and which results SymPy confirmed.

    `sizes` are those that arrays had at each of the points; `by_rules` says that somewhere arrays were
    too large to measure every partial, so that the rules proved on small ones were used. The models of a long
    tape are not kept.
    """

    checked: tuple[Checked, ...]
    points: tuple[Candidate, ...]
    confirmed_by_sympy: tuple[str, ...]
    kinds: int = 0
    sizes: tuple[Mapping[str, int], ...] = ()
    by_rules: bool = False
    models: tuple[Model, ...] = field(default=(), compare=False, repr=False)

    @property
    def members(self) -> int:
        """The number of members compared with the model."""
        return sum(len(item.chain.members) for item in self.checked)
