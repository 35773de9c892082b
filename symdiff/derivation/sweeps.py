"""Forward mode: one pass for each input, tangents carried along the tape.

Seeds ẋ = 1 for the chosen input and 0 for the others, then for every step i, from first to last,

    ẇ_i = Σ_j (∂w_i/∂w_j)·ẇ_j      over the operands j of i:

the map of each local partial is applied to a tangent. The last line is ∂output/∂x.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from symdiff.derivation.derivation import Contribution, Derivation, Line, Received, Sweep, dot
from symdiff.derivation.line_writer import LineWriter
from symdiff.errors import UsageError, did_you_mean
from symdiff.expr.leaves import zeros
from symdiff.expr.tree import ONE, Expr, Sym, without_collection
from symdiff.tape.partials import find_partials, local_partials
from symdiff.tape.tape import Tape


@without_collection
def forward(tape: Tape, wrt: str | Sequence[str] | None = None) -> Derivation:
    """The forward derivation of `tape` by each input in `wrt` (default: all), one sweep each."""
    names = chosen(tape, wrt)
    return Derivation("forward", tape, tuple(_sweep(tape, name) for name in names), names)


def _sweep(tape: Tape, seed: Sym) -> Sweep:
    find_partials(tape)
    return Sweep(seed, partial(_received, tape, seed), partial(_written, tape, seed))


@without_collection
def _received(tape: Tape, seed: Sym) -> Received:
    """Nothing for an input; for a step the tangent of each operand, through its local partial."""
    found: list[tuple[Sym, Sequence[Contribution]]] = [(dot(var, seed), ()) for var, _ in tape.inputs]
    for step in tape.steps:
        terms = [Contribution(p, dot(p.operand, seed), tape.result) for p in local_partials(step)]
        found.append((dot(step.var, seed), terms))
    return found


@without_collection
def _written(tape: Tape, seed: Sym, received: Received) -> list[Line]:
    """The lines of the sweep, from the seeds on; that of the output last."""
    writer = LineWriter(lambda partial, u: partial.apply(u), lambda c: c.forward)
    lines: dict[Sym, Line] = {}
    for (tangent, _), (var, name) in zip(received, tape.inputs, strict=False):
        lines[tangent] = writer.seed(tangent, direction(name) if name == seed else zeros(var.shape))
    for tangent, terms in received[len(tape.inputs) :]:
        lines[tangent] = writer.line(tangent, terms)
    last = dot(tape.output, seed)
    lines[last] = lines.pop(last)
    return list(lines.values())


def direction(name: Sym) -> Expr:
    """What an input is seeded with: 1, or for an array any direction, under the author's name."""
    return dot(name, name) if name.shape else ONE


def chosen(tape: Tape, wrt: str | Sequence[str] | None, defined: Sequence[Sym] = ()) -> tuple[Sym, ...]:
    """The inputs named in `wrt`, each once, or names in `defined`; any other name is an error."""
    names = [name for _, name in tape.inputs]
    if wrt is None:
        return tuple(names)
    asked = list(dict.fromkeys([wrt] if isinstance(wrt, str) else wrt))
    own = {name.name: name for name in (*defined, *names)}
    for name in asked:
        if name not in own:
            way_out = did_you_mean(name, own)
            if name in {step.label.name for step in tape.steps if step.label is not None}:
                way_out = "reverse mode differentiates by any name that is defined"
            raise UsageError(f"{name!r} is not an input", way_out=way_out)
    return tuple(own[name] for name in asked)
