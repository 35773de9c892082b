"""A tape whose steps are the author's own definitions, under the author's own names.

Where a page speaks of ∂p/∂z rather than of w₇, each definition is one step. The records are those of
every tape; only the letters differ.
"""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.errors import InputError
from symdiff.expr.tree import Expr, Sym, substitute, symbols
from symdiff.tape.tape import Step, Tape


def named_tape(
    definitions: Sequence[tuple[Sym, Expr]], inputs: Sequence[Sym], *, distinct: bool = True
) -> Tape:
    """The tape with one step for each definition, the last one the result.

    Raises:
        InputError: two names stand for the same formula, so that a derivative by one of them says nothing;
            unless they need not be `distinct`, where such derivatives are only steps on the way.
    """
    closed: dict[Expr, Expr] = {}
    owners: dict[Expr, Sym] = {name: name for name in inputs}
    steps = []
    for name, formula in definitions:
        origin = closed[name] = substitute(formula, closed)
        other = owners.setdefault(origin, name)
        if distinct and other != name:
            raise InputError(
                f"{other} and {name} stand for the same formula", way_out="keep one of the names"
            )
        used = symbols(formula)
        operands = tuple(s for s in [*inputs, *closed] if isinstance(s, Sym) and s in used)
        steps.append(Step(name, formula, operands, origin, name))
    pairs = tuple((name, name) for name in inputs)
    result = definitions[-1][0]
    return Tape(pairs, tuple(steps), result, result, tuple(definitions))


def step_of(name: Sym, formula: Expr) -> Step:
    """One definition as a step: its operands are the names in it."""
    return Step(name, formula, tuple(symbols(formula)), formula, name)
