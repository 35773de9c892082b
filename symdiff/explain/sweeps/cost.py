"""Which mode is cheaper here, from the operations of this very tape."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.derivation.counts import both_passes, primal_operations
from symdiff.document.blocks import Block, Heading, Paragraph, text
from symdiff.explain.shared.spaces import REAL_SPACE
from symdiff.explain.shared.work import Work
from symdiff.explain.sweeps.arrays import array_cost
from symdiff.expr.tree import Expr, Num, Sym


def cost(work: Work) -> Iterator[Block]:
    """Operations of the function, of a forward pass and of a reverse pass, and what follows."""
    inputs = len(work.tape.inputs)
    if not work.tape.steps:
        return
    if work.tape.has_arrays:
        yield from array_cost(work)
        return
    forward, reverse = both_passes(work.tape)
    yield Heading(text("cost.heading"))
    yield Paragraph(
        text(
            "cost.counts" if len(work.derivations) > 1 else f"cost.counts_{work.derivations[0].mode}",
            primal=Num(primal_operations(work.tape)),
            forward=Num(forward),
            reverse=Num(reverse),
        )
    )
    verdict = (
        "reverse" if inputs * forward > reverse else "forward" if inputs * forward < reverse else "equal"
    )
    yield Paragraph(
        text(f"cost.{verdict}", inputs=Num(inputs), passes=Num(inputs * forward), reverse=Num(reverse))
    )
    n, m = Sym("n"), Sym("m")
    spaces = {"domain": Expr(REAL_SPACE, n), "codomain": Expr(REAL_SPACE, m)}
    yield Paragraph(text("cost.general", n=n, m=m, **spaces))
