"""Derivatives by arrays written out entry by entry, in the author's names: (p₁ − y₁)·x₁ of (p − y)·xᵀ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symdiff.derivation.author_names import in_names
from symdiff.derivation.sweeps import reverse
from symdiff.errors import EntriesError
from symdiff.expr.tree import Expr, Sym, substitute, symbols
from symdiff.rules.arrays import flat
from symdiff.tape.entries import entries_of, entry_names
from symdiff.tape.tape import Tape


def entry_forms(arrays: Tape, numbers: Tape, sizes: Mapping[str, int]) -> dict[str, Expr]:
    """The derivative by each entry, by the entry's name, from the derivative by its array.

    `numbers` is the tape on which each entry is an input of its own; those that only hold together, as the
    derivative by a symmetric matrix, may be other ones there.
    """
    known = {name.name: name for name in numbers.names.values()}
    found: dict[str, Expr] = {}
    for _, name in arrays.inputs:
        line = reverse(arrays).results[name.name]
        form = in_names(arrays, line.primal or line.local)
        if form is not None:
            found |= dict(_entries(name, form, sizes))
    renamed = {name: _in(known, form) for name, form in found.items()}
    return {name: form for name, form in renamed.items() if form is not None}


def _entries(name: Sym, form: Expr, sizes: Mapping[str, int]) -> Any:
    try:
        entries = flat(entries_of(form, {}, sizes))
        return zip((entry.name for entry in flat(entry_names(name, sizes))), entries, strict=True)
    except EntriesError:
        return ()


def _in(known: Mapping[str, Sym], form: Expr) -> Expr | None:
    """The form in the names of the tape; None where it has others."""
    names = symbols(form)
    if any(name.name not in known for name in names):
        return None
    return substitute(form, {name: known[name.name] for name in names})
