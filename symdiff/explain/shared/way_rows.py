"""The way from a result as the sweep leaves it to the form that people write: a row and a reason each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symdiff.derivation.ways import WayStep, has_same_sums, inside_of, taken_out
from symdiff.document.blocks import Chain, Row, Text, text
from symdiff.expr import operations as a
from symdiff.expr.tree import Expr, count_operations

OF_AXIS = {a.MEAN: "", a.MEAN_DOWN: "_columns", a.MEAN_ACROSS: "_rows", a.SUM: "", a.SUM_ACROSS: "_rows"}

LONGEST_FACTOR = 6
"""Operations up to which what is taken out is said."""


def way_rows(
    left: Expr,
    members: tuple[Expr, ...],
    steps: Sequence[WayStep],
    laid_out: Callable[[Expr], Expr] = lambda form: form,
    space: Expr | None = None,
) -> tuple[Row, ...]:
    """left = members, then each step on a row that goes on, the last member of all boxed."""
    rows = [Row(Chain(left, members, boxed=not steps), space=None if steps else space)]
    before = members[-1]
    for number, step in enumerate(steps, 1):
        is_last, form = number == len(steps), laid_out(step.form)
        chain = Chain(left, (form,), boxed=is_last)
        space_here = space if is_last else None
        rows.append(Row(chain, space=space_here, reason=_reason(step, form, before), goes_on=True))
        before = form
    return tuple(rows)


def _reason(step: WayStep, form: Expr, before: Expr) -> Text:
    """A reason in words; what a product has taken out, or that factors cancelled, is read off its form."""
    key = step.reason
    if key == "taken_out":
        what = taken_out(form)
        is_short = what is not None and count_operations(what) <= LONGEST_FACTOR
        return text("way.taken_out", what=what) if is_short else _collected(form, before)
    if key == "collected":
        return _collected(form, before)
    if key == "mean_zero":
        (zero, _), (name, mean) = step.facts
        suffix = OF_AXIS[zero.op]
        return text(f"way.mean_zero{suffix}", what=zero.args[0], name=name, of=inside_of(mean))
    if key == "simplex":
        names = tuple(dict.fromkeys(total.args[0] for total, _ in step.facts))
        return text(f"way.simplex{OF_AXIS[step.facts[0][0].op]}", names=names)
    if key == "symmetric":
        return text("way.symmetric", names=tuple(dict.fromkeys(same for _, same in step.facts)))
    if key == "since":
        return text("way.since", facts=tuple(Chain(one, (other,)) for one, other in step.facts))
    return text(f"way.{key}")


def _collected(form: Expr, before: Expr) -> Text:
    return text("way.simplified" if has_same_sums(form, before) else "way.collected")
