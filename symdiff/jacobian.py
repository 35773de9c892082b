"""Jacobians: of each definition, and of their composition as a product, ∇(g∘f)(x) = ∇g(f(x))·∇f(x).

A Jacobian is found in two ways: as a formula in whole arrays, diag(p) − p·pᵀ, from the linear maps of the
rule table, and entry by entry from the scalar derivative of each component, where the sizes are small
numbers. Rows are the components (numerator layout); `laid_out` turns them where the other is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from symdiff import matrix as a
from symdiff.closed import closed_form, shortest
from symdiff.compact import compact_form
from symdiff.errors import InputError
from symdiff.expr import ADD, ONE, SUB, Expr, Num, Sym, substitute, symbols
from symdiff.local import LocalPartial, local_partials
from symdiff.reverse import reverse
from symdiff.shapes import is_number
from symdiff.tape import Step, Tape
from symdiff.tidy import monomials, tidy
from symdiff.trace import trace_definitions

MOST_ENTRIES = 6
"""Components, and variables, up to which a Jacobian is written entry by entry."""


@dataclass(frozen=True, slots=True)
class Jacobian:
    """∂over/∂under: `structure` in whole arrays, `entries` row by row; either may be missing."""

    over: Sym
    under: Sym
    structure: Expr | None
    entries: tuple[tuple[Expr, ...], ...] | None

    @property
    def form(self) -> Expr:
        """The shorter way to write it: whole arrays where there are such."""
        return self.structure if self.structure is not None else grid_of(self.entries or ())


def grid_of(rows: Any) -> Expr:
    """Entries as a matrix; one number where there is only one."""
    return Expr(a.STACK, *(Expr(a.STACK, *row) for row in rows))


def laid_out(matrix: Expr, layout: str) -> Expr:
    """A Jacobian, rows being components, in the layout of the page."""
    if layout == "numerator" or len(matrix.shape) < 2:
        return matrix
    if matrix.op is a.STACK:
        rows = [arg.args for arg in matrix.args]
        return grid_of(zip(*rows, strict=True))
    if matrix.op is a.ROW:
        return Expr(a.COLUMN, matrix.args[0])
    return tidy(matrix.T)


def jacobian(step: Step, under: Sym) -> Jacobian:
    """The Jacobian of one definition by one of the names it uses."""
    partial = next(p for p in local_partials(step) if p.operand == under)
    entries = entries_by(step, under) if _is_small(step.var) and _is_small(under) else None
    return Jacobian(step.var, under, _structure(step, partial), entries)


def _is_small(name: Sym) -> bool:
    return len(name.shape) < 2 and all(is_number(part) and int(part) <= MOST_ENTRIES for part in name.shape)


def _structure(step: Step, partial: LocalPartial) -> Expr | None:
    """The map as a matrix in whole arrays, where it is one and no list of components was given."""
    if step.body.op is a.STACK or len(step.var.shape) > 1 or len(partial.operand.shape) > 1:
        return None
    if partial.is_scalar:
        return tidy(partial.short.matrix())
    if not step.var.shape:
        return Expr(a.ROW, tidy(partial.short.transpose(ONE)))
    try:
        return tidy(partial.short.matrix())
    except NotImplementedError:
        return None


def entries_by(step: Step, under: Sym, plain: bool = False) -> tuple[tuple[Expr, ...], ...]:
    """∂(component i)/∂(entry j) as scalar formulas in the entries of the names.

    x_1 is written x[0], and the component's own name is used, unless `plain`.
    """
    from symdiff.arrays import flat
    from symdiff.entries import entries_of, entry_names

    names = {operand: entry_names(operand, {}) for operand in step.operands}
    components = flat(entries_of(step.body, names, {}))
    values = flat(entry_names(step.var, {}))
    inputs = [entry for operand in step.operands for entry in flat(names[operand])]
    back = {} if plain else _as_indices({**names, step.var: entry_names(step.var, {})})
    named = step.body.op is not a.STACK and not plain
    definitions = list(zip(values, components, strict=True))
    rows = []
    for i in range(len(components)):
        ordered = [*definitions[:i], *definitions[i + 1 :], definitions[i]]
        rows.append(_row(ordered, inputs, flat(names[under]), back, named))
    return tuple(rows)


def _row(
    definitions: list[tuple[Sym, Expr]],
    inputs: list[Sym],
    by: list[Sym],
    back: Mapping[Expr, Expr],
    named: bool,
) -> tuple[Expr, ...]:
    """The derivatives of the last definition, each in the form people write."""
    value, formula = definitions[-1]
    used = set(symbols(formula))
    if not used & set(by):
        return tuple(Num(0) for _ in by)
    tape = trace_definitions(definitions, inputs)
    lines = reverse(tape).results
    found = []
    for entry in by:
        line = lines[entry.name]
        form = closed_form(tape, line) or line.primal or line.local
        compact = compact_form(tape, form) if named else None
        found.append(substitute(compact.form if compact else form, back))
    return tuple(found)


def _as_indices(names: Mapping[Sym, Any]) -> dict[Expr, Expr]:
    """x_1 ↦ x[0]: the entry of the array that a scalar name stands for."""
    from symdiff.arrays import is_array

    found: dict[Expr, Expr] = {}
    for name, entries in names.items():
        if is_array(entries):
            for place, entry in zip(_places(entries.shape), entries.ravel(), strict=True):
                found[entry] = a.entry(name, place)
    return found


def _places(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    from itertools import product

    return list(product(*map(range, shape)))


def written_out(matrix: Expr) -> tuple[tuple[Expr, ...], ...]:
    """A Jacobian in whole arrays, entry by entry, in the entries of its names."""
    from symdiff.entries import entries_of, entry_names

    names = {name: entry_names(name, {}) for name in symbols(matrix)}
    back = _as_indices(names)
    rows = entries_of(matrix, names, {})
    return tuple(tuple(substitute(tidy(entry), back) for entry in row) for row in rows)


def entries_in_inputs(tape: Tape, start: Sym) -> tuple[tuple[Expr, ...], ...] | None:
    """The Jacobian of a vector result by a vector or a number, entry by entry in the inputs.

    The result is written out in the inputs first, so that it does not matter how many ways lead there.
    """
    result = tape.step_of.get(tape.output)
    if not _is_small(tape.result) or not _is_small(start) or result is None:
        return None
    inputs = tuple(name for _, name in tape.inputs)
    used = symbols(result.origin)
    whole = Step(tape.result, result.origin, tuple(name for name in inputs if name in used), result.origin)
    if start not in used:
        return None
    return entries_by(whole, start, plain=True)


def way(tape: Tape, start: Sym) -> list[Step]:
    """The definitions that lead from `start` to the result one after the other.

    Raises:
        InputError: there is more than one way, or none.
    """
    found: list[Step] = []
    at = start
    ahead = {step.var for step in tape.steps if _depends(tape, step.var, tape.output)}
    while at != tape.output:
        nexts = [step for step in tape.uses.get(at, ()) if step.var in ahead]
        if len(nexts) != 1:
            what = "no way leads" if not nexts else f"{len(nexts)} ways lead"
            raise InputError(f"{what} from {at} on to {tape.result}", way_out="use --mode both")
        found.append(nexts[0])
        at = nexts[0].var
    return found


def _depends(tape: Tape, var: Sym, output: Sym) -> bool:
    """Whether the output uses `var`, directly or not."""
    if var == output:
        return True
    return any(_depends(tape, step.var, output) for step in tape.uses.get(var, ()))


def multiplied(
    left: tuple[tuple[Expr, ...], ...], right: tuple[tuple[Expr, ...], ...]
) -> tuple[tuple[Expr, ...], ...]:
    """The product of two Jacobians written entry by entry, each entry as short as algebra makes it."""
    columns = list(zip(*right, strict=True))
    return tuple(tuple(_entry(row, column) for column in columns) for row in left)


def _entry(row: tuple[Expr, ...], column: tuple[Expr, ...]) -> Expr:
    from symdiff.expr import total

    return shortest(tidy(total(u * v for u, v in zip(row, column, strict=True))))


def put_in(rows: tuple[tuple[Expr, ...], ...], values: Mapping[Expr, Expr]) -> tuple[tuple[Expr, ...], ...]:
    """Entries with names replaced by what they stand for, arguments of functions included."""
    return tuple(tuple(_inside(substitute(entry, values)) for entry in row) for row in rows)


def _inside(entry: Expr) -> Expr:
    """`entry` tidied, the arguments of its functions first."""
    if not entry.args or entry.op is a.INDEX:
        return entry
    found = tidy(Expr(entry.op, *map(_inside, entry.args)))
    return in_index_order(found) if found.op in (ADD, SUB) else found


def in_index_order(total: Expr) -> Expr:
    """−4x₁ + x₂ + 3x₃: the terms of a linear form in the order of its variables."""
    terms = monomials(total)
    if not all(len(t.powers) == 1 and next(iter(t.powers)).op is a.INDEX for t in terms):
        return total
    ordered = sorted(terms, key=lambda t: [int(str(pick)) for pick in next(iter(t.powers)).args[1:]])
    found: Expr | None = None
    for term in ordered:
        (variable,) = term.powers
        size = abs(term.coefficient)
        part = variable if size == 1 else Num(size) * variable
        if found is None:
            found = -part if term.coefficient < 0 else part
        else:
            found = found - part if term.coefficient < 0 else found + part
    return total if found is None else found


def products_from(sizes: list[int], left: bool) -> int:
    """Multiplications in a product of Jacobians of these sizes, n₀ ← n₁ ← …, from one end."""
    ordered = sizes if left else sizes[::-1]
    first, second, *rest = ordered
    found, inner = 0, second
    for size in rest:
        found += first * inner * size
        inner = size
    return found


def entries_in(rows: tuple[tuple[Expr, ...], ...] | None) -> list[Expr]:
    return list(chain.from_iterable(rows or ()))
