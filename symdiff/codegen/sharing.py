"""What would be computed twice gets a name: a statement's own where it has one, a temporary otherwise.

Only what costs something is shared: a function, a product of matrices, a sum over an axis, or several
operations. Knows no target and no text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import count

from symdiff.codegen.statements import Statement
from symdiff.expr import tree as e
from symdiff.expr.leaves import ALL
from symdiff.expr.operations import COLUMN, INDEX, ROW, SLICE
from symdiff.expr.tree import Expr, Sym, postorder

WORTH = 2
_FREE = {e.NEG, e.TRANSPOSE, COLUMN, ROW, INDEX, SLICE}
_CHEAP = {e.ADD, e.SUB, e.MUL, e.DIV}
TEMPORARY = "temporary"
"""The accent of a temporary's name."""


class Temporaries:
    """Names for values that the author has no name for; how they are written is decided later."""

    def __init__(self) -> None:
        self.numbers = count(1)

    def new(self, value: Expr) -> Statement:
        return Statement(Sym("t", TEMPORARY, str(next(self.numbers)), shape=value.shape), value)


def shared(
    statements: Sequence[Statement], before: Sequence[Statement], temporaries: Temporaries
) -> list[Statement]:
    """`statements` with every value that is worth it computed once; those `before` have names already."""
    names: dict[Expr, Sym] = {s.value: s.name for s in reversed(before) if _cost(s.value) >= WORTH}
    often = _often([statement.value for statement in statements], names)
    result: list[Statement] = []
    for statement in statements:
        value = _named(statement.value, names, often, temporaries, result)
        result.append(Statement(statement.name, value, statement.because))
        if _cost(statement.value) >= WORTH:
            names.setdefault(statement.value, statement.name)
    return result


def _named(
    root: Expr, names: dict[Expr, Sym], often: set[Expr], temporaries: Temporaries, result: list[Statement]
) -> Expr:
    """`root` with named values put in; a value met for the first time is named before it is used."""
    done: dict[int, Expr] = {}
    for node in postorder(root, stop=names.__contains__):
        if node in names:
            done[id(node)] = names[node]
            continue
        args = [done[id(arg)] for arg in node.args]
        same = all(a is b for a, b in zip(args, node.args, strict=True))
        done[id(node)] = node if same else Expr(node.op, *args)
        if node in often and node is not root:
            temporary = temporaries.new(done[id(node)])
            result.append(temporary)
            done[id(node)] = names[node] = temporary.name
    return done[id(root)]


def _often(roots: Sequence[Expr], names: dict[Expr, Sym]) -> set[Expr]:
    """The values that occur at several places and are worth a name."""
    uses: Counter[Expr] = Counter()
    costs: dict[Expr, int] = {}
    for root in roots:
        for node in postorder(root, stop=names.__contains__):
            if node not in costs:
                inside = 0 if node in names else sum(costs[arg] for arg in node.args)
                costs[node] = min(inside + _cost_alone(node), WORTH)
                uses.update(node.args if node not in names else ())
        uses[root] += 1
    worth = (node for node, times in uses.items() if times > 1 and costs[node] >= WORTH)
    return {node for node in worth if node not in names and not e.is_constant(node)}


def _cost(root: Expr) -> int:
    return sum(map(_cost_alone, postorder(root)))


def _cost_alone(node: Expr) -> int:
    if not node.args or node is ALL or node.op in _FREE:
        return 0
    return 1 if node.op in _CHEAP or (node.op is e.POW and not node.args[1].args) else WORTH
