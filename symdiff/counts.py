"""How many elementary operations a tape and its sweeps take, counted on the lines as they are written.

Additions, multiplications, divisions, powers and function calls count one each; a change of sign and
a factor 1 count nothing. Seeds are not dropped: the counts are those of any pass, not of a lucky one.
"""

from __future__ import annotations

from symdiff import expr as e
from symdiff.derivation import Derivation
from symdiff.expr import Expr
from symdiff.forward import forward
from symdiff.reverse import reverse
from symdiff.tape import Tape
from symdiff.tidy import tidy


def operations(root: Expr) -> int:
    """The operations written in `root`, signs apart."""
    count, stack = 0, [root]
    while stack:
        node = stack.pop()
        if node.op is e.TOTAL:
            count += len(node.args) - 1
        elif node.args and node.op is not e.NEG:
            count += 1
        stack.extend(node.args)
    return count


def primal_operations(tape: Tape) -> int:
    """The operations of one evaluation of the function."""
    return sum(operations(step.body) for step in tape.steps)


def pass_operations(derivation: Derivation) -> int:
    """The operations that one pass adds to the evaluation."""
    return sum(operations(tidy(line.general)) for line in derivation.sweeps[0].lines if line.contributions)


def both_passes(tape: Tape, derivations: tuple[Derivation, ...]) -> tuple[int, int]:
    """The operations of a forward and of a reverse pass, reusing the derivations at hand."""
    by_mode = {derivation.mode: derivation for derivation in derivations if derivation.sweeps}
    first = tape.inputs[0][1].name if tape.inputs else None
    one = by_mode.get("forward") or forward(tape, first)
    other = by_mode.get("reverse") or reverse(tape)
    return pass_operations(one), pass_operations(other)
