"""The model of entries: x₁, W₁₁, … at a point of the arrays' own sizes, for formulas written out in them."""

from __future__ import annotations

from collections.abc import Iterable

from symdiff.document.blocks import Chain
from symdiff.errors import DomainError
from symdiff.expr.shapes import is_number, names_in
from symdiff.expr.tree import Expr, Sym
from symdiff.proof.agreement import confirm
from symdiff.proof.array_points import models_at_sizes
from symdiff.proof.model import Model
from symdiff.proof.values import Value, evaluate
from symdiff.rules.arrays import flat
from symdiff.tape.entries import check_entry_names, entry_names
from symdiff.tape.tape import Tape


class EntryModel:
    """A model of entries by their own names; `entries` are places in whole arrays that have a value."""

    def __init__(self, model: Model, entries: dict[Expr, tuple[Expr, int]]) -> None:
        self.model, self.entries, self.m = model, entries, model.m
        self.point, self.sizes_of, self.leaves = model.point, model.sizes_of, model.leaves
        self.names: dict[Expr, Value] = {}
        check_entry_names({name: entry_names(name, {}) for _, name in model.tape.inputs})
        for _, name in model.tape.inputs:
            self.names |= zip(flat(entry_names(name, {})), flat(model.point[name.name]), strict=True)

    def __call__(self, node: Expr) -> Value | None:
        if node in self.entries:
            whole, place = self.entries[node]
            return flat(evaluate(self.m, whole, {}, self.model))[place]
        found = self.names.get(node)
        return self.model.leaf(node) if found is None else found

    @property
    def sharper(self) -> EntryModel:
        return EntryModel(self.model.sharper, self.entries)


def check_entries(tape: Tape, whole: Expr, entries: Iterable[Expr]) -> None:
    """Confirm formulas, row by row, to be the entries of a derivative at a point of the arrays' own sizes.

    Raises:
        ProofError: one is not.
        EntriesError: an entry is called as a name is.
        DomainError: no point of the domain was found.
    """
    sizes = {
        part: int(part) for _, x in tape.inputs for s in x.shape for part in names_in(s) if is_number(part)
    }
    model = next(iter(models_at_sizes(tape, sizes, Model)), None)
    if model is None:
        raise DomainError("no point of the domain was found", way_out="give numbers for the inputs")
    found = list(entries)
    places: dict[Expr, tuple[Expr, int]] = {
        Sym(f"entry {i} of {whole}"): (whole, i) for i in range(len(found))
    }
    at = EntryModel(model, places)
    for left, member in zip(places, found, strict=True):
        confirm(Chain(left, (member,)), member, at, {})
