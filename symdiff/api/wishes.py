"""What a reader asks of a problem: the options of `derive`, `graph` and `solve` that say what is derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symdiff.errors import UsageError, did_you_mean
from symdiff.exercises.levels import LEVELS, STANDARD
from symdiff.explain.shared.sections import Sections
from symdiff.expr.records import dataclass

LAYOUTS = ("numerator", "denominator")
MOST_DIGITS = 30


@dataclass(frozen=True)
class Wishes:
    """What a reader asks of a problem; None is what suits the problem best.

    `at` replaces the problem's own point; `sizes` gives numbers to sizes that are names, for `entries`;
    `steps` says how many steps of a recurrence are written out; `result` takes one of the exercise's
    definitions for the result, as a state h_1; `full` writes every line of a long derivation out;
    `second_opinion` has the results compared with SymPy's. `detail` is how much a page says, of LEVELS;
    `statement` asks for the exercise alone; without `cost` and `note` what is said of the number of
    operations and of the proof is left out.
    """

    mode: str | None = None
    wrt: Sequence[str] | None = None
    at: Mapping[str, Any] | None = None
    digits: int = 4
    granularity: str = "textbook"
    full: bool = False
    layout: str | None = None
    sizes: Mapping[str, int] | None = None
    steps: int | None = None
    result: str | None = None
    second_opinion: bool = False
    detail: str | None = None
    statement: bool = False
    cost: bool = True
    note: bool = True


def sections_of(wishes: Wishes, own: str | None = None) -> Sections:
    """The parts of a page that a reader wants; `own` is the detail that the exercise says.

    Raises:
        UsageError: there is no such detail.
    """
    detail = wishes.detail if wishes.detail is not None else own or STANDARD
    if detail not in LEVELS:
        raise UsageError(f"unknown detail {detail!r}", way_out=did_you_mean(detail, LEVELS))
    return Sections(detail, wishes.statement, wishes.cost, wishes.note)


def check_digits(digits: int) -> None:
    """Refuse a number of decimals that cannot be shown."""
    if not 1 <= digits <= MOST_DIGITS:
        raise UsageError(f"{digits} digits cannot be shown", way_out=f"choose from 1 to {MOST_DIGITS}")
