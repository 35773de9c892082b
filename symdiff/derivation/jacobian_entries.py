"""Jacobians entry by entry: the scalar derivative of each component, products, results in the inputs.

Sizes must be small numbers. Each component is differentiated as a function of numbers, in the form people
write: p₁(1 − p₁) on the diagonal of the softmax, e^{x₁ + x₂} where that is the component.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from symdiff.algebra.monomials import Monomial
from symdiff.algebra.tidy import monomials, tidy, write, write_sum
from symdiff.derivation.closed_form import closed_form, in_inputs, shortest
from symdiff.derivation.closed_form import written_out as in_full
from symdiff.derivation.compact import compact_form
from symdiff.derivation.derivation import Derivation, Line
from symdiff.derivation.reverse import reverse
from symdiff.errors import InputError
from symdiff.expr import operations as a
from symdiff.expr.shapes import is_number
from symdiff.expr.tree import ADD, SUB, Expr, Num, Sym, size, substitute, symbols, total
from symdiff.tape.tape import Step, Tape
from symdiff.tape.tracing import trace_definitions

MOST_ENTRIES = 6
"""Components, and variables, up to which a Jacobian is written entry by entry."""
SHORT, LONGEST = 24, 400
"""Operations up to which an entry that has no closed form is written all the same."""
Rows = tuple[tuple[Expr, ...], ...]


def grid_of(rows: Any) -> Expr:
    """Entries as a matrix; one number where there is only one."""
    return Expr(a.STACK, *(Expr(a.STACK, *row) for row in rows))


def is_small(name: Sym) -> bool:
    """Whether a name is a number, or a vector whose size is a small number."""
    return len(name.shape) < 2 and all(is_number(part) and int(part) <= MOST_ENTRIES for part in name.shape)


def entries_by(step: Step, under: Sym, plain: bool = False) -> Rows:
    """∂(component i)/∂(entry j) as scalar formulas in the entries of the names.

    x_1 is written x[0], and the component's own name is used, unless `plain`.
    """
    from symdiff.rules.array_values import flat
    from symdiff.tape.entries import entries_of, entry_names

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
    formula = definitions[-1][1]
    used = set(symbols(formula))
    if not used & set(by):
        return tuple(Num(0) for _ in by)
    tape = trace_definitions(definitions, inputs)
    derivation = reverse(tape)
    found = []
    for entry in by:
        line = derivation.results[entry.name]
        form = _short_form(tape, line) or _long_form(derivation, line)
        compact = compact_form(tape, form) if named and size(form) <= SHORT else None
        found.append(substitute(compact.form if compact else form, back))
    return tuple(found)


def _short_form(tape: Tape, line: Line) -> Expr | None:
    """The closed form; only a short one is looked at for shorter ways to write it."""
    plain = None if line.primal is None else in_inputs(tape, line.primal)
    return closed_form(tape, line) if plain is None or size(plain) <= SHORT else plain


def _long_form(derivation: Derivation, line: Line) -> Expr:
    """The derivative in the inputs, as the sweep leaves it; an InputError if nobody would read it."""
    form = in_full(derivation, line)
    if size(form, LONGEST + 1) > LONGEST:
        raise InputError(
            f"the derivative of {derivation.tape.result} by {line.var} is too long to be written"
        )
    return form


def _as_indices(names: Mapping[Sym, Any]) -> dict[Expr, Expr]:
    """x_1 ↦ x[0]: the entry of the array that a scalar name stands for."""
    from symdiff.rules.array_values import is_array

    found: dict[Expr, Expr] = {}
    for name, entries in names.items():
        if is_array(entries):
            for place, entry in zip(_places(entries.shape), entries.ravel(), strict=True):
                found[entry] = a.entry(name, place)
    return found


def _places(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return list(product(*map(range, shape)))


def written_out(matrix: Expr) -> Rows:
    """A Jacobian in whole arrays, entry by entry, in the entries of its names."""
    from symdiff.tape.entries import entries_of, entry_names

    names = {name: entry_names(name, {}) for name in symbols(matrix)}
    back = _as_indices(names)
    rows = entries_of(matrix, names, {})
    return tuple(tuple(substitute(factored(_shortened(tidy(entry))), back) for entry in row) for row in rows)


def _shortened(entry: Expr) -> Expr:
    """The shortest rational form of a short entry; a long one as it is."""
    return shortest(entry) if size(entry, SHORT + 1) <= SHORT else entry


def factored(entry: Expr) -> Expr:
    """p − p² as p(1 − p): a factor that all terms of a sum share is taken out."""
    terms = monomials(entry)
    if len(terms) < 2:
        return entry
    first, *others = terms
    common = {
        base: power
        for base, power in ((b, min(t.powers.get(b, 0) for t in terms)) for b in first.powers)
        if power > 0
    }
    if not common or not others:
        return entry
    for term in terms:
        term.times(Monomial(1, dict(common)), -1)
    return write(Monomial(1, {**common, write_sum(terms): 1}))


def entries_in_inputs(tape: Tape, start: Sym) -> Rows | None:
    """The Jacobian of a vector result by a vector or a number, entry by entry in the inputs.

    The result is written out in the inputs first, so that it does not matter how many ways lead there.
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


def multiplied(left: Rows, right: Rows) -> Rows:
    """The product of two Jacobians written entry by entry, each entry as short as algebra makes it."""
    columns = list(zip(*right, strict=True))
    return tuple(tuple(_entry(row, column) for column in columns) for row in left)


def _entry(row: tuple[Expr, ...], column: tuple[Expr, ...]) -> Expr:
    return _shortened(tidy(total(u * v for u, v in zip(row, column, strict=True))))


def put_in(rows: Rows, values: Mapping[Expr, Expr]) -> Rows:
    """Entries with names replaced by what they stand for, arguments of functions included."""
    if not values:
        return rows
    return tuple(tuple(_inside(substitute(entry, values)) for entry in row) for row in rows)


def _inside(entry: Expr) -> Expr:
    """`entry` tidied, the arguments of its functions first."""
    if not entry.args or entry.op is a.INDEX:
        return entry
    found = tidy(Expr(entry.op, *map(_inside, entry.args)))
    return in_index_order(found) if found.op in (ADD, SUB) else found


def in_index_order(form: Expr) -> Expr:
    """−4x₁ + x₂ + 3x₃: the terms of a linear form in the order of its variables."""
    terms = monomials(form)
    if not all(len(t.powers) == 1 and next(iter(t.powers)).op is a.INDEX for t in terms):
        return form
    ordered = sorted(terms, key=lambda t: [int(str(pick)) for pick in next(iter(t.powers)).args[1:]])
    found: Expr | None = None
    for term in ordered:
        (variable,) = term.powers
        size = term.coefficient if term.coefficient > 0 else -term.coefficient
        part = tidy(Num(size) * variable)
        if found is None:
            found = -part if term.coefficient < 0 else part
        else:
            found = found - part if term.coefficient < 0 else found + part
    return form if found is None else found
