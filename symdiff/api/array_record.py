"""Results of derivations with arrays for the JSON record: formulas entry by entry, values, shapes."""

from __future__ import annotations

from typing import Any

from symdiff.algebra.tidy import tidy
from symdiff.derivation.closed_form import in_inputs, in_names
from symdiff.derivation.derivation import Line
from symdiff.derivation.jacobian import entries_in_inputs
from symdiff.derivation.sweeps import reverse
from symdiff.errors import InputError, SymdiffError
from symdiff.explain.shared.work import Work
from symdiff.expr.shapes import Shape, is_number
from symdiff.expr.tree import PARTIAL, Expr, Sym
from symdiff.proof.values import evaluate
from symdiff.tape.partials import LocalPartial


def shape_in_json(shape: Shape) -> list[int | str]:
    """Sizes, numbers as numbers."""
    return [int(part) if is_number(part) else str(part) for part in shape]


def nested(value: Any) -> Any:
    """A number, or an array as lists, in double precision."""
    if hasattr(value, "tolist"):
        return [nested(part) for part in value]
    return float(value)


def maps_in_json(partial: LocalPartial) -> Any:
    """A local partial: a factor, or what the map and its transpose do to a tangent and to an adjoint."""
    if partial.is_scalar:
        return str(partial.short.matrix())
    tangent = Sym(partial.operand.name, "dot", shape=partial.operand.shape)
    adjoint = Sym(partial.step.name, "bar", shape=partial.step.shape)
    return {
        "forward": str(tidy(partial.short.apply(tangent))),
        "reverse": str(tidy(partial.short.transpose(adjoint))),
    }


def array_result(work: Work, name: Sym) -> dict[str, Any]:
    """∂result/∂name: a gradient in its variable's shape, or a Jacobian with the result's indices first."""
    line = (work.mode("reverse") or reverse(work.tape)).results[name.name]
    whole = Expr(PARTIAL, work.tape.result, name)
    found: dict[str, Any] = {"line": str(line.var), "shape": shape_in_json(whole.shape)}
    if work.tape.output.shape:
        found["expr"] = _jacobian(work, name)
    else:
        found |= _gradient(work, line, name)
    if work.model is not None:
        found["value"] = nested(evaluate(work.model.m, whole, {}, work.model))
    return found


def _gradient(work: Work, line: Line, name: Sym) -> dict[str, Any]:
    """The formula in the inputs and in the author's names; by components where the sweep's is too long."""
    if line.primal is None:
        rows = _jacobian(work, name)
        found = rows[0] if isinstance(rows, list) else rows
        return {"expr": found, "compact": found}
    closed = in_inputs(work.tape, line.primal)
    named = in_names(work.tape, line.primal)
    whole = None if closed is None else str(closed)
    return {
        "expr": _written(closed, name) or whole or (None if named is None else str(named)),
        "compact": whole if named is None else str(named),
    }


def _written(closed: Expr | None, name: Sym) -> Any:
    """The formula as nested lists of scalar formulas, where the sizes are small numbers."""
    if closed is None or not name.shape:
        return None if closed is None else str(closed)
    if not all(map(is_number, name.shape)):
        return None
    try:
        from symdiff.tape.entries import entries_of

        found = entries_of(closed, {}, {})
    except SymdiffError:
        return None
    return _texts(found)


def _texts(entries: Any) -> Any:
    if hasattr(entries, "tolist"):
        return [_texts(part) for part in entries]
    return str(tidy(entries))


def _jacobian(work: Work, name: Sym) -> Any:
    """The entries of a Jacobian of a vector, written out in the inputs where that is possible."""
    try:
        rows = entries_in_inputs(work.tape, name)
    except InputError:
        return None
    if rows is None:
        return None
    texts = [[str(entry) for entry in row] for row in rows]
    return texts if name.shape else [row[0] for row in texts]
