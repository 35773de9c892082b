"""How sums and products over a time are written, and a formula with a brace under it."""

from __future__ import annotations

from collections.abc import Callable

from symdiff.expr.leaves import Braced, Moment, Series
from symdiff.expr.notation import Binding
from symdiff.rendering.formulas.written import Written


class TimedLeaves:
    """Leaves that recurrences need; subclasses say how limits and braces look."""

    write: Callable[..., Written]
    part: Callable[..., Written]
    minus: str

    def leaf_of_time(self, root: Series | Braced) -> Written:
        if isinstance(root, Braced):
            return self.braced(self.write(root.body), self.write(root.label, script=True))
        body = self.part(root.body, Binding.PRODUCT)
        return self.series(root, f"{root.index}={self.time(root.low)}", self.time(root.high), body)

    def time(self, moment: Moment) -> str:
        return str(moment).replace("-", self.minus)

    @staticmethod
    def around_brace(body: Written) -> Binding:
        """How a formula with a brace under it binds: a sum keeps the brackets it needs beside a factor."""
        return Binding.ATOM if body.binding >= Binding.PRODUCT else body.binding

    def series(self, root: Series, low: str, high: str, body: Written) -> Written:
        raise NotImplementedError

    def braced(self, body: Written, label: Written) -> Written:
        raise NotImplementedError
