"""The end of a cell: derivatives of a number l_t by the values of its own time, as ∂l_t/∂z_t = ŷ_t − y_t.

Also a loss that is known only by its derivatives, for cells that have none.
"""

from __future__ import annotations

from symdiff.algebra.tidy import tidy, without_assuming
from symdiff.derivation.cell_reverse import PUT_IN, Back
from symdiff.expr import operations as a
from symdiff.expr.leaves import Moment, Series, at_time
from symdiff.expr.operations import IMMEDIATE, names_summed
from symdiff.expr.tree import ONE, PARTIAL, Expr, Sym, size, total
from symdiff.language.recurrence import Recurrence
from symdiff.tape.partials import local_partials
from symdiff.tape.tape import step_of


def at_one_time(of: Recurrence, loss: Sym) -> tuple[Back, ...]:
    """The derivatives of a number l_t by the names of the same time between the states and l_t.

    For a loss these are the steps at the end of the cell, as ∂l_t/∂z_t = ŷ_t − y_t.
    """
    cell = dict(of.cell)
    above = [name for name, _ in of.cell]
    above = above[: above.index(loss) + 1]
    forms: dict[Sym, Expr] = {loss: ONE}
    found: list[Back] = []
    for name in reversed(above[:-1]):
        uses = [(u, p) for u in forms for p in local_partials(step_of(u, cell[u])) if p.operand == name]
        if not uses or name in of.states:
            continue
        bare = total(p.short.transpose(forms[u]) for u, p in uses)
        form = forms[name] = tidy(bare)
        if size(form) > PUT_IN:
            break
        known = [Expr(PARTIAL, loss, u) if u != loss else ONE for u, _ in uses]
        chain = _in_symbols(loss, name, [u for u, _ in uses], known)
        assumed = without_assuming(bare)
        before = assumed if names_summed(assumed) and not names_summed(form) else None
        left = Expr(PARTIAL, loss, name)
        found.append(Back(name, left, chain, form, Moment("", of.first), of.last, before))
    return tuple(found)


def _in_symbols(loss: Sym, under: Sym, overs: list[Sym], known: list[Expr]) -> Expr | None:
    """The chain rule in symbols, where each partial is at most a matrix."""
    if overs == [loss] or any(len(v.shape) > 1 for v in (under, *overs)) or not under.shape:
        return None
    return total(
        Expr(IMMEDIATE, over, under).T @ adjoint if over.shape else adjoint * Expr(IMMEDIATE, over, under)
        for over, adjoint in zip(overs, known, strict=True)
    )


def with_free_adjoints(of: Recurrence) -> Recurrence | None:
    """The recurrence with a loss that is only known by its derivatives ȳ_t by the last definition.

    L = Σ_t ⟨ȳ_t, y_t⟩ has them, whatever the ȳ_t are. None if the name ȳ is taken.
    """
    name = of.cell[-1][0]
    stem = of.stems[of.stem(name)]
    bar = Sym(f"{stem.name}bar", shape=stem.shape)
    loss = next(
        (n for n in ("L", "J", "loss") if n not in {s.name for s in (*of.inputs, *of.stems.values())}), ""
    )
    if bar.name in of.stems or not loss or not stem.name.isalpha():
        return None
    seed = at_time(bar, of.now)
    body = a.inner(seed, name) if stem.shape else seed * name
    over = Series("sum", of.index, Moment("", of.first), of.last, body)
    return Recurrence(
        of.index,
        of.horizon,
        of.first,
        of.inputs,
        (*of.sequences, bar),
        of.cell,
        of.initial,
        ((Sym(loss), over),),
    )
