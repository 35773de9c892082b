"""What of a page is written: from which level on a section, a sentence or a line is said. THE TABLE.

A page is made whole, and `selected` keeps of its blocks what was asked for: a section, a heading with what
follows it, or a sentence with the formulas that it announces. What is not in the table is on every page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symdiff.document.blocks import Block, Heading, Paragraph, Picture, Unseen
from symdiff.exercises.levels import BRIEF, FULL, LEVELS, STANDARD
from symdiff.expr.records import dataclass
from symdiff.proof.judge import Judged

FROM = {
    "picture": STANDARD,
    "stepping": STANDARD,
    "steps.partials": STANDARD,
    "steps.maps": STANDARD,
    "steps.maps_forward": STANDARD,
    "steps.maps_reverse": STANDARD,
    "forward.rule": STANDARD,
    "reverse.rule": STANDARD,
    "arrays.forward": STANDARD,
    "arrays.reverse": STANDARD,
    "arrays.reverse_numerator": STANDARD,
    "cost.heading": STANDARD,
    "jacobian.order": STANDARD,
    "chain.partials": STANDARD,
    "chain.second": STANDARD,
    "chain.conclusion": STANDARD,
    "bptt.unrolled": STANDARD,
    "bptt.hand": STANDARD,
    "bptt.hand_numbers": STANDARD,
    "bptt.in_numbers": STANDARD,
    "bptt.induction": STANDARD,
    "bptt.matrix": STANDARD,
    "bptt.shape": STANDARD,
    "bptt.vanishing": STANDARD,
    "bptt.growth": STANDARD,
    "not asked": FULL,
    "zeros": FULL,
    "alike": FULL,
    "long forms": FULL,
    "proof.more": FULL,
}
"""The level from which on a part of a page is written, by the key of its heading or its sentence.

The others are `picture`, `stepping` (the steps to go through), `bptt.in_numbers` (the derivatives of states
where names stand for numbers, before those of arrays), `not asked` (what leads to no derivative asked for),
`zeros` (tangents that are 0 at every point), `alike` (passes for entries of one array but the first),
`long forms` (lines of sweeps written out in primal names where that is long, or was written before) and
`proof.more` (how it was checked, not behind a fold).
"""

ENDS = ("bptt.outputs", "bptt.not_reached")
"""Sentences that no longer belong to the section before them, though they have no heading."""
COSTS = ("cost.heading", "jacobian.order")
"""The sections about the number of operations."""


@dataclass(frozen=True)
class Sections:
    """What a reader wants of a page: how much of it, or the exercise alone; with or without some parts."""

    detail: str = STANDARD
    statement: bool = False
    cost: bool = True
    note: bool = True

    def has(self, part: str) -> bool:
        """Whether a part that the table names, or does not, is written."""
        if self.statement or (part in COSTS and not self.cost):
            return False
        return LEVELS.index(self.detail) >= LEVELS.index(FROM.get(part, BRIEF))


def selected(written: Iterable[Judged], sections: Sections) -> Iterator[Judged]:
    """The parts of a page with the blocks that are wanted, parts without blocks left out.

    A section goes on until a heading of its level or a higher one, through several parts where it has them.
    """
    wanted = _Wanted(sections)
    for part in written:
        blocks = tuple(block for block in part.blocks if wanted(block))
        if blocks:
            yield Judged(blocks, part.judge)
        if wanted.is_over:
            return


class _Wanted:
    """Says of one block after the other whether it is wanted."""

    def __init__(self, sections: Sections) -> None:
        self.sections = sections
        self.headings = 0
        self.left_out = 0
        """The level of the heading whose section is left out; 0 where none is."""
        self.is_said = True
        """Whether the last sentence is written."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is wanted."""
        return self.sections.statement and self.headings > 1

    def __call__(self, block: Block) -> bool:
        if isinstance(block, Heading):
            self._enter(block)
            return not self.left_out and not self.is_over
        if isinstance(block, Paragraph) and block.text.key in ENDS:
            self.left_out = 0
        if self.left_out or self.is_over:
            return False
        if self.sections.statement:
            return not isinstance(block, Picture | Unseen)
        if isinstance(block, Paragraph):
            self.is_said = self.sections.has(block.text.key)
        elif isinstance(block, Picture):
            return self.sections.has("picture")
        return self.is_said

    def _enter(self, heading: Heading) -> None:
        self.headings += 1
        self.is_said = True
        if not self.left_out or heading.level <= self.left_out:
            has = self.sections.statement or self.sections.has(heading.text.key)
            self.left_out = 0 if has else heading.level
