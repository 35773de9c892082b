"""Jacobians: of each definition, and of their composition as a product, ∇(g∘f)(x) = ∇g(f(x))·∇f(x).

A Jacobian is found in two ways: as a formula in whole arrays, diag(p) − p·pᵀ, from the linear maps of the
rule table, and entry by entry from the scalar derivative of each component, where the sizes are small
numbers. Rows are the components (numerator layout); `laid_out` turns them where the other is wanted.

Jacobians entry by entry: the scalar derivative of each component, products, results in the inputs.

Sizes must be small numbers. Each component is differentiated as a function of numbers, in the form people
write: p₁(1 − p₁) on the diagonal of the softmax, e^{x₁ + x₂} where that is the component.

Local partials between matrices as matrices: ∂vec(h)/∂vec(U) = diag(1 − h²)·(xᵀ⊗I) for h = tanh(Ux).

vec puts the columns below one another. The forms are those of the linear maps; no operation and no tape is
known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from symdiff.algebra.monomials import Monomial
from symdiff.algebra.tidy import monomials, tidy, write, write_sum
from symdiff.derivation.closed_form import closed_form, compact_form, in_inputs, shortest
from symdiff.derivation.closed_form import written_out as in_full
from symdiff.derivation.derivation import Derivation, Line
from symdiff.derivation.sweeps import reverse
from symdiff.errors import InputError, NoFormError
from symdiff.expr import operations as a
from symdiff.expr.operations import COLUMN, ROW, vec
from symdiff.expr.shapes import is_number
from symdiff.expr.tree import (
    ADD,
    INDEX,
    MATMUL,
    ONE,
    SUB,
    TRANSPOSE,
    Expr,
    Num,
    Sym,
    count_operations,
    entry,
    postorder,
    substitute,
    symbols,
    total,
)
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import Step, Tape
from symdiff.tape.tracing import trace_definitions


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
    structure = _structure(step, partial)
    if not is_small(step.var) or not is_small(under):
        return Jacobian(step.var, under, structure, None)
    try:
        plain = structure is None or not structure.shape
        entries = entries_by(step, under) if plain or structure is None else written_out(structure)
    except InputError:
        entries = None
    return Jacobian(step.var, under, structure, entries)


def _structure(step: Step, partial: LocalPartial) -> Expr | None:
    """The map as a matrix in whole arrays, where it is one and no list of components was given."""
    if step.body.op is a.STACK or len(step.var.shape) > 1 or len(partial.operand.shape) > 1:
        return None
    through = (node for node in postorder(step.body) if len(node.shape) > 1)
    if any(partial.operand in symbols(node) for node in through):
        return None
    if partial.is_scalar:
        return tidy(partial.short.matrix())
    if not step.var.shape:
        return Expr(a.ROW, tidy(partial.short.transpose(ONE)))
    try:
        return tidy(partial.short.matrix())
    except NoFormError:
        return None


def way(tape: Tape, start: Sym) -> list[Step]:
    """The definitions that lead from `start` to the result one after the other.

    Raises:
        InputError: there is more than one way, or none.
    """
    found: list[Step] = []
    at = start
    ahead = _leading_to_result(tape)
    while at != tape.output:
        nexts = [step for step in tape.users.get(at, ()) if step.var in ahead]
        if len(nexts) != 1:
            what = "no way leads" if not nexts else f"{len(nexts)} ways lead"
            raise InputError(f"{what} from {at} on to {tape.result}", way_out="use --mode both")
        if len(nexts[0].var.shape) > 1:
            what = f"{nexts[0].var} is a matrix, a Jacobian is of a number or a vector"
            raise InputError(what, way_out="use --mode both")
        found.append(nexts[0])
        at = nexts[0].var
    return found


def _leading_to_result(tape: Tape) -> set[Sym]:
    """The names that the result uses, directly or not."""
    found = {tape.output}
    for step in reversed(tape.steps):
        if step.var in found:
            found |= set(step.operands)
    return found


def products_from(sizes: list[int], left: bool) -> int:
    """Multiplications in a product of Jacobians of these sizes, n₀ ← n₁ ← …, from one end."""
    ordered = sizes if left else sizes[::-1]
    first, second, *rest = ordered
    found, inner = 0, second
    for outer in rest:
        found += first * inner * outer
        inner = outer
    return found


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
    for variable in by:
        line = derivation.results[variable.name]
        form = _short_form(tape, line) or _long_form(derivation, line)
        compact = compact_form(tape, form) if named and count_operations(form) <= SHORT else None
        found.append(substitute(compact.form if compact else form, back))
    return tuple(found)


def _short_form(tape: Tape, line: Line) -> Expr | None:
    """The closed form; only a short one is looked at for shorter ways to write it."""
    plain = None if line.primal is None else in_inputs(tape, line.primal)
    return closed_form(tape, line) if plain is None or count_operations(plain) <= SHORT else plain


def _long_form(derivation: Derivation, line: Line) -> Expr:
    """The derivative in the inputs, as the sweep leaves it; an InputError if nobody would read it."""
    form = in_full(derivation, line)
    if count_operations(form, LONGEST + 1) > LONGEST:
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
            for place, component in zip(_places(entries.shape), entries.ravel(), strict=True):
                found[component] = entry(name, place)
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
    return shortest(entry) if count_operations(entry, SHORT + 1) <= SHORT else entry


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
    if not entry.args or entry.op is INDEX:
        return entry
    found = tidy(Expr(entry.op, *map(_inside, entry.args)))
    return in_index_order(found) if found.op in (ADD, SUB) else found


def in_index_order(form: Expr) -> Expr:
    """−4x₁ + x₂ + 3x₃: the terms of a linear form in the order of its variables."""
    terms = monomials(form)
    if not all(len(t.powers) == 1 and next(iter(t.powers)).op is INDEX for t in terms):
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


def _turned(step: Step) -> Step:
    """Aᵀx as xᵀA, and xᵀAᵀ as Ax: the same vector, whose partial by A has a form."""
    found: dict[Expr, Expr] = {}
    for node in postorder(step.body):
        if node.op is MATMUL and len(node.shape) == 1:
            left, right = (found.get(arg, arg) for arg in node.args)
            if left.op is TRANSPOSE or right.op is TRANSPOSE:
                sides = (right, left.args[0]) if left.op is TRANSPOSE else (right.args[0], left)
                found[node] = Expr(MATMUL, *sides)
    return replace(step, body=substitute(step.body, found)) if found else step


def vec_partial(step: Step, operand: Sym, short: bool = True) -> Expr:
    """∂vec(step.var)/∂vec(operand), a row for each entry of the step; a number between numbers.

    By a number it is the column vec(L·1), of a number the row vec(Lᵀ·1)ᵀ. The step's own value is used where
    people write it, as in 1 − h²; not `short` is in the arguments alone.

    Raises:
        NoFormError: there is no notation for it that people share, as for a transposed matrix.
    """
    partial = next(p for p in local_partials(_turned(step)) if p.operand == operand)
    found = partial.short if short else partial.written
    if operand.shape and step.var.shape:
        return tidy(found.vec(operand.shape))
    if operand.shape:
        return tidy(Expr(ROW, vec(found.transpose(ONE))))
    return Expr(COLUMN, tidy(vec(found.apply(ONE)))) if step.var.shape else tidy(found.vec(()))
