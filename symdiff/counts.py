"""How many elementary operations a tape and its sweeps take, counted on the lines as they are written.

Additions, multiplications, divisions, powers and function calls count one each; a change of sign and
a factor 1 count nothing. Seeds are not dropped: the counts are those of any pass, not of a lucky one.
"""

from __future__ import annotations

from collections import Counter

from symdiff import expr as e
from symdiff.derivation import Derivation, Line
from symdiff.expr import Expr
from symdiff.forward import forward
from symdiff.line_writer import LineOfKind
from symdiff.pattern import Pattern
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
    times = Counter(step.kind for step in tape.steps)
    return sum(operations(kind.body) * count for kind, count in times.items())


def pass_operations(derivation: Derivation) -> int:
    """The operations that one pass adds to the evaluation; lines of one kind have equally many."""
    lines = [line for line in derivation.sweeps[0].lines if line.contributions]
    times = Counter(line.pattern if isinstance(line, LineOfKind) else line.general for line in lines)
    return sum(_in_line(of) * count for of, count in times.items())


def _in_line(of: Pattern[Line] | Expr) -> int:
    return operations(tidy(of if isinstance(of, Expr) else of.record.general))


def both_passes(tape: Tape, derivations: tuple[Derivation, ...]) -> tuple[int, int]:
    """The operations of a forward and of a reverse pass, reusing the derivations at hand."""
    by_mode = {derivation.mode: derivation for derivation in derivations if derivation.sweeps}
    first = tape.inputs[0][1].name if tape.inputs else None
    one = by_mode.get("forward") or forward(tape, first)
    other = by_mode.get("reverse") or reverse(tape)
    return pass_operations(one), pass_operations(other)
