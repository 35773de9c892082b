"""The form that people write of a derivative by an array, and the way to it."""

from __future__ import annotations

from symdiff.derivation.ways import WayStep
from symdiff.expr.tree import Expr
from symdiff.tape.tape import Tape


def way_to_short_form(tape: Tape, form: Expr) -> tuple[WayStep, ...]:
    """Steps from a form in the author's names to a shorter one; none where it is as short as it gets."""
    return ()
