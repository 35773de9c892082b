"""Expressions over all times as code: sum(a_bar[t] for t in range(T)), np.stack([h[t] for t in range(T)])."""

from __future__ import annotations

from symdiff.codegen.code_printer import Code, CodePrinter
from symdiff.codegen.stacks import Stacked
from symdiff.codegen.target import Target
from symdiff.codegen.timed_names import TimedNames
from symdiff.expr.leaves import Series
from symdiff.expr.tree import Expr


class TimedPrinter(CodePrinter):
    """Writes expressions of a recurrence; names with times are the text of `names`."""

    def __init__(self, target: Target, names: TimedNames, like: str = "") -> None:
        super().__init__(target, names.texts, like)
        self.timed = names

    def node(self, node: Expr, args: list[Code]) -> Code:
        if isinstance(node, Series):
            return Code(f"sum({self.write(node.body).text} {self.timed.over(node)})")
        if isinstance(node, Stacked):
            return self._stacked(node)
        return super().node(node, args)

    def _stacked(self, node: Stacked) -> Code:
        """A sequence by its name, anything else as np.stack([h[t] for t in range(T)])."""
        whole = self.timed.whole(node.body, node.times)
        if whole is not None:
            return Code(whole, simple=True)
        rows = f"{self.write(node.body).text} {self.timed.over(node.times)}"
        return Code(self._pattern("stack").code.format(args=rows))
