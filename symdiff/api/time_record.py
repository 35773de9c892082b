"""The proved page of a recurrence as JSON: the cell, every equality with its times and proof, the results.

Expressions are strings in symdiff's own language: `h[t-1]` is a state one step before, `derivative(h[t], U)`
a total derivative, `partial(L, h[t])` the derivative of the result, `sum(…, t=0..T-1)` a sum over time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from symdiff.api.array_record import nested, shape_in_json
from symdiff.explain.recurrence.adjoints import by_value
from symdiff.explain.recurrence.recurrence_work import TimeWork
from symdiff.expr.tree import PARTIAL, Expr, Sym
from symdiff.language.recurrence import Recurrence
from symdiff.proof.cell_model import Moments
from symdiff.proof.judge import Checked
from symdiff.proof.values import evaluate


def time_json(work: TimeWork, checked: Sequence[Checked]) -> str:
    """The record of `work` as indented JSON."""
    record = {
        "recurrence": _recurrence(work.of),
        "steps": work.steps,
        "equalities": [_equality(item) for item in checked],
        "results": _results(work),
        "proof": {
            "equalities": len(checked),
            "members": sum(len(item.chain.members) for item in checked),
            "digits": min(item.digits for item in checked),
            "steps": list(work.judge.lengths),
            "sizes": [dict(model.sizes_of) for model in work.judge.models],
        },
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def _recurrence(of: Recurrence) -> dict[str, Any]:
    return {
        "index": of.index,
        "first": of.first,
        "steps": of.horizon,
        "inputs": [_named(name) for name in of.inputs],
        "sequences": [_named(name) for name in of.sequences],
        "states": [str(name) for name in of.states],
        "initial": {str(name): str(formula) for name, formula in of.initial.items()},
        "cell": {str(name): str(formula) for name, formula in of.cell},
        "definitions": {str(name): str(formula) for name, formula in of.after},
    }


def _named(name: Sym) -> dict[str, Any]:
    return {"name": name.name, "shape": shape_in_json(name.shape)}


def _equality(item: Checked) -> dict[str, Any]:
    chain = item.chain
    found: dict[str, Any] = {"left": str(chain.left), "members": [str(member) for member in chain.members]}
    if chain.times is not None:
        found["times"] = [str(time) for time in chain.times]
    return found | {"proof": {"proved": True, "digits": item.digits}}


def _results(work: TimeWork) -> dict[str, Any]:
    """The gradient of the result by each name asked for, where the result is a number."""
    if work.loss is not work:
        return {}
    forms = {name: work.through.gradient(name) for name in work.wrt}
    forms |= {name: by_value(work, name)[1][-1] for name in work.values}
    return {name.name: _result(work, name, form) for name, form in forms.items()}


def _result(work: TimeWork, name: Sym, form: Expr) -> dict[str, Any]:
    symbol = Expr(PARTIAL, work.of.result, name)
    found = {"expr": str(form), "shape": shape_in_json(name.shape)}
    model = work.judge.here
    if model is None:
        return found
    here = Moments(model, work.of, work.steps, {}, {})
    return found | {"value": nested(evaluate(model.m, symbol, {}, here))}
