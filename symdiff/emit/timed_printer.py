"""Expressions with sums over time as code: sum(np.outer(a_bar[t], x[t]) for t in range(T))."""

from __future__ import annotations

from symdiff.emit.printer import Code, CodePrinter
from symdiff.emit.target import Target
from symdiff.emit.timed_names import TimedNames
from symdiff.expr import Expr
from symdiff.times import Series


class TimedPrinter(CodePrinter):
    """Writes expressions of a recurrence; names with times are the text of `names`."""

    def __init__(self, target: Target, names: TimedNames, like: str = "") -> None:
        super().__init__(target, names.texts, like)
        self.timed = names

    def node(self, node: Expr, args: list[Code]) -> Code:
        if isinstance(node, Series):
            return Code(f"sum({self.write(node.body).text} {self.timed.over(node)})")
        return super().node(node, args)
