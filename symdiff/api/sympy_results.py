"""Gradients of derivations with arrays as SymPy arrays: an expression for each entry."""

from __future__ import annotations

from typing import Any

from symdiff.algebra.tidy import tidy
from symdiff.derivation.closed_form import in_inputs
from symdiff.derivation.derivation import Line
from symdiff.errors import UsageError
from symdiff.expr.shapes import is_number, written
from symdiff.language.sympy_border import to_sympy
from symdiff.tape.tape import Tape


def in_sympy(tape: Tape, line: Line) -> Any:
    """The derivative that a line holds, in SymPy: a number's as an expression, an array's as an Array.

    Entries are named x1, x2, …, W11, W12, …

    Raises:
        UsageError: a size is a name, the result is an array, or the formula is too long.
    """
    import sympy

    from symdiff.tape.entries import entries_of

    sizes = [part for name in (*dict(tape.inputs).values(), tape.result) for part in name.shape]
    if not all(map(is_number, sizes)) or tape.result.shape:
        what = f"the derivative of {tape.result}, {written(tape.result.shape)}, has no entries in SymPy"
        raise UsageError(what, way_out="give sizes as numbers, or use render(…, format='json')")
    closed = None if line.primal is None else in_inputs(tape, line.primal)
    if closed is None:
        raise UsageError("the formula is too long to be written out", way_out="use render(…, format='json')")
    entries = entries_of(closed, {}, {})
    if not line.var.shape:
        return to_sympy(tidy(entries), tape.symbols)
    flat = [to_sympy(tidy(entry), tape.symbols) for entry in entries.ravel()]
    return sympy.Array(flat, entries.shape)
