"""A proved derivation as JSON: inputs, steps, every line with its proof, results. Nothing localised.

Expressions are strings in symdiff's own language, so that a program can read them back: `wbar_4` is the
adjoint of w_4, `wdot_4` its tangent, `partial(w_5, w_4)` a local partial.
"""

from __future__ import annotations

import json
from typing import Any

from symdiff.api.array_record import array_result, maps_in_json, nested, shape_in_json
from symdiff.derivation.closed_form import closed_form, compact_form, in_names
from symdiff.derivation.derivation import Derivation, Line
from symdiff.document.blocks import Chain
from symdiff.explain.shared.work import Work
from symdiff.expr.tree import Expr, Sym, size
from symdiff.proof.judge import Certificate
from symdiff.proof.values import evaluate
from symdiff.tape.partials import local_partials

LONGEST_FORMULA = 2000


def to_json(work: Work, certificate: Certificate) -> str:
    """The record of `work` as indented JSON."""
    tape = work.tape
    digits = {item.chain: item.digits for item in certificate.checked}
    record = {
        "inputs": [_variable(name, var) for var, name in tape.inputs],
        "output": _variable(tape.result, tape.output),
        "definitions": {str(name): _formula(formula) for name, formula in tape.definitions},
        "steps": [_step(work, step) for step in tape.steps],
        "derivations": [_derivation(work, derivation, digits) for derivation in work.derivations],
        "results": {name.name: _result(work, name) for name in _asked(work)},
        "proof": _proof(certificate),
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def _variable(name: Sym, var: Sym) -> dict[str, Any]:
    """An input or the output: the author's name, the tape's, the shape."""
    return {"name": str(name), "step": str(var), "shape": shape_in_json(name.shape)}


def _formula(formula: Expr) -> str | None:
    return str(formula) if size(formula) <= LONGEST_FORMULA else None


def _step(work: Work, step: Any) -> dict[str, Any]:
    partials = {str(p.operand): maps_in_json(p) for p in local_partials(step)}
    label = None if step.label is None else str(step.label)
    found: dict[str, Any] = {
        "name": str(step.var),
        "label": label,
        "expr": str(step.body),
        "shape": shape_in_json(step.var.shape),
        "partials": partials,
    }
    return found | _value(work, step.var)


def _derivation(work: Work, derivation: Derivation, digits: dict[Chain, int]) -> dict[str, Any]:
    return {
        "mode": derivation.mode,
        "sweeps": [
            {
                "by" if derivation.mode == "forward" else "of": str(sweep.seed),
                "lines": [_line(work, line, digits) for line in sweep.lines],
            }
            for sweep in derivation.sweeps
        ],
    }


def _line(work: Work, line: Line, digits: dict[Chain, int]) -> dict[str, Any]:
    agreed = digits.get(Chain(line.var, line.members))
    found: dict[str, Any] = {
        "name": str(line.var),
        "members": [str(member) for member in line.members],
        "shape": shape_in_json(line.var.shape),
        "proof": {"proved": agreed is not None, "digits": agreed},
    }
    return found | _value(work, line.var)


def _asked(work: Work) -> list[Sym]:
    """The inputs that there are results for, then the names on the way that were asked for."""
    found = [name for _, name in work.tape.inputs if any(name.name in d.results for d in work.derivations)]
    return list(dict.fromkeys([*found, *work.wrt]))


def _result(work: Work, name: Sym) -> dict[str, Any]:
    if work.tape.has_arrays:
        return array_result(work, name)
    line = next(d.results[name.name] for d in reversed(work.derivations) if name.name in d.results)
    closed = closed_form(work.tape, line)
    compact = compact_form(work.tape, closed) if closed is not None and work.reading != "chain" else None
    if work.reading == "chain" and line.primal is not None:
        named = in_names(work.tape, line.primal)
        compact_text = None if named is None else str(named)
    else:
        compact_text = str(compact.form) if compact else None if closed is None else str(closed)
    found: dict[str, Any] = {
        "line": str(line.var),
        "expr": None if closed is None else str(closed),
        "compact": compact_text,
        "shape": [],
    }
    return found | _value(work, line.var)


def _value(work: Work, node: Expr) -> dict[str, Any]:
    """The value at the reader's point, in double precision, if there is a point."""
    return {} if work.model is None else {"value": nested(evaluate(work.model.m, node, {}, work.model))}


def _exact(value: Any) -> Any:
    """A number of a point as text, nested lists for an array."""
    return [_exact(part) for part in value] if isinstance(value, tuple) else str(value)


def _proof(certificate: Certificate) -> dict[str, Any]:
    return {
        "equalities": len(certificate.checked),
        "members": certificate.members,
        "digits": min((item.digits for item in certificate.checked), default=None),
        "points": [{name: _exact(value) for name, value in point.items()} for point in certificate.points],
        "confirmed_by_sympy": list(certificate.confirmed_by_sympy),
    }
