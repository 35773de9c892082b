"""The lines of the sweep back in time as they are shown: short ways through one number of the same time.

What reaches the loss through l_t alone is ∂L/∂l_t times a derivative of l_t, which the page has already.
Values that only such derivatives needed are not met again. Which lines there are is known in `through_time`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symdiff.derivation.cell_reverse import Back, at_one_time
from symdiff.explain.recurrence.recurrence_work import TimeWork
from symdiff.expr.tree import PARTIAL, Expr, Sym, symbols


def losses(work: TimeWork) -> list[Sym]:
    """The numbers of the cell that stand in the result and are no states."""
    used = {stem for _, formula in work.of.after for stem, _ in work.of.times_in(formula)}
    return [n for n, _ in work.of.cell if work.of.stem(n) in used and not n.shape and n not in work.of.states]


def shown_lines(work: TimeWork) -> Iterator[Back]:
    """The lines of the sweep from the last definition to the first, those through l_t alone made short."""
    inside = _inside(work)
    for line in work.through.lines:
        if line.name not in inside:
            yield line
        elif _is_met_again(work, line.name, inside):
            (loss,) = losses(work)
            way = work.through.adjoint(loss) * Expr(PARTIAL, loss, line.name)
            yield replace(line, chain=way, before=None)


def _inside(work: TimeWork) -> set[Sym]:
    """The values that act on the result through the only loss of their own time, and in no other way."""
    found = losses(work)
    if len(found) != 1:
        return set()
    inside: set[Sym] = set()
    for line in at_one_time(work.of, found[0]):
        if _users(work, line.name) <= {*inside, *found}:
            inside.add(line.name)
    return inside


def _users(work: TimeWork, name: Sym) -> set[Sym | None]:
    """The definitions of the same time that use a name; None for any other use."""
    of, stem = work.of, work.of.stem(name)
    users: set[Sym | None] = set()
    for user, formula in of.cell:
        offsets = {time.offset for other, time in of.times_in(formula) if other == stem}
        users |= {user if offset == 0 else None for offset in offsets}
    if any(stem == other for _, formula in of.after for other, _ in of.times_in(formula)):
        users.add(None)
    return users


def _is_met_again(work: TimeWork, name: Sym, inside: set[Sym]) -> bool:
    """Whether the adjoint of a name is needed for a weight or for a value outside."""
    of = work.of
    needed = {*work.wrt, *(n for n, _ in of.cell if n not in inside)}
    stems = {of.stem(n) for n in needed if of.time(n) is not None}
    formula = dict(of.cell)[name]
    return bool({*symbols(formula)} & {*work.wrt}) or any(s in stems for s, _ in of.times_in(formula))
