"""Jacobians entry by entry: the scalar derivative of each component, products, results in the inputs.

Sizes must be small numbers. Each component is differentiated as a function of numbers, in the form people
write: p₁(1 − p₁) on the diagonal of the softmax, e^{x₁ + x₂} where that is the component.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from symdiff.algebra.monomials import Monomial
from symdiff.algebra.ordered_products import signed_sum
from symdiff.algebra.tidy import monomials, tidy, write, write_sum
from symdiff.derivation.closed_form import closed_form, in_inputs, shortest, unfolded
from symdiff.derivation.compact_form import compact_form
from symdiff.derivation.derivation import Derivation, Line
from symdiff.derivation.sweeps import reverse
from symdiff.errors import EntriesError
from symdiff.expr import operations as a
from symdiff.expr.shapes import is_number
from symdiff.expr.tree import (
    ADD,
    INDEX,
    SUB,
    Expr,
    Num,
    Sym,
    count_operations,
    entry,
    substitute,
    symbols,
    total,
)
from symdiff.rules.arrays import flat, is_array
from symdiff.tape.entries import check_entry_names, entries_of, entry_names
from symdiff.tape.tape import Step, Tape
from symdiff.tape.tracing import trace_definitions

Entries = tuple[tuple[Expr, ...], ...]
MOST_ENTRIES = 6
"""Rows, and columns, up to which a Jacobian is written entry by entry."""
SHORT, LONGEST = 24, 400
"""Operations up to which an entry that has no closed form is written all the same."""


def is_small(name: Sym) -> bool:
    """Whether a name is a number, or a vector whose size is a small number."""
    return len(name.shape) < 2 and all(is_number(part) and int(part) <= MOST_ENTRIES for part in name.shape)


def matrix_of(rows: Any) -> Expr:
    """Entries as a matrix; one number where there is only one."""
    return Expr(a.STACK, *(Expr(a.STACK, *row) for row in rows))


def entries_by(step: Step, under: Sym, plain: bool = False) -> Entries:
    """∂(component i)/∂(entry j) as scalar formulas in the entries of the names.

    x_1 is written x[0], and the component's own name is used, unless `plain`.

    Raises:
        EntriesError: an entry is too long to be written.
    """
    names = {operand: entry_names(operand, {}) for operand in step.operands}
    check_entry_names({**names, step.var: entry_names(step.var, {})})
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
    formula = definitions[-1][1]
    used = set(symbols(formula))
    if not used & set(by):
        return tuple(Num(0) for _ in by)
    tape = trace_definitions(definitions, inputs)
    derivation = reverse(tape)
    found = []
    for variable in by:
        line = derivation.results[variable.name]
        form = _short_form(tape, line) or _long_form(derivation, line)
        compact = compact_form(tape, form) if named and count_operations(form) <= SHORT else None
        found.append(substitute(compact.form if compact else form, back))
    return tuple(found)


def _short_form(tape: Tape, line: Line) -> Expr | None:
    """The closed form; only if it is short are shorter ways to write it looked for."""
    plain = None if line.primal is None else in_inputs(tape, line.primal)
    return closed_form(tape, line) if plain is None or count_operations(plain) <= SHORT else plain


def _long_form(derivation: Derivation, line: Line) -> Expr:
    """The derivative in the inputs, as the sweep leaves it; an EntriesError if nobody would read it."""
    form = unfolded(derivation, line)
    if count_operations(form, LONGEST + 1) > LONGEST:
        raise EntriesError(
            f"the derivative of {derivation.tape.result} by {line.var} is too long to be written"
        )
    return form


def _as_indices(names: Mapping[Sym, Any]) -> dict[Expr, Expr]:
    """x_1 ↦ x[0]: the entry of the array that a scalar name stands for."""
    found: dict[Expr, Expr] = {}
    for name, entries in names.items():
        if is_array(entries):
            for place, component in zip(_places(entries.shape), entries.entries, strict=True):
                found[component] = entry(name, place)
    return found


def _places(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return list(product(*map(range, shape)))


def entries_of_matrix(matrix: Expr) -> Entries:
    """A Jacobian in whole arrays, entry by entry, in the entries of its names."""
    names = {name: entry_names(name, {}) for name in symbols(matrix)}
    back = _as_indices(names)
    rows = entries_of(matrix, names, {})
    return tuple(tuple(substitute(factored(_shortened(tidy(entry))), back) for entry in row) for row in rows)


def _shortened(entry: Expr) -> Expr:
    """The shortest rational form of a short entry; a long one as it is."""
    return shortest(entry) if count_operations(entry, SHORT + 1) <= SHORT else entry


def factored(entry: Expr) -> Expr:
    """p − p² as p(1 − p): a factor that all terms of a sum share is taken out."""
    terms = monomials(entry)
    if len(terms) < 2:
        return entry
    powers = {base: min(term.powers.get(base, 0) for term in terms) for base in terms[0].powers}
    common = {base: power for base, power in powers.items() if power > 0}
    if not common:
        return entry
    for term in terms:
        term.times(Monomial(1, dict(common)), -1)
    return write(Monomial(1, {**common, write_sum(terms): 1}))


def entries_in_inputs(tape: Tape, start: Sym) -> Entries | None:
    """The Jacobian of a vector result by a vector or a number, entry by entry in the inputs.

    The result is written out in the inputs first, so that it may depend on `start` along several paths.
    """
    result = tape.step_of.get(tape.output)
    if not is_small(tape.result) or not is_small(start) or result is None:
        return None
    inputs = tuple(name for _, name in tape.inputs)
    used = symbols(result.origin)
    whole = Step(tape.result, result.origin, tuple(name for name in inputs if name in used), result.origin)
    if start not in used:
        return None
    return entries_by(whole, start, plain=True)


def entries_of_product(left: Entries, right: Entries) -> Entries:
    """The product of two Jacobians written entry by entry, each entry as short as algebra makes it."""
    columns = list(zip(*right, strict=True))
    return tuple(tuple(_entry(row, column) for column in columns) for row in left)


def _entry(row: tuple[Expr, ...], column: tuple[Expr, ...]) -> Expr:
    return _shortened(tidy(total(u * v for u, v in zip(row, column, strict=True))))


def entries_with_values(rows: Entries, values: Mapping[Expr, Expr]) -> Entries:
    """Entries with names replaced by their values, in arguments of functions too."""
    if not values:
        return rows
    return tuple(tuple(_tidy_arguments(substitute(entry, values)) for entry in row) for row in rows)


def _tidy_arguments(entry: Expr) -> Expr:
    """`entry` tidied, the arguments of its functions first."""
    if not entry.args or entry.op is INDEX:
        return entry
    found = tidy(Expr(entry.op, *map(_tidy_arguments, entry.args)))
    return in_index_order(found) if found.op in (ADD, SUB) else found


def in_index_order(form: Expr) -> Expr:
    """−4x₁ + x₂ + 3x₃: a sum whose terms hold one variable each, in the order of the variables."""
    terms = monomials(form)
    if not all(len(t.powers) == 1 and next(iter(t.powers)).op is INDEX for t in terms):
        return form
    ordered = sorted(terms, key=lambda t: [int(str(pick)) for pick in next(iter(t.powers)).args[1:]])
    # Not by `write_sum`, which would put a positive term first.
    found = [
        (t.coefficient < 0, write(Monomial(max(t.coefficient, -t.coefficient), t.powers))) for t in ordered
    ]
    return signed_sum([-part if negative else part for negative, part in found]) if found else form
