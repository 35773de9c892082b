"""Jacobians: of each definition, and of their composition as a product, ∇(g∘f)(x) = ∇g(f(x))·∇f(x).

A Jacobian is found in two ways: as a formula in whole arrays, diag(p) − p·pᵀ, from the linear maps of the
rule table, and entry by entry from the scalar derivative of each component, where the sizes are small
numbers. Rows are the components (numerator layout); `laid_out` turns them where the other is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

from symdiff.algebra.tidy import tidy
from symdiff.derivation.jacobian_entries import entries_by, grid_of, is_small, written_out
from symdiff.errors import InputError, NoFormError
from symdiff.expr import operations as a
from symdiff.expr.tree import ONE, Expr, Sym, postorder, symbols
from symdiff.tape.partials import LocalPartial, local_partials
from symdiff.tape.tape import Step, Tape


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
        nexts = [step for step in tape.uses.get(at, ()) if step.var in ahead]
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
    for size in rest:
        found += first * inner * size
        inner = size
    return found
