"""Jacobians of definitions, and the path along which they are multiplied: ∇(g∘f)(x) = ∇g(f(x))·∇f(x).

A Jacobian is a formula in whole arrays, diag(p) − p·pᵀ, from the linear maps of the rule table, or a table of
entries (see `jacobian_entries`). Rows are the components (numerator layout); `in_layout` transposes it where
the other layout is wanted. Between matrices, `vec_partial` gives the Jacobian of their vec(·).
"""

from __future__ import annotations

from dataclasses import replace

from symdiff.algebra.tidy import tidy
from symdiff.derivation.jacobian_entries import Entries, entries_by, entries_of_matrix, is_small, matrix_of
from symdiff.errors import EntriesError, InputError, NoFormError
from symdiff.expr import operations as a
from symdiff.expr.operations import COLUMN, ROW, vec
from symdiff.expr.records import dataclass
from symdiff.expr.tree import (
    MATMUL,
    ONE,
    TRANSPOSE,
    Expr,
    Sym,
    postorder,
    substitute,
    symbols,
)
from symdiff.tape.partials import LocalPartial, local_partial
from symdiff.tape.tape import Step, Tape


@dataclass(frozen=True, slots=True)
class Jacobian:
    """∂over/∂under in whole arrays (`structure`), and entry by entry, row by row; either may be missing."""

    over: Sym
    under: Sym
    structure: Expr | None
    entries: Entries | None

    @property
    def form(self) -> Expr:
        """The shorter way to write it: whole arrays where there are such."""
        return self.structure if self.structure is not None else matrix_of(self.entries or ())


def jacobian(step: Step, under: Sym) -> Jacobian:
    """The Jacobian of one definition by one of the names it uses."""
    partial = local_partial(step, under)
    structure = _structure(step, partial)
    if not is_small(step.var) or not is_small(under):
        return Jacobian(step.var, under, structure, None)
    try:
        plain = structure is None or not structure.shape
        entries = entries_by(step, under) if plain or structure is None else entries_of_matrix(structure)
    except EntriesError:
        entries = None
    return Jacobian(step.var, under, structure, entries)


def _structure(step: Step, partial: LocalPartial) -> Expr | None:
    """The partial as a matrix in whole arrays; None if it is none, or if the author listed the components."""
    if step.body.op is a.STACK or len(step.var.shape) > 1 or len(partial.operand.shape) > 1:
        return None
    if _leads_through_matrices(step.body, partial.operand):
        short = tidy(step.body)  # (uvᵀ)w is (v·w)u, where no matrix is on the way
        if _leads_through_matrices(short, partial.operand):
            return None
        partial = local_partial(replace(step, body=short), partial.operand)
    if partial.is_scalar:
        return tidy(partial.short.matrix())
    if not step.var.shape:
        return Expr(a.ROW, tidy(partial.short.transpose(ONE)))
    try:
        return tidy(partial.short.matrix())
    except NoFormError:
        return None


def _leads_through_matrices(body: Expr, operand: Sym) -> bool:
    """Whether a matrix that depends on the operand stands in a formula."""
    return any(len(node.shape) > 1 and operand in symbols(node) for node in postorder(body))


def vec_partial(step: Step, operand: Sym, short: bool = True) -> Expr:
    """∂vec(h)/∂vec(U) of a step h by its operand U, as diag(1 − h²)·(xᵀ⊗I) for h = tanh(Ux).

    vec puts the columns below one another; rows are the entries of h. By a number it is the column vec(L·1),
    of a number the row vec(Lᵀ·1)ᵀ. If `short`, the step's own value is used where people do so, as in 1 − h².

    Raises:
        NoFormError: people have no common notation for it, as for a transposed matrix.
    """
    partial = local_partial(_without_transposes(step), operand)
    found = partial.short if short else partial.written
    if operand.shape and step.var.shape:
        return tidy(found.vec(operand.shape))
    if operand.shape:
        return tidy(Expr(ROW, vec(found.transpose(ONE))))
    return Expr(COLUMN, tidy(vec(found.apply(ONE)))) if step.var.shape else tidy(found.vec(()))


def _without_transposes(step: Step) -> Step:
    """Aᵀx as xᵀA, and xᵀAᵀ as Ax: the same vector, whose partial by A has a notation."""
    found: dict[Expr, Expr] = {}
    for node in postorder(step.body):
        if node.op is MATMUL and len(node.shape) == 1:
            left, right = (found.get(arg, arg) for arg in node.args)
            if left.op is TRANSPOSE or right.op is TRANSPOSE:
                sides = (right, left.args[0]) if left.op is TRANSPOSE else (right.args[0], left)
                found[node] = Expr(MATMUL, *sides)
    return replace(step, body=substitute(step.body, found)) if found else step


def in_layout(matrix: Expr, layout: str) -> Expr:
    """A Jacobian, whose rows are components (numerator layout), in the layout of the page."""
    if layout == "numerator" or len(matrix.shape) < 2:
        return matrix
    if matrix.op is a.STACK:
        rows = [arg.args for arg in matrix.args]
        return matrix_of(zip(*rows, strict=True))
    if matrix.op is a.ROW:
        return Expr(a.COLUMN, matrix.args[0])
    return tidy(matrix.T)


def path_to_result(tape: Tape, start: Sym) -> list[Step]:
    """The definitions that lead from `start` to the result one after the other.

    Raises:
        InputError: there is more than one path, or none, or a matrix on it.
    """
    found: list[Step] = []
    at = start
    ahead = tape.leading_to_result
    while at != tape.output:
        nexts = [step for step in tape.users.get(at, ()) if step.var in ahead]
        if len(nexts) != 1:
            ways = "no way leads" if not nexts else f"{len(nexts)} ways lead"
            what = f"one way must lead from {at} to {tape.result}, and {ways} there"
            raise InputError(what, where="--mode jacobian", way_out="use --mode both")
        if len(nexts[0].var.shape) > 1:
            what = f"one differentiates numbers and vectors, and {nexts[0].var} is a matrix"
            raise InputError(what, where="--mode jacobian", way_out="use --mode both")
        found.append(nexts[0])
        at = nexts[0].var
    return found


def multiplications(sizes: list[int], left: bool) -> int:
    """The multiplications in a product of matrices n₀×n₁, n₁×n₂, …, taken from the left or from the right."""
    ordered = sizes if left else sizes[::-1]
    first, second, *rest = ordered
    found, inner = 0, second
    for outer in rest:
        found += first * inner * outer
        inner = outer
    return found
