"""Which formulas of a page are boxed: the answers to what the statement asks, in their last form."""

from __future__ import annotations

from symdiff.document.blocks import Chain, Equations, Heading, Paragraph, Row, Table
from symdiff.document.repeats import RepeatedRow
from symdiff.expr.leaves import Nabla
from symdiff.expr.operations import MAPPED, MAPPED_BACK
from symdiff.expr.patterns import record_of
from symdiff.expr.tree import DERIVATIVE, PARTIAL, Expr, Sym
from symdiff.proof.statements.places import Place, patterns_of, refuse

RESULTS = ("result.heading", "others.heading", "others.asked")
MOST = 12
"""Results of a section that are boxed; very many stand unsimplified in one block."""


def check_boxes(place: Place) -> None:
    """Refuse a block in which another formula is boxed than the answer.

    Raises:
        ProofError: one is boxed that is no answer, or an answer is not boxed.
    """
    block = place.block
    if isinstance(block, Equations):
        for row in map(record_of, patterns_of(block)):
            expected = not isinstance(block.rows[0], RepeatedRow) and is_answer(place, row)
            _check(row.chain, expected)
            for chain in row.beside:
                _check(chain, False)
    elif isinstance(block, Table):
        for cells in block.rows:
            for cell in cells:
                if cell is not None:
                    _check(cell, False)


def _check(chain: Chain, expected: bool) -> None:
    if chain.boxed != expected:
        refuse(f"the formula of {chain.left}", "is boxed" if chain.boxed else "is not boxed")


def is_answer(place: Place, row: Row) -> bool:
    """Whether a row gives an answer in its last form."""
    if row.chain.at_point:
        return False
    if place.part.of is not None:
        return _is_answer_in_time(place, row.chain.left)
    if place.heading in RESULTS:
        return _is_result(place, row)
    if place.heading == "jacobian.chain":
        return _is_jacobian(place, row)
    if place.heading in ("jacobian.only", "jacobian.several", "jacobian.stages"):
        return _is_only_stage(place, row.chain.left)
    if place.heading == "jacobian.others":
        return place.part.is_result(row.chain.left, place.part.inputs)
    return False


def _is_result(place: Place, row: Row) -> bool:
    """A derivative of the result; where rows go on to a shorter form, the last of them."""
    left = row.chain.left
    of = left.args[0] if left.op in (MAPPED, MAPPED_BACK) else left
    block = place.block
    assert isinstance(block, Equations)
    many = len(block.rows) > MOST
    return place.part.is_result(of) and not many and not _is_continued(block, row)


def _is_continued(block: Equations, row: Row) -> bool:
    """Whether a later row goes on from this one."""
    at = next(i for i, other in enumerate(block.rows) if record_of(other) is row)
    return at + 1 < len(block.rows) and record_of(block.rows[at + 1]).goes_on


def _is_jacobian(place: Place, row: Row) -> bool:
    """The whole Jacobian where it stands multiplied out: from the left, or entry by entry."""
    left = row.chain.left
    if not isinstance(left, Nabla) or not left.whole or left.under not in place.part.inputs:
        return False
    before = place.part.blocks[place.number - 1]
    key = before.text.key if isinstance(before, Paragraph) else ""
    if key == "jacobian.from_the_left":
        return True
    return key == "jacobian.entries" and not has_whole_arrays(place, left.under)


def _is_only_stage(place: Place, left: Expr) -> bool:
    """The Jacobian of the stage that leads from an input to the result: there is nothing to multiply."""
    tape = place.part.tape
    assert tape is not None
    return isinstance(left, Nabla) and left.under in place.part.inputs and left.over == tape.output


def has_whole_arrays(place: Place, under: Expr) -> bool:
    """Whether each stage from a variable on has a Jacobian in whole arrays, which entries only write out."""
    from symdiff.derivation.jacobian import jacobian, path_to_result  # start-up: other pages need none

    tape = place.part.tape
    assert tape is not None
    assert isinstance(under, Sym)
    steps = path_to_result(tape, under)
    points = [under, *(step.var for step in steps)]
    return all(jacobian(step, at).structure is not None for step, at in zip(steps, points, strict=False))


ANSWERS_IN_TIME = (
    "bptt.combined",
    "bptt.combined_again",
    "bptt.joined_step",
    "bptt.joined_longer",
    "bptt.closed",
    "bptt.closed_product",
    "bptt.start_closed",
    "bptt.start_closed_product",
    "bptt.loss",
    "bptt.loss_both",
    "bptt.gradients",
    "bptt.gradients_numbers",
    "bptt.hand_at",
    "bptt.hand_result",
    "bptt.hand_result_braced",
    "bptt.hand_zero",
    "bptt.cell",
)
"""After these sentences stand answers."""


def _is_answer_in_time(place: Place, left: Expr) -> bool:
    """A total derivative after a sentence that announces its recurrence or its closed form; a gradient."""
    if left.op not in (DERIVATIVE, PARTIAL) or not isinstance(left.args[-1], Expr):
        return False
    before = place.part.blocks[place.number - 1] if place.number else None
    key = before.text.key if isinstance(before, Heading | Paragraph) else ""
    if key in ("bptt.lines", "bptt.lines_again"):
        block = place.block
        return isinstance(block, Equations) and len(block.rows) == 1
    return key in ANSWERS_IN_TIME
