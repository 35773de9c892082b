"""A recurrence as steps to go through, written out for the page's number of steps.

They are in the author's names unless one of these is written like the adjoint of another. The steps are
judged as lines of a tape, what the picture beside them says by the judge of the recurrence.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from symdiff.derivation.sweeps import reverse
from symdiff.document.blocks import Chain, chains
from symdiff.errors import InputError
from symdiff.explain.recurrence.cell_work import CellWork
from symdiff.explain.recurrence.recurrence_graphs import unrolled_graph
from symdiff.explain.shared.stepping import MOST_STEPS, has_ambiguous_accents, step_through
from symdiff.explain.shared.work import TapeWork
from symdiff.expr.records import dataclass
from symdiff.expr.tree import Expr
from symdiff.proof.cell_judge import TimeJudge
from symdiff.proof.judge import Checked, Judged, TapeJudge
from symdiff.tape.tape import named_tape
from symdiff.tape.tracing import trace_definitions


@dataclass(frozen=True)
class StepJudge(TapeJudge):
    """The judge of a tape, but for equalities about `pictured` symbols, which speak of the recurrence."""

    pictured: frozenset[Expr]
    in_time: TimeJudge

    def check(self, chain: Chain) -> Checked:
        return self.in_time.check(chain) if chain.left in self.pictured else super().check(chain)


def steps_to_go_through(work: CellWork) -> Iterator[Judged]:
    """Down through time and back; none where steps are too many, or two names stand for one formula.

    Chains that go both ways have none.
    """
    if work.recurrence.looks_ahead:
        return
    with suppress(InputError):
        unrolled = unrolled_work(work)
        if 0 < len(unrolled.tape.steps) <= MOST_STEPS:
            yield _steps_beside_network(work, unrolled) if unrolled.reading == "chain" else _judged(unrolled)


def unrolled_work(work: CellWork) -> TapeWork:
    """The recurrence on a tape: in the author's names, or in w₁, w₂, … where adjoints would be mistaken."""
    inputs, definitions = work.recurrence.unrolled(work.steps)
    tape, reading = named_tape(definitions, inputs), "chain"
    if has_ambiguous_accents(tape):
        tape, reading = trace_definitions(definitions, inputs, "textbook", work.first), "sweeps"
    point = None if work.at is None else dict(work.at)
    return TapeWork((reverse(tape),), work.titles, point, work.digits, reading=reading)


def _judged(unrolled: TapeWork) -> Judged:
    return Judged((step_through(unrolled),), TapeJudge(unrolled.tape))


def _steps_beside_network(work: CellWork, unrolled: TapeWork) -> Judged:
    """The steps beside the network with a column for each time."""
    graph = unrolled_graph(work)
    judge = StepJudge(unrolled.tape, frozenset(chain.left for chain in chains(graph)), work.judge.fixed())
    return Judged((replace(step_through(unrolled), graph=graph),), judge)
