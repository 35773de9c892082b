"""How many elementary operations a tape and its sweeps take, counted on the forms as they are written.

Additions, multiplications, divisions, powers and function calls count one each; a change of sign and a
factor 1 count nothing. Seeds count as unknown numbers, so that the counts hold for any seed. Steps of one
kind take equally many, so that only kinds are counted.
"""

from __future__ import annotations

from collections import Counter

from symdiff.algebra.tidy import tidy
from symdiff.expr import tree as e
from symdiff.expr.tree import Expr, Sym, total
from symdiff.tape.partials import partials_of
from symdiff.tape.tape import StepKind, Tape


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
    return sum(operations(kind.body) * times for kind, times in _kinds(tape).items())


def forward_operations(tape: Tape) -> int:
    """The operations that one forward pass adds: of each step Σ ∂·u̇."""
    return sum(_tangent_operations(kind) * times for kind, times in _kinds(tape).items() if kind.slots)


def reverse_operations(tape: Tape) -> int:
    """The operations that the reverse pass adds: w̄·∂ for each operand, and the sums of contributions."""
    products = sum(sum(_adjoint_operations(kind)) * times for kind, times in _kinds(tape).items())
    uses = Counter(operand for operands in tape.operands for operand in operands)
    return products + sum(times - 1 for times in uses.values())


def both_passes(tape: Tape) -> tuple[int, int]:
    """The operations of a forward and of a reverse pass."""
    return forward_operations(tape), reverse_operations(tape)


def _kinds(tape: Tape) -> Counter[StepKind]:
    return Counter(tape.step_kinds)


def _tangent_operations(kind: StepKind) -> int:
    tangents = (Sym(f"{slot.name}dot", "dot", shape=slot.shape) for slot in kind.slots)
    terms = zip(partials_of(kind), tangents, strict=True)
    return operations(tidy(total(short.apply(tangent) for (_, short), tangent in terms)))


def _adjoint_operations(kind: StepKind) -> list[int]:
    adjoint = Sym(kind.output.name, "bar", shape=kind.output.shape)
    return [operations(tidy(short.transpose(adjoint))) for _, short in partials_of(kind)]
