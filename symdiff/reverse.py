"""Reverse mode: one pass for all inputs, adjoints carried back along the tape.

Seed w̄_out = 1, then for every variable j, from last to first,

    w̄_j = Σ_i w̄_i·(∂w_i/∂w_j)      over the steps i that use j:

the transposed map of each local partial is applied to an adjoint. A variable that several steps use
gets one line for each path, w̄ⱼᵃ, w̄ⱼᵇ, …, and then their sum. The lines of the inputs are the gradient.
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.derivation import Contribution, Derivation, Line, LineWriter, Sweep, bar
from symdiff.expr import ONE, PARTIAL, Expr, Sym
from symdiff.forward import chosen
from symdiff.local import local_partials
from symdiff.memory import without_collection
from symdiff.tape import Tape

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@without_collection
def reverse(tape: Tape, wrt: str | Sequence[str] | None = None) -> Derivation:
    """The reverse derivation of `tape`: every adjoint; `wrt` names the results asked for first.

    Names in `wrt` are inputs, or names that the author has defined on the way to the result.
    """
    defined = tuple(name for name, var in tape.by_name.items() if var != tape.output)
    return Derivation("reverse", tape, (_sweep(tape),), chosen(tape, wrt, defined))


def _sweep(tape: Tape) -> Sweep:
    order = tape.order
    terms: dict[Sym, list[Contribution]] = {var: [] for var in order}
    for step in tape.steps:
        incoming = bar(step.var)
        for partial in local_partials(step):
            terms[partial.operand].append(Contribution(partial, incoming, tape.result))
    terms[tape.output] = []
    received = tuple((var, tuple(terms[var])) for var in reversed(order))
    return Sweep(tape.result, received, lambda: _written(tape, received))


@without_collection
def _written(tape: Tape, received: Sequence[tuple[Sym, Sequence[Contribution]]]) -> list[Line]:
    """The lines of the sweep, from the seed back."""
    writer = LineWriter(lambda partial, w: partial.transpose(w), lambda c: c.reverse)
    lines: list[Line] = []
    for var, terms in received:
        lines += [_seed(writer, tape)] if var == tape.output else _lines(writer, var, list(terms))
    return lines


def _seed(writer: LineWriter, tape: Tape) -> Line:
    """1, or for a result that is an array any adjoint of its shape, under the author's name."""
    var = tape.output
    if var.shape:
        return writer.seed(bar(var), bar(tape.result))
    return writer.seed(bar(var), ONE, Expr(PARTIAL, tape.result, var))


def _lines(writer: LineWriter, var: Sym, terms: list[Contribution]) -> list[Line]:
    """The line of one variable, after a line for each path where there are several."""
    if len(terms) < 2:
        return [writer.line(bar(var), terms)]
    paths = [writer.line(bar(var, path_label(i)), [term]) for i, term in enumerate(terms)]
    return [*paths, writer.fork(bar(var), paths)]


def path_label(position: int) -> str:
    """a, b, …, z, aa, ab, …"""
    label = ""
    position += 1
    while position:
        position, letter = divmod(position - 1, 26)
        label = ALPHABET[letter] + label
    return label
