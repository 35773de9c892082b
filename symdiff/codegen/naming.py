"""Names in code: those of the exercise, made safe; adjoints as v_bar; temporaries.

A name that Python, an import or a helper has already gets a trailing underscore, which no name of the
author's can end with. Knows no text but names.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from symdiff.derivation.derivation import bar
from symdiff.expr.leaves import Dim
from symdiff.expr.shapes import is_number
from symdiff.expr.tree import Expr
from symdiff.tape.tape import Tape


class Names:
    """The text of every name given so far; none is given twice."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self.taken = set(reserved)
        self.texts: dict[Expr, str] = {}

    def give(self, node: Expr, wanted: str) -> str:
        """The text for `node`: `wanted`, with underscores behind it as long as it is taken."""
        if node not in self.texts:
            while wanted in self.taken:
                wanted += "_"
            self.taken.add(wanted)
            self.texts[node] = wanted
        return self.texts[node]

    def number(self, node: Expr, stem: str) -> str:
        """The text for a temporary: the first of t1, t2, … that is free."""
        return self.give(node, next(f"{stem}{i}" for i in count(1) if f"{stem}{i}" not in self.taken))


def names_of(tape: Tape, reserved: Iterable[str]) -> Names:
    """Names for the inputs, the definitions and the sizes of a tape, then for the adjoints."""
    names = Names(reserved)
    for var in tape.order:
        names.give(var, var.name)
    for size in sizes_of(tape):
        names.give(Dim(size), size)
    for var in tape.order:
        names.give(bar(var), f"{var.name}_bar")
    return names


def sizes_of(tape: Tape) -> dict[str, tuple[Expr, int]]:
    """The sizes that are names, each with the first input and axis that has it."""
    found: dict[str, tuple[Expr, int]] = {}
    for var, _ in tape.inputs:
        for axis, size in enumerate(var.shape):
            if not is_number(size):
                found.setdefault(str(size), (var, axis))
    return found
